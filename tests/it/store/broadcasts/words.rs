//! Short words for broadcasts.

use primelingo::domain::broadcast::{
    Audience, Content, DoubtPolicy, NewBroadcast, Progress, RecipientEnd,
};
use primelingo::domain::ids::{AudienceListId, BroadcastId, ChatId, MessageId, OutboxId};
use primelingo::domain::material::Card;
use primelingo::store::records::{
    AudienceSlice, BroadcastSettlement, FillCursor, RecipientOutcome,
};

use crate::store::fixture::{Store, at};
use crate::store::words::{CHAT, EDITOR};

pub const ID: BroadcastId = BroadcastId(1_000);

/// A broadcast to a list, as it is confirmed.
pub fn plan() -> NewBroadcast {
    NewBroadcast {
        id: ID,
        by: EDITOR,
        card: Some(Card { chat: CHAT, outbox: OutboxId(5) }),
        content: Content::Copy { from: CHAT, messages: vec![MessageId(3)], buttons: Vec::new() },
        audience: Audience::List { list: AudienceListId(1) },
        doubt: DoubtPolicy::Skip,
        quiet: None,
        paid: false,
        start_at: at(1),
        slot: None,
    }
}

pub fn outcome(seq: i64, end: RecipientEnd) -> RecipientOutcome {
    RecipientOutcome { seq, chat: ChatId(0), end }
}

pub fn settlement(outcomes: Vec<RecipientOutcome>, watermark: i64) -> BroadcastSettlement {
    BroadcastSettlement { id: ID, outcomes, relaunched: Vec::new(), watermark }
}

impl Store {
    /// These chats are all recipients; gives how many there are.
    pub async fn filled(&self, id: BroadcastId, chats: &[i64]) -> u64 {
        let chats = chats.iter().map(|chat| (ChatId(*chat), Vec::new())).collect();
        let slice = AudienceSlice { chats, from: FillCursor::default(), next: None };
        assert!(self.db.recipients_fill(id, slice).await.unwrap(), "nobody else fills");
        self.account(id).await.filled
    }

    /// The progress of a broadcast, which must be what its recipients add up to.
    #[track_caller]
    pub fn account(&self, id: BroadcastId) -> impl Future<Output = Progress> {
        let place = std::panic::Location::caller();
        async move {
            let broadcast = self.db.broadcast_get(id).await.unwrap().unwrap();
            let progress = broadcast.progress;
            let mut found = [0; 5];
            for cause in self.db.broadcast_causes(id).await.unwrap() {
                let place = match cause.state.as_str() {
                    "delivered" => 0,
                    "blocked" => 1,
                    "failed" => 2,
                    "in_doubt" => 3,
                    "pending" | "deferred" => 4,
                    other => panic!("{other}?"),
                };
                found[place] += cause.count;
            }
            let counted = [
                progress.delivered,
                progress.blocked,
                progress.failed,
                progress.in_doubt,
                progress.pending(),
            ];
            assert_eq!(counted, found, "at {place}");
            assert_eq!(progress.filled, found.iter().sum::<u64>(), "at {place}");
            progress
        }
    }
}
