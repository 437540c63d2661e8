//! What people and Alertmanager write about alerts.
//!
//! Invariant: what a person does and its audit entry are one transaction.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::super::Conn;
use super::alerts::written;
use super::{audit, people};
use crate::domain::alert::incoming::{Posted, WATCHDOG};
use crate::domain::alert::{AlertChange, AlertTarget};
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{SilenceId, UserId};
use crate::store::error::StoreResult;
use crate::store::records::Doer;
use crate::store::rows::{IdRow, NamedRow, storable};
use crate::store::sql_types::Time;
use crate::store::statement::Statement;

/// What stands for the severity of the sign of life.
const NO_SEVERITY: &str = "none";

/// What a step of a chat does about alerts. What is over already is no conflict: there is nothing
/// left to do.
pub async fn alert_change(
    connection: &mut Conn,
    change: AlertChange,
    by: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    match change {
        AlertChange::Ack(target) => acknowledge(connection, target, by, now).await.map(drop),
        AlertChange::Silence(target, until) => {
            alert_silence(connection, target, until, by, now).await.map(drop)
        }
        AlertChange::EndSilence(id) => silence_end(connection, id, by, now).await.map(drop),
    }
}

/// Takes in what Alertmanager posts.
pub async fn alert_signals_take(
    connection: &mut Conn,
    posted: Posted,
    now: Timestamp,
) -> StoreResult<()> {
    for incoming in posted.firing {
        let details = written(&incoming.details)?;
        let severity = incoming.severity.name();
        note_signal(connection, &incoming.fingerprint, &incoming.name, severity, &details, now)
            .await?;
    }
    for fingerprint in posted.resolved {
        Statement::new("DELETE FROM alert_signals WHERE fingerprint = {}")
            .text(&fingerprint)
            .execute(connection)
            .await?;
    }
    if posted.watchdog {
        note_signal(connection, WATCHDOG, WATCHDOG, NO_SEVERITY, "{}", now).await?;
    }
    Ok(())
}

async fn note_signal(
    connection: &mut Conn,
    fingerprint: &str,
    name: &str,
    severity: &str,
    details: &str,
    now: Timestamp,
) -> StoreResult<()> {
    Statement::new(
        "INSERT INTO alert_signals (fingerprint, name, severity, details, began_at, seen_at)
         VALUES ({}, {}, {}, {}, {}, {})
         ON CONFLICT (fingerprint) DO UPDATE SET
             name = excluded.name, severity = excluded.severity,
             details = excluded.details, seen_at = excluded.seen_at",
    )
    .text(fingerprint)
    .text(&storable(name))
    .text(severity)
    .text(details)
    .time(Time(now))
    .time(Time(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody says on the dashboard that they look after these.
pub async fn alert_ack(
    connection: &mut Conn,
    target: AlertTarget,
    doer: Doer,
    now: Timestamp,
) -> StoreResult<usize> {
    if let Some(role) = doer.needs {
        people::require_role(connection, doer.user, role).await?;
    }
    acknowledge(connection, target, doer.user, now).await
}

/// Somebody looks after these, as far as they are open and nobody does.
async fn acknowledge(
    connection: &mut Conn,
    target: AlertTarget,
    by: UserId,
    now: Timestamp,
) -> StoreResult<usize> {
    let (statement, id) = match target {
        AlertTarget::One(id) => (
            "UPDATE alerts SET acked_by = {}, acked_at = {}, version = version + 1
             WHERE resolved_at IS NULL AND acked_by IS NULL AND id = {} RETURNING id, name",
            id,
        ),
        AlertTarget::Card(id) => (
            "UPDATE alerts SET acked_by = {}, acked_at = {}, version = version + 1
             WHERE resolved_at IS NULL AND acked_by IS NULL AND card_id = {} RETURNING id, name",
            id,
        ),
    };
    let acked: Vec<NamedRow> =
        Statement::new(statement).long(by.0).time(Time(now)).long(id.0).load(connection).await?;
    for NamedRow { id, name } in &acked {
        note(connection, by, AuditAction::AckAlert, *id, name, now).await?;
    }
    Ok(acked.len())
}

/// Alerts of the names of these, as far as they are open, are not told until then.
pub async fn alert_silence(
    connection: &mut Conn,
    target: AlertTarget,
    until: Timestamp,
    by: UserId,
    now: Timestamp,
) -> StoreResult<usize> {
    let (statement, id) = match target {
        AlertTarget::One(id) => (
            "SELECT max(id) AS id, name FROM alerts
             WHERE resolved_at IS NULL AND id = {} GROUP BY name",
            id,
        ),
        AlertTarget::Card(id) => (
            "SELECT max(id) AS id, name FROM alerts
             WHERE resolved_at IS NULL AND card_id = {} GROUP BY name",
            id,
        ),
    };
    let named: Vec<NamedRow> = Statement::new(statement).long(id.0).load(connection).await?;
    for NamedRow { id, name } in &named {
        // One silence of a name is enough, the newest word counts.
        Statement::new("DELETE FROM silences WHERE name = {} AND ends_at > {}")
            .text(name)
            .time(Time(now))
            .execute(connection)
            .await?;
        Statement::new(
            "INSERT INTO silences (name, ends_at, created_by, created_at) VALUES ({}, {}, {}, {})",
        )
        .text(name)
        .time(Time(until))
        .long(by.0)
        .time(Time(now))
        .execute(connection)
        .await?;
        touch(connection, name).await?;
        note(connection, by, AuditAction::SilenceAlert, *id, name, now).await?;
    }
    Ok(named.len())
}

/// Ends a silence; gives whether it was not over.
pub async fn silence_end(
    connection: &mut Conn,
    id: SilenceId,
    by: UserId,
    now: Timestamp,
) -> StoreResult<bool> {
    let ended: Option<NamedRow> = Statement::new(
        "UPDATE silences SET ends_at = {} WHERE id = {} AND ends_at > {} RETURNING id, name",
    )
    .time(Time(now))
    .long(id.0)
    .time(Time(now))
    .get_result(connection)
    .await
    .optional()?;
    let Some(NamedRow { name, .. }) = ended else { return Ok(false) };
    touch(connection, &name).await?;
    let newest: Option<IdRow> =
        Statement::new("SELECT id FROM alerts WHERE name = {} ORDER BY id DESC LIMIT 1")
            .text(&name)
            .get_result(connection)
            .await
            .optional()?;
    let subject = newest.map_or(0, |row| row.id);
    note(connection, by, AuditAction::EndSilence, subject, &name, now).await?;
    Ok(true)
}

/// The messages of the open alerts of a name have something new to show.
async fn touch(connection: &mut Conn, name: &str) -> StoreResult<()> {
    Statement::new(
        "UPDATE alerts SET version = version + 1 WHERE name = {} AND resolved_at IS NULL",
    )
    .text(name)
    .execute(connection)
    .await?;
    Ok(())
}

async fn note(
    connection: &mut Conn,
    by: UserId,
    action: AuditAction,
    alert: i64,
    name: &str,
    now: Timestamp,
) -> StoreResult<()> {
    let note = AuditNote::changed(by, action, alert, None, Some(name.to_owned()));
    audit::note(connection, note, now).await
}
