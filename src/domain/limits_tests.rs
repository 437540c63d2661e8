//! The arithmetic in invented time.

use proptest::prelude::*;

use super::*;

const CONFIG: LimitsConfig = LimitsConfig {
    rate_per_s: 10.0,
    burst: 3,
    reply_reserve: 0,
    bulk_rate_per_s: 10.0,
    bulk_floor_per_s: 1.0,
    paid_rate_per_s: 100.0,
    chat_rate_per_s: 1.0,
    chat_burst: 2,
    group_per_min: 6,
};

const fn ms(ms: u64) -> Moment {
    Duration::from_millis(ms)
}

/// Sends one message after the other, each as early as it fits, from `start` on.
fn greedy(rate: &Rate, start: Moment, weights: &[usize]) -> Vec<u128> {
    let mut bucket = Bucket::default();
    let mut now = start;
    let mut times = Vec::new();
    for weight in weights {
        now = now.max(bucket.ready_at(rate, *weight));
        bucket.charge(rate, *weight, now);
        times.push(now.as_millis());
    }
    times
}

#[test]
fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
    let rate = Rate::per_second(10.0, 3);
    let times = greedy(&rate, ms(1000), &[1, 1, 1, 1, 1, 1]);
    assert_eq!(times, [1000, 1000, 1000, 1100, 1200, 1300]);
}

#[test]
fn an_album_costs_its_parts_even_when_it_exceeds_the_burst() {
    let rate = Rate::per_second(10.0, 3);
    assert_eq!(greedy(&rate, ms(1000), &[2, 2, 1]), [1000, 1100, 1200]);
    // Ten parts need a full bucket, and the next message waits until they are paid for.
    assert_eq!(greedy(&rate, ms(1000), &[1, 10, 1, 0]), [1000, 1100, 1900, 1900]);
}

#[test]
fn a_rate_tells_what_it_is() {
    let rate = Rate::per_second(10.0, 3);
    assert_eq!((rate.interval(), rate.burst()), (ms(100), 3));
    assert_eq!(Rate::per_second(1.0, 0).burst(), 1);
    assert!(NEVER >= Duration::from_hours(24 * 300), "about a year");
}

#[test]
fn the_paid_lane_sends_a_twentieth_of_its_second_at_once() {
    for (per_s, burst) in [(100.0, 5), (1_000.0, 50), (30.0, 2), (1.0, 1)] {
        let mut limits = Limits::new(&LimitsConfig { paid_rate_per_s: per_s, ..CONFIG });
        let mut at_once = 0;
        while limits.paid.ready_at(1, 0) <= ms(1_000) && at_once < 100 {
            limits.paid.charge(1, ms(1_000));
            at_once += 1;
        }
        assert_eq!(at_once, burst, "{per_s} per second");
    }
}

#[test]
fn chats_are_remembered_until_they_have_rested_and_there_are_many() {
    let mut chats = ChatLimits::new(&CONFIG);
    let many = i64::try_from(REMEMBERED_CHATS_MIN).unwrap();
    for chat in 1..=many {
        chats.charge(ChatId(chat), 1, ms(0));
    }
    assert_eq!(chats.remembered(), REMEMBERED_CHATS_MIN);
    // None has rested: all are kept, also the one that has sent least.
    chats.charge(ChatId(many + 1), 1, ms(1));
    assert_eq!(chats.remembered(), REMEMBERED_CHATS_MIN + 1);
    assert!(!chats.is_rested(ChatId(1), ms(1)));
    let mut chats = ChatLimits::new(&CONFIG);
    chats.charge(ChatId(1), 1, ms(0));
    chats.charge(ChatId(2), 1, ms(60_000));
    assert_eq!(chats.remembered(), 2, "few: nothing is forgotten");
    chats.charge(ChatId(2), 0, ms(60_000));
    chats.charge(ChatId(3), 0, ms(60_000));
    assert_eq!(chats.remembered(), 2, "what weighs nothing leaves no trace");
}

#[test]
fn odd_rates_do_no_harm() {
    for rate in [0.0, -1.0, f64::NAN, f64::NEG_INFINITY] {
        let rate = Rate::per_second(rate, 0);
        let mut bucket = Bucket::default();
        bucket.charge(&rate, 1, ms(5));
        assert_eq!(bucket.ready_at(&rate, 1), NEVER + ms(5));
    }
    let mut bucket = Bucket::default();
    bucket.charge(&Rate::per_second(f64::INFINITY, 1), usize::MAX, ms(5));
    assert!(bucket.is_full(ms(5)));
}

#[test]
fn replies_charge_the_bot_and_bulk_pays_no_old_debt() {
    let mut bot = BotLimit::new(&CONFIG);
    bot.charge_bulk(1, ms(1000));
    assert_eq!(bot.room(ms(1000)), 2);
    for _ in 0..1000 {
        bot.charge_reply(1, ms(1000));
    }
    assert_eq!(bot.room(ms(1000)), 0);
    // A thousand replies empty the bucket, no more: the next bulk message is one step away.
    assert_eq!(bot.bulk_ready_at(1), ms(1100));
}

#[test]
fn bulk_keeps_its_floor_while_replies_use_up_everything() {
    let mut bot = BotLimit::new(&CONFIG);
    let mut times = Vec::new();
    for now in (1000..4500).step_by(50).map(ms) {
        bot.charge_reply(1, now);
        if bot.bulk_ready_at(1) <= now {
            bot.charge_bulk(1, now);
            times.push(now.as_millis());
        }
    }
    // The first one still finds room in the bucket, the others live on the floor.
    assert_eq!(times, [1000, 2000, 3000, 4000]);

    let without = LimitsConfig { bulk_floor_per_s: 0.0, ..CONFIG };
    let mut bot = BotLimit::new(&without);
    bot.charge_bulk(1, ms(0));
    bot.charge_reply(2, ms(0));
    for now in (0..10_000).step_by(50).map(ms) {
        bot.charge_reply(1, now);
        assert!(bot.bulk_ready_at(1) > now);
    }
}

#[test]
fn a_group_is_held_to_both_of_its_limits() {
    let group = ChatId(-5);
    let mut chats = ChatLimits::new(&CONFIG);
    let mut now = ms(1000);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let (ready_at, scope) = chats.ready_at(group, 1);
        now = now.max(ready_at);
        chats.charge(group, 1, now);
        waits.push((now.as_secs(), scope.name()));
    }
    let times: Vec<u64> = waits.iter().map(|(time, _)| *time).collect();
    assert_eq!(times, [1, 1, 2, 3, 4, 5, 11, 21, 31]);
    assert_eq!((waits[3].1, waits[8].1), ("chat", "group"));
    assert_eq!(chats.ready_at(ChatId(5), 1).0, Moment::ZERO);
}

#[test]
fn a_message_that_did_not_go_costs_its_chat_nothing() {
    for chat in [ChatId(5), ChatId(-5)] {
        let mut chats = ChatLimits::new(&CONFIG);
        chats.give_back(chat, 1);
        chats.charge(chat, 1, ms(1000));
        let before = chats.ready_at(chat, 2);
        for _ in 0..10 {
            chats.charge(chat, 1, ms(1000));
            chats.give_back(chat, 1);
        }
        assert_eq!(chats.ready_at(chat, 2), before);
    }
}

#[test]
fn chats_that_rest_are_forgotten() {
    let mut chats = ChatLimits::new(&CONFIG);
    for id in 1..=100_000 {
        // 1000 sends a second: a chat's bucket is full again after a second.
        let now = ms(u64::try_from(id).unwrap());
        chats.charge(ChatId(id), 1, now);
    }
    assert!(chats.remembered() <= REMEMBERED_CHATS_MIN, "{}", chats.remembered());
    assert!(!chats.is_rested(ChatId(100_000), ms(100_000)));
    assert!(chats.is_rested(ChatId(100_000), ms(101_000)));
    assert!(chats.is_rested(ChatId(1), ms(100_000)));
}

proptest! {
    #[test]
    fn no_window_sees_more_than_burst_plus_rate(
        burst in 1_u32..20,
        interval_ms in 1_u64..500,
        tries in prop::collection::vec((0_u64..400, 1_usize..12), 1..120),
    ) {
        let rate = Rate { interval: ms(interval_ms), burst };
        let mut bucket = Bucket::default();
        let mut now = ms(10_000);
        let mut sent: Vec<(Moment, usize)> = Vec::new();
        for (pause_ms, weight) in tries {
            now += ms(pause_ms);
            let weight = weight.min(usize::try_from(burst).unwrap());
            if bucket.ready_at(&rate, weight) <= now {
                bucket.charge(&rate, weight, now);
                sent.push((now, weight));
            }
        }
        for (first, (begin, _)) in sent.iter().enumerate() {
            let mut total = 0_u128;
            for (end, weight) in &sent[first..] {
                total += u128::try_from(*weight).unwrap();
                let span_ms = end.saturating_sub(*begin).as_millis();
                let allowed = u128::from(burst) + span_ms / u128::from(interval_ms);
                prop_assert!(total <= allowed, "{total} within {span_ms} ms");
            }
        }
    }

    #[test]
    fn nothing_waits_longer_than_for_a_full_bucket(
        weight in 1_usize..30, charged in 0_usize..30, now_ms: u32,
    ) {
        let rate = Rate::per_second(7.0, 5);
        let mut bucket = Bucket::default();
        bucket.charge(&rate, charged, ms(u64::from(now_ms)));
        prop_assert!(bucket.ready_at(&rate, weight) <= bucket.full_at);
    }
}

#[test]
fn bulk_leaves_a_reserve_to_replies() {
    let config = LimitsConfig { burst: 10, reply_reserve: 4, ..CONFIG };
    let mut bot = Limits::new(&LimitsConfig { bulk_floor_per_s: 0.0, ..config }).bot;
    let now = Duration::from_hours(24 * 366);
    // The floor, which has one message even at no rate.
    bot.floor.charge(&bot.floor_rate, 1, now);
    for _ in 0..6 {
        assert!(bot.bulk_ready_at(1) <= now);
        bot.charge_bulk(1, now);
    }
    assert_eq!(bot.bulk_ready_at(1), now + ms(100));
    assert_eq!(bot.room(now), 4);
    for _ in 0..4 {
        bot.charge_reply(1, now);
    }
    assert_eq!(bot.room(now), 0);
    // The reserve comes back first.
    assert_eq!(bot.bulk_ready_at(1), now + ms(500));
}

#[test]
fn bulk_has_a_highest_rate_of_its_own() {
    let config = LimitsConfig { burst: 10, bulk_rate_per_s: 2.0, ..CONFIG };
    let mut bot = Limits::new(&config).bot;
    let mut sent = Vec::new();
    let mut now = ms(1000);
    for _ in 0..5 {
        now = now.max(bot.bulk_ready_at(1));
        bot.charge_bulk(1, now);
        sent.push(now.as_millis());
    }
    assert_eq!(sent, [1000, 1000, 1500, 2000, 2500]);
}

#[test]
fn what_an_earlier_life_sent_is_waited_for() {
    let config = LimitsConfig { bulk_floor_per_s: 0.0, ..CONFIG };
    let mut limits = Limits::after_unknown(&config, ms(0));
    limits.bot.floor.charge(&limits.bot.floor_rate, 1, ms(0));
    assert_eq!(limits.bot.bulk_ready_at(1), ms(100));
    assert_eq!(limits.bot.room(ms(0)), 0);
    assert_eq!(limits.chats.ready_at(ChatId(7), 1).0, Moment::ZERO, "nobody else waits");
}

#[test]
fn a_refusal_slows_the_lane_and_empties_its_bucket() {
    let mut limits = Limits::new(&CONFIG);
    let now = ms(60_000);
    limits.bot.all.refused(now, now + ms(1000), now + ms(40));
    assert!((limits.bot.all.per_s() - 8.5).abs() < 1e-9);
    assert_eq!(limits.bot.room(now + ms(40)), 0);
    // During the freeze it fills at the new pace.
    assert_eq!(limits.bot.room(now + ms(400)), 3);
    assert!((limits.paid.per_s() - 100.0).abs() < 1e-9, "another lane");
    limits.bot.all.adapt(now + Duration::from_mins(2));
    assert!((limits.bot.all.per_s() - 10.0).abs() < f64::EPSILON);
}

#[test]
fn a_new_pace_keeps_what_is_missing() {
    let (slow, fast) = (Rate::per_second(10.0, 5), Rate::per_second(20.0, 5));
    let mut bucket = Bucket::default();
    bucket.charge(&slow, 4, ms(1000));
    assert_eq!(bucket.room(&slow, ms(1000)), 1);
    bucket.adapt(&slow, &fast, ms(1000));
    assert_eq!(bucket.room(&fast, ms(1000)), 1);
    assert_eq!(bucket.ready_at(&fast, 5), ms(1200));
}
