//! What each recipient of a broadcast gets: one letter for all, or one of their own.

use std::sync::Arc;

use super::campaign::Addressed;
use super::digest::{Digest, Follows};
use super::spec::BroadcasterParts;
use crate::domain::broadcast::{Content, LinkButton, NewBroadcast};
use crate::domain::event::FileClass;
use crate::domain::html::{CAPTION_LIMIT, TEXT_LIMIT, Template};
use crate::domain::outgoing::{Button, Keyboard, Outgoing};
use crate::store::StoreResult;
use crate::store::records::Recipient;

/// Why a recipient gets nothing: a stable name for the report.
pub type Nothing = &'static str;

/// Writes the letters of one broadcast.
pub struct Letters(Kind);

enum Kind {
    /// The same for all.
    Copy(Arc<Outgoing>),
    Text {
        template: Template,
        keyboard: Option<Keyboard>,
    },
    File {
        class: FileClass,
        file_id: String,
        template: Template,
        keyboard: Option<Keyboard>,
    },
    Digest(Box<Digest>),
    Undo,
}

impl Letters {
    /// Makes ready for writing: what all recipients share is read once.
    ///
    /// # Errors
    /// A content that cannot be read any more is told in words for the admin.
    pub async fn of(
        parts: &BroadcasterParts,
        plan: &NewBroadcast,
    ) -> StoreResult<Result<Self, String>> {
        let kind = match &plan.content {
            Content::Copy { from, messages, buttons } => Kind::Copy(Arc::new(Outgoing::Copy {
                from: *from,
                messages: messages.clone(),
                keyboard: keyboard(buttons),
                silent: false,
            })),
            Content::Text { template, buttons } => match Template::parse(template, TEXT_LIMIT) {
                Ok(template) => Kind::Text { template, keyboard: keyboard(buttons) },
                Err(error) => return Ok(Err(error.to_string())),
            },
            Content::File { class, file_id, template, buttons } => {
                match Template::parse(template, CAPTION_LIMIT) {
                    Ok(template) => Kind::File {
                        class: *class,
                        file_id: file_id.clone(),
                        template,
                        keyboard: keyboard(buttons),
                    },
                    Err(error) => return Ok(Err(error.to_string())),
                }
            }
            Content::Digest { since, until } => {
                Kind::Digest(Box::new(Digest::read(&parts.db, *since, *until).await?))
            }
            Content::Undo { .. } => Kind::Undo,
        };
        Ok(Ok(Self(kind)))
    }

    /// For nobody.
    pub const fn none() -> Self {
        Self(Kind::Undo)
    }

    /// The letters of some recipients; for some there may be nothing to say.
    pub async fn write(
        &self,
        parts: &BroadcasterParts,
        recipients: &[Recipient],
    ) -> StoreResult<Vec<Result<Addressed, Nothing>>> {
        let follows = match &self.0 {
            Kind::Digest(_) => {
                Follows::read(&parts.db, recipients.iter().map(|recipient| recipient.chat)).await?
            }
            _ => Follows::default(),
        };
        let written = recipients.iter().map(|recipient| {
            let letter = match &self.0 {
                Kind::Copy(letter) => Ok(Arc::clone(letter)),
                Kind::Text { template, keyboard } => Ok(Arc::new(Outgoing::Text {
                    html: template.fill(first_name(recipient)),
                    keyboard: keyboard.clone(),
                    reply_to: None,
                    silent: false,
                })),
                Kind::File { class, file_id, template, keyboard } => Ok(Arc::new(Outgoing::File {
                    class: *class,
                    file_id: file_id.clone(),
                    copy: None,
                    apology: None,
                    caption: Some(template.fill(first_name(recipient))),
                    keyboard: keyboard.clone(),
                    silent: false,
                })),
                Kind::Digest(digest) => digest
                    .letter(&parts.presenter, &follows, recipient.chat, recipient.lang)
                    .map(Arc::new)
                    .ok_or("nothing_new"),
                Kind::Undo if recipient.messages.is_empty() => Err("nothing_to_remove"),
                Kind::Undo => {
                    Ok(Arc::new(Outgoing::Delete { messages: recipient.messages.clone() }))
                }
            };
            letter.map(|letter| Addressed { seq: recipient.seq, chat: recipient.chat, letter })
        });
        Ok(written.collect())
    }
}

fn first_name(recipient: &Recipient) -> &str {
    recipient.first_name.as_deref().unwrap_or_default()
}

/// One button a row.
fn keyboard(buttons: &[LinkButton]) -> Option<Keyboard> {
    let keyboard = buttons.iter().fold(Keyboard::new(), |keyboard, button| {
        keyboard.row([Button::url(&button.text, &button.url)])
    });
    (!keyboard.rows.is_empty()).then_some(keyboard)
}
