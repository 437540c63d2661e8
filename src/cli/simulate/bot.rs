//! A bot of its own for a drill: database, simulator, child process.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tgsim::{Simulator, SimulatorOptions};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::error::DrillError;
use super::usage::{self, Usage};
use crate::app;
use crate::settings::{LoadOptions, Settings};
use crate::store::Db;
use crate::telegram::{BotToken, Lane, TelegramClient, Timeouts};

/// Longest wait for the first poll.
const START_WITHIN: Duration = Duration::from_secs(30);

/// The stage of a drill.
pub struct Stage {
    /// The simulator, in this process.
    pub simulator: Simulator,
    folder: tempfile::TempDir,
    overrides: Vec<(String, String)>,
}

/// A bot that polls.
pub struct RunningBot {
    child: Child,
    pid: u32,
    log: PathBuf,
    /// From the start of the process to the first poll.
    pub first_poll: Duration,
}

impl Stage {
    /// A simulator, and settings for a bot that talks to it.
    pub async fn set(database: Option<&str>, limits: Value) -> Result<Self, DrillError> {
        let folder = tempfile::tempdir()
            .map_err(DrillError::system("cannot make a folder for the drill"))?;
        let simulator = Simulator::start(SimulatorOptions::default())
            .await
            .map_err(DrillError::system("cannot start the simulator"))?;
        simulator.ctl("limits", limits).await.map_err(DrillError::Simulator)?;
        let sqlite = || format!("sqlite:{}", folder.path().join("drill.db").display());
        let overrides = [
            ("telegram.token", simulator.token().to_owned()),
            ("telegram.api_url", simulator.url()),
            ("database.url", database.map_or_else(sqlite, str::to_owned)),
            ("files.data_dir", folder.path().join("files").display().to_string()),
            ("web.listen", "off".to_owned()),
            ("log.level", "warn".to_owned()),
        ];
        let overrides = overrides.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        Ok(Self { simulator, folder, overrides })
    }

    /// Sets one more value for the bot.
    pub fn set_value(&mut self, key: &str, value: &str) {
        self.overrides.push((key.to_owned(), value.to_owned()));
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

    /// Starts the bot and waits for its first poll.
    pub async fn start_bot(&self) -> Result<RunningBot, DrillError> {
        let program =
            std::env::current_exe().map_err(DrillError::system("cannot find this program"))?;
        let log = self.folder.path().join("bot.log");
        let log_file =
            std::fs::File::create(&log).map_err(DrillError::system("cannot write the log"))?;
        let mut command = Command::new(program);
        for (key, value) in &self.overrides {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let begun = Instant::now();
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
        let mut bot = RunningBot { child, pid, log, first_poll: Duration::ZERO };
        while !self.is_polled().await? {
            if begun.elapsed() > START_WITHIN || bot.has_ended() {
                return Err(bot.ended());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bot.first_poll = begun.elapsed();
        Ok(bot)
    }

    async fn is_polled(&self) -> Result<bool, DrillError> {
        let queue = self.simulator.ctl("queue", json!({})).await.map_err(DrillError::Simulator)?;
        Ok(queue.get("polling").and_then(Value::as_bool).unwrap_or(false))
    }
}

impl RunningBot {
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

    /// Ends the bot.
    pub async fn stop(mut self) {
        let _ = self.child.kill().await;
    }
}
