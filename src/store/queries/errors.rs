//! Errors by groups, as the log has collected them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::clock::Timestamp;
use crate::store::error::StoreResult;
use crate::store::records::ErrorGroup;
use crate::store::rows::ErrorGroupRow;
use crate::store::schema::error_groups;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Adds what was collected, and forgets groups that were last seen before then.
pub async fn errors_note(
    connection: &mut Conn,
    groups: Vec<ErrorGroup>,
    forget_before: Timestamp,
) -> StoreResult<()> {
    for group in groups {
        Statement::new(
            "INSERT INTO error_groups
                 (fingerprint, place, text, count, first_at, last_at, trace)
             VALUES ({}, {}, {}, {}, {}, {}, {})
             ON CONFLICT (fingerprint) DO UPDATE SET
                 text = excluded.text,
                 count = error_groups.count + excluded.count,
                 last_at = excluded.last_at,
                 trace = excluded.trace",
        )
        .text(&group.fingerprint)
        .text(&group.place)
        .text(&group.text)
        .long(group.count)
        .time(Time(group.first_at))
        .time(Time(group.last_at))
        .optional_text(group.trace.as_deref())
        .execute(connection)
        .await?;
    }
    diesel::delete(error_groups::table.filter(error_groups::last_at.lt(Time(forget_before))))
        .execute(connection)
        .await?;
    Ok(())
}

/// Groups, the one that was seen last first.
pub async fn errors_recent(connection: &mut Conn, limit: i64) -> StoreResult<Vec<ErrorGroup>> {
    let rows: Vec<ErrorGroupRow> = error_groups::table
        .order((error_groups::last_at.desc(), error_groups::fingerprint))
        .limit(limit)
        .select(ErrorGroupRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(ErrorGroup::from).collect())
}

/// Forgets a group: it is mended, and counts from one when it comes again. Gives whether there was
/// such a one.
pub async fn error_forget(connection: &mut Conn, fingerprint: String) -> StoreResult<bool> {
    let gone = diesel::delete(error_groups::table.find(fingerprint)).execute(connection).await?;
    Ok(gone == 1)
}
