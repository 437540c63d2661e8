//! Several processes of one bot: one leads, the others stand by.

use serde_json::json;
use tokio::time::Instant;

use super::steps::{answered, flood, flooded};
use crate::support::bot::{ANN, Another, Backend, Bot, BotOptions};

flows! {
    both {
        a_killed_leader_is_followed_by_the_one_that_stands_by,
        a_restarted_leader_takes_its_own_place_back,
        an_orderly_stop_hands_over,
        readiness_tells_the_role,
    }
    sqlite {
        an_address_in_use_is_told,
    }
}

/// Longer than any test waits: a lease that is not given back, or taken by its own owner, is free
/// too late.
const LONG_LEASE: (&str, &str) = ("instance.lease_s", "60");

async fn standby(bot: &mut Bot) -> Another {
    bot.another(&["run"], &[], "stands by").await
}

/// How often two processes have polled at the same time.
async fn conflicts(bot: &Bot) -> usize {
    let conflicts = json!({"method": "getUpdates", "status": 409});
    bot.ctl("calls", conflicts).await["calls"].as_array().unwrap().len()
}

/// Every one of `updates` was answered in its order and worked off once.
async fn all_answered_once(bot: &Bot, updates: i64, in_doubt: u64) {
    let report = flooded(bot).await;
    assert_eq!(report["unanswered"], 0, "{report:#}");
    assert_eq!(report["order_violations"], 0, "{report:#}");
    let twice = report["answered_twice"].as_u64().unwrap();
    assert!(twice <= in_doubt, "{report:#}");
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE state = 'done'").await, updates);
    assert_eq!(bot.number("SELECT count(*) FROM outbox WHERE class = 'reply'").await, updates);
    assert!(conflicts(bot).await <= 1, "one poller at a time");
}

/// Sends in flight at the same time, at most: what a kill leaves in doubt.
const WINDOW: u64 = 64;

#[expect(clippy::print_stderr, reason = "measured, but not to be asserted on a busy machine")]
async fn a_killed_leader_is_followed_by_the_one_that_stands_by(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let mut second = standby(&mut bot).await;
    flood(&bot, 400, 40).await;
    bot.until("some answers", async |bot| answered(bot).await >= 60).await;
    bot.kill().await;
    let killed = Instant::now();
    second.says("takes over").await;
    eprintln!("{backend:?}: took over {} ms after the kill", killed.elapsed().as_millis());

    all_answered_once(&bot, 400, WINDOW).await;
    bot.adopt(second);
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    bot.finish().await;
}

async fn a_restarted_leader_takes_its_own_place_back(backend: Backend) {
    let options = BotOptions::on(backend).set(LONG_LEASE.0, LONG_LEASE.1);
    let mut bot = Bot::start(options).await;
    let second = standby(&mut bot).await;
    for _ in 0..2 {
        bot.kill().await;
        bot.restart().await;
    }
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    assert!(!second.log().contains("takes over"), "{}", second.log());
    assert_eq!(conflicts(&bot).await, 0);
    second.stop().await;
    bot.finish().await;
}

async fn an_orderly_stop_hands_over(backend: Backend) {
    let options = BotOptions::on(backend).set(LONG_LEASE.0, LONG_LEASE.1);
    let mut bot = Bot::start(options).await;
    let mut second = standby(&mut bot).await;
    flood(&bot, 200, 20).await;
    bot.until("some answers", async |bot| answered(bot).await >= 30).await;
    bot.stop().await;
    second.says("takes over").await;
    all_answered_once(&bot, 200, 0).await;

    // And back again.
    let mut first = standby(&mut bot).await;
    second.stop().await;
    first.says("takes over").await;
    bot.adopt(first);
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    assert_eq!(conflicts(&bot).await, 0);
    bot.finish().await;
}

async fn readiness_tells_the_role(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).set("telegram.poll_timeout_s", "1")).await;
    let listen = [("web.listen", "127.0.0.1:0")];
    let mut second = bot.another(&["run"], &listen, "stands by").await;
    let address = second.address();
    assert_eq!(readyz(&address).await, (200, "role: standby\ndatabase: pass\n".to_owned()));

    bot.stop().await;
    second.says("takes over").await;
    bot.adopt(second);
    let ready = "role: leader\ndatabase: pass\nlease: pass\npoll: pass\n";
    bot.until("the new leader to be ready", async |_| {
        readyz(&address).await == (200, ready.to_owned())
    })
    .await;

    let worker = bot.another(&["worker"], &listen, "primelingo runs").await;
    let expected = (200, "role: worker\ndatabase: pass\n".to_owned());
    assert_eq!(readyz(&worker.address()).await, expected);
    worker.stop().await;
    bot.finish().await;
}

async fn readyz(address: &str) -> (u16, String) {
    let answer = reqwest::get(format!("http://{address}/readyz")).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn an_address_in_use_is_told(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let second = bot.another(&["run"], &[("web.listen", "127.0.0.1:0")], "stands by").await;
    let address = second.address();
    let (code, log) = bot.fails(&["worker"], &[("web.listen", &address)]).await;
    assert_eq!(code, 69);
    assert!(log.contains(&format!("cannot listen on web.listen = {address}")), "{log}");
    assert!(log.contains("an address of its own, or off"), "{log}");

    let named = [("instance.name", "school")];
    let third = bot.another(&["run"], &named, "stands by").await;
    let (code, log) = bot.fails(&["run"], &named).await;
    assert_eq!(code, 69);
    assert!(log.contains("another process has the name school"), "{log}");
    third.stop().await;
    second.stop().await;
    bot.finish().await;
}

/// Under load, and longer than its lease. On PostgreSQL: a process that is frozen in the middle of
/// a commit keeps a SQLite file locked, so that nobody could take over there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_leader_wakes_up_to_nothing() {
    let options = BotOptions::on(Backend::Postgres)
        .set("instance.lease_s", "2")
        .set("instance.renew_ms", "300")
        .set("instance.look_ms", "100");
    let mut bot = Bot::start(options).await;
    let mut second = standby(&mut bot).await;
    flood(&bot, 1_000, 100).await;
    bot.until("some answers", async |bot| answered(bot).await >= 100).await;
    let mut first = bot.part();
    first.freeze();
    second.says("takes over").await;
    bot.until("the successor's answers", async |bot| answered(bot).await >= 300).await;
    first.wake();
    first.says("lost the lease").await;

    all_answered_once(&bot, 1_000, WINDOW).await;
    bot.settle().await;
    let sent = bot.number("SELECT count(*) FROM outbox WHERE state = 'sent'").await;
    assert_eq!(sent, 1_000, "what the simulator saw answered is sent by the books");
    // Whoever waited for a connection while all stood still has waited for too long.
    bot.excuse_error("database is not available for");
    // It stands by like any other, and takes over when it is its turn.
    second.stop().await;
    bot.until("the first to lead again", async |_| first.log().matches("takes over").count() == 2)
        .await;
    bot.adopt(first);
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    bot.finish().await;
}
