//! Settings for whoever has to work with a configuration that may be broken: `doctor`.
//!
//! What [`Settings::load`] refuses is told here, too, all of it; and with a default in the place of
//! each refused value what is left can still be looked at. Nothing else may run on such settings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::Value;

use super::database_url::DatabaseUrl;
use super::error::{Problem, SettingsError};
use super::layers::Layers;
use super::load::{
    DotEnv, LoadOptions, SECRET_KEYS, choose_file, deserialize, parse_toml, read, read_dotenv,
};
use super::origin::Origin;
use super::variables::Variables;
use super::{DEFAULT_TOML, Settings, parts};

/// Rounds of putting defaults in the place of what is refused: a default may contradict another
/// value. More than sections that look at each other.
const ROUNDS_MAX: usize = 8;

/// Settings with what is wrong with them.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The settings, with defaults in the place of what was refused.
    pub settings: Settings,
    /// Sources that could not be read, in our own words; hold no value.
    pub unreadable: Vec<String>,
    /// What was refused, key by key.
    pub problems: Vec<Problem>,
    /// What was ignored, and why.
    pub warnings: Vec<String>,
    /// Where each `section.key` came from.
    pub origins: BTreeMap<String, Origin>,
    /// Files that hold a secret, each once, with the settings that are in it.
    pub secret_files: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Examined {
    /// Whether [`Settings::load`] would take them.
    pub fn is_sound(&self) -> bool {
        self.unreadable.is_empty() && self.problems.is_empty()
    }

    /// Whether what stands in the settings for this key is not what was meant.
    pub fn is_refused(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| problem.key == key)
    }
}

impl Settings {
    /// Whether whoever reads the terminal has not asked for plain text: <https://no-color.org>.
    pub fn allows_colours() -> bool {
        std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
    }

    /// Reads everything that [`Settings::load`] reads, and goes on where that stops.
    pub fn examine(options: LoadOptions) -> Examined {
        let mut unreadable = Vec::new();
        let mut note = |error: SettingsError| match error {
            SettingsError::Invalid(problems) => Some(problems),
            error => {
                unreadable.push(told(&error));
                None
            }
        };
        let mut warnings = Vec::new();
        let defaults = DEFAULT_TOML.parse().unwrap_or_default();
        let mut layers = Layers::new(defaults);
        let dotenv_path = match &options.dotenv {
            Some(DotEnv::Path(path) | DotEnv::PathIfThere(path)) => Some(path.clone()),
            _ => None,
        };
        let dotenv = read_dotenv(options.dotenv).unwrap_or_else(|error| {
            note(error);
            BTreeMap::new()
        });
        let mut variables = Variables::new(dotenv, options.env);
        let handed_over = variables.add_credentials();
        let file = choose_file(options.file, &options.config_dir, &variables, &mut warnings)
            .and_then(|file| {
                let Some((path, named_by)) = file else { return Ok(()) };
                layers.add_file(&path, parse_toml(&read(&path, named_by)?, &path)?);
                Ok(())
            });
        let sources = [
            handed_over,
            file,
            variables.apply(&mut layers, &mut warnings),
            parts::apply(&variables, &mut layers, &mut warnings),
        ];
        for error in sources.into_iter().filter_map(Result::err) {
            layers.problems.extend(note(error).into_iter().flatten());
        }
        for (key, text) in &options.overrides {
            layers.add_text(key, text, Origin::CommandLine);
        }
        let origins = layers.origins.clone();
        let secret_files = secret_files(&origins, &layers, dotenv_path.as_deref());
        let settings = made_sound(&mut layers);
        let problems = layers.problems;
        Examined { settings, unreadable, problems, warnings, origins, secret_files }
    }
}

/// An error with its causes.
fn told(error: &SettingsError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// The values with a default for each that does not fit its type, its range or another value.
fn made_sound(layers: &mut Layers) -> Settings {
    for _ in 0..ROUNDS_MAX {
        let settings = match deserialize(layers) {
            Ok(settings) => settings,
            Err(error) => {
                if let SettingsError::Invalid(problems) = error {
                    layers.problems.extend(problems);
                }
                return Settings::defaults();
            }
        };
        let findings = settings.validate();
        if findings.is_empty() {
            return settings;
        }
        for finding in findings {
            let origin = layers.origins.get(&finding.key).cloned().unwrap_or(Origin::Default);
            let is_known = layers.problems.iter().any(|problem| problem.key == finding.key);
            if !is_known {
                layers.report(&finding.key, origin, finding.message);
            }
            if let Some(default) = layers.defaults.get(&finding.key).cloned() {
                layers.values.insert(finding.key, default);
            }
        }
    }
    Settings::defaults()
}

fn secret_files(
    origins: &BTreeMap<String, Origin>,
    layers: &Layers,
    dotenv: Option<&Path>,
) -> BTreeMap<PathBuf, BTreeSet<String>> {
    let mut files: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    for (key, origin) in origins {
        if !is_secret(key, layers.values.get(key)) {
            continue;
        }
        let path = match origin {
            Origin::File(path) | Origin::SecretFile { path, .. } => Some(path.as_path()),
            Origin::DotEnv(_) => dotenv,
            Origin::Default | Origin::Environment(_) | Origin::CommandLine => None,
        };
        if let Some(path) = path {
            files.entry(path.to_owned()).or_default().insert(key.clone());
        }
    }
    files
}

/// Whether the value must not be seen. An address of a database is secret by its password.
fn is_secret(key: &str, value: Option<&Value>) -> bool {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    if key == "database.url" {
        return match text.parse::<DatabaseUrl>() {
            Ok(DatabaseUrl::Postgres(url)) => url.password().is_some(),
            Ok(DatabaseUrl::Sqlite { .. }) => false,
            Err(_) => !text.is_empty(),
        };
    }
    SECRET_KEYS.contains(&key) && !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examine(env: &[(&str, &str)], overrides: &[(&str, &str)]) -> Examined {
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
        };
        Settings::examine(LoadOptions {
            env: pairs(env).into_iter().collect(),
            overrides: pairs(overrides),
            ..LoadOptions::default()
        })
    }

    #[test]
    fn all_that_is_wrong_is_told_and_the_rest_can_be_used() {
        let examined = examine(
            &[("BOT_TOKEN", "canary no token"), ("BOT_OWNERS", "7")],
            &[("jobs.workers", "0"), ("web.lissten", "off"), ("files.data_dir", "elsewhere")],
        );
        let keys: BTreeSet<&str> =
            examined.problems.iter().map(|problem| problem.key.as_str()).collect();
        assert_eq!(keys, BTreeSet::from(["jobs.workers", "telegram.token", "web.lissten"]));
        assert!(!examined.is_sound() && examined.is_refused("telegram.token"));
        assert_eq!(examined.settings.access.owners, [7]);
        assert_eq!(examined.settings.files.data_dir, Path::new("elsewhere"));
        assert!(examined.settings.telegram.token.is_none());
        assert!(!format!("{:?}", examined.problems).contains("canary"));
    }

    #[test]
    fn a_source_that_cannot_be_read_does_not_hide_the_others() {
        let mut options = LoadOptions {
            dotenv: Some(DotEnv::Text("A='canary two\n".to_owned())),
            file: Some(PathBuf::from("no-such-file.toml")),
            ..LoadOptions::default()
        };
        options.overrides.push(("jobs.queue".to_owned(), "slow".to_owned()));
        let examined = Settings::examine(options);
        assert_eq!(examined.unreadable.len(), 2, "{:?}", examined.unreadable);
        assert!(!format!("{examined:?}").contains("canary"));
        assert_eq!(examined.settings.jobs.queue, "slow");
    }

    #[test]
    fn files_with_secrets_are_named_with_what_is_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let dotenv = folder.path().join(".env");
        std::fs::write(&dotenv, "DATABASE_URL=postgres://u:p@h/n\nBOT_OWNERS=1\n").unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "42:AAAAAAAAAAAAAAAAAAAA").unwrap();
        let file = format!("{}", token.display());
        let examined = Settings::examine(LoadOptions {
            env: BTreeMap::from([("BOT_TOKEN_FILE".to_owned(), file)]),
            dotenv: Some(DotEnv::Path(dotenv.clone())),
            ..LoadOptions::default()
        });
        let of = |path: &Path| examined.secret_files.get(path).cloned().unwrap_or_default();
        assert_eq!(of(&dotenv), BTreeSet::from(["database.url".to_owned()]));
        assert_eq!(of(&token), BTreeSet::from(["telegram.token".to_owned()]));
    }
}
