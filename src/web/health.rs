//! `/startupz` and `/health`: whether the process has begun its work, and how each component is.
//!
//! `/health` answers in `application/health+json` (draft-inadarei-api-health-check-06): `pass` and
//! `warn` with 200, `fail` with 503. Which component it is, and what is wrong with it, is told only
//! to callers that may read the metrics.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::{Probe, Sight, State, bearer};
use crate::domain::health::ComponentHealth;

const HEALTH_JSON: &str = "application/health+json";

/// Whether the process was ever ready: from then on this stays so, and liveness and readiness say
/// the rest.
pub(super) async fn startupz(state: web::Data<State>) -> HttpResponse {
    let Probe { has_started, .. } = &state.probe;
    if has_started.load(Ordering::Relaxed) || state.probe.readiness().is_ready {
        HttpResponse::Ok().body("started\n")
    } else {
        HttpResponse::ServiceUnavailable().body("starting\n")
    }
}

/// On the listener for the world outside: the word alone, for whomever.
pub(super) async fn health_in_a_word(state: web::Data<State>) -> HttpResponse {
    respond(&state, false)
}

/// On the listener for admins.
pub(super) async fn health(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    match state.sight(&request) {
        Sight::All => respond(&state, true),
        Sight::Nothing => respond(&state, false),
        Sight::Locked(locked) => bearer::too_often(locked),
    }
}

fn respond(state: &State, with_details: bool) -> HttpResponse {
    let components = state.probe.health.snapshot();
    let status = overall(&components);
    let mut body = Map::new();
    body.insert("status".to_owned(), json!(status));
    if with_details {
        body.insert("version".to_owned(), json!("1"));
        body.insert("releaseId".to_owned(), json!(env!("CARGO_PKG_VERSION")));
        body.insert("serviceId".to_owned(), json!(state.probe.instance));
        let moment = state.probe.health.moment();
        let checks: Map<String, Value> =
            components.iter().map(|health| check(health, moment)).collect();
        body.insert("checks".to_owned(), Value::Object(checks));
    }
    let mut response =
        if status == "fail" { HttpResponse::ServiceUnavailable() } else { HttpResponse::Ok() };
    response
        .insert_header((CONTENT_TYPE, HEALTH_JSON))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(Value::Object(body).to_string())
}

/// The worst of all.
fn overall(components: &[ComponentHealth]) -> &'static str {
    let has = |status| components.iter().any(|health| health.status() == status);
    if has("fail") {
        "fail"
    } else if has("warn") {
        "warn"
    } else {
        "pass"
    }
}

fn check(health: &ComponentHealth, moment: Duration) -> (String, Value) {
    let look = &health.latest;
    let time = health.since.to_rfc3339_opts(SecondsFormat::Millis, true);
    let age = moment.saturating_sub(health.looked_at);
    let mut check = json!({
        "componentType": kind(health),
        "status": health.status(),
        "time": time,
        "state": health.state.name(),
        "age_s": round_s(age),
        "since_s": round_s(moment.saturating_sub(health.since_moment)),
    });
    if let Some(fields) = check.as_object_mut() {
        if let Some(latency) = look.latency {
            fields.insert("observedValue".to_owned(), json!(round_ms(latency)));
            fields.insert("observedUnit".to_owned(), json!("ms"));
        }
        if !look.note.is_empty() {
            fields.insert("output".to_owned(), json!(look.note));
        }
        if let Some(fallback) = look.fallback {
            fields.insert("fallback".to_owned(), json!(fallback));
        }
    }
    let measured = if look.latency.is_some() { "responseTime" } else { "state" };
    (format!("{}:{measured}", health.component.name()), json!([check]))
}

/// The draft's word for what it is.
fn kind(health: &ComponentHealth) -> &'static str {
    use crate::domain::health::Component::{Database, Poller, Queue, Redis, Storage, Telegram};
    match health.component {
        Database | Redis => "datastore",
        Storage | Telegram => "system",
        Queue | Poller => "component",
    }
}

fn round_s(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

fn round_ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::clock::SystemClock;
    use crate::domain::health::{Component, Look};
    use crate::health::HealthBoard;

    fn board() -> HealthBoard {
        HealthBoard::new(Arc::new(SystemClock))
    }

    #[test]
    fn what_something_stands_in_for_only_warns() {
        let board = board();
        assert_eq!(overall(&board.snapshot()), "pass");
        board.report(Component::Database, Look::up(None));
        board.report(Component::Redis, Look::down("away").with_fallback("memory"));
        assert_eq!(overall(&board.snapshot()), "warn");
        board.report(Component::Database, Look::down("away"));
        assert_eq!(overall(&board.snapshot()), "fail");
    }

    #[test]
    fn a_check_says_what_is_wrong_and_what_stands_in() {
        let board = board();
        board.report(Component::Redis, Look::down("no answer").with_fallback("memory"));
        let snapshot = board.snapshot();
        let (name, value) = check(snapshot.first().expect("reported"), board.moment());
        assert_eq!(name, "redis:state");
        let check = value.get(0).expect("one check");
        assert_eq!(check.get("output"), Some(&json!("no answer")));
        assert_eq!(check.get("fallback"), Some(&json!("memory")));
        assert_eq!(check.get("status"), Some(&json!("warn")));
    }
}
