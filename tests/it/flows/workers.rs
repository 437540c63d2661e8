//! Jobs in processes of their own.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;
use tokio::time::Instant;

use crate::support::bot::{ADAM, Another, Backend, Bot, BotOptions, EDNA};

flows! {
    both {
        a_restarted_worker_takes_its_own_job_back_at_once,
        jobs_run_in_the_bot_while_no_worker_lives,
    }
    sqlite {}
}

async fn worker(bot: &mut Bot) -> Another {
    bot.another(&["worker", "--concurrency", "1"], &[], "primelingo runs").await
}

/// Files come so slowly that a job is under way for as long as a test needs it to be.
async fn slow_down(bot: &Bot) {
    bot.ctl("faults", json!({"files": {"throttle_bps": 3_000}})).await;
}

async fn speed_up(bot: &Bot) {
    bot.ctl("faults", json!({"clear": true, "files": {}})).await;
}

/// Waits until so many workers are in the middle of a job each.
async fn in_mid_job(bot: &mut Bot, workers: i64) {
    bot.until("downloads to be under way", async |bot| {
        let owners = "SELECT count(DISTINCT owner) FROM jobs WHERE state = 'running'";
        bot.number(owners).await == workers
            && i64::try_from(bot.temporary_files()).unwrap() == workers
    })
    .await;
}

async fn a_restarted_worker_takes_its_own_job_back_at_once(backend: Backend) {
    // Anybody else would have to wait longer than this test does.
    let mut bot = Bot::start(BotOptions::on(backend).no_worker().set("jobs.lease_s", "300")).await;
    let first = worker(&mut bot).await;
    slow_down(&bot).await;
    bot.send_file(EDNA, "multicolumn.pdf").await;
    in_mid_job(&mut bot, 1).await;
    first.kill();
    speed_up(&bot).await;
    let again = worker(&mut bot).await;
    bot.settle_all().await;

    let done = "SELECT count(*) FROM jobs WHERE state = 'done' AND attempts = 2 \
                AND owner LIKE 'worker-0@%'";
    assert_eq!(bot.number(done).await, 1);
    assert!(bot.screen(EDNA, 9).await.contains("Checked and indexed"));
    again.stop().await;
    bot.finish().await;
}

async fn jobs_run_in_the_bot_while_no_worker_lives(backend: Backend) {
    const ALONE: &str = "no worker process lives";
    let options = BotOptions::on(backend)
        .no_worker()
        .set("instance.lease_s", "2")
        .set("instance.renew_ms", "300");
    let mut bot = Bot::start(options).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.settle_all().await;
    let done_by = |role: &str| {
        format!("SELECT count(*) FROM jobs WHERE state = 'done' AND owner LIKE '{role}-0@%'")
    };
    assert_eq!(bot.number(&done_by("run")).await, 1);
    assert_eq!(bot.log().matches(ALONE).count(), 1);

    let worker = worker(&mut bot).await;
    bot.until("the bot to leave jobs to the worker", async |bot| {
        bot.log().contains("jobs are left to it")
    })
    .await;
    bot.send_file(ADAM, "pdflatex-4-pages.pdf").await;
    bot.settle_all().await;
    assert_eq!(bot.number(&done_by("worker")).await, 1);

    worker.stop().await;
    bot.until("the bot to miss the worker", async |bot| bot.log().matches(ALONE).count() == 2)
        .await;
    bot.finish().await;
}

/// One worker is killed and one is frozen, each in the middle of a job; the frozen one wakes up
/// when its job was done by another. On PostgreSQL: a process that is frozen in the middle of a
/// commit keeps a SQLite file locked. What happens is told in `docs/workers-transcript.md`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "measured, but not to be asserted on a busy machine")]
async fn a_killed_and_a_frozen_worker_leave_one_result_each() {
    let options = BotOptions::on(Backend::Postgres)
        .no_worker()
        .set("jobs.lease_s", "4")
        .set("jobs.beat_s", "1");
    let mut bot = Bot::start(options).await;
    let mut story = String::new();
    let killed = worker(&mut bot).await;
    let mut frozen = worker(&mut bot).await;
    slow_down(&bot).await;
    bot.send_file(EDNA, "multicolumn.pdf").await;
    bot.send_file(ADAM, "pdflatex-4-pages.pdf").await;
    in_mid_job(&mut bot, 2).await;
    tell(&bot, &mut story, "two workers are in the middle of a job each").await;
    frozen.freeze();
    killed.kill();
    let begun = Instant::now();
    speed_up(&bot).await;
    tell(&bot, &mut story, "the first is killed, the second is frozen").await;

    let successor = worker(&mut bot).await;
    bot.settle_all().await;
    eprintln!("both jobs were done again {} ms after", begun.elapsed().as_millis());
    tell(&bot, &mut story, "a third takes the place of the first; the leases have run out").await;
    let done = "SELECT count(*) FROM jobs WHERE state = 'done' AND attempts = 2 \
                AND owner LIKE 'worker-0@%'";
    assert_eq!(bot.number(done).await, 2);
    let parts = bot.number("SELECT count(*) FROM parts").await;

    frozen.wake();
    frozen.says("job was taken over by another worker").await;
    bot.settle_all().await;
    tell(&bot, &mut story, "the second wakes up: \"job was taken over by another worker\"").await;
    assert_eq!(bot.number(done).await, 2);
    assert_eq!(bot.number("SELECT count(*) FROM parts").await, parts);
    bot.until("the half of a file to go", async |bot| bot.temporary_files() == 0).await;
    for (editor, last_word) in [(EDNA, "Checked and indexed"), (ADAM, "Файл проверен")]
    {
        let screen = bot.screen(editor, 9).await;
        assert_eq!(screen.matches(last_word).count(), 1, "{screen}");
    }
    frozen.stop().await;
    successor.stop().await;
    bot.finish().await;
    compare_with_the_book(&story);
}

/// What the database says at this moment.
async fn tell(bot: &Bot, story: &mut String, what: &str) {
    writeln!(story, "{what}").unwrap();
    for (name, sql) in [
        ("jobs running", "SELECT count(*) FROM jobs WHERE state = 'running'"),
        ("jobs done", "SELECT count(*) FROM jobs WHERE state = 'done'"),
        ("attempts", "SELECT CAST(sum(attempts) AS BIGINT) FROM jobs"),
        ("materials ready", "SELECT count(*) FROM materials WHERE processing = 'ready'"),
        ("parts in the index", "SELECT count(*) FROM parts"),
    ] {
        writeln!(story, "    {name:<20}{}", bot.number(sql).await).unwrap();
    }
}

/// The story is the one in the documentation.
fn compare_with_the_book(story: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let book = std::fs::read_to_string(root.join("docs/workers-transcript.md")).unwrap_or_default();
    let told = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workers-transcript.txt");
    std::fs::write(&told, story).unwrap();
    assert!(
        book.contains(story),
        "docs/workers-transcript.md tells another story than {}:\n{story}",
        told.display(),
    );
}
