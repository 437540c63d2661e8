//! What buttons carry, and what is never obeyed.

use chrono::{DateTime, Duration};
use proptest::prelude::*;

use super::*;
use crate::domain::audit::AuditSubject;
use crate::domain::desk::{EditAct, SectionAct};
use crate::domain::digest::WEEKDAYS;
use crate::domain::inspection::Kind;
use crate::domain::material::Length;
use crate::domain::shelf::{List, Spot};
use crate::domain::statistics::Span;

const HOLDER: Holder = Holder { chat: ChatId(-1_001_234_567_890), user: UserId(5_000_000_001) };

fn signer() -> Signer {
    Signer::new([7; 32], 42, 90)
}

fn now() -> Timestamp {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn actions() -> Vec<Action> {
    let big = i64::MAX >> 2;
    let filters = Filters {
        level: Some(Level::C2),
        kind: Some(Kind::Document),
        language: Some(StudyLanguage::Other),
        category: Some(CategoryId(big)),
        length: Some(Length::Long),
    };
    let upload = |act| Action::Upload { material: MaterialId(big), act };
    let mut all = vec![
        Action::Menu,
        Action::AskQuery,
        // The list counts the changes of a library: a thousand a day for longer than there are buttons.
        Action::Search { query: QueryId(big), filters, page: 999, list: 1 << 34 },
        Action::Search { query: QueryId(0), filters: Filters::default(), page: 0, list: 0 },
        Action::Browse { category: None },
        Action::Browse { category: Some(CategoryId(big)) },
        Action::Deliver { material: MaterialId(big) },
        Action::Look { material: MaterialId(big) },
        Action::Settings,
        Action::Help,
        Action::Uploads,
        Action::Withdraw { material: MaterialId(big) },
        upload(UploadAct::TakeTitle),
        upload(UploadAct::TakeFoundTitle),
        upload(UploadAct::OpenCategory(None)),
        upload(UploadAct::OpenCategory(Some(CategoryId(big)))),
        upload(UploadAct::TakeCategory(CategoryId(big))),
        upload(UploadAct::TakeLevel(None)),
        upload(UploadAct::SkipTags),
        upload(UploadAct::Publish),
        upload(UploadAct::SaveDraft),
        upload(UploadAct::Discard),
        upload(UploadAct::Resume),
    ];
    let bulk = |act| Action::Bulk { batch: BatchId(big), act };
    let file = MaterialId(big);
    all.extend([
        bulk(BulkAct::Page(u32::MAX)),
        bulk(BulkAct::OpenCategory(None)),
        bulk(BulkAct::OpenCategory(Some(CategoryId(big)))),
        bulk(BulkAct::TakeCategory(CategoryId(big))),
        bulk(BulkAct::AskLevel),
        bulk(BulkAct::TakeLevel(None)),
        bulk(BulkAct::AskLanguage),
        bulk(BulkAct::AskRename),
        bulk(BulkAct::Rename(file)),
        bulk(BulkAct::AskRemove),
        bulk(BulkAct::Remove(file)),
        bulk(BulkAct::Publish),
        bulk(BulkAct::SaveDrafts),
        bulk(BulkAct::AskCancel),
        bulk(BulkAct::Cancel),
        bulk(BulkAct::Resume),
        Action::Draft { material: file },
    ]);
    all.extend(Level::ALL.map(|level| bulk(BulkAct::TakeLevel(Some(level)))));
    all.extend(StudyLanguage::ALL.map(|language| bulk(BulkAct::TakeLanguage(language))));
    all.extend(replacements());
    all.extend(sections_and_digest());
    all.extend(desk());
    all.extend(Facet::ALL.map(|facet| Action::Facet { query: QueryId(big), filters, facet }));
    all.extend(Lang::ALL.map(Action::SetLang));
    all.extend(Level::ALL.map(|level| upload(UploadAct::TakeLevel(Some(level)))));
    all.extend(StudyLanguage::ALL.map(|language| upload(UploadAct::TakeLanguage(language))));
    all.extend(Field::ALL.map(|field| upload(UploadAct::Change(field))));
    all
}

fn replacements() -> impl Iterator<Item = Action> {
    let confirm = |quiet| ReplaceAct::Confirm { seen: u32::MAX, quiet };
    let acts = [ReplaceAct::Begin, ReplaceAct::Cancel, confirm(false), confirm(true)];
    acts.into_iter().map(|act| Action::Replace { material: MaterialId(i64::MAX >> 2), act })
}

/// One of each sort whose bytes are written elsewhere, and tested there in full.
fn of_other_files() -> Vec<Action> {
    let broadcast = BroadcastId(i64::MAX >> 2);
    let list = ShelfAct::Show { list: List::Favourites, spot: Spot::First };
    vec![
        Action::Shelf(list),
        Action::Shelf(ShelfAct::Favour { material: MaterialId(7), on: true }),
        Action::Statistics(StatsAct::Show(Span::Week)),
        Action::Alerts(AlertAct::Show),
        Action::Request(RequestAct::Own { before: None }),
        Action::Privacy(PrivacyAct::AskErase),
        Action::Compose { broadcast, act: ComposeAct::Next },
        Action::Control { broadcast, act: ControlAct::Pause },
        Action::Broadcasts { before: Some(broadcast) },
        Action::EndSeries(SeriesId(5)),
    ]
}

fn sections_and_digest() -> Vec<Action> {
    let mut all = Vec::new();
    for follow in [false, true] {
        all.push(Action::Follow { category: CategoryId(i64::MAX >> 2), follow });
        all.push(Action::Digest(DigestAct::Turn(follow)));
    }
    all.extend(WEEKDAYS.map(|day| Action::Digest(DigestAct::TakeDay(day))));
    all.push(Action::Digest(DigestAct::Show));
    all.push(Action::Digest(DigestAct::TakeHour(22)));
    all
}

fn desk() -> Vec<Action> {
    let big = i64::MAX >> 2;
    let (node, material) = (CategoryId(big), MaterialId(big));
    let edit = |act| Action::Desk(DeskAct::Edit { material, seen: u32::MAX, act });
    let section = |act| Action::Desk(DeskAct::Section { section: Some(node), act });
    let mut all = vec![
        edit(EditAct::Show),
        edit(EditAct::Open),
        edit(EditAct::Answer(UploadAct::OpenCategory(Some(node)))),
        edit(EditAct::Answer(UploadAct::TakeCategory(node))),
        edit(EditAct::Archive),
        edit(EditAct::Restore),
        edit(EditAct::Undo),
        section(SectionAct::Show),
        section(SectionAct::AskNew),
        section(SectionAct::AskName),
        section(SectionAct::AskMerge(node)),
        section(SectionAct::Merge(node)),
        section(SectionAct::AskDelete),
        section(SectionAct::Delete),
        Action::Desk(DeskAct::Section { section: None, act: SectionAct::Show }),
        Action::Desk(DeskAct::Archived { before: None }),
        Action::Desk(DeskAct::Archived { before: Some(material) }),
        Action::Desk(DeskAct::Audit { subject: None, before: None }),
    ];
    for to in [None, Some(node)] {
        let acts = [SectionAct::PickMove(to), SectionAct::Move(to), SectionAct::PickMerge(to)];
        all.extend(acts.map(section));
    }
    all.extend(Field::ALL.map(|field| edit(EditAct::Ask(field))));
    all.extend(
        AuditSubject::ALL.map(|subject| {
            Action::Desk(DeskAct::Audit { subject: Some(subject), before: Some(big) })
        }),
    );
    all
}

#[test]
fn every_action_survives_the_round_trip_within_64_bytes() {
    for action in actions().into_iter().chain(of_other_files()) {
        let data = signer().sign(action, HOLDER, now());
        assert!(data.len() <= CALLBACK_DATA_MAX, "{action:?}: {} bytes", data.len());
        assert_eq!(signer().verify(&data, HOLDER, now()), Ok(action));
    }
}

#[test]
fn another_person_chat_bot_or_key_is_refused() {
    let data = signer().sign(Action::Menu, HOLDER, now());
    let foreign_user = Holder { user: UserId(1), ..HOLDER };
    let foreign_chat = Holder { chat: ChatId(1), ..HOLDER };
    assert_eq!(signer().verify(&data, foreign_user, now()), Err(Refusal::NotYours));
    assert_eq!(signer().verify(&data, foreign_chat, now()), Err(Refusal::NotYours));
    for other in [Signer::new([8; 32], 42, 90), Signer::new([7; 32], 43, 90)] {
        assert_eq!(other.verify(&data, HOLDER, now()), Err(Refusal::NotYours));
    }
}

#[test]
fn works_for_ninety_days_and_not_for_a_hundred() {
    let data = signer().sign(Action::Help, HOLDER, now());
    let later = |days| now() + Duration::days(days);
    assert_eq!(signer().verify(&data, HOLDER, later(89)), Ok(Action::Help));
    assert_eq!(signer().verify(&data, HOLDER, later(100)), Err(Refusal::OutOfDate));
}

#[test]
fn the_longest_button_is_as_long_as_telegram_takes_and_is_read() {
    let filters = Filters { category: Some(CategoryId(i64::MAX >> 2)), ..Filters::default() };
    let query = QueryId(i64::MAX >> 2);
    let longest = Action::Search { query, filters, page: u32::MAX, list: 1 << 34 };
    let data = signer().sign(longest, HOLDER, now());
    assert_eq!(data.len(), CALLBACK_DATA_MAX);
    assert_eq!(signer().verify(&data, HOLDER, now()), Ok(longest));
}

#[test]
fn the_last_hour_counts_and_the_one_after_it_does_not() {
    let data = signer().sign(Action::Help, HOLDER, now());
    let later = |hours| signer().verify(&data, HOLDER, now() + Duration::hours(hours));
    assert_eq!(later(90 * 24), Ok(Action::Help));
    assert_eq!(later(90 * 24 + 1), Err(Refusal::OutOfDate));
}

#[test]
fn bytes_behind_an_action_and_odd_ones_in_it_are_out_of_date() {
    let made = |body: &[u8]| {
        let mut bytes = body.to_vec();
        bytes.extend_from_slice(&u32::MAX.to_le_bytes());
        bytes.extend_from_slice(&signer().mac(&bytes, HOLDER));
        signer().verify(&BASE64URL_NOPAD.encode(&bytes), HOLDER, now())
    };
    assert_eq!(made(&[VERSION, 0]), Ok(Action::Menu));
    for odd in
        [&[VERSION, 0, 0][..], &[VERSION], &[], &[VERSION + 1, 0], &[VERSION, 250], &[VERSION, 7]]
    {
        assert_eq!(made(odd), Err(Refusal::OutOfDate), "{odd:?}");
    }
    // A number of more than 63 bits, and one that is not closed.
    assert_eq!(made(&[&[VERSION, 7][..], &[0xff; 9], &[1]].concat()), Err(Refusal::OutOfDate));
    assert_eq!(made(&[VERSION, 7, 0x80]), Err(Refusal::OutOfDate));
    assert_eq!(made(&[VERSION, 7, 0x85, 0x01]), Ok(Action::Deliver { material: MaterialId(133) }));
}

#[test]
fn a_facet_is_cleared_and_the_others_stay() {
    let all = Filters {
        level: Some(Level::A1),
        kind: Some(Kind::Book),
        language: Some(StudyLanguage::En),
        category: Some(CategoryId(1)),
        length: Some(Length::Short),
    };
    assert_eq!(Facet::Level.cleared(all), Filters { level: None, ..all });
    assert_eq!(Facet::Kind.cleared(all), Filters { kind: None, ..all });
    assert_eq!(Facet::Language.cleared(all), Filters { language: None, ..all });
    assert_eq!(Facet::Category.cleared(all), Filters { category: None, ..all });
    assert_eq!(Facet::Length.cleared(all), Filters { length: None, ..all });
}

#[test]
fn the_key_is_not_shown() {
    assert_eq!(format!("{:?}", signer()), "Signer { bot_id: 42, .. }");
}

proptest! {
    #[test]
    fn random_data_is_never_accepted(data in "\\PC{0,80}") {
        prop_assert_eq!(signer().verify(&data, HOLDER, now()), Err(Refusal::NotYours));
    }

    #[test]
    fn a_changed_byte_is_never_accepted(pick in any::<prop::sample::Index>(), flip in 1_u8..) {
        let data = signer().sign(Action::Deliver { material: MaterialId(99) }, HOLDER, now());
        let mut bytes = BASE64URL_NOPAD.decode(data.as_bytes()).unwrap();
        let at = pick.index(bytes.len());
        bytes[at] ^= flip;
        let forged = BASE64URL_NOPAD.encode(&bytes);
        prop_assert_eq!(signer().verify(&forged, HOLDER, now()), Err(Refusal::NotYours));
    }
}
