//! `prune_updates`: people's words are forgotten first, then that they said something. What was put
//! aside stays longer, as it can be tried again; updates of kinds that nobody works on go.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Rule, prune};
use crate::store::records::Prune;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let keep = &attempt.shop.config.housekeeping;
    let rules = [
        Rule { name: "texts", what: Prune::UpdateTexts, keep: keep.texts_keep },
        Rule { name: "updates", what: Prune::Updates, keep: keep.updates_keep },
        Rule { name: "updates", what: Prune::IgnoredUpdates, keep: keep.updates_keep },
        Rule { name: "aside", what: Prune::Aside, keep: keep.aside_keep },
    ];
    prune(attempt, &rules).await
}
