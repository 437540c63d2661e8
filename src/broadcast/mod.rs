//! Stage 6: broadcasts: from a confirmed letter to an outcome for each recipient.
//!
//! ```text
//! look: what is due -> Broadcaster -> one runner a broadcast
//!   filling: audience -> recipient rows, slice by slice
//!   letters: recipient -> what it gets
//!   campaign (pure): who is next, what is written, what is launched
//!   runner: commit outcomes + watermark -> Launch to the gate -> ends of parcels -> outcomes
//! ```
//!
//! Invariants: no request leaves before the watermark that covers it is durable; an outcome and the
//! progress it changes are one commit; only the leader's broadcaster sends, and what it writes is
//! fenced by the leader's lease. The database is the truth: a broadcaster that dies is replaced by
//! one that reads where it stands.
//!
//! Not here: the dialog (`domain::step`), texts (`views`), the limits (`outbound`).

mod broadcaster;
mod campaign;
mod card;
mod digest;
mod filling;
mod letters;
mod look;
mod meters;
mod rate;
mod runner;
mod schedule;
mod spec;

pub use card::CARD_EVERY;
pub use spec::{BroadcasterParts, UnderWay, broadcaster_spec};
