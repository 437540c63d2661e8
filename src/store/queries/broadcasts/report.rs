//! What became of a broadcast's recipients.

use diesel_async::RunQueryDsl;

use super::super::super::Conn;
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

/// Recipients in their order, after a given one.
pub async fn recipients_export(
    connection: &mut Conn,
    id: BroadcastId,
    after_seq: i64,
    limit: i64,
) -> StoreResult<Vec<ExportedRecipient>> {
    let rows: Vec<ExportRow> = Statement::new(
        "SELECT seq, chat_id, CASE WHEN state = 'sending' THEN 'deferred' ELSE state END AS state,
                COALESCE(reason, '') AS reason, message_id
         FROM broadcast_recipients WHERE broadcast_id = {} AND seq > {} ORDER BY seq LIMIT {} + 0",
    )
    .long(id.0)
    .long(after_seq)
    .long(limit)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(ExportedRecipient::from).collect())
}
