//! What our own HTTP counts, under the names of the metrics list. Labels are closed sets: a path that
//! is no route of ours, and a method that nobody uses, is `other`.

use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use tokio::time::Instant;

use crate::runtime::{Area, spawn_local};

/// Routes that stand for themselves.
const ROUTES: [&str; 8] = [
    "/api/v1/stream",
    "/health",
    "/livez",
    "/metrics",
    "/readyz",
    "/startupz",
    "/telegram/webhook",
    "/webhooks/alertmanager",
];

/// Folders, whose routes count as one.
const FOLDERS: [&str; 2] = ["/api/v1", "/dashboard"];

const OTHER: &str = "other";

/// What a matched pattern counts as.
fn route_of(pattern: &str) -> &'static str {
    let is_in = |folder: &&&str| {
        pattern.strip_prefix(**folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let exact = ROUTES.iter().find(|route| **route == pattern);
    exact.or_else(|| FOLDERS.iter().find(is_in)).copied().unwrap_or(OTHER)
}

fn method_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        _ => OTHER,
    }
}

const fn class_of(status: u16) -> &'static str {
    match status {
        ..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

/// Measures each answer, up to its head; to be wrapped around a whole listener.
pub(super) async fn measure(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let begun = Instant::now();
    let method = method_of(request.method());
    let answered = next.call(request).await;
    let (route, status) = match &answered {
        Ok(response) => {
            let pattern = response.request().match_pattern();
            (pattern.map_or(OTHER, |pattern| route_of(&pattern)), response.status())
        }
        Err(error) => (OTHER, error.as_response_error().status_code()),
    };
    ended(route, method, status, begun.elapsed());
    answered
}

fn ended(route: &'static str, method: &'static str, status: StatusCode, took: Duration) {
    let class = class_of(status.as_u16());
    metrics::counter!(
        "primelingo_http_requests_total",
        "route" => route, "method" => method, "status_class" => class
    )
    .increment(1);
    metrics::histogram!("primelingo_http_request_duration_seconds", "route" => route).record(took);
}

/// Somebody had no right to what they asked for: of `metrics`, the `webhook`, the `dashboard` or its
/// `api`.
pub(super) fn auth_failed(surface: &'static str) {
    metrics::counter!("primelingo_auth_failures_total", "surface" => surface).increment(1);
}

/// Somebody has tried there so often that nobody listens any more.
pub(super) fn auth_locked(surface: &'static str) {
    metrics::counter!("primelingo_auth_locks_total", "surface" => surface).increment(1);
}

/// Pause between two looks at a listener's loop.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A listener's thread begins: panics on it are its own, and its loop is watched as long as it turns.
pub(super) fn worker_begins() {
    Area::Http.settle();
    spawn_local(async {
        let lag = metrics::histogram!("primelingo_event_loop_lag_seconds", "loop" => "web");
        loop {
            let begun = Instant::now();
            tokio::time::sleep(LOOK_EVERY).await;
            lag.record(begun.elapsed().saturating_sub(LOOK_EVERY));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meters::CATALOGUE;

    #[test]
    fn routes_are_those_of_the_catalogue() {
        let family = CATALOGUE
            .iter()
            .find(|family| family.name == "primelingo_http_requests_total")
            .expect("there");
        let mut own: Vec<&str> = ROUTES.into_iter().chain(FOLDERS).chain([OTHER]).collect();
        own.sort_unstable();
        assert_eq!(own, family.label("route").expect("a label").values);
    }

    #[test]
    fn whatever_is_no_route_is_other() {
        assert_eq!(route_of("/metrics"), "/metrics");
        assert_eq!(route_of("/api/v1/stream"), "/api/v1/stream");
        assert_eq!(route_of("/api/v1/actions"), "/api/v1");
        assert_eq!(route_of("/dashboard/{file}"), "/dashboard");
        assert_eq!(route_of("/dashboards"), OTHER);
        assert_eq!(method_of(&Method::from_bytes(b"BREW").expect("a method")), OTHER);
        assert_eq!(
            [class_of(101), class_of(304), class_of(429), class_of(503)],
            ["2xx", "3xx", "4xx", "5xx"]
        );
    }
}
