//! `docs/doctor.md` is made of the registry and of the seeded table.

use std::fmt::Write as _;

use primelingo::doctor::reference;
use primelingo::doctor::registry::checks;

use super::seeds::{self, Mended, Seed};
use crate::architecture::root;

/// Set, the page is written anew.
const REWRITE: &str = "PRIMELINGO_REWRITE";

const HEAD: &str = "# What `primelingo doctor` looks at

This page is made of the program (`PRIMELINGO_REWRITE=1` with the tests of `doctor` writes it anew).

    primelingo doctor                                # everything, in less than three seconds
    primelingo doctor --only database,redis.eviction # checks or groups of them
    primelingo doctor --skip machine.root
    primelingo doctor --fix                          # mends what can be mended without a risk, looks again
    primelingo doctor --json                         # for programs
    primelingo doctor queue                          # follows a job that does nothing to its end

Exit codes: 0 nothing to do, 1 warnings, 2 errors, or `--fix` could not mend something. Beside each finding stands the line that mends it. A check
that needs what another one has found missing is skipped, and says so.

";

fn page() -> String {
    let mut page = HEAD.to_owned();
    // Writing to a text does not fail.
    writeln!(page, "## All checks\n\n{}", reference::table()).unwrap();
    page.push_str(
        "## Set-ups with one thing wrong\n\nEach is made by a test, which fails unless the check finds it with \
         its cure, and nothing\nelse is found that is not wrong.\n\n| what is wrong | found by | as | mended by \
         |\n|---|---|---|---|\n",
    );
    for Seed { wrong, check, severity, cure, mended, .. } in seeds::all() {
        let mended = match mended {
            Mended::Fix => "`primelingo doctor --fix`, tried".to_owned(),
            Mended::Cure => format!("`{cure}` ..., tried"),
            Mended::Hand => format!("`{cure}`"),
        };
        writeln!(page, "| {wrong} | `{check}` | {} | {mended} |", severity.name()).unwrap();
    }
    page
}

#[test]
fn the_page_is_made_of_the_checks_and_the_seeds() {
    let path = root().join("docs/doctor.md");
    let page = page();
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, page).unwrap();
        return;
    }
    let there = std::fs::read_to_string(path).unwrap_or_default();
    assert!(there == page, "docs/doctor.md is old: write it anew with {REWRITE}=1");
}

#[test]
fn seeds_name_checks_and_are_no_worse_than_these_say() {
    assert!(seeds::all().count() >= 25);
    for seed in seeds::all() {
        let check = checks().find(|check| check.name == seed.check);
        let check = check.unwrap_or_else(|| panic!("there is no check {}", seed.check));
        assert!(seed.severity <= check.worst, "{}", seed.wrong);
    }
}
