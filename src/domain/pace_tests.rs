//! The pace in invented time, against the simulator's model of Telegram: a bucket of 35 with
//! penalties of a second that double, and are forgotten after half a minute.

use std::collections::VecDeque;

use proptest::prelude::*;
use tgsim::limits::{Bucket as Theirs, LimitConfig, Rate as TheirRate};

use super::*;
use crate::domain::limits::{Limits, LimitsConfig};

const CONFIG: LimitsConfig = LimitsConfig {
    rate_per_s: 30.0,
    burst: 30,
    reply_reserve: 12,
    bulk_rate_per_s: 30.0,
    bulk_floor_per_s: 1.0,
    paid_rate_per_s: 1000.0,
    chat_rate_per_s: 1.0,
    chat_burst: 3,
    group_per_min: 20,
};

const ROUND_TRIP: Duration = Duration::from_millis(40);

const fn s(s: u64) -> Moment {
    Duration::from_secs(s)
}

/// What came of a run.
#[derive(Debug, Default, Clone, Copy)]
struct Run {
    taken: f64,
    refused: u32,
    best: f64,
}

impl Run {
    fn share(&self) -> f64 {
        self.taken / self.best
    }
}

/// A bot that always has bulk to send, and some replies, under a limit that changes.
struct World {
    limits: Limits,
    theirs: Theirs,
    config: LimitConfig,
    frozen_until: Moment,
    /// Answers on their way: when they come, when the request was sent, the freeze they bring.
    answers: VecDeque<(Moment, Moment, Option<Duration>)>,
    random: u64,
    run: Run,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            limits: Limits::after_unknown(&CONFIG, Moment::ZERO),
            theirs: Theirs::default(),
            config: LimitConfig::default(),
            frozen_until: Moment::ZERO,
            answers: VecDeque::new(),
            random: seed,
            run: Run::default(),
        }
    }

    /// Uniform in 0..1 (splitmix64).
    fn uniform(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap()) / (f64::from(u32::MAX) + 1.0)
    }

    fn request(&mut self, limit: f64, now: Moment) {
        let rate = TheirRate { per_s: limit, burst: self.config.global_burst };
        // Their moments are never 0.
        let at = u64::try_from(now.as_micros()).unwrap() + 1_000_000;
        let refused = self.theirs.refuse(at, 1.0, rate, &self.config);
        match refused {
            None => {
                self.theirs.take(1.0);
                self.run.taken += 1.0;
            }
            Some(_) => self.run.refused += 1,
        }
        let wait = refused.map(|after| s(u64::from(after)));
        self.answers.push_back((now + ROUND_TRIP, now, wait));
    }

    fn hear(&mut self, now: Moment) {
        while let Some((at, sent_at, wait)) = self.answers.front().copied() {
            if at > now {
                return;
            }
            self.answers.pop_front();
            self.limits.bot.all.answered(ROUND_TRIP, now);
            if let Some(wait) = wait {
                self.limits.bot.all.note_refused(1, sent_at);
                self.limits.bot.all.refused(sent_at, now + wait, now);
                self.frozen_until = self.frozen_until.max(now + wait);
            }
        }
    }

    /// `limits`: for how long, and how much. `replies`: per second.
    fn run(mut self, limits: &[(u64, f64)], replies: f64) -> Run {
        let mut now = Moment::ZERO;
        let mut next_reply = now + self.pause(replies);
        for (seconds, limit) in limits {
            let end = now + s(*seconds);
            let seconds = Duration::from_secs(*seconds).as_secs_f64();
            self.run.best += seconds * limit.min(CONFIG.rate_per_s);
            while now < end {
                self.hear(now);
                self.limits.bot.all.adapt(now);
                while next_reply <= now {
                    self.limits.bot.charge_reply(1, now);
                    self.request(*limit, now);
                    next_reply += self.pause(replies);
                }
                while self.frozen_until <= now && self.limits.bot.bulk_ready_at(1) <= now {
                    self.limits.bot.charge_bulk(1, now);
                    self.request(*limit, now);
                }
                now += Duration::from_millis(1);
            }
        }
        self.run
    }

    /// Between two replies.
    fn pause(&mut self, per_s: f64) -> Duration {
        let uniform = self.uniform();
        if per_s > 0.0 {
            Duration::from_secs_f64(-(1.0 - uniform).ln() / per_s)
        } else {
            s(1 << 30)
        }
    }
}

#[test]
fn the_configured_limit_is_used_up_without_a_refusal() {
    for replies in [0.0, 3.0, 10.0] {
        for seed in 1..=2 {
            let run = World::new(seed).run(&[(300, 30.0)], replies);
            assert_eq!(run.refused, 0, "{replies} replies a second: {run:?}");
            assert!(run.share() >= 0.985, "{replies} replies a second: {run:?}");
        }
    }
}

#[test]
fn a_hidden_limit_that_changes_twice_is_found() {
    for limits in [
        [(200, 30.0), (200, 18.0), (200, 26.0)],
        [(200, 30.0), (200, 12.0), (200, 30.0)],
        [(200, 24.0), (200, 15.0), (200, 20.0)],
        [(200, 12.0), (200, 30.0), (200, 20.0)],
        [(100, 20.0), (300, 25.0), (200, 10.0)],
    ] {
        for replies in [0.0, 5.0] {
            for seed in 1..=2 {
                let run = World::new(seed).run(&limits, replies);
                assert!(run.share() >= 0.93, "{limits:?}, {replies} replies a second: {run:?}");
            }
        }
    }
}

#[test]
fn a_refusal_lowers_the_pace_once_and_a_climb_brings_it_back() {
    let mut pace = Pace::new(30.0);
    assert!((pace.rate(s(0)) - 30.0).abs() < 1e-9);
    assert!(pace.refused(s(99), s(101), s(100)));
    let lowered = pace.rate(s(100));
    assert!((lowered - 25.5).abs() < 1e-9, "{lowered}");
    // What was sent before that was known, or while nothing is taken, says nothing new.
    for (sent_at, until, now) in [(s(99), s(102), s(100)), (s(101), s(103), s(101))] {
        assert!(!pace.refused(sent_at, until, now));
    }
    assert!((pace.rate(s(103)) - 25.5).abs() < 1e-9, "the climb waits for the end of the freeze");

    let rates: Vec<f64> = (103..=123).map(|at| pace.rate(s(at))).collect();
    assert!(rates.is_sorted(), "{rates:?}");
    assert!(rates[8] > 29.0, "soon near the ceiling: {rates:?}");
    pace.advance(s(123));
    assert!(pace.is_highest());
}

#[test]
fn the_second_refusal_measures_the_limit() {
    let mut pace = Pace::new(30.0);
    pace.refused(s(9), s(11), s(10));
    // Ten seconds at twelve a second; the last one is what is refused.
    let mut now = s(11);
    for _ in 0..121 {
        pace.note_sent(1, now);
        now += Duration::from_micros(74_380);
    }
    pace.note_refused(1, now);
    assert!(pace.refused(now, s(21), s(20)));
    let lowered = pace.rate(s(21));
    assert!((lowered - 12.0 * MEASURED).abs() < 0.01, "{lowered}");
}

#[test]
fn an_idle_lane_has_measured_nothing() {
    let mut pace = Pace::new(30.0);
    pace.refused(s(9), s(11), s(10));
    pace.note_sent(1, s(11));
    pace.note_sent(1, s(40));
    let before = pace.rate(s(40));
    assert!(pace.refused(s(40), s(41), s(40)));
    assert!((pace.rate(s(41)) - before * UNMEASURED).abs() < 1e-9);
}

#[test]
fn slow_answers_lower_the_pace_before_anything_is_refused() {
    let mut pace = Pace::new(30.0);
    let mut now = s(0);
    let mut answer = |pace: &mut Pace, took: Duration, seconds: u64| {
        let end = now + s(seconds);
        while now < end {
            pace.answered(took, now);
            now += Duration::from_millis(33);
        }
        pace.advance(now);
        pace.rate(now)
    };
    let usual = Duration::from_millis(60);
    assert!((answer(&mut pace, usual, 60) - 30.0).abs() < 1e-9);
    // A single late answer is none.
    pace.answered(s(8), s(60));
    assert!(pace.is_highest());
    let slowed = answer(&mut pace, s(4), 12);
    assert!((15.0..29.0).contains(&slowed), "{slowed}");
    // They recover, and so does the pace.
    assert!((answer(&mut pace, usual, 90) - 30.0).abs() < 1e-9);

    // A network that is always slow is no sign.
    let mut far = Pace::new(30.0);
    assert!((answer(&mut far, s(2), 60) - 30.0).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, the pace is a rate that can be sent at.
    #[test]
    fn the_pace_stays_within_its_bounds(
        events in prop::collection::vec((0_u8..4, 0_u64..20_000, 0_u64..30_000), 1..200),
    ) {
        let mut pace = Pace::new(30.0);
        let mut now = s(1);
        for (kind, passed, ms) in events {
            now += Duration::from_millis(passed);
            let span = Duration::from_millis(ms);
            match kind {
                0 => pace.note_sent(1, now),
                1 => drop(pace.refused(now.saturating_sub(span / 100), now + span, now)),
                2 => pace.answered(span, now),
                _ => pace.advance(now),
            }
            let rate = pace.rate(now);
            prop_assert!((30.0 * FLOOR_PART..=30.0).contains(&rate), "{}", rate);
        }
    }
}
