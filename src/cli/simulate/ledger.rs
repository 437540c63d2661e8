//! A long ledger for drills: updates of many chats, as the intake would have stored them.

use serde_json::json;

use super::error::DrillError;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::ChatId;
use crate::store::Db;
use crate::store::records::NewUpdate;

/// The bot of the simulator.
const BOT_ID: i64 = 42;
/// Updates of one transaction.
const BATCH: usize = 500;
/// Chats they are spread over.
const CHATS: i64 = 2_000;
/// The first chat's id.
const FIRST_CHAT: i64 = 30_000;

/// Fills the ledger; numbers go on from one call to the next, far from the simulator's own.
#[derive(Debug, Default)]
pub struct Ledger {
    last: i64,
}

impl Ledger {
    /// Adds so many open updates.
    pub async fn add(&mut self, db: &Db, count: usize) -> Result<(), DrillError> {
        let mut left = count;
        while left > 0 {
            let size = BATCH.min(left);
            let batch = (0..size).map(|_| self.next()).collect();
            db.updates_insert(BOT_ID, batch, SystemClock.now()).await?;
            left -= size;
        }
        Ok(())
    }

    fn next(&mut self) -> NewUpdate {
        self.last += 1;
        let chat = FIRST_CHAT + self.last % CHATS;
        let person = json!({"id": chat, "is_bot": false, "first_name": "Ledger"});
        let raw = json!({
            "update_id": self.last,
            "message": {
                "message_id": self.last, "date": 1_790_000_000, "text": "present tense",
                "chat": {"id": chat, "type": "private", "first_name": "Ledger"}, "from": person,
            },
        });
        NewUpdate {
            update_id: self.last,
            chat: ChatId(chat),
            kind: "message".to_owned(),
            raw: raw.to_string(),
            ignored: false,
        }
    }
}
