//! Stage 1: from Telegram into the ledger, and from the ledger to the chats.
//!
//! `Poller` asks Telegram and stores what comes ([`intake`]): a batch is committed before the next
//! offset acknowledges it. Or Telegram posts: [`webhook`] stores before the answer acknowledges, and
//! `WebhookKeeper` sees to it that Telegram knows where to. `ChatRouter` keeps one session for each chat with open updates, at most
//! so many at once.
//!
//! Invariants: nothing is acknowledged that is not stored; an update of any shape is stored and
//! stops no other; the router may forget everything at any moment, as the ledger remembers.

pub mod intake;
pub mod messages;
pub mod webhook;

mod keeper;
mod meters;
mod poller;
mod router;

pub use keeper::{KeeperConfig, KeeperParts, keeper_spec};
pub use poller::{PollerConfig, PollerParts, poller_spec};
pub use router::{RouterConfig, RouterParts, StartInquest, StartSession, router_spec};
