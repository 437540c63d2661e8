//! A broadcast in the making, as it is stored between two updates.

use serde::{Deserialize, Serialize};

use crate::domain::broadcast::{Audience, Content, DoubtPolicy};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, CategoryId, OutboxId};

/// The broadcast dialog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compose {
    /// The id that the broadcast will have; its buttons name it.
    pub broadcast: BroadcastId,
    /// The outbox row of the card that shows it.
    pub card: OutboxId,
    /// The question that is open.
    pub step: ComposeStep,
    /// Whether all questions were asked once: from then on each answer leads back to the review.
    #[serde(default)]
    pub reviewed: bool,
    /// What is sent.
    #[serde(default)]
    pub content: Option<Content>,
    /// The album that the content is part of: its other parts may still come.
    #[serde(default)]
    pub album: Option<String>,
    /// Who gets it.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// The section that the audience follows: hostile text.
    #[serde(default)]
    pub section: Option<String>,
    /// How many they were when they were counted last.
    #[serde(default)]
    pub count: u64,
    /// When it begins; none: as soon as it is confirmed.
    #[serde(default)]
    pub start_at: Option<Timestamp>,
    /// On which days it is sent again at that time of the day.
    #[serde(default)]
    pub repeat: Recurrence,
    /// Whether nothing is sent at night.
    #[serde(default)]
    pub quiet: bool,
    /// What is done about the doubtful.
    #[serde(default)]
    pub doubt: DoubtPolicy,
    /// Whether messages beyond the free limit are paid for.
    #[serde(default)]
    pub paid: bool,
}

/// How often a broadcast is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// Once.
    #[default]
    Once,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
}

impl Recurrence {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Once, Self::Daily, Self::Weekly];
}

/// The questions of the broadcast dialog, all asked on its card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComposeStep {
    /// What is sent?
    Content,
    /// With which buttons?
    Buttons,
    /// To whom?
    Audience,
    /// To those of which language?
    Language,
    /// To the followers of which section? Inside the node that is open.
    Section {
        /// The open node; none at the top.
        inside: Option<CategoryId>,
    },
    /// To those of which role?
    Role,
    /// To the chats in which file?
    List,
    /// When?
    When,
    /// All right like this?
    Review,
    /// Paid for, really?
    Price,
    /// Sent, really?
    Confirm {
        /// When that was asked, in seconds since the Unix epoch.
        asked_s: i64,
    },
}

impl Compose {
    /// Nothing is said yet.
    pub const fn new(broadcast: BroadcastId, card: OutboxId) -> Self {
        Self {
            broadcast,
            card,
            step: ComposeStep::Content,
            reviewed: false,
            content: None,
            album: None,
            audience: None,
            section: None,
            count: 0,
            start_at: None,
            repeat: Recurrence::Once,
            quiet: true,
            doubt: DoubtPolicy::Skip,
            paid: false,
        }
    }

    /// Where a button leads back to.
    pub const fn step_before(&self) -> ComposeStep {
        match self.step {
            ComposeStep::Content if self.content.is_none() => ComposeStep::Content,
            ComposeStep::Language
            | ComposeStep::Section { .. }
            | ComposeStep::Role
            | ComposeStep::List => ComposeStep::Audience,
            ComposeStep::Price | ComposeStep::Confirm { .. } => ComposeStep::Review,
            _ if self.reviewed && !matches!(self.step, ComposeStep::Review) => ComposeStep::Review,
            ComposeStep::Content | ComposeStep::Buttons => ComposeStep::Content,
            ComposeStep::Audience if self.album.is_some() => ComposeStep::Content,
            ComposeStep::Audience => ComposeStep::Buttons,
            ComposeStep::When => ComposeStep::Audience,
            ComposeStep::Review => ComposeStep::When,
        }
    }
}
