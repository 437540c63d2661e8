//! Incidents: what was put aside, until the people in charge are told.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::outbox;
use crate::domain::clock::Timestamp;
use crate::domain::incident::{Cause, Incident, Subject};
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::NewOutbox;
use crate::store::rows::IncidentRow;
use crate::store::schema::incidents;
use crate::store::sql_types::Time;

/// Notes that something was put aside, in the transaction that does so.
pub async fn note(
    connection: &mut Conn,
    subject: Subject,
    cause: Cause,
    now: Timestamp,
) -> StoreResult<()> {
    let (subject, id) = match subject {
        Subject::Update(seq) => ("update", seq.0),
        Subject::Job(id) => ("job", id.0),
    };
    diesel::insert_into(incidents::table)
        .values((
            incidents::subject.eq(subject),
            incidents::subject_id.eq(id),
            incidents::cause.eq(cause.name()),
            incidents::happened_at.eq(Time(now)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Incidents that nobody was told of, oldest first.
pub async fn incidents_untold(connection: &mut Conn, limit: i64) -> StoreResult<Vec<Incident>> {
    let rows: Vec<IncidentRow> = incidents::table
        .filter(incidents::told_at.is_null())
        .order(incidents::id)
        .limit(limit)
        .select(IncidentRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(Incident::try_from).collect()
}

/// Tells of all incidents up to a number with these messages; a conflict if somebody else has told
/// of one of them meanwhile. `count` is how many the messages speak of.
pub async fn incidents_tell(
    connection: &mut Conn,
    last: i64,
    count: usize,
    messages: Vec<NewOutbox>,
    now: Timestamp,
) -> StoreResult<()> {
    let told = diesel::update(incidents::table)
        .filter(incidents::told_at.is_null())
        .filter(incidents::id.le(last))
        .set(incidents::told_at.eq(Time(now)))
        .execute(connection)
        .await?;
    if told != count {
        return Err(StoreError::Conflict { what: "incident" });
    }
    outbox::outbox_insert(connection, messages, now).await
}
