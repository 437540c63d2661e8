//! The confirmation of a broadcast.

use chrono::{Datelike as _, Timelike as _};

use super::{Turn, give_up};
use crate::domain::broadcast::{
    BroadcastChange, BroadcastView, CONFIRM_WITHIN_S, Hint, NewBroadcast, Standing,
};
use crate::domain::calendar::{TimeError, Zone};
use crate::domain::clock::Timestamp;
use crate::domain::effect::{Change, Decision, Effect, View};
use crate::domain::ids::SeriesId;
use crate::domain::material::Card;
use crate::domain::series::{Every, NewSeries, Repeat};
use crate::domain::session::{Compose, ComposeStep, Dialog, Recurrence};
use crate::domain::step::Scene;

/// The last question: whom, how many, when, at which price.
pub fn ask(mut turn: Turn<'_>) -> Decision {
    if turn.compose.audience.is_none() {
        turn.compose.step = ComposeStep::Audience;
        return turn.hinted(Hint::NotUnderstood);
    }
    turn.compose.count = turn.facts.count.unwrap_or(0);
    if turn.compose.count == 0 {
        turn.compose.step = ComposeStep::Audience;
        return turn.hinted(Hint::NobodyThere);
    }
    if turn.compose.start_at.is_some_and(|at| at <= turn.scene.now) {
        turn.compose.step = ComposeStep::When;
        return turn.hinted(Hint::BadTime(TimeError::Past));
    }
    turn.compose.step = ComposeStep::Confirm { asked_s: turn.scene.now.timestamp() };
    turn.end()
}

/// Whether a question that was asked then may still be answered now. A clock that was set back
/// proves nothing.
pub fn is_in_time(scene: Scene<'_>, asked_s: i64) -> bool {
    (0..=CONFIRM_WITHIN_S).contains(&scene.now.timestamp().saturating_sub(asked_s))
}

/// The confirmation.
pub fn confirm(mut turn: Turn<'_>, asked_s: i64) -> Decision {
    let scene = turn.scene;
    if turn.compose.step != (ComposeStep::Confirm { asked_s }) || !is_in_time(scene, asked_s) {
        turn.compose.step = ComposeStep::Review;
        return turn.hinted(Hint::TooLate);
    }
    let Compose { broadcast, card, start_at, repeat, doubt, paid, .. } = turn.compose;
    let (zone, quiet) = (turn.zone(), turn.quiet());
    if start_at.is_some_and(|at| at <= scene.now) {
        turn.compose.step = ComposeStep::When;
        return turn.hinted(Hint::BadTime(TimeError::Past));
    }
    let (Some(content), Some(audience)) =
        (turn.compose.content.take(), turn.compose.audience.take())
    else {
        return give_up(&turn.compose);
    };
    let start_at = start_at.unwrap_or(scene.now);
    let (change, view) = if repeat == Recurrence::Once {
        let plan = NewBroadcast {
            id: broadcast,
            by: scene.user,
            card: Some(Card { chat: scene.chat, outbox: card }),
            content,
            audience,
            doubt,
            quiet,
            paid,
            start_at,
            slot: None,
        };
        let standing = Standing::fresh(plan.clone(), scene.now, zone);
        let view = BroadcastView::Progress(Box::new(standing));
        (BroadcastChange::Create(Box::new(plan)), view)
    } else {
        let series = NewSeries {
            id: SeriesId(broadcast.0),
            by: scene.user,
            chat: scene.chat,
            content: Some(content),
            audience,
            doubt,
            quiet,
            paid,
            repeat: repeat_of(repeat, start_at, zone),
            next_at: start_at,
        };
        (BroadcastChange::Repeat(Box::new(series.clone())), BroadcastView::Series(Box::new(series)))
    };
    let effects = vec![
        Effect::Change(Change::Broadcast(change)),
        Effect::EditPost { outbox: card, view: View::Broadcast(view) },
    ];
    Decision { dialog: Some(Dialog::Idle), effects }
}

/// The days and the time of the day of a series that begins then.
fn repeat_of(repeat: Recurrence, start_at: Timestamp, zone: Zone) -> Repeat {
    let local = zone.local(start_at);
    let minute = local.hour().saturating_mul(60).saturating_add(local.minute());
    Repeat {
        every: match repeat {
            Recurrence::Once | Recurrence::Daily => Every::Daily,
            Recurrence::Weekly => Every::Weekly { weekday: local.weekday() },
        },
        at_min: u16::try_from(minute).unwrap_or(0),
        zone: zone.name().to_owned(),
    }
}
