//! Variables of the environment and of `.env`, and the settings they name.
//!
//! Invariants: an empty variable counts as not set; the environment is stronger than `.env`, and
//! within one of them `PRIMELINGO__SECTION__KEY` is stronger than a plain name, which is stronger
//! than an `RQ_*` name. Every `PRIMELINGO__*` variable must name a setting.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use super::credentials;
use super::error::SettingsError;
use super::jobs::KEEP_MAX_S;
use super::layers::Layers;
use super::load::PROFILE;
use super::origin::Origin;

/// Prefix of variables that name a setting by section and key.
pub(super) const PREFIX: &str = "PRIMELINGO__";

/// Ending of variables that name a file with the value.
pub(super) const FILE_SUFFIX: &str = "_FILE";

/// Plain names, as existing files have them, and their settings.
const PLAIN_NAMES: [(&str, &str); 15] = [
    ("BOT_TOKEN", "telegram.token"),
    ("BOT_API_URL", "telegram.api_url"),
    ("BOT_OWNERS", "access.owners"),
    ("WEBHOOK_URL", "telegram.webhook_url"),
    ("WEBHOOK_SECRET", "telegram.webhook_secret"),
    ("DATABASE_URL", "database.url"),
    ("POSTGRES_POOL_SIZE", "database.pool_size"),
    ("POSTGRES_MAX_OVERFLOW", "database.max_overflow"),
    ("REDIS_URL", "redis.url"),
    ("REQUEST_TIMEOUT", "timeouts.request_s"),
    ("FILE_DOWNLOAD_TIMEOUT", "timeouts.file_download_s"),
    ("MAX_RETRIES", "retry.max_retries"),
    ("RETRY_BACKOFF_BASE", "retry.backoff_base"),
    ("BROADCAST_BATCH_SIZE", "broadcast.batch_size"),
    ("BROADCAST_DELAY", "broadcast.delay_s"),
];

/// Names that make sense together with others; `parts` reads them.
const PART_NAMES: [&str; 10] = [
    "POSTGRES_HOST",
    "POSTGRES_PORT",
    "POSTGRES_USER",
    "POSTGRES_PASSWORD",
    "POSTGRES_DB",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_DB",
    "REDIS_PASSWORD",
    "RQ_REDIS_URL",
];

type Translate = fn(&str) -> String;

/// Names of the job queue that came before ours, their settings, and how the value translates.
const QUEUE_NAMES: [(&str, &str, Translate); 6] = [
    ("RQ_QUEUE_NAME", "jobs.queue", str::to_owned),
    ("RQ_DEFAULT_TIMEOUT", "jobs.process_timeout_s", str::to_owned),
    ("RQ_RESULT_TTL", "jobs.done_keep_s", keep_from_ttl),
    ("RQ_FAILURE_TTL", "jobs.failed_keep_s", keep_from_ttl),
    ("RQ_MAX_RETRIES", "jobs.max_attempts", attempts_from_retries),
    ("RQ_WORKERS", "jobs.workers", str::to_owned),
];

/// A variable with a name of its own beside `PRIMELINGO__SECTION__KEY`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlainName {
    /// The variable.
    pub name: &'static str,
    /// The `section.key` that it sets, or of which it is a part.
    pub key: &'static str,
    /// Whether the name with `_FILE` behind it names a file that holds the value.
    pub takes_file: bool,
    /// What becomes of its value.
    pub kind: PlainKind,
}

/// What becomes of a plain variable's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainKind {
    /// It is the setting's.
    Whole,
    /// It is a part of an address, used when the whole address is not set.
    Part,
    /// It is translated from what RQ (a job queue for Python) means by it.
    Translated,
}

/// All plain names, as they are read.
pub fn plain_names() -> impl Iterator<Item = PlainName> {
    let whole = PLAIN_NAMES.iter().map(|(name, key)| PlainName {
        name,
        key,
        takes_file: true,
        kind: PlainKind::Whole,
    });
    let parts = PART_NAMES.iter().map(|name| PlainName {
        name,
        key: if name.starts_with("POSTGRES_") { "database.url" } else { "redis.url" },
        takes_file: true,
        kind: PlainKind::Part,
    });
    let queue = QUEUE_NAMES.iter().map(|(name, key, _)| PlainName {
        name,
        key,
        takes_file: false,
        kind: PlainKind::Translated,
    });
    whole.chain(parts).chain(queue)
}

/// All variables there are.
pub(super) struct Variables {
    dotenv: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    /// The `*_FILE` variables that stand for a credential of systemd's.
    credentials: BTreeSet<String>,
}

impl Variables {
    pub(super) const fn new(
        dotenv: BTreeMap<String, String>,
        environment: BTreeMap<String, String>,
    ) -> Self {
        Self { dotenv, environment, credentials: BTreeSet::new() }
    }

    /// Takes in what the service manager hands over.
    pub(super) fn add_credentials(&mut self) -> Result<(), SettingsError> {
        for (variable, path) in credentials::found(&self.environment)? {
            if !self.environment.contains_key(&variable) {
                self.environment.insert(variable.clone(), path);
                self.credentials.insert(variable);
            }
        }
        Ok(())
    }

    /// The value of `name` where it is set and not empty.
    pub(super) fn get(&self, name: &str) -> Option<(&str, Origin)> {
        let by_environment = filled(&self.environment, name);
        if let Some(value) = by_environment {
            return Some((value, Origin::Environment(name.to_owned())));
        }
        filled(&self.dotenv, name).map(|value| (value, Origin::DotEnv(name.to_owned())))
    }

    /// The value of `name`, or of the file that `<name>_FILE` names, which is stronger.
    pub(super) fn get_or_file(
        &self,
        name: &str,
        warnings: &mut Vec<String>,
    ) -> Result<Option<(String, Origin)>, SettingsError> {
        let variable = format!("{name}{FILE_SUFFIX}");
        let direct = self.get(name);
        let Some((path, _)) = self.get(&variable) else {
            return Ok(direct.map(|(value, origin)| (value.to_owned(), origin)));
        };
        if direct.is_some() {
            warnings.push(format!("{name} and {variable} are both set: the file wins"));
        }
        self.read_secret(variable.clone(), path).map(Some)
    }

    /// Lays everything that names a setting by itself over `layers`: first `.env`, then the
    /// environment, then the files that `*_FILE` variables of either name.
    pub(super) fn apply(
        &self,
        layers: &mut Layers,
        warnings: &mut Vec<String>,
    ) -> Result<(), SettingsError> {
        apply_source(layers, &self.dotenv, Origin::DotEnv);
        apply_source(layers, &self.environment, Origin::Environment);
        for (name, key) in PLAIN_NAMES {
            let found = self.get_or_file(name, warnings)?;
            if let Some((text, origin @ Origin::SecretFile { .. })) = found {
                layers.add_text(key, &text, origin);
            }
        }
        for variable in self.names() {
            let Some(key) = file_key(layers, variable) else { continue };
            if let Some((path, _)) = self.get(variable) {
                let (text, origin) = self.read_secret(variable.clone(), path)?;
                layers.add_text(&key, &text, origin);
            }
        }
        self.warn_about_strange_names(layers, warnings);
        self.warn_about_references(warnings);
        Ok(())
    }

    fn warn_about_strange_names(&self, layers: &Layers, warnings: &mut Vec<String>) {
        for name in self.names() {
            if is_known(name) {
                continue;
            }
            if self.credentials.contains(name) {
                // Another program's, or mistyped: of those with a prefix, the keys are checked.
                if !name.starts_with(PREFIX) {
                    let name = name.trim_end_matches(FILE_SUFFIX).to_ascii_lowercase();
                    warnings.push(format!("the credential {name} names no setting"));
                }
            } else if name.starts_with("RQ_") {
                warnings.push(format!("{name} has no meaning here and is ignored"));
            } else if let Some(known) = misspelt(name) {
                warnings.push(format!("{name} is ignored; did you mean {known}?"));
            } else if let Some(rest) = meant_for_us(name) {
                warnings.push(not_a_setting(name, rest, layers));
            }
        }
    }

    /// Some readers of `.env` files replace `${NAME}`; a setting that relies on it must not just
    /// be wrong.
    fn warn_about_references(&self, warnings: &mut Vec<String>) {
        for (name, value) in &self.dotenv {
            let is_ours = is_known(name) || name.starts_with(PREFIX);
            if is_ours && value.contains("${") {
                warnings.push(format!("{name} in .env holds ${{...}}, which is taken literally"));
            }
        }
    }

    /// The text of a secret's file without the line end that editors add.
    fn read_secret(&self, variable: String, path: &str) -> Result<(String, Origin), SettingsError> {
        let path = PathBuf::from(path);
        let is_credential = self.credentials.contains(&variable);
        let variable = if is_credential { "the service manager".to_owned() } else { variable };
        let text = fs::read_to_string(&path).and_then(|text| {
            let text = text.trim().to_owned();
            if text.is_empty() { Err(io::Error::other("the file is empty")) } else { Ok(text) }
        });
        match text {
            Ok(text) => Ok((text, Origin::SecretFile { variable, path })),
            Err(source) => Err(SettingsError::Read { path, named_by: variable, source }),
        }
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        let only_in_dotenv =
            self.dotenv.keys().filter(|name| !self.environment.contains_key(*name));
        self.environment.keys().chain(only_in_dotenv)
    }
}

/// Lays one source of variables over `layers`, from the weakest kind of name to the strongest.
fn apply_source(
    layers: &mut Layers,
    source: &BTreeMap<String, String>,
    origin: fn(String) -> Origin,
) {
    for (name, key, translate) in QUEUE_NAMES {
        if let Some(value) = filled(source, name) {
            layers.add_text(key, &translate(value), origin(name.to_owned()));
        }
    }
    for (name, key) in PLAIN_NAMES {
        if let Some(value) = filled(source, name) {
            layers.add_text(key, value, origin(name.to_owned()));
        }
    }
    for (name, value) in source {
        let Some(key) = prefixed_key(name) else { continue };
        let is_unset = value.trim().is_empty() && layers.knows(&key);
        if is_unset || file_key(layers, name).is_some() {
            continue;
        }
        layers.add_text(&key, value, origin(name.clone()));
    }
}

/// `PRIMELINGO__SECTION__KEY` as `section.key`.
fn prefixed_key(variable: &str) -> Option<String> {
    let name = variable.strip_prefix(PREFIX)?.to_ascii_lowercase();
    Some(name.replacen("__", ".", 1))
}

/// `PRIMELINGO__SECTION__KEY_FILE` as `section.key`, if there is such a setting.
fn file_key(layers: &Layers, variable: &str) -> Option<String> {
    let key = prefixed_key(variable.strip_suffix(FILE_SUFFIX)?)?;
    Some(key).filter(|key| layers.knows(key))
}

fn filled<'a>(source: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    source.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// The names that may also end in `_FILE`.
fn single_names() -> impl Iterator<Item = &'static str> {
    PLAIN_NAMES.iter().map(|(name, _)| *name).chain(PART_NAMES)
}

fn known_names() -> impl Iterator<Item = &'static str> {
    let queue = QUEUE_NAMES.iter().map(|(name, _, _)| *name);
    single_names().chain(queue)
}

fn is_known(name: &str) -> bool {
    let of_file = name.strip_suffix(FILE_SUFFIX);
    known_names().any(|known| known == name)
        || of_file.is_some_and(|name| single_names().any(|known| known == name))
}

/// What follows our name in a variable that is none of ours. With more than an underscore behind
/// it, the keys are checked.
fn meant_for_us(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("PRIMELINGO_")?;
    let is_ours = name == PROFILE || name.starts_with(PREFIX);
    // What Kubernetes sets beside a service of our name.
    let is_of_a_service = ["SERVICE_", "PORT"].iter().any(|begin| rest.starts_with(begin));
    (!is_ours && !is_of_a_service).then_some(rest)
}

/// `PRIMELINGO_SECTION_KEY`, with whatever underscores, as it should be.
fn not_a_setting(name: &str, rest: &str, layers: &Layers) -> String {
    let plain = |text: &str| text.to_ascii_lowercase().replace("__", "_").replace('.', "_");
    let (rest, suffix) = match rest.strip_suffix(FILE_SUFFIX) {
        Some(rest) => (rest, FILE_SUFFIX),
        None => (rest, ""),
    };
    match layers.defaults.keys().find(|key| plain(key) == plain(rest)) {
        Some(key) => {
            format!("{name} is ignored; did you mean {}{suffix}?", variable_of(key))
        }
        None => format!("{name} is ignored: settings are named {PREFIX}SECTION__KEY"),
    }
}

/// The variable that sets a `section.key`.
pub fn variable_of(key: &str) -> String {
    format!("{PREFIX}{}", key.replacen('.', "__", 1).to_ascii_uppercase())
}

/// The known name that differs from `name` by one slip of the hand.
fn misspelt(name: &str) -> Option<&'static str> {
    known_names().find(|known| strsim::damerau_levenshtein(name, known) == 1)
}

/// RQ counts the tries after the first one.
fn attempts_from_retries(retries: &str) -> String {
    match retries.parse::<u32>() {
        Ok(count) => count.saturating_add(1).to_string(),
        Err(_) => retries.to_owned(),
    }
}

/// RQ's -1 means "keep for ever".
fn keep_from_ttl(ttl: &str) -> String {
    if ttl == "-1" { KEEP_MAX_S.to_string() } else { ttl.to_owned() }
}
