//! Background work.

use super::{Family, Label, counter, gauge, histogram, label};

const GROUP: &str = "Jobs";

/// Fixed by the configuration.
const QUEUE: Label = label("queue", &[]);
/// The kinds of jobs, and what cannot be read as one.
const TASK: Label = label(
    "task",
    &[
        "adopt_file",
        "announce_edition",
        "erase_person",
        "export_broadcast",
        "export_person",
        "forget_traces",
        "make_backup",
        "probe",
        "process_upload",
        "prune_incidents",
        "prune_instances",
        "prune_jobs",
        "prune_keys",
        "prune_letters",
        "prune_outbox",
        "prune_queries",
        "prune_sessions",
        "prune_updates",
        "read_audience",
        "roll_up_statistics",
        "send_statistics",
        "sweep_blobs",
        "sweep_temp",
        "tell_askers",
        "tell_of_material",
        "tend_batch",
        "tidy_sections",
        "unknown",
    ],
);

/// From a few rows to the largest file.
const DURATION: &[f64] = &[0.01, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 1_800.0];
/// From at once to a night.
const WAIT: &[f64] = &[0.01, 0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 1_800.0, 14_400.0];

pub(super) const FAMILIES: &[Family] = &[
    counter(GROUP, "primelingo_jobs_enqueued_total", &[QUEUE, TASK], "Jobs that were put in."),
    counter(
        GROUP,
        "primelingo_jobs_total",
        &[QUEUE, TASK, label("outcome", &["ok", "retry", "dead", "cancelled", "timeout"])],
        "Attempts at jobs, at their end.",
    ),
    histogram(
        GROUP,
        "primelingo_job_duration_seconds",
        DURATION,
        &[TASK],
        "How long an attempt at a job took.",
    ),
    histogram(
        GROUP,
        "primelingo_job_wait_seconds",
        WAIT,
        &[QUEUE],
        "How long a job that was due waited for a worker.",
    ),
    gauge(
        GROUP,
        "primelingo_queue_depth",
        &[QUEUE, label("state", &["ready", "scheduled", "running", "retry", "dead"])],
        "Jobs by how they stand.",
    ),
    gauge(
        GROUP,
        "primelingo_queue_oldest_job_age_seconds",
        &[QUEUE],
        "How long the oldest job that is due has waited.",
    )
    .of("s"),
    gauge(GROUP, "primelingo_queue_paused", &[QUEUE], "1 while an operator holds the queue."),
    gauge(
        GROUP,
        "primelingo_workers",
        &[QUEUE, label("state", &["busy", "idle"])],
        "Workers of this process.",
    ),
    counter(
        GROUP,
        "primelingo_jobs_rescued_total",
        &[QUEUE],
        "Jobs that were given back because their worker was gone.",
    ),
    counter(
        GROUP,
        "primelingo_inspect_kills_total",
        &[label("reason", &["time", "memory", "cpu", "signal", "output"])],
        "Processes that read files and were ended by a limit.",
    ),
    counter(
        GROUP,
        "primelingo_housekeeping_removed_total",
        &[label(
            "what",
            &[
                "aside",
                "audience_lists",
                "contents",
                "dead_jobs",
                "exports",
                "files",
                "incidents",
                "instances",
                "jobs",
                "keys",
                "leases",
                "material_days",
                "messages",
                "moved",
                "queries",
                "recipients",
                "search_days",
                "sessions",
                "temporary_files",
                "texts",
                "updates",
            ],
        )],
        "Rows and files that were forgotten because they were old.",
    ),
];
