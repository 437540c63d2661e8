//! Dialogs and caches.

use super::{Family, counter, gauge, histogram, label};

const GROUP: &str = "State";

/// From a look into memory to a database under load.
const DURATION: &[f64] = &[0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0];

pub(super) const FAMILIES: &[Family] = &[
    counter(
        GROUP,
        "primelingo_fsm_operations_total",
        &[
            label("op", &["get", "set", "clear"]),
            label("source", &["database", "cache"]),
            label("outcome", &["ok", "miss", "error", "stale"]),
        ],
        "Dialogs that were read, written or ended.",
    ),
    histogram(
        GROUP,
        "primelingo_fsm_operation_duration_seconds",
        DURATION,
        &[label("backend", &["database", "memory", "redis"])],
        "How long that took.",
    ),
    gauge(
        GROUP,
        "primelingo_fsm_sessions",
        &[label("backend", &["database", "memory"])],
        "Dialogs that are kept; at most so many are counted as the collector reads.",
    ),
    counter(
        GROUP,
        "primelingo_cache_requests_total",
        &[label("cache", &["search"]), label("outcome", &["hit", "miss", "stale", "error"])],
        "Questions to a cache.",
    ),
    gauge(
        GROUP,
        "primelingo_cache_entries",
        &[label("cache", &["search"])],
        "Entries of a cache in the memory of this process.",
    ),
];
