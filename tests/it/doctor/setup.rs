//! A sound set-up in a folder of its own, which a test may spoil, and `doctor` run on it.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tgsim::{Simulator, SimulatorOptions};
use tokio::process::Command;

use crate::support::place::Place;
use crate::support::redis::Redis;

/// What must be in no report, as a part of each secret of a set-up.
pub const CANARY: &str = "canary";

/// The bot's token at no Telegram.
pub const TOKEN: &str = "42:canary-token-of-nobody-0123456789";

/// A set-up.
pub struct Setup {
    pub simulator: Simulator,
    pub place: Place,
    /// Where the program is started, with `.env` and `files`.
    pub folder: TempDir,
    pub redis: Option<Redis>,
    settings: Vec<(String, String)>,
    pub environment: Vec<(String, String)>,
    /// What is said to the shell before the program is started.
    pub before: &'static str,
    /// What a test keeps until the end.
    pub kept: Vec<Box<dyn Any + Send + Sync>>,
}

/// What a command came to.
pub struct Outcome {
    pub code: Option<i32>,
    pub output: String,
    pub errors: String,
}

impl Outcome {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.output)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.output, self.errors))
    }
}

impl Setup {
    /// With the schema, and all that `doctor` likes.
    pub async fn sound(place: Place) -> Self {
        drop(place.open().await);
        Self::on(place).await
    }

    /// Without opening the database.
    pub async fn on(place: Place) -> Self {
        let options = SimulatorOptions { strict_tokens: true, ..SimulatorOptions::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        chmod(folder.path(), 0o700);
        if let Place::Sqlite(folder) = &place {
            chmod(folder.path(), 0o700);
        }
        std::fs::create_dir(folder.path().join("files")).unwrap();
        let mut setup = Self {
            place,
            folder,
            redis: None,
            settings: Vec::new(),
            environment: Vec::new(),
            before: "",
            kept: Vec::new(),
            simulator,
        };
        let (token, api) = (setup.simulator.token().to_owned(), setup.simulator.url());
        let files = setup.path("files").display().to_string();
        let database = setup.place.url();
        for (key, value) in [
            ("telegram.token", token.as_str()),
            ("telegram.api_url", &api),
            ("database.url", &database),
            ("files.data_dir", &files),
            // Little: the machine that tests may be nearly full.
            ("files.min_free_mb", "1"),
            ("files.temp_quota_mb", "1"),
            ("access.owners", "7"),
            ("web.listen", "off"),
        ] {
            setup.set(key, value);
        }
        setup
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sets a setting, over what it was.
    pub fn set(&mut self, key: &str, value: &str) {
        self.unset(key);
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    pub fn unset(&mut self, key: &str) {
        self.settings.retain(|(known, _)| known != key);
    }

    pub fn env(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Starts Redis, and uses it.
    pub fn use_redis(&mut self, redis: Redis) {
        let url = redis.url();
        self.set("redis.url", &url);
        self.redis = Some(redis);
    }

    /// Runs a command of the program with these settings.
    pub async fn run(&self, arguments: &[&str]) -> Outcome {
        let mut words = vec!["exec \"$0\" \"$@\"".to_owned()];
        if !self.before.is_empty() {
            words.insert(0, self.before.to_owned());
        }
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(words.join("; ")).arg(env!("CARGO_BIN_EXE_primelingo"));
        for (key, value) in &self.settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        command.args(arguments);
        self.finish(command.env_clear()).await
    }

    /// Runs a line as somebody would who pastes it; a command of ours with these settings.
    pub async fn paste(&self, line: &str) -> Outcome {
        if let Some(ours) = line.strip_prefix("primelingo ") {
            return self.run(&ours.split(' ').collect::<Vec<_>>()).await;
        }
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(line);
        self.finish(&mut command).await
    }

    async fn finish(&self, command: &mut Command) -> Outcome {
        let output = command
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        Outcome {
            code: output.status.code(),
            output: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What `doctor` says, with the exit code.
    pub async fn doctor(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let all = [["doctor", "--json"].as_slice(), arguments].concat();
        let outcome = self.run(&all).await;
        assert!(!outcome.output.contains(CANARY), "a secret: {}", outcome.output);
        (outcome.code, outcome.json())
    }
}

/// The rights of a file, for a test that spoils them.
pub fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Makes a file for us alone.
pub fn write_private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    chmod(path, 0o600);
}

/// What a report says of a check.
pub fn of<'a>(report: &'a Value, check: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|it| it["check"] == check).unwrap_or_else(|| panic!("no {check}"))
}

/// Checks with a warning or an error.
pub fn found(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().unwrap().iter();
    let bad = checks.filter(|it| it["outcome"] == "warning" || it["outcome"] == "error");
    bad.map(|it| it["check"].as_str().unwrap()).collect()
}
