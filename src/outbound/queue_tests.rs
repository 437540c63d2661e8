//! The queue in invented time. Limits: 10 messages a second in bursts of 3, one a second to a chat in
//! bursts of 2.

use proptest::prelude::*;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::ids::{BroadcastId, MessageId};
use crate::domain::limits::LimitsConfig;
use crate::domain::outgoing::Outgoing;
use crate::outbound::parcel::{ParcelDoor, ParcelEnd, ParcelKey};
use crate::store::records::{NewOutbox, OutboxClass};

const LIMITS: LimitsConfig = LimitsConfig {
    rate_per_s: 10.0,
    burst: 3,
    reply_reserve: 0,
    bulk_rate_per_s: 10.0,
    bulk_floor_per_s: 0.0,
    paid_rate_per_s: 100.0,
    chat_rate_per_s: 1.0,
    chat_burst: 2,
    group_per_min: 20,
};

const fn ms(ms: u64) -> Moment {
    Duration::from_millis(ms)
}

fn row(id: i64, chat: i64, class: OutboxClass) -> Row {
    let payload = r#"{"type":"text","html":"hi"}"#.to_owned();
    let (id, chat) = (OutboxId(id), ChatId(chat));
    Row::new(
        &NewOutbox {
            id,
            chat,
            thread: 0,
            class,
            payload,
            edit_message: None,
            edit_of: None,
            trace: None,
        },
        false,
    )
}

fn reply(id: i64, chat: i64) -> Row {
    row(id, chat, OutboxClass::Reply)
}

fn bulk(id: i64, chat: i64) -> Row {
    row(id, chat, OutboxClass::Bulk)
}

fn with(limits: Option<LimitsConfig>, rows: impl IntoIterator<Item = Row>) -> Queue {
    let mut queue = Queue::new(limits.as_ref().map(Limits::new));
    for row in rows {
        queue.insert(row, 0, Moment::ZERO, ms(0));
    }
    queue
}

/// A row's id, or a parcel's number below zero.
fn number(entry: &Entry) -> i64 {
    match entry.row.key {
        Key::Row(id) => id.0,
        Key::Parcel(number) => -i64::try_from(number).unwrap(),
    }
}

/// All that a lane may send now.
fn take_all(queue: &mut Queue, lane: Lane, now: Moment) -> Vec<i64> {
    queue.advance(now);
    std::iter::from_fn(|| queue.take(lane, now)).map(|entry| number(&entry)).collect()
}

#[test]
fn a_chat_has_one_message_in_flight_and_keeps_its_order() {
    let mut queue = with(None, [reply(2, 7), reply(3, 8), reply(1, 7), reply(4, 7)]);
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [3, 1]);
    assert_eq!(queue.next_look([Lane::Bulk], ms(0)), None);

    queue.finish(ChatId(7), ms(0));
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [2]);
    // It failed, and a row that was committed late turns up: both go before the last.
    queue.insert(reply(3, 7), 0, ms(0), ms(0));
    queue.put_back(ChatId(7), ms(500), true, ms(0));
    assert!(take_all(&mut queue, Lane::Reply, ms(499)).is_empty());
    assert_eq!(queue.next_look([Lane::Bulk], ms(499)), Some(ms(500)));
    for expected in [2, 4] {
        assert_eq!(take_all(&mut queue, Lane::Reply, ms(500)), [expected]);
        queue.finish(ChatId(7), ms(500));
    }
    queue.finish(ChatId(8), ms(500));
    assert_eq!((queue.len(), queue.chats.len()), (0, 0));
}

#[test]
fn a_row_in_memory_is_taken_once() {
    let mut queue = with(None, [reply(1, 7), reply(1, 7)]);
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [1]);
    queue.insert(reply(1, 7), 0, ms(0), ms(0));
    assert!(queue.contains(OutboxId(1)));
    queue.finish(ChatId(7), ms(0));
    assert!(take_all(&mut queue, Lane::Reply, ms(0)).is_empty());
    assert!(!queue.contains(OutboxId(1)));
}

#[test]
fn tries_are_counted() {
    let mut queue = with(None, [reply(1, 7)]);
    for (counts, attempts) in [(true, 0), (false, 1), (true, 1), (true, 2)] {
        let entry = queue.take(Lane::Reply, ms(0)).expect("ready");
        assert_eq!(entry.attempts, attempts);
        queue.put_back(ChatId(7), ms(0), counts, ms(0));
    }
}

#[test]
fn a_row_comes_with_its_tries_and_waits_for_its_time() {
    let mut queue = with(None, []);
    queue.insert(reply(1, 7), 2, ms(100), ms(0));
    queue.advance(ms(99));
    assert!(queue.take(Lane::Reply, ms(99)).is_none());
    queue.advance(ms(100));
    assert_eq!(queue.take(Lane::Reply, ms(100)).map(|entry| entry.attempts), Some(2));
}

#[test]
fn rows_that_come_in_any_order_leave_in_theirs() {
    let mut queue = with(None, [4, 2, 5, 3, 1].map(|id| reply(id, 7)));
    for (waiting, expected) in [(4, 1), (3, 2), (2, 3), (1, 4), (0, 5)] {
        assert_eq!(queue.replies_waiting(), waiting + 1);
        assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [expected]);
        assert_eq!(queue.replies_waiting(), waiting);
        queue.finish(ChatId(7), ms(0));
    }
}

#[test]
fn there_is_room_for_a_burst_and_then_for_the_rate() {
    let mut queue = with(Some(LIMITS), (1..=9).map(|id| bulk(id, id)));
    assert_eq!(queue.room(ms(0)), Some(3));
    take_all(&mut queue, Lane::Bulk, ms(0));
    assert_eq!((queue.room(ms(0)), queue.room(ms(100))), (Some(0), Some(1)));
    assert_eq!(with(None, []).room(ms(0)), None);
}

#[test]
fn a_chat_waits_for_its_own_limit_only() {
    let rows = (1..=3).map(|id| reply(id, 7)).chain([reply(4, 8)]);
    let mut queue = with(Some(LIMITS), rows);
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [1, 4]);
    queue.finish(ChatId(7), ms(10));
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(10)), [2]);
    queue.finish(ChatId(7), ms(20));
    assert!(take_all(&mut queue, Lane::Reply, ms(999)).is_empty());
    assert_eq!(queue.next_look([Lane::Bulk], ms(999)), Some(ms(1000)));
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(1000)), [3]);
}

#[test]
fn bulk_waits_for_the_bot_and_replies_do_not() {
    let rows = (1..=5).map(|id| bulk(id, id)).chain((11..=20).map(|id| reply(id, id)));
    let mut queue = with(Some(LIMITS), rows);
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(0)), [1, 2, 3]);
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)).len(), 10);
    assert_eq!(queue.next_look([Lane::Bulk], ms(0)), Some(ms(100)));
    assert_eq!(queue.next_look([], ms(0)), None);
    assert!(take_all(&mut queue, Lane::Bulk, ms(99)).is_empty());
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(100)), [4]);
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(200)), [5]);
}

#[test]
fn a_reply_overtakes_the_bulk_of_its_chat() {
    let mut queue = with(None, [bulk(1, 7), bulk(2, 7), reply(3, 7)]);
    assert!(take_all(&mut queue, Lane::Bulk, ms(0)).is_empty());
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [3]);
    queue.finish(ChatId(7), ms(0));
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(0)), [1]);
    queue.insert(reply(4, 7), 0, ms(0), ms(0));
    assert!(take_all(&mut queue, Lane::Reply, ms(0)).is_empty());
    queue.finish(ChatId(7), ms(0));
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [4]);
}

#[test]
fn a_flood_wait_freezes_its_chat_and_nothing_else() {
    // Chat 7 has just got something, so that its limit alone explains the refusal.
    let mut queue = with(Some(LIMITS), [reply(1, 7), reply(2, 7), reply(3, 8), bulk(4, 9)]);
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [1, 3]);
    queue.finish(ChatId(7), ms(10));
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(10)), [2]);
    queue.freeze(ChatId(7), ms(5000), ms(10));
    queue.freeze(ChatId(7), ms(3000), ms(10));
    queue.put_back(ChatId(7), ms(3000), false, ms(10));
    for (at, frozen) in [(10, 1), (4_999, 1), (5_000, 0)] {
        assert_eq!(queue.frozen_chats(ms(at)), frozen, "at {at}");
    }

    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(20)), [4]);
    queue.finish(ChatId(8), ms(20));
    queue.insert(reply(5, 8), 0, ms(0), ms(1000));
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(1000)), [5]);
    assert!(take_all(&mut queue, Lane::Reply, ms(4999)).is_empty());
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(5000)), [2]);
}

#[test]
fn a_freeze_outlives_an_empty_chat() {
    let mut queue = with(None, [reply(1, 7)]);
    take_all(&mut queue, Lane::Reply, ms(0));
    queue.freeze(ChatId(7), ms(5000), ms(0));
    queue.finish(ChatId(7), ms(0));
    queue.insert(reply(2, 7), 0, ms(0), ms(1000));
    assert!(take_all(&mut queue, Lane::Reply, ms(1000)).is_empty());
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(5000)), [2]);
    queue.finish(ChatId(7), ms(5000));
    queue.advance(ms(5001));
    assert!(queue.chats.is_empty());
}

#[test]
fn two_refused_chats_within_two_seconds_freeze_bulk() {
    for (second_at, expected) in [(ms(2000), ms(9000)), (ms(2001), ms(2001))] {
        let mut queue = with(None, [reply(1, 7), reply(2, 8), bulk(3, 9)]);
        take_all(&mut queue, Lane::Reply, ms(0));
        queue.freeze(ChatId(7), ms(9000), ms(0));
        queue.freeze(ChatId(8), ms(9000), second_at);
        let mut now = second_at;
        if take_all(&mut queue, Lane::Bulk, now).is_empty() {
            now = queue.next_look([Lane::Bulk], now).expect("a moment");
            assert_eq!(take_all(&mut queue, Lane::Bulk, now), [3]);
        }
        assert_eq!(now, expected);
    }
}

#[test]
fn a_refused_chat_that_had_rested_freezes_bulk() {
    let mut queue = with(Some(LIMITS), [reply(1, 7), reply(2, 8), bulk(3, 9)]);
    take_all(&mut queue, Lane::Reply, ms(0));
    queue.freeze(ChatId(7), ms(9000), ms(0));
    assert!(take_all(&mut queue, Lane::Bulk, ms(8999)).is_empty());
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(9000)), [3]);
}

#[test]
fn a_halt_stops_both_lanes() {
    let mut queue = with(None, [reply(1, 7), bulk(2, 8)]);
    queue.halt(ms(300));
    assert!(take_all(&mut queue, Lane::Reply, ms(299)).is_empty());
    assert!(take_all(&mut queue, Lane::Bulk, ms(299)).is_empty());
    assert_eq!(queue.next_look([Lane::Bulk], ms(299)), Some(ms(300)));
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(300)), [1]);
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(300)), [2]);
}

proptest! {
    /// Whatever happens, each row is finished once, in the order of its chat and lane, and the
    /// queue never sleeps for ever with something to do.
    #[test]
    fn everything_leaves_once_and_in_order(
        rows in prop::collection::vec((1_i64..5, any::<bool>()), 1..60),
        failures in prop::collection::vec(any::<bool>(), 0..60),
    ) {
        let mut queue = Queue::new(Some(Limits::new(&LIMITS)));
        let count = rows.len();
        for (id, (chat, is_bulk)) in rows.into_iter().enumerate() {
            let class = if is_bulk { OutboxClass::Bulk } else { OutboxClass::Reply };
            queue.insert(row(i64::try_from(id).unwrap() + 1, chat, class), 0, ms(0), ms(0));
        }
        let mut failures = failures.into_iter();
        let mut sent: Vec<(ChatId, Lane, Key)> = Vec::new();
        let mut now = ms(0);
        while sent.len() < count {
            queue.advance(now);
            let taken = queue.take(Lane::Reply, now).or_else(|| queue.take(Lane::Bulk, now));
            let Some(entry) = taken else {
                now = queue.next_look([Lane::Bulk], now).expect("a moment to look again");
                continue;
            };
            let chat = entry.row.chat;
            if failures.next() == Some(true) {
                queue.put_back(chat, now + ms(70), true, now);
            } else {
                sent.push((chat, entry.row.lane(), entry.row.key));
                queue.finish(chat, now);
            }
        }
        prop_assert_eq!((queue.len(), queue.replies_waiting()), (0, 0));
        for (index, (chat, lane, id)) in sent.iter().enumerate() {
            let later = &sent[index + 1..];
            let is_overtaken = later.iter().any(|(c, l, i)| c == chat && l == lane && i < id);
            prop_assert!(!is_overtaken, "{sent:?}");
        }
    }
}

#[test]
fn what_did_not_leave_costs_its_chat_nothing() {
    let mut queue = with(Some(LIMITS), [reply(1, 7), reply(2, 7), reply(3, 7)]);
    for now in [ms(0), ms(10), ms(20)] {
        assert_eq!(take_all(&mut queue, Lane::Reply, now), [1]);
        queue.take_back(ChatId(7), now + ms(10), now);
    }
    // The burst of two is still there.
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(30)), [1]);
    queue.finish(ChatId(7), ms(30));
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(30)), [2]);
    queue.finish(ChatId(7), ms(30));
    assert!(take_all(&mut queue, Lane::Reply, ms(30)).is_empty());
}

type Ends = UnboundedReceiver<(ParcelKey, ParcelEnd)>;

fn launched(queue: &mut Queue, door: &ParcelDoor, held: &CancellationToken, seq: i64, chat: i64) {
    queue.insert_parcel(parcel(door, held, seq, chat), ms(0));
}

fn launched_paid(queue: &mut Queue, door: &ParcelDoor, held: &CancellationToken, chat: i64) {
    queue.insert_parcel(Parcel { is_paid: true, ..parcel(door, held, chat, chat) }, ms(0));
}

fn parcel(door: &ParcelDoor, held: &CancellationToken, seq: i64, chat: i64) -> Parcel {
    let content: Outgoing = serde_json::from_str(r#"{"type":"text","html":"hi"}"#).unwrap();
    let key = ParcelKey { broadcast: BroadcastId(1), seq };
    let ticket = Ticket::new(key, door.clone(), held.clone());
    Parcel { chat: ChatId(chat), content: Arc::new(content), is_paid: false, ticket }
}

fn reported(ends: &mut Ends) -> Vec<(i64, ParcelEnd)> {
    std::iter::from_fn(|| ends.try_recv().ok()).map(|(key, end)| (key.seq, end)).collect()
}

#[test]
fn parcels_stand_behind_the_rows_of_their_chat() {
    let (door, mut ends) = unbounded_channel();
    let held = CancellationToken::new();
    let mut queue = Queue::new(None);
    launched(&mut queue, &door, &held, 5, 7);
    launched(&mut queue, &door, &held, 6, 7);
    queue.insert(bulk(9, 7), 0, Moment::ZERO, ms(0));
    queue.insert(reply(10, 7), 0, Moment::ZERO, ms(0));
    assert_eq!((queue.len(), queue.parcels()), (2, 2));
    assert!(take_all(&mut queue, Lane::Bulk, ms(0)).is_empty(), "the reply comes first");
    assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)), [10]);
    for expected in [9, -1, -2] {
        queue.finish(ChatId(7), ms(0));
        assert_eq!(take_all(&mut queue, Lane::Bulk, ms(0)), [expected]);
    }
    queue.finish(ChatId(7), ms(0));
    assert_eq!((queue.len(), queue.parcels()), (0, 0));
    // The tickets were dropped by who took them, unbegun.
    let not_sent = [(5, ParcelEnd::NotSent), (6, ParcelEnd::NotSent)];
    assert_eq!(reported(&mut ends), not_sent);
}

#[test]
fn what_is_not_wanted_never_leaves() {
    let (door, mut ends) = unbounded_channel();
    let (held, other) = (CancellationToken::new(), CancellationToken::new());
    let mut queue = Queue::new(None);
    launched(&mut queue, &door, &held, 1, 7);
    launched(&mut queue, &door, &other, 2, 7);
    held.cancel();
    assert!(reported(&mut ends).is_empty(), "nobody has looked yet");
    let taken = queue.take(Lane::Bulk, ms(0)).expect("the other's");
    assert_eq!(number(&taken), -2);
    assert_eq!(reported(&mut ends), [(1, ParcelEnd::NotSent)]);
    launched(&mut queue, &door, &held, 3, 7);
    launched(&mut queue, &door, &held, 4, 9);
    queue.drop_unwanted(ms(0));
    let mut rest = reported(&mut ends);
    rest.sort_by_key(|(seq, _)| *seq);
    assert_eq!(rest, [(3, ParcelEnd::NotSent), (4, ParcelEnd::NotSent)]);
    assert_eq!(queue.parcels(), 1);

    // What is in flight comes back with its ticket, and is in doubt once it had begun.
    let mut ticket = taken.ticket.expect("a ticket");
    ticket.begin();
    ticket.take_back();
    queue.return_ticket(ChatId(7), ticket);
    queue.put_back(ChatId(7), ms(5), true, ms(0));
    queue.advance(ms(5));
    let mut again = queue.take(Lane::Bulk, ms(5)).expect("again");
    assert_eq!((number(&again), again.attempts), (-2, 1));
    again.ticket.as_mut().expect("a ticket").begin();
    drop(again);
    assert_eq!(reported(&mut ends), [(2, ParcelEnd::InDoubt)]);
}

#[test]
fn a_drain_gives_all_parcels_back_and_keeps_the_rows() {
    let (door, mut ends) = unbounded_channel();
    let held = CancellationToken::new();
    let mut queue = with(None, [bulk(1, 7)]);
    launched(&mut queue, &door, &held, 1, 7);
    launched(&mut queue, &door, &held, 2, 8);
    queue.give_back_parcels(ms(0));
    assert_eq!(reported(&mut ends).len(), 2);
    assert_eq!((queue.len(), queue.parcels()), (1, 0));
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(0)), [1]);
}

#[test]
fn paid_parcels_have_a_lane_of_their_own() {
    let (door, _ends) = unbounded_channel();
    let held = CancellationToken::new();
    let mut queue = with(Some(LIMITS), [bulk(1, 1), bulk(2, 2), bulk(3, 3), bulk(4, 4)]);
    // The bot's budget of three is gone.
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(0)), [1, 2, 3]);
    for chat in 11..=13 {
        launched_paid(&mut queue, &door, &held, chat);
    }
    assert_eq!(take_all(&mut queue, Lane::Paid, ms(0)), [-1, -2, -3]);
    assert_eq!(queue.in_flight(ChatId(11)).map(|entry| entry.row.lane()), Some(Lane::Paid));

    // A flood there holds and slows that lane only, and one here this one only.
    launched_paid(&mut queue, &door, &held, 14);
    queue.freeze(ChatId(11), ms(5_000), ms(10));
    assert!(take_all(&mut queue, Lane::Paid, ms(4_999)).is_empty());
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(4_999)), [4]);
    assert_eq!(take_all(&mut queue, Lane::Paid, ms(5_000)), [-4]);
    assert_eq!(queue.per_s(Lane::Bulk), Some(10.0));
    assert!(queue.per_s(Lane::Paid).is_some_and(|per_s| per_s < 90.0));
}

#[test]
fn a_chat_that_waits_for_itself_holds_nobody_up() {
    let (door, _ends) = unbounded_channel();
    let held = CancellationToken::new();
    let mut queue = with(Some(LIMITS), [reply(1, 7), reply(2, 7)]);
    for _ in 0..2 {
        assert_eq!(take_all(&mut queue, Lane::Reply, ms(0)).len(), 1);
        queue.finish(ChatId(7), ms(0));
    }
    // Its burst of two is gone.
    launched(&mut queue, &door, &held, 1, 7);
    launched(&mut queue, &door, &held, 2, 8);
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(0)), [-2]);
    assert_eq!(take_all(&mut queue, Lane::Bulk, ms(1_000)), [-1]);
}

#[test]
fn removals_are_never_paid_for() {
    let removal = Arc::new(Outgoing::Delete { messages: vec![MessageId(1)] });
    assert_eq!(Row::of_parcel(1, ChatId(7), removal, true).lane(), Lane::Bulk);
}
