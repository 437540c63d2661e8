//! The replacement dialog, decision by decision.

use chrono::DateTime;

use super::*;
use crate::domain::broadcast::BroadcastRules;
use crate::domain::calendar::Zone;
use crate::domain::event::FileClass;
use crate::domain::facts::Facts;
use crate::domain::ids::{ChatId, IdSource, MessageId, UserId};
use crate::domain::inspection::{Kind, Rejection};
use crate::domain::intent::{Intent, Wish};
use crate::domain::session::{Step, Upload};
use crate::domain::step::decide;

const TARGET: MaterialId = MaterialId(77);
const CANDIDATE: MaterialId = MaterialId(78);
const CARD: Place = Place::Edit(MessageId(9));

fn file(size: u64) -> FileRef {
    FileRef {
        file_id: "F".to_owned(),
        unique_id: "U".to_owned(),
        class: FileClass::Document,
        name: Some("new.pdf".to_owned()),
        mime: None,
        size: Some(size),
        duration_s: None,
        title: None,
        performer: None,
    }
}

fn material(id: MaterialId, state: MaterialState, hash: &str) -> Material {
    Material {
        id,
        state,
        processing: Processing::Ready,
        title: "Grammar".to_owned(),
        tags: String::new(),
        category: None,
        level: None,
        language: None,
        kind: Kind::Book,
        suggested_title: None,
        pages: Some(3),
        duration_s: None,
        file: file(10),
        hash: Some(hash.to_owned()),
        duplicate_of: None,
        batch: None,
        uploader: UserId(5),
        card: None,
        created_at: DateTime::UNIX_EPOCH,
    }
}

/// A published material of edition 4 that three people took, and a file for it.
fn facts() -> ReplaceFacts {
    let target = material(TARGET, MaterialState::Published, "old");
    ReplaceFacts {
        standing: Some(Standing { target, edition: 4, takers: 3 }),
        candidate: Some(material(CANDIDATE, MaterialState::Open, "new")),
        earlier: Some(material(CANDIDATE, MaterialState::Open, "new")),
        double: None,
    }
}

fn dialog(candidate: Option<MaterialId>) -> Dialog {
    Dialog::Replace(Replace { target: TARGET, candidate })
}

fn settle(dialog: &Dialog, wish: Wish, facts: ReplaceFacts) -> Decision {
    let ids = IdSource::new(1);
    let scene = Scene {
        chat: ChatId(5),
        user: UserId(5),
        first_name: "Edna",
        dialog,
        upload_limit: 1_000,
        bulk_max: 10,
        bot_username: "prime_bot",
        broadcasts: &BroadcastRules { quiet: None, zone: Zone::UTC },
        thread: 0,
        now: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        ids: &ids,
    };
    decide(scene, Intent { wish, place: CARD }, Facts::Replace(Box::new(facts)))
}

fn press(dialog: &Dialog, act: ReplaceAct, facts: ReplaceFacts) -> Decision {
    let material = if act == ReplaceAct::Begin { TARGET } else { CANDIDATE };
    settle(dialog, Wish::Replace { material, act }, facts)
}

fn confirm(facts: ReplaceFacts) -> Decision {
    press(&dialog(Some(CANDIDATE)), ReplaceAct::Confirm { seen: 4, quiet: false }, facts)
}

fn views(decision: &Decision) -> Vec<&View> {
    decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Show { view, .. } => Some(view),
            _ => None,
        })
        .collect()
}

/// The only view, which is about editions.
fn edition(decision: &Decision) -> &EditionView {
    match views(decision)[..] {
        [View::Edition(view)] => view,
        ref other => panic!("one view of editions, not {other:?}"),
    }
}

/// What was thrown away.
fn discarded(decision: &Decision) -> Vec<MaterialId> {
    let thrown = |effect: &Effect| match effect {
        Effect::Change(Change::Settle { id, to: MaterialState::Discarded, .. }) => Some(*id),
        _ => None,
    };
    decision.effects.iter().filter_map(thrown).collect()
}

fn replaces(decision: &Decision) -> bool {
    let is_replace = |effect: &Effect| matches!(effect, Effect::Change(Change::Replace { .. }));
    decision.effects.iter().any(is_replace)
}

fn announces(decision: &Decision) -> bool {
    decision.effects.iter().any(|effect| matches!(effect, Effect::Enqueue(_)))
}

#[test]
fn the_file_is_asked_for_and_nothing_else_happens() {
    let facts = ReplaceFacts { candidate: None, earlier: None, ..facts() };
    let decision = press(&Dialog::Idle, ReplaceAct::Begin, facts);
    assert_eq!(decision.dialog, Some(dialog(None)));
    assert!(matches!(edition(&decision), EditionView::Ask { material: TARGET, .. }));
    assert_eq!(decision.effects.len(), 1);
}

#[test]
fn an_open_upload_is_not_forgotten_for_it() {
    let upload = Dialog::Upload(Upload {
        material: MaterialId(1),
        step: Step::Title,
        reviewed: false,
        description: Description::default(),
        queue: Vec::new(),
    });
    let decision = press(&upload, ReplaceAct::Begin, ReplaceFacts { earlier: None, ..facts() });
    assert_eq!(decision.dialog, None);
    assert_eq!(views(&decision), [&View::Notice(Notice::Replace(ReplaceNotice::UploadFirst))]);
}

#[test]
fn another_file_takes_the_place_of_the_one_before() {
    let wish = Wish::TakeFile { file: file(20), caption: None, is_album: false };
    let decision = settle(&dialog(Some(CANDIDATE)), wish, facts());
    let Some(Dialog::Replace(Replace { target: TARGET, candidate: Some(new) })) = decision.dialog
    else {
        panic!("the dialog goes on: {decision:?}");
    };
    assert_ne!(new, CANDIDATE);
    assert_eq!(discarded(&decision), [CANDIDATE]);
    let mark = Effect::Change(Change::MarkReplacement { candidate: new, target: TARGET });
    assert!(decision.effects.contains(&mark));
    assert!(announces(&decision), "it is processed");
}

#[test]
fn an_unfit_file_leaves_the_one_before() {
    for (size, notice) in
        [(0, Notice::Refused(Rejection::Empty)), (1_001, Notice::TooLarge { limit: 1_000 })]
    {
        let wish = Wish::TakeFile { file: file(size), caption: None, is_album: false };
        let decision = settle(&dialog(Some(CANDIDATE)), wish, facts());
        assert_eq!((decision.dialog, decision.effects.len()), (None, 1));
        assert!(
            matches!(&decision.effects[0], Effect::Show { view: View::Notice(said), .. } if *said == notice)
        );
    }
}

#[test]
fn the_press_replaces_and_tells_unless_it_is_to_be_quiet() {
    let loud = confirm(facts());
    assert_eq!(loud.dialog, Some(Dialog::Idle));
    let change =
        Change::Replace { candidate: CANDIDATE, target: TARGET, edition: 4, by: UserId(5) };
    assert_eq!(loud.effects[0], Effect::Change(change));
    assert!(matches!(edition(&loud), EditionView::Replaced { edition: 5, takers: 3, .. }));
    let kind = JobKind::AnnounceEdition { material: TARGET, edition: 5, by: UserId(5) };
    assert!(matches!(&loud.effects[2], Effect::Enqueue(job) if job.kind == kind));

    let quiet = ReplaceAct::Confirm { seen: 4, quiet: true };
    let quiet = press(&dialog(Some(CANDIDATE)), quiet, facts());
    assert!(replaces(&quiet) && !announces(&quiet));
    let nobody = Standing { takers: 0, ..facts().standing.unwrap() };
    let nobody = confirm(ReplaceFacts { standing: Some(nobody), ..facts() });
    assert!(replaces(&nobody) && !announces(&nobody));
}

#[test]
fn a_kept_edition_comes_back_without_a_dialog() {
    let kept = material(CANDIDATE, MaterialState::Archived, "old");
    let facts = ReplaceFacts { candidate: Some(kept), earlier: None, ..facts() };
    let act = ReplaceAct::Confirm { seen: 4, quiet: false };
    let decision = press(&Dialog::Idle, act, facts);
    assert!(replaces(&decision));
    assert_eq!(decision.dialog, None);
}

#[test]
fn whoever_is_second_sees_what_is_there_now() {
    let now = Standing { edition: 5, ..facts().standing.unwrap() };
    let decision = confirm(ReplaceFacts { standing: Some(now), ..facts() });
    assert!(!replaces(&decision));
    assert!(discarded(&decision).is_empty());
    let [View::Notice(Notice::Replace(ReplaceNotice::Overtaken { .. })), View::Edition(again)] =
        views(&decision)[..]
    else {
        panic!("told, and asked again: {decision:?}");
    };
    assert!(matches!(&**again, EditionView::Comparison(files) if files.seen == 5));
}

#[test]
fn what_cannot_replace_is_thrown_away_and_said() {
    let double = |id| Some(material(id, MaterialState::Published, "new"));
    let refused = Material {
        processing: Processing::Rejected(Rejection::Broken),
        ..material(CANDIDATE, MaterialState::Open, "new")
    };
    let gone = material(TARGET, MaterialState::Archived, "old");
    let gone = Standing { target: gone, edition: 4, takers: 0 };
    let title = "Grammar".to_owned();
    let other = MaterialId(1);
    for (facts, notice) in [
        (
            ReplaceFacts { double: double(TARGET), ..facts() },
            Notice::Replace(ReplaceNotice::SameFile { title: title.clone() }),
        ),
        (
            ReplaceFacts { double: double(other), ..facts() },
            Notice::Duplicate { material: other, title },
        ),
        (ReplaceFacts { candidate: Some(refused), ..facts() }, Notice::Refused(Rejection::Broken)),
        (ReplaceFacts { standing: Some(gone), ..facts() }, Notice::MaterialGone),
    ] {
        let decision = confirm(facts);
        assert!(!replaces(&decision) && !announces(&decision));
        assert_eq!(views(&decision), [&View::Notice(notice)]);
        assert_eq!(discarded(&decision), [CANDIDATE]);
    }
}

#[test]
fn a_file_that_was_thrown_away_replaces_nothing() {
    let thrown = material(CANDIDATE, MaterialState::Discarded, "new");
    let decision = confirm(ReplaceFacts { candidate: Some(thrown), ..facts() });
    assert_eq!(views(&decision), [&View::Notice(Notice::Replace(ReplaceNotice::Over))]);
    assert_eq!((replaces(&decision), discarded(&decision)), (false, vec![]));
}

#[test]
fn cancelling_throws_the_file_away_and_nothing_else() {
    let decision = press(&dialog(Some(CANDIDATE)), ReplaceAct::Cancel, facts());
    assert_eq!(decision.dialog, Some(Dialog::Idle));
    assert_eq!(discarded(&decision), [CANDIDATE]);
    let by_word = ReplaceFacts { candidate: None, ..facts() };
    let decision = settle(&dialog(Some(CANDIDATE)), Wish::Cancel, by_word);
    assert_eq!(
        (decision.dialog.clone(), discarded(&decision)),
        (Some(Dialog::Idle), vec![CANDIDATE])
    );
    assert_eq!(views(&decision), [&View::Notice(Notice::Replace(ReplaceNotice::Cancelled))]);
}
