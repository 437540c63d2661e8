//! What had no end and has one: recipients and lists of broadcasts, updates that were put aside, keys
//! of minutes and notes of copies.

use chrono::TimeDelta;
use primelingo::domain::broadcast::{Audience, BroadcastState, NewBroadcast, RecipientEnd};
use primelingo::domain::clock::Timestamp;
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{AudienceListId, BroadcastId, ChatId, UserId};
use primelingo::domain::privacy::PrivacyChange;
use primelingo::store::records::{Prune, PruneBatch, StepCommit};

use super::broadcasts::words::{ID, delivered, outcome, plan, settlement};
use super::fixture::{Store, at};
use super::words::{plain, step};

contract! {
    recipients_go_when_their_broadcast_is_long_over,
    recipients_stay_while_another_broadcast_reads_them,
    lists_go_unless_something_reads_them,
    what_was_put_aside_goes_in_the_end,
    keys_and_notes_of_copies_go,
}

async fn prune(store: &Store, what: Prune, before: Timestamp) -> usize {
    store.db.prune(PruneBatch { what, before, limit: 100 }).await.unwrap()
}

/// A broadcast to three that was over at second 9.
async fn over(store: &Store) {
    store.begun(plan(), &[11, 12, 13]).await;
    let outcomes = vec![
        delivered(1),
        outcome(2, RecipientEnd::Blocked("gone")),
        outcome(3, RecipientEnd::Failed("x")),
    ];
    store.settled(settlement(outcomes, 3)).await;
    assert!(store.db.broadcast_end(ID, BroadcastState::Done, None, at(9)).await.unwrap());
}

async fn recipients_go_when_their_broadcast_is_long_over(store: &Store) {
    over(store).await;
    let other = NewBroadcast { id: BroadcastId(2_000), ..plan() };
    store.begun(other, &[11, 12]).await;
    let progress = async || store.db.broadcast_get(ID).await.unwrap().unwrap().progress;
    let before = progress().await;
    assert_eq!((before.filled, before.delivered, before.blocked, before.failed), (3, 1, 1, 1));

    assert_eq!(prune(store, Prune::Recipients, at(9)).await, 0, "not older than that");
    let one = PruneBatch { what: Prune::Recipients, before: at(10), limit: 2 };
    assert_eq!(store.db.prune(one).await.unwrap(), 2, "a slice");
    assert_eq!(store.db.prune(one).await.unwrap(), 1);
    assert_eq!(store.db.prune(one).await.unwrap(), 0);

    assert_eq!(progress().await, before, "the totals stay");
    let late = at(0) + TimeDelta::days(3_000);
    assert_eq!(prune(store, Prune::Recipients, late).await, 0, "the other one is under way");
    assert_eq!(store.rows("broadcast_recipients WHERE broadcast_id = 2000").await, 2);
}

async fn recipients_stay_while_another_broadcast_reads_them(store: &Store) {
    over(store).await;
    let again = NewBroadcast {
        id: BroadcastId(2_000),
        audience: Audience::FailedOf { broadcast: ID },
        ..plan()
    };
    assert!(store.db.broadcast_create(again, at(0)).await.unwrap());
    let late = at(0) + TimeDelta::days(3_000);
    assert_eq!(prune(store, Prune::Recipients, late).await, 0);
    store.place.execute("UPDATE broadcasts SET state = 'cancelled' WHERE id = 2000").await;
    assert_eq!(prune(store, Prune::Recipients, late).await, 3);
}

async fn lists_go_unless_something_reads_them(store: &Store) {
    for list in [1, 2, 3] {
        let chats = vec![ChatId(11), ChatId(12)];
        store.db.audience_list_add(AudienceListId(list), chats).await.unwrap();
    }
    // Reads the first; the second is read by a series.
    assert!(store.db.broadcast_create(plan(), at(0)).await.unwrap());
    let time = if store.db.backend_name() == "sqlite" { "1" } else { "now()" };
    store
        .place
        .execute(&format!(
            "INSERT INTO broadcast_series (id, created_by, chat_id, audience, doubt, paid, repeat,
                                           next_at, created_at)
             SELECT 1, 0, 0, replace(audience, ':1}}', ':2}}'), 'skip', FALSE, '{{}}', {time}, {time}
             FROM broadcasts"
        ))
        .await;
    let late = at(0) + TimeDelta::days(3_000);
    assert_eq!(prune(store, Prune::AudienceLists, at(-200_000_000)).await, 0, "too young");
    assert_eq!(prune(store, Prune::AudienceLists, late).await, 2, "nothing reads the third");
    store.place.execute(&format!("UPDATE broadcast_series SET ended_at = {time}")).await;
    assert_eq!(prune(store, Prune::AudienceLists, late).await, 2, "the second");
    store.place.execute("UPDATE broadcasts SET state = 'done'").await;
    assert_eq!(prune(store, Prune::AudienceLists, late).await, 2, "the first");
    assert_eq!(store.rows("audience_lists").await, 0);
}

async fn what_was_put_aside_goes_in_the_end(store: &Store) {
    let open = store.waiting_update(ChatId(1)).await;
    let unread = store.waiting_update(ChatId(2)).await;
    store.db.update_put_aside(unread, "unknown".to_owned(), at(0)).await.unwrap();
    let received = store.db.update_show(unread).await.unwrap().unwrap().received_at;
    assert_eq!(prune(store, Prune::Aside, received).await, 0);
    assert_eq!(prune(store, Prune::Aside, received + TimeDelta::seconds(1)).await, 1);
    assert!(store.db.update_show(unread).await.unwrap().is_none());
    assert!(store.db.update_show(open).await.unwrap().is_some());
}

async fn keys_and_notes_of_copies_go(store: &Store) {
    let expires = at(600);
    store.db.owner_code_add("hash".to_owned(), expires).await.unwrap();
    let time = if store.db.backend_name() == "sqlite" { "1" } else { "to_timestamp(1)" };
    store
        .place
        .execute(&format!(
            "INSERT INTO dashboard_keys (hash, user_id, expires_at) VALUES ('k', 5, {time})"
        ))
        .await;
    let seq = store.waiting_update(ChatId(5)).await;
    let changes = vec![plain(Change::Privacy(PrivacyChange::NoteExport))];
    let commit = StepCommit { user: Some(UserId(5)), now: at(0), changes, ..step(seq) };
    store.db.step_commit(commit).await.unwrap();

    for what in [Prune::OwnerCodes, Prune::DataExports] {
        assert_eq!(prune(store, what, at(0)).await, 0, "{what:?}");
    }
    assert_eq!(prune(store, Prune::DashboardKeys, at(0)).await, 1);
    assert_eq!(prune(store, Prune::DataExports, at(1)).await, 1);
    assert_eq!(prune(store, Prune::OwnerCodes, expires).await, 0, "it is still good");
    assert_eq!(prune(store, Prune::OwnerCodes, expires + TimeDelta::seconds(1)).await, 1);
}
