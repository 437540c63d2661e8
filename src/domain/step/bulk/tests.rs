//! The bulk dialog as a function: which files it takes, what each answer decides.

use super::*;
use crate::domain::broadcast::BroadcastRules;
use crate::domain::calendar::Zone;
use crate::domain::clock::Timestamp;
use crate::domain::event::FileClass;
use crate::domain::ids::{CategoryId, ChatId, IdSource, UserId};
use crate::domain::material::{Category, Level};

const BULK_MAX: u32 = 3;
const NO_RULES: BroadcastRules = BroadcastRules { quiet: None, zone: Zone::UTC };

fn scene<'a>(dialog: &'a Dialog, ids: &'a IdSource) -> Scene<'a> {
    Scene {
        chat: ChatId(7),
        thread: 0,
        user: UserId(7),
        first_name: "Edna",
        dialog,
        upload_limit: 1_000,
        bulk_max: BULK_MAX,
        bot_username: "prime_bot",
        broadcasts: &NO_RULES,
        now: Timestamp::UNIX_EPOCH,
        ids,
    }
}

fn file(name: &str, size: u64) -> FileRef {
    FileRef {
        file_id: name.to_owned(),
        unique_id: name.to_owned(),
        class: FileClass::Document,
        name: Some(name.to_owned()),
        mime: None,
        size: Some(size),
        duration_s: None,
        title: None,
        performer: None,
    }
}

fn bulk(step: BulkStep) -> Bulk {
    Bulk {
        batch: BatchId(90),
        card: OutboxId(91),
        files: 2,
        beyond: 0,
        page: 0,
        step,
        description: Description::default(),
    }
}

fn entry(id: i64, title: &str, processing: Processing) -> BatchEntry {
    let state = match processing {
        Processing::Rejected(_) => MaterialState::Discarded,
        _ => MaterialState::Open,
    };
    let title = title.to_owned();
    BatchEntry { id: MaterialId(id), state, processing, title, duplicate_of: None }
}

fn two_files() -> BulkFacts {
    let entries =
        vec![entry(1, "Unit 2", Processing::Ready), entry(2, "Unit 10", Processing::Pending)];
    BulkFacts { entries, ..BulkFacts::default() }
}

fn press(step: BulkStep, act: BulkAct, facts: BulkFacts) -> Decision {
    let dialog = Dialog::Bulk(bulk(step));
    let ids = IdSource::new(1);
    go_on(scene(&dialog, &ids), Place::New, BatchId(90), BulkInput::Act(act), facts)
}

fn say(step: BulkStep, text: &str, facts: BulkFacts) -> Decision {
    let dialog = Dialog::Bulk(bulk(step));
    let ids = IdSource::new(1);
    let input = BulkInput::Text(text.to_owned());
    go_on(scene(&dialog, &ids), Place::New, BatchId(90), input, facts)
}

fn changes(decision: &Decision) -> Vec<&BatchChange> {
    let change = |effect| match effect {
        &Effect::Change(Change::Batch(ref change)) => Some(change),
        _ => None,
    };
    decision.effects.iter().filter_map(change).collect()
}

fn jobs(decision: &Decision) -> Vec<&'static str> {
    let kind = |effect: &Effect| match effect {
        Effect::Enqueue(job) => Some(job.kind.name()),
        _ => None,
    };
    decision.effects.iter().filter_map(kind).collect()
}

fn shown(decision: &Decision) -> &BulkCard {
    let card = decision.effects.iter().find_map(|effect| match effect {
        Effect::EditPost { view: View::Bulk(card), .. }
        | Effect::Post { view: View::Bulk(card), .. }
        | Effect::Show { view: View::Bulk(card), .. } => Some(card),
        _ => None,
    });
    card.expect("a card")
}

fn step_after(decision: &Decision) -> BulkStep {
    match &decision.dialog {
        Some(Dialog::Bulk(bulk)) => bulk.step,
        other => panic!("no bulk dialog: {other:?}"),
    }
}

fn upload(step: Step, reviewed: bool) -> Dialog {
    let description = Description {
        title: Some("Mine".to_owned()),
        category: Some(CategoryId(5)),
        tags: vec!["tag".to_owned()],
        ..Description::default()
    };
    Dialog::Upload(Upload { material: MaterialId(1), step, reviewed, description, queue: vec![] })
}

#[test]
fn albums_and_runs_are_taken_together() {
    assert!(takes_file(&Dialog::Idle, true));
    assert!(!takes_file(&Dialog::Idle, false));
    assert!(takes_file(&upload(Step::Title, false), false), "nothing was said yet");
    assert!(!takes_file(&upload(Step::Title, true), false), "the title is being changed");
    assert!(!takes_file(&upload(Step::Level, false), false));
    assert!(takes_file(&upload(Step::Level, false), true));
    assert!(takes_file(&Dialog::Bulk(bulk(BulkStep::Level)), false));
}

#[test]
fn a_file_is_opened_joined_and_processed() {
    let dialog = Dialog::Bulk(bulk(BulkStep::Level));
    let ids = IdSource::new(1);
    let decision = take_file(scene(&dialog, &ids), file("Unit_3.pdf", 9), None, Vec::new());
    assert!(matches!(decision.effects[0], Effect::Change(Change::OpenMaterial { .. })));
    assert!(matches!(changes(&decision)[..], [BatchChange::Join { refused: None, .. }]));
    assert_eq!(jobs(&decision), ["process_upload", "tend_batch"]);
    assert_eq!(step_after(&decision), BulkStep::Level, "the open question stays");
    let says = |effect: &Effect| matches!(effect, Effect::Show { .. } | Effect::Post { .. });
    assert!(!decision.effects.iter().any(says), "no message for each file");
}

#[test]
fn what_is_known_to_be_useless_is_listed_and_not_processed() {
    let ids = IdSource::new(1);
    for (size, reason) in [(0, Rejection::Empty), (1_001, Rejection::TooLarge)] {
        let decision = take_file(scene(&Dialog::Idle, &ids), file("a.pdf", size), None, Vec::new());
        assert_eq!(jobs(&decision), ["tend_batch"]);
        let counts = shown(&decision).counts;
        assert_eq!((counts.files, counts.refused), (1, 1));
        let refused = Some(reason);
        assert!(
            matches!(changes(&decision)[..], [BatchChange::Join { refused: r, .. }] if *r == refused)
        );
    }
}

#[test]
fn a_full_batch_takes_no_more_and_counts_them() {
    let mut dialog = Dialog::Bulk(Bulk { files: BULK_MAX, ..bulk(BulkStep::List) });
    let ids = IdSource::new(1);
    for beyond in 1..=2 {
        let decision = take_file(scene(&dialog, &ids), file("a.pdf", 9), None, Vec::new());
        assert_eq!(jobs(&decision), ["tend_batch"]);
        dialog = decision.dialog.unwrap();
        assert!(matches!(&dialog, Dialog::Bulk(b) if b.beyond == beyond && b.files == BULK_MAX));
    }
}

#[test]
fn an_album_takes_over_what_was_said_of_the_file_before() {
    let dialog = upload(Step::Level, false);
    let ids = IdSource::new(1);
    let material = crate::domain::material::Material {
        id: MaterialId(1),
        state: MaterialState::Open,
        processing: Processing::Pending,
        title: "a".to_owned(),
        tags: String::new(),
        category: None,
        level: None,
        language: None,
        kind: crate::domain::inspection::Kind::Book,
        suggested_title: None,
        pages: None,
        duration_s: None,
        file: file("a.pdf", 9),
        hash: None,
        duplicate_of: None,
        uploader: UserId(7),
        card: Some(Card { chat: ChatId(7), outbox: OutboxId(3) }),
        batch: None,
        created_at: Timestamp::UNIX_EPOCH,
    };
    let decision = take_file(scene(&dialog, &ids), file("b.pdf", 9), None, vec![material]);
    let Some(Dialog::Bulk(bulk)) = &decision.dialog else { panic!("{decision:?}") };
    assert_eq!((bulk.files, bulk.description.category), (2, Some(CategoryId(5))));
    assert_eq!((bulk.description.title.as_ref(), bulk.description.tags.len()), (None, 0));
    let joined = changes(&decision);
    assert!(matches!(joined[0], BatchChange::Join { title: Some(title), .. } if title == "Mine"));
    let old_card = |effect: &Effect| matches!(effect, Effect::EditPost { outbox, view: View::Notice(Notice::InBatch) } if outbox.0 == 3);
    assert!(decision.effects.iter().any(old_card));
    assert_eq!(shown(&decision).entries.len(), 2);
}

#[test]
fn publishing_asks_for_the_section_once() {
    let asked = press(BulkStep::List, BulkAct::Publish, two_files());
    assert_eq!(step_after(&asked), BulkStep::Category { inside: None });
    assert!(changes(&asked).is_empty());

    let typed = say(BulkStep::Category { inside: None }, " Grammar ", two_files());
    assert!(
        matches!(&typed.effects[0], Effect::Change(Change::CreateCategory { title, .. }) if title == "Grammar")
    );
    let Some(dialog @ Dialog::Bulk(_)) = &typed.dialog else { panic!("{typed:?}") };
    let ids = IdSource::new(1);
    let input = BulkInput::Act(BulkAct::Publish);
    let gone = go_on(scene(dialog, &ids), Place::New, BatchId(90), input.clone(), two_files());
    assert_eq!(step_after(&gone), BulkStep::Category { inside: None }, "it was removed meanwhile");
    let title = "Grammar".to_owned();
    let chosen = Some(Category { id: CategoryId(5), parent: None, title, materials: 0 });
    let facts = BulkFacts { chosen, ..two_files() };
    let published = go_on(scene(dialog, &ids), Place::New, BatchId(90), input, facts);
    assert_eq!(published.dialog, Some(Dialog::Idle));
    let [BatchChange::Settle { to, description, .. }] = changes(&published)[..] else {
        panic!("{published:?}")
    };
    assert_eq!((*to, description.category.is_some()), (MaterialState::Waiting, true));
    assert_eq!(shown(&published).counts.waiting, 2);
    assert_eq!(jobs(&published), ["tend_batch"]);
}

#[test]
fn a_section_that_exists_is_not_made_again() {
    let category =
        Category { id: CategoryId(5), parent: None, title: "Grammar".to_owned(), materials: 0 };
    let facts = BulkFacts { categories: vec![category], ..two_files() };
    let decision = say(BulkStep::Category { inside: None }, "grammar", facts);
    assert!(!decision.effects.iter().any(|effect| matches!(effect, Effect::Change(_))));
    assert!(
        matches!(&decision.dialog, Some(Dialog::Bulk(b)) if b.description.category == Some(CategoryId(5)))
    );
}

#[test]
fn one_answer_is_for_all() {
    let decision = press(BulkStep::Level, BulkAct::TakeLevel(Some(Level::B1)), two_files());
    let Some((step, description)) = &shown(&decision).open else { panic!("{decision:?}") };
    assert_eq!((*step, description.level), (BulkStep::List, Some(Level::B1)));
    assert_eq!(jobs(&decision), ["tend_batch"], "one file is not processed yet");
}

#[test]
fn a_file_is_renamed_and_finds_its_place() {
    let material = MaterialId(2);
    let asked = press(BulkStep::ChooseRename, BulkAct::Rename(material), two_files());
    assert_eq!(step_after(&asked), BulkStep::Rename { material });
    assert_eq!(shown(&asked).renamed.as_deref(), Some("Unit 10"));

    let renamed = say(BulkStep::Rename { material }, "Unit 1", two_files());
    assert!(matches!(changes(&renamed)[..], [BatchChange::Rename { id, .. }] if *id == material));
    assert_eq!(shown(&renamed).entries[0].1.title, "Unit 1");
    let hint = say(BulkStep::Rename { material }, "\u{202E} ", two_files());
    assert!(shown(&hint).hint && changes(&hint).is_empty());
    assert_eq!(step_after(&hint), BulkStep::Rename { material });
}

#[test]
fn a_removed_file_leaves_the_list() {
    let removed = press(BulkStep::ChooseRemove, BulkAct::Remove(MaterialId(1)), two_files());
    assert!(matches!(changes(&removed)[..], [BatchChange::Remove { id: MaterialId(1), .. }]));
    assert_eq!(shown(&removed).counts.files, 1);
    assert!(matches!(&removed.dialog, Some(Dialog::Bulk(b)) if b.files == 1));
    let foreign = press(BulkStep::ChooseRemove, BulkAct::Remove(MaterialId(77)), two_files());
    assert!(changes(&foreign).is_empty(), "not of this batch");
}

#[test]
fn cancelling_says_how_many_and_keeps_what_is_settled() {
    let mut facts = two_files();
    facts.entries.push(entry(3, "X", Processing::Rejected(Rejection::Broken)));
    let dialog = Dialog::Bulk(bulk(BulkStep::List));
    let ids = IdSource::new(1);
    let decision = cancel(scene(&dialog, &ids), facts);
    assert_eq!(decision.dialog, Some(Dialog::Idle));
    let view = View::Notice(Notice::BulkCancelled { files: 2 });
    assert!(decision.effects.contains(&Effect::Show { place: Place::New, view }));
    let [change @ BatchChange::Settle { to: MaterialState::Discarded, .. }] =
        changes(&decision)[..]
    else {
        panic!("{decision:?}")
    };
    assert!(!change.needs_editor(), "a way out for whoever is no editor any more");
}

#[test]
fn nothing_left_to_publish_ends_the_dialog() {
    let entries = vec![entry(3, "X", Processing::Rejected(Rejection::Broken))];
    let facts = BulkFacts { entries, ..BulkFacts::default() };
    let decision = press(BulkStep::List, BulkAct::Publish, facts);
    assert_eq!(decision.dialog, Some(Dialog::Idle));
    assert_eq!(shown(&decision).counts.refused, 1);
}

#[test]
fn buttons_of_another_batch_change_nothing() {
    let dialog = Dialog::Bulk(bulk(BulkStep::List));
    let ids = IdSource::new(1);
    let pressed = |act, facts| {
        go_on(scene(&dialog, &ids), Place::New, BatchId(12), BulkInput::Act(act), facts)
    };
    let decision = pressed(BulkAct::Publish, two_files());
    let over = Effect::Show { place: Place::New, view: View::Notice(Notice::UploadOver) };
    assert_eq!((decision.dialog, decision.effects), (None, vec![over]));
    let turned = pressed(BulkAct::Page(0), two_files());
    assert!(turned.dialog.is_none() && shown(&turned).open.is_none(), "pages may be turned");
}

#[test]
fn a_lost_dialog_is_found_again_by_its_card() {
    let ids = IdSource::new(1);
    let input = BulkInput::Act(BulkAct::Publish);
    let scene = scene(&Dialog::Idle, &ids);
    let decision = go_on(scene, Place::New, BatchId(12), input, two_files());
    assert!(matches!(&decision.dialog, Some(Dialog::Bulk(b)) if b.batch.0 == 12 && b.files == 2));
    assert!(changes(&decision).is_empty(), "nothing is published by that");
}
