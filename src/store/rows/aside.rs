//! Rows about whatever was put aside, or may have to be.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};

use crate::domain::ids::{ChatId, JobId, UpdateSeq};
use crate::domain::incident::{Cause, Incident, Subject};
use crate::store::error::StoreError;
use crate::store::records::{AsideJob, AsideUpdate, HeadUpdate};
use crate::store::schema::{incidents, jobs, updates};
use crate::store::sql_types::Time;

#[derive(QueryableByName)]
pub struct HeadRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    chat_key: i64,
    #[diesel(sql_type = Integer)]
    claims: i32,
}

impl From<HeadRow> for HeadUpdate {
    fn from(row: HeadRow) -> Self {
        Self { seq: UpdateSeq(row.seq), chat: ChatId(row.chat_key), claims: row.claims }
    }
}

/// A job that may be claimed.
#[derive(QueryableByName)]
pub struct ClaimableRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Integer)]
    pub suspicion: i32,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = updates)]
pub struct AsideUpdateRow {
    seq: i64,
    chat_key: i64,
    kind: String,
    state: String,
    faults: i32,
    last_error: Option<String>,
    received_at: Time,
    raw: String,
}

impl From<AsideUpdateRow> for AsideUpdate {
    fn from(row: AsideUpdateRow) -> Self {
        Self {
            seq: UpdateSeq(row.seq),
            chat: ChatId(row.chat_key),
            kind: row.kind,
            state: row.state,
            faults: row.faults,
            error: row.last_error,
            received_at: row.received_at.0,
            raw: row.raw,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
pub struct AsideJobRow {
    id: i64,
    kind: String,
    state: String,
    payload: String,
    attempts: i32,
    faults: i32,
    error: Option<String>,
    created_at: Time,
    queue: String,
    priority: i32,
    run_at: Time,
    owner: Option<String>,
    progress: Option<String>,
    done_at: Option<Time>,
}

impl From<AsideJobRow> for AsideJob {
    fn from(row: AsideJobRow) -> Self {
        Self {
            id: JobId(row.id),
            kind: row.kind,
            state: row.state,
            payload: row.payload,
            attempts: row.attempts,
            faults: row.faults,
            error: row.error,
            created_at: row.created_at.0,
            queue: row.queue,
            priority: row.priority,
            run_at: row.run_at.0,
            owner: row.owner,
            progress: row.progress,
            done_at: row.done_at.map(|time| time.0),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = incidents)]
pub struct IncidentRow {
    id: i64,
    subject: String,
    subject_id: i64,
    cause: String,
    happened_at: Time,
}

impl TryFrom<IncidentRow> for Incident {
    type Error = StoreError;

    fn try_from(row: IncidentRow) -> Result<Self, StoreError> {
        let subject = match row.subject.as_str() {
            "update" => Subject::Update(UpdateSeq(row.subject_id)),
            "job" => Subject::Job(JobId(row.subject_id)),
            _ => return Err(StoreError::Corrupt { what: "incidents.subject" }),
        };
        let cause =
            Cause::from_name(&row.cause).ok_or(StoreError::Corrupt { what: "incidents.cause" })?;
        Ok(Self { id: row.id, subject, cause, at: row.happened_at.0 })
    }
}
