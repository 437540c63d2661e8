//! What a learner typed, as terms that a database can match.
//!
//! Every term must be found (AND), each by any of its forms (OR); the last word counts as begun,
//! not finished, when it has at least [`MIN_PREFIX_CHARS`] characters. Words in quotes must stand
//! side by side, in their order ([`phrase`](super::phrase) looks); a word or a quotation with a
//! minus before it must not be there. Nothing of the input reaches the written expressions but
//! tokens, so what else it holds cannot mean anything to a database.
//!
//! Bounds: at most [`MAX_TERMS`] terms and [`MAX_EXCLUDED`] exclusions out of the first
//! [`MAX_WORDS`] words of the first [`MAX_QUERY_CHARS`] characters, whatever the length of the input.

mod read;
mod write;

use read::{ReadWord, read_words};

use super::stopwords::is_stop_word;
use super::token::Forms;
use super::translit::respell_romanised;

/// How many terms a query keeps; later words are ignored.
pub const MAX_TERMS: usize = 12;

/// How many words or quotations a query can do without; later ones are ignored.
pub const MAX_EXCLUDED: usize = 6;

/// How many words of a query are read, function words included.
pub const MAX_WORDS: usize = 32;

/// How much of a query is read, in characters.
pub const MAX_QUERY_CHARS: usize = 1_024;

/// From which length, in characters, the last word also matches longer words.
pub const MIN_PREFIX_CHARS: usize = 3;

/// One word of a query that must be found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    word: String,
    latin: Option<String>,
    /// Tokens any of which answers the term.
    exact: Vec<String>,
    /// Beginnings of such tokens; none unless the word is begun.
    prefixes: Vec<String>,
    position: usize,
}

/// How well a token answers a [`Term`]; greater is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// The token goes on after what was typed.
    Prefix,
    /// The token is one of the term's forms.
    Exact,
}

impl Term {
    /// The word as a reader would call it: folded, not stemmed, ё written е. This is the form to
    /// look up among [`vocabulary_terms`](super::vocabulary_terms).
    pub fn word(&self) -> &str {
        &self.word
    }

    /// The word in Latin letters, when it was typed in Cyrillic: a second form to look up.
    pub fn latin(&self) -> Option<&str> {
        self.latin.as_deref()
    }

    /// Which word of the text this is, counted from 0 with function words included.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How `token` answers this term, if at all.
    pub fn matches(&self, token: &str) -> Option<Match> {
        if self.exact.iter().any(|form| form == token) {
            return Some(Match::Exact);
        }
        let prefix = self.prefixes.iter().find(|prefix| token.starts_with(prefix.as_str()))?;
        Some(if prefix.len() == token.len() { Match::Exact } else { Match::Prefix })
    }

    fn of(forms: &Forms<'_>, position: usize, is_begun: bool) -> Self {
        let word = forms.plain.as_ref();
        let is_latin_script = forms.latin == Some(word);
        let latin = forms.latin.filter(|_| !is_latin_script).map(str::to_owned);

        let mut whole_forms = Vec::new();
        whole_forms.extend(forms.latin.map(str::to_owned));
        whole_forms.extend(respell_romanised(word).filter(|_| is_latin_script));

        let mut exact = vec![forms.first().to_owned()];
        if let Some(third) = forms.third() {
            push_new(&mut exact, third.to_owned());
        }
        let mut prefixes = Vec::new();
        if is_begun {
            push_new(&mut prefixes, word.to_owned());
        }
        for form in whole_forms {
            push_new(if is_begun { &mut prefixes } else { &mut exact }, form);
        }
        exact.retain(|form| !prefixes.contains(form));
        Self { word: word.to_owned(), latin, exact, prefixes, position }
    }
}

fn push_new(list: &mut Vec<String>, form: String) {
    if !list.contains(&form) {
        list.push(form);
    }
}

/// A search, analysed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Query {
    /// The words in the learner's own spelling; a term's position is its word's index here.
    words: Vec<ShownWord>,
    terms: Vec<Term>,
    /// What must not be there: of each, all of it together.
    excluded: Vec<Vec<Term>>,
    phrases: Vec<Phrase>,
}

/// A word as the learner wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ShownWord {
    text: String,
    /// The quotation that it stands in.
    quotation: Option<usize>,
    is_excluded: bool,
}

/// Terms that must stand in this order, each so many words after the first: function words between
/// them may be any words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phrase(Vec<(usize, usize)>);

impl Phrase {
    /// Index and distance of each term; the first has distance 0, the last the greatest.
    pub fn places(&self) -> &[(usize, usize)] {
        &self.0
    }
}

/// Analyses a query. Words beyond the bounds are ignored; function words are dropped when other
/// words remain; repeated words count once. Where nothing but exclusions is left, they are what is
/// searched for.
pub fn parse_query(text: &str) -> Query {
    let end = text.char_indices().nth(MAX_QUERY_CHARS).map_or(text.len(), |(at, _)| at);
    let mut words = read_words(text.get(..end).unwrap_or_default(), MAX_WORDS);
    if words.iter().all(|word| word.is_excluded) {
        for word in &mut words {
            word.is_excluded = false;
        }
    }
    let is_content = |word: &ReadWord| !word.is_excluded && !is_stop_word(&word.folded);
    let has_content = words.iter().any(is_content);
    let last = words.len();

    let mut query = Query::default();
    let (mut quoted, mut excluded) = (Quoted::new(), Quoted::new());
    let mut scratch = String::new();
    for (position, word) in words.into_iter().enumerate() {
        let ReadWord { folded, original, quotation, is_excluded } = word;
        query.words.push(ShownWord { text: original, quotation, is_excluded });
        if is_excluded {
            let term = Term::of(&Forms::of(&folded, &mut scratch), position, false);
            excluded.push(quotation, term);
            continue;
        }
        let is_dropped = has_content && is_stop_word(&folded);
        if is_dropped || query.terms.len() == MAX_TERMS {
            continue;
        }
        let is_last = position + 1 == last && quotation.is_none();
        let is_number = folded.bytes().all(|byte| byte.is_ascii_digit());
        let is_begun = is_last && !is_number && folded.chars().count() >= MIN_PREFIX_CHARS;
        let index = query.add(Term::of(&Forms::of(&folded, &mut scratch), position, is_begun));
        if quotation.is_some() {
            quoted.push(quotation, (index, position));
        }
    }
    query.phrases = quoted.into_groups().filter_map(|places| phrase(&places)).collect();
    query.excluded = excluded.into_groups().take(MAX_EXCLUDED).collect();
    query
}

impl Query {
    /// Whether nothing can be searched for: no letter and no digit in the text.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The words that must be found, in the order of the text; at most [`MAX_TERMS`].
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// What must stand side by side.
    pub fn phrases(&self) -> &[Phrase] {
        &self.phrases
    }

    /// Whether what must not be there stands in the tokens of a title or of tags.
    pub fn excludes(&self, title_terms: &str, tag_terms: &str) -> bool {
        let tokens = || title_terms.split(' ').chain(tag_terms.split(' '));
        let is_there = |term: &Term| tokens().any(|token| term.matches(token).is_some());
        self.excluded.iter().any(|group| group.iter().all(is_there))
    }

    /// The word that is taken for the beginning of one.
    pub fn begun(&self) -> Option<&str> {
        self.terms.iter().find(|term| !term.prefixes.is_empty()).map(Term::word)
    }

    /// Whether something must not be there.
    pub fn has_exclusions(&self) -> bool {
        !self.excluded.is_empty()
    }

    /// The same query with its last word taken for whole, or for one of these words, folded.
    #[must_use]
    pub fn finished_as<W: AsRef<str>>(&self, words: &[W]) -> Self {
        let mut query = self.clone();
        let mut scratch = String::new();
        for term in query.terms.iter_mut().filter(|term| !term.prefixes.is_empty()) {
            for form in term.prefixes.drain(..) {
                push_new(&mut term.exact, form);
            }
            for word in words {
                for token in Forms::of(word.as_ref(), &mut scratch).tokens() {
                    push_new(&mut term.exact, token.to_owned());
                }
            }
        }
        query
    }

    /// Everything that the result of a search depends on.
    pub fn key(&self) -> String {
        format!("{} {:?}", self.to_fts5(), self.phrases)
    }

    /// The query in the learner's spelling, words separated by single spaces, free of control and
    /// direction characters; not escaped for any markup.
    pub fn display(&self) -> String {
        self.spell(|_, word| word)
    }

    /// The query written out anew, each word as `write` has it by its position.
    fn spell<'w>(&'w self, write: impl Fn(usize, &'w str) -> &'w str) -> String {
        let mut text = String::new();
        let mut open = None;
        for (position, word) in self.words.iter().enumerate() {
            let is_opening = word.quotation.is_some() && word.quotation != open;
            if position > 0 {
                text.push(' ');
            }
            if word.is_excluded && (is_opening || word.quotation.is_none()) {
                text.push('-');
            }
            if is_opening {
                text.push('"');
            }
            text.push_str(write(position, &word.text));
            open = word.quotation;
            let next = self.words.get(position + 1).and_then(|next| next.quotation);
            if open.is_some() && next != open {
                text.push('"');
            }
        }
        text
    }

    /// The query with the words of some terms, by their index, written differently, for "did you
    /// mean"; `None` when nothing is replaced or a term does not exist. Show it by
    /// [`Query::display`].
    #[must_use]
    pub fn replace_terms<W: AsRef<str>>(&self, replacements: &[(usize, W)]) -> Option<Self> {
        if replacements.is_empty() {
            return None;
        }
        let mut changed: Vec<(usize, &str)> = Vec::with_capacity(replacements.len());
        for (index, new_word) in replacements {
            changed.push((self.terms.get(*index)?.position, new_word.as_ref()));
        }
        let write = |position: usize, word| {
            changed.iter().find(|(other, _)| *other == position).map_or(word, |(_, new)| *new)
        };
        Some(parse_query(&self.spell(write)))
    }

    /// Adds a term and tells its index. A repeated word adds nothing, unless it is begun where the
    /// earlier one was not.
    fn add(&mut self, term: Term) -> usize {
        let Some(index) = self.terms.iter().position(|known| known.word == term.word) else {
            self.terms.push(term);
            return self.terms.len() - 1;
        };
        if let Some(earlier) = self.terms.get_mut(index).filter(|_| !term.prefixes.is_empty()) {
            earlier.exact = term.exact;
            earlier.prefixes = term.prefixes;
        }
        index
    }
}

/// Terms by the quotation they stand in; the terms of one come one after the other.
struct Quoted<T>(Vec<(Option<usize>, Vec<T>)>);

impl<T> Quoted<T> {
    const fn new() -> Self {
        Self(Vec::new())
    }

    /// What stands in no quotation stands alone.
    fn push(&mut self, quotation: Option<usize>, item: T) {
        match self.0.last_mut() {
            Some((open, items)) if quotation.is_some() && *open == quotation => items.push(item),
            _ => self.0.push((quotation, vec![item])),
        }
    }

    fn into_groups(self) -> impl Iterator<Item = Vec<T>> {
        self.0.into_iter().map(|(_, items)| items)
    }
}

/// The terms of a quotation with the words' positions; one alone is no phrase.
fn phrase(places: &[(usize, usize)]) -> Option<Phrase> {
    let first = places.first()?.1;
    let distances = places.iter().map(|(term, position)| (*term, position - first)).collect();
    (places.len() > 1).then_some(Phrase(distances))
}

#[cfg(test)]
mod tests;
