//! Credentials that systemd hands over (`LoadCredential=`): files in `$CREDENTIALS_DIRECTORY`.
//!
//! A credential is named like a variable (`bot_token`, `primelingo__web__token`) or like a setting
//! (`web.token`), and counts like a `*_FILE` variable that names it; such a variable of the
//! environment itself is stronger.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use super::error::SettingsError;
use super::variables::{FILE_SUFFIX, PREFIX};

/// Names the directory; set by systemd.
const DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// The path of each credential, by the `*_FILE` variable that it stands for.
pub(super) fn found(
    environment: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, SettingsError> {
    let Some(directory) = environment.get(DIRECTORY).filter(|path| !path.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let directory = PathBuf::from(directory);
    list(&directory).map_err(|source| SettingsError::Read {
        path: directory,
        named_by: DIRECTORY.to_owned(),
        source,
    })
}

fn list(directory: &PathBuf) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        if let (Some(name), Some(path)) = (name.to_str(), path.to_str()) {
            found.insert(format!("{}{FILE_SUFFIX}", variable(name)), path.to_owned());
        }
    }
    Ok(found)
}

/// The variable that a credential stands for.
fn variable(name: &str) -> String {
    let name = name.to_ascii_uppercase();
    match name.split_once('.') {
        Some((section, key)) => format!("{PREFIX}{section}__{key}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_named_like_a_variable_or_a_setting() {
        assert_eq!(variable("bot_token"), "BOT_TOKEN");
        assert_eq!(variable("web.token"), "PRIMELINGO__WEB__TOKEN");
        assert_eq!(variable("primelingo__web__token"), "PRIMELINGO__WEB__TOKEN");
    }
}
