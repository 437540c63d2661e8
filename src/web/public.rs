//! The listener for the world outside: the webhook and the probes, and nothing else.
//!
//! It speaks plain HTTP: a reverse proxy in front of it ends TLS.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

use super::health::{health_in_a_word, startupz};
use super::webhook::{self, Webhook};
use super::{Probe, State, dress, livez, meters, readyz};
use crate::runtime::spawn_local;

/// Connections at the same time; more wait to be accepted.
const CONNECTIONS: usize = 1_024;

/// Longest wait for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may rest: Telegram and proxies keep theirs for about a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long requests may go on when the listener is stopped, in seconds.
const STOP_WITHIN_S: u64 = 2;

/// Starts listening on a thread of its own.
pub fn start_public(
    listen: SocketAddr,
    probe: Probe,
    webhook: Option<Webhook>,
) -> std::io::Result<ServerHandle> {
    let state = web::Data::new(State { probe, guard: None });
    let webhook = webhook.map(web::Data::new);
    let server = HttpServer::new(move || {
        meters::worker_begins();
        let app = App::new()
            .wrap(from_fn(dress::dress_for_strangers))
            .wrap(from_fn(meters::measure))
            .app_data(state.clone())
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(readyz))
            .route("/startupz", web::get().to(startupz))
            .route("/health", web::get().to(health_in_a_word));
        let Some(webhook) = &webhook else { return app };
        app.app_data(webhook.clone()).service(
            web::resource(webhook.path)
                .route(web::post().to(webhook::receive))
                .default_service(web::to(webhook::refuse_method)),
        )
    })
    .workers(1)
    .max_connections(CONNECTIONS)
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .disable_signals()
    .shutdown_timeout(STOP_WITHIN_S)
    .bind(listen)?
    .run();
    let handle = server.handle();
    spawn_local(server);
    Ok(handle)
}
