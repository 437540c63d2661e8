//! A look at a database from outside: what waits there, and who works.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use super::{backlog, dashboard, figures, people};
use crate::domain::clock::Timestamp;
use crate::domain::role::Role;
use crate::store::error::StoreResult;
use crate::store::records::WorkFacts;
use crate::store::rows::NumberRow;
use crate::store::schema::leases;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// The time there.
pub async fn clock(connection: &mut Conn) -> StoreResult<Timestamp> {
    Ok(sql::clock(connection).await?.0)
}

/// What waits and what was given up, and who lives.
pub async fn work_facts(connection: &mut Conn, now: Timestamp) -> StoreResult<WorkFacts> {
    let abandoned: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM jobs WHERE state = 'running' AND lease_until < {}",
    )
    .time(Time(now))
    .get_result(connection)
    .await?;
    let living: Vec<(String, String)> = leases::table
        .filter(leases::until.gt(Time(now)))
        .order(leases::name)
        .select((leases::name, leases::owner))
        .load(connection)
        .await?;
    let leader = living.iter().find(|(name, _)| name == "leader").map(|(_, owner)| owner.clone());
    let workers = living.into_iter().filter(|(name, _)| name.starts_with("worker:"));
    Ok(WorkFacts {
        ledger: figures::ledger_figures(connection).await?,
        outbox_dead: figures::outbox_dead(connection).await?,
        jobs: backlog::jobs_depth(connection, now).await?,
        jobs_abandoned: abandoned.number,
        queues_paused: dashboard::queues_paused(connection).await?,
        leader,
        workers: workers.map(|(_, owner)| owner).collect(),
        has_owner: people::people_in_charge(connection, Vec::new())
            .await?
            .iter()
            .any(|person| person.role == Role::Owner),
    })
}
