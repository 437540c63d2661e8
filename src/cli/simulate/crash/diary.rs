//! What the drill has offered to the bot, and what must come of it: written down before or as it
//! is offered, compared at the end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A message that a chat must get, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// What its text holds, and no other message next to it.
    pub needle: String,
    /// Whether it is a file.
    pub is_file: bool,
}

impl Expected {
    /// A text.
    pub fn text(needle: impl Into<String>) -> Self {
        Self { needle: needle.into(), is_file: false }
    }

    /// A file, by its caption.
    pub fn file(needle: impl Into<String>) -> Self {
        Self { needle: needle.into(), is_file: true }
    }
}

/// How an editor ends a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Published, at once or as soon as it is processed.
    Published,
    /// Kept as a draft.
    Draft,
    /// Thrown away.
    Discarded,
}

impl Fate {
    /// The state in which the material must be at the end.
    pub const fn state(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Draft => "draft",
            Self::Discarded => "discarded",
        }
    }
}

/// An upload that an editor has worked through.
#[derive(Debug, Clone)]
pub struct UploadNote {
    /// The name of its file: no other has it.
    pub file_name: String,
    /// The title that the editor gave.
    pub title: String,
    /// How it ended.
    pub fate: Fate,
}

/// What was offered, and what must come of it.
#[derive(Debug, Default)]
pub struct Diary {
    /// Numbers of all updates.
    pub updates: Vec<i64>,
    /// The messages that each chat must get, in order.
    pub messages: BTreeMap<i64, Vec<Expected>>,
    /// When each of these was asked for, microseconds of the simulator's clock; not so of the last
    /// ones where nobody has asked.
    pub asked_us: BTreeMap<i64, Vec<u64>>,
    /// Presses in each chat: each makes one edit.
    pub presses: BTreeMap<i64, usize>,
    /// Telegram's ids of the presses.
    pub queries: Vec<String>,
    /// Uploads that were ended.
    pub uploads: Vec<UploadNote>,
    /// Dialogs in which a step had no visible effect.
    pub stuck: Vec<String>,
}

/// The diary, shared by all who write into it.
#[derive(Debug, Default)]
pub struct SharedDiary(Mutex<Diary>);

impl SharedDiary {
    /// Opens it.
    pub fn open(&self) -> MutexGuard<'_, Diary> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Diary {
    /// A message to the bot was offered, under this number.
    pub fn said(&mut self, update: i64, chat: i64, answers: Vec<Expected>) {
        self.updates.push(update);
        let asked_us = std::iter::repeat_n(tgsim::util::now_us(), answers.len());
        self.asked_us.entry(chat).or_default().extend(asked_us);
        self.messages.entry(chat).or_default().extend(answers);
    }

    /// What a chat must get at the end, and nobody waits for.
    pub fn told(&mut self, chat: i64, at_last: Expected) {
        self.messages.entry(chat).or_default().push(at_last);
    }

    /// A button was pressed.
    pub fn pressed(&mut self, update: i64, chat: i64, query: String) {
        self.updates.push(update);
        self.queries.push(query);
        *self.presses.entry(chat).or_default() += 1;
    }
}
