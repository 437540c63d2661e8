//! Reads what the shelf needs: pages by key, what is like a material, how a broken file stands.

use std::collections::HashMap;

use super::facts::Asker;
use crate::domain::ids::{MaterialId, UserId};
use crate::domain::likeness::{self, Facets, Word};
use crate::domain::material::{Material, MaterialState};
use crate::domain::role::Role;
use crate::domain::search::{analyse_document, vocabulary_terms};
use crate::domain::search_page::{Entry, Total};
use crate::domain::shelf::breakage::{REPORTS_MAX, REPORTS_TIME, SETTLED_MAX};
use crate::domain::shelf::{
    ALIKE_MAX, Addressee, Alike, Breakage, Broken, COUNT_MAX, Edge, Given, List, Listing, Placed,
    Preferring, ShelfAct, ShelfFacts, Spot,
};
use crate::domain::user::User;
use crate::store::records::{AlikeRequest, PageRequest};
use crate::store::{Db, StoreResult};

/// Most candidates of each source for what is like a material.
const CANDIDATES_MAX: i64 = 200;

/// Most words of a material that are looked up.
const WORDS_MAX: usize = 40;

/// The facts for what a button or a command of the shelf does.
pub async fn of_act(
    db: &Db,
    page_size: usize,
    act: ShelfAct,
    asker: Asker<'_>,
) -> StoreResult<ShelfFacts> {
    match act {
        ShelfAct::Show { list, spot } => show(db, page_size, list, spot, asker.user).await,
        ShelfAct::Favour { material, .. } => given(db, material, asker.user).await,
        ShelfAct::Alike { material, page } => {
            alike(db, page_size, material, page.unwrap_or(0)).await
        }
        ShelfAct::Prefer(_) => preferring(db, asker.user).await,
        ShelfAct::Break { material, act } => broken(db, material, act, asker).await,
    }
}

/// A material, as it is given to a person.
pub async fn given(db: &Db, id: MaterialId, user: UserId) -> StoreResult<ShelfFacts> {
    let Some(material) = db.material_get(id).await? else { return Ok(ShelfFacts::Gone) };
    let is_favourite = db.favourite_get(user, id).await?;
    Ok(ShelfFacts::Given(Given { material: Box::new(material), is_favourite }))
}

/// What a person prefers: a step may have been begun with an old copy of them.
pub async fn preferring(db: &Db, user: UserId) -> StoreResult<ShelfFacts> {
    let preferences = db.user_get(user).await?.map(|user| user.preferences).unwrap_or_default();
    Ok(ShelfFacts::Preferring(Preferring { preferences }))
}

async fn show(
    db: &Db,
    page_size: usize,
    list: List,
    spot: Spot,
    user: UserId,
) -> StoreResult<ShelfFacts> {
    let node = match list {
        List::Section { category, .. } => match db.category_get(category).await? {
            Some(node) => Some(node),
            None => return Ok(ShelfFacts::Gone),
        },
        _ => None,
    };
    let Piece { entries, page, has_more } = Pager { db, list, user, page_size }.at(spot).await?;
    let counted = db.shelf_count(list, user, COUNT_MAX + 1).await?;
    let total = if counted > COUNT_MAX {
        Total::AtLeast(whole(COUNT_MAX))
    } else {
        Total::Exactly(whole(counted))
    };
    Ok(ShelfFacts::List(Listing { list, node, page, page_size, total, entries, has_more }))
}

/// The entries of a page, top down.
struct Piece {
    entries: Vec<Placed>,
    page: u32,
    has_more: bool,
}

/// Reads a list.
struct Pager<'a> {
    db: &'a Db,
    list: List,
    user: UserId,
    page_size: usize,
}

impl Pager<'_> {
    async fn at(&self, spot: Spot) -> StoreResult<Piece> {
        let (edge, page) = match spot {
            Spot::First => return self.first().await,
            Spot::Before { edge, page } => return self.before(edge, page).await,
            Spot::After { edge, page } => (edge, page),
        };
        let piece = self.down(edge, page).await?;
        if !piece.entries.is_empty() {
            return Ok(piece);
        }
        // All that was behind it is gone: the last page is meant, to which the edge belongs.
        let edge = Edge { id: edge.id.saturating_sub(1), ..edge };
        let piece = self.before(edge, page.saturating_sub(1)).await?;
        Ok(Piece { has_more: false, ..piece })
    }

    async fn first(&self) -> StoreResult<Piece> {
        self.down(Edge::TOP, 0).await
    }

    async fn down(&self, edge: Edge, page: u32) -> StoreResult<Piece> {
        let mut entries = self.read(edge, true).await?;
        let has_more = entries.len() > self.page_size;
        entries.truncate(self.page_size);
        Ok(Piece { entries, page, has_more })
    }

    async fn before(&self, edge: Edge, page: u32) -> StoreResult<Piece> {
        let mut entries = self.read(edge, false).await?;
        if entries.len() <= self.page_size {
            // No other page is before it: that is the first one.
            return self.first().await;
        }
        entries.truncate(self.page_size);
        entries.reverse();
        Ok(Piece { entries, page: page.max(1), has_more: true })
    }

    /// One more than a page, so that it is known whether there is another one.
    async fn read(&self, edge: Edge, is_down: bool) -> StoreResult<Vec<Placed>> {
        let limit = signed(self.page_size).saturating_add(1);
        let (list, user) = (self.list, self.user);
        self.db.shelf_page(PageRequest { list, user, edge, is_down, limit }).await
    }
}

async fn alike(db: &Db, page_size: usize, id: MaterialId, page: u32) -> StoreResult<ShelfFacts> {
    let published = |material: &Material| material.state == MaterialState::Published;
    let Some(material) = db.material_get(id).await?.filter(published) else {
        return Ok(ShelfFacts::Gone);
    };
    let ids = alike_ids(db, &material).await?;
    let count = ids.len();
    let last = count.saturating_sub(1) / page_size.max(1);
    let page = usize::try_from(page).unwrap_or(last).min(last);
    let ids: Vec<MaterialId> =
        ids.into_iter().skip(page.saturating_mul(page_size)).take(page_size).collect();
    let found = db.entries_by_ids(ids.clone()).await?.into_iter();
    let mut found: HashMap<MaterialId, Entry> = found.map(|entry| (entry.id, entry)).collect();
    let entries = ids.iter().filter_map(|id| found.remove(id)).collect();
    let page = u32::try_from(page).unwrap_or_default();
    let title = material.title;
    Ok(ShelfFacts::Alike(Alike { material: id, title, page, page_size, count, entries }))
}

/// What is like a material, best first.
async fn alike_ids(db: &Db, material: &Material) -> StoreResult<Vec<MaterialId>> {
    let words = words(db, material).await?;
    let sought = likeness::sought(&words);
    let request = AlikeRequest {
        words: sought.fts5().zip(sought.tsquery()),
        category: material.category,
        limit: CANDIDATES_MAX,
    };
    let candidates = db.alike_candidates(request).await?;
    let facets = Facets {
        category: material.category,
        level: material.level,
        language: material.language,
        kind: material.kind,
    };
    Ok(likeness::rank(material.id, &words, facets, &candidates, ALIKE_MAX))
}

/// The words of a material, with how many use each.
async fn words(db: &Db, material: &Material) -> StoreResult<Vec<Word>> {
    let in_title = vocabulary_terms(&material.title);
    let in_tags = vocabulary_terms(&material.tags);
    let mut all: Vec<String> = in_tags.iter().chain(&in_title).cloned().collect();
    all.truncate(WORDS_MAX);
    all.sort_unstable();
    all.dedup();
    let uses = db.word_uses(all).await?;
    let word = |(term, uses): (String, i64)| {
        // The first token of a word is the one of all its forms, the last is its own.
        let tokens = analyse_document(&term);
        let stem = tokens.split(' ').next().unwrap_or_default().to_owned();
        let token = tokens.rsplit(' ').next().unwrap_or_default().to_owned();
        let (in_title, in_tags) = (in_title.contains(&term), in_tags.contains(&term));
        Word { token, stem, uses: u64::try_from(uses).unwrap_or_default(), in_title, in_tags }
    };
    let words = uses.into_iter().map(word).filter(|word| !word.token.is_empty());
    let mut words: Vec<Word> = words.collect();
    // A Cyrillic word is known in Latin letters, too: it counts once, by its stem.
    words.sort_by(|a, b| {
        let rank = |word: &Word| (word.stem == word.token, std::cmp::Reverse(word.uses));
        a.token.cmp(&b.token).then_with(|| rank(a).cmp(&rank(b)))
    });
    words.dedup_by(|next, kept| {
        let is_same = next.token == kept.token;
        if is_same {
            kept.uses = kept.uses.max(next.uses);
        }
        is_same
    });
    Ok(words)
}

async fn broken(
    db: &Db,
    id: MaterialId,
    act: Breakage,
    asker: Asker<'_>,
) -> StoreResult<ShelfFacts> {
    let ShelfFacts::Given(given) = given(db, id, asker.user).await? else {
        return Ok(ShelfFacts::Gone);
    };
    let since = asker.now - REPORTS_TIME;
    let standing = db.breakage_standing(asker.user, id, since, REPORTS_MAX).await?;
    let is_open = standing.count.is_some();
    let editors = match act {
        Breakage::Report(_) if !is_open => editors(db, &given.material, asker.owners).await?,
        _ => Vec::new(),
    };
    let reporters = match act {
        Breakage::Look | Breakage::Settle => db.breakage_reporters(id, SETTLED_MAX).await?,
        _ => Vec::new(),
    };
    Ok(ShelfFacts::Broken(Box::new(Broken {
        given,
        is_open,
        is_own: standing.is_own,
        lately: standing.lately,
        editors,
        reporters,
        count: standing.count.unwrap_or(0),
    })))
}

/// Who is told of a broken file: whoever brought it, as long as they are an editor whom the bot can
/// write to; else the people in charge.
async fn editors(db: &Db, material: &Material, owners: &[UserId]) -> StoreResult<Vec<Addressee>> {
    let is_owner = |user: &User| owners.contains(&user.id);
    let addressee = |user: User| Addressee { user: user.id, lang: user.lang, is_editor: true };
    let uploader = db.user_get(material.uploader).await?;
    let uploader = uploader.filter(|user| {
        let role = if is_owner(user) { Role::Owner } else { user.role };
        let has_written = user.last_seen_at > crate::domain::clock::Timestamp::UNIX_EPOCH;
        role.can_edit() && user.reachable && has_written
    });
    if let Some(uploader) = uploader {
        return Ok(vec![addressee(uploader)]);
    }
    let in_charge = db.people_in_charge(owners.to_vec()).await?;
    Ok(in_charge.into_iter().map(addressee).collect())
}

fn whole(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
