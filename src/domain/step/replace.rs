//! The replacement dialog: a published material gets a new file and stays what it is.
//!
//! The new file is a hidden material of its own, processed like any upload; its card then asks.
//! Invariants: nothing of the published material changes before "Replace" is pressed; that press
//! names the edition its card has shown, and counts only while that is the present one; whatever
//! else a dialog leaves behind is thrown away in the same decision.

use super::{Scene, arrival, show, upload};
use crate::domain::button::ReplaceAct;
use crate::domain::edition::{EditionView, ReplaceNotice, Side, Standing};
use crate::domain::effect::{Change, Decision, Effect, JobKind, NewJob, Notice, Place, View};
use crate::domain::event::FileRef;
use crate::domain::facts::ReplaceFacts;
use crate::domain::ids::{JobId, MaterialId};
use crate::domain::job::Priority;
use crate::domain::material::{Description, Material, MaterialState, Processing};
use crate::domain::session::{Dialog, Replace};

/// A button of the replacement dialog.
pub fn act(
    scene: Scene<'_>,
    place: Place,
    material: MaterialId,
    act: ReplaceAct,
    facts: ReplaceFacts,
) -> Decision {
    match act {
        ReplaceAct::Begin => begin(scene, &facts),
        ReplaceAct::Cancel => cancel(scene, place, &facts),
        ReplaceAct::Confirm { seen, quiet } => confirm(scene, place, material, seen, quiet, facts),
    }
}

/// "Replace the file" under a delivered material.
fn begin(scene: Scene<'_>, facts: &ReplaceFacts) -> Decision {
    if let Dialog::Upload(_) = scene.dialog {
        return show(Place::New, View::Notice(Notice::Replace(ReplaceNotice::UploadFirst)));
    }
    if let Dialog::Broadcast(_) = scene.dialog {
        return show(Place::New, View::Notice(Notice::FinishFirst));
    }
    let Some(target) = published(facts.standing.as_ref()) else {
        return show(Place::New, View::Notice(Notice::MaterialGone));
    };
    let mut effects: Vec<_> = discard(facts.earlier.as_ref()).into_iter().collect();
    let view = EditionView::Ask { material: target.id, title: target.title.clone() };
    let view = View::Edition(Box::new(view));
    effects.push(Effect::Show { place: Place::New, view });
    let dialog = Replace { target: target.id, candidate: None };
    Decision { dialog: Some(Dialog::Replace(dialog)), effects }
}

/// A file came: it is the new edition of the material in the dialog, in place of one that came
/// before it.
pub fn take_file(
    scene: Scene<'_>,
    replace: &Replace,
    file: FileRef,
    facts: &ReplaceFacts,
) -> Decision {
    if let Some(notice) = arrival::unfit(&file, scene.upload_limit) {
        return show(Place::New, View::Notice(notice));
    }
    let earlier = discard(facts.earlier.as_ref());
    let Some(target) = published(facts.standing.as_ref()) else {
        let mut decision = show(Place::New, View::Notice(Notice::MaterialGone));
        decision.effects.extend(earlier);
        decision.dialog = Some(Dialog::Idle);
        return decision;
    };
    let id = MaterialId(scene.ids.next(scene.now));
    let name = upload::file_label(&file);
    let mut effects: Vec<_> = earlier.into_iter().collect();
    effects.extend(upload::open_material(scene, id, file, &target.title, name, Priority::Single));
    let mark = Change::MarkReplacement { candidate: id, target: target.id };
    effects.push(Effect::Change(mark));
    let dialog = Replace { candidate: Some(id), ..*replace };
    Decision { dialog: Some(Dialog::Replace(dialog)), effects }
}

/// The cancel button, or `/cancel`.
pub fn cancel(scene: Scene<'_>, place: Place, facts: &ReplaceFacts) -> Decision {
    let mut effects: Vec<_> = discard(facts.candidate.as_ref()).into_iter().collect();
    if facts.earlier.as_ref().map(|m| m.id) != facts.candidate.as_ref().map(|m| m.id) {
        effects.extend(discard(facts.earlier.as_ref()));
    }
    effects.push(Effect::Show {
        place,
        view: View::Notice(Notice::Replace(ReplaceNotice::Cancelled)),
    });
    Decision { dialog: left(scene, facts.standing.as_ref()), effects }
}

fn confirm(
    scene: Scene<'_>,
    place: Place,
    candidate: MaterialId,
    seen: u32,
    quiet: bool,
    facts: ReplaceFacts,
) -> Decision {
    let Some(new) = facts.candidate else {
        return show(place, View::Notice(Notice::MaterialGone));
    };
    let dialog = left(scene, facts.standing.as_ref());
    let give_up = |notice| {
        let mut effects: Vec<_> = discard(Some(&new)).into_iter().collect();
        effects.push(Effect::Show { place, view: View::Notice(notice) });
        Decision { dialog: dialog.clone(), effects }
    };
    let Some(standing) = facts.standing.filter(|s| s.target.state == MaterialState::Published)
    else {
        return give_up(Notice::MaterialGone);
    };
    let title = standing.target.title.clone();
    if standing.edition != seen {
        return overtaken(place, candidate, &new, &standing);
    }
    if let Some(double) = facts.double {
        return give_up(if double.id == standing.target.id {
            Notice::Replace(ReplaceNotice::SameFile { title })
        } else {
            Notice::Duplicate { material: double.id, title: double.title }
        });
    }
    match (new.state, new.processing) {
        // An old edition that is kept.
        (MaterialState::Open | MaterialState::Archived, Processing::Ready) => {}
        (_, Processing::Rejected(reason)) => return give_up(Notice::Refused(reason)),
        (_, Processing::Pending | Processing::Ready) => {
            return give_up(Notice::Replace(ReplaceNotice::Over));
        }
    }
    let told = if quiet { 0 } else { standing.takers };
    let mut effects = vec![Effect::Change(Change::Replace {
        candidate,
        target: standing.target.id,
        edition: seen,
        by: scene.user,
    })];
    let edition = seen.saturating_add(1);
    effects.push(Effect::Show {
        place,
        view: View::Edition(Box::new(EditionView::Replaced {
            candidate,
            edition,
            title,
            takers: told,
        })),
    });
    if told > 0 {
        let kind =
            JobKind::AnnounceEdition { material: standing.target.id, edition, by: scene.user };
        let id = JobId(scene.ids.next(scene.now));
        effects.push(Effect::Enqueue(NewJob {
            id,
            kind,
            fairness_key: scene.user.0,
            priority: Priority::Bulk,
            not_before: None,
        }));
    }
    Decision { dialog, effects }
}

/// Somebody else was faster: the editor sees what stands there now, and may still replace it.
fn overtaken(place: Place, candidate: MaterialId, new: &Material, now: &Standing) -> Decision {
    let title = now.target.title.clone();
    let notice = Effect::Show {
        place,
        view: View::Notice(Notice::Replace(ReplaceNotice::Overtaken { title })),
    };
    let mut effects = vec![notice];
    if new.state == MaterialState::Open && new.processing == Processing::Ready {
        let comparison = now.beside(candidate, Side::of(new));
        let view = View::Edition(Box::new(EditionView::Comparison(comparison)));
        effects.push(Effect::Show { place: Place::New, view });
    }
    Decision { dialog: None, effects }
}

/// The dialog after this replacement is over: a dialog about something else goes on.
fn left(scene: Scene<'_>, standing: Option<&Standing>) -> Option<Dialog> {
    match (scene.dialog, standing) {
        (Dialog::Replace(replace), Some(standing)) if replace.target != standing.target.id => None,
        (Dialog::Replace(_), _) => Some(Dialog::Idle),
        _ => None,
    }
}

fn published(standing: Option<&Standing>) -> Option<&Material> {
    standing.map(|standing| &standing.target).filter(|m| m.state == MaterialState::Published)
}

/// Throws a hidden material away, unless it is over already.
fn discard(material: Option<&Material>) -> Option<Effect> {
    let material = material.filter(|material| material.state == MaterialState::Open)?;
    Some(Effect::Change(Change::Settle {
        id: material.id,
        description: Description::default(),
        to: MaterialState::Discarded,
        seen: material.processing,
    }))
}

#[cfg(test)]
mod tests;
