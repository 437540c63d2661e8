//! The parent's side of the self-test: starts the children of `sandbox.rs` and counts what they got
//! away with.

use std::os::unix::process::ExitStatusExt;

use rustix::process::Signal;

use super::child::SANDBOX_ARG;
use super::parent::{InspectError, Inspector};
use super::sandbox::{Attempt, Deed, Sandbox};

/// Longest list of deeds, in bytes.
const MAX_ANSWER_BYTES: u64 = 4096;

impl Inspector {
    /// Tries whether the sandbox holds on this machine. Takes a few processes and milliseconds.
    pub async fn self_test(&self) -> Sandbox {
        let attempts = Attempt::ALL.map(async |it| (it, self.attempt(it).await));
        let mut sandbox = Sandbox::default();
        for (attempt, outcome) in futures_util::future::join_all(attempts).await {
            match outcome {
                Ok(deeds) => sandbox.add(attempt, deeds),
                Err(error) => {
                    tracing::error!(%error, layer = attempt.name(), "the sandbox cannot be tried");
                    sandbox.add(attempt, [Deed::Unknown]);
                }
            }
        }
        sandbox
    }

    async fn attempt(&self, attempt: Attempt) -> Result<Vec<Deed>, InspectError> {
        let mut command = self.command(SANDBOX_ARG, &self.limits)?;
        command.arg(attempt.name());
        let heard = self.hear(command, MAX_ANSWER_BYTES).await?;
        if attempt == Attempt::Memory && heard.status.signal() == Some(Signal::ABORT.as_raw()) {
            return Ok(Vec::new());
        }
        heard.answer()
    }
}
