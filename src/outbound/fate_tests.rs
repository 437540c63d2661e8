//! Every answer of Telegram and what becomes of the row.

use super::*;
use crate::domain::ids::{ChatId, OutboxId};
use crate::domain::limits::Moment;
use crate::outbound::entry::Row;
use crate::outbound::queue::Queue;
use crate::store::records::{NewOutbox, OutboxClass};
use crate::telegram::TelegramError;

const PATIENCE: Patience = Patience {
    backoff: Backoff {
        first: Duration::from_secs(2),
        factor: 2.0,
        max: Duration::from_mins(1),
        jitter: 1.0,
    },
    max_attempts: 3,
};

fn entry(class: OutboxClass, attempts: u32) -> Entry {
    let row = NewOutbox {
        id: OutboxId(1),
        chat: ChatId(7),
        thread: 0,
        class,
        payload: r#"{"type":"text","html":"hi"}"#.to_owned(),
        edit_message: None,
        edit_of: None,
        trace: None,
    };
    let mut queue = Queue::new(None);
    let lane = Row::new(&row, false).lane();
    queue.insert(Row::new(&row, false), attempts, Moment::ZERO, Moment::ZERO);
    queue.take(lane, Moment::ZERO).expect("ready")
}

fn refusal(code: u16, description: &str) -> Trouble {
    Trouble::Telegram(TelegramError::Api {
        method: "sendMessage",
        code,
        description: description.to_owned(),
        retry_after: None,
        migrate_to: None,
    })
}

fn judge(class: OutboxClass, attempts: u32, trouble: Trouble) -> (Fate, Note) {
    PATIENCE.judge(&entry(class, attempts), &Err(trouble), 0.5)
}

fn timeout() -> Trouble {
    let after = Duration::from_secs(20);
    Trouble::Telegram(TelegramError::Timeout { method: "sendMessage", after })
}

#[test]
fn success_is_sent() {
    let (fate, note) = PATIENCE.judge(&entry(OutboxClass::Reply, 2), &Ok(Some(MessageId(5))), 0.5);
    assert_eq!((fate, note), (Fate::Sent(Some(MessageId(5))), Note::Nothing));
}

#[test]
fn a_flood_wait_is_no_attempt() {
    let wait = Duration::from_secs(7);
    let told = judge(OutboxClass::Reply, 2, refusal(429, "Too Many Requests: retry after 7"));
    assert_eq!(told, (Fate::Deferred { after: wait, counts: false }, Note::Flood(wait)));
}

#[test]
fn doubt_repeats_replies_and_edits_with_backoff_and_skips_bulk() {
    for class in [OutboxClass::Reply, OutboxClass::Edit] {
        let later = |ms| Fate::Deferred { after: Duration::from_millis(ms), counts: true };
        assert_eq!(judge(class, 0, timeout()), (later(1000), Note::InDoubt));
        assert_eq!(judge(class, 1, timeout()), (later(2000), Note::InDoubt));
        let given_up = (Fate::Failed("retries_exhausted"), Note::InDoubt);
        assert_eq!(judge(class, 2, timeout()), given_up);
        assert_eq!(judge(class, 0, Trouble::Panicked).0, later(1000));
        assert_eq!(judge(class, 0, refusal(502, "Bad Gateway")).1, Note::InDoubt);
    }
    for trouble in [timeout(), Trouble::LeftInDoubt, Trouble::Panicked] {
        let skipped = (Fate::Failed("in_doubt"), Note::InDoubt);
        assert_eq!(judge(OutboxClass::Bulk, 0, trouble), skipped);
    }
}

#[test]
fn refusals_end_the_row_with_their_name() {
    let blocked = refusal(403, "Forbidden: bot was blocked by the user");
    assert_eq!(judge(OutboxClass::Reply, 0, blocked), (Fate::Failed("blocked"), Note::ChatGone));
    let no_rights = refusal(400, "Bad Request: not enough rights to send text messages");
    assert_eq!(judge(OutboxClass::Reply, 0, no_rights), (Fate::Failed("no_rights"), Note::Nothing));
    let bad = refusal(400, "Bad Request: can't parse entities");
    assert_eq!(judge(OutboxClass::Reply, 0, bad).0, Fate::Failed("bad_content"));
    let gone = refusal(400, "Bad Request: message to edit not found");
    assert_eq!(judge(OutboxClass::Edit, 0, gone).0, Fate::Failed("message_gone"));
    assert_eq!(judge(OutboxClass::Edit, 0, Trouble::NoTarget).0, Fate::Failed("no_target"));
    assert_eq!(judge(OutboxClass::Reply, 0, Trouble::Unreadable).0, Fate::Failed("unreadable"));
}

#[test]
fn what_never_left_is_no_attempt() {
    let unauthorized = refusal(401, "Unauthorized");
    let rests = Fate::Deferred { after: UNAUTHORIZED_PAUSE, counts: false };
    assert_eq!(judge(OutboxClass::Reply, 2, unauthorized), (rests, Note::Unauthorized));
    let (fate, note) = judge(OutboxClass::Edit, 2, Trouble::TargetWaits);
    assert_eq!(note, Note::RowMissing);
    assert_eq!(fate, Fate::Deferred { after: TARGET_PAUSE, counts: false });
    let reason = "away".to_owned();
    let away = crate::store::StoreError::Unavailable { call: "outbox_begin", reason };
    let (fate, _) = judge(OutboxClass::Bulk, 2, Trouble::Store(away));
    assert_eq!(fate, Fate::PutBack { after: Duration::from_secs(1) });
    let wait = Duration::from_millis(70);
    for class in [OutboxClass::Reply, OutboxClass::Edit, OutboxClass::Bulk] {
        let held = judge(class, 2, Trouble::Held(wait));
        assert_eq!(held, (Fate::PutBack { after: wait }, Note::Nothing));
    }
}
