//! People are found, shut out, let in again and given roles.
//!
//! Invariants: each deed is asked about first, and counts within a minute; what the decision was made
//! on (the doer's role, the rank of whom it is done to) is looked at again by the commit.

use super::desk::{asking, unasked};
use super::{Decision, Effect, Place, Scene, View, show};
use crate::domain::desk::Desk;
use crate::domain::effect::{Change, Notice};
use crate::domain::people::{
    CONFIRM_WITHIN_S, PeopleAct, PeopleChange, PeopleFacts, PeopleRefusal, PeopleSaid, PeopleView,
    PeopleWish, PersonCard, PersonDeed,
};
use crate::domain::role::Role;
use crate::domain::session::Dialog;

/// A command, a button or a text of somebody with this rank.
pub fn go_on(
    scene: Scene<'_>,
    place: Place,
    (wish, rank): (PeopleWish, Role),
    facts: PeopleFacts,
) -> Decision {
    match (wish, facts) {
        (PeopleWish::Leave, _) => {
            let mut decision = show(Place::New, View::Notice(Notice::PeopleForAdmins));
            decision.dialog = Some(Dialog::Idle);
            decision
        }
        (PeopleWish::Act(PeopleAct::Ask), _) => ask(scene, place, false),
        (PeopleWish::Act(PeopleAct::Staff), PeopleFacts::Some(people, has_more)) => {
            shown(scene, place, PeopleView::List { people, has_more, is_staff: true })
        }
        (PeopleWish::Act(act), PeopleFacts::One(person)) => one(scene, place, act, rank, *person),
        (PeopleWish::Find(_), PeopleFacts::Some(people, has_more)) => {
            found(scene, people, has_more)
        }
        // The library gives each wish its facts.
        _ => Decision::default(),
    }
}

/// Whoever is shut out is told so, or an inline query ends in nothing.
pub fn shut_out(query: Option<String>, tell: bool) -> Decision {
    let mut effects = Vec::new();
    if let Some(query_id) = query {
        effects.push(Effect::AnswerInline { query_id, materials: Vec::new(), next: None });
    }
    if tell {
        effects.push(Effect::Change(Change::People(PeopleChange::NoteTold)));
        effects.push(Effect::Show { place: Place::New, view: View::Notice(Notice::ShutOut) });
    }
    Decision { dialog: None, effects }
}

fn ask(scene: Scene<'_>, place: Place, was_vain: bool) -> Decision {
    asking(
        scene,
        Desk::FindPerson,
        show(place, View::People(Box::new(PeopleView::Ask { was_vain }))),
    )
}

fn shown(scene: Scene<'_>, place: Place, view: PeopleView) -> Decision {
    let mut decision = show(place, View::People(Box::new(view)));
    decision.dialog = unasked(scene);
    decision
}

fn found(scene: Scene<'_>, mut people: Vec<PersonCard>, has_more: bool) -> Decision {
    match people.pop() {
        None => ask(scene, Place::New, true),
        Some(person) if people.is_empty() => card(scene, Place::New, person, None),
        Some(last) => {
            people.push(last);
            shown(scene, Place::New, PeopleView::List { people, has_more, is_staff: false })
        }
    }
}

fn card(scene: Scene<'_>, place: Place, person: PersonCard, said: Option<PeopleSaid>) -> Decision {
    shown(scene, place, PeopleView::Card { person, said })
}

fn one(scene: Scene<'_>, place: Place, act: PeopleAct, rank: Role, person: PersonCard) -> Decision {
    let refused = |person, refusal| card(scene, place, person, Some(PeopleSaid::Refused(refusal)));
    match act {
        PeopleAct::Propose(_, deed) => {
            if let Some(refusal) = person.refuses(deed, scene.user, rank) {
                return refused(person, refusal);
            }
            let asked_s = scene.now.timestamp();
            shown(scene, place, PeopleView::Question { person, deed, asked_s })
        }
        PeopleAct::Confirm { deed, asked_s, .. } => {
            let waited = scene.now.timestamp().saturating_sub(asked_s);
            if !(0..=CONFIRM_WITHIN_S).contains(&waited) {
                return refused(person, PeopleRefusal::TooLate);
            }
            match person.refuses(deed, scene.user, rank) {
                Some(refusal) => refused(person, refusal),
                None => done(scene, place, deed, rank, person),
            }
        }
        PeopleAct::Show(_) | PeopleAct::Ask | PeopleAct::Staff => card(scene, place, person, None),
    }
}

fn done(
    scene: Scene<'_>,
    place: Place,
    deed: PersonDeed,
    rank: Role,
    person: PersonCard,
) -> Decision {
    let user = person.id;
    let change = match deed {
        PersonDeed::Ban => PeopleChange::Ban { user, below: rank },
        PersonDeed::Unban => PeopleChange::Unban(user),
        PersonDeed::Give(role) => PeopleChange::Give(user, role),
    };
    let mut decision = card(scene, place, person.after(deed), Some(PeopleSaid::Done(deed)));
    decision.effects.insert(0, Effect::Change(Change::People(change)));
    decision
}
