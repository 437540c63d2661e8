//! `prune_outbox`: messages that have left, or never will, are forgotten. Cards stay while their file is
//! still to be processed: their edits have to know which message they are.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Rule, prune};
use crate::store::records::Prune;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let keep = &attempt.shop.config.housekeeping;
    let rules = [Rule { name: "messages", what: Prune::Outbox, keep: keep.outbox_keep }];
    prune(attempt, &rules).await
}
