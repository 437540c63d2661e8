//! Outcomes are counted once, and what a death left in doubt is resolved.

use std::time::Duration;

use primelingo::domain::broadcast::{
    BroadcastState, Control, DoubtPolicy, NewBroadcast, RecipientEnd,
};
use primelingo::domain::ids::{BroadcastId, ChatId, MessageId, UserId};
use primelingo::store::records::{BroadcastSettlement, FillCursor, LeaseAnswer, RecipientOutcome};
use primelingo::store::{Db, StoreResult};

use super::words::{ID, Person, delivered, numbers, outcome, plan, settlement, slice};
use crate::store::fixture::{Store, at};
use crate::store::words::owner;
use crate::support::bot::bounded;

contract! {
    a_batch_that_is_written_again_changes_nothing,
    what_has_an_outcome_keeps_it,
    the_watermark_only_rises,
    who_is_out_of_reach_is_marked_once,
    the_deferred_wait_in_their_order,
    a_relaunched_one_is_not_waiting_any_more,
    a_chat_that_moved_is_followed,
    the_doubtful_are_left_alone,
    the_doubtful_are_sent_again,
    of_one_that_is_over_nothing_is_sent_again,
    the_doubtful_are_found_far_below_the_watermark,
    causes_are_counted_by_reason,
    a_leader_of_the_past_changes_no_broadcast,
}

/// One outcome of each kind, for the recipients 1 to 5.
fn one_of_each() -> Vec<RecipientOutcome> {
    vec![
        delivered(1),
        outcome(2, RecipientEnd::Blocked("blocked")),
        outcome(3, RecipientEnd::Failed("refused")),
        outcome(4, RecipientEnd::InDoubt),
        outcome(5, RecipientEnd::Deferred(at(60))),
    ]
}

async fn a_batch_that_is_written_again_changes_nothing(store: &Store) {
    store.begun(plan(), &[1, 2, 3, 4, 5, 6]).await;
    let first = store.settled(settlement(one_of_each(), 6)).await;
    assert_eq!((first.delivered, first.blocked, first.failed), (1, 1, 1));
    assert_eq!((first.in_doubt, first.pending(), first.watermark), (1, 2, 6));
    let exported = store.db.recipients_export(ID, 0, 9).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.settled(settlement(one_of_each(), 6)).await, first);
        assert_eq!(store.db.recipients_export(ID, 0, 9).await.unwrap(), exported);
    }
}

async fn what_has_an_outcome_keeps_it(store: &Store) {
    store.begun(plan(), &[1, 2, 3, 4]).await;
    store.settled(settlement(one_of_each().drain(..4).collect(), 4)).await;
    let before = store.db.recipients_export(ID, 0, 9).await.unwrap();
    let others = [
        RecipientEnd::Failed("late"),
        RecipientEnd::Delivered(vec![MessageId(1)]),
        RecipientEnd::Deferred(at(9)),
        RecipientEnd::Moved(ChatId(-9)),
        RecipientEnd::Blocked("late"),
        RecipientEnd::InDoubt,
    ];
    for end in others {
        let all = (1..=4).map(|seq| outcome(seq, end.clone())).collect();
        store.settled(settlement(all, 4)).await;
        assert_eq!(store.db.recipients_export(ID, 0, 9).await.unwrap(), before, "{end:?}");
    }
    let relaunched = vec![1, 2, 3, 4, 99];
    store.settled(BroadcastSettlement { relaunched, ..settlement(vec![delivered(99)], 4) }).await;
    assert_eq!(store.db.recipients_export(ID, 0, 9).await.unwrap(), before);
}

async fn the_watermark_only_rises(store: &Store) {
    store.begun(plan(), &[1, 2, 3]).await;
    for (raised, is) in [(2, 2), (1, 2), (0, 2), (3, 3), (-7, 3)] {
        assert_eq!(store.settled(settlement(Vec::new(), raised)).await.watermark, is);
    }
}

async fn reachable(store: &Store, id: i64) -> bool {
    store.db.user_get(UserId(id)).await.unwrap().unwrap().reachable
}

async fn who_is_out_of_reach_is_marked_once(store: &Store) {
    store.people(&[1, 2, 3].map(|id| Person::new(id, -9))).await;
    store.begun(plan(), &[1, 2, -3, 404, 3]).await;
    let blocked = |seq| outcome(seq, RecipientEnd::Blocked("deactivated"));
    let ends: Vec<_> = vec![blocked(1), delivered(2), blocked(3), blocked(4)];
    store.settled(settlement(ends.clone(), 5)).await;
    assert!(!reachable(store, 1).await);
    assert!(reachable(store, 2).await && reachable(store, 3).await);

    // They have come back before the batch was written again.
    store.db.user_set_reachable(UserId(1), true).await.unwrap();
    store.settled(settlement(ends, 5)).await;
    assert!(reachable(store, 1).await);
}

async fn the_deferred_wait_in_their_order(store: &Store) {
    store.begun(plan(), &[1, 2, 3, 4]).await;
    let times = [(1, 30), (2, 10), (3, 10), (4, 20)];
    let ends = times.map(|(seq, until)| outcome(seq, RecipientEnd::Deferred(at(until))));
    store.settled(settlement(ends.into(), 4)).await;
    let waiting = store.db.recipients_deferred(ID, 9).await.unwrap();
    assert_eq!(numbers(&waiting), [2, 3, 4, 1]);
    assert_eq!(waiting[3].not_before, Some(at(30)));
    assert_eq!(numbers(&store.db.recipients_deferred(ID, 2).await.unwrap()), [2, 3]);
    assert!(store.db.recipients_page(ID, 0, 9).await.unwrap().is_empty());
    // Put off once more.
    store.settled(settlement(vec![outcome(2, RecipientEnd::Deferred(at(99)))], 4)).await;
    assert_eq!(numbers(&store.db.recipients_deferred(ID, 9).await.unwrap()), [3, 4, 1, 2]);
}

async fn a_relaunched_one_is_not_waiting_any_more(store: &Store) {
    store.begun(plan(), &[1, 2, 3]).await;
    let ends = [1, 2].map(|seq| outcome(seq, RecipientEnd::Deferred(at(10))));
    // In one commit put off and let go; 3 was never put off.
    let relaunched = vec![1, 3];
    store.settled(BroadcastSettlement { relaunched, ..settlement(ends.into(), 2) }).await;
    assert_eq!(numbers(&store.db.recipients_deferred(ID, 9).await.unwrap()), [2]);
    assert_eq!(numbers(&store.db.recipients_page(ID, 0, 9).await.unwrap()), [3]);
    let progress = store.settled(settlement(vec![delivered(1)], 2)).await;
    assert_eq!((progress.delivered, progress.pending()), (1, 2));
}

async fn a_chat_that_moved_is_followed(store: &Store) {
    store.begun(plan(), &[-1, -2, -3, -4, -50]).await;
    let moved = |seq, to| outcome(seq, RecipientEnd::Moved(ChatId(to)));
    let ends = vec![
        moved(1, -1_001),
        // Two groups became one, one is a recipient already, and one goes nowhere.
        moved(2, -1_002),
        moved(3, -1_002),
        moved(4, -50),
        moved(5, -50),
    ];
    let progress = store.settled(settlement(ends, 5)).await;
    assert_eq!((progress.failed, progress.pending()), (2, 3));
    let waiting = store.db.recipients_deferred(ID, 9).await.unwrap();
    let found: Vec<_> = waiting.iter().map(|one| (one.seq, one.chat.0, one.not_before)).collect();
    assert_eq!(found, [(1, -1_001, None), (2, -1_002, None), (5, -50, None)]);
    let failed = store.db.broadcast_causes(ID).await.unwrap();
    assert!(failed.iter().any(|cause| cause.reason == "duplicate" && cause.count == 2));
}

/// 1 and 2 are over or put off, 3 was relaunched, 4 and 5 may have been sent, 6 was not.
async fn died(store: &Store, doubt: DoubtPolicy) {
    store.begun(NewBroadcast { doubt, ..plan() }, &[1, 2, 3, 4, 5, 6]).await;
    let ends = vec![
        delivered(1),
        outcome(2, RecipientEnd::Deferred(at(80))),
        outcome(3, RecipientEnd::Deferred(at(70))),
    ];
    let relaunched = vec![3];
    store.settled(BroadcastSettlement { relaunched, ..settlement(ends, 5) }).await;
}

async fn the_doubtful_are_left_alone(store: &Store) {
    died(store, DoubtPolicy::Skip).await;
    assert_eq!(store.db.broadcast_recover(ID, at(9)).await.unwrap(), (0, 3));
    let progress = store.account(ID).await;
    assert_eq!((progress.in_doubt, progress.pending()), (3, 2));
    assert_eq!(numbers(&store.db.recipients_deferred(ID, 9).await.unwrap()), [2]);
    assert_eq!(numbers(&store.db.recipients_page(ID, 0, 9).await.unwrap()), [6]);
    assert_eq!(store.db.broadcast_recover(ID, at(9)).await.unwrap(), (0, 0), "once");
    assert_eq!(store.account(ID).await, progress);
}

async fn the_doubtful_are_sent_again(store: &Store) {
    died(store, DoubtPolicy::Resend).await;
    assert_eq!(store.db.broadcast_recover(ID, at(9)).await.unwrap(), (3, 0));
    let progress = store.account(ID).await;
    assert_eq!((progress.in_doubt, progress.pending()), (0, 5));
    let waiting = store.db.recipients_deferred(ID, 9).await.unwrap();
    assert_eq!(numbers(&waiting), [3, 4, 5, 2], "at once, before who waits for a time");
    assert!(waiting[..3].iter().all(|one| one.not_before.is_none()));
    assert_eq!(numbers(&store.db.recipients_page(ID, 0, 9).await.unwrap()), [6]);
    assert_eq!(store.db.broadcast_recover(ID, at(9)).await.unwrap(), (0, 0), "once");
}

async fn of_one_that_is_over_nothing_is_sent_again(store: &Store) {
    died(store, DoubtPolicy::Resend).await;
    assert!(store.db.broadcast_control(ID, Control::Cancel, at(8)).await.unwrap());
    assert_eq!(store.db.broadcast_recover(ID, at(9)).await.unwrap(), (0, 3));
    assert_eq!(store.account(ID).await.in_doubt, 3);
}

/// The mark below which nobody is looked for rises, but not over one that still waits.
async fn the_doubtful_are_found_far_below_the_watermark(store: &Store) {
    const RECIPIENTS: i64 = 12_000;
    let chats: Vec<_> = (1..=RECIPIENTS).collect();
    store.begun(plan(), &chats).await;
    let slow = [3, 5_000, 11_111];
    let mut found_to = 0;
    for watermark in (500..=RECIPIENTS).step_by(500) {
        let ends = (watermark - 499..=watermark).filter(|seq| !slow.contains(seq)).map(delivered);
        let progress = store.db.broadcast_settle(settlement(ends.collect(), watermark), at(7));
        found_to = progress.await.unwrap().watermark;
        let ends = if watermark == 6_000 { vec![delivered(3)] } else { Vec::new() };
        store.db.broadcast_settle(settlement(ends, watermark), at(7)).await.unwrap();
    }
    assert_eq!(found_to, RECIPIENTS);
    let mark = store.place.number("SELECT settled_to FROM broadcast_progress").await;
    assert_eq!(mark, 4_999, "up to the first that waits");
    store.account(ID).await;
    assert_eq!(store.db.broadcast_recover(ID, at(9)).await.unwrap(), (0, 2));
    assert_eq!(store.account(ID).await.pending(), 0);
}

async fn causes_are_counted_by_reason(store: &Store) {
    store.begun(plan(), &[1, 2, 3, 4, 5, 6, 7]).await;
    let mut ends = one_of_each();
    ends.push(outcome(6, RecipientEnd::Blocked("blocked")));
    let relaunched = vec![5];
    store.settled(BroadcastSettlement { relaunched, ..settlement(ends, 7) }).await;
    let causes = store.db.broadcast_causes(ID).await.unwrap();
    let found: Vec<_> =
        causes.iter().map(|one| (one.state.as_str(), one.reason.as_str(), one.count)).collect();
    let expected = [
        ("blocked", "blocked", 2),
        ("deferred", "", 1),
        ("delivered", "", 1),
        ("failed", "refused", 1),
        ("in_doubt", "", 1),
        ("pending", "", 1),
    ];
    assert_eq!(found, expected);
}

async fn take(store: &Store, instance: &str, ttl: Duration) -> Option<Db> {
    let owner = owner(instance, 1);
    match store.db.lease_take("leader".to_owned(), owner, ttl).await.unwrap() {
        LeaseAnswer::Taken { token, .. } => Some(store.db.under(token)),
        LeaseAnswer::Held { .. } => None,
    }
}

async fn writes(db: &Db) -> Vec<(&'static str, StoreResult<()>)> {
    let another = NewBroadcast { id: BroadcastId(2), ..plan() };
    let next = slice(&[8, 9], FillCursor::default(), None);
    vec![
        ("create", db.broadcast_create(another, at(8)).await.map(drop)),
        ("begin", db.broadcast_begin(BroadcastId(3), at(8)).await.map(drop)),
        ("fill", db.recipients_fill(BroadcastId(3), next).await.map(drop)),
        ("settle", db.broadcast_settle(settlement(one_of_each(), 5), at(8)).await.map(drop)),
        ("recover", db.broadcast_recover(ID, at(8)).await.map(drop)),
        ("end", db.broadcast_end(ID, BroadcastState::Done, None, at(8)).await.map(drop)),
    ]
}

async fn a_leader_of_the_past_changes_no_broadcast(store: &Store) {
    store.people(&[Person::new(2, -9)]).await;
    let planned = NewBroadcast { id: BroadcastId(3), ..plan() };
    assert!(store.db.broadcast_create(planned, at(0)).await.unwrap());
    let past = take(store, "a", Duration::from_millis(1)).await.unwrap();
    let leader =
        bounded("the lease to run out", async || take(store, "b", Duration::from_mins(10)).await)
            .await;
    store.begun(plan(), &[1, 2, 3, 4, 5]).await;
    let before = store.db.broadcasts_list(None, 9).await.unwrap();
    for (what, result) in writes(&past).await {
        let error = result.expect_err(what);
        assert!(error.is_lease_lost(), "{what}: {error}");
    }
    assert_eq!(store.db.broadcasts_list(None, 9).await.unwrap(), before);
    assert_eq!(store.rows("broadcast_recipients WHERE state <> 'pending'").await, 0);
    assert!(reachable(store, 2).await);
    for (what, result) in writes(&leader).await {
        result.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    assert_eq!(store.db.broadcasts_list(None, 9).await.unwrap().len(), 3);
    assert_eq!(store.account(ID).await.settled(), 4);
    assert_eq!(store.account(BroadcastId(3)).await.filled, 2);
}
