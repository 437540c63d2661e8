//! What the gate understands, beside the kit's `Ring`, `Drain` and `Heartbeat`.

use actix::Message;

use crate::domain::outgoing::Answer;
use crate::store::records::NewOutbox;

pub use super::awaited::Awaited;
pub use super::parcel::{Parcel, ParcelDoor, ParcelEnd, ParcelKey, Ticket};
pub use super::window::Windows;
pub use crate::runtime::Ring;

/// A doorbell with the rows just committed, so that they need not be read again. Not for rows
/// made by `outbox_replace_edit`, whose id may be another's: ring [`Ring`] for these.
///
/// May be lost like every doorbell; the rows are then read from the database.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct Dispatch(pub Vec<NewOutbox>);

/// Answers a press or an inline query at once, beside all limits: one attempt, never stored.
#[derive(Debug, Clone, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct SendAnswer(pub Answer);

/// Parcels that may leave now: their watermark is durable.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Launch(pub Vec<Parcel>);

/// Some parcels are not wanted any more: those that have not begun are given back at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct Recall;
