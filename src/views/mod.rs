//! What people read: views in their language, with signed buttons.
//!
//! Invariants: every text comes from `locales/*.ftl`, every markup from `domain::html`, every
//! button's data from `domain::button`; the same view, reader and time give the same message.
//! Nothing here does I/O.

use crate::domain::button::{Holder, Signer};
use crate::domain::clock::Timestamp;
use crate::domain::effect::View;
use crate::domain::html::Markup;
use crate::domain::lang::Lang;
use crate::domain::outgoing::{Keyboard, Outgoing};
use crate::domain::role::Role;

/// Who reads.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Their language.
    pub lang: Lang,
    /// Their role: editors see more buttons.
    pub role: Role,
    /// The chat and the person that the buttons are signed for.
    pub holder: Holder,
    /// When.
    pub now: Timestamp,
}

/// A message as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its text.
    pub html: Markup,
    /// Its buttons.
    pub keyboard: Option<Keyboard>,
}

impl Shown {
    /// As a message of its own.
    pub fn into_new(self) -> Outgoing {
        Outgoing::Text { html: self.html, keyboard: self.keyboard, reply_to: None, silent: false }
    }

    /// In place of what a message shows now.
    pub fn into_edit(self) -> Outgoing {
        Outgoing::EditText { html: self.html, keyboard: self.keyboard }
    }
}

/// Turns views into messages. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Presenter {
    signer: Signer,
    bot_username: String,
}

impl Presenter {
    /// `bot_username` without the sign, for links that open the bot.
    pub const fn new(signer: Signer, bot_username: String) -> Self {
        Self { signer, bot_username }
    }

    /// The view as this reader sees it.
    pub fn show(&self, _reader: Reader, _view: &View) -> Shown {
        let _ = (&self.signer, &self.bot_username);
        Shown { html: crate::domain::html::Html::new().text("…").for_text(), keyboard: None }
    }
}
