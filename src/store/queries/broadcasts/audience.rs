//! Who belongs to an audience: how many, and piece by piece.
//!
//! Invariants: a slice looks at a bounded number of rows, whatever the audience; read from slice to
//! slice to the end, nobody is left out who belonged to the audience when the broadcast began and
//! still does. Somebody may come twice: the recipients' own uniqueness takes care of that.

use super::super::super::Conn;
use super::super::bans;
use super::chats::{self, Source};
use super::people::{self, Narrowing};
use crate::domain::broadcast::Audience;
use crate::domain::clock::Timestamp;
use crate::store::error::StoreResult;
use crate::store::records::{AudienceSlice, FillCursor};

/// The kinds of audiences, by where their people are found.
enum Found<'a> {
    /// In the order of their last activity.
    People(Narrowing<'a>),
    /// By what they follow: these sections, in rising order.
    Followers(Vec<i64>),
    /// In another table.
    Chats(Source),
}

async fn find<'a>(
    connection: &mut Conn,
    audience: &'a Audience,
    cut_off: Timestamp,
) -> StoreResult<Found<'a>> {
    let everybody = Narrowing::everybody();
    Ok(match audience {
        Audience::All => Found::People(everybody),
        Audience::Language { lang } => {
            Found::People(Narrowing { lang: Some(lang.code()), ..everybody })
        }
        Audience::Active { days } => Found::People(everybody.active(*days, cut_off)),
        Audience::Role { role } => {
            Found::People(Narrowing { role: Some(role.name()), ..everybody })
        }
        Audience::Followers { category } => {
            Found::Followers(chats::sections_with_parents(connection, vec![category.0]).await?)
        }
        Audience::DigestReaders { since, until } => {
            let news = chats::sections_with_news(connection, *since, *until).await?;
            Found::Followers(chats::sections_with_parents(connection, news).await?)
        }
        Audience::List { list } => Found::Chats(Source::List(list.0)),
        Audience::FailedOf { broadcast } => Found::Chats(Source::FailedOf(broadcast.0)),
        Audience::DeliveredOf { broadcast } => Found::Chats(Source::DeliveredOf(broadcast.0)),
    })
}

/// How many would get a broadcast that begins now.
pub async fn audience_count(
    connection: &mut Conn,
    audience: Audience,
    now: Timestamp,
) -> StoreResult<i64> {
    match find(connection, &audience, now).await? {
        Found::People(narrowing) => people::count(connection, narrowing, now).await,
        Found::Followers(sections) => chats::followers_count(connection, sections, now).await,
        Found::Chats(source) => chats::count(connection, source).await,
    }
}

/// The next piece of an audience, of at most `limit` chats, for a broadcast that began at
/// `cut_off`.
pub async fn audience_slice(
    connection: &mut Conn,
    audience: Audience,
    cut_off: Timestamp,
    cursor: FillCursor,
    limit: i64,
) -> StoreResult<AudienceSlice> {
    let slice = match find(connection, &audience, cut_off).await? {
        Found::People(narrowing) => {
            people::slice(connection, narrowing, cut_off, cursor, limit).await?
        }
        Found::Followers(sections) => {
            chats::followers_slice(connection, sections, cut_off, cursor, limit).await?
        }
        // What is to be removed is removed from everybody's chat.
        Found::Chats(source @ Source::DeliveredOf(_)) => {
            return chats::slice(connection, source, cursor, limit).await;
        }
        Found::Chats(source) => chats::slice(connection, source, cursor, limit).await?,
    };
    let chats = bans::without_banned(connection, slice.chats).await?;
    Ok(AudienceSlice { chats, ..slice })
}
