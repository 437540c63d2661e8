//! One place where everybody who looks after a component says how it is, and everybody who shows
//! or judges it reads the same.
//!
//! Invariants: a report never waits for anything but a lock that is held for microseconds; what is
//! not configured never reports, and so appears nowhere.

pub mod judge;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use crate::domain::clock::Clock;
use crate::domain::health::{Component, ComponentHealth, Look, Moment, State, Watched};

/// The states of all components. Cheap to clone; clones share one board.
#[derive(Clone)]
pub struct HealthBoard {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    started: Instant,
    watched: Mutex<BTreeMap<Component, Watched>>,
}

impl HealthBoard {
    /// An empty board.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let shared =
            Shared { clock, started: Instant::now(), watched: Mutex::new(BTreeMap::new()) };
        Self { shared: Arc::new(shared) }
    }

    /// Says how a component is. A change that is believed is logged and counted.
    pub fn report(&self, component: Component, look: Look) {
        let (at, moment) = (self.shared.clock.now(), self.moment());
        let note = look.note.clone();
        let mut watched = self.shared.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let (shown, change) = if let Some(known) = watched.get_mut(&component) {
            let change = known.heed(look, at, moment);
            (known.shown().clone(), change)
        } else {
            let first = Watched::new(component, look, at, moment);
            let shown = first.shown().clone();
            watched.insert(component, first);
            // From now on it is known that nothing has changed.
            for to in State::ALL {
                count_change(component, to, 0);
            }
            (shown, None)
        };
        drop(watched);
        show(&shown);
        if let Some(state) = change {
            count_change(component, state, 1);
            tracing::info!(
                component = component.name(),
                state = state.name(),
                note,
                "health changed"
            );
        }
    }

    /// This process has nothing to do with a component any more: it does not poll, say.
    pub fn forget(&self, component: Component) {
        let mut watched = self.shared.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = watched.remove(&component) else { return };
        drop(watched);
        let well = ComponentHealth { state: State::Up, ..known.shown().clone() };
        show(&well);
    }

    /// All components that were ever reported, in the order of [`Component::ALL`].
    pub fn snapshot(&self) -> Vec<ComponentHealth> {
        let watched = self.shared.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.values().map(|known| known.shown().clone()).collect()
    }

    /// The time by which the board measures.
    pub fn moment(&self) -> Moment {
        self.shared.started.elapsed()
    }
}

fn count_change(component: Component, to: State, count: u64) {
    metrics::counter!(
        "primelingo_component_state_changes_total",
        "component" => component.name(), "to" => to.name()
    )
    .increment(count);
}

fn show(health: &ComponentHealth) {
    let flag = |set| f64::from(u8::from(set));
    let component = health.component.name();
    metrics::gauge!("primelingo_component_up", "component" => component)
        .set(flag(health.state != State::Down));
    metrics::gauge!("primelingo_component_degraded", "component" => component)
        .set(flag(health.is_degraded()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::SystemClock;

    #[test]
    fn clones_share_one_board_and_show_what_was_reported() {
        let board = HealthBoard::new(Arc::new(SystemClock));
        board.clone().report(Component::Storage, Look::up(None));
        board.report(Component::Database, Look::down("closed"));
        let shown: Vec<_> = board
            .snapshot()
            .into_iter()
            .map(|health| (health.component, health.state, health.latest.note))
            .collect();
        assert_eq!(
            shown,
            [
                (Component::Database, State::Down, "closed".to_owned()),
                (Component::Storage, State::Up, String::new()),
            ]
        );
    }
}
