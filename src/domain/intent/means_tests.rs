//! What each sort of event means, in each dialog, to each role: found by changing the code in one place at
//! a time and asking whether a test notices (`tests/mutants.sh`).

use super::*;
use crate::domain::desk::{Desk, DeskAct, DeskNotice};
use crate::domain::event::FileClass;
use crate::domain::ids::{ChatId, MessageId, OutboxId, RequestId};
use crate::domain::material::Description;
use crate::domain::session::{Bulk, Compose, Replace, Upload};
use crate::domain::shelf::preference::Ask;
use crate::domain::shelf::{Breakage, List, PreferAct, Reason, ShelfNotice, Spot};

pub(super) const PRIVATE: i64 = 5;
const GROUP: i64 = -5;

fn of(chat: i64, kind: EventKind) -> Event {
    Event { chat: ChatId(chat), thread: None, from: None, kind }
}

pub(super) fn hearing(role: Role, dialog: &Dialog) -> Hearing<'_> {
    Hearing { role, dialog, bot_username: "prime_bot", ban: None }
}

pub(super) fn means(role: Role, dialog: &Dialog, chat: i64, kind: EventKind) -> Wish {
    plan(hearing(role, dialog), &of(chat, kind), None).wish
}

/// A button in a private chat, pressed by whom it was made for.
pub(super) fn pressed(hearing: Hearing<'_>, action: Action) -> Wish {
    super::press::heard(hearing, true, action)
}

pub(super) fn says(text: &str, indirect: Option<Indirect>) -> EventKind {
    EventKind::Text { message: MessageId(1), text: text.to_owned(), entities: Vec::new(), indirect }
}

/// A command in a private chat, with nothing open.
pub(super) fn told(role: Role, text: &str) -> Wish {
    means(role, &Dialog::Idle, PRIVATE, says(text, None))
}

fn press(message: Option<MessageId>) -> EventKind {
    EventKind::Press { query_id: "1".to_owned(), message, data: "x".to_owned() }
}

fn file() -> FileRef {
    FileRef {
        file_id: "F".to_owned(),
        unique_id: "U".to_owned(),
        class: FileClass::Document,
        name: None,
        mime: None,
        size: None,
        duration_s: None,
        title: None,
        performer: None,
    }
}

fn upload(step: Step) -> Dialog {
    let (material, description) = (MaterialId(7), Description::default());
    Dialog::Upload(Upload { material, step, reviewed: false, description, queue: Vec::new() })
}

fn bulk(step: BulkStep) -> Dialog {
    Dialog::Bulk(Bulk {
        batch: BatchId(9),
        card: OutboxId(1),
        files: 2,
        beyond: 0,
        page: 0,
        step,
        description: Description::default(),
    })
}

const NODE: Option<CategoryId> = Some(CategoryId(3));

#[test]
fn a_press_is_answered_where_its_message_is() {
    let idle = Dialog::Idle;
    let place = |kind| plan(hearing(Role::Learner, &idle), &of(PRIVATE, kind), None).place;
    assert_eq!(place(press(Some(MessageId(4)))), Place::Edit(MessageId(4)));
    assert_eq!(place(press(None)), Place::New);
    assert_eq!(place(says("x", None)), Place::New);
}

#[test]
fn a_press_counts_only_when_it_is_verified() {
    let idle = Dialog::Idle;
    let wish =
        |chat, answer| plan(hearing(Role::Owner, &idle), &of(chat, press(None)), answer).wish;
    assert_eq!(wish(PRIVATE, Some(Ok(Action::Help))), Wish::Help);
    assert_eq!(wish(GROUP, Some(Ok(Action::Help))), Wish::Help);
    for refusal in [Refusal::NotYours, Refusal::OutOfDate] {
        assert_eq!(wish(PRIVATE, Some(Err(refusal))), Wish::Menu { stale: true });
        assert_eq!(wish(GROUP, Some(Err(refusal))), Wish::Nothing, "a menu would be noise for all");
    }
    assert_eq!(wish(PRIVATE, None), Wish::Nothing);
}

#[test]
fn what_concerns_one_person_counts_in_their_own_chat_only() {
    let idle = Dialog::Idle;
    let membership = |reachable| EventKind::Membership { reachable };
    let other = || EventKind::OtherMessage { message: MessageId(1), can_be_copied: true };
    let sends = |media_group: Option<&str>| EventKind::File {
        message: MessageId(1),
        file: file(),
        caption: Some("c".to_owned()),
        entities: Vec::new(),
        media_group: media_group.map(str::to_owned),
    };
    let learner = |chat, kind| means(Role::Learner, &idle, chat, kind);
    assert_eq!(learner(PRIVATE, membership(false)), Wish::Reachable(false));
    assert_eq!(learner(PRIVATE, membership(true)), Wish::Reachable(true));
    assert_eq!(learner(GROUP, membership(false)), Wish::Nothing);
    assert_eq!(learner(PRIVATE, other()), Wish::Say(Notice::CannotRead));
    assert_eq!(learner(GROUP, other()), Wish::Nothing);
    assert_eq!(learner(PRIVATE, sends(None)), Wish::Say(Notice::EditorsOnly));
    for role in [Role::Editor, Role::Admin, Role::Owner] {
        for (group, is_album) in [(None, false), (Some("a"), true)] {
            let taken = Wish::TakeFile { file: file(), caption: Some("c".to_owned()), is_album };
            assert_eq!(means(role, &idle, PRIVATE, sends(group)), taken);
        }
        assert_eq!(means(role, &idle, GROUP, sends(None)), Wish::Nothing);
    }
    let ignored = EventKind::Ignored { what: "poll".to_owned() };
    assert_eq!(learner(PRIVATE, ignored), Wish::Nothing);
}

#[test]
fn an_inline_query_goes_on_where_it_says() {
    let asks = |offset: &str| {
        let (query_id, query) = ("q".to_owned(), "verbs".to_owned());
        let kind = EventKind::Inline { query_id, query, offset: offset.to_owned() };
        means(Role::Learner, &Dialog::Idle, PRIVATE, kind)
    };
    let from = |offset| Wish::Inline { query_id: "q".to_owned(), text: "verbs".to_owned(), offset };
    assert_eq!(asks("40"), from(40));
    assert_eq!(asks("10000"), from(10_000));
    for odd in ["", "-1", "x", "10001", "18446744073709551615", "99999999999999999999"] {
        assert_eq!(asks(odd), from(0));
    }
}

#[test]
fn words_in_a_dialog_are_an_answer_of_its_editor_alone() {
    let words =
        |role, dialog: &Dialog, indirect| means(role, dialog, PRIVATE, says(" a b ", indirect));
    let answer = |inside| Wish::Upload {
        material: MaterialId(7),
        input: UploadInput::Text("a b".to_owned()),
        inside,
    };
    let (title, category) = (upload(Step::Title), upload(Step::Category { inside: NODE }));
    assert_eq!(words(Role::Editor, &title, None), answer(None));
    assert_eq!(words(Role::Editor, &category, None), answer(NODE));
    assert_eq!(words(Role::Learner, &title, None), Wish::Say(Notice::EditorsOnly));
    let forwarded = Some(Indirect::Forwarded);
    assert_eq!(words(Role::Editor, &title, forwarded), Wish::Say(Notice::NotByOwnHand));
    let answer =
        |inside| Wish::Bulk { batch: BatchId(9), input: BulkInput::Text("a b".to_owned()), inside };
    assert_eq!(words(Role::Editor, &bulk(BulkStep::List), None), answer(None));
    let category = bulk(BulkStep::Category { inside: NODE });
    assert_eq!(words(Role::Editor, &category, None), answer(NODE));
    assert_eq!(words(Role::Learner, &category, None), Wish::Say(Notice::EditorsOnly));
    // Whoever is to send a file may look something up meanwhile.
    let replace = Dialog::Replace(Replace { target: MaterialId(7), candidate: None });
    assert_eq!(words(Role::Learner, &replace, forwarded), search_for("a b"));
}

#[test]
fn words_at_the_desk_are_for_its_editor_and_end_it_for_others() {
    let desk = Dialog::Desk(Desk::Title { material: MaterialId(7), seen: 1 });
    let words = |role, indirect| means(role, &desk, PRIVATE, says("new", indirect));
    assert_eq!(words(Role::Editor, None), Wish::Desk(DeskWish::Said("new".to_owned())));
    let forwarded = Some(Indirect::Forwarded);
    assert_eq!(words(Role::Editor, forwarded), Wish::Say(Notice::NotByOwnHand));
    assert_eq!(words(Role::Learner, None), Wish::Desk(DeskWish::Leave { refused: true }));
    let act = DeskAct::Archived { before: None };
    let pressed = |role, dialog: &Dialog| pressed(hearing(role, dialog), Action::Desk(act));
    assert_eq!(pressed(Role::Learner, &desk), Wish::Desk(DeskWish::Leave { refused: true }));
    let refused = Wish::Say(Notice::Desk(DeskNotice::EditorsOnly));
    assert_eq!(pressed(Role::Learner, &Dialog::Idle), refused);
    assert_eq!(pressed(Role::Editor, &Dialog::Idle), Wish::Desk(DeskWish::Act(act)));
}

#[test]
fn plain_commands() {
    assert_eq!(told(Role::Learner, "/search"), Wish::AskQuery);
    assert_eq!(told(Role::Learner, "/search b1"), search_for("b1"));
    assert_eq!(told(Role::Learner, "/menu"), Wish::Menu { stale: false });
    assert_eq!(told(Role::Learner, "/cancel"), Wish::Cancel);
    assert_eq!(told(Role::Learner, "/browse"), Wish::Browse(None));
    assert_eq!(told(Role::Learner, "/start x_5"), Wish::Start);
    let list = |list| Wish::Shelf(ShelfAct::Show { list, spot: Spot::First });
    assert_eq!(told(Role::Learner, "/new"), list(List::New));
    assert_eq!(told(Role::Learner, "/history"), list(List::History));
    assert_eq!(told(Role::Learner, "/favorites"), list(List::Favourites));
    let prefer = |act| Wish::Shelf(ShelfAct::Prefer(act));
    assert_eq!(told(Role::Learner, "/settings"), prefer(PreferAct::Show));
    assert_eq!(told(Role::Learner, "/settings Nowhere/X"), prefer(PreferAct::NoSuchZone));
    let zone = told(Role::Learner, "/settings Europe/Paris");
    assert!(matches!(zone, Wish::Shelf(ShelfAct::Prefer(PreferAct::Take(_)))), "{zone:?}");
    let in_group = |text: &str| means(Role::Owner, &Dialog::Idle, GROUP, says(text, None));
    let own = Wish::Say(Notice::Shelf(ShelfNotice::PrivateOnly));
    for text in [
        "/favorites@prime_bot",
        "/favourites@prime_bot",
        "/history@prime_bot",
        "/settings@prime_bot",
    ] {
        assert_eq!(in_group(text), own, "{text}");
    }
    for name in [
        "reports",
        "requests",
        "privacy",
        "mydata",
        "deletemydata",
        "stats",
        "alerts",
        "dashboard",
        "edit",
        "audit",
    ] {
        assert_eq!(in_group(&format!("/{name}@prime_bot")), Wish::Nothing, "{name}");
    }
    assert_eq!(in_group("/start@prime_bot e_5"), Wish::Nothing);
}

#[test]
fn ones_own_data_is_asked_for_by_ones_own_hand() {
    let own = [
        ("/privacy", Wish::Privacy(PrivacyAct::Show)),
        ("/mydata", Wish::Privacy(PrivacyAct::Export)),
        ("/deletemydata", Wish::Privacy(PrivacyAct::AskErase)),
        ("/requests", Wish::Request(RequestAct::Own { before: None })),
    ];
    for (text, wish) in own {
        assert_eq!(told(Role::Learner, text), wish);
        for indirect in [Indirect::Forwarded, Indirect::ViaBot, Indirect::OnBehalfOfChat] {
            let kind = says(text, Some(indirect));
            let wish = means(Role::Learner, &Dialog::Idle, PRIVATE, kind);
            assert_eq!(wish, Wish::Say(Notice::NotByOwnHand), "{text}");
        }
    }
    assert_eq!(told(Role::Editor, "/requests"), Wish::Request(RequestAct::Wanted { after: None }));
}

#[test]
fn an_upload_is_gone_on_with_where_it_stands() {
    let upload_in = |dialog: &Dialog| means(Role::Editor, dialog, PRIVATE, says("/upload", None));
    let resumed = Wish::Upload {
        material: MaterialId(7),
        input: UploadInput::Act(UploadAct::Resume),
        inside: None,
    };
    assert_eq!(upload_in(&upload(Step::Tags)), resumed);
    let resumed =
        |inside| Wish::Bulk { batch: BatchId(9), input: BulkInput::Act(BulkAct::Resume), inside };
    assert_eq!(upload_in(&bulk(BulkStep::List)), resumed(None));
    assert_eq!(upload_in(&bulk(BulkStep::Category { inside: NODE })), resumed(NODE));
    let replace = Dialog::Replace(Replace { target: MaterialId(7), candidate: None });
    assert_eq!(upload_in(&replace), Wish::Say(Notice::Replace(ReplaceNotice::ReplaceFirst)));
    let broadcast = |dialog: &Dialog| means(Role::Admin, dialog, PRIVATE, says("/broadcast", None));
    let compose = Dialog::Broadcast(Box::new(Compose::new(BroadcastId(5), OutboxId(6))));
    assert_eq!(upload_in(&compose), Wish::Say(Notice::FinishFirst));
    for dialog in [upload(Step::Tags), bulk(BulkStep::List), replace] {
        assert_eq!(broadcast(&dialog), Wish::Say(Notice::FinishFirst));
    }
    assert_eq!(broadcast(&compose), Wish::Compose(ComposeInput::Begin));
}

#[test]
fn what_buttons_mean_to_everybody() {
    let idle = Dialog::Idle;
    let press = |action| pressed(hearing(Role::Learner, &idle), action);
    let filters = Filters::default();
    let query = QueryId(4);
    let search = Action::Search { query, filters, page: 3, list: 8 };
    let words = Words::Remembered(query);
    assert_eq!(press(search), Wish::Search { words, filters, page: 3, list: 8 });
    let facet = Facet::Level;
    assert_eq!(
        press(Action::Facet { query, filters, facet }),
        Wish::Facet { query, filters, facet }
    );
    assert_eq!(press(Action::Menu), Wish::Menu { stale: false });
    assert_eq!(press(Action::AskQuery), Wish::AskQuery);
    assert_eq!(press(Action::Help), Wish::Help);
    assert_eq!(press(Action::Browse { category: NODE }), Wish::Browse(NODE));
    let material = MaterialId(7);
    assert_eq!(press(Action::Deliver { material }), Wish::Deliver(material));
    assert_eq!(press(Action::Look { material }), Wish::Look(material));
    assert_eq!(press(Action::Settings), Wish::Shelf(ShelfAct::Prefer(PreferAct::Show)));
    assert_eq!(press(Action::SetLang(Lang::Uz)), Wish::SetLang(Lang::Uz));
    assert_eq!(press(Action::Uploads), Wish::Uploads);
    let (category, follow) = (CategoryId(3), true);
    assert_eq!(press(Action::Follow { category, follow }), Wish::Follow { category, follow });
    assert_eq!(press(Action::Privacy(PrivacyAct::Keep)), Wish::Privacy(PrivacyAct::Keep));
    for act in [
        ShelfAct::Favour { material, on: true },
        ShelfAct::Alike { material, page: None },
        ShelfAct::Prefer(PreferAct::Ask(Ask::Level)),
        ShelfAct::Show { list: List::New, spot: Spot::First },
        ShelfAct::Break { material, act: Breakage::Report(Reason::Other) },
    ] {
        assert_eq!(press(Action::Shelf(act)), Wish::Shelf(act));
    }
    for act in [
        RequestAct::Ask(query),
        RequestAct::Own { before: None },
        RequestAct::Withdraw(RequestId(1)),
    ] {
        assert_eq!(press(Action::Request(act)), Wish::Request(act));
    }
}

#[test]
fn a_button_of_an_upload_brings_the_section_it_looks_into() {
    let act = |act| {
        pressed(
            hearing(Role::Editor, &Dialog::Idle),
            Action::Upload { material: MaterialId(7), act },
        )
    };
    let wish = |act, inside| Wish::Upload {
        material: MaterialId(7),
        input: UploadInput::Act(act),
        inside,
    };
    let look = UploadAct::OpenCategory(NODE);
    assert_eq!(act(look), wish(look, NODE));
    assert_eq!(act(UploadAct::Publish), wish(UploadAct::Publish, None));
    let bulk_act = |dialog: &Dialog, batch, act| {
        pressed(hearing(Role::Editor, dialog), Action::Bulk { batch, act })
    };
    let wish = |batch, act, inside| Wish::Bulk { batch, input: BulkInput::Act(act), inside };
    let dialog = bulk(BulkStep::Category { inside: NODE });
    let look = BulkAct::OpenCategory(Some(CategoryId(8)));
    assert_eq!(bulk_act(&dialog, BatchId(9), look), wish(BatchId(9), look, Some(CategoryId(8))));
    assert_eq!(
        bulk_act(&dialog, BatchId(9), BulkAct::AskLevel),
        wish(BatchId(9), BulkAct::AskLevel, NODE)
    );
    // A card of an earlier batch says nothing of what is open now.
    assert_eq!(
        bulk_act(&dialog, BatchId(1), BulkAct::AskLevel),
        wish(BatchId(1), BulkAct::AskLevel, None)
    );
}

#[test]
fn throwing_away_what_is_being_described_ends_its_dialog() {
    let dialog = upload(Step::Title);
    let withdraw = |dialog: &Dialog, id| {
        pressed(hearing(Role::Learner, dialog), Action::Withdraw { material: MaterialId(id) })
    };
    let discard = UploadInput::Act(UploadAct::Discard);
    assert_eq!(
        withdraw(&dialog, 7),
        Wish::Upload { material: MaterialId(7), input: discard, inside: None }
    );
    assert_eq!(withdraw(&dialog, 8), Wish::Withdraw(MaterialId(8)));
    assert_eq!(withdraw(&Dialog::Idle, 7), Wish::Withdraw(MaterialId(7)));
}

#[test]
fn a_code_makes_an_owner_in_their_own_chat_by_their_own_hand() {
    let link = format!("/start own_{}", "0a".repeat(16));
    let hash = crate::domain::ownership::claimed(&link["/start ".len()..]).unwrap();
    for role in [Role::Learner, Role::Editor, Role::Admin] {
        assert_eq!(told(role, &link), Wish::Claim { hash: hash.clone() });
    }
    assert_eq!(told(Role::Owner, &link), Wish::Say(Notice::OwnerAlready));
    let forwarded = says(&link, Some(Indirect::Forwarded));
    let wish = means(Role::Learner, &Dialog::Idle, PRIVATE, forwarded);
    assert_eq!(wish, Wish::Say(Notice::NotByOwnHand));
    let addressed = link.replace("/start", "/start@prime_bot");
    assert_eq!(means(Role::Learner, &Dialog::Idle, GROUP, says(&addressed, None)), Wish::Nothing);
}
