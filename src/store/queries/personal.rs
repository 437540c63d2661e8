//! What is kept of a person, read for themselves: by the register of `domain::privacy`.

use diesel_async::RunQueryDsl;

use super::super::{Conn, sql};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, UserId};
use crate::domain::privacy::{Personal, PrivacyFacts};
use crate::domain::role::Role;
use crate::store::error::{StoreError, StoreResult};
use crate::store::rows::AboutRow;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// What matters before a person's data are copied or erased; copies since then count.
pub async fn privacy_facts(
    connection: &mut Conn,
    user: UserId,
    since: Timestamp,
) -> StoreResult<PrivacyFacts> {
    let row: AboutRow = Statement::new(
        "SELECT (SELECT count(*) FROM data_exports WHERE user_id = {} AND asked_at > {}) AS copies,
                CASE WHEN (SELECT role FROM users WHERE id = {}) IN ('admin', 'owner')
                     THEN (SELECT count(*) FROM (SELECT 1 AS one FROM users
                           WHERE role IN ('admin', 'owner') AND id <> {} LIMIT 1) o)
                     ELSE 0 END AS other_admins,
                (SELECT role FROM users WHERE id = {}) AS role,
                (SELECT min(id) FROM broadcasts
                 WHERE state IN ('scheduled', 'running', 'paused') AND created_by = {}
                   AND (state <> 'paused'
                        OR EXISTS (SELECT 1 FROM users
                                   WHERE id = {} AND role IN ('admin', 'owner')))) AS under_way",
    )
    .long(user.0)
    .time(Time(since))
    .long(user.0)
    .long(user.0)
    .long(user.0)
    .long(user.0)
    // What is held of somebody who lost their role they cannot end any more.
    .long(user.0)
    .get_result(connection)
    .await?;
    let role = row.role.as_deref().and_then(Role::from_name).unwrap_or_default();
    Ok(PrivacyFacts {
        had_copy: row.copies > 0,
        is_last_admin: role.can_broadcast() && row.other_admins == 0,
        is_stored_owner: role == Role::Owner,
        under_way: row.under_way.map(BroadcastId),
    })
}

/// Writes down that a person is sent a copy of their data; if they had one meanwhile, decide again.
pub async fn export_note(connection: &mut Conn, user: UserId, now: Timestamp) -> StoreResult<()> {
    let every = chrono::TimeDelta::seconds(crate::domain::privacy::EXPORT_EVERY_S);
    let noted = Statement::new(
        "INSERT INTO data_exports (user_id, asked_at) VALUES ({}, {})
         ON CONFLICT (user_id) DO UPDATE SET asked_at = excluded.asked_at
         WHERE data_exports.asked_at <= {}",
    )
    .long(user.0)
    .time(Time(now))
    .time(Time(now - every))
    .execute(connection)
    .await?;
    if noted == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "export" }) }
}

/// The rows of a person in a table, each as JSON.
pub async fn personal_rows(
    connection: &mut Conn,
    entry: Personal,
    user: UserId,
    limit: i64,
) -> StoreResult<Vec<String>> {
    let row = sql::json_row(entry.shown);
    let condition = theirs(&entry, user);
    let table = entry.table;
    let query = format!("SELECT {row} AS text FROM {table} WHERE {condition} LIMIT {limit}");
    let rows: Vec<crate::store::rows::TextRow> = diesel::sql_query(query).load(connection).await?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

/// The condition under which a row is a person's. The key of some tables begins with something
/// else: each value of it is looked up.
pub fn theirs(entry: &Personal, user: UserId) -> String {
    let narrowed = match entry.table {
        "broadcast_recipients" => "broadcast_id IN (SELECT id FROM broadcasts) AND ",
        "audience_lists" => {
            "list_id IN (WITH RECURSIVE lists (id) AS (
                 SELECT min(list_id) FROM audience_lists
                 UNION ALL
                 SELECT (SELECT min(list_id) FROM audience_lists WHERE list_id > lists.id)
                 FROM lists WHERE lists.id IS NOT NULL)
             SELECT id FROM lists WHERE id IS NOT NULL) AND "
        }
        // What they did, and what was done to them.
        "audit" => {
            let pseudonym = format!("(SELECT pseudonym FROM pseudonyms WHERE person_id = {user})");
            return format!(
                "(actor = {pseudonym} OR (subject = 'person' AND subject_id = {pseudonym}))"
            );
        }
        _ => "",
    };
    let column = entry.person.first().copied().unwrap_or("NULL");
    format!("{narrowed}{column} = {user}")
}
