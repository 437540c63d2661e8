//! `prune_sessions`: dialogs that expired long ago are forgotten. One that has only just expired stays: its
//! person is offered to go on.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Rule, prune};
use crate::store::records::Prune;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let keep = &attempt.shop.config.housekeeping;
    let rules = [Rule { name: "sessions", what: Prune::Sessions, keep: keep.sessions_keep }];
    prune(attempt, &rules).await
}
