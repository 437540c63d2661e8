//! What becomes of a row after a try. Pure.

use std::time::Duration;

use super::entry::{Entry, Lane};
use super::sending::Trouble;
use crate::domain::ids::MessageId;
use crate::runtime::Backoff;
use crate::telegram::Decision;

/// How long everything rests when Telegram does not take the token.
pub(super) const UNAUTHORIZED_PAUSE: Duration = Duration::from_secs(30);

/// How long an edit waits for the message it changes.
const TARGET_PAUSE: Duration = Duration::from_millis(500);

/// How long a message waits while it is not sure that this process still is the sender.
pub(super) const OUT_OF_TERM_PAUSE: Duration = Duration::from_millis(250);

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Telegram has it.
    Sent(Option<MessageId>),
    /// It will never be sent.
    Failed(&'static str),
    /// To be tried again; written down.
    Deferred { after: Duration, counts: bool },
    /// To be tried again; nothing has happened that needs writing down.
    PutBack { after: Duration },
    /// It is not ours any more.
    Forgotten,
}

/// What else follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    Nothing,
    /// Telegram wants this chat left alone.
    Flood(Duration),
    /// The chat takes nothing from us.
    ChatGone,
    /// The token is not taken.
    Unauthorized,
    /// The fate of the try is unknown.
    InDoubt,
    /// A row before this one is not in memory.
    RowMissing,
}

/// What is done about a message that may or may not have been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DoubtPolicy {
    Repeat,
    Skip,
}

/// Replies and edits are repeated. Bulk is not: nobody misses a broadcast as much as two of them
/// annoy. The place for the policies of single broadcasts.
pub(super) const fn doubt_policy(lane: Lane) -> DoubtPolicy {
    match lane {
        Lane::Reply => DoubtPolicy::Repeat,
        Lane::Bulk | Lane::Paid => DoubtPolicy::Skip,
    }
}

/// How patiently messages are tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) backoff: Backoff,
    pub(super) max_attempts: u32,
}

impl Patience {
    /// Another try after backoff, or the end. `random` is uniform in 0..1.
    fn next_try(&self, entry: &Entry, random: f64) -> Fate {
        match self.pause(entry.attempts, random) {
            Some(after) => Fate::Deferred { after, counts: true },
            None => Fate::Failed("retries_exhausted"),
        }
    }

    /// How long to wait for another try after so many others and one more, if there is one.
    pub(super) fn pause(&self, attempts: u32, random: f64) -> Option<Duration> {
        let attempt = attempts.saturating_add(1);
        (attempt < self.max_attempts).then(|| self.backoff.delay(attempt, random))
    }

    /// What becomes of `entry` after a try with this result.
    pub(super) fn judge(
        &self,
        entry: &Entry,
        result: &Result<Option<MessageId>, Trouble>,
        random: f64,
    ) -> (Fate, Note) {
        let trouble = match result {
            Ok(message) => return (Fate::Sent(*message), Note::Nothing),
            Err(trouble) => trouble,
        };
        match trouble {
            Trouble::Telegram(error) => self.judge_refusal(entry, error.decision(), random),
            Trouble::Store(_) => {
                let after = self.backoff.delay(1, random);
                (Fate::PutBack { after }, Note::Nothing)
            }
            Trouble::OutOfTerm => (Fate::PutBack { after: OUT_OF_TERM_PAUSE }, Note::Nothing),
            Trouble::Held(wait) => (Fate::PutBack { after: *wait }, Note::Nothing),
            Trouble::Unreadable => (Fate::Failed("unreadable"), Note::Nothing),
            Trouble::FileGone => (Fate::Failed(Decision::FileIdDead.name()), Note::Nothing),
            Trouble::NoTarget => (Fate::Failed("no_target"), Note::Nothing),
            Trouble::TargetWaits => {
                (Fate::Deferred { after: TARGET_PAUSE, counts: false }, Note::RowMissing)
            }
            Trouble::Vanished | Trouble::Unwanted | Trouble::Unpayable => {
                (Fate::Forgotten, Note::Nothing)
            }
            Trouble::LeftInDoubt | Trouble::Panicked => self.judge_doubt(entry, random),
        }
    }

    fn judge_refusal(&self, entry: &Entry, decision: Decision, random: f64) -> (Fate, Note) {
        match decision {
            Decision::RetryAfter(after) => {
                (Fate::Deferred { after, counts: false }, Note::Flood(after))
            }
            Decision::RetryLater => (self.next_try(entry, random), Note::Nothing),
            Decision::InDoubt => self.judge_doubt(entry, random),
            Decision::ChatGone(why) => {
                let note = if why.is_unreachable() { Note::ChatGone } else { Note::Nothing };
                (Fate::Failed(why.name()), note)
            }
            Decision::Unauthorized => {
                (Fate::Deferred { after: UNAUTHORIZED_PAUSE, counts: false }, Note::Unauthorized)
            }
            // `ChatMigrated`: the place to address the chat anew. Files are healed by `files`.
            Decision::ChatMigrated(_)
            | Decision::FileIdDead
            | Decision::BadContent
            | Decision::NotModified
            | Decision::MessageGone
            | Decision::QueryTooOld
            | Decision::Conflict => (Fate::Failed(decision.name()), Note::Nothing),
        }
    }

    fn judge_doubt(&self, entry: &Entry, random: f64) -> (Fate, Note) {
        let fate = match doubt_policy(entry.row.lane()) {
            DoubtPolicy::Repeat => self.next_try(entry, random),
            DoubtPolicy::Skip => Fate::Failed("in_doubt"),
        };
        (fate, Note::InDoubt)
    }
}

#[cfg(test)]
#[path = "fate_tests.rs"]
mod tests;
