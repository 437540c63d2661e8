//! Rows of alerts.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use crate::domain::alert::incoming::Incoming;
use crate::domain::alert::{Acked, Alert, AlertDetails, Severity, Silence, Source};
use crate::domain::ids::{AlertId, OutboxId, SilenceId, UserId};
use crate::store::error::StoreError;
use crate::store::records::AlertMessage;
use crate::store::sql_types::{Time, UtcTime};

#[derive(QueryableByName)]
pub struct AlertRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    severity: String,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Text)]
    details: String,
    #[diesel(sql_type = Integer)]
    openings: i32,
    #[diesel(sql_type = UtcTime)]
    opened_at: Time,
    #[diesel(sql_type = Nullable<UtcTime>)]
    resolved_at: Option<Time>,
    #[diesel(sql_type = Nullable<BigInt>)]
    acked_by: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    acked_name: Option<String>,
    #[diesel(sql_type = Nullable<UtcTime>)]
    acked_at: Option<Time>,
    #[diesel(sql_type = Nullable<BigInt>)]
    card_id: Option<i64>,
    #[diesel(sql_type = Nullable<UtcTime>)]
    reminded_at: Option<Time>,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

impl TryFrom<AlertRow> for Alert {
    type Error = StoreError;

    fn try_from(row: AlertRow) -> Result<Self, StoreError> {
        let name = row.acked_name.filter(|name| !name.is_empty());
        let acked = row.acked_by.zip(row.acked_at);
        Ok(Self {
            id: AlertId(row.id),
            key: row.key,
            name: row.name,
            severity: severity(&row.severity)?,
            source: Source::from_name(&row.source)
                .ok_or(StoreError::Corrupt { what: "alerts.source" })?,
            details: details(&row.details)?,
            openings: u32::try_from(row.openings).unwrap_or(1),
            opened_at: row.opened_at.0,
            resolved_at: row.resolved_at.map(|at| at.0),
            acked: acked.map(|(by, at)| Acked { by: UserId(by), name, at: at.0 }),
            card: row.card_id.map(AlertId),
            reminded_at: row.reminded_at.map(|at| at.0),
            version: row.version,
        })
    }
}

fn severity(name: &str) -> Result<Severity, StoreError> {
    Severity::from_name(name).ok_or(StoreError::Corrupt { what: "alerts.severity" })
}

fn details(text: &str) -> Result<AlertDetails, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt { what: "alerts.details" })
}

#[derive(QueryableByName)]
pub struct AlertMessageRow {
    #[diesel(sql_type = BigInt)]
    card_id: i64,
    #[diesel(sql_type = BigInt)]
    user_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    outbox_id: Option<i64>,
    #[diesel(sql_type = Nullable<UtcTime>)]
    not_before: Option<Time>,
}

impl From<AlertMessageRow> for AlertMessage {
    fn from(row: AlertMessageRow) -> Self {
        Self {
            card: AlertId(row.card_id),
            user: UserId(row.user_id),
            outbox: row.outbox_id.map(OutboxId),
            not_before: row.not_before.map(|at| at.0),
        }
    }
}

#[derive(QueryableByName)]
pub struct AlertSignalRow {
    #[diesel(sql_type = Text)]
    pub fingerprint: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    severity: String,
    #[diesel(sql_type = Text)]
    details: String,
    #[diesel(sql_type = UtcTime)]
    pub seen_at: Time,
}

impl TryFrom<AlertSignalRow> for Incoming {
    type Error = StoreError;

    fn try_from(row: AlertSignalRow) -> Result<Self, StoreError> {
        Ok(Self {
            fingerprint: row.fingerprint,
            name: row.name,
            severity: severity(&row.severity)?,
            details: details(&row.details)?,
        })
    }
}

#[derive(QueryableByName)]
pub struct SilenceRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = UtcTime)]
    ends_at: Time,
    #[diesel(sql_type = BigInt)]
    created_by: i64,
    #[diesel(sql_type = Nullable<Text>)]
    by_name: Option<String>,
}

impl From<SilenceRow> for Silence {
    fn from(row: SilenceRow) -> Self {
        Self {
            id: SilenceId(row.id),
            name: row.name,
            until: row.ends_at.0,
            by: UserId(row.created_by),
            by_name: row.by_name.filter(|name| !name.is_empty()),
        }
    }
}

#[derive(QueryableByName)]
pub struct NamedRow {
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    #[diesel(sql_type = Text)]
    pub name: String,
}
