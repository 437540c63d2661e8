//! Files and half-fetched files that are one person's alone, for whoever erases them.
//!
//! Invariant: what anybody else's material holds, or one that learners find, is never named here as
//! somebody's alone.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::{Conn, sql as own};
use crate::domain::ids::{JobId, UserId};
use crate::store::error::StoreResult;
use crate::store::records::Belongings;
use crate::store::rows::{IdRow, NumberRow, TextRow};
use crate::store::statement::Statement;

/// What lies on the disk for a person: files of what they have not published, and what their jobs
/// are fetching.
pub async fn belongings(connection: &mut Conn, user: UserId) -> StoreResult<Belongings> {
    let hashes: Vec<TextRow> = Statement::new(
        "SELECT DISTINCT hash AS text FROM materials
         WHERE uploader_id = {} AND hash IS NOT NULL
           AND state IN ('open', 'draft', 'waiting', 'discarded')",
    )
    .long(user.0)
    .load(connection)
    .await?;
    let jobs: Vec<IdRow> = Statement::new(
        "SELECT id FROM jobs WHERE fairness_key = {} AND kind IN ('process_upload', 'adopt_file')",
    )
    .long(user.0)
    .load(connection)
    .await?;
    Ok(Belongings {
        hashes: hashes.into_iter().map(|row| row.text).collect(),
        jobs: jobs.into_iter().map(|row| JobId(row.id)).collect(),
    })
}

/// Forgets contents that no material has any more; gives the files of all that are gone, previews
/// included.
pub async fn contents_erase(
    connection: &mut Conn,
    hashes: Vec<String>,
) -> StoreResult<Vec<String>> {
    let mut files = Vec::new();
    for hash in hashes {
        let preview: Option<TextRow> = Statement::new(
            "DELETE FROM contents WHERE hash = {}
             AND NOT EXISTS (SELECT 1 FROM materials m
                             WHERE m.hash = contents.hash AND m.state <> 'discarded')
             RETURNING COALESCE(preview_hash, '') AS text",
        )
        .text(&hash)
        .get_result(connection)
        .await
        .optional()?;
        files.push(hash);
        files.extend(preview.map(|row| row.text).filter(|preview| !preview.is_empty()));
    }
    Ok(files)
}

/// Rewrites some more of the search index without what was deleted; gives whether there is more.
pub async fn index_drop_deleted(connection: &mut Conn) -> StoreResult<bool> {
    Ok(own::search::drop_deleted(connection).await?)
}

/// Whether a message that is still to leave brings that file.
pub async fn file_is_to_leave(connection: &mut Conn, hash: String) -> StoreResult<bool> {
    let row: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM outbox
         WHERE state IN ('queued', 'sending') AND payload LIKE {}",
    )
    .text(&format!("%\"{hash}\"%"))
    .get_result(connection)
    .await?;
    Ok(row.number > 0)
}

/// Whether a job runs that may be putting a file in its place, which is named by its end only.
pub async fn files_come_in(connection: &mut Conn) -> StoreResult<bool> {
    let row: NumberRow = Statement::new(
        "SELECT count(*) AS number FROM jobs
         WHERE state = 'running' AND kind IN ('process_upload', 'adopt_file')",
    )
    .get_result(connection)
    .await?;
    Ok(row.number > 0)
}
