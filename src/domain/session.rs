//! A person's dialog in a chat, as it is stored between two updates.
//!
//! Invariant: every state that a release has written can be read by all later ones. The golden
//! file beside the tests holds them; append states and fields, give new fields a default, and
//! raise [`SCHEMA`] only together with an upgrade here.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::ids::{BatchId, CategoryId, ChatId, MaterialId, OutboxId, UserId};
use super::material::Description;
use super::people::Ban;
use super::user::User;

mod compose;

pub use compose::{Compose, ComposeStep, Recurrence};

/// Version of the stored form.
pub const SCHEMA: i32 = 1;

/// Most files that wait behind the one in the dialog; more are refused with a word.
pub const QUEUE_MAX: usize = 50;

/// Whose dialog, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey {
    /// The chat.
    pub chat: ChatId,
    /// The person.
    pub user: UserId,
    /// The forum topic; 0 for none.
    pub thread: i64,
}

/// What goes on between the person and the bot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "dialog", rename_all = "snake_case")]
pub enum Dialog {
    /// Nothing: any text is a query.
    #[default]
    Idle,
    /// An editor describes a file.
    Upload(Upload),
    /// An editor describes many files together.
    Bulk(Bulk),
    /// An editor gives a published material a new file.
    Replace(Replace),
    /// An admin prepares a broadcast.
    Broadcast(Box<Compose>),
    /// An editor is asked something at the desk.
    Desk(Desk),
}

impl Dialog {
    /// The name for the sessions table.
    pub const fn tag(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Upload(_) => "upload",
            Self::Bulk(_) => "bulk",
            Self::Replace(_) => "replace",
            Self::Broadcast(_) => "broadcast",
            Self::Desk(_) => "desk",
        }
    }
}

/// The upload dialog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The material that is described.
    pub material: MaterialId,
    /// The question that is open.
    pub step: Step,
    /// Whether all questions were asked once: from then on each answer leads back to the review.
    #[serde(default)]
    pub reviewed: bool,
    /// The answers so far.
    pub description: Description,
    /// Files that came meanwhile, oldest first.
    #[serde(default)]
    pub queue: Vec<MaterialId>,
}

/// The replacement dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replace {
    /// The material whose file is to be replaced.
    pub target: MaterialId,
    /// The hidden material that holds the new file, once it came.
    #[serde(default)]
    pub candidate: Option<MaterialId>,
}

/// The questions of the upload dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// What is it called?
    Title,
    /// Where does it stand? Inside the node that is open.
    Category {
        /// The open node; none at the top.
        inside: Option<CategoryId>,
    },
    /// For which level?
    Level,
    /// In which language?
    Language,
    /// Under which tags?
    Tags,
    /// All right like this?
    Review,
}

/// The bulk upload dialog. It names its files by their batch, so that it stays small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bulk {
    /// The batch.
    pub batch: BatchId,
    /// The outbox row of the card that shows it.
    pub card: OutboxId,
    /// Files taken so far.
    pub files: u32,
    /// Files that were not taken because the batch was full.
    #[serde(default)]
    pub beyond: u32,
    /// The page that the card shows, from 0.
    #[serde(default)]
    pub page: u32,
    /// The question that is open.
    pub step: BulkStep,
    /// The answers so far; each file has a title of its own.
    pub description: Description,
}

/// The questions of the bulk dialog, all asked on its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkStep {
    /// None: the list with its buttons.
    List,
    /// Where do they stand? Inside the node that is open.
    Category {
        /// The open node; none at the top.
        inside: Option<CategoryId>,
    },
    /// For which level?
    Level,
    /// In which language?
    Language,
    /// Which file gets another title?
    ChooseRename,
    /// What is this file called?
    Rename {
        /// Which.
        material: MaterialId,
    },
    /// Which file is thrown away?
    ChooseRemove,
    /// All of them thrown away, really?
    ConfirmCancel,
}

/// A dialog as it is stored, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Its JSON.
    pub body: String,
    /// Version of its form.
    pub schema: i32,
    /// Number of writes so far.
    pub version: i64,
}

/// What is known of a person in a chat.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChatState {
    /// The dialog.
    pub session: Option<StoredSession>,
    /// The person.
    pub user: Option<User>,
    /// Whether they are shut out.
    pub ban: Option<Ban>,
    /// The number of the list that says so: it grows with each change.
    pub bans: i64,
}

/// A session as loaded: version 0 has never been stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    /// The dialog.
    pub dialog: Dialog,
    /// Counts the writes; a write against an older version is refused.
    pub version: i64,
}

/// A stored dialog that this version cannot read.
#[derive(Debug, thiserror::Error)]
#[error("the stored dialog cannot be read (schema {schema}, ours is {SCHEMA})")]
pub struct SessionError {
    schema: i32,
    #[source]
    source: Option<serde_json::Error>,
}

impl Dialog {
    /// The stored form.
    pub fn encode(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads a stored form of this or an earlier version.
    pub fn decode(schema: i32, body: &str) -> Result<Self, SessionError> {
        if schema != SCHEMA {
            return Err(SessionError { schema, source: None });
        }
        serde_json::from_str(body).map_err(|source| SessionError { schema, source: Some(source) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line for each state that was ever released: `schema<TAB>body`.
    const GOLDEN: &str = include_str!("session/golden.tsv");

    #[test]
    fn every_released_state_is_still_read() {
        for line in GOLDEN.lines() {
            let (schema, body) = line.split_once('\t').unwrap();
            let dialog = Dialog::decode(schema.parse().unwrap(), body).unwrap();
            assert_eq!(dialog.encode().unwrap(), body, "written as it was read");
            assert!(body.contains(&format!("\"dialog\":\"{}\"", dialog.tag())), "{body}");
        }
        assert!(GOLDEN.lines().count() >= 8, "a state for each step");
    }

    #[test]
    fn the_unreadable_is_an_error_and_no_panic() {
        assert!(Dialog::decode(SCHEMA, "{\"dialog\":\"future\"}").is_err());
        assert!(Dialog::decode(SCHEMA + 1, "{\"dialog\":\"idle\"}").is_err());
    }
}
