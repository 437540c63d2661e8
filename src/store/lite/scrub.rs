//! Makes what was deleted vanish from the files.
//!
//! With `secure_delete` SQLite writes zeros over what it deletes, but the write-ahead log still holds
//! the pages as they were, and the zeros reach the file with the next checkpoint only. So the log is
//! copied and cut to nothing, between two commits, while nobody reads from it.
//!
//! Tokens of documents in the index of texts are a case of their own. It is contentless: a deleted
//! entry is marked, and goes when SQLite merges its segment. Whoever erases has them merged first:
//! `sql/search.rs`, `drop_deleted`.

use std::sync::{Mutex, PoisonError};

use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel_async::RunQueryDsl as _;
use tokio::sync::oneshot;

use super::{Conn, run_to_end};
use crate::store::statement::Statement;

/// Who waits for a scrub.
#[derive(Default)]
pub(super) struct Scrubs(Mutex<Vec<oneshot::Sender<bool>>>);

impl Scrubs {
    /// Told whether it went well.
    pub(super) fn ask(&self) -> oneshot::Receiver<bool> {
        let (answer, answered) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
        answered
    }

    pub(super) fn are_asked(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// One scrub stands for all that were asked for before it.
    pub(super) fn answer(&self, scrub: impl FnOnce() -> bool) {
        let asked = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let done = scrub();
        for answer in asked {
            let _ = answer.send(done);
        }
    }
}

/// What SQLite says of a checkpoint.
#[derive(QueryableByName)]
struct Outcome {
    /// Whether somebody was in the way.
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Copies the log and cuts it to nothing; gives whether it did. Waits for readers as long as a
/// statement may wait for a lock.
pub(super) fn start_over(connection: &mut Conn) -> bool {
    let outcome = run_to_end(async {
        let outcome: Outcome =
            Statement::new("PRAGMA wal_checkpoint(TRUNCATE)").get_result(connection).await?;
        Ok(outcome)
    });
    matches!(outcome, Ok(Outcome { busy: 0 }))
}
