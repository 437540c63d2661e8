//! The parent's side: starts a child for a file, bounds it, and turns whatever happens to it
//! into a verdict.
//!
//! Which end means what:
//!
//! | the child | verdict |
//! |---|---|
//! | answered, and the claims agree | its answer |
//! | answered, and the claims disagree | `Mislabelled` |
//! | panicked | `Broken`: the parser met what it could not read |
//! | used up memory, stack, CPU or wall time, or answered without end; crashed | `Hostile` |
//! | was interrupted or killed by somebody else | [`InspectError::Interrupted`]: try again |
//! | could not start or set itself up | an error: try again |

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Once;
use std::time::Duration;

use rustix::process::Signal;
use serde::de::DeserializeOwned;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

use super::answer::Answer;
use super::child::{CHILD_ARG, EXIT_PANIC};
use super::cost::Cost;
use super::kind::{Hints, agrees};
use super::limits::InspectLimits;
use super::meters;
use super::tools::Tools;
use crate::domain::inspection::{Inspection, Rejection};

/// Enough for the phrases that [`Complaint`] knows.
const MAX_COMPLAINT_BYTES: u64 = 4096;

/// Says once, not for every file, that the sandbox is weaker than it could be.
static UNSEALED: Once = Once::new();

/// Why there is no [`Inspection`].
#[derive(Debug, Error)]
pub enum InspectError {
    /// The file is to blame: permanent.
    #[error("the file is not taken: {}", .0.name())]
    Rejected(Rejection),
    /// The file could not be opened.
    #[error("cannot open the file to inspect")]
    Open(#[source] io::Error),
    /// The child could not be started.
    #[error("cannot start the inspecting process")]
    Spawn(#[source] io::Error),
    /// The child could not be listened to or waited for.
    #[error("lost the inspecting process")]
    Lost(#[source] io::Error),
    /// The child got a signal from outside: this process is being stopped, or memory is short.
    #[error("the inspecting process was interrupted by signal {signal}")]
    Interrupted {
        /// The number of the signal.
        signal: i32,
    },
    /// The child could not set itself up.
    #[error("the inspecting process failed: {status}")]
    Failed {
        /// How it ended.
        status: ExitStatus,
    },
    /// The child's answer cannot be read: another version of the program, or a defect.
    #[error("cannot read the answer of the inspecting process")]
    Answer(#[source] serde_json::Error),
}

impl InspectError {
    /// Why the file is not taken; `None` when it is not to blame and may be inspected again.
    pub fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::Rejected(rejection) => Some(*rejection),
            _ => None,
        }
    }
}

/// Inspects files, each in a child process of its own. Cheap to clone; keeps no state.
///
/// The number of children at a time is the caller's: each may take `limits.memory_bytes`.
#[derive(Debug, Clone)]
pub struct Inspector {
    exe: PathBuf,
    pub(super) limits: InspectLimits,
    pub(super) tools: Tools,
    #[cfg(any(debug_assertions, feature = "failpoints"))]
    fault: Option<super::fault::Fault>,
}

impl Inspector {
    /// An inspector that starts `exe`, which must call [`child::run_if_asked`](super::child::run_if_asked) when its
    /// first argument is [`CHILD_ARG`].
    pub fn new(exe: PathBuf, limits: InspectLimits) -> Self {
        Self {
            exe,
            limits,
            tools: Tools::default(),
            #[cfg(any(debug_assertions, feature = "failpoints"))]
            fault: None,
        }
    }

    /// An inspector that starts the program that is running, even when its file has been replaced
    /// by an upgrade since.
    ///
    /// # Errors
    /// The program's path cannot be found out (never on Linux).
    pub fn of_this_program(limits: InspectLimits) -> io::Result<Self> {
        let exe = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe()?
        };
        Ok(Self::new(exe, limits))
    }

    /// Lets every child commit a fault, to test that this process survives it.
    #[cfg(any(debug_assertions, feature = "failpoints"))]
    #[must_use]
    pub fn with_fault(mut self, fault: super::fault::Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Lets foreign programs draw previews.
    #[must_use]
    pub fn with_tools(mut self, tools: Tools) -> Self {
        self.tools = tools;
        self
    }

    /// The foreign programs that draw previews.
    pub const fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Finds out what the file at `file` is and compares it with the sender's claims.
    ///
    /// Must be called inside a tokio runtime with time and I/O. Dropping the future kills the
    /// child.
    ///
    /// # Errors
    /// [`InspectError::Rejected`] when the file is to blame; everything else may be tried again.
    pub async fn inspect(&self, file: &Path, hints: &Hints) -> Result<Inspection, InspectError> {
        self.examine(file, hints).await.outcome
    }

    /// The same, and what it cost.
    pub async fn examine(&self, file: &Path, hints: &Hints) -> Examined {
        let begun = Instant::now();
        let (verdict, cost) = match self.ask(file, hints).await {
            Ok(answer) => {
                let cost = answer.cost;
                (judge(answer, hints), cost)
            }
            Err(error) => (Err(error), Cost::default()),
        };
        let cost = Cost { wall_ms: millis(begun.elapsed()), ..cost };
        tracing::debug!(
            wall_ms = cost.wall_ms,
            cpu_ms = cost.cpu_ms,
            peak_kib = cost.peak_kib,
            "a file was inspected"
        );
        Examined { outcome: verdict, cost }
    }

    async fn ask(&self, file: &Path, hints: &Hints) -> Result<Answer, InspectError> {
        let file = tokio::fs::File::open(file).await.map_err(InspectError::Open)?;
        let mut command = self.command(CHILD_ARG, &self.limits)?;
        #[cfg(any(debug_assertions, feature = "failpoints"))]
        command.args(self.fault.map(super::fault::Fault::name));
        #[cfg(feature = "failpoints")]
        command.args(fail_point!(ask InspectChild, hints.name.as_deref().unwrap_or_default()));
        #[cfg(not(feature = "failpoints"))]
        let _ = hints;
        command.stdin(Stdio::from(file.into_std().await));
        let heard = self.hear(command, self.limits.max_answer_bytes).await?;
        let answer: Answer = heard.answer()?;
        if !answer.sealed {
            UNSEALED.call_once(|| {
                tracing::warn!("this kernel cannot seal the inspecting process all around");
            });
        }
        Ok(answer)
    }

    /// A child with that duty, ready to start.
    pub(super) fn command(
        &self,
        duty: &str,
        limits: &InspectLimits,
    ) -> Result<Command, InspectError> {
        let limits = serde_json::to_string(limits).map_err(InspectError::Answer)?;
        let mut command = Command::new(&self.exe);
        command
            .arg(duty)
            .arg(limits)
            .env_clear()
            // glibc gives the parsing thread an arena of its own, for which there may be no room
            // within the limit: then every small allocation becomes a system call.
            .env("MALLOC_ARENA_MAX", "1")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A Ctrl-C for this process is not one for the child, whose work is drained.
            .process_group(0)
            .kill_on_drop(true);
        Ok(command)
    }

    /// Starts the child and waits for its end, within the limits.
    pub(super) async fn hear(
        &self,
        mut command: Command,
        max_bytes: u64,
    ) -> Result<Heard, InspectError> {
        let mut child = command.spawn().map_err(InspectError::Spawn)?;
        tracing::debug!(child.pid = child.id(), "child begins");
        match timeout(self.limits.wall, listen(&mut child, max_bytes)).await {
            Ok(Ok(Some(heard))) => Ok(heard),
            Ok(Ok(None)) => {
                meters::killed("output");
                kill(&mut child).await?;
                Err(hostile("answer too long"))
            }
            Ok(Err(error)) => Err(InspectError::Lost(error)),
            Err(_elapsed) => {
                meters::timed_out();
                kill(&mut child).await?;
                Err(hostile("wall time used up"))
            }
        }
    }
}

/// An inspection with its cost.
#[derive(Debug)]
pub struct Examined {
    /// What was found.
    pub outcome: Result<Inspection, InspectError>,
    /// What it took.
    pub cost: Cost,
}

/// Reads the answer and waits for the end; `None` when the answer is longer than allowed.
async fn listen(child: &mut Child, limit: u64) -> io::Result<Option<Heard>> {
    let stdout = read_at_most(child.stdout.take(), limit.saturating_add(1));
    // What exceeds the limit is never read: closing the pipe makes the child's write fail.
    let stderr = read_at_most(child.stderr.take(), MAX_COMPLAINT_BYTES);
    let (stdout, stderr) = tokio::try_join!(stdout, stderr)?;
    let length = u64::try_from(stdout.len()).unwrap_or(u64::MAX);
    if length > limit {
        return Ok(None);
    }
    let status = child.wait().await?;
    Ok(Some(Heard { status, stdout, stderr }))
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// All that came from a child that ended by itself.
pub(super) struct Heard {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Heard {
    /// What the child said, as JSON.
    pub(super) fn answer<T: DeserializeOwned>(&self) -> Result<T, InspectError> {
        if self.status.success() {
            return serde_json::from_slice(&self.stdout).map_err(InspectError::Answer);
        }
        let complaint = complaint(&self.stderr);
        if self.status.code() == Some(i32::from(EXIT_PANIC)) {
            tracing::warn!(reason = %complaint, "a parser panicked, its file counts as broken or has no preview");
            return Err(InspectError::Rejected(Rejection::Broken));
        }
        match self.status.signal() {
            None => {
                tracing::error!(status = %self.status, reason = %complaint, "inspection failed");
                Err(InspectError::Failed { status: self.status })
            }
            Some(signal) if is_from_outside(signal) => Err(InspectError::Interrupted { signal }),
            Some(signal) if signal == Signal::XCPU.as_raw() => {
                meters::killed("cpu");
                Err(hostile("cpu time used up"))
            }
            Some(_) => {
                meters::killed(if complaint == OUT_OF_MEMORY { "memory" } else { "signal" });
                Err(hostile(&complaint))
            }
        }
    }
}

/// Signals that no limit of ours sends: an orderly stop of the machine or the service, or the
/// kernel's choice when memory is short, which can hit an innocent child.
fn is_from_outside(signal: i32) -> bool {
    [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM, Signal::KILL]
        .iter()
        .any(|outside| outside.as_raw() == signal)
}

/// Compares an answer with the sender's claims. An empty file and a bomb are called what they
/// are, whatever their name.
fn judge(answer: Answer, hints: &Hints) -> Result<Inspection, InspectError> {
    let keeps_verdict =
        matches!(answer.verdict, Err(Rejection::Empty | Rejection::Hostile | Rejection::TooLarge));
    if !keeps_verdict && !agrees(answer.family, hints) {
        return Err(InspectError::Rejected(Rejection::Mislabelled));
    }
    answer.verdict.map_err(InspectError::Rejected)
}

fn hostile(reason: &str) -> InspectError {
    tracing::warn!(
        reason,
        "a parser went over its limits, its file counts as hostile or has no preview"
    );
    InspectError::Rejected(Rejection::Hostile)
}

/// Kills the child and reaps it.
async fn kill(child: &mut Child) -> Result<(), InspectError> {
    child.kill().await.map_err(InspectError::Lost)
}

/// Reads until the end or until `limit` bytes, then closes the pipe.
async fn read_at_most(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// What a child says that had no more memory.
const OUT_OF_MEMORY: &str = "out of memory";

/// What the child's stderr says, for the operator. Only phrases of our own and of Rust's runtime
/// are recognised, as the rest may quote the file.
fn complaint(stderr: &[u8]) -> String {
    let stderr = String::from_utf8_lossy(stderr);
    if stderr.contains("has overflowed its stack") {
        return "stack overflow".to_owned();
    }
    if stderr.contains("memory allocation of") {
        return OUT_OF_MEMORY.to_owned();
    }
    let panic = stderr.lines().find_map(|line| line.strip_prefix("panicked at "));
    if let Some(place) = panic.map(short_place).filter(|place| !place.is_empty()) {
        return format!("panic at {place}");
    }
    "no reason given".to_owned()
}

/// The last two parts of a place in the source, `src/pdf.rs:12`; empty when it is not a place.
fn short_place(place: &str) -> &str {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/\\._-:".contains(c);
    if place.len() > 300 || !place.chars().all(is_plain) {
        return "";
    }
    let start = place.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
    place.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::kind::Family;

    #[test]
    fn stderr_is_reduced_to_known_phrases() {
        let overflow = b"\nthread '<unnamed>' (7) has overflowed its stack\nfatal runtime error";
        assert_eq!(complaint(overflow), "stack overflow");
        assert_eq!(complaint(b"memory allocation of 1048576 bytes failed"), "out of memory");
        assert_eq!(
            complaint(b"panicked at /home/x/.cargo/registry/src/lopdf-0.47.0/src/reader.rs:12\n"),
            "panic at src/reader.rs:12"
        );
        assert_eq!(complaint(b"panicked at the word 'love' in chapter 3"), "no reason given");
        assert_eq!(complaint(b"Dear diary, \xff"), "no reason given");
    }

    #[test]
    fn how_a_child_ended_tells_who_is_to_blame() {
        let outcome = |status: i32, stdout: &str| {
            let status = ExitStatus::from_raw(status);
            Heard { status, stdout: stdout.into(), stderr: Vec::new() }.answer::<Answer>()
        };
        let rejection = |status: i32| outcome(status, "").unwrap_err().rejection();
        let exit = |code: u8| i32::from(code) << 8;

        assert_eq!(rejection(exit(EXIT_PANIC)), Some(Rejection::Broken));
        for limit in [Signal::ABORT, Signal::SEGV, Signal::XCPU, Signal::XFSZ, Signal::SYS] {
            assert_eq!(rejection(limit.as_raw()), Some(Rejection::Hostile), "{limit:?}");
        }
        for outside in [Signal::INT, Signal::TERM, Signal::HUP, Signal::KILL] {
            let error = outcome(outside.as_raw(), "").unwrap_err();
            assert!(matches!(error, InspectError::Interrupted { .. }), "{outside:?}: {error}");
        }
        assert!(matches!(outcome(exit(70), ""), Err(InspectError::Failed { .. })));
        assert!(matches!(outcome(exit(0), "{}"), Err(InspectError::Answer(_))));
    }

    #[test]
    fn claims_outrank_damage_but_not_emptiness_and_bombs() {
        let hints = Hints { name: Some("song.mp3".to_owned()), mime: None };
        for (rejection, expected) in [
            (Rejection::Broken, Rejection::Mislabelled),
            (Rejection::Encrypted, Rejection::Mislabelled),
            (Rejection::Empty, Rejection::Empty),
            (Rejection::Hostile, Rejection::Hostile),
        ] {
            let (verdict, cost) = (Err(rejection), Cost::default());
            let answer = Answer { family: Family::Pdf, verdict, sealed: true, cost };
            let error = judge(answer, &hints).unwrap_err();
            assert_eq!(error.rejection(), Some(expected), "{rejection:?}");
        }
    }
}
