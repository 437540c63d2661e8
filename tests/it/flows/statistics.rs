//! The school in figures: learners search and take, and an admin looks at it.

use primelingo::domain::effect::{JobKind, NewJob, Priority};
use primelingo::domain::ids::JobId;

use super::own_data::{files, received};
use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, Seed, now};

flows! {
    both {
        an_admin_sees_what_learners_do,
        figures_are_for_admins,
    }
    sqlite {
        figures_come_as_files,
    }
}

/// The queue of background work.
const QUEUE: &str = "default";

/// More than enough that three of them have marks of their own, whatever the key is.
const LEARNERS: std::ops::Range<i64> = 5_000..5_016;

impl Bot {
    /// The figures are counted now.
    async fn count(&mut self, number: i64) {
        let job = NewJob {
            id: JobId(number),
            kind: JobKind::RollUpStatistics,
            fairness_key: ADAM,
            priority: Priority::Single,
            not_before: None,
        };
        self.db.job_enqueue(job, QUEUE.to_owned(), now()).await.unwrap();
        self.settle_all().await;
    }
}

/// A screen without the time at which it was counted.
fn timeless(screen: &str) -> String {
    let line = |line: &str| match line.split_once("состоянию на ") {
        Some((head, _)) => format!("{head}состоянию на …"),
        None => line.to_owned(),
    };
    screen.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn the_week_is_seen(bot: &mut Bot) {
    sees!(timeless(&bot.press(ADAM, "7 дней").await.screen()), @r"
    (edited)
    📊 Статистика за 7 дней
    По состоянию на …

    👥 Пользователей: 18 · новых: 18
    🟢 Активны: 18 сегодня · 18 за 7 дней · 18 за 30 дней
    ✉️ Можно написать: 18 (100%)
    🌐 EN 17 (94%) · RU 1 (6%)

    📚 Библиотека
    Материалов: 1 · новых: 1
    Выдано: 1 сегодня · 1 за 7 дней
    Чаще всего берут:
    1. English Grammar — 1

    🔎 Поиск
    33 сегодня · 33 за 7 дней
    Ничего не найдено: 52%
    Чаще всего ищут:
    1. dragons — 16
    2. grammar — 16
    Ищут, но не находят:
    1. dragons — 16
    Только слова, которые искали не меньше трёх человек.
    [•7 дней•] [30 дней] [90 дней]
    [📈 График] [📄 CSV]
    [🔄 Обновить]
    ");
}

async fn an_admin_sees_what_learners_do(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.publish(Seed::book("English Grammar")).await;
    bot.say(ADAM, "/start").await;
    sees!(bot.say(ADAM, "/stats").await.screen(), @r"
    📊 Статистика за 30 дней
    Данных ещё нет.

    ⏳ Пересчитываю. Нажмите «Обновить» чуть позже.
    [7 дней] [•30 дней•] [90 дней]
    [🔄 Обновить]
    ");
    bot.settle_all().await;

    for learner in LEARNERS {
        bot.say(learner, "grammar").await;
        bot.say(learner, "dragons").await;
    }
    bot.press(LEARNERS.start, "1").await;
    bot.say(ANN, "dinosaurs").await;
    bot.count(1).await;
    sees!(timeless(&bot.press(ADAM, "Обновить").await.screen()), @r"
    (edited)
    📊 Статистика за 30 дней
    По состоянию на …

    👥 Пользователей: 18 · новых: 18
    🟢 Активны: 18 сегодня · 18 за 7 дней · 18 за 30 дней
    ✉️ Можно написать: 18 (100%)
    🌐 EN 17 (94%) · RU 1 (6%)

    📚 Библиотека
    Материалов: 1 · новых: 1
    Выдано: 1 сегодня · 1 за 7 дней · 1 за 30 дней
    Чаще всего берут:
    1. English Grammar — 1

    🔎 Поиск
    33 сегодня · 33 за 7 дней · 33 за 30 дней
    Ничего не найдено: 52%
    Чаще всего ищут:
    1. dragons — 16
    2. grammar — 16
    Ищут, но не находят:
    1. dragons — 16
    Только слова, которые искали не меньше трёх человек.
    [7 дней] [•30 дней•] [90 дней]
    [📈 График] [📄 CSV]
    [🔄 Обновить]
    ");
    the_week_is_seen(&mut bot).await;
    bot.finish().await;
}

async fn figures_are_for_admins(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/start").await;
    sees!(bot.say(ANN, "/stats").await.screen(), @"Only admins see the statistics.");
    assert!(bot.say_in(-77, ADAM, "/stats").await.is_empty());
    // Of a button that an admin had, too.
    bot.say(BORIS, "/start").await;
    bot.execute(&format!("UPDATE users SET role = 'admin' WHERE id = {BORIS}")).await;
    bot.say(BORIS, "/stats").await;
    bot.settle_all().await;
    bot.execute(&format!("UPDATE users SET role = 'learner' WHERE id = {BORIS}")).await;
    sees!(bot.press(BORIS, "Обновить").await.screen(), @"Статистику видят только администраторы.");
    bot.finish().await;
}

async fn figures_come_as_files(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ADAM, "/start").await;
    bot.say(ANN, "grammar").await;
    bot.count(1).await;
    bot.say(ADAM, "/stats").await;
    bot.press(ADAM, "График").await;
    bot.settle_all().await;
    bot.press(ADAM, "CSV").await;
    bot.settle_all().await;
    let screen = bot.screen(ADAM, 2).await;
    let day = now().format("%Y-%m-%d").to_string();
    sees!(screen.replace(&day, "DAY"), @r"
    <photo statistics-DAY.png>
    📊 Статистика за 30 дней
    ---
    <document statistics-DAY.csv>
    📊 Статистика за 30 дней
    ");

    let shown = bot.shown_by_bot(ADAM).await;
    let [.., picture, table] = shown.as_slice() else { panic!("{shown:?}") };
    let (picture, table) = (received(&bot, &picture["media"]), received(&bot, &table["media"]));
    assert!(files(&bot.folder().join("files/blobs")).is_empty(), "they have left, and are gone");
    let picture = image::load_from_memory(&picture).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (1080, 1440));
    let table = String::from_utf8(table).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 2, "{table}");
    assert!(lines[0].starts_with("\u{feff}day,users,reachable,new,active_1d,"), "{table}");
    assert!(lines[1].starts_with(&format!("{day},2,2,2,2,2,2,0,1,1,0,0,")), "{table}");
    bot.finish().await;
}
