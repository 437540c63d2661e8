//! Local time: time zones by name, times as people write them, the hours in which nothing is sent.
//!
//! Invariants: what is read lies ahead, by a year at most; the end of quiet hours lies ahead. A
//! local time that comes twice (clocks go back) is its first coming; one that does not come at all
//! (clocks go forward) is refused when it is read, and is the end of the gap for what repeats.

use std::str::FromStr;

use chrono::{
    DateTime, Datelike as _, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime,
    Offset as _, TimeZone as _, Timelike as _, Utc,
};
use chrono_tz::{TZ_VARIANTS, Tz};
use thiserror::Error;

use super::broadcast::QuietHours;
use super::clock::Timestamp;

/// Minutes of a day.
pub const DAY_MIN: u16 = 24 * 60;

/// How far ahead a time may lie.
pub const AHEAD_MAX: Duration = Duration::days(366);

/// Longest text that is read as a time or a zone, in bytes.
const TEXT_MAX_BYTES: usize = 64;

/// A time zone of the IANA database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// Greenwich.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone that a person names: by its IANA name (`Asia/Tashkent`), its city alone
    /// (`tashkent`) or its distance from Greenwich in whole hours (`UTC+5`, `+5`).
    pub fn named(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > TEXT_MAX_BYTES {
            return None;
        }
        let name = text.replace(' ', "_");
        let zones = || TZ_VARIANTS.iter().copied();
        let by_name = zones().find(|zone| zone.name().eq_ignore_ascii_case(&name));
        let by_city = || zones().find(|zone| city(*zone).eq_ignore_ascii_case(&name));
        // Before the cities, as the database has one of the name `GMT-3` that is east of Greenwich.
        by_name.or_else(|| by_distance(&name)).or_else(by_city).map(Self)
    }

    /// The zone of a name that was stored; Greenwich for one that is no longer known.
    pub fn stored(name: &str) -> Self {
        Tz::from_str(name).map_or(Self::UTC, Self)
    }

    /// The IANA name, as it is stored.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What clocks show there.
    pub fn local(self, at: Timestamp) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }

    /// When clocks show that.
    pub fn moment(self, local: NaiveDateTime) -> Moment {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(at) => Moment::Once(at.with_timezone(&Utc)),
            LocalResult::Ambiguous(one, other) => {
                let (one, other) = (one.with_timezone(&Utc), other.with_timezone(&Utc));
                Moment::Twice(one.min(other), one.max(other))
            }
            LocalResult::None => Moment::Never { after: self.gap_end(local) },
        }
    }

    /// The moment at which clocks jumped over that time.
    fn gap_end(self, local: NaiveDateTime) -> Timestamp {
        let offset = |at: Timestamp| self.0.offset_from_utc_datetime(&at.naive_utc()).fix();
        let guess = local.and_utc();
        // No zone is further than a day from Greenwich, and none has jumped twice in four days.
        let (mut low, mut high) = (guess - Duration::days(2), guess + Duration::days(2));
        let before = offset(low);
        while high - low > Duration::seconds(1) {
            let middle = low + (high - low) / 2;
            if offset(middle) == before { low = middle } else { high = middle }
        }
        DateTime::from_timestamp(high.timestamp(), 0).unwrap_or(high)
    }
}

impl From<Tz> for Zone {
    fn from(zone: Tz) -> Self {
        Self(zone)
    }
}

/// When clocks show a certain time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// As on almost every day.
    Once(Timestamp),
    /// Clocks are set back over it: the first and the second time.
    Twice(Timestamp, Timestamp),
    /// Clocks are set forward over it.
    Never {
        /// When they are.
        after: Timestamp,
    },
}

impl Moment {
    /// The moment for what must happen: the first, or the end of the gap.
    pub const fn at_all(self) -> Timestamp {
        match self {
            Self::Once(at) | Self::Twice(at, _) | Self::Never { after: at } => at,
        }
    }
}

/// The last part of a zone's name.
fn city(zone: Tz) -> &'static str {
    let name = zone.name();
    name.rsplit_once('/').map_or(name, |(_, city)| city)
}

/// `UTC+5`: in the names of the database, the sign is the other way round.
fn by_distance(text: &str) -> Option<Tz> {
    let upper = text.to_ascii_uppercase();
    let distance = upper.strip_prefix("UTC").or(upper.strip_prefix("GMT")).unwrap_or(&upper);
    let hours = distance.strip_suffix(":00").unwrap_or(distance);
    let (sign, hours) = match (hours.strip_prefix('+'), hours.strip_prefix('-')) {
        (Some(hours), _) => ('-', hours),
        (_, Some(hours)) => ('+', hours),
        _ => return None,
    };
    let hours: u8 = number(hours, 2)?;
    Tz::from_str(&format!("Etc/GMT{sign}{hours}")).ok()
}

/// Why a text is no time to begin at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TimeError {
    /// Not a time as we read it.
    #[error("this is not a time")]
    Unreadable,
    /// It has passed.
    #[error("this time has passed")]
    Past,
    /// More than [`AHEAD_MAX`] ahead.
    #[error("this time is more than a year ahead")]
    TooFar,
    /// Clocks are set forward over it.
    #[error("clocks are set forward over this time: it does not come")]
    Skipped,
}

/// Reads a time: `2026-12-01 09:00`, `01.12.2026 9:00`, `01.12 9:00`, `09:00` (the next),
/// `tomorrow 9:00`, `in 30 min`; words in English, Russian and Uzbek.
pub fn read_local_time(text: &str, zone: Zone, now: Timestamp) -> Result<Timestamp, TimeError> {
    if text.len() > TEXT_MAX_BYTES {
        return Err(TimeError::Unreadable);
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split_whitespace().filter(|word| !FILLERS.contains(word)).collect();
    let at = match read_wait(&words) {
        Some(wait) => now.checked_add_signed(wait).ok_or(TimeError::TooFar)?,
        None => read_clock(&words, zone, now)?,
    };
    if at <= now {
        Err(TimeError::Past)
    } else if at - now > AHEAD_MAX {
        Err(TimeError::TooFar)
    } else {
        Ok(at)
    }
}

/// Words that stand between a day and a time.
const FILLERS: [&str; 3] = ["at", "в", "да"];

/// `in 30 min`, `через 2 часа`, `30 daqiqadan keyin`.
fn read_wait(words: &[&str]) -> Option<Duration> {
    let (count, unit) = match words {
        ["in" | "через", count, unit] | [count, unit, "keyin"] => (*count, *unit),
        // "через час", "in 30m", "30m".
        ["через", unit] => ("1", *unit),
        ["in", joined] | [joined] => {
            let end = joined.find(|letter: char| !letter.is_ascii_digit())?;
            joined.split_at_checked(end)?
        }
        _ => return None,
    };
    let count: i64 = number(count, 5)?;
    let is = |stems: &[&str]| stems.iter().any(|stem| unit.starts_with(stem));
    let short = |letters: &[&str]| letters.contains(&unit);
    if short(&["m", "м"]) || is(&["min", "мин", "daqiqa"]) {
        Duration::try_minutes(count)
    } else if short(&["h", "hr", "hrs", "ч"]) || is(&["hour", "час", "soat"]) {
        Duration::try_hours(count)
    } else if short(&["d", "д"]) || is(&["day", "ден", "дня", "дне", "kun"]) {
        Duration::try_days(count)
    } else {
        None
    }
}

/// A time of the day, with or without its day.
fn read_clock(words: &[&str], zone: Zone, now: Timestamp) -> Result<Timestamp, TimeError> {
    let joined = match words {
        [one] => one.split_once('t').map(|(date, time)| [date, time]),
        _ => None,
    };
    let today = zone.local(now).date();
    match joined.as_ref().map_or(words, |joined| joined) {
        [time] => next_such(read_time(time)?, zone, now),
        ["today" | "сегодня" | "bugun", time] => on_day(today, 0, read_time(time)?, zone),
        ["tomorrow" | "завтра" | "ertaga", time] => on_day(today, 1, read_time(time)?, zone),
        ["послезавтра" | "indinga", time] => on_day(today, 2, read_time(time)?, zone),
        [date, time] => {
            let time = read_time(time)?;
            let (date, is_yearly) = read_date(date, today)?;
            match on_day(date, 0, time, zone) {
                Ok(at) if is_yearly && at <= now => {
                    let next = date.with_year(date.year().saturating_add(1));
                    on_day(next.ok_or(TimeError::Unreadable)?, 0, time, zone)
                }
                outcome => outcome,
            }
        }
        _ => Err(TimeError::Unreadable),
    }
}

fn on_day(day: NaiveDate, after: u64, time: NaiveTime, zone: Zone) -> Result<Timestamp, TimeError> {
    let day = day.checked_add_days(Days::new(after)).ok_or(TimeError::Unreadable)?;
    match zone.moment(day.and_time(time)) {
        Moment::Once(at) | Moment::Twice(at, _) => Ok(at),
        Moment::Never { .. } => Err(TimeError::Skipped),
    }
}

/// The next moment at which clocks show that.
fn next_such(time: NaiveTime, zone: Zone, now: Timestamp) -> Result<Timestamp, TimeError> {
    let today = zone.local(now).date();
    (0..4)
        .filter_map(|day| on_day(today, day, time, zone).ok())
        .find(|at| *at > now)
        .ok_or(TimeError::Skipped)
}

fn read_time(text: &str) -> Result<NaiveTime, TimeError> {
    let time = || {
        let (hour, minute) = text.split_once(':')?;
        let is_whole = minute.len() == 2;
        let (hour, minute) = (number(hour, 2)?, number(minute, 2).filter(|_| is_whole)?);
        NaiveTime::from_hms_opt(hour, minute, 0)
    };
    time().ok_or(TimeError::Unreadable)
}

/// A date, and whether its year was left out.
fn read_date(text: &str, today: NaiveDate) -> Result<(NaiveDate, bool), TimeError> {
    let date = || {
        let by_dots: Vec<&str> = text.split('.').filter(|part| !part.is_empty()).collect();
        let by_dashes: Vec<&str> = text.split('-').collect();
        let (year, month, day) = match (by_dots.as_slice(), by_dashes.as_slice()) {
            ([day, month, year], _) | (_, [year, month, day]) => (*year, *month, *day),
            ([day, month], _) => {
                let (month, day) = (number(month, 2)?, number(day, 2)?);
                return NaiveDate::from_ymd_opt(today.year(), month, day).map(|date| (date, true));
            }
            _ => return None,
        };
        let year = number(year, 4).filter(|year| *year >= 1000)?;
        Some((NaiveDate::from_ymd_opt(year, number(month, 2)?, number(day, 2)?)?, false))
    };
    date().ok_or(TimeError::Unreadable)
}

/// Digits alone, and not too many of them.
fn number<T: FromStr>(text: &str, digits: usize) -> Option<T> {
    let is_plain = !text.is_empty() && text.len() <= digits;
    text.parse().ok().filter(|_| is_plain && text.bytes().all(|byte| byte.is_ascii_digit()))
}

impl QuietHours {
    /// The hours between two minutes of the day in a zone; none when they make no sense.
    pub fn new(from_min: u16, to_min: u16, zone: Zone) -> Option<Self> {
        let is_sound = from_min < DAY_MIN && to_min < DAY_MIN && from_min != to_min;
        is_sound.then(|| Self { from_min, to_min, zone: zone.name().to_owned() })
    }

    /// When sending goes on, if nothing is sent now.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let zone = Zone::stored(&self.zone);
        let local = zone.local(now);
        let minute = local.hour().saturating_mul(60).saturating_add(local.minute());
        let (from, to) = (u32::from(self.from_min), u32::from(self.to_min));
        let day = match from.cmp(&to) {
            std::cmp::Ordering::Less => (from <= minute && minute < to).then_some(0),
            std::cmp::Ordering::Greater if minute < to => Some(0),
            std::cmp::Ordering::Greater => (minute >= from).then_some(1),
            std::cmp::Ordering::Equal => None,
        }?;
        let end = local.date().checked_add_days(Days::new(day))?.and_time(clock_time(self.to_min));
        match zone.moment(end) {
            Moment::Twice(first, second) if first <= now => Some(second),
            // A clock that stands still would hold a broadcast for good.
            moment => Some(moment.at_all()).filter(|at| *at > now),
        }
    }
}

/// The time of day of a minute; the last one for what is beyond.
pub fn clock_time(minute: u16) -> NaiveTime {
    let seconds = u32::from(minute.min(DAY_MIN - 1)).saturating_mul(60);
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or(NaiveTime::MIN)
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
