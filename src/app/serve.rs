//! One life of the program.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::bells;
use super::foundation::{self, Foundation};
use super::insight::Insight;
use super::manager;
use super::pages::Pages;
use super::reload::{self, Live, Source};
use super::signals::Stop;
use super::vitals;
use super::watch::watch_database;
use super::wiring::Ports;
use super::{crew, fault_log, figures, leader, looking, pages, public, telemetry};
use crate::cache::CacheError;
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::ids::UserId;
use crate::inspect::Inspector;
use crate::runtime::{ExitReason, WorkRuntime, spawn_local};
use crate::settings::{Settings, SettingsError};
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
    /// A living process has the name that this one was given.
    #[error(
        "another process has the name {0} in this files.data_dir; \
         give each its own instance.name, or none"
    )]
    NameTaken(String),
    /// The listener cannot be opened.
    #[error(
        "cannot listen on {key} = {address}: {source}; give each process on this host an address \
         of its own, or off"
    )]
    Listen {
        /// The setting.
        key: &'static str,
        /// Its value.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
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

/// What a process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The bot. It polls, answers and sends while it leads, and stands by while another does.
    Run {
        /// Whether it works jobs off, too, or leaves them to workers as long as any lives.
        with_jobs: bool,
    },
    /// Jobs alone.
    Worker,
}

impl Role {
    const fn name(self) -> &'static str {
        match self {
            Self::Run { .. } => "run",
            Self::Worker => "worker",
        }
    }
}

/// What the parts of the process act on.
pub(super) struct Stage<'a> {
    /// As the process began.
    pub(super) settings: &'a Settings,
    /// As they are now.
    pub(super) live: Live,
    pub(super) foundation: &'a Foundation,
    pub(super) ports: Ports,
    pub(super) work: WorkRuntime,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) stop: Stop,
    pub(super) inspector: Inspector,
    /// Shown by readiness.
    pub(super) standing: watch::Sender<web::Standing>,
    pub(super) insight: Insight,
    /// What links to the dashboard begin with.
    pub(super) dashboard_url: Option<String>,
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

/// Runs a process of the bot until it is asked to stop, or gives up.
///
/// Actors live on this thread's arbiter; all I/O runs on a multi-thread runtime of its own, so that
/// neither starves the other and no query is dropped in flight.
///
/// With a `source` it reads its settings once more when it gets a SIGHUP.
pub fn serve(
    settings: &Settings,
    role: Role,
    source: Option<Source>,
) -> Result<ExitReason, ServeError> {
    let metrics = telemetry::start_metrics(settings).map_err(ServeError::Telemetry)?;
    figures::show_identity(settings, role);
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
    let (feed, live) = reload::begin(settings);
    if let Some(source) = source {
        feed.heed(source, io.handle())
            .map_err(|source| ServeError::System { what: "cannot listen for SIGHUP", source })?;
    }
    let begun = Begun { settings, live, role, metrics, work: work.clone(), io: io.handle() };
    let reason = actix_rt::System::new().block_on(run(begun));
    io.block_on(async {
        if !work.settle(parting).await {
            tracing::warn!(in_flight = work.in_flight(), "work was still running at the end");
        }
    });
    io.shutdown_timeout(parting);
    reason
}

/// What there is before anything else.
struct Begun<'a> {
    settings: &'a Settings,
    live: Live,
    role: Role,
    metrics: PrometheusHandle,
    work: WorkRuntime,
    io: &'a Handle,
}

async fn run(begun: Begun<'_>) -> Result<ExitReason, ServeError> {
    let Begun { settings, live, role, metrics, work, io } = begun;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let insight = Insight::new(metrics.clone(), Arc::clone(&clock));
    let foundation = foundation::lay(settings, role.name(), &work, Arc::clone(&clock)).await?;
    fail_point!(StartLaid);
    let (inspector, sandbox) = looking::begin(settings, &work)?;
    let stop = Stop::on_signals(io)
        .map_err(|source| ServeError::System { what: "cannot listen for signals", source })?;
    let mut stage = Stage {
        settings,
        live,
        foundation: &foundation,
        ports: Ports::default(),
        work,
        clock,
        stop,
        inspector,
        standing: watch::Sender::new(web::Standing::Standby),
        insight,
        dashboard_url: None,
    };
    let probe = stage.probe(sandbox, metrics.clone());
    stage.watch(&probe, metrics, io);
    let pages = stage.open_pages(&probe)?;
    stage.dashboard_url = pages.url(settings);
    let public = stage.open_public(role, probe)?;
    tracing::info!(
        bot = foundation.bot_username,
        role = role.name(),
        instance = foundation.owner.instance,
        database = foundation.db.backend_name(),
        owners = settings.access.owners.len(),
        "primelingo runs"
    );
    // Beside the work that a stop waits for: it ends with the program.
    let bells = bells::pass_on(foundation.cache.doorbells.clone(), stage.ports.bells());
    stage.work.spawn_beside(bells);
    let reason = act(&stage, role).await?;
    if let Some(public) = public {
        public.stop(true).await;
    }
    pages.close().await;
    end(&stage).await;
    tracing::info!(?reason, "primelingo has stopped");
    Ok(reason)
}

impl Stage<'_> {
    /// The same for actors that are made by other settings.
    pub(super) fn by<'a>(&'a self, settings: &'a Settings) -> Stage<'a> {
        Stage {
            settings,
            live: self.live.clone(),
            foundation: self.foundation,
            ports: self.ports.clone(),
            work: self.work.clone(),
            clock: Arc::clone(&self.clock),
            stop: self.stop.clone(),
            inspector: self.inspector.clone(),
            standing: self.standing.clone(),
            insight: self.insight.clone(),
            dashboard_url: self.dashboard_url.clone(),
        }
    }

    /// What the probes look at.
    fn probe(&self, sandbox: Arc<web::Health>, metrics: PrometheusHandle) -> web::Probe {
        let Self { settings, foundation, work, insight, .. } = self;
        web::Probe {
            database: watch_database(foundation.db.clone(), work.clone(), insight.health.clone()),
            sandbox,
            standing: self.standing.subscribe(),
            cache: foundation.cache.clone(),
            intake: if settings.webhook().is_some() { "webhook" } else { "poll" },
            last_poll: Arc::clone(&foundation.last_poll),
            door: Arc::clone(&foundation.door),
            metrics,
            health: insight.health.clone(),
            instance: foundation.owner.instance.clone(),
            has_started: Arc::default(),
        }
    }

    /// Begins all that looks on while the program runs, and ends with it.
    fn watch(&self, probe: &web::Probe, metrics: PrometheusHandle, io: &Handle) {
        let Self { settings, foundation, work, clock, stop, insight, .. } = self;
        let subjects = figures::Subjects {
            db: foundation.db.clone(),
            roster: insight.roster.clone(),
            standing: self.standing.subscribe(),
            clock: Arc::clone(clock),
            io: io.clone(),
            backups: settings.backup.dir.clone(),
        };
        figures::begin(subjects, work);
        vitals::begin(settings, probe, insight, work);
        fault_log::keep(foundation.db.clone(), work, Arc::clone(clock));
        manager::tell_of_stop(stop.clone());
        let (watched, exhausted) = (work.clone(), stop.clone());
        spawn_local(async move {
            watched.until_threads_lost(SPARE_THREADS).await;
            tracing::error!(SPARE_THREADS, "threads are lost to endless loops, stopping");
            exhausted.ask(ExitReason::Exhausted);
        });
        spawn_local(async move {
            let mut tick = tokio::time::interval(UPKEEP);
            loop {
                tick.tick().await;
                metrics.run_upkeep();
            }
        });
    }

    fn open_pages(&self, probe: &web::Probe) -> Result<Pages, ServeError> {
        let Self { settings, foundation, ports, work, clock, insight, .. } = self;
        let (owners, secrets) = (self.live.owners.clone(), self.live.secrets.clone());
        pages::Needs { settings, owners, secrets, foundation, insight, ports, work, clock }
            .open(probe)
    }

    fn open_public(
        &self,
        role: Role,
        probe: web::Probe,
    ) -> Result<Option<ServerHandle>, ServeError> {
        let Self { settings, foundation, ports, work, clock, .. } = self;
        match role {
            Role::Run { .. } => {
                let secret = self.live.secrets.webhook.clone();
                public::Needs { settings, secret, foundation, ports, work, clock }.listen(probe)
            }
            Role::Worker => Ok(None),
        }
    }
}

/// The parts of the process, until all of them have ended. One that gives up ends the others.
async fn act(stage: &Stage<'_>, role: Role) -> Result<ExitReason, ServeError> {
    let jobs = async {
        match role {
            Role::Run { with_jobs: true } => crew::work(stage).await,
            Role::Run { with_jobs: false } => crew::stand_in(stage).await,
            Role::Worker => crew::work_alone(stage).await,
        }
    };
    if role == Role::Worker {
        return jobs.await;
    }
    let (led, worked) = tokio::try_join!(leader::lead(stage), jobs)?;
    Ok(if led == ExitReason::Requested { worked } else { led })
}

/// Leaves word that this was no death. What is lost here makes the next start look for what it
/// might have died of, and find nothing.
async fn end(stage: &Stage<'_>) {
    fail_point!(DrainEnd);
    let (db, instance) = (stage.foundation.db.clone(), stage.foundation.owner.instance.clone());
    let ending = stage.work.spawn(async move { db.run_end(instance).await });
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
