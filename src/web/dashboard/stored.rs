//! What the page is shown of the store: read at most every few seconds, only while somebody looks,
//! and kept while the database is away.
//!
//! Invariants: one look at a time; each call has a deadline; a look that fails half-way changes
//! nothing that is shown, and its age goes on growing. Words of searches come from lists that hold
//! only what three people or more have searched for.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, timeout};

use super::figures::{AlertLine, ErrorLine, millis};
use super::people::People;
use super::wording::{TITLE_CHARS, shorten, title, wire_name};
use super::{DashboardParts, Extras};
use crate::domain::audit::{AuditEntry, AuditRequest, COMMAND_LINE, ERASED};
use crate::domain::broadcast::{Broadcast, BroadcastState, Control};
use crate::domain::clock::Timestamp;
use crate::domain::failures::{ErrorGroup, by_error};
use crate::domain::ids::BroadcastId;
use crate::domain::statistics::{Day, DayFigures, Span, Top, TopSort};
use crate::store::records::{AsideJob, JobCount};
use crate::store::{Db, StoreError, StoreResult};

/// Pause between two looks.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Figures that are counted every few minutes are read less often.
const SCHOOL_EVERY: Duration = Duration::from_secs(20);

/// Longest wait for one call.
const CALL_WITHIN: Duration = Duration::from_secs(2);

/// Dead jobs that are looked at.
const DEAD_MAX: i64 = 500;
/// Groups of them that are shown, and jobs of a group.
const GROUPS_MAX: usize = 20;
const GROUP_JOBS_MAX: usize = 50;
/// Broadcasts that are over and still shown.
const PAST_BROADCASTS: i64 = 5;
const AUDIT_LINES: i64 = 30;
/// Jobs at work that are shown.
const JOBS_MAX: i64 = 20;
const TOP_LINES: usize = 10;
/// Characters of an error.
const TEXT_CHARS: usize = 300;

/// How long a rate looks back.
const RATE_SPAN: Duration = Duration::from_secs(15);

/// What is shown of the store.
#[derive(Debug, Clone, Default, Serialize)]
pub struct StoredFigures {
    users: Option<Users>,
    broadcasts: Vec<BroadcastLine>,
    queues: Vec<QueueLine>,
    jobs: Vec<JobLine>,
    failed: Vec<FailedLine>,
    searches: Searches,
    /// For owners alone.
    #[serde(skip)]
    audit: Vec<AuditLine>,
    alerts: Vec<AlertLine>,
    errors: Vec<ErrorLine>,
}

#[derive(Debug, Clone, Serialize)]
struct Users {
    total: u64,
    reachable: u64,
    active_1d: u64,
    active_7d: u64,
    active_30d: u64,
}

#[derive(Debug, Clone, Serialize)]
struct BroadcastLine {
    id: String,
    title: String,
    state: &'static str,
    done: u64,
    total: u64,
    failed: u64,
    blocked: u64,
    rate: f64,
    left_s: Option<u64>,
    may: Vec<&'static str>,
}

#[derive(Debug, Clone, Default, Serialize)]
struct QueueLine {
    queue: String,
    ready: i64,
    scheduled: i64,
    running: i64,
    retry: i64,
    dead: i64,
    oldest_s: f64,
    paused: bool,
    may: [&'static str; 1],
}

#[derive(Debug, Clone, Serialize)]
struct JobLine {
    id: String,
    task: String,
    queue: String,
    state: &'static str,
    age_s: f64,
    may: [&'static str; 1],
}

#[derive(Debug, Clone, Serialize)]
struct FailedLine {
    group: String,
    error: String,
    task: String,
    count: usize,
    last: i64,
    jobs: Vec<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Searches {
    top: Vec<SearchLine>,
    empty: Vec<SearchLine>,
}

#[derive(Debug, Clone, Serialize)]
struct SearchLine {
    words: String,
    count: u64,
}

#[derive(Debug, Clone, Serialize)]
struct AuditLine {
    at: i64,
    who: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_erased: bool,
    action: String,
    target: String,
    via: String,
}

impl StoredFigures {
    /// Who did what of late, as JSON.
    pub fn audit_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.audit)
    }
}

/// What was read last.
#[derive(Debug, Default)]
pub struct Stored {
    kept: Mutex<Kept>,
    is_looking: AtomicBool,
}

#[derive(Debug, Default)]
struct Kept {
    figures: Arc<StoredFigures>,
    read_at: Option<Instant>,
    tried_at: Option<Instant>,
    school_at: Option<Instant>,
    paces: HashMap<BroadcastId, VecDeque<(Instant, u64)>>,
}

/// Ends the look, whatever became of it.
struct Looking<'a>(&'a AtomicBool);

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Stored {
    /// What is shown, and how old it is; none if nothing was read yet.
    pub fn shown(&self, now: Instant) -> (Arc<StoredFigures>, Option<Duration>) {
        let kept = self.lock();
        let age = kept.read_at.map(|at| now.saturating_duration_since(at));
        (Arc::clone(&kept.figures), age)
    }

    /// Whether it is time for another look.
    pub fn is_due(&self, now: Instant) -> bool {
        let tried_at = self.lock().tried_at;
        tried_at.is_none_or(|at| now.saturating_duration_since(at) >= LOOK_EVERY)
            && !self.is_looking.load(Ordering::Acquire)
    }

    /// The next look comes at once: something was done.
    pub fn renew(&self) {
        self.lock().tried_at = None;
    }

    /// Whether a queue is known by this name.
    pub fn has_queue(&self, name: &str) -> bool {
        self.lock().figures.queues.iter().any(|line| line.queue == name)
    }

    /// The name of the newest alert that is open, as far as it is known.
    pub fn newest_alert(&self) -> String {
        let kept = self.lock();
        let open = kept.figures.alerts.iter().filter(|alert| alert.state == "firing");
        open.max_by_key(|alert| alert.since).map(|alert| alert.name.clone()).unwrap_or_default()
    }

    /// Reads everything that is due. To be called where I/O may run.
    pub async fn look(&self, parts: &DashboardParts, people: &People) {
        if self.is_looking.swap(true, Ordering::AcqRel) {
            return;
        }
        let _looking = Looking(&self.is_looking);
        let begun = Instant::now();
        let (before, wants_school) = {
            let mut kept = self.lock();
            kept.tried_at = Some(begun);
            let school_at = kept.school_at;
            let is_old = |at| begun.saturating_duration_since(at) >= SCHOOL_EVERY;
            (Arc::clone(&kept.figures), school_at.is_none_or(is_old))
        };
        people.refresh(&parts.db).await;
        match read(parts, &before, wants_school).await {
            Ok((mut figures, broadcasts)) => {
                let mut kept = self.lock();
                let paces = &mut kept.paces;
                figures.broadcasts = lines(&broadcasts, paces, begun);
                kept.figures = Arc::new(figures);
                kept.read_at = Some(begun);
                if wants_school {
                    kept.school_at = Some(begun);
                }
            }
            Err(error) => error.tell("the dashboard's figures cannot be read"),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn within<T>(call: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
    timeout(CALL_WITHIN, call).await.unwrap_or_else(|_elapsed| {
        let reason = "no answer in time".to_owned();
        Err(StoreError::Unavailable { call: "dashboard", reason })
    })
}

async fn read(
    parts: &DashboardParts,
    before: &StoredFigures,
    wants_school: bool,
) -> StoreResult<(StoredFigures, Vec<Broadcast>)> {
    let (db, now) = (&parts.db, parts.clock.now());
    let mut broadcasts = within(db.broadcasts_open()).await?;
    let known: Vec<BroadcastId> = broadcasts.iter().map(|known| known.plan.id).collect();
    let past = within(db.broadcasts_list(None, PAST_BROADCASTS)).await?;
    broadcasts.extend(past.into_iter().filter(|past| !known.contains(&past.plan.id)));
    let counts = within(db.jobs_depth(now)).await?;
    let paused = within(db.queues_paused()).await?;
    let jobs = within(db.jobs_at_work(JOBS_MAX)).await?;
    let failed = by_error(within(db.jobs_dead(DEAD_MAX)).await?);
    let request = AuditRequest { limit: AUDIT_LINES, ..AuditRequest::default() };
    let audit = within(db.audit_list(request)).await?;
    let (users, searches) = if wants_school {
        school(db, now).await?
    } else {
        (before.users.clone(), before.searches.clone())
    };
    let Extras { alerts, errors, .. } = &parts.extras;
    let alerts = match alerts {
        Some(list) => within(list()).await?,
        None => Vec::new(),
    };
    let errors = match errors {
        Some(list) => within(list()).await?,
        None => Vec::new(),
    };
    let figures = StoredFigures {
        users,
        broadcasts: Vec::new(),
        queues: queues(&counts, &paused, &parts.queue, now),
        jobs: jobs.into_iter().map(|job| job_line(job, now)).collect(),
        failed: failed.into_iter().take(GROUPS_MAX).map(failed_line).collect(),
        searches,
        audit: audit.into_iter().map(audit_line).collect(),
        alerts,
        errors,
    };
    Ok((figures, broadcasts))
}

/// Figures that a job counts.
async fn school(db: &Db, now: Timestamp) -> StoreResult<(Option<Users>, Searches)> {
    let today = Day::of(now);
    let days = within(db.stats_days(today.minus(7), today)).await?;
    let users = days.last().map(|DayFigures { people, .. }| {
        let [active_1d, active_7d, active_30d] = people.active;
        Users { total: people.users, reachable: people.reachable, active_1d, active_7d, active_30d }
    });
    let top = within(db.stats_top(TopSort::Searches, Span::Week)).await?;
    let empty = within(db.stats_top(TopSort::Empty, Span::Week)).await?;
    let lines = |list: Vec<Top<String>>| {
        let line = |top: Top<String>| SearchLine { words: top.subject, count: top.count };
        list.into_iter().take(TOP_LINES).map(line).collect()
    };
    Ok((users, Searches { top: lines(top), empty: lines(empty) }))
}

fn lines(
    broadcasts: &[Broadcast],
    paces: &mut HashMap<BroadcastId, VecDeque<(Instant, u64)>>,
    now: Instant,
) -> Vec<BroadcastLine> {
    let runs = |known: &&Broadcast| known.state == BroadcastState::Running;
    let running: Vec<BroadcastId> =
        broadcasts.iter().filter(runs).map(|known| known.plan.id).collect();
    paces.retain(|id, _| running.contains(id));
    let line = |broadcast: &Broadcast| {
        let progress = &broadcast.progress;
        let id = broadcast.plan.id;
        let rate = running.contains(&id).then(|| {
            let pace = paces.entry(id).or_default();
            pace.push_back((now, progress.settled()));
            while pace.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) > RATE_SPAN)
            {
                pace.pop_front();
            }
            per_second(pace)
        });
        let rate = rate.flatten().unwrap_or(0.0);
        BroadcastLine {
            id: id.0.to_string(),
            title: title(&broadcast.plan.content),
            state: broadcast.state.name(),
            done: progress.settled(),
            total: progress.filled,
            failed: progress.failed.saturating_add(progress.in_doubt),
            blocked: progress.blocked,
            rate,
            left_s: left_s(progress.pending(), rate),
            may: may(broadcast.state),
        }
    };
    broadcasts.iter().map(line).collect()
}

/// Of readings of a counter.
fn per_second(pace: &VecDeque<(Instant, u64)>) -> Option<f64> {
    let ((began, first), (ended, last)) = (pace.front()?, pace.back()?);
    let span = ended.saturating_duration_since(*began).as_secs_f64();
    let count = u32::try_from(last.saturating_sub(*first)).ok()?;
    (span >= 1.0).then(|| f64::from(count) / span)
}

fn left_s(pending: u64, rate: f64) -> Option<u64> {
    let pending = u32::try_from(pending).ok()?;
    let seconds = (rate > 0.0).then(|| (f64::from(pending) / rate).ceil())?;
    Duration::try_from_secs_f64(seconds).ok().map(|left| left.as_secs())
}

fn may(state: BroadcastState) -> Vec<&'static str> {
    [(Control::Pause, "pause"), (Control::Resume, "resume"), (Control::Cancel, "cancel")]
        .into_iter()
        .filter(|(control, _)| control.applies_to().contains(&state))
        .map(|(_, name)| name)
        .collect()
}

fn queues(counts: &[JobCount], paused: &[String], own: &str, now: Timestamp) -> Vec<QueueLine> {
    let mut names: Vec<&str> = counts.iter().map(|count| count.queue.as_str()).collect();
    names.extend(paused.iter().map(String::as_str));
    names.push(own);
    names.sort_unstable();
    names.dedup();
    let line = |name: &str| {
        let of = |standing: &str| {
            counts.iter().find(|count| count.queue == name && count.standing == standing)
        };
        let count = |standing| of(standing).map_or(0, |count| count.count);
        let age = of("ready").map(|ready| now.signed_duration_since(ready.due));
        let is_paused = paused.iter().any(|paused| paused == name);
        QueueLine {
            queue: name.to_owned(),
            ready: count("ready"),
            scheduled: count("scheduled"),
            running: count("running"),
            retry: count("retry"),
            dead: count("dead"),
            oldest_s: age.and_then(|age| age.to_std().ok()).unwrap_or_default().as_secs_f64(),
            paused: is_paused,
            may: [if is_paused { "resume" } else { "pause" }],
        }
    };
    names.into_iter().map(line).collect()
}

fn job_line(job: AsideJob, now: Timestamp) -> JobLine {
    let is_due = job.run_at <= now;
    let state = match (job.state.as_str(), is_due, job.attempts) {
        ("running", ..) => "running",
        (_, true, _) => "ready",
        (_, false, 0) => "scheduled",
        (_, false, _) => "retry",
    };
    let age = now.signed_duration_since(job.run_at).to_std().unwrap_or_default();
    JobLine {
        id: job.id.0.to_string(),
        task: job.kind,
        queue: job.queue,
        state,
        age_s: age.as_secs_f64(),
        may: ["cancel"],
    }
}

fn failed_line(group: ErrorGroup) -> FailedLine {
    let jobs = group.ids().take(GROUP_JOBS_MAX).map(|id| id.0.to_string()).collect();
    FailedLine {
        count: group.jobs.len(),
        last: group.jobs.first().map_or(0, |job| millis(job.at)),
        jobs,
        error: shorten(&group.error, TEXT_CHARS),
        group: group.name,
        task: group.kind,
    }
}

/// The number of what something was done to; 0 is none.
fn number(subject: i64) -> String {
    if subject == 0 || subject == ERASED.0 { String::new() } else { subject.to_string() }
}

fn audit_line(entry: AuditEntry) -> AuditLine {
    let note = entry.note;
    let who = match note.actor {
        COMMAND_LINE => "cli".to_owned(),
        ERASED => String::new(),
        // Of some no name is known, as of whoever was given a role beforehand.
        actor => match entry.actor_name {
            Some(name) if !name.is_empty() => name,
            _ => actor.to_string(),
        },
    };
    let via = match (note.details.via, note.actor) {
        (Some(via), _) => via,
        (None, COMMAND_LINE) => "cli".to_owned(),
        (None, _) => "bot".to_owned(),
    };
    let after = note.details.after.as_deref();
    let target = note.details.target.or(entry.subject_name);
    AuditLine {
        at: millis(entry.at),
        who: shorten(&who, TITLE_CHARS),
        is_erased: note.actor == ERASED,
        action: wire_name(note.action, after),
        target: shorten(&target.unwrap_or_else(|| number(note.subject)), TITLE_CHARS),
        via,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_looks() {
        let begun = Instant::now();
        let pace: VecDeque<_> =
            [(begun, 10), (begun + Duration::from_secs(2), 70)].into_iter().collect();
        assert_eq!(per_second(&pace), Some(30.0));
        assert_eq!(left_s(100, 30.0), Some(4));
        assert_eq!(left_s(100, 0.0), None);
    }

    #[test]
    fn what_may_be_done_depends_on_where_it_stands() {
        assert_eq!(may(BroadcastState::Running), ["pause", "cancel"]);
        assert_eq!(may(BroadcastState::Paused), ["resume", "cancel"]);
        assert!(may(BroadcastState::Done).is_empty());
    }

    #[test]
    fn a_queue_without_jobs_is_shown_all_the_same() {
        let now = Timestamp::UNIX_EPOCH;
        let lines = queues(&[], &["upload".to_owned()], "default", now);
        let shown: Vec<_> = lines.iter().map(|line| (line.queue.as_str(), line.paused)).collect();
        assert_eq!(shown, [("default", false), ("upload", true)]);
        assert_eq!(lines[1].may, ["resume"]);
    }
}
