//! Poison: whatever it is, it is put aside after three faults of its own (or two deaths of the
//! process while it ran alone), its author and the people in charge are told, and nothing else is
//! put aside: neither beside it nor in the same chat.

use primelingo::fail_points::{Action, Point, Rule};
use serde_json::json;

use super::steps::{answer_all, answer_all_but_title, send_and_wait};
use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, EDNA};

flows! {
    both {
        a_step_that_panics,
        a_step_over_which_the_process_dies,
        an_update_that_breaks_its_reader,
        a_job_over_which_the_process_dies,
    }
    sqlite {
        a_step_that_never_ends,
        a_step_that_fails_for_ever,
        a_death_in_the_middle_of_a_crowd,
        an_update_over_whose_reading_the_process_dies,
        files_that_break_their_inspector,
        a_job_that_fails_for_ever,
        a_job_that_never_ends,
    }
}

/// What a user writes to poison the bot.
const POISON: &str = "zz poison";

fn on_poison(action: Action) -> Rule {
    Rule::always_on(Point::ChatStep.name(), POISON, action)
}

/// Somebody writes; nobody waits.
async fn write(bot: &Bot, user: i64, text: &str) {
    bot.ctl("message", json!({"user": user, "text": text})).await;
}

/// The poison is dead, its author has an apology, the admin an alert, and nothing else is dead.
async fn put_aside(bot: &mut Bot, cause: &str) {
    bot.expect_leftover("updates put aside");
    bot.expect_error("update faulted");
    bot.expect_error("update put aside");
    let number = bot.number("SELECT min(seq) FROM updates WHERE state = 'dead'").await;
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE state = 'dead'").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE faults > 0").await, 1);
    let apology = bot.wait(ANN, "Number for support").await;
    assert!(apology["text"].as_str().unwrap().ends_with(&format!(": {number}")), "{apology}");
    bot.wait(ADAM, &format!("Сообщение {number}: {cause}")).await;
    let listed = bot.command(&["updates", "list"]);
    assert!(listed.starts_with(&format!("{number}  dead  message")), "{listed}");
    let shown = bot.command(&["updates", "show", &number.to_string()]);
    assert!(!shown.contains(POISON), "{shown}");
}

/// Without the fault a replay is an ordinary step.
async fn replay(bot: &mut Bot) {
    let number = bot.number("SELECT min(seq) FROM updates WHERE state = 'dead'").await;
    bot.plan(Vec::new());
    bot.stop().await;
    bot.restart().await;
    let since = bot.moment(ANN).await;
    bot.command(&["updates", "replay", &number.to_string()]);
    bot.settle().await;
    let answers = bot.shown_since(ANN, since).await;
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE state <> 'done'").await, 0);
}

async fn a_step_that_panics(backend: Backend) {
    panics_over_it(backend, Point::ChatStep).await;
}

async fn an_update_that_breaks_its_reader(backend: Backend) {
    panics_over_it(backend, Point::ChatRead).await;
}

/// What is before it in the chat is answered before it, what is behind it after it, and others
/// meanwhile.
async fn panics_over_it(backend: Backend, point: Point) {
    let panic = Rule::always_on(point.name(), POISON, Action::Panic);
    let mut bot = Bot::start(BotOptions::on(backend).rule(panic)).await;
    bot.expect_error("panic place");
    bot.say(ADAM, "/start").await;
    write(&bot, ANN, "/start").await;
    write(&bot, ANN, POISON).await;
    write(&bot, ANN, "/help").await;
    write(&bot, BORIS, "/help").await;
    bot.settle().await;
    bot.wait(ANN, "What I can do").await;
    assert_eq!(bot.acted(point), 3);
    put_aside(&mut bot, "на нём программа дала сбой").await;
    replay(&mut bot).await;
    bot.forget_leftover("updates put aside");
    bot.finish().await;
}

async fn an_update_over_whose_reading_the_process_dies(backend: Backend) {
    let kill = Rule::always_on(Point::ChatRead.name(), POISON, Action::Kill);
    let mut bot = Bot::start(BotOptions::on(backend).rule(kill)).await;
    bot.say(ADAM, "/start").await;
    write(&bot, ANN, "/start").await;
    write(&bot, ANN, POISON).await;
    write(&bot, ANN, "/help").await;
    // The first death among others, and two alone.
    for _ in 0..3 {
        bot.death().await;
        bot.relaunch();
    }
    bot.settle().await;
    bot.wait(ANN, "What I can do").await;
    assert_eq!(bot.acted(Point::ChatRead), 3);
    put_aside(&mut bot, "на нём программа аварийно завершалась").await;
    bot.finish().await;
}

async fn a_step_that_fails_for_ever(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).rule(on_poison(Action::Error))).await;
    bot.say(ADAM, "/start").await;
    write(&bot, ANN, POISON).await;
    write(&bot, ANN, "/help").await;
    bot.settle().await;
    bot.wait(ANN, "What I can do").await;
    assert_eq!(bot.acted(Point::ChatStep), 3);
    put_aside(&mut bot, "обработка раз за разом не удавалась").await;
    bot.finish().await;
}

/// Each try costs a thread. Others are served all the time; when the spare threads are used up the
/// program stops in order, and the faults so far outlive that.
async fn a_step_that_never_ends(backend: Backend) {
    let options = BotOptions::on(backend)
        .set("ingest.update_deadline_s", "1")
        .set("timeouts.shutdown_s", "2")
        .rule(on_poison(Action::Spin));
    let mut bot = Bot::start(options).await;
    bot.expect_error("threads are lost to endless loops");
    bot.say(ADAM, "/start").await;
    write(&bot, ANN, POISON).await;
    write(&bot, ANN, "/help").await;
    bot.until("the loop", async |bot| bot.acted(Point::ChatStep) > 0).await;
    write(&bot, BORIS, "/help").await;
    bot.wait(BORIS, "Что я умею").await;

    assert_eq!(bot.death().await, 75, "an orderly stop for a restart");
    assert_eq!(bot.number("SELECT max(faults) FROM updates").await, 2);
    bot.restart().await;
    bot.settle().await;
    bot.wait(ANN, "What I can do").await;
    assert_eq!(bot.acted(Point::ChatStep), 3);
    put_aside(&mut bot, "обработка не заканчивалась").await;
    bot.finish().await;
}

async fn a_step_over_which_the_process_dies(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).rule(on_poison(Action::Kill))).await;
    bot.say(ADAM, "/start").await;
    write(&bot, BORIS, "/help").await;
    write(&bot, ANN, POISON).await;
    write(&bot, ANN, "/help").await;
    // The first death among others, and two alone.
    for _ in 0..3 {
        bot.death().await;
        bot.relaunch();
    }
    bot.settle().await;
    bot.wait(ANN, "What I can do").await;
    bot.wait(BORIS, "Что я умею").await;
    assert_eq!(bot.acted(Point::ChatStep), 3);
    put_aside(&mut bot, "на нём программа аварийно завершалась").await;
    bot.finish().await;
}

/// More chats than can have been in flight: it is found in two steps, and no other is suspected.
async fn a_death_in_the_middle_of_a_crowd(backend: Backend) {
    let options =
        BotOptions::on(backend).set("ingest.concurrent_chats", "3").rule(on_poison(Action::Abort));
    let mut bot = Bot::start(options).await;
    bot.say(ADAM, "/start").await;
    bot.stop().await;
    for user in 5001..=5010 {
        write(&bot, user, "/help").await;
    }
    write(&bot, ANN, POISON).await;
    for user in 5011..=5020 {
        write(&bot, user, "/help").await;
    }
    write(&bot, ANN, "/help").await;
    bot.relaunch();
    // Among others, in a group, and twice alone. How many were in flight at the first is not known.
    let mut deaths = 0;
    while bot.number("SELECT count(*) FROM updates WHERE state = 'dead'").await == 0 {
        assert_eq!(bot.death().await, -1);
        deaths += 1;
        bot.relaunch();
        bot.until("the next death, or the end", async |bot| {
            bot.has_ended()
                || bot.number("SELECT count(*) FROM updates WHERE state = 'dead'").await == 1
        })
        .await;
    }
    assert!((3..=4).contains(&deaths), "{deaths} deaths");
    bot.settle().await;
    bot.wait(ANN, "What I can do").await;
    for user in 5001..=5020 {
        bot.wait(user, "What I can do").await;
    }
    put_aside(&mut bot, "на нём программа аварийно завершалась").await;
    bot.finish().await;
}

async fn files_that_break_their_inspector(backend: Backend) {
    let breaks = |name, action| Rule::always_on(Point::InspectChild.name(), name, action);
    let options = BotOptions::on(backend)
        .set("inspect.memory_mb", "256")
        .rule(breaks("bomb.pdf", Action::Allocate))
        .rule(breaks("deep.pdf", Action::Overflow));
    let mut bot = Bot::start(options).await;
    let book = crate::support::bot::data("crazyones.pdf");
    for name in ["bomb.pdf", "deep.pdf"] {
        bot.send_file_at(EDNA, &book, name).await;
        bot.settle_all().await;
        let refused = bot.wait(EDNA, &format!("(?s){name}.*takes too much memory or time")).await;
        assert!(refused["edit_date"].is_number(), "on its card: {refused}");
        // The dialog that had begun ends with a word, too.
        bot.say(EDNA, "A title").await;
    }
    let hostile = "SELECT count(*) FROM materials WHERE rejection = 'hostile'";
    assert_eq!(bot.number(hostile).await, 2);
    send_and_wait(&mut bot, "crazyones.pdf").await;
    answer_all(&mut bot, "Innocent").await;
    bot.finish().await;
}

/// It leaves nobody waiting, and a retry takes up what its editor wanted.
async fn a_job_that_fails_for_ever(backend: Backend) {
    let rule = Rule::always_on(Point::JobWork.name(), "bad.pdf", Action::Error);
    let options = BotOptions::on(backend).set("jobs.max_attempts", "3").rule(rule);
    let mut bot = Bot::start(options).await;
    bot.expect_error("job failed");
    bot.say(ADAM, "/start").await;
    bot.send_file_at(EDNA, &crate::support::bot::data("crazyones.pdf"), "bad.pdf").await;
    bot.settle_all().await;
    assert_eq!(bot.acted(Point::JobWork), 3);
    bot.wait(EDNA, "put it aside").await;
    bot.material_is("state = 'discarded' AND rejection = 'failed'").await;
    let job = bot.number("SELECT id FROM jobs WHERE state = 'dead' AND faults = 2").await;
    bot.wait(ADAM, &format!("Фоновая задача {job}: обработка раз за разом не удавалась")).await;
    let ended = bot.say(EDNA, "A title").await;
    assert!(ended.text().contains("put it aside"), "{}", ended.screen());
    assert!(bot.command(&["jobs", "list"]).starts_with(&format!("{job}  dead  process_upload")));

    bot.plan(Vec::new());
    bot.stop().await;
    bot.restart().await;
    bot.command(&["jobs", "retry", &job.to_string()]);
    bot.settle_all().await;
    bot.material_is("state = 'draft' AND processing = 'ready'").await;
    bot.finish().await;
}

/// One job after the other takes the process with it, and only the guilty one is given up.
async fn a_job_over_which_the_process_dies(backend: Backend) {
    let rule = Rule::always_on(Point::JobWork.name(), "deadly.pdf", Action::Kill);
    let options = BotOptions::on(backend).set("jobs.probation_s", "1").rule(rule);
    let mut bot = Bot::start(options).await;
    bot.expect_error("job failed");
    bot.expect_leftover("dead jobs");
    bot.say(ADAM, "/start").await;
    // Slow, so that the innocent one is running when the process dies.
    bot.ctl("faults", json!({"files": {"throttle_bps": 3_000}})).await;
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.until("the innocent job", async |bot| bot.has_temporary_files()).await;
    // Past the first question, or the next file would join it.
    bot.say(EDNA, "Crazy ones").await;
    let deadly = json!({"type": "document", "path": crate::support::bot::data("toy.pdf"), "name": "deadly.pdf"});
    bot.ctl("message", json!({"user": EDNA, "file": deadly})).await;
    for death in 1..=3 {
        bot.death().await;
        bot.ctl("faults", json!({"clear": true, "files": {}})).await;
        assert_eq!(bot.acted(Point::JobWork), death);
        bot.relaunch();
    }
    bot.settle_all().await;
    bot.wait(EDNA, "(?s)deadly.pdf.*put it aside").await;
    assert_eq!(bot.number("SELECT count(*) FROM jobs WHERE state = 'dead'").await, 1);
    let job = bot.number("SELECT id FROM jobs WHERE state = 'dead'").await;
    bot.wait(ADAM, &format!("Фоновая задача {job}: на нём программа аварийно завершалась")).await;
    bot.material_is("state = 'open' AND processing = 'ready' AND file_name = 'crazyones.pdf'")
        .await;
    answer_all_but_title(&mut bot).await;
    bot.finish().await;
}

async fn a_job_that_never_ends(backend: Backend) {
    let rule = Rule::always_on(Point::JobWork.name(), "endless.pdf", Action::Spin);
    let options = BotOptions::on(backend)
        .set("jobs.max_attempts", "3")
        .set("jobs.lease_s", "4")
        .set("jobs.beat_s", "1")
        .set("timeouts.shutdown_s", "2")
        .rule(rule);
    let mut bot = Bot::start(options).await;
    bot.expect_error("job failed");
    bot.expect_error("threads are lost to endless loops");
    bot.expect_leftover("dead jobs");
    bot.send_file_at(EDNA, &crate::support::bot::data("toy.pdf"), "endless.pdf").await;
    assert_eq!(bot.death().await, 75);
    assert_eq!(bot.number("SELECT max(faults) FROM jobs").await, 2);
    bot.restart().await;
    bot.settle_all().await;
    bot.wait(EDNA, "put it aside").await;
    assert_eq!(bot.acted(Point::JobWork), 3);
    bot.say(EDNA, "A title").await;
    bot.finish().await;
}
