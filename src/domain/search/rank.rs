//! The order of search results, computed here so that both databases agree on it.
//!
//! What decides, strongest first:
//!
//! 1. the tier: the words stand in the title side by side, in the query's order; all somewhere in
//!    the title; all in title and tags; some in title or tags; only in the document's text;
//! 2. how many of the words are in the title, then how many in title or tags;
//! 3. how many are whole words there, not just begun;
//! 4. a sum: how much of the title they cover, so that the shorter title comes first, and gentle
//!    signals, each with a weight from the settings: the reader's own level and language, how many
//!    people have taken the material, how new it is;
//! 5. whether the title begins with one of the words; whether the text has them, too.
//!
//! So no signal lifts a material over one whose title answers better. Integers only: the same score
//! on every machine. Equal scores are the caller's to break, by id. No I/O and no allocation; one
//! call costs less than two microseconds.

use super::query::{Match, Query, Term};
use super::token::TITLE_STRIDE;
use crate::domain::material::{Level, StudyLanguage};

/// How many words of a title are looked at.
const MAX_TITLE_WORDS: usize = 64;

/// The steps in which a title's coverage is counted: what seven bits hold.
const FULL_COVERAGE: u32 = 127;

/// Most that the signals of a material may add up to: what ten bits hold beside a full coverage.
const SIGNALS_MAX: u32 = 896;

/// What the gentle signals are worth, in steps of a title's coverage: 127 is a title that holds
/// nothing but the query's words. Each from 0 to 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// The reader's own level; a neighbouring one is worth half.
    pub level: u32,
    /// The language that the reader studies.
    pub language: u32,
    /// Each doubling of the people who have taken it, up to ten.
    pub popularity: u32,
    /// Published today; a year later nothing is left.
    pub freshness: u32,
}

impl Default for Weights {
    /// As in `config/default.toml`.
    fn default() -> Self {
        Self { level: 24, language: 24, popularity: 4, freshness: 12 }
    }
}

/// What the reader studies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Taste {
    /// The level.
    pub level: Option<Level>,
    /// The language.
    pub language: Option<StudyLanguage>,
}

/// What speaks for a material whatever the query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signals {
    /// CEFR level.
    pub level: Option<Level>,
    /// Language taught.
    pub language: Option<StudyLanguage>,
    /// People who have taken it.
    pub takers: u32,
    /// Days since it was published.
    pub age_days: u32,
}

impl Signals {
    fn worth(self, weights: Weights, taste: Taste) -> u32 {
        const YEAR: u32 = 365;
        const DOUBLINGS_MAX: u32 = 10;
        let place = |level: Level| Level::ALL.iter().position(|other| *other == level);
        let level = match (self.level, taste.level) {
            (Some(its), Some(own)) if its == own => weights.level,
            (Some(its), Some(own)) => match (place(its), place(own)) {
                (Some(its), Some(own)) if its.abs_diff(own) == 1 => weights.level / 2,
                _ => 0,
            },
            _ => 0,
        };
        let is_language = taste.language.is_some() && self.language == taste.language;
        let language = if is_language { weights.language } else { 0 };
        let doublings = self.takers.saturating_add(1).ilog2().min(DOUBLINGS_MAX);
        let fresh = weights.freshness.saturating_mul(YEAR.saturating_sub(self.age_days)) / YEAR;
        let popularity = weights.popularity.saturating_mul(doublings);
        level
            .saturating_add(language)
            .saturating_add(popularity)
            .saturating_add(fresh)
            .min(SIGNALS_MAX)
    }
}

/// What a database found, as far as its rank depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The title by [`analyse_title`](super::analyse_title).
    pub title_terms: &'a str,
    /// The tags (and whatever else should weigh like them), analysed; either analysis will do.
    pub tag_terms: &'a str,
    /// Whether a page of the document's text answered the query.
    pub text_hit: bool,
    /// What else speaks for it.
    pub signals: Signals,
}

/// How well a candidate answers a query; greater is better. Comparable only between candidates of
/// one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u32);

impl Score {
    /// The score as a number below 2^27, for a cache or a log.
    pub const fn value(self) -> u32 {
        self.0
    }
}

/// Where the words of a query were found; see the module for the order of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    TextOnly,
    Partial,
    TitleAndTags,
    Title,
    Phrase,
}

/// Scores one candidate for a reader.
pub fn score(query: &Query, candidate: &Candidate<'_>, weights: Weights, taste: Taste) -> Score {
    let mut title = TitleHits::default();
    let mut in_title_or_tags = 0;
    for term in query.terms() {
        let hits = TermHits::of(term, candidate.title_terms);
        let is_in_tags = || candidate.tag_terms.split(' ').any(|tag| term.matches(tag).is_some());
        in_title_or_tags += u32::from(hits.any != 0 || is_in_tags());
        title.add(term, &hits);
    }
    let word_count = title_word_count(candidate.title_terms);
    let tier = title.tier(term_count(query), in_title_or_tags);
    Score(pack(&[
        (tier.rank(), 3),
        (title.terms, 4),
        (in_title_or_tags, 4),
        (title.whole_terms, 4),
        (title.coverage(word_count) + candidate.signals.worth(weights, taste), 10),
        (u32::from(title.covered & 1 == 1), 1),
        (u32::from(candidate.text_hit), 1),
    ]))
}

/// Numbers and their widths in bits, the first the weightiest.
fn pack(fields: &[(u32, u32)]) -> u32 {
    let mut packed = 0;
    for (value, bits) in fields {
        let limit = (1 << bits) - 1;
        packed = (packed << bits) | (*value).min(limit);
    }
    packed
}

fn term_count(query: &Query) -> u32 {
    u32::try_from(query.terms().len()).unwrap_or(u32::MAX)
}

fn title_word_count(title_terms: &str) -> u32 {
    if title_terms.is_empty() {
        return 0;
    }
    let tokens = title_terms.bytes().filter(|byte| *byte == b' ').count() + 1;
    u32::try_from(tokens.div_ceil(TITLE_STRIDE)).unwrap_or(u32::MAX)
}

impl Tier {
    fn rank(self) -> u32 {
        match self {
            Self::TextOnly => 0,
            Self::Partial => 1,
            Self::TitleAndTags => 2,
            Self::Title => 3,
            Self::Phrase => 4,
        }
    }
}

/// The words of a title, one bit each, that answer one term.
#[derive(Debug, Clone, Copy, Default)]
struct TermHits {
    any: u64,
    whole: u64,
}

impl TermHits {
    fn of(term: &Term, title_terms: &str) -> Self {
        let mut hits = Self::default();
        for (nth, token) in title_terms.split(' ').enumerate().take(MAX_TITLE_WORDS * TITLE_STRIDE)
        {
            let bit = 1 << (nth / TITLE_STRIDE);
            match term.matches(token) {
                Some(Match::Exact) => {
                    hits.any |= bit;
                    hits.whole |= bit;
                }
                Some(Match::Prefix) => hits.any |= bit,
                None => {}
            }
        }
        hits
    }
}

/// What the terms seen so far have found in the title.
#[derive(Debug, Clone, Copy)]
struct TitleHits {
    /// Terms found.
    terms: u32,
    /// Terms found as whole words.
    whole_terms: u32,
    /// Words of the title that answer any term.
    covered: u64,
    /// Words of the title at which the whole query, in its order, could begin.
    phrase_starts: u64,
    first_position: Option<usize>,
}

impl Default for TitleHits {
    fn default() -> Self {
        Self { terms: 0, whole_terms: 0, covered: 0, phrase_starts: u64::MAX, first_position: None }
    }
}

impl TitleHits {
    fn add(&mut self, term: &Term, hits: &TermHits) {
        self.terms += u32::from(hits.any != 0);
        self.whole_terms += u32::from(hits.whole != 0);
        self.covered |= hits.any;
        let first_position = *self.first_position.get_or_insert(term.position());
        let offset = u32::try_from(term.position() - first_position).unwrap_or(u32::MAX);
        self.phrase_starts &= hits.any.checked_shr(offset).unwrap_or(0);
    }

    fn tier(&self, terms: u32, in_title_or_tags: u32) -> Tier {
        if in_title_or_tags == 0 {
            Tier::TextOnly
        } else if self.terms == terms && self.phrase_starts != 0 {
            Tier::Phrase
        } else if self.terms == terms {
            Tier::Title
        } else if in_title_or_tags == terms && self.terms > 0 {
            Tier::TitleAndTags
        } else {
            Tier::Partial
        }
    }

    fn coverage(&self, word_count: u32) -> u32 {
        (self.covered.count_ones() * FULL_COVERAGE).checked_div(word_count).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{analyse_document, analyse_title, parse_query};
    use super::*;

    fn scored(query: &str, title: &str, tags: &str, text_hit: bool) -> Score {
        let (title_terms, tag_terms) = (analyse_title(title), analyse_document(tags));
        scored_with(query, &title_terms, &tag_terms, text_hit, Signals::default())
    }

    fn scored_with(
        query: &str,
        title: &str,
        tags: &str,
        text_hit: bool,
        signals: Signals,
    ) -> Score {
        let candidate = Candidate { title_terms: title, tag_terms: tags, text_hit, signals };
        score(&parse_query(query), &candidate, Weights::default(), READER)
    }

    const READER: Taste = Taste { level: Some(Level::B1), language: Some(StudyLanguage::De) };

    #[test]
    fn signals_order_what_answers_alike_and_no_more() {
        let title = analyse_title("Grammar book");
        let with = |signals| scored_with("grammar", &title, "", false, signals);
        let old = Signals { age_days: 999, ..Signals::default() };
        let plain = with(old);
        let level = |level| with(Signals { level: Some(level), ..old });
        assert!(level(Level::B1) > level(Level::B2) && level(Level::B2) > level(Level::C1));
        assert_eq!(level(Level::C1), plain);
        assert!(with(Signals { language: Some(StudyLanguage::De), ..old }) > plain);
        assert!(with(Signals { takers: 100, ..old }) > with(Signals { takers: 10, ..old }));
        assert!(with(Signals { age_days: 3, ..old }) > with(Signals { age_days: 300, ..old }));
        let all = Signals {
            level: Some(Level::B1),
            language: Some(StudyLanguage::De),
            takers: u32::MAX,
            age_days: 0,
        };
        assert!(with(all) < scored_with("grammar book", &title, "", false, old));
        let other = analyse_title("Practice");
        let in_tags = scored_with("grammar", &other, &analyse_title("grammar"), false, all);
        assert!(in_tags < plain, "a tag is no title");
    }

    /// Asserts that the candidates are in falling order for the query.
    fn assert_falling(query: &str, candidates: &[(&str, &str, bool)]) {
        let scores: Vec<Score> =
            candidates.iter().map(|(title, tags, hit)| scored(query, title, tags, *hit)).collect();
        for (pair, names) in scores.windows(2).zip(candidates.windows(2)) {
            assert!(pair[0] > pair[1], "{query}: {names:?} scored {pair:?}");
        }
    }

    #[test]
    fn the_tiers_come_in_order() {
        assert_falling(
            "english grammar",
            &[
                ("English Grammar in Use for Intermediate Learners", "", false),
                ("Grammar of English", "", false),
                ("Grammar", "english", false),
                ("Grammar", "", true),
                ("Practice book", "grammar", true),
                ("Practice book", "", true),
                ("Practice book", "", false),
            ],
        );
    }

    #[test]
    fn a_phrase_may_span_the_querys_function_words() {
        assert_falling(
            "the history of english",
            &[("The History of English", "", false), ("English History", "", false)],
        );
    }

    #[test]
    fn neighbours_are_words_not_tokens() {
        assert_falling(
            "short stories",
            &[("Short stories, books and games", "", false), ("Short books of stories", "", false)],
        );
    }

    #[test]
    fn shorter_titles_and_early_words_come_first() {
        assert_falling(
            "grammar",
            &[
                ("Grammar", "", false),
                ("Grammar book", "", true),
                ("Grammar book", "", false),
                ("My grammar", "", true),
                ("The big grammar book", "", false),
            ],
        );
    }

    #[test]
    fn whole_words_come_before_begun_ones() {
        assert_falling("art", &[("The Art of Reading", "", false), ("Articles", "", false)]);
    }

    #[test]
    fn both_scripts_score_alike() {
        assert_eq!(scored("kitob", "Китоб", "", false), scored("китоб", "Kitob", "", false));
    }

    #[test]
    fn extremes_are_scored() {
        assert_eq!(scored("", "Title", "tag", true).value(), 12 << 2 | 1);
        assert_eq!(scored("x", "", "", false).value(), 12 << 2);
        let long = "word ".repeat(1_000);
        assert!(scored("word", &long, &long, true) > scored("word", "", &long, true));
        let full = scored(
            "a1 a2 b1 b2 c1 c2 d1 d2 e1 e2 f1 f2",
            "a1 a2 b1 b2 c1 c2 d1 d2 e1 e2 f1 f2",
            "",
            true,
        );
        assert!(full.value() < 1 << 27);
    }
}
