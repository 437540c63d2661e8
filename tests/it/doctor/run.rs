//! Runs the table of seeds, the sound set-ups and the hanging ones.

use primelingo::doctor::finding::Severity;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;

use super::seeds::{self, Base, Mended, Seed};
use super::setup::{Setup, found, of};
use crate::support::bot::bounded;
use crate::support::place::Place;
use crate::support::postgres::Postgres;
use crate::support::redis::Redis;

/// What depends on the machine that tests, and on what else it does.
const MACHINE: &str = "machine,telegram.speed";

/// A server that keeps what it is given, as one should outside of tests.
async fn durable_server() -> &'static Postgres {
    static SERVER: OnceCell<&Postgres> = OnceCell::const_new();
    SERVER.get_or_init(start_durable_server).await
}

async fn start_durable_server() -> &'static Postgres {
    let server = Postgres::own();
    let place = Place::postgres_of(server);
    let client = place.postgres_client().await;
    for name in ["fsync", "full_page_writes"] {
        client.batch_execute(&format!("ALTER SYSTEM SET {name} = on")).await.unwrap();
    }
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    bounded("the server to take its new settings", async || {
        let on = "SELECT count(*) FROM pg_settings
                  WHERE name IN ('fsync', 'full_page_writes') AND setting = 'on'";
        (place.number(on).await == 2).then_some(())
    })
    .await;
    server
}

/// Spoils a sound set-up; gives why the seed was not found or not mended, if so.
async fn try_seed(seed: &Seed, mut setup: Setup) -> Result<(), String> {
    (seed.spoil)(&mut setup).await;
    let mut arguments = vec!["--skip", MACHINE];
    if seed.alone || seed.check.starts_with("machine.") {
        arguments = vec!["--only", seed.check];
    }
    let (code, report) = setup.doctor(&arguments).await;
    let outcome = of(&report, seed.check);
    let findings = outcome["findings"].as_array().unwrap();
    let is_found = |it: &&Value| {
        it["severity"] == seed.severity.name() && it["cure"].as_str().unwrap().contains(seed.cure)
    };
    let Some(finding) = findings.iter().find(is_found) else {
        return Err(format!("not found: {outcome}"));
    };
    let expected = match seed.severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Error => 2,
    };
    if code < Some(expected) {
        return Err(format!("exit code {code:?}"));
    }
    let besides: Vec<&str> = found(&report)
        .into_iter()
        .filter(|check| *check != seed.check && !seed.besides.contains(check))
        .collect();
    if !besides.is_empty() {
        return Err(format!("found besides: {besides:?}: {report}"));
    }
    match seed.mended {
        Mended::Hand => return Ok(()),
        Mended::Cure => {
            let done = setup.paste(finding["cure"].as_str().unwrap()).await;
            if done.code != Some(0) {
                return Err(format!("the cure fails: {}", done.errors));
            }
        }
        Mended::Fix => {
            let (_, report) = setup.doctor(&["--fix", "--only", seed.check]).await;
            if report["mended"].as_array().unwrap().is_empty() {
                return Err(format!("nothing was mended: {report}"));
            }
        }
    }
    let (_, report) = setup.doctor(&["--only", seed.check]).await;
    let outcome = of(&report, seed.check);
    if outcome["outcome"] == "ok" { Ok(()) } else { Err(format!("not mended: {outcome}")) }
}

async fn try_all(seeds: &[Seed]) {
    let mut failures = Vec::new();
    let server = durable_server().await;
    for seed in seeds {
        let place = match seed.base {
            Base::Sqlite => Place::sqlite(),
            Base::Postgres => Place::postgres_of(server),
        };
        if let Err(why) = try_seed(seed, Setup::sound(place).await).await {
            failures.push(format!("{}: {}: {why}", seed.wrong, seed.check));
        }
    }
    let (tried, lines) = (seeds.len(), failures.join("\n"));
    assert!(failures.is_empty(), "{} of {tried} failed:\n{lines}", failures.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_wrong_with_settings_and_telegram_is_found() {
    try_all(seeds::SETTINGS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_wrong_with_databases_and_redis_is_found() {
    try_all(seeds::STORES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_wrong_with_files_ports_and_work_is_found() {
    try_all(seeds::REST).await;
}

/// The machine that tests may be anything; all else is sound.
#[tokio::test(flavor = "multi_thread")]
async fn a_sound_set_up_is_sound() {
    for place in [Place::sqlite(), Place::postgres_of(durable_server().await)] {
        let mut setup = Setup::sound(place).await;
        setup.use_redis(Redis::start());
        let (code, report) = setup.doctor(&["--skip", MACHINE]).await;
        assert_eq!(found(&report), [""; 0], "{report}");
        assert_eq!(code, Some(0), "{report}");
        let table = setup.run(&["doctor", "--skip", MACHINE]).await;
        assert!(table.output.contains("ok       telegram.accepted"), "{}", table.output);
        assert!(!table.output.contains('\u{1b}'), "colours without a terminal");
        assert_eq!(table.code, Some(0));
    }
}

/// A server that takes connections and never says anything.
async fn mute() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "a figure for whoever runs it with --nocapture")]
async fn servers_that_hang_are_found_and_hold_nothing_up() {
    let mut setup = Setup::sound(Place::sqlite()).await;
    let (database, redis, telegram) = (mute().await, mute().await, mute().await);
    setup.set("database.url", &format!("postgres://u:canary@127.0.0.1:{}/n", database.1));
    setup.set("redis.url", &format!("redis://:canary@127.0.0.1:{}/0", redis.1));
    setup.set("telegram.api_url", &format!("http://127.0.0.1:{}", telegram.1));
    let (code, report) = setup.doctor(&[]).await;
    println!("doctor on three servers that hang: {} ms", report["took_ms"]);
    assert_eq!(code, Some(2));
    assert_eq!(of(&report, "database.reachable")["outcome"], "error");
    assert_eq!(of(&report, "telegram.reachable")["outcome"], "error");
    assert_eq!(of(&report, "redis.reachable")["outcome"], "warning");
    // What needs them says so, and what does not is checked all the same.
    assert_eq!(of(&report, "work.jobs-dead")["outcome"], "skipped");
    assert_eq!(of(&report, "telegram.clock")["outcome"], "skipped");
    assert_eq!(of(&report, "files.folder")["outcome"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_configuration_what_is_left_is_checked() {
    let mut setup = Setup::sound(Place::sqlite()).await;
    setup.set("database.url", "postgres://u:canary@host:port/n");
    setup.set("jobs.wurkers", "3");
    setup.set("web.token", "canary");
    let (code, report) = setup.doctor(&["--skip", MACHINE]).await;
    assert_eq!(code, Some(2));
    let findings = of(&report, "configuration.loads")["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 3, "{report}");
    let skipped = of(&report, "database.reachable");
    assert!(skipped["skipped"].as_str().unwrap().contains("database.url"), "{skipped}");
    assert_eq!(of(&report, "telegram.accepted")["outcome"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_changes_nothing() {
    let setup = Setup::on(Place::sqlite()).await;
    let (code, report) = setup.doctor(&["--skip", MACHINE]).await;
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(of(&report, "database.reachable")["outcome"], "info", "{report}");
    assert!(!setup.place.file().exists(), "doctor has made the database");

    let setup = Setup::on(Place::postgres()).await;
    let (_, report) = setup.doctor(&["--only", "database"]).await;
    assert_eq!(of(&report, "database.migrations")["outcome"], "info", "{report}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(setup.place.number(tables).await, 0, "doctor has migrated");
    let (_, report) = setup.doctor(&["--only", "database", "--fix"]).await;
    assert_eq!(report["mended"], json!(["the schema is up to date"]));
    assert_eq!(of(&report, "database.migrations")["outcome"], "ok");
}
