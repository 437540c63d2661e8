//! Stage 2: one `ChatSession` actor for each active chat.
//!
//! The actor takes its chat's open updates from the ledger, in their order, one at a time:
//! load the dialog, `plan`, read the facts, `decide`, and commit dialog, outbox, jobs, library and
//! `done` in one transaction (`step`). Doorbells to the gate and the dispatcher follow the commit.
//!
//! Invariants: nothing is sent from here; a step that was committed is never done again; a step
//! that failed has left nothing behind; an update's own faults (a panic, no end, an error of its own)
//! are counted against it, an outage of the database is not. With the last fault it is put aside:
//! its author and the people in charge are told, and the chat goes on. A death of the process is
//! looked into by the `inquest`.
//!
//! A dialog is recalled from a copy where there is one ([`SessionCopies`]). The commit compares what
//! the step relied on with the database, so that an old copy costs a second try and nothing else.
//!
//! Races known and accepted: a role that changes between the read and the commit is caught by the
//! commit's own check; a category or material that vanishes in between makes a conflict, and the
//! step is decided anew.

use std::sync::Arc;
use std::time::Duration;

use crate::cache::SessionCopies;
use crate::domain::broadcast::BroadcastRules;
use crate::domain::clock::Clock;
use crate::domain::ids::{IdSource, UserId};
use crate::library::search::Searcher;
use crate::outbound::messages::{Awaited, Dispatch, SendAnswer};
use crate::runtime::{Permits, Port, Ring};
use crate::store::Db;
use crate::views::Presenter;

mod commit;
mod doubt;
mod fault;
mod hand;
mod inquest;
mod session;
mod meters;
mod step;
mod thin;
mod work;

pub use doubt::Doubts;
pub use inquest::hold_inquest;
pub use session::{SessionPolicy, start_session};
pub use thin::Thinner;

/// What all chats share.
#[derive(Clone)]
pub struct ChatParts {
    /// The database.
    pub db: Db,
    /// Makes texts and buttons.
    pub presenter: Arc<Presenter>,
    /// Copies of dialogs; the database decides at the commit whether they are true.
    pub copies: SessionCopies,
    /// Searches the library.
    pub searcher: Searcher,
    /// Where ids come from.
    pub ids: Arc<IdSource>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The gate's doorbell for messages just committed.
    pub dispatch: Port<Dispatch>,
    /// The gate's path for answers that wait for nobody.
    pub answer: Port<SendAnswer>,
    /// Knows what of an answer has left.
    pub awaited: Awaited,
    /// The dispatcher's doorbell.
    pub jobs: Port<Ring>,
    /// The broadcaster's doorbell.
    pub broadcasts: Port<Ring>,
    /// How many chats work at once.
    pub working: Permits,
    /// Chats whose last commit may be done although its answer said otherwise.
    pub doubts: Arc<Doubts>,
    /// Leaves out what is too much of one person's.
    pub thinner: Arc<Thinner>,
    /// Who the rules are made by.
    pub rules: Arc<ChatRules>,
}

/// Limits of the dialogs.
#[derive(Debug, Clone)]
pub struct ChatRules {
    /// The bot's `@name` without the sign.
    pub bot_username: String,
    /// Owners by configuration.
    pub owners: Vec<UserId>,
    /// Largest file that may be uploaded, in bytes.
    pub upload_limit: u64,
    /// Most files of one bulk upload.
    pub bulk_max: u32,
    /// What holds for all broadcasts.
    pub broadcasts: BroadcastRules,
    /// How long a dialog is kept.
    pub dialog_lifetime: Duration,
    /// Longest step; beyond that the update is at fault.
    pub update_deadline: Duration,
    /// Faults after which an update is put aside.
    pub max_faults: i32,
    /// The queue that jobs go to.
    pub queue: String,
    /// Where the dashboard is, for links to it; none where it is served nowhere.
    pub dashboard: Option<String>,
}
