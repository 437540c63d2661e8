//! `docs/authorisation.md` is made of the tables and of the tour through all cells.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use primelingo::domain::intent::COMMANDS;

use super::actions::{rule, samples};
use super::dialogs::{self, Input};
use super::http::{ACTIONS, Caller, cells};
use super::matrix::{self, BUTTONS, Cells, pressers};
use super::routes::ROUTES;
use super::senders::SENDERS;
use super::{Rule, commands};
use crate::architecture::root;

/// Set, the page is written anew.
const REWRITE: &str = "PRIMELINGO_REWRITE";

const HEAD: &str = "# Who may do what

This page is made of the tables in `tests/it/authorisation` (`PRIMELINGO_REWRITE=1` with its tests writes it anew).
The tests go through every cell: over the pure decisions all of them, with the real program those that are refused,
which must change nothing in the database and leave no entry in the audit log. A command, button, question, route or
action without a row fails the build.

Each role includes those before it: learner, editor, admin, owner. The role is read from the database with each update,
and once more in the transaction that writes. `access.owners` are owners whatever the database says.

## Bans

Admins ban and unban by `/users` in the bot, operators by `primelingo users ban ID`; owners give and take roles by
`/admins`. Whoever is banned is told once, loses their role, and gets no answer any more; a button they press shows one
short sentence. `/privacy`, `/mydata` and `/deletemydata` go on working. They are in no audience of a broadcast, a series
or a digest, and are told of nothing. Nobody bans themselves or an owner; an admin is banned by an owner alone.

What is kept of a ban is a keyed BLAKE3 hash of the person's number, when it was, and whether they were told. It outlives
`/deletemydata`. The key lies in the same database: whoever has all of it can try numbers one by one, whoever has the
table alone cannot. Of a broadcast that is under way they get what was leaving at that moment, and nothing more.

What they set going ends with the role, by a ban as by `/admins` or `primelingo users role`, in the same transaction.
Below editor: files that were to be published once they are ready become drafts. Below admin: their broadcasts that are
planned or being sent are held, so that another admin resumes or cancels them (one that had not begun waits for its time
again, or begins at once if that has passed); series of their words end, the digest goes on; tables, figures and lists
that they asked for are not sent.

";

fn columns(rule: Rule) -> String {
    let mark = |yes: bool| if yes { "yes" } else { "" };
    format!(
        "{} | {} | {} | {}",
        rule.least.name(),
        mark(rule.own_hand),
        mark(rule.private),
        mark(rule.while_banned)
    )
}

const COLUMNS: &str = "least role | only by one's own hand | only in private | also while banned |\n|---|---|---|---|---|\n";

fn page() -> String {
    let mut page = HEAD.to_owned();
    counts(&mut page);
    tables(&mut page);
    buttons(&mut page);
    routes(&mut page);
    page
}

/// How many cells there are. Writing to a text does not fail, here and below.
fn counts(page: &mut String) {
    let (of_commands, of_actions) = (matrix::of_commands(), matrix::of_actions());
    let (of_dialogs, of_inline) = (matrix::of_dialogs(), matrix::of_inline());
    let (dialogs, samples) = (dialogs::all(), samples());
    let line = |page: &mut String, what: String, cells: Cells| {
        let Cells { all, allowed } = cells;
        writeln!(page, "| {what} | {all} | {allowed} | {} |", all - allowed).unwrap();
    };
    page.push_str("## Cells\n\n| what | cells | done | refused |\n|---|---|---|---|\n");
    let (senders, states) = (SENDERS.len(), dialogs.len());
    let rows = commands::COMMANDS.len();
    let text = format!(
        "{rows} forms of {} commands x {states} dialogs x {senders} senders",
        COMMANDS.len()
    );
    line(page, text, of_commands);
    let (ways, people) = (BUTTONS.len(), pressers().len());
    let text = format!(
        "{} sorts of buttons x {ways} ways of pressing x {states} dialogs x {people} people",
        samples.len()
    );
    line(page, text, of_actions);
    let inputs = Input::ALL.len();
    let text = format!("{states} dialogs x {inputs} sorts of answers x {} senders", senders - 1);
    line(page, text, of_dialogs);
    line(page, format!("inline queries x {states} dialogs x {people} people"), of_inline);
    let callers = Caller::ALL.len();
    let text = format!(
        "| routes, and the {} actions of the dashboard, x {callers} callers | {} | | |",
        ACTIONS.len(),
        cells()
    );
    writeln!(page, "{text}").unwrap();
    let pure = [of_commands, of_actions, of_dialogs, of_inline];
    let total: usize = pure.iter().map(|cells| cells.all).sum::<usize>() + cells();
    writeln!(page, "| **all** | **{total}** | | |").unwrap();
}

/// Senders, commands and answers.
fn tables(page: &mut String) {
    page.push_str("\n## Senders\n\n");
    for sender in SENDERS {
        let nobody = if sender.way.is_nobodys() { ": nobody is answered" } else { "" };
        writeln!(page, "- {}{nobody}", sender.name).unwrap();
    }
    page.push_str(
        "\nWhoever was demoted in mid-dialog is a learner in an editor's or admin's dialog: all roles go through \
         all\ndialogs. Buttons are pressed by whom they were made for, in private and in a group; and, always in \
         vain, as one of\nanother chat, of another person, and forged.\n",
    );

    write!(page, "\n## Commands\n\n| command | {COLUMNS}").unwrap();
    for (command, rule) in commands::COMMANDS {
        writeln!(page, "| `/{command}` | {} |", columns(*rule)).unwrap();
    }

    write!(page, "\n## Answers in dialogs\n\n| dialog, answer | {COLUMNS}").unwrap();
    let mut answers: BTreeMap<(String, &str), Rule> = BTreeMap::new();
    for (name, dialog) in &dialogs::all() {
        for input in Input::ALL {
            answers.insert((name.clone(), input.name()), dialogs::rule(dialog, input));
        }
    }
    for ((name, input), rule) in answers {
        writeln!(page, "| {name}: {input} | {} |", columns(rule)).unwrap();
    }
}

fn buttons(page: &mut String) {
    page.push_str("\n## Buttons\n\nWhat is pressed is always by one's own hand.\n");
    let mut by_rule: BTreeMap<Rule, Vec<String>> = BTreeMap::new();
    for (name, action) in samples() {
        by_rule.entry(rule(action)).or_default().push(name);
    }
    for (rule, names) in by_rule {
        let place = if rule.private { "in private" } else { "in private and in groups" };
        let ban = if rule.while_banned { ", also while banned" } else { "" };
        writeln!(
            page,
            "\n**{}, {place}{ban}** ({}): {}",
            rule.least.name(),
            names.len(),
            names.join(", ")
        )
        .unwrap();
    }
}

fn routes(page: &mut String) {
    page.push_str("\n## Routes\n\n| route | for whom |\n|---|---|\n");
    for (method, path, who) in ROUTES {
        writeln!(page, "| `{} {path}` | {} |", method.to_uppercase(), who.name()).unwrap();
    }
    page.push_str("\n## Actions of the dashboard\n\n| action | least role |\n|---|---|\n");
    for (action, _, rank) in ACTIONS {
        writeln!(page, "| `{action}` | {} |", rank.role().name()).unwrap();
    }
}

#[test]
fn the_page_is_made_of_the_tables() {
    let path = root().join("docs/authorisation.md");
    let page = page();
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == page, "docs/authorisation.md is old: write it anew with {REWRITE}=1");
}
