//! How rules stand, by figures written by hand.

use tokio::time::Instant;

use super::*;
use crate::domain::alert::rules::{RULES, rule_of};
use crate::domain::health::{Look, Watched};
use crate::runtime::MailboxSnapshot;

const LIMITS: Limits =
    Limits { job_age_s: 300.0, update_age_s: 300.0, loop_lag_s: 0.25, backup_age_s: 129_600.0 };

/// What the clock on the wall shows at a second of a test.
fn wall(second: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_000_000 + second)
}

/// A judge and what it is shown.
struct Court {
    judge: Judge,
    health: Vec<ComponentHealth>,
    actors: Vec<ChildSnapshot>,
    workers: i64,
    watchdog: Option<Timestamp>,
}

impl Court {
    fn new() -> Self {
        Self {
            judge: Judge::new(LIMITS),
            health: Vec::new(),
            actors: Vec::new(),
            workers: 0,
            watchdog: None,
        }
    }

    /// Names and subjects of all rules that stand badly.
    fn bad(&mut self, second: u64, text: &str) -> Vec<(&'static str, Option<String>)> {
        let reading = Arc::new(Reading::parse(text, Instant::now()));
        let world = World {
            now: Moment::from_secs(second),
            wall: wall(second),
            reading: &reading,
            health: &self.health,
            actors: &self.actors,
            workers: self.workers,
            watchdog: self.watchdog,
        };
        let verdicts = self.judge.judge(RULES, &world);
        let named = RULES.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_bad);
        named.map(|(rule, verdict)| (rule.name, verdict.details.subject)).collect()
    }
}

fn only(name: &'static str, subject: &str) -> Vec<(&'static str, Option<String>)> {
    vec![(name, Some(subject.to_owned()).filter(|subject| !subject.is_empty()))]
}

fn actor(name: &'static str, state: ChildState, restarts: u64, depth: usize) -> ChildSnapshot {
    let mailbox = MailboxSnapshot {
        capacity: 10,
        depth,
        handled: 0,
        refused: 0,
        unread: 0,
        last_wait_us: 0,
        max_wait_us: 0,
    };
    let (last_exit, facts) = (None, Vec::new());
    ChildSnapshot { name, generation: 1, state, restarts, mailbox, last_exit, facts }
}

#[test]
fn a_fresh_installation_is_silent() {
    let mut court = Court::new();
    for second in 0..1_000 {
        assert_eq!(court.bad(second, ""), []);
    }
}

#[test]
fn a_backup_grows_old_and_a_new_one_is_good() {
    let mut court = Court::new();
    let made = |second: u32| {
        format!("primelingo_backup_last_success_timestamp_seconds {}\n", 1_000_000 + second)
    };
    assert_eq!(court.bad(129_600, &made(0)), []);
    assert_eq!(court.bad(129_601, &made(0)), only("backup_stale", ""));
    assert_eq!(court.bad(129_602, &made(129_590)), []);
}

#[test]
fn the_oldest_job_is_judged_unless_its_queue_is_paused() {
    let mut court = Court::new();
    let age = |age: u32, paused: u32| {
        format!(
            "primelingo_queue_oldest_job_age_seconds{{queue=\"main\"}} {age}\n\
             primelingo_queue_paused{{queue=\"main\"}} {paused}\n"
        )
    };
    assert_eq!(court.bad(0, &age(300, 0)), []);
    assert_eq!(court.bad(1, &age(301, 0)), only("queue_stuck", "main"));
    assert_eq!(court.bad(2, &age(301, 1)), []);
}

#[test]
fn growth_counts_from_the_first_look_and_for_its_time() {
    let mut court = Court::new();
    let panics = |count: u32| format!("primelingo_panics_total{{area=\"job\"}} {count}\n");
    assert_eq!(court.bad(0, &panics(7)), [], "that was before");
    assert_eq!(court.bad(10, &panics(7)), []);
    assert_eq!(court.bad(20, &panics(8)), only("panics", "job"));
    assert_eq!(court.bad(20 + 890, &panics(8)), only("panics", "job"));
    assert_eq!(court.bad(20 + 900, &panics(8)), [], "a quarter of an hour later");
}

#[test]
fn what_appears_after_the_first_look_began_at_zero() {
    let mut court = Court::new();
    assert_eq!(court.bad(0, ""), []);
    let panics = "primelingo_panics_total{area=\"actor\"} 1\n";
    assert_eq!(court.bad(1, panics), only("panics", "actor"));
    let conflicts = "primelingo_poll_errors_total{reason=\"conflict\"} 4\n";
    assert_eq!(
        court.bad(2, &format!("{panics}{conflicts}")),
        [only("poll_conflict", ""), only("panics", "actor")].concat()
    );
}

#[test]
fn a_counter_that_begins_anew_counts_from_zero() {
    let mut court = Court::new();
    let forged =
        |count: u32| format!("primelingo_webhook_rejected_total{{reason=\"secret\"}} {count}\n");
    court.bad(0, &forged(1_000));
    assert_eq!(court.bad(1, &forged(20)), []);
    assert_eq!(court.bad(2, &forged(21)), only("webhook_forged", ""));
}

#[test]
fn what_one_rule_tells_of_another_does_not() {
    let mut court = Court::new();
    court.bad(0, "");
    let failed = |surface: &str| {
        format!(
            "primelingo_auth_failures_total{{surface=\"{surface}\"}} 25\n\
             primelingo_webhook_rejected_total{{reason=\"secret\"}} 25\n"
        )
    };
    assert_eq!(court.bad(1, &failed("webhook")), only("webhook_forged", ""));
    let both = [only("webhook_forged", ""), only("auth_failures", "dashboard")];
    assert_eq!(court.bad(2, &failed("dashboard")), both.concat());
}

#[test]
fn a_broadcast_stands_still_only_while_there_is_one() {
    let mut court = Court::new();
    let text = |active: u32, progress: u32| {
        format!(
            "primelingo_broadcast_active {active}\n\
             primelingo_broadcast_last_progress_timestamp_seconds {progress}\n"
        )
    };
    assert_eq!(court.bad(0, &text(1, 50)), []);
    assert_eq!(court.bad(120, &text(1, 50)), []);
    assert_eq!(court.bad(121, &text(1, 50)), only("broadcast_stalled", ""));
    assert_eq!(court.bad(122, &text(1, 51)), []);
    assert_eq!(court.bad(500, &text(0, 51)), []);
    assert_eq!(court.bad(501, &text(1, 51)), [], "another one has just begun");
}

#[test]
fn a_loop_is_slow_by_what_it_did_lately() {
    let mut court = Court::new();
    let lag = |fast: u32, all: u32| {
        format!(
            "primelingo_event_loop_lag_seconds_bucket{{loop=\"actors\",le=\"0.1\"}} {fast}\n\
             primelingo_event_loop_lag_seconds_bucket{{loop=\"actors\",le=\"1\"}} {all}\n\
             primelingo_event_loop_lag_seconds_bucket{{loop=\"actors\",le=\"+Inf\"}} {all}\n\
             primelingo_event_loop_lag_seconds_count{{loop=\"actors\"}} {all}\n"
        )
    };
    assert_eq!(court.bad(0, &lag(0, 500)), [], "that was before");
    assert_eq!(court.bad(100, &lag(100, 600)), []);
    assert_eq!(court.bad(101, &lag(100, 700)), only("loop_lag", "actors"));
    // Two spans later it is the past.
    assert_eq!(court.bad(250, &lag(100, 700)), only("loop_lag", "actors"));
    assert_eq!(court.bad(400, &lag(200, 800)), []);
}

#[test]
fn jobs_without_workers_are_bad_and_workers_elsewhere_are_workers() {
    let mut court = Court::new();
    let text = |here: u32| {
        format!(
            "primelingo_queue_depth{{queue=\"main\",state=\"ready\"}} 3\n\
             primelingo_workers{{queue=\"main\",state=\"idle\"}} {here}\n"
        )
    };
    assert_eq!(court.bad(0, &text(0)), only("no_workers", ""));
    assert_eq!(court.bad(1, &text(1)), []);
    court.workers = 1;
    assert_eq!(court.bad(2, &text(0)), []);
}

#[test]
fn actors_are_judged_by_their_state_their_restarts_and_their_mailboxes() {
    let mut court = Court::new();
    court.actors =
        vec![actor("gate", ChildState::Running, 0, 8), actor("poller", ChildState::Draining, 5, 0)];
    assert_eq!(court.bad(0, ""), []);
    court.actors =
        vec![actor("gate", ChildState::Running, 4, 9), actor("poller", ChildState::Stopped, 5, 0)];
    let expected = [
        only("actor_restarting", "gate"),
        only("actor_down", "poller"),
        only("mailbox_full", "gate"),
    ];
    assert_eq!(court.bad(1, ""), expected.concat());
}

#[test]
fn a_component_is_judged_as_the_board_believes() {
    let mut court = Court::new();
    let at = Timestamp::UNIX_EPOCH;
    let health = |component, look| Watched::new(component, look, at, Moment::ZERO).shown().clone();
    court.health = vec![
        health(Component::Database, Look::degraded("slow")),
        health(Component::Redis, Look::degraded("memory stands in")),
        health(Component::Storage, Look::down("full")),
    ];
    let expected = [only("redis_down", ""), only("disk_nearly_full", "")];
    assert_eq!(court.bad(0, ""), expected.concat());
    let rule = rule_of("redis_down").unwrap();
    let reading = Arc::new(Reading::parse("", Instant::now()));
    let world = World {
        now: Moment::ZERO,
        wall: wall(0),
        reading: &reading,
        health: &court.health,
        actors: &[],
        workers: 0,
        watchdog: None,
    };
    let said = court.judge.of(rule, &world).details.text;
    assert_eq!(said.as_deref(), Some("memory stands in"));
}

#[test]
fn a_watchdog_that_never_came_is_not_missed() {
    let mut court = Court::new();
    assert_eq!(court.bad(9_999, ""), []);
    let seen = |second| Timestamp::from_timestamp(second, 0);
    court.watchdog = seen(5);
    assert_eq!(court.bad(10_000, ""), []);
    assert_eq!(court.bad(10_600, ""), []);
    assert_eq!(court.bad(10_601, ""), only("watchdog_silent", ""));
    court.watchdog = seen(6);
    assert_eq!(court.bad(10_602, ""), []);
}
