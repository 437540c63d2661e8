//! What a look at figures says of a component. Pure: numbers in, a [`Look`] out.

use std::time::Duration;

use crate::domain::health::Look;

/// A poll, or Telegram's word that it posts to us, older than this makes the bot deaf: so readiness is
/// off within the 150 s that are promised, whoever looks at intervals of a few seconds.
pub const DEAF_AFTER: Duration = Duration::from_secs(140);

/// A due job that waits longer shows that the queue is not worked off.
const STALE_JOB: Duration = Duration::from_mins(5);

/// Calls of the Bot API since the look before.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Calls {
    /// Answered, refusals of a single message included.
    pub answered: f64,
    /// No answer, or one that says that Telegram itself is in trouble.
    pub failed: f64,
    /// Refused because of the token.
    pub unauthorized: f64,
}

/// Whether Telegram answers. Nothing is said of a time without calls.
pub fn telegram(calls: Calls) -> Option<Look> {
    let Calls { answered, failed, unauthorized } = calls;
    if unauthorized > 0.0 {
        return Some(Look::down("the token is refused"));
    }
    if answered + failed <= 0.0 {
        return None;
    }
    if answered <= 0.0 {
        return Some(Look::down("no call is answered"));
    }
    // Half of all calls: single ones fail in any network.
    Some(if failed > answered { Look::degraded("most calls fail") } else { Look::up(None) })
}

/// How the queues stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backlog {
    /// Jobs that could run now.
    pub ready: f64,
    /// How long the oldest of them has been due, in seconds; 0 for none. Of queues that run.
    pub oldest_s: f64,
    /// Workers, busy or not, as far as this process knows.
    pub workers: f64,
}

/// Whether jobs are worked off.
pub fn queue(backlog: Backlog) -> Look {
    if backlog.ready > 0.0 && backlog.oldest_s > STALE_JOB.as_secs_f64() {
        let minutes = (backlog.oldest_s / 60.0).floor();
        if backlog.workers <= 0.0 {
            return Look::down("jobs wait and no worker lives");
        }
        return Look::degraded(format!("the oldest job has waited {minutes} min"));
    }
    Look::up(None)
}

/// Whether files can be stored: what is free on their disk, and what has to stay free.
pub fn storage(free: Result<u64, std::io::ErrorKind>, min_free: u64) -> Look {
    match free {
        Err(kind) => Look::down(format!("files.data_dir cannot be looked at: {kind}")),
        Ok(0) => Look::down("the disk of files.data_dir is full"),
        Ok(free) if free < min_free => {
            Look::degraded("less is free on the disk of files.data_dir than files.min_free_mb")
        }
        Ok(_) => Look::up(None),
    }
}

/// Whether updates come in. `age` is the time since the last good poll or confirmation, `uptime`
/// that of this process as the one that polls.
pub fn poller(age: Option<Duration>, uptime: Duration) -> Look {
    match age {
        Some(age) if age < DEAF_AFTER => Look::up(None),
        // The first poll is still on its way.
        None if uptime < DEAF_AFTER => Look::up(None),
        _ => Look::down("no updates: the last good poll is too long ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::health::State;

    #[test]
    fn telegram_is_judged_by_what_it_answers() {
        let state = |answered, failed, unauthorized| {
            telegram(Calls { answered, failed, unauthorized }).map(|look| look.state)
        };
        assert_eq!(state(0.0, 0.0, 0.0), None);
        assert_eq!(state(9.0, 1.0, 0.0), Some(State::Up));
        assert_eq!(state(1.0, 9.0, 0.0), Some(State::Degraded));
        assert_eq!(state(0.0, 1.0, 0.0), Some(State::Down));
        assert_eq!(state(9.0, 0.0, 1.0), Some(State::Down));
    }

    #[test]
    fn a_queue_is_judged_by_age_and_not_by_depth() {
        let state = |ready, oldest_s, workers| queue(Backlog { ready, oldest_s, workers }).state;
        assert_eq!(state(10_000.0, 5.0, 2.0), State::Up);
        assert_eq!(state(1.0, 301.0, 2.0), State::Degraded);
        assert_eq!(state(1.0, 301.0, 0.0), State::Down);
        assert_eq!(state(0.0, 0.0, 0.0), State::Up);
    }

    #[test]
    fn a_disk_is_judged_by_what_is_free() {
        assert_eq!(storage(Ok(500), 400).state, State::Up);
        assert_eq!(storage(Ok(300), 400).state, State::Degraded);
        assert_eq!(storage(Ok(0), 400).state, State::Down);
        assert_eq!(storage(Err(std::io::ErrorKind::NotFound), 400).state, State::Down);
    }

    #[test]
    fn a_poller_is_deaf_after_140_s() {
        let second = Duration::from_secs;
        assert_eq!(poller(None, second(10)).state, State::Up);
        assert_eq!(poller(None, second(141)).state, State::Down);
        assert_eq!(poller(Some(second(139)), second(999)).state, State::Up);
        assert_eq!(poller(Some(second(140)), second(999)).state, State::Down);
    }
}
