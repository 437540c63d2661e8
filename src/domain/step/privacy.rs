//! What is kept of a person: shown, copied, erased.
//!
//! Invariants: nothing is erased before the button of the question is pressed, by whoever was asked
//! (buttons are signed for one person), within a minute by a clock that was not set back; a copy is
//! made once an hour at most.

use super::{Decision, Effect, Place, Scene, View, show};
use crate::domain::effect::{Change, JobKind, NewJob, Priority};
use crate::domain::ids::JobId;
use crate::domain::privacy::{
    CONFIRM_WITHIN_S, PrivacyAct, PrivacyChange, PrivacyFacts, PrivacyView, Subject,
};

/// Does what a button or a command says.
pub fn act(scene: Scene<'_>, place: Place, act: PrivacyAct, facts: PrivacyFacts) -> Decision {
    match act {
        PrivacyAct::Show => show(place, View::Privacy(PrivacyView::Register)),
        PrivacyAct::Export if facts.had_copy => {
            show(Place::New, View::Privacy(PrivacyView::TooOften))
        }
        PrivacyAct::Export => {
            let effects = vec![
                Effect::Change(Change::Privacy(PrivacyChange::NoteExport)),
                Effect::Enqueue(job(scene, JobKind::ExportPerson)),
                Effect::Show { place: Place::New, view: View::Privacy(PrivacyView::Exporting) },
            ];
            Decision { dialog: None, effects }
        }
        PrivacyAct::AskErase | PrivacyAct::Erase { .. } if facts.under_way.is_some() => {
            show(place, View::Privacy(PrivacyView::UnderWay))
        }
        PrivacyAct::AskErase => {
            let PrivacyFacts { is_last_admin, is_stored_owner, .. } = facts;
            let asked_s = scene.now.timestamp();
            let question = PrivacyView::AskErase { asked_s, is_last_admin, is_stored_owner };
            show(place, View::Privacy(question))
        }
        PrivacyAct::Erase { asked_s } => {
            let waited = scene.now.timestamp().saturating_sub(asked_s);
            if !(0..=CONFIRM_WITHIN_S).contains(&waited) {
                return show(place, View::Privacy(PrivacyView::TooLate));
            }
            let effects = vec![
                Effect::Enqueue(job(scene, JobKind::ErasePerson)),
                Effect::Show { place, view: View::Privacy(PrivacyView::Erasing) },
            ];
            Decision { dialog: None, effects }
        }
        PrivacyAct::Keep => show(place, View::Privacy(PrivacyView::Kept)),
    }
}

fn job(scene: Scene<'_>, kind: impl Fn(Subject) -> JobKind) -> NewJob {
    NewJob {
        id: JobId(scene.ids.next(scene.now)),
        kind: kind(Subject { user: scene.user, chat: scene.chat }),
        fairness_key: scene.user.0,
        priority: Priority::Single,
        not_before: None,
    }
}
