//! The bulk upload dialog: many files, one card, one description, all published together.
//!
//! Invariants: every file is a material of its own from the moment it comes; the dialog names only
//! its batch; whatever is settled is settled for all open files in the decision that leaves the
//! dialog; the card is one message, and the job that tends the batch brings it up to date after
//! whatever is not said here. No file has a message of its own.

use super::sections::section_named;
use super::upload::processing_job;
use super::upload::words::suggested_title;
use super::{Scene, show};
use crate::domain::batch::{self, BatchChange, BatchCounts, BatchEntry, BulkCard, BulkFacts};
use crate::domain::button::BulkAct;
use crate::domain::effect::{Change, Decision, Effect, JobKind, NewJob, Notice, Place, View};
use crate::domain::event::FileRef;
use crate::domain::ids::{BatchId, JobId, MaterialId, OutboxId};
use crate::domain::inspection::Rejection;
use crate::domain::intent::BulkInput;
use crate::domain::job::Priority;
use crate::domain::material::{
    Card, Description, Material, MaterialState, Processing, TITLE_MAX_CHARS, clean_line,
};
use crate::domain::session::{Bulk, BulkStep, Dialog, Step, Upload};

/// The card of a dialog that was lost: nobody knows which it was.
const NO_CARD: OutboxId = OutboxId(0);

/// Whether a file that comes now is one of many: it is part of an album, the dialog is about many
/// already, or it comes in a row after one that nothing was said about.
pub fn takes_file(dialog: &Dialog, is_album: bool) -> bool {
    match dialog {
        Dialog::Idle | Dialog::Desk(_) => is_album,
        Dialog::Upload(upload) => is_album || (upload.step == Step::Title && !upload.reviewed),
        Dialog::Bulk(_) => true,
        Dialog::Replace(_) | Dialog::Broadcast(_) => false,
    }
}

/// A file came: it joins the batch, or opens one together with the files of the dialog so far.
pub fn take_file(
    scene: Scene<'_>,
    file: FileRef,
    caption: Option<&str>,
    joining: Vec<Material>,
) -> Decision {
    let mut effects = Vec::new();
    if let Dialog::Bulk(bulk) = scene.dialog {
        let mut next = bulk.clone();
        add(scene, &mut next, file, caption, &mut effects);
        effects.push(tend(scene, &next));
        return Decision { dialog: Some(Dialog::Bulk(next)), effects };
    }
    let so_far = match scene.dialog {
        Dialog::Upload(upload) => Some(upload),
        _ => None,
    };
    let mut bulk = Bulk {
        batch: BatchId(scene.ids.next(scene.now)),
        card: OutboxId(scene.ids.next(scene.now)),
        files: 0,
        beyond: 0,
        page: 0,
        step: BulkStep::List,
        description: so_far.map(shared).unwrap_or_default(),
    };
    let mut entries = Vec::new();
    for material in joining {
        entries.push(join(&mut bulk, so_far, &material, &mut effects));
    }
    entries.extend(add(scene, &mut bulk, file, caption, &mut effects));
    batch::sort(&mut entries);
    let facts = BulkFacts { entries, ..BulkFacts::default() };
    let card = BulkCard::new(bulk.batch, Some(&bulk), facts, 0);
    effects.push(Effect::Post { outbox: bulk.card, view: View::Bulk(Box::new(card)) });
    effects.push(tend(scene, &bulk));
    Decision { dialog: Some(Dialog::Bulk(bulk)), effects }
}

/// What was said of one file is taken for all; titles and tags are each file's own.
fn shared(upload: &Upload) -> Description {
    Description { title: None, tags: Vec::new(), ..upload.description.clone() }
}

/// A file that had a dialog of its own, or waited for one.
fn join(
    bulk: &mut Bulk,
    so_far: Option<&Upload>,
    material: &Material,
    effects: &mut Vec<Effect>,
) -> BatchEntry {
    bulk.files = bulk.files.saturating_add(1);
    let described = so_far.filter(|upload| upload.material == material.id);
    let title = described.and_then(|upload| upload.description.title.clone());
    let mut entry = BatchEntry::from(material);
    entry.title = title.clone().unwrap_or(entry.title);
    let (id, batch) = (material.id, bulk.batch);
    effects.push(change(BatchChange::Join { id, batch, title, refused: None }));
    // A card that has said its last word keeps it.
    let waits = material.processing == Processing::Pending;
    if let Some(card) = material.card.filter(|_| waits) {
        let view = View::Notice(Notice::InBatch);
        effects.push(Effect::EditPost { outbox: card.outbox, view });
    }
    entry
}

/// A file that has just come. What is known to be of no use is kept in the list with its reason.
fn add(
    scene: Scene<'_>,
    bulk: &mut Bulk,
    file: FileRef,
    caption: Option<&str>,
    effects: &mut Vec<Effect>,
) -> Option<BatchEntry> {
    if bulk.files >= scene.bulk_max {
        bulk.beyond = bulk.beyond.saturating_add(1);
        return None;
    }
    bulk.files = bulk.files.saturating_add(1);
    let id = MaterialId(scene.ids.next(scene.now));
    let title = suggested_title(&file, caption);
    let refused = match file.size {
        Some(0) => Some(Rejection::Empty),
        Some(size) if size > scene.upload_limit => Some(Rejection::TooLarge),
        _ => None,
    };
    effects.push(Effect::Change(Change::OpenMaterial {
        id,
        file,
        title: title.clone(),
        uploader: scene.user,
        card: Card { chat: scene.chat, outbox: bulk.card },
    }));
    effects.push(change(BatchChange::Join { id, batch: bulk.batch, title: None, refused }));
    let (state, processing) = if let Some(reason) = refused {
        (MaterialState::Discarded, Processing::Rejected(reason))
    } else {
        effects.push(Effect::Enqueue(processing_job(scene, id, Priority::Bulk)));
        (MaterialState::Open, Processing::Pending)
    };
    Some(BatchEntry { id, state, processing, title, duplicate_of: None })
}

/// A text or a button about a batch.
pub fn go_on(
    scene: Scene<'_>,
    place: Place,
    batch: BatchId,
    input: BulkInput,
    facts: BulkFacts,
) -> Decision {
    match (scene.dialog, input) {
        (Dialog::Bulk(bulk), BulkInput::Text(text)) if bulk.batch == batch => {
            answer_by_text(scene, bulk, &text, facts)
        }
        (Dialog::Bulk(bulk), BulkInput::Act(act)) if bulk.batch == batch => {
            answer_by_button(scene, bulk, act, facts)
        }
        (_, BulkInput::Act(BulkAct::Page(page))) if !facts.entries.is_empty() => {
            let card = BulkCard::new(batch, None, facts, index(page));
            show(place, View::Bulk(Box::new(card)))
        }
        // The dialog was lost, the files were not.
        (Dialog::Idle, _) if facts.entries.iter().any(BatchEntry::is_open) => {
            let files = u32::try_from(facts.entries.len()).unwrap_or(u32::MAX);
            let bulk = Bulk {
                batch,
                card: NO_CARD,
                files,
                beyond: 0,
                page: 0,
                step: BulkStep::List,
                description: Description::default(),
            };
            post_again(scene, bulk, facts)
        }
        _ => show(Place::New, View::Notice(Notice::UploadOver)),
    }
}

/// `/cancel` in a bulk dialog.
pub fn cancel(scene: Scene<'_>, facts: BulkFacts) -> Decision {
    let Dialog::Bulk(bulk) = scene.dialog else {
        return show(Place::New, View::Notice(Notice::NothingToCancel));
    };
    let files = BatchCounts::of(&facts.entries).open();
    let mut decision = settle(scene, bulk, facts, MaterialState::Discarded);
    let view = View::Notice(Notice::BulkCancelled { files });
    decision.effects.push(Effect::Show { place: Place::New, view });
    decision
}

/// Reminds whoever turns to the menu of the bulk upload that is open.
pub fn remind(scene: Scene<'_>, mut decision: Decision) -> Decision {
    if let Dialog::Bulk(bulk) = scene.dialog {
        let notice = Notice::BulkUnfinished { batch: bulk.batch, files: bulk.files };
        decision.effects.push(Effect::Show { place: Place::New, view: View::Notice(notice) });
    }
    decision
}

fn answer_by_text(scene: Scene<'_>, bulk: &Bulk, text: &str, mut facts: BulkFacts) -> Decision {
    let mut next = bulk.clone();
    let mut effects = Vec::new();
    let understood = match bulk.step {
        BulkStep::Category { inside: Some(_) } if facts.inside.is_none() => {
            next.step = BulkStep::Category { inside: None };
            false
        }
        BulkStep::Category { .. } => {
            let among = (facts.inside.as_ref(), &*facts.categories);
            match section_named(scene, text, among, &mut effects) {
                Some((id, title)) => {
                    next.description.category = Some(id);
                    next.description.category_title = Some(title);
                    true
                }
                None => false,
            }
        }
        BulkStep::Rename { material } => {
            rename(bulk.batch, material, text, &mut facts, &mut effects)
        }
        _ => false,
    };
    if understood {
        next.step = BulkStep::List;
    }
    reshow(scene, next, facts, !understood, effects)
}

fn rename(
    batch: BatchId,
    id: MaterialId,
    text: &str,
    facts: &mut BulkFacts,
    effects: &mut Vec<Effect>,
) -> bool {
    let Some(title) = clean_line(text, TITLE_MAX_CHARS) else { return false };
    let found = facts.entries.iter_mut().find(|entry| entry.id == id);
    // One that was refused meanwhile needs no title any more.
    if let Some(entry) = found.filter(|entry| entry.is_open()) {
        entry.title.clone_from(&title);
        effects.push(change(BatchChange::Rename { id, batch, title }));
        batch::sort(&mut facts.entries);
    }
    true
}

fn answer_by_button(scene: Scene<'_>, bulk: &Bulk, act: BulkAct, mut facts: BulkFacts) -> Decision {
    let mut next = bulk.clone();
    let mut effects = Vec::new();
    let has_open = facts.entries.iter().any(BatchEntry::is_open);
    next.step = match act {
        BulkAct::Page(page) => {
            next.page = page;
            // Whoever chooses a file turns the pages to find it.
            match bulk.step {
                BulkStep::ChooseRename | BulkStep::ChooseRemove if page != bulk.page => bulk.step,
                _ => BulkStep::List,
            }
        }
        BulkAct::OpenCategory(_) => question_of_category(&facts),
        BulkAct::TakeCategory(_) => match facts.chosen.take() {
            Some(category) => {
                next.description.category = Some(category.id);
                next.description.category_title = Some(category.title);
                BulkStep::List
            }
            None => question_of_category(&facts),
        },
        BulkAct::AskLevel => BulkStep::Level,
        BulkAct::TakeLevel(level) => {
            next.description.level = level;
            BulkStep::List
        }
        BulkAct::AskLanguage => BulkStep::Language,
        BulkAct::TakeLanguage(language) => {
            next.description.language = Some(language);
            BulkStep::List
        }
        BulkAct::AskRename => BulkStep::ChooseRename,
        BulkAct::Rename(material) => {
            let is_open = facts.entries.iter().any(|entry| entry.id == material && entry.is_open());
            if is_open { BulkStep::Rename { material } } else { BulkStep::List }
        }
        BulkAct::AskRemove => BulkStep::ChooseRemove,
        BulkAct::Remove(id) => {
            if facts.entries.iter().any(|entry| entry.id == id) {
                facts.entries.retain(|entry| entry.id != id);
                next.files = next.files.saturating_sub(1);
                effects.push(change(BatchChange::Remove { id, batch: bulk.batch }));
            }
            BulkStep::List
        }
        BulkAct::AskCancel => BulkStep::ConfirmCancel,
        BulkAct::Resume => return post_again(scene, next, facts),
        // There is none, or it is gone.
        BulkAct::Publish if has_open && facts.chosen.is_none() => question_of_category(&facts),
        BulkAct::Publish if has_open => {
            return settle(scene, bulk, facts, MaterialState::Waiting);
        }
        BulkAct::SaveDrafts if has_open => {
            return settle(scene, bulk, facts, MaterialState::Draft);
        }
        BulkAct::Publish | BulkAct::SaveDrafts | BulkAct::Cancel => {
            return settle(scene, bulk, facts, MaterialState::Discarded);
        }
    };
    reshow(scene, next, facts, false, effects)
}

fn question_of_category(facts: &BulkFacts) -> BulkStep {
    BulkStep::Category { inside: facts.inside.as_ref().map(|category| category.id) }
}

/// Shows the card as it is after an answer.
fn reshow(
    scene: Scene<'_>,
    bulk: Bulk,
    facts: BulkFacts,
    hint: bool,
    mut effects: Vec<Effect>,
) -> Decision {
    let is_pending = BatchCounts::of(&facts.entries).pending > 0;
    let mut card = BulkCard::new(bulk.batch, Some(&bulk), facts, index(bulk.page));
    card.hint = hint;
    effects.push(Effect::EditPost { outbox: bulk.card, view: View::Bulk(Box::new(card)) });
    // What was finished between the read and the commit is not on this card.
    if is_pending {
        effects.push(tend(scene, &bulk));
    }
    Decision { dialog: Some(Dialog::Bulk(bulk)), effects }
}

/// The card moves to the end of the chat.
fn post_again(scene: Scene<'_>, bulk: Bulk, facts: BulkFacts) -> Decision {
    let left = bulk.card;
    let bulk = Bulk { card: OutboxId(scene.ids.next(scene.now)), ..bulk };
    let card = BulkCard::new(bulk.batch, Some(&bulk), facts, index(bulk.page));
    let post = Effect::Post { outbox: bulk.card, view: View::Bulk(Box::new(card)) };
    let mut effects = vec![post, tend(scene, &bulk)];
    if left != NO_CARD {
        let notice = Notice::BulkUnfinished { batch: bulk.batch, files: bulk.files };
        effects.push(Effect::EditPost { outbox: left, view: View::Notice(notice) });
    }
    Decision { dialog: Some(Dialog::Bulk(bulk)), effects }
}

/// Ends the dialog: one word about all files that are open.
fn settle(scene: Scene<'_>, bulk: &Bulk, mut facts: BulkFacts, to: MaterialState) -> Decision {
    let description = bulk.description.clone();
    let settle = change(BatchChange::Settle { batch: bulk.batch, description, to });
    for entry in facts.entries.iter_mut().filter(|entry| entry.is_open()) {
        entry.state = to;
    }
    let card = BulkCard::new(bulk.batch, None, facts, 0);
    let edit = Effect::EditPost { outbox: bulk.card, view: View::Bulk(Box::new(card)) };
    let effects = vec![settle, edit, tend(scene, bulk)];
    Decision { dialog: Some(Dialog::Idle), effects }
}

/// The job that publishes what can be published and brings the card up to date. There is one for
/// each batch, under the batch's own id.
fn tend(scene: Scene<'_>, bulk: &Bulk) -> Effect {
    Effect::Enqueue(NewJob {
        id: JobId(bulk.batch.0),
        kind: JobKind::TendBatch {
            batch: bulk.batch,
            user: scene.user,
            chat: scene.chat,
            thread: scene.thread,
            card: bulk.card,
        },
        fairness_key: scene.user.0,
        priority: Priority::Single,
        not_before: None,
    })
}

fn change(change: BatchChange) -> Effect {
    Effect::Change(Change::Batch(change))
}

fn index(page: u32) -> usize {
    usize::try_from(page).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
