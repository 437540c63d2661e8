//! Which alerts share a message, so that a storm is one message and not twenty. Pure.
//!
//! Invariant: alerts that wake people never share a message with those that do not: the latter may
//! wait for the morning.

use std::time::Duration;

use crate::domain::health::Moment;
use crate::domain::ids::AlertId;

/// An alert joins the message of one that was told so recently.
pub const JOIN_WITHIN: Duration = Duration::from_mins(1);

/// A message takes no more alerts when it is so old: whoever has read it would not look again.
pub const CARD_SPAN: Duration = Duration::from_mins(10);

/// A message that others may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardSpan {
    /// The first alert there.
    pub card: AlertId,
    /// When that was told.
    pub first: Moment,
    /// When the newest was told.
    pub last: Moment,
}

/// The message for an alert that is told now, among those of its kind.
pub fn choose(recent: Option<CardSpan>, alert: AlertId, now: Moment) -> CardSpan {
    let joined = recent.filter(|card| {
        now.saturating_sub(card.last) <= JOIN_WITHIN && now.saturating_sub(card.first) <= CARD_SPAN
    });
    match joined {
        Some(card) => CardSpan { last: now, ..card },
        None => CardSpan { card: alert, first: now, last: now },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Moment {
        Moment::from_secs(second)
    }

    /// The cards of alerts that open at these seconds.
    fn cards(seconds: impl IntoIterator<Item = u64>) -> Vec<i64> {
        let mut recent = None;
        let mut cards = Vec::new();
        for (id, second) in (1..).zip(seconds) {
            let card = choose(recent, AlertId(id), at(second));
            cards.push(card.card.0);
            recent = Some(card);
        }
        cards
    }

    #[test]
    fn those_that_open_together_share_a_message() {
        assert_eq!(cards([0, 0, 0, 5, 60]), [1, 1, 1, 1, 1]);
    }

    #[test]
    fn one_that_opens_later_has_its_own() {
        assert_eq!(cards([0, 61, 122]), [1, 2, 3]);
    }

    #[test]
    fn a_storm_without_end_is_a_message_every_ten_minutes() {
        let cards = cards((0..=3600).step_by(30));
        let distinct = cards.iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(distinct, 6);
    }
}
