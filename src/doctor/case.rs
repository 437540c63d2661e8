//! What the checks look at: the settings, and whom they lead to. Each of these is asked once,
//! however many checks want to know.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::{Host, Url};

use super::finding::{Skip, skip};
use crate::app::{self, with_causes};
use crate::cache::look::{self, RedisFacts};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::settings::{DatabaseUrl, Examined, Settings};
use crate::store::records::{Facts, WorkFacts};
use crate::store::{StoreConfig, facts};
use crate::telegram::{BotToken, Lane, Met, TelegramClient, TelegramError, Timeouts, WebhookInfo};

/// Of a check's time, what an answer may take; the rest is for what is made of it.
const LOOK_SHARE: u32 = 5;

/// A set-up that is looked over.
pub struct Case {
    pub(super) examined: Examined,
    /// The longest that one check may take.
    pub(super) patience: Duration,
    telegram: OnceCell<TelegramFacts>,
    database: OnceCell<Result<Facts, String>>,
    redis: OnceCell<Result<RedisFacts, String>>,
}

/// What Telegram answered.
pub(super) struct TelegramFacts {
    pub(super) met: Result<Met, TelegramError>,
    pub(super) took: Duration,
    /// Our clock when it answered.
    pub(super) at: Timestamp,
    hook: Result<WebhookInfo, TelegramError>,
}

impl Case {
    pub(super) fn new(examined: Examined, patience: Duration) -> Self {
        Self {
            examined,
            patience,
            telegram: OnceCell::new(),
            database: OnceCell::new(),
            redis: OnceCell::new(),
        }
    }

    pub(super) const fn settings(&self) -> &Settings {
        &self.examined.settings
    }

    /// The longest wait for an answer.
    pub(super) fn limit(&self) -> Duration {
        self.patience.saturating_sub(self.patience / LOOK_SHARE)
    }

    pub(super) fn now() -> Timestamp {
        SystemClock.now()
    }

    /// The token, if there is one that is one.
    pub(super) fn token(&self) -> Result<BotToken, Skip> {
        let Some(token) = &self.settings().telegram.token else {
            return skip("there is no token (see telegram.token)");
        };
        BotToken::parse(token.expose_secret())
            .map_err(|_| Skip("the token is none (see telegram.token)".to_owned()))
    }

    /// A client that waits as long as a check may.
    pub(super) fn client(&self) -> Result<TelegramClient, Skip> {
        let limit = self.limit();
        let timeouts = Timeouts { connect: limit, read: limit, request: limit };
        TelegramClient::new(
            self.token()?,
            &self.settings().telegram.api_url,
            Lane::Answer,
            timeouts,
        )
        .map_err(|error| Skip(error.to_string()))
    }

    /// What Telegram answered.
    pub(super) async fn telegram(&self) -> Result<&TelegramFacts, Skip> {
        let client = self.client()?;
        let asking = async {
            let begun = Instant::now();
            let meeting = async {
                let met = client.meet(self.limit()).await;
                (met, begun.elapsed(), Self::now())
            };
            let ((met, took, at), hook) = tokio::join!(meeting, client.get_webhook_info());
            TelegramFacts { met, took, at, hook }
        };
        Ok(self.telegram.get_or_init(|| asking).await)
    }

    /// Whom Telegram knows by our token.
    pub(super) async fn met(&self) -> Result<&Met, Skip> {
        let facts = self.telegram().await?;
        facts.met.as_ref().map_err(|_| Skip("telegram does not know us".to_owned()))
    }

    /// What Telegram knows of our webhook.
    pub(super) async fn hook(&self) -> Result<&WebhookInfo, Skip> {
        let facts = self.telegram().await?;
        facts.hook.as_ref().map_err(|_| Skip("telegram does not tell of the webhook".to_owned()))
    }

    /// How the database would be opened. Makes nothing.
    pub(super) fn store_config(&self) -> StoreConfig {
        app::store_config_as_is(self.settings())
    }

    /// What the database is like, or what it said instead.
    pub(super) async fn database(&self) -> &Result<Facts, String> {
        let config = self.store_config();
        let looking = async {
            let looked = Box::pin(facts::look(&config, self.limit())).await;
            looked.map_err(|error| with_causes(&error))
        };
        self.database.get_or_init(|| looking).await
    }

    /// What the database is like.
    pub(super) async fn facts(&self) -> Result<&Facts, Skip> {
        let looked = self.database().await;
        looked.as_ref().map_err(|_| {
            Skip("the database cannot be looked at (see database.reachable)".to_owned())
        })
    }

    /// What waits in the database.
    pub(super) async fn work(&self) -> Result<&WorkFacts, Skip> {
        let facts = self.facts().await?;
        facts.work.as_ref().ok_or_else(|| Skip("the database is empty yet".to_owned()))
    }

    /// What Redis said, if it is configured.
    pub(super) async fn redis(&self) -> Result<&Result<RedisFacts, String>, Skip> {
        let Some(url) = &self.settings().redis.url else {
            return skip("no Redis is configured: memory serves");
        };
        Ok(self.redis.get_or_init(|| look::look(url, self.limit())).await)
    }

    /// The file of a SQLite database.
    pub(super) fn sqlite_file(&self) -> Result<&Path, Skip> {
        match &self.settings().database.url {
            DatabaseUrl::Sqlite { path } => Ok(path),
            DatabaseUrl::Postgres(_) => skip("the database is a server"),
        }
    }

    /// The same, if it is there.
    pub(super) fn sqlite_file_there(&self) -> Result<&Path, Skip> {
        let path = self.sqlite_file()?;
        if path.is_file() { Ok(path) } else { skip("there is no database file yet") }
    }
}

/// Whether an address leads to this machine: loopback, or a socket of the system.
pub(super) fn is_local(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        None => true,
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => {
            let is_socket = name.starts_with("%2F") || name.starts_with("%2f");
            let is_loopback = name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
            name.is_empty() || name == "localhost" || is_socket || is_loopback
        }
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_sockets_are_this_machine() {
        for local in [
            "redis://127.0.0.1:6379/0",
            "redis://:pw@localhost",
            "postgresql://u@[::1]:5432/n",
            "postgresql://u@%2Frun%2Fpostgresql/n",
            "postgresql:///n?host=/run",
        ] {
            assert!(is_local(local), "{local}");
        }
        for remote in ["redis://10.0.0.1", "postgresql://u@db.example.org/n", "nothing"] {
            assert!(!is_local(remote), "{remote}");
        }
    }
}
