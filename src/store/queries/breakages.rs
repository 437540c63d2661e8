//! Files that learners say are broken.
//!
//! Invariants: a row for a person and a material; a material has a case exactly while one of its
//! rows is not settled, so that whoever opens one is known, and editors are told once.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::shelf::Reporter;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{BreakageStanding, NewBreakage};
use crate::store::rows::{NumberRow, ReporterRow};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// How a material stands, and its asker. `limit` bounds the count of what they have reported since.
pub async fn breakage_standing(
    connection: &mut Conn,
    user: UserId,
    material: MaterialId,
    since: Timestamp,
    limit: i64,
) -> StoreResult<BreakageStanding> {
    let count: Option<NumberRow> =
        Statement::new("SELECT reporters AS number FROM broken_materials WHERE material_id = {}")
            .long(material.0)
            .get_result(connection)
            .await
            .optional()?;
    let is_own = is_open(connection, user, material).await?;
    let lately: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM (
             SELECT 1 AS one FROM breakages WHERE user_id = {} AND reported_at > {} LIMIT {} + 0
         ) AS counted",
    )
    .long(user.0)
    .time(Time(since))
    .long(limit)
    .get_result(connection)
    .await?;
    let count = count.map(|count| count.number);
    Ok(BreakageStanding { count, is_own, lately: lately.number })
}

/// Whether a person's report of a material is open.
async fn is_open(connection: &mut Conn, user: UserId, material: MaterialId) -> StoreResult<bool> {
    let open: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM breakages
         WHERE material_id = {} AND user_id = {} AND settled_at IS NULL",
    )
    .long(material.0)
    .long(user.0)
    .get_result(connection)
    .await?;
    Ok(open.number > 0)
}

/// Who says that a material is broken, by their ids.
pub async fn breakage_reporters(
    connection: &mut Conn,
    material: MaterialId,
    limit: i64,
) -> StoreResult<Vec<Reporter>> {
    let rows: Vec<ReporterRow> = Statement::new(
        "SELECT b.user_id, b.reason, u.lang, u.role,
                (u.reachable AND NOT u.is_muted) AS may_be_told
         FROM breakages b LEFT JOIN users u ON u.id = b.user_id
         WHERE b.material_id = {} AND b.settled_at IS NULL
         ORDER BY b.user_id LIMIT {} + 0",
    )
    .long(material.0)
    .long(limit)
    .load(connection)
    .await?;
    rows.into_iter().map(Reporter::try_from).collect()
}

/// Writes a report down. Whoever opens a case that is open, or joins one that is none, decides
/// again: whether editors are told depends on it.
pub async fn breakage_report(
    connection: &mut Conn,
    new: NewBreakage,
    now: Timestamp,
) -> StoreResult<()> {
    let NewBreakage { material, user, reason, opens } = new;
    let was_open = is_open(connection, user, material).await?;
    if !was_open {
        let case = if opens {
            Statement::new(
                "INSERT INTO broken_materials (material_id, reporters, opened_at)
                 VALUES ({}, 1, {}) ON CONFLICT (material_id) DO NOTHING",
            )
            .long(material.0)
            .time(Time(now))
        } else {
            Statement::new(
                "UPDATE broken_materials SET reporters = reporters + 1 WHERE material_id = {}",
            )
            .long(material.0)
        };
        if case.execute(connection).await? != 1 {
            return Err(StoreError::Conflict { what: "breakage" });
        }
    }
    // The time of one that is only said otherwise stays: it counts once in a day.
    Statement::new(
        "INSERT INTO breakages (material_id, user_id, reason, reported_at) VALUES ({}, {}, {}, {})
         ON CONFLICT (material_id, user_id) DO UPDATE SET
             reason = excluded.reason, settled_at = NULL,
             reported_at = CASE WHEN breakages.settled_at IS NULL THEN breakages.reported_at
                                ELSE excluded.reported_at END",
    )
    .long(material.0)
    .long(user.0)
    .text(reason.name())
    .time(Time(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Settles what these people said; what others say stays open. If one of theirs is settled already,
/// decide again: they were told.
pub async fn breakage_settle(
    connection: &mut Conn,
    material: MaterialId,
    reporters: Vec<UserId>,
    now: Timestamp,
) -> StoreResult<()> {
    // The lock: whoever reports or settles at the same time waits here.
    let is_there =
        Statement::new("UPDATE broken_materials SET reporters = reporters WHERE material_id = {}")
            .long(material.0)
            .execute(connection)
            .await?;
    if is_there == 0 {
        return Err(StoreError::Conflict { what: "breakage" });
    }
    for user in reporters {
        let settled = Statement::new(
            "UPDATE breakages SET settled_at = {}
             WHERE material_id = {} AND user_id = {} AND settled_at IS NULL",
        )
        .time(Time(now))
        .long(material.0)
        .long(user.0)
        .execute(connection)
        .await?;
        if settled != 1 {
            return Err(StoreError::Conflict { what: "breakage" });
        }
    }
    // Counted anew: whoever has left the school has taken their reports along.
    Statement::new(
        "UPDATE broken_materials SET reporters = (
             SELECT count(*) FROM breakages b
             WHERE b.material_id = broken_materials.material_id AND b.settled_at IS NULL)
         WHERE material_id = {}",
    )
    .long(material.0)
    .execute(connection)
    .await?;
    Statement::new("DELETE FROM broken_materials WHERE material_id = {} AND reporters = 0")
        .long(material.0)
        .execute(connection)
        .await?;
    Ok(())
}
