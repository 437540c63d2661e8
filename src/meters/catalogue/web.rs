//! Our own HTTP.

use super::{Family, Label, counter, gauge, histogram, label};

const GROUP: &str = "HTTP";

/// Routes as they are matched; those below a folder stand for one another.
const ROUTE: Label = label(
    "route",
    &[
        "/api/v1",
        "/api/v1/stream",
        "/dashboard",
        "/health",
        "/livez",
        "/metrics",
        "/readyz",
        "/startupz",
        "/telegram/webhook",
        "/webhooks/alertmanager",
        "other",
    ],
);

/// From a probe to a body that takes its time.
const DURATION: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

pub(super) const FAMILIES: &[Family] = &[
    counter(
        GROUP,
        "primelingo_http_requests_total",
        &[
            ROUTE,
            label("method", &["GET", "POST", "other"]),
            label("status_class", &["2xx", "3xx", "4xx", "5xx"]),
        ],
        "Requests that were answered.",
    ),
    histogram(
        GROUP,
        "primelingo_http_request_duration_seconds",
        DURATION,
        &[ROUTE],
        "How long an answer took, up to its head: a stream goes on.",
    ),
    gauge(GROUP, "primelingo_sse_clients", &[], "Dashboards that are open."),
    counter(
        GROUP,
        "primelingo_auth_failures_total",
        &[label("surface", &["dashboard", "metrics", "api", "webhook"])],
        "Requests without the right to what they asked for.",
    ),
    counter(
        GROUP,
        "primelingo_auth_locks_total",
        &[label("surface", &["dashboard", "metrics", "api"])],
        "Addresses that nobody listens to for a minute, as they have tried too many wrong secrets.",
    ),
];
