//! What became of a broadcast's recipients.

use diesel_async::RunQueryDsl;

use super::super::super::Conn;
use super::recipients::next_number;
use crate::domain::broadcast::Cause;
use crate::domain::ids::BroadcastId;
use crate::store::error::StoreResult;
use crate::store::records::ExportedRecipient;
use crate::store::rows::{CauseRow, ExportRow};
use crate::store::statement::Statement;

/// How many recipients stand how, and why. A request that may be under way again counts as
/// deferred.
pub async fn broadcast_causes(connection: &mut Conn, id: BroadcastId) -> StoreResult<Vec<Cause>> {
    let rows: Vec<CauseRow> = Statement::new(
        "SELECT CASE WHEN state = 'sending' THEN 'deferred' ELSE state END AS state,
                COALESCE(reason, '') AS reason, count(*) AS count
         FROM broadcast_recipients WHERE broadcast_id = {} GROUP BY 1, 2 ORDER BY 1, 2",
    )
    .long(id.0)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(Cause::from).collect())
}

/// Recipients in their order, after a given one; by ranges, as `recipients_page`.
pub async fn recipients_export(
    connection: &mut Conn,
    id: BroadcastId,
    after_seq: i64,
    limit: i64,
) -> StoreResult<Vec<ExportedRecipient>> {
    let (mut found, mut after) = (Vec::new(), after_seq);
    loop {
        let room = limit - i64::try_from(found.len()).unwrap_or(limit);
        if room <= 0 {
            return Ok(found);
        }
        let Some(first) = next_number(connection, id, after).await? else { return Ok(found) };
        after = first.saturating_add(room - 1);
        let rows: Vec<ExportRow> = Statement::new(
            "SELECT seq, chat_id, COALESCE(reason, '') AS reason, message_id,
                    CASE WHEN state = 'sending' THEN 'deferred' ELSE state END AS state
             FROM broadcast_recipients
             WHERE broadcast_id = {} AND seq >= {} AND seq <= {} ORDER BY seq",
        )
        .long(id.0)
        .long(first)
        .long(after)
        .load(connection)
        .await?;
        found.extend(rows.into_iter().map(ExportedRecipient::from));
    }
}
