//! What is old is forgotten: a few hundred rows a transaction, found by an index, so that whoever
//! writes meanwhile does not wait for it.
//!
//! Invariant: nothing that waits for anybody is taken: no open update, job or message, no card of an
//! upload under way, nobody to whom an open broadcast goes. What was put aside can be tried again
//! for long, and not forever: people's words stand in it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::meta::{epoch_key, run_ended, run_key};
use crate::domain::clock::Timestamp;
use crate::domain::ids::first_id_at;
use crate::store::error::StoreResult;
use crate::store::records::{ContentsPruned, Prune, PruneBatch};
use crate::store::schema::{contents, materials, meta};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Forgets the oldest of a sort; gives how many rows that were.
pub async fn prune(connection: &mut Conn, batch: PruneBatch) -> StoreResult<usize> {
    let PruneBatch { what, before, limit } = batch;
    let statement = Statement::new(text_of(what));
    // An id grows with the time, and is the key: no index of its own.
    let statement = match what {
        Prune::Outbox => statement.long(first_id_at(before)).time(Time(before)),
        Prune::AudienceLists => statement.long(first_id_at(before)),
        _ => statement.time(Time(before)),
    };
    Ok(statement.long(limit).execute(connection).await?)
}

/// The counters of a broadcast stay as they are: of one that is over nothing is counted by its rows.
/// The order of the join is fixed: there are few broadcasts and many recipients.
const RECIPIENTS: &str = "DELETE FROM broadcast_recipients WHERE (broadcast_id, seq) IN (
     SELECT r.broadcast_id, r.seq
     FROM broadcasts b CROSS JOIN broadcast_recipients r
     WHERE r.broadcast_id = b.id AND b.done_at < {}
       AND NOT EXISTS (SELECT 1 FROM broadcasts o
                       WHERE o.state IN ('scheduled', 'running', 'paused')
                         AND o.audience LIKE '%\"broadcast\":' || b.id || '}%')
     LIMIT {} + 0)";

const AUDIENCE_LISTS: &str = "DELETE FROM audience_lists WHERE (list_id, chat_id) IN (
     SELECT l.list_id, l.chat_id FROM audience_lists l
     WHERE l.list_id < {}
       AND NOT EXISTS (SELECT 1 FROM broadcasts o
                       WHERE o.state IN ('scheduled', 'running', 'paused')
                         AND o.audience LIKE '%\"list\":' || l.list_id || '}%')
       AND NOT EXISTS (SELECT 1 FROM broadcast_series s
                       WHERE s.ended_at IS NULL
                         AND s.audience LIKE '%\"list\":' || l.list_id || '}%')
     ORDER BY l.list_id, l.chat_id LIMIT {} + 0)";

const OUTBOX: &str = "DELETE FROM outbox WHERE id IN (
         SELECT id FROM outbox
         WHERE id < {} AND state IN ('sent', 'failed') AND created_at < {}
           AND NOT EXISTS (SELECT 1 FROM materials m
                           WHERE m.card_outbox_id = outbox.id AND m.processing = 'pending')
         ORDER BY id LIMIT {} + 0)";

const DATA_EXPORTS: &str = "DELETE FROM data_exports WHERE user_id IN (
         SELECT user_id FROM data_exports WHERE asked_at < {} ORDER BY asked_at LIMIT {} + 0)";

const ASIDE: &str = "DELETE FROM updates WHERE seq IN (
         SELECT seq FROM updates
         WHERE state IN ('dead', 'ignored') AND received_at < {} ORDER BY seq LIMIT {} + 0)";

const fn text_of(what: Prune) -> &'static str {
    match what {
        Prune::UpdateTexts => {
            "UPDATE updates SET raw = '' WHERE seq IN (
                 SELECT seq FROM updates
                 WHERE state = 'done' AND CASE WHEN raw = '' THEN 1 ELSE 0 END = 0 AND done_at < {}
                 ORDER BY done_at LIMIT {} + 0)"
        }
        Prune::Updates => {
            "DELETE FROM updates WHERE seq IN (
                 SELECT seq FROM updates
                 WHERE state = 'done' AND CASE WHEN raw = '' THEN 1 ELSE 0 END = 1 AND done_at < {}
                 ORDER BY done_at LIMIT {} + 0)"
        }
        Prune::IgnoredUpdates => {
            "DELETE FROM updates WHERE seq IN (
                 SELECT seq FROM updates
                 WHERE state IN ('dead', 'ignored') AND state = 'ignored' AND last_error IS NULL
                   AND received_at < {}
                 ORDER BY seq LIMIT {} + 0)"
        }
        Prune::DoneJobs => {
            "DELETE FROM jobs WHERE id IN (
                 SELECT id FROM jobs WHERE state IN ('done', 'cancelled') AND done_at < {}
                 LIMIT {} + 0)"
        }
        Prune::DeadJobs => {
            "DELETE FROM jobs WHERE id IN (
                 SELECT id FROM jobs WHERE state = 'dead' AND done_at < {}
                 ORDER BY done_at LIMIT {} + 0)"
        }
        Prune::Outbox => OUTBOX,
        Prune::Incidents => {
            "DELETE FROM incidents WHERE id IN (
                 SELECT id FROM incidents WHERE told_at < {} ORDER BY told_at LIMIT {} + 0)"
        }
        Prune::Sessions => {
            "DELETE FROM sessions WHERE (chat_id, user_id, thread_id) IN (
                 SELECT chat_id, user_id, thread_id FROM sessions
                 WHERE expires_at < {} ORDER BY expires_at LIMIT {} + 0)"
        }
        Prune::Queries => {
            "DELETE FROM queries WHERE id IN (
                 SELECT id FROM queries WHERE created_at < {} ORDER BY created_at LIMIT {} + 0)"
        }
        Prune::Recipients => RECIPIENTS,
        Prune::AudienceLists => AUDIENCE_LISTS,
        Prune::Aside => ASIDE,
        Prune::DashboardKeys => {
            "DELETE FROM dashboard_keys WHERE hash IN (
                 SELECT hash FROM dashboard_keys WHERE expires_at < {} LIMIT {} + 0)"
        }
        Prune::OwnerCodes => {
            "DELETE FROM owner_codes WHERE hash IN (
                 SELECT hash FROM owner_codes WHERE expires_at < {} LIMIT {} + 0)"
        }
        Prune::DataExports => DATA_EXPORTS,
        Prune::Leases => {
            "DELETE FROM leases WHERE name IN (
                 SELECT name FROM leases WHERE name LIKE 'worker:%' AND until < {} LIMIT {} + 0)"
        }
    }
}

/// Forgets the lives of instances that ended in order before then; gives how many instances. Of one
/// that died nothing is forgotten: should it come back, it has to know.
pub async fn prune_instances(connection: &mut Conn, before: Timestamp) -> StoreResult<usize> {
    let lives: Vec<(String, String)> = meta::table
        .filter(meta::key.like("run:%"))
        .select((meta::key, meta::value))
        .load(connection)
        .await?;
    let mut removed = 0;
    for (key, value) in lives {
        let Some(instance) = key.strip_prefix("run:") else { continue };
        if run_ended(&value).is_some_and(|ended| ended < before) {
            let keys = [run_key(instance), epoch_key(instance)];
            diesel::delete(meta::table.filter(meta::key.eq_any(keys))).execute(connection).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Forgets contents that no material has, except for those that were thrown away: the next slice
/// after one. Young ones stay: their material may be about to be written.
pub async fn contents_prune(
    connection: &mut Conn,
    after: String,
    before: Timestamp,
    limit: i64,
) -> StoreResult<ContentsPruned> {
    let slice: Vec<String> = contents::table
        .filter(contents::hash.gt(&after))
        .order(contents::hash)
        .limit(limit)
        .select(contents::hash)
        .load(connection)
        .await?;
    let Some(last) = slice.last().cloned() else {
        return Ok(ContentsPruned { removed: 0, last: None });
    };
    let removed = Statement::new(
        "DELETE FROM contents WHERE hash > {} AND hash <= {} AND created_at < {}
         AND NOT EXISTS (SELECT 1 FROM materials m
                         WHERE m.hash = contents.hash AND m.state <> 'discarded')",
    )
    .text(&after)
    .text(&last)
    .time(Time(before))
    .execute(connection)
    .await?;
    Ok(ContentsPruned { removed, last: Some(last) })
}

/// Which of these files something names: a material, unless it was thrown away, a content, or a
/// preview.
pub async fn blobs_named(connection: &mut Conn, hashes: Vec<String>) -> StoreResult<Vec<String>> {
    let mut named: Vec<String> = contents::table
        .filter(contents::hash.eq_any(&hashes))
        .select(contents::hash)
        .load(connection)
        .await?;
    let previews: Vec<String> = contents::table
        .filter(contents::preview_hash.is_not_null())
        .filter(contents::preview_hash.eq_any(&hashes))
        .select(contents::preview_hash.assume_not_null())
        .load(connection)
        .await?;
    let materials: Vec<String> = materials::table
        .filter(materials::hash.is_not_null())
        .filter(materials::hash.eq_any(&hashes))
        .filter(materials::state.ne("discarded"))
        .select(materials::hash.assume_not_null())
        .load(connection)
        .await?;
    named.extend(previews);
    named.extend(materials);
    Ok(named)
}
