//! Short words for broadcasts.

use std::fmt::Write as _;

use primelingo::domain::broadcast::{
    Audience, Content, DoubtPolicy, NewBroadcast, Progress, RecipientEnd,
};
use primelingo::domain::ids::{AudienceListId, BroadcastId, ChatId, MessageId, OutboxId};
use primelingo::domain::material::Card;
use primelingo::store::records::{
    AudienceSlice, BroadcastSettlement, FillCursor, Recipient, RecipientOutcome,
};

use crate::store::fixture::{Place, Store, at};
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

pub fn delivered(seq: i64) -> RecipientOutcome {
    outcome(seq, RecipientEnd::Delivered(vec![MessageId(seq + 900)]))
}

pub fn settlement(outcomes: Vec<RecipientOutcome>, watermark: i64) -> BroadcastSettlement {
    BroadcastSettlement { id: ID, outcomes, relaunched: Vec::new(), watermark }
}

pub fn slice(chats: &[i64], from: FillCursor, next: Option<FillCursor>) -> AudienceSlice {
    let chats = chats.iter().map(|chat| (ChatId(*chat), Vec::new())).collect();
    AudienceSlice { chats, from, next }
}

pub fn numbers(recipients: &[Recipient]) -> Vec<i64> {
    recipients.iter().map(|one| one.seq).collect()
}

/// Somebody, as the database has them.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub id: i64,
    /// Seconds after the tests' time begins; none for never.
    pub seen: Option<i64>,
    pub lang: &'static str,
    pub role: &'static str,
    pub reachable: bool,
    pub created: i64,
}

impl Person {
    pub const fn new(id: i64, seen: i64) -> Self {
        let (lang, role) = ("ru", "learner");
        Self { id, seen: Some(seen), lang, role, reachable: true, created: -1_000_000 }
    }
}

impl Store {
    /// A broadcast to these chats is being sent; gives how many there are.
    pub async fn begun(&self, plan: NewBroadcast, chats: &[i64]) -> u64 {
        let id = plan.id;
        assert!(self.db.broadcast_create(plan, at(0)).await.unwrap());
        assert!(self.db.broadcast_begin(id, at(5)).await.unwrap());
        let slice = slice(chats, FillCursor::default(), None);
        assert!(self.db.recipients_fill(id, slice).await.unwrap(), "nobody else fills");
        self.account(id).await.filled
    }

    /// Settles and gives the progress, which must be what the recipients add up to.
    #[track_caller]
    pub fn settled(&self, settlement: BroadcastSettlement) -> impl Future<Output = Progress> {
        let account = self.account(settlement.id);
        async move {
            let progress = self.db.broadcast_settle(settlement, at(7)).await.unwrap();
            assert_eq!(account.await, progress);
            progress
        }
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

    /// All of an audience, slice by slice, and in how many slices.
    pub async fn audience(&self, audience: &Audience, limit: i64) -> (Vec<AudienceSlice>, usize) {
        let (mut slices, mut cursor) = (Vec::new(), Some(FillCursor::default()));
        while let Some(from) = cursor {
            let slice = self.db.audience_slice(audience.clone(), at(0), from, limit).await.unwrap();
            assert!(slice.chats.len() <= usize::try_from(limit).unwrap());
            assert_eq!(slice.from, from);
            assert_ne!(slice.next, Some(from), "it goes on");
            cursor = slice.next;
            slices.push(slice);
        }
        let count = slices.len();
        (slices, count)
    }

    /// A moment as the database's SQL has it.
    pub fn moment(&self, seconds: Option<i64>) -> String {
        let seconds = seconds.map_or(0, |seconds| at(seconds).timestamp());
        match self.place {
            Place::Sqlite(_) => format!("{seconds}000000"),
            Place::Postgres(_) => format!("to_timestamp({seconds})"),
        }
    }

    pub async fn people(&self, people: &[Person]) {
        let mut rows = String::new();
        for Person { id, seen, lang, role, reachable, created } in people {
            let (seen, created) = (self.moment(*seen), self.moment(Some(*created)));
            let comma = if rows.is_empty() { "" } else { ", " };
            write!(
                rows,
                "{comma}({id}, 'P{id}', '{lang}', '{role}', {reachable}, {created}, {seen})"
            )
            .unwrap();
        }
        let columns = "id, first_name, lang, role, reachable, created_at, last_seen_at";
        self.place.execute(&format!("INSERT INTO users ({columns}) VALUES {rows}")).await;
    }

    pub async fn follow(&self, user: i64, category: i64) {
        let since = self.moment(Some(0));
        let values = format!("({user}, {category}, {since})");
        let sql = format!("INSERT INTO follows (user_id, category_id, since) VALUES {values}");
        self.place.execute(&sql).await;
    }

    /// Somebody writes to the bot.
    pub async fn writes(&self, id: i64, seconds: i64) {
        let seen = self.moment(Some(seconds));
        self.place
            .execute(&format!("UPDATE users SET last_seen_at = {seen} WHERE id = {id}"))
            .await;
    }
}
