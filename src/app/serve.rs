//! One life of the program.

use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;

use super::{foundation, signals, telemetry, watch, wiring};
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
        .worker_threads(processors + readers)
        .enable_all()
        .build()
        .map_err(|source| ServeError::System { what: "cannot start the work runtime", source })?;
    let work = WorkRuntime::new(io.handle().clone());
    let shutdown = settings.timeouts.shutdown();
    let reason = actix_rt::System::new().block_on(live(settings, metrics, work.clone()));
    io.block_on(async {
        if !work.settle(shutdown).await {
            tracing::warn!(in_flight = work.in_flight(), "work was still running at the end");
        }
    });
    io.shutdown_timeout(Duration::from_secs(1));
    reason
}

async fn live(
    settings: &Settings,
    metrics: PrometheusHandle,
    work: WorkRuntime,
) -> Result<ExitReason, ServeError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let foundation = foundation::lay(settings, &work, Arc::clone(&clock)).await?;
    let probe = web::Probe {
        database: watch::watch_database(foundation.db.clone(), work.clone()),
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
    signals::stop_on_signals(&supervisor)
        .map_err(|source| ServeError::System { what: "cannot listen for signals", source })?;
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
    tracing::info!(?reason, "primelingo has stopped");
    Ok(reason)
}

/// The owners by configuration.
pub(super) fn owners(settings: &Settings) -> Vec<UserId> {
    settings.access.owners.iter().copied().map(UserId).collect()
}
