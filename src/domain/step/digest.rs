//! The digest's card: whether it goes out, on which day and at which hour.
//!
//! Invariant: the hour is meant in the zone that the card names: that of the admin who turned it on.

use super::{Decision, Effect, Place, Scene, View};
use crate::domain::calendar::Zone;
use crate::domain::digest::{DIGEST, DigestAct, DigestCard, DigestFacts, USUAL_DAY, USUAL_HOUR};
use crate::domain::effect::Change;
use crate::domain::series::{Every, NewSeries, Repeat};

/// Does what a button says, and shows the card.
pub fn act(scene: Scene<'_>, place: Place, act: DigestAct, facts: &DigestFacts) -> Decision {
    let before = card(facts);
    let mut after = before.clone();
    match act {
        DigestAct::Show => {}
        DigestAct::Turn(on) => after.is_on = on,
        DigestAct::TakeDay(day) => after.day = day,
        DigestAct::TakeHour(hour) => after.hour = hour,
    }
    let mut effects = Vec::with_capacity(2);
    // Day and hour of a digest that does not go out are not kept.
    if after != before && (before.is_on || after.is_on) {
        let series = after.is_on.then(|| Box::new(series(scene, &after)));
        effects.push(Effect::Change(Change::Digest(series)));
    } else {
        after = before;
    }
    effects.push(Effect::Show { place, view: View::Digest(Box::new(after)) });
    Decision { dialog: None, effects }
}

/// The card as it stands.
fn card(facts: &DigestFacts) -> DigestCard {
    let stored = facts.series.as_ref().map(|series| &series.plan.repeat);
    let own = facts.zone.clone().unwrap_or_else(|| Zone::UTC.name().to_owned());
    let day = stored.and_then(|repeat| match repeat.every {
        Every::Weekly { weekday } => Some(weekday),
        Every::Daily => None,
    });
    let hour = stored.and_then(|repeat| u8::try_from(repeat.at_min / 60).ok());
    DigestCard {
        is_on: stored.is_some(),
        day: day.unwrap_or(USUAL_DAY),
        hour: hour.unwrap_or(USUAL_HOUR),
        zone: stored.map_or(own, |repeat| repeat.zone.clone()),
    }
}

fn series(scene: Scene<'_>, card: &DigestCard) -> NewSeries {
    let repeat = Repeat {
        every: Every::Weekly { weekday: card.day },
        at_min: u16::from(card.hour).saturating_mul(60),
        zone: card.zone.clone(),
    };
    NewSeries::digest(DIGEST, scene.user, scene.chat, repeat, scene.now)
}
