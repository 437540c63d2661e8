//! Why an attempt at a job failed, and whose fault it is.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::download::DownloadError;
use crate::backup::BackupError;
use crate::domain::incident;
use crate::inspect::InspectError;
use crate::library::blobs::BlobError;
use crate::store::StoreError;
use crate::telegram::Decision;

/// Longest error kept with a job, in characters.
const REPORT_MAX_CHARS: usize = 500;

/// How an attempt failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may succeed later.
    #[error("attempt failed")]
    Retry {
        /// Why.
        #[source]
        cause: Cause,
        /// Whether it counts towards the attempts after which the job is given up. What would have
        /// hit any job (no database, no network, a limit of Telegram's) does not.
        counts: bool,
        /// Wait at least so long.
        after: Duration,
    },
    /// No further attempt can succeed.
    #[error("job cannot be done")]
    Fail(#[source] Cause),
    /// Somebody else has the job: nothing may be written any more.
    #[error("the job is not ours any more")]
    LeaseLost,
    /// It was cancelled: nothing may be written any more.
    #[error("the job was cancelled")]
    Cancelled,
    /// The program is being stopped.
    #[error("stopped with the program")]
    Released,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The transfer.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// The inspection, where the file is not to blame.
    #[error(transparent)]
    Inspect(#[from] InspectError),
    /// The disk.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// A list of chats.
    #[error("list of chats cannot be read")]
    List(#[source] io::Error),
    /// A table of recipients.
    #[error("table of recipients cannot be written")]
    Table(#[source] io::Error),
    /// The folder of stored files.
    #[error("stored files cannot be looked through")]
    Disk(#[source] io::Error),
    /// No room for a file that nobody would send again.
    #[error("the disk has no room for the file")]
    Room,
    /// A backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The stored job cannot be read.
    #[error("stored job cannot be read")]
    Payload(#[source] serde_json::Error),
    /// What is to be told cannot be written.
    #[error("message cannot be written")]
    Message(#[source] serde_json::Error),
    /// The material kept changing under the decision.
    #[error("the material has changed {0} times meanwhile")]
    Restless(u32),
    /// No end in time.
    #[error("no end within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// A panic, with its message.
    #[error("panicked: {0}")]
    Panicked(String),
    /// It held its thread for so long that it is given up.
    #[error("computes without end, its thread is lost")]
    Stuck,
    /// The process has died of it.
    #[error("the process died {0} times while it ran alone")]
    Deadly(i32),
}

impl JobError {
    /// A failure that counts and may pass.
    pub fn retry(cause: impl Into<Cause>) -> Self {
        Self::Retry { cause: cause.into(), counts: true, after: Duration::ZERO }
    }

    /// What sort of fault it is, for the people in charge.
    pub const fn sort(&self) -> incident::Cause {
        match self {
            Self::Retry { cause, .. } | Self::Fail(cause) => match cause {
                Cause::Panicked(_) => incident::Cause::Panic,
                Cause::TimedOut(_) | Cause::Stuck => incident::Cause::Deadline,
                Cause::Deadly(_) => incident::Cause::Death,
                _ => incident::Cause::Error,
            },
            Self::LeaseLost | Self::Cancelled | Self::Released => incident::Cause::Error,
        }
    }

    /// What went wrong with all that is below it, on one line.
    pub fn report(&self) -> String {
        let mut text = self.to_string();
        let mut below: Option<&dyn Error> = self.source();
        while let Some(error) = below {
            let said = error.to_string();
            // A transparent error says the same as its source.
            if !text.ends_with(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            below = error.source();
        }
        text.chars().take(REPORT_MAX_CHARS).collect()
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { what: "job lease" } => Self::LeaseLost,
            error => {
                let counts = !error.is_passing();
                Self::Retry { cause: error.into(), counts, after: Duration::ZERO }
            }
        }
    }
}

impl From<DownloadError> for JobError {
    fn from(error: DownloadError) -> Self {
        let decision = match &error {
            DownloadError::Telegram(error) => error.decision(),
            _ => return Self::retry(error),
        };
        match decision {
            Decision::RetryAfter(after) => {
                Self::Retry { cause: error.into(), counts: false, after }
            }
            Decision::RetryLater | Decision::Unauthorized | Decision::Conflict => {
                Self::Retry { cause: error.into(), counts: false, after: Duration::ZERO }
            }
            Decision::BadContent => Self::Fail(error.into()),
            _ => Self::retry(error),
        }
    }
}

impl From<BlobError> for JobError {
    fn from(error: BlobError) -> Self {
        Self::retry(error)
    }
}

impl From<BackupError> for JobError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Store(error) => error.into(),
            // By the command line: when that is done, it may be too early for another one.
            error @ (BackupError::Busy(_) | BackupError::Proving(_)) => {
                Self::Retry { cause: error.into(), counts: false, after: Duration::from_mins(1) }
            }
            error => Self::retry(error),
        }
    }
}

impl From<InspectError> for JobError {
    fn from(error: InspectError) -> Self {
        let counts = !matches!(error, InspectError::Interrupted { .. });
        Self::Retry { cause: error.into(), counts, after: Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telegram::TelegramError;

    fn counts(error: &JobError) -> bool {
        matches!(error, JobError::Retry { counts: true, .. })
    }

    #[test]
    fn an_outage_of_the_database_is_nobodys_fault() {
        let away = StoreError::Unavailable { call: "job_beat", reason: "closed".to_owned() };
        assert!(!counts(&JobError::from(away)));
        assert!(!counts(&JobError::from(StoreError::Conflict { what: "material" })));
        assert!(counts(&JobError::from(StoreError::Corrupt { what: "jobs.payload" })));
        let lost = JobError::from(StoreError::Conflict { what: "job lease" });
        assert!(matches!(lost, JobError::LeaseLost));
    }

    #[test]
    fn a_limit_of_telegram_is_waited_for_and_does_not_count() {
        let error = TelegramError::Api {
            method: "getFile",
            code: 429,
            description: "Too Many Requests: retry after 7".to_owned(),
            retry_after: Some(Duration::from_secs(7)),
            migrate_to: None,
        };
        let error = JobError::from(DownloadError::Telegram(error));
        let JobError::Retry { counts, after, .. } = error else { panic!("{error:?}") };
        assert_eq!((counts, after), (false, Duration::from_secs(7)));
    }

    #[test]
    fn a_report_tells_every_cause_once() {
        let away = StoreError::Unavailable { call: "job_beat", reason: "closed".to_owned() };
        let expected = "attempt failed: database is not available for job_beat: closed";
        assert_eq!(JobError::from(away).report(), expected);
        let short = DownloadError::Short { got: 1, announced: 2 };
        let expected = "attempt failed: the transfer ended after 1 of 2 bytes";
        assert_eq!(JobError::from(short).report(), expected);
    }
}
