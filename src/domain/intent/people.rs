//! What an event means to whoever looks after people: admins, in private, by their own hand; and
//! what anything means that comes from somebody who is shut out.

use super::{Command, Hearing, Wish, notices};
use crate::domain::button::{Action, Refusal};
use crate::domain::effect::Notice;
use crate::domain::event::{Event, EventKind, Indirect};
use crate::domain::people::{Ban, PeopleAct, PeopleWish};
use crate::domain::role::Role;

/// `/users` and `/admins`.
pub(super) fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    command: &Command<'_>,
    indirect: Option<Indirect>,
) -> Wish {
    let wish = match command.name {
        "users" if command.rest.is_empty() => pressed(hearing, PeopleAct::Ask),
        "users" => find(hearing, command.rest),
        _ => pressed(hearing, PeopleAct::Staff),
    };
    match wish {
        _ if !is_private => Wish::Nothing,
        Wish::People(..) if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        wish => wish,
    }
}

/// A button.
pub(super) fn pressed(hearing: Hearing<'_>, act: PeopleAct) -> Wish {
    if hearing.role >= act.needed() {
        return Wish::People(PeopleWish::Act(act), hearing.role);
    }
    Wish::Say(match act.needed() {
        Role::Owner => Notice::RolesForOwners,
        _ => Notice::PeopleForAdmins,
    })
}

/// The answer to the question who is looked for.
pub(super) fn said(hearing: Hearing<'_>, text: &str, indirect: Option<Indirect>) -> Wish {
    match find(hearing, text) {
        Wish::People(..) if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        Wish::People(wish, rank) => Wish::People(wish, rank),
        _ => Wish::People(PeopleWish::Leave, hearing.role),
    }
}

fn find(hearing: Hearing<'_>, text: &str) -> Wish {
    if hearing.role >= PeopleAct::Ask.needed() {
        Wish::People(PeopleWish::Find(text.to_owned()), hearing.role)
    } else {
        Wish::Say(Notice::PeopleForAdmins)
    }
}

/// Whoever is shut out is told so once, in their own chat; what the law gives them remains.
pub(super) fn shut_out(
    hearing: Hearing<'_>,
    event: &Event,
    press: Option<&Result<Action, Refusal>>,
    ban: Ban,
) -> Wish {
    let is_private = event.chat.is_private();
    match &event.kind {
        EventKind::Inline { query_id, .. } => {
            return Wish::ShutOut { query: Some(query_id.clone()), tell: false };
        }
        EventKind::Membership { .. } | EventKind::Ignored { .. } => return Wish::Nothing,
        _ if !is_private => return Wish::Nothing,
        EventKind::Text { text, indirect, .. } => {
            let is_ours = |command: &Command<'_>| {
                let named = |name: &str| name.eq_ignore_ascii_case(hearing.bot_username);
                command.addressed_to.is_none_or(named)
            };
            let command = Command::parse(text.trim()).filter(is_ours);
            if let Some(command) = command.filter(|command| OPEN.contains(&command.name))
                && let Some(wish) = notices::commanded(hearing, true, command.name, *indirect)
            {
                return wish;
            }
        }
        EventKind::Press { .. } => {
            if let Some(Ok(Action::Privacy(act))) = press {
                return Wish::Privacy(*act);
            }
        }
        EventKind::File { .. } | EventKind::OtherMessage { .. } => {}
    }
    if ban.is_told { Wish::Nothing } else { Wish::ShutOut { query: None, tell: true } }
}

/// The commands that whoever is shut out has all the same.
pub const OPEN: [&str; 3] = ["deletemydata", "mydata", "privacy"];

/// Whether a button does its work for whoever is shut out, too.
pub const fn is_open_to_all(action: Action) -> bool {
    matches!(action, Action::Privacy(_))
}
