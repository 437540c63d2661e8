//! `prune_queries`: words of searches are forgotten when every button that names them is out of date.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Rule, prune};
use crate::store::records::Prune;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let keep = &attempt.shop.config.housekeeping;
    let rules = [Rule { name: "queries", what: Prune::Queries, keep: keep.queries_keep }];
    prune(attempt, &rules).await
}
