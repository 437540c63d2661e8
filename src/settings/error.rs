//! Why settings could not be loaded. No text here holds a value that may be a secret.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::origin::Origin;

/// Why settings could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file that was named (a profile, `--config`, `.env`, a `*_FILE`) cannot be read.
    #[error("cannot read {} (from {named_by})", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The option or variable that asks for it.
        named_by: String,
        /// What the system said.
        source: io::Error,
    },
    /// A configuration file is not TOML.
    #[error("cannot read {} as TOML: line {line}: {message}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser expected; holds nothing of the file.
        message: String,
    },
    /// The `.env` file has a line that is neither a comment nor `KEY=value`.
    #[error(
        "cannot read {}: line {line}{}; expected KEY=value, the value without quotes in it, or all of \
         it in one pair of quotes",
        path.display(),
        name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default()
    )]
    DotEnv {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The variable, where the line has one.
        name: Option<String>,
    },
    /// `PRIMELINGO_PROFILE` would name a file outside the configuration folder.
    #[error("profile from {origin}: expected letters, digits, _ and - only")]
    Profile {
        /// Where the name came from.
        origin: Origin,
    },
    /// Unknown keys and bad values, all of them at once.
    #[error("{}", joined(.0))]
    Invalid(Vec<Problem>),
    /// The command needs a bot token and there is none.
    #[error("no bot token: set BOT_TOKEN, BOT_TOKEN_FILE or telegram.token (from @BotFather)")]
    NoToken,
}

/// One unknown key or bad value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `section.key`, or as it was written when there is no such key.
    pub key: String,
    /// Where it was set.
    pub origin: Origin,
    /// What is wrong with it, or what is expected.
    pub message: String,
    /// Whether there is such a key at all.
    pub is_known: bool,
    /// The key that was perhaps meant, where there is none.
    pub nearest: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (from {}): {}", self.key, self.origin, self.message)
    }
}

fn joined(problems: &[Problem]) -> String {
    let texts: Vec<String> = problems.iter().map(Problem::to_string).collect();
    texts.join("; ")
}
