//! The bot's fail points: rules for its next start, and what came of them.

use std::collections::BTreeSet;

use primelingo::fail_points::{Plan, Point, Rule};

use serde_json::json;

use super::{Bot, BotOptions, LOOK_EVERY, OPEN_JOBS, UNSETTLED, bounded};
use crate::support::bot::process::Process;

impl BotOptions {
    /// One more rule for the first start.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}

const OPEN_BROADCASTS: &str = "(SELECT count(*) FROM broadcasts \
     WHERE state IN ('scheduled', 'running', 'paused'))";

impl Bot {
    /// The rules for all starts from the next one on.
    pub fn plan(&mut self, rules: Vec<Rule>) {
        let plan = Plan { report: Some(self.folder().join("fail-points.txt")), rules };
        self.fail_points = Some(serde_json::to_string(&plan).unwrap());
    }

    /// Points that the bot has come to so far, in all its lives.
    pub fn reached(&self) -> BTreeSet<Point> {
        self.reported("reached").collect()
    }

    /// How often the bot has acted at a point so far, in all its lives.
    pub fn acted(&self, point: Point) -> usize {
        self.reported("acted").filter(|acted| *acted == point).count()
    }

    fn reported(&self, what: &str) -> impl Iterator<Item = Point> {
        let report = self.folder().join("fail-points.txt");
        let text = std::fs::read_to_string(report).unwrap_or_default();
        let points = text.lines().filter_map(|line| {
            let (said, point) = line.split_once(' ')?;
            (said == what).then(|| Point::by_name(point).unwrap())
        });
        points.collect::<Vec<_>>().into_iter()
    }

    /// Takes back that a flow ends with rows of this sort.
    pub fn forget_leftover(&mut self, what: &str) {
        self.leftovers.retain(|leftover| *leftover != what);
    }

    /// Runs another command of the program on the bot's database; gives its output.
    pub fn command(&self, arguments: &[&str]) -> String {
        Process::run(self.folder(), &self.settings, arguments)
    }

    /// What a command says that must be refused.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let (code, output, errors) = Process::outcome(self.folder(), &self.settings, arguments);
        assert_eq!((code, output.as_str()), (Some(1), ""), "{errors}");
        errors
    }

    /// The same for a command that may fail: exit code and output.
    pub fn outcome(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let (code, output, _errors) = Process::outcome(self.folder(), &self.settings, arguments);
        (code, output)
    }

    /// As [`Bot::start`], for a bot that may die before its first poll.
    pub async fn start_dying(options: BotOptions) -> Self {
        let mut bot = Self::prepare(options).await;
        bot.launch_dying();
        bot
    }

    /// How often the bot has acted on a rule so far, in all its lives.
    pub fn acted_in_all(&self) -> usize {
        self.reported("acted").count()
    }

    /// Whether everything that was begun is over, jobs and broadcasts included.
    pub async fn is_settled(&self) -> bool {
        let queue = self.ctl("queue", json!({})).await;
        let unsettled = format!("{UNSETTLED} + {OPEN_JOBS} + {OPEN_BROADCASTS}");
        queue["pending"] == json!(0) && self.number(&unsettled).await == 0
    }

    /// A moment between two looks.
    pub async fn pause(&self) {
        tokio::time::sleep(LOOK_EVERY * 5).await;
    }

    /// Forgets a bot that has died.
    pub fn bury_quietly(&mut self) {
        assert!(self.has_ended(), "it lives");
        self.process = None;
    }

    /// SIGTERM; gives whether the bot ended in order.
    pub async fn stop_quietly(&mut self) -> bool {
        let mut process = self.process.take().expect("a bot to stop");
        if process.ended().is_none() {
            process.terminate();
        }
        bounded("the end of the bot", async || process.ended()).await == 0
    }

    /// Ends a flow in which the bot was made to fail: what it has logged is no matter, but what the
    /// simulator or the disk would tell is.
    pub async fn finish_after_faults(mut self) {
        // A press that was stored and answered, but not acknowledged before a death, comes again and
        // is answered again: nothing tells the bot that it was answered.
        let violations = self.ctl("violations", json!({})).await["violations"].clone();
        let mut faults: Vec<String> = violations
            .as_array()
            .into_iter()
            .flatten()
            .filter(|violation| violation["what"] != json!("answered a callback query twice"))
            .map(ToString::to_string)
            .collect();
        // It may have been started a moment ago, and not listen to signals yet.
        self.stop_quietly().await;
        faults.extend(self.files_half_stored());
        self.is_finished = true;
        assert!(faults.is_empty(), "left behind:\n{}", faults.join("\n"));
    }

    /// Starts the bot again, which may die of what it finds before its first poll.
    pub fn relaunch(&mut self) {
        self.launch_dying();
    }

    /// Whether the bot has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.process.as_mut().is_none_or(|process| process.ended().is_some())
    }

    /// Waits until the bot has ended by itself, and gives its exit code; -1 for a signal.
    pub async fn death(&mut self) -> i32 {
        let mut process = self.process.take().expect("a bot that may die");
        let code = bounded("the end of the bot", async || Process::ended(&mut process)).await;
        self.bury().await;
        code
    }
}
