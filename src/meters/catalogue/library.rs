//! The library: its files, their way in and out, searches.

use super::{Family, Label, counter, gauge, histogram, label};

const FILES: &str = "Files";
const SEARCH: &str = "Search";

const STATUS: Label = label("status", &["ready", "processing", "failed", "deleted"]);
const KIND: Label = label("kind", &["book", "audio", "video", "image", "archive", "document"]);

/// From a picture to the largest film.
const UPLOAD: &[f64] = &[0.05, 0.25, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0];
/// The objective is well below a second.
const FOUND: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

pub(super) const FAMILIES: &[Family] = &[
    gauge(FILES, "primelingo_files", &[STATUS, KIND], "Materials of the library."),
    gauge(FILES, "primelingo_files_bytes", &[], "Size of all contents that are kept.").of("B"),
    counter(
        FILES,
        "primelingo_uploads_total",
        &[label("outcome", &["ok", "duplicate", "rejected", "failed", "cancelled"])],
        "Files that editors sent, by what became of them.",
    ),
    counter(FILES, "primelingo_upload_bytes_total", &[], "Bytes that were fetched.").of("B"),
    histogram(
        FILES,
        "primelingo_upload_duration_seconds",
        UPLOAD,
        &[label("stage", &["download", "index", "preview", "total"])],
        "How long each stage of an upload took; fetching includes hashing.",
    ),
    gauge(
        FILES,
        "primelingo_upload_in_flight_bytes",
        &[],
        "Bytes on the disk that belong to uploads under way.",
    )
    .of("B"),
    counter(
        FILES,
        "primelingo_deliveries_total",
        &[label("via", &["file_id", "stream"]), label("outcome", &["ok", "expired_id", "failed"])],
        "Files sent to people, by Telegram's handle or from our own copy.",
    ),
    counter(
        SEARCH,
        "primelingo_searches_total",
        &[
            label("mode", &["text", "inline", "browse"]),
            label("outcome", &["hit", "empty", "error"]),
        ],
        "Searches, by whether something was found.",
    ),
    histogram(
        SEARCH,
        "primelingo_search_duration_seconds",
        FOUND,
        &[label("backend", &["sqlite_fts", "postgres", "cache"])],
        "How long a search took.",
    ),
];
