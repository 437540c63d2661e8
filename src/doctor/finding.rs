//! What a check answers: what it found, how bad that is, and what mends it.

use std::path::PathBuf;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know; nothing has to be done.
    Info,
    /// The bot works, but not as well or as safely as it could.
    Warning,
    /// The bot does not work, or loses data when something else goes wrong.
    Error,
}

impl Severity {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a sentence.
    pub text: String,
    /// A line to paste that mends it, or the setting to change.
    pub cure: String,
    /// What `--fix` does about it, where that is safe.
    pub mend: Option<Mend>,
}

/// Something that `--fix` does. Nothing here can lose data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// Takes the file's or the folder's group and others their rights.
    MakePrivate(PathBuf),
    /// Makes a folder for us alone.
    MakeFolder(PathBuf),
    /// Brings the schema up to date.
    Migrate,
    /// Makes indexes that are missing or were never finished.
    MakeIndexes(Vec<String>),
    /// Ends webhook delivery. What waits is kept.
    DropWebhook,
    /// Gives jobs back that dead processes hold.
    ReleaseJobs,
    /// Removes half-fetched files that nobody has written to for two days.
    SweepTemp,
}

/// Why a check could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip(pub String);

/// What a check answers: nothing found, something found, or not made.
pub type Answer = Result<Vec<Finding>, Skip>;

impl Finding {
    fn new(severity: Severity, text: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { severity, text: text.into(), cure: cure.into(), mend: None }
    }

    pub(super) fn info(text: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Severity::Info, text, cure)
    }

    pub(super) fn warning(text: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Severity::Warning, text, cure)
    }

    pub(super) fn error(text: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Severity::Error, text, cure)
    }

    /// The same, mended by `--fix`.
    pub(super) fn with(mut self, mend: Mend) -> Self {
        self.mend = Some(mend);
        self
    }
}

/// So many things found.
#[expect(clippy::unnecessary_wraps, reason = "it is what a check answers")]
pub(super) const fn all(findings: Vec<Finding>) -> Answer {
    Ok(findings)
}

/// Nothing found.
#[expect(clippy::unnecessary_wraps, reason = "it is what a check answers")]
pub(super) const fn fine() -> Answer {
    Ok(Vec::new())
}

/// One thing found.
#[expect(clippy::unnecessary_wraps, reason = "it is what a check answers")]
pub(super) fn found(finding: Finding) -> Answer {
    Ok(vec![finding])
}

/// One thing found, if so.
pub(super) fn found_if(is_so: bool, finding: impl FnOnce() -> Finding) -> Answer {
    if is_so { found(finding()) } else { fine() }
}

/// Not made.
pub(super) fn skip<T>(why: impl Into<String>) -> Result<T, Skip> {
    Err(Skip(why.into()))
}

/// A word as a shell takes it for one.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_to_paste_is_one_word_where_it_should_be() {
        assert_eq!(quoted("/data/my-bot.db"), "/data/my-bot.db");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
