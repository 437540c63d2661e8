//! `prune_incidents`: incidents that the people in charge were told of are forgotten.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Rule, prune};
use crate::store::records::Prune;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let keep = &attempt.shop.config.housekeeping;
    let rules = [Rule { name: "incidents", what: Prune::Incidents, keep: keep.incidents_keep }];
    prune(attempt, &rules).await
}
