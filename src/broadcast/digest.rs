//! The digest of each recipient: what came into the sections that they follow.
//!
//! What came is read once for a broadcast and is the same for all its recipients; what they follow
//! is read for each page of them. A recipient for whom nothing is left (all was taken out of the
//! library meanwhile, or they follow nothing any more) gets no letter.

use std::collections::HashMap;

use crate::domain::clock::Timestamp;
use crate::domain::digest::{FRESH_MAX, News};
use crate::domain::ids::{CategoryId, ChatId, UserId};
use crate::domain::lang::Lang;
use crate::domain::outgoing::Outgoing;
use crate::store::{Db, StoreResult};
use crate::views::Presenter;

/// What all recipients of one broadcast share. Bounded: the newest 500 materials, and the names of
/// the sections above them.
#[derive(Debug, Clone)]
pub struct Digest {
    news: News,
}

/// What a page of recipients follows.
#[derive(Debug, Clone, Default)]
pub struct Follows(HashMap<UserId, Vec<CategoryId>>);

impl Digest {
    /// What was published at or after `since` and before `until`.
    pub async fn read(db: &Db, since: Timestamp, until: Timestamp) -> StoreResult<Self> {
        let fresh = db.materials_published_between(since, until, FRESH_MAX).await?;
        let sections = if fresh.is_empty() { Vec::new() } else { db.sections_all().await? };
        Ok(Self { news: News::new(fresh, sections) })
    }

    /// The letter to a recipient, if there is anything to tell.
    pub fn letter(
        &self,
        presenter: &Presenter,
        follows: &Follows,
        chat: ChatId,
        lang: Lang,
    ) -> Option<Outgoing> {
        let follows = follows.0.get(&UserId(chat.0))?;
        let letter = self.news.letter(follows)?;
        Some(presenter.digest(lang, &letter).into_new())
    }
}

impl Follows {
    /// What these recipients follow; groups follow nothing.
    pub async fn read(db: &Db, chats: impl IntoIterator<Item = ChatId>) -> StoreResult<Self> {
        let people = chats.into_iter().filter(|chat| chat.is_private());
        let users: Vec<UserId> = people.map(|chat| UserId(chat.0)).collect();
        let mut follows: HashMap<UserId, Vec<CategoryId>> = HashMap::new();
        if !users.is_empty() {
            for (user, category) in db.follows_of(users).await? {
                follows.entry(user).or_default().push(category);
            }
        }
        Ok(Self(follows))
    }
}
