//! Who is told of a new material or of an answer, page by page, each once.
//!
//! Invariants: the job that tells is made in the transaction that publishes a material for the
//! first time; a page of messages, who of the askers got one, and how far that is are one
//! transaction, fenced by the job's token.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{bans, editions};
use crate::domain::clock::Timestamp;
use crate::domain::digest::Section;
use crate::domain::effect::{JobKind, Priority};
use crate::domain::ids::{CategoryId, JobId, MaterialId, UserId};
use crate::domain::job::NOBODY;
use crate::domain::tell::Listener;
use crate::domain::user::User;
use crate::store::error::{StoreError, StoreResult};
use crate::store::meters;
use crate::store::records::{Announced, Listeners, ListenersRequest, News, Offer};
use crate::store::rows::{IdRow, SectionAboveRow, UserRow};
use crate::store::schema::users;
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// How deep sections may lie in each other; what is deeper is taken for a ring.
const DEPTH_MAX: usize = 64;

/// Makes the job that tells of a material, unless it was published before or nobody wants to hear
/// of anything. Its id is the material's below zero: other ids are positive, and there is one such
/// job for a material.
pub async fn tell_enqueue(
    connection: &mut Conn,
    material: MaterialId,
    queue: &str,
    now: Timestamp,
) -> StoreResult<()> {
    let kind = JobKind::TellOfMaterial { material };
    let payload =
        serde_json::to_string(&kind).map_err(|_| StoreError::Corrupt { what: "job payload" })?;
    let key = kind.unique_key();
    let added = Statement::new(
        "INSERT INTO jobs
             (id, kind, payload, queue, priority, fairness_key, unique_key, run_at, created_at)
         SELECT {}, {}, {}, {}, {}, {}, {}, {}, {} FROM materials m
         WHERE m.id = {} AND m.published_at IS NULL
           AND (EXISTS (SELECT 1 FROM follows)
                OR EXISTS (SELECT 1 FROM requests WHERE state = 'open'))
         ON CONFLICT DO NOTHING",
    )
    .long(material.0.saturating_neg())
    .text(kind.name())
    .text(&payload)
    .text(queue)
    .int(Priority::Housekeeping.weight())
    .long(NOBODY)
    .text(&key)
    .time(Time(now))
    .time(Time(now))
    .long(material.0)
    .execute(connection)
    .await?;
    meters::enqueued(queue, kind.name(), added);
    Ok(())
}

/// The section and those above it, the nearest first.
pub async fn sections_above(
    connection: &mut Conn,
    category: CategoryId,
) -> StoreResult<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    let mut next = Some(category.0);
    while let Some(id) = next.filter(|_| sections.len() < DEPTH_MAX) {
        let row: Option<SectionAboveRow> =
            Statement::new("SELECT id, parent_id, title FROM categories WHERE id = {}")
                .long(id)
                .get_result(connection)
                .await
                .optional()?;
        let Some(SectionAboveRow { id, parent_id, title }) = row else { break };
        next = parent_id;
        let parent = parent_id.map(CategoryId);
        sections.push(Section { id: CategoryId(id), parent, title });
    }
    Ok(sections)
}

/// The next people to tell. Each way to them is read by its own index, as far as a page needs it.
pub async fn listeners(connection: &mut Conn, request: ListenersRequest) -> StoreResult<Listeners> {
    let ListenersRequest { news, sections, after, limit } = request;
    let mut found: BTreeMap<i64, (Option<CategoryId>, bool)> = BTreeMap::new();
    for section in sections {
        let followers: Vec<IdRow> = Statement::new(
            "SELECT user_id AS id FROM follows WHERE category_id = {} AND user_id > {}
             ORDER BY user_id LIMIT {} + 0",
        )
        .long(section.0)
        .long(after.0)
        .long(limit)
        .load(connection)
        .await?;
        for IdRow { id } in followers {
            // The nearest came first.
            found.entry(id).or_insert((Some(section), false));
        }
    }
    for IdRow { id } in askers(connection, news, after, limit).await? {
        found.entry(id).or_insert((None, false)).1 = true;
    }
    let page: BTreeMap<i64, (Option<CategoryId>, bool)> =
        found.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    let Some(last) = page.keys().next_back().copied().map(UserId) else {
        return Ok(Listeners::default());
    };
    let rows: Vec<UserRow> = users::table
        .filter(users::id.eq_any(page.keys().copied()))
        // Whoever has never written to the bot cannot be written to.
        .filter(users::last_seen_at.gt(Time(Timestamp::UNIX_EPOCH)))
        .order(users::id)
        .select(UserRow::as_select())
        .load(connection)
        .await?;
    let ids = page.keys().copied().map(UserId).collect();
    let banned: HashSet<UserId> = bans::bans_among(connection, ids).await?.into_iter().collect();
    let mut people = Vec::with_capacity(rows.len());
    for row in rows {
        let User { id, lang, reachable, preferences, .. } = User::try_from(row)?;
        let (follows, has_asked) = page.get(&id.0).copied().unwrap_or_default();
        let is_reachable = reachable && !banned.contains(&id);
        people.push(Listener { user: id, lang, is_reachable, preferences, follows, has_asked });
    }
    Ok(Listeners { people, last: Some(last) })
}

async fn askers(
    connection: &mut Conn,
    news: News,
    after: UserId,
    limit: i64,
) -> QueryResult<Vec<IdRow>> {
    match news {
        News::Material(id) => {
            Statement::new(
                "SELECT DISTINCT a.user_id AS id
                 FROM requests r JOIN request_askers a ON a.request_id = r.id
                 WHERE r.material_id = {} AND a.user_id > {} AND a.told_at IS NULL
                 ORDER BY a.user_id LIMIT {} + 0",
            )
            .long(id.0)
            .long(after.0)
            .long(limit)
            .load(connection)
            .await
        }
        News::Request(id) => {
            Statement::new(
                "SELECT user_id AS id FROM request_askers
                 WHERE request_id = {} AND user_id > {} AND told_at IS NULL
                 ORDER BY user_id LIMIT {} + 0",
            )
            .long(id.0)
            .long(after.0)
            .long(limit)
            .load(connection)
            .await
        }
    }
}

/// Enqueues the messages of one page, notes which askers were dealt with and how far that is.
pub async fn tell_page(
    connection: &mut Conn,
    job: (JobId, i64),
    before: Announced,
    news: News,
    after: UserId,
    offers: Vec<Offer>,
    now: Timestamp,
) -> StoreResult<Announced> {
    let statement = match news {
        News::Material(id) => Statement::new(
            "UPDATE request_askers SET told_at = {}
             WHERE request_id IN (SELECT id FROM requests WHERE material_id = {})
               AND user_id > {} AND user_id <= {} AND told_at IS NULL",
        )
        .time(Time(now))
        .long(id.0),
        News::Request(id) => Statement::new(
            "UPDATE request_askers SET told_at = {}
             WHERE request_id = {} AND user_id > {} AND user_id <= {} AND told_at IS NULL",
        )
        .time(Time(now))
        .long(id.0),
    };
    statement.long(before.after.0).long(after.0).execute(connection).await?;
    editions::announce_page(connection, job, before, after, offers, now).await
}
