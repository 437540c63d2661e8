//! What people do on the page.
//!
//! Invariants: an action was sent by our own page (`guard`), with the token of the sender's pass, by
//! somebody whose rank suffices now; the store checks the role once more in the transaction that does
//! it and writes the audit note. What is done elsewhere than in the database (an actor, the log) is
//! written down first, so that nothing is done without a note.
//!
//! A whole group of jobs that gets another try, whatever is dropped, and whatever is cancelled can be
//! taken back for ten seconds: see `undo` and `deferred`.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde::Deserialize;
use tokio::time::Instant;

use super::caller::Caller;
use super::figures::restarts;
use super::people::Member;
use super::sign::Pass;
use super::undo::Reversal;
use super::{Dashboard, refused};
use crate::domain::audit::{AuditAction, AuditNote};
use crate::domain::broadcast::Control;
use crate::domain::dashboard::{Deed, JobDeed, UNDO_WITHIN};
use crate::domain::failures::by_error;
use crate::domain::ids::JobId;
use crate::runtime::{Ring, pseudonym};
use crate::store::records::{Doer, Operated, Operation};
use crate::store::{StoreError, StoreResult};

/// Largest body.
pub const BODY_MAX: usize = 4_096;

/// Dead jobs that are looked at for a group.
const DEAD_MAX: i64 = 10_000;

/// Jobs of a group in one transaction.
const SLICE: usize = 200;

/// Longest wait for an actor's supervisor.
const RESTART_WITHIN: Duration = Duration::from_secs(2);

/// What can be logged.
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

#[derive(Deserialize)]
struct Asked {
    action: String,
    target: String,
}

/// What came of an action.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done, and can be taken back with this.
    Done(Option<String>),
    /// Their rank does not suffice.
    Role,
    /// There is no such thing.
    Missing,
    /// It stands elsewhere by now.
    State,
    /// The database is away.
    Database,
}

/// Takes an action.
pub async fn act(
    request: HttpRequest,
    body: Bytes,
    dashboard: web::Data<Dashboard>,
) -> HttpResponse {
    let (member, pass) = match dashboard.caller(&request).await {
        Ok(Caller::Member(member, pass)) => (member, pass),
        Ok(Caller::Script) => return refused(StatusCode::FORBIDDEN, "role"),
        Err(refusal) => return refusal.into_response(),
    };
    if !is_json(&request) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "json");
    }
    if !has_token(&request, &dashboard, pass) {
        return refused(StatusCode::FORBIDDEN, "csrf");
    }
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return refused(StatusCode::BAD_REQUEST, "json");
    };
    let Some(deed) = Deed::parse(&asked.action, &asked.target) else {
        return refused(StatusCode::NOT_FOUND, "unknown");
    };
    let (name, audited) = (deed.name(), deed.audited().name());
    let user = member.user;
    let outcome = if member.rank < deed.needs() {
        Outcome::Role
    } else {
        let (inner, work) = (dashboard.clone().into_inner(), dashboard.parts.work.clone());
        // It goes on to its end, whatever the page does.
        let doing = work.spawn(async move { perform(&inner, &member, deed).await });
        doing.await.unwrap_or_else(|error| {
            tracing::error!(%error, action = name, "an action broke");
            Outcome::Database
        })
    };
    count(audited, &outcome);
    tracing::info!(person = %pseudonym(user.0), action = name, ?outcome, "acted on the dashboard");
    dashboard.stored.renew();
    dashboard.wanted.notify_one();
    answer(&outcome)
}

/// Whether a request brings the token of its sender's pass.
pub fn has_token(request: &HttpRequest, dashboard: &Dashboard, pass: Pass) -> bool {
    let token = request.headers().get("X-CSRF").and_then(|value| value.to_str().ok());
    token.is_some_and(|token| dashboard.signer.is_csrf(pass, token))
}

fn is_json(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

fn answer(outcome: &Outcome) -> HttpResponse {
    match outcome {
        Outcome::Done(undo) => HttpResponse::Ok().json(serde_json::json!({
            "done": true, "undo": undo, "undo_s": UNDO_WITHIN.as_secs(),
        })),
        Outcome::Role => refused(StatusCode::FORBIDDEN, "role"),
        Outcome::Missing => refused(StatusCode::NOT_FOUND, "unknown"),
        Outcome::State => refused(StatusCode::CONFLICT, "state"),
        Outcome::Database => refused(StatusCode::SERVICE_UNAVAILABLE, "database"),
    }
}

fn count(action: &'static str, outcome: &Outcome) {
    let outcome = match outcome {
        Outcome::Done(_) => "ok",
        Outcome::Role => "denied",
        Outcome::Missing | Outcome::State | Outcome::Database => "error",
    };
    metrics::counter!(
        "primelingo_admin_actions_total",
        "action" => action, "via" => "web", "outcome" => outcome
    )
    .increment(1);
}

async fn perform(dashboard: &Arc<Dashboard>, member: &Member, deed: Deed) -> Outcome {
    match performed(dashboard, member, deed).await {
        Ok(outcome) => outcome,
        Err(StoreError::Conflict { what: "role" }) => Outcome::Role,
        Err(StoreError::Conflict { .. }) => Outcome::State,
        Err(error) => {
            error.tell("an action of the dashboard was not stored");
            Outcome::Database
        }
    }
}

async fn performed(
    dashboard: &Arc<Dashboard>,
    member: &Member,
    deed: Deed,
) -> StoreResult<Outcome> {
    let act = Act { dashboard, member, name: deed.name(), doer: doer(dashboard, member, &deed) };
    match deed {
        Deed::Broadcast(id, Control::Cancel) => act.cancel_broadcast(id).await,
        Deed::Broadcast(id, control) => Ok(undoable(act.control(id, control).await?, |_| None)),
        Deed::Job(id, JobDeed::Retry) => {
            let operation = Operation::RetryJobs(vec![id], dashboard.parts.clock.now());
            let outcome = act.jobs(operation, id.0, None).await?;
            ring(dashboard);
            Ok(undoable(outcome, |_| None))
        }
        Deed::Job(id, JobDeed::Drop) => {
            let outcome = act.jobs(Operation::DropJobs(vec![id]), id.0, None).await?;
            Ok(undoable(outcome, |ids| act.undo(Reversal::Dropped(ids))))
        }
        Deed::Job(id, JobDeed::Cancel) => act.cancel_job(id).await,
        Deed::RetryGroup(group) => act.group(&group, true).await,
        Deed::DropGroup(group) => act.group(&group, false).await,
        Deed::PauseQueue(queue) => act.queue(queue, true).await,
        Deed::ResumeQueue(queue) => act.queue(queue, false).await,
        Deed::RestartActor(name) => act.restart(&name).await,
        Deed::LogLevel(level) => act.log_level(&level).await,
        Deed::AckAlert(id) => act.ack(id).await,
        Deed::Undo(token) => act.take_back(&token).await,
    }
}

/// The role is checked by the database, too, but for those who are owners by configuration.
fn doer(dashboard: &Dashboard, member: &Member, deed: &Deed) -> Doer {
    let is_configured = dashboard.people.is_configured_owner(member.user);
    let needs = (!is_configured).then(|| deed.needs().role());
    Doer { user: member.user, needs }
}

/// The dispatchers look.
fn ring(dashboard: &Dashboard) {
    // One that does not hear it looks by itself before long.
    let _ = dashboard.parts.jobs.ring(Ring);
}

fn undoable(operated: Operated, undo: impl FnOnce(Vec<JobId>) -> Option<String>) -> Outcome {
    match operated {
        Operated::Done(ids) => Outcome::Done(undo(ids)),
        Operated::Unfit => Outcome::State,
        Operated::Missing => Outcome::Missing,
    }
}

/// An action under way.
pub(super) struct Act<'a> {
    pub(super) dashboard: &'a Arc<Dashboard>,
    member: &'a Member,
    name: &'static str,
    pub(super) doer: Doer,
}

impl Act<'_> {
    async fn operate(&self, operation: Operation, note: AuditNote) -> StoreResult<Operated> {
        let parts = &self.dashboard.parts;
        parts.db.dashboard_operate(self.doer, operation, note, parts.clock.now()).await
    }

    fn note(&self, action: AuditAction, subject: i64, target: Option<String>) -> AuditNote {
        AuditNote::by_web(self.member.user, action, subject, target, self.name)
    }

    pub(super) fn undo(&self, reversal: Reversal) -> Option<String> {
        let mut chance = [0_u8; 16];
        getrandom::fill(&mut chance).ok()?;
        let token = data_encoding::HEXLOWER.encode(&chance);
        self.dashboard.undos.keep(self.member.user, reversal, token.clone(), Instant::now());
        Some(token)
    }

    async fn jobs(
        &self,
        operation: Operation,
        subject: i64,
        target: Option<String>,
    ) -> StoreResult<Operated> {
        self.operate(operation, self.note(AuditAction::ControlJob, subject, target)).await
    }

    /// All jobs of a group, some at a time. Those that get another try are due when it cannot be
    /// taken back any more.
    async fn group(&self, group: &str, again: bool) -> StoreResult<Outcome> {
        let parts = &self.dashboard.parts;
        let groups = by_error(parts.db.jobs_dead(DEAD_MAX).await?);
        let Some(found) = groups.iter().find(|known| known.name == group) else {
            return Ok(Outcome::Missing);
        };
        let ids: Vec<JobId> = found.ids().collect();
        let due = parts.db.database_now().await? + UNDO_WITHIN;
        let mut done = Vec::with_capacity(ids.len());
        for slice in ids.chunks(SLICE) {
            let operation = if again {
                Operation::RetryJobs(slice.to_vec(), due)
            } else {
                Operation::DropJobs(slice.to_vec())
            };
            match self.jobs(operation, 0, Some(group.to_owned())).await {
                Ok(Operated::Done(ids)) => done.extend(ids),
                Ok(Operated::Unfit | Operated::Missing) => {}
                // What was done before can be taken back all the same.
                Err(error) if done.is_empty() => return Err(error),
                Err(error) => {
                    error.tell("a group of jobs was not worked through");
                    break;
                }
            }
        }
        if done.is_empty() {
            return Ok(Outcome::State);
        }
        if again {
            ring(self.dashboard);
        }
        let reversal = if again { Reversal::Retried(done) } else { Reversal::Dropped(done) };
        Ok(Outcome::Done(self.undo(reversal)))
    }

    async fn queue(&self, queue: String, paused: bool) -> StoreResult<Outcome> {
        let is_known =
            queue == self.dashboard.parts.queue || self.dashboard.stored.has_queue(&queue);
        if !is_known {
            return Ok(Outcome::Missing);
        }
        let note = self.note(AuditAction::ControlQueue, 0, Some(queue.clone()));
        let operated = self.operate(Operation::PauseQueue(queue, paused), note).await?;
        if !paused {
            ring(self.dashboard);
        }
        Ok(undoable(operated, |_| None))
    }

    /// Writes down what is done elsewhere.
    async fn note_program(&self, target: &str) -> StoreResult<()> {
        let note = self.note(AuditAction::ControlProgram, 0, Some(target.to_owned()));
        self.operate(Operation::Elsewhere, note).await.map(drop)
    }

    async fn restart(&self, name: &str) -> StoreResult<Outcome> {
        let roster = &self.dashboard.parts.roster;
        let crews = roster.inspect(RESTART_WITHIN).await;
        if !restarts(&crews).iter().any(|(child, _)| *child == name) {
            return Ok(Outcome::Missing);
        }
        self.note_program(name).await?;
        match roster.restart(name, RESTART_WITHIN).await {
            Ok(true) => Ok(Outcome::Done(None)),
            Ok(false) => Ok(Outcome::State),
            Err(error) => {
                tracing::warn!(actor = name, ?error, "actor not restarted");
                Ok(Outcome::State)
            }
        }
    }

    async fn log_level(&self, level: &str) -> StoreResult<Outcome> {
        let Some(set) = self.dashboard.parts.extras.set_log_level.clone() else {
            return Ok(Outcome::State);
        };
        if !LEVELS.contains(&level) {
            return Ok(Outcome::Missing);
        }
        self.note_program(level).await?;
        match set(level) {
            Ok(()) => {
                self.dashboard.log_level.send_replace(level.to_owned());
                Ok(Outcome::Done(None))
            }
            Err(error) => {
                tracing::warn!(level, error, "log level not set");
                Ok(Outcome::State)
            }
        }
    }

    async fn ack(&self, id: i64) -> StoreResult<Outcome> {
        let Some(ack) = self.dashboard.parts.extras.ack.clone() else {
            return Ok(Outcome::Missing);
        };
        let is_done = ack(id, self.doer).await?;
        Ok(if is_done { Outcome::Done(None) } else { Outcome::State })
    }

    async fn take_back(&self, token: &str) -> StoreResult<Outcome> {
        let found = self.dashboard.undos.take(self.member.user, token, Instant::now());
        let Some(reversal) = found else { return Ok(Outcome::State) };
        let (ids, retried) = match reversal {
            Reversal::Retried(ids) => (ids, true),
            Reversal::Dropped(ids) => (ids, false),
            Reversal::Cancelling { taken_back, held } => {
                taken_back.cancel();
                let Some(id) = held else { return Ok(Outcome::Done(None)) };
                return Ok(undoable(self.control(id, Control::Resume).await?, |_| None));
            }
        };
        let mut is_done = false;
        for slice in ids.chunks(SLICE) {
            let slice = slice.to_vec();
            let operation = if retried {
                Operation::TakeRetryBack(slice)
            } else {
                Operation::TakeDropBack(slice)
            };
            is_done |= matches!(self.jobs(operation, 0, None).await?, Operated::Done(_));
        }
        Ok(if is_done { Outcome::Done(None) } else { Outcome::State })
    }
}
