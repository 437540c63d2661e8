//! Broadcasts.

use super::{Family, counter, gauge, histogram, label};

const GROUP: &str = "Broadcast";

/// From a class to a whole town under Telegram's limits.
const DURATION: &[f64] =
    &[1.0, 10.0, 60.0, 300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 86_400.0];

pub(super) const FAMILIES: &[Family] = &[
    gauge(
        GROUP,
        "primelingo_broadcast_active",
        &[],
        "1 while a broadcast is being sent and no quiet hours hold it.",
    ),
    gauge(
        GROUP,
        "primelingo_broadcast_remaining_recipients",
        &[],
        "Recipients of running broadcasts that have no outcome yet.",
    ),
    counter(
        GROUP,
        "primelingo_broadcast_recipients_total",
        &[label(
            "outcome",
            &["delivered", "blocked", "deactivated", "not_found", "failed", "skipped"],
        )],
        "Recipients of broadcasts, by how it ended for them.",
    ),
    gauge(
        GROUP,
        "primelingo_broadcast_last_progress_timestamp_seconds",
        &[],
        "When an outcome was last written down.",
    )
    .of("s")
    .once("the first outcome"),
    counter(
        GROUP,
        "primelingo_broadcasts_total",
        &[label("outcome", &["completed", "cancelled", "failed"])],
        "Broadcasts, by how they ended.",
    ),
    histogram(
        GROUP,
        "primelingo_broadcast_duration_seconds",
        DURATION,
        &[],
        "How long a broadcast took, pauses included.",
    ),
];
