//! What goes along when somebody loses a role: what they set going does not go on without them.
//!
//! - Files whose publication waits for their processing become drafts, which others publish.
//! - Broadcasts are held, so that another admin goes on with them or ends them; series of their
//!   words end. A digest says nothing of theirs: it is the library's, and goes on.
//!
//! Invariant: part of the transaction that takes the role, after the person's row is written. A step
//! that relies on the role has that row first (`people::require_role`), so that whatever it began is
//! seen here.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{audit, broadcasts, series};
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, SeriesId, UserId};
use crate::domain::material::MaterialState;
use crate::domain::role::Role;
use crate::store::error::StoreResult;
use crate::store::schema::{broadcast_series, broadcasts as letters, jobs, materials};

/// How the content of a digest begins, as it is stored.
pub const DIGESTS: &str = "{\"type\":\"digest\"%";

/// A person has this role left.
pub async fn take_along(
    connection: &mut Conn,
    user: UserId,
    left: Role,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    if left < Role::Editor {
        withhold(connection, user).await?;
    }
    if left < Role::Admin {
        hold(connection, user, by, now).await?;
        end_series(connection, user, by, now).await?;
    }
    Ok(())
}

/// What was to be published once it is ready is not; also when a job that was given up gets another
/// try.
async fn withhold(connection: &mut Conn, user: UserId) -> StoreResult<()> {
    let (waiting, draft) = (MaterialState::Waiting.name(), MaterialState::Draft.name());
    diesel::update(materials::table)
        .filter(materials::uploader_id.eq(user.0))
        .filter(materials::state.eq(waiting))
        .set(materials::state.eq(draft))
        .execute(connection)
        .await?;
    diesel::update(jobs::table)
        .filter(jobs::kind.eq("process_upload"))
        .filter(jobs::fairness_key.eq(user.0))
        .filter(jobs::result.eq(waiting))
        .set(jobs::result.eq(draft))
        .execute(connection)
        .await?;
    Ok(())
}

async fn hold(connection: &mut Conn, user: UserId, by: UserId, now: Timestamp) -> StoreResult<()> {
    let open: Vec<i64> = letters::table
        .filter(letters::created_by.eq(user.0))
        .filter(letters::state.eq_any(["scheduled", "running"]))
        .filter(letters::content.not_like(DIGESTS))
        .order(letters::id)
        .select(letters::id)
        .load(connection)
        .await?;
    for id in open {
        broadcasts::broadcast_hold(connection, BroadcastId(id), by, now).await?;
    }
    Ok(())
}

async fn end_series(
    connection: &mut Conn,
    user: UserId,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    let going: Vec<i64> = broadcast_series::table
        .filter(broadcast_series::created_by.eq(user.0))
        .filter(broadcast_series::ended_at.is_null())
        .filter(broadcast_series::content.is_not_null())
        .order(broadcast_series::id)
        .select(broadcast_series::id)
        .load(connection)
        .await?;
    for id in going {
        series::series_end(connection, SeriesId(id), now).await?;
        let after = Some("ended".to_owned());
        let note = AuditNote::changed(by, AuditAction::SetSeries, id, None, after);
        audit::note(connection, note, now).await?;
    }
    Ok(())
}
