//! What is like a material: which of its words find candidates, and the order of these.
//!
//! Common words find half the library and say little: the rarest few are asked for. The order is
//! made of whole numbers alone, so that it is the same everywhere.

use std::collections::HashSet;

use super::ids::{CategoryId, MaterialId};
use super::inspection::Kind;
use super::material::{Level, StudyLanguage};

/// Most words that candidates are found by.
const WORDS_MAX: usize = 6;

/// Most materials that all words together may find, as far as the vocabulary knows.
const FINDS_MAX: u64 = 2_000;

/// A word is asked for together with another one when each alone finds too many, but no more.
const COMMON_MAX: u64 = 100_000;

/// Points: a shared word counts its rarity (1 to [`RAREST`]) times one of these.
const TAG_TIMES: u32 = 4;
const TITLE_TIMES: u32 = 3;
const CROSS_TIMES: u32 = 1;
const RAREST: u32 = 16;
const SAME_CATEGORY: u32 = 30;
const SAME_LANGUAGE: u32 = 24;
const SAME_LEVEL: u32 = 16;
const NEXT_LEVEL: u32 = 8;
const SAME_KIND: u32 = 6;

/// A word of a material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As the index holds the very word: letters and digits. It finds as many as use the word.
    pub token: String,
    /// As the index holds all its forms: what is compared. It would find more than use the word.
    pub stem: String,
    /// How many materials use it.
    pub uses: u64,
    /// It is in the title.
    pub in_title: bool,
    /// It is in the tags.
    pub in_tags: bool,
}

/// The facets that two materials may share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facets {
    /// Where it stands.
    pub category: Option<CategoryId>,
    /// CEFR level.
    pub level: Option<Level>,
    /// Language taught.
    pub language: Option<StudyLanguage>,
    /// What it is good for.
    pub kind: Kind,
}

/// A material that may be like another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Which.
    pub id: MaterialId,
    /// Index tokens of its title.
    pub title_terms: String,
    /// Index tokens of its tags.
    pub tag_terms: String,
    /// Its facets.
    pub facets: Facets,
}

/// What candidates are found by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sought {
    /// Tokens, the rarest first.
    pub tokens: Vec<String>,
    /// All of them are needed, not any.
    pub all: bool,
}

impl Sought {
    /// An FTS5 expression; none without words. Tokens are letters and digits, so nothing in them
    /// can mean anything.
    pub fn fts5(&self) -> Option<String> {
        self.joined('"', if self.all { " AND " } else { " OR " })
    }

    /// A `tsquery`.
    pub fn tsquery(&self) -> Option<String> {
        self.joined('\'', if self.all { " & " } else { " | " })
    }

    fn joined(&self, quote: char, between: &str) -> Option<String> {
        let quoted: Vec<String> =
            self.tokens.iter().map(|token| format!("{quote}{token}{quote}")).collect();
        (!quoted.is_empty()).then(|| quoted.join(between))
    }
}

/// The words to look for: the rarest that somebody else uses, too, as long as they find few; else
/// the two rarest together.
pub fn sought(words: &[Word]) -> Sought {
    // What one material uses is this one's alone.
    let mut shared: Vec<&Word> = words.iter().filter(|word| word.uses > 1).collect();
    shared.sort_by(|a, b| a.uses.cmp(&b.uses).then_with(|| a.token.cmp(&b.token)));
    shared.dedup_by(|a, b| a.token == b.token);
    let mut finds = 0_u64;
    let mut tokens = Vec::new();
    for word in &shared {
        finds = finds.saturating_add(word.uses);
        if finds > FINDS_MAX || tokens.len() == WORDS_MAX {
            break;
        }
        tokens.push(word.token.clone());
    }
    if !tokens.is_empty() {
        return Sought { tokens, all: false };
    }
    match shared.as_slice() {
        [one, other, ..] if other.uses <= COMMON_MAX => {
            Sought { tokens: vec![one.token.clone(), other.token.clone()], all: true }
        }
        _ => Sought::default(),
    }
}

/// The candidates that are like a material, best first; of equals the newest. Never itself.
pub fn rank(
    id: MaterialId,
    words: &[Word],
    facets: Facets,
    candidates: &[Neighbour],
    limit: usize,
) -> Vec<MaterialId> {
    let mut seen = HashSet::from([id]);
    let mut ranked: Vec<(u32, MaterialId)> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        if seen.insert(candidate.id) {
            ranked.push((points(words, facets, candidate), candidate.id));
        }
    }
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked.into_iter().take(limit).map(|(_, id)| id).collect()
}

/// How like a candidate is.
fn points(words: &[Word], facets: Facets, candidate: &Neighbour) -> u32 {
    let in_title: HashSet<&str> = candidate.title_terms.split(' ').collect();
    let in_tags: HashSet<&str> = candidate.tag_terms.split(' ').collect();
    let mut points = facet_points(facets, candidate.facets);
    for word in words {
        let token = word.stem.as_str();
        let times = match (in_tags.contains(token), in_title.contains(token)) {
            (true, _) if word.in_tags => TAG_TIMES,
            (_, true) if word.in_title => TITLE_TIMES,
            (false, false) => 0,
            _ => CROSS_TIMES,
        };
        points = points.saturating_add(times.saturating_mul(rarity(word.uses)));
    }
    points
}

fn facet_points(one: Facets, other: Facets) -> u32 {
    let mut points = 0;
    let mut add = |is_shared: bool, worth: u32| {
        if is_shared {
            points += worth;
        }
    };
    add(one.category.is_some() && one.category == other.category, SAME_CATEGORY);
    add(one.language.is_some() && one.language == other.language, SAME_LANGUAGE);
    add(one.kind == other.kind, SAME_KIND);
    match one.level.zip(other.level).map(|(one, other)| place(one).abs_diff(place(other))) {
        Some(0) => add(true, SAME_LEVEL),
        Some(1) => add(true, NEXT_LEVEL),
        _ => {}
    }
    points
}

fn place(level: Level) -> usize {
    Level::ALL.iter().position(|other| *other == level).unwrap_or_default()
}

/// Each doubling of its uses makes a word a point less telling.
fn rarity(uses: u64) -> u32 {
    RAREST.saturating_sub(uses.max(1).ilog2()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(token: &str, uses: u64) -> Word {
        let (token, stem) = (token.to_owned(), token.to_owned());
        Word { token, stem, uses, in_title: true, in_tags: false }
    }

    fn facets(category: i64, level: Level) -> Facets {
        Facets {
            category: Some(CategoryId(category)),
            level: Some(level),
            language: Some(StudyLanguage::En),
            kind: Kind::Book,
        }
    }

    fn neighbour(id: i64, title: &str, tags: &str, facets: Facets) -> Neighbour {
        let (title_terms, tag_terms) = (title.to_owned(), tags.to_owned());
        Neighbour { id: MaterialId(id), title_terms, tag_terms, facets }
    }

    #[test]
    fn the_rarest_words_are_sought_and_own_ones_never() {
        let words = [word("own", 1), word("the", 900_000), word("tense", 40), word("modal", 7)];
        let sought = sought(&words);
        assert_eq!(sought, Sought { tokens: vec!["modal".into(), "tense".into()], all: false });
        assert_eq!(sought.fts5().as_deref(), Some(r#""modal" OR "tense""#));
        assert_eq!(sought.tsquery().as_deref(), Some("'modal' | 'tense'"));
    }

    #[test]
    fn common_words_are_sought_together_or_not_at_all() {
        let both = sought(&[word("grammar", 60_000), word("english", 90_000)]);
        assert_eq!(both.fts5().as_deref(), Some(r#""grammar" AND "english""#));
        assert_eq!(both.tsquery().as_deref(), Some("'grammar' & 'english'"));
        let too_common = sought(&[word("grammar", 60_000), word("book", 900_000)]);
        assert_eq!((too_common.fts5(), too_common.tsquery()), (None, None));
        assert_eq!(sought(&[word("grammar", 60_000)]), Sought::default());
        assert_eq!(sought(&[]), Sought::default());
    }

    #[test]
    fn many_rare_words_stay_few() {
        let words: Vec<Word> = (0..20).map(|n| word(&format!("w{n:02}"), 2)).collect();
        assert_eq!(sought(&words).tokens.len(), WORDS_MAX);
        let wide = [word("a", 1_500), word("b", 1_600)];
        assert_eq!(sought(&wide).tokens, ["a"], "together they would find too many");
    }

    #[test]
    fn shared_tags_come_before_titles_before_facets_and_never_itself() {
        let own = facets(1, Level::B1);
        let tag = Word { in_title: false, in_tags: true, ..word("ielts", 50) };
        let words = [word("writing", 50), tag];
        let other = facets(2, Level::B1);
        let candidates = [
            neighbour(1, "writing", "ielts", own),
            neighbour(2, "other", "", other),
            neighbour(3, "writing", "", other),
            neighbour(4, "other", "ielts", other),
            neighbour(5, "writing", "ielts", other),
            neighbour(5, "writing", "ielts", other),
            neighbour(6, "writing", "ielts", facets(2, Level::B2)),
            neighbour(7, "ielts", "", other),
            neighbour(8, "other", "", other),
        ];
        let ranked = rank(MaterialId(1), &words, own, &candidates, 9);
        assert_eq!(ranked.iter().map(|id| id.0).collect::<Vec<_>>(), [5, 6, 4, 3, 7, 8, 2]);
        assert_eq!(rank(MaterialId(1), &words, own, &candidates, 2).len(), 2);
    }

    #[test]
    fn a_word_is_sought_as_it_is_and_compared_by_its_stem() {
        let own = facets(1, Level::A1);
        let words = [Word { stem: "verb".to_owned(), ..word("verbs", 3) }];
        assert_eq!(sought(&words).tokens, ["verbs"]);
        let other = facets(2, Level::A1);
        let candidates = [neighbour(3, "noun", "", other), neighbour(2, "verb", "", other)];
        assert_eq!(rank(MaterialId(1), &words, own, &candidates, 1), [MaterialId(2)]);
    }

    #[test]
    fn a_rare_word_says_more_than_a_common_one() {
        let own = facets(1, Level::A1);
        let words = [word("gerund", 3), word("english", 300_000)];
        let candidates =
            [neighbour(9, "english", "", own), neighbour(2, "gerund", "", facets(2, Level::A1))];
        assert_eq!(rank(MaterialId(1), &words, own, &candidates, 1), [MaterialId(2)]);
    }
}
