//! Lays one source over another, key by key, and remembers where each value came from.
//!
//! The valid keys and their types are those of `config/default.toml`. Invariants: a value has the
//! type of its default; an unknown key never gets in, it becomes a [`Problem`]; no problem's text
//! holds a value.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::error::Problem;
use super::origin::Origin;
use super::value::is_word_byte;

/// Names less alike than this are no help to somebody who mistyped: the share of letters, 0 to 1,
/// that stay when one name is edited into the other (normalised Damerau-Levenshtein).
const LIKENESS_MIN: f64 = 0.4;

/// The values so far, by `section.key`.
pub(super) struct Layers {
    /// The valid keys, with values of the valid types.
    pub(super) defaults: BTreeMap<String, Value>,
    /// One value for each valid key.
    pub(super) values: BTreeMap<String, Value>,
    /// One origin for each valid key.
    pub(super) origins: BTreeMap<String, Origin>,
    /// What was refused on the way.
    pub(super) problems: Vec<Problem>,
}

impl Layers {
    /// The defaults alone.
    pub(super) fn new(defaults: Table) -> Self {
        let values = flatten(defaults);
        let origins = values.keys().map(|key| (key.clone(), Origin::Default)).collect();
        Self { defaults: values.clone(), values, origins, problems: Vec::new() }
    }

    /// Lays a parsed configuration file over what is there.
    pub(super) fn add_file(&mut self, path: &Path, table: Table) {
        for (key, value) in flatten(table) {
            let origin = Origin::File(path.to_owned());
            let Some(default) = self.defaults.get(&key) else {
                self.report_unknown(&key, origin);
                continue;
            };
            match typed(value, default) {
                Ok(value) => self.insert(key, value, origin),
                Err(expected) => self.report(&key, origin, expected.to_owned()),
            }
        }
    }

    /// Lays one text (of a variable, a secret's file or the command line) over what is there.
    pub(super) fn add_text(&mut self, key: &str, text: &str, origin: Origin) {
        let Some(default) = self.defaults.get(key) else {
            self.report_unknown(key, origin);
            return;
        };
        match from_text(text, default) {
            Ok(value) => self.insert(key.to_owned(), value, origin),
            Err(expected) => self.report(key, origin, expected.to_owned()),
        }
    }

    /// Notes that `key` cannot be used as it stands in `origin`.
    pub(super) fn report(&mut self, key: &str, origin: Origin, message: String) {
        let (key, nearest) = (key.to_owned(), None);
        self.problems.push(Problem { key, origin, message, is_known: true, nearest });
    }

    /// Whether there is such a key.
    pub(super) fn knows(&self, key: &str) -> bool {
        self.defaults.contains_key(key)
    }

    /// The text of `key`, if it is a text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(Value::as_str)
    }

    /// Whether any source but the defaults has set `key`.
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.origins.get(key).is_some_and(|origin| *origin != Origin::Default)
    }

    fn insert(&mut self, key: String, value: Value, origin: Origin) {
        self.origins.insert(key.clone(), origin);
        self.values.insert(key, value);
    }

    fn report_unknown(&mut self, key: &str, origin: Origin) {
        let nearest = nearest(key, self.defaults.keys()).cloned();
        let message = nearest.as_ref().map_or_else(
            || "unknown key".to_owned(),
            |known| format!("unknown key; the nearest is {known}"),
        );
        self.problems.push(Problem { key: shown(key), origin, message, is_known: false, nearest });
    }
}

/// The longest name of a key that anybody would give.
const NAME_MAX: usize = 40;

/// A key that there is not, as it may be shown: what cannot be a name may be a secret that was put in
/// the wrong place.
fn shown(key: &str) -> String {
    let is_name = |part: &str| part.len() <= NAME_MAX && part.bytes().all(is_word_byte);
    let parts = key.split('.').map(|part| if is_name(part) { part } else { "<no name>" });
    parts.collect::<Vec<_>>().join(".")
}

/// The known name most like `name`, unless none is.
pub(super) fn nearest<'a>(
    name: &str,
    known: impl Iterator<Item = &'a String>,
) -> Option<&'a String> {
    known
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

/// `section.key` pairs. What is not in a section, or deeper, keeps a name that no setting has.
fn flatten(table: Table) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::new();
    for (section, value) in table {
        match value {
            Value::Table(keys) => {
                flat.extend(
                    keys.into_iter().map(|(key, value)| (format!("{section}.{key}"), value)),
                );
            }
            other => {
                flat.insert(section, other);
            }
        }
    }
    flat
}

/// A file's value in the type of its default; the error says what is expected.
fn typed(value: Value, default: &Value) -> Result<Value, &'static str> {
    match (default, value) {
        (Value::Boolean(_), value @ Value::Boolean(_))
        | (Value::String(_), value @ Value::String(_))
        | (Value::Float(_), value @ Value::Float(_)) => Ok(value),
        (Value::Integer(_), Value::Integer(number)) if number >= 0 => Ok(Value::Integer(number)),
        // As text, because no conversion of numbers is without loss for all of them.
        (Value::Float(_), Value::Integer(number)) => from_text(&number.to_string(), default),
        (Value::Array(_), Value::Array(ids)) if ids.iter().all(Value::is_integer) => {
            Ok(Value::Array(ids))
        }
        _ => Err(expected_type(default)),
    }
}

/// A text in the type of its key's default; the error says what is expected.
fn from_text(text: &str, default: &Value) -> Result<Value, &'static str> {
    let text = text.trim();
    let value = match default {
        Value::Boolean(_) => parse_bool(text).map(Value::Boolean),
        Value::Integer(_) => text.parse().ok().filter(|n: &i64| *n >= 0).map(Value::Integer),
        Value::Float(_) => text.parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Float),
        Value::Array(_) => parse_ids(text).map(Value::Array),
        _ => Some(Value::String(text.to_owned())),
    };
    value.ok_or(expected_type(default))
}

fn expected_type(default: &Value) -> &'static str {
    match default {
        Value::Boolean(_) => "expected true or false",
        Value::Integer(_) => "expected a whole number, 0 or more",
        Value::Float(_) => "expected a number",
        Value::Array(_) => "expected whole numbers (in variables separated by commas or spaces)",
        _ => "expected a text",
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn parse_ids(text: &str) -> Option<Vec<Value>> {
    text.split([',', ' ', ';'])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok().map(Value::Integer))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(default: impl Into<Value>, text: &str) -> Option<Value> {
        from_text(text, &default.into()).ok()
    }

    #[test]
    fn a_text_takes_the_type_of_the_default() {
        assert_eq!(text(1, " 7 "), Some(Value::from(7)));
        assert_eq!(text(1, "-7"), None);
        assert_eq!(text(1.0, "7"), Some(Value::from(7.0)));
        assert_eq!(text(1.0, "NaN"), None);
        assert_eq!(text(true, "Off"), Some(Value::from(false)));
        assert_eq!(text(true, "maybe"), None);
        // A password of digits stays a text.
        assert_eq!(text("", "0123"), Some(Value::from("0123")));
        let ids = Value::Array(vec![Value::from(1), Value::from(22)]);
        let none: Vec<i64> = Vec::new();
        assert_eq!(text(none.clone(), "1, 22"), Some(ids.clone()));
        assert_eq!(text(none.clone(), "1 22"), Some(ids));
        assert_eq!(text(none, "@ann"), None);
    }

    #[test]
    fn a_file_may_write_a_whole_number_for_a_fraction_only() {
        assert_eq!(typed(Value::from(2), &Value::from(1.0)), Ok(Value::from(2.0)));
        assert!(typed(Value::from(2.0), &Value::from(1)).is_err());
        assert!(typed(Value::from(2), &Value::from("")).is_err());
        assert!(typed(Value::from(-2), &Value::from(1)).is_err());
    }

    #[test]
    fn nothing_near_is_not_guessed() {
        let known = ["web.listen".to_owned()];
        assert_eq!(nearest("web.lissten", known.iter()), known.first());
        assert_eq!(nearest("zzz", known.iter()), None);
    }
}
