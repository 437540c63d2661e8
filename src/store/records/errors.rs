//! Errors by groups.

use crate::domain::clock::Timestamp;

/// Errors that differ in numbers and names only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorGroup {
    /// What all of them have in common, as a short text.
    pub fingerprint: String,
    /// Where in the program.
    pub place: String,
    /// What the newest says, without secrets and without what it quotes.
    pub text: String,
    /// How many there were; on its way to the store, how many came on top.
    pub count: i64,
    /// When the first one was.
    pub first_at: Timestamp,
    /// When the newest one was.
    pub last_at: Timestamp,
    /// What the newest one follows from, in the form of `domain::trace`.
    pub trace: Option<String>,
}
