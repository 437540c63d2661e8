//! The gate's numbers, under the names of the metrics list. Labels are closed sets.

use std::borrow::Borrow;
use std::time::Duration;

use super::entry::Lane;
use super::queue::Queue;
use super::sending::Trouble;
use crate::domain::event::FileClass;
use crate::domain::limits::Moment;
use crate::domain::outgoing::{Answer, Outgoing};
use crate::telegram::TelegramError;

/// The Bot API method of a message, and its class.
pub(super) const fn method_of(outgoing: &Outgoing) -> (&'static str, &'static str) {
    match outgoing {
        Outgoing::Text { .. } => ("sendMessage", "send"),
        Outgoing::EditText { .. } => ("editMessageText", "edit"),
        Outgoing::EditCaption { .. } => ("editMessageCaption", "edit"),
        Outgoing::EditKeyboard { .. } => ("editMessageReplyMarkup", "edit"),
        Outgoing::Delete { .. } => ("deleteMessages", "other"),
        Outgoing::Copy { messages, .. } if messages.len() == 1 => ("copyMessage", "send"),
        Outgoing::Copy { .. } => ("copyMessages", "send"),
        Outgoing::File { class, .. } => (method_of_file(*class), "send"),
    }
}

const fn method_of_file(class: FileClass) -> &'static str {
    match class {
        FileClass::Document => "sendDocument",
        FileClass::Audio => "sendAudio",
        FileClass::Video => "sendVideo",
        FileClass::Photo => "sendPhoto",
        FileClass::Voice => "sendVoice",
        FileClass::Animation => "sendAnimation",
        FileClass::VideoNote => "sendVideoNote",
    }
}

/// The Bot API method of an answer.
pub(super) const fn method_of_answer(answer: &Answer) -> &'static str {
    match answer {
        Answer::Callback { .. } => "answerCallbackQuery",
        Answer::Inline { .. } => "answerInlineQuery",
    }
}

/// A file was sent, or not, by `file_id` or as a stream of bytes.
pub(super) fn delivery(via: &'static str, outcome: &'static str) {
    metrics::counter!("primelingo_deliveries_total", "via" => via, "outcome" => outcome)
        .increment(1);
}

/// The sending of a file has ended, which may have taken several requests.
pub(super) fn send_ended<T>(
    method: &'static str,
    class: &'static str,
    took: Duration,
    result: &Result<T, Trouble>,
) {
    match result {
        Ok(_) => request(method, class, took, &Ok::<_, &TelegramError>(())),
        Err(Trouble::Telegram(error)) => request(method, class, took, &Err::<(), _>(error)),
        // No request was made.
        Err(_) => {}
    }
}

/// A request has ended.
pub(super) fn request<T, E: Borrow<TelegramError>>(
    method: &'static str,
    class: &'static str,
    took: Duration,
    result: &Result<T, E>,
) {
    let outcome = result.as_ref().map_or_else(|error| outcome_of(error.borrow()), |_| "ok");
    metrics::counter!("primelingo_telegram_requests_total", "method" => method, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("primelingo_telegram_request_duration_seconds", "method_class" => class)
        .record(took.as_secs_f64());
}

const fn outcome_of(error: &TelegramError) -> &'static str {
    match error {
        TelegramError::Api { code: status, .. } | TelegramError::Foreign { status, .. } => {
            match *status {
                429 => "retry_after",
                401 => "unauthorized",
                403 => "forbidden",
                404 => "not_found",
                500.. => "server_error",
                _ => "bad_request",
            }
        }
        TelegramError::Connect { .. } | TelegramError::Lost { .. } => "network",
        TelegramError::Timeout { .. } => "timeout",
        TelegramError::Answer { .. } => "server_error",
        TelegramError::Request { .. }
        | TelegramError::UnsafePath { .. }
        | TelegramError::LocalFile { .. }
        | TelegramError::TooLarge { .. }
        | TelegramError::Build { .. } => "bad_request",
    }
}

/// A message is tried again.
pub(super) fn retry(class: &'static str) {
    metrics::counter!("primelingo_telegram_retries_total", "method_class" => class).increment(1);
}

/// Telegram told us to wait.
pub(super) fn flood_wait(wait: Duration) {
    metrics::counter!("primelingo_telegram_flood_wait_seconds_total").increment(wait.as_secs());
}

/// A message waited for one of our limits.
pub(super) fn limiter_wait(scope: &'static str, wait: Duration) {
    metrics::histogram!("primelingo_limiter_wait_seconds", "scope" => scope)
        .record(wait.as_secs_f64());
}

/// The fate of a message is unknown, and this is what becomes of it.
pub(super) fn in_doubt(lane: Lane, decision: &'static str) {
    let lane = lane.name();
    metrics::counter!("primelingo_sends_in_doubt_total", "lane" => lane, "decision" => decision)
        .increment(1);
}

/// An answer was dropped because too many were in flight.
pub(super) fn answer_dropped() {
    metrics::counter!("primelingo_answers_dropped_total").increment(1);
}

/// What is in memory.
pub(super) fn depth(queue: &Queue, replies_in_flight: usize, bulk_in_flight: usize, now: Moment) {
    let in_flight = replies_in_flight.saturating_add(bulk_in_flight);
    let in_memory = queue.len().saturating_add(queue.parcels());
    let waiting = in_memory.saturating_sub(in_flight);
    let replies = queue.replies_waiting();
    let bulk = waiting.saturating_sub(replies);
    for (lane, state, count) in [
        ("reply", "pending", replies),
        ("reply", "sending", replies_in_flight),
        ("bulk", "pending", bulk),
        ("bulk", "sending", bulk_in_flight),
    ] {
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        metrics::gauge!("primelingo_outbox_messages", "lane" => lane, "state" => state).set(count);
    }
    if let Some(room) = queue.room(now) {
        metrics::gauge!("primelingo_limiter_permits_available", "scope" => "global")
            .set(f64::from(room));
    }
}
