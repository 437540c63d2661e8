//! All supervisors of a process at one place, for those who show or mend actors.
//!
//! A supervisor comes and goes with its term; a [`Roster`] always knows the one that runs now.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use super::port::PortError;
use super::supervisor::{ChildSnapshot, SupervisorHandle};

/// The supervisors that run in this process. Clones share one roster.
#[derive(Clone, Default)]
pub struct Roster {
    running: Arc<Mutex<BTreeMap<&'static str, SupervisorHandle>>>,
}

/// The children of one supervisor.
#[derive(Debug, Clone)]
pub struct Crewed {
    /// The supervisor's name.
    pub supervisor: &'static str,
    /// Its children, or why they are unknown: the actors' thread is stuck, or it has just ended.
    pub children: Result<Vec<ChildSnapshot>, PortError>,
}

/// Keeps a supervisor on the roster; it leaves on drop.
#[must_use = "the supervisor leaves the roster on drop"]
pub struct Entry {
    roster: Roster,
    name: &'static str,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.roster.lock().remove(self.name);
    }
}

impl Roster {
    /// Puts a supervisor on the roster, in place of one of the same name.
    pub fn enter(&self, name: &'static str, handle: SupervisorHandle) -> Entry {
        self.lock().insert(name, handle);
        Entry { roster: self.clone(), name }
    }

    /// The state of all children of all supervisors, in the order of the supervisors' names.
    pub async fn inspect(&self, within: Duration) -> Vec<Crewed> {
        let asked = self.handles().into_iter().map(|(supervisor, handle)| async move {
            Crewed { supervisor, children: handle.inspect(within).await }
        });
        join_all(asked).await
    }

    /// Ends a child at once and starts it anew, out of its budget of deaths. `false` if nobody here
    /// has a child of that name that runs.
    pub async fn restart(&self, child: &str, within: Duration) -> Result<bool, PortError> {
        for (_, handle) in self.handles() {
            if handle.restart(child.to_owned(), within).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn handles(&self) -> Vec<(&'static str, SupervisorHandle)> {
        self.lock().iter().map(|(name, handle)| (*name, handle.clone())).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, SupervisorHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
