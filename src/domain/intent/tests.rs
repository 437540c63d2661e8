//! What words and buttons mean, to whom.

use super::*;
use crate::domain::ids::{ChatId, MessageId};

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
    let hearing = Hearing { role, dialog: &Dialog::Idle, bot_username: "prime_bot" };
    plan(hearing, &event, None).wish
}

#[test]
fn plain_text_is_a_query_and_commands_are_commands() {
    assert_eq!(hear(Role::Learner, 5, " unit 12 "), search_for("unit 12"));
    assert_eq!(hear(Role::Learner, 5, "/search@Prime_Bot b1"), search_for("b1"));
    assert_eq!(hear(Role::Learner, 5, "/start f_99"), Wish::Deliver(MaterialId(99)));
    assert_eq!(hear(Role::Learner, 5, "/start c_7"), Wish::Browse(Some(CategoryId(7))));
    for unreadable in ["/start", "/start f_-1", "/start f_x", "/start \u{202e}"] {
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
        let hearing = Hearing { role, dialog: &Dialog::Idle, bot_username: "prime_bot" };
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
