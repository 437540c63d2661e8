//! Who the bot is and what time it is at Telegram: one call, for whoever looks the set-up over.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::DATE;
use teloxide_core::payloads::GetMe;

use super::client::BotIdentity;
use super::error::TelegramError;
use super::transport::{TelegramClient, open};
use crate::domain::clock::Timestamp;

/// What an answer of the Bot API shows besides its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// Who the bot is.
    pub identity: BotIdentity,
    /// The time by the server's clock, to the second, when it answered; it need not tell.
    pub server_time: Option<Timestamp>,
}

impl TelegramClient {
    /// Asks who the bot is, within `limit`, and not again.
    pub async fn meet(&self, limit: Duration) -> Result<Met, TelegramError> {
        const METHOD: &str = "getMe";
        let whole = async {
            let response = open(METHOD, self.post(METHOD).json(&GetMe::new())).await?;
            let status = response.status();
            let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
            let server_time = date.and_then(time_of);
            let body = response.bytes().await;
            let body = body.map_err(|error| TelegramError::from_http(METHOD, error))?;
            let identity = self.result_of(METHOD, status, &body)?;
            Ok(Met { identity, server_time })
        };
        tokio::time::timeout(limit, whole)
            .await
            .unwrap_or_else(|_elapsed| Err(TelegramError::timed_out(METHOD, limit)))
    }
}

/// The time of the header `Date`, RFC 9110 section 5.6.7.
fn time_of(date: &str) -> Option<Timestamp> {
    Some(DateTime::parse_from_rfc2822(date).ok()?.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_as_servers_write_it() {
        let time = time_of("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(time.timestamp(), 784_111_777);
        assert_eq!(time_of("yesterday"), None);
    }
}
