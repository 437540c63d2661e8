//! The digest's card: whether it goes out, on which day and at which hour.
//!
//! Invariant: the hour is meant in the zone that the card names: that of the admin who turned it on.

use super::{Decision, Effect, Place, Scene, View};
use crate::domain::broadcast::QuietHours;
use crate::domain::calendar::Zone;
use crate::domain::digest::{DIGEST, DigestAct, DigestCard, DigestFacts, USUAL_DAY, USUAL_HOUR};
use crate::domain::effect::Change;
use crate::domain::series::{Every, NewSeries, Repeat};

/// Does what a button says, and shows the card.
pub fn act(scene: Scene<'_>, place: Place, act: DigestAct, facts: &DigestFacts) -> Decision {
    let before = card(scene, facts);
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
fn card(scene: Scene<'_>, facts: &DigestFacts) -> DigestCard {
    let stored = facts.series.as_ref().map(|series| &series.plan.repeat);
    let own = facts.zone.as_deref().map_or(scene.broadcasts.zone, Zone::stored).name().to_owned();
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
    let digest = NewSeries::digest(DIGEST, scene.user, scene.chat, repeat, scene.now);
    let zone = Zone::stored(&card.zone);
    let usual = scene.broadcasts.quiet.and_then(|(from, to)| QuietHours::new(from, to, zone));
    // An hour that was chosen counts for more than what is usual.
    let quiet = usual.filter(|quiet| quiet.until(digest.next_at).is_none());
    NewSeries { quiet, ..digest }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Weekday};

    use super::*;
    use crate::domain::broadcast::BroadcastRules;
    use crate::domain::clock::Timestamp;
    use crate::domain::ids::{ChatId, IdSource, UserId};
    use crate::domain::series::Series;
    use crate::domain::session::Dialog;

    const RULES: BroadcastRules =
        BroadcastRules { quiet: Some((22 * 60, 8 * 60)), zone: Zone::UTC };

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    #[expect(clippy::option_option, reason = "unchanged, or changed to none")]
    fn press(act: DigestAct, facts: &DigestFacts) -> (Option<Option<NewSeries>>, DigestCard) {
        let ids = IdSource::new(1);
        let scene = Scene {
            chat: ChatId(5),
            thread: 0,
            user: UserId(5),
            first_name: "Adam",
            dialog: &Dialog::Idle,
            upload_limit: 0,
            bulk_max: 0,
            bot_username: "prime_bot",
            broadcasts: &RULES,
            now: now(),
            ids: &ids,
        };
        let mut effects = super::act(scene, Place::New, act, facts).effects;
        let Some(Effect::Show { view: View::Digest(card), .. }) = effects.pop() else {
            panic!("{effects:?}")
        };
        let change = effects.pop().map(|effect| match effect {
            Effect::Change(Change::Digest(series)) => series.map(|series| *series),
            other => panic!("{other:?}"),
        });
        (change, *card)
    }

    fn stored(series: NewSeries) -> DigestFacts {
        let series = Series { plan: series, ended_at: None, created_at: now() };
        DigestFacts { series: Some(series), zone: Some("Europe/Berlin".to_owned()) }
    }

    #[test]
    fn it_is_turned_on_in_the_admins_zone() {
        let zone = Some("Asia/Tashkent".to_owned());
        let off = DigestFacts { series: None, zone };
        let (change, card) = press(DigestAct::Show, &off);
        assert_eq!((change, card.is_on), (None, false));
        let (change, card) = press(DigestAct::Turn(true), &off);
        let series = change.unwrap().unwrap();
        assert!(card.is_on);
        assert_eq!((series.id, series.repeat.at_min), (DIGEST, 540));
        assert_eq!(series.repeat.zone, "Asia/Tashkent");
        assert_eq!(series.next_at, series.repeat.next_after(now()));
        // A button of a card from before says nothing of a digest that is off.
        for act in [DigestAct::TakeHour(18), DigestAct::Turn(false)] {
            assert_eq!(press(act, &off), press(DigestAct::Show, &off));
        }
    }

    #[test]
    fn day_and_hour_are_changed_one_by_one() {
        let on = press(DigestAct::Turn(true), &DigestFacts::default()).0.unwrap().unwrap();
        let (change, card) = press(DigestAct::TakeHour(18), &stored(on));
        assert_eq!((card.hour, card.day), (18, USUAL_DAY));
        let (change, card) =
            press(DigestAct::TakeDay(Weekday::Fri), &stored(change.unwrap().unwrap()));
        assert_eq!((card.hour, card.day), (18, Weekday::Fri));
        let series = change.unwrap().unwrap();
        let expected = Repeat {
            every: Every::Weekly { weekday: Weekday::Fri },
            at_min: 18 * 60,
            zone: Zone::UTC.name().to_owned(),
        };
        assert_eq!(series.repeat, expected, "in the zone in which it was turned on");
        assert_eq!(series.quiet, QuietHours::new(22 * 60, 8 * 60, Zone::UTC));
        let late = press(DigestAct::TakeHour(22), &stored(series.clone())).0.unwrap().unwrap();
        assert_eq!(late.quiet, None, "an hour that was chosen counts for more");
        // The same once more changes nothing.
        assert_eq!(press(DigestAct::TakeHour(18), &stored(series.clone())).0, None);
        assert_eq!(press(DigestAct::Turn(false), &stored(series)).0, Some(None));
    }
}
