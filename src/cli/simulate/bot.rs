//! A bot of its own for a drill: database, simulator, child process.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use serde_json::{Value, json};
use tgsim::{Simulator, SimulatorOptions};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::error::DrillError;
use super::tree;
use super::usage::{self, Usage};
use crate::app;
use crate::settings::{LoadOptions, Settings};
use crate::store::Db;
use crate::telegram::{BotToken, Lane, TelegramClient, Timeouts};

/// Longest wait for the first poll.
pub const START_WITHIN: Duration = Duration::from_mins(1);

/// Pause between two looks at something that cannot be waited for.
pub const LOOK_EVERY: Duration = Duration::from_millis(1);

/// The stage of a drill.
pub struct Stage {
    /// The simulator, in this process.
    pub simulator: Arc<Simulator>,
    folder: tempfile::TempDir,
    overrides: Vec<(String, String)>,
    /// Further arguments for the bot.
    arguments: Vec<String>,
    program: Option<PathBuf>,
    lives: usize,
    pid: Arc<AtomicU32>,
}

/// A bot's process.
pub struct RunningBot {
    child: Child,
    pid: u32,
    log: PathBuf,
    launched: Instant,
    /// The same moment by the simulator's clock.
    pub launched_us: u64,
    polls_before: u64,
    /// From the start of the process to the first poll, once that was seen.
    pub first_poll: Option<Duration>,
}

impl Stage {
    /// A simulator, and settings for a bot that talks to it.
    pub async fn set(database: Option<&str>, limits: Value) -> Result<Self, DrillError> {
        Self::set_before(SimulatorOptions::default(), database, limits).await
    }

    /// The same, with a simulator of the drill's choice.
    pub async fn set_before(
        options: SimulatorOptions,
        database: Option<&str>,
        limits: Value,
    ) -> Result<Self, DrillError> {
        let folder = tempfile::tempdir()
            .map_err(DrillError::system("cannot make a folder for the drill"))?;
        let simulator = Simulator::start(options)
            .await
            .map_err(DrillError::system("cannot start the simulator"))?;
        let simulator = Arc::new(simulator);
        simulator.ctl("limits", limits).await.map_err(DrillError::Simulator)?;
        let sqlite = || format!("sqlite:{}", folder.path().join("drill.db").display());
        let overrides = [
            ("telegram.token", simulator.token().to_owned()),
            ("telegram.api_url", simulator.url()),
            ("database.url", database.map_or_else(sqlite, str::to_owned)),
            ("files.data_dir", folder.path().join("files").display().to_string()),
            // Drills let few people send what many would.
            ("limits.enabled", "false".to_owned()),
            ("web.listen", "off".to_owned()),
            ("log.level", "warn".to_owned()),
        ];
        let overrides = overrides.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        let arguments = Vec::new();
        let pid = Arc::default();
        Ok(Self { simulator, folder, overrides, arguments, program: None, lives: 0, pid })
    }

    /// Takes another executable for the bot than this program.
    pub fn set_program(&mut self, program: PathBuf) {
        self.program = Some(program);
    }

    /// A control call to the simulator.
    pub async fn ctl(&self, call: &str, body: Value) -> Result<Value, DrillError> {
        self.simulator.ctl(call, body).await.map_err(DrillError::Simulator)
    }

    /// The newest process of the bot, for whoever watches it; 0 before the first.
    pub fn pid(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.pid)
    }

    /// The drill's folder: it goes with the stage.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sets one more value for the bot.
    pub fn set_value(&mut self, key: &str, value: &str) {
        self.overrides.push((key.to_owned(), value.to_owned()));
    }

    /// Lets each step of an update with this marker hold its thread for a while.
    #[cfg(feature = "failpoints")]
    pub fn slow_steps(&mut self, marker: &str, delay_ms: u64) {
        use crate::fail_points::{Action, Plan, Point, Rule};
        let rule = Rule::always_on(Point::ChatStep.name(), marker, Action::DelayMs(delay_ms));
        let plan = serde_json::json!(Plan { report: None, rules: vec![rule] });
        self.arguments.extend(["--fail-points".to_owned(), plan.to_string()]);
    }

    /// The bot's database, before or beside the bot.
    pub async fn database(&self) -> Result<Db, DrillError> {
        Ok(app::open_database(&self.settings()?).await?)
    }

    /// A client that talks to the simulator as the bot does.
    pub fn client(&self, lane: Lane) -> Result<TelegramClient, DrillError> {
        let token = BotToken::parse(self.simulator.token())?;
        Ok(TelegramClient::new(token, &self.simulator.url(), lane, Timeouts::default())?)
    }

    fn settings(&self) -> Result<Settings, DrillError> {
        let options = LoadOptions { overrides: self.overrides.clone(), ..LoadOptions::default() };
        Ok(Settings::load(options)?.settings)
    }

    /// Starts the bot and waits for its first poll, or until it has set its webhook.
    pub async fn start_bot(&mut self) -> Result<RunningBot, DrillError> {
        let mut bot = self.launch_bot().await?;
        while !(self.has_polled(&mut bot).await? || self.is_posted_to().await?) {
            if bot.launched.elapsed() > START_WITHIN || bot.has_ended() {
                return Err(bot.ended());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(bot)
    }

    /// Starts the bot. Each life has a log of its own.
    pub async fn launch_bot(&mut self) -> Result<RunningBot, DrillError> {
        self.lives += 1;
        let program = match &self.program {
            Some(program) => program.clone(),
            None => {
                std::env::current_exe().map_err(DrillError::system("cannot find this program"))?
            }
        };
        let log = self.log_of(self.lives);
        let log_file =
            std::fs::File::create(&log).map_err(DrillError::system("cannot write the log"))?;
        let mut command = Command::new(program);
        command.args(&self.arguments);
        for (key, value) in &self.overrides {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let polls_before = self.polls().await?;
        let launched = Instant::now();
        let launched_us = tgsim::util::now_us();
        let child = command
            .arg("run")
            .current_dir(self.folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log_file)
            .kill_on_drop(true)
            .spawn()
            .map_err(DrillError::system("cannot start the bot"))?;
        let pid = child.id().unwrap_or(0);
        self.pid.store(pid, Ordering::Relaxed);
        let first_poll = None;
        Ok(RunningBot { child, pid, log, launched, launched_us, polls_before, first_poll })
    }

    /// Whether the bot has polled since its start; the first time it is noted when.
    pub async fn has_polled(&self, bot: &mut RunningBot) -> Result<bool, DrillError> {
        if bot.first_poll.is_none() && self.polls().await? > bot.polls_before {
            bot.first_poll = Some(bot.launched.elapsed());
        }
        Ok(bot.first_poll.is_some())
    }

    async fn is_posted_to(&self) -> Result<bool, DrillError> {
        Ok(self.queue().await?.get("webhook").is_some_and(Value::is_string))
    }

    /// What the simulator knows of its queue.
    pub async fn queue(&self) -> Result<Value, DrillError> {
        self.simulator.ctl("queue", json!({})).await.map_err(DrillError::Simulator)
    }

    async fn polls(&self) -> Result<u64, DrillError> {
        Ok(self.queue().await?.get("polls").and_then(Value::as_u64).unwrap_or(0))
    }

    /// Lines of errors and panics in the logs of all lives.
    pub fn logged_errors(&self) -> Vec<String> {
        let texts = (1..=self.lives).map(|life| std::fs::read_to_string(self.log_of(life)));
        let lines = texts.flat_map(|text| {
            let text = text.unwrap_or_default();
            text.lines().filter(|line| is_error(line)).map(str::to_owned).collect::<Vec<_>>()
        });
        lines.collect()
    }

    fn log_of(&self, life: usize) -> PathBuf {
        self.folder.path().join(format!("bot-{life}.log"))
    }
}

fn is_error(line: &str) -> bool {
    line.split_whitespace().nth(1) == Some("ERROR") || line.contains("panicked")
}

impl RunningBot {
    /// Where the bot's probes are, as its log tells. Needs `web.listen` and `log.level=info`.
    pub fn probes(&self) -> Option<String> {
        let log = std::fs::read_to_string(&self.log).ok()?;
        let line = log.lines().rfind(|line| line.contains("probes listen"))?;
        let address = line.split("address=").nth(1)?.split_whitespace().next()?;
        Some(address.to_owned())
    }

    /// What the bot's process has used so far.
    pub fn usage(&self) -> Usage {
        usage::of_process(self.pid)
    }

    /// Whether the process is no more.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The error for a bot that ended early: its log is shown, as its folder goes with the drill.
    pub fn ended(&self) -> DrillError {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(5).collect();
        DrillError::BotEnded(tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }

    /// SIGKILL to the bot and all that it has started; waits for the bot's end.
    pub async fn kill_tree(mut self) {
        let inspectors = tree::descendants(self.pid);
        let _ = self.child.kill().await;
        for inspector in inspectors {
            // Most have ended with the pipe to the bot.
            let _ = kill_process(inspector, Signal::KILL);
        }
    }

    /// Sends a signal; none to a process that has been waited for.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| self.child.id().is_some()) {
            let _ = kill_process(pid, signal);
        }
    }

    /// Waits for the bot's end; none if it goes on longer than that.
    pub async fn wait_end(&mut self, within: Duration) -> Option<ExitStatus> {
        tokio::time::timeout(within, self.child.wait()).await.ok()?.ok()
    }

    /// Ends the bot.
    pub async fn stop(mut self) {
        let _ = self.child.kill().await;
    }
}
