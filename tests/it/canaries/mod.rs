//! Canaries: the whole program with secrets that are nowhere else in the world, at the loudest log, with
//! everything broken that can be; afterwards each place where a secret could have gone is searched.
//!
//! The search proves itself: it finds each canary in the file of settings, in every spelling that was
//! planted, and in a log to which one was added.

mod debug;
mod mistakes;
mod needles;
mod rogue;

use std::path::Path;
use std::process::Command;

use needles::{Canary, Hay, found};
use primelingo::fail_points::{Action, Point, Rule};
use reqwest::Method;
use rogue::Rogue;
use serde_json::json;

use crate::support::bot::{ADAM, ANN, BORIS, Bot, BotOptions, EDNA, Visitor, data, free_address};
use crate::support::place::Place;
use crate::support::postgres::Postgres;
use crate::support::redis::{PASSWORD, Redis};
use crate::support::tell;

/// As it stands in an address; the server gets it decoded.
const DATABASE_PASSWORD: &str = "canary-pg%2Fp%40ss%22w%5Crd";
const WRONG_PASSWORD: &str = "canary-redis%2Fwr%40ng%22";
const WEBHOOK_SECRET: &str = "canary-webhook_secret-7Qx";
const PAGES_TOKEN: &str = "canary-pages+token/7Qx=\"\\";
const ALERTS_TOKEN: &str = "canary-alerts+token/7Qx=";
const HEARTBEAT_KEY: &str = "canary-heartbeat-7Qx";

/// A message over which the step panics.
const POISON: &str = "zz poison";

/// The secrets, and everything that was said while they were in use.
struct Stage {
    bot: Bot,
    redis: Redis,
    rogue: Rogue,
    canaries: Vec<Canary>,
    hay: Vec<Hay>,
}

impl Stage {
    async fn start() -> Self {
        let (redis, rogue) = (Redis::start(), Rogue::start().await);
        let mut database = Postgres::shared().fresh_database();
        database.url = database.url.replace("postgres@", &format!("postgres:{DATABASE_PASSWORD}@"));
        let listen = free_address();
        let options = BotOptions::at(Place::Postgres(database))
            .dashboard()
            .set("telegram.webhook_url", &format!("http://{listen}/telegram/webhook"))
            .set("web.public_listen", &listen.to_string())
            .set("telegram.webhook_secret", WEBHOOK_SECRET)
            .set("web.token", PAGES_TOKEN)
            .set("alerts.webhook_token", ALERTS_TOKEN)
            .set("alerts.heartbeat_url", &rogue.url(&format!("ping/{HEARTBEAT_KEY}?k=1")))
            .set("alerts.heartbeat_every_s", "1")
            .set("redis.url", &redis.url())
            .set("retry.max_retries", "1")
            .set("retry.backoff_base", "1.0")
            .set("log.level", "trace")
            .set("log.format", "json")
            .rule(Rule::always_on(Point::ChatStep.name(), POISON, Action::Panic));
        let bot = Bot::start(options).await;
        let canaries = [
            ("token", bot.simulator.token()),
            ("database", DATABASE_PASSWORD),
            ("redis", PASSWORD),
            ("a wrong redis", WRONG_PASSWORD),
            ("webhook", WEBHOOK_SECRET),
            ("pages", PAGES_TOKEN),
            ("alerts", ALERTS_TOKEN),
            ("heartbeat", HEARTBEAT_KEY),
        ];
        let canaries = canaries.map(|(name, secret)| Canary::of(name, secret)).into();
        Self { bot, redis, rogue, canaries, hay: Vec::new() }
    }

    fn keep(&mut self, place: impl Into<String>, bytes: impl AsRef<[u8]>) {
        self.hay.push(Hay::of(place, bytes.as_ref()));
    }

    /// Runs a command with the bot's settings and these; keeps all that it says.
    fn command(&mut self, arguments: &[&str], settings: &[(&str, &str)]) {
        self.command_within("60", arguments, settings);
    }

    /// The same for one that may wait for a database for ever; after so many seconds it is ended.
    fn command_within(&mut self, limit_s: &str, arguments: &[&str], settings: &[(&str, &str)]) {
        let mut command = Command::new("timeout");
        command.arg(limit_s).arg(env!("CARGO_BIN_EXE_primelingo"));
        at_home(&mut command, self.bot.folder());
        for (key, value) in self.bot.settings() {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        for (key, value) in settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let said = command.args(arguments).output().unwrap();
        assert!(said.status.code().is_some(), "{arguments:?} was killed");
        let place = format!("primelingo {arguments:?} {settings:?}");
        self.keep(format!("output of {place}"), said.stdout);
        self.keep(format!("errors of {place}"), said.stderr);
    }
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
    at_home(&mut command, folder);
    command
}

/// In the bot's folder, with no environment but the way to programs.
fn at_home(command: &mut Command, folder: &Path) {
    command.current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_anywhere_after_everything_has_failed() {
    let mut stage = Stage::start().await;
    a_day_with_every_fault(&mut stage).await;
    let visitor = visits(&mut stage).await;
    every_command(&mut stage);
    mistakes::made(&mut stage);
    against_a_rogue(&mut stage).await;
    what_is_kept(&mut stage).await;
    proves_itself(&stage);

    let mut leaks = Vec::new();
    for hay in &stage.hay {
        for canary in &stage.canaries {
            leaks.extend(found(canary, hay));
        }
    }
    let (places, bytes) =
        (stage.hay.len(), stage.hay.iter().map(|it| it.text.len()).sum::<usize>());
    let needles: usize = stage.canaries.iter().map(|canary| canary.needles.len()).sum();
    tell(&format!(
        "{} canaries in {needles} spellings, {places} places, {bytes} bytes",
        stage.canaries.len()
    ));
    drop(visitor);
    stage.bot.finish_after_faults().await;
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

/// Each fault that Telegram, the database, Redis and we ourselves can have, one after the other.
async fn a_day_with_every_fault(stage: &mut Stage) {
    let Stage { bot, redis, .. } = stage;
    bot.ctl("config", json!({"webhook_retry_s": 0.02, "webhook_retry_max_s": 0.5})).await;
    bot.say(ANN, "/start").await;
    let path = data("crazyones.pdf");
    let file = json!({"type": "document", "path": path, "name": "crazyones.pdf"});
    for kind in [
        json!({"status": 500}),
        json!({"status": 403}),
        json!({"retry_after": 1}),
        json!({"drop_before": null}),
        json!({"drop_after": null}),
    ] {
        // Some of these are written as a word alone.
        let kind = if kind.as_object().unwrap().values().all(serde_json::Value::is_null) {
            json!(kind.as_object().unwrap().keys().next().unwrap())
        } else {
            kind
        };
        let rule = json!({"kind": kind, "count": 2, "methods": ["sendMessage", "getFile", "editMessageText"]});
        bot.ctl("faults", json!({"rules": [rule]})).await;
        bot.ctl("message", json!({"user": ANN, "text": "/help"})).await;
        bot.settle().await;
        bot.ctl("faults", json!({"clear": true})).await;
    }
    bot.ctl("faults", json!({"clear": true, "files": {"not_found_share": 1.0}})).await;
    bot.ctl("message", json!({"user": EDNA, "file": file})).await;
    bot.settle().await;
    bot.ctl("faults", json!({"clear": true})).await;
    bot.ctl("message", json!({"user": ANN, "text": POISON})).await;
    bot.wait(ANN, "Number for support").await;

    redis.stop();
    bot.ctl("message", json!({"user": ANN, "text": "misfits"})).await;
    bot.settle().await;
    redis.start_again();
    redis.freeze();
    bot.ctl("message", json!({"user": ANN, "text": "misfits again"})).await;
    bot.settle().await;
    redis.thaw();

    bot.refuse_updates().await;
    bot.ctl("message", json!({"user": ANN, "text": "/help"})).await;
    let log = "nothing is acknowledged";
    bot.until("a post that cannot be stored", async |bot| bot.log().contains(log)).await;
    bot.take_updates().await;
    bot.settle().await;
    // Whatever was refused so far is told to somebody whose beacon is broken, too.
    bot.until("a heartbeat that failed", async |bot| bot.log().contains("heartbeat")).await;
}

/// All pages, with and without what opens them; forged calls as well.
async fn visits(stage: &mut Stage) -> Visitor {
    let link = stage.bot.link(ADAM).await;
    let key = link.split_once("key=").unwrap().1.to_owned();
    let visitor = stage.bot.visitor(ADAM).await;
    let cookie = visitor.cookie.strip_prefix("primelingo=").unwrap();
    stage.canaries.push(Canary::of("cookie", cookie));
    stage.canaries.push(Canary::of("csrf", &visitor.csrf));
    // The first link was ended by the second; both stand in the chat alone.
    stage.canaries.push(Canary::of("link", &key));
    owner(stage).await;
    let stranger = stage.bot.stranger();
    let public = stage.bot.public_address().unwrap();
    for path in [
        "/livez",
        "/readyz",
        "/startupz",
        "/health",
        "/metrics",
        "/dashboard",
        "/dashboard/enter",
        "/api/v1/me",
        "/api/v1/state",
        "/api/v1/history",
        "/none",
    ] {
        for bearer in [None, Some(PAGES_TOKEN), Some("a-wrong-one")] {
            let mut request = visitor.request(Method::GET, path);
            if let Some(bearer) = bearer {
                request = request.bearer_auth(bearer).header("x-forwarded-for", "192.0.2.7");
            }
            let text = request.send().await.unwrap().text().await.unwrap();
            // Who has entered is given the token of their actions.
            let text = if path == "/api/v1/me" { text.replace(&visitor.csrf, "") } else { text };
            stage.keep(format!("GET {path}"), text);
        }
        let text =
            reqwest::get(format!("http://{public}{path}")).await.unwrap().text().await.unwrap();
        stage.keep(format!("GET {path} outside"), text);
    }
    assert_eq!(stranger.enter(&link).await.status(), 403);
    assert_eq!(visitor.act("log_level", "trace").await.0, 403, "for owners");
    visitor.done("queue_pause", "default").await;
    visitor.done("queue_resume", "default").await;
    for (secret, body) in [(WEBHOOK_SECRET, "no json"), ("forged", "{}")] {
        let posted = stranger
            .client
            .post(format!("http://{public}/telegram/webhook?secret={WEBHOOK_SECRET}"))
            .header("x-telegram-bot-api-secret-token", secret)
            .header("content-type", "application/json")
            .body(body);
        let text = posted.send().await.unwrap().text().await.unwrap();
        stage.keep("POST to the webhook", text);
    }
    for (token, body) in [(ALERTS_TOKEN, "no json"), ("forged", "{}")] {
        let address = stage.bot.dashboard_address();
        let posted = stranger.client.post(format!("http://{address}/webhooks/alertmanager"));
        let text = posted.bearer_auth(token).body(body).send().await.unwrap().text().await.unwrap();
        stage.keep("POST of alerts", text);
    }
    visitor
}

/// Somebody becomes the first owner by a code, which is worth nothing from then on.
async fn owner(stage: &mut Stage) {
    let shown = stage.bot.command(&["users", "owner-code"]);
    let (_, rest) = shown.split_once("start=own_").expect("a link");
    let code: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(code.len(), 32, "{shown}");
    stage.canaries.push(Canary::of("owner's code", &code));
    stage.bot.say(BORIS, &format!("/start own_{code}")).await;
    stage.bot.settle().await;
    assert_eq!(stage.bot.number("SELECT count(*) FROM users WHERE role = 'owner'").await, 1);
    // Whoever tries it again is a stranger.
    stage.bot.say(EDNA, &format!("/start own_{code}")).await;
}

/// A command, and what is set for it.
type Asked<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

/// What operators ask, and what goes into a report of a fault.
fn every_command(stage: &mut Stage) {
    let backups = stage.bot.folder().join("backups").display().to_string();
    let backup = [("backup.dir", backups.as_str())];
    let backup: &[(&str, &str)] = &backup;
    let commands: [Asked<'_>; 36] = [
        (&["doctor"], &[]),
        (&["doctor", "--json"], &[]),
        (&["doctor", "queue"], &[]),
        (&["config", "show"], &[]),
        (&["config", "show", "--origin"], &[]),
        (&["config", "show", "--changed"], &[]),
        (&["config", "get", "telegram.token"], &[]),
        (&["config", "get", "telegram.webhook_secret"], &[]),
        (&["config", "get", "database.url"], &[]),
        (&["config", "get", "redis.url"], &[]),
        (&["config", "get", "web.token"], &[]),
        (&["config", "get", "alerts.webhook_token"], &[]),
        (&["config", "get", "alerts.heartbeat_url"], &[]),
        (&["config", "schema"], &[]),
        (&["run", "--check"], &[]),
        (&["migrate", "status"], &[]),
        (&["migrate", "status", "--json"], &[]),
        (&["db", "checksum"], &[]),
        (&["backup", "create"], backup),
        (&["backup", "list"], backup),
        (&["backup", "verify"], backup),
        (&["updates", "list"], &[]),
        (&["jobs", "list"], &[]),
        (&["jobs", "failed"], &[]),
        (&["jobs", "stats"], &[]),
        (&["errors", "list"], &[]),
        (&["audit", "list"], &[]),
        (&["stats"], &[]),
        (&["users", "find", "Ann"], &[]),
        (&["broadcast", "list"], &[]),
        (&["files", "verify"], &[]),
        (&["healthcheck"], &[]),
        (&["healthcheck", "--ready"], &[]),
        (&["--help"], &[]),
        (&["run", "--help"], &[]),
        (&["no-such-command"], &[]),
    ];
    for (arguments, settings) in commands {
        stage.command(arguments, settings);
    }
    let mut files = vec![std::path::PathBuf::from(&backups)];
    let mut manifests = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|it| it.unwrap().path()));
        } else {
            manifests += usize::from(path.to_string_lossy().contains("manifest"));
            stage.keep(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
    assert!(manifests > 0, "a backup was made: {}", said(stage, "backup\", \"create"));
}

/// What a command has said, for a failure.
fn said(stage: &Stage, command: &str) -> String {
    let of = stage.hay.iter().filter(|hay| hay.place.contains(command));
    of.map(|hay| hay.text.as_str()).collect()
}

/// A server in Telegram's place that repeats the address it was asked for in everything it says.
async fn against_a_rogue(stage: &mut Stage) {
    let wrong = format!("redis://:{WRONG_PASSWORD}@127.0.0.1:{}/0", port_of(&stage.redis.url()));
    let away = "postgresql://postgres:".to_owned() + DATABASE_PASSWORD + "@127.0.0.1:1/none";
    for mode in rogue::MODES {
        let api = stage.rogue.url(mode);
        for command in [&["run", "--check"][..], &["doctor"], &["doctor", "--json"]] {
            stage.command(command, &[("telegram.api_url", &api), ("timeouts.request_s", "1")]);
        }
    }
    for command in [
        &["run", "--check"][..],
        &["doctor"],
        &["jobs", "list"],
        &["migrate", "status"],
        &["backup", "create"],
    ] {
        stage.command_within("2", command, &[("database.url", &away), ("redis.url", &wrong)]);
    }
    stage.command(&["doctor"], &[("redis.url", &wrong)]);
    // One that runs with the wrong password, and never hears a good word of Telegram.
    let (broken, listen) = (stage.rogue.url("cycle"), free_address().to_string());
    let another = stage
        .bot
        .another(
            &["run"],
            &[
                ("telegram.api_url", &broken),
                ("redis.url", &wrong),
                ("web.listen", &listen),
                ("web.public_listen", "off"),
                ("telegram.webhook_url", ""),
            ],
            "telegram",
        )
        .await;
    let asked = stage.rogue.asked();
    stage.rogue.until_asked(asked + 8).await;
    stage.keep("log of a process against a rogue", another.log());
    another.kill();
}

fn port_of(url: &str) -> String {
    let end = url.rsplit_once('/').unwrap().0;
    end.rsplit_once(':').unwrap().1.to_owned()
}

/// Logs, rows, keys, messages.
async fn what_is_kept(stage: &mut Stage) {
    let log = stage.bot.log();
    for heard in ["DEBUG", "primelingo", "panic"] {
        assert!(log.contains(heard), "the log is loud enough to hold {heard}");
    }
    stage.keep("log", log);
    let bytes = stage.bot.database_bytes();
    stage.keep("database", bytes);
    for key in stage.redis.keys() {
        let bytes: Vec<u8> = stage.redis.ask(&["DUMP", &key]).unwrap_or_default();
        stage.keep(format!("redis {key}"), [key.as_bytes(), &bytes].concat());
    }
    // The link stands in the chat of whoever asked for it, and there alone.
    let calls = json!({"params": true, "limit": 100_000});
    let calls = stage.bot.ctl("calls", calls).await;
    let links: Vec<Canary> =
        stage.canaries.iter().filter(|it| it.name == "link").cloned().collect();
    for call in calls["calls"].as_array().unwrap() {
        if call["method"] == "setWebhook" {
            continue;
        }
        let mut text = call["params"].to_string();
        for needle in links.iter().flat_map(|link| &link.needles) {
            text = text.replace(&needle.text, "");
        }
        stage.keep(format!("{} to a chat", call["method"]), text);
    }
}

/// The search finds what is there.
fn proves_itself(stage: &Stage) {
    let settings: String = stage
        .bot
        .settings()
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join("\n");
    let file = Hay::of("settings", settings.as_bytes());
    for name in ["token", "database", "redis", "webhook", "pages", "alerts", "heartbeat"] {
        let canary = stage.canaries.iter().find(|canary| canary.name == name).unwrap();
        assert!(!found(canary, &file).is_empty(), "{name} stands in the settings");
    }
    let log = &stage.hay.iter().find(|hay| hay.place == "log").unwrap().text;
    for canary in &stage.canaries {
        for needle in &canary.needles {
            let planted = format!("{log}x {} y", needle.text);
            let seen = found(canary, &Hay::of("planted", planted.as_bytes()));
            assert!(
                seen.iter().any(|it| it.contains(needle.spelling)),
                "{} {}",
                canary.name,
                needle.spelling
            );
        }
    }
}
