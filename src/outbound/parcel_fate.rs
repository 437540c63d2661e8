//! What becomes of a parcel after a try. Pure.
//!
//! Other than a row of the outbox, a parcel is not held here until it can go: who launched it has
//! the recipient's row, and decides. Only what was surely not sent, and may go in a moment, is
//! tried again here.

use std::time::Duration;

use super::fate::{Note, OUT_OF_TERM_PAUSE, Patience, UNAUTHORIZED_PAUSE};
use super::parcel::ParcelEnd;
use super::sending::Trouble;
use crate::domain::outgoing::Outgoing;
use crate::telegram::{ChatGone, Decision, Sent, TelegramError};

/// How long a recipient waits for the end of an outage before the next tries.
const OUTAGE_PAUSE: Duration = Duration::from_secs(30);

/// What becomes of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ParcelFate {
    /// This is reported.
    Ended(ParcelEnd),
    /// To be tried again.
    PutBack { after: Duration, counts: bool },
}

impl Patience {
    /// What becomes of a parcel that had `attempts` tries before this one.
    pub(super) fn judge_parcel(
        &self,
        attempts: u32,
        outgoing: &Outgoing,
        result: Result<Sent, Trouble>,
        random: f64,
    ) -> (ParcelFate, Note) {
        let ended = |end| (ParcelFate::Ended(end), Note::Nothing);
        let put_back = |after| (ParcelFate::PutBack { after, counts: false }, Note::Nothing);
        match result {
            Ok(sent) => ended(delivered(sent)),
            Err(Trouble::Telegram(error)) => {
                self.judge_parcel_refusal(attempts, outgoing, &error, random)
            }
            Err(Trouble::Store(_)) => put_back(self.backoff.delay(1, random)),
            Err(Trouble::OutOfTerm) => put_back(OUT_OF_TERM_PAUSE),
            Err(Trouble::Held(wait)) => put_back(wait),
            Err(Trouble::Unwanted) => ended(ParcelEnd::NotSent),
            Err(Trouble::Panicked | Trouble::LeftInDoubt) => ended(ParcelEnd::InDoubt),
            Err(trouble @ Trouble::FileGone) => {
                ended(ParcelEnd::ContentRefused(trouble.to_string()))
            }
            Err(Trouble::Unreadable) => ended(ParcelEnd::Failed("unreadable")),
            Err(Trouble::Unpayable) => ended(ParcelEnd::Failed("not_payable")),
            Err(Trouble::NoTarget | Trouble::TargetWaits | Trouble::Vanished) => {
                ended(ParcelEnd::Failed("no_target"))
            }
        }
    }

    fn judge_parcel_refusal(
        &self,
        attempts: u32,
        outgoing: &Outgoing,
        error: &TelegramError,
        random: f64,
    ) -> (ParcelFate, Note) {
        let decision = error.decision();
        let end = match decision {
            Decision::RetryAfter(after) => {
                return (ParcelFate::Ended(ParcelEnd::Deferred(after)), Note::Flood(after));
            }
            Decision::RetryLater => match self.pause(attempts, random) {
                Some(after) => {
                    return (ParcelFate::PutBack { after, counts: true }, Note::Nothing);
                }
                // An outage says nothing of the recipient, who waits for its end.
                None => ParcelEnd::Deferred(OUTAGE_PAUSE),
            },
            Decision::Unauthorized => {
                let after = UNAUTHORIZED_PAUSE;
                return (ParcelFate::PutBack { after, counts: false }, Note::Unauthorized);
            }
            Decision::InDoubt => ParcelEnd::InDoubt,
            // It may be the chat that is copied from: nobody is out of reach for that.
            Decision::ChatGone(why @ ChatGone::NotFound)
                if matches!(outgoing, Outgoing::Copy { .. }) =>
            {
                ParcelEnd::Failed(why.name())
            }
            Decision::ChatGone(why) if why.is_unreachable() => ParcelEnd::Unreachable(why.name()),
            Decision::ChatMigrated(chat) => ParcelEnd::Moved(chat),
            Decision::BadContent | Decision::FileIdDead | Decision::MessageGone
                if is_the_same_everywhere(outgoing) =>
            {
                ParcelEnd::ContentRefused(error.to_string())
            }
            Decision::ChatGone(_)
            | Decision::BadContent
            | Decision::FileIdDead
            | Decision::MessageGone
            | Decision::NotModified
            | Decision::QueryTooOld
            | Decision::Conflict => ParcelEnd::Failed(decision.name()),
        };
        (ParcelFate::Ended(end), Note::Nothing)
    }
}

/// Whether all recipients get this; what is to be removed is another message in each chat.
const fn is_the_same_everywhere(outgoing: &Outgoing) -> bool {
    !matches!(outgoing, Outgoing::Delete { .. })
}

fn delivered(sent: Sent) -> ParcelEnd {
    let Sent { message_id, album, .. } = sent;
    let one = || message_id.into_iter().collect();
    ParcelEnd::Delivered(if album.is_empty() { one() } else { album })
}

#[cfg(test)]
#[path = "parcel_fate_tests.rs"]
mod tests;
