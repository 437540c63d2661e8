//! Rate-limit arithmetic: how fast messages may leave.
//!
//! Every limit is a bucket of the generic cell rate algorithm (GCRA,
//! <https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm>): a full bucket lets `burst` messages
//! go at once, and one more after each `1 / rate`. A bucket is one number, needs no timer, and knows
//! the exact moment at which the next message fits.
//!
//! Telegram's rules (<https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>):
//! about 30 messages per second for bulk notifications, to which replies are not held; one per
//! second to a chat, with short bursts; 20 per minute to a group. Edits count, an album counts as
//! its parts.
//!
//! Pure: the time is a parameter, a [`Moment`] of the caller's monotonic clock.

use std::collections::HashMap;
use std::time::Duration;

use super::ids::ChatId;
use super::pace::Pace;

/// Time since an origin of the caller's choice. It must never go back.
pub type Moment = Duration;

/// The pace of a bucket that is never refilled in practice.
const NEVER: Duration = Duration::from_hours(24 * 365);

/// By how much a pace must have changed to be taken over.
const PACE_STEP: f64 = 0.002;

/// What a paid lane may send at once after a pause, in seconds of its rate: what a timer may be
/// late by, with plenty to spare.
const PAID_BURST_S: f64 = 0.05;

/// Below so many remembered chats nothing is forgotten.
const REMEMBERED_CHATS_MIN: usize = 4_096;

/// A pace: so many messages at once, then one after each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    interval: Duration,
    burst: u32,
}

impl Rate {
    /// `rate` messages per second after a burst of `burst` (at least 1). Without a positive rate
    /// the bucket is refilled about once a year.
    pub fn per_second(rate: f64, burst: u32) -> Self {
        let interval = Duration::try_from_secs_f64(rate.recip()).unwrap_or(NEVER);
        Self { interval: if rate > 0.0 { interval.min(NEVER) } else { NEVER }, burst: burst.max(1) }
    }

    /// `count` messages per minute (at least 1), all of which may go at once after a pause.
    pub fn per_minute(count: u32) -> Self {
        let count = count.max(1);
        Self { interval: Duration::from_mins(1) / count, burst: count }
    }

    /// The time in which one message's room comes back.
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// How many messages a full bucket holds.
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// How long a message of this weight fills the bucket.
    fn cost(&self, weight: usize) -> Duration {
        self.interval.saturating_mul(u32::try_from(weight).unwrap_or(u32::MAX))
    }

    /// How long it takes to refill an empty bucket.
    fn depth(&self) -> Duration {
        self.interval.saturating_mul(self.burst)
    }
}

/// The next whole number, for a count.
fn whole(number: f64) -> u32 {
    let seconds = Duration::try_from_secs_f64(number.ceil()).unwrap_or_default().as_secs();
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// The fill of one limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// When the bucket is full again: GCRA's "theoretical arrival time".
    full_at: Moment,
}

impl Bucket {
    /// From when on a message of this weight fits.
    ///
    /// What weighs more than a whole burst fits a full bucket and then pays its whole price, so
    /// that a large album is delayed but never stuck. What weighs nothing always fits.
    pub fn ready_at(&self, rate: &Rate, weight: usize) -> Moment {
        if weight == 0 {
            return Moment::ZERO;
        }
        let needed = rate.cost(weight).min(rate.depth());
        self.full_at.saturating_add(needed).saturating_sub(rate.depth())
    }

    /// The same when `reserve` messages are to be left in the bucket.
    pub fn ready_at_leaving(&self, rate: &Rate, weight: usize, reserve: usize) -> Moment {
        let reserve = if weight == 0 { 0 } else { reserve };
        self.ready_at(rate, weight.saturating_add(reserve))
    }

    /// Empties the bucket: what others have taken is unknown, or is known to be everything.
    pub fn drain(&mut self, rate: &Rate, now: Moment) {
        self.full_at = self.full_at.max(now.saturating_add(rate.depth()));
    }

    /// Keeps the number of messages that are missing when the pace changes.
    pub fn adapt(&mut self, from: &Rate, to: &Rate, now: Moment) {
        let missing = self.full_at.saturating_sub(now).as_secs_f64();
        let factor = to.interval.as_secs_f64() / from.interval.as_secs_f64().max(1e-9);
        let missing = Duration::try_from_secs_f64(missing * factor).unwrap_or(NEVER);
        if self.full_at > now {
            self.full_at = now.saturating_add(missing);
        }
    }

    /// Takes a message's weight out.
    pub fn charge(&mut self, rate: &Rate, weight: usize, now: Moment) {
        self.full_at = self.full_at.max(now).saturating_add(rate.cost(weight));
    }

    /// Takes out what is there, for what is sent whether or not it fits: the bucket can't be
    /// emptier than empty, so that those who wait don't pay for a rush long after it.
    pub fn charge_what_is_there(&mut self, rate: &Rate, weight: usize, now: Moment) {
        let empty = now.saturating_add(rate.depth()).max(self.full_at);
        self.charge(rate, weight, now);
        self.full_at = self.full_at.min(empty);
    }

    /// Puts back what was taken for a message that did not go.
    pub fn give_back(&mut self, rate: &Rate, weight: usize) {
        self.full_at = self.full_at.saturating_sub(rate.cost(weight));
    }

    /// Whether nothing was taken out for so long that it is as good as new.
    pub fn is_full(&self, now: Moment) -> bool {
        self.full_at <= now
    }

    /// How many messages fit at this moment.
    pub fn room(&self, rate: &Rate, now: Moment) -> u32 {
        let missing = self.full_at.saturating_sub(now);
        let left = rate.depth().saturating_sub(missing);
        let interval = rate.interval.as_nanos().max(1);
        u32::try_from(left.as_nanos() / interval).unwrap_or(u32::MAX)
    }
}

/// The limits of one bot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimitsConfig {
    /// Messages per second over all chats.
    pub rate_per_s: f64,
    /// Messages over all chats that may go at once after a pause.
    pub burst: u32,
    /// What bulk leaves in the bucket for replies, messages.
    pub reply_reserve: u32,
    /// Bulk messages per second, at most.
    pub bulk_rate_per_s: f64,
    /// What bulk is given per second even when replies use up everything.
    pub bulk_floor_per_s: f64,
    /// Messages per second of the lane that is paid for, at most.
    pub paid_rate_per_s: f64,
    /// Messages per second to one chat.
    pub chat_rate_per_s: f64,
    /// Messages to one chat that may go at once after a pause.
    pub chat_burst: u32,
    /// Messages per minute to one group, in addition to the chat's limit.
    pub group_per_min: u32,
}

impl LimitsConfig {
    /// The pace of the whole bot.
    pub fn bot_rate(&self) -> Rate {
        Rate::per_second(self.rate_per_s, self.burst)
    }

    /// The highest pace of bulk alone.
    pub fn bulk_rate(&self) -> Rate {
        Rate::per_second(self.bulk_rate_per_s, whole(self.bulk_rate_per_s).min(self.burst))
    }

    fn paid_burst(&self) -> u32 {
        whole(self.paid_rate_per_s * PAID_BURST_S)
    }

    /// The pace that bulk keeps whatever replies use up.
    pub fn floor_rate(&self) -> Rate {
        Rate::per_second(self.bulk_floor_per_s, 1)
    }

    /// The pace of a chat.
    pub fn chat_rate(&self) -> Rate {
        Rate::per_second(self.chat_rate_per_s, self.chat_burst)
    }

    /// The pace of a group, in addition to the chat's.
    pub fn group_rate(&self) -> Rate {
        Rate::per_minute(self.group_per_min)
    }
}

/// All limits of one bot, with their fill.
#[derive(Debug)]
pub struct Limits {
    /// The limit of the whole bot.
    pub bot: BotLimit,
    /// The limit of the lane that is paid for.
    pub paid: PacedLimit,
    /// The limits of each chat.
    pub chats: ChatLimits,
}

impl Limits {
    /// All buckets full.
    pub fn new(config: &LimitsConfig) -> Self {
        let paid = PacedLimit::new(config.paid_rate_per_s, config.paid_burst());
        Self { bot: BotLimit::new(config), paid, chats: ChatLimits::new(config) }
    }

    /// For a sender that does not know what was sent before it, by an earlier life of the bot:
    /// bulk waits until that can no longer matter.
    pub fn after_unknown(config: &LimitsConfig, now: Moment) -> Self {
        let mut limits = Self::new(config);
        limits.bot.all.drain(now);
        limits
    }
}

/// A lane that all messages of a kind go through, at a [`Pace`].
#[derive(Debug)]
pub struct PacedLimit {
    pace: Pace,
    /// The pace's, as of the last [`adapt`](Self::adapt).
    per_s: f64,
    rate: Rate,
    bucket: Bucket,
}

impl PacedLimit {
    fn new(per_s: f64, burst: u32) -> Self {
        let rate = Rate::per_second(per_s, burst);
        Self { pace: Pace::new(per_s), per_s, rate, bucket: Bucket::default() }
    }

    /// Takes over what the pace has come to.
    pub fn adapt(&mut self, now: Moment) {
        self.pace.advance(now);
        let per_s = self.pace.rate(now);
        let is_step = (per_s - self.per_s).abs() > self.per_s * PACE_STEP;
        if is_step || (self.pace.is_highest() && per_s > self.per_s) {
            let rate = Rate::per_second(per_s, self.rate.burst);
            self.bucket.adapt(&self.rate, &rate, now);
            (self.per_s, self.rate) = (per_s, rate);
        }
    }

    /// From when on a message fits and leaves `reserve` others their room.
    pub fn ready_at(&self, weight: usize, reserve: usize) -> Moment {
        self.bucket.ready_at_leaving(&self.rate, weight, reserve)
    }

    /// Notes a message.
    pub fn charge(&mut self, weight: usize, now: Moment) {
        self.bucket.charge_what_is_there(&self.rate, weight, now);
        self.pace.note_sent(weight, now);
    }

    /// Assumes that there is no room: what was sent before is unknown.
    pub fn drain(&mut self, now: Moment) {
        self.bucket.drain(&self.rate, now);
    }

    /// A message that was sent at a moment was refused; whether or not for the lane's pace.
    pub fn note_refused(&mut self, weight: usize, sent_at: Moment) {
        self.pace.note_refused(weight, sent_at);
    }

    /// A message that was sent at a moment was refused for the lane's pace, and nothing more is
    /// sent until another.
    pub fn refused(&mut self, sent_at: Moment, until: Moment, now: Moment) {
        if self.pace.refused(sent_at, until, now) {
            self.adapt(now);
            self.drain(now);
        }
    }

    /// An answer came, which took so long.
    pub fn answered(&mut self, took: Duration, now: Moment) {
        self.pace.answered(took, now);
    }

    /// Messages per second at the moment.
    pub const fn per_s(&self) -> f64 {
        self.per_s
    }

    /// How many messages there is room for.
    pub fn room(&self, now: Moment) -> u32 {
        self.bucket.room(&self.rate, now)
    }
}

/// The limit of the whole bot with its two lanes: replies charge it and never wait for it, bulk
/// waits for its turn and leaves a reserve to the replies.
#[derive(Debug)]
pub struct BotLimit {
    /// Of both lanes together.
    pub all: PacedLimit,
    reserve: usize,
    bulk_rate: Rate,
    bulk: Bucket,
    floor_rate: Rate,
    floor: Bucket,
}

impl BotLimit {
    fn new(config: &LimitsConfig) -> Self {
        Self {
            all: PacedLimit::new(config.rate_per_s, config.burst),
            reserve: usize::try_from(config.reply_reserve).unwrap_or(usize::MAX),
            bulk_rate: config.bulk_rate(),
            bulk: Bucket::default(),
            floor_rate: config.floor_rate(),
            floor: Bucket::default(),
        }
    }

    /// Notes a reply.
    pub fn charge_reply(&mut self, weight: usize, now: Moment) {
        self.all.charge(weight, now);
    }

    /// From when on a bulk message may go, should nothing else go before it.
    pub fn bulk_ready_at(&self, weight: usize) -> Moment {
        let turn = self.all.ready_at(weight, self.reserve);
        let turn = turn.min(self.floor.ready_at(&self.floor_rate, weight));
        turn.max(self.bulk.ready_at(&self.bulk_rate, weight))
    }

    /// Notes a bulk message.
    pub fn charge_bulk(&mut self, weight: usize, now: Moment) {
        self.all.charge(weight, now);
        self.bulk.charge_what_is_there(&self.bulk_rate, weight, now);
        self.floor.charge_what_is_there(&self.floor_rate, weight, now);
    }

    /// How many messages the bot has room for.
    pub fn room(&self, now: Moment) -> u32 {
        self.all.room(now)
    }
}

/// Which limit of a chat made a message wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatScope {
    /// The one of every chat.
    Chat,
    /// The one of groups.
    Group,
}

impl ChatScope {
    /// A stable name for metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Group => "group",
        }
    }
}

/// The limits of each chat. Chats whose buckets are full again are forgotten, so that the memory
/// is bounded by the sends of the last minute.
#[derive(Debug)]
pub struct ChatLimits {
    chat_rate: Rate,
    group_rate: Rate,
    buckets: HashMap<ChatId, ChatBuckets>,
    /// At this size the full ones are looked for; doubling it keeps the search at O(1) per send.
    forget_at: usize,
}

#[derive(Debug, Default)]
struct ChatBuckets {
    chat: Bucket,
    group: Bucket,
}

impl ChatBuckets {
    fn are_full(&self, now: Moment) -> bool {
        self.chat.is_full(now) && self.group.is_full(now)
    }
}

impl ChatLimits {
    fn new(config: &LimitsConfig) -> Self {
        Self {
            chat_rate: config.chat_rate(),
            group_rate: config.group_rate(),
            buckets: HashMap::new(),
            forget_at: REMEMBERED_CHATS_MIN,
        }
    }

    /// From when on a message fits, and the limit that says so.
    pub fn ready_at(&self, chat: ChatId, weight: usize) -> (Moment, ChatScope) {
        let Some(buckets) = self.buckets.get(&chat) else {
            return (Moment::ZERO, ChatScope::Chat);
        };
        let by_chat = buckets.chat.ready_at(&self.chat_rate, weight);
        let by_group = buckets.group.ready_at(&self.group_rate, weight);
        if by_group > by_chat { (by_group, ChatScope::Group) } else { (by_chat, ChatScope::Chat) }
    }

    /// Notes a message.
    pub fn charge(&mut self, chat: ChatId, weight: usize, now: Moment) {
        if weight == 0 {
            return;
        }
        if self.buckets.len() >= self.forget_at {
            self.buckets.retain(|_, buckets| !buckets.are_full(now));
            self.forget_at = self.buckets.len().saturating_mul(2).max(REMEMBERED_CHATS_MIN);
        }
        let buckets = self.buckets.entry(chat).or_default();
        buckets.chat.charge(&self.chat_rate, weight, now);
        if !chat.is_private() {
            buckets.group.charge(&self.group_rate, weight, now);
        }
    }

    /// Takes a note back: the message did not go.
    pub fn give_back(&mut self, chat: ChatId, weight: usize) {
        let Some(buckets) = self.buckets.get_mut(&chat) else { return };
        buckets.chat.give_back(&self.chat_rate, weight);
        buckets.group.give_back(&self.group_rate, weight);
    }

    /// Whether the chat got nothing lately, so that a refusal can't be about the chat alone.
    pub fn is_rested(&self, chat: ChatId, now: Moment) -> bool {
        self.buckets.get(&chat).is_none_or(|buckets| buckets.are_full(now))
    }

    /// How many chats are remembered.
    pub fn remembered(&self) -> usize {
        self.buckets.len()
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
