//! What takes effect without a restart, and what came of reading the settings once more.
//!
//! Invariants: a setting that cannot change in a running process keeps its value there until the
//! next start, and is named as waiting; no text holds a secret.

use std::fmt;

use super::Settings;
use super::error::SettingsError;
use super::load::Loaded;

/// Who works by a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The log.
    Log,
    /// What only the leader has: intake, chats, the gate, broadcasts, alerts.
    Leader,
    /// Background jobs.
    Jobs,
    /// Both of these.
    Actors,
    /// The listeners: what opens them.
    Web,
    /// It is read once, at the start.
    Restart,
}

impl Reach {
    /// Who works by `section.key`.
    pub fn of(key: &str) -> Self {
        let (section, key) = key.split_once('.').unwrap_or_default();
        match (section, key) {
            ("log", "level") => Self::Log,
            ("web", "token") | ("alerts", "webhook_token") => Self::Web,
            ("timeouts", "request_s" | "connect_s")
            | ("retry", _)
            | ("broadcast", "quiet_hours" | "time_zone")
            | ("files", "max_size_mb" | "stall_s")
            | ("housekeeping", "incidents_keep_s") => Self::Actors,
            // Webhook calls keep to these, too; the pages and the caches are made once.
            ("ingest", "queued_limit")
            | ("outbound", "limits_enabled")
            | ("search", "cache_mb")
            | ("alerts", "heartbeat_url")
            | ("jobs", "queue")
            | ("files", "data_dir" | "min_free_mb") => Self::Restart,
            ("access", "owners")
            // Who keeps the webhook tells Telegram the new one; the listener asks for it at once.
            | ("telegram", "poll_timeout_s" | "poll_margin_s" | "webhook_secret")
            | ("chat", "bulk_files" | "dialog_days")
            | ("broadcast" | "ingest" | "outbound" | "search" | "alerts" | "limits", _) => {
                Self::Leader
            }
            ("timeouts", "file_download_s")
            | ("jobs" | "housekeeping" | "files" | "statistics", _) => Self::Jobs,
            _ => Self::Restart,
        }
    }

    /// Whether the leader's actors work by it.
    pub const fn is_leaders(self) -> bool {
        matches!(self, Self::Leader | Self::Actors)
    }

    /// Whether jobs work by it.
    pub const fn is_jobs(self) -> bool {
        matches!(self, Self::Jobs | Self::Actors)
    }
}

/// A setting that has another value now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// `section.key`.
    pub key: String,
    /// What it was, as it is shown.
    pub from: String,
    /// What it is, as it is shown.
    pub to: String,
    /// Who works by it.
    pub reach: Reach,
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.key, self.from, self.to)
    }
}

/// What came of reading the settings once more.
#[derive(Debug)]
pub struct Reloaded {
    /// What holds from now on.
    pub loaded: Loaded,
    /// What took effect.
    pub applied: Vec<Changed>,
    /// What takes effect at the next start.
    pub waiting: Vec<Changed>,
}

impl Loaded {
    /// Takes over from `newer` what may change in a running process.
    ///
    /// # Errors
    /// The values that would hold then contradict each other: a restart is needed for all.
    pub fn reload(&self, newer: Self) -> Result<Reloaded, SettingsError> {
        let (mut applied, mut waiting) = (Vec::new(), Vec::new());
        let mut merged = self.clone();
        for (key, value) in newer.values.iter() {
            if self.values.get(key) == Some(value) {
                continue;
            }
            let reach = Reach::of(key);
            let shown = |loaded: &Self| loaded.shown.get(key).cloned().unwrap_or_default();
            let changed = Changed { key: key.clone(), from: shown(self), to: shown(&newer), reach };
            if reach == Reach::Restart {
                waiting.push(changed);
                continue;
            }
            merged.values.insert(key.clone(), value.clone());
            merged.shown.insert(key.clone(), shown(&newer));
            if let Some(origin) = newer.origins.get(key) {
                merged.origins.insert(key.clone(), origin.clone());
            }
            applied.push(changed);
        }
        merged.settings = Settings::of_values(&merged.values, &merged.origins)?;
        merged.warnings = newer.warnings;
        Ok(Reloaded { loaded: merged, applied, waiting })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DEFAULT_TOML, DotEnv, LoadOptions};
    use super::*;

    fn loaded(dotenv: &str) -> Loaded {
        let dotenv = Some(DotEnv::Text(dotenv.to_owned()));
        Settings::load(LoadOptions { dotenv, ..LoadOptions::default() }).unwrap()
    }

    fn keys(changed: &[Changed]) -> Vec<&str> {
        changed.iter().map(|changed| changed.key.as_str()).collect()
    }

    #[test]
    fn what_may_change_does_and_the_rest_waits() {
        let before =
            loaded("BROADCAST_BATCH_SIZE=30\nDATABASE_URL=sqlite:a.db\nBOT_TOKEN=1:canary");
        let after = loaded(
            "BROADCAST_BATCH_SIZE=20\nDATABASE_URL=sqlite:b.db\nBOT_TOKEN=1:yranac\nBOT_OWNERS=7",
        );
        let reloaded = before.reload(after).unwrap();
        assert_eq!(keys(&reloaded.applied), ["access.owners", "broadcast.batch_size"]);
        assert_eq!(keys(&reloaded.waiting), ["database.url", "telegram.token"]);
        let settings = &reloaded.loaded.settings;
        assert_eq!((settings.broadcast.batch_size, settings.access.owners.clone()), (20, vec![7]));
        assert_eq!(settings.database.url.to_string(), "sqlite:a.db");
        let told = format!("{reloaded:?}");
        assert!(!told.contains("canary") && !told.contains("yranac"), "{told}");
        assert_eq!(reloaded.applied.last().unwrap().to_string(), "broadcast.batch_size: 30 -> 20");
        // Once more: nothing is left to do, and what waits still does.
        let again = reloaded.loaded.reload(loaded(
            "BROADCAST_BATCH_SIZE=20\nDATABASE_URL=sqlite:b.db\nBOT_TOKEN=1:yranac\nBOT_OWNERS=7",
        ));
        let again = again.unwrap();
        assert!(again.applied.is_empty());
        assert_eq!(again.waiting.len(), 2);
    }

    #[test]
    fn only_the_secrets_of_the_listeners_change_in_a_running_process() {
        for key in super::super::load::SECRET_KEYS {
            let reach = match key {
                "telegram.webhook_secret" => Reach::Leader,
                "web.token" | "alerts.webhook_token" => Reach::Web,
                _ => Reach::Restart,
            };
            assert_eq!(Reach::of(key), reach, "{key}");
        }
        assert_eq!(Reach::of("database.url"), Reach::Restart);
    }

    #[test]
    fn every_name_in_the_table_is_a_setting() {
        let source = include_str!("reload.rs");
        let (table, _) = source.split_once("/// Whether the leader's actors").unwrap();
        let known: toml::Table = DEFAULT_TOML.parse().unwrap();
        let names = table.split('"').skip(1).step_by(2);
        for name in names {
            let is_section = known.contains_key(name);
            let is_key = known.values().any(|keys| keys.get(name).is_some());
            assert!(is_section || is_key, "{name}");
        }
    }
}
