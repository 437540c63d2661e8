//! Requests: what people looked for in vain, and what became of that.
//!
//! Invariants: two texts with the same words ask for the same thing, whatever their order, case and
//! script of typing; a request is answered by a material whose title and tags hold all its words.
//! What is written inside a book does not answer one: a word on page 300 is not what was meant.

use super::facts::SearchFacts;
use super::ids::{MaterialId, QueryId, RequestId};
use super::search::query::Match;
use super::search::{Query, Term, analyse_document, parse_query};
use super::search_page::Entry;

/// Open requests that one person may have.
pub const OPEN_MAX: usize = 20;

/// Requests on one page of a list.
pub const PAGE: usize = 6;

/// Longest text of a request that is kept, in characters.
const WORDS_MAX_CHARS: usize = 200;

/// Where a request is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody has answered it.
    Open,
    /// There is such a material now.
    Answered,
    /// The school will not have it.
    Declined,
}

impl RequestState {
    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Declined => "declined",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Answered, Self::Declined].into_iter().find(|it| it.name() == name)
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which.
    pub id: RequestId,
    /// The words of whoever asked first: hostile text.
    pub words: String,
    /// Where it is in its life.
    pub state: RequestState,
    /// How many people ask for it.
    pub demand: u64,
    /// The material that answers it.
    pub material: Option<MaterialId>,
}

/// A text as something to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The words as they are shown.
    pub words: String,
    /// What is the same for all texts that ask for the same thing.
    pub key: String,
}

impl Wanted {
    /// What a text asks for; none when it has no word in it.
    pub fn of(text: &str) -> Option<Self> {
        let query = parse_query(text);
        let key = key(&query);
        let words = query.display().chars().take(WORDS_MAX_CHARS).collect();
        (!key.is_empty()).then_some(Self { words, key })
    }
}

/// The distinct stems in the order of the alphabet.
fn key(query: &Query) -> String {
    // Of a word's tokens the stem comes first.
    let stem = |word: &str| analyse_document(word).split(' ').next().map(str::to_owned);
    let stems = query.terms().iter().filter_map(|term| stem(term.word()));
    let mut stems: Vec<String> = stems.filter(|stem| !stem.is_empty()).collect();
    stems.sort_unstable();
    stems.dedup();
    stems.join(" ")
}

/// Whether a material with these tokens in title and tags is what the words ask for.
pub fn is_answered(words: &str, title_terms: &str, tag_terms: &str) -> bool {
    let query = parse_query(words);
    let tokens = || title_terms.split(' ').chain(tag_terms.split(' '));
    // The last word was begun where it was typed into a search; here it is meant as it stands.
    let is_there = |term: &Term| tokens().any(|token| term.matches(token) == Some(Match::Exact));
    !query.is_empty() && query.terms().iter().all(is_there)
}

/// What a button or a command about requests does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestAct {
    /// Ask for what the remembered words name.
    Ask(QueryId),
    /// Show what one asks for oneself.
    Own {
        /// Those before this one; none for the newest.
        before: Option<RequestId>,
    },
    /// Show what people ask for, most wanted first.
    Wanted {
        /// What comes after so many people and this request; none for the top.
        after: Option<(u32, RequestId)>,
    },
    /// Ask for it no more.
    Withdraw(RequestId),
    /// Show a request and what may answer it.
    Open(RequestId),
    /// It is answered by this material.
    Answer {
        /// Which request.
        request: RequestId,
        /// By which.
        material: MaterialId,
    },
    /// The school will not have it.
    Decline(RequestId),
}

impl RequestAct {
    /// Whether it takes an editor.
    pub const fn is_editors(self) -> bool {
        match self {
            Self::Ask(_) | Self::Own { .. } | Self::Withdraw(_) => false,
            Self::Wanted { .. } | Self::Open(_) | Self::Answer { .. } | Self::Decline(_) => true,
        }
    }
}

/// A row to write about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestChange {
    /// Somebody asks for something.
    Ask {
        /// The id, if nobody has asked for it yet.
        id: RequestId,
        /// For what.
        wanted: Wanted,
    },
    /// Somebody asks no more.
    Withdraw(RequestId),
    /// An editor has answered; decide again if somebody has before.
    Settle {
        /// Which.
        id: RequestId,
        /// The material that answers it; none: the school will not have it.
        by: Option<MaterialId>,
    },
}

/// A page of requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestPage {
    /// In their order.
    pub requests: Vec<Request>,
    /// Whether more come after them.
    pub has_more: bool,
}

/// What was read about requests.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestFacts {
    /// Somebody wants to ask.
    Asking {
        /// The remembered words, if they are known.
        text: Option<String>,
        /// Whether they ask for it already.
        is_asked: bool,
        /// How many open requests they have.
        open: usize,
    },
    /// A page of a list.
    Page(RequestPage),
    /// One request, if there is such a one, and what is found with its words.
    One(Option<Box<(Request, SearchFacts)>>),
}

/// What is shown about requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestView {
    /// Asked for.
    Noted {
        /// The words: hostile text.
        words: String,
    },
    /// They ask for it already.
    Already {
        /// The words: hostile text.
        words: String,
    },
    /// They ask for too much at once.
    TooMany,
    /// One's own requests.
    Own(RequestPage),
    /// What people ask for.
    Wanted(RequestPage),
    /// A request, and materials that may answer it.
    One {
        /// The request.
        request: Request,
        /// What is found with its words.
        found: Vec<Entry>,
    },
    /// An editor has dealt with it.
    Settled {
        /// The words: hostile text.
        words: String,
        /// Whether there is such a material.
        is_answered: bool,
        /// How many are told.
        demand: u64,
    },
    /// There is no such request any more.
    Gone,
    /// To somebody who asked: the school will not have it.
    Declined {
        /// The words: hostile text.
        words: String,
    },
}

#[cfg(test)]
mod tests {
    use super::super::search::analyse_title;
    use super::*;

    fn key_of(text: &str) -> Option<String> {
        Wanted::of(text).map(|wanted| wanted.key)
    }

    #[test]
    fn the_same_words_are_the_same_request() {
        let key = key_of("Grammar book").unwrap();
        for other in ["book grammar", "BOOK   grammar!", "grammar books", "the grammar of the book"]
        {
            assert_eq!(key_of(other).as_ref(), Some(&key), "{other}");
        }
        assert_ne!(key_of("grammar"), Some(key));
        assert_eq!(key_of("🙂 …"), None);
        assert_eq!(Wanted::of("  Grammar\u{202e}  book ").unwrap().words, "Grammar book");
    }

    #[test]
    fn all_words_must_be_in_title_or_tags() {
        let title = analyse_title("English Grammar in Use");
        let tags = analyse_document("books, murphy");
        let answers = |words| is_answered(words, &title, &tags);
        assert!(answers("grammar book"));
        assert!(answers("Murphy english"));
        assert!(!answers("grammar exercises"));
        assert!(!answers("gram"), "a word that was only begun");
        assert!(!answers("…"));
    }
}
