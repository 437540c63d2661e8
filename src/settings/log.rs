//! `[log]`: what is logged, and in which form.

use std::str::FromStr;

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::check::Check;
use super::value;

/// What is logged, and in which form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// For people or for machines.
    #[serde(deserialize_with = "value::parsed")]
    pub format: LogFormat,
    /// A level, or a filter in the syntax of `tracing_subscriber::EnvFilter`.
    pub level: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines: one JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err("expected pretty or json"),
        }
    }
}

impl LogSettings {
    pub(super) fn check(&self, check: &mut Check<'_>) {
        let is_filter = !self.level.is_empty() && EnvFilter::try_new(&self.level).is_ok();
        check.demand("level", is_filter, "a level as info, or a filter as info,primelingo=debug");
    }
}
