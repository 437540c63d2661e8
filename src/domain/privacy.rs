//! What is kept of a person: every table, what for, how long, and how it is forgotten.
//!
//! The register below is the one place that says it. `/privacy` shows it, `/mydata` reads by it,
//! `/deletemydata` erases by it, and a test compares it with the schemas of both databases: a
//! column that names a person and is not in the register fails. To add a table is to add one entry
//! (and, for a sort of data that is new, one text).

use super::ids::{BroadcastId, ChatId, UserId};
use super::retention::{Term, Terms};

/// How long a question about erasing may be answered.
pub const CONFIRM_WITHIN_S: i64 = 60;

/// How often a copy of one's data may be had.
pub const EXPORT_EVERY_S: i64 = 60 * 60;

/// A sort of data, as people are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Name, language, role, settings.
    Profile,
    /// The dialog that is open.
    Dialog,
    /// What was sent to the bot.
    Messages,
    /// What the bot has sent.
    Answers,
    /// The words of searches.
    Searches,
    /// What was taken, kept or reported.
    Reading,
    /// What is followed.
    Follows,
    /// What was asked for.
    Requests,
    /// Letters of the school.
    Letters,
    /// What an editor or an admin has done.
    Work,
    /// Background work.
    Jobs,
}

impl About {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 11] = [
        Self::Profile,
        Self::Dialog,
        Self::Messages,
        Self::Answers,
        Self::Searches,
        Self::Reading,
        Self::Follows,
        Self::Requests,
        Self::Letters,
        Self::Work,
        Self::Jobs,
    ];

    /// The key of its text.
    pub const fn text_key(self) -> &'static str {
        match self {
            Self::Profile => "privacy-profile",
            Self::Dialog => "privacy-dialog",
            Self::Messages => "privacy-messages",
            Self::Answers => "privacy-answers",
            Self::Searches => "privacy-searches",
            Self::Reading => "privacy-reading",
            Self::Follows => "privacy-follows",
            Self::Requests => "privacy-requests",
            Self::Letters => "privacy-letters",
            Self::Work => "privacy-work",
            Self::Jobs => "privacy-jobs",
        }
    }
}

/// How long something is kept, when nobody erases it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Until the person erases it.
    UntilErased,
    /// For these terms: some rows for the one, some for the other.
    For(&'static [Term]),
}

impl Kept {
    /// Of a sort of data: what is kept longest of it counts, hence nothing where something stays
    /// until it is erased, and else the shortest and the longest term in days.
    pub fn days_of(about: About, terms: &Terms) -> Option<(u32, u32)> {
        let mut days = Vec::new();
        for entry in REGISTER.iter().filter(|entry| entry.about == about) {
            match entry.kept {
                Self::UntilErased => return None,
                Self::For(of) => days.extend(of.iter().map(|term| terms.days(*term))),
            }
        }
        Some((days.iter().copied().min()?, days.into_iter().max()?))
    }
}

/// How the rows of a person are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// They are deleted.
    Delete,
    /// They stay, and name nobody: 0 in each column of a person.
    Unname,
    /// They stay as they are: they name a pseudonym, which is nobody's once its own row is gone.
    Pseudonym,
    /// By statements of their own: see `store/queries/erase.rs`.
    ByHand,
}

/// A column of a copy of one's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    Plain(&'static str),
    /// A time.
    Time(&'static str),
}

impl Shown {
    /// The column's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain(name) | Self::Time(name) => name,
        }
    }
}

/// A table that holds something of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Personal {
    /// The table.
    pub table: &'static str,
    /// The columns that name a person or their private chat. A row is theirs when the first says so.
    pub person: &'static [&'static str],
    /// What it is.
    pub about: About,
    /// How long it is kept.
    pub kept: Kept,
    /// How it is forgotten.
    pub erasure: Erasure,
    /// What a copy of one's data shows of it; nothing for what is shown with another table.
    pub shown: &'static [Shown],
}

use self::Shown::{Plain, Time};

/// Every table with something of people.
pub const REGISTER: &[Personal] = &[
    Personal {
        table: "users",
        person: &["id"],
        about: About::Profile,
        kept: Kept::UntilErased,
        erasure: Erasure::Delete,
        shown: &[
            Plain("id"),
            Plain("first_name"),
            Plain("username"),
            Plain("lang"),
            Plain("role"),
            Plain("reachable"),
            Plain("time_zone"),
            Plain("study_level"),
            Plain("study_language"),
            Plain("is_muted"),
            Plain("quiet_from"),
            Plain("quiet_to"),
            Time("created_at"),
            Time("last_seen_at"),
            Plain("seen_day"),
            Plain("seen_days"),
        ],
    },
    Personal {
        table: "data_exports",
        person: &["user_id"],
        about: About::Profile,
        kept: Kept::For(&[Term::Keys]),
        erasure: Erasure::Delete,
        shown: &[Time("asked_at")],
    },
    Personal {
        table: "dashboard_keys",
        person: &["user_id"],
        about: About::Profile,
        kept: Kept::For(&[Term::Keys]),
        erasure: Erasure::Delete,
        shown: &[Time("expires_at")],
    },
    Personal {
        table: "sessions",
        person: &["user_id", "chat_id"],
        about: About::Dialog,
        kept: Kept::For(&[Term::Dialogs]),
        erasure: Erasure::Delete,
        shown: &[Plain("chat_id"), Plain("tag"), Plain("body"), Time("expires_at")],
    },
    Personal {
        table: "updates",
        person: &["chat_key"],
        about: About::Messages,
        kept: Kept::For(&[Term::Texts, Term::Updates, Term::Aside]),
        erasure: Erasure::ByHand,
        shown: &[Plain("kind"), Plain("state"), Plain("raw"), Time("received_at")],
    },
    Personal {
        table: "outbox",
        person: &["chat_id"],
        about: About::Answers,
        kept: Kept::For(&[Term::Messages]),
        erasure: Erasure::ByHand,
        shown: &[Plain("class"), Plain("state"), Plain("payload"), Time("created_at")],
    },
    Personal {
        table: "queries",
        person: &["user_id"],
        about: About::Searches,
        kept: Kept::For(&[Term::Searches]),
        erasure: Erasure::Delete,
        shown: &[Plain("text"), Time("created_at")],
    },
    Personal {
        table: "deliveries",
        person: &["user_id"],
        about: About::Reading,
        kept: Kept::UntilErased,
        erasure: Erasure::Delete,
        shown: &[
            Plain("material_id"),
            Plain("edition"),
            Plain("times"),
            Time("first_at"),
            Time("last_at"),
        ],
    },
    Personal {
        table: "favourites",
        person: &["user_id"],
        about: About::Reading,
        kept: Kept::UntilErased,
        erasure: Erasure::Delete,
        shown: &[Plain("material_id"), Time("added_at")],
    },
    Personal {
        table: "breakages",
        person: &["user_id"],
        about: About::Reading,
        kept: Kept::UntilErased,
        erasure: Erasure::Delete,
        shown: &[Plain("material_id"), Plain("reason"), Time("reported_at"), Time("settled_at")],
    },
    Personal {
        table: "follows",
        person: &["user_id"],
        about: About::Follows,
        kept: Kept::UntilErased,
        erasure: Erasure::Delete,
        shown: &[Plain("category_id"), Time("since")],
    },
    Personal {
        table: "request_askers",
        person: &["user_id"],
        about: About::Requests,
        kept: Kept::UntilErased,
        erasure: Erasure::ByHand,
        shown: &[Plain("request_id"), Time("asked_at"), Time("told_at")],
    },
    Personal {
        table: "requests",
        person: &["answered_by"],
        about: About::Work,
        kept: Kept::UntilErased,
        erasure: Erasure::Unname,
        shown: &[Plain("id"), Plain("state"), Plain("material_id")],
    },
    Personal {
        table: "broadcast_recipients",
        person: &["chat_id"],
        about: About::Letters,
        kept: Kept::For(&[Term::Letters]),
        erasure: Erasure::ByHand,
        shown: &[Plain("broadcast_id"), Plain("state"), Plain("reason"), Plain("message_id")],
    },
    Personal {
        table: "audience_lists",
        person: &["chat_id"],
        about: About::Letters,
        kept: Kept::For(&[Term::Letters]),
        erasure: Erasure::Delete,
        shown: &[Plain("list_id")],
    },
    Personal {
        table: "materials",
        person: &["uploader_id", "card_chat_id"],
        about: About::Work,
        kept: Kept::UntilErased,
        erasure: Erasure::ByHand,
        shown: &[
            Plain("id"),
            Plain("state"),
            Plain("title"),
            Plain("tags"),
            Plain("file_name"),
            Time("created_at"),
        ],
    },
    Personal {
        table: "editions",
        person: &["replaced_by_user"],
        about: About::Work,
        kept: Kept::UntilErased,
        erasure: Erasure::Unname,
        shown: &[Plain("material_id"), Plain("number"), Time("replaced_at")],
    },
    Personal {
        table: "broadcasts",
        person: &["created_by", "card_chat_id"],
        about: About::Work,
        kept: Kept::UntilErased,
        erasure: Erasure::ByHand,
        shown: &[Plain("id"), Plain("state"), Plain("content"), Time("created_at")],
    },
    Personal {
        table: "broadcast_series",
        person: &["created_by", "chat_id"],
        about: About::Work,
        kept: Kept::UntilErased,
        erasure: Erasure::ByHand,
        shown: &[Plain("id"), Plain("content"), Time("created_at")],
    },
    Personal {
        table: "pseudonyms",
        person: &["person_id"],
        about: About::Work,
        kept: Kept::UntilErased,
        erasure: Erasure::Delete,
        shown: &[],
    },
    Personal {
        table: "audit",
        person: &["actor"],
        about: About::Work,
        kept: Kept::UntilErased,
        erasure: Erasure::Pseudonym,
        shown: &[Plain("action"), Plain("subject"), Plain("subject_id"), Time("at")],
    },
    Personal {
        table: "jobs",
        person: &["fairness_key"],
        about: About::Jobs,
        kept: Kept::For(&[Term::Jobs, Term::DeadJobs]),
        erasure: Erasure::ByHand,
        shown: &[Plain("kind"), Plain("state"), Time("created_at")],
    },
    Personal {
        table: "alerts",
        person: &["acked_by"],
        about: About::Work,
        kept: Kept::For(&[Term::Incidents]),
        erasure: Erasure::Unname,
        shown: &[Plain("id"), Plain("name"), Time("acked_at")],
    },
    Personal {
        table: "alert_messages",
        person: &["user_id"],
        about: About::Work,
        kept: Kept::For(&[Term::Incidents]),
        erasure: Erasure::Delete,
        shown: &[Plain("card_id")],
    },
    Personal {
        table: "silences",
        person: &["created_by"],
        about: About::Work,
        kept: Kept::For(&[Term::Incidents]),
        erasure: Erasure::Unname,
        shown: &[Plain("id"), Plain("name"), Time("created_at"), Time("ends_at")],
    },
];

/// What a button or a command about one's data does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyAct {
    /// Show what is kept.
    Show,
    /// Send a copy of it.
    Export,
    /// Ask whether all of it shall be erased.
    AskErase,
    /// Erase it.
    Erase {
        /// When that was asked, in seconds since the Unix epoch.
        asked_s: i64,
    },
    /// Erase nothing.
    Keep,
}

/// What was read about a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrivacyFacts {
    /// Whether they had a copy within the last hour.
    pub had_copy: bool,
    /// Whether nobody else in the database is an admin.
    pub is_last_admin: bool,
    /// Whether the database says they are an owner.
    pub is_stored_owner: bool,
    /// A broadcast of theirs that is not over.
    pub under_way: Option<BroadcastId>,
}

/// A row to write about a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyChange {
    /// They are sent a copy.
    NoteExport,
}

/// What is shown about a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyView {
    /// What is kept.
    Register,
    /// A copy is on its way.
    Exporting,
    /// There was one within the hour.
    TooOften,
    /// No copy could be made.
    NoCopy,
    /// Whether all of it shall be erased.
    AskErase {
        /// When that is asked.
        asked_s: i64,
        /// Nobody else is an admin.
        is_last_admin: bool,
        /// The database says they are an owner.
        is_stored_owner: bool,
    },
    /// A broadcast of theirs is not over: nothing can be erased yet.
    UnderWay,
    /// The answer came too late.
    TooLate,
    /// It is being erased.
    Erasing,
    /// Nothing was erased.
    Kept,
    /// It is erased.
    Erased,
}

/// Whose data a job is about, and where the answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Subject {
    /// The person.
    pub user: UserId,
    /// Their private chat.
    pub chat: ChatId,
}

#[cfg(test)]
#[path = "privacy_tests.rs"]
mod tests;
