//! When a broadcast begins, and in which zone its admin lives.

use chrono::Duration;

use super::{Turn, to_review};
use crate::domain::broadcast::{BroadcastChange, Hint};
use crate::domain::button::ComposeAct;
use crate::domain::calendar::{TimeError, Zone, read_local_time};
use crate::domain::effect::{Change, Decision, Effect};

/// The time of day that a button offers for tomorrow.
const TOMORROW: &str = "tomorrow 09:00";

/// A time by button.
pub fn take(turn: &mut Turn<'_>, act: ComposeAct) {
    let now = turn.scene.now;
    let start_at = match act {
        ComposeAct::TakeHour => Ok(Some(now + Duration::hours(1))),
        ComposeAct::TakeTomorrow => read_local_time(TOMORROW, turn.zone(), now).map(Some),
        _ => Ok(None),
    };
    match start_at {
        Ok(start_at) => {
            turn.compose.start_at = start_at;
            to_review(turn);
        }
        // In a night without that hour.
        Err(error) => turn.hint = Some(Hint::BadTime(error)),
    }
}

/// A time or a zone in words.
pub fn read(mut turn: Turn<'_>, text: &str) -> Decision {
    match read_local_time(text, turn.zone(), turn.scene.now) {
        Ok(at) => {
            turn.compose.start_at = Some(at);
            to_review(&mut turn);
            turn.end()
        }
        Err(TimeError::Unreadable) => match Zone::named(text) {
            Some(zone) => set_zone(turn, zone),
            None => turn.hinted(Hint::BadTime(TimeError::Unreadable)),
        },
        Err(error) => turn.hinted(Hint::BadTime(error)),
    }
}

fn set_zone(mut turn: Turn<'_>, zone: Zone) -> Decision {
    turn.facts.zone = Some(zone);
    let mut decision = turn.hinted(Hint::ZoneSet);
    let change = Change::Broadcast(BroadcastChange::SetZone(zone));
    decision.effects.insert(0, Effect::Change(change));
    decision
}
