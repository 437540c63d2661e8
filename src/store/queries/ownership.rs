//! One-time codes that make owners.
//!
//! Invariant: a code is gone with its use, in the transaction that gives the role and writes the
//! audit log.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::audit;
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::store::error::{StoreError, StoreResult};
use crate::store::rows::{NumberRow, TextRow};
use crate::store::schema::users;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// A code may be used until then. Those from before are worth nothing any more: of a link that was
/// lost, a new one is the end.
pub async fn owner_code_add(
    connection: &mut Conn,
    hash: String,
    expires_at: Timestamp,
) -> StoreResult<()> {
    Statement::new("DELETE FROM owner_codes").execute(connection).await?;
    Statement::new("INSERT INTO owner_codes (hash, expires_at) VALUES ({}, {})")
        .text(&hash)
        .time(Time(expires_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether a code is good.
pub async fn owner_code_stands(
    connection: &mut Conn,
    hash: String,
    now: Timestamp,
) -> StoreResult<bool> {
    let found: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM owner_codes WHERE hash = {} AND expires_at > {}",
    )
    .text(&hash)
    .time(Time(now))
    .get_result(connection)
    .await?;
    Ok(found.number > 0)
}

/// Uses a code up and makes its bearer an owner; a conflict when somebody else was first.
pub async fn claim(
    connection: &mut Conn,
    user: UserId,
    hash: String,
    now: Timestamp,
) -> StoreResult<()> {
    let used: Option<TextRow> = Statement::new(
        "DELETE FROM owner_codes WHERE hash = {} AND expires_at > {} RETURNING hash AS text",
    )
    .text(&hash)
    .time(Time(now))
    .get_result(connection)
    .await
    .optional()?;
    if used.is_none() {
        return Err(StoreError::Conflict { what: "owner code" });
    }
    let before: String =
        users::table.find(user.0).select(users::role).get_result(connection).await?;
    diesel::update(users::table.find(user.0))
        .set(users::role.eq(Role::Owner.name()))
        .execute(connection)
        .await?;
    let after = Some(Role::Owner.name().to_owned());
    let note = AuditNote::changed(user, AuditAction::SetRole, user.0, Some(before), after);
    audit::note(connection, note, now).await
}
