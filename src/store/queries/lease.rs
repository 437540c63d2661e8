//! Leases: what only one process may do at a time, and the fence around what it writes.
//!
//! Invariants: times are the database's own, so that the clocks of several hosts do not matter; a
//! token never comes twice, and each change of hands, a release included, makes a new one.
//!
//! The fence is a condition of the writing statement itself, so that it costs no round trip:
//! see `store::statement::fenced`.
//!
//! A leader that is frozen in the middle of a transaction on PostgreSQL has passed the fence; the
//! server takes the transaction back before the lease runs out (`PgConfig::idle_timeout`). On
//! SQLite it keeps the file locked, so that nobody takes its place until it goes on.
//!
//! Race known and accepted, on PostgreSQL: of a leader that is awake but could not prolong its
//! lease in time, a transaction that passed the fence just before another took it may commit just
//! after. It holds its rows until then, and the other, who waits for them, finds them closed: what
//! is done is done once.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use crate::domain::clock::Timestamp;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{Fence, JobOwner, LeaseAnswer, LeaseToken};
use crate::store::rows::NumberRow;
use crate::store::schema::leases;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Owner of a lease that was given back.
const NOBODY: &str = "";

/// Takes a lease that is free, or that this owner has had: the same name is the same place, whose
/// earlier holder is dead. An epoch that is lower than the row's takes nothing, so that two
/// processes that were given one name do not take it from each other for ever.
pub async fn lease_take(
    connection: &mut Conn,
    name: String,
    owner: JobOwner,
    ttl: Duration,
) -> StoreResult<LeaseAnswer> {
    sql::hurry(connection).await?;
    let now = sql::clock(connection).await?.0;
    let before: Option<String> =
        leases::table.find(&name).select(leases::owner).get_result(connection).await.optional()?;
    let taken: Option<NumberRow> = Statement::new(
        "INSERT INTO leases (name, owner, epoch, token, until) VALUES ({}, {}, {}, 1, {})
         ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch,
             token = leases.token + 1, until = excluded.until
         WHERE leases.until <= {}
             OR (leases.owner = excluded.owner AND leases.epoch <= excluded.epoch)
         RETURNING token AS number",
    )
    .text(&name)
    .text(&owner.instance)
    .long(owner.epoch)
    .time(Time(later(now, ttl)))
    .time(Time(now))
    .get_result(connection)
    .await
    .optional()?;
    if let Some(taken) = taken {
        let token = LeaseToken(taken.number);
        let follows_death = before.is_some_and(|owner| owner != NOBODY);
        return Ok(LeaseAnswer::Taken { token, follows_death });
    }
    let (by, until): (String, Time) = leases::table
        .find(&name)
        .select((leases::owner, leases::until))
        .get_result(connection)
        .await?;
    let left = until.0.signed_duration_since(now).to_std().unwrap_or_default();
    Ok(LeaseAnswer::Held { by, left })
}

/// Prolongs a lease that nobody else took. That it ran out does no harm then.
pub async fn lease_renew(
    connection: &mut Conn,
    name: String,
    token: LeaseToken,
    ttl: Duration,
) -> StoreResult<bool> {
    sql::hurry(connection).await?;
    let now = sql::clock(connection).await?.0;
    let changed = Statement::new("UPDATE leases SET until = {} WHERE name = {} AND token = {}")
        .time(Time(later(now, ttl)))
        .text(&name)
        .long(token.0)
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// Gives a lease back, and makes its token worthless. The row stays: tokens only ever grow.
pub async fn lease_release(
    connection: &mut Conn,
    name: String,
    token: LeaseToken,
) -> StoreResult<()> {
    sql::hurry(connection).await?;
    let now = sql::clock(connection).await?;
    Statement::new(
        "UPDATE leases SET owner = {}, until = {}, token = token + 1 WHERE name = {} AND token = {}",
    )
    .text(NOBODY)
    .time(now)
    .text(&name)
    .long(token.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many worker processes show that they live: each holds a lease of its own.
pub async fn workers_alive(connection: &mut Conn) -> StoreResult<i64> {
    let now = sql::clock(connection).await?;
    let alive = leases::table.filter(leases::name.like("worker:%")).filter(leases::until.gt(now));
    Ok(alive.count().get_result(connection).await?)
}

/// The time by the database's clock.
pub async fn database_now(connection: &mut Conn) -> StoreResult<Timestamp> {
    Ok(sql::clock(connection).await?.0)
}

/// Whether the fence still stands: asked when a fenced statement has changed nothing, to learn why.
pub async fn check_fence(connection: &mut Conn, fence: Fence) -> StoreResult<()> {
    let Some(token) = fence.token() else { return Ok(()) };
    let held: Option<NumberRow> =
        Statement::new("SELECT token AS number FROM leases WHERE name = 'leader' AND token = {}")
            .long(token)
            .get_result(connection)
            .await
            .optional()?;
    held.map(drop).ok_or(StoreError::Conflict { what: StoreError::LEASE })
}

fn later(now: Timestamp, ttl: Duration) -> Timestamp {
    chrono::TimeDelta::from_std(ttl).ok().and_then(|ttl| now.checked_add_signed(ttl)).unwrap_or(now)
}
