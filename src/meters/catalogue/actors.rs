//! The actors of this process, and how it copes with what fails.

use super::{Family, Label, counter, gauge, histogram, label};

const ACTORS: &str = "Actors";
const RESILIENCE: &str = "Resilience";

/// Those under a supervisor.
const SUPERVISED: Label = label(
    "actor",
    &[
        "alerter",
        "broadcaster",
        "chat_router",
        "job_dispatcher",
        "outbound_gate",
        "poller",
        "webhook_keeper",
    ],
);
/// And those whom one of these starts by the thousand.
const ALL: Label = label(
    "actor",
    &[
        "alerter",
        "broadcaster",
        "chat_router",
        "chat_session",
        "job_dispatcher",
        "job_worker",
        "outbound_gate",
        "poller",
        "webhook_keeper",
    ],
);
const RUNS: &str = "the first look at the actor, in a process that has it";

/// A message is mostly read in less than a tenth of a millisecond.
const WAIT: &[f64] = &[0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5];

pub(super) const FAMILIES: &[Family] = &[
    gauge(
        ACTORS,
        "primelingo_actor_up",
        &[SUPERVISED],
        "1 while the actor lives or is about to be started anew, 0 once it stays dead.",
    )
    .once(RUNS),
    gauge(
        ACTORS,
        "primelingo_actor_mailbox_depth",
        &[SUPERVISED],
        "Messages that wait for the actor.",
    )
    .once(RUNS),
    gauge(
        ACTORS,
        "primelingo_actor_mailbox_capacity",
        &[SUPERVISED],
        "Messages that may wait for it; more are refused.",
    )
    .once(RUNS),
    histogram(
        ACTORS,
        "primelingo_actor_mailbox_wait_seconds",
        WAIT,
        &[ALL],
        "How long a message waited before the actor took it up.",
    ),
    counter(
        ACTORS,
        "primelingo_actor_messages_total",
        &[SUPERVISED, label("outcome", &["ok", "error", "rejected", "timeout"])],
        "Messages to the actor: taken up, taken up and died of, refused by a full mailbox, or \
         given up before they were read.",
    ),
    counter(
        ACTORS,
        "primelingo_actor_restarts_total",
        &[SUPERVISED],
        "Starts of the actor after the first.",
    ),
    counter(
        RESILIENCE,
        "primelingo_retries_total",
        &[
            label("op", &["telegram_call", "message", "job", "download", "outcomes", "start"]),
            label("outcome", &["recovered", "exhausted"]),
        ],
        "What was tried more than once, by how it ended.",
    ),
    counter(
        RESILIENCE,
        "primelingo_timeouts_total",
        &[label(
            "op",
            &["connect", "request", "file_download", "db_query", "redis", "job", "inspect"],
        )],
        "What was given up because it took too long.",
    ),
    gauge(
        RESILIENCE,
        "primelingo_circuit_open",
        &[label("dependency", &["redis", "database", "telegram"])],
        "1 while nobody asks it, because it has failed: Redis away, the database away, the token \
         refused.",
    ),
];
