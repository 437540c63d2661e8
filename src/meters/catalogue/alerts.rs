//! Alerts to the people in charge, and the cost of what is collected.

use super::{Family, counter, gauge, label};

const GROUP: &str = "Alerts";

pub(super) const FAMILIES: &[Family] = &[
    gauge(
        GROUP,
        "primelingo_alerts_firing",
        &[label("severity", &["page", "ticket", "info"])],
        "Alerts that are open in the bot.",
    ),
    counter(
        GROUP,
        "primelingo_alert_notifications_total",
        &[
            label("kind", &["firing", "resolved", "reminder", "suppressed"]),
            label("outcome", &["ok", "error"]),
        ],
        "Messages to the people in charge about alerts.",
    ),
    gauge(
        GROUP,
        "primelingo_alert_watchdog_timestamp_seconds",
        &[],
        "When Alertmanager last said that it is there.",
    )
    .of("s")
    .once("the first Watchdog"),
    gauge(
        GROUP,
        "primelingo_metrics_collect_seconds",
        &[],
        "How long the last look of the collector at the store took.",
    )
    .of("s"),
];
