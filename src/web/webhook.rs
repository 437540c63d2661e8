//! The route that Telegram posts updates to.
//!
//! Invariants: nothing of a body is read before the secret was compared, in constant time; a body
//! has a limit of size and time, and only so many are held at once; 200 with an empty body is said
//! after the commit only, and never anything in it (a method call in it would lose its result);
//! what cannot be stored now gets 503 with `Retry-After`, never 410, which would end the webhook.
//!
//! Telegram repeats on everything but 2xx, and holds back the updates behind it: whoever has the
//! secret is refused only what a repetition may mend, or what no update of Telegram's can be.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;

use super::{LiveSecret, meters};
use crate::ingest::messages::{Door, Posted, TakePosted};
use crate::runtime::{Permits, WorkRuntime};

/// The header with the secret.
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";

/// What the route needs.
pub struct Webhook {
    /// Where it is.
    pub path: &'static str,
    /// What each call must bring.
    pub secret: LiveSecret,
    /// Largest body in bytes.
    pub body_limit: usize,
    /// Longest wait for a whole body.
    pub body_timeout: Duration,
    /// Calls that are worked on at the same time.
    pub permits: Permits,
    /// Closed when the process is about to end.
    pub door: Arc<Door>,
    /// Where what was posted goes.
    pub take: TakePosted,
    /// Where it runs: it is never dropped half-way, whatever the caller does.
    pub work: WorkRuntime,
}

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// Without the secret, or with a wrong one.
    Secret,
    /// A body that is not said to be JSON.
    Type,
    /// A body that is too large.
    Size,
    /// A body that broke off.
    Broken,
    /// A body that takes too long.
    Slow,
    /// Too many calls at once.
    Busy,
    /// The process is about to end.
    Stopping,
    /// Too many updates wait to be worked on.
    Full,
    /// The database does not take it.
    Unstored,
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::Secret => StatusCode::UNAUTHORIZED,
            Self::Type => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Size => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::Stopping | Self::Full | Self::Unstored => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// Seconds after which to come again; Telegram's own pauses grow to minutes.
    const fn retry_after_s(self) -> Option<u32> {
        match self {
            Self::Busy => Some(1),
            Self::Stopping | Self::Unstored => Some(2),
            Self::Full => Some(5),
            Self::Secret | Self::Type | Self::Size | Self::Broken | Self::Slow => None,
        }
    }

    fn count(self) {
        let rejected = |reason| {
            metrics::counter!("primelingo_webhook_rejected_total", "reason" => reason).increment(1);
        };
        let deferred = |reason| {
            metrics::counter!("primelingo_webhook_deferred_total", "reason" => reason).increment(1);
        };
        match self {
            Self::Secret => {
                rejected("secret");
                meters::auth_failed("webhook");
            }
            Self::Type | Self::Size | Self::Broken | Self::Slow => rejected("body"),
            Self::Busy => deferred("busy"),
            Self::Stopping => deferred("stopping"),
            Self::Full => deferred("full"),
            Self::Unstored => deferred("store"),
        }
    }

    fn into_response(self) -> HttpResponse {
        self.count();
        let mut response = HttpResponse::build(self.status());
        if let Some(seconds) = self.retry_after_s() {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.finish()
    }
}

/// Takes one update.
pub(super) async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    webhook: web::Data<Webhook>,
) -> HttpResponse {
    match accept(&request, payload, &webhook).await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(refusal) => refusal.into_response(),
    }
}

/// Any method but POST.
pub(super) async fn refuse_method() -> HttpResponse {
    metrics::counter!("primelingo_webhook_rejected_total", "reason" => "method").increment(1);
    HttpResponse::MethodNotAllowed().insert_header(("Allow", "POST")).finish()
}

async fn accept(
    request: &HttpRequest,
    payload: web::Payload,
    webhook: &Webhook,
) -> Result<(), Refusal> {
    if !has_secret(request, &webhook.secret) {
        return Err(Refusal::Secret);
    }
    if !webhook.door.is_open() {
        return Err(Refusal::Stopping);
    }
    check_head(request, webhook.body_limit).map_err(say)?;
    let _permit = webhook.permits.try_acquire().ok_or(Refusal::Busy)?;
    let body = read(payload, webhook).await.map_err(say)?;
    let taking = webhook.work.spawn((webhook.take)(body));
    match taking.await {
        Ok(Posted::Stored) => Ok(()),
        Ok(Posted::Unreadable) => {
            Refusal::Broken.count();
            Ok(())
        }
        Ok(Posted::Full) => Err(Refusal::Full),
        Ok(Posted::Unstored) => Err(Refusal::Unstored),
        Err(error) => {
            tracing::error!(%error, "storing an update broke");
            Err(Refusal::Unstored)
        }
    }
}

/// Telegram, or somebody who knows its secret, sends what Telegram does not send: worth a word.
fn say(refusal: Refusal) -> Refusal {
    tracing::warn!(?refusal, "refused what was posted with the right secret");
    refusal
}

/// The right one, and no other beside it.
fn has_secret(request: &HttpRequest, secret: &LiveSecret) -> bool {
    let mut given = request.headers().get_all(SECRET_HEADER);
    let (first, second) = (given.next(), given.next());
    second.is_none() && first.is_some_and(|given| secret.is(given.as_bytes()))
}

fn check_head(request: &HttpRequest, limit: usize) -> Result<(), Refusal> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let kind = header(CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::Type);
    }
    let length = header(CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(Refusal::Size);
    }
    Ok(())
}

async fn read(payload: web::Payload, webhook: &Webhook) -> Result<Bytes, Refusal> {
    let reading = payload.to_bytes_limited(webhook.body_limit);
    match tokio::time::timeout(webhook.body_timeout, reading).await {
        Err(_elapsed) => Err(Refusal::Slow),
        Ok(Err(_limit)) => Err(Refusal::Size),
        Ok(Ok(Err(_broken))) => Err(Refusal::Broken),
        Ok(Ok(Ok(body))) => Ok(body),
    }
}
