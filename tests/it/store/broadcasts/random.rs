//! Whatever comes in whatever order: the counters are what the recipients add up to.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use primelingo::domain::broadcast::{
    BroadcastState, Control, DoubtPolicy, NewBroadcast, RecipientEnd,
};
use primelingo::domain::ids::{BroadcastId, ChatId, MessageId};
use primelingo::store::records::{BroadcastSettlement, FillCursor};

use super::words::{outcome, plan, slice};
use crate::store::fixture::{Store, at};

contract! {
    counters_are_what_the_recipients_add_up_to,
}

const CASES: i64 = 24;
const CHATS: i64 = 12;

#[derive(Debug, Clone)]
enum Event {
    Fill { chats: Vec<i64>, is_last: bool },
    Settle { ends: Vec<(i64, RecipientEnd)>, relaunched: Vec<i64>, watermark: i64 },
    Recover,
    Control(Control),
}

fn any_end() -> impl Strategy<Value = RecipientEnd> {
    prop_oneof![
        4 => prop::collection::vec((1..99_i64).prop_map(MessageId), 0..3)
            .prop_map(RecipientEnd::Delivered),
        1 => Just(RecipientEnd::Blocked("blocked")),
        1 => Just(RecipientEnd::Failed("refused")),
        1 => Just(RecipientEnd::InDoubt),
        2 => (0..99_i64).prop_map(|second| RecipientEnd::Deferred(at(second))),
        1 => (1..CHATS * 2).prop_map(|chat| RecipientEnd::Moved(ChatId(chat))),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let fill = (prop::collection::vec(1..CHATS, 0..6), prop::bool::weighted(0.1))
        .prop_map(|(chats, is_last)| Event::Fill { chats, is_last });
    let ends = prop::collection::vec((1..20_i64, any_end()), 0..8);
    let settle = (ends, prop::collection::vec(1..20_i64, 0..4), 0..20_i64)
        .prop_map(|(ends, relaunched, watermark)| Event::Settle { ends, relaunched, watermark });
    let control = prop::sample::select(vec![Control::Pause, Control::Resume, Control::Cancel]);
    prop_oneof![
        3 => fill,
        6 => settle,
        1 => Just(Event::Recover),
        1 => control.prop_map(Event::Control),
    ]
}

async fn counters_are_what_the_recipients_add_up_to(store: &Store) {
    let mut runner = TestRunner::deterministic();
    let events = prop::collection::vec(any_event(), 1..30);
    for case in 1..=CASES {
        let events = events.new_tree(&mut runner).unwrap().current();
        let doubt = if case % 2 == 0 { DoubtPolicy::Resend } else { DoubtPolicy::Skip };
        let id = BroadcastId(case);
        let planned = NewBroadcast { id, doubt, ..plan() };
        assert!(store.db.broadcast_create(planned, at(0)).await.unwrap());
        assert!(store.db.broadcast_begin(id, at(1)).await.unwrap());
        play(store, id, events).await;
    }
}

async fn play(store: &Store, id: BroadcastId, events: Vec<Event>) {
    let mut cursor = FillCursor::default();
    let mut settled = BTreeMap::new();
    for event in events {
        match event {
            Event::Fill { chats, is_last } => {
                let next = FillCursor { id: cursor.id + 1, ..cursor };
                let slice = slice(&chats, cursor, (!is_last).then_some(next));
                if store.db.recipients_fill(id, slice).await.unwrap() && !is_last {
                    cursor = next;
                }
            }
            Event::Settle { ends, relaunched, watermark } => {
                let outcomes = ends.into_iter().map(|(seq, end)| outcome(seq, end)).collect();
                let settlement = BroadcastSettlement { id, outcomes, relaunched, watermark };
                store.settled(settlement).await;
            }
            Event::Recover => {
                let before = store.account(id).await;
                let (resent, in_doubt) = store.db.broadcast_recover(id, at(3)).await.unwrap();
                let after = store.account(id).await;
                assert_eq!(after.in_doubt - before.in_doubt, in_doubt);
                assert!(
                    before.pending() - after.pending() == in_doubt && resent <= after.pending()
                );
                let doubtful = format!(
                    "broadcast_recipients WHERE broadcast_id = {id} AND (state = 'sending'
                         OR state = 'pending' AND seq <= {})",
                    after.watermark
                );
                assert_eq!(store.rows(&doubtful).await, 0);
            }
            Event::Control(control) => {
                store.db.broadcast_control(id, control, at(4)).await.unwrap();
            }
        }
        store.account(id).await;
        // What is settled stays settled, and only what waits has a time to wait for.
        for one in store.db.recipients_export(id, 0, 99).await.unwrap() {
            if !matches!(one.state.as_str(), "pending" | "deferred") {
                let first = settled.entry(one.seq).or_insert_with(|| one.clone());
                assert_eq!(*first, one);
            }
        }
    }
    let wrong = format!(
        "broadcast_recipients WHERE broadcast_id = {id}
         AND (not_before IS NOT NULL) <> (state IN ('deferred', 'sending'))"
    );
    assert_eq!(store.rows(&wrong).await, 0);
    let state = store.db.broadcast_get(id).await.unwrap().unwrap().state;
    assert!(!matches!(state, BroadcastState::Scheduled | BroadcastState::Done));
}
