//! What is counted for the metrics is what is there.

use primelingo::domain::ids::{ChatId, OutboxId};
use primelingo::domain::inspection::Kind;
use primelingo::store::records::{
    FilesCount, LedgerFigures, OutboxDead, OutboxEnd, OutboxOutcome, SessionWrite, StepCommit,
};

use super::fixture::{Store, at};
use super::words::{CHAT, described, fresh, reply, session, step};

contract! {
    the_ledger_is_counted_with_its_oldest,
    messages_that_were_given_up_are_counted_by_who_waited,
    dialogs_under_way_are_counted,
    materials_are_counted_by_how_they_stand,
    size_schema_and_connections_are_known,
}

async fn the_ledger_is_counted_with_its_oldest(store: &Store) {
    assert_eq!(store.db.ledger_figures().await.unwrap(), LedgerFigures::default());
    let unread = store.waiting_update(ChatId(1)).await;
    store.db.update_put_aside(unread, "unknown".to_owned(), at(9)).await.unwrap();
    let done = store.waiting_update(ChatId(2)).await;
    store.db.update_done(done, at(9)).await.unwrap();
    for chat in 3..=4 {
        store.waiting_update(ChatId(chat)).await;
    }
    let seen = store.db.ledger_figures().await.unwrap();
    assert_eq!((seen.open, seen.dead, seen.ignored), (2, 0, 1));
    let oldest = store.db.updates_of_chat(ChatId(3), 1).await.unwrap();
    assert_eq!(seen.oldest, Some(oldest[0].received_at));
    assert_eq!(oldest[0].kind, "message");
}

async fn messages_that_were_given_up_are_counted_by_who_waited(store: &Store) {
    for end in [OutboxEnd::Failed("bad_content"), OutboxEnd::Sent(None)] {
        let id = OutboxId(fresh());
        store.db.outbox_insert(vec![reply(id.0, CHAT)], at(0)).await.unwrap();
        store.db.outbox_settle(vec![OutboxOutcome { id, end }], at(0)).await.unwrap();
    }
    let dead = store.db.outbox_dead().await.unwrap();
    assert_eq!(dead, OutboxDead { reply: 1, bulk: 0 });
}

async fn dialogs_under_way_are_counted(store: &Store) {
    for (chat, tag) in [(11, "upload"), (12, "idle")] {
        let chat = ChatId(chat);
        let seq = store.waiting_update(chat).await;
        let written = SessionWrite { tag, ..session(chat, 0) };
        let step = StepCommit { session: Some(written), ..step(seq) };
        store.db.step_commit(step).await.unwrap();
    }
    assert_eq!(store.db.sessions_open().await.unwrap(), 1);
}

async fn materials_are_counted_by_how_they_stand(store: &Store) {
    store.publish(1, &described("One"), Kind::Book, &["text"]).await;
    store.open_material(2).await;
    let (files, bytes) = store.db.files_figures().await.unwrap();
    let standing =
        |files: &FilesCount| (files.state.clone(), files.processing.clone(), files.count);
    let mut standings: Vec<_> = files.iter().map(standing).collect();
    standings.sort();
    let expected = [("open", "pending", 1), ("published", "ready", 1)];
    let expected = expected.map(|(state, how, count)| (state.to_owned(), how.to_owned(), count));
    assert_eq!(standings, expected);
    assert!(bytes > 0);
}

async fn size_schema_and_connections_are_known(store: &Store) {
    assert!(store.db.database_size().await.unwrap() > 4_096);
    assert_eq!(store.db.migrations_pending().await.unwrap(), 0);
    let pool = store.db.pool_figures();
    assert!(pool.max > 0 && pool.idle + pool.in_use <= pool.max, "{pool:?}");
}
