//! Budgets over time: what passes, who is told, and what is remembered.

use proptest::prelude::*;

use super::*;
use crate::domain::event::{FileClass, FileRef, Person as Author};
use crate::domain::ids::MessageId;

const QUIET: Duration = Duration::from_mins(1);
const ANN: UserId = UserId(1);
const BORIS: UserId = UserId(2);
const PRIVATE: ChatId = ChatId(1);
const GROUP: ChatId = ChatId(-100);

/// Some day of the bot's, in whole seconds.
const START: Moment = Moment::from_secs(1_790_000_000);

fn config() -> ThrottleConfig {
    ThrottleConfig {
        essential: Rate::per_second(0.5, 10),
        commands: Rate::per_second(1.0, 20),
        searches: Rate::per_second(2.0, 20),
        uploads: Rate::per_second(0.2, 5),
        staff_uploads: Rate::per_second(10.0, 2_000),
        presses: Rate::per_second(5.0, 30),
        inline: Rate::per_second(3.0, 30),
        others: Rate::per_second(1.0, 20),
        quiet: QUIET,
    }
}

fn text_of(person: UserId) -> Sent {
    Sent { person, class: Class::Search, is_answered: true }
}

fn at(ms: u64) -> Moment {
    START + Duration::from_millis(ms)
}

fn event(chat: ChatId, kind: EventKind) -> Event {
    let from = Author {
        id: ANN,
        first_name: "Ann".to_owned(),
        username: None,
        language_code: None,
        is_bot: false,
    };
    Event { chat, thread: None, from: Some(from), kind }
}

fn said(chat: ChatId, text: &str) -> Option<(Class, bool)> {
    let (message, text) = (MessageId(1), text.to_owned());
    classed(&event(chat, EventKind::Text { message, text, entities: Vec::new(), indirect: None }))
}

fn classed(event: &Event) -> Option<(Class, bool)> {
    Sent::of(event, "school_bot").map(|sent| (sent.class, sent.is_answered))
}

#[test]
fn each_thing_has_its_budget() {
    for text in ["/start", "/start f_1", "/cancel", "/help", "/deletemydata"] {
        assert_eq!(said(PRIVATE, text), Some((Class::Essential, true)), "{text}");
    }
    assert_eq!(said(PRIVATE, "/browse"), Some((Class::Command, true)));
    assert_eq!(said(PRIVATE, "/nonsense"), Some((Class::Command, true)));
    assert_eq!(said(PRIVATE, "/search past"), Some((Class::Search, true)));
    assert_eq!(said(PRIVATE, "past tense"), Some((Class::Search, true)));
    assert_eq!(said(GROUP, "/help@school_bot"), Some((Class::Essential, true)));
    assert_eq!(said(GROUP, "/help@other_bot"), Some((Class::Other, false)));
    assert_eq!(said(GROUP, "hello all"), Some((Class::Other, false)));
    let press = EventKind::Press { query_id: "1".to_owned(), message: None, data: "x".to_owned() };
    assert_eq!(classed(&event(GROUP, press)), Some((Class::Press, true)));
    let inline = EventKind::Inline {
        query_id: "1".to_owned(),
        query: "x".to_owned(),
        offset: String::new(),
    };
    assert_eq!(classed(&event(PRIVATE, inline)), Some((Class::Inline, false)));
    let left = EventKind::Membership { reachable: false };
    assert_eq!(classed(&event(PRIVATE, left)), None, "never left out");
    let file = || EventKind::File {
        message: MessageId(1),
        file: FileRef {
            file_id: "1".to_owned(),
            unique_id: "1".to_owned(),
            class: FileClass::Photo,
            name: None,
            mime: None,
            size: None,
            duration_s: None,
            title: None,
            performer: None,
        },
        caption: None,
        entities: Vec::new(),
        media_group: None,
    };
    assert_eq!(classed(&event(PRIVATE, file())), Some((Class::Upload, true)));
    assert_eq!(classed(&event(GROUP, file())), Some((Class::Other, false)));
    let sticker = EventKind::OtherMessage { message: MessageId(1), can_be_copied: true };
    let mut from_nobody = event(PRIVATE, sticker);
    assert_eq!(classed(&from_nobody), Some((Class::Other, true)));
    from_nobody.from = None;
    assert_eq!(classed(&from_nobody), None);
}

#[test]
fn a_flood_is_told_once_and_again_after_a_quiet_time() {
    let mut throttle = Throttle::new(config());
    let mut count = |from_ms: u64, to_ms: u64| {
        let verdicts: Vec<Verdict> = (from_ms..to_ms)
            .step_by(5)
            .map(|ms| throttle.judge(text_of(ANN), PRIVATE, at(ms)))
            .collect();
        let of = |verdict| verdicts.iter().filter(|seen| **seen == verdict).count();
        (of(Verdict::Take), of(Verdict::TellOnce), of(Verdict::Drop))
    };
    // 200 a second for 10 s: the burst, and two a second.
    assert_eq!(count(0, 10_000), (39, 1, 1_960));
    // Beyond the quiet time all is as at the beginning.
    assert_eq!(count(100_000, 101_000), (21, 1, 178));
    // Within it nobody is told again, although the bucket is full.
    assert_eq!(count(130_000, 131_000), (21, 0, 179));
}

#[test]
fn one_flood_is_not_the_others() {
    let mut throttle = Throttle::new(config());
    for ms in 0..1_000 {
        throttle.judge(text_of(ANN), GROUP, at(ms));
    }
    for _ in 0..20 {
        assert_eq!(throttle.judge(text_of(BORIS), GROUP, at(1_000)), Verdict::Take);
    }
    // The way out is open in the middle of one's own flood, and so is every other class.
    for class in [Class::Essential, Class::Command, Class::Press] {
        let sent = Sent { class, ..text_of(ANN) };
        assert_eq!(throttle.judge(sent, PRIVATE, at(1_000)), Verdict::Take);
    }
}

#[test]
fn a_group_is_told_once_for_all_who_flood_it() {
    let mut throttle = Throttle::new(config());
    let mut told = 0;
    for person in 1..=50 {
        for ms in 0..100 {
            let verdict = throttle.judge(text_of(UserId(person)), GROUP, at(ms));
            told += usize::from(verdict == Verdict::TellOnce);
        }
    }
    assert_eq!(told, 1);
    // What people say to each other is no matter of the bot's.
    let chatter = Sent { person: UserId(99), class: Class::Other, is_answered: false };
    let verdicts = (0..100).map(|ms| throttle.judge(chatter, ChatId(-7), at(ms)));
    assert_eq!(verdicts.filter(|verdict| *verdict == Verdict::TellOnce).count(), 0);
}

#[test]
fn whoever_was_not_told_after_all_is_told_with_the_next() {
    let mut throttle = Throttle::new(config());
    for chat in [PRIVATE, GROUP] {
        let person = UserId(chat.0.abs());
        while throttle.judge(text_of(person), chat, at(0)) == Verdict::Take {}
        throttle.untell(person, chat);
        assert_eq!(throttle.judge(text_of(person), chat, at(0)), Verdict::TellOnce);
        assert_eq!(throttle.judge(text_of(person), chat, at(0)), Verdict::Drop);
    }
}

#[test]
fn an_update_is_charged_once() {
    let mut throttle = Throttle::new(config());
    throttle.note_judged(PRIVATE, UpdateSeq(7));
    assert!(throttle.is_judged(PRIVATE, UpdateSeq(6)) && throttle.is_judged(PRIVATE, UpdateSeq(7)));
    assert!(!throttle.is_judged(PRIVATE, UpdateSeq(8)) && !throttle.is_judged(GROUP, UpdateSeq(6)));
    throttle.forget_chat(PRIVATE);
    assert!(!throttle.is_judged(PRIVATE, UpdateSeq(6)));
    for chat in 0..20_000 {
        throttle.note_judged(ChatId(chat), UpdateSeq(1));
        assert!(throttle.judged.len() <= REMEMBERED_MIN);
        assert!(throttle.is_judged(ChatId(chat), UpdateSeq(1)));
    }
}

#[test]
fn a_clock_that_was_wrong_locks_nobody_out() {
    let mut throttle = Throttle::new(config());
    let year = Duration::from_hours(24 * 365);
    for _ in 0..1_000 {
        throttle.judge(text_of(ANN), PRIVATE, START + year);
    }
    assert_eq!(throttle.judge(text_of(ANN), PRIVATE, START), Verdict::Take);
}

#[test]
fn who_is_quiet_is_forgotten() {
    let mut throttle = Throttle::new(config());
    for person in 0..100_000_i64 {
        // A thousand people a second, each once.
        throttle.judge(text_of(UserId(person)), ChatId(person), at(person.unsigned_abs()));
        // A bucket is full again after half a second.
        assert!(throttle.remembered() <= 2 * REMEMBERED_MIN, "{}", throttle.remembered());
    }
}

proptest! {
    #[test]
    fn never_more_than_the_budget_in_any_window(
        pauses in prop::collection::vec(0..2_000_u64, 1..300),
        picks in prop::collection::vec(0..Class::ALL.len(), 300),
    ) {
        let (mut throttle, config) = (Throttle::new(config()), config());
        let mut taken: Vec<(Class, Moment)> = Vec::new();
        let mut now = START;
        for (pause, pick) in pauses.iter().zip(picks) {
            // Mostly in a rush, seldom after a while.
            now += Duration::from_millis(if *pause < 1_900 { pause / 40 } else { *pause });
            let sent = Sent { class: Class::ALL[pick], ..text_of(ANN) };
            if throttle.judge(sent, PRIVATE, now) == Verdict::Take {
                taken.push((sent.class, now));
            }
        }
        for class in Class::ALL {
            let times: Vec<Moment> =
                taken.iter().filter(|(of, _)| *of == class).map(|(_, time)| *time).collect();
            let rate = config.rate(class);
            for (from, first) in times.iter().enumerate() {
                for (to, last) in times.iter().enumerate().skip(from) {
                    let span = last.saturating_sub(*first).as_secs_f64();
                    let most = f64::from(rate.burst()) + span / rate.interval().as_secs_f64();
                    let count = u32::try_from(to - from + 1).unwrap();
                    prop_assert!(f64::from(count) <= most + 1e-6, "{count} > {most}");
                }
            }
        }
    }

    #[test]
    fn told_once_in_an_episode_and_never_without_one(
        pauses in prop::collection::vec(prop_oneof![9 => 0..200_u64, 1 => 0..90_000_u64], 1..400),
    ) {
        let mut throttle = Throttle::new(config());
        let mut now = START;
        let mut last_refused: Option<Moment> = None;
        for pause in pauses {
            now += Duration::from_millis(pause);
            let begins = last_refused.is_none_or(|last| now.saturating_sub(last) >= QUIET);
            match throttle.judge(text_of(ANN), PRIVATE, now) {
                Verdict::Take => continue,
                verdict => prop_assert_eq!(verdict == Verdict::TellOnce, begins),
            }
            last_refused = Some(now);
        }
    }

    #[test]
    fn a_clock_that_jumps_breaks_nothing(
        jumps in prop::collection::vec(-200_000_i64..200_000, 1..300),
    ) {
        let mut throttle = Throttle::new(config());
        let mut now = START;
        for jump in jumps {
            let step = Duration::from_millis(jump.unsigned_abs());
            now = if jump < 0 { now.saturating_sub(step) } else { now + step };
            throttle.judge(text_of(ANN), PRIVATE, now);
        }
        // Whatever it was: after a quiet time nothing is owed any more.
        let later = now + SAME_CLOCK + QUIET + Duration::from_secs(200);
        prop_assert_eq!(throttle.judge(text_of(ANN), PRIVATE, later), Verdict::Take);
    }
}
