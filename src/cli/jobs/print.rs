//! What `primelingo jobs` prints, for people and for programs.

use serde_json::{Value, json};

use crate::domain::clock::Timestamp;
use crate::domain::failures::ErrorGroup;
use crate::store::records::{AsideJob, JobCount};

/// Numbers of a group's jobs that people are shown.
const NUMBERS_MAX: usize = 5;

/// Queues that are held, and jobs, a line each.
pub fn list(jobs: &[AsideJob], paused: &[String], json: bool) -> String {
    if json {
        return jobs.iter().map(value).collect::<Value>().to_string();
    }
    let held =
        |queue: &String| format!("queue {queue} is held; to go on: primelingo jobs resume {queue}");
    let mut lines: Vec<String> = paused.iter().map(held).collect();
    if jobs.is_empty() {
        lines.push("all jobs are over".to_owned());
    }
    lines.extend(jobs.iter().map(line));
    lines.join("\n")
}

/// What was done to a queue, or that it was so already.
pub fn queue(is_done: bool, queue: &str, what: &str, json: bool) -> String {
    if json {
        return json!({ "queue": queue, "done": is_done }).to_string();
    }
    let already = if is_done { "" } else { " already" };
    format!("queue {queue} {what}{already}")
}

/// One job, with all that is known of it.
pub fn one(job: &AsideJob, json: bool) -> String {
    if json {
        return value(job).to_string();
    }
    let AsideJob { queue, priority, run_at, owner, progress, done_at, payload, .. } = job;
    let owner = owner.as_deref().unwrap_or("-");
    let progress = progress.as_deref().unwrap_or("-");
    let ended = done_at.map_or_else(|| "-".to_owned(), at);
    format!(
        "{}\nqueue {queue}  priority {priority}  due {}  owner {owner}  ended {ended}\n\
         progress: {progress}\n{payload}",
        line(job),
        at(*run_at)
    )
}

/// What failed, by what it failed of.
pub fn groups(groups: &[ErrorGroup], json: bool) -> String {
    if json {
        let group = |group: &ErrorGroup| {
            let jobs: Vec<i64> = group.ids().map(|id| id.0).collect();
            json!({ "group": group.name, "kind": group.kind, "error": group.error, "jobs": jobs })
        };
        return groups.iter().map(group).collect::<Value>().to_string();
    }
    if groups.is_empty() {
        return "no job has failed".to_owned();
    }
    let text = |group: &ErrorGroup| {
        let ErrorGroup { name, error, kind, jobs } = group;
        let count = jobs.len();
        let newest = jobs.first().map_or_else(|| "-".to_owned(), |job| at(job.at));
        let mut numbers: Vec<String> =
            group.ids().take(NUMBERS_MAX).map(|id| id.0.to_string()).collect();
        if count > NUMBERS_MAX {
            numbers.push("...".to_owned());
        }
        let numbers = numbers.join(", ");
        format!("{name}  {count} x {kind}  last {newest}\n  {error}\n  jobs {numbers}")
    };
    let advice = "another try for a group: primelingo jobs retry --all-of GROUP";
    let mut lines: Vec<String> = groups.iter().map(text).collect();
    lines.push(advice.to_owned());
    lines.join("\n")
}

/// How many stand how.
pub fn stats(counts: &[JobCount], now: Timestamp, json: bool) -> String {
    if json {
        let count = |count: &JobCount| {
            let JobCount { queue, kind, standing, count, due } = count;
            json!({
                "queue": queue, "kind": kind, "state": standing, "count": count,
                "first_due": due.to_rfc3339(),
            })
        };
        return counts.iter().map(count).collect::<Value>().to_string();
    }
    if counts.is_empty() {
        return "there are no jobs".to_owned();
    }
    let text = |count: &JobCount| {
        let JobCount { queue, kind, standing, count, due } = count;
        let age = now.signed_duration_since(*due).num_seconds();
        let waits = if standing == "ready" { format!("  waits {age} s") } else { String::new() };
        format!("{queue}  {kind}  {standing}  {count}{waits}")
    };
    counts.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// What was done to one job, or why not.
pub fn word(is_done: bool, number: i64, text: &str, json: bool) -> String {
    if json { json!({ "job": number, "done": is_done }).to_string() } else { text.to_owned() }
}

/// What was done to many.
pub fn count(done: u64, left: u64, text: &str, json: bool) -> String {
    if json { json!({ "done": done, "left": left }).to_string() } else { text.to_owned() }
}

fn line(job: &AsideJob) -> String {
    let AsideJob { id, kind, state, attempts, faults, error, created_at, .. } = job;
    let error = error.as_deref().unwrap_or("-");
    let created = at(*created_at);
    format!("{}  {state}  {kind}  {created}  attempts {attempts}  faults {faults}  {error}", id.0)
}

fn value(job: &AsideJob) -> Value {
    json!({
        "job": job.id.0,
        "kind": job.kind,
        "state": job.state,
        "queue": job.queue,
        "priority": job.priority,
        "attempts": job.attempts,
        "faults": job.faults,
        "error": job.error,
        "owner": job.owner,
        "progress": job.progress,
        "payload": job.payload,
        "created_at": job.created_at.to_rfc3339(),
        "run_at": job.run_at.to_rfc3339(),
        "done_at": job.done_at.map(|time| time.to_rfc3339()),
    })
}

fn at(time: Timestamp) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
