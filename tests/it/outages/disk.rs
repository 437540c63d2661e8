//! A full disk: a small file system of its own, filled to the last byte, and emptied again.
//!
//! Mounting needs root. Where that is not allowed these tests fail and say so: a full disk that was
//! not tried must not look like one that was survived.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::{answered, flood, mentions, until_ready, with_probes, write};
use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions, EDNA};
use crate::support::place::Place;

/// A file system in memory, so large. Its folder may be given away: it is unmounted at the end all
/// the same.
struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    fn mount(folder: &TempDir, size: &str) -> Self {
        let folder = folder.path().to_owned();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=755"), "primelingo-test"])
            .arg(&folder)
            .output()
            .expect("the program `mount`");
        assert!(
            mounted.status.success(),
            "a full disk cannot be tried here: mounting a tmpfs is not allowed (run the tests as \
             root, in a container with CAP_SYS_ADMIN): {}",
            String::from_utf8_lossy(&mounted.stderr),
        );
        Self { folder }
    }

    /// Takes up what is left, to the last byte. Gives the file to be removed.
    fn fill(&self) -> PathBuf {
        fill(&self.folder.join("ballast"))
    }
}

fn fill(path: &Path) -> PathBuf {
    let mut ballast = File::options().create(true).append(true).open(path).unwrap();
    for size in [65_536, 4_096, 1] {
        let piece = vec![0; size];
        while ballast.write_all(&piece).is_ok() {}
    }
    path.to_owned()
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the test's own store may still hold its file.
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_the_database_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&folder, "24m");
    let options = BotOptions::at(Place::sqlite_in(folder));
    let mut bot = Bot::start(with_probes(options, &[])).await;
    bot.say(ANN, "/start").await;
    until_ready(&mut bot, true).await;

    let stored = bot.number("SELECT count(*) FROM updates").await;
    let ballast = disk.fill();
    // More than may find room in pages that are there already.
    flood(&bot, 1_500, 50, None).await;
    let body = until_ready(&mut bot, false).await;
    assert!(body.contains("database: fail"), "{body}");
    // All of the flood may have found room in pages that are there already, and the disk may become
    // full anew while it is being written to: more is said until nothing is stored any more.
    bot.until("polling to rest", async |bot| {
        fill(&ballast);
        write(bot, BORIS, "/help").await;
        mentions(bot, "polling rests") > 0
    })
    .await;
    bot.until("several tries", async |bot| {
        super::metric(bot, "primelingo_poll_errors_total", "store").await >= 3.0
    })
    .await;
    let open = bot.ctl("queue", json!({})).await["pending"].as_i64().unwrap();
    let rows = bot.number("SELECT count(*) FROM updates").await - stored;
    assert!(open + rows >= 1_501, "{open} at Telegram and {rows} stored: some are lost");
    let errors = bot.log().lines().filter(|line| line.contains("ERROR")).count();
    assert!(errors <= 5, "{errors} errors: a storm");

    std::fs::remove_file(&ballast).unwrap();
    until_ready(&mut bot, true).await;
    super::all_answered_once(&bot).await;
    assert_eq!(bot.number("SELECT count(*) FROM updates WHERE faults > 0").await, 0);
    sound(&bot).await;
    bot.expect_error("database is away");
    bot.finish().await;
    drop(disk);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_the_files_refuses_uploads_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&folder, "1m");
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    let options = BotOptions::on(Backend::Sqlite)
        .set("files.data_dir", files.to_str().unwrap())
        .set("files.min_free_mb", "0")
        .set("files.space_wait_s", "0");
    let mut bot = Bot::start(options).await;
    let ballast = disk.fill();

    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.settle_all().await;
    bot.wait(EDNA, "no room for this file").await;
    assert_eq!(bot.number("SELECT count(*) FROM materials WHERE rejection = 'no_space'").await, 1);
    assert_eq!(bot.number("SELECT count(*) FROM jobs WHERE attempts = 1").await, 1, "tried once");
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"), "others are served");

    std::fs::remove_file(&ballast).unwrap();
    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.settle_all().await;
    bot.wait(EDNA, "Checked and indexed").await;
    bot.press(EDNA, "Cancel").await;
    bot.expect_error("the disk is full");
    bot.finish().await;
    drop(disk);
}

/// A file waits for the disk, says so, and goes in by itself once there is room.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_waits_for_a_full_disk_and_goes_on_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&folder, "8m");
    let files = folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    let options = BotOptions::on(Backend::Sqlite)
        .set("files.data_dir", files.to_str().unwrap())
        .set("files.min_free_mb", "4")
        .set("files.space_wait_s", "600");
    let mut bot = Bot::start(options).await;
    // Not full to the last byte: the reserve is what is missing.
    let ballast = folder.path().join("ballast");
    std::fs::write(&ballast, vec![0; 5 << 20]).unwrap();

    bot.send_file(EDNA, "crazyones.pdf").await;
    bot.wait(EDNA, "Waiting for room").await;
    std::fs::remove_file(&ballast).unwrap();
    bot.settle_all().await;
    bot.wait(EDNA, "Checked and indexed").await;
    assert_eq!(bot.number("SELECT count(*) FROM jobs WHERE attempts = 1").await, 1, "tried once");
    bot.press(EDNA, "Cancel").await;
    bot.finish().await;
    drop(disk);
}

async fn sound(bot: &Bot) {
    let broken = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
    assert_eq!(bot.number(broken).await, 0);
    assert!(answered(bot).await > 0);
}
