//! How fast a lane may be: up to the configured rate, or as much of it as Telegram takes.
//!
//! Telegram tells nobody its limits. A refusal is the only evidence of one, and it costs: nothing
//! is taken for a second, and for twice as long with each further refusal within half a minute. So
//! the pace finds the limit with few of them. Between two refusals the messages that were taken,
//! by the time between, are the limit (whatever was saved up was used up at both ends): this is the
//! *ceiling*. A refusal without a measurement lowers the pace by a fixed part. Then the pace climbs
//! in the shape of CUBIC (<https://www.rfc-editor.org/rfc/rfc9438>): soon near the ceiling, a plateau
//! there, and then beyond it, the faster the longer nothing is refused.
//!
//! Answers that are slow, and much slower than usual, lower the pace before anything is refused.
//!
//! Pure: the time is a parameter. Not here: when a refusal is evidence (`outbound::queue`).

use std::time::Duration;

use super::limits::Moment;

/// What is left of the pace after a refusal that says nothing about the limit but that it is lower.
const UNMEASURED: f64 = 0.85;

/// What is left of the measured limit.
const MEASURED: f64 = 0.9;

/// A single refusal lowers the pace by no more than to this part.
const LEAST_PART: f64 = 0.4;

/// The pace stays above this part of the highest one, whatever happens.
const FLOOR_PART: f64 = 0.02;

/// How long the climb to the ceiling takes.
const CLIMB_S: f64 = 17.0;

/// A climb beyond the ceiling is at least so steep, as a part of the highest pace.
const LEAST_CLIMB: f64 = 0.08;

/// A measurement is good when the lane was never idle for so long, ...
const IDLE: Duration = Duration::from_secs(3);

/// ... and not older than this: limits change.
const MEASURED_OVER: Duration = Duration::from_mins(2);

/// Answers are slow when they take so long, smoothed, ...
const SLOW: Duration = Duration::from_secs(1);

/// ... and so many times as long as usual.
const TIMES_USUAL: f64 = 4.0;

/// What slow answers leave of the pace, ...
const SLOW_PART: f64 = 0.9;

/// ... each time that they have been slow for so long, ...
const SLOW_EVERY: Duration = Duration::from_secs(5);

/// ... down to this part of the highest.
const SLOW_FLOOR_PART: f64 = 0.5;

/// The way back up.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Climb {
    /// The rate that is thought to be the limit.
    ceiling: f64,
    /// How far below it the climb began.
    depth: f64,
    /// The same above it.
    height: f64,
    since: Moment,
}

impl Climb {
    fn rate(&self, now: Moment) -> f64 {
        let t = now.saturating_sub(self.since).as_secs_f64() / CLIMB_S - 1.0;
        let steepness = if t > 0.0 { self.height } else { self.depth };
        self.ceiling + steepness * t * t * t
    }
}

/// What was taken since the last refusal.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Measuring {
    since: Moment,
    messages: f64,
    last_sent: Moment,
    has_idled: bool,
}

impl Measuring {
    const fn begin(at: Moment) -> Self {
        Self { since: at, messages: 0.0, last_sent: at, has_idled: false }
    }

    /// Messages per second, if that means something.
    fn rate(&self, now: Moment) -> Option<f64> {
        let took = now.saturating_sub(self.since);
        let is_good = !self.has_idled && !took.is_zero() && took <= MEASURED_OVER;
        is_good.then(|| self.messages / took.as_secs_f64())
    }
}

/// How long answers take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct RoundTrips {
    /// Seconds; over about one second.
    smoothed: f64,
    /// Seconds; over about a minute.
    usual: f64,
    at: Option<Moment>,
}

impl RoundTrips {
    fn note(&mut self, took: Duration, now: Moment) {
        let took = took.as_secs_f64();
        let Some(at) = self.at.replace(now) else {
            (self.smoothed, self.usual) = (took, took);
            return;
        };
        // By the time and not by their number, as lanes differ by a factor of a hundred.
        let passed = now.saturating_sub(at).as_secs_f64();
        self.smoothed += (took - self.smoothed) * passed.clamp(1.0 / 64.0, 1.0 / 8.0);
        self.usual += (took - self.usual) * (passed / 60.0).min(1.0 / 16.0);
    }

    fn are_slow(&self) -> bool {
        self.smoothed > SLOW.as_secs_f64() && self.smoothed > self.usual * TIMES_USUAL
    }
}

/// The pace of a lane.
#[derive(Debug, Clone)]
pub struct Pace {
    highest: f64,
    climb: Option<Climb>,
    refused_at: Option<Moment>,
    frozen_until: Moment,
    measuring: Option<Measuring>,
    round_trips: RoundTrips,
    slowed_at: Option<Moment>,
}

impl Pace {
    /// The highest pace, messages per second.
    pub fn new(highest: f64) -> Self {
        Self {
            highest,
            climb: None,
            refused_at: None,
            frozen_until: Moment::ZERO,
            measuring: None,
            round_trips: RoundTrips::default(),
            slowed_at: None,
        }
    }

    /// Messages per second at this moment.
    pub fn rate(&self, now: Moment) -> f64 {
        let climbed = self.climb.map_or(self.highest, |climb| climb.rate(now));
        climbed.min(self.highest).max(self.highest * FLOOR_PART)
    }

    /// Whether it is as high as configured.
    pub const fn is_highest(&self) -> bool {
        self.climb.is_none()
    }

    /// Messages are sent.
    pub fn note_sent(&mut self, weight: usize, now: Moment) {
        if let Some(measuring) = &mut self.measuring {
            let idle = now.saturating_sub(measuring.last_sent);
            measuring.has_idled |= idle > IDLE;
            measuring.last_sent = now.max(measuring.last_sent);
            measuring.messages += count(weight);
        }
    }

    /// Messages that were sent at a moment were not taken.
    pub fn note_refused(&mut self, weight: usize, sent_at: Moment) {
        if let Some(measuring) = self.measuring.as_mut().filter(|m| sent_at > m.since) {
            measuring.messages = (measuring.messages - count(weight)).max(0.0);
        }
    }

    /// There is evidence that the lane is too fast: what was sent at a moment was refused, and
    /// nothing more is sent until another. `false`: it says nothing new, as it was sent before the
    /// last refusal was known, or while it lasts.
    pub fn refused(&mut self, sent_at: Moment, until: Moment, now: Moment) -> bool {
        if self.refused_at.is_some_and(|at| sent_at <= at) || sent_at < self.frozen_until {
            self.prolong(until);
            return false;
        }
        let rate = self.rate(now);
        let measured = self.measuring.and_then(|measuring| measuring.rate(now));
        let (ceiling, part) = match measured {
            Some(measured) => (measured.clamp(rate * LEAST_PART, rate), MEASURED),
            None => (rate, UNMEASURED),
        };
        let ceiling = ceiling.min(self.highest);
        self.climb(ceiling, ceiling * (1.0 - part), until);
        self.refused_at = Some(now);
        self.frozen_until = self.frozen_until.max(until);
        let mut measuring = Measuring::begin(now);
        // The pause is no idleness.
        measuring.last_sent = until;
        self.measuring = Some(measuring);
        true
    }

    fn climb(&mut self, ceiling: f64, depth: f64, since: Moment) {
        let height = depth.max(self.highest * LEAST_CLIMB);
        self.climb = Some(Climb { ceiling, depth, height, since });
    }

    /// Nothing is sent for longer than was said at first: neither does the climb begin.
    fn prolong(&mut self, until: Moment) {
        self.frozen_until = self.frozen_until.max(until);
        if let Some(climb) = &mut self.climb {
            climb.since = climb.since.max(self.frozen_until);
        }
        if let Some(measuring) = &mut self.measuring {
            measuring.last_sent = measuring.last_sent.max(self.frozen_until);
        }
    }

    /// An answer came.
    pub fn answered(&mut self, took: Duration, now: Moment) {
        self.round_trips.note(took, now);
        if !self.round_trips.are_slow() {
            return;
        }
        if self.slowed_at.is_some_and(|at| now.saturating_sub(at) < SLOW_EVERY) {
            return;
        }
        self.slowed_at = Some(now);
        let rate = self.rate(now);
        let lowered = (rate * SLOW_PART).max(self.highest * SLOW_FLOOR_PART).min(rate);
        self.climb(rate, rate - lowered, now);
    }

    /// Moves on: a climb that has arrived is over.
    pub fn advance(&mut self, now: Moment) {
        if self.climb.is_some_and(|climb| climb.rate(now) >= self.highest) {
            self.climb = None;
        }
    }
}

/// As a number to divide.
fn count(weight: usize) -> f64 {
    f64::from(u32::try_from(weight).unwrap_or(u32::MAX))
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
