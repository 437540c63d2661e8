//! The crash drill, as anybody can run it by hand: `primelingo simulate crash`.
//!
//! The drill judges for itself and says so by its exit code; these tests also look at its figures.
//! One drill runs at a time: each is a load for the whole machine.

use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::support::postgres::Postgres;
use crate::support::redis::Redis;

/// Longest run of a drill: generous, so that a busy machine fails no test.
const PATIENCE: Duration = Duration::from_mins(10);

/// Held by the drill that runs.
static TURN: Mutex<()> = Mutex::const_new(());

/// Ends the drill and its bot when the test ends before them.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // The usual case: it is gone already.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// A drill that is over.
struct Drilled {
    output: Output,
    figures: Value,
}

impl Drilled {
    fn figure(&self, name: &str) -> u64 {
        self.figures[name].as_u64().unwrap_or_else(|| panic!("no {name} in {}", self.figures))
    }

    /// The drill found nothing, and had something to find it in.
    fn must_be_good(&self) {
        let errors = String::from_utf8_lossy(&self.output.stderr);
        assert!(self.output.status.success(), "{}\n{errors}", self.figures);
        for kind in ["lost", "doubled", "reordered", "put aside"] {
            assert_eq!(self.figure(kind), 0, "{kind}: {}", self.figures);
        }
        for kind in ["updates", "messages", "presses", "dialogs"] {
            assert!(self.figure(kind) > 0, "no {kind}: {}", self.figures);
        }
    }
}

async fn drill(ends: u64, arguments: &[&str]) -> Drilled {
    let _turn = TURN.lock().await;
    let child = Command::new(env!("CARGO_BIN_EXE_primelingo"))
        .args(["simulate", "crash", "--output", "json", "--kills", &ends.to_string()])
        .args(arguments)
        .env_clear()
        .current_dir(std::env::temp_dir())
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let group = child.id().and_then(|pid| Pid::from_raw(pid.try_into().ok()?));
    let _group = Group(group);
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let output = ended.expect("the drill to end").unwrap();
    let figures = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("no figures: {error}\n{}", String::from_utf8_lossy(&output.stderr))
    });
    Drilled { output, figures }
}

#[tokio::test]
async fn kills_on_sqlite() {
    let drilled = drill(20, &["--seed", "1"]).await;
    drilled.must_be_good();
    assert_eq!(drilled.figure("killed"), 20);
}

#[tokio::test]
async fn kills_on_postgresql() {
    let database = Postgres::shared().fresh_database();
    let drilled = drill(20, &["--seed", "2", "--database", &database.url]).await;
    drilled.must_be_good();
    assert_eq!(drilled.figure("killed"), 20);
}

#[tokio::test]
async fn kills_on_postgresql_with_redis() {
    let database = Postgres::shared().fresh_database();
    let redis = Redis::start();
    let places = ["--database", &database.url, "--redis", &redis.url()];
    let drilled = drill(20, &[&["--seed", "6"], places.as_slice()].concat()).await;
    drilled.must_be_good();
    assert_eq!(drilled.figure("killed"), 20);
    assert!(!redis.keys().is_empty(), "the bot has used it");
}

/// An orderly stop loses nothing, and nothing comes twice: not even what was in flight.
#[tokio::test]
async fn stops_in_order() {
    let drilled = drill(20, &["--seed", "3", "--signal", "term"]).await;
    drilled.must_be_good();
    assert_eq!(drilled.figure("stopped in order"), 21, "with the last: {}", drilled.figures);
    assert_eq!(drilled.figure("sent again after a kill"), 0, "{}", drilled.figures);
    assert_eq!(drilled.figure("presses never answered"), 0, "{}", drilled.figures);
    assert_eq!(drilled.figure("errors in the log"), 0, "{}", drilled.figures);
}

/// A second signal ends the bot on the spot, as a crash would: nothing is lost all the same.
#[tokio::test]
async fn stops_on_the_spot() {
    let drilled = drill(5, &["--seed", "4", "--signal", "twice"]).await;
    drilled.must_be_good();
    assert_eq!(drilled.figure("cut short"), 5, "{}", drilled.figures);
    assert_eq!(drilled.figure("errors in the log"), 0, "{}", drilled.figures);
}

/// The fault for which the drill exists: updates that are acknowledged before they are stored.
#[tokio::test]
async fn a_bot_that_acknowledges_before_its_commit_is_caught() {
    let drilled = drill(20, &["--seed", "5", "--plant", "early-acknowledgement"]).await;
    assert!(!drilled.output.status.success(), "{}", drilled.figures);
    // Nothing of the rest: next to a lost update, two answers of one text may look like a double.
    assert!(drilled.figure("lost") > 0, "{}", drilled.figures);
}
