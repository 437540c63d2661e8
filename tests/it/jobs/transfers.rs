//! Transfers that wait for room, and transfers that outlive their process.

use std::time::Duration;

use primelingo::domain::inspection::Rejection;
use primelingo::domain::material::{MaterialState, Processing};
use serde_json::json;

use super::rig::{Rig, until};
use super::{assert_none, data, standstill};

/// Whoever waits for room says so, keeps the job, and is next.
#[actix_rt::test]
async fn a_file_waits_until_there_is_room_for_it() {
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    rig.room.quota_bytes = 60_000;
    rig.faults(standstill()).await;
    let mut file = rig.noise(50_000).await;
    file.size = Some(50_000);
    let first = rig.upload(file, "first").await;
    let _house = rig.start(1);
    rig.card_says(first, "Downloading").await;

    let mut file = rig.noise(20_000).await;
    file.size = Some(20_000);
    let second = rig.upload(file, "second").await;
    rig.card_says(second, "Waiting for room").await;
    let lease = format!("SELECT lease_until FROM jobs WHERE id = {}", second.job);
    let before = rig.number(&lease);
    until("two more beats", || async { (rig.number(&lease) > before + 100_000).then_some(()) })
        .await;
    assert_eq!(rig.material(second).await.processing, Processing::Pending);

    rig.clear_faults().await;
    rig.settle(first, "first", MaterialState::Discarded).await;
    assert_eq!(rig.processed(second).await.processing, Processing::Ready);
    assert_eq!(rig.attempts(second), 1);
    assert_none(&rig, "tmp");
}

#[actix_rt::test]
async fn a_file_larger_than_the_quota_is_taken_alone() {
    let mut rig = Rig::new().await;
    rig.room.quota_bytes = 1;
    let uploads = [
        rig.upload(rig.noise(50_000).await, "a").await,
        rig.upload(rig.noise(60_000).await, "b").await,
    ];
    let _house = rig.start(1);
    for upload in uploads {
        assert_eq!(rig.processed(upload).await.processing, Processing::Ready);
    }
}

/// The reserve of the disk is not touched; the editor is told after a while.
#[actix_rt::test]
async fn a_file_for_which_the_disk_has_no_room_is_refused_after_a_while() {
    let mut rig = Rig::new().await;
    rig.room.min_free_bytes = u64::MAX / 2;
    rig.room.patience = Duration::from_millis(50);
    let upload = rig.upload(rig.file_at(&data("toy.pdf"), "t.pdf").await, "t").await;
    let _house = rig.start(1);
    let material = rig.processed(upload).await;
    assert_eq!(material.processing, Processing::Rejected(Rejection::NoSpace));
    assert_eq!(rig.attempts(upload), 1);
    let calls = rig.telegram.ctl("calls", json!({ "method": "getFile" })).await.unwrap();
    assert_eq!(calls["calls"], json!([]), "{calls}");
}

/// What was there before the kill is not fetched again.
#[actix_rt::test]
async fn a_killed_transfer_goes_on_where_it_was() {
    const SIZE: u64 = 1_000_000;
    let mut rig = Rig::new().await;
    rig.config.card_every = Duration::ZERO;
    rig.faults(json!({ "stall_share": 1.0, "stall_at": 800_000, "stall_s": 3600.0 })).await;
    let upload = rig.upload(rig.noise(SIZE).await, "n").await;
    let house = rig.start(1);
    // Written in pieces of 256 KiB.
    let written =
        || rig.files_in("tmp").iter().map(|path| path.metadata().unwrap().len()).sum::<u64>();
    until("most of the file", || async { (written() >= 2 * 256 * 1024).then_some(()) }).await;
    house.kill().await;
    until("the writer's end", || async {
        let files = rig.files_in("tmp");
        files.iter().any(|path| path.extension().is_some_and(|end| end == "kept")).then_some(())
    })
    .await;

    rig.clear_faults().await;
    let before =
        rig.telegram.ctl("stats", json!({})).await.unwrap()["bytes_served"].as_u64().unwrap();
    let _second = rig.start(2);
    assert_eq!(rig.processed(upload).await.processing, Processing::Ready);
    let after =
        rig.telegram.ctl("stats", json!({})).await.unwrap()["bytes_served"].as_u64().unwrap();
    assert!(after - before <= SIZE - 2 * 256 * 1024, "{} bytes were fetched again", after - before);
    assert_eq!(rig.files_in("blobs")[0].metadata().unwrap().len(), SIZE);
    assert_none(&rig, "tmp");
}
