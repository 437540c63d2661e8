//! `[search]`: how much a search looks at and shows.

use serde::Deserialize;

use super::check::Check;

/// Highest weight of a signal.
const WEIGHT_MAX: u32 = 200;

/// How much a search looks at and shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchSettings {
    /// Results per message.
    pub page_size: usize,
    /// Matches that are ranked for one search.
    pub candidate_limit: usize,
    /// Length of the piece of text shown with a result, characters.
    pub snippet_chars: usize,
    /// What the reader's own level is worth, in steps of a title's coverage.
    pub level_weight: u32,
    /// What the language that the reader studies is worth.
    pub language_weight: u32,
    /// What each doubling of those who have taken a material is worth.
    pub popularity_weight: u32,
    /// What a material is worth that was published today.
    pub freshness_weight: u32,
    /// Memory for results of earlier searches, megabytes; 0: none are kept.
    pub cache_mb: u64,
}

impl SearchSettings {
    /// Memory for results of earlier searches.
    pub const fn cache_bytes(&self) -> u64 {
        self.cache_mb.saturating_mul(1024 * 1024)
    }

    pub(super) fn check(&self, check: &mut Check<'_>) {
        check.range("page_size", self.page_size, 1..=20);
        check.range("candidate_limit", self.candidate_limit, 10..=1_000);
        check.range("snippet_chars", self.snippet_chars, 20..=1000);
        check.range("level_weight", self.level_weight, 0..=WEIGHT_MAX);
        check.range("language_weight", self.language_weight, 0..=WEIGHT_MAX);
        check.range("popularity_weight", self.popularity_weight, 0..=WEIGHT_MAX);
        check.range("freshness_weight", self.freshness_weight, 0..=WEIGHT_MAX);
        check.range("cache_mb", self.cache_mb, 0..=4096);
    }
}
