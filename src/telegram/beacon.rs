//! A plain GET to an address of the operator's: the heartbeat for a watcher outside. Here because
//! this folder alone makes HTTP requests.
//!
//! Invariant: the address, which is a secret of a sort, is in no error, log or debug output.

use std::fmt;
use std::time::Duration;

use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::TelegramError;
use super::http::{Lane, Timeouts, http_client};

/// Who is told that all is well.
pub struct Beacon {
    client: reqwest::Client,
    url: SecretString,
    timeout: Duration,
}

impl fmt::Debug for Beacon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beacon").finish_non_exhaustive()
    }
}

/// Why it was not heard.
#[derive(Debug, thiserror::Error)]
pub enum BeaconError {
    /// No answer.
    #[error("no answer: {0}")]
    Network(reqwest::Error),
    /// Another answer than that all is well.
    #[error("answered with {0}")]
    Refused(StatusCode),
    /// The address is none.
    #[error("the address is none")]
    Address,
}

impl Beacon {
    /// At this address.
    pub fn new(url: SecretString, timeouts: &Timeouts) -> Result<Self, TelegramError> {
        let client = http_client(Lane::Answer, timeouts)?;
        Ok(Self { client, url, timeout: timeouts.request })
    }

    /// Tells it once.
    pub async fn light(&self) -> Result<(), BeaconError> {
        let url = Url::parse(self.url.expose_secret()).map_err(|_| BeaconError::Address)?;
        let request = self.client.get(url).timeout(self.timeout);
        let answer =
            request.send().await.map_err(|error| BeaconError::Network(error.without_url()))?;
        let status = answer.status();
        if status.is_success() { Ok(()) } else { Err(BeaconError::Refused(status)) }
    }
}
