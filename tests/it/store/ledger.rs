//! The ledger of updates.

use primelingo::domain::ids::{ChatId, UpdateSeq};
use primelingo::domain::incident::Cause;
use primelingo::store::records::{NewUpdate, UpdateFault};

use super::fixture::{Store, at, conflict};
use super::words::{BOT, CHAT, reply, step, update};

contract! {
    an_update_that_is_known_is_not_stored_again,
    an_empty_batch_is_fine,
    a_chat_gets_its_updates_in_their_order,
    the_chat_that_waits_longest_is_first,
    ignored_updates_are_kept_but_not_offered,
    the_last_fault_kills_the_update_and_the_chat_goes_on,
    what_is_put_aside_is_kept_with_its_reason,
    what_is_left_out_is_closed_and_told_of_once,
    a_closed_update_stays_as_it_is,
    an_update_is_worked_on_once,
    a_nul_is_no_reason_to_refuse,
}

pub fn fault_of(seq: UpdateSeq, error: &str, max_faults: i32) -> UpdateFault {
    let error = error.to_owned();
    UpdateFault { seq, cause: Cause::Panic, error, max_faults, farewell: Vec::new() }
}

async fn an_update_that_is_known_is_not_stored_again(store: &Store) {
    let insert = |bot, ids: &[i64]| {
        let batch = ids.iter().map(|id| update(*id, CHAT)).collect();
        store.db.updates_insert(bot, batch, at(0))
    };
    assert_eq!(insert(BOT, &[1, 2, 3]).await.unwrap(), 3);
    assert_eq!(insert(BOT, &[2, 3, 4]).await.unwrap(), 1);
    // Within one batch, too; and numbers begin anew after a quiet week.
    assert_eq!(insert(BOT, &[-9, -9]).await.unwrap(), 1);
    // Another bot counts for itself.
    assert_eq!(insert(BOT + 1, &[1]).await.unwrap(), 1);
    assert_eq!(store.db.updates_open_count().await.unwrap(), 6);
}

async fn an_empty_batch_is_fine(store: &Store) {
    assert_eq!(store.db.updates_insert(BOT, Vec::new(), at(0)).await.unwrap(), 0);
}

async fn a_chat_gets_its_updates_in_their_order(store: &Store) {
    // Not the order of their numbers, but that of their coming.
    let batch = vec![update(30, CHAT), update(9, ChatId(1)), update(10, CHAT), update(20, CHAT)];
    store.db.updates_insert(BOT, batch, at(7)).await.unwrap();

    let open = store.db.updates_of_chat(CHAT, 2).await.unwrap();

    let raws: Vec<&str> = open.iter().map(|update| update.raw.as_str()).collect();
    assert_eq!(raws, ["{\"update_id\":30}", "{\"update_id\":10}"], "two of three, as asked for");
    assert!(open[0].seq < open[1].seq);
    assert_eq!((open[0].faults, open[0].received_at), (0, at(7)));
}

async fn the_chat_that_waits_longest_is_first(store: &Store) {
    let chats = [3, 1, 2, 1, 3, 4].map(ChatId);
    let batch = (1..).zip(chats).map(|(id, chat)| update(id, chat)).collect();
    store.db.updates_insert(BOT, batch, at(0)).await.unwrap();
    assert_eq!(store.db.updates_open_chats(3).await.unwrap(), [3, 1, 2].map(ChatId));

    let oldest = store.db.updates_of_chat(ChatId(3), 1).await.unwrap()[0].seq;
    store.db.update_done(oldest, at(1)).await.unwrap();

    assert_eq!(store.db.updates_open_chats(9).await.unwrap(), [1, 2, 3, 4].map(ChatId));
    assert_eq!(store.db.updates_open_count().await.unwrap(), 5);
}

async fn ignored_updates_are_kept_but_not_offered(store: &Store) {
    let batch = vec![NewUpdate { ignored: true, ..update(1, CHAT) }];
    assert_eq!(store.db.updates_insert(BOT, batch, at(0)).await.unwrap(), 1);

    assert!(store.db.updates_of_chat(CHAT, 9).await.unwrap().is_empty());
    assert!(store.db.updates_open_chats(9).await.unwrap().is_empty());
    assert_eq!(store.db.updates_open_count().await.unwrap(), 0);
    assert_eq!(store.rows("updates").await, 1);
}

async fn the_last_fault_kills_the_update_and_the_chat_goes_on(store: &Store) {
    let poison = store.waiting_update(CHAT).await;
    let next = store.waiting_update(CHAT).await;
    let fault = || store.db.update_fault(fault_of(poison, "panicked", 3), at(1));

    store.db.updates_claim(vec![poison], 2).await.unwrap();
    assert!(!fault().await.unwrap());
    assert_eq!(store.rows("updates WHERE faults = 1 AND claims = 0").await, 1, "begun anew");
    assert!(!fault().await.unwrap());
    assert_eq!(store.db.updates_of_chat(CHAT, 9).await.unwrap()[0].faults, 2);
    assert!(fault().await.unwrap());

    let open = store.db.updates_of_chat(CHAT, 9).await.unwrap();
    assert_eq!(open.iter().map(|update| update.seq).collect::<Vec<_>>(), [next]);
    assert_eq!(open[0].faults, 0);
    let dead = "updates WHERE state = 'dead' AND last_error = 'panicked' AND done_at IS NOT NULL";
    assert_eq!(store.rows(dead).await, 1);
}

async fn what_is_put_aside_is_kept_with_its_reason(store: &Store) {
    let strange = store.waiting_update(CHAT).await;
    store.db.update_put_aside(strange, "unknown kind".to_owned(), at(1)).await.unwrap();

    assert_eq!(store.db.updates_open_count().await.unwrap(), 0);
    let kept = "updates WHERE state = 'ignored' AND last_error = 'unknown kind' AND raw <> ''";
    assert_eq!(store.rows(kept).await, 1);
}

async fn what_is_left_out_is_closed_and_told_of_once(store: &Store) {
    // More than one statement takes.
    let batch = (1..=40).map(|id| update(id, CHAT)).collect();
    store.db.updates_insert(BOT, batch, at(0)).await.unwrap();
    let open = store.db.updates_of_chat(CHAT, 99).await.unwrap();
    let (kept, left_out) = open.split_at(3);
    let seqs: Vec<UpdateSeq> = left_out.iter().map(|update| update.seq).collect();

    store.db.updates_leave_out(seqs.clone(), vec![reply(7, CHAT)], at(1)).await.unwrap();
    // Somebody else was faster: nobody is told again.
    store.db.updates_leave_out(seqs, vec![reply(8, CHAT)], at(2)).await.unwrap();

    let left_open = store.db.updates_of_chat(CHAT, 99).await.unwrap();
    assert_eq!(left_open.len(), kept.len());
    assert!(left_open.iter().zip(kept).all(|(left, kept)| left.seq == kept.seq));
    let tidy =
        "updates WHERE state = 'done' AND last_error = 'throttled' AND raw = '' AND faults = 0";
    assert_eq!(store.rows(tidy).await, 37);
    assert_eq!(store.rows("outbox").await, 1);
}

/// A late word of an actor that was replaced meanwhile.
async fn a_closed_update_stays_as_it_is(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    store.db.update_done(seq, at(1)).await.unwrap();

    store.db.updates_claim(vec![seq], 7).await.unwrap();
    store.db.update_put_aside(seq, "late".to_owned(), at(2)).await.unwrap();
    assert!(!store.db.update_fault(fault_of(seq, "late", 1), at(2)).await.unwrap());
    store.db.update_done(seq, at(2)).await.unwrap();

    let untouched = "updates WHERE state = 'done' AND last_error IS NULL AND claims = 0";
    assert_eq!(store.rows(untouched).await, 1);
}

async fn an_update_is_worked_on_once(store: &Store) {
    let seq = store.waiting_update(CHAT).await;
    let (one, two) = tokio::join!(store.db.step_commit(step(seq)), store.db.step_commit(step(seq)));
    let (done, refused) = if one.is_ok() { (one, two) } else { (two, one) };
    done.unwrap();
    assert_eq!(conflict(refused), "update");
}

async fn a_nul_is_no_reason_to_refuse(store: &Store) {
    let hostile = NewUpdate { raw: "{\"a\0\"}".to_owned(), ..update(1, CHAT) };
    store.db.updates_insert(BOT, vec![hostile], at(0)).await.unwrap();

    let open = store.db.updates_of_chat(CHAT, 9).await.unwrap();
    assert_eq!(open[0].raw, "{\"a\u{fffd}\"}");
    store.db.update_fault(fault_of(open[0].seq, "at \0", 3), at(0)).await.unwrap();
}
