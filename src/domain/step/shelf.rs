//! The shelf: lists, favourites, the settings, broken files.

use super::{Scene, change, show};
use crate::domain::effect::{Change, Decision, Effect, Notice, Place, View};
use crate::domain::ids::MaterialId;
use crate::domain::lang::Lang;
use crate::domain::material::MaterialState;
use crate::domain::shelf::breakage::REPORTS_MAX;
use crate::domain::shelf::preference::Ask;
use crate::domain::shelf::{
    Addressee, Breakage, Broken, Case, Given, Keys, PreferAct, Preference, Preferring, Reason,
    ShelfAct, ShelfChange, ShelfFacts, ShelfNotice, ShelfView,
};

/// Does what is wanted.
pub fn act(scene: Scene<'_>, place: Place, act: ShelfAct, facts: ShelfFacts) -> Decision {
    match (act, facts) {
        (ShelfAct::Show { .. }, ShelfFacts::List(listing)) => {
            show(place, View::Shelf(Box::new(ShelfView::List(listing))))
        }
        (ShelfAct::Favour { material, on }, ShelfFacts::Given(given)) => {
            favour(place, material, on, &given)
        }
        (ShelfAct::Alike { .. }, ShelfFacts::Alike(alike)) if alike.count == 0 => {
            say(ShelfNotice::NothingAlike)
        }
        (ShelfAct::Alike { page, .. }, ShelfFacts::Alike(alike)) => {
            // The message of a file cannot become a list.
            let place = if page.is_some() { place } else { Place::New };
            show(place, View::Shelf(Box::new(ShelfView::Alike(alike))))
        }
        (ShelfAct::Prefer(act), ShelfFacts::Preferring(now)) => prefer(place, act, now),
        (ShelfAct::Break { act, .. }, ShelfFacts::Broken(broken)) => {
            breakage(scene, place, act, &broken)
        }
        _ => show(Place::New, View::Notice(Notice::MaterialGone)),
    }
}

/// Sends a material, unless it is gone.
pub fn deliver(facts: ShelfFacts) -> Decision {
    match facts {
        ShelfFacts::Given(given) if given.material.state == MaterialState::Published => {
            Decision { dialog: None, effects: vec![Effect::Deliver(given)] }
        }
        _ => show(Place::New, View::Notice(Notice::MaterialGone)),
    }
}

/// Another language of the conversation, and the settings in it.
pub fn set_lang(place: Place, lang: Lang, now: Preferring) -> Decision {
    let mut decision = change(Change::SetLang(lang));
    decision.effects.push(Effect::Show { place, view: settings(now, None) });
    decision
}

fn favour(place: Place, material: MaterialId, on: bool, given: &Given) -> Decision {
    // Whoever keeps it gets it again; what is gone can be let go of all the same.
    if on && given.material.state != MaterialState::Published {
        return show(Place::New, View::Notice(Notice::MaterialGone));
    }
    let mut decision = change(Change::Shelf(ShelfChange::Favour { material, on }));
    decision.effects.extend(match place {
        Place::Edit(message) => {
            let keys = Keys::Given { material, is_favourite: on };
            Some(Effect::Keys { message, keys })
        }
        Place::New => on.then(|| notice(ShelfNotice::Kept)),
    });
    decision
}

fn prefer(place: Place, act: PreferAct, mut now: Preferring) -> Decision {
    let preference = match act {
        PreferAct::Show => return show(place, settings(now, None)),
        PreferAct::Ask(ask) => return show(place, settings(now, Some(ask))),
        PreferAct::NoSuchZone => return say(ShelfNotice::NoSuchZone),
        PreferAct::Take(preference) => preference,
    };
    preference.apply(&mut now.preferences);
    // Hours mean nothing without a clock.
    let has_no_clock = now.preferences.time_zone.is_none();
    let ask = match preference {
        Preference::Quiet(Some(_)) if has_no_clock => Some(Ask::Zone),
        _ => None,
    };
    let mut decision = change(Change::Shelf(ShelfChange::Prefer(preference)));
    decision.effects.push(Effect::Show { place, view: settings(now, ask) });
    decision
}

fn settings(now: Preferring, ask: Option<Ask>) -> View {
    View::Shelf(Box::new(ShelfView::Preferring { now, ask }))
}

fn breakage(scene: Scene<'_>, place: Place, act: Breakage, broken: &Broken) -> Decision {
    let material = broken.given.material.id;
    let is_favourite = broken.given.is_favourite;
    match (act, place) {
        (Breakage::Ask, Place::Edit(message)) => keys(message, Keys::Reasons(material)),
        (Breakage::Back, Place::Edit(message)) => {
            keys(message, Keys::Given { material, is_favourite })
        }
        (Breakage::Ask | Breakage::Back, Place::New) => Decision::default(),
        (Breakage::Report(reason), place) => report(place, reason, broken),
        (Breakage::Look, place) if broken.is_open => {
            show(place, View::Shelf(Box::new(ShelfView::Case(Case::of(broken)))))
        }
        (Breakage::Settle, place) if broken.is_open => settle(scene, place, broken),
        (Breakage::Look | Breakage::Settle, place) => {
            show(place, View::Notice(Notice::Shelf(ShelfNotice::NothingBroken)))
        }
    }
}

fn report(place: Place, reason: Reason, broken: &Broken) -> Decision {
    let Broken { given, is_open, is_own, lately, editors, .. } = broken;
    let material = given.material.id;
    let mut effects = Vec::new();
    if let Place::Edit(message) = place {
        let is_favourite = given.is_favourite;
        effects.push(Effect::Keys { message, keys: Keys::Given { material, is_favourite } });
    }
    // Who says it again only says it otherwise.
    if !is_own && *lately >= REPORTS_MAX {
        effects.push(notice(ShelfNotice::TooManyReports));
        return Decision { dialog: None, effects };
    }
    let opens = !is_open;
    effects.push(Effect::Change(Change::Shelf(ShelfChange::Report { material, reason, opens })));
    effects.push(notice(ShelfNotice::Thanks));
    if opens && !editors.is_empty() {
        let title = given.material.title.clone();
        let view = ShelfView::Reported { material, title, reason };
        effects.push(tell(editors.clone(), view));
    }
    Decision { dialog: None, effects }
}

fn settle(scene: Scene<'_>, place: Place, broken: &Broken) -> Decision {
    let material = broken.given.material.id;
    let title = broken.given.material.title.clone();
    let reporters: Vec<_> = broken.reporters.iter().map(|reporter| reporter.user).collect();
    // Whoever settles it knows.
    let others = broken.reporters.iter().filter(|reporter| reporter.user != scene.user);
    let told: Vec<Addressee> = others.filter_map(|reporter| reporter.addressee).collect();
    let count = usize::try_from(broken.count).unwrap_or_default();
    let left = count.saturating_sub(reporters.len());
    let view = View::Notice(Notice::Shelf(ShelfNotice::SettledNow {
        title: title.clone(),
        told: told.len(),
        left,
    }));
    let mut decision = change(Change::Shelf(ShelfChange::Settle { material, reporters }));
    decision.effects.push(Effect::Show { place, view });
    if !told.is_empty() {
        decision.effects.push(tell(told, ShelfView::Settled { material, title }));
    }
    decision
}

fn tell(to: Vec<Addressee>, view: ShelfView) -> Effect {
    Effect::Tell { to, view: View::Shelf(Box::new(view)) }
}

fn keys(message: crate::domain::ids::MessageId, keys: Keys) -> Decision {
    Decision { dialog: None, effects: vec![Effect::Keys { message, keys }] }
}

fn say(said: ShelfNotice) -> Decision {
    Decision { dialog: None, effects: vec![notice(said)] }
}

fn notice(said: ShelfNotice) -> Effect {
    Effect::Show { place: Place::New, view: View::Notice(Notice::Shelf(said)) }
}
