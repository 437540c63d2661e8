//! Rows of broadcasts and of their recipients.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::corrupt;
use crate::domain::broadcast::{
    Broadcast, BroadcastState, Cause, DoubtPolicy, NewBroadcast, Progress, Slot,
};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{BroadcastId, ChatId, MessageId, OutboxId, SeriesId, UserId};
use crate::domain::lang::Lang;
use crate::domain::material::Card;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{ExportedRecipient, Recipient};
use crate::store::schema::{broadcast_progress, broadcasts};
use crate::store::sql_types::{Time, UtcTime};

#[derive(Insertable)]
#[diesel(table_name = broadcasts, treat_none_as_default_value = false)]
pub struct NewBroadcastRow {
    id: i64,
    state: &'static str,
    created_by: i64,
    card_chat_id: Option<i64>,
    card_outbox_id: Option<i64>,
    content: String,
    audience: String,
    doubt: &'static str,
    quiet: Option<String>,
    paid: bool,
    start_at: Time,
    series_id: Option<i64>,
    slot_at: Option<Time>,
    created_at: Time,
    done_at: Option<Time>,
}

impl NewBroadcastRow {
    /// A broadcast that begins in `state`.
    pub fn new(new: &NewBroadcast, state: BroadcastState, now: Timestamp) -> StoreResult<Self> {
        Ok(Self {
            id: new.id.0,
            state: state.name(),
            created_by: new.by.0,
            card_chat_id: new.card.map(|card| card.chat.0),
            card_outbox_id: new.card.map(|card| card.outbox.0),
            content: written(&new.content)?,
            audience: written(&new.audience)?,
            doubt: new.doubt.name(),
            quiet: new.quiet.as_ref().map(written).transpose()?,
            paid: new.paid,
            start_at: Time(new.start_at),
            series_id: new.slot.map(|slot| slot.series.0),
            slot_at: new.slot.map(|slot| Time(slot.at)),
            created_at: Time(now),
            done_at: state.is_over().then_some(Time(now)),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = broadcasts)]
pub struct BroadcastRow {
    id: i64,
    state: String,
    created_by: i64,
    card_chat_id: Option<i64>,
    card_outbox_id: Option<i64>,
    content: String,
    audience: String,
    doubt: String,
    quiet: Option<String>,
    paid: bool,
    start_at: Time,
    series_id: Option<i64>,
    slot_at: Option<Time>,
    stop_reason: Option<String>,
    created_at: Time,
    started_at: Option<Time>,
    done_at: Option<Time>,
}

impl BroadcastRow {
    /// The broadcast with its progress.
    pub fn with(self, progress: ProgressRow) -> StoreResult<Broadcast> {
        let card = match (self.card_chat_id, self.card_outbox_id) {
            (Some(chat), Some(outbox)) => {
                Some(Card { chat: ChatId(chat), outbox: OutboxId(outbox) })
            }
            _ => None,
        };
        let slot = match (self.series_id, self.slot_at) {
            (Some(series), Some(at)) => Some(Slot { series: SeriesId(series), at: at.0 }),
            _ => None,
        };
        let plan = NewBroadcast {
            id: BroadcastId(self.id),
            by: UserId(self.created_by),
            card,
            content: read(&self.content, "broadcasts.content")?,
            audience: read(&self.audience, "broadcasts.audience")?,
            doubt: DoubtPolicy::from_name(&self.doubt).ok_or(corrupt("broadcasts.doubt"))?,
            quiet: self.quiet.map(|quiet| read(&quiet, "broadcasts.quiet")).transpose()?,
            paid: self.paid,
            start_at: self.start_at.0,
            slot,
        };
        Ok(Broadcast {
            plan,
            state: BroadcastState::from_name(&self.state).ok_or(corrupt("broadcasts.state"))?,
            stop_reason: self.stop_reason,
            created_at: self.created_at.0,
            started_at: self.started_at.map(|time| time.0),
            done_at: self.done_at.map(|time| time.0),
            progress: Progress::from(progress),
        })
    }
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = broadcast_progress)]
pub struct ProgressRow {
    pub filled: i64,
    pub last_seq: i64,
    pub is_filled: bool,
    pub watermark: i64,
    pub settled_to: i64,
    pub delivered: i64,
    pub blocked: i64,
    pub failed: i64,
    pub in_doubt: i64,
}

impl From<ProgressRow> for Progress {
    fn from(row: ProgressRow) -> Self {
        Self {
            filled: row.filled.unsigned_abs(),
            is_filled: row.is_filled,
            watermark: row.watermark,
            delivered: row.delivered.unsigned_abs(),
            blocked: row.blocked.unsigned_abs(),
            failed: row.failed.unsigned_abs(),
            in_doubt: row.in_doubt.unsigned_abs(),
        }
    }
}

/// Somebody who may belong to an audience.
#[derive(QueryableByName)]
pub struct AudienceRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = UtcTime)]
    pub at: Time,
    /// Whether they do.
    #[diesel(sql_type = Bool)]
    pub takes: bool,
}

/// A recipient of another broadcast.
#[derive(QueryableByName)]
pub struct DeliveredRow {
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    #[diesel(sql_type = BigInt)]
    pub chat_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub message_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    pub more_ids: Option<String>,
}

/// A recipient without an outcome, with the person it is, if known.
#[derive(QueryableByName)]
pub struct RecipientRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    chat_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    message_id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    more_ids: Option<String>,
    #[diesel(sql_type = Nullable<UtcTime>)]
    not_before: Option<Time>,
    #[diesel(sql_type = Nullable<Text>)]
    first_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    lang: Option<String>,
}

impl TryFrom<RecipientRow> for Recipient {
    type Error = StoreError;

    fn try_from(row: RecipientRow) -> StoreResult<Self> {
        let lang = row.lang.map(|lang| Lang::from_tag(&lang).ok_or(corrupt("users.lang")));
        Ok(Self {
            seq: row.seq,
            chat: ChatId(row.chat_id),
            first_name: row.first_name.filter(|name| !name.is_empty()),
            lang: lang.transpose()?.unwrap_or_default(),
            messages: messages(row.message_id, row.more_ids.as_deref())?,
            // Stored as the beginning of time: at once.
            not_before: row.not_before.map(|time| time.0).filter(|at| *at > Timestamp::UNIX_EPOCH),
        })
    }
}

/// A recipient that has changed its state.
#[derive(QueryableByName)]
pub struct SettledRow {
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = BigInt)]
    pub chat_id: i64,
}

/// A line of the report.
#[derive(QueryableByName)]
pub struct CauseRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl From<CauseRow> for Cause {
    fn from(row: CauseRow) -> Self {
        Self { state: row.state, reason: row.reason, count: row.count.unsigned_abs() }
    }
}

/// A line of the export.
#[derive(QueryableByName)]
pub struct ExportRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = BigInt)]
    chat_id: i64,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    message_id: Option<i64>,
}

impl From<ExportRow> for ExportedRecipient {
    fn from(row: ExportRow) -> Self {
        Self {
            seq: row.seq,
            chat: ChatId(row.chat_id),
            state: row.state,
            reason: row.reason,
            message: row.message_id.map(MessageId),
        }
    }
}

/// The messages of a recipient: the first has a column, the others of an album share one.
pub fn messages(first: Option<i64>, more: Option<&str>) -> StoreResult<Vec<MessageId>> {
    let more: Vec<i64> = match more {
        Some(more) => read(more, "broadcast_recipients.more_ids")?,
        None => Vec::new(),
    };
    Ok(first.into_iter().chain(more).map(MessageId).collect())
}

pub(super) fn written<T: Serialize>(value: &T) -> StoreResult<String> {
    serde_json::to_string(value)
        .map_err(|_error| StoreError::Fault { call: "", what: "a value that JSON cannot hold" })
}

pub(super) fn read<T: DeserializeOwned>(text: &str, what: &'static str) -> StoreResult<T> {
    serde_json::from_str(text).map_err(|_error| corrupt(what))
}
