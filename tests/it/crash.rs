//! The crash drill, as anybody can run it by hand: `primelingo simulate crash`.
//!
//! The drill judges for itself and says so by its exit code; these tests also look at its figures.

use std::process::Output;

use serde_json::Value;

use crate::support::drill::{figures, simulate};
use crate::support::postgres::Postgres;
use crate::support::redis::Redis;

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
    let kills = ends.to_string();
    let crash = ["crash", "--output", "json", "--kills", &kills];
    let output = simulate(&[&crash, arguments].concat()).await;
    let figures = figures(&output);
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
