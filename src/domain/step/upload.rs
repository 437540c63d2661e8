//! The upload dialog: file, title, category, level, language, tags, review, publish.
//!
//! Invariants: a dialog always has an open material; the material is settled (published, draft,
//! waiting or discarded) in the same decision that leaves it; files that come in mid-dialog wait in
//! the queue and none is forgotten; a button made for another material changes nothing.

use super::arrival::{is_refused, unfit};
use super::sections::section_named;
use super::{Scene, show};
use crate::domain::button::{Field, UploadAct};
use crate::domain::effect::{
    Change, Decision, Effect, JobKind, NewJob, Notice, Place, Priority, Question, Review, View,
};
use crate::domain::event::FileRef;
use crate::domain::facts::{Facts, UploadFacts};
use crate::domain::ids::{CategoryId, JobId, MaterialId, OutboxId};
use crate::domain::intent::UploadInput;
use crate::domain::material::{
    Card, Description, Material, MaterialState, Processing, TITLE_MAX_CHARS, clean_line,
};
use crate::domain::session::{Dialog, QUEUE_MAX, Step, Upload};

pub(super) mod words;

pub(super) use words::file_label;
use words::{parse_tags, suggested_title};

/// A file came: opens a material, starts its processing, and a dialog if none is open.
pub fn take_file(
    scene: Scene<'_>,
    file: FileRef,
    caption: Option<&str>,
    facts: UploadFacts,
) -> Decision {
    if let Some(notice) = unfit(&file, scene.upload_limit) {
        return refuse(notice);
    }
    // The dialog about a file that was refused is over, and this file is a new beginning.
    let is_refused = facts.material.as_ref().is_some_and(is_refused);
    let scene = if is_refused { Scene { dialog: &Dialog::Idle, ..scene } } else { scene };
    let waiting = match scene.dialog {
        Dialog::Upload(upload) => upload.queue.len(),
        _ => 0,
    };
    if waiting >= QUEUE_MAX {
        return refuse(Notice::QueueFull);
    }
    let id = MaterialId(scene.ids.next(scene.now));
    let title = suggested_title(&file, caption);
    let name = file_label(&file);
    // Who sends many files looks at none of them as somebody does who sends one.
    let priority = match scene.dialog {
        Dialog::Upload(_) | Dialog::Bulk(_) => Priority::Bulk,
        _ => Priority::Single,
    };
    let mut effects = open_material(scene, id, file, &title, name.clone(), priority);
    let dialog = match scene.dialog {
        Dialog::Upload(upload) => {
            let mut upload = upload.clone();
            upload.queue.push(id);
            let notice = Notice::Queued { name, waiting: upload.queue.len() };
            effects.push(new_message(View::Notice(notice)));
            upload
        }
        // Whatever comes in a bulk dialog is taken by that.
        Dialog::Idle
        | Dialog::Bulk(_)
        | Dialog::Replace(_)
        | Dialog::Broadcast(_)
        | Dialog::Desk(_) => {
            let upload = Upload {
                material: id,
                step: Step::Title,
                reviewed: false,
                description: Description::default(),
                queue: Vec::new(),
            };
            let question = Question {
                material: id,
                step: Step::Title,
                suggested_title: title,
                inside: None,
                categories: facts.categories,
                hint: false,
                queued: 0,
            };
            effects.push(new_message(View::Question(Box::new(question))));
            upload
        }
    };
    Decision { dialog: Some(Dialog::Upload(dialog)), effects }
}

/// The material, its card and its job: committed with the update, so that neither is without the
/// others.
pub(super) fn open_material(
    scene: Scene<'_>,
    id: MaterialId,
    file: FileRef,
    title: &str,
    name: String,
    priority: Priority,
) -> Vec<Effect> {
    let outbox = OutboxId(scene.ids.next(scene.now));
    let card = Card { chat: scene.chat, outbox };
    vec![
        Effect::Change(Change::OpenMaterial {
            id,
            file,
            title: title.to_owned(),
            uploader: scene.user,
            card,
        }),
        Effect::ShowCard { outbox, name },
        Effect::Enqueue(processing_job(scene, id, priority)),
    ]
}

pub(super) fn processing_job(scene: Scene<'_>, material: MaterialId, priority: Priority) -> NewJob {
    NewJob {
        id: JobId(scene.ids.next(scene.now)),
        kind: JobKind::ProcessUpload { material },
        fairness_key: scene.user.0,
        priority,
        not_before: None,
    }
}

/// `/cancel` in any state.
pub fn cancel(scene: Scene<'_>, facts: Facts) -> Decision {
    match (scene.dialog, facts) {
        // A draft stays what it is.
        (Dialog::Upload(upload), Facts::Upload(facts))
            if facts.material.as_ref().is_some_and(|m| m.state == MaterialState::Draft) =>
        {
            let title = facts.material.as_ref().map(|material| material.title.clone());
            let notice = Notice::DraftSaved { title: title.unwrap_or_default() };
            leave(upload, Place::New, *facts, Vec::new(), notice)
        }
        // The material may be settled already: one that was refused is discarded by its job.
        (Dialog::Upload(upload), Facts::Upload(facts)) => {
            abandon(upload, Place::New, *facts, Notice::UploadCancelled)
        }
        _ => show(Place::New, View::Notice(Notice::NothingToCancel)),
    }
}

/// A text or a button in the dialog.
pub fn go_on(
    scene: Scene<'_>,
    place: Place,
    material: MaterialId,
    input: UploadInput,
    inside: Option<CategoryId>,
    facts: UploadFacts,
) -> Decision {
    let upload = match scene.dialog {
        Dialog::Upload(upload) if upload.material == material => upload,
        _ => return show(Place::New, View::Notice(Notice::UploadOver)),
    };
    let Some(current) = facts.material.clone() else {
        return abandon(upload, place, facts, Notice::UploadOver);
    };
    if let Some(reason) = dead_end(&current, &facts) {
        return abandon(upload, place, facts, reason);
    }
    match input {
        UploadInput::Text(text) => answer_by_text(scene, upload, &current, &text, &facts),
        UploadInput::Act(act) => {
            answer_by_button(scene, upload, place, &current, act, inside, facts)
        }
    }
}

/// Why this material can never be published, if so.
fn dead_end(material: &Material, facts: &UploadFacts) -> Option<Notice> {
    if let Some(double) = &facts.double {
        let title = double.title.clone();
        return Some(Notice::Duplicate { material: double.id, title });
    }
    match (material.processing, material.state) {
        (Processing::Rejected(reason), _) => Some(Notice::Refused(reason)),
        (_, MaterialState::Open | MaterialState::Draft) => None,
        _ => Some(Notice::UploadOver),
    }
}

fn answer_by_text(
    scene: Scene<'_>,
    upload: &Upload,
    material: &Material,
    text: &str,
    facts: &UploadFacts,
) -> Decision {
    let mut next = upload.clone();
    let mut effects = Vec::new();
    let understood = match upload.step {
        Step::Title => match clean_line(text, TITLE_MAX_CHARS) {
            Some(title) => {
                next.description.title = Some(title);
                true
            }
            None => false,
        },
        Step::Category { inside: Some(_) } if facts.inside.is_none() => {
            next.step = Step::Category { inside: None };
            false
        }
        Step::Category { .. } => {
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
        Step::Tags => {
            next.description.tags = parse_tags(text);
            !next.description.tags.is_empty()
        }
        Step::Level | Step::Language | Step::Review => false,
    };
    if understood {
        advance(&mut next);
    }
    let view = ask(&next, material, facts, !understood);
    effects.push(new_message(view));
    Decision { dialog: Some(Dialog::Upload(next)), effects }
}

fn answer_by_button(
    scene: Scene<'_>,
    upload: &Upload,
    place: Place,
    material: &Material,
    act: UploadAct,
    inside: Option<CategoryId>,
    facts: UploadFacts,
) -> Decision {
    let mut next = upload.clone();
    let description = &mut next.description;
    // A button of an earlier question still means what it says: it sets its field.
    let answered = match act {
        UploadAct::TakeTitle => {
            description.title = Some(material.title.clone());
            true
        }
        UploadAct::TakeFoundTitle => {
            let found = material.suggested_title.as_ref().unwrap_or(&material.title);
            description.title = clean_line(found, TITLE_MAX_CHARS);
            description.title.is_some()
        }
        UploadAct::OpenCategory(_) => {
            next.step = Step::Category { inside };
            false
        }
        UploadAct::TakeCategory(_) => {
            if let Some(category) = &facts.chosen {
                description.category = Some(category.id);
                description.category_title = Some(category.title.clone());
                true
            } else {
                next.step = Step::Category { inside: None };
                false
            }
        }
        UploadAct::TakeLevel(level) => {
            description.level = level;
            true
        }
        UploadAct::TakeLanguage(language) => {
            description.language = Some(language);
            true
        }
        UploadAct::SkipTags => {
            description.tags.clear();
            true
        }
        UploadAct::Change(field) => {
            next.step = step_of(field);
            false
        }
        UploadAct::Resume => false,
        UploadAct::Publish => return publish(scene, upload, place, material, facts),
        UploadAct::SaveDraft => return settle(upload, place, facts, MaterialState::Draft),
        UploadAct::Discard => return settle(upload, place, facts, MaterialState::Discarded),
    };
    if answered && answers(act, upload.step) {
        advance(&mut next);
    }
    let view = ask(&next, material, &facts, false);
    let effects = vec![Effect::Show { place, view }];
    Decision { dialog: Some(Dialog::Upload(next)), effects }
}

/// Whether the button belongs to the question that is open.
fn answers(act: UploadAct, step: Step) -> bool {
    matches!(
        (act, step),
        (UploadAct::TakeTitle | UploadAct::TakeFoundTitle, Step::Title)
            | (UploadAct::TakeCategory(_), Step::Category { .. })
            | (UploadAct::TakeLevel(_), Step::Level)
            | (UploadAct::TakeLanguage(_), Step::Language)
            | (UploadAct::SkipTags, Step::Tags)
    )
}

fn publish(
    scene: Scene<'_>,
    upload: &Upload,
    place: Place,
    material: &Material,
    facts: UploadFacts,
) -> Decision {
    let description = &upload.description;
    let missing = match description {
        Description { title: None, .. } => Some(Step::Title),
        _ if facts.chosen.is_none() => Some(Step::Category { inside: None }),
        _ => None,
    };
    if let Some(step) = missing {
        let next = Upload { step, ..upload.clone() };
        let view = ask(&next, material, &facts, false);
        let effects = vec![Effect::Show { place, view }];
        return Decision { dialog: Some(Dialog::Upload(next)), effects };
    }
    let is_pending = material.processing == Processing::Pending;
    let mut decision = settle(upload, place, facts, MaterialState::Published);
    if is_pending {
        // Its job may have been given up: what waits to be published must have one. A second one
        // for the same material is none.
        decision.effects.push(Effect::Enqueue(processing_job(
            scene,
            material.id,
            Priority::Single,
        )));
    }
    decision
}

/// Ends the dialog about this material and turns to the next in the queue, if any.
fn settle(upload: &Upload, place: Place, facts: UploadFacts, to: MaterialState) -> Decision {
    let Some(material) = facts.material.clone() else {
        return abandon(upload, place, facts, Notice::UploadOver);
    };
    let title = upload.description.title.clone().unwrap_or_else(|| material.title.clone());
    let is_ready = material.processing == Processing::Ready;
    let (to, notice) = match to {
        MaterialState::Published if is_ready => {
            (to, Notice::Published { material: material.id, title })
        }
        MaterialState::Published => (MaterialState::Waiting, Notice::PublishWaiting { title }),
        MaterialState::Draft => (to, Notice::DraftSaved { title }),
        _ => (MaterialState::Discarded, Notice::UploadCancelled),
    };
    let change = Change::Settle {
        id: material.id,
        description: upload.description.clone(),
        to,
        seen: material.processing,
    };
    leave(upload, place, facts, vec![Effect::Change(change)], notice)
}

/// Ends the dialog without a result: the material is thrown away, unless it is settled already.
fn abandon(upload: &Upload, place: Place, facts: UploadFacts, notice: Notice) -> Decision {
    let still_open = facts.material.as_ref().filter(|m| m.state == MaterialState::Open);
    let change = still_open.map(|material| {
        Effect::Change(Change::Settle {
            id: material.id,
            description: upload.description.clone(),
            to: MaterialState::Discarded,
            seen: material.processing,
        })
    });
    leave(upload, place, facts, change.into_iter().collect(), notice)
}

fn leave(
    upload: &Upload,
    place: Place,
    facts: UploadFacts,
    mut effects: Vec<Effect>,
    notice: Notice,
) -> Decision {
    effects.push(Effect::Show { place, view: View::Notice(notice) });
    let Some(next_id) = upload.queue.first().copied() else {
        return Decision { dialog: Some(Dialog::Idle), effects };
    };
    let queue: Vec<_> = upload.queue.iter().skip(1).copied().collect();
    // One category and level for a run of files: what was said last is the likeliest answer, but
    // each file is asked about on its own.
    let next = Upload {
        material: next_id,
        step: Step::Title,
        reviewed: false,
        description: Description::default(),
        queue,
    };
    let suggested_title = facts.next.map(|material| material.title).unwrap_or_default();
    let question = Question {
        material: next_id,
        step: Step::Title,
        suggested_title,
        inside: None,
        categories: facts.top,
        hint: false,
        queued: next.queue.len(),
    };
    effects.push(new_message(View::Question(Box::new(question))));
    Decision { dialog: Some(Dialog::Upload(next)), effects }
}

/// Turns to the question after the one just answered.
fn advance(upload: &mut Upload) {
    if upload.reviewed {
        upload.step = Step::Review;
        return;
    }
    upload.step = match upload.step {
        Step::Title => Step::Category { inside: None },
        Step::Category { .. } => Step::Level,
        Step::Level => Step::Language,
        Step::Language => Step::Tags,
        Step::Tags | Step::Review => Step::Review,
    };
    upload.reviewed = upload.step == Step::Review;
}

fn step_of(field: Field) -> Step {
    match field {
        Field::Title => Step::Title,
        Field::Category => Step::Category { inside: None },
        Field::Level => Step::Level,
        Field::Language => Step::Language,
        Field::Tags => Step::Tags,
    }
}

/// Shows the open question, or the review.
pub(super) fn ask(upload: &Upload, material: &Material, facts: &UploadFacts, hint: bool) -> View {
    let found_title = material
        .suggested_title
        .clone()
        .filter(|found| Some(found) != upload.description.title.as_ref());
    if upload.step == Step::Review {
        return View::Review(Box::new(Review {
            material: material.id,
            description: upload.description.clone(),
            file_name: file_label(&material.file),
            size: material.file.size,
            processing: material.processing,
            found_title,
            hint,
        }));
    }
    // After a typed or chosen category the facts still hold the node that was open before.
    let (inside, categories) = match upload.step {
        Step::Category { inside: Some(id) }
            if facts.inside.as_ref().is_some_and(|c| c.id == id) =>
        {
            (facts.inside.clone(), facts.categories.clone())
        }
        _ => (None, facts.top.clone()),
    };
    View::Question(Box::new(Question {
        material: material.id,
        step: upload.step,
        suggested_title: found_title.unwrap_or_else(|| material.title.clone()),
        inside,
        categories,
        hint,
        queued: upload.queue.len(),
    }))
}

fn new_message(view: View) -> Effect {
    Effect::Show { place: Place::New, view }
}

fn refuse(notice: Notice) -> Decision {
    show(Place::New, View::Notice(notice))
}
