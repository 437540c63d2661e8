//! Rows as diesel reads and writes them, and their way into the domain's types. Private to the
//! store.

mod alerts;
mod aside;
mod audit;
mod batch;
mod broadcasts;
mod contents;
mod editions;
mod errors;
mod facts;
mod figures;
mod import;
mod notices;
mod people;
mod queue;
mod search;
mod series;
mod shelf;
mod statistics;

pub use alerts::{AlertMessageRow, AlertRow, AlertSignalRow, NamedRow, SilenceRow};
pub use aside::{AsideJobRow, AsideUpdateRow, ClaimableRow, HeadRow, IncidentRow};
pub use audit::AuditRow;
pub use batch::BatchEntryRow;
pub use broadcasts::{
    AudienceRow, BroadcastRow, CauseRow, DeliveredRow, ExportRow, NewBroadcastRow, ProgressRow,
    RecipientRow, SettledRow, messages,
};
pub use contents::{ContentRow, NewPart};
pub use editions::{FileRow, NewEditionRow, TakerRow};
pub use errors::ErrorGroupRow;
pub use facts::FactRow;
pub use figures::{FilesCountRow, OutboxDeadRow, StateCountRow};
pub use import::ImportedRow;
pub use notices::{
    AboutRow, KeyRow, OpenRequestRow, OptionalNumberRow, RequestRow, SectionAboveRow, TextRow,
};
pub use people::PersonCardRow;
pub use queue::{JobCountRow, LineRow, OpenJobRow};
pub use search::{CandidateRow, PartCandidateRow};
pub use series::{FreshRow, NewSeriesRow, SeriesRow};
pub use shelf::{CountedEntryRow, NeighbourRow, ReporterRow, TimedEntryRow};
pub use statistics::{AskedRow, DayRow, EventsRow, GivenRow, PersonRow, counted};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use super::error::StoreError;
use super::schema::{categories, jobs, materials, outbox, updates, users};
use super::sql_types::{Time, UtcTime};
use crate::domain::event::{FileClass, FileRef};
use crate::domain::ids::{
    BatchId, CategoryId, ChatId, MaterialId, MessageId, OutboxId, UpdateSeq, UserId,
};
use crate::domain::inspection::{Kind, Rejection};
use crate::domain::lang::Lang;
use crate::domain::material::{Card, Level, Material, MaterialState, Processing, StudyLanguage};
use crate::domain::role::Role;
use crate::domain::search_page::Entry;
use crate::domain::user::{Preferences, User};
use crate::store::records::{NewOutbox, OpenUpdate, OutboxClass, OutboxItem};

#[derive(Insertable)]
#[diesel(table_name = updates, treat_none_as_default_value = false)]
pub struct NewUpdateRow {
    pub bot_id: i64,
    pub update_id: i64,
    pub chat_key: i64,
    pub kind: String,
    pub raw: String,
    pub received_at: Time,
    pub state: &'static str,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct UserRow {
    id: i64,
    first_name: String,
    lang: String,
    role: String,
    reachable: bool,
    last_seen_at: Time,
    time_zone: Option<String>,
    study_level: Option<String>,
    study_language: Option<String>,
    is_muted: bool,
    quiet_from: Option<i32>,
    quiet_to: Option<i32>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            first_name: row.first_name,
            lang: Lang::from_tag(&row.lang).ok_or(corrupt("users.lang"))?,
            role: Role::from_name(&row.role).ok_or(corrupt("users.role"))?,
            reachable: row.reachable,
            last_seen_at: row.last_seen_at.0,
            preferences: Preferences {
                time_zone: row.time_zone,
                level: row.study_level.as_deref().and_then(Level::from_name),
                language: row.study_language.as_deref().and_then(StudyLanguage::from_code),
                is_muted: row.is_muted,
                quiet: quiet(row.quiet_from, row.quiet_to),
            },
        })
    }
}

fn quiet(from: Option<i32>, to: Option<i32>) -> Option<(u16, u16)> {
    let minute = |minute: Option<i32>| u16::try_from(minute?).ok();
    Some((minute(from)?, minute(to)?))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = materials)]
pub struct MaterialRow {
    id: i64,
    state: String,
    processing: String,
    rejection: Option<String>,
    title: String,
    tags: String,
    category_id: Option<i64>,
    level: Option<String>,
    language: Option<String>,
    kind: String,
    suggested_title: Option<String>,
    pages: Option<i32>,
    duration_s: Option<i32>,
    file_class: String,
    file_id: String,
    file_unique_id: String,
    file_name: Option<String>,
    declared_type: Option<String>,
    size: Option<i64>,
    hash: Option<String>,
    duplicate_of: Option<i64>,
    uploader_id: i64,
    card_chat_id: Option<i64>,
    card_outbox_id: Option<i64>,
    batch_id: Option<i64>,
    created_at: Time,
}

impl TryFrom<MaterialRow> for Material {
    type Error = StoreError;

    fn try_from(row: MaterialRow) -> Result<Self, StoreError> {
        let file = FileRef {
            file_id: row.file_id,
            unique_id: row.file_unique_id,
            class: FileClass::from_field(&row.file_class).ok_or(corrupt("materials.file_class"))?,
            name: row.file_name,
            mime: row.declared_type,
            size: unsigned(row.size),
            duration_s: small(row.duration_s),
            title: None,
            performer: None,
        };
        let card = match (row.card_chat_id, row.card_outbox_id) {
            (Some(chat), Some(outbox)) => {
                Some(Card { chat: ChatId(chat), outbox: OutboxId(outbox) })
            }
            _ => None,
        };
        Ok(Self {
            id: MaterialId(row.id),
            state: MaterialState::from_name(&row.state).ok_or(corrupt("materials.state"))?,
            processing: processing(&row.processing, row.rejection.as_deref())?,
            title: row.title,
            tags: row.tags,
            category: row.category_id.map(CategoryId),
            level: level(row.level.as_deref())?,
            language: language(row.language.as_deref())?,
            kind: Kind::from_name(&row.kind).ok_or(corrupt("materials.kind"))?,
            suggested_title: row.suggested_title,
            pages: small(row.pages),
            duration_s: small(row.duration_s),
            file,
            hash: row.hash,
            duplicate_of: row.duplicate_of.map(MaterialId),
            uploader: UserId(row.uploader_id),
            card,
            batch: row.batch_id.map(BatchId),
            created_at: row.created_at.0,
        })
    }
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = materials)]
pub struct EntryRow {
    id: i64,
    title: String,
    kind: String,
    level: Option<String>,
    language: Option<String>,
    pages: Option<i32>,
    duration_s: Option<i32>,
    size: Option<i64>,
    has_preview: bool,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: MaterialId(row.id),
            title: row.title,
            kind: Kind::from_name(&row.kind).ok_or(corrupt("materials.kind"))?,
            level: level(row.level.as_deref())?,
            language: language(row.language.as_deref())?,
            pages: small(row.pages),
            duration_s: small(row.duration_s),
            size: unsigned(row.size),
            has_preview: row.has_preview,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = categories)]
pub struct CategoryRow {
    pub id: i64,
    pub parent_id: Option<i64>,
    pub title: String,
}

#[derive(Insertable)]
#[diesel(table_name = materials, treat_none_as_default_value = false)]
pub struct NewMaterialRow {
    pub id: i64,
    pub state: &'static str,
    pub processing: &'static str,
    pub title: String,
    pub kind: &'static str,
    pub duration_s: Option<i32>,
    pub file_class: &'static str,
    pub file_id: String,
    pub file_unique_id: String,
    pub file_name: Option<String>,
    pub declared_type: Option<String>,
    pub size: Option<i64>,
    pub uploader_id: i64,
    pub card_chat_id: Option<i64>,
    pub card_outbox_id: Option<i64>,
    pub created_at: Time,
}

#[derive(Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub struct NewJobRow {
    pub id: i64,
    pub kind: &'static str,
    pub payload: String,
    pub queue: String,
    pub priority: i32,
    pub fairness_key: i64,
    pub unique_key: Option<String>,
    pub run_at: Time,
    pub trace: Option<String>,
    pub created_at: Time,
}

#[derive(Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub struct NewOutboxRow {
    id: i64,
    chat_id: i64,
    thread_id: i64,
    class: &'static str,
    payload: String,
    edit_message: Option<i64>,
    edit_of: Option<i64>,
    not_before: Time,
    trace: Option<String>,
    created_at: Time,
}

impl NewOutboxRow {
    pub fn new(message: NewOutbox, now: Time) -> Self {
        Self {
            id: message.id.0,
            chat_id: message.chat.0,
            thread_id: message.thread,
            class: message.class.name(),
            payload: message.payload,
            edit_message: message.edit_message.map(|id| id.0),
            edit_of: message.edit_of.map(|id| id.0),
            not_before: now,
            trace: message.trace.map(|trace| trace.to_string()),
            created_at: now,
        }
    }

    /// Not to leave before.
    pub fn not_before(self, not_before: Option<Time>) -> Self {
        Self { not_before: not_before.unwrap_or(self.not_before), ..self }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct OutboxRow {
    id: i64,
    chat_id: i64,
    thread_id: i64,
    class: String,
    payload: String,
    edit_message: Option<i64>,
    edit_of: Option<i64>,
    not_before: Time,
    state: String,
    attempts: i32,
    trace: Option<String>,
}

impl TryFrom<OutboxRow> for OutboxItem {
    type Error = StoreError;

    fn try_from(row: OutboxRow) -> Result<Self, StoreError> {
        let message = NewOutbox {
            id: OutboxId(row.id),
            chat: ChatId(row.chat_id),
            thread: row.thread_id,
            class: OutboxClass::from_name(&row.class).ok_or(corrupt("outbox.class"))?,
            payload: row.payload,
            edit_message: row.edit_message.map(MessageId),
            edit_of: row.edit_of.map(OutboxId),
            trace: row.trace.and_then(|text| text.parse().ok()),
        };
        Ok(Self {
            message,
            not_before: row.not_before.0,
            attempts: row.attempts,
            in_doubt: row.state == "sending",
        })
    }
}

#[derive(QueryableByName)]
pub struct NumberRow {
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

#[derive(QueryableByName)]
pub struct TimeRow {
    #[diesel(sql_type = UtcTime)]
    pub at: Time,
}

#[derive(QueryableByName)]
pub struct OpenUpdateRow {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    raw: String,
    #[diesel(sql_type = Integer)]
    faults: i32,
    #[diesel(sql_type = UtcTime)]
    received_at: Time,
}

impl From<OpenUpdateRow> for OpenUpdate {
    fn from(row: OpenUpdateRow) -> Self {
        Self {
            seq: UpdateSeq(row.seq),
            kind: row.kind,
            raw: row.raw,
            faults: row.faults,
            received_at: row.received_at.0,
        }
    }
}

#[derive(QueryableByName)]
pub struct IdRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
}

fn processing(state: &str, rejection: Option<&str>) -> Result<Processing, StoreError> {
    match state {
        "pending" => Ok(Processing::Pending),
        "ready" => Ok(Processing::Ready),
        "rejected" => rejection
            .and_then(Rejection::from_name)
            .map(Processing::Rejected)
            .ok_or(corrupt("materials.rejection")),
        _ => Err(corrupt("materials.processing")),
    }
}

/// The stored name of how far the processing is.
pub const fn processing_name(processing: Processing) -> &'static str {
    match processing {
        Processing::Pending => "pending",
        Processing::Ready => "ready",
        Processing::Rejected(_) => "rejected",
    }
}

fn level(name: Option<&str>) -> Result<Option<Level>, StoreError> {
    name.map(|name| Level::from_name(name).ok_or(corrupt("materials.level"))).transpose()
}

fn language(code: Option<&str>) -> Result<Option<StudyLanguage>, StoreError> {
    code.map(|code| StudyLanguage::from_code(code).ok_or(corrupt("materials.language"))).transpose()
}

fn unsigned(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

fn small(number: Option<i32>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok())
}

/// Text as both databases take it: PostgreSQL's TEXT has no place for NUL, which names, files and
/// error texts of others may hold.
pub fn storable(text: impl Into<String>) -> String {
    let text = text.into();
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

const fn corrupt(what: &'static str) -> StoreError {
    StoreError::Corrupt { what }
}
