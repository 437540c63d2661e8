//! `prune_keys`: what counts for minutes or hours is forgotten afterwards: links to the dashboard,
//! codes for owners, and when somebody took a copy of their data.

use std::time::Duration;

use super::super::attempt::Attempt;
use super::super::error::JobError;
use super::slices::{Rule, prune};
use crate::store::records::Prune;

/// Long after the hour in which no second copy is made.
const EXPORTS_KEEP: Duration = Duration::from_hours(24);

/// Does it.
pub(in crate::jobs) async fn run(attempt: &Attempt) -> Result<(), JobError> {
    let rules = [
        Rule { name: "keys", what: Prune::DashboardKeys, keep: Duration::ZERO },
        Rule { name: "keys", what: Prune::OwnerCodes, keep: Duration::ZERO },
        Rule { name: "exports", what: Prune::DataExports, keep: EXPORTS_KEEP },
    ];
    prune(attempt, &rules).await
}
