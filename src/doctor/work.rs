//! What waits, what was given up, and who works.

use chrono::TimeDelta;
use futures_util::FutureExt as _;

use super::case::Case;
use super::finding::{Answer, Finding, Mend, Severity, found, found_if};
use super::registry::Check;
use crate::domain::clock::Timestamp;
use crate::store::records::JobCount;

const URL: &[&str] = &["database.url"];

pub(super) const CHECKS: &[Check] = &[
    Check::asking(
        "work.leader",
        "Which process leads, and which run jobs?",
        Severity::Info,
        URL,
        |case| leader(case).boxed(),
    ),
    Check::asking(
        "work.updates-waiting",
        "Are updates worked off?",
        Severity::Warning,
        &["database.url", "alerts.update_age_s"],
        |case| updates_waiting(case).boxed(),
    ),
    Check::asking(
        "work.updates-aside",
        "Was any update put aside?",
        Severity::Warning,
        URL,
        |case| updates_aside(case).boxed(),
    ),
    Check::asking(
        "work.jobs-dead",
        "Has any job failed for good?",
        Severity::Warning,
        URL,
        |case| jobs_dead(case).boxed(),
    ),
    Check::asking(
        "work.jobs-waiting",
        "Are jobs worked off?",
        Severity::Warning,
        &["database.url", "alerts.job_age_s"],
        |case| jobs_waiting(case).boxed(),
    ),
    Check::asking(
        "work.jobs-abandoned",
        "Does any job hang at a dead process?",
        Severity::Warning,
        URL,
        |case| jobs_abandoned(case).boxed(),
    ),
    Check::asking("work.queues", "Is any queue held?", Severity::Warning, URL, |case| {
        queues(case).boxed()
    }),
    Check::asking("work.outbox", "Was any message given up?", Severity::Warning, URL, |case| {
        outbox(case).boxed()
    }),
];

async fn leader(case: &Case) -> Answer {
    let work = case.work().await?;
    let workers = work.workers.len();
    let text = match &work.leader {
        Some(name) => format!("{name} leads; worker processes beside it: {workers}"),
        None => format!("no bot runs on this database; worker processes: {workers}"),
    };
    let cure = if work.leader.is_some() {
        "another one stands by: primelingo run"
    } else {
        "primelingo run"
    };
    found(Finding::info(text, cure))
}

/// How long something waits, seconds.
fn age_s(case_clock: Timestamp, since: Timestamp) -> i64 {
    case_clock.signed_duration_since(since).max(TimeDelta::zero()).num_seconds()
}

async fn updates_waiting(case: &Case) -> Answer {
    let (facts, work) = (case.facts().await?, case.work().await?);
    let waits_s = work.ledger.oldest.map_or(0, |oldest| age_s(facts.clock, oldest));
    found_if(waits_s > i64::from(case.settings().alerts.update_age_s), || {
        let cure = if work.leader.is_none() { "primelingo run" } else { "primelingo errors list" };
        let open = work.ledger.open;
        Finding::warning(format!("{open} updates wait, the oldest for {waits_s} s"), cure)
    })
}

async fn updates_aside(case: &Case) -> Answer {
    let dead = case.work().await?.ledger.dead;
    found_if(dead > 0, || {
        Finding::warning(
            format!("{dead} updates were put aside after they failed again and again"),
            "primelingo updates list",
        )
    })
}

fn count(jobs: &[JobCount], standing: &str) -> i64 {
    jobs.iter().filter(|count| count.standing == standing).map(|count| count.count).sum()
}

async fn jobs_dead(case: &Case) -> Answer {
    let dead = count(&case.work().await?.jobs, "dead");
    found_if(dead > 0, || {
        Finding::warning(format!("{dead} jobs have failed for good"), "primelingo jobs failed")
    })
}

async fn jobs_waiting(case: &Case) -> Answer {
    let (facts, work) = (case.facts().await?, case.work().await?);
    let mut findings = Vec::new();
    for jobs in work.jobs.iter().filter(|count| count.standing == "ready") {
        let (queue, waits_s) = (&jobs.queue, age_s(facts.clock, jobs.due));
        // Of a queue that is held `work.queues` tells.
        let is_held = work.queues_paused.contains(queue);
        if is_held || waits_s <= i64::from(case.settings().alerts.job_age_s) {
            continue;
        }
        let nobody = work.leader.is_none() && work.workers.is_empty();
        let (why, cure) = if nobody {
            ("nobody is there to do them", format!("primelingo worker --queue {queue}"))
        } else if *queue == case.settings().jobs.queue {
            ("the workers do not keep up", "primelingo worker".to_owned())
        } else {
            ("jobs.queue names another one", format!("primelingo worker --queue {queue}"))
        };
        findings.push(Finding::warning(
            format!("{} jobs wait in queue {queue}, the oldest for {waits_s} s: {why}", jobs.count),
            cure,
        ));
    }
    Ok(findings)
}

async fn jobs_abandoned(case: &Case) -> Answer {
    let abandoned = case.work().await?.jobs_abandoned;
    found_if(abandoned > 0, || {
        Finding::warning(
            format!("{abandoned} jobs are held by processes that show no life"),
            "primelingo doctor --fix",
        )
        .with(Mend::ReleaseJobs)
    })
}

async fn queues(case: &Case) -> Answer {
    let finding = |queue: &String| {
        let cure = format!("primelingo jobs resume {queue}");
        Finding::warning(format!("queue {queue} is held: no job of it is begun"), cure)
    };
    Ok(case.work().await?.queues_paused.iter().map(finding).collect())
}

async fn outbox(case: &Case) -> Answer {
    let dead = case.work().await?.outbox_dead;
    found_if(dead.reply > 0, || {
        Finding::warning(
            format!("{} messages for which somebody waited were given up", dead.reply),
            "primelingo errors list",
        )
    })
}
