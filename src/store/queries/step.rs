//! One step of a chat: dialog, library, outbox, jobs and `done` in one transaction.

use super::super::Conn;
use super::{
    alert_acts, audit, bans, batch, breakages, broadcasts, catalogue, dashboard, desk, editions,
    follows, jobs, ledger, materials, outbox, ownership, people, personal, requests, search,
    series, shelf, statistics,
};
use crate::domain::audit::{AuditAction, AuditNote, COMMAND_LINE};
use crate::domain::broadcast::BroadcastChange;
use crate::domain::clock::Timestamp;
use crate::domain::digest::DIGEST;
use crate::domain::effect::Change;
use crate::domain::ids::{SeriesId, UserId};
use crate::domain::material::MaterialState;
use crate::domain::privacy::PrivacyChange;
use crate::domain::shelf::ShelfChange;
use crate::domain::trace::Trace;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{Fence, IndexedChange, NewBreakage, StepCommit};

/// A step that leaves the library as it is.
pub async fn step_write(connection: &mut Conn, fence: Fence, step: StepCommit) -> StoreResult<()> {
    step_commit(connection, fence, step).await
}

/// A step that changes the library.
pub async fn step_publish(
    connection: &mut Conn,
    fence: Fence,
    step: StepCommit,
) -> StoreResult<()> {
    step_commit(connection, fence, step).await
}

/// Writes everything, or nothing. An update that is closed already is a conflict: its step was
/// done before, by another actor or by a commit whose answer was lost, and must not be done twice.
async fn step_commit(connection: &mut Conn, fence: Fence, step: StepCommit) -> StoreResult<()> {
    if let Some(relied) = &step.relied {
        ledger::close_relying(connection, fence, step.seq, relied, step.now).await?;
    } else if !ledger::close(connection, fence, step.seq, "done", step.now).await? {
        return Err(StoreError::Conflict { what: "update" });
    }
    if let Some((user, role)) = step.requires {
        people::require_role(connection, user, role).await?;
    }
    if let Some(seen) = step.seen {
        people::user_see(connection, seen, step.now).await?;
    }
    if let Some(session) = step.session {
        people::session_write(connection, session).await?;
    }
    for change in step.changes {
        apply(connection, fence, change, step.user, &step.queue, step.now).await?;
    }
    let trace = Trace::Update(step.seq);
    for job in step.jobs {
        jobs::enqueue(connection, job, step.queue.clone(), Some(trace), step.now).await?;
    }
    for message in step.outbox {
        if message.edit_of.is_some() {
            // What a card showed before need not be seen any more.
            outbox::outbox_replace_edit(connection, message, step.now).await?;
        } else {
            outbox::outbox_insert(connection, vec![message], step.now).await?;
        }
    }
    Ok(())
}

async fn apply(
    connection: &mut Conn,
    fence: Fence,
    IndexedChange { change, terms }: IndexedChange,
    user: Option<UserId>,
    queue: &str,
    now: Timestamp,
) -> StoreResult<()> {
    match change {
        Change::RememberQuery { id, text } => {
            search::query_remember(connection, id, text, user, now).await
        }
        Change::CreateCategory { id, parent, title } => {
            let by = user.unwrap_or(COMMAND_LINE);
            catalogue::create(connection, id, parent, title, by, now).await
        }
        Change::OpenMaterial { id, file, title, uploader, card } => {
            materials::material_open(connection, id, file, title, uploader, card, now).await
        }
        Change::Settle { id, description, to, seen } => {
            let shelf = terms.map(|terms| (terms, queue));
            materials::material_settle(connection, id, description, to, seen, shelf, now).await?;
            if to == MaterialState::Discarded {
                jobs::cancel_waiting(connection, id, now).await?;
            }
            Ok(())
        }
        Change::MarkReplacement { candidate, target } => {
            editions::replacement_mark(connection, candidate, target).await
        }
        Change::Replace { candidate, target, edition, by } => {
            editions::material_replace(connection, candidate, target, edition, by, now).await?;
            let note = AuditNote::plain(by, AuditAction::Replace, target.0);
            audit::note(connection, note, now).await
        }
        Change::Broadcast(change) => change_broadcast(connection, fence, change, user, now).await,
        Change::Desk(change) => {
            desk::change(connection, change, terms, user.unwrap_or(COMMAND_LINE), now).await
        }
        Change::Digest(Some(new)) => {
            series::series_create(connection, *new, now).await?;
            note_series(connection, DIGEST, "begun", user, now).await
        }
        Change::Digest(None) => {
            series::series_end(connection, DIGEST, now).await?;
            note_series(connection, DIGEST, "ended", user, now).await
        }
        Change::Alert(change) => {
            alert_acts::alert_change(connection, change, user.unwrap_or(COMMAND_LINE), now).await
        }
        // The rest is about somebody: without one there is nothing to do.
        change => match user {
            Some(user) => change_person(connection, change, user, now).await,
            None => Ok(()),
        },
    }
}

/// What a person has, takes, keeps or wants.
async fn change_person(
    connection: &mut Conn,
    change: Change,
    user: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    match change {
        Change::SetLang(lang) => people::user_set_lang(connection, user, lang).await,
        Change::SetReachable(reachable) => {
            people::user_set_reachable(connection, user, reachable).await
        }
        Change::Withdraw(id) => {
            materials::withdraw_own(connection, id, user).await?;
            jobs::cancel_of(connection, id, now).await
        }
        Change::Batch(change) => batch::batch_change(connection, user, change).await,
        Change::NoteDelivery { material, hash } => {
            editions::delivery_note(connection, user, material, hash, now).await?;
            statistics::delivery_count(connection, material, now).await
        }
        Change::Follow { category, follow } => {
            follows::follow_set(connection, user, category, follow, now).await
        }
        Change::Shelf(change) => change_shelf(connection, change, user, now).await,
        Change::Request(change) => requests::request_change(connection, user, change, now).await,
        Change::NoteSearch { words, found } => {
            statistics::search_note(connection, user, words, found, now).await
        }
        Change::Privacy(PrivacyChange::NoteExport) => {
            personal::export_note(connection, user, now).await
        }
        Change::Dashboard(new) => dashboard::key_add(connection, user, new, now).await,
        Change::ClaimOwnership { hash } => ownership::claim(connection, user, hash, now).await,
        Change::Jobs(change) => dashboard::jobs_change(connection, change, user, now).await,
        Change::People(change) => {
            bans::people_change(connection, change, user, now).await.map(drop)
        }
        // All others have been dealt with.
        _ => Ok(()),
    }
}

async fn change_shelf(
    connection: &mut Conn,
    change: ShelfChange,
    user: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    match change {
        ShelfChange::Favour { material, on } => {
            shelf::favourite_set(connection, user, material, on, now).await
        }
        ShelfChange::Prefer(preference) => shelf::user_prefer(connection, user, preference).await,
        ShelfChange::Report { material, reason, opens } => {
            let new = NewBreakage { material, user, reason, opens };
            breakages::breakage_report(connection, new, now).await
        }
        ShelfChange::Settle { material, reporters } => {
            breakages::breakage_settle(connection, material, reporters, now).await
        }
    }
}

/// What is not as the decision found it is decided anew.
async fn change_broadcast(
    connection: &mut Conn,
    fence: Fence,
    change: BroadcastChange,
    user: Option<UserId>,
    now: Timestamp,
) -> StoreResult<()> {
    let is_done = match change {
        BroadcastChange::SetZone(zone) => {
            if let Some(user) = user {
                people::user_set_time_zone(connection, user, zone.name().to_owned()).await?;
            }
            true
        }
        BroadcastChange::Repeat(new) => {
            let id = new.id;
            series::series_create(connection, *new, now).await?;
            note_series(connection, id, "begun", user, now).await?;
            true
        }
        BroadcastChange::EndSeries(id) => {
            series::series_end(connection, id, now).await?;
            note_series(connection, id, "ended", user, now).await?;
            true
        }
        BroadcastChange::Create(new) => {
            broadcasts::broadcast_create(connection, fence, *new, now).await?
        }
        BroadcastChange::Control { id, control } => {
            let by = user.unwrap_or(COMMAND_LINE);
            broadcasts::broadcast_turn(connection, id, control, by, now).await?
        }
    };
    if is_done { Ok(()) } else { Err(StoreError::Conflict { what: "broadcast" }) }
}

async fn note_series(
    connection: &mut Conn,
    id: SeriesId,
    state: &str,
    user: Option<UserId>,
    now: Timestamp,
) -> StoreResult<()> {
    let (by, after) = (user.unwrap_or(COMMAND_LINE), Some(state.to_owned()));
    let note = AuditNote::changed(by, AuditAction::SetSeries, id.0, None, after);
    audit::note(connection, note, now).await
}
