//! People as those in charge see them.

use super::format::shorten;
use super::texts::Value;
use super::{Pen, Shown};
use crate::domain::button::Action;
use crate::domain::html::Html;
use crate::domain::outgoing::{Button, Keyboard};
use crate::domain::people::{
    PeopleAct, PeopleRefusal, PeopleSaid, PeopleView, PersonCard, PersonDeed,
};
use crate::domain::role::Role;

/// Characters of a name in a list.
const NAME_CHARS: usize = 30;

/// A view.
pub fn view(pen: Pen<'_>, view: &PeopleView) -> Shown {
    match view {
        PeopleView::Ask { was_vain } => {
            let mut html = Html::new();
            if *was_vain {
                html = html.text(pen.text("people-nobody")).newline().newline();
            }
            let keyboard = Keyboard::new().row([pen.button("button-menu", Action::Menu)]);
            Shown { html: html.text(pen.text("people-ask")).for_text(), keyboard: Some(keyboard) }
        }
        PeopleView::Card { person, said } => card(pen, person, *said),
        PeopleView::List { people, has_more, is_staff } => list(pen, people, *has_more, *is_staff),
        PeopleView::Question { person, deed, asked_s } => question(pen, person, *deed, *asked_s),
    }
}

fn card(pen: Pen<'_>, person: &PersonCard, said: Option<PeopleSaid>) -> Shown {
    let mut html = Html::new();
    if let Some(said) = said {
        html = html.text(pen.text(said_key(said))).newline().newline();
    }
    html = html.text("👤 ").bold(name(pen, person)).newline();
    if let Some(username) = person.known.as_ref().and_then(|known| known.username.as_deref()) {
        html = html.code(username).newline();
    }
    html = html.text(format!("{}: ", pen.text("people-number"))).code(person.id.to_string());
    let role = pen.text(role_key(person.role()));
    html = html.newline().text(format!("{}: {role}", pen.text("people-role")));
    if person.is_configured {
        html = html.text(" ").italic(pen.text("people-by-configuration"));
    }
    let seen = person.known.as_ref().and_then(|known| known.seen_at);
    let seen = seen
        .map_or_else(|| pen.text("people-never"), |at| at.format("%d.%m.%Y %H:%M UTC").to_string());
    html = html.newline().text(format!("{}: {seen}", pen.text("people-seen")));
    if person.is_banned {
        html = html.newline().text(pen.text("people-is-banned"));
    }
    Shown { html: html.for_text(), keyboard: Some(keys(pen, person)) }
}

/// Only what may be done is offered.
fn keys(pen: Pen<'_>, person: &PersonCard) -> Keyboard {
    let propose = |deed| Action::People(PeopleAct::Propose(person.id, deed));
    let may = |deed| person.refuses(deed, pen.reader.holder.user, pen.reader.role).is_none();
    let doors = [(PersonDeed::Ban, "button-ban"), (PersonDeed::Unban, "button-unban")];
    let doors = doors.into_iter().filter(|(deed, _)| may(*deed));
    let roles = Role::ALL.into_iter().map(PersonDeed::Give).filter(|deed| may(*deed));
    let roles: Vec<Button> = roles.map(|deed| pen.button(deed_key(deed), propose(deed))).collect();
    let mut keyboard = Keyboard::new().row(doors.map(|(deed, key)| pen.button(key, propose(deed))));
    for pair in roles.chunks(2) {
        keyboard = keyboard.row(pair.iter().cloned());
    }
    keyboard.row([
        pen.button("button-find-person", Action::People(PeopleAct::Ask)),
        pen.button("button-menu", Action::Menu),
    ])
}

fn list(pen: Pen<'_>, people: &[PersonCard], has_more: bool, is_staff: bool) -> Shown {
    let head = if is_staff { "people-staff" } else { "people-found" };
    let mut html = Html::new().bold(pen.text(head)).newline();
    let mut keyboard = Keyboard::new();
    for person in people {
        let role = pen.text(role_key(person.role()));
        let name = shorten(&name(pen, person), NAME_CHARS);
        let mark = if person.is_banned { "🚫 " } else { "" };
        let line = format!("{mark}{name} · {} · {role}", person.id);
        html = html.newline().foreign(line);
        let show = Action::People(PeopleAct::Show(person.id));
        keyboard = keyboard.row([pen.labelled(format!("{name} · {role}"), show)]);
    }
    if has_more {
        html = html.newline().newline().italic(pen.text("people-more"));
    }
    keyboard = keyboard.row([
        pen.button("button-find-person", Action::People(PeopleAct::Ask)),
        pen.button("button-menu", Action::Menu),
    ]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn question(pen: Pen<'_>, person: &PersonCard, deed: PersonDeed, asked_s: i64) -> Shown {
    let who = format!("{} ({})", name(pen, person), person.id);
    let who = ("who", Value::Text(&who));
    let text = match deed {
        PersonDeed::Ban => pen.fill("people-ask-ban", &[who]),
        PersonDeed::Unban => pen.fill("people-ask-unban", &[who]),
        PersonDeed::Give(role) => {
            let role = pen.text(role_key(role));
            pen.fill("people-ask-role", &[who, ("role", Value::Text(&role))])
        }
    };
    let html = Html::new().text(text).newline().newline().italic(pen.text("people-ask-within"));
    let confirm = PeopleAct::Confirm { user: person.id, deed, asked_s };
    let keyboard = Keyboard::new()
        .row([pen.button("button-yes-do-it", Action::People(confirm))])
        .row([pen.button("button-no-leave-it", Action::People(PeopleAct::Show(person.id)))]);
    Shown { html: html.for_text(), keyboard: Some(keyboard) }
}

fn name(pen: Pen<'_>, person: &PersonCard) -> String {
    let name = person.known.as_ref().map(|known| known.name.clone()).unwrap_or_default();
    if name.is_empty() { pen.text("people-unknown") } else { name }
}

const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Learner => "rank-learner",
        Role::Editor => "rank-editor",
        Role::Admin => "rank-admin",
        Role::Owner => "rank-owner",
    }
}

const fn deed_key(deed: PersonDeed) -> &'static str {
    match deed {
        PersonDeed::Ban => "button-ban",
        PersonDeed::Unban => "button-unban",
        PersonDeed::Give(Role::Learner) => "button-make-learner",
        PersonDeed::Give(Role::Editor) => "button-make-editor",
        PersonDeed::Give(Role::Admin) => "button-make-admin",
        PersonDeed::Give(Role::Owner) => "button-make-owner",
    }
}

const fn said_key(said: PeopleSaid) -> &'static str {
    match said {
        PeopleSaid::Done(PersonDeed::Ban) => "people-banned",
        PeopleSaid::Done(PersonDeed::Unban) => "people-unbanned",
        PeopleSaid::Done(PersonDeed::Give(_)) => "people-role-given",
        PeopleSaid::Refused(refusal) => match refusal {
            PeopleRefusal::Yourself => "people-not-yourself",
            PeopleRefusal::Owner => "people-not-an-owner",
            PeopleRefusal::TooHigh => "people-not-your-rank",
            PeopleRefusal::Configured => "people-configured",
            PeopleRefusal::Banned => "people-unban-first",
            PeopleRefusal::SoAlready => "people-so-already",
            PeopleRefusal::TooLate => "people-too-late",
        },
    }
}
