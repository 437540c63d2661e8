//! The store's numbers, under the names of the metrics list. Labels are closed sets: the calls that
//! everything waits for have names of their own, the others share that of their part of the store.

use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use metrics::{Counter, Histogram};

use super::error::StoreError;

/// Calls that everything waits for.
const HOT: [&str; 19] = [
    "chat_load",
    "entries_by_ids",
    "job_claim",
    "job_end",
    "lease_renew",
    "library_version",
    "material_get",
    "outbox_begin",
    "outbox_open",
    "outbox_settle",
    "part_texts",
    "ping",
    "scrub",
    "search_candidates",
    "step_publish",
    "step_write",
    "updates_insert",
    "updates_of_chat",
    "upload_finish",
];

/// The parts of the store, `queries/<part>.rs`.
const PARTS: [&str; 40] = [
    "adopt",
    "alert_acts",
    "alerts",
    "aside",
    "audit",
    "backlog",
    "batch",
    "breakages",
    "broadcasts",
    "catalogue",
    "contents",
    "dashboard",
    "desk",
    "editions",
    "erase",
    "errors",
    "figures",
    "follows",
    "handles",
    "housekeeping",
    "import",
    "incidents",
    "jobs",
    "lease",
    "ledger",
    "materials",
    "meta",
    "outbox",
    "ownership",
    "people",
    "personal",
    "requests",
    "schedules",
    "search",
    "sections",
    "series",
    "shelf",
    "statistics",
    "step",
    "tell",
];

/// One call of the store, and the histogram that it is measured in: looked up once.
pub(super) struct CallMeter {
    part: &'static str,
    call: &'static str,
    took: OnceLock<Histogram>,
}

impl CallMeter {
    pub(super) const fn new(part: &'static str, call: &'static str) -> Self {
        Self { part, call, took: OnceLock::new() }
    }

    /// The name of the call.
    pub(super) const fn call(&self) -> &'static str {
        self.call
    }

    /// The call has ended.
    pub(super) fn ended(&self, took: Duration) {
        let handle = || {
            let query = query_label(self.part, self.call);
            metrics::histogram!("primelingo_db_query_duration_seconds", "query" => query)
        };
        self.took.get_or_init(handle).record(took);
    }
}

fn query_label(part: &'static str, call: &'static str) -> &'static str {
    if HOT.contains(&call) {
        call
    } else if PARTS.contains(&part) {
        part
    } else {
        "other"
    }
}

/// What a pool says when it has no connection to give; told apart by these words.
pub(super) const POOL_EXHAUSTED: &str = "no connection of the pool is free in time";

/// A call has failed.
pub(super) fn failed(error: &StoreError) {
    if let Some(kind) = kind_of(error) {
        count_error(kind);
    }
}

/// A call had no answer in time.
pub(super) fn timed_out() {
    static TIMEOUTS: LazyLock<Counter> =
        LazyLock::new(|| metrics::counter!("primelingo_timeouts_total", "op" => "db_query"));
    TIMEOUTS.increment(1);
}

/// As an error of its own: the caller has given up.
pub(super) fn gave_up() {
    timed_out();
    count_error("timeout");
}

fn count_error(kind: &'static str) {
    metrics::counter!("primelingo_db_errors_total", "db" => "main", "kind" => kind).increment(1);
}

/// Jobs of a kind were put into a queue. Counted when the row is written: should the transaction
/// fail after that, its repetition counts again.
pub(super) fn enqueued(queue: &str, task: &'static str, count: usize) {
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    metrics::counter!(
        "primelingo_jobs_enqueued_total", "queue" => queue.to_owned(), "task" => task
    )
    .increment(count);
}

/// A connection was waited for.
pub(super) fn pool_wait(wait: Duration) {
    static WAIT: LazyLock<Histogram> =
        LazyLock::new(|| metrics::histogram!("primelingo_db_pool_wait_seconds", "db" => "main"));
    WAIT.record(wait);
}

/// What is wrong; nothing where somebody else was faster, which is no failure.
fn kind_of(error: &StoreError) -> Option<&'static str> {
    Some(match error {
        StoreError::Conflict { .. } => return None,
        StoreError::Unavailable { reason, .. } => kind_of_outage(reason),
        StoreError::Query { source: DieselError::DatabaseError(kind, _), .. } => match kind {
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation => "constraint",
            DatabaseErrorKind::SerializationFailure => "serialization",
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                "connection"
            }
            _ => "other",
        },
        _ => "other",
    })
}

fn kind_of_outage(reason: &str) -> &'static str {
    if reason == POOL_EXHAUSTED {
        "pool"
    } else if reason.contains("could not serialize") || reason.contains("deadlock detected") {
        "serialization"
    } else if reason.contains("canceling statement due to") || reason.contains("no answer within") {
        "timeout"
    } else {
        "connection"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meters::CATALOGUE;

    #[test]
    fn labels_are_those_of_the_catalogue() {
        let family = CATALOGUE
            .iter()
            .find(|family| family.name == "primelingo_db_query_duration_seconds")
            .expect("there");
        let mut own: Vec<&str> = HOT.into_iter().chain(PARTS).chain(["other"]).collect();
        own.sort_unstable();
        let mut listed = family.label("query").expect("a label").values.to_vec();
        listed.sort_unstable();
        assert_eq!(own, listed);
        assert_eq!(query_label("step", "step_write"), "step_write");
        assert_eq!(query_label("people", "user_get"), "people");
        assert_eq!(query_label("of a later version", "new"), "other");
    }

    #[test]
    fn errors_are_told_apart_by_what_helps() {
        let outage =
            |reason: &str| StoreError::Unavailable { call: "x", reason: reason.to_owned() };
        for (reason, kind) in [
            (POOL_EXHAUSTED, "pool"),
            ("deadlock detected", "serialization"),
            ("canceling statement due to lock timeout", "timeout"),
            ("no answer within 5 ms", "timeout"),
            ("connection closed", "connection"),
        ] {
            assert_eq!(kind_of(&outage(reason)), Some(kind), "{reason}");
        }
        assert_eq!(kind_of(&StoreError::Conflict { what: "copy" }), None);
        assert_eq!(kind_of(&StoreError::Corrupt { what: "meta" }), Some("other"));
    }
}
