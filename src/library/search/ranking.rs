//! Candidates in their order: by score, then newest first, the same over both databases.

use std::collections::HashMap;

use crate::cache::{Found, FoundHit, FoundPart};
use crate::domain::clock::Timestamp;
use crate::domain::ids::MaterialId;
use crate::domain::search::{Candidate, Query, Score, Signals, Taste, Weights, score};
use crate::domain::search_page::Total;
use crate::store::records::{CandidateMaterial, Candidates, PartCandidate};

/// How candidates are put in order.
pub struct Ranking<'q> {
    pub query: &'q Query,
    pub weights: Weights,
    pub taste: Taste,
    /// Longest list.
    pub limit: usize,
}

/// A material in its place among the hits.
struct Ranked {
    score: Score,
    hit: FoundHit,
}

impl Ranking<'_> {
    /// The list of what was found.
    pub fn rank(&self, candidates: &Candidates, now: Timestamp) -> Found {
        let first_parts = first_parts(&candidates.parts);
        let by_title = candidates.titles.iter().map(|title| {
            let text_hit = first_parts.contains_key(&title.id);
            self.ranked(title, (&title.title_terms, &title.tag_terms, text_hit), None, now)
        });
        let inside = candidates.hosts.iter().filter_map(|host| {
            let is_excluded = self.query.excludes(&host.title_terms, &host.tag_terms);
            let first = first_parts.get(&host.id).filter(|_| !is_excluded)?;
            let part = FoundPart { part: first.part, number: first.number };
            Some(self.ranked(host, ("", "", true), Some(part), now))
        });
        let mut ranked: Vec<Ranked> = by_title.chain(inside).collect();
        ranked.sort_unstable_by(|a, b| b.score.cmp(&a.score).then(b.hit.id.cmp(&a.hit.id)));
        let is_cut = candidates.is_cut || ranked.len() > self.limit;
        ranked.truncate(self.limit);
        let count = ranked.len();
        let total = if is_cut { Total::AtLeast(count) } else { Total::Exactly(count) };
        Found { hits: ranked.into_iter().map(|ranked| ranked.hit).collect(), total }
    }

    fn ranked(
        &self,
        material: &CandidateMaterial,
        (title_terms, tag_terms, text_hit): (&str, &str, bool),
        part: Option<FoundPart>,
        now: Timestamp,
    ) -> Ranked {
        let signals = signals(material, now);
        let candidate = Candidate { title_terms, tag_terms, text_hit, signals };
        Ranked {
            score: score(self.query, &candidate, self.weights, self.taste),
            hit: FoundHit { id: material.id, part, traits: material.traits },
        }
    }
}

fn signals(material: &CandidateMaterial, now: Timestamp) -> Signals {
    let age_days = (now - material.published_at).num_days();
    Signals {
        level: material.traits.level,
        language: material.traits.language,
        takers: material.takers,
        age_days: u32::try_from(age_days).unwrap_or(0),
    }
}

/// The first part of each material.
fn first_parts(parts: &[PartCandidate]) -> HashMap<MaterialId, PartCandidate> {
    let mut first_parts: HashMap<MaterialId, PartCandidate> = HashMap::new();
    for part in parts {
        let first = first_parts.entry(part.material).or_insert(*part);
        if part.number < first.number {
            *first = *part;
        }
    }
    first_parts
}
