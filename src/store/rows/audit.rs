//! Rows of the audit log.

use diesel::prelude::*;

use super::corrupt;
use crate::domain::audit::{AuditAction, AuditEntry, AuditNote};
use crate::domain::ids::UserId;
use crate::store::error::StoreError;
use crate::store::schema::audit;
use crate::store::sql_types::Time;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
pub struct AuditRow {
    id: i64,
    at: Time,
    actor: i64,
    action: String,
    subject_id: i64,
    details: String,
}

/// People are still named by their pseudonyms: see `queries/audit.rs`.
impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        let note = AuditNote {
            actor: UserId(row.actor),
            action: AuditAction::from_name(&row.action).ok_or(corrupt("audit.action"))?,
            subject: row.subject_id,
            details: serde_json::from_str(&row.details).map_err(|_| corrupt("audit.details"))?,
        };
        Ok(Self { id: row.id, at: row.at.0, note, actor_name: None, subject_name: None })
    }
}
