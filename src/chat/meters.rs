//! What is counted of updates and steps, under the names of the metrics list. Labels are closed sets.
//!
//! A step is counted once it is committed: commands, searches by how they were made, newcomers by how
//! they came, dialogs, and what those in charge did.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};
use tokio::time::Instant;

use super::ChatParts;
use super::commit::Promise;
use super::step::Known;
use crate::domain::audit::AuditAction;
use crate::domain::broadcast::{BroadcastChange, BroadcastNotice};
use crate::domain::clock::Timestamp;
use crate::domain::desk::{DeskChange, DeskNotice};
use crate::domain::effect::{Change, Decision, Effect, Notice, View};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::ChatId;
use crate::domain::intent::{Wish, command_of};
use crate::domain::material::MaterialState;
use crate::domain::people::PeopleChange;
use crate::domain::session::Dialog;
use crate::domain::shelf::{ShelfChange, ShelfView};
use crate::domain::throttle::Class;
use crate::store::records::{OpenUpdate, SessionWrite};
use crate::store::{StoreError, StoreResult};
use crate::telegram::decode::{COUNTED_KINDS, counted_kind};

/// An update that is worked on, for as long as this value lives.
pub struct InFlight(());

static IN_FLIGHT: LazyLock<Gauge> =
    LazyLock::new(|| metrics::gauge!("primelingo_updates_in_flight"));

impl InFlight {
    /// One more.
    pub fn begin() -> Self {
        IN_FLIGHT.increment(1.0);
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        IN_FLIGHT.decrement(1.0);
    }
}

/// How an update ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Ok,
    /// It was put aside after faults of its own.
    Error,
    /// It was over its author's budget.
    Throttled,
    /// There was nothing to do about it, or it cannot be read.
    Dropped,
}

/// Handles of a kind, taken once.
struct Kind {
    name: &'static str,
    ok: Counter,
    error: Counter,
    throttled: Counter,
    dropped: Counter,
}

static ENDED: LazyLock<[Kind; COUNTED_KINDS.len()]> = LazyLock::new(|| {
    COUNTED_KINDS.map(|name| {
        let of = |outcome: &'static str| {
            metrics::counter!("primelingo_updates_total", "kind" => name, "outcome" => outcome)
        };
        Kind {
            name,
            ok: of("ok"),
            error: of("error"),
            throttled: of("throttled"),
            dropped: of("dropped"),
        }
    })
});

/// An update has come to its end.
pub fn update_ended(kind: &str, outcome: Outcome) {
    let name = counted_kind(kind);
    let Some(kind) = ENDED.iter().find(|kind| kind.name == name) else { return };
    let counter = match outcome {
        Outcome::Ok => &kind.ok,
        Outcome::Error => &kind.error,
        Outcome::Throttled => &kind.throttled,
        Outcome::Dropped => &kind.dropped,
    };
    counter.increment(1);
}

/// An update's step is committed. It is answered once the last of its messages has left.
pub fn answered(parts: &ChatParts, update: &OpenUpdate, chat: ChatId, promise: &Promise) {
    update_ended(&update.kind, Outcome::Ok);
    let age = parts.clock.now().signed_duration_since(update.received_at);
    let now = Instant::now();
    let received = now.checked_sub(age.to_std().unwrap_or_default()).unwrap_or(now);
    let Promise { messages, answers, .. } = promise;
    parts.awaited.committed(counted_kind(&update.kind), received, chat, messages, answers);
}

/// Something was over its author's budget.
pub fn throttled(class: Class) {
    metrics::counter!("primelingo_throttled_total", "class" => class.name()).increment(1);
}

/// A turn waits for the database.
pub fn turn_hindered() {
    metrics::counter!("primelingo_turns_hindered_total").increment(1);
}

/// An update cannot be read, and is kept.
pub fn put_aside() {
    metrics::counter!("primelingo_updates_put_aside_total").increment(1);
}

/// An update had its last fault.
pub fn dead() {
    metrics::counter!("primelingo_updates_dead_total").increment(1);
}

/// Reads a dialog from the database, and measures it.
pub async fn read_dialog<T>(reading: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
    static READ: LazyLock<Counter> = LazyLock::new(|| dialog_counter("get", "ok"));
    let begun = Instant::now();
    let read = reading.await;
    dialog_took(begun.elapsed());
    match &read {
        Ok(_) => READ.increment(1),
        Err(_) => dialog_counter("get", "error").increment(1),
    }
    read
}

/// What a commit writes of a dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DialogWrite(&'static str);

impl DialogWrite {
    /// Of this one, if any.
    pub fn of(write: Option<&SessionWrite>) -> Option<Self> {
        let is_end = |write: &SessionWrite| write.tag == Dialog::Idle.tag();
        write.map(|write| Self(if is_end(write) { "clear" } else { "set" }))
    }

    /// The commit has ended.
    pub fn ended(self, took: Duration, committed: &StoreResult<()>) {
        dialog_took(took);
        let outcome = match committed {
            Ok(()) => "ok",
            Err(StoreError::Conflict { .. }) => "stale",
            Err(_) => "error",
        };
        dialog_counter(self.0, outcome).increment(1);
    }
}

fn dialog_counter(op: &'static str, outcome: &'static str) -> Counter {
    metrics::counter!(
        "primelingo_fsm_operations_total", "op" => op, "source" => "database", "outcome" => outcome
    )
}

fn dialog_took(took: Duration) {
    static TOOK: LazyLock<Histogram> = LazyLock::new(
        || metrics::histogram!("primelingo_fsm_operation_duration_seconds", "backend" => "database"),
    );
    TOOK.record(took);
}

/// What is to be counted of a step.
#[derive(Debug, Clone, Default)]
pub struct Noted {
    command: Option<&'static str>,
    search: Option<(&'static str, bool)>,
    newcomer: Option<&'static str>,
    actions: Vec<AuditAction>,
    was_refused: bool,
}

impl Noted {
    /// Of this decision on that event.
    pub fn of(parts: &ChatParts, event: &Event, known: &Known, decision: &Decision) -> Self {
        let is_known =
            known.user.as_ref().is_some_and(|user| user.last_seen_at > Timestamp::UNIX_EPOCH);
        let changes = decision.effects.iter().filter_map(|effect| match effect {
            Effect::Change(change) => Some(change),
            _ => None,
        });
        Self {
            command: command_of(event, &parts.rules.bot_username),
            search: decision.effects.iter().find_map(search),
            newcomer: (!is_known).then(|| source(&event.kind)),
            actions: changes.filter_map(action).collect(),
            was_refused: decision.effects.iter().any(is_refusal),
        }
    }

    /// Counts it: the step is committed.
    pub fn count(self) {
        if let Some(command) = self.command {
            metrics::counter!("primelingo_commands_total", "command" => command).increment(1);
        }
        if let Some((mode, found)) = self.search {
            count_search(mode, if found { "hit" } else { "empty" });
        }
        if let Some(source) = self.newcomer {
            metrics::counter!("primelingo_users_new_total", "source" => source).increment(1);
        }
        for action in self.actions {
            count_action(action.name(), "ok");
        }
        if self.was_refused {
            count_action("other", "denied");
        }
    }

    /// The step was not committed, and will not be tried again as it is.
    pub fn count_failure(&self, error: &StoreError) {
        let outcome = match error {
            StoreError::Conflict { what: "role" } => "denied",
            error if error.is_passing() => return,
            _ => "error",
        };
        for action in &self.actions {
            count_action(action.name(), outcome);
        }
    }
}

fn count_action(action: &'static str, outcome: &'static str) {
    metrics::counter!(
        "primelingo_admin_actions_total", "action" => action, "via" => "bot", "outcome" => outcome
    )
    .increment(1);
}

/// The name under which the audit log has a change, if it has it.
fn action(change: &Change) -> Option<AuditAction> {
    Some(match change {
        Change::CreateCategory { .. } => AuditAction::CreateSection,
        Change::Settle { to: MaterialState::Published, .. } => AuditAction::Publish,
        Change::Replace { .. } => AuditAction::Replace,
        Change::Digest(_) => AuditAction::SetSeries,
        Change::Broadcast(change) => match change {
            BroadcastChange::Create(_) => AuditAction::CreateBroadcast,
            BroadcastChange::Repeat(_) | BroadcastChange::EndSeries(_) => AuditAction::SetSeries,
            BroadcastChange::Control { .. } => AuditAction::ControlBroadcast,
            BroadcastChange::SetZone(_) => return None,
        },
        Change::Shelf(ShelfChange::Settle { .. }) => AuditAction::SettleReport,
        Change::Desk(change) => desk_action(change),
        Change::Jobs(_) => AuditAction::ControlJob,
        Change::People(change) => match change {
            PeopleChange::Ban { .. } => AuditAction::Ban,
            PeopleChange::Unban(_) => AuditAction::Unban,
            PeopleChange::Give(..) => AuditAction::SetRole,
            PeopleChange::NoteTold => return None,
        },
        _ => return None,
    })
}

const fn desk_action(change: &DeskChange) -> AuditAction {
    match change {
        DeskChange::Edit(edit) if edit.is_undo => AuditAction::Undo,
        DeskChange::Edit(_) => AuditAction::Edit,
        DeskChange::Shelve { is_undo: true, .. } => AuditAction::Undo,
        DeskChange::Shelve { back: true, .. } => AuditAction::Restore,
        DeskChange::Shelve { .. } => AuditAction::Archive,
        DeskChange::Rename { .. } => AuditAction::RenameSection,
        DeskChange::Move { .. } => AuditAction::MoveSection,
        DeskChange::Merge { .. } => AuditAction::MergeSection,
        DeskChange::Delete(_) => AuditAction::DeleteSection,
    }
}

/// Whether somebody is told that they may not.
fn is_refusal(effect: &Effect) -> bool {
    let Effect::Show { view: View::Notice(notice), .. } = effect else { return false };
    matches!(
        notice,
        Notice::EditorsOnly
            | Notice::PeopleForAdmins
            | Notice::RolesForOwners
            | Notice::JobsForAdmins
            | Notice::Broadcast(BroadcastNotice::AdminsOnly)
            | Notice::Desk(DeskNotice::EditorsOnly | DeskNotice::OwnersOnly)
    )
}

/// A search came to nothing because the library could not be read.
pub fn search_failed(wish: &Wish) {
    match wish {
        Wish::Search { .. } => count_search("text", "error"),
        Wish::Inline { .. } => count_search("inline", "error"),
        Wish::Shelf(_) => count_search("browse", "error"),
        _ => {}
    }
}

fn count_search(mode: &'static str, outcome: &'static str) {
    metrics::counter!("primelingo_searches_total", "mode" => mode, "outcome" => outcome)
        .increment(1);
}

/// How a search was made, and whether something was found.
fn search(effect: &Effect) -> Option<(&'static str, bool)> {
    match effect {
        Effect::Change(Change::NoteSearch { found, .. }) => Some(("text", *found)),
        Effect::AnswerInline { materials, .. } => Some(("inline", !materials.is_empty())),
        Effect::Show { view: View::Shelf(view), .. } => match view.as_ref() {
            ShelfView::List(listing) if listing.node.is_some() && listing.page == 0 => {
                Some(("browse", !listing.entries.is_empty()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// How somebody came.
fn source(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::Inline { .. } => "inline",
        EventKind::Text { text, .. } if text.starts_with("/start ") => "deeplink",
        _ => "start",
    }
}
