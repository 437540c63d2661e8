//! One call to the Bot API: URL, request, deadline, answer.
//!
//! Not teloxide's `Bot`: that sleeps 10 s inside a 5xx answer, hides bodies and prints its token.
//! Invariants: every call ends (a timeout is around each), every answer becomes a value or a
//! [`TelegramError`] that knows what to do, and no error holds the URL. Only calls that may be
//! repeated without harm are tried again here; messages are tried again by the outbox.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::classify;
use super::error::{Decision, TelegramError};
use super::http::{Lane, Timeouts, http_client};
use super::meters;
use super::token::BotToken;
use crate::domain::ids::ChatId;
use crate::runtime::{Retry, Verdict};

/// Where Telegram's own server is.
pub const DEFAULT_API_URL: &str = "https://api.telegram.org";

/// A caller of the Bot API for one lane. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct TelegramClient {
    lane: reqwest::Client,
    is_paid: bool,
    timeouts: Timeouts,
    /// For calls that may be repeated.
    retry: Option<Retry>,
    /// Largest file that may be sent, in bytes.
    upload_limit: Option<u64>,
    server: Arc<Server>,
}

struct Server {
    /// Without a slash at its end.
    api_url: String,
    token: BotToken,
    local_files: Option<PathBuf>,
}

impl fmt::Debug for TelegramClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelegramClient").field("token", &self.server.token).finish_non_exhaustive()
    }
}

/// The envelope of every answer.
#[derive(Deserialize)]
struct Envelope<T> {
    ok: bool,
    result: Option<T>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl TelegramClient {
    /// A client with its own connections. `api_url` is the server's root, usually
    /// [`DEFAULT_API_URL`].
    ///
    /// # Errors
    /// When the URL is none, or TLS cannot be set up.
    pub fn new(
        token: BotToken,
        api_url: &str,
        lane: Lane,
        timeouts: Timeouts,
    ) -> Result<Self, TelegramError> {
        let usable = Url::parse(api_url).is_ok_and(|url| !url.cannot_be_a_base());
        if !usable {
            return Err(TelegramError::Request { method: "any", what: "the api url is no url" });
        }
        let api_url = api_url.trim_end_matches('/').to_owned();
        let server = Arc::new(Server { api_url, token, local_files: None });
        let is_paid = lane == Lane::Paid;
        let lane = http_client(lane, &timeouts)?;
        Ok(Self { lane, is_paid, timeouts, retry: None, upload_limit: None, server })
    }

    /// Tries calls that may be repeated again, as often and as long as `retry` says.
    #[must_use]
    pub fn with_retries(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Allows files of a local Bot API server to be read in place, below `directory` only.
    #[must_use]
    pub fn with_local_files(mut self, directory: PathBuf) -> Self {
        let Server { api_url, token, .. } = &*self.server;
        let (api_url, token) = (api_url.clone(), token.clone());
        self.server = Arc::new(Server { api_url, token, local_files: Some(directory) });
        self
    }

    /// Refuses to send larger files, in bytes.
    #[must_use]
    pub fn with_upload_limit(mut self, limit: u64) -> Self {
        self.upload_limit = Some(limit);
        self
    }

    /// The bot's own user id, as its token tells.
    pub fn bot_id(&self) -> i64 {
        self.server.token.bot_id()
    }

    pub(super) fn local_files(&self) -> Option<&PathBuf> {
        self.server.local_files.as_ref()
    }

    pub(super) const fn upload_limit(&self) -> Option<u64> {
        self.upload_limit
    }

    /// `allow_paid_broadcast` of new messages.
    pub(super) fn pays(&self) -> Option<bool> {
        self.is_paid.then_some(true)
    }

    pub(super) fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// A POST to `method`, to be filled with a body.
    pub(super) fn post(&self, method: &str) -> RequestBuilder {
        let Server { api_url, token, .. } = &*self.server;
        self.lane.post(format!("{api_url}/bot{}/{method}", token.expose()))
    }

    /// A GET of a file whose path was checked.
    pub(super) fn get_path(&self, path: &str) -> RequestBuilder {
        let Server { api_url, token, .. } = &*self.server;
        self.lane.get(format!("{api_url}/file/bot{}/{path}", token.expose()))
    }

    /// Calls a method. The answer is read as `T`, which names only the fields we need, in place of
    /// teloxide's strict types.
    pub(super) async fn call<P, T>(
        &self,
        method: &'static str,
        payload: &P,
    ) -> Result<T, TelegramError>
    where
        P: Serialize,
        T: DeserializeOwned,
    {
        let begun = Instant::now();
        let request = self.post(method).json(payload);
        let result = match self.exchange(method, request, self.timeouts.request).await {
            Ok((status, body)) => self.result_of(method, status, &body),
            Err(error) => Err(error),
        };
        meters::ended(method, begun.elapsed(), &result);
        result
    }

    /// As [`Self::call`], for a method that may be done twice without harm: tried again when it
    /// failed in a way that may pass.
    pub(super) async fn call_again<P, T>(
        &self,
        method: &'static str,
        payload: &P,
    ) -> Result<T, TelegramError>
    where
        P: Serialize,
        T: DeserializeOwned,
    {
        self.again(method, || self.call(method, payload)).await
    }

    /// Does what may be done twice without harm, and again when it failed in a way that may pass.
    pub(super) async fn again<T, F>(
        &self,
        method: &'static str,
        mut work: impl FnMut() -> F,
    ) -> Result<T, TelegramError>
    where
        F: Future<Output = Result<T, TelegramError>>,
    {
        let Some(retry) = self.retry else { return work().await };
        let mut retries: u32 = 0;
        let judge = |error: &TelegramError, failures: u32| {
            let verdict = match error.decision() {
                Decision::RetryLater | Decision::InDoubt => Verdict::Again,
                Decision::RetryAfter(wait) => Verdict::NotBefore(wait),
                _ => Verdict::GiveUp,
            };
            if verdict != Verdict::GiveUp && failures <= retry.max_retries {
                tracing::info!(method, failures, %error, "call is tried again");
                meters::retry(method);
                retries = failures;
            }
            verdict
        };
        let result = retry.run(fastrand::f64, judge, work).await;
        if retries > 0 {
            meters::retried(result.is_ok());
        }
        result
    }

    /// Sends a request and takes the whole answer, within `limit`.
    pub(super) async fn exchange(
        &self,
        method: &'static str,
        request: RequestBuilder,
        limit: Duration,
    ) -> Result<(StatusCode, Bytes), TelegramError> {
        let whole = async {
            fail_point!(TelegramRequest, method => TelegramError::Timeout { method, after: limit });
            let response = open(method, request).await?;
            let status = response.status();
            let body = response.bytes().await;
            fail_point!(TelegramAnswer, method => TelegramError::Timeout { method, after: limit });
            Ok((status, body.map_err(|error| TelegramError::from_http(method, error))?))
        };
        match tokio::time::timeout(limit, whole).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(TelegramError::timed_out(method, limit)),
        }
    }

    /// Reads the envelope of an answer.
    pub(super) fn result_of<T: DeserializeOwned>(
        &self,
        method: &'static str,
        status: StatusCode,
        body: &[u8],
    ) -> Result<T, TelegramError> {
        let envelope: Envelope<T> = match serde_json::from_slice(body) {
            Ok(envelope) => envelope,
            Err(error) if status.is_success() => {
                return Err(TelegramError::unreadable(method, &error));
            }
            Err(_) => return Err(TelegramError::Foreign { method, status: status.as_u16() }),
        };
        if envelope.ok {
            let empty = || TelegramError::Answer { method, what: "no result".to_owned() };
            return envelope.result.ok_or_else(empty);
        }
        let parameters = envelope.parameters;
        let description = envelope.description.unwrap_or_default();
        Err(TelegramError::Api {
            method,
            code: envelope.error_code.unwrap_or(status.as_u16()),
            description: classify::presentable(&self.server.token.redact(&description)),
            retry_after: parameters
                .as_ref()
                .and_then(|parameters| parameters.retry_after)
                .map(Duration::from_secs),
            migrate_to: parameters.and_then(|parameters| parameters.migrate_to_chat_id).map(ChatId),
        })
    }
}

/// Sends a request and waits for the head of the answer.
pub(super) async fn open(
    method: &'static str,
    request: RequestBuilder,
) -> Result<Response, TelegramError> {
    request.send().await.map_err(|error| TelegramError::from_http(method, error))
}
