//! What a search can be narrowed to, with how much each choice leaves.
//!
//! Where the whole result is known, its materials are counted. Where it is longer than a list can
//! be, each choice is searched for, as it will be when somebody takes it: the number that stands on
//! a button is the number above the list that it opens.

use std::collections::HashMap;

use super::{Answer, Searcher, Wanted};
use crate::cache::FoundHit;
use crate::domain::button::Facet;
use crate::domain::facts::{FacetChoice, FacetFacts};
use crate::domain::ids::CategoryId;
use crate::domain::inspection::Kind;
use crate::domain::material::{Filters, Length, Level, StudyLanguage};
use crate::domain::search::{Taste, parse_query};
use crate::domain::search_page::Total;
use crate::store::StoreResult;

/// Sections that are offered: those with most of what was found.
const SECTIONS_MAX: usize = 8;

impl Searcher {
    /// The choices of a facet for remembered words.
    pub async fn facet(
        &self,
        text: String,
        filters: Filters,
        facet: Facet,
        taste: Taste,
    ) -> StoreResult<FacetFacts> {
        let any = facet.cleared(filters);
        let wanted = Wanted { filters: any, inside: true, list: 0, taste };
        let query = parse_query(&text);
        let answer =
            if query.is_empty() { None } else { self.answer(&text, query, wanted).await? };
        let Some(Answer { query, listed, .. }) = answer else {
            return Ok(FacetFacts { text, any: Total::Exactly(0), choices: Vec::new() });
        };
        let found = listed.found;
        let narrowed = choices(any, facet, &found.hits);
        let mut counted = Vec::with_capacity(narrowed.len());
        for narrowed in narrowed {
            let total = if let Total::Exactly(_) = found.total {
                let fits = |hit: &&FoundHit| narrowed.let_through(hit.traits);
                Total::Exactly(found.hits.iter().filter(fits).count())
            } else {
                self.find(&query, Wanted { filters: narrowed, ..wanted }).await?.found.total
            };
            if total.count() > 0 {
                counted.push((narrowed, total));
            }
        }
        let sections: Vec<CategoryId> = if facet == Facet::Category {
            counted.iter().filter_map(|(it, _)| it.category).collect()
        } else {
            Vec::new()
        };
        let mut titles: HashMap<CategoryId, String> = if sections.is_empty() {
            HashMap::new()
        } else {
            self.db.category_titles(sections).await?.into_iter().collect()
        };
        let choices = counted.into_iter().filter_map(|(filters, total)| {
            let section = match (facet, filters.category) {
                // A section that is gone meanwhile is no choice.
                (Facet::Category, Some(id)) => Some(titles.remove(&id)?),
                _ => None,
            };
            Some(FacetChoice { filters, section, total })
        });
        Ok(FacetFacts { text, any: found.total, choices: choices.collect() })
    }
}

/// The filters with each choice in a facet.
fn choices(any: Filters, facet: Facet, hits: &[FoundHit]) -> Vec<Filters> {
    match facet {
        Facet::Level => Level::ALL.map(|it| Filters { level: Some(it), ..any }).to_vec(),
        Facet::Kind => Kind::ALL.map(|it| Filters { kind: Some(it), ..any }).to_vec(),
        Facet::Language => {
            StudyLanguage::ALL.map(|it| Filters { language: Some(it), ..any }).to_vec()
        }
        Facet::Length => Length::ALL.map(|it| Filters { length: Some(it), ..any }).to_vec(),
        Facet::Category => {
            let sections = sections(hits).into_iter();
            sections.map(|it| Filters { category: Some(it), ..any }).collect()
        }
    }
}

/// The sections with most hits, in the order of their number.
fn sections(hits: &[FoundHit]) -> Vec<CategoryId> {
    let mut counts: HashMap<CategoryId, usize> = HashMap::new();
    for section in hits.iter().filter_map(|hit| hit.traits.category) {
        *counts.entry(section).or_default() += 1;
    }
    let mut sections: Vec<(CategoryId, usize)> = counts.into_iter().collect();
    sections.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.0.cmp(&b.0.0)));
    sections.into_iter().take(SECTIONS_MAX).map(|(section, _)| section).collect()
}
