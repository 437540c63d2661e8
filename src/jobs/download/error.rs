//! Why there is no file, and what follows from that.

use std::time::Duration;

use crate::domain::inspection::Rejection;
use crate::library::blobs::{BlobError, is_disk_full};
use crate::telegram::{Decision, TelegramError};

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The file is to blame: permanent.
    #[error("the file is not taken: {}", .0.name())]
    Rejected(Rejection),
    /// Telegram refused, or could not be reached.
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    /// Less came than was announced.
    #[error("the transfer ended after {got} of {announced} bytes")]
    Short {
        /// Bytes that came.
        got: u64,
        /// Bytes that were to come.
        announced: u64,
    },
    /// It is another file than it was before.
    #[error("the file has changed meanwhile")]
    Changed,
    /// More is coming than room was made for.
    #[error("the transfer brings {size} bytes, more than was announced")]
    Larger {
        /// Bytes that are to come.
        size: u64,
    },
    /// No byte came for too long.
    #[error("the transfer stood still for {} s", .0.as_secs())]
    Stalled(Duration),
    /// The transfer was too slow.
    #[error("the transfer was not over within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// The temporary file could not be made.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The temporary file could not be written, or a local server's file not be read.
    #[error("cannot {what}")]
    Disk {
        /// What was to be done.
        what: &'static str,
        /// Why it could not.
        #[source]
        source: std::io::Error,
    },
}

/// What to do about a transfer that broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Go on where it broke.
    GoOn,
    /// The same, after asking anew where the file is.
    LookAgain,
    /// Nothing in this attempt.
    GiveUp,
}

impl DownloadError {
    /// Whether something took too long, beside what the client counts itself.
    pub const fn is_timeout(&self) -> bool {
        matches!(self, Self::Stalled(_) | Self::TimedOut(_))
    }

    /// Whether there is no room left on our disk.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::Blobs(error) => error.is_full(),
            Self::Disk { source, .. } => is_disk_full(source),
            _ => false,
        }
    }

    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::Short { .. } | Self::Stalled(_) => Remedy::GoOn,
            Self::Changed => Remedy::LookAgain,
            Self::Telegram(error) => match error.decision() {
                Decision::InDoubt | Decision::RetryLater => Remedy::GoOn,
                // The path is good for an hour.
                Decision::FileIdDead => Remedy::LookAgain,
                _ => Remedy::GiveUp,
            },
            Self::Rejected(_)
            | Self::Larger { .. }
            | Self::TimedOut(_)
            | Self::Blobs(_)
            | Self::Disk { .. } => Remedy::GiveUp,
        }
    }
}

/// What `getFile` refuses for good. Whether a path that was good a moment ago gives 404 is left to
/// the next try, which asks for a new one.
pub(super) fn refused(error: TelegramError) -> DownloadError {
    let is_too_big = matches!(&error, TelegramError::Api { code: 400, description, .. }
        if description.to_ascii_lowercase().contains("file is too big"));
    if is_too_big {
        return DownloadError::Rejected(Rejection::TooLarge);
    }
    match error.decision() {
        Decision::FileIdDead => DownloadError::Rejected(Rejection::Unavailable),
        _ => DownloadError::Telegram(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(description: &str) -> TelegramError {
        TelegramError::Api {
            method: "getFile",
            code: 400,
            description: description.to_owned(),
            retry_after: None,
            migrate_to: None,
        }
    }

    #[test]
    fn what_telegram_will_never_give_is_the_files_fault() {
        let rejection = |description: &str| match refused(api(description)) {
            DownloadError::Rejected(rejection) => Some(rejection),
            _ => None,
        };
        assert_eq!(rejection("Bad Request: file is too big"), Some(Rejection::TooLarge));
        let dead = "Bad Request: wrong remote file identifier specified: Wrong string length";
        assert_eq!(rejection(dead), Some(Rejection::Unavailable));
        assert_eq!(rejection("Bad Request: something new"), None);
    }
}
