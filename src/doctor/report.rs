//! What all checks have found, for people and for programs.

use std::time::Duration;

use serde_json::{Value, json};

use super::finding::{Answer, Finding, Mend, Severity, Skip};
use super::mend::Mended;
use super::registry::Check;

/// What a check has found.
#[derive(Clone)]
pub struct Outcome {
    /// Which.
    pub check: &'static Check,
    /// What it found.
    pub answer: Answer,
    /// How long it took.
    pub took: Duration,
}

/// What all of them have found.
#[derive(Clone)]
pub struct Report {
    /// One for each check, in the registry's order.
    pub outcomes: Vec<Outcome>,
    /// How long all took together.
    pub took: Duration,
}

impl Outcome {
    /// `ok`, `info`, `warning`, `error` or `skipped`.
    pub fn name(&self) -> &'static str {
        match &self.answer {
            Err(_) => "skipped",
            Ok(findings) => worst(findings.iter()).map_or("ok", Severity::name),
        }
    }

    fn findings(&self) -> &[Finding] {
        self.answer.as_deref().unwrap_or_default()
    }

    fn json(&self) -> Value {
        let finding = |finding: &Finding| {
            json!({
                "severity": finding.severity.name(),
                "finding": finding.text,
                "cure": finding.cure,
                "mendable": finding.mend.is_some(),
            })
        };
        json!({
            "check": self.check.name,
            "asks": self.check.asks,
            "outcome": self.name(),
            "findings": self.findings().iter().map(finding).collect::<Value>(),
            "skipped": self.answer.as_ref().err().map(|Skip(why)| why),
            "took_ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        })
    }
}

fn worst<'a>(findings: impl Iterator<Item = &'a Finding>) -> Option<Severity> {
    findings.map(|finding| finding.severity).max()
}

impl Report {
    /// All that was found.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.outcomes.iter().flat_map(Outcome::findings)
    }

    /// 0: nothing to do, 1: warnings, 2: errors.
    pub fn exit_code(&self) -> u8 {
        match worst(self.findings()) {
            None | Some(Severity::Info) => 0,
            Some(Severity::Warning) => 1,
            Some(Severity::Error) => 2,
        }
    }

    /// The same after `--fix`: what could not be mended is an error, whatever it was before.
    pub fn exit_code_after(&self, mended: &Mended) -> u8 {
        if mended.failed.is_empty() { self.exit_code() } else { 2 }
    }

    /// What `--fix` would do, each once.
    pub fn mends(&self) -> Vec<Mend> {
        let mut mends: Vec<Mend> = Vec::new();
        for mend in self.findings().filter_map(|finding| finding.mend.clone()) {
            if !mends.contains(&mend) {
                mends.push(mend);
            }
        }
        mends
    }

    /// For programs. The keys stay as they are.
    pub fn json(&self, mended: &Mended) -> Value {
        json!({
            "exit_code": self.exit_code_after(mended),
            "took_ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "checks": self.outcomes.iter().map(Outcome::json).collect::<Value>(),
            "mended": mended.done,
            "not_mended": mended.failed,
        })
    }

    /// For people: a line for each check, and below it what mends what it found.
    pub fn table(&self, mended: &Mended, colours: bool) -> String {
        let mut lines = Vec::new();
        let width = self.outcomes.iter().map(|it| it.check.name.len()).max().unwrap_or(0);
        for outcome in &self.outcomes {
            let name = outcome.check.name;
            match &outcome.answer {
                Err(Skip(why)) => {
                    lines.push(format!("{}  {name:width$}  {why}", mark("skipped", colours)));
                }
                Ok(findings) if findings.is_empty() => {
                    lines.push(format!("{}  {name}", mark("ok", colours)));
                }
                Ok(findings) => {
                    for finding in findings {
                        let mark = mark(finding.severity.name(), colours);
                        lines.push(format!("{mark}  {name:width$}  {}", finding.text));
                        lines.push(format!("         {:width$}  -> {}", "", finding.cure));
                    }
                }
            }
        }
        lines.extend(mended.done.iter().map(|done| format!("mended: {done}")));
        lines.extend(mended.failed.iter().map(|failed| format!("not mended: {failed}")));
        lines.push(self.summary());
        lines.join("\n")
    }

    fn summary(&self) -> String {
        let count = |name: &str| self.outcomes.iter().filter(|it| it.name() == name).count();
        let mendable = self.findings().filter(|finding| finding.mend.is_some()).count();
        let mended = match mendable {
            0 => String::new(),
            count => format!("; {count} mended by: primelingo doctor --fix"),
        };
        format!(
            "{} checks in {} ms: {} ok, {} info, {} warnings, {} errors, {} skipped{mended}",
            self.outcomes.len(),
            self.took.as_millis(),
            count("ok"),
            count("info"),
            count("warning"),
            count("error"),
            count("skipped"),
        )
    }

    /// Takes a word out of every text.
    pub(super) fn replace(&mut self, word: &str, by: &str) {
        for outcome in &mut self.outcomes {
            match &mut outcome.answer {
                Ok(findings) => {
                    for finding in findings {
                        finding.text = finding.text.replace(word, by);
                        finding.cure = finding.cure.replace(word, by);
                    }
                }
                Err(Skip(why)) => *why = why.replace(word, by),
            }
        }
    }
}

/// The outcome as it begins a line.
fn mark(outcome: &str, colours: bool) -> String {
    let colour = match outcome {
        "ok" => "32",
        "info" => "36",
        "warning" => "33",
        "error" => "31",
        _ => "2",
    };
    let padded = format!("{outcome:7}");
    if colours { format!("\u{1b}[{colour}m{padded}\u{1b}[0m") } else { padded }
}
