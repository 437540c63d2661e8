//! The route that Prometheus's Alertmanager posts to. Only the store is written: whoever leads reads
//! it there and tells the admins.
//!
//! Invariants: without a token there is no such route; nothing of a body is read before the token was
//! compared, in constant time, from this machine too; a body has a limit of size and time; 2xx is said after the commit only; what cannot
//! be stored now gets 503, upon which Alertmanager comes again, and what nobody can understand 400,
//! upon which it does not.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, web};

use super::bearer::{judge, too_often, unauthorized};
use super::lock::{Locks, Surface};
use super::{LiveSecret, body};
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
    token: LiveSecret,
    locks: Arc<Locks>,
    db: Db,
    clock: Arc<dyn Clock>,
    work: WorkRuntime,
    permits: Permits,
}

impl Alertmanager {
    /// For those who bring this token.
    pub fn new(token: LiveSecret, db: Db, clock: Arc<dyn Clock>, work: WorkRuntime) -> Self {
        let permits = Permits::new("alertmanager", CALLS);
        Self { token, locks: Arc::default(), db, clock, work, permits }
    }

    /// Whoever tries tokens is locked out as at the listener's other doors.
    pub(super) fn locked_by(self, locks: Arc<Locks>) -> Self {
        Self { locks, ..self }
    }
}

/// Takes what Alertmanager posts.
pub(super) async fn receive(
    request: HttpRequest,
    payload: web::Payload,
    alertmanager: web::Data<Alertmanager>,
) -> HttpResponse {
    let Alertmanager { token, locks, .. } = &**alertmanager;
    if !token.is_set() {
        return HttpResponse::NotFound().finish();
    }
    match judge(&request, Surface::Alerts, token, locks) {
        Ok(()) => {}
        Err(Some(locked)) => return too_often(locked),
        Err(None) => return unauthorized(),
    }
    match accept(&request, payload, &alertmanager).await {
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
pub(super) async fn refuse_method(alertmanager: web::Data<Alertmanager>) -> HttpResponse {
    if !alertmanager.token.is_set() {
        return HttpResponse::NotFound().finish();
    }
    HttpResponse::MethodNotAllowed().insert_header(("Allow", "POST")).finish()
}

async fn accept(
    request: &HttpRequest,
    payload: web::Payload,
    alertmanager: &Alertmanager,
) -> Result<(), StatusCode> {
    body::check_length(request.headers(), BODY_LIMIT)?;
    let _permit = alertmanager.permits.try_acquire().ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let body = body::read(payload, BODY_LIMIT, BODY_TIMEOUT).await?;
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
