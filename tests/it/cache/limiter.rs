//! The limits of all processes.

use std::time::Duration;

use primelingo::cache::{Cache, CacheState, Lane, SharedLimiter, Turn};
use primelingo::domain::ids::ChatId;

use super::{named, until, with};
use crate::support::redis::Redis;

contract! {
    a_chat_has_its_burst_and_then_waits,
    chats_do_not_hold_each_other,
    a_group_is_held_to_both_of_its_limits,
    replies_go_when_the_bots_budget_is_gone_and_bulk_waits,
    bulk_keeps_its_floor,
    who_waits_is_charged_nothing,
    an_album_costs_its_parts_and_is_never_stuck,
    what_weighs_nothing_always_goes,
}

const ANN: ChatId = ChatId(1001);
const GROUP: ChatId = ChatId(-5);
/// One message of [`super::SLOW`].
const STEP: Duration = Duration::from_secs(1000);

async fn ask(cache: &Cache, chat: ChatId, lane: Lane) -> Turn {
    cache.limiter.reserve(chat, lane, 1).await
}

/// A wait of so many steps, less what has passed since.
#[track_caller]
fn waits(turn: Turn, steps: u32, step: Duration) {
    let Turn::Wait(wait) = turn else { panic!("it may go") };
    let whole = step * steps;
    assert!(wait <= whole && wait + step / 2 > whole, "{wait:?}, not {whole:?}");
}

async fn a_chat_has_its_burst_and_then_waits(cache: &Cache) {
    for _ in 0..3 {
        assert_eq!(ask(cache, ANN, Lane::Reply).await, Turn::Granted);
    }
    waits(ask(cache, ANN, Lane::Reply).await, 1, STEP);
    waits(ask(cache, ANN, Lane::Bulk).await, 1, STEP);
}

async fn chats_do_not_hold_each_other(cache: &Cache) {
    for chat in 1..=20 {
        for _ in 0..3 {
            assert_eq!(ask(cache, ChatId(chat), Lane::Reply).await, Turn::Granted);
        }
    }
}

async fn a_group_is_held_to_both_of_its_limits(cache: &Cache) {
    for _ in 0..2 {
        assert_eq!(ask(cache, GROUP, Lane::Reply).await, Turn::Granted);
    }
    // Two a minute: half a minute for one.
    waits(ask(cache, GROUP, Lane::Reply).await, 1, Duration::from_secs(30));
}

async fn replies_go_when_the_bots_budget_is_gone_and_bulk_waits(cache: &Cache) {
    for chat in 1..=10 {
        assert_eq!(ask(cache, ChatId(chat), Lane::Reply).await, Turn::Granted);
    }
    // The floor has one.
    assert_eq!(ask(cache, ChatId(11), Lane::Bulk).await, Turn::Granted);
    // Ten replies leave the bucket empty, no emptier: one step for the next.
    waits(ask(cache, ChatId(12), Lane::Bulk).await, 1, STEP);
    assert_eq!(ask(cache, ChatId(12), Lane::Reply).await, Turn::Granted);
}

async fn bulk_keeps_its_floor(cache: &Cache) {
    for chat in 1..=4 {
        assert_eq!(ask(cache, ChatId(chat), Lane::Reply).await, Turn::Granted);
    }
    assert_eq!(ask(cache, ChatId(5), Lane::Bulk).await, Turn::Granted);
    waits(ask(cache, ChatId(6), Lane::Bulk).await, 1, STEP);
}

async fn who_waits_is_charged_nothing(cache: &Cache) {
    for _ in 0..3 {
        ask(cache, ANN, Lane::Reply).await;
    }
    for _ in 0..10 {
        waits(ask(cache, ANN, Lane::Reply).await, 1, STEP);
        waits(ask(cache, ANN, Lane::Bulk).await, 1, STEP);
    }
    // Three replies were charged to the bot: a fourth message has room.
    assert_eq!(ask(cache, ChatId(2), Lane::Bulk).await, Turn::Granted);
}

async fn an_album_costs_its_parts_and_is_never_stuck(cache: &Cache) {
    assert_eq!(cache.limiter.reserve(ANN, Lane::Reply, 10).await, Turn::Granted);
    // Ten parts are paid for, and one of the burst of three is free again after eight.
    waits(ask(cache, ANN, Lane::Reply).await, 8, STEP);
    waits(cache.limiter.reserve(ANN, Lane::Reply, 3).await, 10, STEP);
}

async fn what_weighs_nothing_always_goes(cache: &Cache) {
    for _ in 0..10 {
        ask(cache, ANN, Lane::Reply).await;
    }
    for lane in [Lane::Reply, Lane::Bulk] {
        assert_eq!(cache.limiter.reserve(ANN, lane, 0).await, Turn::Granted);
    }
}

#[tokio::test]
async fn without_limits_everything_goes() {
    for _ in 0..100 {
        assert_eq!(SharedLimiter::none().reserve(ANN, Lane::Bulk, 10).await, Turn::Granted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_share_what_is_left_and_installations_do_not() {
    let redis = Redis::start();
    let (one, other) = (with(&redis).await, with(&redis).await);
    for cache in [&one, &other, &one] {
        assert_eq!(ask(cache, ANN, Lane::Reply).await, Turn::Granted);
    }
    waits(ask(&other, ANN, Lane::Reply).await, 1, STEP);

    let stranger = named(&redis, "stranger");
    until(&stranger, CacheState::Shared).await;
    assert_eq!(ask(&stranger, ANN, Lane::Reply).await, Turn::Granted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_set_back_silences_nobody() {
    let redis = Redis::start();
    let cache = with(&redis).await;
    for _ in 0..3 {
        ask(&cache, ANN, Lane::Reply).await;
    }
    let key = format!("primelingo:{{test}}:limit:chat:{ANN}");
    let far = "99999999999999999";
    let () = redis.ask(&["SET", &key, far]).unwrap();
    // No further away than the largest album would have brought it.
    waits(ask(&cache, ANN, Lane::Reply).await, 8, STEP);
}
