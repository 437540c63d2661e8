//! Bans: a mark that names nobody, and what it takes with it.

use primelingo::domain::audit::{AuditAction, AuditRequest, COMMAND_LINE};
use primelingo::domain::broadcast::{Audience, RecipientEnd};
use primelingo::domain::ids::{AudienceListId, ChatId, OutboxId, UserId};
use primelingo::domain::people::{Ban, PeopleChange};
use primelingo::domain::role::Role;
use primelingo::store::records::{FillCursor, NewOutbox, OutboxClass, StepCommit};

use super::broadcasts::words::{ID, delivered, outcome, plan, settlement};
use super::fixture::{Store, at, conflict};
use super::words::{CHAT, EDITOR, key, reply, seen, step};

contract! {
    a_ban_holds_a_mark_and_no_number,
    a_ban_is_refused_where_the_rank_is_not_below,
    who_is_banned_is_in_no_audience,
    what_waits_for_the_banned_counts_as_blocked,
    news_that_wait_for_the_banned_are_gone,
    people_are_found_by_number_name_and_at_name,
}

/// Somebody who decides.
const BY: UserId = UserId(3);

async fn ban(store: &Store, user: UserId) -> bool {
    let change = PeopleChange::Ban { user, below: Role::Owner };
    store.db.people_change(change, BY, at(1)).await.unwrap()
}

async fn a_ban_holds_a_mark_and_no_number(store: &Store) {
    store.db.user_set_role(EDITOR, Role::Editor, at(0)).await.unwrap();
    assert_eq!(store.db.chat_load(key(CHAT)).await.unwrap().bans, 0);
    assert!(ban(store, EDITOR).await);
    assert!(!ban(store, EDITOR).await, "twice is once");
    let state = store.db.chat_load(key(CHAT)).await.unwrap();
    assert_eq!((state.ban, state.bans), (Some(Ban { is_told: false }), 1));
    let user = state.user.unwrap();
    assert_eq!((user.role, user.reachable), (Role::Learner, false));
    let marks = store.place.texts("SELECT mark FROM bans").await;
    assert_eq!((marks.len(), marks[0].len()), (1, 64));

    let conflict_of = conflict(store.db.user_set_role(EDITOR, Role::Admin, at(2)).await);
    assert_eq!(conflict_of, "ban");
    assert!(store.db.people_change(PeopleChange::NoteTold, EDITOR, at(2)).await.unwrap());
    let told = store.db.chat_load(key(CHAT)).await.unwrap().ban;
    assert_eq!(told, Some(Ban { is_told: true }));
    for expected in [true, false] {
        let unban = store.db.people_change(PeopleChange::Unban(EDITOR), BY, at(3)).await;
        assert_eq!(unban.unwrap(), expected);
    }
    let state = store.db.chat_load(key(CHAT)).await.unwrap();
    assert_eq!((state.ban, state.bans), (None, 2));
    assert!(state.user.unwrap().reachable);
    let request = AuditRequest { limit: 9, ..AuditRequest::default() };
    let notes = store.db.audit_list(request).await.unwrap();
    let of_bans = notes.iter().filter(|entry| entry.note.actor == BY);
    let actions: Vec<AuditAction> = of_bans.map(|entry| entry.note.action).collect();
    assert_eq!(actions, [AuditAction::Unban, AuditAction::Ban], "once each");
}

async fn a_ban_is_refused_where_the_rank_is_not_below(store: &Store) {
    for (role, below, is_refused) in [
        (Role::Owner, Role::Owner, true),
        (Role::Admin, Role::Admin, true),
        (Role::Owner, Role::Admin, true),
        (Role::Admin, Role::Owner, false),
    ] {
        store.db.user_set_role(EDITOR, role, at(0)).await.unwrap();
        let change = PeopleChange::Ban { user: EDITOR, below };
        let refused = store.db.people_change(change, COMMAND_LINE, at(1)).await;
        assert_eq!(refused.is_err(), is_refused, "{role:?} below {below:?}");
        assert_eq!(store.rows("bans").await, i64::from(!is_refused));
    }
    let myself = PeopleChange::Ban { user: BY, below: Role::Owner };
    assert_eq!(conflict(store.db.people_change(myself, BY, at(1)).await), "rank");
}

async fn who_is_banned_is_in_no_audience(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    let seen = Some(seen(EDITOR, "Ann", primelingo::domain::lang::Lang::En));
    store.db.step_commit(StepCommit { seen, now: at(1), ..step(seq) }).await.unwrap();
    // One of them has never written, or is forgotten.
    let list = AudienceListId(1);
    let chats = vec![ChatId(EDITOR.0), ChatId(8), ChatId(9)];
    store.db.audience_list_add(list, chats).await.unwrap();
    let audience = async |audience: Audience| {
        let cursor = FillCursor::default();
        let slice = store.db.audience_slice(audience, at(9), cursor, 99).await.unwrap();
        slice.chats.into_iter().map(|(chat, _)| chat.0).collect::<Vec<_>>()
    };
    assert_eq!(audience(Audience::All).await, [EDITOR.0]);
    assert_eq!(audience(Audience::List { list }).await.len(), 3);
    ban(store, EDITOR).await;
    ban(store, UserId(8)).await;
    assert!(audience(Audience::All).await.is_empty());
    assert_eq!(audience(Audience::List { list }).await, [9]);
    assert_eq!(store.db.bans_among(vec![EDITOR, UserId(9)]).await.unwrap(), [EDITOR]);
}

async fn what_waits_for_the_banned_counts_as_blocked(store: &Store) {
    store.begun(plan(), &[11, 12, 13]).await;
    let deferred = outcome(2, RecipientEnd::Deferred(at(99)));
    store.db.broadcast_settle(settlement(vec![delivered(1), deferred], 3), at(7)).await.unwrap();
    let counts = async || {
        let it = store.db.broadcast_get(ID).await.unwrap().unwrap().progress;
        (it.filled, it.delivered, it.blocked, it.pending())
    };
    assert_eq!(counts().await, (3, 1, 0, 2));
    ban(store, UserId(11)).await;
    assert_eq!(counts().await, (3, 1, 0, 2), "what was delivered stays");
    ban(store, UserId(12)).await;
    assert_eq!(counts().await, (3, 1, 1, 1));
    // The runner settles the others: of the banned one nothing is counted twice.
    let outcomes = vec![delivered(2), delivered(3)];
    store.db.broadcast_settle(settlement(outcomes, 3), at(8)).await.unwrap();
    assert_eq!(counts().await, (3, 2, 1, 0));
}

async fn news_that_wait_for_the_banned_are_gone(store: &Store) {
    let news =
        |id: i64, chat: i64| NewOutbox { class: OutboxClass::Bulk, ..reply(id, ChatId(chat)) };
    let waiting = vec![news(1, 11), news(2, 11), reply(3, ChatId(11)), news(4, 12)];
    store.db.outbox_insert(waiting, at(0)).await.unwrap();
    store.db.outbox_begin(vec![OutboxId(1)]).await.unwrap();
    ban(store, UserId(11)).await;
    let open = store.db.outbox_open(OutboxId(0), 9).await.unwrap();
    let open: Vec<i64> = open.iter().map(|item| item.message.id.0).collect();
    assert_eq!(open, [1, 3, 4], "what is being sent, answers and the news of others stay");
}

async fn people_are_found_by_number_name_and_at_name(store: &Store) {
    for (id, name) in [(21, "Каримова Зилола"), (22, "100% Bob_"), (23, "bobby")] {
        let seq = store.waiting_update(CHAT).await;
        let mut seen = seen(UserId(id), name, primelingo::domain::lang::Lang::En);
        seen.username = Some(format!("Name_{id}"));
        store
            .db
            .step_commit(StepCommit { seen: Some(seen), now: at(id), ..step(seq) })
            .await
            .unwrap();
    }
    let found = async |text: &str| {
        let people = store.db.people_find(text.to_owned(), vec![UserId(22)], 9).await.unwrap();
        people.iter().map(|person| person.id.0).collect::<Vec<_>>()
    };
    assert_eq!(found("каримова").await, [21]);
    assert_eq!(found("Зилола").await, [21]);
    assert_eq!(found("BOB").await, [23, 22], "who was seen last comes first");
    assert_eq!(found("@name_21").await, [21]);
    assert_eq!(found("%").await, [22], "a sign stands for itself");
    assert_eq!(found("_").await, [22]);
    let card = store.db.person_card(UserId(22), vec![UserId(22)]).await.unwrap();
    assert_eq!((card.role(), card.is_configured), (Role::Owner, true));
    let staff = store.db.people_staff(vec![UserId(22), UserId(99)], 9).await.unwrap();
    assert_eq!(staff.iter().map(|person| person.id.0).collect::<Vec<_>>(), [22, 99]);
}
