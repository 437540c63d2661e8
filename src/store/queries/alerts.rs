//! Alerts: what is open, what tells of it, what is silenced, what Alertmanager says.
//!
//! Invariants: at most one alert of a key is open; what the alerter writes is fenced by the leader's
//! lease. What people and Alertmanager write is in [`super::alert_acts`].

use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::lease::check_fence;
use super::outbox;
use crate::domain::alert::incoming::{Incoming, WATCHDOG};
use crate::domain::alert::{Alert, AlertDetails, Silence};
use crate::domain::clock::Timestamp;
use crate::domain::ids::AlertId;
use crate::store::error::{StoreError, StoreResult};
use crate::store::records::{
    AlertMessage, AlertSignals, AlertTurn, AlertsLook, AlertsShown, Fence, NewAlert, NewOutbox,
};
use crate::store::rows::{AlertMessageRow, AlertRow, AlertSignalRow, IdRow, SilenceRow, storable};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// Open alerts that are ever looked at; each is a row of its own.
const OPEN_MAX: i64 = 500;

macro_rules! select_alerts {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.key, a.name, a.severity, a.source, a.details, a.openings,
                    a.opened_at, a.resolved_at, a.acked_by, u.first_name AS acked_name,
                    a.acked_at, a.card_id, a.reminded_at, a.version
             FROM alerts a LEFT JOIN users u ON u.id = a.acked_by ",
            $rest
        )
    };
}

async fn load(connection: &mut Conn, statement: Statement<'_>) -> StoreResult<Vec<Alert>> {
    let rows: Vec<AlertRow> = statement.load(connection).await?;
    rows.into_iter().map(Alert::try_from).collect()
}

/// Alerts that are open, the newest first.
pub async fn alerts_open(connection: &mut Conn) -> StoreResult<Vec<Alert>> {
    let statement = Statement::new(select_alerts!(
        "WHERE a.resolved_at IS NULL ORDER BY a.id DESC LIMIT {} + 0"
    ));
    load(connection, statement.long(OPEN_MAX)).await
}

/// Alerts that are open, the newest first; then those that are over, the latest first.
pub async fn alerts_list(connection: &mut Conn, over: i64) -> StoreResult<Vec<Alert>> {
    let mut alerts = alerts_open(connection).await?;
    let statement = Statement::new(select_alerts!(
        "WHERE a.resolved_at > {} ORDER BY a.resolved_at DESC LIMIT {} + 0"
    ));
    // With a bound the index is gone through from its end.
    let statement = statement.time(Time(Timestamp::UNIX_EPOCH)).long(over);
    alerts.extend(load(connection, statement).await?);
    Ok(alerts)
}

/// Alerts that are open, or over since then.
pub async fn alerts_since(connection: &mut Conn, since: Timestamp) -> StoreResult<Vec<Alert>> {
    let mut alerts = alerts_open(connection).await?;
    let statement = Statement::new(select_alerts!(
        "WHERE a.resolved_at > {} ORDER BY a.resolved_at DESC LIMIT {} + 0"
    ));
    alerts.extend(load(connection, statement.time(Time(since)).long(OPEN_MAX)).await?);
    Ok(alerts)
}

/// All that a message tells of, in the order in which it opened.
pub async fn alerts_of_card(connection: &mut Conn, card: AlertId) -> StoreResult<Vec<Alert>> {
    let statement =
        Statement::new(select_alerts!("WHERE a.card_id = {} ORDER BY a.id LIMIT {} + 0"));
    load(connection, statement.long(card.0).long(OPEN_MAX)).await
}

/// The messages of a card.
pub async fn alert_messages(
    connection: &mut Conn,
    card: AlertId,
) -> StoreResult<Vec<AlertMessage>> {
    let rows: Vec<AlertMessageRow> = Statement::new(
        "SELECT card_id, user_id, outbox_id, not_before FROM alert_messages WHERE card_id = {}",
    )
    .long(card.0)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(AlertMessage::from).collect())
}

/// What has to be shown now.
pub async fn alerts_look(
    connection: &mut Conn,
    now: Timestamp,
    limit: i64,
) -> StoreResult<AlertsLook> {
    let statement =
        Statement::new(select_alerts!("WHERE a.shown < a.version ORDER BY a.id LIMIT {} + 0"));
    let unshown = load(connection, statement.long(limit)).await?;
    let rows: Vec<AlertMessageRow> = Statement::new(
        "SELECT card_id, user_id, outbox_id, not_before FROM alert_messages
         WHERE outbox_id IS NULL AND not_before <= {} ORDER BY not_before LIMIT {} + 0",
    )
    .time(Time(now))
    .long(limit)
    .load(connection)
    .await?;
    Ok(AlertsLook { unshown, due: rows.into_iter().map(AlertMessage::from).collect() })
}

/// What is not told of, what ends first first.
pub async fn silences_active(connection: &mut Conn, now: Timestamp) -> StoreResult<Vec<Silence>> {
    let rows: Vec<SilenceRow> = Statement::new(
        "SELECT s.id, s.name, s.ends_at, s.created_by, u.first_name AS by_name
         FROM silences s LEFT JOIN users u ON u.id = s.created_by
         WHERE s.ends_at > {} ORDER BY s.ends_at, s.id LIMIT {} + 0",
    )
    .time(Time(now))
    .long(OPEN_MAX)
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(Silence::from).collect())
}

/// What Alertmanager has posted since then and not taken back.
pub async fn alert_signals(connection: &mut Conn, since: Timestamp) -> StoreResult<AlertSignals> {
    let rows: Vec<AlertSignalRow> = Statement::new(
        "SELECT fingerprint, name, severity, details, seen_at FROM alert_signals
         WHERE seen_at > {} ORDER BY seen_at DESC LIMIT {} + 0",
    )
    .time(Time(since))
    .long(OPEN_MAX)
    .load(connection)
    .await?;
    let mut signals = AlertSignals::default();
    for row in rows {
        if row.fingerprint == WATCHDOG {
            signals.watchdog = Some(row.seen_at.0);
        } else {
            signals.firing.push(Incoming::try_from(row)?);
        }
    }
    Ok(signals)
}

/// Writes down what has become of alerts, in that order. Done twice it is done once: an opening and
/// an end are known by their key and their time.
pub async fn alerts_turn(
    connection: &mut Conn,
    fence: Fence,
    turns: Vec<AlertTurn>,
) -> StoreResult<()> {
    check_fence(connection, fence).await?;
    for turn in turns {
        match turn {
            AlertTurn::Opened(new) => open(connection, new).await?,
            AlertTurn::Resolved { key, at } => {
                // Clocks may jump: which came first is known by the order of the turns alone.
                Statement::new(
                    "UPDATE alerts SET resolved_at = {}, version = version + 1
                     WHERE key = {} AND resolved_at IS NULL
                       AND NOT EXISTS (SELECT 1 FROM alerts done
                                       WHERE done.key = {} AND done.resolved_at = {})",
                )
                .time(Time(at))
                .text(&key)
                .text(&key)
                .time(Time(at))
                .execute(connection)
                .await?;
            }
        }
    }
    Ok(())
}

async fn open(connection: &mut Conn, new: NewAlert) -> StoreResult<()> {
    let details = written(&new.details)?;
    Statement::new(
        "INSERT INTO alerts (key, name, severity, source, details, openings, opened_at)
         SELECT {}, {}, {}, {}, {}, {}, {}
         WHERE NOT EXISTS (SELECT 1 FROM alerts WHERE key = {} AND opened_at = {})
         ON CONFLICT DO NOTHING",
    )
    .text(&new.key)
    .text(&storable(new.name))
    .text(new.severity.name())
    .text(new.source.name())
    .text(&details)
    .int(i32::try_from(new.openings).unwrap_or(i32::MAX))
    .time(Time(new.at))
    .text(&new.key)
    .time(Time(new.at))
    .execute(connection)
    .await?;
    Ok(())
}

/// Details as they are stored.
pub(super) fn written(details: &AlertDetails) -> StoreResult<String> {
    serde_json::to_string(details)
        .map(storable)
        .map_err(|_| StoreError::Corrupt { what: "alerts.details" })
}

/// Shows alerts. One that was changed meanwhile is to be shown again.
pub async fn alerts_show(
    connection: &mut Conn,
    fence: Fence,
    shown: AlertsShown,
    now: Timestamp,
) -> StoreResult<()> {
    check_fence(connection, fence).await?;
    for (id, card) in shown.placed {
        let placed =
            Statement::new("UPDATE alerts SET card_id = {} WHERE id = {} AND card_id IS NULL")
                .long(card.0)
                .long(id.0)
                .execute(connection)
                .await?;
        if placed == 0 {
            return Err(StoreError::Conflict { what: "alert" });
        }
    }
    for (id, version) in shown.shown {
        Statement::new("UPDATE alerts SET shown = {} WHERE id = {}")
            .long(version)
            .long(id.0)
            .execute(connection)
            .await?;
    }
    for message in shown.messages {
        Statement::new(
            "INSERT INTO alert_messages (card_id, user_id, outbox_id, not_before)
             VALUES ({}, {}, {}, {})
             ON CONFLICT (card_id, user_id) DO UPDATE SET
                 outbox_id = excluded.outbox_id, not_before = excluded.not_before",
        )
        .long(message.card.0)
        .long(message.user.0)
        .optional_long(message.outbox.map(|id| id.0))
        // Of no meaning once the message is there.
        .time(Time(message.not_before.unwrap_or(now)))
        .execute(connection)
        .await?;
    }
    send(connection, shown.outbox, now).await
}

async fn send(connection: &mut Conn, rows: Vec<NewOutbox>, now: Timestamp) -> StoreResult<()> {
    for row in rows {
        if row.edit_of.is_some() {
            outbox::outbox_replace_edit(connection, row, now).await?;
        } else {
            outbox::outbox_insert(connection, vec![row], now).await?;
        }
    }
    Ok(())
}

/// Reminds of an alert that nobody looks after and of which nobody was reminded since then.
pub async fn alert_remind(
    connection: &mut Conn,
    fence: Fence,
    id: AlertId,
    before: Timestamp,
    messages: Vec<NewOutbox>,
    now: Timestamp,
) -> StoreResult<bool> {
    check_fence(connection, fence).await?;
    let reminded = Statement::new(
        "UPDATE alerts SET reminded_at = {}
         WHERE id = {} AND resolved_at IS NULL AND acked_by IS NULL
           AND COALESCE(reminded_at, opened_at) <= {}",
    )
    .time(Time(now))
    .long(id.0)
    .time(Time(before))
    .execute(connection)
    .await?;
    if reminded == 0 {
        return Ok(false);
    }
    send(connection, messages, now).await?;
    Ok(true)
}

/// Forgets alerts that were over before then, and what belongs to them.
pub async fn alerts_prune(
    connection: &mut Conn,
    before: Timestamp,
    limit: i64,
) -> StoreResult<usize> {
    let forgotten: Vec<IdRow> = Statement::new(
        "DELETE FROM alerts WHERE id IN (
             SELECT id FROM alerts WHERE resolved_at < {} ORDER BY resolved_at LIMIT {} + 0)
         RETURNING id",
    )
    .time(Time(before))
    .long(limit)
    .load(connection)
    .await?;
    for row in &forgotten {
        // A card has the number of its first alert.
        Statement::new("DELETE FROM alert_messages WHERE card_id = {}")
            .long(row.id)
            .execute(connection)
            .await?;
    }
    for statement in
        ["DELETE FROM silences WHERE ends_at < {}", "DELETE FROM alert_signals WHERE seen_at < {}"]
    {
        Statement::new(statement).time(Time(before)).execute(connection).await?;
    }
    Ok(forgotten.len())
}
