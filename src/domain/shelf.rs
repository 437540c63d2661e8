//! The learner's shelf: lists that page by key, favourites, what somebody was given, what is like
//! a material, what a person prefers, and broken files.
//!
//! Invariants: a page begins at an edge, never at a count, so that the millionth costs what the
//! first does; nobody counts further than [`COUNT_MAX`]; whatever a button of yesterday names, there
//! is a page to show.

use super::ids::{CategoryId, MaterialId, UserId};
use super::lang::Lang;
use super::material::{Category, Level, Material};
use super::search_page::{Entry, Total};

pub mod breakage;
pub mod preference;

pub use breakage::{Breakage, Broken, Case, Reason, Reporter};
pub use preference::{PreferAct, Preference, Preferring};

/// Nobody counts a list further; beyond it there are "1,000+".
pub const COUNT_MAX: i64 = 1_000;

/// The last page that has a number of its own; those behind it are shown under this one.
pub const PAGE_MAX: u32 = 9_999;

/// Most materials that are offered as like one.
pub const ALIKE_MAX: usize = 30;

/// A plain list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// What was published, newest first.
    New,
    /// What stands in a node of the catalogue, newest first.
    Section {
        /// The node.
        category: CategoryId,
        /// Only this level.
        level: Option<Level>,
    },
    /// What the reader keeps, the last kept first.
    Favourites,
    /// What the reader was given, the last given first.
    History,
    /// The editor's own drafts, newest first.
    Drafts,
    /// Broken files that nobody has settled, the most reported first.
    Broken,
}

/// Where an entry stands in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Microseconds since the Unix epoch, or how many reported it; 0 in lists by id alone.
    pub at: i64,
    /// The material.
    pub id: i64,
}

impl Edge {
    /// Before the first entry of every list. 31.12.9999: both databases know the year.
    pub const TOP: Self = Self { at: 253_402_214_400_000_000, id: i64::MAX };
}

/// Where a page begins. Numbers are those under which pages are shown, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spot {
    /// At the top.
    #[default]
    First,
    /// Behind an entry.
    After {
        /// The last entry of the page before.
        edge: Edge,
        /// Its number.
        page: u32,
    },
    /// Before an entry.
    Before {
        /// The first entry of the page behind it.
        edge: Edge,
        /// Its number.
        page: u32,
    },
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What is shown.
    pub entry: Entry,
    /// Where it stands.
    pub edge: Edge,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Of which list.
    pub list: List,
    /// The node of a [`List::Section`].
    pub node: Option<Category>,
    /// Its number, from 0.
    pub page: u32,
    /// Entries of a full page.
    pub page_size: usize,
    /// How many entries the list has.
    pub total: Total,
    /// The entries.
    pub entries: Vec<Placed>,
    /// Whether there are more behind them.
    pub has_more: bool,
}

impl Listing {
    /// Where the page before this one begins.
    pub fn back(&self) -> Option<Spot> {
        let page = self.page.checked_sub(1)?;
        match self.entries.first() {
            Some(first) if page > 0 => Some(Spot::Before { edge: first.edge, page }),
            // What came meanwhile is seen from the top alone.
            _ => Some(Spot::First),
        }
    }

    /// Where the page behind this one begins.
    pub fn on(&self) -> Option<Spot> {
        let last = self.entries.last().filter(|_| self.has_more)?;
        let page = self.page.saturating_add(1).min(PAGE_MAX);
        Some(Spot::After { edge: last.edge, page })
    }
}

/// What a button of the shelf does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShelfAct {
    /// Show a page of a list.
    Show {
        /// Which.
        list: List,
        /// Where.
        spot: Spot,
    },
    /// Keep a material among the favourites, or no more.
    Favour {
        /// Which.
        material: MaterialId,
        /// Whether it is to be kept.
        on: bool,
    },
    /// Show what is like a material.
    Alike {
        /// Which.
        material: MaterialId,
        /// Page from 0; none opens the list in a message of its own.
        page: Option<u32>,
    },
    /// About the settings.
    Prefer(PreferAct),
    /// About a broken file.
    Break {
        /// Which.
        material: MaterialId,
        /// What to do.
        act: Breakage,
    },
}

/// A material that somebody was given, with what the keyboard below it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The material.
    pub material: Box<Material>,
    /// Whether it is among the reader's favourites.
    pub is_favourite: bool,
}

/// What is like a material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// The material.
    pub material: MaterialId,
    /// Its title: hostile text.
    pub title: String,
    /// This page, from 0.
    pub page: u32,
    /// Entries a page.
    pub page_size: usize,
    /// How many there are.
    pub count: usize,
    /// The entries of this page, best first.
    pub entries: Vec<Entry>,
}

/// What was read for a wish about the shelf.
#[derive(Debug, Clone, PartialEq)]
pub enum ShelfFacts {
    /// What is to be shown is gone.
    Gone,
    /// A page of a list.
    List(Listing),
    /// A material, as it is given.
    Given(Given),
    /// What is like a material.
    Alike(Alike),
    /// What the person prefers.
    Preferring(Preferring),
    /// How a file that may be broken stands.
    Broken(Box<Broken>),
}

/// A row to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfChange {
    /// Keep a material among the favourites, or no more.
    Favour {
        /// Which.
        material: MaterialId,
        /// Whether it is kept.
        on: bool,
    },
    /// The person prefers something else.
    Prefer(Preference),
    /// The person says that a file is broken.
    Report {
        /// Which.
        material: MaterialId,
        /// What is wrong.
        reason: Reason,
        /// Nobody had said so when it was decided; if somebody has by now, decide again.
        opens: bool,
    },
    /// What these people said of a file is settled; if it is already, decide again.
    Settle {
        /// Which.
        material: MaterialId,
        /// Who said so.
        reporters: Vec<UserId>,
    },
}

/// What is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum ShelfView {
    /// A page of a list.
    List(Listing),
    /// What is like a material.
    Alike(Alike),
    /// The settings.
    Preferring {
        /// What holds now.
        now: Preferring,
        /// The choice that is open; none for the card itself.
        ask: Option<preference::Ask>,
    },
    /// To an editor: somebody says that a file is broken.
    Reported {
        /// Which.
        material: MaterialId,
        /// Its title: hostile text.
        title: String,
        /// What is wrong.
        reason: Reason,
    },
    /// To an editor: what people say of a file.
    Case(Case),
    /// To who reported a file: it is dealt with.
    Settled {
        /// Which.
        material: MaterialId,
        /// Its title: hostile text.
        title: String,
    },
}

/// The buttons below a file that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// What can be done with it.
    Given {
        /// The material.
        material: MaterialId,
        /// Whether it is among the reader's favourites.
        is_favourite: bool,
    },
    /// What may be wrong with it.
    Reasons(MaterialId),
}

/// Short answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfNotice {
    /// What is asked for is for nobody else's eyes.
    PrivateOnly,
    /// It is among the favourites now.
    Kept,
    /// Nothing is like that material.
    NothingAlike,
    /// Thanks for a report.
    Thanks,
    /// Too many reports in a day.
    TooManyReports,
    /// The editor has settled what was said of a file.
    SettledNow {
        /// Its title: hostile text.
        title: String,
        /// How many were told.
        told: usize,
        /// How many more there are, for the next press.
        left: usize,
    },
    /// There is nothing to settle.
    NothingBroken,
    /// No time zone has that name.
    NoSuchZone,
}

/// Somebody who is written to by the bot's own accord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressee {
    /// Who.
    pub user: UserId,
    /// Their language.
    pub lang: Lang,
    /// Whether they are an editor at least.
    pub is_editor: bool,
}
