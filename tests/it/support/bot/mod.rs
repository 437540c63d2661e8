//! The whole bot under test: the real program as a child process, in front of a strict simulator
//! of Telegram, on a database of its own.
//!
//! A flow starts a [`Bot`], lets people act ([`people`]), reads what they see ([`screen`]) and ends
//! with [`Bot::finish`], which fails the test on whatever a user would not have noticed: errors and
//! panics in the log, requests that do not fit the Bot API's schema, presses that were not answered
//! or answered twice, rows that were left behind, children that had to be restarted
//! ([`verdict`]). Nothing sleeps for luck: every wait is bounded and ends with a signal or a row.

use std::collections::BTreeSet;
use std::time::Duration;

use primelingo::domain::clock::{Clock as _, SystemClock, Timestamp};
use primelingo::domain::ids::UserId;
use primelingo::domain::role::Role;
use primelingo::store::Db;
use serde_json::{Value, json};
use tempfile::TempDir;
use tgsim::{Simulator, SimulatorOptions};
use tokio::time::Instant;

use super::place::Place;
pub use process::Process;

mod another;
mod dashboard;
#[cfg(feature = "failpoints")]
mod fail_points;
mod library;
mod people;
mod process;
mod screen;
mod verdict;
mod webhook;

pub use another::Another;
pub use dashboard::Visitor;
pub use library::Seed;
pub use people::data;
pub use screen::{Reply, show};
pub use webhook::{Answer, JSON, SECRET, WITH_SECRET, free_address, update};

/// A learner whose Telegram speaks English.
pub const ANN: i64 = 1001;
/// A learner whose Telegram speaks Russian.
pub const BORIS: i64 = 1002;
/// An editor whose Telegram speaks English.
pub const EDNA: i64 = 2001;
/// An admin whose Telegram speaks Russian.
pub const ADAM: i64 = 3001;

/// Longest wait for anything: generous, so that a busy machine fails no test.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Pause between two looks at a row or a signal that cannot be waited for.
const LOOK_EVERY: Duration = Duration::from_millis(4);

/// Which database a flow runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// How a bot is started.
pub struct BotOptions {
    place: Place,
    strict_limits: bool,
    arguments: &'static [&'static str],
    settings: Vec<(String, String)>,
    environment: Vec<(&'static str, String)>,
    #[cfg(feature = "failpoints")]
    rules: Vec<primelingo::fail_points::Rule>,
}

impl BotOptions {
    /// Without limits on either side: what is said is answered at once.
    pub fn on(backend: Backend) -> Self {
        Self::at(match backend {
            Backend::Sqlite => Place::sqlite(),
            Backend::Postgres => Place::postgres(),
        })
    }

    /// The same, with a database of the test's choice.
    pub const fn at(place: Place) -> Self {
        Self {
            place,
            strict_limits: false,
            arguments: &["run"],
            settings: Vec::new(),
            environment: Vec::new(),
            #[cfg(feature = "failpoints")]
            rules: Vec::new(),
        }
    }

    /// With Telegram's limits in the simulator, and the bot's own against them.
    pub fn strict_limits(mut self) -> Self {
        self.strict_limits = true;
        self
    }

    /// Telegram posts the updates.
    pub fn webhook(mut self) -> Self {
        let listen = webhook::free_address();
        self.settings.extend(webhook::settings(listen));
        self
    }

    /// Jobs are left to workers.
    pub const fn no_worker(mut self) -> Self {
        self.arguments = &["run", "--no-worker"];
        self
    }

    /// One more setting, as `--set` takes it.
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_string()));
        self
    }

    /// One variable of the bot's environment, which has no other.
    pub fn env(mut self, key: &'static str, value: &str) -> Self {
        self.environment.push((key, value.to_owned()));
        self
    }
}

/// A bot with everything around it. Ends with [`Bot::finish`].
pub struct Bot {
    pub simulator: Simulator,
    /// The bot's database, beside the bot.
    pub db: Db,
    place: Place,
    folder: TempDir,
    arguments: &'static [&'static str],
    settings: Vec<(String, String)>,
    environment: Vec<(&'static str, String)>,
    /// The plan for the next start, as JSON.
    fail_points: Option<String>,
    process: Option<Process>,
    lives: u32,
    announced: Vec<String>,
    excused: Vec<&'static str>,
    leftovers: Vec<&'static str>,
    presses: BTreeSet<String>,
    forgives_presses: bool,
    is_finished: bool,
}

impl Bot {
    /// Starts simulator and bot, and waits until the bot polls or has set its webhook. [`EDNA`] is
    /// an editor, [`ADAM`] an admin.
    pub async fn start(options: BotOptions) -> Self {
        let mut bot = Self::prepare(options).await;
        bot.launch().await;
        bot
    }

    /// Simulator and database, and a bot that was not started.
    async fn prepare(options: BotOptions) -> Self {
        let db = options.place.open().await;
        db.user_set_role(UserId(EDNA), Role::Editor, now()).await.unwrap();
        db.user_set_role(UserId(ADAM), Role::Admin, now()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        // What the simulator keeps goes with the test, too.
        let spool = Some(folder.path().to_owned());
        let kept_here = SimulatorOptions { spool, ..SimulatorOptions::default() };
        let simulator = Simulator::start(kept_here).await.unwrap();
        let settings = settings(&options, &simulator, &folder);
        #[cfg_attr(
            not(feature = "failpoints"),
            expect(unused_mut, reason = "changed by fail points alone")
        )]
        let mut bot = Self {
            simulator,
            db,
            place: options.place,
            folder,
            arguments: options.arguments,
            settings,
            environment: options.environment,
            fail_points: None,
            process: None,
            lives: 0,
            announced: Vec::new(),
            excused: Vec::new(),
            leftovers: Vec::new(),
            presses: BTreeSet::new(),
            forgives_presses: false,
            is_finished: false,
        };
        bot.ctl("limits", json!({"enabled": options.strict_limits, "lenient_replies": true})).await;
        #[cfg(feature = "failpoints")]
        bot.plan(options.rules);
        bot
    }

    /// A control call to the simulator.
    pub async fn ctl(&self, call: &str, body: Value) -> Value {
        self.simulator.ctl(call, body).await.unwrap_or_else(|error| panic!("{call}: {error}"))
    }

    /// Starts the program and waits for its first poll, or for its webhook.
    async fn launch(&mut self) {
        assert!(self.process.is_none(), "the bot runs already");
        let before = self.calls_answered(self.begins_with()).await;
        self.process = Some(self.spawn(self.arguments, &[]));
        self.until("the bot's first poll, or its webhook", async |bot| {
            let ended = bot.process.as_mut().and_then(Process::ended);
            assert_eq!(ended, None, "the bot ended before its first poll");
            let queue = bot.ctl("queue", json!({})).await;
            queue["polling"] == json!(true) || bot.calls_answered(bot.begins_with()).await > before
        })
        .await;
    }

    /// Starts a process with a log of its own.
    fn spawn(&mut self, arguments: &[&str], settings: &[(&str, &str)]) -> Process {
        self.lives += 1;
        let log = self.folder.path().join(format!("bot-{}.log", self.lives));
        let mut all = self.settings.clone();
        all.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        Process::spawn(
            self.folder.path(),
            log,
            &all,
            arguments,
            &self.environment,
            self.fail_points.as_deref(),
        )
    }

    /// Starts the program without waiting for anything.
    #[cfg(feature = "failpoints")]
    fn launch_dying(&mut self) {
        assert!(self.process.is_none(), "the bot runs already");
        self.process = Some(self.spawn(self.arguments, &[]));
    }

    /// The call by which the bot shows that it takes updates.
    fn begins_with(&self) -> &'static str {
        if self.public_address().is_some() { "setWebhook" } else { "getUpdates" }
    }

    /// How many calls of a method went well.
    pub async fn calls_answered(&self, method: &str) -> usize {
        let calls = json!({"method": method, "status": 200, "limit": 100_000});
        self.ctl("calls", calls).await["calls"].as_array().map_or(0, Vec::len)
    }

    /// SIGKILL to the bot and all its children, at this very moment.
    pub async fn kill(&mut self) {
        let process = self.process.take().expect("a bot to kill");
        process.kill();
        self.bury().await;
    }

    /// Waits until Telegram has noticed the bot's death.
    async fn bury(&mut self) {
        // Answers on their way were lost with the process: Telegram would not see them again.
        self.forgives_presses = true;
        self.until("the end of the dead bot's poll", async |bot| {
            bot.ctl("queue", json!({})).await["polling"] == json!(false)
        })
        .await;
    }

    /// Starts the bot again after [`Bot::kill`] or [`Bot::stop`].
    pub async fn restart(&mut self) {
        self.launch().await;
    }

    /// SIGTERM; the bot must end in order, with exit code 0.
    pub async fn stop(&mut self) {
        let mut process = self.process.take().expect("a bot to stop");
        process.terminate();
        let code = bounded("the orderly end of the bot", async || process.ended()).await;
        assert_eq!(code, 0, "an orderly end, not:\n{}", process.log_tail());
    }

    /// Looks again and again until `seen` is true; fails the test when it never is.
    pub async fn until(&mut self, what: &str, mut seen: impl AsyncFnMut(&mut Self) -> bool) {
        bounded(what, async || seen(self).await.then_some(())).await;
    }

    /// The one number that an SQL query gives.
    pub async fn number(&self, sql: &str) -> i64 {
        self.place.number(sql).await
    }

    /// The one column of text that an SQL query gives.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        self.place.texts(sql).await
    }

    /// Runs SQL in the bot's database.
    pub async fn execute(&self, sql: &str) {
        self.place.execute(sql).await;
    }

    /// Changes a setting for the next start.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    /// All settings, for another command of the program.
    pub fn settings(&self) -> &[(String, String)] {
        &self.settings
    }

    /// A connection to the bot's database, if it is PostgreSQL.
    pub async fn postgres_client(&self) -> tokio_postgres::Client {
        self.place.postgres_client().await
    }

    /// All bytes of the database as it lies on the disk, or as the server dumps it.
    pub fn database_bytes(&self) -> Vec<u8> {
        self.place.bytes()
    }

    /// The folder for files that a test makes.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Waits until every update was worked off and everything that followed has left; jobs may
    /// still be at work.
    pub async fn settle(&mut self) {
        self.until("updates and messages to be settled", async |bot| {
            // Telegram forgets an update when the bot has it stored: then the ledger tells more.
            bot.telegram_holds().await == 0 && bot.number(UNSETTLED).await == 0
        })
        .await;
    }

    /// As [`Bot::settle`], and until every job has ended, too.
    pub async fn settle_all(&mut self) {
        self.until("updates, jobs and messages to be settled", async |bot| {
            let unsettled = format!("{UNSETTLED} + {OPEN_JOBS}");
            bot.telegram_holds().await == 0 && bot.number(&unsettled).await == 0
        })
        .await;
    }

    /// Updates that the bot has not acknowledged.
    pub async fn telegram_holds(&self) -> u64 {
        let queue = self.ctl("queue", json!({})).await;
        let waiting = |which: &str| queue[which].as_u64().unwrap();
        waiting("pending") + waiting("webhook_pending")
    }
}

/// Rows that somebody still has to work on.
const UNSETTLED: &str = "SELECT (SELECT count(*) FROM updates WHERE state = 'new') \
     + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending'))";

const OPEN_JOBS: &str = "(SELECT count(*) FROM jobs WHERE state IN ('ready', 'running'))";

/// The time of whatever a test writes itself.
pub fn now() -> Timestamp {
    SystemClock.now()
}

/// Looks again and again until there is something; fails the test when there never is.
pub async fn bounded<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn settings(
    options: &BotOptions,
    simulator: &Simulator,
    folder: &TempDir,
) -> Vec<(String, String)> {
    let fixed = [
        ("telegram.token", simulator.token().to_owned()),
        ("telegram.api_url", simulator.url()),
        ("database.url", options.place.url()),
        ("database.pool_size", "4".to_owned()),
        ("database.max_overflow", "4".to_owned()),
        ("files.data_dir", folder.path().join("files").display().to_string()),
        // Flows act faster than people.
        ("limits.enabled", "false".to_owned()),
        ("outbound.limits_enabled", options.strict_limits.to_string()),
        ("jobs.backoff_base_s", "0.1".to_owned()),
        ("web.listen", "off".to_owned()),
        ("log.level", "info".to_owned()),
    ];
    let mut settings: Vec<(String, String)> =
        fixed.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    settings.extend(options.settings.iter().cloned());
    settings
}
