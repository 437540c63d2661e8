//! What `init` writes: lines of `.env`, and a file for each secret.
//!
//! Invariants: nothing that is there is changed, lines are only added at the end; every file is
//! whole or not there, and nobody but its owner may read it.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

/// Folder of the secrets, beside `.env`.
const FOLDER: &str = "secrets";

/// Read and written by its owner alone.
const PRIVATE: u32 = 0o600;

/// What is to be written.
#[derive(Default)]
pub struct NewFiles {
    lines: Vec<String>,
    secrets: Vec<(&'static str, SecretString)>,
}

impl NewFiles {
    /// A variable whose value anybody may see.
    pub fn set(&mut self, variable: &str, value: &str) {
        // In single quotes nothing has a meaning; a value with one of them takes double quotes.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:/@".contains(c);
        self.lines.push(if value.chars().all(is_plain) {
            format!("{variable}={value}")
        } else if value.contains('\'') {
            format!("{variable}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
        } else {
            format!("{variable}='{value}'")
        });
    }

    /// A variable whose value goes into a file of its own.
    pub fn set_secret(&mut self, variable: &'static str, value: SecretString) {
        self.lines.push(format!("{variable}_FILE={}", secret_path(variable).display()));
        self.secrets.push((variable, value));
    }

    /// Writes everything into `folder`; gives what was written.
    pub fn write(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        if !self.secrets.is_empty() {
            let secrets = folder.join(FOLDER);
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&secrets);
            made.map_err(at(&secrets))?;
        }
        for (variable, value) in &self.secrets {
            let path = folder.join(secret_path(variable));
            put(&path, &format!("{}\n", value.expose_secret())).map_err(at(&path))?;
            written.push(path);
        }
        if !self.lines.is_empty() {
            let path = folder.join(".env");
            let before = match fs::read_to_string(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
                before => before.map_err(at(&path))?,
            };
            let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
            let lines = self.lines.join("\n");
            let text = format!("{before}{gap}# Added by primelingo init.\n{lines}\n");
            put(&path, &text).map_err(at(&path))?;
            written.push(path);
        }
        Ok(written)
    }
}

fn secret_path(variable: &str) -> PathBuf {
    Path::new(FOLDER).join(variable.to_ascii_lowercase())
}

/// What could not be written, and where.
fn at(path: &Path) -> impl Fn(io::Error) -> io::Error {
    let path = path.display().to_string();
    move |error| io::Error::new(error.kind(), format!("{path}: {error}"))
}

/// The file itself, where a link leads to it from elsewhere.
fn behind_links(path: &Path) -> PathBuf {
    if let Ok(whole) = fs::canonicalize(path) {
        return whole;
    }
    // A link to what is not there yet leads from its own folder.
    match (fs::read_link(path), path.parent()) {
        (Ok(target), Some(folder)) => folder.join(target),
        _ => path.to_owned(),
    }
}

/// In one piece, by a new file that takes the old one's place.
fn put(path: &Path, text: &str) -> io::Result<()> {
    let path = &behind_links(path);
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(&new)?;
    // One that a broken-off run has left keeps its mode otherwise.
    file.set_permissions(Permissions::from_mode(PRIVATE))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{DotEnv, LoadOptions, Settings};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("shared");
        fs::create_dir(&elsewhere).unwrap();
        for (name, before) in [("there.env", Some("A=1\n")), ("new.env", None)] {
            let (bot, target) = (folder.path().join(name), elsewhere.join(name));
            fs::create_dir(&bot).unwrap();
            if let Some(text) = before {
                fs::write(&target, text).unwrap();
            }
            std::os::unix::fs::symlink(Path::new("../shared").join(name), bot.join(".env"))
                .unwrap();
            let mut new = NewFiles::default();
            new.set("BOT_OWNERS", "7");
            new.write(&bot).unwrap();
            assert!(bot.join(".env").is_symlink(), "{name}");
            let text = fs::read_to_string(&target).unwrap();
            assert!(text.starts_with(before.unwrap_or_default()), "{text}");
            assert!(text.ends_with("BOT_OWNERS=7\n"), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FOLDER), "").unwrap();
        let mut new = NewFiles::default();
        new.set_secret("BOT_TOKEN", SecretString::from("1:canary"));
        let error = new.write(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&folder.path().join(FOLDER).display().to_string()), "{error}");
    }

    #[test]
    fn what_is_written_is_private_and_read_as_it_was_meant() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".env"), "BOT_OWNERS=7 # mine").unwrap();
        let mut new = NewFiles::default();
        new.set("PRIMELINGO__FILES__DATA_DIR", "a b'c\"d\\e");
        new.set("DATABASE_URL", "sqlite:x y.db");
        new.set_secret("BOT_TOKEN", SecretString::from("1:canary"));
        let written = new.write(folder.path()).unwrap();
        assert!(written.iter().all(|path| mode(path) == PRIVATE), "{written:?}");
        assert_eq!(mode(&folder.path().join(FOLDER)), 0o700);
        let text = fs::read_to_string(folder.path().join(".env")).unwrap();
        assert!(!text.contains("canary"), "{text}");
        let secret = folder.path().join("secrets/bot_token");
        let absolute = format!("BOT_TOKEN_FILE={}", secret.display());
        let text = text.replace("BOT_TOKEN_FILE=secrets/bot_token", &absolute);
        let dotenv = Some(DotEnv::Text(text));
        let loaded = Settings::load(LoadOptions { dotenv, ..LoadOptions::default() }).unwrap();
        let settings = loaded.settings;
        assert_eq!(settings.access.owners, [7]);
        assert_eq!(settings.files.data_dir, Path::new("a b'c\"d\\e"));
        assert_eq!(settings.database.url.to_string(), "sqlite:x y.db");
        assert_eq!(settings.require_token().unwrap().expose_secret(), "1:canary");
    }
}
