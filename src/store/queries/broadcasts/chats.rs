//! Audiences that another table names: followers, a list, the recipients of another broadcast.
//!
//! Invariants: who is known to be out of reach, or has never written to the bot, is left out; a
//! chat that is not known to us is tried. The cursor counts along a key that never changes, so that
//! one pass finds everybody.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::super::{Conn, sql};
use super::people::LOOK;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{AudienceListId, ChatId};
use crate::store::error::StoreResult;
use crate::store::records::{AudienceSlice, FillCursor};
use crate::store::rows::{AudienceRow, DeliveredRow, NumberRow, messages};
use crate::store::schema::{audience_lists, categories, follows, materials, users};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Sections that one slice looks into at most.
const SECTIONS: usize = 64;

/// A table that names chats.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    List(i64),
    FailedOf(i64),
    DeliveredOf(i64),
}

/// These sections and all above them, in rising order: who follows one follows what is below it.
pub(super) async fn sections_with_parents(
    connection: &mut Conn,
    sections: Vec<i64>,
) -> StoreResult<Vec<i64>> {
    let mut all = BTreeSet::new();
    for section in sections {
        let mut next = Some(section);
        while let Some(section) = next.filter(|section| all.insert(*section)) {
            next = categories::table
                .find(section)
                .select(categories::parent_id)
                .get_result::<Option<i64>>(connection)
                .await
                .optional()?
                .flatten();
        }
    }
    Ok(all.into_iter().collect())
}

/// Sections with materials that were published in that time.
pub(super) async fn sections_with_news(
    connection: &mut Conn,
    since: Timestamp,
    until: Timestamp,
) -> StoreResult<Vec<i64>> {
    let found: Vec<Option<i64>> = materials::table
        // In the words of the index `materials_new`.
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("materials.state = 'published'"))
        .filter(materials::published_at.ge(Time(since)))
        .filter(materials::published_at.lt(Time(until)))
        .select(materials::category_id)
        .distinct()
        .load(connection)
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// How many people follow one of these sections.
pub(super) async fn followers_count(
    connection: &mut Conn,
    sections: Vec<i64>,
    now: Timestamp,
) -> StoreResult<i64> {
    Ok(follows::table
        .inner_join(users::table.on(users::id.eq(follows::user_id)))
        .filter(follows::category_id.eq_any(sections))
        .filter(users::reachable.eq(true))
        .filter(users::last_seen_at.gt(Time(Timestamp::UNIX_EPOCH)))
        .filter(users::created_at.le(Time(now)))
        .select(diesel::dsl::count(follows::user_id).aggregate_distinct())
        .get_result(connection)
        .await?)
}

/// The next followers, section by section, by id; within the slice, who was active last is first.
/// The cursor's time is the section.
pub(super) async fn followers_slice(
    connection: &mut Conn,
    sections: Vec<i64>,
    cut_off: Timestamp,
    from: FillCursor,
    limit: i64,
) -> StoreResult<AudienceSlice> {
    let mut found: Vec<AudienceRow> = Vec::new();
    let mut next = None;
    let left = sections.into_iter().filter(|section| from.phase == 0 || *section >= from.time);
    for (number, section) in left.enumerate() {
        let room = limit - i64::try_from(found.len()).unwrap_or(limit);
        let is_first = from.phase == 1 && section == from.time;
        let after = if is_first { from.id } else { i64::MIN };
        if room <= 0 || number >= SECTIONS {
            next = Some(FillCursor { phase: 1, time: section, id: after });
            break;
        }
        let rows: Vec<AudienceRow> = Statement::new(
            "SELECT f.user_id AS id, COALESCE(u.last_seen_at, {}) AS at,
                    COALESCE(u.reachable AND u.last_seen_at > {} AND u.created_at <= {}, FALSE)
                        AS takes
             FROM follows f LEFT JOIN users u ON u.id = f.user_id
             WHERE f.category_id = {} AND f.user_id > {} ORDER BY f.user_id LIMIT {} + 0",
        )
        .time(Time(Timestamp::UNIX_EPOCH))
        .time(Time(Timestamp::UNIX_EPOCH))
        .time(Time(cut_off))
        .long(section)
        .long(after)
        .long(room)
        .load(connection)
        .await?;
        let is_full = usize::try_from(room).is_ok_and(|room| rows.len() >= room);
        let last = rows.last().map(|row| row.id);
        found.extend(rows);
        if let Some(id) = last.filter(|_| is_full) {
            next = Some(FillCursor { phase: 1, time: section, id });
            break;
        }
    }
    found.retain(|row| row.takes);
    found.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
    // Who follows two of the sections stands side by side.
    found.dedup_by_key(|row| row.id);
    let chats = found.into_iter().map(|row| (ChatId(row.id), Vec::new())).collect();
    Ok(AudienceSlice { chats, from, next })
}

/// How many chats a table names.
pub(super) async fn count(connection: &mut Conn, source: Source) -> StoreResult<i64> {
    let statement = match source {
        Source::List(list) => Statement::new(
            "SELECT count(*) AS number FROM audience_lists l LEFT JOIN users u ON u.id = l.chat_id
             WHERE l.list_id = {} AND COALESCE(u.reachable AND u.last_seen_at > {}, TRUE)",
        )
        .long(list)
        .time(Time(Timestamp::UNIX_EPOCH)),
        Source::FailedOf(broadcast) => Statement::new(
            "SELECT count(*) AS number
             FROM broadcast_recipients r LEFT JOIN users u ON u.id = r.chat_id
             WHERE r.broadcast_id = {} AND r.state = 'failed'
               AND COALESCE(u.reachable AND u.last_seen_at > {}, TRUE)",
        )
        .long(broadcast)
        .time(Time(Timestamp::UNIX_EPOCH)),
        Source::DeliveredOf(broadcast) => Statement::new(
            "SELECT count(*) AS number FROM broadcast_recipients
             WHERE broadcast_id = {} AND state = 'delivered' AND message_id IS NOT NULL",
        )
        .long(broadcast),
    };
    let counted: NumberRow = statement.get_result(connection).await?;
    Ok(counted.number)
}

/// The next chats that a table names.
pub(super) async fn slice(
    connection: &mut Conn,
    source: Source,
    from: FillCursor,
    limit: i64,
) -> StoreResult<AudienceSlice> {
    // Ids of groups are negative, so that the beginning needs a mark of its own.
    let after = if from.phase == 0 { i64::MIN } else { from.id };
    let (rows, last) = match source {
        Source::List(list) => listed(connection, list, after, limit).await?,
        Source::FailedOf(broadcast) | Source::DeliveredOf(broadcast) => {
            let last = last_looked_at(connection, broadcast, after, limit).await?;
            let to = last.unwrap_or(i64::MAX);
            let rows = match source {
                Source::DeliveredOf(_) => delivered(connection, broadcast, after, to, limit).await,
                _ => failed(connection, broadcast, after, to, limit).await,
            }?;
            let is_full = usize::try_from(limit).is_ok_and(|limit| rows.len() >= limit);
            let last_taken = rows.last().map(|row| row.seq).filter(|_| is_full);
            (rows, last_taken.or(last))
        }
    };
    let mut chats = Vec::with_capacity(rows.len());
    for row in rows {
        chats.push((ChatId(row.chat_id), messages(row.message_id, row.more_ids.as_deref())?));
    }
    let next = last.map(|id| FillCursor { phase: 1, time: 0, id });
    Ok(AudienceSlice { chats, from, next })
}

async fn listed(
    connection: &mut Conn,
    list: i64,
    after: i64,
    limit: i64,
) -> StoreResult<(Vec<DeliveredRow>, Option<i64>)> {
    let rows: Vec<AudienceRow> = Statement::new(
        "SELECT l.chat_id AS id, COALESCE(u.last_seen_at, {}) AS at,
                COALESCE(u.reachable AND u.last_seen_at > {}, TRUE) AS takes
         FROM audience_lists l LEFT JOIN users u ON u.id = l.chat_id
         WHERE l.list_id = {} AND l.chat_id > {} ORDER BY l.chat_id LIMIT {} + 0",
    )
    .time(Time(Timestamp::UNIX_EPOCH))
    .time(Time(Timestamp::UNIX_EPOCH))
    .long(list)
    .long(after)
    .long(limit)
    .load(connection)
    .await?;
    let is_full = usize::try_from(limit).is_ok_and(|limit| rows.len() >= limit);
    let last = rows.last().map(|row| row.id).filter(|_| is_full);
    let taken = rows.into_iter().filter(|row| row.takes).map(|row| DeliveredRow {
        seq: row.id,
        chat_id: row.id,
        message_id: None,
        more_ids: None,
    });
    Ok((taken.collect(), last))
}

/// The number with which a slice's look at another broadcast ends; none if it reaches its end.
async fn last_looked_at(
    connection: &mut Conn,
    broadcast: i64,
    after: i64,
    limit: i64,
) -> QueryResult<Option<i64>> {
    let found: Option<NumberRow> = Statement::new(
        "SELECT seq AS number FROM broadcast_recipients
         WHERE broadcast_id = {} AND seq > {} ORDER BY seq LIMIT 1 OFFSET {} + 0",
    )
    .long(broadcast)
    .long(after)
    .long(limit.saturating_mul(LOOK) - 1)
    .get_result(connection)
    .await
    .optional()?;
    Ok(found.map(|row| row.number))
}

async fn failed(
    connection: &mut Conn,
    broadcast: i64,
    after: i64,
    to: i64,
    limit: i64,
) -> QueryResult<Vec<DeliveredRow>> {
    Statement::new(
        "SELECT r.seq, r.chat_id, NULL AS message_id, NULL AS more_ids
         FROM broadcast_recipients r LEFT JOIN users u ON u.id = r.chat_id
         WHERE r.broadcast_id = {} AND r.seq > {} AND r.seq <= {} AND r.state = 'failed'
           AND COALESCE(u.reachable AND u.last_seen_at > {}, TRUE)
         ORDER BY r.seq LIMIT {} + 0",
    )
    .long(broadcast)
    .long(after)
    .long(to)
    .time(Time(Timestamp::UNIX_EPOCH))
    .long(limit)
    .load(connection)
    .await
}

/// Whoever got it, also who is out of reach by now: what can be removed is removed.
async fn delivered(
    connection: &mut Conn,
    broadcast: i64,
    after: i64,
    to: i64,
    limit: i64,
) -> QueryResult<Vec<DeliveredRow>> {
    Statement::new(
        "SELECT seq, chat_id, message_id, more_ids FROM broadcast_recipients
         WHERE broadcast_id = {} AND seq > {} AND seq <= {}
           AND state = 'delivered' AND message_id IS NOT NULL
         ORDER BY seq LIMIT {} + 0",
    )
    .long(broadcast)
    .long(after)
    .long(to)
    .long(limit)
    .load(connection)
    .await
}

/// Adds chats to a list; what is in it already stays.
pub async fn audience_list_add(
    connection: &mut Conn,
    list: AudienceListId,
    chats: Vec<ChatId>,
) -> StoreResult<()> {
    let chats: Vec<i64> = chats.into_iter().map(|chat| chat.0).collect();
    sql::insert_list(connection, list.0, &super::recipients::json(&chats)?).await?;
    Ok(())
}

/// How many chats a list holds.
pub async fn audience_list_count(connection: &mut Conn, list: AudienceListId) -> StoreResult<i64> {
    Ok(audience_lists::table
        .filter(audience_lists::list_id.eq(list.0))
        .count()
        .get_result(connection)
        .await?)
}
