//! What admins and owners see of people and of background work.

use primelingo::domain::effect::View;
use primelingo::domain::failures::{DeadJob, ErrorGroup};
use primelingo::domain::given_up::{JobsSaid, JobsView};
use primelingo::domain::ids::{JobId, UserId};
use primelingo::domain::lang::Lang;
use primelingo::domain::people::{
    KnownPerson, PeopleRefusal, PeopleSaid, PeopleView, PersonCard, PersonDeed,
};
use primelingo::domain::role::Role;

use super::views::{FAR, now};

/// Everything that is said of people.
pub fn people(word: &str) -> Vec<View> {
    let known = KnownPerson {
        name: word.to_owned(),
        username: Some(word.to_owned()),
        role: Role::Editor,
        seen_at: Some(now()),
        lang: Lang::Uz,
        reachable: false,
    };
    let person = || PersonCard {
        id: UserId(FAR),
        known: Some(known.clone()),
        is_banned: true,
        is_configured: true,
    };
    let stranger =
        PersonCard { id: UserId(FAR), known: None, is_banned: false, is_configured: false };
    let deeds =
        [PersonDeed::Ban, PersonDeed::Unban].into_iter().chain(Role::ALL.map(PersonDeed::Give));
    let refusals = [
        PeopleRefusal::Yourself,
        PeopleRefusal::Owner,
        PeopleRefusal::TooHigh,
        PeopleRefusal::Configured,
        PeopleRefusal::Banned,
        PeopleRefusal::SoAlready,
        PeopleRefusal::TooLate,
    ];
    let said = refusals.map(PeopleSaid::Refused);
    let said = said.into_iter().chain(deeds.clone().map(PeopleSaid::Done));
    let mut all: Vec<PeopleView> =
        said.map(|said| PeopleView::Card { person: person(), said: Some(said) }).collect();
    all.push(PeopleView::Card { person: stranger, said: None });
    for yes in [false, true] {
        all.push(PeopleView::Ask { was_vain: yes });
        let people = vec![person(), person()];
        all.push(PeopleView::List { people, has_more: yes, is_staff: yes });
    }
    all.extend(deeds.map(|deed| PeopleView::Question {
        person: person(),
        deed,
        asked_s: now().timestamp(),
    }));
    all.into_iter().map(|view| View::People(Box::new(view))).collect()
}

/// Everything that is said of jobs that failed.
pub fn jobs(word: &str) -> Vec<View> {
    let job = || DeadJob {
        id: JobId(FAR),
        kind: "process_upload".to_owned(),
        error: word.to_owned(),
        at: now(),
    };
    let group = || ErrorGroup {
        name: "0123abcd".to_owned(),
        error: word.to_owned(),
        kind: "process_upload".to_owned(),
        jobs: vec![job(), job()],
    };
    let said = [
        None,
        Some(JobsSaid::Again(3)),
        Some(JobsSaid::Dropped(1)),
        Some(JobsSaid::Gone),
        Some(JobsSaid::TooLate),
    ];
    let mut all: Vec<JobsView> = said
        .map(|said| JobsView::List { groups: vec![group(), group()], more: 3, said })
        .into_iter()
        .collect();
    all.push(JobsView::Question { group: group(), asked_s: now().timestamp() });
    all.into_iter().map(|view| View::Jobs(Box::new(view))).collect()
}
