//! Typed settings, one file per section.
//!
//! Invariants: the only module that reads the environment and configuration files; imports
//! nothing of ours. Defaults live once, in `config/default.toml`, which is compiled in. No
//! `Debug`, `Display` or error text here holds a secret.

mod access;
mod alerts;
mod backup;
mod broadcast;
mod chat;
mod check;
mod credentials;
mod database;
mod database_url;
mod described;
mod dotenv;
mod error;
mod examine;
mod files;
mod housekeeping;
mod ingest;
mod inspect;
mod instance;
mod jobs;
mod layers;
mod limits;
mod load;
mod log;
mod origin;
mod outbound;
mod parts;
mod redis;
mod reference;
mod reload;
mod retry;
mod schema;
mod search;
mod statistics;
mod telegram;
mod timeouts;
mod value;
mod variables;
mod web;
mod webhook;

pub use self::access::AccessSettings;
pub use self::alerts::AlertsSettings;
pub use self::backup::BackupSettings;
pub use self::broadcast::{BroadcastSettings, HoursOfDay};
pub use self::chat::ChatSettings;
pub use self::check::Finding;
pub use self::database::DatabaseSettings;
pub use self::database_url::{DatabaseUrl, DatabaseUrlError, PostgresUrl};
pub use self::described::{DescribedKey, DescribedSection, described};
pub use self::error::{Problem, SettingsError};
pub use self::examine::Examined;
pub use self::files::FilesSettings;
pub use self::housekeeping::HousekeepingSettings;
pub use self::ingest::IngestSettings;
pub use self::inspect::InspectSettings;
pub use self::instance::InstanceSettings;
pub use self::jobs::JobsSettings;
pub use self::limits::LimitsSettings;
pub use self::load::{DotEnv, LoadOptions, Loaded, search_path};
pub use self::log::{LogFormat, LogSettings};
pub use self::origin::Origin;
pub use self::outbound::OutboundSettings;
pub use self::redis::RedisSettings;
pub use self::reference::configuration_page;
pub use self::reload::{Changed, Reach, Reloaded};
pub use self::retry::RetrySettings;
pub use self::schema::json_schema;
pub use self::search::SearchSettings;
pub use self::statistics::StatisticsSettings;
pub use self::telegram::TelegramSettings;
pub use self::timeouts::TimeoutsSettings;
pub use self::variables::{PlainKind, PlainName, plain_names, variable_of};
pub use self::web::{Listen, WebSettings};
pub use self::webhook::{WEBHOOK_PATH, WebhookSettings};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use self::check::Check;

/// Passwords that hide nothing: everybody tries them first, and our own lines hold them as words.
const WORDS: [&str; 3] = ["postgres", "password", "primelingo"];

/// Every setting with its default and a comment: what `config schema` prints.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");

/// All settings. Public fields, so that tests can change one; [`Settings::validate`] tells
/// whether they still make sense.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How the Bot API is reached.
    pub telegram: TelegramSettings,
    /// Who owns this bot.
    pub access: AccessSettings,
    /// Where everything is kept.
    pub database: DatabaseSettings,
    /// The cache that several processes share.
    pub redis: RedisSettings,
    /// This process among others on the same database.
    pub instance: InstanceSettings,
    /// How long calls that leave the process may take.
    pub timeouts: TimeoutsSettings,
    /// How calls of the Bot API are tried again.
    pub retry: RetrySettings,
    /// The highest rate of a broadcast, and when it may be sent.
    pub broadcast: BroadcastSettings,
    /// How updates are taken in.
    pub ingest: IngestSettings,
    /// How fast messages leave.
    pub outbound: OutboundSettings,
    /// Background work.
    pub jobs: JobsSettings,
    /// What is forgotten, and when.
    pub housekeeping: HousekeepingSettings,
    /// Where files are stored.
    pub files: FilesSettings,
    /// Limits of the process that looks into files.
    pub inspect: InspectSettings,
    /// How much a search looks at and shows.
    pub search: SearchSettings,
    /// How figures are counted.
    pub statistics: StatisticsSettings,
    /// How long conversations stay valid.
    pub chat: ChatSettings,
    /// How much of what one person sends is worked on.
    pub limits: LimitsSettings,
    /// The pages for admins and the probes.
    pub web: WebSettings,
    /// What the people in charge are told of.
    pub alerts: AlertsSettings,
    /// Copies of the database and the files.
    pub backup: BackupSettings,
    /// What is logged.
    pub log: LogSettings,
}

impl Settings {
    /// The compiled-in defaults alone.
    #[expect(clippy::expect_used, reason = "the text is compiled in, and a test reads it")]
    pub fn defaults() -> Self {
        toml::from_str(DEFAULT_TOML).expect("config/default.toml holds every setting")
    }

    /// The bot's token, or an error that tells what to set.
    pub fn require_token(&self) -> Result<&SecretString, SettingsError> {
        self.telegram.token.as_ref().ok_or(SettingsError::NoToken)
    }

    /// How updates come by webhook; `None` when they are polled.
    pub fn webhook(&self) -> Option<WebhookSettings<'_>> {
        WebhookSettings::of(self)
    }

    /// Every secret, for the writer that keeps them out of the logs. The address of a database
    /// counts as a whole and by its password.
    pub fn secrets(&self) -> Vec<SecretString> {
        let known = [
            &self.telegram.token,
            &self.telegram.webhook_secret,
            &self.web.token,
            &self.alerts.webhook_token,
        ];
        let mut secrets: Vec<SecretString> = known.into_iter().flatten().cloned().collect();
        secrets.extend(self.redis.secrets());
        secrets.extend(self.alerts.heartbeat_secrets());
        if let DatabaseUrl::Postgres(url) = &self.database.url {
            let known = |word: &SecretString| WORDS.contains(&word.expose_secret());
            secrets.extend(url.password().filter(|password| !known(password)));
            secrets.push(SecretString::from(url.expose()));
        }
        secrets
    }

    /// All that is out of range or contradicts itself.
    pub fn validate(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.telegram.check(&mut Check::new("telegram", &mut findings));
        self.access.check(&mut Check::new("access", &mut findings));
        self.database.check(&mut Check::new("database", &mut findings));
        self.redis.check(&mut Check::new("redis", &mut findings));
        self.instance.check(&mut Check::new("instance", &mut findings));
        self.timeouts.check(&mut Check::new("timeouts", &mut findings));
        self.retry.check(&mut Check::new("retry", &mut findings));
        self.broadcast.check(&mut Check::new("broadcast", &mut findings));
        self.ingest.check(&mut Check::new("ingest", &mut findings));
        self.outbound.check(&mut Check::new("outbound", &mut findings));
        self.jobs.check(&mut Check::new("jobs", &mut findings));
        self.housekeeping.check(&mut Check::new("housekeeping", &mut findings));
        self.files.check(&mut Check::new("files", &mut findings));
        self.inspect.check(&mut Check::new("inspect", &mut findings));
        self.search.check(&mut Check::new("search", &mut findings));
        self.statistics.check(&mut Check::new("statistics", &mut findings));
        self.chat.check(&mut Check::new("chat", &mut findings));
        self.limits.check(&mut Check::new("limits", &mut findings));
        self.web.check(&mut Check::new("web", &mut findings));
        self.alerts.check(&mut Check::new("alerts", &mut findings));
        self.backup.check(&mut Check::new("backup", &mut findings));
        self.log.check(&mut Check::new("log", &mut findings));
        webhook::check(self, &mut findings);
        findings
    }
}

#[cfg(test)]
mod tests;
