//! Backups that come by themselves, and what figures and alerts tell of them.

use std::path::Path;

use chrono::TimeDelta;
use primelingo::backup::Manifest;

use super::damage::rewrite;
use super::{both, names_in};
use crate::support::bot::{ADAM, Backend, Bot, BotOptions, Process, free_address, show};

both! {
    a_backup_comes_by_itself_and_is_told_by_figures,
    an_old_backup_is_an_alert_until_there_is_a_new_one,
}

const DUE_SQLITE: &str = "UPDATE schedules SET next_at = 1 WHERE name = 'make_backup'";
const DUE_POSTGRES: &str =
    "UPDATE schedules SET next_at = now() - interval '1 day' WHERE name = 'make_backup'";

async fn make_due(bot: &mut Bot, backend: Backend) {
    let there = "SELECT count(*) FROM schedules WHERE name = 'make_backup'";
    bot.until("the schedule", async |bot| bot.number(there).await == 1).await;
    bot.execute(if backend == Backend::Sqlite { DUE_SQLITE } else { DUE_POSTGRES }).await;
}

async fn jobs_done(bot: &mut Bot, count: i64) -> Vec<String> {
    let done = "SELECT count(*) FROM jobs WHERE kind = 'make_backup' AND state = 'done'";
    bot.until("the job", async |bot| bot.number(done).await == count).await;
    bot.texts("SELECT progress FROM jobs WHERE kind = 'make_backup' ORDER BY id").await
}

async fn figure(web: std::net::SocketAddr, name: &str) -> Option<f64> {
    let page = reqwest::get(format!("http://{web}/metrics")).await.unwrap().text().await.unwrap();
    let line = page.lines().find(|line| line.starts_with(&format!("{name} ")))?;
    line.rsplit(' ').next()?.parse().ok()
}

const AT: &str = "primelingo_backup_last_success_timestamp_seconds";
const BYTES: &str = "primelingo_backup_bytes";

async fn a_backup_comes_by_itself_and_is_told_by_figures(backend: Backend) {
    let web = free_address();
    let options =
        BotOptions::on(backend).set("web.listen", &web.to_string()).set("backup.dir", "backups");
    let mut bot = Bot::start(options).await;
    assert_eq!(figure(web, AT).await, None, "a figure of nothing");
    make_due(&mut bot, backend).await;
    let told = jobs_done(&mut bot, 1).await;
    let folder = bot.folder().join("backups");
    let names: Vec<String> =
        names_in(&folder).into_iter().filter(|name| !name.starts_with('.')).collect();
    let [name] = names.try_into().unwrap();
    assert!(told[0].starts_with(&name) && told[0].contains("proven; removed: 0"), "{told:?}");
    bot.until("the figures", async |_| figure(web, AT).await.is_some()).await;
    let (at, bytes) = (figure(web, AT).await.unwrap(), figure(web, BYTES).await.unwrap());
    let shown = manifest_of(&folder, &name);
    assert_eq!(format!("{at:.0}"), shown.created_at.timestamp().to_string());
    assert_eq!(format!("{bytes:.0}"), shown.bytes().to_string());

    // The next look finds it young.
    make_due(&mut bot, backend).await;
    let told = jobs_done(&mut bot, 2).await;
    assert_eq!(told[1], format!("not due yet: {name} is young"));

    // The folder remembers, whatever happens to the process; the command line counts, too.
    bot.stop().await;
    bot.restart().await;
    bot.until("the figures again", async |_| figure(web, AT).await == Some(at)).await;
    rewrite(&folder.join(&name), |manifest| manifest.created_at -= TimeDelta::hours(3));
    Process::run(bot.folder(), bot.settings(), &["backup", "create", "--with-files"]);
    bot.until("its figure", async |_| figure(web, AT).await.is_some_and(|it| it > at)).await;
    bot.finish().await;
}

fn manifest_of(folder: &Path, name: &str) -> Manifest {
    let text = std::fs::read(folder.join(name).join("manifest.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

async fn an_old_backup_is_an_alert_until_there_is_a_new_one(backend: Backend) {
    let options =
        BotOptions::on(backend).set("alerts.patience", "0.01").set("backup.dir", "backups");
    let mut bot = Bot::start(options).await;
    bot.say(ADAM, "/start").await;
    Process::run(bot.folder(), bot.settings(), &["backup", "create"]);
    let folder = bot.folder().join("backups");
    let name = names_in(&folder).into_iter().find(|name| !name.starts_with('.')).unwrap();
    rewrite(&folder.join(name), |manifest| manifest.created_at -= TimeDelta::hours(37));
    let says = async |bot: &Bot, text: &str| {
        bot.shown_by_bot(ADAM).await.iter().map(show).any(|screen| screen.contains(text))
    };
    let title = "Последняя резервная копия устарела";
    bot.until("the alert", async |bot| says(bot, title).await).await;
    Process::run(bot.folder(), bot.settings(), &["backup", "create"]);
    let over =
        "SELECT count(*) FROM alerts WHERE name = 'backup_stale' AND resolved_at IS NOT NULL";
    bot.until("its end", async |bot| bot.number(over).await == 1).await;
    bot.settle_all().await;
    bot.finish().await;
}
