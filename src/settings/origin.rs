//! Where the value of a setting came from.

use std::fmt;
use std::path::PathBuf;

/// Where the value of a setting came from, from weakest to strongest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The compiled-in `config/default.toml`.
    Default,
    /// A configuration file.
    File(PathBuf),
    /// A variable of the `.env` file.
    DotEnv(String),
    /// A variable of the environment.
    Environment(String),
    /// A file that a `*_FILE` variable names.
    SecretFile {
        /// The variable, with its `_FILE`.
        variable: String,
        /// The file it names.
        path: PathBuf,
    },
    /// `--set`.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("built-in default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::DotEnv(variable) => write!(f, "{variable} in .env"),
            Self::Environment(variable) => write!(f, "{variable} in the environment"),
            Self::SecretFile { variable, path } => {
                write!(f, "{} named by {variable}", path.display())
            }
            Self::CommandLine => f.write_str("command line"),
        }
    }
}
