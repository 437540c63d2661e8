//! People, roles and dialogs.

use primelingo::domain::effect::Change;
use primelingo::domain::ids::{ChatId, UserId};
use primelingo::domain::lang::Lang;
use primelingo::domain::role::Role;
use primelingo::domain::session::SessionKey;
use primelingo::store::records::{ChatState, Seen, SessionWrite, StepCommit};

use super::fixture::{Store, at, conflict};
use super::words::{CHAT, EDITOR, key, plain, seen, session, step};

contract! {
    a_stranger_has_neither_name_nor_dialog,
    whoever_is_seen_becomes_a_learner_and_is_kept_up_to_date,
    a_role_can_be_given_before_the_first_message,
    language_and_reachability_are_the_persons_own,
    a_dialog_counts_its_writes,
    dialogs_are_apart_by_chat_person_and_topic,
    a_lost_role_is_a_conflict,
    a_hostile_name_is_stored,
}

async fn see(store: &Store, seen: Seen, seconds: i64) {
    let seq = store.waiting_update(CHAT).await;
    let step = StepCommit { seen: Some(seen), now: at(seconds), ..step(seq) };
    store.db.step_commit(step).await.unwrap();
}

async fn a_stranger_has_neither_name_nor_dialog(store: &Store) {
    assert_eq!(store.db.chat_load(key(CHAT)).await.unwrap(), ChatState::default());
    assert_eq!(store.db.user_get(EDITOR).await.unwrap(), None);
}

async fn whoever_is_seen_becomes_a_learner_and_is_kept_up_to_date(store: &Store) {
    see(store, seen(EDITOR, "Ann", Lang::Uz), 1).await;
    let new = store.db.user_get(EDITOR).await.unwrap().unwrap();
    assert_eq!((new.first_name.as_str(), new.lang, new.role), ("Ann", Lang::Uz, Role::Learner));
    assert_eq!((new.reachable, new.last_seen_at), (true, at(1)));

    store.db.user_set_role(EDITOR, Role::Admin, at(2)).await.unwrap();
    see(store, seen(EDITOR, "Anna", Lang::Ru), 3).await;

    let later = store.db.chat_load(key(CHAT)).await.unwrap().user.unwrap();
    assert_eq!(later.first_name, "Anna");
    assert_eq!(later.last_seen_at, at(3));
    assert_eq!((later.lang, later.role), (Lang::Uz, Role::Admin), "both are as they were");
}

async fn a_role_can_be_given_before_the_first_message(store: &Store) {
    store.db.user_set_role(EDITOR, Role::Owner, at(0)).await.unwrap();
    assert_eq!(store.db.user_get(EDITOR).await.unwrap().unwrap().role, Role::Owner);

    see(store, seen(EDITOR, "Ann", Lang::Ru), 1).await;

    let user = store.db.user_get(EDITOR).await.unwrap().unwrap();
    assert_eq!((user.role, user.lang, user.first_name.as_str()), (Role::Owner, Lang::Ru, "Ann"));
}

async fn language_and_reachability_are_the_persons_own(store: &Store) {
    see(store, seen(EDITOR, "Ann", Lang::En), 0).await;
    let other = UserId(9);
    see(store, seen(other, "Bob", Lang::En), 0).await;

    let changes = [Change::SetLang(Lang::Ru), Change::SetReachable(false)].map(plain);
    store.change(changes.into()).await.unwrap();

    let user = store.db.user_get(EDITOR).await.unwrap().unwrap();
    assert_eq!((user.lang, user.reachable), (Lang::Ru, false));
    let other = store.db.user_get(other).await.unwrap().unwrap();
    assert_eq!((other.lang, other.reachable), (Lang::En, true));

    // Whoever writes can be written to, and keeps their language.
    see(store, seen(EDITOR, "Ann", Lang::En), 5).await;
    let user = store.db.user_get(EDITOR).await.unwrap().unwrap();
    assert_eq!((user.lang, user.reachable), (Lang::Ru, true));
}

async fn a_dialog_counts_its_writes(store: &Store) {
    for version in 0..3 {
        let seq = store.waiting_update(CHAT).await;
        let step = StepCommit { session: Some(session(CHAT, version)), ..step(seq) };
        store.db.step_commit(step).await.unwrap();

        let stored = store.db.chat_load(key(CHAT)).await.unwrap().session.unwrap();
        assert_eq!(stored.version, version + 1);
        assert_eq!((stored.body, stored.schema), (session(CHAT, version).body, 1));
    }
}

async fn dialogs_are_apart_by_chat_person_and_topic(store: &Store) {
    let group = ChatId(-100);
    let keys = [
        SessionKey { chat: group, user: UserId(1), thread: 0 },
        SessionKey { chat: group, user: UserId(2), thread: 0 },
        SessionKey { chat: group, user: UserId(1), thread: 7 },
        SessionKey { chat: ChatId(1), user: UserId(1), thread: 0 },
    ];
    for key in keys {
        let seq = store.waiting_update(group).await;
        let write = SessionWrite { key, body: format!("{key:?}"), ..session(group, 0) };
        let step = StepCommit { session: Some(write), ..step(seq) };
        store.db.step_commit(step).await.unwrap();
    }
    for key in keys {
        let stored = store.db.chat_load(key).await.unwrap().session.unwrap();
        assert_eq!(stored.body, format!("{key:?}"));
    }
}

async fn a_lost_role_is_a_conflict(store: &Store) {
    let try_as = async |role| {
        let seq = store.waiting_update(CHAT).await;
        store.db.step_commit(StepCommit { requires: Some((EDITOR, role)), ..step(seq) }).await
    };
    assert_eq!(conflict(try_as(Role::Editor).await), "role", "a stranger is no editor");
    try_as(Role::Learner).await.unwrap();

    store.db.user_set_role(EDITOR, Role::Admin, at(0)).await.unwrap();
    try_as(Role::Editor).await.unwrap();

    store.db.user_set_role(EDITOR, Role::Learner, at(0)).await.unwrap();
    assert_eq!(conflict(try_as(Role::Editor).await), "role");
}

async fn a_hostile_name_is_stored(store: &Store) {
    let name = "O'Neil\"; DROP TABLE users; -- \0 \u{202e}🦀";
    let hostile = Seen { username: Some("a\0b".to_owned()), ..seen(EDITOR, name, Lang::En) };
    see(store, hostile, 0).await;

    let user = store.db.user_get(EDITOR).await.unwrap().unwrap();
    assert_eq!(user.first_name, name.replace('\0', "\u{fffd}"));
}
