//! The broadcaster's numbers, under the names of the metrics list. Labels are closed sets.

use crate::domain::broadcast::{BroadcastState, RecipientEnd};
use crate::domain::clock::Timestamp;
use crate::store::records::RecipientOutcome;

/// What is under way: how many broadcasts, and how many of their recipients have no outcome.
pub fn under_way(broadcasts: usize, remaining: u64) {
    metrics::gauge!("primelingo_broadcast_active").set(f64::from(u8::from(broadcasts > 0)));
    let remaining = f64::from(u32::try_from(remaining).unwrap_or(u32::MAX));
    metrics::gauge!("primelingo_broadcast_remaining_recipients").set(remaining);
}

/// Outcomes are written.
pub fn outcomes(outcomes: &[RecipientOutcome], now: Timestamp) {
    let mut has_progress = false;
    for outcome in outcomes {
        let label = match &outcome.end {
            RecipientEnd::Delivered(_) => "delivered",
            RecipientEnd::Blocked("deactivated") => "deactivated",
            RecipientEnd::Blocked("not_found") => "not_found",
            RecipientEnd::Blocked(_) => "blocked",
            RecipientEnd::Failed(_) => "failed",
            RecipientEnd::InDoubt => {
                in_doubt("skipped", 1);
                "skipped"
            }
            RecipientEnd::Deferred(_) | RecipientEnd::Moved(_) => continue,
        };
        metrics::counter!("primelingo_broadcast_recipients_total", "outcome" => label).increment(1);
        has_progress = true;
    }
    // Who is told to wait again and again makes no progress.
    if has_progress {
        metrics::gauge!("primelingo_broadcast_last_progress_timestamp_seconds")
            .set(f64::from(u32::try_from(now.timestamp()).unwrap_or(u32::MAX)));
    }
}

/// What a death had left in doubt is resolved.
pub fn recovered(resent: u64, skipped: u64) {
    in_doubt("resent", resent);
    in_doubt("skipped", skipped);
}

fn in_doubt(decision: &'static str, count: u64) {
    metrics::counter!("primelingo_sends_in_doubt_total", "lane" => "bulk", "decision" => decision)
        .increment(count);
}

/// A message of unknown fate is sent again.
pub fn resent() {
    in_doubt("resent", 1);
}

/// A broadcast is over.
pub fn ended(state: BroadcastState, took_s: f64) {
    let outcome = match state {
        BroadcastState::Done => "completed",
        BroadcastState::Cancelled => "cancelled",
        _ => "failed",
    };
    metrics::counter!("primelingo_broadcasts_total", "outcome" => outcome).increment(1);
    metrics::histogram!("primelingo_broadcast_duration_seconds").record(took_s);
}
