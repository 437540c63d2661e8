//! The page about what is kept of people is made of the register: table, what for, how long, and how
//! it is forgotten.

use std::fmt::Write as _;

use primelingo::domain::button::Signer;
use primelingo::domain::lang::Lang;
use primelingo::domain::privacy::{Erasure, Kept, Personal, REGISTER};
use primelingo::domain::retention::{NOBODYS, Term, Terms};
use primelingo::views::Presenter;

use super::documents::must_be_new;
use super::text_of;

const PAGE: &str = "docs/privacy.md";

/// The page with these lines between the marks of a table.
fn with(page: &str, mark: &str, lines: &str) -> String {
    let begin = format!("<!-- {mark} -->\n");
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("{PAGE} lacks {begin}"));
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    format!("{before}{begin}{lines}<!-- end -->{after}")
}

fn how_long(kept: Kept) -> String {
    let terms = Terms::default();
    let term = |term: &Term| {
        let settings: Vec<String> =
            term.settings().iter().map(|setting| format!("`{setting}`")).collect();
        let by = if settings.is_empty() {
            String::new()
        } else {
            format!(" ({})", settings.join(" + "))
        };
        format!("{} d after {}{by}", terms.days(*term), term.since())
    };
    match kept {
        Kept::UntilErased => "until it is erased".to_owned(),
        Kept::For(terms) => terms.iter().map(term).collect::<Vec<_>>().join("; "),
    }
}

fn how_forgotten(entry: &Personal) -> &'static str {
    match (entry.erasure, entry.table) {
        (Erasure::Delete, _) => "deleted",
        (Erasure::Unname, _) => "stays, names nobody",
        (Erasure::Pseudonym, _) => "stays as it is: its pseudonym leads to nobody",
        (Erasure::ByHand, "updates") => {
            "text and chat are emptied; the number stays against a second delivery"
        }
        (Erasure::ByHand, "outbox") => "deleted, but for what is about to leave",
        (Erasure::ByHand, "request_askers") => "deleted; the request stays if others ask for it",
        (Erasure::ByHand, "broadcast_recipients") => "deleted; the counters stay",
        (Erasure::ByHand, "materials") => "published ones stay and name nobody; others are emptied",
        (Erasure::ByHand, "broadcasts" | "broadcast_series") => "stays the school's, names nobody",
        (Erasure::ByHand, "jobs") => "deleted; announcements to others go on and name nobody",
        (Erasure::ByHand, other) => panic!("say here how {other} is forgotten"),
    }
}

#[test]
fn the_page_about_privacy_is_made_of_the_register() {
    let presenter = Presenter::new(Signer::new([0; 32], 1, 1), String::new());
    let mut register = "| table | what, and what for | how long | at `/deletemydata` |\n\
                        |---|---|---|---|\n"
        .to_owned();
    for entry in REGISTER {
        let what = presenter.about(Lang::En, entry.about);
        let (long, how) = (how_long(entry.kept), how_forgotten(entry));
        writeln!(register, "| `{}` | {what} | {long} | {how} |", entry.table).unwrap();
    }
    let mut nobodys = "| table | what is in it |\n|---|---|\n".to_owned();
    for (table, what) in NOBODYS {
        writeln!(nobodys, "| `{table}` | {what} |").unwrap();
    }
    let page = with(&text_of(PAGE), "register", &register);
    must_be_new(PAGE, &with(&page, "nobodys", &nobodys));
}
