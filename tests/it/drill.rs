//! The whole drill, small: its table, its picture, its exit code, and a fault that it must find.

use std::process::Output;

use serde_json::Value;

use crate::support::drill::{figures, simulate};
use crate::support::postgres::Postgres;
use crate::support::redis::Redis;

/// Rows of the table that say what became of everything: each must be 0, or the drill has failed.
const LOSSES: [&str; 6] = [
    "updates, steps, messages, jobs lost",
    "done twice",
    "out of order",
    "put aside without guilt",
    "recipients lost",
    "recipients written to twice",
];

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The last row with this name: that of everything at once.
fn row<'a>(report: &'a Value, name: &str) -> &'a Value {
    let rows = report["figures"].as_array().unwrap();
    let found = rows.iter().rfind(|row| row["figure"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {report}"))
}

fn measured(report: &Value, name: &str) -> f64 {
    row(report, name)["measured"].as_f64().unwrap_or_else(|| panic!("no figure for {name}"))
}

/// Nothing was lost, and there was something to lose.
fn must_be_good(output: &Output, report: &Value) {
    assert!(output.status.success(), "{report}\n{}", errors(output));
    assert_eq!(report["breaches"], serde_json::json!([]), "{report}");
    for loss in LOSSES {
        let row = row(report, loss);
        assert_eq!((&row["measured"], &row["holds"]), (&0.0.into(), &true.into()), "{row}");
        assert!(row["promise"].as_str().unwrap().starts_with('G'), "{row}");
    }
    for offered in ["updates", "messages", "files", "recipients"] {
        assert!(measured(report, offered) > 0.0, "no {offered}: {report}");
    }
    for speed in ["worked off, durably", "alone, p99", "two words, p99", "share of the limit"] {
        let row = row(report, speed);
        assert!(row["measured"].as_f64().unwrap() > 0.0 && row["holds"].is_boolean(), "{row}");
    }
}

#[tokio::test]
async fn on_sqlite_with_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("drill.svg");
    let small = ["drill", "--quick", "--seed", "1", "--kills", "3", "--output", "json"];
    let place = ["--picture", picture.to_str().unwrap()];
    let output = simulate(&[small.as_slice(), &place].concat()).await;
    let report = figures(&output);
    must_be_good(&output, &report);
    assert!((measured(&report, "kills") - 3.0).abs() < 0.5, "{report}");
    assert!(report["drill"].as_str().unwrap().contains("SQLite, 3 kills, seed 1"), "{report}");
    let svg = std::fs::read_to_string(&picture).unwrap();
    for word in
        ["SQLite, 3 kills, seed 1", "killed", "p99 of a second", "messages of the broadcast"]
    {
        assert!(svg.contains(word), "no {word}");
    }
    for storm in ["429", "502", "polls: 502", "cut off"] {
        assert!(svg.contains(&format!("\n{storm}\n")), "no storm {storm}");
    }
}

/// Connections are cut and Redis is emptied meanwhile; the database that was given stays as it was.
#[tokio::test]
async fn on_postgresql_with_redis() {
    let database = Postgres::shared().fresh_database();
    let redis = Redis::start();
    let small = ["drill", "--quick", "--seed", "2", "--output", "json"];
    let places = ["--database", &database.url, "--redis", &redis.url()];
    let output = simulate(&[small.as_slice(), &places].concat()).await;
    let report = figures(&output);
    must_be_good(&output, &report);
    // Four of Telegram's, two of the database, one of Redis.
    assert!((measured(&report, "storms") - 7.0).abs() < 0.5, "{report}");
    assert!(report["drill"].as_str().unwrap().contains("PostgreSQL and Redis"), "{report}");
}

#[tokio::test]
async fn a_planted_fault_is_found_and_told() {
    let planted =
        ["drill", "--quick", "--seed", "3", "--kills", "12", "--plant", "early-acknowledgement"];
    let output = simulate(&planted).await;
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    let table = String::from_utf8_lossy(&output.stdout);
    let lost = table.lines().find(|line| line.contains(LOSSES[0])).unwrap();
    assert!(lost.contains("G1: 0") && lost.ends_with("NO"), "{table}");
    assert!(errors(&output).contains("lost: "), "{}", errors(&output));
}

#[tokio::test]
async fn wrong_addresses_and_names_are_refused_before_anything_begins() {
    for (arguments, cure) in [
        (["--database", "sqlite:school.db"], "leave --database out for SQLite"),
        (["--redis", "rediss://127.0.0.1"], "without TLS"),
        (["--picture", "drill.jpg"], "end the name with .svg or .png"),
    ] {
        let output = simulate(&[["drill", "--quick"].as_slice(), &arguments].concat()).await;
        assert!(!output.status.success() && output.stdout.is_empty(), "{}", errors(&output));
        assert!(errors(&output).contains(cure), "{}", errors(&output));
    }
}
