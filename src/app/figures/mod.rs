//! Figures that nobody's work brings: what the process is, how its loops, runtimes and actors do,
//! and what the database holds. Collected by tasks of their own, never by the scrape, which only
//! shows what is there.
//!
//! Each process collects what is its own: loops, runtimes, memory, actors, connections. What the
//! database holds is the same for all, and so collected by the process that leads alone; one that
//! does not lead any more shows nothing of it (zero), so that sums over processes are true.

mod actors;
mod backups;
mod loops;
mod machine;
mod store;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::serve::Role;
use crate::domain::clock::Clock;
use crate::meters::Configured;
use crate::runtime::{Roster, WorkRuntime, spawn_local};
use crate::settings::{DatabaseUrl, Settings};
use crate::store::Db;
use crate::web::Standing;

/// What decides which series this process has.
pub(super) fn configured(settings: &Settings) -> Configured {
    Configured {
        queues: vec![settings.jobs.queue.clone()],
        database: database(settings),
        redis: settings.redis.url.is_some(),
        webhook: settings.webhook().is_some(),
    }
}

const fn database(settings: &Settings) -> &'static str {
    match settings.database.url {
        DatabaseUrl::Sqlite { .. } => "sqlite",
        DatabaseUrl::Postgres(_) => "postgres",
    }
}

/// Says which build this is, and which parts are configured.
pub(super) fn show_identity(settings: &Settings, role: Role) {
    metrics::gauge!(
        "primelingo_build_info",
        "version" => env!("CARGO_PKG_VERSION"),
        "commit" => env!("PRIMELINGO_COMMIT"),
        "rustc" => env!("PRIMELINGO_RUSTC")
    )
    .set(1.0);
    let role = match role {
        Role::Run { with_jobs: true } => "all",
        Role::Run { with_jobs: false } => "intake",
        Role::Worker => "worker",
    };
    let cache = if settings.redis.url.is_some() { "redis" } else { "memory" };
    let update_mode = if settings.webhook().is_some() { "webhook" } else { "polling" };
    metrics::gauge!(
        "primelingo_config_info",
        "db" => database(settings), "cache" => cache, "update_mode" => update_mode, "role" => role
    )
    .set(1.0);
}

/// What is looked at.
pub(super) struct Subjects {
    pub(super) db: Db,
    pub(super) roster: Roster,
    /// What this process is among those on the database.
    pub(super) standing: watch::Receiver<Standing>,
    pub(super) clock: Arc<dyn Clock>,
    /// The runtime behind `work`.
    pub(super) io: Handle,
    /// Where backups go.
    pub(super) backups: Option<PathBuf>,
}

/// Begins to collect, for as long as the program runs. To be called on the actors' arbiter.
pub(super) fn begin(subjects: Subjects, work: &WorkRuntime) {
    let Subjects { db, roster, standing, clock, io, backups } = subjects;
    if let Some(dir) = backups {
        work.spawn_beside(backups::collect(dir));
    }
    spawn_local(loops::probe("actors"));
    work.spawn_beside(loops::probe("work"));
    work.spawn_beside(machine::collect([("actors", Handle::current()), ("work", io)]));
    work.spawn_beside(actors::collect(roster));
    work.spawn_beside(store::collect(db, standing, clock));
}

/// Figures are floating-point numbers; these are exact up to 2^53. Nothing is less than zero.
fn number(count: i64) -> f64 {
    let count = u64::try_from(count).unwrap_or(0);
    let high = u32::try_from(count >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(count & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

/// The same of what is counted in memory.
fn size(count: usize) -> f64 {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_stay_exact() {
        for count in [0, 1, 4_294_967_295, 4_294_967_296, 5_000_000_000_001] {
            assert_eq!(format!("{:.0}", number(count)), count.to_string());
        }
        assert_eq!(format!("{} {}", number(-1), size(7)), "0 7");
    }
}
