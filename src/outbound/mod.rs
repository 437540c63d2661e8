//! Stage 7: the only sender. Whatever leaves for Telegram's users leaves through here.
//!
//! ```text
//! Dispatch (rows just committed) --\
//! Ring (look yourself) -------------> intake -> queue -> sending -> fate -> settle -> next of the chat
//! sweep (own timer) ---------------/   |         |         |                 |
//!                                    outbox   limits    Telegram           outbox
//! Launch (parcels) ----------------------------> queue -> sending -> fate -> the parcel's ticket
//! SendAnswer --------------------------------------------> Telegram, at once, once
//! ```
//!
//! - [`messages`]: what the gate understands; [`GateConfig`], [`GateParts`], [`gate_spec`]: how it is started
//! - `gate`: the actor, which only carries things between the others
//! - `intake`: which rows come from doorbells and which are read (pure)
//! - `entry`: a message in memory (pure)
//! - `queue`: whose message is next, and when (pure)
//! - `sending`: one message, from the row to Telegram's answer
//! - `fate`, `parcel_fate`: what an answer means for the row, for the parcel (pure)
//! - [`Windows`]: how many messages of broadcasts may be in flight
//! - `parcel`: messages of a broadcast, which are no rows of the outbox
//! - `settle`: outcomes on their way to the database
//! - [`answering`]: answers of a process that has no gate
//! - `awaited`: how long people wait for an answer
//!
//! Invariants:
//! - A row leaves the outbox only by a committed outcome. Doorbells may be lost: the timer finds
//!   every open row.
//! - Order: the replies and edits of a chat leave in the order of their ids, one at a time, the next
//!   after the outcome of the one before is committed. So do the bulk messages of a chat; they yield
//!   to its replies, so that nobody waits for a broadcast.
//! - At most `window` replies and `bulk_window` bulk messages are between "about to be sent" and
//!   "outcome committed". A kill repeats at most these. For parcels whoever launches them sees to it.
//! - Paid parcels have a lane of their own: window, limit, pace, connections. They wait for their
//!   chat's limits and for nothing else of the other lanes.
//! - Nothing leaves when the tenure is over, and no outcome is written under a lease that is lost.
//! - At most `queued_limit` rows are in memory.
//!
//! The `sending` mark is written only where it tells something. A reply whose fate is unknown is
//! sent again and so is an edit: for them `queued` says the same, and one commit less is paid.
//! It is written for bulk messages (in doubt after a kill, and then not repeated) and for edits that
//! name their target by its row: these may be replaced by `outbox_replace_edit` as long as they are
//! `queued`, so they are marked first and read after, and no newer text can be lost.
//!
//! Known and accepted: a row that commits after a later one of its chat was sent comes late, as the
//! database gave no sign of it. An actor that dies leaves requests on their way, whose outcomes
//! nobody takes: their rows are sent again, as after a kill. A person who unblocks the bot while a
//! refusal is being written down stays marked unreachable until they next write.
//!
//! Not here: making texts (`views`), deciding what is sent (`chat`, `jobs`, `broadcast`).

mod answering;
mod awaited;
mod entry;
mod fate;
mod files;
mod gate;
mod intake;
pub mod messages;
mod meters;
mod news;
mod parcel;
mod parcel_fate;
mod queue;
mod recent;
mod sending;
mod settle;
mod spec;
mod window;
#[cfg(test)]
mod tests;

pub use answering::answering;
pub use spec::{GateConfig, GateParts, GatePorts, gate_spec};
pub use window::{Bounds, Windows};
