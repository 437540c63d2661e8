//! One trace from an update through its answer, its job and what that sends, also over a kill -9;
//! and the errors that operators see by groups.

use std::collections::BTreeSet;

use super::steps::send_and_wait;
use crate::support::bot::{ANN, Backend, Bot, BotOptions, EDNA};
use primelingo::domain::trace::Trace;

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

async fn a_trace_is_in_every_line_of_the_log_and_leads_to_its_update(backend: Backend) {
    let options = BotOptions::on(backend).set("log.level", "primelingo=debug,warn");
    let mut bot = Bot::start(options).await;
    send_and_wait(&mut bot, "pdflatex-4-pages.pdf").await;
    let jobs = bot.texts("SELECT trace FROM jobs WHERE kind = 'process_upload'").await;
    let trace = format!("trace={}}}", jobs.first().expect("a job"));
    let in_job = trace.replace('}', " ");
    let stages = [
        ("update{", "update worked off"),
        ("send{", "message carried"),
        ("job{", "job begins"),
        ("job{", "child begins"),
        ("job{", "job ends"),
    ];
    for (span, message) in stages {
        bot.until(message, async |bot| {
            bot.log().lines().any(|line| {
                line.contains(span)
                    && line.contains(message)
                    && (line.contains(&trace) || line.contains(&in_job))
            })
        })
        .await;
    }
    let is_handler = |line: &str| line.contains("wait_us=") && line.contains("depth=");
    assert!(bot.log().lines().any(is_handler), "handlers have spans with depth and wait");

    let seq = jobs.first().and_then(|trace| trace.strip_prefix('u')).expect("an update");
    let shown = bot.command(&["updates", "show", seq]);
    assert!(shown.contains(seq), "the trace leads to its update: {shown}");
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
