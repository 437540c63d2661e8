//! Connections to the database that are cut, lose their answers, or are too few.

use super::{all_answered_once, answered, behind_a_proxy, flood, until_ready};
use crate::support::bot::{Backend, Bot, BotOptions, EDNA};
use crate::support::proxy::Mode;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_in_mid_statement_lose_and_double_nothing() {
    let (mut bot, proxy) = behind_a_proxy(&[]).await;
    flood(&bot, 400, 30, Some(80)).await;
    for cut in 1..=10 {
        bot.until("some more answers", async |bot| answered(bot).await >= cut * 20).await;
        let before = proxy.cuts();
        proxy.set(Mode::Cut);
        bot.until("a cut connection", async |_| proxy.cuts() > before).await;
        proxy.set(Mode::Pass);
    }
    all_answered_once(&bot).await;
    bot.settle().await;
    each_step_is_done_once(&bot, 400).await;
    until_ready(&mut bot, true).await;
    bot.excuse_error("database is away");
    bot.finish().await;
}

/// The worst moment: the commit is done, and nobody hears of it. For a while every commit ends so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_whose_answers_are_lost_are_not_done_again() {
    let (mut bot, proxy) = behind_a_proxy(&[]).await;
    flood(&bot, 200, 20, Some(40)).await;
    bot.until("some answers", async |bot| answered(bot).await >= 20).await;
    proxy.set(Mode::LoseCommits);
    bot.until("many lost answers", async |_| proxy.cuts() >= 40).await;
    proxy.set(Mode::Pass);
    all_answered_once(&bot).await;
    bot.settle().await;
    each_step_is_done_once(&bot, 200).await;
    bot.excuse_error("database is away");
    bot.finish().await;
}

/// The same while a file is processed: job, blob, card and index.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_gets_through_commits_whose_answers_are_lost() {
    // A job that was claimed unheard comes back when its lease is over.
    let set = [("jobs.lease_s", "3"), ("jobs.beat_s", "1")];
    let (mut bot, proxy) = behind_a_proxy(&set).await;
    proxy.set(Mode::LoseCommits);
    let file = serde_json::json!({
        "type": "document", "path": crate::support::bot::data("crazyones.pdf"), "name": "a.pdf",
    });
    bot.ctl("message", serde_json::json!({"user": EDNA, "file": file})).await;
    bot.until("several lost answers", async |_| proxy.cuts() >= 8).await;
    proxy.set(Mode::Pass);
    bot.settle_all().await;
    assert_eq!(bot.number("SELECT count(*) FROM materials").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM jobs WHERE state = 'done'").await, 1);
    bot.wait(EDNA, "Checked and indexed").await;
    bot.press(EDNA, "Cancel").await;
    bot.excuse_error("database is away");
    bot.finish().await;
}

/// One connection for everybody, and each step slow: callers give up waiting, again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_is_used_up_loses_nothing() {
    let options = BotOptions::on(Backend::Postgres)
        .set("database.pool_size", "1")
        .set("database.max_overflow", "0")
        .set("database.acquire_timeout_ms", "500")
        // Shorter than the waiting of a step in the crowd: nobody is to blame for that.
        .set("ingest.update_deadline_s", "2")
        .set("web.listen", "127.0.0.1:0");
    let mut bot = Bot::start(options).await;
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$;
                CREATE TRIGGER slow BEFORE UPDATE ON updates FOR EACH ROW EXECUTE FUNCTION slow()";
    bot.execute(slow).await;
    flood(&bot, 60, 30, None).await;
    bot.until("some answers", async |bot| answered(bot).await >= 10).await;
    // Busy is not away: the probe has a connection of its own. (Making one may take too long, too.)
    until_ready(&mut bot, true).await;
    bot.excuse_error("database is away");
    all_answered_once(&bot).await;
    bot.settle().await;
    each_step_is_done_once(&bot, 60).await;
    bot.finish().await;
}

async fn each_step_is_done_once(bot: &Bot, updates: i64) {
    let rows = [
        "SELECT count(*) FROM updates WHERE state = 'done' AND faults = 0",
        "SELECT count(*) FROM outbox WHERE class = 'reply' AND state = 'sent'",
    ];
    for sql in rows {
        assert_eq!(bot.number(sql).await, updates, "{sql}");
    }
}
