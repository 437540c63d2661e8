//! The school in figures: what is noted of a search, and what an admin is shown.

use chrono::Duration;

use super::{Decision, Effect, Place, Scene, View};
use crate::domain::effect::{Change, JobKind, NewJob, Priority};
use crate::domain::facts::Facts;
use crate::domain::ids::JobId;
use crate::domain::material::Filters;
use crate::domain::statistics::{StatsAct, StatsCard, searched_words};

/// Figures that are younger are not counted again because somebody asks.
const FRESH_FOR: Duration = Duration::minutes(1);

/// Notes a search: what was typed counts, not its pages and filters. The words are those that the
/// decision remembers for the buttons.
pub fn note(place: Place, filters: Filters, found: bool, mut decision: Decision) -> Decision {
    if place != Place::New || filters != Filters::default() {
        return decision;
    }
    let words = decision.effects.iter().find_map(|effect| match effect {
        Effect::Change(Change::RememberQuery { text, .. }) => searched_words(text),
        _ => None,
    });
    decision.effects.extend(words.map(|words| Effect::Change(Change::NoteSearch { words, found })));
    decision
}

/// The command, or a button.
pub fn act(scene: Scene<'_>, place: Place, act: StatsAct, facts: Facts) -> Decision {
    let report = match (act, facts) {
        (StatsAct::Send(sort, span), _) => {
            let Scene { user: by, chat, thread, .. } = scene;
            let kind = JobKind::SendStatistics { sort, span, by, chat, thread };
            return Decision { dialog: None, effects: vec![enqueue(scene, kind)] };
        }
        (_, Facts::Statistics(report)) => *report,
        // The library gives each wish its facts.
        _ => return Decision::default(),
    };
    let counted_at = report.today().map(|today| today.counted_at);
    let is_fresh = counted_at.is_some_and(|at| scene.now - at < FRESH_FOR);
    let is_wanted = counted_at.is_none() || matches!(act, StatsAct::Refresh(_));
    let is_counting = is_wanted && !is_fresh;
    let mut effects = Vec::with_capacity(2);
    if is_counting {
        effects.push(enqueue(scene, JobKind::RollUpStatistics));
    }
    let view = View::Statistics(Box::new(StatsCard { report, is_counting }));
    effects.push(Effect::Show { place, view });
    Decision { dialog: None, effects }
}

fn enqueue(scene: Scene<'_>, kind: JobKind) -> Effect {
    Effect::Enqueue(NewJob {
        id: JobId(scene.ids.next(scene.now)),
        kind,
        fairness_key: scene.user.0,
        priority: Priority::Single,
        not_before: None,
    })
}
