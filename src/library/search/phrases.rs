//! What the databases found for quoted words, without what holds them elsewhere than side by side.

use std::collections::HashSet;

use crate::domain::ids::MaterialId;
use crate::domain::search::{Query, stands_in_text, stands_in_tokens};
use crate::store::records::{CandidateMaterial, Candidates};
use crate::store::{Db, StoreResult};

/// Texts that are read for one search at most, the newest first; what is behind them is not found.
const TEXTS_MAX: usize = 300;

/// Takes out what does not hold the quotations.
pub async fn sift(db: &Db, query: &Query, candidates: &mut Candidates) -> StoreResult<()> {
    if query.phrases().is_empty() {
        return Ok(());
    }
    candidates.is_cut |= candidates.parts.len() > TEXTS_MAX;
    candidates.parts.truncate(TEXTS_MAX);
    let ids: Vec<i64> = candidates.parts.iter().map(|part| part.part).collect();
    let texts = if ids.is_empty() { Vec::new() } else { db.part_texts(ids).await? };
    let fitting: HashSet<i64> = texts
        .into_iter()
        .filter(|(_, text)| stands_in_text(query, &text.text))
        .map(|(part, _)| part)
        .collect();
    candidates.parts.retain(|part| fitting.contains(&part.part));

    let stands = |title: &CandidateMaterial| {
        stands_in_tokens(query, &title.title_terms) || stands_in_tokens(query, &title.tag_terms)
    };
    let titles = std::mem::take(&mut candidates.titles);
    let (by_title, others): (Vec<_>, Vec<_>) = titles.into_iter().partition(stands);
    candidates.titles = by_title;
    let inside: HashSet<MaterialId> = candidates.parts.iter().map(|part| part.material).collect();
    // The words are in the title, the quotation is in the text.
    candidates.hosts.extend(others);
    candidates.hosts.retain(|host| inside.contains(&host.id));
    Ok(())
}
