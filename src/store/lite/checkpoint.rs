//! Copies the write-ahead log into the database file, on a thread of its own.
//!
//! SQLite would do it within a commit, and everybody whose work is in that commit would wait for
//! tens of milliseconds while some thousand pages are written and synced. A passive checkpoint needs
//! no lock that a writer needs, so here it runs beside the commits.
//!
//! Invariant: the log starts over now and then, or it would grow without end. It does so by itself
//! at a commit that finds all of it copied and nobody reading from it. Under load that never
//! happens, as something is always written meanwhile: then the log [has grown](Checkpoints::has_grown)
//! and the writer must finish the work between two commits, once in so many megabytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel::sqlite::SqliteConnection;

use super::spawn;
use crate::store::error::StoreResult;

/// Units of writing between two checkpoints: about a thousand pages.
const UNITS_PER_CHECKPOINT: usize = 256;

/// The writer's side.
pub(super) struct Checkpoints {
    bell: SyncSender<()>,
    grown: Arc<AtomicBool>,
    /// Units since the last ring.
    units: usize,
}

/// What SQLite says of a checkpoint.
#[derive(QueryableByName)]
struct Outcome {
    /// Pages in the log.
    #[diesel(sql_type = Integer)]
    log: i32,
}

impl Checkpoints {
    /// Starts the thread, which works with `connection` and ends with this value. With `log_pages`
    /// the log has grown.
    pub(super) fn start(mut connection: SqliteConnection, log_pages: i32) -> StoreResult<Self> {
        // One ring that waits stands for all that come meanwhile.
        let (bell, rung) = sync_channel(1);
        let grown = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&grown);
        spawn("sqlite-checkpoint", move || run(&mut connection, &rung, log_pages, &seen))?;
        Ok(Self { bell, grown, units: 0 })
    }

    /// So many units were committed.
    pub(super) fn note(&mut self, units: usize) {
        self.units = self.units.saturating_add(units);
        if self.units >= UNITS_PER_CHECKPOINT {
            self.units = 0;
            // Full: it will look anyway.
            let _ = self.bell.try_send(());
        }
    }

    /// Whether the log is to start over; asked once.
    pub(super) fn has_grown(&self) -> bool {
        self.grown.swap(false, Ordering::Relaxed)
    }
}

fn run(connection: &mut SqliteConnection, rung: &Receiver<()>, log_pages: i32, grown: &AtomicBool) {
    while rung.recv().is_ok() {
        match diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Outcome>(connection)
        {
            Ok(Outcome { log }) if log >= log_pages => grown.store(true, Ordering::Relaxed),
            Ok(_) => {}
            // The next one makes up for it; a full disk is told by the commits.
            Err(error) => tracing::debug!(%error, "checkpoint failed"),
        }
    }
}
