//! How long people wait: from the receipt of an update to Telegram's word on the last message of its
//! answer.
//!
//! Whoever commits an answer says what it consists of; the gate says what has left. It is a figure
//! and nothing else rests on it: what the gate of another process sends, or what is forgotten here
//! because too much waits, is not measured.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::meters;
use crate::domain::ids::{ChatId, OutboxId};
use crate::domain::outgoing::Answer;
use crate::store::records::{NewOutbox, OutboxClass};

/// Messages and answers that are waited for at most; an outage of Telegram is no reason to grow.
const AWAITED_MAX: usize = 20_000;

/// What is waited for. Clones share it.
#[derive(Clone, Default)]
pub struct Awaited {
    open: Arc<Mutex<HashMap<Key, Arc<Update>>>>,
}

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Row(OutboxId),
    Query(String),
}

impl Key {
    fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Callback { query_id, .. } | Answer::Inline { query_id, .. } => {
                Self::Query(query_id.clone())
            }
        }
    }
}

/// An update whose answer is on its way.
struct Update {
    kind: &'static str,
    received: Instant,
    parts_left: AtomicUsize,
}

impl Awaited {
    /// The answer to an update of that kind, in that chat, is committed: these rows and answers. What
    /// others are told beside is no part of it.
    pub fn committed(
        &self,
        kind: &'static str,
        received: Instant,
        chat: ChatId,
        rows: &[NewOutbox],
        answers: &[Answer],
    ) {
        let is_part = |row: &&NewOutbox| row.chat == chat && row.class != OutboxClass::Bulk;
        let rows = rows.iter().filter(is_part).map(|row| Key::Row(row.id));
        let parts: Vec<Key> = rows.chain(answers.iter().map(Key::of)).collect();
        if parts.is_empty() {
            meters::update_answered(kind, received.elapsed());
            return;
        }
        let parts_left = AtomicUsize::new(parts.len());
        let update = Arc::new(Update { kind, received, parts_left });
        let mut open = self.open();
        if open.len().saturating_add(parts.len()) > AWAITED_MAX {
            return;
        }
        open.extend(parts.into_iter().map(|part| (part, Arc::clone(&update))));
    }

    /// Telegram has said its word on a row, or there will be none.
    pub(super) fn row_left(&self, id: OutboxId) {
        self.left(&Key::Row(id));
    }

    /// The same of an answer.
    pub(super) fn answer_left(&self, answer: &Answer) {
        self.left(&Key::of(answer));
    }

    fn left(&self, part: &Key) {
        let Some(update) = self.open().remove(part) else { return };
        if update.parts_left.fetch_sub(1, Ordering::Relaxed) == 1 {
            meters::update_answered(update.kind, update.received.elapsed());
        }
    }

    /// Nothing of what was on its way is known any more: another gate sends it.
    pub(super) fn forget(&self) {
        self.open().clear();
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Key, Arc<Update>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    const ANN: ChatId = ChatId(7);

    fn row(id: i64, chat: ChatId, class: OutboxClass) -> NewOutbox {
        NewOutbox {
            id: OutboxId(id),
            chat,
            thread: 0,
            class,
            payload: String::new(),
            edit_message: None,
            edit_of: None,
            trace: None,
        }
    }

    #[test]
    fn an_update_is_measured_once_when_the_last_of_its_answer_has_left() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let measured = || {
            let text = recorder.handle().render();
            let name = "primelingo_update_duration_seconds_count{kind=\"message\"} ";
            let count = text.lines().find_map(|line| line.strip_prefix(name));
            count.map_or(0, |count| count.parse().expect("a number"))
        };
        metrics::with_local_recorder(&recorder, || {
            let awaited = Awaited::default();
            let rows = [
                row(1, ANN, OutboxClass::Reply),
                row(2, ANN, OutboxClass::Edit),
                row(3, ChatId(8), OutboxClass::Reply),
            ];
            awaited.committed("message", Instant::now(), ANN, &rows, &[]);
            awaited.row_left(OutboxId(1));
            awaited.row_left(OutboxId(1));
            awaited.row_left(OutboxId(3));
            assert_eq!(measured(), 0);
            awaited.row_left(OutboxId(2));
            assert_eq!(measured(), 1);
            assert!(awaited.open().is_empty());
            awaited.committed("message", Instant::now(), ANN, &[], &[]);
            assert_eq!(measured(), 2, "no answer is an answer");
        });
    }

    #[test]
    fn what_waits_without_end_is_bounded() {
        let awaited = Awaited::default();
        for id in 0..30_000 {
            let rows = [row(id, ANN, OutboxClass::Reply)];
            awaited.committed("message", Instant::now(), ANN, &rows, &[]);
        }
        assert_eq!(awaited.open().len(), AWAITED_MAX);
        awaited.forget();
        assert!(awaited.open().is_empty());
    }
}
