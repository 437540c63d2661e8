//! The bot's process and its log.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// Lines of the log that a failure shows.
const TAIL: usize = 30;

/// A running bot. It does not outlive this value.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the program in a process group of its own, with no other environment than this.
    /// `arguments` begin with the name of a command.
    pub fn spawn(
        folder: &Path,
        log: PathBuf,
        settings: &[(String, String)],
        arguments: &[&str],
        environment: &[(&str, String)],
        fail_points: Option<&str>,
    ) -> Self {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
        for (key, value) in settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        if let Some(plan) = fail_points {
            command.arg("--fail-points").arg(plan);
        }
        let child = command
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .process_group(0)
            .spawn()
            .unwrap();
        Self { child, log }
    }

    /// Runs another command of the program with the same settings to its end; gives its output.
    pub fn run(folder: &Path, settings: &[(String, String)], arguments: &[&str]) -> String {
        let (code, output, errors) = Self::outcome(folder, settings, arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {errors}");
        output
    }

    /// The same for a command that may fail: exit code, output, errors.
    pub fn outcome(
        folder: &Path,
        settings: &[(String, String)],
        arguments: &[&str],
    ) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
        for (key, value) in settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let output = command.args(arguments).current_dir(folder).env_clear().output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), errors)
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// SIGKILL to the process and to the inspectors that it started.
    pub fn kill(mut self) {
        self.kill_group();
    }

    fn kill_group(&mut self) {
        // The group is gone when the process has ended by itself.
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let _ = self.child.wait();
    }

    /// A signal to the process alone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// SIGTERM to the process.
    pub fn terminate(&self) {
        kill_process(self.pid(), Signal::TERM).unwrap();
    }

    /// The exit code, if the process has ended; -1 for a signal.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1))
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// The last lines of the log.
    pub fn log_tail(&self) -> String {
        tail(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.kill_group();
        }
    }
}

/// The last lines of a log.
pub fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}
