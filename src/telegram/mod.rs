//! The only code that speaks the Bot API: sending, polling, files, and the decoding of updates.
//!
//! Wire types live here and nowhere else; what goes in and out is `crate::domain`. Invariants: the
//! token is in no error, log or debug output; every call has a deadline; every failure has a
//! [`Decision`]; an update that nobody understands is an error value, never a panic, and never in
//! the way of another. What may be done twice without harm is tried again here; not here: retries of
//! messages, rate limits and order, which belong to `outbound` and
//! `ingest`.
//!
//! - [`TelegramClient`] (`transport`, `http`, `token`): one call, its deadline, its answer
//! - `client`: who we are, polling, webhook, commands; `batch` takes polled answers apart
//! - `send`, `payload`: from [`crate::domain::outgoing`] to requests
//! - `files`: downloads and uploads
//! - `beacon`: a heartbeat for a watcher outside
//! - `error`, `classify`: what a failure means; `meters`: the numbers of all calls
//! - [`mod@decode`]: from an update's text to [`crate::domain::event::Event`]

mod batch;
mod beacon;
mod classify;
pub mod client;
pub mod decode;
mod error;
mod files;
mod http;
mod look;
mod meters;
mod payload;
mod send;
mod token;
mod transport;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod testserver;

pub use batch::RawBatch;
pub use beacon::{Beacon, BeaconError};
pub use client::{
    BotCommand, BotIdentity, CommandScope, REPEATED_POLL, UPDATES_LIMIT, WebhookInfo,
};
pub use error::{ChatGone, Decision, TelegramError};
pub use files::{Download, FileLocation, FileSource, Upload};
pub use http::{Lane, Timeouts, http_client};
pub use look::Met;
pub use send::Sent;
pub use token::{BotToken, NotAToken};
pub use transport::{DEFAULT_API_URL, TelegramClient};
