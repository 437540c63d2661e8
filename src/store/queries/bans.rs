//! Who is shut out, and people as those in charge look for them.
//!
//! Invariants: `bans` names nobody: a mark is a keyed hash, and outlives whatever is erased of a
//! person; a deed, its audit entry and the new number of the list are one transaction. The number is
//! how copies of what was known of a chat are found to be old.

use std::collections::HashSet;

use data_encoding::HEXLOWER;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{audit, fall, meta, outbox, people};
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::button::KEY_NAME;
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ChatId, UserId};
use crate::domain::people::{Ban, PeopleChange, PersonCard, mark};
use crate::domain::role::Role;
use crate::store::error::{StoreError, StoreResult};
use crate::store::rows::{IdRow, PersonCardRow, storable};
use crate::store::schema::{bans, meta as facts, users};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Key of the list's number: it grows with each change.
const VERSION: &str = "bans_version";

/// Whether a person is shut out, and the number of the list that says so. As long as nobody ever
/// was, that is all it costs to know.
pub(super) async fn standing(
    connection: &mut Conn,
    user: UserId,
) -> StoreResult<(Option<Ban>, i64)> {
    let Some(version) = version(connection).await? else { return Ok((None, 0)) };
    let mark = mark(&key(connection).await?, user);
    let is_told: Option<bool> =
        bans::table.find(mark).select(bans::is_told).get_result(connection).await.optional()?;
    Ok((is_told.map(|is_told| Ban { is_told }), version))
}

async fn version(connection: &mut Conn) -> StoreResult<Option<i64>> {
    let text: Option<String> =
        facts::table.find(VERSION).select(facts::value).get_result(connection).await.optional()?;
    Ok(text.and_then(|text| text.parse().ok()))
}

/// The key that marks are derived from: the one that buttons are signed with. Whoever is first
/// makes it.
async fn key(connection: &mut Conn) -> StoreResult<[u8; 32]> {
    let known: Option<String> =
        facts::table.find(KEY_NAME).select(facts::value).get_result(connection).await.optional()?;
    let text = if let Some(text) = known {
        text
    } else {
        let mut fresh = [0; 32];
        let made = getrandom::fill(&mut fresh);
        made.map_err(|_| StoreError::Corrupt { what: "randomness" })?;
        meta::meta_get_or_set(connection, KEY_NAME.to_owned(), HEXLOWER.encode(&fresh)).await?
    };
    let bytes = HEXLOWER.decode(text.as_bytes()).ok();
    let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    key.ok_or(StoreError::Corrupt { what: "meta.button_key" })
}

/// Those of them who are shut out.
pub async fn bans_among(connection: &mut Conn, people: Vec<UserId>) -> StoreResult<Vec<UserId>> {
    if people.is_empty() || version(connection).await?.is_none() {
        return Ok(Vec::new());
    }
    let key = key(connection).await?;
    let marks: Vec<String> = people.iter().map(|user| mark(&key, *user)).collect();
    let found: Vec<String> =
        bans::table.filter(bans::mark.eq_any(&marks)).select(bans::mark).load(connection).await?;
    let found: HashSet<String> = found.into_iter().collect();
    let banned = people.into_iter().zip(marks).filter(|(_, mark)| found.contains(mark));
    Ok(banned.map(|(user, _)| user).collect())
}

/// Leaves those out of an audience who are shut out: also of a list that names whoever is forgotten
/// by now.
pub(super) async fn without_banned<T>(
    connection: &mut Conn,
    chats: Vec<(ChatId, T)>,
) -> StoreResult<Vec<(ChatId, T)>> {
    let people = chats.iter().map(|(chat, _)| UserId(chat.0)).collect();
    let banned: HashSet<UserId> = bans_among(connection, people).await?.into_iter().collect();
    Ok(chats.into_iter().filter(|(chat, _)| !banned.contains(&UserId(chat.0))).collect())
}

/// A person as those in charge see them.
pub async fn person_card(
    connection: &mut Conn,
    user: UserId,
    owners: Vec<UserId>,
) -> StoreResult<PersonCard> {
    let rows: Vec<PersonCardRow> = Statement::new(
        "SELECT id, first_name, username, role, last_seen_at AS seen_at, lang, reachable
         FROM users WHERE id = {}",
    )
    .long(user.0)
    .load(connection)
    .await?;
    let known = rows.into_iter().next().map(PersonCardRow::known).transpose()?;
    let is_banned = standing(connection, user).await?.0.is_some();
    let is_configured = owners.contains(&user);
    Ok(PersonCard { id: user, known, is_banned, is_configured })
}

/// People of that `@name`, or with that in their name; who was seen last comes first.
pub async fn people_find(
    connection: &mut Conn,
    text: String,
    owners: Vec<UserId>,
    limit: i64,
) -> StoreResult<Vec<PersonCard>> {
    let name = text.strip_prefix('@').unwrap_or(&text);
    // SQLite knows capitals of the Latin alphabet only.
    let lower = name.to_lowercase();
    let mut letters = lower.chars();
    let title: String =
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let within = |text: &str| storable(format!("%{}%", escaped(text)));
    let rows: Vec<PersonCardRow> = Statement::new(
        "SELECT id, first_name, username, role, last_seen_at AS seen_at, lang, reachable
         FROM users
         WHERE lower(username) = {} OR first_name LIKE {} ESCAPE '!'
            OR first_name LIKE {} ESCAPE '!' OR lower(first_name) LIKE {} ESCAPE '!'
         ORDER BY last_seen_at DESC, id LIMIT {} + 0",
    )
    .text(&storable(lower.clone()))
    .text(&within(name))
    .text(&within(&title))
    .text(&within(&lower))
    .long(limit)
    .load(connection)
    .await?;
    cards(connection, rows, &owners).await
}

/// A text in which nothing stands for anything else.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// Everybody with a role, owners by configuration included as far as they are known.
pub async fn people_staff(
    connection: &mut Conn,
    owners: Vec<UserId>,
    limit: i64,
) -> StoreResult<Vec<PersonCard>> {
    let rows: Vec<PersonCardRow> = Statement::new(
        "SELECT id, first_name, username, role, last_seen_at AS seen_at, lang, reachable
         FROM users
         WHERE role <> 'learner' ORDER BY id LIMIT {} + 0",
    )
    .long(limit)
    .load(connection)
    .await?;
    let mut people = cards(connection, rows, &owners).await?;
    for owner in &owners {
        if !people.iter().any(|person| person.id == *owner) {
            people.push(person_card(connection, *owner, owners.clone()).await?);
        }
    }
    Ok(people)
}

async fn cards(
    connection: &mut Conn,
    rows: Vec<PersonCardRow>,
    owners: &[UserId],
) -> StoreResult<Vec<PersonCard>> {
    let ids: Vec<UserId> = rows.iter().map(PersonCardRow::id).collect();
    let banned = bans_among(connection, ids).await?;
    rows.into_iter()
        .map(|row| {
            let id = row.id();
            let (is_banned, is_configured) = (banned.contains(&id), owners.contains(&id));
            Ok(PersonCard { id, known: Some(row.known()?), is_banned, is_configured })
        })
        .collect()
}

/// Shuts somebody out, lets them in again, or gives them a role; gives whether that was needed.
pub async fn people_change(
    connection: &mut Conn,
    change: PeopleChange,
    by: UserId,
    now: Timestamp,
) -> StoreResult<bool> {
    match change {
        PeopleChange::Ban { user, below } => ban(connection, user, below, by, now).await,
        PeopleChange::Unban(user) => unban(connection, user, by, now).await,
        PeopleChange::Give(user, role) => {
            if standing(connection, user).await?.0.is_some() {
                return Err(StoreError::Conflict { what: "ban" });
            }
            people::role_write(connection, user, role, by, now).await
        }
        PeopleChange::NoteTold => note_told(connection, by).await,
    }
}

/// The role goes with it. From now on the bot may not write to them, so that no audience has them.
async fn ban(
    connection: &mut Conn,
    user: UserId,
    below: Role,
    by: UserId,
    now: Timestamp,
) -> StoreResult<bool> {
    let before: Option<String> =
        users::table.find(user.0).select(users::role).get_result(connection).await.optional()?;
    let role = before.as_deref().and_then(Role::from_name).unwrap_or_default();
    if role >= below || user == by {
        return Err(StoreError::Conflict { what: "rank" });
    }
    let mark = mark(&key(connection).await?, user);
    let added = diesel::insert_into(bans::table)
        .values((bans::mark.eq(mark), bans::banned_at.eq(Time(now)), bans::is_told.eq(false)))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    if added == 0 {
        return Ok(false);
    }
    diesel::update(users::table.find(user.0))
        .set((users::role.eq(Role::Learner.name()), users::reachable.eq(false)))
        .execute(connection)
        .await?;
    fall::take_along(connection, user, Role::Learner, by, now).await?;
    unsend(connection, user).await?;
    outbox::outbox_forget_bulk(connection, ChatId(user.0)).await?;
    meta::meta_count_up(connection, VERSION.to_owned()).await?;
    let lost = before.filter(|_| role > Role::Learner);
    let now_is = lost.as_ref().map(|_| Role::Learner.name().to_owned());
    let note = AuditNote::changed(by, AuditAction::Ban, user.0, lost, now_is);
    audit::note(connection, note, now).await?;
    Ok(true)
}

/// What waits for them in broadcasts under way is not sent: they count as blocked, as if they had
/// left (see `erase`). What takes messages back goes on. The progress is taken first, as everywhere.
async fn unsend(connection: &mut Conn, user: UserId) -> StoreResult<()> {
    let waiting: Vec<IdRow> = Statement::new(
        "SELECT b.id FROM broadcasts b
         WHERE b.state IN ('scheduled', 'running', 'paused')
           AND EXISTS (SELECT 1 FROM broadcast_recipients r
                       WHERE r.broadcast_id = b.id AND r.chat_id = {}
                         AND r.state IN ('pending', 'deferred') AND r.message_id IS NULL)
         ORDER BY b.id",
    )
    .long(user.0)
    .load(connection)
    .await?;
    for IdRow { id } in waiting {
        Statement::new(
            "UPDATE broadcast_progress SET blocked = blocked + (
                 SELECT count(*) FROM broadcast_recipients
                 WHERE broadcast_id = {} AND chat_id = {}
                   AND state IN ('pending', 'deferred') AND message_id IS NULL)
             WHERE broadcast_id = {}",
        )
        .long(id)
        .long(user.0)
        .long(id)
        .execute(connection)
        .await?;
        Statement::new(
            "DELETE FROM broadcast_recipients
             WHERE broadcast_id = {} AND chat_id = {}
               AND state IN ('pending', 'deferred') AND message_id IS NULL",
        )
        .long(id)
        .long(user.0)
        .execute(connection)
        .await?;
    }
    Ok(())
}

async fn unban(
    connection: &mut Conn,
    user: UserId,
    by: UserId,
    now: Timestamp,
) -> StoreResult<bool> {
    let mark = mark(&key(connection).await?, user);
    let gone = diesel::delete(bans::table.find(mark)).execute(connection).await?;
    if gone == 0 {
        return Ok(false);
    }
    // Should they have blocked the bot meanwhile, the first message to them finds it out.
    people::user_set_reachable(connection, user, true).await?;
    meta::meta_count_up(connection, VERSION.to_owned()).await?;
    audit::note(connection, AuditNote::plain(by, AuditAction::Unban, user.0), now).await?;
    Ok(true)
}

/// It is told once; what other copies say of it does no harm.
async fn note_told(connection: &mut Conn, user: UserId) -> StoreResult<bool> {
    let mark = mark(&key(connection).await?, user);
    let changed = diesel::update(bans::table.find(mark))
        .set(bans::is_told.eq(true))
        .execute(connection)
        .await?;
    Ok(changed == 1)
}
