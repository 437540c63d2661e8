//! Settings that nobody meant: they are settings or an error that names the key, never a panic, and what
//! is secret is told nowhere.

use std::collections::BTreeMap;
use std::error::Error;

use primelingo::settings::{
    DEFAULT_TOML, DescribedKey, DotEnv, LoadOptions, Settings, SettingsError, described,
};

use super::text::hostile_text;
use super::{cases, chance};

/// Stands in every secret that these tests give.
const CANARY: &str = "CanaryOfTheFuzz42";

fn keys() -> Vec<(String, DescribedKey)> {
    let sections = described().into_iter();
    sections
        .flat_map(|section| {
            let name = section.name.clone();
            section.keys.into_iter().map(move |key| (format!("{name}.{}", key.key), key))
        })
        .collect()
}

/// A value of any sort.
fn value(rng: &mut fastrand::Rng, case: usize) -> String {
    const VALUES: [&str; 30] = [
        "",
        " ",
        "0",
        "-1",
        "1",
        "1e308",
        "-0.0",
        "nan",
        "inf",
        "9223372036854775807",
        "18446744073709551616",
        "true",
        "off",
        "[]",
        "[1, 2]",
        "[[]]",
        "{}",
        "{ a = 1 }",
        "'x'",
        "\"x",
        "\u{0}",
        "/etc/passwd",
        "../../x",
        "http://",
        "https://a:b@c/d",
        "redis://:p@h:99999/x",
        "postgres://u:p@/d",
        "sqlite::memory:",
        "1979-05-27T07:32:00Z",
        "22:00-08:00",
    ];
    match rng.u8(0..4) {
        0 => hostile_text(rng, case),
        1 => rng.i64(..).to_string(),
        _ => (*rng.choice(&VALUES).unwrap()).to_owned(),
    }
}

/// All that is ever told of an outcome.
fn told(outcome: &Result<primelingo::settings::Loaded, SettingsError>) -> String {
    let error = match outcome {
        Ok(loaded) => return format!("{loaded:?}{:?}", loaded.settings.validate()),
        Err(error) => error,
    };
    let mut told = vec![error.to_string(), format!("{error:?}")];
    let mut source = error.source();
    while let Some(inner) = source {
        told.extend([inner.to_string(), format!("{inner:?}")]);
        source = inner.source();
    }
    told.join(" ")
}

#[test]
fn a_bad_value_names_its_key_and_a_secret_is_not_told() {
    let (mut rng, keys) = (chance(), keys());
    let (mut taken, mut refused, mut secrets) = (0, 0, 0);
    for case in 0..cases(2_500) {
        let (name, key) = &keys[case % keys.len()];
        let mut text = value(&mut rng, case);
        let is_secret = key.is_secret || name == "database.url";
        if key.is_secret {
            text = format!("{text}{CANARY}");
        } else if is_secret {
            text = format!("postgres://ann:{CANARY}@{text}");
        }
        let by_variable = rng.bool();
        let mut options = LoadOptions::default();
        if by_variable {
            options.env = BTreeMap::from([(key.variable.clone(), text.clone())]);
        } else {
            options.overrides = vec![(name.clone(), text.clone())];
        }
        let outcome = Settings::load(options);
        let told = told(&outcome);
        secrets += usize::from(is_secret);
        assert!(!told.contains(CANARY), "{name} = {text:?}: {told}");
        match &outcome {
            Ok(_) => taken += 1,
            Err(SettingsError::Invalid(problems)) => {
                // A limit that another setting breaks is told of the one or the other.
                assert!(
                    problems.iter().any(|it| it.key == *name || it.message.contains(name.as_str())),
                    "{name} = {text:?}: {told}"
                );
                refused += 1;
            }
            Err(other) => panic!("{name} = {text:?}: {other}"),
        }
    }
    assert!(taken > 0 && refused > 0 && secrets > 0);
    println!(
        "{} keys: {taken} values taken, {refused} refused by name, {secrets} secrets told nowhere",
        keys.len()
    );
}

#[test]
fn files_and_variables_of_any_sort_are_settings_or_an_error() {
    let (mut rng, keys) = (chance(), keys());
    let folder = tempfile::tempdir().unwrap();
    let (mut taken, mut refused) = (0, 0);
    for case in 0..cases(600) {
        let mut options = LoadOptions::default();
        match case % 3 {
            0 => {
                let path = folder.path().join("fuzz.toml");
                let text = super::json::damage(&mut rng, DEFAULT_TOML);
                std::fs::write(&path, text).unwrap();
                options.file = Some(path);
            }
            1 => {
                let line = |rng: &mut fastrand::Rng| {
                    let (_, key) = rng.choice(&keys).unwrap();
                    let sign = *rng.choice(&["=", " = ", ":", "", "=\"", "='"]).unwrap();
                    format!("{}{sign}{}", key.variable, value(rng, case))
                };
                let lines: Vec<String> = (0..rng.usize(0..8)).map(|_| line(&mut rng)).collect();
                options.dotenv = Some(DotEnv::Text(lines.join("\n")));
            }
            _ => {
                for _ in 0..rng.usize(1..6) {
                    let (_, key) = rng.choice(&keys).unwrap();
                    let end = *rng.choice(&["", "_FILE", "__X", "_"]).unwrap();
                    options.env.insert(format!("{}{end}", key.variable), value(&mut rng, case));
                }
            }
        }
        match Settings::load(options) {
            Ok(_) => taken += 1,
            Err(error) => {
                assert!(!error.to_string().trim().is_empty());
                refused += 1;
            }
        }
    }
    assert!(taken > 0 && refused > 0);
    println!("{taken} taken, {refused} refused");
}
