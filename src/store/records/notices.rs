//! Who is told of what.

use crate::domain::ids::{BroadcastId, CategoryId, JobId, MaterialId, RequestId, UserId};
use crate::domain::tell::Listener;

/// What people are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A material that is new: those who asked for it, and those who follow its sections.
    Material(MaterialId),
    /// What an editor has answered: those who asked.
    Request(RequestId),
}

/// Which people to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenersRequest {
    /// Of what.
    pub news: News,
    /// The sections above the material, the nearest first; none for a request.
    pub sections: Vec<CategoryId>,
    /// Only people with a greater id.
    pub after: UserId,
    /// At most so many.
    pub limit: i64,
}

/// A page of people, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listeners {
    /// Those of whom the database knows how to write to them.
    pub people: Vec<Listener>,
    /// Everybody up to this id was looked at; none when nobody is left.
    pub last: Option<UserId>,
}

/// A slice of a table that was gone through for somebody who is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErasedSlice {
    /// Where the next slice begins; none at the end.
    pub next: Option<i64>,
    /// What the forgotten rows said: updates as they came, or JSON of `domain::outgoing`.
    pub texts: Vec<String>,
}

/// What lies on the disk for one person alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Belongings {
    /// Files of what they have not published, by their hashes.
    pub hashes: Vec<String>,
    /// Jobs that may be fetching something for them.
    pub jobs: Vec<JobId>,
}

/// A recipient who is to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForgottenRecipient {
    /// Of which broadcast.
    pub broadcast: BroadcastId,
    /// Who.
    pub user: UserId,
}
