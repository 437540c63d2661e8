//! The search analyser: one place decides what a word is, for documents and queries, for SQLite's
//! FTS5 and PostgreSQL's `tsvector` alike.
//!
//! The way of a text:
//!
//! 1. [`analyse_title`] and [`analyse_document`] turn it into space-separated tokens, which the
//!    store keeps and indexes with the most trivial tokenizer its database has.
//! 2. [`parse_query`] turns what a learner typed into a [`Query`], which is written out as an FTS5
//!    `MATCH` expression or as a `tsquery`.
//! 3. [`score`] orders the candidates that the database found, the same way over both databases.
//! 4. [`snippet()`] shows the place inside a document.
//! 5. When nothing was found, [`swap_layout`] and [`closest`] with [`Query::replace_terms`] repair
//!    the query.
//!
//! Invariants:
//!
//! - A token holds only lower-case letters and digits of the basic multilingual plane, without
//!   diacritics (й and ў are letters of their own), and at most [`MAX_TOKEN_BYTES`] bytes. So it
//!   needs no escaping anywhere, and both databases take it as one token.
//! - Whatever changes the tokens of a text (folding, stemming, transliteration) makes stored
//!   tokens stale: raise [`ANALYSER_VERSION`], so that the store knows to index again.
//! - No input makes it panic, and the work for a query is bounded by the constants of [`query`].
//!
//! Nothing here does I/O, reads a clock or knows SQL beyond the two match syntaxes.

pub mod layout;
mod normalise;
pub mod phrase;
pub mod query;
pub mod rank;
pub mod snippet;
pub mod spelling;
mod stopwords;
mod token;
mod translit;
mod uzbek;

#[cfg(test)]
mod corpus;

pub use layout::swap_layout;
pub use normalise::MAX_TOKEN_BYTES;
pub use phrase::{stands_in_text, stands_in_tokens};
pub use query::{Match, Query, Term, parse_query};
pub use rank::{Candidate, Score, Signals, Taste, Weights, score};
pub use snippet::{Piece, Snippet, snippet};
pub use spelling::{closest, trigrams, vocabulary_terms};
pub use token::{TITLE_STRIDE, analyse_document, analyse_title};

/// Names the rules by which tokens are made; stored beside an index so that a change of the rules
/// can be noticed.
pub const ANALYSER_VERSION: u32 = 2;
