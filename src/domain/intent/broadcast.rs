//! What an event means to whoever prepares a broadcast.
//!
//! A forwarded message is content like any other; answers and commands count by the admin's own
//! hand only.

use super::{Command, Hearing, Wish};
use crate::domain::broadcast::BroadcastNotice;
use crate::domain::button::{ComposeAct, ControlAct};
use crate::domain::digest::DigestAct;
use crate::domain::effect::Notice;
use crate::domain::event::{Entity, EventKind, FileRef, Indirect};
use crate::domain::ids::{BroadcastId, MessageId, SeriesId};
use crate::domain::session::{Compose, ComposeStep, Dialog};

/// What an admin said in the dialog about a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposeInput {
    /// The command.
    Begin,
    /// A message.
    Letter(Box<Letter>),
    /// A button.
    Act {
        /// The broadcast it was made for.
        broadcast: BroadcastId,
        /// What to do.
        act: ComposeAct,
    },
}

/// A message to a bot in a dialog about a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The message.
    pub message: MessageId,
    /// What it is made of.
    pub body: LetterBody,
    /// The text, or the caption.
    pub text: Option<String>,
    /// The marks on it, if it has a place for a name.
    pub entities: Vec<Entity>,
    /// Set when it is part of an album.
    pub album: Option<String>,
    /// Typed by the sender: it may be an answer.
    pub is_own: bool,
}

/// What a message is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterBody {
    /// Words.
    Text,
    /// A file.
    File(FileRef),
    /// Something else.
    Other {
        /// Whether Telegram copies it to another chat.
        can_be_copied: bool,
    },
}

/// A message in a dialog about a broadcast; `None` for what means the same as everywhere.
pub(super) fn heard(hearing: Hearing<'_>, compose: &Compose, kind: &EventKind) -> Option<Wish> {
    let letter = letter(kind)?;
    let is_command =
        letter.text.as_deref().is_some_and(|text| Command::parse(text.trim()).is_some());
    let is_content = compose.step == ComposeStep::Content && !letter.is_own;
    if matches!(letter.body, LetterBody::Text) && is_command && !is_content {
        return None;
    }
    Some(if hearing.role.can_broadcast() {
        Wish::Compose(ComposeInput::Letter(Box::new(letter)))
    } else {
        admins_only()
    })
}

fn letter(kind: &EventKind) -> Option<Letter> {
    match kind {
        EventKind::Text { message, text, entities, indirect } => Some(Letter {
            message: *message,
            body: LetterBody::Text,
            text: Some(text.clone()),
            entities: entities.clone(),
            album: None,
            is_own: indirect.is_none(),
        }),
        EventKind::File { message, file, caption, entities, media_group } => Some(Letter {
            message: *message,
            body: LetterBody::File(file.clone()),
            text: caption.clone(),
            entities: entities.clone(),
            album: media_group.clone(),
            is_own: true,
        }),
        EventKind::OtherMessage { message, can_be_copied } => Some(Letter {
            message: *message,
            body: LetterBody::Other { can_be_copied: *can_be_copied },
            text: None,
            entities: Vec::new(),
            album: None,
            is_own: true,
        }),
        _ => None,
    }
}

/// `/broadcast` and `/broadcasts`.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    command: &Command<'_>,
    indirect: Option<Indirect>,
) -> Wish {
    if !is_private {
        return Wish::Nothing;
    }
    if !hearing.role.can_broadcast() {
        return admins_only();
    }
    if indirect.is_some() {
        return Wish::Say(Notice::NotByOwnHand);
    }
    if command.name == "broadcasts" {
        return Wish::Broadcasts { before: None };
    }
    match hearing.dialog {
        Dialog::Idle | Dialog::Broadcast(_) | Dialog::Desk(_) => Wish::Compose(ComposeInput::Begin),
        Dialog::Upload(_) | Dialog::Bulk(_) | Dialog::Replace(_) => Wish::Say(Notice::FinishFirst),
    }
}

/// A button of the dialog.
pub(super) fn pressed(hearing: Hearing<'_>, broadcast: BroadcastId, act: ComposeAct) -> Wish {
    // Whoever is no admin any more must be able to leave the dialog.
    if hearing.role.can_broadcast() || act == ComposeAct::Cancel {
        Wish::Compose(ComposeInput::Act { broadcast, act })
    } else {
        admins_only()
    }
}

/// A button of a broadcast that is confirmed.
pub(super) fn controlled(hearing: Hearing<'_>, broadcast: BroadcastId, act: ControlAct) -> Wish {
    if hearing.role.can_broadcast() { Wish::Control { broadcast, act } } else { admins_only() }
}

/// The digest's card.
pub(super) fn digest(hearing: Hearing<'_>, act: DigestAct) -> Wish {
    if hearing.role.can_broadcast() { Wish::Digest(act) } else { admins_only() }
}

/// A page of the list.
pub(super) fn listed(hearing: Hearing<'_>, before: Option<BroadcastId>) -> Wish {
    if hearing.role.can_broadcast() { Wish::Broadcasts { before } } else { admins_only() }
}

/// The end of a series.
pub(super) fn ended(hearing: Hearing<'_>, series: SeriesId) -> Wish {
    if hearing.role.can_broadcast() { Wish::EndSeries(series) } else { admins_only() }
}

const fn admins_only() -> Wish {
    Wish::Say(Notice::Broadcast(BroadcastNotice::AdminsOnly))
}
