//! The units of `config/systemd`: they agree with each other and with the program.
//!
//! Whether the program works inside of what they allow is [`super::cage`]'s.

use std::collections::{BTreeMap, BTreeSet};

use primelingo::runtime::EXIT_CODE_EXHAUSTED;
use primelingo::settings::{LoadOptions, Settings, described, plain_names};

use super::{commands, text_of};

const SERVICES: [&str; 3] =
    ["primelingo.service", "primelingo-worker@.service", "primelingo-backup.service"];

/// The first setting of the part that confines, and what only some of the units need before it.
const FIRST_OF_CAGE: &str = "AmbientCapabilities";

/// A unit's settings in their order.
pub struct Unit(Vec<(String, String)>);

impl Unit {
    pub fn read(name: &str) -> Self {
        Self::parse(&text_of(&format!("config/systemd/{name}")))
    }

    pub fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '[']));
        let pairs = lines.filter_map(|line| line.split_once('='));
        Self(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    /// All values of a key.
    pub fn all(&self, key: &str) -> Vec<&str> {
        self.0.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect()
    }

    pub fn one(&self, key: &str) -> &str {
        match self.all(key)[..] {
            [value] => value,
            ref values => panic!("{key}: {values:?}"),
        }
    }

    /// What confines.
    fn cage(&self) -> &[(String, String)] {
        let first = self.0.iter().position(|(key, _)| key == FIRST_OF_CAGE).unwrap();
        let end = self.0.iter().position(|(key, _)| key == "WantedBy").unwrap_or(self.0.len());
        &self.0[first..end]
    }

    /// Names of secrets and where systemd finds them.
    fn credentials(&self) -> Vec<&str> {
        self.all("LoadCredential")
    }
}

#[test]
fn all_services_are_confined_alike() {
    let [bot, others @ ..] = SERVICES.map(Unit::read);
    assert!(bot.cage().len() > 25, "{:?}", bot.cage());
    for unit in others {
        assert_eq!(unit.cage(), bot.cage());
        for key in ["User", "Group", "StateDirectory", "WorkingDirectory", "UMask"] {
            assert_eq!(unit.one(key), bot.one(key));
        }
    }
}

#[test]
fn all_services_get_the_same_secrets() {
    let [bot, others @ ..] = SERVICES.map(Unit::read);
    for unit in others {
        assert_eq!(unit.credentials(), bot.credentials());
    }
    let control = text_of("config/systemd/primelingoctl");
    let passed: Vec<&str> = control
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--property=LoadCredential="))
        .map(|rest| rest.trim_end_matches(" \\"))
        .collect();
    assert_eq!(passed, bot.credentials());
}

/// A credential is called like a plain variable in small letters, or like a setting.
#[test]
fn every_secret_has_a_credential_and_each_credential_a_setting() {
    let mut keys = BTreeMap::new();
    for plain in plain_names() {
        keys.insert(plain.name.to_ascii_lowercase(), plain.key.to_owned());
    }
    let mut secrets = BTreeSet::new();
    for section in described() {
        for key in section.keys {
            let name = format!("{}.{}", section.name, key.key);
            keys.insert(name.clone(), name.clone());
            if key.is_secret {
                secrets.insert(name);
            }
        }
    }
    let unit = Unit::read("primelingo.service");
    let mut given = BTreeSet::new();
    for credential in unit.credentials() {
        let (name, file) = credential.split_once(':').unwrap();
        assert!(file.starts_with("primelingo."), "{credential}");
        given.insert(keys.get(name).unwrap_or_else(|| panic!("nothing is set by {name}")).clone());
    }
    assert_eq!(given, secrets);
}

#[test]
fn codes_and_times_are_the_programs() {
    let settings = Settings::defaults();
    let seconds = |text: &str| -> u64 { text.trim_end_matches('s').parse().unwrap() };
    for name in ["primelingo.service", "primelingo-worker@.service"] {
        let unit = Unit::read(name);
        assert_eq!(unit.one("RestartForceExitStatus"), EXIT_CODE_EXHAUSTED.to_string());
        assert_eq!(unit.one("Type"), "notify");
        assert!(seconds(unit.one("TimeoutStopSec")) > settings.timeouts.shutdown_s, "{name}");
        assert!(seconds(unit.one("WatchdogSec")) > settings.ingest.update_deadline_s, "{name}");
    }
}

#[test]
fn what_units_start_exists() {
    for name in SERVICES {
        let unit = Unit::read(name);
        let lines = unit.all("ExecStart");
        assert!(!lines.is_empty(), "{name} starts nothing");
        for line in lines {
            let line = line.strip_prefix("/usr/bin/primelingo ").unwrap();
            assert_eq!(commands::fault(line), None, "{name}");
        }
    }
}

/// Those that stand behind a comment sign are examples.
#[test]
fn the_file_of_settings_is_understood() {
    let text = text_of("config/systemd/primelingo.env");
    let mut env = BTreeMap::new();
    for line in text.lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        if let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.contains(' ')) {
            env.insert(name.to_owned(), value.to_owned());
        }
    }
    assert!(env.len() > 4, "{env:?}");
    let names: Vec<String> = env.keys().cloned().collect();
    let loaded = Settings::load(LoadOptions { env, ..LoadOptions::default() }).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let known: BTreeSet<String> = plain_names()
        .map(|plain| plain.name.to_owned())
        .chain(described().into_iter().flat_map(|it| it.keys).map(|key| key.variable))
        .collect();
    for name in names {
        assert!(known.contains(&name), "nothing is set by {name}");
    }
}
