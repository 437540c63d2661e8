//! People, their roles, and their dialogs.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::{audit, bans, fall};
use crate::domain::audit::{AuditAction, AuditNote, COMMAND_LINE};
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::role::Role;
use crate::domain::session::SessionKey;
use crate::domain::statistics::Day;
use crate::domain::user::User;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{ChatState, Seen, SessionWrite, StoredSession};
use crate::store::rows::{UserRow, storable};
use crate::store::schema::{sessions, users};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// The dialog and the person of a chat; the dialog also when it has expired, as whoever writes the
/// next one needs its version.
pub async fn chat_load(connection: &mut Conn, key: SessionKey) -> StoreResult<ChatState> {
    let session: Option<(String, i32, i64)> = sessions::table
        .find((key.chat.0, key.user.0, key.thread))
        .select((sessions::body, sessions::schema, sessions::version))
        .get_result(connection)
        .await
        .optional()?;
    let session = session.map(|(body, schema, version)| StoredSession { body, schema, version });
    let user = user_get(connection, key.user).await?;
    let (ban, bans) = bans::standing(connection, key.user).await?;
    Ok(ChatState { session, user, ban, bans })
}

/// A person, if known.
pub async fn user_get(connection: &mut Conn, id: UserId) -> StoreResult<Option<User>> {
    let row: Option<UserRow> = users::table
        .find(id.0)
        .select(UserRow::as_select())
        .get_result(connection)
        .await
        .optional()?;
    row.map(User::try_from).transpose()
}

/// Admins and owners, these by configuration included, whom the bot can write to.
pub async fn people_in_charge(
    connection: &mut Conn,
    owners: Vec<UserId>,
) -> StoreResult<Vec<User>> {
    let owners: Vec<i64> = owners.into_iter().map(|id| id.0).collect();
    let roles = [Role::Admin.name(), Role::Owner.name()];
    let rows: Vec<UserRow> = users::table
        .filter(users::role.eq_any(roles).or(users::id.eq_any(owners)))
        .filter(users::reachable.eq(true))
        // Whoever has never written to the bot cannot be written to.
        .filter(users::last_seen_at.gt(Time(Timestamp::UNIX_EPOCH)))
        .order(users::id)
        .select(UserRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(User::try_from).collect()
}

/// Writes down that a person was seen; a new one becomes a learner. The language is set once, at
/// the first message: from then on it is theirs to choose.
pub async fn user_see(connection: &mut Conn, seen: Seen, now: Timestamp) -> StoreResult<()> {
    let first_name = storable(seen.first_name);
    let username = seen.username.map(storable);
    // Somebody who got a role before they ever wrote.
    diesel::update(users::table.find(seen.id.0))
        .filter(users::last_seen_at.eq(Time(Timestamp::UNIX_EPOCH)))
        .set(users::lang.eq(seen.lang.code()))
        .execute(connection)
        .await?;
    // What `Presence::seen` does to the days.
    Statement::new(
        "INSERT INTO users (id, first_name, username, lang, role, reachable, created_at,
                            last_seen_at, seen_day, seen_days)
         VALUES ({}, {}, {}, {}, 'learner', TRUE, {}, {}, {}, 1)
         ON CONFLICT (id) DO UPDATE SET
             first_name = excluded.first_name,
             username = excluded.username,
             reachable = TRUE,
             last_seen_at = excluded.last_seen_at,
             seen_days = CASE
                 WHEN users.seen_days = 0 OR excluded.seen_day - users.seen_day > 62 THEN 1
                 WHEN excluded.seen_day <= users.seen_day THEN users.seen_days
                 ELSE ((users.seen_days << (excluded.seen_day - users.seen_day))
                       & 9223372036854775807) | 1 END,
             seen_day = CASE
                 WHEN users.seen_days = 0 OR excluded.seen_day > users.seen_day
                 THEN excluded.seen_day ELSE users.seen_day END",
    )
    .long(seen.id.0)
    .text(&first_name)
    .optional_text(username.as_deref())
    .text(seen.lang.code())
    .time(Time(now))
    .time(Time(now))
    .int(Day::of(now).0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives a person a role, from the command line; one who never wrote gets a row to hold it.
pub async fn user_set_role(
    connection: &mut Conn,
    id: UserId,
    role: Role,
    now: Timestamp,
) -> StoreResult<()> {
    if bans::standing(connection, id).await?.0.is_some() {
        return Err(StoreError::Conflict { what: "ban" });
    }
    role_write(connection, id, role, COMMAND_LINE, now).await.map(drop)
}

/// Gives a person a role, and writes down by whom; gives whether they had another one.
pub(super) async fn role_write(
    connection: &mut Conn,
    id: UserId,
    role: Role,
    by: UserId,
    now: Timestamp,
) -> StoreResult<bool> {
    let before: Option<String> =
        users::table.find(id.0).select(users::role).get_result(connection).await.optional()?;
    diesel::insert_into(users::table)
        .values((
            users::id.eq(id.0),
            users::first_name.eq(""),
            users::lang.eq(Lang::default().code()),
            users::role.eq(role.name()),
            users::reachable.eq(true),
            users::created_at.eq(Time(now)),
            // Never seen: the first message fills in name and language.
            users::last_seen_at.eq(Time(Timestamp::UNIX_EPOCH)),
        ))
        .on_conflict(users::id)
        .do_update()
        .set(users::role.eq(role.name()))
        .execute(connection)
        .await?;
    let after = Some(role.name().to_owned());
    if before == after {
        return Ok(false);
    }
    let note = AuditNote::changed(by, AuditAction::SetRole, id.0, before, after);
    audit::note(connection, note, now).await?;
    fall::take_along(connection, id, role, by, now).await?;
    Ok(true)
}

/// Sets a person's language.
pub async fn user_set_lang(connection: &mut Conn, id: UserId, lang: Lang) -> StoreResult<()> {
    diesel::update(users::table.find(id.0))
        .set(users::lang.eq(lang.code()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Sets a person's time zone.
pub async fn user_set_time_zone(
    connection: &mut Conn,
    id: UserId,
    zone: String,
) -> StoreResult<()> {
    diesel::update(users::table.find(id.0))
        .set(users::time_zone.eq(storable(zone)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes whether the bot may write to a person.
pub async fn user_set_reachable(
    connection: &mut Conn,
    id: UserId,
    reachable: bool,
) -> StoreResult<()> {
    diesel::update(users::table.find(id.0))
        .set(users::reachable.eq(reachable))
        .execute(connection)
        .await?;
    Ok(())
}

/// Refuses a step whose maker has lost the role it relied on. Written rather than read: whoever
/// takes the role meanwhile waits for this step, or is waited for (see `fall`).
pub async fn require_role(connection: &mut Conn, id: UserId, role: Role) -> StoreResult<()> {
    let has: Option<String> = diesel::update(users::table.find(id.0))
        .set(users::role.eq(users::role))
        .returning(users::role)
        .get_result(connection)
        .await
        .optional()?;
    let has = has.and_then(|name| Role::from_name(&name)).unwrap_or_default();
    if has >= role { Ok(()) } else { Err(StoreError::Conflict { what: "role" }) }
}

/// Writes a dialog, if it still has the version that was read.
pub async fn session_write(connection: &mut Conn, write: SessionWrite) -> StoreResult<()> {
    let key = write.key;
    let changed = if write.expected_version == 0 {
        diesel::insert_into(sessions::table)
            .values((
                sessions::chat_id.eq(key.chat.0),
                sessions::user_id.eq(key.user.0),
                sessions::thread_id.eq(key.thread),
                sessions::tag.eq(write.tag),
                sessions::body.eq(&write.body),
                sessions::schema.eq(write.schema),
                sessions::version.eq(1),
                sessions::expires_at.eq(Time(write.expires_at)),
            ))
            .on_conflict_do_nothing()
            .execute(connection)
            .await?
    } else {
        diesel::update(sessions::table.find((key.chat.0, key.user.0, key.thread)))
            .filter(sessions::version.eq(write.expected_version))
            .set((
                sessions::tag.eq(write.tag),
                sessions::body.eq(&write.body),
                sessions::schema.eq(write.schema),
                sessions::version.eq(write.expected_version + 1),
                sessions::expires_at.eq(Time(write.expires_at)),
            ))
            .execute(connection)
            .await?
    };
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "dialog" }) }
}
