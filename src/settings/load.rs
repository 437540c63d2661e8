//! Puts all sources of settings together.
//!
//! Order, later wins: defaults < file < `.env` < environment < `*_FILE` < command line. All that
//! is wrong is told at once. [`LoadOptions::from_process`] is the only place that looks at the
//! process's environment; loading itself depends on its options and the files they name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::database_url::DatabaseUrl;
use super::error::SettingsError;
use super::layers::{self, Layers};
use super::origin::Origin;
use super::variables::Variables;
use super::{DEFAULT_TOML, Settings, dotenv, parts};

/// Chooses `<config_dir>/<profile>.toml`.
pub(super) const PROFILE: &str = "PRIMELINGO_PROFILE";

/// Settings whose value is never shown. `database.url` is shown without its password.
pub(super) const SECRET_KEYS: [&str; 6] = [
    "telegram.token",
    "telegram.webhook_secret",
    "redis.url",
    "web.token",
    "alerts.webhook_token",
    "alerts.heartbeat_url",
];

/// Where settings come from. No `Debug`: it holds secrets.
#[derive(Clone, Default)]
pub struct LoadOptions {
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// The `.env` file, if any.
    pub dotenv: Option<DotEnv>,
    /// The file given by `--config`; without it `PRIMELINGO_PROFILE` may name one.
    pub file: Option<PathBuf>,
    /// Where the files of profiles are.
    pub config_dir: PathBuf,
    /// `section.key` and value of each `--set`.
    pub overrides: Vec<(String, String)>,
}

/// The `.env` file.
#[derive(Clone)]
pub enum DotEnv {
    /// To be read; must exist.
    Path(PathBuf),
    /// To be read where it is there.
    PathIfThere(PathBuf),
    /// As it was read.
    Text(String),
}

/// Settings, where each came from, and what to tell the operator.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings, valid.
    pub settings: Settings,
    /// Where each `section.key` came from.
    pub origins: BTreeMap<String, Origin>,
    /// Each `section.key`'s value as TOML, secrets left out: for people.
    pub shown: BTreeMap<String, String>,
    /// What was ignored, and why; to be logged once.
    pub warnings: Vec<String>,
    /// Each `section.key`'s value, secrets included.
    pub(super) values: Values,
}

/// Values by `section.key`. No `Debug` shows them: there are secrets among them.
#[derive(Clone, Default)]
pub(super) struct Values(BTreeMap<String, Value>);

impl Deref for Values {
    type Target = BTreeMap<String, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Values {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} values", self.0.len())
    }
}

impl Loaded {
    /// Whether any source but the defaults has set `key`.
    pub fn is_set(&self, key: &str) -> bool {
        self.origins.get(key).is_some_and(|origin| *origin != Origin::Default)
    }

    /// The value of `key` as it is shown, secrets left out.
    pub fn shown_value(&self, key: &str) -> Option<Value> {
        let text = self.shown.get(key)?;
        let table: Table = format!("value = {text}").parse().ok()?;
        table.get("value").cloned()
    }

    /// The setting whose name is most like `key`.
    pub fn nearest(&self, key: &str) -> Option<&str> {
        layers::nearest(key, self.shown.keys()).map(String::as_str)
    }
}

impl LoadOptions {
    /// The process's environment, `.env` and `config/` of the working directory.
    pub fn from_process(file: Option<PathBuf>, overrides: Vec<(String, String)>) -> Self {
        // What is not UTF-8 cannot be right for any of our settings, but must not stop the
        // program when it belongs to another one.
        let env = std::env::vars_os()
            .map(|(name, value)| {
                (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
            })
            .collect();
        Self {
            env,
            // Looked for at each loading: one that comes or goes counts for a reload, too.
            dotenv: Some(DotEnv::PathIfThere(PathBuf::from(".env"))),
            file,
            config_dir: PathBuf::from("config"),
            overrides,
        }
    }
}

/// Where this system looks for programs: the variable `PATH`.
pub fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

impl Settings {
    /// Loads and checks everything. Fails with all unknown keys and bad values at once.
    pub fn load(options: LoadOptions) -> Result<Loaded, SettingsError> {
        let mut warnings = Vec::new();
        let mut layers = Layers::new(parse_toml(DEFAULT_TOML, Path::new("default.toml"))?);
        let dotenv = read_dotenv(options.dotenv)?;
        let mut variables = Variables::new(dotenv, options.env);
        variables.add_credentials()?;

        let file = choose_file(options.file, &options.config_dir, &variables, &mut warnings)?;
        if let Some((path, named_by)) = file {
            layers.add_file(&path, parse_toml(&read(&path, named_by)?, &path)?);
        }
        variables.apply(&mut layers, &mut warnings)?;
        parts::apply(&variables, &mut layers, &mut warnings)?;
        for (key, text) in &options.overrides {
            if shows_secret(key, text) {
                warnings.push(format!(
                    "--set {key} is seen by everybody on this machine who lists processes; put it \
                     into a file (see: primelingo init)"
                ));
            }
            layers.add_text(key, text, Origin::CommandLine);
        }
        finish(layers, warnings)
    }

    /// The settings of these values, each of the type of its default.
    pub(super) fn of_values(
        values: &BTreeMap<String, Value>,
        origins: &BTreeMap<String, Origin>,
    ) -> Result<Self, SettingsError> {
        let mut layers = Layers::new(parse_toml(DEFAULT_TOML, Path::new("default.toml"))?);
        layers.values.clone_from(values);
        layers.origins.clone_from(origins);
        Ok(finish(layers, Vec::new())?.settings)
    }
}

/// Whether a value on the command line gives a secret away; an address does by its password.
fn shows_secret(key: &str, text: &str) -> bool {
    let has_password =
        || text.split_once('@').is_some_and(|(user, _)| user.matches(':').count() > 1);
    match key {
        "database.url" | "redis.url" => has_password(),
        _ => SECRET_KEYS.contains(&key),
    }
}

/// The configuration file to read and the option that names it.
pub(super) fn choose_file(
    given: Option<PathBuf>,
    config_dir: &Path,
    variables: &Variables,
    warnings: &mut Vec<String>,
) -> Result<Option<(PathBuf, &'static str)>, SettingsError> {
    let profile = variables.get(PROFILE);
    if let Some(path) = given {
        if profile.is_some() {
            warnings.push(format!("{PROFILE} has no effect beside --config"));
        }
        return Ok(Some((path, "--config")));
    }
    let Some((profile, origin)) = profile else { return Ok(None) };
    if !profile.bytes().all(super::value::is_word_byte) {
        return Err(SettingsError::Profile { origin });
    }
    Ok(Some((config_dir.join(format!("{profile}.toml")), PROFILE)))
}

pub(super) fn read_dotenv(
    dotenv: Option<DotEnv>,
) -> Result<BTreeMap<String, String>, SettingsError> {
    match dotenv {
        None => Ok(BTreeMap::new()),
        Some(DotEnv::Text(text)) => dotenv::parse(&text, Path::new(".env")),
        Some(DotEnv::PathIfThere(path)) if !path.exists() => Ok(BTreeMap::new()),
        Some(DotEnv::Path(path) | DotEnv::PathIfThere(path)) => {
            dotenv::parse(&read(&path, "the working directory")?, &path)
        }
    }
}

pub(super) fn read(path: &Path, named_by: &str) -> Result<String, SettingsError> {
    fs::read_to_string(path).map_err(|source| SettingsError::Read {
        path: path.to_owned(),
        named_by: named_by.to_owned(),
        source,
    })
}

pub(super) fn parse_toml(text: &str, path: &Path) -> Result<Table, SettingsError> {
    text.parse().map_err(|error: toml::de::Error| {
        // The error's `Display` repeats the line, which may hold a secret.
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        let message = error.message().replace('\n', " ");
        SettingsError::Toml { path: path.to_owned(), line, message }
    })
}

/// Reads the values into their types and checks them.
fn finish(mut layers: Layers, warnings: Vec<String>) -> Result<Loaded, SettingsError> {
    let settings = deserialize(&mut layers)?;
    let refused: BTreeSet<String> =
        layers.problems.iter().map(|problem| problem.key.clone()).collect();
    for finding in settings.validate() {
        if !refused.contains(&finding.key) {
            let origin = layers.origins.get(&finding.key).cloned().unwrap_or(Origin::Default);
            layers.report(&finding.key, origin, finding.message);
        }
    }
    if !layers.problems.is_empty() {
        return Err(SettingsError::Invalid(layers.problems));
    }
    let shown = shown(&layers.values, &settings.database.url);
    let values = Values(layers.values);
    Ok(Loaded { settings, origins: layers.origins, shown, warnings, values })
}

/// Reads the values into their types. A value that does not fit is reported and replaced by its
/// default, so that the rest is looked at as well; fails only when even that does not help.
pub(super) fn deserialize(layers: &mut Layers) -> Result<Settings, SettingsError> {
    loop {
        let error = match serde_path_to_error::deserialize(nested(&layers.values)) {
            Ok(settings) => return Ok(settings),
            Err(error) => error,
        };
        let key = error.path().to_string();
        // Our own types' errors hold no value, and secrets have no other way to fail.
        let message = error.inner().message().to_owned();
        let origin = layers.origins.insert(key.clone(), Origin::Default);
        let origin = origin.unwrap_or(Origin::Default);
        layers.report(&key, origin.clone(), message);
        let default = layers.defaults.get(&key).filter(|_| origin != Origin::Default);
        let Some(default) = default else {
            return Err(SettingsError::Invalid(std::mem::take(&mut layers.problems)));
        };
        layers.values.insert(key, default.clone());
    }
}

/// Sections of keys again.
fn nested(values: &BTreeMap<String, Value>) -> Value {
    let mut sections = Table::new();
    for (name, value) in values {
        let (section, key) = name.split_once('.').unwrap_or((name, ""));
        let keys = sections.entry(section.to_owned()).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(keys) = keys {
            keys.insert(key.to_owned(), value.clone());
        }
    }
    Value::Table(sections)
}

fn shown(values: &BTreeMap<String, Value>, database: &DatabaseUrl) -> BTreeMap<String, String> {
    let show = |key: &String, value: &Value| match key.as_str() {
        "database.url" => Value::String(database.to_string()).to_string(),
        secret if SECRET_KEYS.contains(&secret) => {
            let is_set = value.as_str().is_some_and(|text| !text.is_empty());
            if is_set { "\"***\"".to_owned() } else { "\"\"".to_owned() }
        }
        _ => value.to_string(),
    };
    values.iter().map(|(key, value)| (key.clone(), show(key, value))).collect()
}
