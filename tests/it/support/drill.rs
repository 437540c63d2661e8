//! `primelingo simulate`, as anybody can run it by hand. One drill runs at a time: each is a load for
//! the whole machine.

use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::process::Command;
use tokio::sync::Mutex;

/// Longest run of a drill: generous, so that a busy machine fails no test.
const PATIENCE: Duration = Duration::from_mins(10);

/// Held by the drill that runs.
static TURN: Mutex<()> = Mutex::const_new(());

/// Ends the drill and its bot when the test ends before them.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // The usual case: it is gone already.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs `primelingo simulate` with these arguments, to its end. What it leaves in the folder of
/// temporary files goes with this call.
pub async fn simulate(arguments: &[&str]) -> Output {
    let _turn = TURN.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_primelingo"))
        .arg("simulate")
        .args(arguments)
        .env_clear()
        .env("TMPDIR", folder.path())
        .current_dir(folder.path())
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let group = child.id().and_then(|pid| Pid::from_raw(pid.try_into().ok()?));
    let _group = Group(group);
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    ended.expect("the drill to end").unwrap()
}

/// The figures that a drill has printed as JSON: alone on its standard output.
pub fn figures(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("no figures: {error}\n{}", String::from_utf8_lossy(&output.stderr))
    })
}
