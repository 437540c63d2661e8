//! Telegram's handles of our files, and their renewal.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use crate::domain::outgoing::{CopyOwner, StoredCopy};
use crate::store::error::StoreResult;
use crate::store::schema::{contents, materials};

/// The handle under which Telegram knows the file by now, if any.
pub async fn handle_of(connection: &mut Conn, copy: StoredCopy) -> StoreResult<Option<String>> {
    let handle: Option<String> = match &copy.owner {
        CopyOwner::Material(id) => materials::table
            .find(id.0)
            .filter(materials::hash.eq(&copy.hash))
            .select(materials::file_id)
            .get_result(connection)
            .await
            .optional()?,
        CopyOwner::Preview(content) => contents::table
            .find(content)
            .filter(contents::preview_hash.eq(&copy.hash))
            .select(contents::preview_file_id)
            .get_result::<Option<String>>(connection)
            .await
            .optional()?
            .flatten(),
    };
    Ok(handle.filter(|handle| !handle.is_empty()))
}

/// Telegram knows the file under this handle from now on. A content that was replaced meanwhile
/// keeps what it has.
pub async fn handle_renew(
    connection: &mut Conn,
    copy: StoredCopy,
    file_id: String,
) -> StoreResult<()> {
    match &copy.owner {
        CopyOwner::Material(id) => {
            diesel::update(materials::table.find(id.0))
                .filter(materials::hash.eq(&copy.hash))
                .set(materials::file_id.eq(file_id))
                .execute(connection)
                .await?
        }
        CopyOwner::Preview(content) => {
            diesel::update(contents::table.find(content))
                .filter(contents::preview_hash.eq(&copy.hash))
                .set(contents::preview_file_id.eq(file_id))
                .execute(connection)
                .await?
        }
    };
    Ok(())
}
