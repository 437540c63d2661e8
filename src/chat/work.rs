//! A chat's turn: its open updates, in order, until none is left or something stands in the way.
//!
//! The turn runs on the work runtime. What it cannot see of itself, a panic and an endless loop, is
//! seen by [`take_watched_turn`], which stays with the actor. A loop cannot be ended: its turn is
//! given up and its thread is lost. Should it come to an end after all, it finds its update closed,
//! or closes it before the next turn does: the ledger lets only one of them commit.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

use super::ChatParts;
use super::fault::{Fault, note_fault};
use super::hand::{Hand, Held};
use super::meters::{self, InFlight};
use super::step::{Memory, Opened, work_off};
use super::thin::{LeftOut, judge};
use crate::domain::ids::ChatId;
use crate::domain::incident::Cause;
use crate::domain::trace::Trace;
use crate::runtime::{Area, WorkRuntime, pseudonym};
use crate::store::StoreError;
use crate::store::records::OpenUpdate;

/// Updates that are read at once.
const SLICE: i64 = 32;

/// How often a turn's pulse is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Longest wait for the note of a fault, when the runtime itself may be stuck.
const NOTE_WITHIN: Duration = Duration::from_secs(20);

/// Longest wait for the database's sign of life.
const PING_WITHIN: Duration = Duration::from_secs(1);

/// How much of what is open a turn takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portion {
    /// All of it.
    All,
    /// The first update only.
    Head,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing is open any more, or the portion is done.
    Empty,
    /// An update was put aside: those after it are waiting.
    More,
    /// Something stands in the way: try again later.
    Later,
    /// Another process works this chat off now.
    Over,
}

/// Works a chat's open updates off, and notes faults that the work cannot note itself.
pub async fn take_watched_turn(
    parts: Arc<ChatParts>,
    work: WorkRuntime,
    chat: ChatId,
    portion: Portion,
) -> Turn {
    let hand = Hand::default();
    let turn = take_turn(Arc::clone(&parts), chat, portion, hand.clone());
    let (mut turn, pulse) = work.spawn_watched(Area::Handler, turn);
    let limit = parts.rules.update_deadline;
    loop {
        match timeout(LOOK_EVERY, &mut turn).await {
            Ok(Ok(turn)) => return turn,
            Ok(Err(error)) => {
                let Some(Held { seq, kind, .. }) = hand.held() else {
                    tracing::error!(chat = %pseudonym(chat.0), %error, "turn ended without an update");
                    return Turn::Later;
                };
                let error = error.to_string();
                let fault = Fault { seq, chat, kind, cause: Cause::Panic, error };
                return note(&parts, &work, fault).await;
            }
            Err(_elapsed) => {}
        }
        if pulse.holds_thread().is_some_and(|held| held > limit) {
            return give_up(&parts, &work, chat, &hand).await;
        }
        if hand.held().is_some_and(|held| held.since.elapsed() > limit.saturating_mul(3)) {
            // Its own deadline did not wake it: it stands behind somebody who holds the thread.
            tracing::warn!(chat = %pseudonym(chat.0), "turn is not run any more, begun anew");
            return Turn::Later;
        }
    }
}

/// The update is at fault before the thread counts as lost: what restarts the program comes after
/// what must outlive it.
async fn give_up(parts: &Arc<ChatParts>, work: &WorkRuntime, chat: ChatId, hand: &Hand) -> Turn {
    let turn = match hand.held() {
        Some(Held { seq, kind, .. }) => {
            let error = "computes without end, its thread is lost".to_owned();
            note(parts, work, Fault { seq, chat, kind, cause: Cause::Deadline, error }).await
        }
        None => Turn::Later,
    };
    work.note_lost_thread();
    turn
}

async fn note(parts: &Arc<ChatParts>, work: &WorkRuntime, fault: Fault) -> Turn {
    let noting = work.spawn(note_fault(Arc::clone(parts), fault));
    match timeout(NOTE_WITHIN, noting).await {
        Ok(Ok(Ok(true))) => Turn::More,
        Ok(Ok(Ok(false))) => Turn::Later,
        // The row is still there, and the next fault is noted as the first.
        Ok(Ok(Err(error))) => {
            tracing::warn!(%error, "fault could not be noted");
            Turn::Later
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "note of a fault broke");
            Turn::Later
        }
        Err(_elapsed) => {
            tracing::error!("fault could not be noted in time");
            Turn::Later
        }
    }
}

async fn take_turn(parts: Arc<ChatParts>, chat: ChatId, portion: Portion, hand: Hand) -> Turn {
    // Fails only when the program ends; then the rows wait for the next start.
    let Ok(_permit) = parts.working.acquire().await else { return Turn::Later };
    let size = if portion == Portion::Head { 1 } else { SLICE };
    loop {
        let slice = match parts.db.updates_of_chat(chat, size).await {
            Ok(slice) => slice,
            Err(error) => return hindered(chat, &error),
        };
        if slice.is_empty() {
            parts.doubts.end(chat, &parts.dispatch);
            parts.thinner.forget(chat);
            return Turn::Empty;
        }
        let worked = work_slice(&parts, chat, portion, &hand, slice).await;
        // Nothing breaks any more of which it would have to be known.
        hand.put_down();
        if let ControlFlow::Break(turn) = worked {
            return turn;
        }
        if portion == Portion::Head {
            return Turn::Empty;
        }
    }
}

/// Works a slice off, in order. A suspect is never left out: it must be seen to do no harm.
async fn work_slice(
    parts: &Arc<ChatParts>,
    chat: ChatId,
    portion: Portion,
    hand: &Hand,
    slice: Vec<OpenUpdate>,
) -> ControlFlow<Turn> {
    let hindrance = |error: StoreError| ControlFlow::Break(hindered(chat, &error));
    let mut memory = Memory::default();
    let mut left_out = LeftOut::default();
    for update in slice {
        let held = hand.take(&update);
        let opened = Opened::read(update);
        if portion == Portion::All {
            match judge(parts, &mut memory, chat, &opened).await {
                Ok(None) => {}
                Ok(Some(too_much)) => {
                    left_out.add(opened.update, too_much);
                    continue;
                }
                Err(error) => return hindrance(error),
            }
        }
        if let Err(error) = left_out.close(parts, chat).await {
            return hindrance(error);
        }
        work_one(parts, &mut memory, chat, held, &opened).await?;
    }
    left_out.close(parts, chat).await.map_or_else(hindrance, ControlFlow::Continue)
}

/// Works an update off within its deadline. What goes wrong ends the turn: after its own fault an
/// update is tried again, or was put aside.
async fn work_one(
    parts: &Arc<ChatParts>,
    memory: &mut Memory,
    chat: ChatId,
    held: Held,
    opened: &Opened,
) -> ControlFlow<Turn> {
    let begun = Instant::now();
    let _in_flight = InFlight::begin();
    let limit = parts.rules.update_deadline;
    let span = tracing::info_span!("update", trace = %Trace::Update(held.seq));
    let working = async {
        let done = work_off(parts, memory, opened).await;
        let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(took_us, done = done.is_ok(), "update worked off");
        done
    };
    let (cause, error) = match timeout(limit, working.instrument(span)).await {
        Ok(Ok(())) => return ControlFlow::Continue(()),
        Ok(Err(error)) if is_hindrance(&error) => {
            return ControlFlow::Break(hindered(chat, &error));
        }
        // A conflict that five decisions did not end would never end: a fault, too.
        Ok(Err(error)) => (Cause::Error, error.to_string()),
        Err(_elapsed) if !was_database_well(parts, begun).await => {
            tracing::warn!(chat = %pseudonym(chat.0), "chat waits for a slow database");
            return ControlFlow::Break(Turn::Later);
        }
        Err(_elapsed) => (Cause::Deadline, format!("no end within {} s", limit.as_secs())),
    };
    let Held { seq, kind, .. } = held;
    let fault = Fault { seq, chat, kind, cause, error };
    ControlFlow::Break(match note_fault(Arc::clone(parts), fault).await {
        Ok(true) => Turn::More,
        // What passes by itself is given a moment to do so.
        Ok(false) => Turn::Later,
        Err(error) => hindered(chat, &error),
    })
}

/// Whether it says nothing of the update itself.
fn is_hindrance(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { .. }) || error.is_lease_lost()
}

/// A step that was held up by a slow database is not at fault.
async fn was_database_well(parts: &ChatParts, since: Instant) -> bool {
    let answers = matches!(timeout(PING_WITHIN, parts.db.ping()).await, Ok(Ok(())));
    answers && !parts.db.was_strained_since(since)
}

fn hindered(chat: ChatId, error: &StoreError) -> Turn {
    if error.is_lease_lost() {
        tracing::debug!(chat = %pseudonym(chat.0), "chat is left to another process");
        return Turn::Over;
    }
    error.tell("chat waits for the database");
    meters::turn_hindered();
    Turn::Later
}
