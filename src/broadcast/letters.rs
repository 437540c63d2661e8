//! What each recipient of a broadcast gets: one letter for all, or one of their own.

use std::sync::Arc;

use super::campaign::Addressed;
use super::digest::{Digest, Follows};
use super::spec::BroadcasterParts;
use crate::domain::broadcast::{Content, NewBroadcast, Rendition};
use crate::domain::outgoing::Outgoing;
use crate::store::StoreResult;
use crate::store::records::Recipient;

/// Why a recipient gets nothing: a stable name for the report.
pub type Nothing = &'static str;

/// Why a broadcast is stopped whose letter went with its author.
const GONE: &str = "whoever wrote it is erased, and nothing is left to copy";

/// Writes the letters of one broadcast.
pub enum Letters {
    /// The same for all: a million recipients share it.
    Same(Arc<Outgoing>),
    /// With each recipient's name in it.
    Named(Rendition),
    /// What came into the sections that each follows.
    Digest(Digest),
    /// The removal of what each got.
    Undo,
}

impl Letters {
    /// Makes ready for writing: what all recipients share is read once.
    ///
    /// # Errors
    /// A content that cannot be sent is told in words for the admin.
    pub async fn of(
        parts: &BroadcasterParts,
        plan: &NewBroadcast,
    ) -> StoreResult<Result<Self, String>> {
        Ok(match &plan.content {
            Content::Digest { since, until } => {
                Ok(Self::Digest(Digest::read(&parts.db, *since, *until).await?))
            }
            Content::Undo { .. } => Ok(Self::Undo),
            content if content.is_gone() => Err(GONE.to_owned()),
            content => match Rendition::of(content) {
                Ok(Rendition::Same(letter)) => Ok(Self::Same(Arc::new(letter))),
                Ok(rendition) => Ok(Self::Named(rendition)),
                Err(error) => Err(error.to_string()),
            },
        })
    }

    /// The letters of some recipients; for some there may be nothing to say.
    pub async fn write(
        &self,
        parts: &BroadcasterParts,
        recipients: &[Recipient],
    ) -> StoreResult<Vec<Result<Addressed, Nothing>>> {
        let follows = match self {
            Self::Digest(_) => {
                Follows::read(&parts.db, recipients.iter().map(|recipient| recipient.chat)).await?
            }
            _ => Follows::default(),
        };
        let written = recipients.iter().map(|recipient| {
            let letter = self.letter(parts, &follows, recipient)?;
            Ok(Addressed { seq: recipient.seq, chat: recipient.chat, letter })
        });
        Ok(written.collect())
    }

    fn letter(
        &self,
        parts: &BroadcasterParts,
        follows: &Follows,
        recipient: &Recipient,
    ) -> Result<Arc<Outgoing>, Nothing> {
        let letter = match self {
            Self::Same(letter) => return Ok(Arc::clone(letter)),
            Self::Named(rendition) => {
                let first_name = recipient.first_name.as_deref().unwrap_or_default();
                rendition.fill(first_name).ok_or("unreadable")?
            }
            Self::Digest(digest) => digest
                .letter(&parts.presenter, follows, recipient.chat, recipient.lang)
                .ok_or("nothing_new")?,
            Self::Undo if recipient.messages.is_empty() => return Err("nothing_to_remove"),
            Self::Undo => Outgoing::Delete { messages: recipient.messages.clone() },
        };
        Ok(Arc::new(letter))
    }
}
