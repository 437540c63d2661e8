//! `prune_letters`: whom a broadcast went to is forgotten when it is long over, and so are lists of
//! chats that no broadcast can use any more. What a broadcast has reached stays in its counters.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Rule, prune};
use crate::store::records::Prune;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let keep = attempt.shop.config.housekeeping.letters_keep;
    let rules = [
        Rule { name: "recipients", what: Prune::Recipients, keep },
        Rule { name: "audience_lists", what: Prune::AudienceLists, keep },
    ];
    prune(attempt, &rules).await
}
