//! Reads `KEY=value` text. Never touches the process's environment, neither to write nor to
//! replace `$NAME`: existing files were read by programs that leave a dollar sign alone, and
//! passwords hold some.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::SettingsError;
use super::value::is_word_byte;

/// Stands for a dollar sign while `dotenvy` reads, because it would replace `$NAME` by the
/// process's environment. From the private use area: no file holds it.
const DOLLAR: &str = "\u{e000}";

/// The longest name of a variable that is shown.
const NAME_MAX: usize = 60;

/// The variables of `text`; of several with one name the last counts. `path` is for the error.
pub(super) fn parse(text: &str, path: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    let text = text.trim_start_matches('\u{feff}').replace('$', DOLLAR);
    let lines: Vec<&str> = text.lines().collect();
    let (mut variables, mut done) = (BTreeMap::new(), 0);
    while let Some(line) = lines.get(done) {
        let Some((count, found)) = lines.get(done..).and_then(entry) else {
            // The reader's own error repeats the line, which may hold a secret.
            let name = name_of(line).map(|(name, _)| name.to_owned());
            let (path, line) = (path.to_owned(), done.saturating_add(1));
            return Err(SettingsError::DotEnv { path, line, name });
        };
        variables.extend(found);
        done = done.saturating_add(count);
    }
    Ok(variables)
}

/// What stands first in these lines, and in how many: a value in quotes may have more than one.
fn entry(lines: &[&str]) -> Option<(usize, Vec<(String, String)>)> {
    let line = lines.first()?;
    let longest = if line.contains(['"', '\'']) { lines.len() } else { 1 };
    let read = |count: usize| Some((count, variables_of(&lines.get(..count)?.join("\n"))?));
    (1..=longest).find_map(read).or_else(|| Some((1, variables_of(&in_quotes(line)?)?)))
}

/// The variables, if all can be read.
fn variables_of(text: &str) -> Option<Vec<(String, String)>> {
    let read = dotenvy::from_read_iter(text.as_bytes());
    read.map(|item| item.ok().map(|(name, value)| (name, value.replace(DOLLAR, "$")))).collect()
}

/// The name on a line and what is behind its `=`.
fn name_of(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_name = (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(is_word_byte);
    is_name.then_some((name, value.trim()))
}

/// A line whose value has spaces and no quotes, in quotes: bots in Python read such a value as it
/// stands, up to a comment.
fn in_quotes(line: &str) -> Option<String> {
    let (name, value) = name_of(line)?;
    let comment = value.find(" #").or_else(|| value.find("\t#"));
    let value = value.get(..comment.unwrap_or(value.len()))?.trim();
    let is_plain = !value.contains(['\'', '"', '`', '\\']) && value.contains([' ', '\t']);
    is_plain.then(|| format!("{name}='{value}'"))
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
    fn spaces_need_no_quotes() {
        let text = "A=1\nBOT_OWNERS=12, 13  # both of us\nexport B = a  b\t# c\nC=x $y z\nD=2";
        let variables = parsed(text);
        let expected =
            [("A", "1"), ("BOT_OWNERS", "12, 13"), ("B", "a  b"), ("C", "x $y z"), ("D", "2")];
        for (name, value) in expected {
            assert_eq!(variables[name], value, "{name}");
        }
    }

    #[test]
    fn a_bad_line_is_named_by_its_number_and_not_by_its_text() {
        for (text, expected) in [
            ("A=1\n\n# c\nB='canary two\n", "line 4 (B);"),
            ("A='1\n2'\nB=\"canary\" two\nC=3", "line 3 (B);"),
            ("A=1\n42:canary canary\n", "line 2;"),
            ("42:canary canary = x\n", "line 1;"),
            ("A=canary 'two\n", "line 1 (A);"),
        ] {
            let error = parse(text, Path::new(".env")).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(told.contains(expected) && !told.contains("canary"), "{told}");
        }
    }
}
