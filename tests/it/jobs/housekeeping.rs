//! Housekeeping as it runs: it comes by itself, tidies up, and says what it did. And jobs that are
//! ended from outside.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use primelingo::domain::clock::{Clock as _, SystemClock};
use primelingo::domain::effect::JobKind;
use primelingo::domain::material::{MaterialState, Processing};

use super::rig::{Rig, until};
use super::{assert_none, data, standstill};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Makes a file as old as it has to be to be taken for left behind.
fn age(path: &std::path::Path) {
    let long_ago = SystemTime::UNIX_EPOCH + DAY;
    File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
}

#[actix_rt::test]
async fn housekeeping_comes_by_itself_and_takes_what_nothing_names() {
    let mut rig = Rig::new().await;
    rig.config.housekeeping.every = Some(HOUR);
    rig.config.housekeeping.blobs_grace = DAY;
    rig.config.housekeeping.texts_keep = Duration::ZERO;
    rig.config.housekeeping.data_dir = rig.folder();
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let _house = rig.start(1);
    rig.processed(upload).await;
    let [kept] = rig.files_in("blobs").try_into().unwrap();
    age(&kept);
    let orphan = rig.put_file(&format!("blobs/ab/{}", "0".repeat(62)), b"orphan");
    let young = rig.put_file(&format!("blobs/ab/{}", "1".repeat(62)), b"of an upload");
    age(&orphan);
    // What an earlier start has set aside and not come to decide.
    let aside = rig.put_file(&format!("aside/{}", "2".repeat(64)), b"aside");
    age(&aside);
    let abandoned = rig.put_file("tmp/gone.1-1.part", b"half");
    age(&abandoned);

    let kinds = i64::try_from(JobKind::RECURRING.len()).unwrap();
    until("the schedule to be written", || async {
        (rig.number("SELECT count(*) FROM schedules") == kinds).then_some(())
    })
    .await;
    assert_eq!(rig.number("SELECT count(*) FROM jobs"), 1, "nothing is due yet");
    rig.execute("UPDATE schedules SET next_at = 1");
    let done = "SELECT count(*) FROM jobs WHERE state = 'done' AND kind <> 'process_upload'";
    until("housekeeping to be done", || async { (rig.number(done) == kinds).then_some(()) }).await;

    let mut files = rig.files_in("blobs");
    files.sort();
    let mut expected = vec![kept, young];
    expected.sort();
    assert_eq!(files, expected);
    assert_none(&rig, "aside");
    assert_none(&rig, "tmp");
    let said = |kind: &str, progress: &str| {
        rig.number(&format!(
            "SELECT count(*) FROM jobs WHERE kind = '{kind}' AND progress = '{progress}'"
        ))
    };
    assert_eq!(said("sweep_blobs", "contents: 0, files: 2"), 1);
    assert_eq!(said("sweep_temp", "temporary_files: 1"), 1);
    // The one step of this test; it stays as a row.
    assert_eq!(said("prune_updates", "texts: 1, updates: 0, aside: 0"), 1);
    let later = SystemClock.now().timestamp_micros() + 3_500_000_000;
    assert_eq!(
        rig.number(&format!("SELECT count(*) FROM schedules WHERE next_at > {later}")),
        kinds
    );
}

/// A file that was thrown away goes with what was found in it.
#[actix_rt::test]
async fn the_file_of_a_discarded_material_goes() {
    let mut rig = Rig::new().await;
    rig.config.housekeeping.every = Some(HOUR);
    rig.config.housekeeping.blobs_grace = DAY;
    rig.config.housekeeping.data_dir = rig.folder();
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let _house = rig.start(1);
    rig.processed(upload).await;
    rig.settle_as(upload, "t", MaterialState::Discarded, Processing::Ready).await;
    let [file] = rig.files_in("blobs").try_into().unwrap();
    age(&file);
    rig.execute("UPDATE contents SET created_at = 1");
    until("the schedule to be written", || async {
        (rig.number("SELECT count(*) FROM schedules") > 0).then_some(())
    })
    .await;
    rig.execute("UPDATE schedules SET next_at = 1 WHERE name = 'sweep_blobs'");
    let done = "SELECT count(*) FROM jobs WHERE progress = 'contents: 1, files: 1'";
    until("the file to be swept", || async { (rig.number(done) == 1).then_some(()) }).await;
    assert_none(&rig, "blobs");
}

#[actix_rt::test]
async fn a_job_is_cancelled_from_outside_in_mid_transfer() {
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    rig.faults(standstill()).await;
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let _house = rig.start(1);
    rig.card_says(upload, "Downloading").await;
    assert!(rig.db.job_cancel(upload.job, None, SystemClock.now()).await.unwrap());
    until("the transfer to end", || async { rig.files_in("tmp").is_empty().then_some(()) }).await;
    assert_eq!(rig.material(upload).await.state, MaterialState::Discarded);
    rig.job_is(upload, "cancelled").await;
    assert_none(&rig, "blobs");

    // The worker is free again.
    rig.clear_faults().await;
    let next = rig.upload(rig.noise(1000).await, "n").await;
    assert_eq!(rig.processed(next).await.processing, Processing::Ready);
}

/// In place of the inspector there is a program that never answers.
#[actix_rt::test]
async fn a_cancelled_job_takes_its_inspecting_process_with_it() {
    let mut rig = Rig::new().await;
    let number = rig.folder().join("pid");
    let script =
        format!("#!/bin/sh\necho $$ > {0}.new\nmv {0}.new {0}\nexec sleep 600\n", number.display());
    rig.executable = rig.put_file("inspector.sh", script.as_bytes());
    std::fs::set_permissions(&rig.executable, PermissionsExt::from_mode(0o755)).unwrap();
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let _house = rig.start(1);
    let pid = until("the child", || async { std::fs::read_to_string(&number).ok() }).await;
    let child = format!("/proc/{}/stat", pid.trim());
    let lives = || {
        let stat = std::fs::read_to_string(&child).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    assert!(lives());

    assert!(rig.db.job_cancel(upload.job, None, SystemClock.now()).await.unwrap());

    until("the child to be gone", || async { (!lives()).then_some(()) }).await;
    until("its file to be gone", || async { rig.files_in("tmp").is_empty().then_some(()) }).await;
    assert_none(&rig, "blobs");
}
