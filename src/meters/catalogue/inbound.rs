//! Updates: received, kept, worked off; polls and the webhook.

use super::{Family, Label, Part, counter, gauge, histogram, label};

const GROUP: &str = "Inbound";

const KIND: Label = label(
    "kind",
    &["message", "edited_message", "callback_query", "inline_query", "my_chat_member", "other"],
);
const SOURCE: Label = label("source", &["polling", "webhook"]);

/// From a step in memory to a reply that waited for its turn; 2.5 s is the objective.
const DURATION: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Telegram tells whole seconds; a backlog is hours old.
const LAG: &[f64] = &[0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0];

/// All commands that mean something, those of editors and admins included.
const COMMANDS: &[&str] = &[
    "admins",
    "alerts",
    "archived",
    "audit",
    "broadcast",
    "broadcasts",
    "browse",
    "cancel",
    "categories",
    "dashboard",
    "deletemydata",
    "drafts",
    "edit",
    "favorites",
    "help",
    "history",
    "jobs",
    "menu",
    "mydata",
    "new",
    "privacy",
    "reports",
    "requests",
    "search",
    "settings",
    "start",
    "stats",
    "unknown",
    "upload",
    "uploads",
    "users",
];

pub(super) const FAMILIES: &[Family] = &[
    counter(
        GROUP,
        "primelingo_updates_received_total",
        &[KIND, SOURCE],
        "Updates that came from Telegram, whether known already or not.",
    ),
    counter(
        GROUP,
        "primelingo_updates_total",
        &[KIND, label("outcome", &["ok", "error", "throttled", "dropped", "duplicate"])],
        "Updates at their end: answered, put aside after faults of their own, left out as too many of \
         one person's, nothing for us, or known already.",
    ),
    histogram(
        GROUP,
        "primelingo_update_duration_seconds",
        DURATION,
        &[KIND],
        "From the receipt of an update to Telegram's word on the last message of its answer.",
    ),
    histogram(
        GROUP,
        "primelingo_update_lag_seconds",
        LAG,
        &[SOURCE],
        "From a message's own date to its receipt: what people wait for beside our own time.",
    ),
    gauge(GROUP, "primelingo_updates_in_flight", &[], "Updates that are worked on."),
    counter(
        GROUP,
        "primelingo_commands_total",
        &[label("command", COMMANDS)],
        "Commands that were answered; whatever is none of ours is unknown.",
    ),
    counter(
        GROUP,
        "primelingo_throttled_total",
        &[label(
            "class",
            &[
                "essential",
                "command",
                "search",
                "upload",
                "staff_upload",
                "press",
                "inline",
                "other",
            ],
        )],
        "Updates that were left out, by the budget that they were over: see limits.",
    ),
    gauge(
        GROUP,
        "primelingo_poll_last_success_timestamp_seconds",
        &[],
        "When a poll last came to a good end, also one without updates.",
    )
    .of("s")
    .once("the first good poll"),
    counter(
        GROUP,
        "primelingo_poll_errors_total",
        &[label("reason", &["conflict", "network", "timeout", "unauthorized", "server", "store"])],
        "Polls that failed.",
    )
    .with(Part::Polling),
    counter(
        GROUP,
        "primelingo_poll_restarts_total",
        &[],
        "Polls that hung, so that their connections were made anew.",
    )
    .with(Part::Polling),
    counter(
        GROUP,
        "primelingo_poll_damaged_total",
        &[],
        "Answers to polls of which something could not be read.",
    )
    .with(Part::Polling),
    gauge(
        GROUP,
        "primelingo_poller_lease_held",
        &[],
        "1 in the process that takes updates in and answers, 0 in those that stand by.",
    ),
    gauge(
        GROUP,
        "primelingo_webhook_pending_updates",
        &[],
        "Updates that Telegram holds for us, as it says itself.",
    )
    .with(Part::Webhook),
    gauge(
        GROUP,
        "primelingo_webhook_last_error_timestamp_seconds",
        &[],
        "When Telegram last could not reach the webhook.",
    )
    .of("s")
    .once("the first such complaint"),
    counter(
        GROUP,
        "primelingo_webhook_rejected_total",
        &[label("reason", &["secret", "ip", "body", "method"])],
        "Calls of the webhook that were forged or broken.",
    )
    .with(Part::Webhook),
    counter(
        GROUP,
        "primelingo_webhook_deferred_total",
        &[label("reason", &["busy", "stopping", "full", "store"])],
        "Calls of the webhook that Telegram was asked to repeat.",
    )
    .with(Part::Webhook),
    gauge(
        GROUP,
        "primelingo_ledger_updates",
        &[label("state", &["new", "dead", "ignored"])],
        "Updates kept that are to be worked off, were put aside after faults, or cannot be read.",
    ),
    gauge(
        GROUP,
        "primelingo_ledger_oldest_age_seconds",
        &[],
        "Age of the oldest update that is to be worked off.",
    )
    .of("s"),
    counter(
        GROUP,
        "primelingo_turns_hindered_total",
        &[],
        "Turns of chats that wait, because the database is away.",
    ),
    counter(
        GROUP,
        "primelingo_updates_put_aside_total",
        &[],
        "Updates that this version cannot read, kept for a later one.",
    ),
    counter(
        GROUP,
        "primelingo_updates_dead_total",
        &[],
        "Updates put aside after faults of their own.",
    ),
    counter(
        GROUP,
        "primelingo_update_content_recovered_total",
        &[label("reason", &["empty_kind", "unknown_kind", "bad_field"])],
        "Updates of which something was strange, and which were read all the same.",
    ),
];
