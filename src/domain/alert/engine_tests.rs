//! When an alert opens and ends: by hand, and for a thousand flaps of any rhythm.

use proptest::prelude::*;

use super::*;

const KEY: &str = "database_down";

fn condition(is_bad: bool) -> Condition {
    Condition {
        key: KEY.to_owned(),
        is_bad,
        bad_for: Duration::from_secs(30),
        good_for: Duration::from_mins(1),
    }
}

fn second(n: u64) -> Moment {
    Moment::from_secs(n)
}

fn step(engine: &mut Engine, is_bad: bool, at: u64) -> Vec<Turn> {
    engine.step(&[condition(is_bad)], second(at))
}

fn opened(openings: u32) -> Vec<Turn> {
    vec![Turn::Opened { key: KEY.to_owned(), openings }]
}

fn resolved() -> Vec<Turn> {
    vec![Turn::Resolved { key: KEY.to_owned() }]
}

/// Opens it in a way that leaves no doubt; gives when it opened.
fn open(engine: &mut Engine, at: u64) -> Vec<Turn> {
    let mut turns = step(engine, true, at);
    turns.extend(step(engine, true, at + 30));
    turns
}

#[test]
fn what_is_bad_for_its_time_opens_and_what_is_good_for_its_time_ends() {
    let mut engine = Engine::default();
    assert_eq!(step(&mut engine, true, 0), []);
    assert_eq!(step(&mut engine, true, 29), []);
    assert_eq!(step(&mut engine, true, 30), opened(1));
    assert_eq!(step(&mut engine, true, 31), []);
    assert!(engine.is_firing(KEY));
    assert_eq!(step(&mut engine, false, 40), []);
    assert_eq!(step(&mut engine, false, 99), []);
    assert!(engine.is_firing(KEY), "good, but not for long enough");
    assert_eq!(step(&mut engine, false, 100), resolved());
    assert!(!engine.is_firing(KEY));
}

#[test]
fn a_short_fault_says_nothing() {
    let mut engine = Engine::default();
    for at in (0..600).step_by(20) {
        assert_eq!(step(&mut engine, true, at), []);
        assert_eq!(step(&mut engine, false, at + 10), []);
    }
}

#[test]
fn a_short_calm_ends_nothing() {
    let mut engine = Engine::default();
    assert_eq!(open(&mut engine, 0), opened(1));
    for at in (100..1_000).step_by(50) {
        assert_eq!(step(&mut engine, false, at), []);
        assert_eq!(step(&mut engine, true, at + 40), []);
    }
}

#[test]
fn what_opens_again_needs_a_longer_calm() {
    let mut engine = Engine::default();
    open(&mut engine, 0);
    step(&mut engine, false, 100);
    assert_eq!(step(&mut engine, false, 160), resolved());
    assert_eq!(open(&mut engine, 200), opened(2));
    step(&mut engine, false, 300);
    assert_eq!(step(&mut engine, false, 300 + 479), []);
    assert_eq!(step(&mut engine, false, 300 + 480), resolved());
    assert_eq!(open(&mut engine, 1_000), opened(3));
    step(&mut engine, false, 1_100);
    assert_eq!(step(&mut engine, false, 1_100 + 3_599), []);
    assert_eq!(step(&mut engine, false, 1_100 + 3_600), resolved());
    // After two hours of peace it is new again.
    assert_eq!(open(&mut engine, 4_700 + 7_201), opened(1));
}

#[test]
fn another_engine_goes_on_where_the_first_has_stopped() {
    let past = |over_for| Past { key: KEY.to_owned(), openings: 2, over_for };
    let mut engine = Engine::after([past(None)], second(5));
    assert!(engine.is_firing(KEY));
    assert_eq!(step(&mut engine, true, 5), [], "it is not told twice");
    step(&mut engine, false, 10);
    assert_eq!(
        step(&mut engine, false, 10 + 480),
        resolved(),
        "the second calm is as long as it was"
    );

    let over = |minutes| Some(Duration::from_mins(minutes));
    assert_eq!(open(&mut Engine::after([past(over(30))], second(5)), 10), opened(3));
    assert_eq!(open(&mut Engine::after([past(over(121))], second(5)), 10), opened(1));
}

#[test]
fn what_nobody_speaks_of_any_more_is_good() {
    let mut engine =
        Engine::after([Past { key: "am:1".to_owned(), openings: 1, over_for: None }], Moment::ZERO);
    assert_eq!(engine.step(&[], second(0)), []);
    assert_eq!(engine.step(&[], second(60)), [Turn::Resolved { key: "am:1".to_owned() }]);
    assert_eq!(engine.step(&[], second(8_000)), []);
    assert!(engine.entries.is_empty(), "and forgotten after a while");
}

#[test]
fn how_long_it_has_been_bad_is_counted_without_a_break() {
    let mut engine = Engine::default();
    open(&mut engine, 0);
    assert_eq!(engine.steady(KEY, second(90)), Some(Duration::from_secs(90)));
    step(&mut engine, false, 100);
    assert_eq!(engine.steady(KEY, second(110)), None);
    step(&mut engine, true, 120);
    assert_eq!(engine.steady(KEY, second(150)), Some(Duration::from_secs(30)));
}

/// How long it is bad, then how long it is good, in seconds.
fn flaps() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let longest = CALM_MAX.as_secs() - 1;
    let phase = prop_oneof![1..5_u64, 1..120_u64, 1..=longest];
    prop::collection::vec((phase.clone(), phase), 1_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A thousand flaps, of any rhythm, are three openings at most. It is looked at every second
    /// there is something to see: at each change, and when a wait may end.
    #[test]
    fn a_thousand_flaps_open_three_times_at_most(
        flaps in flaps(),
        bad_for in 0..90_u64,
        good_for in 0..600_u64,
        from in 0..100_000_u64,
    ) {
        let condition = |is_bad| Condition {
            key: KEY.to_owned(),
            is_bad,
            bad_for: Duration::from_secs(bad_for),
            good_for: Duration::from_secs(good_for),
        };
        let mut engine = Engine::default();
        let (mut now, mut openings, mut open) = (from, 0, false);
        let mut look = |is_bad: bool, now: u64| {
            for turn in engine.step(&[condition(is_bad)], second(now)) {
                match turn {
                    Turn::Opened { .. } => {
                        assert!(!open, "opened twice");
                        (open, openings) = (true, openings + 1);
                    }
                    Turn::Resolved { .. } => {
                        assert!(open, "resolved without an opening");
                        open = false;
                    }
                }
            }
        };
        for (bad, good) in flaps {
            for offset in [0, bad / 2, bad - 1] {
                look(true, now + offset);
            }
            now += bad;
            for offset in [0, good / 2, good - 1] {
                look(false, now + offset);
            }
            now += good;
        }
        prop_assert!(openings <= 3, "{} openings", openings);
    }
}
