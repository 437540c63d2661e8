//! What words and buttons mean, to whom.

use super::press::pressed;
use super::*;
use crate::domain::broadcast::BroadcastNotice;
use crate::domain::button::ComposeAct;
use crate::domain::ids::{ChatId, MessageId, OutboxId};
use crate::domain::session::{Compose, ComposeStep};

fn hear(role: Role, chat: i64, text: &str) -> Wish {
    let event = Event {
        chat: ChatId(chat),
        thread: None,
        from: None,
        kind: EventKind::Text {
            message: MessageId(1),
            text: text.to_owned(),
            entities: Vec::new(),
            indirect: None,
        },
    };
    let hearing = Hearing { role, dialog: &Dialog::Idle, bot_username: "prime_bot", ban: None };
    plan(hearing, &event, None).wish
}

#[test]
fn plain_text_is_a_query_and_commands_are_commands() {
    assert_eq!(hear(Role::Learner, 5, " unit 12 "), search_for("unit 12"));
    assert_eq!(hear(Role::Learner, 5, "/search@Prime_Bot b1"), search_for("b1"));
    assert_eq!(hear(Role::Learner, 5, "/start f_99"), Wish::Deliver(MaterialId(99)));
    assert_eq!(hear(Role::Learner, 5, "/start c_7"), Wish::Browse(Some(CategoryId(7))));
    for unreadable in ["/start", "/start f_-1", "/start f_0", "/start f_x", "/start \u{202e}"] {
        assert_eq!(hear(Role::Learner, 5, unreadable), Wish::Start, "{unreadable}");
    }
    assert_eq!(hear(Role::Learner, 5, "/nonsense"), Wish::Say(Notice::UnknownCommand));
    assert_eq!(hear(Role::Learner, 5, "/ 5"), search_for("/ 5"));
}

#[test]
fn a_group_is_answered_only_when_it_addresses_the_bot() {
    assert_eq!(hear(Role::Learner, -5, "hello"), Wish::Nothing);
    assert_eq!(hear(Role::Learner, -5, "/help"), Wish::Nothing);
    assert_eq!(hear(Role::Learner, -5, "/help@other_bot"), Wish::Nothing);
    assert_eq!(hear(Role::Learner, -5, "/help@prime_bot"), Wish::Help);
}

#[test]
fn uploading_is_for_editors() {
    assert_eq!(hear(Role::Learner, 5, "/upload"), Wish::Say(Notice::EditorsOnly));
    assert_eq!(hear(Role::Editor, 5, "/upload"), Wish::Say(Notice::HowToUpload));
}

#[test]
fn replacing_is_for_editors_and_giving_up_for_everybody() {
    let press = |role, act| {
        let hearing = Hearing { role, dialog: &Dialog::Idle, bot_username: "prime_bot", ban: None };
        pressed(hearing, Action::Replace { material: MaterialId(7), act })
    };
    let confirm = ReplaceAct::Confirm { seen: 1, quiet: true };
    for act in [ReplaceAct::Begin, confirm] {
        assert_eq!(press(Role::Learner, act), Wish::Say(Notice::EditorsOnly));
        assert_eq!(press(Role::Editor, act), Wish::Replace { material: MaterialId(7), act });
    }
    let cancel = Wish::Replace { material: MaterialId(7), act: ReplaceAct::Cancel };
    assert_eq!(press(Role::Learner, ReplaceAct::Cancel), cancel);
}

fn in_dialog(role: Role, step: ComposeStep, kind: EventKind) -> Wish {
    let compose = Compose { step, ..Compose::new(BroadcastId(5), OutboxId(6)) };
    let dialog = Dialog::Broadcast(Box::new(compose));
    let event = Event { chat: ChatId(5), thread: None, from: None, kind };
    plan(Hearing { role, dialog: &dialog, bot_username: "prime_bot", ban: None }, &event, None).wish
}

fn text(text: &str, indirect: Option<Indirect>) -> EventKind {
    let (message, text) = (MessageId(1), text.to_owned());
    EventKind::Text { message, text, entities: Vec::new(), indirect }
}

const ADMINS_ONLY: Wish = Wish::Say(Notice::Broadcast(BroadcastNotice::AdminsOnly));

#[test]
fn broadcasting_is_for_admins_in_their_own_chat_by_their_own_hand() {
    for role in [Role::Learner, Role::Editor] {
        assert_eq!(hear(role, 5, "/broadcast"), ADMINS_ONLY);
        assert_eq!(hear(role, 5, "/broadcasts"), ADMINS_ONLY);
    }
    assert_eq!(hear(Role::Admin, 5, "/broadcast"), Wish::Compose(ComposeInput::Begin));
    assert_eq!(hear(Role::Owner, 5, "/broadcasts"), Wish::Broadcasts { before: None });
    assert_eq!(hear(Role::Admin, -5, "/broadcast@prime_bot"), Wish::Nothing);
    for indirect in [Indirect::Forwarded, Indirect::ViaBot, Indirect::OnBehalfOfChat] {
        let event = Event {
            chat: ChatId(5),
            thread: None,
            from: None,
            kind: text("/broadcast", Some(indirect)),
        };
        let hearing =
            Hearing { role: Role::Admin, dialog: &Dialog::Idle, bot_username: "b", ban: None };
        assert_eq!(plan(hearing, &event, None).wish, Wish::Say(Notice::NotByOwnHand));
    }
}

#[test]
fn a_forward_is_content_and_a_command_stays_one() {
    let is_letter = |wish| matches!(wish, Wish::Compose(ComposeInput::Letter(_)));
    let hear = |step, kind| in_dialog(Role::Admin, step, kind);
    assert!(is_letter(hear(ComposeStep::Content, text("hello", None))));
    let forward = || text("/start", Some(Indirect::Forwarded));
    assert!(is_letter(hear(ComposeStep::Content, forward())));
    assert_eq!(hear(ComposeStep::When, forward()), Wish::Start);
    assert_eq!(hear(ComposeStep::Content, text("/cancel", None)), Wish::Cancel);
    let poll = EventKind::OtherMessage { message: MessageId(1), can_be_copied: true };
    assert!(is_letter(hear(ComposeStep::Content, poll)));
}

#[test]
fn who_is_no_admin_any_more_can_only_leave() {
    let step = ComposeStep::Content;
    assert_eq!(in_dialog(Role::Learner, step, text("hello", None)), ADMINS_ONLY);
    assert_eq!(in_dialog(Role::Learner, step, text("/cancel", None)), Wish::Cancel);
    let press = |action| {
        let hearing =
            Hearing { role: Role::Editor, dialog: &Dialog::Idle, bot_username: "b", ban: None };
        pressed(hearing, action)
    };
    let broadcast = BroadcastId(5);
    let asked_s = 7;
    assert_eq!(
        press(Action::Compose { broadcast, act: ComposeAct::Send { asked_s } }),
        ADMINS_ONLY
    );
    assert_eq!(press(Action::Control { broadcast, act: ControlAct::Resume }), ADMINS_ONLY);
    assert_eq!(press(Action::Broadcasts { before: None }), ADMINS_ONLY);
    let cancel = press(Action::Compose { broadcast, act: ComposeAct::Cancel });
    assert!(matches!(cancel, Wish::Compose(ComposeInput::Act { .. })));
}

#[test]
fn commands_are_counted_by_names_of_ours_alone() {
    let named = |chat: i64, said: &str| {
        let kind = text(said, None);
        let event = Event { chat: ChatId(chat), thread: None, from: None, kind };
        command_of(&event, "prime_bot")
    };
    for name in COMMANDS {
        assert_eq!(named(5, &format!("/{name}@Prime_Bot x")), Some(name));
        let wish = hear(Role::Owner, 5, &format!("/{name}"));
        assert_ne!(wish, Wish::Say(Notice::UnknownCommand), "{name}");
    }
    assert_eq!(named(5, "/favourites"), Some("favorites"));
    assert_eq!(named(5, "/rm_rf"), Some(UNKNOWN_COMMAND));
    assert_eq!(named(-5, "/help"), None);
    assert_eq!(named(5, "help"), None);
}
