//! Calls of the Bot API, the gate, its limits.

use super::{Family, Label, counter, gauge, histogram, label};

const GROUP: &str = "Outbound";

const METHODS: &[&str] = &[
    "answerCallbackQuery",
    "answerInlineQuery",
    "copyMessage",
    "copyMessages",
    "deleteMessages",
    "deleteWebhook",
    "editMessageCaption",
    "editMessageReplyMarkup",
    "editMessageText",
    "file_download",
    "getFile",
    "getMe",
    "getUpdates",
    "getWebhookInfo",
    "other",
    "sendAnimation",
    "sendAudio",
    "sendDocument",
    "sendMessage",
    "sendPhoto",
    "sendVideo",
    "sendVideoNote",
    "sendVoice",
    "setMyCommands",
    "setWebhook",
];
const OUTCOMES: &[&str] = &[
    "ok",
    "retry_after",
    "bad_request",
    "forbidden",
    "unauthorized",
    "not_found",
    "server_error",
    "network",
    "timeout",
];
const METHOD_CLASS: &[Label] = &[label("method_class", &["send", "edit", "file", "poll", "other"])];
const LANES: &[&str] = &["reply", "bulk", "paid"];

/// From a local server to a long poll.
const REQUEST: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// From a slot of 1/30 s to a group's minute.
const WAIT: &[f64] = &[0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

pub(super) const FAMILIES: &[Family] = &[
    counter(
        GROUP,
        "primelingo_telegram_requests_total",
        &[label("method", METHODS), label("outcome", OUTCOMES)],
        "Calls of the Bot API at their end.",
    ),
    histogram(
        GROUP,
        "primelingo_telegram_request_duration_seconds",
        REQUEST,
        METHOD_CLASS,
        "How long a call of the Bot API took; a poll is held open on purpose.",
    ),
    counter(
        GROUP,
        "primelingo_telegram_retries_total",
        METHOD_CLASS,
        "Calls and messages that were tried again.",
    ),
    counter(
        GROUP,
        "primelingo_telegram_flood_wait_seconds_total",
        &[],
        "Time that Telegram has told us to wait.",
    )
    .of("s"),
    histogram(
        GROUP,
        "primelingo_limiter_wait_seconds",
        WAIT,
        &[label("scope", &["global", "chat", "group", "paid", "shared"])],
        "How long a message waited for one of our own limits.",
    ),
    gauge(
        GROUP,
        "primelingo_limiter_permits_available",
        &[label("scope", &["global"])],
        "Messages that might leave at once.",
    )
    .once("the start of the gate, where limits are on"),
    gauge(
        GROUP,
        "primelingo_outbox_messages",
        &[label("lane", LANES), label("state", &["pending", "sending", "in_doubt", "dead"])],
        "Messages that wait, are being sent, may have been sent, or were given up.",
    ),
    counter(
        GROUP,
        "primelingo_sends_in_doubt_total",
        &[label("lane", LANES), label("decision", &["resent", "skipped", "confirmed"])],
        "Messages whose answer was lost, by what was done about it.",
    ),
    counter(
        GROUP,
        "primelingo_answers_dropped_total",
        &[],
        "Answers to presses and inline queries that were dropped, because too many were under way.",
    ),
];
