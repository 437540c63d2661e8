//! Copies of dialogs.

use primelingo::cache::{Cache, SessionCopies};
use primelingo::domain::clock::Timestamp;
use primelingo::domain::ids::{ChatId, UserId};
use primelingo::domain::lang::Lang;
use primelingo::domain::material::{Level, StudyLanguage};
use primelingo::domain::people::Ban;
use primelingo::domain::role::Role;
use primelingo::domain::session::{ChatState, SessionKey, StoredSession};
use primelingo::domain::user::{Preferences, User};

contract! {
    what_is_put_is_given,
    the_last_copy_counts,
    what_is_forgotten_is_gone,
    keys_do_not_meet,
}

fn key(chat: i64, user: i64, thread: i64) -> SessionKey {
    SessionKey { chat: ChatId(chat), user: UserId(user), thread }
}

fn state(version: i64) -> ChatState {
    let body = format!("{{\"hostile\":\"\\u0000 '; FLUSHALL\\r\\n\",\"n\":{version}}}");
    ChatState {
        session: Some(StoredSession { body, schema: 1, version }),
        user: Some(User {
            id: UserId(7),
            first_name: "Эдна \u{202e}".to_owned(),
            lang: Lang::Uz,
            role: Role::Editor,
            reachable: true,
            last_seen_at: Timestamp::UNIX_EPOCH,
            preferences: Preferences {
                time_zone: Some("Asia/Tashkent".to_owned()),
                level: Some(Level::B1),
                language: Some(StudyLanguage::En),
                is_muted: true,
                quiet: Some((1_320, 480)),
            },
        }),
        ban: Some(Ban { is_told: true }),
        bans: 3,
    }
}

async fn what_is_put_is_given(cache: &Cache) {
    let copies = &cache.sessions;
    assert_eq!(copies.get(key(1, 7, 0)).await, None);
    for state in [state(1), ChatState::default()] {
        copies.put(key(1, 7, 0), &state).await;
        assert_eq!(copies.get(key(1, 7, 0)).await, Some(state));
    }
}

async fn the_last_copy_counts(cache: &Cache) {
    for version in [1, 3, 2] {
        cache.sessions.put(key(1, 7, 0), &state(version)).await;
    }
    assert_eq!(cache.sessions.get(key(1, 7, 0)).await, Some(state(2)));
}

async fn what_is_forgotten_is_gone(cache: &Cache) {
    cache.sessions.forget(key(1, 7, 0)).await;
    cache.sessions.put(key(1, 7, 0), &state(1)).await;
    cache.sessions.forget(key(1, 7, 0)).await;
    assert_eq!(cache.sessions.get(key(1, 7, 0)).await, None);
}

async fn keys_do_not_meet(cache: &Cache) {
    let keys = [key(1, 7, 0), key(1, 7, 1), key(1, 8, 0), key(-1, 7, 0), key(17, 0, 0)];
    for (version, key) in (1..).zip(keys) {
        cache.sessions.put(key, &state(version)).await;
    }
    for (version, key) in (1..).zip(keys) {
        assert_eq!(cache.sessions.get(key).await, Some(state(version)));
    }
}

#[tokio::test]
async fn without_copies_everything_is_read() {
    let copies = SessionCopies::none();
    copies.put(key(1, 7, 0), &state(1)).await;
    assert_eq!(copies.get(key(1, 7, 0)).await, None);
    copies.forget(key(1, 7, 0)).await;
}
