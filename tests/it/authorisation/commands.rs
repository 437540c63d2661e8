//! What commands take: a row for each, and for each sort of what may follow them.

use primelingo::domain::role::Role;

use super::{LAW, OPEN, OWN, Rule, staff};

/// A code of the right form that nobody has made.
const NO_CODE: &str = "start own_0123456789abcdef0123456789abcdef";

/// The command with what follows it, and what it takes.
pub const COMMANDS: &[(&str, Rule)] = &[
    ("admins", staff(Role::Owner)),
    ("alerts", staff(Role::Admin)),
    ("archived", staff(Role::Editor)),
    ("audit", staff(Role::Owner)),
    ("broadcast", staff(Role::Admin)),
    ("broadcasts", staff(Role::Admin)),
    ("browse", OPEN),
    ("cancel", OPEN),
    ("categories", staff(Role::Editor)),
    ("dashboard", staff(Role::Editor)),
    ("deletemydata", LAW),
    ("drafts", staff(Role::Editor)),
    ("edit", staff(Role::Editor)),
    ("edit 7", staff(Role::Editor)),
    // A search, whoever has written the words.
    ("edit some words", Rule { own_hand: false, ..staff(Role::Editor) }),
    ("favorites", OWN),
    ("favourites", OWN),
    ("help", OPEN),
    ("history", OWN),
    ("jobs", staff(Role::Admin)),
    ("menu", OPEN),
    ("mydata", LAW),
    ("new", OPEN),
    ("privacy", LAW),
    ("reports", staff(Role::Editor)),
    ("requests", staff(Role::Learner)),
    ("search", OPEN),
    ("search some words", OPEN),
    ("settings", OWN),
    ("settings Asia/Tashkent", OWN),
    ("start", OPEN),
    ("start f_7", OPEN),
    ("start c_7", OPEN),
    ("start e_7", staff(Role::Editor)),
    (NO_CODE, staff(Role::Learner)),
    ("stats", staff(Role::Admin)),
    ("upload", staff(Role::Editor)),
    ("uploads", staff(Role::Editor)),
    ("users", staff(Role::Admin)),
    ("users 7", staff(Role::Admin)),
];

/// The command alone.
pub fn name(command: &str) -> &str {
    command.split(' ').next().unwrap_or_default()
}
