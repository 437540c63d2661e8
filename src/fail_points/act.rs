//! Counts reaches, and acts.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::hint::black_box;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

use super::plan::{Action, Plan, Rule, Times};
use super::points::Point;

/// A point was told to fail.
#[derive(Debug)]
pub struct Failure;

/// The armed plan of this process.
static ARMED: OnceLock<Armed> = OnceLock::new();

struct Armed {
    rules: Vec<(Point, Rule)>,
    progress: Mutex<Progress>,
}

struct Progress {
    report: Option<File>,
    reached: HashSet<Point>,
    /// Counted reaches of each rule.
    counts: Vec<u64>,
}

/// Arms the plan, for the whole life of the process. The words are for whoever wrote the plan.
///
/// # Errors
/// The plan cannot be read, names an unknown point, lets a point fail that cannot, or its report
/// cannot be opened; or another plan is armed.
pub fn arm(plan: &str) -> Result<(), String> {
    let plan: Plan = serde_json::from_str(plan).map_err(|error| error.to_string())?;
    let mut rules = Vec::new();
    for rule in plan.rules {
        let point = Point::by_name(&rule.point)
            .ok_or_else(|| format!("there is no fail point {}", rule.point))?;
        if rule.action == Action::Error && !point.can_fail() {
            return Err(format!("the fail point {} has no error to return", rule.point));
        }
        rules.push((point, rule));
    }
    let report = plan.report.map(|path| OpenOptions::new().create(true).append(true).open(path));
    let report = report.transpose().map_err(|error| format!("report of fail points: {error}"))?;
    let progress = Progress { report, reached: HashSet::new(), counts: vec![0; rules.len()] };
    let armed = Armed { rules, progress: Mutex::new(progress) };
    ARMED.set(armed).map_err(|_| "fail points are armed already".to_owned())
}

/// The program has come to a point: does what the plan says. Everything but [`Action::Error`] and
/// the delay does not return.
///
/// # Errors
/// The point shall fail.
pub fn reach(point: Point, text: &str) -> Result<(), Failure> {
    match asked_action(point, text) {
        None => Ok(()),
        Some(Action::Error) => Err(Failure),
        Some(action) => {
            act(action, point);
            Ok(())
        }
    }
}

/// As [`reach`], but leaves the action to the caller, who has a child do it.
pub fn asked_action(point: Point, text: &str) -> Option<Action> {
    let armed = ARMED.get()?;
    let mut progress = armed.progress.lock().unwrap_or_else(PoisonError::into_inner);
    if progress.reached.insert(point) {
        progress.note("reached", point);
    }
    for (at, (_, rule)) in armed.rules.iter().enumerate().filter(|(_, rule)| rule.0 == point) {
        if !rule.marker.as_ref().is_none_or(|marker| text.contains(marker.as_str())) {
            continue;
        }
        let Some(count) = progress.counts.get_mut(at) else { continue };
        *count += 1;
        let acts = match rule.times {
            Times::Once => *count == rule.from,
            Times::Always => *count >= rule.from,
        };
        if acts {
            progress.note("acted", point);
            return Some(rule.action);
        }
    }
    None
}

impl Progress {
    /// A line is one write, and what is written survives the process.
    fn note(&mut self, what: &str, point: Point) {
        let Some(report) = &mut self.report else { return };
        // A test that finds no line fails: nothing is to be done here.
        let _ = report.write_all(format!("{what} {}\n", point.name()).as_bytes());
    }
}

fn act(action: Action, point: Point) {
    match action {
        Action::Kill => {
            let _ = kill_process(getpid(), Signal::KILL);
            // The signal comes at the latest with the next system call.
            wait_for_ever();
        }
        Action::Abort => std::process::abort(),
        Action::Panic => panic!("fail point {}", point.name()),
        Action::Error => {}
        Action::Spin => loop {
            std::hint::spin_loop();
        },
        Action::Hang => wait_for_ever(),
        Action::DelayMs(pause) => std::thread::sleep(Duration::from_millis(pause)),
        Action::Allocate => allocate(),
        Action::Overflow => {
            black_box(recurse(0));
        }
    }
}

fn wait_for_ever() -> ! {
    loop {
        std::thread::park();
    }
}

fn allocate() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1_u8; 1024 * 1024]));
    }
}

#[expect(unconditional_recursion, reason = "the action that is asked for")]
fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    frame.first().copied().unwrap_or_default() + recurse(black_box(depth + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_that_make_no_sense_are_refused() {
        let plan = |rule: Rule| {
            let plan = Plan { report: None, rules: vec![rule] };
            arm(&serde_json::to_string(&plan).unwrap()).unwrap_err()
        };
        assert_eq!(plan(Rule::once("no.such", Action::Kill)), "there is no fail point no.such");
        let silent = Point::InspectChild.name();
        assert_eq!(
            plan(Rule::once(silent, Action::Error)),
            "the fail point inspect.child has no error to return"
        );
    }

    #[test]
    fn names_are_unique() {
        let names: HashSet<&str> = Point::ALL.iter().map(|point| point.name()).collect();
        assert_eq!(names.len(), Point::ALL.len());
    }
}
