//! The route that Prometheus's Alertmanager posts to. Only the store is written: whoever leads reads
//! it there and tells the admins.
//!
//! Invariants: nothing of a body is read before the token was compared, in constant time, from this
//! machine too; a body has a limit of size and time; 2xx is said after the commit only; what cannot
//! be stored now gets 503, upon which Alertmanager comes again, and what nobody can understand 400,
//! upon which it does not.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::meters;
use crate::domain::alert::incoming;
use crate::domain::clock::Clock;
use crate::runtime::{Permits, WorkRuntime};
use crate::store::Db;

/// Where it is.
pub(super) const PATH: &str = "/webhooks/alertmanager";

/// Largest body in bytes: hundreds of alerts with long texts.
const BODY_LIMIT: usize = 1 << 20;

/// Longest wait for a whole body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Calls at the same time. Alertmanager makes one for each group of alerts.
const CALLS: usize = 8;

/// What the route needs.
#[derive(Clone)]
pub struct Alertmanager {
    token: SecretString,
    db: Db,
    clock: Arc<dyn Clock>,
    work: WorkRuntime,
    permits: Permits,
}

impl Alertmanager {
    /// For those who bring this token.
    pub fn new(token: SecretString, db: Db, clock: Arc<dyn Clock>, work: WorkRuntime) -> Self {
        Self { token, db, clock, work, permits: Permits::new("alertmanager", CALLS) }
    }

    fn is_known(&self, request: &HttpRequest) -> bool {
        let given = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        bool::from(given.as_bytes().ct_eq(self.token.expose_secret().as_bytes()))
    }
}

/// Takes what Alertmanager posts.
pub(super) async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    alertmanager: web::Data<Alertmanager>,
) -> HttpResponse {
    if !alertmanager.is_known(&request) {
        meters::auth_failed("api");
        return HttpResponse::Unauthorized().insert_header(("WWW-Authenticate", "Bearer")).finish();
    }
    match accept(payload, &alertmanager).await {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(status) => {
            let mut answer = HttpResponse::build(status);
            if status == StatusCode::SERVICE_UNAVAILABLE {
                answer.insert_header((RETRY_AFTER, "5"));
            }
            answer.finish()
        }
    }
}

/// Any method but POST.
pub(super) async fn refuse_method() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header(("Allow", "POST")).finish()
}

async fn accept(payload: web::Payload, alertmanager: &Alertmanager) -> Result<(), StatusCode> {
    let _permit = alertmanager.permits.try_acquire().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let reading = payload.to_bytes_limited(BODY_LIMIT);
    let body = match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Err(_elapsed) => return Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(_limit)) => return Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Ok(Err(_broken))) => return Err(StatusCode::BAD_REQUEST),
        Ok(Ok(Ok(body))) => body,
    };
    let posted = incoming::read(&body).map_err(|error| {
        tracing::warn!(%error, "alerts were refused");
        StatusCode::BAD_REQUEST
    })?;
    if posted.ignored > 0 {
        tracing::warn!(ignored = posted.ignored, "some alerts cannot be read");
    }
    let (db, now) = (alertmanager.db.clone(), alertmanager.clock.now());
    // Never dropped half-way, whatever the caller does.
    let storing = alertmanager.work.spawn(async move { db.alert_signals_take(posted, now).await });
    match storing.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            error.tell("alerts are not stored");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
        Err(error) => {
            tracing::error!(%error, "storing alerts broke");
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}
