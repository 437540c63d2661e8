//! What a flow must not leave behind: checked at its end, and shown when it fails.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::process::tail;
use super::{Bot, bounded};

/// Rows that a flow leaves only when it says so.
const NONE_OF: [(&str, &str); 4] = [
    ("updates put aside", "SELECT count(*) FROM updates WHERE state = 'dead'"),
    ("failed messages", "SELECT count(*) FROM outbox WHERE state = 'failed'"),
    ("dead jobs", "SELECT count(*) FROM jobs WHERE state = 'dead'"),
    (
        "materials that nobody settles",
        "SELECT count(*) FROM materials WHERE state IN ('open', 'waiting') \
         AND NOT EXISTS (SELECT 1 FROM sessions WHERE tag IN ('upload', 'bulk', 'replace'))",
    ),
];

impl Bot {
    /// Announces that the log will hold an error line with this text, at least once.
    pub fn expect_error(&mut self, text: &str) {
        self.announced.push(text.to_owned());
    }

    /// Announces that the log may hold error lines with this text.
    pub fn excuse_error(&mut self, text: &'static str) {
        self.excused.push(text);
    }

    /// From now on it does not matter how often presses were answered.
    pub const fn forgive_presses(&mut self) {
        self.forgives_presses = true;
    }

    /// Announces that the flow ends with rows of this sort, one of [`NONE_OF`].
    pub fn expect_leftover(&mut self, what: &'static str) {
        self.leftovers.push(what);
    }

    /// Ends the flow: lets everything settle, stops the bot in order, and fails the test on
    /// whatever should not be there.
    pub async fn finish(mut self) {
        if self.process.is_none() {
            self.restart().await;
        }
        self.settle_all().await;
        self.stop().await;
        let mut faults = self.faults_of_the_log();
        faults.extend(self.faults_of_the_rows().await);
        faults.extend(self.faults_of_the_requests().await);
        faults.extend(self.files_half_stored());
        self.is_finished = true;
        assert!(faults.is_empty(), "the flow left behind:\n{}\n{}", faults.join("\n"), self.logs());
    }

    fn log_files(&self) -> Vec<PathBuf> {
        (1..=self.lives).map(|life| self.folder().join(format!("bot-{life}.log"))).collect()
    }

    fn faults_of_the_log(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut announced: BTreeMap<&str, bool> =
            self.announced.iter().map(|text| (text.as_str(), false)).collect();
        for log in self.log_files() {
            let text = std::fs::read_to_string(log).unwrap();
            for line in text.lines().filter(|line| is_fault(line)) {
                match announced.iter_mut().find(|(text, _)| line.contains(**text)) {
                    Some((_, seen)) => *seen = true,
                    None if self.excused.iter().any(|text| line.contains(text)) => {}
                    None => faults.push(format!("log: {line}")),
                }
            }
        }
        let missed = announced.into_iter().filter(|(_, seen)| !seen);
        faults.extend(missed.map(|(text, _)| format!("announced, but not in the log: {text}")));
        faults
    }

    async fn faults_of_the_rows(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (what, sql) in NONE_OF {
            let count = self.number(sql).await;
            match (count > 0, self.leftovers.contains(&what)) {
                (true, false) => faults.push(format!("{count} {what}")),
                (false, true) => faults.push(format!("announced, but there are no {what}")),
                _ => {}
            }
        }
        faults
    }

    async fn faults_of_the_requests(&self) -> Vec<String> {
        let violations = self.ctl("violations", json!({})).await;
        let mut faults = Vec::new();
        if violations["count"] != json!(0) {
            faults.push(format!("violations: {:#}", violations["violations"]));
        }
        if self.forgives_presses {
            return faults;
        }
        let calls = json!({"method": "answerCallbackQuery", "params": true, "limit": 100_000});
        let calls = self.ctl("calls", calls).await;
        let mut answers: BTreeMap<String, u32> = BTreeMap::new();
        for call in calls["calls"].as_array().unwrap() {
            *answers.entry(callback_of(call)).or_default() += 1;
        }
        for press in &self.presses {
            let count = answers.get(press).copied().unwrap_or(0);
            if count != 1 {
                faults.push(format!("a press was answered {count} times: {press}"));
            }
        }
        faults
    }

    /// All that the bot has logged, in all its lives.
    pub fn log(&self) -> String {
        let texts = self.log_files().into_iter().map(|log| std::fs::read_to_string(log).unwrap());
        texts.collect()
    }

    /// Whether a file is being fetched.
    pub fn has_temporary_files(&self) -> bool {
        self.temporary_files() > 0
    }

    /// How many files are being fetched.
    pub fn temporary_files(&self) -> usize {
        self.files_half_stored().len()
    }

    pub(super) fn files_half_stored(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder().join("files/tmp")) else {
            return Vec::new();
        };
        entries
            .map(|entry| format!("temporary file: {}", entry.unwrap().path().display()))
            .collect()
    }

    fn logs(&self) -> String {
        self.log_files().iter().map(|log| tail(log)).collect::<Vec<_>>().join("\n-- restart --\n")
    }

    /// Waits until a material's row is in a state.
    pub async fn material_is(&self, condition: &str) {
        let sql = format!("SELECT count(*) FROM materials WHERE {condition}");
        bounded(condition, async || (self.number(&sql).await > 0).then_some(())).await;
    }
}

/// An error, a panic, or a child that had to be started again.
fn is_fault(line: &str) -> bool {
    let level = line.split_whitespace().nth(1).unwrap_or_default();
    let restarted = line.contains("child started") && !line.contains("child.generation=1");
    level == "ERROR" || line.contains("panicked") || restarted
}

/// The id of the press that a call answers.
fn callback_of(call: &Value) -> String {
    call["params"]["callback_query_id"].as_str().unwrap_or_default().to_owned()
}

impl Drop for Bot {
    #[expect(clippy::print_stderr, reason = "the test runner shows it with the failure")]
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        assert!(std::thread::panicking(), "a flow must end with Bot::finish");
        eprintln!("the bot's log:\n{}", self.logs());
    }
}
