//! Makes the actors and joins them by ports, in the order of the flow.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::alerting;
use super::foundation::{Foundation, connect, limits, publish_commands, retry_backoff};
use super::retention::terms;
use super::serve::{ServeError, Stage, actors_stop_within, owners};
use super::{backing_up, bells, budgets};
use crate::broadcast::{
    BroadcasterParts, CARD_EVERY as BROADCAST_CARD_EVERY, UnderWay, broadcaster_spec,
};
use crate::cache::Doorbell;
use crate::chat::{ChatParts, ChatRules, SessionPolicy, Thinner, hold_inquest, start_session};
use crate::domain::broadcast::BroadcastRules;
use crate::domain::calendar::Zone;
use crate::domain::clock::Clock;
use crate::domain::search::Weights;
use crate::ingest::intake::{Intake, Source, Spinners};
use crate::ingest::messages::ChatsHaveUpdates;
use crate::ingest::{
    KeeperConfig, KeeperParts, PollerConfig, PollerParts, RouterConfig, RouterParts, StartInquest,
    StartSession, keeper_spec, poller_spec, router_spec,
};
use crate::jobs::{
    DownloadLimits, Housekeeping, JobsConfig, JobsParts, RetryPolicy, Room, RoomLimits,
    StatisticsKeep, dispatcher_spec,
};
use crate::library::blobs::BlobStore;
use crate::library::search::{SearchConfig, Searcher};
use crate::outbound::{Bounds, GateConfig, GateParts, GatePorts, gate_spec};
use crate::runtime::{
    Backoff, ChildPolicy, ChildSpec, HeartbeatPolicy, Permits, Port, RestartPolicy, RestartWindow,
    Ring, SupervisorBuilder, WorkRuntime,
};
use crate::settings::{FilesSettings, Settings, WebhookSettings};
use crate::telegram::{Lane, REPEATED_POLL};

/// The actors that only the leader has, in the order in which they start.
pub fn office(stage: &Stage<'_>, foundation: &Foundation) -> Result<SupervisorBuilder, ServeError> {
    let Stage { settings, ports, work, clock, .. } = stage;
    let policy = child_policy(settings);
    let gate = gate(settings, foundation, work, clock, ports, policy)?;
    let router = router(stage, foundation, policy);
    let source = match settings.webhook() {
        Some(webhook) => keeper(settings, webhook, foundation, work, policy)?,
        None => poller(settings, foundation, work, clock, ports, policy),
    };
    let alerter = alerting::alerter(stage, foundation)?;
    let broadcaster = broadcaster(settings, foundation, work, clock, ports, policy);
    let answering = connect(settings, &foundation.token, Lane::Answer)?;
    drop(work.spawn(publish_commands(answering, Arc::clone(&foundation.presenter))));
    Ok(SupervisorBuilder::new(actors_stop_within(settings), fastrand::f64)
        .child(gate)
        .child(router)
        .child(source)
        .child(alerter)
        .child(broadcaster)
        // The way of the data: intake first, the gate last.
        .stop_first(&["poller", "webhook_keeper", "alerter", "chat_router", "broadcaster"]))
}

/// The actors that work jobs off, in as many processes as there are. `died` suspects the jobs that
/// this instance had in its last life.
pub fn crew(stage: &Stage<'_>, died: bool) -> Result<SupervisorBuilder, ServeError> {
    let settings = stage.settings;
    let foundation = stage.foundation.after(died);
    let jobs = jobs(stage, &foundation, child_policy(settings))?;
    Ok(SupervisorBuilder::new(actors_stop_within(settings), fastrand::f64).child(jobs))
}

/// The doorbells of this process's actors. Nobody is connected to those of actors that another
/// process has.
#[derive(Clone, Default)]
pub struct Ports {
    pub(super) router: Port<ChatsHaveUpdates>,
    pub(super) gate: GatePorts,
    pub(super) jobs: Port<Ring>,
    pub(super) broadcasts: Port<Ring>,
    /// Outlives the broadcasters of all terms.
    under_way: UnderWay,
    /// Cancelled when jobs may begin: those of a process that leads first of all wait until it has
    /// looked for what the leader before it died of.
    pub(super) begin: CancellationToken,
}

impl Ports {
    /// The ends that other processes ring.
    pub fn bells(&self) -> bells::LocalBells {
        bells::LocalBells {
            chats: self.router.clone(),
            outbox: self.gate.ring.clone(),
            jobs: self.jobs.clone(),
        }
    }
}

/// Bulk messages in flight.
const BULK_WINDOW: Bounds = Bounds { least: 8, most: 64 };

/// The same in the lane that is paid for.
const PAID_WINDOW: Bounds = Bounds { least: 64, most: 128 };

fn gate(
    settings: &Settings,
    foundation: &Foundation,
    work: &WorkRuntime,
    clock: &Arc<dyn Clock>,
    ports: &Ports,
    policy: ChildPolicy,
) -> Result<ChildSpec, ServeError> {
    let outbound = &settings.outbound;
    let config = GateConfig {
        window: outbound.window,
        bulk_window: BULK_WINDOW,
        paid_window: PAID_WINDOW,
        limits: limits(settings),
        sweep_interval: outbound.sweep_interval(),
        queued_limit: usize::try_from(outbound.queued_limit).unwrap_or(usize::MAX),
        backoff: retry_backoff(settings),
        max_attempts: settings.retry.max_retries.saturating_add(1),
    };
    if let Some(limits) = config.limits {
        foundation.cache.limiter.follow(limits);
    }
    let client = |lane| connect(settings, &foundation.token, lane);
    let parts = GateParts {
        db: foundation.db.clone(),
        limiter: foundation.cache.limiter.clone(),
        reply: client(Lane::Reply)?,
        bulk: client(Lane::Bulk)?,
        paid: client(Lane::Paid)?,
        answer: client(Lane::Answer)?,
        blobs: BlobStore::new(settings.files.data_dir.clone(), &foundation.owner.instance),
        tenure: foundation.tenure.clone(),
        clock: Arc::clone(clock),
        work: work.clone(),
        random: Arc::new(fastrand::f64),
    };
    Ok(gate_spec(policy, ports.gate.clone(), config, parts))
}

/// Pause between two edits of a progress card: a chat takes one message a second, and the dialog
/// needs some of them.
const CARD_EVERY: Duration = Duration::from_secs(2);

/// Pauses before a broken download goes on.
const RECONNECT_PAUSES: Backoff = Backoff {
    first: Duration::from_millis(100),
    factor: 2.0,
    max: Duration::from_secs(5),
    jitter: 0.5,
};

/// How often a full disk is looked at while a file waits for it.
const DISK_LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pause between two edits of any progress cards in one chat.
const CHAT_EVERY: Duration = Duration::from_secs(1);

fn jobs(
    stage: &Stage<'_>,
    foundation: &Foundation,
    policy: ChildPolicy,
) -> Result<ChildSpec, ServeError> {
    let Stage { settings, ports, work, clock, .. } = stage;
    let (jobs, files) = (&settings.jobs, &settings.files);
    let config = JobsConfig {
        queue: jobs.queue.clone(),
        owner: foundation.owner.clone(),
        owners: owners(settings),
        workers: jobs.workers,
        lease: jobs.lease(),
        beat: jobs.beat(),
        poll_interval: jobs.poll_interval(),
        retry: RetryPolicy {
            max_attempts: jobs.max_attempts,
            backoff: Backoff {
                first: jobs.backoff_base(),
                factor: 2.0,
                max: jobs.backoff_max(),
                jitter: 1.0,
            },
        },
        probation: jobs.probation(),
        died: foundation.died,
        process_timeout: jobs.process_timeout(),
        card_every: CARD_EVERY,
        chat_every: CHAT_EVERY,
        housekeeping: housekeeping(settings),
        backup: backing_up::config(settings, None),
        download: DownloadLimits {
            max_bytes: upload_limit(settings),
            stall: files.stall(),
            total: settings.timeouts.file_download(),
            pauses: RECONNECT_PAUSES,
        },
    };
    let parts = JobsParts {
        db: foundation.db.clone(),
        telegram: connect(settings, &foundation.token, Lane::File)?,
        inspector: stage.inspector.clone(),
        presenter: Arc::clone(&foundation.presenter),
        room: Room::new(room_limits(files)),
        blobs: BlobStore::new(files.data_dir.clone(), &foundation.owner.instance),
        clock: Arc::clone(clock),
        ids: Arc::clone(&foundation.ids),
        begin: ports.begin.clone(),
        work: work.clone(),
        // The leader may be another process.
        gate: bells::heard_elsewhere(&ports.gate.ring, &foundation.cache.doorbells, |_| {
            Doorbell::Outbox
        }),
        forget_copy: {
            let copies = foundation.cache.sessions.clone();
            Arc::new(move |key| {
                let copies = copies.clone();
                Box::pin(async move { copies.forget(key).await })
            })
        },
        zone: Zone::from(settings.broadcast.time_zone),
        random: fastrand::f64,
    };
    Ok(dispatcher_spec(policy, &ports.jobs, config, parts))
}

fn room_limits(files: &FilesSettings) -> RoomLimits {
    RoomLimits {
        transfers: files.transfers,
        quota_bytes: files.temp_quota_bytes(),
        min_free_bytes: files.min_free_bytes(),
        patience: files.space_wait(),
        look_every: DISK_LOOK_EVERY,
    }
}

fn housekeeping(settings: &Settings) -> Housekeeping {
    let keep = &settings.housekeeping;
    Housekeeping {
        every: keep.every(),
        batch: keep.batch,
        texts_keep: keep.texts_keep(),
        updates_keep: keep.updates_keep(),
        aside_keep: keep.aside_keep(),
        letters_keep: keep.letters_keep(),
        done_keep: settings.jobs.done_keep(),
        failed_keep: settings.jobs.failed_keep(),
        outbox_keep: keep.outbox_keep(),
        incidents_keep: keep.incidents_keep(),
        sessions_keep: keep.sessions_keep(),
        queries_keep: settings.chat.button_lifetime(),
        instances_keep: keep.instances_keep(),
        // Whatever a job has put in its place is named by the end of that job.
        blobs_grace: keep.files_grace().max(settings.jobs.process_timeout() * 2),
        data_dir: settings.files.data_dir.clone(),
        statistics: StatisticsKeep {
            every: settings.statistics.every(),
            slice: settings.statistics.slice,
            keep_days: settings.statistics.keep_days,
        },
    }
}

/// Largest file that an editor may send, in bytes: what Telegram gives us, and what we want.
fn upload_limit(settings: &Settings) -> u64 {
    settings.telegram.download_limit_bytes().min(settings.files.max_size_bytes())
}

/// All children are watched alike: they are few, and each is needed.
pub(super) fn child_policy(settings: &Settings) -> ChildPolicy {
    ChildPolicy {
        restart: RestartPolicy {
            backoff: Backoff {
                first: Duration::from_millis(100),
                factor: 2.0,
                max: Duration::from_secs(10),
                jitter: 0.5,
            },
            window: RestartWindow { max_restarts: 10, within: Duration::from_mins(1) },
        },
        heartbeat: Some(HeartbeatPolicy {
            every: Duration::from_secs(5),
            miss_after: Duration::from_secs(30),
        }),
        drain_within: actors_stop_within(settings) / 2,
    }
}

fn router(stage: &Stage<'_>, foundation: &Foundation, policy: ChildPolicy) -> ChildSpec {
    let Stage { settings, ports, work, clock, .. } = stage;
    let ingest = &settings.ingest;
    let crowded = Arc::new(AtomicBool::new(false));
    let chats = Arc::new(ChatParts {
        doubts: Arc::default(),
        db: foundation.db.clone(),
        presenter: Arc::new(foundation.presenter.keeping(terms(settings))),
        copies: foundation.cache.sessions.clone(),
        searcher: Searcher::new(foundation.db.clone(), search_config(settings), Arc::clone(clock))
            .keeping(foundation.cache.searches.clone()),
        ids: Arc::clone(&foundation.ids),
        clock: Arc::clone(clock),
        dispatch: ports.gate.dispatch.clone(),
        answer: ports.gate.answer.clone(),
        awaited: ports.gate.awaited.clone(),
        // Workers may be in other processes.
        jobs: bells::heard_elsewhere(&ports.jobs, &foundation.cache.doorbells, |_| Doorbell::Jobs),
        broadcasts: ports.broadcasts.clone(),
        working: Permits::new("working_chats", ingest.concurrent_chats),
        thinner: Arc::new(Thinner::new(budgets::of(settings))),
        rules: Arc::new(ChatRules {
            bot_username: foundation.bot_username.clone(),
            owners: owners(settings),
            upload_limit: upload_limit(settings),
            bulk_max: settings.chat.bulk_files,
            broadcasts: BroadcastRules {
                quiet: settings.broadcast.quiet_hours.0,
                zone: Zone::from(settings.broadcast.time_zone),
            },
            dialog_lifetime: settings.chat.dialog_lifetime(),
            update_deadline: ingest.update_deadline(),
            max_faults: i32::try_from(ingest.max_faults).unwrap_or(i32::MAX),
            queue: settings.jobs.queue.clone(),
            dashboard: stage.dashboard_url.clone(),
        }),
    });
    let (suspects, inquest_work) = (Arc::clone(&chats), work.clone());
    let inquest: StartInquest =
        Arc::new(move || Box::pin(hold_inquest(Arc::clone(&suspects), inquest_work.clone())));
    let session_policy = SessionPolicy { idle: ingest.chat_idle(), crowded: Arc::clone(&crowded) };
    let session_work = work.clone();
    let start: StartSession = Arc::new(move |chat, on_end| {
        let (parts, work) = (Arc::clone(&chats), session_work.clone());
        start_session(parts, work, session_policy.clone(), chat, on_end)
    });
    let config = RouterConfig { max_live: ingest.max_live_chats, sweep: ingest.sweep_interval() };
    let parts = RouterParts {
        db: foundation.db.clone(),
        start,
        crowded,
        inquest: foundation.died.then_some(inquest),
        begin: ports.begin.clone(),
        work: work.clone(),
    };
    router_spec(policy, &ports.router, config, parts)
}

/// Recipients of one slice of the filling of an audience: whoever writes beside it waits no longer
/// than for one of them.
const AUDIENCE_SLICE: i64 = 1_000;

fn broadcaster(
    settings: &Settings,
    foundation: &Foundation,
    work: &WorkRuntime,
    clock: &Arc<dyn Clock>,
    ports: &Ports,
    policy: ChildPolicy,
) -> ChildSpec {
    let parts = BroadcasterParts {
        db: foundation.db.clone(),
        presenter: Arc::clone(&foundation.presenter),
        ids: Arc::clone(&foundation.ids),
        clock: Arc::clone(clock),
        dispatch: ports.gate.dispatch.clone(),
        outbox: ports.gate.ring.clone(),
        launch: ports.gate.launch.clone(),
        recall: ports.gate.recall.clone(),
        windows: ports.gate.windows.clone(),
        work: work.clone(),
        slice: AUDIENCE_SLICE,
        zone: Zone::from(settings.broadcast.time_zone),
        card_every: BROADCAST_CARD_EVERY,
        under_way: ports.under_way.clone(),
    };
    broadcaster_spec(policy, &ports.broadcasts, parts)
}

/// The way of updates into the ledger, whoever brings them.
pub(super) fn intake(
    settings: &Settings,
    foundation: &Foundation,
    ports: &Ports,
    source: Source,
) -> Intake {
    Intake {
        source,
        db: foundation.db.clone(),
        bot_id: foundation.token.bot_id(),
        presenter: Arc::clone(&foundation.presenter),
        answer: ports.gate.answer.clone(),
        spinners: Arc::new(Spinners::new(budgets::of(settings))),
    }
}

/// Pauses while Telegram gives no updates.
const SOURCE_BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(250),
    factor: 2.0,
    // Back within 5 s of the end of an outage.
    max: Duration::from_secs(4),
    jitter: 0.5,
};

/// In place of the poller when updates are posted to us.
fn keeper(
    settings: &Settings,
    webhook: WebhookSettings<'_>,
    foundation: &Foundation,
    work: &WorkRuntime,
    policy: ChildPolicy,
) -> Result<ChildSpec, ServeError> {
    let config = KeeperConfig {
        url: webhook.url.to_owned(),
        secret: webhook.secret.clone(),
        connections: webhook.connections,
        look_every: webhook.check_every,
        backoff: SOURCE_BACKOFF,
    };
    let parts = KeeperParts {
        client: connect(settings, &foundation.token, Lane::Poll)?,
        door: Arc::clone(&foundation.door),
        confirmed: Arc::clone(&foundation.last_poll),
        work: work.clone(),
        random: fastrand::f64,
    };
    Ok(keeper_spec(policy, config, parts))
}

fn poller(
    settings: &Settings,
    foundation: &Foundation,
    work: &WorkRuntime,
    clock: &Arc<dyn Clock>,
    ports: &Ports,
    policy: ChildPolicy,
) -> ChildSpec {
    let config = PollerConfig {
        poll_timeout_s: u32::try_from(settings.telegram.poll_timeout_s).unwrap_or(u32::MAX),
        stall: settings
            .telegram
            .poll_deadline()
            .max(REPEATED_POLL + settings.telegram.poll_margin())
            .min(settings.ingest.stall()),
        queued_limit: i64::try_from(settings.ingest.queued_limit).unwrap_or(i64::MAX),
        backoff: SOURCE_BACKOFF,
    };
    let (poll_settings, token) = (settings.clone(), foundation.token.clone());
    let parts = PollerParts {
        connect: Arc::new(move || connect(&poll_settings, &token, Lane::Poll)),
        intake: intake(settings, foundation, ports, Source::Polling),
        router: ports.router.clone(),
        clock: Arc::clone(clock),
        work: work.clone(),
        tenure: foundation.tenure.clone(),
        last_poll: Arc::clone(&foundation.last_poll),
        random: fastrand::f64,
    };
    poller_spec(policy, config, parts)
}

fn search_config(settings: &Settings) -> SearchConfig {
    SearchConfig {
        page_size: settings.search.page_size,
        candidate_limit: settings.search.candidate_limit,
        snippet_chars: settings.search.snippet_chars,
        weights: Weights {
            level: settings.search.level_weight,
            language: settings.search.language_weight,
            popularity: settings.search.popularity_weight,
            freshness: settings.search.freshness_weight,
        },
    }
}
