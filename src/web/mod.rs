//! Stage 10: HTTP. Probes, metrics, the dashboard and Alertmanager's way in on the admin listener,
//! probes and the webhook on the public one.
//!
//! Invariants: nothing here changes anything but the webhooks and the dashboard's actions; `/livez`
//! asks no dependency; an admin address that is not loopback needs a token, which `settings` has
//! checked; whoever tries secrets that are none is locked out (`lock`); every answer has the headers
//! of `dress`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::middleware::from_fn;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use crate::cache::{Cache, CacheState};
use crate::health::HealthBoard;
use crate::health::judge::DEAF_AFTER;
use crate::ingest::messages::{Door, LastPoll};
use crate::runtime::{Tenure, spawn_local};

mod alertmanager;
mod bearer;
mod body;
pub mod dashboard;
mod dress;
mod health;
mod lock;
mod meters;
mod public;
mod secret;
mod webhook;

pub use alertmanager::Alertmanager;
use bearer::Sight;
use dashboard::Dashboard;
use lock::Locks;
pub use public::start_public;
pub use secret::LiveSecret;
pub use webhook::Webhook;

/// Connections of the admin listener at the same time; more wait to be accepted.
const CONNECTIONS: usize = 1_024;

/// What the probes look at.
#[derive(Clone)]
pub struct Probe {
    /// Whether the database does its work, as its watch sees it.
    pub database: Arc<Health>,
    /// Whether every layer of the sandbox holds, in which strangers' files are read.
    pub sandbox: Arc<Health>,
    /// What this process is at the moment.
    pub standing: watch::Receiver<Standing>,
    /// Caches, perhaps with Redis.
    pub cache: Cache,
    /// How updates come: "poll" or "webhook".
    pub intake: &'static str,
    /// When the last poll came to a good end, or Telegram confirmed the webhook.
    pub last_poll: Arc<LastPoll>,
    /// Closed when the process is about to end.
    pub door: Arc<Door>,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
    /// How the components are.
    pub health: HealthBoard,
    /// This process's name among others.
    pub instance: String,
    /// Whether it was ever ready, as far as anybody has looked.
    pub has_started: Arc<AtomicBool>,
}

/// Whether the process does its work, and why not.
#[derive(Debug)]
pub struct Readiness {
    /// Whether it does.
    pub is_ready: bool,
    /// For people: a line for each part.
    pub body: String,
}

impl Probe {
    /// The database answers, and a leader holds its lease, has updates coming and does not end.
    pub fn readiness(&self) -> Readiness {
        let database = self.database.is_good();
        let is_open = self.door.is_open();
        let line =
            |name: &str, good: bool| format!("{name}: {}\n", if good { "pass" } else { "fail" });
        let standing = self.standing.borrow().clone();
        let (role, led) = match standing {
            Standing::Standby => ("standby", None),
            Standing::Worker => ("worker", None),
            Standing::Leader(tenure) => {
                let is_fresh = self.last_poll.age().is_some_and(|age| age < DEAF_AFTER);
                ("leader", Some((!tenure.is_over(), is_fresh)))
            }
        };
        let mut body = format!("role: {role}\n") + &line("database", database);
        let mut is_ready = database && is_open;
        if let Some((lease, intake)) = led {
            body += &(line("lease", lease) + &line(self.intake, intake && is_open));
            is_ready = is_ready && lease && intake;
        }
        body += match self.cache.state() {
            CacheState::Memory => "",
            CacheState::Shared => "redis: pass\n",
            CacheState::Degraded => "redis: degraded\n",
        };
        // Other layers hold where one is missing, and the work goes on.
        if !self.sandbox.is_good() {
            body += "sandbox: degraded\n";
        }
        if is_ready {
            self.has_started.store(true, Ordering::Relaxed);
        }
        Readiness { is_ready, body }
    }
}

/// Whether something does its work: kept up to date by whoever watches it.
#[derive(Debug)]
pub struct Health(AtomicBool);

impl Health {
    /// Something that does its work, as far as it is known.
    pub const fn good() -> Self {
        Self(AtomicBool::new(true))
    }

    /// Shows what a look at it has brought.
    pub fn set(&self, is_good: bool) {
        self.0.store(is_good, Ordering::Relaxed);
    }

    fn is_good(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a process is among those on the same database.
#[derive(Debug, Clone)]
pub enum Standing {
    /// It polls, answers and sends, within this tenure.
    Leader(Tenure),
    /// It waits for the leader's place, and could take it.
    Standby,
    /// It works jobs off.
    Worker,
}

/// Where and for whom to listen.
#[derive(Clone)]
pub struct WebConfig {
    /// The address.
    pub listen: std::net::SocketAddr,
    /// What `/metrics` asks of callers that are not on this machine.
    pub token: LiveSecret,
    /// Longest time for the head of a request.
    pub request_timeout: Duration,
    /// The way in for Alertmanager.
    pub alertmanager: Alertmanager,
}

struct State {
    probe: Probe,
    /// Who may see details; nobody on the listener for the world outside.
    guard: Option<Guard>,
}

struct Guard {
    token: LiveSecret,
    locks: Arc<Locks>,
}

impl State {
    fn sight(&self, request: &HttpRequest) -> Sight {
        let Some(Guard { token, locks }) = &self.guard else { return Sight::Nothing };
        bearer::sight(request, token, locks)
    }
}

/// Starts listening on the current arbiter; gives also the address that was bound.
pub fn start(
    config: WebConfig,
    probe: Probe,
    dashboard: &Arc<Dashboard>,
) -> std::io::Result<(ServerHandle, std::net::SocketAddr)> {
    let locks = Arc::clone(dashboard.locks());
    let guard = Guard { token: config.token, locks: Arc::clone(&locks) };
    let state = web::Data::new(State { probe, guard: Some(guard) });
    let alertmanager = web::Data::new(config.alertmanager.locked_by(locks));
    let pages = Arc::clone(dashboard);
    let server = HttpServer::new(move || {
        meters::worker_begins();
        App::new()
            .wrap(from_fn(dress::dress))
            .wrap(from_fn(meters::measure))
            .app_data(state.clone())
            .app_data(alertmanager.clone())
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(readyz))
            .route("/startupz", web::get().to(health::startupz))
            .route("/health", web::get().to(health::health))
            .route("/metrics", web::get().to(metrics))
            .configure(|config| dashboard::configure(&pages, config))
            .service(
                web::resource(alertmanager::PATH)
                    .route(web::post().to(alertmanager::receive))
                    .default_service(web::to(alertmanager::refuse_method)),
            )
    })
    .workers(1)
    .max_connections(CONNECTIONS)
    .disable_signals()
    .shutdown_timeout(1)
    .client_request_timeout(config.request_timeout)
    .bind(config.listen)?;
    for address in server.addrs() {
        tracing::info!(%address, "probes listen");
    }
    let bound = server.addrs().first().copied().unwrap_or(config.listen);
    let server = server.run();
    let handle = server.handle();
    spawn_local(server);
    Ok((handle, bound))
}

/// The event loop turns: no dependency is asked.
async fn livez() -> HttpResponse {
    HttpResponse::Ok().body("alive\n")
}

/// Whether the process does its work, component by component. Without Redis it does.
async fn readyz(state: web::Data<State>) -> HttpResponse {
    let Readiness { is_ready, body } = state.probe.readiness();
    if is_ready {
        HttpResponse::Ok().body(body)
    } else {
        HttpResponse::ServiceUnavailable().body(body)
    }
}

async fn metrics(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    match state.sight(&request) {
        Sight::All => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4"))
            .body(state.probe.metrics.render()),
        Sight::Nothing => {
            // A wrong token was counted where it was looked at.
            if !request.headers().contains_key(AUTHORIZATION) {
                meters::auth_failed("metrics");
            }
            bearer::unauthorized()
        }
        Sight::Locked(locked) => bearer::too_often(locked),
    }
}
