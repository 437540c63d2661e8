//! Stage 4: background work.
//!
//! ```text
//! jobs rows -> JobDispatcher (claims under a lease and a new token, as long as workers are free)
//!   -> JobWorker -> attempt (on the work runtime: beats, timeout, panic barrier) -> kinds/<job>
//!   -> result, index, card and the job's end in one transaction, fenced by the token
//!   -> or a verdict: again after a wait, or given up
//! ```
//!
//! Invariants:
//! - nothing is written for a job without its token, so that a worker that was thought dead cannot
//!   write over its successor;
//! - at most [`JobsConfig::workers`] attempts run in a process, also while a dispatcher that died
//!   is replaced (its attempts go on, and end by themselves);
//! - what is not a job's fault (database or network away, a limit of Telegram's, an orderly stop)
//!   never counts against it; its own faults are counted in its row;
//! - a job that was running when the process died is a suspect: it runs while no other job does. If
//!   the process dies twice over it then, it is given up. Before the second run alone it waits for
//!   [`JobsConfig::probation`]: a death in that time shows that the process dies of something else;
//! - a job that is given up leaves nobody waiting: the end of what it was for is in the same
//!   transaction.
//!
//! It must not: send anything itself, parse a file in this process, or keep a file that no row
//! will name (an orphaned blob after a crash is found again by the next attempt).

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::backup::BackupConfig;
use crate::domain::calendar::Zone;
use crate::domain::clock::Clock;
use crate::domain::ids::{IdSource, UserId};
use crate::domain::session::SessionKey;
use crate::inspect::Inspector;
use crate::library::blobs::BlobStore;
use crate::runtime::{Port, Ring, WorkRuntime};
use crate::store::Db;
use crate::store::records::JobOwner;
use crate::telegram::TelegramClient;
use crate::views::Presenter;
use pace::Pace;

mod attempt;
mod card;
mod dispatcher;
mod download;
mod error;
mod housekeeping;
mod kinds;
pub mod messages;
mod meters;
mod pace;
mod room;
mod stopwatch;
mod verdict;
mod worker;

pub use dispatcher::dispatcher_spec;
pub use download::DownloadLimits;
pub use housekeeping::{Housekeeping, StatisticsKeep};
pub use room::{Room, RoomLimits};
pub use verdict::RetryPolicy;

/// Limits of background work.
#[derive(Clone)]
pub struct JobsConfig {
    /// The queue that is worked off.
    pub queue: String,
    /// Who we are.
    pub owner: JobOwner,
    /// Who is an owner whatever the database says.
    pub owners: Vec<UserId>,
    /// Attempts at the same time.
    pub workers: usize,
    /// A job whose attempt shows no life for so long is taken by another.
    pub lease: Duration,
    /// How often an attempt shows that it lives, and how often lost leases are looked for; at most
    /// half of the lease.
    pub beat: Duration,
    /// How often the queue is read even when no doorbell rang.
    pub poll_interval: Duration,
    /// When a job is tried again, and when it is given up.
    pub retry: RetryPolicy,
    /// How long a suspect waits before its second run alone.
    pub probation: Duration,
    /// Whether this instance's last life ended without a word.
    pub died: bool,
    /// Longest attempt, the transfer of a file and the wait for it left out.
    pub process_timeout: Duration,
    /// A card is edited at most once in this time.
    pub card_every: Duration,
    /// The cards of one chat together are edited at most once in this time.
    pub chat_every: Duration,
    /// What is forgotten, and when.
    pub housekeeping: Housekeeping,
    /// How backups are made; none where they are not.
    pub backup: Option<BackupConfig>,
    /// How much is fetched, and how long that may take.
    pub download: DownloadLimits,
}

/// Forgets the copy of a dialog, wherever copies are kept.
pub type ForgetCopy = Arc<dyn Fn(SessionKey) -> BoxFuture<'static, ()> + Send + Sync>;

/// What background work needs.
#[derive(Clone)]
pub struct JobsParts {
    /// The database.
    pub db: Db,
    /// A client of the lane for files.
    pub telegram: TelegramClient,
    /// What looks into files.
    pub inspector: Inspector,
    /// Makes texts and buttons.
    pub presenter: Arc<Presenter>,
    /// Where files are kept.
    pub blobs: BlobStore,
    /// Room for files under way, of this process.
    pub room: Room,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<IdSource>,
    /// Nothing is claimed before this is cancelled: something else may be tried alone.
    pub begin: CancellationToken,
    /// Where I/O runs.
    pub work: WorkRuntime,
    /// The gate's doorbell, for messages just committed.
    pub gate: Port<Ring>,
    /// Forgets the copy of a dialog, with its person.
    pub forget_copy: ForgetCopy,
    /// The school's time zone.
    pub zone: Zone,
    /// Uniform in 0..1, for waits.
    pub random: fn() -> f64,
}

/// What all attempts of a process share.
struct Shop {
    config: JobsConfig,
    parts: JobsParts,
    pace: Pace,
}
