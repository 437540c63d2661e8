//! The process as such: build, configuration, components, loops, runtimes, memory.

use super::{Family, Label, counter, gauge, histogram, label};

const GROUP: &str = "Process";

const COMPONENT: Label =
    label("component", &["database", "redis", "telegram", "queue", "storage", "poller"]);
const RUNTIME: &[Label] = &[label("runtime", &["actors", "work"])];

/// From a loop that is free to one that stands.
const LAG: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

pub(super) const FAMILIES: &[Family] = &[
    gauge(
        GROUP,
        "primelingo_build_info",
        &[label("version", &[]), label("commit", &[]), label("rustc", &[])],
        "Always 1; the labels say which build it is.",
    )
    .once("the start"),
    gauge(
        GROUP,
        "primelingo_config_info",
        &[
            label("db", &["sqlite", "postgres"]),
            label("cache", &["redis", "memory"]),
            label("update_mode", &["polling", "webhook"]),
            label("role", &["all", "intake", "worker"]),
        ],
        "Always 1; the labels say which parts are configured.",
    )
    .once("the start"),
    gauge(
        GROUP,
        "primelingo_component_up",
        &[COMPONENT],
        "1 while the component does its work, well or badly; 0 while it does not.",
    )
    .once("the first look at the component"),
    gauge(
        GROUP,
        "primelingo_component_degraded",
        &[COMPONENT],
        "1 while the component works badly, or something stands in for it.",
    )
    .once("the first look at the component"),
    counter(
        GROUP,
        "primelingo_component_state_changes_total",
        &[COMPONENT, label("to", &["up", "degraded", "down"])],
        "Changes of a component's state that were believed.",
    )
    .once("the first look at the component"),
    counter(
        GROUP,
        "primelingo_panics_total",
        &[label("area", &["handler", "job", "actor", "http"])],
        "Panics that were caught, by where they happened.",
    ),
    counter(
        GROUP,
        "primelingo_log_events_total",
        &[label("level", &["error", "warn", "info"])],
        "Lines written to the log.",
    ),
    histogram(
        GROUP,
        "primelingo_event_loop_lag_seconds",
        LAG,
        &[label("loop", &["actors", "web", "work"])],
        "How much later than it asked for a sleeping task is woken: a loop that is held up.",
    ),
    gauge(GROUP, "primelingo_tokio_workers", RUNTIME, "Threads of a runtime."),
    gauge(GROUP, "primelingo_tokio_alive_tasks", RUNTIME, "Tasks that have not ended."),
    gauge(
        GROUP,
        "primelingo_tokio_global_queue_depth",
        RUNTIME,
        "Tasks that wait in a runtime's common queue for a thread.",
    ),
    counter(
        GROUP,
        "primelingo_tokio_busy_seconds_total",
        RUNTIME,
        "Time for which the threads of a runtime were busy; its rate by their number is their use.",
    )
    .of("s"),
    counter(GROUP, "process_cpu_seconds_total", &[], "Processor time used.").of("s").once(ASKED),
    gauge(GROUP, "process_resident_memory_bytes", &[], "Memory in use.").of("B").once(ASKED),
    gauge(GROUP, "process_virtual_memory_bytes", &[], "Memory that is addressed.")
        .of("B")
        .once(ASKED),
    gauge(GROUP, "process_virtual_memory_max_bytes", &[], "Most memory that may be addressed.")
        .of("B")
        .once(ASKED),
    gauge(GROUP, "process_open_fds", &[], "Open files and connections.").once(ASKED),
    gauge(GROUP, "process_max_fds", &[], "Most files and connections that may be open.")
        .once(ASKED),
    gauge(GROUP, "process_threads", &[], "Threads of the operating system.").once(ASKED),
    gauge(GROUP, "process_start_time_seconds", &[], "When the process started.")
        .of("s")
        .once(ASKED),
];

/// What brings the figures of the operating system.
const ASKED: &str = "the system, at each collection";
