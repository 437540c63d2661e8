//! Failed jobs get another try, or are dropped, group by group.
//!
//! Invariant: what the list shows after a press is what the commit will have done; jobs that somebody
//! else dealt with meanwhile are left as they are.

use super::{Decision, Effect, Place, Scene, View, show};
use crate::domain::effect::Change;
use crate::domain::failures::ErrorGroup;
use crate::domain::given_up::{
    CONFIRM_WITHIN_S, GROUPS_MAX, GroupName, JOBS_MAX, JobsAct, JobsChange, JobsSaid, JobsView,
};

/// The command, or a button.
pub fn act(scene: Scene<'_>, place: Place, act: JobsAct, groups: Vec<ErrorGroup>) -> Decision {
    match act {
        JobsAct::Show => list(place, groups, None),
        JobsAct::Retry(name) => done(place, groups, name, true),
        JobsAct::AskDrop(name) => {
            let Some(group) = groups.iter().find(|group| GroupName::of(group) == Some(name)) else {
                return list(place, groups, Some(JobsSaid::Gone));
            };
            let (group, asked_s) = (group.clone(), scene.now.timestamp());
            show(place, View::Jobs(Box::new(JobsView::Question { group, asked_s })))
        }
        JobsAct::Drop { group, asked_s } => {
            let waited = scene.now.timestamp().saturating_sub(asked_s);
            if !(0..=CONFIRM_WITHIN_S).contains(&waited) {
                return list(place, groups, Some(JobsSaid::TooLate));
            }
            done(place, groups, group, false)
        }
    }
}

fn list(place: Place, mut groups: Vec<ErrorGroup>, said: Option<JobsSaid>) -> Decision {
    let more = groups.len().saturating_sub(GROUPS_MAX);
    groups.truncate(GROUPS_MAX);
    show(place, View::Jobs(Box::new(JobsView::List { groups, more, said })))
}

fn done(place: Place, mut groups: Vec<ErrorGroup>, name: GroupName, again: bool) -> Decision {
    let Some(group) = groups.iter_mut().find(|group| GroupName::of(group) == Some(name)) else {
        return list(place, groups, Some(JobsSaid::Gone));
    };
    let end = group.jobs.len().min(JOBS_MAX);
    let jobs: Vec<_> = group.jobs.drain(..end).map(|job| job.id).collect();
    groups.retain(|group| !group.jobs.is_empty());
    let said = if again { JobsSaid::Again(jobs.len()) } else { JobsSaid::Dropped(jobs.len()) };
    let change = JobsChange { group: name, jobs, again };
    let mut decision = list(place, groups, Some(said));
    decision.effects.insert(0, Effect::Change(Change::Jobs(change)));
    decision
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::failures::{DeadJob, by_error};
    use crate::domain::ids::JobId;

    fn groups(count: i64) -> Vec<ErrorGroup> {
        let at = Timestamp::UNIX_EPOCH;
        let job = |id| DeadJob {
            id: JobId(id),
            kind: "import".to_owned(),
            error: "timeout".to_owned(),
            at,
        };
        by_error((1..=count).map(job).collect())
    }

    #[test]
    fn a_group_is_dealt_with_as_one_and_no_more_than_a_transaction_bears() {
        let many = groups(250);
        let name = GroupName::of(&many[0]).unwrap();
        assert_eq!(name.to_string(), many[0].name);
        let decision = done(Place::New, many, name, true);
        let [Effect::Change(Change::Jobs(change)), Effect::Show { view: View::Jobs(view), .. }] =
            decision.effects.as_slice()
        else {
            panic!("{decision:?}")
        };
        assert_eq!((change.jobs.len(), change.again), (200, true));
        let JobsView::List { groups, said, .. } = view.as_ref() else { panic!() };
        assert_eq!((groups[0].jobs.len(), *said), (50, Some(JobsSaid::Again(200))));
        let gone = done(Place::New, groups_of_none(), name, false);
        assert!(matches!(gone.effects.as_slice(), [Effect::Show { .. }]), "{gone:?}");
    }

    fn groups_of_none() -> Vec<ErrorGroup> {
        Vec::new()
    }
}
