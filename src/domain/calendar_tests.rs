//! Times as people write them, on days when clocks change.

use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn utc(text: &str) -> Timestamp {
    format!("{text}Z").parse().unwrap()
}

fn read(text: &str, zone_name: &str, now: &str) -> Result<Timestamp, TimeError> {
    read_local_time(text, zone(zone_name), utc(now))
}

#[test]
fn a_zone_is_found_by_what_people_call_it() {
    for (text, name) in [
        ("Asia/Tashkent", "Asia/Tashkent"),
        ("  asia/tashkent ", "Asia/Tashkent"),
        ("tashkent", "Asia/Tashkent"),
        ("new york", "America/New_York"),
        ("UTC", "UTC"),
        ("UTC+5", "Etc/GMT-5"),
        ("+05:00", "Etc/GMT-5"),
        ("gmt-3", "Etc/GMT+3"),
    ] {
        let found = Zone::named(text);
        let expected = Tz::from_str(name).ok().map(Zone);
        assert_eq!(found, expected, "{text}");
    }
    for text in ["", "Mars/Base", "UTC+15", "+", "5", "UTC+5:30", &"x".repeat(100)] {
        assert_eq!(Zone::named(text), None, "{text}");
    }
    assert_eq!(Zone::stored("Mars/Base"), Zone::UTC);
}

#[test]
fn times_are_read_as_people_write_them() {
    let now = "2026-11-28T10:00:00";
    for (text, at) in [
        ("2026-12-01 09:00", "2026-12-01T04:00:00"),
        ("2026-12-01T09:00", "2026-12-01T04:00:00"),
        ("01.12.2026 9:00", "2026-12-01T04:00:00"),
        ("1.12.2026 в 9:00", "2026-12-01T04:00:00"),
        ("01.12 9:00", "2026-12-01T04:00:00"),
        ("01.11 9:00", "2027-11-01T04:00:00"),
        ("15:01", "2026-11-28T10:01:00"),
        ("15:00", "2026-11-29T10:00:00"),
        ("9:00", "2026-11-29T04:00:00"),
        ("today 20:00", "2026-11-28T15:00:00"),
        ("tomorrow at 9:00", "2026-11-29T04:00:00"),
        ("завтра 9:00", "2026-11-29T04:00:00"),
        ("Завтра  в 9:00", "2026-11-29T04:00:00"),
        ("ertaga 9:00", "2026-11-29T04:00:00"),
        ("послезавтра 9:00", "2026-11-30T04:00:00"),
        ("in 30 min", "2026-11-28T10:30:00"),
        ("30m", "2026-11-28T10:30:00"),
        ("in 2h", "2026-11-28T12:00:00"),
        ("через 30 минут", "2026-11-28T10:30:00"),
        ("через час", "2026-11-28T11:00:00"),
        ("через 2 дня", "2026-11-30T10:00:00"),
        ("2 soatdan keyin", "2026-11-28T12:00:00"),
        ("30 daqiqadan keyin", "2026-11-28T10:30:00"),
    ] {
        assert_eq!(read(text, "Asia/Tashkent", now), Ok(utc(at)), "{text}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let now = "2026-11-28T10:00:00";
    for (text, error) in [
        ("2026-11-28 14:59", TimeError::Past),
        ("today 9:00", TimeError::Past),
        ("01.01.2020 9:00", TimeError::Past),
        ("in 0 min", TimeError::Past),
        ("2028-01-01 9:00", TimeError::TooFar),
        ("in 99999 days", TimeError::TooFar),
        ("soon", TimeError::Unreadable),
        ("", TimeError::Unreadable),
        ("25:00", TimeError::Unreadable),
        ("9:0", TimeError::Unreadable),
        ("+9:00", TimeError::Unreadable),
        ("30.02.2027 9:00", TimeError::Unreadable),
        ("1.12.26 9:00", TimeError::Unreadable),
        ("in -5 min", TimeError::Unreadable),
        ("in 999999999999 min", TimeError::Unreadable),
        ("2026-12-01", TimeError::Unreadable),
        ("tomorrow", TimeError::Unreadable),
        ("завтра", TimeError::Unreadable),
    ] {
        assert_eq!(read(text, "Asia/Tashkent", now), Err(error), "{text}");
    }
}

#[test]
fn spring_and_autumn_are_told_apart() {
    // Berlin: 2027-03-28 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00.
    let berlin = "Europe/Berlin";
    let spring = "2027-03-27T12:00:00";
    assert_eq!(read("28.03.2027 2:30", berlin, spring), Err(TimeError::Skipped));
    assert_eq!(read("28.03.2027 3:00", berlin, spring), Ok(utc("2027-03-28T01:00:00")));
    // The next 2:30 is a day later.
    assert_eq!(read("2:30", berlin, spring), Ok(utc("2027-03-29T00:30:00")));
    let autumn = "2026-10-24T12:00:00";
    assert_eq!(read("2:30", berlin, autumn), Ok(utc("2026-10-25T00:30:00")));
    assert_eq!(read("25.10.2026 2:30", berlin, autumn), Ok(utc("2026-10-25T00:30:00")));
    // A gap of a whole day: Samoa had no 2011-12-30.
    let missing = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap().and_time(clock_time(720));
    let moment = zone("Pacific/Apia").moment(missing);
    assert_eq!(moment, Moment::Never { after: utc("2011-12-30T10:00:00") });
}

#[test]
fn quiet_hours_end_at_their_local_time() {
    let night = QuietHours::new(22 * 60, 8 * 60, zone("Europe/Berlin")).unwrap();
    let until = |now: &str| night.until(utc(now));
    assert_eq!(until("2026-11-28T20:59:59"), None);
    assert_eq!(until("2026-11-28T21:00:00"), Some(utc("2026-11-29T07:00:00")));
    assert_eq!(until("2026-11-29T06:59:59"), Some(utc("2026-11-29T07:00:00")));
    assert_eq!(until("2026-11-29T07:00:00"), None);
    // Over the nights on which clocks change.
    assert_eq!(until("2027-03-27T22:00:00"), Some(utc("2027-03-28T06:00:00")));
    assert_eq!(until("2026-10-24T22:00:00"), Some(utc("2026-10-25T07:00:00")));
    // An end in the gap, and one that comes twice.
    let early = QuietHours::new(60, 150, zone("Europe/Berlin")).unwrap();
    assert_eq!(early.until(utc("2027-03-28T00:30:00")), Some(utc("2027-03-28T01:00:00")));
    assert_eq!(early.until(utc("2026-10-25T00:00:00")), Some(utc("2026-10-25T00:30:00")));
    assert_eq!(early.until(utc("2026-10-25T01:00:00")), Some(utc("2026-10-25T01:30:00")));
}

#[test]
fn quiet_hours_that_make_no_sense_hold_nothing() {
    assert_eq!(QuietHours::new(60, 60, Zone::UTC), None);
    assert_eq!(QuietHours::new(0, DAY_MIN, Zone::UTC), None);
    let stored = QuietHours { from_min: 0, to_min: 0, zone: "Mars/Base".to_owned() };
    assert_eq!(stored.until(utc("2026-11-28T20:59:59")), None);
}

fn any_zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(&TZ_VARIANTS[..]).prop_map(Zone)
}

/// Any second between 2024 and 2030.
fn any_time() -> impl Strategy<Value = Timestamp> {
    (1_704_067_200_i64..1_893_456_000)
        .prop_map(|second| DateTime::from_timestamp(second, 0).unwrap())
}

proptest! {
    #[test]
    fn what_is_read_lies_ahead(text in ".{0,24}", zone in any_zone(), now in any_time()) {
        if let Ok(at) = read_local_time(&text, zone, now) {
            prop_assert!(at > now && at - now <= AHEAD_MAX);
        }
    }

    #[test]
    fn a_time_of_the_day_is_within_two_days(
        minute in 0..DAY_MIN, zone in any_zone(), now in any_time()
    ) {
        let text = clock_time(minute).format("%H:%M").to_string();
        let at = read_local_time(&text, zone, now).unwrap();
        prop_assert!(at > now && at - now <= Duration::days(2) + Duration::hours(2));
        prop_assert_eq!(zone.local(at).format("%H:%M").to_string(), text);
    }

    #[test]
    fn a_full_time_is_what_clocks_show_then(zone in any_zone(), now in any_time(), ahead in 1..300_i64) {
        let wanted = zone.local(now + Duration::days(ahead)).with_second(0).unwrap();
        let text = wanted.format("%Y-%m-%d %H:%M").to_string();
        let at = read_local_time(&text, zone, now).unwrap();
        prop_assert_eq!(zone.local(at), wanted);
    }

    #[test]
    fn the_end_of_quiet_hours_is_ahead_and_loud(
        from in 0..DAY_MIN, to in 0..DAY_MIN, zone in any_zone(), now in any_time()
    ) {
        let Some(quiet) = QuietHours::new(from, to, zone) else { return Ok(()) };
        if let Some(until) = quiet.until(now) {
            prop_assert!(until > now && until - now <= Duration::hours(26));
            // Where clocks are set back over the end, the hours may begin once more.
            if let Moment::Once(_) = zone.moment(zone.local(until)) {
                prop_assert_eq!(quiet.until(until), None);
            }
        }
    }
}
