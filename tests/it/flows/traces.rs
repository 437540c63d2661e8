//! One trace from an update through its answer, its job and what that sends, also over a kill -9;
//! and the errors that operators see by groups.

use std::collections::BTreeSet;

use primelingo::domain::trace::Trace;
use serde_json::Value;

use super::steps::send_and_wait;
use crate::support::bot::{ANN, Backend, Bot, BotOptions, EDNA};

flows! {
    both {
        what_follows_from_an_update_bears_its_trace,
    }
    sqlite {
        a_trace_is_in_every_line_of_the_log_and_leads_to_its_update,
        a_job_keeps_its_trace_over_a_kill,
    }
}

async fn what_follows_from_an_update_bears_its_trace(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/help").await;
    let replies = bot.texts("SELECT trace FROM outbox").await;
    let updates = bot.texts("SELECT 'u' || seq FROM updates").await;
    assert_eq!(replies, updates, "the answer bears its update's trace");

    send_and_wait(&mut bot, "pdflatex-4-pages.pdf").await;
    let jobs = bot.texts("SELECT trace FROM jobs WHERE kind = 'process_upload'").await;
    let [job] = &jobs[..] else { panic!("one job: {jobs:?}") };
    assert!(matches!(job.parse(), Ok(Trace::Update(_))), "{job}");
    let sql = format!("SELECT class FROM outbox WHERE trace = '{job}'");
    let sent: BTreeSet<String> = bot.texts(&sql).await.into_iter().collect();
    assert!(sent.contains("edit"), "the job's own messages bear it, too: {sent:?}");
    bot.finish().await;
}

/// Lines of the log as JSON.
fn lines(bot: &Bot) -> Vec<Value> {
    bot.log().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Messages of lines that stand in a trace, in their order.
fn told(lines: &[Value], trace: &str) -> Vec<String> {
    let is_traced = |line: &&Value| {
        let spans = line["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
        spans.iter().any(|span| span["trace"] == trace)
    };
    lines
        .iter()
        .filter(is_traced)
        .filter_map(|line| Some(line["fields"]["message"].as_str()?.to_owned()))
        .collect()
}

async fn a_trace_is_in_every_line_of_the_log_and_leads_to_its_update(backend: Backend) {
    let options =
        BotOptions::on(backend).set("log.format", "json").set("log.level", "primelingo=debug,warn");
    let mut bot = Bot::start(options).await;
    send_and_wait(&mut bot, "pdflatex-4-pages.pdf").await;
    let jobs = bot.texts("SELECT trace FROM jobs WHERE kind = 'process_upload'").await;
    let trace = jobs.first().expect("a job").clone();
    let mut missing = String::new();
    bot.until("all stages in the log", async |bot| {
        let told = told(&lines(bot), &trace);
        let stages =
            ["update worked off", "message carried", "job begins", "child begins", "job ends"];
        missing = stages
            .iter()
            .filter(|stage| !told.iter().any(|line| line == **stage))
            .map(|s| *s)
            .collect();
        missing.is_empty()
    })
    .await;
    let handled = lines(&bot).iter().any(|line| {
        let spans = line["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
        spans.iter().any(|span| span["wait_us"].is_u64() && span["depth"].is_u64())
    });
    assert!(handled, "handlers have spans with depth and wait");
    bot.finish().await;
}

async fn a_job_keeps_its_trace_over_a_kill(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).no_worker()).await;
    bot.ctl("message", serde_json::json!({"user": EDNA, "file": {"type": "document", "size": 2000, "name": "a.txt"}})).await;
    bot.until("the job", async |bot| {
        bot.number("SELECT count(*) FROM jobs WHERE kind = 'process_upload'").await == 1
    })
    .await;
    let before = bot.texts("SELECT trace FROM jobs WHERE kind = 'process_upload'").await;
    bot.kill().await;
    bot.restart().await;
    bot.settle_all().await;
    let sql =
        format!("SELECT count(*) FROM outbox WHERE trace = '{}' AND class = 'edit'", before[0]);
    assert!(bot.number(&sql).await > 0, "what the next life sends for it bears the trace");
    bot.finish().await;
}
