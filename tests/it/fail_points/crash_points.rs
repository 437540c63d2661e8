//! A generated loop over all fail points: at each of them the bot is killed, panics and fails, and
//! is killed once more while it recovers from another death. Nothing may be lost, nothing doubled
//! beyond what was in flight, and a point that is never reached fails the test.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use futures_util::stream;
use futures_util::{FutureExt as _, StreamExt as _};
use primelingo::fail_points::{Action, Point, Rule};

use super::scenario::{Day, Plan, live};
use crate::support::bot::Backend;

/// Days that are lived at the same time. Most of a day is waiting.
const AT_ONCE: usize = 6;

/// Points that a day like this does not act at: what inspects is a child process, of which
/// `flows::poison` tells, and what copies is a command, of which `store::copy` does.
const ELSEWHERE: &[Point] = &[Point::InspectChild, Point::CopyBefore, Point::CopyAfter];

/// Points of commands that no bot reaches: `store::copy` goes through them.
const OF_COMMANDS: &[Point] = &[Point::CopyBefore, Point::CopyAfter];

/// Methods of the Bot API that a day needs.
const METHODS: &[&str] = &[
    "getMe",
    "getUpdates",
    "setMyCommands",
    "sendMessage",
    "editMessageText",
    "answerCallbackQuery",
    "getFile",
    "sendDocument",
];

/// Reaches of a commit at which something happens: at the start, in the dialog, in the job. A kill
/// leaves more behind than a panic or an error, which one group of callers is told of.
const COMMITS_KILLED: &[u64] = &[1, 2, 3, 5, 8, 12, 17, 23, 29];
const COMMITS_FAILED: &[u64] = &[2, 8, 17];

/// One case: what happens in which life.
#[derive(Debug, Clone)]
struct Case {
    lives: Vec<Vec<Rule>>,
    throttle_bps: Option<u64>,
    /// Whether the last life with a rule must come to it. A recovery does not come to all points.
    must_act: bool,
}

impl Case {
    fn first_life(point: Point, rule: Rule) -> Self {
        // A beat comes only to a job that takes longer than the pause between two beats.
        let throttle_bps = (point == Point::JobBeat).then_some(8_000);
        Self { lives: vec![vec![rule]], throttle_bps, must_act: true }
    }

    /// Killed in the middle of the upload's processing, and again at this rule in the next life.
    fn second_life(rule: Rule) -> Self {
        let first = Rule::once(Point::RenameAfter.name(), Action::Kill);
        Self { lives: vec![vec![first], vec![rule]], throttle_bps: None, must_act: false }
    }
}

/// The rules for a point: one for each of its places or times that differ.
fn rules(point: Point, action: Action) -> Vec<Rule> {
    let rule = Rule::once(point.name(), action);
    match point {
        Point::TelegramRequest | Point::TelegramAnswer => METHODS
            .iter()
            .map(|method| Rule { marker: Some((*method).to_owned()), ..rule.clone() })
            .collect(),
        Point::CommitBefore | Point::CommitAfter => {
            let reaches = if action == Action::Kill { COMMITS_KILLED } else { COMMITS_FAILED };
            reaches.iter().map(|from| rule.clone().from_reach(*from)).collect()
        }
        // The second batch is the first with something in it that matters.
        Point::IntakeBefore | Point::IntakeAfter => vec![rule.clone(), rule.from_reach(2)],
        _ => vec![rule],
    }
}

fn actions(point: Point) -> impl Iterator<Item = Action> {
    let error = point.can_fail().then_some(Action::Error);
    [Action::Kill, Action::Panic].into_iter().chain(error)
}

fn cases(points: impl Iterator<Item = Point>) -> Vec<Case> {
    let mut cases = Vec::new();
    for point in points.filter(|point| !ELSEWHERE.contains(point)) {
        // Only after a death there is something to look into.
        let needs_death = matches!(point, Point::InquestBegin | Point::InquestClaimed);
        for action in actions(point).filter(|_| !needs_death) {
            let rules = rules(point, action).into_iter();
            cases.extend(rules.map(|rule| Case::first_life(point, rule)));
        }
        for rule in rules(point, Action::Kill) {
            let case = Case::second_life(rule);
            cases.push(Case { must_act: needs_death, ..case });
        }
    }
    cases
}

/// Lives all cases; fails with those that went wrong. Gives the points that were reached.
async fn live_all(backend: Backend, cases: Vec<Case>) -> BTreeSet<Point> {
    let reached = Arc::new(Mutex::new(BTreeSet::new()));
    let failed = Arc::new(Mutex::new(Vec::new()));
    stream::iter(cases)
        .for_each_concurrent(AT_ONCE, |case| {
            let (reached, failed) = (Arc::clone(&reached), Arc::clone(&failed));
            async move {
                let name = format!("{:?}", case.lives);
                let Case { lives, throttle_bps, must_act } = case;
                let lived = AssertUnwindSafe(live(Plan { backend, lives, throttle_bps }))
                    .catch_unwind()
                    .await;
                match lived {
                    Ok(Day { acted: 0, .. }) if must_act => {
                        failed.lock().unwrap().push(format!("{name}: never happened"));
                    }
                    Ok(day) => reached.lock().unwrap().extend(day.reached),
                    Err(_) => failed.lock().unwrap().push(name),
                }
            }
        })
        .await;
    let failed = failed.lock().unwrap();
    assert!(failed.is_empty(), "{} cases:\n{}", failed.len(), failed.join("\n"));
    reached.lock().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_point_on_sqlite() {
    let reached = live_all(Backend::Sqlite, cases(Point::ALL.iter().copied())).await;
    let is_missed = |point: &Point| !reached.contains(point) && !OF_COMMANDS.contains(point);
    let missed: Vec<Point> = Point::ALL.iter().copied().filter(is_missed).collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
}

/// What differs between the databases: commits, and what is claimed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_and_claims_on_postgres() {
    let points = [Point::CommitBefore, Point::CommitAfter, Point::ClaimAfter, Point::RescueBefore];
    let cases = cases(points.into_iter());
    live_all(Backend::Postgres, cases).await;
}
