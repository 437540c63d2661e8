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

/// Time since an origin of the caller's choice. It must never go back.
pub type Moment = Duration;

/// The pace of a bucket that is never refilled in practice.
const NEVER: Duration = Duration::from_hours(24 * 365);

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

    /// How long a message of this weight fills the bucket.
    fn cost(&self, weight: usize) -> Duration {
        self.interval.saturating_mul(u32::try_from(weight).unwrap_or(u32::MAX))
    }

    /// How long it takes to refill an empty bucket.
    fn depth(&self) -> Duration {
        self.interval.saturating_mul(self.burst)
    }
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
    /// What bulk is given per second even when replies use up everything.
    pub bulk_floor_per_s: f64,
    /// Messages per second to one chat.
    pub chat_rate_per_s: f64,
    /// Messages to one chat that may go at once after a pause.
    pub chat_burst: u32,
    /// Messages per minute to one group, in addition to the chat's limit.
    pub group_per_min: u32,
}

/// All limits of one bot, with their fill.
#[derive(Debug)]
pub struct Limits {
    /// The limit of the whole bot.
    pub bot: BotLimit,
    /// The limits of each chat.
    pub chats: ChatLimits,
}

impl Limits {
    /// All buckets full.
    pub fn new(config: &LimitsConfig) -> Self {
        Self { bot: BotLimit::new(config), chats: ChatLimits::new(config) }
    }
}

/// The limit of the whole bot with its two lanes: replies charge it and never wait for it, bulk
/// waits for its turn.
#[derive(Debug)]
pub struct BotLimit {
    rate: Rate,
    bucket: Bucket,
    floor_rate: Rate,
    floor: Bucket,
}

impl BotLimit {
    fn new(config: &LimitsConfig) -> Self {
        Self {
            rate: Rate::per_second(config.rate_per_s, config.burst),
            bucket: Bucket::default(),
            floor_rate: Rate::per_second(config.bulk_floor_per_s, 1),
            floor: Bucket::default(),
        }
    }

    /// Notes a reply.
    pub fn charge_reply(&mut self, weight: usize, now: Moment) {
        self.bucket.charge_what_is_there(&self.rate, weight, now);
    }

    /// From when on a bulk message may go, should nothing else go before it.
    pub fn bulk_ready_at(&self, weight: usize) -> Moment {
        let turn = self.bucket.ready_at(&self.rate, weight);
        turn.min(self.floor.ready_at(&self.floor_rate, weight))
    }

    /// Notes a bulk message.
    pub fn charge_bulk(&mut self, weight: usize, now: Moment) {
        self.bucket.charge_what_is_there(&self.rate, weight, now);
        self.floor.charge_what_is_there(&self.floor_rate, weight, now);
    }

    /// How many messages the bot has room for.
    pub fn room(&self, now: Moment) -> u32 {
        self.bucket.room(&self.rate, now)
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
            chat_rate: Rate::per_second(config.chat_rate_per_s, config.chat_burst),
            group_rate: Rate::per_minute(config.group_per_min),
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONFIG: LimitsConfig = LimitsConfig {
        rate_per_s: 10.0,
        burst: 3,
        bulk_floor_per_s: 1.0,
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
}
