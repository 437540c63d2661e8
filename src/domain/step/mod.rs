//! The pure `decide`: (dialog, intent, facts) -> (dialog, effects). One file a dialog.

use super::broadcast::BroadcastRules;
use super::clock::Timestamp;
use super::edition::ReplaceNotice;
use super::effect::{Change, Decision, Effect, Notice, Place, View};
use super::facts::{Facts, SearchFacts};
use super::ids::{ChatId, IdSource, QueryId, UserId};
use super::intent::{INLINE_PAGE, Intent, Wish};
use super::material::{Filters, MaterialState};
use super::search_page::SearchPage;
use super::session::Dialog;
use super::shelf::{ShelfAct, ShelfFacts};

mod alerts;
mod arrival;
mod broadcast;
mod bulk;
mod dashboard;
mod desk;
mod digest;
mod drafts;
mod follow;
mod given_up;
mod ownership;
mod people;
mod privacy;
mod replace;
mod sections;
mod shelf;
mod request;
mod statistics;
mod upload;
mod uploads;

pub use broadcast::{Needs as ComposeNeeds, needs as compose_needs};
pub use bulk::takes_file;

/// Who speaks and when: the parameters of a decision.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The chat.
    pub chat: ChatId,
    /// The forum topic; 0 for none.
    pub thread: i64,
    /// The person.
    pub user: UserId,
    /// Their first name.
    pub first_name: &'a str,
    /// The dialog so far.
    pub dialog: &'a Dialog,
    /// Largest file that may be uploaded, in bytes.
    pub upload_limit: u64,
    /// Most files of one bulk upload.
    pub bulk_max: u32,
    /// The bot's `@name` without the sign.
    pub bot_username: &'a str,
    /// What holds for all broadcasts.
    pub broadcasts: &'a BroadcastRules,
    /// The time.
    pub now: Timestamp,
    /// Where new ids come from.
    pub ids: &'a IdSource,
}

/// Decides a step. A question of the desk is dropped as soon as its editor turns to something else:
/// words that come later are a query, and no title.
pub fn decide(scene: Scene<'_>, intent: Intent, facts: Facts) -> Decision {
    let turns_away = matches!(scene.dialog, Dialog::Desk(_)) && desk::turns_away(&intent.wish);
    let mut decision = decided(scene, intent, facts);
    if turns_away {
        decision.dialog.get_or_insert(Dialog::Idle);
    }
    decision
}

fn decided(scene: Scene<'_>, intent: Intent, facts: Facts) -> Decision {
    let place = intent.place;
    match (intent.wish, facts) {
        (Wish::Nothing, _) => Decision::default(),
        (Wish::Reachable(reachable), _) => change(Change::SetReachable(reachable)),
        (Wish::Start, facts) => {
            let view = menu(scene, facts, Some(scene.first_name.to_owned()), false);
            remind(scene, show(Place::New, view))
        }
        // A stale button's message stays as it is: it may hold something worth keeping.
        (Wish::Menu { stale: true }, facts) => {
            remind(scene, show(Place::New, menu(scene, facts, None, true)))
        }
        (Wish::Menu { stale: false }, facts) => {
            remind(scene, show(place, menu(scene, facts, None, false)))
        }
        (Wish::Say(notice), _) => show(Place::New, View::Notice(notice)),
        (Wish::Help, _) => show(place, View::Help),
        (Wish::AskQuery, _) => show(place, View::AskQuery),
        (Wish::Search { filters, page, .. }, Facts::Search(found)) => {
            searched(place, filters, page, found)
        }
        (Wish::Facet { query, filters, facet }, Facts::Facet(Some(found))) => {
            show(place, View::FacetChoices { found, query, filters, facet })
        }
        (Wish::Facet { .. }, _) => show(place, View::Notice(Notice::QueryForgotten)),
        (Wish::Browse(_), Facts::Catalogue(Some(found))) => show(place, follow::node(found)),
        (Wish::Follow { category, follow }, Facts::Catalogue(Some(found))) => {
            follow::turn(place, category, follow, found)
        }
        // The node was deleted while it was browsed.
        (Wish::Shelf(ShelfAct::Show { .. }), Facts::Shelf(gone)) if *gone == ShelfFacts::Gone => {
            show(place, menu(scene, Facts::None, None, true))
        }
        (Wish::Shelf(act), Facts::Shelf(facts)) => shelf::act(scene, place, act, *facts),
        (Wish::Browse(_) | Wish::Follow { .. }, facts) => {
            show(place, menu(scene, facts, None, true))
        }
        (Wish::Deliver(_), Facts::Shelf(facts)) => shelf::deliver(*facts),
        (Wish::Look(_), Facts::Look(Some(found))) if found.0.state == MaterialState::Published => {
            let (material, preview) = *found;
            let effect = Effect::Preview { material: Box::new(material), preview };
            Decision { dialog: None, effects: vec![effect] }
        }
        (Wish::Deliver(_) | Wish::Look(_), _) => {
            show(Place::New, View::Notice(Notice::MaterialGone))
        }
        (Wish::SetLang(lang), Facts::Shelf(facts)) => match *facts {
            ShelfFacts::Preferring(now) => shelf::set_lang(place, lang, now),
            _ => change(Change::SetLang(lang)),
        },
        (Wish::Desk(wish), Facts::Desk(facts)) => desk::go_on(scene, place, wish, facts),
        (Wish::Cancel, _) if matches!(scene.dialog, Dialog::Desk(_)) => desk::leave(false),
        (Wish::Request(act), Facts::Request(facts)) => request::act(scene, place, act, *facts),
        (Wish::Privacy(act), Facts::Privacy(facts)) => privacy::act(scene, place, act, facts),
        (Wish::Statistics(act), facts) => statistics::act(scene, place, act, facts),
        (Wish::Alerts(act), Facts::Alerts(facts)) => alerts::act(scene, place, act, *facts),
        (Wish::Dashboard, Facts::Dashboard(link)) => dashboard::give(scene, link),
        (Wish::Claim { hash }, Facts::Claim(stands)) => ownership::claim(hash, stands),
        (Wish::People(wish, rank), Facts::People(facts)) => {
            people::go_on(scene, place, (wish, rank), facts)
        }
        (Wish::Jobs(act), Facts::Jobs(groups)) => given_up::act(scene, place, act, groups),
        (Wish::ShutOut { query, tell }, _) => people::shut_out(query, tell),
        (wish, facts) if is_admins(scene.dialog, &wish) => send_out(scene, place, wish, facts),
        (wish, facts) if is_editors(&wish) => edit(scene, place, wish, facts),
        (Wish::Inline { query_id, offset, .. }, Facts::Inline { materials, has_more }) => {
            let next = has_more.then(|| offset.saturating_add(INLINE_PAGE));
            let effect = Effect::AnswerInline { query_id, materials, next };
            Decision { dialog: None, effects: vec![effect] }
        }
        // The library gives each wish its facts; a mismatch would be a bug there, and the menu is
        // the safest answer to it.
        (_, facts) => show(Place::New, menu(scene, facts, None, true)),
    }
}

/// Whether it is about files that are uploaded.
const fn is_editors(wish: &Wish) -> bool {
    matches!(
        wish,
        Wish::Cancel
            | Wish::TakeFile { .. }
            | Wish::Upload { .. }
            | Wish::Bulk { .. }
            | Wish::Draft(_)
            | Wish::Replace { .. }
            | Wish::Uploads
            | Wish::Withdraw(_)
    )
}

/// Whether it is about what goes out to many.
const fn is_admins(dialog: &Dialog, wish: &Wish) -> bool {
    match wish {
        Wish::Compose(_)
        | Wish::Control { .. }
        | Wish::Broadcasts { .. }
        | Wish::EndSeries(_)
        | Wish::Digest(_) => true,
        Wish::Cancel => matches!(dialog, Dialog::Broadcast(_)),
        _ => false,
    }
}

/// Decides what is about what goes out to many.
fn send_out(scene: Scene<'_>, place: Place, wish: Wish, facts: Facts) -> Decision {
    match (wish, facts) {
        (Wish::Compose(input), Facts::Compose(facts)) => broadcast::go_on(scene, input, *facts),
        (Wish::Control { act, .. }, Facts::Control(facts)) => {
            broadcast::press(scene, place, act, *facts)
        }
        (Wish::Broadcasts { .. }, Facts::Broadcasts(list)) => broadcast::list(scene, place, *list),
        (Wish::EndSeries(series), _) => broadcast::end_series(place, series),
        (Wish::Digest(act), Facts::Digest(facts)) => digest::act(scene, place, act, &facts),
        (Wish::Cancel, _) => broadcast::cancel(scene),
        (_, facts) => show(Place::New, menu(scene, facts, None, true)),
    }
}

/// Decides what is about files that are uploaded.
fn edit(scene: Scene<'_>, place: Place, wish: Wish, facts: Facts) -> Decision {
    match (wish, facts) {
        (Wish::Cancel, Facts::Bulk(facts)) => bulk::cancel(scene, *facts),
        (Wish::Cancel, Facts::Replace(facts)) => replace::cancel(scene, Place::New, &facts),
        (Wish::Cancel, facts) => upload::cancel(scene, facts),
        (Wish::Replace { material, act }, Facts::Replace(facts)) => {
            replace::act(scene, place, material, act, *facts)
        }
        (Wish::TakeFile { file, .. }, Facts::Replace(facts)) => match scene.dialog {
            Dialog::Replace(dialog) => replace::take_file(scene, dialog, file, &facts),
            _ => show(Place::New, View::Notice(Notice::Replace(ReplaceNotice::Over))),
        },
        (Wish::TakeFile { file, caption, .. }, Facts::Upload(facts)) => {
            upload::take_file(scene, file, caption.as_deref(), *facts)
        }
        (Wish::TakeFile { file, caption, .. }, Facts::Joining(joining)) => {
            bulk::take_file(scene, file, caption.as_deref(), joining)
        }
        (Wish::Bulk { batch, input, .. }, Facts::Bulk(facts)) => {
            bulk::go_on(scene, place, batch, input, *facts)
        }
        (Wish::Uploads, Facts::Uploads(files)) => uploads::list(place, files),
        (Wish::Withdraw(material), Facts::Uploads(files)) => {
            uploads::withdraw(scene, place, material, files)
        }
        (Wish::Draft(_), Facts::Upload(facts)) => drafts::go_on(scene, place, &facts),
        (Wish::Upload { .. }, _) if matches!(scene.dialog, Dialog::Bulk(_)) => {
            show(place, View::Notice(Notice::InBatch))
        }
        (Wish::Upload { material, input, inside }, Facts::Upload(facts)) => {
            upload::go_on(scene, place, material, input, inside, *facts)
        }
        (_, facts) => show(Place::New, menu(scene, facts, None, true)),
    }
}

/// Reminds whoever turns to the menu of what waits.
fn remind(scene: Scene<'_>, decision: Decision) -> Decision {
    broadcast::remind(scene, bulk::remind(scene, decision))
}

/// A decision that only shows something.
fn show(place: Place, view: View) -> Decision {
    Decision { dialog: None, effects: vec![Effect::Show { place, view }] }
}

fn change(change: Change) -> Decision {
    Decision { dialog: None, effects: vec![Effect::Change(change)] }
}

fn menu(scene: Scene<'_>, facts: Facts, greet: Option<String>, stale: bool) -> View {
    let unfinished = match (scene.dialog, facts) {
        (Dialog::Upload(upload), Facts::Material(Some(material)))
            if material.id == upload.material =>
        {
            Some((material.id, material.title.clone()))
        }
        _ => None,
    };
    View::Menu { greet, unfinished, stale }
}

fn searched(place: Place, filters: Filters, page: usize, found: SearchFacts) -> Decision {
    match found {
        SearchFacts::Empty => show(Place::New, View::Notice(Notice::EmptyQuery)),
        SearchFacts::Forgotten => show(Place::New, View::Notice(Notice::QueryForgotten)),
        SearchFacts::Nothing { query, text } => {
            let remember = remember(query, &text);
            let view = View::NothingFound { text, query, filters };
            let effects = vec![remember, Effect::Show { place, view }];
            statistics::note(place, filters, false, Decision { dialog: None, effects })
        }
        SearchFacts::Page(found) => {
            statistics::note(place, filters, true, show_results(place, page, *found))
        }
    }
}

fn show_results(place: Place, page: usize, found: SearchPage) -> Decision {
    let mut effects = Vec::with_capacity(2);
    // Buttons of later pages carry a query that is remembered already.
    if page == 0 && place == Place::New {
        effects.push(remember(found.query, &found.text));
    }
    effects.push(Effect::Show { place, view: View::Results(found) });
    Decision { dialog: None, effects }
}

fn remember(id: QueryId, text: &str) -> Effect {
    Effect::Change(Change::RememberQuery { id, text: text.to_owned() })
}
