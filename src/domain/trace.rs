//! Where something came from: one id from an update through everything that follows of it.
//!
//! It is written down with jobs and messages, so that it crosses actors, processes and restarts; in
//! a log it stands in every line that is written on its behalf. It is short, and leads on:
//! `u1234` is what `primelingo updates show 1234` tells of, `j56` what `primelingo jobs show 56` does.

use std::fmt;
use std::str::FromStr;

use super::ids::{JobId, UpdateSeq};

/// The origin of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trace {
    /// An update, by its number in the ledger.
    Update(UpdateSeq),
    /// A job that no update has asked for.
    Job(JobId),
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Update(seq) => write!(f, "u{}", seq.0),
            Self::Job(id) => write!(f, "j{}", id.0),
        }
    }
}

/// A text that is no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected u or j and a number")]
pub struct NotATrace;

impl FromStr for Trace {
    type Err = NotATrace;

    fn from_str(text: &str) -> Result<Self, NotATrace> {
        let number = |digits: &str| digits.parse::<i64>().map_err(|_| NotATrace);
        if let Some(digits) = text.strip_prefix('u') {
            Ok(Self::Update(UpdateSeq(number(digits)?)))
        } else if let Some(digits) = text.strip_prefix('j') {
            Ok(Self::Job(JobId(number(digits)?)))
        } else {
            Err(NotATrace)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_it_shows() {
        for trace in [Trace::Update(UpdateSeq(12)), Trace::Job(JobId(-7))] {
            assert_eq!(trace.to_string().parse(), Ok(trace));
        }
        for text in ["", "u", "12", "x1", "u1x"] {
            assert_eq!(text.parse::<Trace>(), Err(NotATrace), "{text}");
        }
    }
}
