//! `[search]`: how much a search looks at and shows.

use serde::Deserialize;

use super::check::Check;

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
        check.range("candidate_limit", self.candidate_limit, 10..=100_000);
        check.range("snippet_chars", self.snippet_chars, 20..=1000);
        check.range("cache_mb", self.cache_mb, 0..=4096);
    }
}
