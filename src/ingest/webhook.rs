//! Updates that Telegram posts, one at a time and many at once, on their way into the ledger.
//!
//! Invariants: [`Posted::Stored`] is said after the commit only; a body of any shape is stored, or
//! counted and said in the log, and never blocks those behind it; without the router's doorbell
//! (another process may have it) nothing is lost, as the sweep finds every row. Not here: HTTP,
//! secrets and limits of requests, which belong to `web`.
//!
//! Known and accepted: an answer that gets lost after the commit makes Telegram post the update
//! again; the row is there already, and only the press of a button may be answered twice. The
//! ledger's room is looked at once a second, so that it may be exceeded by what comes within one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::intake::Intake;
use super::messages::{ChatsHaveUpdates, Posted, TakePosted};
use crate::domain::clock::Clock;
use crate::runtime::Port;
use crate::store::{Db, StoreError};

/// Time between two looks at the backlog.
const BACKLOG_EVERY: Duration = Duration::from_secs(1);

/// Takes in what was posted.
pub struct WebhookIntake {
    intake: Intake,
    router: Port<ChatsHaveUpdates>,
    clock: Arc<dyn Clock>,
    backlog: Backlog,
    is_refused: AtomicBool,
}

impl WebhookIntake {
    /// `router` may lead nowhere; from `queued_limit` open updates on nothing is taken.
    pub fn new(
        intake: Intake,
        router: Port<ChatsHaveUpdates>,
        clock: Arc<dyn Clock>,
        queued_limit: i64,
    ) -> Self {
        let backlog = Backlog::new(intake.db.clone(), queued_limit);
        Self { intake, router, clock, backlog, is_refused: AtomicBool::new(false) }
    }

    /// As `web` calls it.
    pub fn into_take(self) -> TakePosted {
        let intake = Arc::new(self);
        Arc::new(move |body| {
            let intake = Arc::clone(&intake);
            Box::pin(async move { intake.take(&body).await })
        })
    }

    /// Stores one update.
    pub async fn take(&self, body: &Bytes) -> Posted {
        if self.backlog.is_full().await {
            return Posted::Full;
        }
        let Some(update) = read(body) else {
            tracing::error!(bytes = body.len(), "what was posted is no json, it is lost");
            return Posted::Unreadable;
        };
        let now = self.clock.now();
        let batch = [update];
        let stored = self.intake.store(&batch, now).await;
        self.say_changes(stored.as_ref().err());
        let Ok(stored) = stored else { return Posted::Unstored };
        self.intake.answer_presses(&batch, now).await;
        if !stored.chats.is_empty() {
            // The router's own sweep makes up for a lost ring.
            let _ = self.router.ring(ChatsHaveUpdates(stored.chats));
        }
        Posted::Stored
    }

    /// Says that the database takes no more, and that it takes again: once each, as Telegram comes
    /// with every update again and again meanwhile.
    fn say_changes(&self, error: Option<&StoreError>) {
        let was_refused = self.is_refused.swap(error.is_some(), Ordering::Relaxed);
        match error {
            Some(error) if !was_refused => {
                tracing::error!(%error, "updates could not be stored, nothing is acknowledged");
            }
            None if was_refused => tracing::info!("updates are stored again"),
            _ => {}
        }
    }
}

/// The JSON as it came; letters that are none are replaced rather than that an update is lost.
fn read(body: &[u8]) -> Option<Box<RawValue>> {
    serde_json::from_slice(body)
        .or_else(|_| serde_json::from_str(&String::from_utf8_lossy(body)))
        .ok()
}

/// Whether the ledger has room, as of a moment ago.
struct Backlog {
    db: Db,
    limit: i64,
    is_full: AtomicBool,
    next_look: Mutex<Instant>,
}

impl Backlog {
    fn new(db: Db, limit: i64) -> Self {
        Self { db, limit, is_full: AtomicBool::new(false), next_look: Mutex::new(Instant::now()) }
    }

    async fn is_full(&self) -> bool {
        if self.is_my_turn() {
            match self.db.updates_open_count().await {
                Ok(open) => self.note(open >= self.limit),
                // Whether it takes rows shows at the next one.
                Err(error) => tracing::warn!(%error, "the backlog could not be counted"),
            }
        }
        self.is_full.load(Ordering::Relaxed)
    }

    /// Whether the caller is the one who has to look: one at a time, now and then.
    fn is_my_turn(&self) -> bool {
        let now = Instant::now();
        let mut next_look = self.next_look.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = now >= *next_look;
        if is_due {
            *next_look = now + BACKLOG_EVERY;
        }
        is_due
    }

    fn note(&self, is_full: bool) {
        let was_full = self.is_full.swap(is_full, Ordering::Relaxed);
        match (was_full, is_full) {
            (false, true) => tracing::warn!("the webhook pauses: too many updates are open"),
            (true, false) => tracing::info!("the webhook goes on"),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &[u8]) -> Option<String> {
        read(body).map(|update| update.get().to_owned())
    }

    #[test]
    fn any_json_is_kept_as_it_came() {
        for body in
            ["{\"update_id\": 1}", "[1,2]", "null", "{\"update_id\":1e99,\"x\":\"\\ud800\"}"]
        {
            assert_eq!(text(body.as_bytes()).as_deref(), Some(body));
        }
        assert_eq!(text(b"{\"a\":\"\xff\"}").as_deref(), Some("{\"a\":\"\u{fffd}\"}"));
    }

    #[test]
    fn what_is_no_json_is_none() {
        for body in [&b""[..], b"update_id=1", b"{\"update_id\":1", b"{}{}", b"\xff"] {
            assert_eq!(text(body), None);
        }
    }
}
