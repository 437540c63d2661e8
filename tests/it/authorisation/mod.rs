//! Who may do what: every command, button, dialog and route against every kind of sender.
//!
//! The tables (`commands`, `actions`, `dialogs`, `routes`) say what each takes; the cells are derived
//! from them. `matrix` goes through all of them over `plan` and `decide`, `live` and `http` through
//! those that are refused with the real program, and `page` makes `docs/authorisation.md`.
//! What has no row in its table does not compile, or fails.

use primelingo::domain::role::Role;

mod actions;
mod commands;
mod dialogs;
mod http;
mod live;
mod matrix;
mod page;
mod routes;
mod senders;

/// What a thing takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// The least role.
    pub least: Role,
    /// Only typed by oneself: no forward, no inline bot.
    pub own_hand: bool,
    /// Only in a chat with the bot alone.
    pub private: bool,
    /// Whoever is banned has it too.
    pub while_banned: bool,
}

/// For everybody, everywhere.
pub const OPEN: Rule =
    Rule { least: Role::Learner, own_hand: false, private: false, while_banned: false };

/// For everybody, in private.
pub const OWN: Rule = Rule { private: true, ..OPEN };

/// What the law gives everybody.
pub const LAW: Rule = Rule { own_hand: true, while_banned: true, ..OWN };

/// For this role and above, in private, by their own hand.
pub const fn staff(least: Role) -> Rule {
    Rule { least, own_hand: true, ..OWN }
}
