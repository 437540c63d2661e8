//! How the parts that the program stands on are doing, without the nerves of a single look. Pure.
//!
//! Invariants: one bad look among good ones changes nothing where [`Component::patience`] says so;
//! a state changes only after as many equal looks in a row, so a part that comes and goes at every
//! look keeps the state it had. Durations are measured by a clock that cannot jump ([`Moment`]);
//! what is shown to people is the time of day beside it.

use std::time::Duration;

use super::clock::Timestamp;

/// Time since the start of the process, by a clock that never jumps.
pub type Moment = Duration;

/// What the program stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// Where everything is kept.
    Database,
    /// Copies and doorbells; memory stands in for it.
    Redis,
    /// Whether calls of the Bot API are answered.
    Telegram,
    /// Whether jobs are worked off in time.
    Queue,
    /// The disk with the files.
    Storage,
    /// Whether updates come in.
    Poller,
}

/// Looks in a row that it takes to believe in a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the worse.
    pub fall: u32,
    /// For the better.
    pub rise: u32,
}

impl Component {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Database, Self::Redis, Self::Telegram, Self::Queue, Self::Storage, Self::Poller];

    /// Its name in metrics, in `/health` and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Redis => "redis",
            Self::Telegram => "telegram",
            Self::Queue => "queue",
            Self::Storage => "storage",
            Self::Poller => "poller",
        }
    }

    /// How many looks it takes. The watches of database and Redis are patient themselves.
    pub const fn patience(self) -> Patience {
        match self {
            Self::Database | Self::Redis | Self::Poller => Patience { fall: 1, rise: 1 },
            Self::Telegram => Patience { fall: 3, rise: 2 },
            Self::Queue | Self::Storage => Patience { fall: 2, rise: 3 },
        }
    }

    /// Whether the program cannot do its work without it.
    pub const fn is_vital(self) -> bool {
        matches!(self, Self::Database | Self::Poller)
    }
}

/// How well a part does its work; the order is from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// As it should.
    Up,
    /// Badly, or something stands in for it.
    Degraded,
    /// Not at all.
    Down,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Up, Self::Degraded, Self::Down];

    /// Its name in metrics and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// What one look has brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// How it is.
    pub state: State,
    /// How long the answer took, where something was asked.
    pub latency: Option<Duration>,
    /// What is wrong; for operators, without secrets. Empty when all is well.
    pub note: String,
    /// What does its work meanwhile.
    pub fallback: Option<&'static str>,
}

impl Look {
    /// All is well.
    pub const fn up(latency: Option<Duration>) -> Self {
        Self { state: State::Up, latency, note: String::new(), fallback: None }
    }

    /// It works badly, or something stands in for it.
    pub fn degraded(note: impl Into<String>) -> Self {
        Self { state: State::Degraded, latency: None, note: note.into(), fallback: None }
    }

    /// It does not work.
    pub fn down(note: impl Into<String>) -> Self {
        Self { state: State::Down, latency: None, note: note.into(), fallback: None }
    }

    /// Something else does its work meanwhile.
    #[must_use]
    pub fn with_fallback(self, fallback: &'static str) -> Self {
        Self { fallback: Some(fallback), ..self }
    }
}

/// A component as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentHealth {
    /// Which.
    pub component: Component,
    /// The state that is believed in.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// The same by the clock that cannot jump.
    pub since_moment: Moment,
    /// When it was looked at last.
    pub looked_at: Moment,
    /// What the newest look has brought.
    pub latest: Look,
}

impl ComponentHealth {
    /// Whether something else does its work, or it does it badly.
    pub fn is_degraded(&self) -> bool {
        match self.state {
            State::Up => false,
            State::Degraded => true,
            State::Down => self.latest.fallback.is_some(),
        }
    }

    /// The word of `application/health+json` for it: what something stands in for does not fail.
    pub fn status(&self) -> &'static str {
        match self.state {
            State::Up => "pass",
            State::Down if self.component.is_vital() => "fail",
            State::Down | State::Degraded => "warn",
        }
    }
}

/// A component and the looks that it takes to believe in a change.
#[derive(Debug, Clone)]
pub struct Watched {
    shown: ComponentHealth,
    /// The state that the newest looks agree in, and how many they are.
    rumour: (State, u32),
}

impl Watched {
    /// A component at its first look, which is believed.
    pub const fn new(component: Component, look: Look, at: Timestamp, moment: Moment) -> Self {
        let state = look.state;
        Self {
            shown: ComponentHealth {
                component,
                state,
                since: at,
                since_moment: moment,
                looked_at: moment,
                latest: look,
            },
            rumour: (state, 0),
        }
    }

    /// Takes a look in. Gives the new state if it is believed now.
    pub fn heed(&mut self, look: Look, at: Timestamp, moment: Moment) -> Option<State> {
        let state = look.state;
        self.shown.looked_at = moment;
        self.shown.latest = look;
        if state == self.shown.state {
            self.rumour = (state, 0);
            return None;
        }
        let heard = if self.rumour.0 == state { self.rumour.1.saturating_add(1) } else { 1 };
        self.rumour = (state, heard);
        let patience = self.shown.component.patience();
        let needed = if state > self.shown.state { patience.fall } else { patience.rise };
        if heard < needed {
            return None;
        }
        self.shown.state = state;
        self.shown.since = at;
        self.shown.since_moment = moment;
        Some(state)
    }

    /// As it is shown.
    pub const fn shown(&self) -> &ComponentHealth {
        &self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(1_700_000_000 + second, 0).expect("a time")
    }

    fn telegram() -> Watched {
        Watched::new(Component::Telegram, Look::up(None), at(0), Moment::ZERO)
    }

    fn second(n: u64) -> Moment {
        Moment::from_secs(n)
    }

    #[test]
    fn a_single_bad_look_is_not_believed() {
        let mut watched = telegram();
        assert_eq!(watched.heed(Look::down("refused"), at(1), second(1)), None);
        assert_eq!(watched.heed(Look::up(None), at(2), second(2)), None);
        assert_eq!(watched.heed(Look::down("refused"), at(3), second(3)), None);
        assert_eq!(watched.shown().state, State::Up);
        assert_eq!(watched.shown().latest.note, "refused");
    }

    #[test]
    fn as_many_as_patience_asks_are_believed_and_dated() {
        let mut watched = telegram();
        for n in 1..=2 {
            assert_eq!(watched.heed(Look::down("refused"), at(1), second(n)), None);
        }
        assert_eq!(watched.heed(Look::down("refused"), at(9), second(3)), Some(State::Down));
        assert_eq!((watched.shown().since, watched.shown().since_moment), (at(9), second(3)));
        assert_eq!(watched.heed(Look::up(None), at(10), second(4)), None);
        assert_eq!(watched.heed(Look::up(None), at(11), second(5)), Some(State::Up));
    }

    #[test]
    fn what_comes_and_goes_at_every_look_keeps_its_state() {
        let mut watched = telegram();
        for n in 0..1_000_u64 {
            let look = if n % 2 == 0 { Look::down("refused") } else { Look::up(None) };
            assert_eq!(watched.heed(look, at(0), second(n)), None, "{n}");
        }
    }

    #[test]
    fn the_database_is_believed_at_once() {
        let mut watched = Watched::new(Component::Database, Look::up(None), at(0), Moment::ZERO);
        assert_eq!(watched.heed(Look::down("closed"), at(1), second(1)), Some(State::Down));
        assert_eq!(watched.heed(Look::up(None), at(2), second(2)), Some(State::Up));
    }
}
