//! Addresses of databases on the command line.
//!
//! Invariant: whatever is wrong with an address, nothing of it is told: it may hold a password.

use std::io::IsTerminal as _;

use super::super::note;
use crate::settings::{DatabaseUrl, Settings};

/// What stands for the configured database.
const CONFIGURED: &str = "configured";

/// Why there is no address.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read. The cause holds nothing of it.
    #[error("{option}: {cause}")]
    Unreadable {
        /// The option.
        option: &'static str,
        /// What is wrong.
        cause: crate::settings::DatabaseUrlError,
    },
    /// Nothing came.
    #[error("{option} -: the standard input has no address; give it one on a line of its own")]
    Nothing {
        /// The option.
        option: &'static str,
    },
    /// The input broke.
    #[error("{option} -: cannot read the standard input: {source}")]
    Input {
        /// The option.
        option: &'static str,
        /// How.
        #[source]
        source: std::io::Error,
    },
}

/// The database that an option names: an address, `-` for the next line of the standard input, or
/// the configured one.
pub fn read(
    settings: &Settings,
    option: &'static str,
    text: Option<&str>,
) -> Result<DatabaseUrl, AddressError> {
    let text = match text {
        None | Some(CONFIGURED) => return Ok(settings.database.url.clone()),
        Some("-") => {
            let input = std::io::stdin();
            if input.is_terminal() {
                note(&format!("{option}: type the address of the database, and Enter"));
            }
            line(option, &mut input.lock())?
        }
        Some(url) => url.to_owned(),
    };
    text.trim().parse().map_err(|cause| AddressError::Unreadable { option, cause })
}

fn line(option: &'static str, input: &mut impl std::io::BufRead) -> Result<String, AddressError> {
    let mut line = String::new();
    input.read_line(&mut line).map_err(|source| AddressError::Input { option, source })?;
    if line.trim().is_empty() { Err(AddressError::Nothing { option }) } else { Ok(line) }
}
