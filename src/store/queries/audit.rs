//! The audit log.
//!
//! Invariants: [`note`] is called in the transaction of what it tells of, and nothing else writes
//! here: the database itself refuses to change or delete an entry (triggers). A person stands in it
//! by a number made by chance, as who did it and as whom it was done to; what leads from it to them
//! is a row of `pseudonyms`, and goes when they are erased. So an entry never has to be changed.

use std::collections::HashMap;
use std::slice;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::audit::{
    AuditEntry, AuditNote, AuditRequest, AuditSubject, COMMAND_LINE, ERASED,
};
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::store::error::{StoreError, StoreResult};
use crate::store::rows::{AuditRow, storable};
use crate::store::schema::{audit, categories, materials, pseudonyms, users};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Writes an entry.
pub async fn note(connection: &mut Conn, note: AuditNote, now: Timestamp) -> StoreResult<()> {
    let actor = pseudonym_of(connection, note.actor).await?;
    let subject = match note.action.subject() {
        AuditSubject::Person => pseudonym_of(connection, UserId(note.subject)).await?,
        _ => note.subject,
    };
    let details = serde_json::to_string(&note.details)
        .map_err(|_| StoreError::Corrupt { what: "audit.details" })?;
    Statement::new(
        "INSERT INTO audit (at, actor, action, subject, subject_id, details)
         VALUES ({}, {}, {}, {}, {}, {})",
    )
    .time(Time(now))
    .long(actor)
    .text(note.action.name())
    .text(note.action.subject().name())
    .long(subject)
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
        let Some(pseudonym) = known_pseudonym(connection, actor).await? else {
            return Ok(Vec::new());
        };
        query = query.filter(audit::actor.eq(pseudonym));
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
    let Some(mut entry) = row.map(AuditEntry::try_from).transpose()? else { return Ok(None) };
    unveil(connection, slice::from_mut(&mut entry)).await?;
    Ok(Some(entry))
}

/// The number by which a person stands in the audit, made if there is none.
async fn pseudonym_of(connection: &mut Conn, person: UserId) -> StoreResult<i64> {
    if let Some(known) = known_pseudonym(connection, person).await? {
        return Ok(known);
    }
    Statement::new(
        "INSERT INTO pseudonyms (person_id, pseudonym) VALUES ({}, {})
         ON CONFLICT (person_id) DO NOTHING",
    )
    .long(person.0)
    .long(by_chance()?)
    .execute(connection)
    .await?;
    // Somebody else may have made it meanwhile, or they were erased.
    let known = known_pseudonym(connection, person).await?;
    known.ok_or(StoreError::Conflict { what: "pseudonym" })
}

/// Positive, so that it is nobody's who has none: 0 and [`ERASED`] are taken.
fn by_chance() -> StoreResult<i64> {
    let mut chance = [0_u8; 8];
    getrandom::fill(&mut chance).map_err(|_| StoreError::Conflict { what: "pseudonym" })?;
    Ok((i64::from_le_bytes(chance) & i64::MAX).max(1))
}

async fn known_pseudonym(connection: &mut Conn, person: UserId) -> StoreResult<Option<i64>> {
    if person == COMMAND_LINE {
        return Ok(Some(COMMAND_LINE.0));
    }
    let known = pseudonyms::table
        .filter(pseudonyms::person_id.eq(person.0))
        .select(pseudonyms::pseudonym)
        .get_result(connection)
        .await;
    Ok(known.optional()?)
}

/// Puts people where their pseudonyms stand; who was erased is [`ERASED`].
async fn unveil(connection: &mut Conn, entries: &mut [AuditEntry]) -> StoreResult<()> {
    let is_about_person = |entry: &AuditEntry| entry.note.action.subject() == AuditSubject::Person;
    let mut veiled: Vec<i64> = entries.iter().map(|entry| entry.note.actor.0).collect();
    veiled.extend(entries.iter().filter(|it| is_about_person(it)).map(|it| it.note.subject));
    veiled.retain(|number| *number != COMMAND_LINE.0);
    veiled.sort_unstable();
    veiled.dedup();
    let people: HashMap<i64, i64> = people_behind(connection, veiled).await?;
    let person = |number: i64| match number {
        0 => COMMAND_LINE,
        number => people.get(&number).map_or(ERASED, |person| UserId(*person)),
    };
    for entry in entries {
        entry.note.actor = person(entry.note.actor.0);
        if is_about_person(entry) {
            entry.note.subject = person(entry.note.subject).0;
        }
    }
    Ok(())
}

async fn people_behind(connection: &mut Conn, veiled: Vec<i64>) -> StoreResult<HashMap<i64, i64>> {
    if veiled.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, i64)> = pseudonyms::table
        .filter(pseudonyms::pseudonym.eq_any(veiled))
        .select((pseudonyms::pseudonym, pseudonyms::person_id))
        .load(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

async fn named(
    connection: &mut Conn,
    mut entries: Vec<AuditEntry>,
) -> StoreResult<Vec<AuditEntry>> {
    unveil(connection, &mut entries).await?;
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
