//! Buttons of broadcasts that are confirmed, decision by decision.

use super::*;
use crate::domain::broadcast::{
    Broadcast, BroadcastState, Control, ControlFacts, Progress, UNDO_WITHIN,
};
use crate::domain::button::ControlAct;

fn broadcast(state: BroadcastState, content: Content) -> Broadcast {
    Broadcast {
        plan: NewBroadcast {
            id: ID,
            by: UserId(1),
            card: None,
            content,
            audience: Audience::All,
            doubt: DoubtPolicy::Resend,
            quiet: None,
            paid: true,
            start_at: now(),
            slot: None,
        },
        state,
        stop_reason: None,
        created_at: now(),
        started_at: Some(now()),
        done_at: state.is_over().then(now),
        progress: Progress { filled: 9, delivered: 5, failed: 2, ..Progress::default() },
    }
}

fn control(now: Timestamp, act: ControlAct, facts: ControlFacts) -> Decision {
    let ids = IdSource::new(1);
    let scene = Scene {
        chat: CHAT,
        thread: 0,
        user: UserId(7),
        first_name: "Ada",
        dialog: &Dialog::Idle,
        upload_limit: 1_000,
        bulk_max: 10,
        bot_username: "prime_bot",
        broadcasts: &RULES,
        now,
        ids: &ids,
    };
    control::press(scene, Place::Edit(MessageId(3)), act, facts)
}

fn known(state: BroadcastState) -> ControlFacts {
    let broadcast = Some(broadcast(state, copy(&[5])));
    ControlFacts { broadcast, count: 2, ..ControlFacts::default() }
}

fn controlled(decision: &Decision) -> Option<Control> {
    decision.effects.iter().find_map(|effect| match effect {
        Effect::Change(Change::Broadcast(BroadcastChange::Control { control, .. })) => {
            Some(*control)
        }
        _ => None,
    })
}

#[test]
fn a_control_applies_where_it_makes_sense() {
    let asked_s = now().timestamp();
    let cancel = ControlAct::Cancel { asked_s };
    for (act, state, done) in [
        (ControlAct::Pause, BroadcastState::Running, Some(Control::Pause)),
        (ControlAct::Pause, BroadcastState::Done, None),
        (ControlAct::Resume, BroadcastState::Paused, Some(Control::Resume)),
        (ControlAct::Resume, BroadcastState::Cancelled, None),
        (cancel, BroadcastState::Scheduled, Some(Control::Cancel)),
        (cancel, BroadcastState::Stopped, None),
        (ControlAct::AskCancel, BroadcastState::Running, None),
        (ControlAct::Show, BroadcastState::Running, None),
    ] {
        assert_eq!(controlled(&control(now(), act, known(state))), done, "{act:?} {state:?}");
    }
    for seconds in [61, -1] {
        let late = now() + Duration::seconds(seconds);
        let decision = control(late, cancel, known(BroadcastState::Running));
        assert_eq!(controlled(&decision), None);
        assert_eq!(notice(&decision), Some(BroadcastNotice::TooLate));
    }
    let gone = control(now(), ControlAct::Pause, ControlFacts::default());
    assert_eq!(notice(&gone), Some(BroadcastNotice::Gone));
}

/// Whoever wrote it is erased, and with them what is to be copied.
#[test]
fn what_is_gone_is_not_sent_again() {
    let (fresh, asked_s) = (BroadcastId(95), now().timestamp());
    let copied = Content::Copy { from: ChatId(0), messages: vec![MessageId(5)], buttons: vec![] };
    for (act, state, goes) in [
        (ControlAct::Resume, BroadcastState::Paused, false),
        (ControlAct::AskRetry, BroadcastState::Done, false),
        (ControlAct::Retry { fresh, asked_s }, BroadcastState::Done, false),
        (ControlAct::Undo { fresh, asked_s }, BroadcastState::Done, true),
    ] {
        let gone = Some(broadcast(state, copied.clone()));
        let facts = ControlFacts { broadcast: gone, count: 2, ..ControlFacts::default() };
        let decision = control(now(), act, facts);
        assert_eq!(created(&decision).is_some(), goes, "{act:?}");
        assert_eq!(controlled(&decision), None, "{act:?}");
        assert_eq!(notice(&decision), (!goes).then_some(BroadcastNotice::LetterGone), "{act:?}");
    }
}

#[test]
fn what_follows_from_a_broadcast_is_made_once_and_in_time() {
    let (fresh, asked_s) = (BroadcastId(95), now().timestamp());
    let (retry, undo) = (ControlAct::Retry { fresh, asked_s }, ControlAct::Undo { fresh, asked_s });
    let made = |act, now, facts| {
        let decision = control(now, act, facts);
        (created(&decision).cloned(), notice(&decision))
    };
    let done = || known(BroadcastState::Done);
    let (again, _) = made(retry, now(), done());
    let again = again.expect("a broadcast");
    assert_eq!((again.id, again.by, again.paid), (fresh, UserId(7), false));
    assert_eq!(again.audience, Audience::FailedOf { broadcast: ID });
    assert_eq!((again.content, again.doubt), (copy(&[5]), DoubtPolicy::Resend));
    let (back, _) = made(undo, now(), done());
    let back = back.expect("a broadcast");
    assert_eq!(back.content, Content::Undo { of: ID });
    assert_eq!(back.audience, Audience::DeliveredOf { broadcast: ID });

    for act in [retry, undo] {
        let twice = ControlFacts { is_made: true, ..done() };
        assert_eq!(made(act, now(), twice), (None, Some(BroadcastNotice::Done)));
        let late = now() + Duration::seconds(61);
        assert_eq!(made(act, late, done()), (None, Some(BroadcastNotice::TooLate)));
        let running = known(BroadcastState::Running);
        assert_eq!(made(act, now(), running), (None, Some(BroadcastNotice::Over)));
        let nobody = ControlFacts { count: 0, ..done() };
        assert_eq!(made(act, now(), nobody), (None, Some(BroadcastNotice::NobodyLeft)));
        let removal = broadcast(BroadcastState::Done, Content::Undo { of: BroadcastId(1) });
        let removal = ControlFacts { broadcast: Some(removal), ..done() };
        assert_eq!(made(act, now(), removal), (None, Some(BroadcastNotice::Over)));
    }
    let old = now() + UNDO_WITHIN;
    assert_eq!(made(ControlAct::AskUndo, old, done()), (None, Some(BroadcastNotice::TooOldToUndo)));
    assert_eq!(made(ControlAct::AskRetry, old, done()), (None, None), "it is asked");
}
