//! Every setting as `config/default.toml` describes it: its default, its comment, its names.
//!
//! Invariants: reads nothing but the text that is compiled in, in the order that it stands there; a
//! comment belongs to the key (or section) right below it, and an empty line ends it.

use toml::{Table, Value};

use super::DEFAULT_TOML;
use super::load::SECRET_KEYS;
use super::variables::{PREFIX, PlainName, plain_names};

/// A section, as `[telegram]`.
#[derive(Debug, Clone)]
pub struct DescribedSection {
    /// Its name.
    pub name: String,
    /// What it is about: one line of text.
    pub text: String,
    /// Its keys, in the order of the file.
    pub keys: Vec<DescribedKey>,
}

/// A key of a section.
#[derive(Debug, Clone)]
pub struct DescribedKey {
    /// Its name in the section.
    pub key: String,
    /// Its default, which also tells its type.
    pub default: Value,
    /// Its comment: unit, range, effect, in one line.
    pub text: String,
    /// Whether its value is never shown.
    pub is_secret: bool,
    /// `PRIMELINGO__SECTION__KEY`.
    pub variable: String,
    /// Other variables that set it, or a part of it.
    pub plain_names: Vec<PlainName>,
}

impl DescribedKey {
    /// What its number counts, as the end of its name tells.
    pub fn unit(&self) -> Option<&'static str> {
        const UNITS: [(&str, &str); 7] = [
            ("_per_s", "per second"),
            ("_per_min", "per minute"),
            ("_ms", "milliseconds"),
            ("_s", "seconds"),
            ("_mb", "megabytes"),
            ("_kb", "kilobytes"),
            ("_days", "days"),
        ];
        UNITS.iter().find(|(end, _)| self.key.ends_with(end)).map(|(_, unit)| *unit)
    }

    /// Lowest and highest number, as its comment gives them.
    pub fn range(&self) -> Option<(f64, f64)> {
        if !matches!(self.default, Value::Integer(_) | Value::Float(_)) {
            return None;
        }
        let words: Vec<&str> = self.text.split(' ').collect();
        words.windows(3).find_map(|words| match words {
            [low, "to", high] => Some((number(low)?, number(high)?)),
            _ => None,
        })
    }
}

/// A number, whatever mark of a sentence follows it.
fn number(word: &str) -> Option<f64> {
    word.trim_end_matches(['.', ',', ';', ':', ')']).parse().ok()
}

/// All sections in the order of `config/default.toml`.
pub fn described() -> Vec<DescribedSection> {
    let defaults: Table = DEFAULT_TOML.parse().unwrap_or_default();
    let mut sections: Vec<DescribedSection> = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in DEFAULT_TOML.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.trim());
            continue;
        }
        let text = std::mem::take(&mut comment).join(" ");
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            sections.push(DescribedSection { name: name.to_owned(), text, keys: Vec::new() });
        } else if let Some((section, (key, _))) = sections.last_mut().zip(line.split_once(" = ")) {
            let default = defaults.get(&section.name).and_then(|keys| keys.get(key));
            section
                .keys
                .extend(default.map(|value| described_key(&section.name, key, value, text)));
        }
    }
    sections
}

fn described_key(section: &str, key: &str, default: &Value, text: String) -> DescribedKey {
    let name = format!("{section}.{key}");
    DescribedKey {
        key: key.to_owned(),
        default: default.clone(),
        text,
        is_secret: name == "database.url" || SECRET_KEYS.contains(&name.as_str()),
        variable: format!("{PREFIX}{}__{}", section.to_uppercase(), key.to_uppercase()),
        plain_names: plain_names().filter(|plain| plain.key == name).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{LoadOptions, Settings, SettingsError};
    use super::*;

    fn all() -> Vec<(String, DescribedKey)> {
        let sections = described().into_iter();
        sections
            .flat_map(|section| {
                let name = section.name;
                section.keys.into_iter().map(move |key| (format!("{name}.{}", key.key), key))
            })
            .collect()
    }

    #[test]
    fn every_key_is_described_once() {
        let names: Vec<String> = all().into_iter().map(|(name, _)| name).collect();
        let loaded = Settings::load(LoadOptions::default()).unwrap();
        let known: Vec<String> = loaded.origins.into_keys().collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), known.into_iter().collect());
    }

    #[test]
    fn every_section_and_key_has_a_text() {
        for section in described() {
            assert!(!section.text.is_empty(), "[{}]", section.name);
        }
        for (name, key) in all() {
            let first = key.text.chars().next();
            assert!(first.is_some_and(|first| !first.is_lowercase()), "{name}: {}", key.text);
            assert!(key.text.ends_with(['.', '"']), "{name}: {}", key.text);
        }
    }

    #[test]
    fn a_comment_tells_what_is_secret() {
        for (name, key) in all() {
            assert_eq!(key.text.contains("Secret."), key.is_secret, "{name}: {}", key.text);
        }
    }

    /// What is told of a number far too large is the range that the comment gives.
    #[test]
    fn a_comment_gives_the_range_that_is_checked() {
        for (name, key) in all() {
            let absurd = match key.default {
                Value::Integer(_) => "2147483647",
                Value::Float(_) => "1e300",
                _ => continue,
            };
            let overrides = vec![(name.clone(), absurd.to_owned())];
            let loaded = Settings::load(LoadOptions { overrides, ..LoadOptions::default() });
            let Err(SettingsError::Invalid(problems)) = loaded else { panic!("{name}: taken") };
            let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
            let ranges: Vec<(f64, f64)> = told
                .iter()
                .filter_map(|told| {
                    let words: Vec<&str> = told.split(' ').collect();
                    words.windows(3).find_map(|words| {
                        (words[1] == "to").then_some((number(words[0])?, number(words[2])?))
                    })
                })
                .collect();
            let range = key.range().unwrap_or_else(|| panic!("{name}: no range in {}", key.text));
            assert!(ranges.contains(&range), "{name}: {range:?} in its comment, but {told:?}");
        }
    }

    #[test]
    fn names_that_others_know_are_found() {
        let all = all();
        let names = |wanted: &str| -> Vec<&str> {
            let (_, key) = all.iter().find(|(name, _)| name == wanted).unwrap();
            key.plain_names.iter().map(|plain| plain.name).collect()
        };
        assert_eq!(names("telegram.token"), ["BOT_TOKEN"]);
        assert_eq!(names("redis.url").len(), 6);
        assert_eq!(names("jobs.max_attempts"), ["RQ_MAX_RETRIES"]);
        // Each plain name belongs to a key that exists.
        let found: usize = all.iter().map(|(_, key)| key.plain_names.len()).sum();
        assert_eq!(found, plain_names().count());
    }
}
