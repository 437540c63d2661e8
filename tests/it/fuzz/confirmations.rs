//! What cannot be taken back is done once, within a minute, by whoever was asked: each such button
//! goes the program's own way, from its bytes through `plan` and `decide`.

use chrono::{DateTime, Duration, Utc};
use primelingo::domain::broadcast::{
    Audience, Broadcast, BroadcastRules, BroadcastState, CONFIRM_WITHIN_S, Content, ControlFacts,
    DoubtPolicy, NewBroadcast, Progress,
};
use primelingo::domain::button::{Action, ComposeAct, ControlAct, Holder, Signer};
use primelingo::domain::calendar::Zone;
use primelingo::domain::effect::{Change, Decision, Effect, JobKind};
use primelingo::domain::event::{Event, EventKind};
use primelingo::domain::facts::Facts;
use primelingo::domain::ids::{BroadcastId, ChatId, IdSource, MessageId, OutboxId, UserId};
use primelingo::domain::intent::{Hearing, plan};
use primelingo::domain::privacy::{self, PrivacyAct, PrivacyFacts};
use primelingo::domain::role::Role;
use primelingo::domain::session::{Compose, ComposeStep, Dialog};
use primelingo::domain::step::{Scene, decide};

use super::{cases, chance};

const HOLDER: Holder = Holder { chat: ChatId(7), user: UserId(7) };
const ID: BroadcastId = BroadcastId(90);
const FRESH: BroadcastId = BroadcastId(91);
const RULES: BroadcastRules = BroadcastRules { quiet: None, zone: Zone::UTC };

/// The questions that are asked before something is done that stays done.
const QUESTIONS: [&str; 5] = ["erase my data", "send", "cancel", "retry", "undo"];

fn button(question: usize, asked_s: i64) -> Action {
    let control = |act| Action::Control { broadcast: ID, act };
    match question {
        0 => Action::Privacy(PrivacyAct::Erase { asked_s }),
        1 => Action::Compose { broadcast: ID, act: ComposeAct::Send { asked_s } },
        2 => control(ControlAct::Cancel { asked_s }),
        3 => control(ControlAct::Retry { fresh: FRESH, asked_s }),
        _ => control(ControlAct::Undo { fresh: FRESH, asked_s }),
    }
}

/// The dialog and the facts that a press meets, before it was done and after.
fn met(question: usize, asked_s: i64, is_done: bool) -> (Dialog, Facts) {
    let at = DateTime::from_timestamp(asked_s, 0).unwrap();
    let state =
        if question == 2 && !is_done { BroadcastState::Running } else { BroadcastState::Cancelled };
    let broadcast = Broadcast {
        plan: NewBroadcast {
            id: ID,
            by: HOLDER.user,
            card: None,
            content: content(),
            audience: Audience::All,
            doubt: DoubtPolicy::Skip,
            quiet: None,
            paid: false,
            start_at: at,
            slot: None,
        },
        state,
        stop_reason: None,
        created_at: at,
        started_at: Some(at),
        done_at: None,
        progress: Progress { filled: 9, delivered: 3, failed: 2, ..Progress::default() },
    };
    let control = ControlFacts {
        broadcast: Some(broadcast),
        count: 2,
        is_made: is_done,
        ..ControlFacts::default()
    };
    let compose = Compose {
        step: ComposeStep::Confirm { asked_s },
        reviewed: true,
        content: Some(content()),
        audience: Some(Audience::All),
        count: 3,
        ..Compose::new(ID, OutboxId(5))
    };
    match question {
        // The person's erasure is a job that waits as long as a broadcast of theirs is not over.
        0 => {
            let facts = PrivacyFacts { under_way: is_done.then_some(ID), ..no_privacy_facts() };
            (Dialog::Idle, Facts::Privacy(facts))
        }
        1 if is_done => (Dialog::Idle, Facts::Compose(Box::default())),
        1 => (Dialog::Broadcast(Box::new(compose)), Facts::Compose(Box::default())),
        _ => (Dialog::Idle, Facts::Control(Box::new(control))),
    }
}

fn no_privacy_facts() -> PrivacyFacts {
    PrivacyFacts { had_copy: false, is_last_admin: false, is_stored_owner: false, under_way: None }
}

fn content() -> Content {
    Content::Text { template: "Hello".to_owned(), buttons: Vec::new() }
}

/// What comes of a press of `data` by `who` at `now`.
fn pressed(
    data: &str,
    who: Holder,
    now: DateTime<Utc>,
    dialog: &Dialog,
    facts: Facts,
    role: Role,
) -> Decision {
    let press = Signer::new([7; 32], 42, 90).verify(data, who, now);
    let event = Event {
        chat: who.chat,
        thread: None,
        from: None,
        kind: EventKind::Press {
            query_id: "1".to_owned(),
            message: Some(MessageId(3)),
            data: data.to_owned(),
        },
    };
    let hearing = Hearing { role, dialog, bot_username: "prime_bot", ban: None };
    let intent = plan(hearing, &event, Some(press));
    let scene = Scene {
        chat: who.chat,
        thread: 0,
        user: who.user,
        first_name: "Ada",
        dialog,
        upload_limit: 1_000,
        bulk_max: 10,
        bot_username: "prime_bot",
        broadcasts: &RULES,
        now,
        ids: &IdSource::new(1),
    };
    decide(scene, intent, facts)
}

/// Whether anything is done that stays done.
fn does(decision: &Decision) -> bool {
    decision.effects.iter().any(|effect| match effect {
        Effect::Change(Change::Broadcast(_)) => true,
        Effect::Enqueue(job) => matches!(job.kind, JobKind::ErasePerson(_)),
        _ => false,
    })
}

fn signed(question: usize, asked_s: i64) -> String {
    let asked = DateTime::from_timestamp(asked_s, 0).unwrap();
    Signer::new([7; 32], 42, 90).sign(button(question, asked_s), HOLDER, asked)
}

#[test]
fn a_confirmation_counts_for_a_minute_and_never_before_it_was_asked() {
    assert_eq!(CONFIRM_WITHIN_S, 60);
    assert_eq!(privacy::CONFIRM_WITHIN_S, 60);
    let mut rng = chance();
    let mut done = [0_usize; QUESTIONS.len()];
    let mut refused = done;
    for case in 0..cases(10_000) {
        let question = case % QUESTIONS.len();
        let asked_s = 1_790_000_000 + rng.i64(0..1_000_000);
        // Near the edges more often than far from them.
        let after = match rng.u8(0..4) {
            0 => rng.i64(-3..4),
            1 => rng.i64(57..64),
            2 => rng.i64(0..=60),
            _ => rng.i64(-100_000..1_000_000),
        };
        let now = DateTime::from_timestamp(asked_s + after, 0).unwrap();
        let (dialog, facts) = met(question, asked_s, false);
        let data = signed(question, asked_s);
        let is_done = does(&pressed(&data, HOLDER, now, &dialog, facts, Role::Owner));
        assert_eq!(is_done, (0..=60).contains(&after), "{}: after {after} s", QUESTIONS[question]);
        if is_done { done[question] += 1 } else { refused[question] += 1 }
    }
    for (index, question) in QUESTIONS.iter().enumerate() {
        assert!(done[index] > 0 && refused[index] > 0);
        println!(
            "{question}: {} done in time, {} too late or too early",
            done[index], refused[index]
        );
    }
}

#[test]
fn nobody_confirms_what_another_was_asked() {
    let asked_s = 1_790_000_000;
    let now = DateTime::from_timestamp(asked_s + 5, 0).unwrap();
    let others = [
        Holder { user: UserId(8), ..HOLDER },
        Holder { chat: ChatId(8), ..HOLDER },
        Holder { chat: ChatId(8), user: UserId(8) },
        Holder { chat: ChatId(-100), user: UserId(7) },
    ];
    for (question, name) in QUESTIONS.iter().enumerate() {
        for other in others {
            let (dialog, facts) = met(question, asked_s, false);
            let decision =
                pressed(&signed(question, asked_s), other, now, &dialog, facts, Role::Owner);
            assert!(!does(&decision), "{name}: {other:?}");
        }
        // Whoever has lost the right since, neither.
        if question > 0 {
            for role in [Role::Learner, Role::Editor] {
                let (dialog, facts) = met(question, asked_s, false);
                let decision =
                    pressed(&signed(question, asked_s), HOLDER, now, &dialog, facts, role);
                assert!(!does(&decision), "{name}: {role:?}");
            }
        }
    }
}

#[test]
fn a_second_press_does_nothing_more() {
    let asked_s = 1_790_000_000;
    for (question, name) in QUESTIONS.iter().enumerate() {
        for after in 0..=60 {
            let now = DateTime::from_timestamp(asked_s, 0).unwrap() + Duration::seconds(after);
            let (dialog, facts) = met(question, asked_s, true);
            let decision =
                pressed(&signed(question, asked_s), HOLDER, now, &dialog, facts, Role::Owner);
            assert!(!does(&decision), "{name} again after {after} s");
        }
    }
}

#[test]
fn an_earlier_question_of_the_same_dialog_does_not_count_for_a_later_one() {
    let asked_s = 1_790_000_000;
    let now = DateTime::from_timestamp(asked_s + 20, 0).unwrap();
    let (dialog, facts) = met(1, asked_s + 10, false);
    let decision = pressed(&signed(1, asked_s), HOLDER, now, &dialog, facts, Role::Owner);
    assert!(!does(&decision), "asked anew ten seconds later");
}
