//! The intake's numbers, under the names of the metrics list. Labels are closed sets: whatever kind
//! somebody invents is `other`.

use std::sync::LazyLock;

use metrics::{Counter, Gauge, Histogram};

use super::intake::Source;
use crate::domain::clock::Timestamp;
use crate::telegram::decode::{BROKEN, COUNTED_KINDS, Envelope, UNKNOWN, counted_kind};

/// Handles of a kind, taken once.
struct Kind {
    name: &'static str,
    received: Counter,
    dropped: Counter,
    duplicate: Counter,
}

/// What comes one way.
struct Inlet {
    kinds: [Kind; COUNTED_KINDS.len()],
    lag: Histogram,
}

impl Inlet {
    fn new(source: Source) -> Self {
        let source = source.label();
        let ended = |kind: &'static str, outcome: &'static str| metrics::counter!("primelingo_updates_total", "kind" => kind, "outcome" => outcome);
        let kinds = COUNTED_KINDS.map(|kind| Kind {
            name: kind,
            received: metrics::counter!(
                "primelingo_updates_received_total", "kind" => kind, "source" => source
            ),
            dropped: ended(kind, "dropped"),
            duplicate: ended(kind, "duplicate"),
        });
        let lag = metrics::histogram!("primelingo_update_lag_seconds", "source" => source);
        Self { kinds, lag }
    }

    fn of(source: Source) -> &'static Self {
        static POLLED: LazyLock<Inlet> = LazyLock::new(|| Inlet::new(Source::Polling));
        static POSTED: LazyLock<Inlet> = LazyLock::new(|| Inlet::new(Source::Webhook));
        match source {
            Source::Polling => &POLLED,
            Source::Webhook => &POSTED,
        }
    }

    fn kind(&self, name: &str) -> Option<&Kind> {
        let name = counted_kind(name);
        self.kinds.iter().find(|kind| kind.name == name)
    }
}

/// An update of a batch, as the intake saw it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) look: Envelope,
    /// It is kept, and nothing else is done about it.
    pub(super) ignored: bool,
}

/// A batch is stored, of which so many were new. Telegram repeats from the oldest on, so that those
/// which were known come first.
pub(super) fn stored(source: Source, batch: &[Seen], new: usize, now: Timestamp) {
    let inlet = Inlet::of(source);
    let known = batch.len().saturating_sub(new);
    for (place, seen) in batch.iter().enumerate() {
        let Some(kind) = inlet.kind(seen.look.kind) else { continue };
        kind.received.increment(1);
        if place < known {
            kind.duplicate.increment(1);
            continue;
        }
        if seen.ignored {
            kind.dropped.increment(1);
        }
        if let Some(lag) = seen.look.happened_at.and_then(|at| lag(at, now)) {
            inlet.lag.record(lag);
        }
        match seen.look.kind {
            UNKNOWN => strange("unknown_kind"),
            BROKEN => strange("empty_kind"),
            _ => {}
        }
    }
}

/// Clocks differ: what seems to come from the future came at once.
fn lag(happened_at: i64, now: Timestamp) -> Option<f64> {
    let happened = Timestamp::from_timestamp(happened_at, 0)?;
    let lag = now.signed_duration_since(happened).to_std().unwrap_or_default();
    Some(lag.as_secs_f64())
}

fn strange(reason: &'static str) {
    metrics::counter!("primelingo_update_content_recovered_total", "reason" => reason).increment(1);
}

/// A poll has come to a good end.
pub(super) fn polled(now: Timestamp) {
    static LAST: LazyLock<Gauge> =
        LazyLock::new(|| metrics::gauge!("primelingo_poll_last_success_timestamp_seconds"));
    // Figures are floating-point; seconds of this century fit without loss.
    LAST.set(u32::try_from(now.timestamp()).map_or(0.0, f64::from));
}

/// A poll has failed.
pub(super) fn poll_failed(reason: &'static str) {
    metrics::counter!("primelingo_poll_errors_total", "reason" => reason).increment(1);
}

/// A poll hung, its connections are made anew.
pub(super) fn poll_restarted() {
    metrics::counter!("primelingo_poll_restarts_total").increment(1);
}

/// Some of a poll's answer could not be read.
pub(super) fn poll_damaged() {
    metrics::counter!("primelingo_poll_damaged_total").increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meters::CATALOGUE;

    #[test]
    fn kinds_are_those_of_the_catalogue() {
        for name in ["primelingo_updates_received_total", "primelingo_updates_total"] {
            let family = CATALOGUE.iter().find(|family| family.name == name).expect("there");
            assert_eq!(family.label("kind").expect("a label").values, COUNTED_KINDS);
        }
        assert_eq!(counted_kind("a kind of tomorrow"), "other");
    }

    #[test]
    fn a_clock_that_is_behind_makes_no_lag() {
        let now = Timestamp::from_timestamp(1_700_000_000, 0).expect("a time");
        assert_eq!(lag(1_700_000_005, now), Some(0.0));
        assert_eq!(lag(1_699_999_990, now), Some(10.0));
        assert_eq!(lag(i64::MAX, now), None);
    }
}
