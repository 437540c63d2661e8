//! People, and what those in charge do.

use super::{Family, counter, gauge, label};

const GROUP: &str = "Users";

/// The actions of the audit log, those of the dashboard, and what was refused before it was known
/// what it would be.
const ACTIONS: &[&str] = &[
    "ack_alert",
    "archive",
    "ban",
    "control_broadcast",
    "control_job",
    "control_program",
    "control_queue",
    "create_broadcast",
    "create_section",
    "delete_section",
    "edit",
    "end_silence",
    "merge_section",
    "move_section",
    "other",
    "publish",
    "rename_section",
    "replace",
    "restore",
    "set_role",
    "set_series",
    "settle_report",
    "silence_alert",
    "unban",
    "undo",
];

pub(super) const FAMILIES: &[Family] = &[
    gauge(
        GROUP,
        "primelingo_users",
        &[label("state", &["active", "blocked", "deactivated"])],
        "People who have ever written, by whether the bot may write to them.",
    )
    .once("the first count of the statistics"),
    counter(
        GROUP,
        "primelingo_users_new_total",
        &[label("source", &["start", "deeplink", "inline"])],
        "People who wrote for the first time, by how they came.",
    ),
    gauge(
        GROUP,
        "primelingo_active_users",
        &[label("window", &["1d", "7d", "30d"])],
        "People seen in so many days.",
    )
    .once("the first count of the statistics"),
    gauge(
        GROUP,
        "primelingo_retention_ratio",
        &[label("cohort", &["d1", "d7", "d30"])],
        "Share of those who came so many days before and were seen again.",
    )
    .of("ratio")
    .once("the first count with somebody who could have come back"),
    counter(
        GROUP,
        "primelingo_admin_actions_total",
        &[
            label("action", ACTIONS),
            label("via", &["bot", "web", "cli"]),
            label("outcome", &["ok", "denied", "error"]),
        ],
        "What editors and admins did, or were refused.",
    ),
];
