//! What commands are called: a closed set, for whoever counts them.

use super::Command;
use crate::domain::event::{Event, EventKind};

/// All commands that mean something. `favourites` is `favorites`.
pub const COMMANDS: [&str; 30] = [
    "admins",
    "alerts",
    "archived",
    "audit",
    "broadcast",
    "broadcasts",
    "browse",
    "cancel",
    "categories",
    "dashboard",
    "deletemydata",
    "drafts",
    "edit",
    "favorites",
    "help",
    "history",
    "jobs",
    "menu",
    "mydata",
    "new",
    "privacy",
    "reports",
    "requests",
    "search",
    "settings",
    "start",
    "stats",
    "upload",
    "uploads",
    "users",
];

/// What every other command is called.
pub const UNKNOWN_COMMAND: &str = "unknown";

/// The command that an event is; none where it is none, or one for another bot.
pub fn command_of(event: &Event, bot_username: &str) -> Option<&'static str> {
    let EventKind::Text { text, .. } = &event.kind else { return None };
    let command = Command::parse(text.trim())?;
    let is_ours = match command.addressed_to {
        Some(name) => name.eq_ignore_ascii_case(bot_username),
        None => event.chat.is_private(),
    };
    let name = if command.name == "favourites" { "favorites" } else { command.name };
    let known = COMMANDS.into_iter().find(|known| *known == name);
    is_ours.then(|| known.unwrap_or(UNKNOWN_COMMAND))
}
