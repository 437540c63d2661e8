//! `/jobs`: admins see failed jobs by what they failed of, try them again and drop them.

use primelingo::domain::effect::{JobKind, NewJob, Priority};
use primelingo::domain::ids::{JobId, MaterialId};

use crate::support::bot::{ADAM, ANN, Backend, Bot, BotOptions, EDNA, now};

flows! {
    both {
        failed_jobs_are_tried_again_and_dropped,
    }
    sqlite {
        what_somebody_else_did_is_left_alone,
    }
}

/// A queue that nobody works off.
const QUEUE: &str = "elsewhere";

async fn dead_job(bot: &Bot, number: i64, error: &str) {
    let job = NewJob {
        id: JobId(number),
        kind: JobKind::ProcessUpload { material: MaterialId(number) },
        fairness_key: EDNA,
        priority: Priority::Single,
        not_before: None,
    };
    bot.db.job_enqueue(job, QUEUE.to_owned(), now()).await.unwrap();
    let sql = format!(
        "UPDATE jobs SET state = 'dead', done_at = run_at, error = '{error}' WHERE id = {number}"
    );
    bot.execute(&sql).await;
}

async fn states(bot: &Bot) -> Vec<String> {
    bot.texts(&format!("SELECT state FROM jobs WHERE queue = '{QUEUE}' ORDER BY id")).await
}

async fn audited(bot: &Bot) -> Vec<String> {
    bot.texts(
        "SELECT p.person_id || ' ' || a.details
         FROM audit a JOIN pseudonyms p ON p.pseudonym = a.actor
         WHERE a.action = 'control_job' ORDER BY a.id",
    )
    .await
}

async fn failed_jobs_are_tried_again_and_dropped(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    sees!(bot.say(ANN, "/jobs").await.screen(), @"Only admins see failed jobs. If you should be one, ask an owner.");
    sees!(bot.say(EDNA, "/jobs").await.screen(), @"Only admins see failed jobs. If you should be one, ask an owner.");
    for number in [1, 2] {
        dead_job(&bot, number, &format!("download: timeout after {number} s")).await;
    }
    dead_job(&bot, 3, "<b>disk full</b>").await;
    sees!(bot.say(ADAM, "/jobs").await.screen(), @r"
    ⚙️ Задания, которые не удались

    1. process_upload · 2 задания
    download: timeout after 2 s

    2. process_upload · 1 задание
    <b>disk full</b>
    [1 🔁 Ещё раз] [1 🗑 Убрать]
    [2 🔁 Ещё раз] [2 🗑 Убрать]
    [🔄 Показать снова] [🏠 Меню]
    ");
    sees!(bot.press(ADAM, "^1 .*Ещё раз").await.screen(), @r"
    (edited)
    🔁 Ещё одна попытка: 2 задания.

    ⚙️ Задания, которые не удались

    1. process_upload · 1 задание
    <b>disk full</b>
    [1 🔁 Ещё раз] [1 🗑 Убрать]
    [🔄 Показать снова] [🏠 Меню]
    ");
    assert_eq!(states(&bot).await, ["ready", "ready", "dead"]);
    sees!(bot.press(ADAM, "^1 .*Убрать").await.screen(), @r"
    (edited)
    🗑 Убрать навсегда 1 задание? Порученное им сделано не будет.

    1. process_upload · 1 задание
    <b>disk full</b>

    Ответ принимается 60 секунд.
    [✅ Да, сделать]
    [⬅️ Нет, оставить]
    ");
    assert_eq!(states(&bot).await, ["ready", "ready", "dead"], "asked, and not done");
    sees!(bot.press(ADAM, "Да, сделать").await.screen(), @r"
    (edited)
    🗑 Убрано: 1 задание.

    ✅ Неудавшихся заданий нет.
    [🔄 Показать снова] [🏠 Меню]
    ");
    let notes = audited(&bot).await;
    assert!(notes[0].contains("group_retry") && notes[1].contains("group_drop"), "{notes:?}");
    assert!(!states(&bot).await.contains(&"dead".to_owned()));
    bot.execute(&format!("DELETE FROM jobs WHERE queue = '{QUEUE}'")).await;
    bot.finish().await;
}

async fn what_somebody_else_did_is_left_alone(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    dead_job(&bot, 1, "timeout").await;
    bot.say(ADAM, "/jobs").await;
    bot.execute(&format!("DELETE FROM jobs WHERE queue = '{QUEUE}'")).await;
    let gone = bot.press(ADAM, "^1 .*Ещё раз").await.screen();
    assert!(gone.contains("Такой группы больше нет"), "{gone}");
    assert!(audited(&bot).await.is_empty());
    bot.finish().await;
}
