//! Reads `KEY=value` text. Never touches the process's environment, neither to write nor to
//! replace `$NAME`: existing files were read by programs that leave a dollar sign alone, and
//! passwords hold some.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::SettingsError;

/// Stands for a dollar sign while `dotenvy` reads, because it would replace `$NAME` by the
/// process's environment. From the private use area: no file holds it.
const DOLLAR: &str = "\u{e000}";

/// The variables of `text`; of several with one name the last counts. `path` is for the error.
pub(super) fn parse(text: &str, path: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    let text = text.trim_start_matches('\u{feff}').replace('$', DOLLAR);
    let mut variables = BTreeMap::new();
    let mut after = String::new();
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        // The reader's own error repeats the line, which may hold a secret.
        let Ok((name, value)) = item else {
            return Err(SettingsError::DotEnv { path: path.to_owned(), after });
        };
        after = format!(" after {name}");
        variables.insert(name, value.replace(DOLLAR, "$"));
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> BTreeMap<String, String> {
        parse(text, Path::new(".env")).unwrap()
    }

    #[test]
    fn comments_at_the_end_of_a_line_are_no_value() {
        let variables = parsed("A=  # Optional\r\nB=redis://h:1/0  # full\nC=x#y\n# D=1\nE=\nF=#z");
        let expected = [("A", ""), ("B", "redis://h:1/0"), ("C", "x#y"), ("E", ""), ("F", "")];
        for (name, value) in expected {
            assert_eq!(variables[name], value, "{name}");
        }
        assert!(!variables.contains_key("D"));
    }

    #[test]
    fn a_dollar_sign_is_nothing_special() {
        let variables = parsed("A=pa$HOME\nB=\"x${A}y z\"\nC='$A'\nexport D=1");
        assert_eq!(variables["A"], "pa$HOME");
        assert_eq!(variables["B"], "x${A}y z");
        assert_eq!(variables["C"], "$A");
        assert_eq!(variables["D"], "1");
    }

    #[test]
    fn a_bad_line_is_named_by_its_neighbour_not_by_its_text() {
        let error = parse("A=1\nB=canary two\n", Path::new(".env")).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("after A") && !text.contains("canary"), "{text}");
    }
}
