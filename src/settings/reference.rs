//! The reference page `docs/configuration.md`, made from `config/default.toml` and the names of
//! variables so that it cannot drift.

use std::fmt::Write as _;

use toml::Value;

use super::described::{DescribedKey, DescribedSection, described};
use super::parts;
use super::reload::Reach;
use super::variables::{PlainKind, PlainName, plain_names};

const HEAD: &str = "\
# Configuration

Made from `config/default.toml` and `src/settings`; a test compares, and
`PRIMELINGO_REWRITE=1 cargo test --test it configuration_page` writes it anew.

Later sources win:

1. the built-in defaults, which are those below;
2. a file: `--config FILE`, or `config/<profile>.toml` of the working directory when `PRIMELINGO_PROFILE` names one. It
   needs to hold only what differs;
3. `.env` in the working directory. A comment at the end of a line is no value there, `$` is nothing
   special, and a value with spaces needs no quotes;
4. the environment;
5. files with secrets: `NAME_FILE` names a file that holds the value of `NAME`. systemd's credentials (`LoadCredential=`)
   are the same without a variable: each is called like a variable in small letters (`bot_token`) or like a setting
   (`web.token`);
6. the command line: `--set section.key=value`.

Every key is also the variable `PRIMELINGO__SECTION__KEY`, and `PRIMELINGO__SECTION__KEY_FILE`. An empty text means \"not
set\". An unknown key is an error that names the nearest valid one. Lists are separated by commas or spaces in variables.

Who edits a file of configuration or `.env` need not restart: SIGHUP (`systemctl reload primelingo`) reads all sources once
more but for the environment, which a running process keeps, and the log tells each change. The column *takes effect* says what
that is enough for; a setting of the environment (`EnvironmentFile=`, Compose) needs a restart always.
`config show --origin` prints what holds and where it came from, without secrets; `doctor` looks whether it works.
";

const PLAIN_HEAD: &str = "
## Variables with names of their own

They are read because existing `.env` files have them. A whole address is stronger than its parts, from whatever source
either came. Any other variable that begins with `RQ_` or `PRIMELINGO_` gets a warning and has no effect.

| variable | sets | default | `_FILE` too | how |
|---|---|---|---|---|
";

/// The page.
pub fn configuration_page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(PLAIN_HEAD);
    page.extend(plain_names().map(plain_row));
    for section in described() {
        page.push_str(&section_of(&section));
    }
    page
}

fn plain_row(plain: PlainName) -> String {
    let PlainName { name, key, takes_file, kind } = plain;
    let default = parts::default_of(name).map(|it| format!("`{it}`")).unwrap_or_default();
    let file = if takes_file { "yes" } else { "" };
    let how = match kind {
        PlainKind::Whole => "as it is",
        PlainKind::Part => "a part of the address",
        PlainKind::Translated => "translated from what RQ means by it",
    };
    format!("| `{name}` | `{key}` | {default} | {file} | {how} |\n")
}

fn section_of(section: &DescribedSection) -> String {
    let DescribedSection { name, text, keys } = section;
    let mut page = format!("\n## \\[{name}\\]\n\n{}\n\n", escaped(text));
    page.push_str(
        "| key | default | unit | range | takes effect | meaning |\n|---|---|---|---|---|---|\n",
    );
    for key in keys {
        // A String takes whatever is written.
        let _ = writeln!(page, "{}", row(name, key));
    }
    page
}

fn row(section: &str, key: &DescribedKey) -> String {
    let effect = match Reach::of(&format!("{section}.{}", key.key)) {
        Reach::Restart => "at a restart",
        _ => "at a reload",
    };
    let unit = key.unit().unwrap_or_default();
    let range = key.range().map(|(low, high)| format!("{low} to {high}")).unwrap_or_default();
    let others: Vec<String> =
        key.plain_names.iter().map(|plain| format!("`{}`", plain.name)).collect();
    let names = match others.as_slice() {
        [] => String::new(),
        others => format!("<br>{}", others.join(", ")),
    };
    format!(
        "| `{}`<br>`{}`{names} | {} | {unit} | {range} | {effect} | {} |",
        key.key,
        key.variable,
        default(&key.default),
        escaped(&key.text)
    )
}

fn default(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "not set".to_owned(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

/// Text that a page shows as it is.
fn escaped(text: &str) -> String {
    text.replace('<', "&lt;").replace('|', "\\|").replace('*', "\\*")
}
