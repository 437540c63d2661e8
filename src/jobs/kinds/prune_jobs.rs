//! `prune_jobs`: jobs that are over are forgotten, dead ones later than others.

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Rule, prune};
use crate::store::records::Prune;

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let keep = &attempt.shop.config.housekeeping;
    let rules = [
        Rule { name: "jobs", what: Prune::DoneJobs, keep: keep.done_keep },
        Rule { name: "dead_jobs", what: Prune::DeadJobs, keep: keep.failed_keep },
    ];
    prune(attempt, &rules).await
}
