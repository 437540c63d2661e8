//! The gate's numbers, under the names of the metrics list. Labels are closed sets.

use std::sync::LazyLock;
use std::time::Duration;

use super::entry::Lane;
use super::queue::Queue;
use crate::domain::limits::Moment;

/// An update that came so long ago is answered. Looked up each time: the gate sends far less often
/// than this could be felt, and a test has a recorder of its own.
pub(super) fn update_answered(kind: &'static str, took: Duration) {
    metrics::histogram!("primelingo_update_duration_seconds", "kind" => kind).record(took);
}

/// A file was sent, or not, by `file_id` or as a stream of bytes.
pub(super) fn delivery(via: &'static str, outcome: &'static str) {
    metrics::counter!("primelingo_deliveries_total", "via" => via, "outcome" => outcome)
        .increment(1);
}

/// A message is tried again.
pub(super) fn retry(class: &'static str) {
    metrics::counter!("primelingo_telegram_retries_total", "method_class" => class).increment(1);
}

/// A message that was tried again is sent, or given up.
pub(super) fn retried(is_sent: bool) {
    let outcome = if is_sent { "recovered" } else { "exhausted" };
    metrics::counter!("primelingo_retries_total", "op" => "message", "outcome" => outcome)
        .increment(1);
}

/// Outcomes that could not be written down are written now.
pub(super) fn settled_late() {
    metrics::counter!("primelingo_retries_total", "op" => "outcomes", "outcome" => "recovered")
        .increment(1);
}

/// Whether everything rests because Telegram does not take the token.
pub(super) fn refused(is_refused: bool) {
    metrics::gauge!("primelingo_circuit_open", "dependency" => "telegram")
        .set(f64::from(u8::from(is_refused)));
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
    static DROPPED: LazyLock<metrics::Counter> =
        LazyLock::new(|| metrics::counter!("primelingo_answers_dropped_total"));
    DROPPED.increment(1);
}

/// What is in memory.
pub(super) fn depth(queue: &Queue, in_flight: [usize; 3], now: Moment) {
    let [replies, bulk, paid] = in_flight;
    let all_in_flight = replies.saturating_add(bulk).saturating_add(paid);
    let in_memory = queue.len().saturating_add(queue.parcels());
    let waiting = in_memory.saturating_sub(all_in_flight);
    let replies_waiting = queue.replies_waiting();
    for (lane, state, count) in [
        ("reply", "pending", replies_waiting),
        ("reply", "sending", replies),
        // A parcel that waits may yet take either lane.
        ("bulk", "pending", waiting.saturating_sub(replies_waiting)),
        ("bulk", "sending", bulk),
        ("paid", "sending", paid),
    ] {
        let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        metrics::gauge!("primelingo_outbox_messages", "lane" => lane, "state" => state).set(count);
    }
    if let Some(room) = queue.room(now) {
        metrics::gauge!("primelingo_limiter_permits_available", "scope" => "global")
            .set(f64::from(room));
    }
}
