//! A program that is set up by its files and commands, as a new user does it: `.env`, `init`,
//! `config`, SIGHUP.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tgsim::{Simulator, SimulatorOptions};

use crate::support::bot::{PATIENCE, Process, bounded};

mod config;
mod init;
mod reload;
mod rotation;

/// Exit code of wrong usage or configuration.
const CONFIG: Option<i32> = Some(78);

/// A folder with a program in it, beside a simulator of Telegram.
struct Ground {
    simulator: Simulator,
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

/// What a command said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    output: String,
    errors: String,
}

impl Ground {
    /// An empty folder. `BOT_API_URL` of the environment leads to the simulator.
    async fn new() -> Self {
        let options = SimulatorOptions { strict_tokens: true, ..SimulatorOptions::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let environment = vec![
            ("BOT_API_URL", simulator.url()),
            // Programs of other tests run beside this one.
            ("PRIMELINGO__WEB__LISTEN", "off".to_owned()),
        ];
        Self { simulator, folder: tempfile::tempdir().unwrap(), environment }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs a command to its end, with these answers.
    fn run(&self, arguments: &[&str], answers: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_primelingo"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It need not read them all.
        let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
        let ended = child.wait_with_output().unwrap();
        Said {
            code: ended.status.code(),
            output: String::from_utf8(ended.stdout).unwrap(),
            errors: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// Starts the bot and waits for its first poll.
    async fn start(&self) -> Process {
        let log = self.path("bot.log");
        let mut process =
            Process::spawn(self.folder.path(), log, &[], &["run"], &self.environment, None);
        bounded("the bot's first poll", async || {
            assert_eq!(process.ended(), None, "ended early:\n{}", process.log_tail());
            let queue = self.ctl("queue", json!({})).await;
            (queue["polling"] == json!(true)).then_some(())
        })
        .await;
        process
    }

    async fn ctl(&self, call: &str, body: Value) -> Value {
        self.simulator.ctl(call, body).await.unwrap_or_else(|error| panic!("{call}: {error}"))
    }

    /// Somebody writes, and gets an answer in which the regex `expected` is found.
    async fn say(&self, user: i64, text: &str, expected: &str) {
        let timeout_s = PATIENCE.as_secs();
        let words = json!({"user": user, "text": text, "wait": expected, "timeout_s": timeout_s});
        let told = self.ctl("message", words).await;
        assert_ne!(told["timed_out"], json!(true), "{text}: no {expected} in an answer");
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
