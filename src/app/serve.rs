//! One life of the program.

use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::runtime::Handle;

use super::{foundation, signals, telemetry, watch, wiring};
use crate::cache::CacheError;
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::ids::UserId;
use crate::runtime::{ExitReason, WorkRuntime};
use crate::settings::{Listen, Settings, SettingsError};
use crate::store::StoreError;
use crate::telegram::{NotAToken, TelegramError};
use crate::web;

/// Why the program could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Something is not configured.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The token is none.
    #[error("telegram.token is not a bot token; set BOT_TOKEN to what @BotFather gave you")]
    Token(#[from] NotAToken),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address of Redis is none.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// Telegram refuses the token, or the client cannot be built.
    #[error("telegram cannot be used: {0}")]
    Telegram(#[from] TelegramError),
    /// Something of the machine is missing.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Logging or metrics were started twice.
    #[error("telemetry: {0}")]
    Telemetry(String),
}

/// How often the metrics' histograms are folded.
const UPKEEP: Duration = Duration::from_secs(5);

/// Threads that may be lost to endless loops without anything else getting slower. With the last of
/// them gone the program stops in order, for the service manager to start it again.
const SPARE_THREADS: usize = 2;

/// Longest wait for the mark of an orderly end.
const END_WITHIN: Duration = Duration::from_secs(2);

/// Of the time for an orderly stop the actors have all but three such shares; what they leave
/// behind has the rest: open connections of the probes, work in flight, threads that read.
const PARTING_SHARE: u32 = 10;

/// How long the actors may take to stop.
pub(super) fn actors_stop_within(settings: &Settings) -> Duration {
    settings.timeouts.shutdown() * (PARTING_SHARE - 3) / PARTING_SHARE
}

/// Runs the bot until it is asked to stop, or gives up.
///
/// Actors live on this thread's arbiter; all I/O runs on a multi-thread runtime of its own, so that
/// neither starves the other and no query is dropped in flight.
pub fn serve(settings: &Settings) -> Result<ExitReason, ServeError> {
    let metrics = telemetry::start_metrics().map_err(ServeError::Telemetry)?;
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let readers = usize::try_from(settings.database.sqlite_readers).unwrap_or(1);
    let io = tokio::runtime::Builder::new_multi_thread()
        .thread_name("work")
        // SQLite reads hold their thread: with these on top, some are always free for the network.
        .worker_threads(processors + readers + SPARE_THREADS)
        .enable_all()
        .build()
        .map_err(|source| ServeError::System { what: "cannot start the work runtime", source })?;
    let work = WorkRuntime::new(io.handle().clone());
    let parting = settings.timeouts.shutdown() / PARTING_SHARE;
    let reason =
        actix_rt::System::new().block_on(live(settings, metrics, work.clone(), io.handle()));
    io.block_on(async {
        if !work.settle(parting).await {
            tracing::warn!(in_flight = work.in_flight(), "work was still running at the end");
        }
    });
    io.shutdown_timeout(parting);
    reason
}

async fn live(
    settings: &Settings,
    metrics: PrometheusHandle,
    work: WorkRuntime,
    io: &Handle,
) -> Result<ExitReason, ServeError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let foundation = foundation::lay(settings, &work, Arc::clone(&clock)).await?;
    let probe = web::Probe {
        database: watch::watch_database(foundation.db.clone(), work.clone()),
        cache: foundation.cache.clone(),
        last_poll: Arc::clone(&foundation.last_poll),
        metrics: metrics.clone(),
    };
    let server = match settings.web.listen {
        Listen::Off => None,
        Listen::At(listen) => {
            let config = web::WebConfig {
                listen,
                token: settings.web.token.clone(),
                request_timeout: settings.web.request_timeout(),
            };
            let server = web::start(config, probe).map_err(|source| ServeError::System {
                what: "cannot listen on web.listen",
                source,
            })?;
            Some(server)
        }
    };
    let supervisor = wiring::build(settings, &foundation, &work, &clock)?.start();
    signals::stop_on_signals(&supervisor, io)
        .map_err(|source| ServeError::System { what: "cannot listen for signals", source })?;
    let (watched, handle) = (work.clone(), supervisor.clone());
    crate::runtime::spawn_local(async move {
        watched.until_threads_lost(SPARE_THREADS).await;
        tracing::error!(SPARE_THREADS, "threads are lost to endless loops, stopping");
        handle.stop_for(ExitReason::Exhausted);
    });
    crate::runtime::spawn_local(async move {
        let mut tick = tokio::time::interval(UPKEEP);
        loop {
            tick.tick().await;
            metrics.run_upkeep();
        }
    });
    tracing::info!(
        bot = foundation.bot_username,
        database = foundation.db.backend_name(),
        owners = settings.access.owners.len(),
        "primelingo runs"
    );
    let reason = supervisor.wait().await;
    if let Some(server) = server {
        server.stop(true).await;
    }
    end(&foundation, &work).await;
    tracing::info!(?reason, "primelingo has stopped");
    Ok(reason)
}

/// Leaves word that this was no death. What is lost here makes the next start look for what it
/// might have died of, and find nothing.
async fn end(foundation: &foundation::Foundation, work: &WorkRuntime) {
    let (db, instance) = (foundation.db.clone(), foundation.owner.instance.clone());
    let ending = work.spawn(async move { db.run_end(instance).await });
    match tokio::time::timeout(END_WITHIN, ending).await {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(error))) => tracing::warn!(%error, "orderly end could not be noted"),
        Ok(Err(error)) => tracing::warn!(%error, "orderly end could not be noted"),
        Err(_elapsed) => tracing::warn!("orderly end could not be noted in time"),
    }
}

/// The owners by configuration.
pub(super) fn owners(settings: &Settings) -> Vec<UserId> {
    settings.access.owners.iter().copied().map(UserId).collect()
}
