//! The reference page `docs/commands.md`, made from the command line itself so that it cannot drift.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command, CommandFactory as _};

const HEAD: &str = "\
# Commands

Made from `src/cli`; a test compares, and `PRIMELINGO_REWRITE=1 cargo test --test it commands_page` writes it
anew. The same as `primelingo COMMAND --help`, as `man primelingo-COMMAND`, and completed by a shell after
`primelingo completions SHELL`.

Exit codes: 0 done; 1 failed, refused, or there is no such thing; 2 wrong usage, or `doctor` has found errors; 69 something has
to be mended first, such as a database that is away: `run` and `worker` wait for one, other commands some ten seconds; 74 the
output could not be written; 75 start it again (threads were lost to endless loops); 78 wrong configuration. A second
Ctrl-C ends at once.
";

/// Commands that packages do not have.
const ONLY_WITH_DEMO: [&str; 2] = ["demo", "simulate"];

/// Options that packages do not have, and nobody needs.
const HIDDEN: [&str; 3] = ["fail_points", "help", "version"];

/// The page.
pub fn commands_page() -> String {
    let mut root = super::Arguments::command().disable_help_subcommand(true);
    root.build();
    let mut page = HEAD.to_owned();
    page.push_str("\n## Every command\n\n");
    let globals: Vec<&Arg> = root.get_arguments().filter(|arg| arg.is_global_set()).collect();
    page.push_str(&table(&globals));
    for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
        describe(command, &root, &mut page);
    }
    page
}

/// A command, and those below it. What holds for all commands of `parent` is told there.
fn describe(command: &Command, parent: &Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    // A String takes whatever is written.
    let _ = writeln!(page, "\n## {name}\n");
    let about = command.get_long_about().or_else(|| command.get_about());
    let about = about.map(|text| shown(&text.to_string())).unwrap_or_default();
    let _ = writeln!(page, "{}{}", about, if about.ends_with('.') { "" } else { "." });
    if ONLY_WITH_DEMO.contains(&command.get_name()) {
        let _ = writeln!(page, "Not in packages.");
    }
    let children: Vec<&Command> =
        command.get_subcommands().filter(|child| !child.is_hide_set()).collect();
    if children.is_empty() {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim();
        let _ = writeln!(page, "\n    {}", one_line(usage));
    }
    let own: Vec<&Arg> = command.get_arguments().filter(|arg| !is_of(parent, arg)).collect();
    let table = table(&own);
    if !table.is_empty() {
        let _ = write!(page, "\n{table}");
    }
    for child in children {
        describe(child, command, page);
    }
}

/// Whether an argument is one of all commands of `parent`.
fn is_of(parent: &Command, argument: &Arg) -> bool {
    let same = |it: &Arg| it.is_global_set() && it.get_id() == argument.get_id();
    parent.get_arguments().any(same)
}

/// A row for each argument; nothing when there are none.
fn table(arguments: &[&Arg]) -> String {
    let rows: String = arguments
        .iter()
        .filter(|arg| !arg.is_hide_set() && !HIDDEN.contains(&arg.get_id().as_str()))
        .map(|arg| row(arg))
        .collect();
    if rows.is_empty() {
        return rows;
    }
    format!("| argument | default | meaning |\n|---|---|---|\n{rows}")
}

fn row(arg: &Arg) -> String {
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let values: Vec<&str> =
        arg.get_value_names().unwrap_or_default().iter().map(clap::builder::Str::as_str).collect();
    let value = if takes_value { values.join(" ") } else { String::new() };
    let name = match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long} {value}"),
        (Some(short), None) => format!("-{short} {value}"),
        (None, Some(long)) => format!("--{long} {value}"),
        (None, None) => value,
    };
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    let default = if takes_value { defaults.join(", ") } else { String::new() };
    let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string);
    let mut meaning = shown(&help.unwrap_or_default());
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|choice| !choice.is_hide_set())
        .map(|choice| format!("`{}`", choice.get_name()))
        .collect();
    if takes_value && !choices.is_empty() {
        let _ = write!(meaning, " One of {}.", choices.join(", "));
    }
    if arg.is_required_set() {
        meaning.push_str(" Needed.");
    }
    format!("| `{}` | {default} | {} |\n", name.trim(), meaning.trim())
}

/// Text that a page shows as it is.
fn shown(text: &str) -> String {
    one_line(text).replace('<', "&lt;").replace('|', "\\|")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
