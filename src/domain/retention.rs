//! How long what is kept is kept: the terms that the register of [`super::privacy`] names, and the
//! tables that hold nothing of people.
//!
//! Invariant: each table of the schema is in the register or in [`NOBODYS`]; a test compares both
//! with the schemas of both databases, so that a new table has to be put into one of them.

/// Seconds of a day.
const DAY_S: u64 = 86_400;

/// How long something is kept, when nobody erases it. Each is a setting, or a sum of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// Texts of updates that are done.
    Texts,
    /// Updates that are done.
    Updates,
    /// Updates that were put aside.
    Aside,
    /// Messages of the bot.
    Messages,
    /// Dialogs: as long as they can be gone on with, and as long as that is offered afterwards.
    Dialogs,
    /// Words of searches.
    Searches,
    /// Recipients of broadcasts that are over, and lists of chats.
    Letters,
    /// Jobs that are done.
    Jobs,
    /// Jobs that have failed.
    DeadJobs,
    /// Incidents, and alerts that are over.
    Incidents,
    /// What counts for minutes or hours.
    Keys,
}

impl Term {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Texts,
        Self::Updates,
        Self::Aside,
        Self::Messages,
        Self::Dialogs,
        Self::Searches,
        Self::Letters,
        Self::Jobs,
        Self::DeadJobs,
        Self::Incidents,
        Self::Keys,
    ];

    /// The settings that say it; none for what cannot be set.
    pub const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Texts => &["housekeeping.texts_keep_s"],
            Self::Updates => &["housekeeping.updates_keep_s"],
            Self::Aside => &["housekeeping.aside_keep_days"],
            Self::Messages => &["housekeeping.outbox_keep_s"],
            Self::Dialogs => &["chat.dialog_days", "housekeeping.sessions_keep_days"],
            Self::Searches => &["chat.button_days"],
            Self::Letters => &["housekeeping.letters_keep_days"],
            Self::Jobs => &["jobs.done_keep_s"],
            Self::DeadJobs => &["jobs.failed_keep_s"],
            Self::Incidents => &["housekeeping.incidents_keep_s"],
            Self::Keys => &[],
        }
    }

    /// Since when it is counted.
    pub const fn since(self) -> &'static str {
        match self {
            Self::Texts | Self::Updates => "it was answered",
            Self::Aside => "it came",
            Self::Messages => "it was written",
            Self::Dialogs => "the last step",
            Self::Searches => "the last search for it",
            Self::Letters => "the broadcast was over, or the list was made",
            Self::Jobs => "it was done",
            Self::DeadJobs => "it was given up",
            Self::Incidents => "it was told, or was over",
            Self::Keys => "it was used",
        }
    }
}

/// How many days each term has, with the settings of now: begun days count as whole ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms([u32; Term::ALL.len()]);

impl Terms {
    /// With this many seconds for each.
    pub fn of(seconds: impl Fn(Term) -> u64) -> Self {
        let days = |term| u32::try_from(seconds(term).div_ceil(DAY_S).max(1)).unwrap_or(u32::MAX);
        Self(Term::ALL.map(days))
    }

    /// Days of a term.
    pub fn days(&self, term: Term) -> u32 {
        let mut all = Term::ALL.into_iter().zip(self.0);
        all.find(|(other, _)| *other == term).map_or(1, |(_, days)| days)
    }
}

impl Default for Terms {
    /// With the settings as they are delivered.
    fn default() -> Self {
        Self::of(|term| {
            let days = match term {
                Term::Texts | Term::Keys => 1,
                Term::Updates => 3,
                Term::Messages | Term::Jobs => 7,
                Term::DeadJobs | Term::Incidents => 30,
                Term::Dialogs => 60,
                Term::Aside | Term::Searches => 90,
                Term::Letters => 180,
            };
            days * DAY_S
        })
    }
}

/// Tables that hold nothing of people, and why each holds nothing.
pub const NOBODYS: &[(&str, &str)] = &[
    ("meta", "versions, keys of this installation, lives of its processes"),
    ("categories", "sections of the library"),
    ("replacements", "which file took the place of which"),
    ("contents", "what is in a file, by its hash"),
    ("parts", "texts of the library's files"),
    ("material_index", "words of the library, without texts"),
    ("part_index", "words of the library, without texts"),
    ("vocabulary", "words of the library"),
    ("schedules", "when housekeeping is due"),
    ("error_groups", "errors, without what they quote"),
    ("incidents", "what went wrong, by numbers of updates and jobs"),
    ("leases", "which process leads"),
    ("broadcast_progress", "counters of broadcasts"),
    ("popularity", "counters of materials"),
    ("broken_materials", "counters of reports"),
    ("search_days", "words of searches by days; marks in which each stands for many people"),
    ("material_days", "counters of materials by days"),
    ("stats_days", "counters"),
    ("stats_langs", "counters"),
    ("stats_cohorts", "counters"),
    ("stats_tops", "counters, and words that three people or more have searched for"),
    ("alert_signals", "when an alert was last heard of"),
    ("queue_pauses", "which queues are paused"),
    ("bans", "keyed hashes of the numbers of people who are shut out: they outlive an erasure"),
    ("owner_codes", "hashes of codes that anybody may use once"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::privacy::REGISTER;
    use super::*;

    #[test]
    fn no_table_is_both_somebodys_and_nobodys() {
        let nobodys: BTreeSet<&str> = NOBODYS.iter().map(|(table, _)| *table).collect();
        assert_eq!(nobodys.len(), NOBODYS.len());
        assert!(REGISTER.iter().all(|entry| !nobodys.contains(entry.table)));
        assert!(NOBODYS.iter().all(|(_, why)| !why.is_empty()));
    }

    #[test]
    fn begun_days_count_as_whole_ones() {
        let terms = Terms::of(|term| match term {
            Term::Texts => 0,
            Term::Updates => DAY_S + 1,
            _ => DAY_S,
        });
        assert_eq!([Term::Texts, Term::Updates, Term::Jobs].map(|it| terms.days(it)), [1, 2, 1]);
    }

    #[test]
    fn each_term_is_of_use() {
        use super::super::privacy::Kept;

        for term in Term::ALL {
            let names = |kept| matches!(kept, Kept::For(terms) if terms.contains(&term));
            assert!(REGISTER.iter().any(|entry| names(entry.kept)), "{term:?}");
        }
    }
}
