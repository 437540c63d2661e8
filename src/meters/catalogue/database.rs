//! The database, and Redis.

use super::{Family, Label, Part, counter, gauge, histogram, label};

const GROUP: &str = "Database";

const MAIN: Label = label("db", &["main"]);
const STATE: Label = label("state", &["idle", "in_use"]);

/// The calls that everything waits for by their own names, the others by their part of the store.
const QUERIES: &[&str] = &[
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
    "chat_load",
    "contents",
    "dashboard",
    "desk",
    "editions",
    "entries_by_ids",
    "erase",
    "errors",
    "figures",
    "follows",
    "handles",
    "housekeeping",
    "import",
    "incidents",
    "job_claim",
    "job_end",
    "jobs",
    "lease",
    "lease_renew",
    "ledger",
    "library_version",
    "material_get",
    "materials",
    "meta",
    "other",
    "outbox",
    "ownership",
    "outbox_begin",
    "outbox_open",
    "outbox_settle",
    "part_texts",
    "people",
    "personal",
    "ping",
    "requests",
    "schedules",
    "scrub",
    "search",
    "search_candidates",
    "sections",
    "series",
    "shelf",
    "statistics",
    "step",
    "step_publish",
    "step_write",
    "tell",
    "updates_insert",
    "updates_of_chat",
    "upload_finish",
];

/// From a row in memory to the limit of a call.
const QUERY: &[f64] = &[0.0005, 0.002, 0.01, 0.05, 0.25, 1.0, 5.0];
/// From a free connection to the longest wait for one.
const WAIT: &[f64] = &[0.0001, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

pub(super) const FAMILIES: &[Family] = &[
    gauge(GROUP, "primelingo_db_pool_connections", &[MAIN, STATE], "Connections to the database."),
    gauge(
        GROUP,
        "primelingo_db_pool_max_connections",
        &[MAIN],
        "Most connections to the database.",
    ),
    histogram(
        GROUP,
        "primelingo_db_pool_wait_seconds",
        WAIT,
        &[MAIN],
        "How long a call waited for a connection.",
    ),
    histogram(
        GROUP,
        "primelingo_db_query_duration_seconds",
        QUERY,
        &[label("query", QUERIES)],
        "How long a call of the store took, the wait for a connection included.",
    ),
    counter(
        GROUP,
        "primelingo_db_errors_total",
        &[
            MAIN,
            label(
                "kind",
                &["timeout", "pool", "constraint", "serialization", "connection", "other"],
            ),
        ],
        "Calls of the store that failed.",
    ),
    gauge(GROUP, "primelingo_db_size_bytes", &[], "Size of the database.").of("B"),
    gauge(
        GROUP,
        "primelingo_db_migrations_pending",
        &[],
        "Changes of the schema that this version knows and the database does not have.",
    ),
    gauge(
        GROUP,
        "primelingo_backup_last_success_timestamp_seconds",
        &[],
        "The moment that the newest backup shows which was proven by restoring it.",
    )
    .of("s")
    .once("the first proven backup in backup.dir"),
    gauge(GROUP, "primelingo_backup_bytes", &[], "Size of that backup, compressed.")
        .of("B")
        .once("the first proven backup in backup.dir"),
    gauge(GROUP, "primelingo_redis_pool_connections", &[STATE], "Connections to Redis.")
        .with(Part::Redis),
    counter(
        GROUP,
        "primelingo_redis_errors_total",
        &[label("kind", &["timeout", "pool", "io", "protocol"])],
        "Calls of Redis that failed.",
    )
    .with(Part::Redis),
];
