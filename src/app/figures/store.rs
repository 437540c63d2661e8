//! What the database holds, and the connections to it.
//!
//! Every process shows its own connections. The rest is the same for all, so that only the process
//! that leads reads it: what is to be acted upon every few seconds, the sizes of library and
//! database more seldom, and never so often that reading takes more than a hundredth of the time.
//! While the database is away the last figures stay; its watch tells of the outage.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{number, size};
use crate::domain::clock::Clock;
use crate::store::records::{FilesCount, LedgerFigures, OutboxDead};
use crate::store::{Db, StoreResult};
use crate::web::Standing;

/// Pause between two looks.
const EVERY: Duration = Duration::from_secs(5);

/// Pause between two looks at what changes slowly.
const SIZES_EVERY: Duration = Duration::from_secs(30);

/// So many times as long as a look took, nobody looks again.
const REST: u32 = 100;

/// Collects for as long as the program runs.
pub(super) async fn collect(db: Db, standing: watch::Receiver<Standing>, clock: Arc<dyn Clock>) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut soon, mut later) = (Due::default(), Due::default());
    let mut shows = false;
    loop {
        tick.tick().await;
        show_pool(&db);
        let leads = matches!(*standing.borrow(), Standing::Leader(_));
        if !leads {
            if std::mem::replace(&mut shows, false) {
                show_nothing();
            }
            continue;
        }
        shows = true;
        let begun = Instant::now();
        for (due, every, is_sizes) in
            [(&mut soon, Duration::ZERO, false), (&mut later, SIZES_EVERY, true)]
        {
            let begun = Instant::now();
            if !due.is(begun) {
                continue;
            }
            let looked = if is_sizes {
                look_at_sizes(&db).await
            } else {
                look_at_work(&db, clock.as_ref()).await
            };
            if let Err(error) = looked {
                error.tell("figures could not be read");
            }
            due.next(begun, every);
        }
        metrics::gauge!("primelingo_metrics_collect_seconds").set(begun.elapsed().as_secs_f64());
    }
}

/// When the next look may be.
#[derive(Default)]
struct Due(Option<Instant>);

impl Due {
    fn is(&self, now: Instant) -> bool {
        self.0.is_none_or(|due| now >= due)
    }

    fn next(&mut self, begun: Instant, every: Duration) {
        let took = begun.elapsed();
        self.0 = Some(begun + every.max(took.saturating_mul(REST)));
    }
}

fn show_pool(db: &Db) {
    let pool = db.pool_figures();
    for (state, count) in [("idle", pool.idle), ("in_use", pool.in_use)] {
        metrics::gauge!("primelingo_db_pool_connections", "db" => "main", "state" => state)
            .set(size(count));
    }
    metrics::gauge!("primelingo_db_pool_max_connections", "db" => "main").set(size(pool.max));
}

async fn look_at_work(db: &Db, clock: &dyn Clock) -> StoreResult<()> {
    let ledger = db.ledger_figures().await?;
    let age = ledger.oldest.map(|at| clock.now().signed_duration_since(at));
    show_ledger(&ledger, age.and_then(|age| age.to_std().ok()).unwrap_or_default());
    show_dead(&db.outbox_dead().await?);
    show_sessions(db.sessions_open().await?);
    Ok(())
}

async fn look_at_sizes(db: &Db) -> StoreResult<()> {
    let pending = db.migrations_pending().await?;
    metrics::gauge!("primelingo_db_migrations_pending").set(size(pending));
    metrics::gauge!("primelingo_db_size_bytes").set(number(db.database_size().await?));
    let (files, bytes) = db.files_figures().await?;
    show_files(&files, bytes);
    Ok(())
}

/// Another process tells it now.
fn show_nothing() {
    show_ledger(&LedgerFigures::default(), Duration::ZERO);
    show_dead(&OutboxDead::default());
    show_sessions(0);
    show_files(&[], 0);
    metrics::gauge!("primelingo_db_size_bytes").set(0.0);
}

fn show_ledger(ledger: &LedgerFigures, oldest: Duration) {
    for (state, count) in [("new", ledger.open), ("dead", ledger.dead), ("ignored", ledger.ignored)]
    {
        metrics::gauge!("primelingo_ledger_updates", "state" => state).set(number(count));
    }
    metrics::gauge!("primelingo_ledger_oldest_age_seconds").set(oldest.as_secs_f64());
}

fn show_dead(dead: &OutboxDead) {
    for (lane, count) in [("reply", dead.reply), ("bulk", dead.bulk)] {
        metrics::gauge!("primelingo_outbox_messages", "lane" => lane, "state" => "dead")
            .set(number(count));
    }
}

fn show_sessions(open: i64) {
    metrics::gauge!("primelingo_fsm_sessions", "backend" => "database").set(number(open));
}

/// The values of the two labels of the library's files.
const STATUSES: [&str; 4] = ["ready", "processing", "failed", "deleted"];
const KINDS: [&str; 6] = ["book", "audio", "video", "image", "archive", "document"];

fn show_files(files: &[FilesCount], bytes: i64) {
    for status in STATUSES {
        for kind in KINDS {
            let those = files.iter().filter(|it| status_of(it) == status && it.kind == kind);
            metrics::gauge!("primelingo_files", "status" => status, "kind" => kind)
                .set(number(those.map(|it| it.count).sum()));
        }
    }
    metrics::gauge!("primelingo_files_bytes").set(number(bytes));
}

/// How a material stands, as far as an operator wants to know. One that is ready, but waits for an
/// editor to publish it, is still under way.
fn status_of(files: &FilesCount) -> &'static str {
    match (files.state.as_str(), files.processing.as_str()) {
        ("archived" | "discarded", _) => "deleted",
        (_, "rejected") => "failed",
        ("published", _) => "ready",
        _ => "processing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inspection::Kind;

    #[test]
    fn kinds_are_those_of_the_library() {
        assert_eq!(KINDS, Kind::ALL.map(Kind::name));
    }

    #[test]
    fn files_are_told_apart_by_what_there_is_to_do() {
        let status = |state: &str, processing: &str| {
            let (state, processing) = (state.to_owned(), processing.to_owned());
            status_of(&FilesCount { state, processing, kind: "book".to_owned(), count: 1 })
        };
        assert_eq!(status("published", "ready"), "ready");
        assert_eq!(status("draft", "ready"), "processing");
        assert_eq!(status("open", "pending"), "processing");
        assert_eq!(status("draft", "rejected"), "failed");
        assert_eq!(status("archived", "ready"), "deleted");
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_took_long_is_rare() {
        let mut due = Due::default();
        let begun = Instant::now();
        assert!(due.is(begun));
        tokio::time::advance(Duration::from_secs(1)).await;
        due.next(begun, SIZES_EVERY);
        assert!(!due.is(begun + Duration::from_secs(99)));
        assert!(due.is(begun + Duration::from_secs(100)));
    }
}
