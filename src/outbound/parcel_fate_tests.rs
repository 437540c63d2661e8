//! Every answer of Telegram and what becomes of the parcel.

use super::*;
use crate::domain::html::Html;
use crate::domain::ids::{ChatId, MessageId};
use crate::runtime::Backoff;

const PATIENCE: Patience = Patience {
    backoff: Backoff {
        first: Duration::from_secs(2),
        factor: 2.0,
        max: Duration::from_mins(1),
        jitter: 1.0,
    },
    max_attempts: 3,
};

fn text() -> Outgoing {
    let html = Html::new().text("hi").for_text();
    Outgoing::Text { html, keyboard: None, reply_to: None, silent: false }
}

fn judge(attempts: u32, outgoing: &Outgoing, result: Result<Sent, Trouble>) -> (ParcelFate, Note) {
    PATIENCE.judge_parcel(attempts, outgoing, result, 0.5)
}

fn refused(code: u16, description: &str, migrate_to: Option<i64>) -> Trouble {
    Trouble::Telegram(TelegramError::Api {
        method: "sendMessage",
        code,
        description: description.to_owned(),
        retry_after: None,
        migrate_to: migrate_to.map(ChatId),
    })
}

fn end(outgoing: &Outgoing, trouble: Trouble) -> ParcelEnd {
    match judge(0, outgoing, Err(trouble)) {
        (ParcelFate::Ended(end), Note::Nothing) => end,
        other => panic!("{other:?}"),
    }
}

#[test]
fn refusals_tell_the_chat_from_the_content() {
    let table = [
        (403, "Forbidden: bot was blocked by the user", ParcelEnd::Unreachable("blocked")),
        (403, "Forbidden: user is deactivated", ParcelEnd::Unreachable("deactivated")),
        (400, "Bad Request: chat not found", ParcelEnd::Unreachable("not_found")),
        (
            400,
            "Bad Request: not enough rights to send text messages to the chat",
            ParcelEnd::Failed("no_rights"),
        ),
        (409, "Conflict", ParcelEnd::Failed("conflict")),
        (500, "Internal Server Error", ParcelEnd::InDoubt),
    ];
    for (code, description, expected) in table {
        assert_eq!(end(&text(), refused(code, description, None)), expected, "{description}");
    }
    let upgraded = refused(400, "Bad Request: group chat was upgraded", Some(-1_005));
    assert_eq!(end(&text(), upgraded), ParcelEnd::Moved(ChatId(-1_005)));

    for description in [
        "Bad Request: can't parse entities",
        "Bad Request: message to copy not found",
        "Bad Request: wrong file identifier/HTTP URL specified",
        "Bad Request: MESSAGE_ID_INVALID",
    ] {
        let said = format!("sendMessage: refused with 400: {description}");
        let expected = ParcelEnd::ContentRefused(said);
        assert_eq!(end(&text(), refused(400, description, None)), expected);
    }
    assert!(matches!(end(&text(), Trouble::FileGone), ParcelEnd::ContentRefused(_)));
}

/// It may be the chat of whoever wrote it that is not found: then it would be so everywhere.
#[test]
fn a_copy_makes_nobody_out_of_reach_whose_source_may_be_gone() {
    let messages = vec![MessageId(1)];
    let copy = Outgoing::Copy { from: ChatId(9), messages, keyboard: None, silent: false };
    let gone = || refused(400, "Bad Request: chat not found", None);
    assert_eq!(end(&copy, gone()), ParcelEnd::Failed("not_found"));
    assert_eq!(end(&text(), gone()), ParcelEnd::Unreachable("not_found"));
    let blocked = refused(403, "Forbidden: bot was blocked by the user", None);
    assert_eq!(end(&copy, blocked), ParcelEnd::Unreachable("blocked"));
}

#[test]
fn a_removal_fails_for_its_chat_alone() {
    let removal = Outgoing::Delete { messages: vec![MessageId(1)] };
    let gone = refused(400, "Bad Request: message can't be deleted for everyone", None);
    assert_eq!(end(&removal, gone), ParcelEnd::Failed("message_gone"));
    let strange = refused(400, "Bad Request: a reason of next year", None);
    assert_eq!(end(&removal, strange), ParcelEnd::Failed("bad_content"));
    let done = judge(0, &removal, Ok(Sent::default()));
    assert_eq!(done, (ParcelFate::Ended(ParcelEnd::Delivered(Vec::new())), Note::Nothing));
}

#[test]
fn an_album_gives_all_its_messages() {
    let ids = vec![MessageId(4), MessageId(5)];
    let album = Sent { message_id: Some(MessageId(4)), album: ids.clone(), file_id: None };
    let (fate, _) = judge(0, &text(), Ok(album));
    assert_eq!(fate, ParcelFate::Ended(ParcelEnd::Delivered(ids)));
    let one = Sent { message_id: Some(MessageId(4)), ..Sent::default() };
    let (fate, _) = judge(0, &text(), Ok(one));
    assert_eq!(fate, ParcelFate::Ended(ParcelEnd::Delivered(vec![MessageId(4)])));
}

#[test]
fn a_flood_wait_defers_at_once_and_freezes() {
    let wait = Duration::from_secs(7);
    let told = refused(429, "Too Many Requests: retry after 7", None);
    let expected = (ParcelFate::Ended(ParcelEnd::Deferred(wait)), Note::Flood(wait));
    assert_eq!(judge(2, &text(), Err(told)), expected);
}

#[test]
fn what_has_not_left_is_tried_again() {
    let unreached = || Trouble::Telegram(TelegramError::Foreign { method: "x", status: 403 });
    let again = ParcelFate::PutBack { after: Duration::from_secs(1), counts: true };
    assert_eq!(judge(0, &text(), Err(unreached())), (again, Note::Nothing));
    let (fate, _) = judge(2, &text(), Err(unreached()));
    assert_eq!(fate, ParcelFate::Ended(ParcelEnd::Deferred(OUTAGE_PAUSE)));

    for trouble in [Trouble::OutOfTerm, Trouble::Held(Duration::from_secs(1))] {
        let (fate, note) = judge(2, &text(), Err(trouble));
        assert!(matches!(fate, ParcelFate::PutBack { counts: false, .. }), "{fate:?}");
        assert_eq!(note, Note::Nothing);
    }
    let (fate, note) = judge(2, &text(), Err(refused(401, "Unauthorized", None)));
    assert_eq!(fate, ParcelFate::PutBack { after: UNAUTHORIZED_PAUSE, counts: false });
    assert_eq!(note, Note::Unauthorized);
}
