//! What is done again and again: when it is due next, and its job.
//!
//! Invariants: a schedule moves on in the transaction that makes its job, so that it survives any
//! death and comes once, however many processes look; a job of a kind that is still open is not
//! made a second time.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::jobs;
use crate::domain::clock::Timestamp;
use crate::domain::effect::{JobKind, NewJob};
use crate::store::error::StoreResult;
use crate::store::schema::schedules;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Whether anything is due, or not on the list yet.
pub async fn schedules_due(connection: &mut Conn, now: Timestamp) -> StoreResult<bool> {
    let later: i64 = schedules::table
        .filter(schedules::name.eq_any(JobKind::RECURRING.each_ref().map(JobKind::name)))
        .filter(schedules::next_at.gt(Time(now)))
        .count()
        .get_result(connection)
        .await?;
    Ok(usize::try_from(later) != Ok(JobKind::RECURRING.len()))
}

/// Makes the jobs that are due, of those offered, and puts what is new on the list; gives how many
/// were due. What has been missed is not made up for: it is due once, and then after `every`.
pub async fn schedules_tick(
    connection: &mut Conn,
    offered: Vec<NewJob>,
    queue: String,
    every: Duration,
    now: Timestamp,
) -> StoreResult<usize> {
    let every = chrono::TimeDelta::from_std(every).unwrap_or(chrono::TimeDelta::days(1));
    let next = Time(now + every);
    let mut due = 0;
    for job in offered {
        let name = job.kind.name();
        diesel::insert_into(schedules::table)
            .values((schedules::name.eq(name), schedules::next_at.eq(next)))
            .on_conflict_do_nothing()
            .execute(connection)
            .await?;
        let moved =
            Statement::new("UPDATE schedules SET next_at = {} WHERE name = {} AND next_at <= {}")
                .time(next)
                .text(name)
                .time(Time(now))
                .execute(connection)
                .await?;
        if moved == 1 {
            due += 1;
            jobs::job_enqueue(connection, job, queue.clone(), now).await?;
        }
    }
    Ok(due)
}
