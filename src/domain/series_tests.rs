//! Slots of series, over changes of clocks and over outages.

use chrono_tz::TZ_VARIANTS;
use proptest::prelude::*;

use super::*;

fn utc(text: &str) -> Timestamp {
    format!("{text}Z").parse().unwrap()
}

fn daily(at_min: u16, zone: &str) -> Repeat {
    Repeat { every: Every::Daily, at_min, zone: zone.to_owned() }
}

fn weekly(weekday: Weekday, at_min: u16, zone: &str) -> Repeat {
    Repeat { every: Every::Weekly { weekday }, at_min, zone: zone.to_owned() }
}

#[test]
fn the_stored_form_is_fixed() {
    let stored =
        r#"{"every":{"type":"weekly","weekday":"Mon"},"at_min":540,"zone":"Asia/Tashkent"}"#;
    let repeat = weekly(Weekday::Mon, 540, "Asia/Tashkent");
    assert_eq!(serde_json::to_string(&repeat).unwrap(), stored);
    assert_eq!(serde_json::from_str::<Repeat>(stored).unwrap(), repeat);
}

#[test]
fn a_week_passes_between_slots() {
    let mondays = weekly(Weekday::Mon, 540, "Asia/Tashkent");
    let first = mondays.next_after(utc("2026-11-28T10:00:00"));
    assert_eq!(first, utc("2026-11-30T04:00:00"));
    assert_eq!(mondays.next_after(first), utc("2026-12-07T04:00:00"));
    assert_eq!(mondays.next_after(utc("2026-11-30T03:59:59")), first);
}

#[test]
fn local_time_stays_when_clocks_change() {
    let mornings = daily(540, "Europe/Berlin");
    assert_eq!(mornings.next_after(utc("2027-03-27T09:00:00")), utc("2027-03-28T07:00:00"));
    assert_eq!(mornings.next_after(utc("2026-10-24T09:00:00")), utc("2026-10-25T08:00:00"));
    // In the gap: at its end, and once.
    let nights = daily(150, "Europe/Berlin");
    let gap = nights.next_after(utc("2027-03-27T09:00:00"));
    assert_eq!(gap, utc("2027-03-28T01:00:00"));
    assert_eq!(nights.next_after(gap), utc("2027-03-29T00:30:00"));
    // Twice a night: the first time, and once.
    let fold = nights.next_after(utc("2026-10-24T09:00:00"));
    assert_eq!(fold, utc("2026-10-25T00:30:00"));
    assert_eq!(nights.next_after(fold), utc("2026-10-26T01:30:00"));
}

#[test]
fn of_several_missed_slots_the_newest_counts() {
    let mondays = weekly(Weekday::Mon, 540, "Asia/Tashkent");
    let from = utc("2026-11-30T04:00:00");
    assert_eq!(mondays.newest(from, from), from);
    assert_eq!(mondays.newest(from, utc("2026-12-07T03:59:59")), from);
    assert_eq!(mondays.newest(from, utc("2026-12-07T04:00:00")), utc("2026-12-07T04:00:00"));
    assert_eq!(mondays.newest(from, utc("2036-12-05T00:00:00")), utc("2036-12-01T04:00:00"));
}

#[test]
fn a_digest_is_made_anew_for_each_slot() {
    let now = utc("2026-11-28T10:00:00");
    let repeat = weekly(Weekday::Mon, 540, "Asia/Tashkent");
    let digest = NewSeries::digest(SeriesId(1), UserId(5), ChatId(5), repeat, now);
    let at = digest.next_at;
    let first = digest.broadcast(BroadcastId(7), at, None);
    let since = at - DIGEST_SPAN;
    assert_eq!(first.content, Content::Digest { since, until: at });
    assert_eq!(first.audience, Audience::DigestReaders { since, until: at });
    assert_eq!(first.slot, Some(Slot { series: SeriesId(1), at }));
    let since = at - Duration::days(3);
    let second = digest.broadcast(BroadcastId(8), at, Some(since));
    assert_eq!(second.content, Content::Digest { since, until: at });
}

fn any_repeat() -> impl Strategy<Value = Repeat> {
    let day = prop::option::of((0_u8..7).prop_map(|day| Weekday::try_from(day).unwrap()));
    (day, 0_u16..1440, prop::sample::select(&TZ_VARIANTS[..])).prop_map(|(day, at_min, zone)| {
        let every = day.map_or(Every::Daily, |weekday| Every::Weekly { weekday });
        Repeat { every, at_min, zone: zone.name().to_owned() }
    })
}

/// Any second between 2024 and 2030.
fn any_time() -> impl Strategy<Value = Timestamp> {
    (1_704_067_200_i64..1_893_456_000)
        .prop_map(|second| chrono::DateTime::from_timestamp(second, 0).unwrap())
}

proptest! {
    #[test]
    fn slots_lie_ahead_and_apart(repeat in any_repeat(), now in any_time()) {
        let days = match repeat.every { Every::Daily => 1, Every::Weekly { .. } => 7 };
        let first = repeat.next_after(now);
        let second = repeat.next_after(first);
        let (span, slack) = (Duration::days(days), Duration::hours(2));
        prop_assert!(first > now && first - now <= span + slack);
        prop_assert!(second - first >= span - slack && second - first <= span + slack);
    }

    #[test]
    fn the_newest_slot_is_one_of_the_slots(repeat in any_repeat(), from in any_time(), days in 0..40_i64) {
        let from = repeat.next_after(from);
        let until = from + Duration::days(days) + Duration::hours(5);
        let mut slot = from;
        while repeat.next_after(slot) <= until {
            slot = repeat.next_after(slot);
        }
        prop_assert_eq!(repeat.newest(from, until), slot);
    }
}
