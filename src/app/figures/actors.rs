//! The actors, as their supervisors see them.
//!
//! An actor that leaves in order (another process leads now) keeps what was last said of it, but has
//! nothing waiting any more.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::size;
use crate::runtime::{ChildSnapshot, ChildState, Exit, Roster};

/// Pause between two looks.
const EVERY: Duration = Duration::from_secs(5);

/// Longest wait for the supervisors' answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Shows the actors of this process, again and again.
pub(super) async fn collect(roster: Roster) {
    let mut known = Known::default();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let crews = roster.inspect(ANSWER_WITHIN).await;
        // Where a supervisor does not answer, nothing new is known of its children.
        if crews.iter().any(|crew| crew.children.is_err()) {
            continue;
        }
        known.take(crews.into_iter().flat_map(|crew| crew.children.unwrap_or_default()).collect());
    }
}

/// What was last seen, as counters are told what came since.
#[derive(Default)]
struct Known(HashMap<&'static str, Counts>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    handled: u64,
    refused: u64,
    unread: u64,
    restarts: u64,
    panicked: bool,
}

impl Counts {
    fn of(child: &ChildSnapshot) -> Self {
        Self {
            handled: child.mailbox.handled,
            refused: child.mailbox.refused,
            unread: child.mailbox.unread,
            restarts: child.restarts,
            panicked: matches!(child.last_exit, Some(Exit::Panicked(_))),
        }
    }

    /// What came since `earlier`. Where less is counted, it is another actor of that name.
    fn since(self, earlier: Self) -> Self {
        let grown = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
        let restarts = grown(self.restarts, earlier.restarts);
        Self {
            handled: grown(self.handled, earlier.handled),
            refused: grown(self.refused, earlier.refused),
            unread: grown(self.unread, earlier.unread),
            restarts,
            panicked: self.panicked && restarts > 0,
        }
    }
}

impl Known {
    fn take(&mut self, children: Vec<ChildSnapshot>) {
        for (name, _) in
            self.0.iter().filter(|(name, _)| !children.iter().any(|it| it.name == **name))
        {
            metrics::gauge!("primelingo_actor_mailbox_depth", "actor" => *name).set(0.0);
        }
        for child in children {
            let (name, counts) = (child.name, Counts::of(&child));
            let earlier = self.0.insert(name, counts).unwrap_or_default();
            show(&child, counts.since(earlier));
        }
    }
}

fn show(child: &ChildSnapshot, new: Counts) {
    let name = child.name;
    let is_up = child.state != ChildState::Stopped;
    metrics::gauge!("primelingo_actor_up", "actor" => name).set(f64::from(u8::from(is_up)));
    metrics::gauge!("primelingo_actor_mailbox_depth", "actor" => name)
        .set(size(child.mailbox.depth));
    metrics::gauge!("primelingo_actor_mailbox_capacity", "actor" => name)
        .set(size(child.mailbox.capacity));
    metrics::counter!("primelingo_actor_restarts_total", "actor" => name).increment(new.restarts);
    for (outcome, count) in [
        ("ok", new.handled),
        ("error", u64::from(new.panicked)),
        ("rejected", new.refused),
        ("timeout", new.unread),
    ] {
        metrics::counter!("primelingo_actor_messages_total", "actor" => name, "outcome" => outcome)
            .increment(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_told_what_came_since() {
        let first = Counts { handled: 10, restarts: 1, panicked: true, ..Counts::default() };
        assert_eq!(first.since(Counts::default()), first);
        let later = Counts { handled: 12, ..first };
        let grown = Counts { handled: 2, ..Counts::default() };
        assert_eq!(later.since(first), grown, "the same death is counted once");
        let another = Counts { handled: 3, ..Counts::default() };
        assert_eq!(another.since(later), another, "a new term begins from zero");
    }
}
