//! Who gets room, and when. The disk is the one the tests run on, and has some megabytes free.

use tokio::task::JoinHandle;

use super::*;
use crate::library::blobs::AttemptId;

const LIMITS: RoomLimits = RoomLimits {
    transfers: 2,
    quota_bytes: 100,
    min_free_bytes: 0,
    patience: Duration::from_mins(1),
    look_every: Duration::from_millis(5),
};

struct Rig {
    room: Room,
    blobs: BlobStore,
    _folder: tempfile::TempDir,
}

impl Rig {
    fn new(limits: RoomLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blobs = BlobStore::new(folder.path().to_owned(), "school");
        Self { room: Room::new(limits), blobs, _folder: folder }
    }

    async fn take(&self, uploader: i64, size: u64) -> Place {
        let request = Request { uploader, job: 1, size };
        self.room.take(&self.blobs, request, || ()).await.unwrap()
    }

    /// Asks for room in the background, and comes back once that stands in the queue.
    async fn ask(&self, uploader: i64, size: u64) -> JoinHandle<Place> {
        let (room, blobs) = (self.room.clone(), self.blobs.clone());
        let (told, waits) = tokio::sync::oneshot::channel();
        let mut told = Some(told);
        let asking = tokio::spawn(async move {
            let request = Request { uploader, job: 1, size };
            let waits = move || told.take().map_or((), |told| told.send(()).unwrap());
            room.take(&blobs, request, waits).await.unwrap()
        });
        waits.await.expect("it has to wait");
        asking
    }

    fn keep(&self, job: i64, content: &[u8]) {
        use std::io::Write as _;
        let attempt = AttemptId { job, token: 1 };
        let (temp, mut file) = self.blobs.create_temp(attempt, Some(1_000)).unwrap();
        file.write_all(content).unwrap();
        temp.keep();
    }

    async fn kept(&self) -> Vec<i64> {
        self.blobs.kept().await.unwrap().into_iter().map(|kept| kept.job).collect()
    }
}

#[tokio::test]
async fn no_more_transfers_than_allowed_and_no_more_bytes() {
    let rig = Rig::new(LIMITS);
    let (first, _second) = (rig.take(1, 1).await, rig.take(1, 1).await);
    let third = rig.ask(1, 1).await;
    drop(first);
    third.await.unwrap();

    let rig = Rig::new(LIMITS);
    let first = rig.take(1, 60).await;
    let second = rig.ask(1, 41).await;
    drop(first);
    assert_eq!(second.await.unwrap().size(), 41);
}

#[tokio::test]
async fn a_file_larger_than_the_quota_goes_alone() {
    let rig = Rig::new(LIMITS);
    let small = rig.take(1, 1).await;
    let large = rig.ask(1, 1_000).await;
    drop(small);
    let large = large.await.unwrap();
    let next = rig.ask(1, 1).await;
    drop(large);
    next.await.unwrap();
}

#[tokio::test]
async fn whoever_has_had_less_is_next_and_nobody_smaller_slips_past() {
    let rig = Rig::new(RoomLimits { transfers: 1, ..LIMITS });
    let held = rig.take(1, 50).await;
    let again = rig.ask(1, 50).await;
    let and_again = rig.ask(1, 1).await;
    let other = rig.ask(2, 100).await;
    drop(held);
    let other = other.await.unwrap();
    assert!(!again.is_finished() && !and_again.is_finished());
    drop(other);
    let again = again.await.unwrap();
    assert!(!and_again.is_finished());
    drop(again);
    and_again.await.unwrap();
}

#[tokio::test]
async fn whoever_gives_up_lets_the_next_one_through() {
    let rig = Rig::new(LIMITS);
    let _held = rig.take(1, 60).await;
    let large = rig.ask(1, 100).await;
    let small = rig.ask(1, 40).await;
    large.abort();
    small.await.unwrap();
}

#[tokio::test]
async fn kept_files_count_and_give_way_to_others_only() {
    let rig = Rig::new(LIMITS);
    rig.keep(1, &[0; 40]);
    rig.keep(2, &[0; 40]);
    let own = rig.take(1, 60).await;
    assert_eq!(rig.kept().await, [1, 2]);
    drop(own);
    let _larger = rig.take(1, 61).await;
    assert_eq!(rig.kept().await, [1]);
}

#[tokio::test]
async fn a_full_disk_is_waited_for_and_then_said() {
    let patience = Duration::from_millis(20);
    let rig = Rig::new(RoomLimits { min_free_bytes: u64::MAX, patience, ..LIMITS });
    let request = Request { uploader: 1, job: 1, size: 1 };
    let mut waits = 0_u32;
    let refused = rig.room.take(&rig.blobs, request, || waits += 1).await;
    assert!(matches!(refused, Err(RoomError::DiskFull { needed: u64::MAX, .. })), "{refused:?}");
    assert!(waits >= 2);
    assert!(rig.room.shared.queue().waiting.is_empty());
}

/// What is under way counts with what it has yet to write.
#[test]
fn the_reserve_is_left_alone() {
    let limits = RoomLimits { min_free_bytes: 1_000, ..LIMITS };
    let mut queue = Queue::default();
    let request = Request { uploader: 1, job: 1, size: 50 };
    let first = queue.join(request);
    let disk = |free| Disk { free, kept: 0 };
    let short = queue.try_enter(first, &limits, disk(1_049)).unwrap_err();
    assert_eq!(short, Wait::Disk { needed: 1_050 });
    let written = queue.try_enter(first, &limits, disk(1_050)).unwrap();
    let second = queue.join(request);
    let needed = queue.try_enter(second, &limits, disk(1_050)).unwrap_err();
    assert_eq!(needed, Wait::Disk { needed: 1_100 });
    written.store(40, Ordering::Relaxed);
    assert!(queue.try_enter(second, &limits, disk(1_060)).is_ok());
}
