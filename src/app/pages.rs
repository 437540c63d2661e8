//! The admin listener: probes, metrics and the dashboard.

use std::sync::Arc;

use actix_web::dev::ServerHandle;
use tokio::sync::watch;

use super::alerting;
use super::bells;
use super::cancel::card_of_job;
use super::foundation::Foundation;
use super::insight::Insight;
use super::live_secrets::LiveSecrets;
use super::serve::ServeError;
use super::telemetry;
use super::wiring::Ports;
use crate::cache::Doorbell;
use crate::domain::alert::{Acked, Alert, AlertTarget};
use crate::domain::clock::Clock;
use crate::domain::ids::{AlertId, UserId};
use crate::runtime::WorkRuntime;
use crate::settings::{Listen, Settings};
use crate::store::Db;
use crate::store::records::ErrorGroup;
use crate::web::dashboard::{
    AlertLine, CardOfCancelled, Dashboard, DashboardParts, ErrorLine, Extras,
};
use crate::web::{self, Probe, WebConfig};

/// Errors that the dashboard shows.
const ERROR_GROUPS: i64 = 20;

/// Alerts that are over and still shown.
const ALERTS_OVER: i64 = 10;

/// What the pages stand on.
pub struct Needs<'a> {
    pub settings: &'a Settings,
    /// Owners by configuration, as they are now.
    pub owners: watch::Receiver<Vec<UserId>>,
    /// What opens the pages, as it is now.
    pub secrets: LiveSecrets,
    pub foundation: &'a Foundation,
    pub insight: &'a Insight,
    pub ports: &'a Ports,
    pub work: &'a WorkRuntime,
    pub clock: &'a Arc<dyn Clock>,
}

/// The open listener, if there is one.
pub struct Pages(Option<Open>);

struct Open {
    server: ServerHandle,
    dashboard: Arc<Dashboard>,
    url: String,
}

impl Needs<'_> {
    /// Starts listening, if so configured.
    pub fn open(self, probe: &Probe) -> Result<Pages, ServeError> {
        let Listen::At(address) = self.settings.web.listen else { return Ok(Pages(None)) };
        let config = WebConfig {
            listen: address,
            token: self.secrets.pages.clone(),
            request_timeout: self.settings.web.request_timeout(),
            alertmanager: alerting::alertmanager(
                self.secrets.alerts.clone(),
                self.foundation,
                self.work,
                self.clock,
            ),
        };
        let dashboard = Dashboard::begin(self.parts(probe, self.extras()))
            .map_err(|source| ServeError::System { what: "cannot pack the dashboard", source })?;
        let (server, bound) = web::start(config, probe.clone(), &dashboard)
            .map_err(|source| ServeError::Listen { key: "web.listen", address, source })?;
        let url = dashboard.listens(bound);
        Ok(Pages(Some(Open { server, dashboard, url })))
    }

    fn parts(&self, probe: &Probe, extras: Extras) -> DashboardParts {
        let Needs { settings, foundation, insight, ports, work, clock, .. } = self;
        let doorbells = &foundation.cache.doorbells;
        DashboardParts {
            db: foundation.db.clone(),
            health: insight.health.clone(),
            roster: insight.roster.clone(),
            readings: insight.readings.clone(),
            standing: probe.standing.clone(),
            last_poll: Arc::clone(&foundation.last_poll),
            clock: Arc::clone(clock),
            work: (*work).clone(),
            jobs: bells::heard_elsewhere(&ports.jobs, doorbells, |_| Doorbell::Jobs),
            broadcasts: ports.broadcasts.clone(),
            outbox: bells::heard_elsewhere(&ports.gate.ring, doorbells, |_| Doorbell::Outbox),
            card_of_cancelled: self.card_of_cancelled(),
            extras,
            owners: self.owners.clone(),
            key: foundation.pages_key,
            token: self.secrets.pages.clone(),
            base_url: settings.web.base_url.clone(),
            queue: settings.jobs.queue.clone(),
            instance: foundation.owner.instance.clone(),
            bot: foundation.bot_username.clone(),
            log_level: settings.log.level.clone(),
        }
    }

    fn extras(&self) -> Extras {
        let (errors, alerts, acks) = (self.database(), self.database(), self.database());
        let clock = Arc::clone(self.clock);
        Extras {
            set_log_level: Some(Arc::new(telemetry::set_log_level)),
            errors: Some(Arc::new(move || {
                let db = errors.clone();
                Box::pin(async move {
                    let groups = db.errors_recent(ERROR_GROUPS).await?;
                    Ok(groups.into_iter().map(error_line).collect())
                })
            })),
            alerts: Some(Arc::new(move || {
                let db = alerts.clone();
                Box::pin(async move {
                    let alerts = db.alerts_list(ALERTS_OVER).await?;
                    Ok(alerts.into_iter().map(alert_line).collect())
                })
            })),
            ack: Some(Arc::new(move |id, doer| {
                let (db, now) = (acks.clone(), clock.now());
                Box::pin(async move {
                    let target = AlertTarget::One(AlertId(id));
                    Ok(db.alert_ack(target, doer, now).await? > 0)
                })
            })),
        }
    }

    fn database(&self) -> Db {
        self.foundation.db.clone()
    }

    fn card_of_cancelled(&self) -> CardOfCancelled {
        let (db, clock) = (self.foundation.db.clone(), Arc::clone(self.clock));
        Arc::new(move |id| {
            let (db, now) = (db.clone(), clock.now());
            Box::pin(async move { card_of_job(&db, id, now).await })
        })
    }
}

fn alert_line(alert: Alert) -> AlertLine {
    let Alert { id, name, severity, details, opened_at, resolved_at, acked, .. } = alert;
    let words = [details.subject, details.text];
    let name_of = |acked: Acked| acked.name.unwrap_or_else(|| acked.by.0.to_string());
    AlertLine {
        id: id.0.to_string(),
        name,
        severity: severity.name().to_owned(),
        state: if resolved_at.is_some() { "resolved" } else { "firing" }.to_owned(),
        since: opened_at.timestamp_millis(),
        text: words.into_iter().flatten().collect::<Vec<_>>().join(": "),
        acked: acked.map(name_of).unwrap_or_default(),
    }
}

fn error_line(group: ErrorGroup) -> ErrorLine {
    ErrorLine {
        group: group.fingerprint,
        text: group.text,
        place: group.place,
        count: u64::try_from(group.count).unwrap_or_default(),
        last: group.last_at.timestamp_millis(),
    }
}

impl Pages {
    /// What links to the dashboard begin with: a process without the page may know where it is.
    pub fn url(&self, settings: &Settings) -> Option<String> {
        match &self.0 {
            Some(open) => Some(open.url.clone()),
            None => settings.web.base_url.clone(),
        }
    }

    /// Ends open streams, then the listener.
    pub async fn close(self) {
        let Some(open) = self.0 else { return };
        open.dashboard.close();
        open.server.stop(true).await;
    }
}
