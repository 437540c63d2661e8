//! The audit log.
//!
//! Invariant: [`note`] is called in the transaction of what it tells of.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::audit::{AuditEntry, AuditNote, AuditRequest, AuditSubject};
use crate::domain::clock::Timestamp;
use crate::store::error::{StoreError, StoreResult};
use crate::store::rows::{AuditRow, storable};
use crate::store::schema::{audit, categories, materials, users};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Writes an entry.
pub async fn note(connection: &mut Conn, note: AuditNote, now: Timestamp) -> StoreResult<()> {
    let details = serde_json::to_string(&note.details)
        .map_err(|_| StoreError::Corrupt { what: "audit.details" })?;
    Statement::new(
        "INSERT INTO audit (at, actor_id, action, subject, subject_id, details)
         VALUES ({}, {}, {}, {}, {}, {})",
    )
    .time(Time(now))
    .long(note.actor.0)
    .text(note.action.name())
    .text(note.action.subject().name())
    .long(note.subject)
    .text(&storable(details))
    .execute(connection)
    .await?;
    Ok(())
}

/// Entries, newest first, with what people and things are called now.
pub async fn audit_list(
    connection: &mut Conn,
    request: AuditRequest,
) -> StoreResult<Vec<AuditEntry>> {
    let before = request.before.unwrap_or(i64::MAX);
    let mut query = audit::table
        .filter(audit::id.lt(before))
        .order(audit::id.desc())
        .limit(request.limit)
        .select(AuditRow::as_select())
        .into_boxed();
    if let Some(subject) = request.subject {
        query = query.filter(audit::subject.eq(subject.name()));
    }
    if let Some(action) = request.action {
        query = query.filter(audit::action.eq(action.name()));
    }
    if let Some(actor) = request.actor {
        query = query.filter(audit::actor_id.eq(actor.0));
    }
    let rows: Vec<AuditRow> = query.load(connection).await?;
    let entries = rows.into_iter().map(AuditEntry::try_from).collect::<StoreResult<Vec<_>>>()?;
    named(connection, entries).await
}

/// The newest entry about one thing.
pub async fn newest_of(
    connection: &mut Conn,
    subject: AuditSubject,
    id: i64,
) -> StoreResult<Option<AuditEntry>> {
    let row: Option<AuditRow> = audit::table
        .filter(audit::subject.eq(subject.name()))
        .filter(audit::subject_id.eq(id))
        .order(audit::id.desc())
        .limit(1)
        .select(AuditRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    row.map(AuditEntry::try_from).transpose()
}

async fn named(
    connection: &mut Conn,
    mut entries: Vec<AuditEntry>,
) -> StoreResult<Vec<AuditEntry>> {
    let ids = |of: AuditSubject| -> Vec<i64> {
        let is_of = |entry: &&AuditEntry| entry.note.action.subject() == of;
        entries.iter().filter(is_of).map(|entry| entry.note.subject).collect()
    };
    let (titles, sections, people) =
        (ids(AuditSubject::Material), ids(AuditSubject::Section), ids(AuditSubject::Person));
    let titles = titles_of(connection, titles).await?;
    let sections = sections_of(connection, sections).await?;
    let everybody = entries.iter().map(|entry| entry.note.actor.0).chain(people).collect();
    let people = people_of(connection, everybody).await?;
    for entry in &mut entries {
        entry.actor_name = people.get(&entry.note.actor.0).cloned();
        let names = match entry.note.action.subject() {
            AuditSubject::Material => &titles,
            AuditSubject::Section => &sections,
            AuditSubject::Person => &people,
            AuditSubject::Broadcast
            | AuditSubject::Report
            | AuditSubject::Alert
            | AuditSubject::Job
            | AuditSubject::Program => continue,
        };
        entry.subject_name = names.get(&entry.note.subject).cloned();
    }
    Ok(entries)
}

/// What things are called, by their ids. Of none there is nothing to ask.
macro_rules! names {
    ($name:ident, $table:ident, $column:ident) => {
        async fn $name(connection: &mut Conn, ids: Vec<i64>) -> StoreResult<HashMap<i64, String>> {
            if ids.is_empty() {
                return Ok(HashMap::new());
            }
            let rows: Vec<(i64, String)> = $table::table
                .filter($table::id.eq_any(ids))
                .select(($table::id, $table::$column))
                .load(connection)
                .await?;
            Ok(rows.into_iter().collect())
        }
    };
}

names!(titles_of, materials, title);
names!(sections_of, categories, title);
names!(people_of, users, first_name);
