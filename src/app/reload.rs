//! SIGHUP: the settings are read once more, and what may change in a running process does.
//!
//! The actors that work by a changed setting are stopped in order and made anew within the same
//! term, from the database, as after a restart: nothing is lost, and nobody else takes over.
//!
//! Invariants: settings that cannot be read, or contradict each other, change nothing; what waits
//! for a restart is named each time.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::live_secrets::{self, LiveSecrets};
use super::{manager, serve, telemetry};
use crate::domain::ids::UserId;
use crate::settings::{Changed, LoadOptions, Loaded, Reach, Reloaded, Settings};

/// Where the settings came from, to read them once more.
pub struct Source {
    /// How they were loaded.
    pub options: LoadOptions,
    /// What was loaded.
    pub loaded: Loaded,
}

/// The settings as they are now. Clones see the same.
#[derive(Clone)]
pub(super) struct Live {
    now: watch::Receiver<State>,
    /// What was taken last.
    taken: (u64, u64),
    /// The owners by configuration.
    pub(super) owners: watch::Receiver<Vec<UserId>>,
    /// What opens the listeners.
    pub(super) secrets: LiveSecrets,
}

#[derive(Clone)]
struct State {
    settings: Arc<Settings>,
    /// Counts the changes that concern the leader's actors.
    leader: u64,
    /// Counts those that concern jobs.
    jobs: u64,
}

/// Who feeds [`Live`].
pub(super) struct Feed {
    now: watch::Sender<State>,
    owners: watch::Sender<Vec<UserId>>,
    secrets: live_secrets::Feed,
}

/// The settings of a process that starts.
pub(super) fn begin(settings: &Settings) -> (Feed, Live) {
    let state = State { settings: Arc::new(settings.clone()), leader: 0, jobs: 0 };
    let (now, seen) = watch::channel(state);
    let (owners, seen_owners) = watch::channel(serve::owners(settings));
    let (secrets, live_secrets) = live_secrets::begin(settings);
    let live = Live { now: seen, taken: (0, 0), owners: seen_owners, secrets: live_secrets };
    (Feed { now, owners, secrets }, live)
}

impl Live {
    /// The settings of now; changes from here on count as new.
    pub(super) fn latest(&mut self) -> Arc<Settings> {
        let state = self.now.borrow_and_update();
        self.taken = (state.leader, state.jobs);
        Arc::clone(&state.settings)
    }

    /// Returns when the leader's actors have to be made anew.
    pub(super) async fn leader_changed(&mut self) {
        let taken = self.taken.0;
        self.changed(|state| state.leader != taken).await;
    }

    /// Returns when jobs have to be worked off by other settings.
    pub(super) async fn jobs_changed(&mut self) {
        let taken = self.taken.1;
        self.changed(|state| state.jobs != taken).await;
    }

    async fn changed(&mut self, is_news: impl Fn(&State) -> bool) {
        if self.now.wait_for(|state| is_news(state)).await.is_err() {
            // Nobody feeds it: nothing changes any more.
            std::future::pending::<()>().await;
        }
    }
}

impl Feed {
    /// Heeds SIGHUP from now on. `runtime` must live until the program ends.
    pub(super) fn heed(self, source: Source, runtime: &Handle) -> std::io::Result<()> {
        let _inside = runtime.enter();
        let mut hangup = signal(SignalKind::hangup())?;
        drop(runtime.spawn(async move {
            let Source { options, mut loaded } = source;
            while hangup.recv().await.is_some() {
                manager::reloading();
                loaded = self.reload(&options, loaded);
                manager::reloaded();
            }
        }));
        Ok(())
    }

    /// Gives what holds from now on.
    fn reload(&self, options: &LoadOptions, loaded: Loaded) -> Loaded {
        let reloaded = Settings::load(options.clone()).and_then(|newer| loaded.reload(newer));
        match reloaded {
            Ok(Reloaded { loaded, applied, waiting }) => {
                // New ones are hidden before anything is said of them.
                telemetry::hide_secrets(&loaded.settings.secrets());
                self.secrets.change(&loaded.settings);
                self.tell(&loaded, &applied, &waiting);
                loaded
            }
            Err(error) => {
                tracing::error!("settings not reloaded, those from before hold: {error}");
                loaded
            }
        }
    }

    fn tell(&self, loaded: &Loaded, applied: &[Changed], waiting: &[Changed]) {
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        for changed in applied {
            tracing::info!("setting changed: {changed}");
        }
        for changed in waiting {
            tracing::warn!("setting waits for a restart: {changed}");
        }
        tracing::info!(applied = applied.len(), waiting = waiting.len(), "settings reloaded");
        let reaches = |is: fn(Reach) -> bool| applied.iter().any(|changed| is(changed.reach));
        if reaches(|reach| reach == Reach::Log)
            && let Err(error) = telemetry::set_log_level(&loaded.settings.log.level)
        {
            tracing::error!(error, "log level not changed");
        }
        let (leader, jobs) = (reaches(Reach::is_leaders), reaches(Reach::is_jobs));
        if !leader && !jobs {
            return;
        }
        self.owners.send_replace(serve::owners(&loaded.settings));
        self.now.send_modify(|state| {
            state.settings = Arc::new(loaded.settings.clone());
            state.leader += u64::from(leader);
            state.jobs += u64::from(jobs);
        });
    }
}
