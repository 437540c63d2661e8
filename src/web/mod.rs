//! Stage 10: probes and metrics over HTTP, on the admin listener.
//!
//! Invariants: nothing here changes anything; `/livez` asks no dependency; an address that is not
//! loopback needs a token, which `settings` has checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use crate::cache::{Cache, CacheState};
use crate::ingest::messages::LastPoll;
use crate::runtime::spawn_local;

/// A poll older than this makes the bot deaf, in the eyes of readiness.
const DEAF_AFTER: Duration = Duration::from_secs(150);

/// What the probes look at.
#[derive(Clone)]
pub struct Probe {
    /// Whether the database does its work, as its watch sees it.
    pub database: Arc<Standing>,
    /// Caches, perhaps with Redis.
    pub cache: Cache,
    /// When the last poll came to a good end.
    pub last_poll: Arc<LastPoll>,
    /// Renders the metrics.
    pub metrics: PrometheusHandle,
}

/// Whether something does its work: kept up to date by whoever watches it.
#[derive(Debug)]
pub struct Standing(AtomicBool);

impl Standing {
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

/// Where and for whom to listen.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// The address.
    pub listen: std::net::SocketAddr,
    /// What `/metrics` asks of callers that are not on this machine.
    pub token: Option<SecretString>,
    /// Longest time for the head of a request.
    pub request_timeout: Duration,
}

struct State {
    probe: Probe,
    token: Option<SecretString>,
}

/// Starts listening on the current arbiter.
pub fn start(config: WebConfig, probe: Probe) -> std::io::Result<ServerHandle> {
    let state = web::Data::new(State { probe, token: config.token });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(readyz))
            .route("/metrics", web::get().to(metrics))
    })
    .workers(1)
    .disable_signals()
    .shutdown_timeout(1)
    .client_request_timeout(config.request_timeout)
    .bind(config.listen)?;
    for address in server.addrs() {
        tracing::info!(%address, "probes and metrics are served");
    }
    let server = server.run();
    let handle = server.handle();
    spawn_local(server);
    Ok(handle)
}

/// The event loop turns: no dependency is asked.
async fn livez() -> HttpResponse {
    HttpResponse::Ok().body("alive\n")
}

/// Whether the bot does its work: the database answers and polls come back. Without Redis it does.
async fn readyz(state: web::Data<State>) -> HttpResponse {
    let database = state.probe.database.is_good();
    let poll = state.probe.last_poll.age().is_some_and(|age| age < DEAF_AFTER);
    let line = |name: &str, good: bool| format!("{name}: {}\n", if good { "pass" } else { "fail" });
    let redis = match state.probe.cache.state() {
        CacheState::Memory => "",
        CacheState::Shared => "redis: pass\n",
        CacheState::Degraded => "redis: degraded\n",
    };
    let body = line("database", database) + &line("poll", poll) + redis;
    if database && poll {
        HttpResponse::Ok().body(body)
    } else {
        HttpResponse::ServiceUnavailable().body(body)
    }
}

async fn metrics(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    if !is_allowed(&request, state.token.as_ref()) {
        return HttpResponse::Unauthorized().finish();
    }
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4"))
        .body(state.probe.metrics.render())
}

/// Callers on this machine, and bearers of the token.
fn is_allowed(request: &HttpRequest, token: Option<&SecretString>) -> bool {
    if request.peer_addr().is_some_and(|peer| peer.ip().is_loopback()) {
        return true;
    }
    let Some(token) = token else { return false };
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    bool::from(given.as_bytes().ct_eq(token.expose_secret().as_bytes()))
}
