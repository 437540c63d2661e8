//! What tells the people in charge what is wrong: the alerter, and the way in for Alertmanager.

use std::sync::Arc;

use super::foundation::Foundation;
use super::serve::{ServeError, Stage, owners};
use super::wiring::child_policy;
use crate::alerts::{AlerterParts, AlertsConfig, alerter_spec};
use crate::domain::alert::rules::Limits;
use crate::domain::calendar::Zone;
use crate::domain::clock::Clock;
use crate::runtime::{ChildSpec, WorkRuntime};
use crate::settings::{AlertsSettings, Settings};
use crate::telegram::{Beacon, Timeouts};
use crate::web::{Alertmanager, LiveSecret};

/// The alerter of a term.
pub(super) fn alerter(stage: &Stage<'_>, foundation: &Foundation) -> Result<ChildSpec, ServeError> {
    let Stage { settings, ports, work, clock, insight, .. } = stage;
    let parts = AlerterParts {
        db: foundation.db.clone(),
        presenter: Arc::clone(&foundation.presenter),
        ids: Arc::clone(&foundation.ids),
        clock: Arc::clone(clock),
        dispatch: ports.gate.dispatch.clone(),
        outbox: ports.gate.ring.clone(),
        work: work.clone(),
        owners: owners(settings),
        health: insight.health.clone(),
        roster: insight.roster.clone(),
        readings: insight.readings.clone(),
        zone: Zone::from(settings.broadcast.time_zone),
        config: config(settings),
        beacon: beacon(settings)?.map(|beacon| (beacon, settings.alerts.heartbeat_every())),
    };
    Ok(alerter_spec(child_policy(settings), parts))
}

fn config(settings: &Settings) -> AlertsConfig {
    let AlertsSettings { enabled, job_age_s, update_age_s, loop_lag_ms, patience, .. } =
        settings.alerts;
    let limits = Limits {
        job_age_s: f64::from(job_age_s),
        update_age_s: f64::from(update_age_s),
        loop_lag_s: f64::from(loop_lag_ms) / 1_000.0,
        backup_age_s: f64::from(settings.backup.stale_after_s),
    };
    let remind_every = settings.alerts.remind_every();
    let keep = settings.housekeeping.incidents_keep();
    AlertsConfig { enabled, limits, patience, remind_every, keep }
}

fn beacon(settings: &Settings) -> Result<Option<Arc<Beacon>>, ServeError> {
    let Some(url) = settings.alerts.heartbeat_url.clone() else { return Ok(None) };
    let timeouts = Timeouts {
        connect: settings.timeouts.connect(),
        read: settings.timeouts.request(),
        request: settings.timeouts.request(),
    };
    Ok(Some(Arc::new(Beacon::new(url, &timeouts)?)))
}

/// The way in for Alertmanager, as long as it has a token.
pub(super) fn alertmanager(
    token: LiveSecret,
    foundation: &Foundation,
    work: &WorkRuntime,
    clock: &Arc<dyn Clock>,
) -> Alertmanager {
    Alertmanager::new(token, foundation.db.clone(), Arc::clone(clock), work.clone())
}
