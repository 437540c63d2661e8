//! Everything that leaves the process hangs once. The bot notices within its setting, says so, and
//! goes on. The inspecting process has its test in `tests/it/inspect/faults.rs`, the pool that is
//! used up in `connections`.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{behind_a_proxy, flood, listener, metric, until_ready, with_probes, write};
use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions, EDNA, bounded};
use crate::support::proxy::{Mode, Proxy};

/// Longer than every setting below.
const HANG_MS: u32 = 600_000;

/// Small, so that the tests need not wait long.
const SMALL: [(&str, &str); 9] = [
    ("timeouts.request_s", "1"),
    ("timeouts.connect_s", "1"),
    ("timeouts.file_download_s", "3"),
    ("files.stall_s", "1"),
    ("telegram.poll_timeout_s", "1"),
    ("telegram.poll_margin_s", "1"),
    ("ingest.stall_s", "5"),
    ("retry.backoff_base", "1"),
    ("web.request_timeout_s", "1"),
];

/// What hangs, how it is noticed (the call that has no answer in time), and what somebody does.
struct Hang {
    faults: Value,
    noticed_as: &'static str,
    act: Act,
}

enum Act {
    Nothing,
    Write,
    Press,
    SendFile,
}

fn hangs() -> [Hang; 7] {
    let method = |name: &str| {
        let kind = json!({"latency_before": {"dist": "const", "ms": HANG_MS}});
        json!({"rules": [{"kind": kind, "methods": [name], "count": 1}]})
    };
    let executed = |name: &str| {
        let kind = json!({"latency": {"dist": "const", "ms": HANG_MS}});
        json!({"rules": [{"kind": kind, "methods": [name], "count": 1}]})
    };
    let stall = json!({"stall_share": 1.0, "stall_at": 0, "stall_s": HANG_MS / 1000});
    let crawl = json!({"throttle_bps": 3_000});
    let outage = json!({"get_updates_outage": {"for_s": 600, "kind": "hang"}});
    [
        Hang { faults: outage, noticed_as: "getUpdates", act: Act::Nothing },
        Hang { faults: method("sendMessage"), noticed_as: "sendMessage", act: Act::Write },
        Hang { faults: executed("sendMessage"), noticed_as: "sendMessage", act: Act::Write },
        Hang {
            faults: method("answerCallbackQuery"),
            noticed_as: "answerCallbackQuery",
            act: Act::Press,
        },
        Hang { faults: method("getFile"), noticed_as: "getFile", act: Act::SendFile },
        Hang { faults: json!({"files": stall}), noticed_as: "file_download", act: Act::SendFile },
        Hang { faults: json!({"files": crawl}), noticed_as: "file_download", act: Act::SendFile },
    ]
}

/// How many calls of that name had no answer in time.
async fn hung(bot: &Bot, call: &str) -> f64 {
    if call == "file_download" {
        return metric(bot, "primelingo_timeouts_total", "op=\"file_download\"").await;
    }
    let labels = format!("method=\"{call}\",outcome=\"timeout\"");
    metric(bot, "primelingo_telegram_requests_total", &labels).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_of_the_bot_api_may_hang() {
    let mut bot = Bot::start(with_probes(BotOptions::on(Backend::Sqlite), &SMALL)).await;
    bot.say(ANN, "/start").await;
    for Hang { faults, noticed_as, act } in hangs() {
        let before = hung(&bot, noticed_as).await;
        bot.ctl("faults", faults.clone()).await;
        match act {
            Act::Nothing => {}
            Act::Write => drop(write(&bot, ANN, "/help").await),
            Act::Press => {
                // Whoever presses sees the spinner end by itself, and the menu change all the same.
                bot.ctl("click", json!({"chat": ANN, "label": "."})).await;
                bot.forgive_presses();
            }
            Act::SendFile => {
                let file = json!({
                    "type": "document", "name": "a.pdf",
                    "path": crate::support::bot::data("crazyones.pdf"),
                });
                bot.ctl("message", json!({"user": EDNA, "file": file})).await;
            }
        }
        bot.until(&format!("{faults} to be noticed"), async |bot| {
            hung(bot, noticed_as).await > before
        })
        .await;
        bot.ctl("faults", json!({"clear": true, "files": {}})).await;
        bot.settle_all().await;
        if matches!(act, Act::SendFile) {
            bot.wait(EDNA, "Checked and indexed").await;
            bot.press(EDNA, "Cancel").await;
        }
        // It goes on: somebody else is served as if nothing had happened.
        assert!(bot.say(BORIS, "/help").await.text().contains("умею"), "{faults}");
    }
    bot.expect_error("poll hangs");
    bot.finish().await;
}

/// Connections are taken, and nothing comes back: Telegram at the start, and all of it later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_telegram_may_be_a_black_hole() {
    let mut bot = Bot::start(with_probes(BotOptions::on(Backend::Sqlite), &SMALL)).await;
    let (proxy, url) = Proxy::before_url(&bot.simulator.url()).await;
    bot.stop().await;
    bot.set("telegram.api_url", &url);
    proxy.set(Mode::Stall);
    let log = bot.folder().join("bot-2.log");
    let noticing = async {
        bounded("the wait for telegram in the log", async || {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            text.contains("waiting for telegram").then_some(())
        })
        .await;
        proxy.set(Mode::Pass);
    };
    tokio::join!(bot.restart(), noticing);
    bot.say(ANN, "/start").await;

    proxy.set(Mode::Stall);
    flood(&bot, 30, 10, None).await;
    bot.until("the black hole to be noticed", async |bot| hung(bot, "getUpdates").await >= 2.0)
        .await;
    proxy.set(Mode::Pass);
    super::all_answered_once(&bot).await;
    bot.expect_error("poll hangs");
    bot.finish().await;
}

/// A connect that is never answered, and then a whole upload during which nothing moves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connect_may_hang_and_a_whole_upload_too() {
    let mut bot = Bot::start(with_probes(BotOptions::on(Backend::Sqlite), &SMALL)).await;
    let (deaf, url) = Proxy::deaf_before_url(&bot.simulator.url()).await;
    bot.stop().await;
    bot.set("telegram.api_url", &url);
    let log = bot.folder().join("bot-2.log");
    let noticing = async {
        bounded("the hanging connect in the log", async || {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            text.contains("no connection").then_some(())
        })
        .await;
        deaf.listen().await
    };
    let ((), proxy) = tokio::join!(bot.restart(), noticing);
    assert!(metric(&bot, "primelingo_timeouts_total", "op=\"connect\"").await >= 1.0);

    let label = "op=\"file_download\"";
    bot.ctl("faults", json!({"files": {"throttle_bps": 8_000}})).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.until("bytes on the disk", async |bot| {
        let folder = std::fs::read_dir(bot.folder().join("files/tmp"));
        folder.is_ok_and(|mut entries| entries.next().is_some())
    })
    .await;
    let before = metric(&bot, "primelingo_timeouts_total", label).await;
    proxy.set(Mode::Stall);
    bot.until("the hang to be noticed", async |bot| {
        metric(bot, "primelingo_timeouts_total", label).await > before
    })
    .await;
    proxy.set(Mode::Pass);
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
    bot.settle_all().await;
    bot.wait(EDNA, "Checked and indexed").await;
    bot.press(EDNA, "Cancel").await;
    bot.excuse_error("poll hangs");
    bot.finish().await;
}

/// Connections are taken, and nothing comes back: the database in mid-work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_may_be_a_black_hole() {
    let (mut bot, proxy) = behind_a_proxy(&[
        ("database.query_timeout_ms", "500"),
        ("database.acquire_timeout_ms", "500"),
    ])
    .await;
    until_ready(&mut bot, true).await;
    flood(&bot, 300, 30, Some(60)).await;
    for _ in 0..2 {
        let answered = super::answered(&bot).await;
        bot.until("some more answers", async |bot| super::answered(bot).await >= answered + 20)
            .await;
        proxy.set(Mode::Stall);
        until_ready(&mut bot, false).await;
        bot.until("the hang to be counted", async |bot| {
            metric(bot, "primelingo_timeouts_total", "op=\"db_query\"").await >= 1.0
        })
        .await;
        proxy.set(Mode::Pass);
        until_ready(&mut bot, true).await;
    }
    super::all_answered_once(&bot).await;
    bot.expect_error("database is away");
    bot.finish().await;
}

/// Somebody else holds a lock: an administrator's session, a migration.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_may_be_held_for_long() {
    let options = BotOptions::on(Backend::Postgres).set("database.lock_timeout_ms", "200");
    let mut bot = Bot::start(with_probes(options, &[])).await;
    let holder = bot.postgres_client().await;
    holder.batch_execute("BEGIN; LOCK TABLE updates").await.unwrap();
    write(&bot, ANN, "/help").await;
    bot.until("the lock to be noticed", async |bot| {
        metric(bot, "primelingo_db_errors_total", "kind=\"timeout\"").await >= 2.0
    })
    .await;
    holder.batch_execute("COMMIT").await.unwrap();
    bot.wait(ANN, "What I can do").await;
    bot.excuse_error("database is away");
    bot.finish().await;
}

/// Callers of the probes who never end their question.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_of_the_web_may_hang() {
    let mut bot = Bot::start(with_probes(BotOptions::on(Backend::Sqlite), &SMALL)).await;
    let mut callers = Vec::new();
    for _ in 0..20 {
        let mut caller = tokio::net::TcpStream::connect(listener(&bot)).await.unwrap();
        caller.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\n").await.unwrap();
        callers.push(caller);
    }
    until_ready(&mut bot, true).await;
    for mut caller in callers {
        let mut said = Vec::new();
        let end =
            tokio::time::timeout(crate::support::bot::PATIENCE, caller.read_to_end(&mut said));
        // Cut off, politely (408) or not.
        let _ = end.await.expect("the end of the connection");
        let said = String::from_utf8_lossy(&said);
        assert!(said.is_empty() || said.contains("408"), "{said}");
    }
    bot.finish().await;
}
