//! The editors' desk: a material that is, or was, published is changed one field at a time.
//!
//! Invariants: a change counts only while the material has had as many changes as its editor has
//! seen; a question that is answered by a text never takes the place of another open dialog.

use chrono::TimeDelta;

use super::upload::words::parse_tags;
use super::{Scene, sections, show};
use crate::domain::audit::AuditAction;
use crate::domain::button::{Field, UploadAct};
use crate::domain::desk::{
    Desk, DeskAct, DeskChange, DeskFacts, DeskMaterial, DeskNotice, DeskView, DeskWish, EditAct,
    EditCard, EditFacts, EditSaid, FieldChange, MaterialEdit, Stored,
};
use crate::domain::effect::{Change, Decision, Effect, Notice, Place, Question, View};
use crate::domain::ids::CategoryId;
use crate::domain::intent::Wish;
use crate::domain::material::{Material, MaterialState, TITLE_MAX_CHARS, clean_line};
use crate::domain::sections::Tree;
use crate::domain::session::{Dialog, Step};

/// How long the newest change of a material can be taken back.
const UNDO_FOR: TimeDelta = TimeDelta::hours(24);

/// A button, a command or a text.
pub fn go_on(scene: Scene<'_>, place: Place, wish: DeskWish, facts: DeskFacts) -> Decision {
    match (wish, facts) {
        (DeskWish::Act(DeskAct::Edit { seen, act, .. }), DeskFacts::Edit(facts)) => {
            edit(scene, place, seen, act, &facts)
        }
        (DeskWish::Act(DeskAct::Section { act, .. }), DeskFacts::Sections(facts)) => {
            sections::act(scene, place, act, &facts)
        }
        (DeskWish::Act(_), DeskFacts::Archived(page)) => shown(place, DeskView::Archived(page)),
        (DeskWish::Act(_), DeskFacts::Audit(page)) => shown(place, DeskView::Audit(page)),
        (DeskWish::Said(text), DeskFacts::Edit(facts)) => said(scene, &text, &facts),
        (DeskWish::Said(text), DeskFacts::Sections(facts)) => sections::said(scene, &text, &facts),
        (DeskWish::Leave { refused }, _) => leave(refused),
        _ => leave(false),
    }
}

/// Whether a wish is about something else than the question that is open.
pub const fn turns_away(wish: &Wish) -> bool {
    let stays = matches!(
        wish,
        Wish::Desk(_)
            | Wish::Say(_)
            | Wish::Nothing
            | Wish::ShutOut { .. }
            | Wish::Reachable(_)
            | Wish::Inline { .. }
            // An alert comes unasked: whoever looks after it comes back.
            | Wish::Alerts(_)
    );
    !stays
}

/// Ends a dialog of the desk.
pub fn leave(refused: bool) -> Decision {
    let notice = if refused { DeskNotice::EditorsOnly } else { DeskNotice::Left };
    let mut decision = show(Place::New, View::Notice(Notice::Desk(notice)));
    decision.dialog = Some(Dialog::Idle);
    decision
}

pub(super) fn shown(place: Place, view: DeskView) -> Decision {
    show(place, View::Desk(view))
}

/// The dialog once the question that a text would answer is not asked any more.
pub(super) fn unasked(scene: Scene<'_>) -> Option<Dialog> {
    matches!(scene.dialog, Dialog::Desk(_)).then_some(Dialog::Idle)
}

/// Opens a question that is answered by a text, if nothing else is open.
pub(super) fn asking(scene: Scene<'_>, desk: Desk, decision: Decision) -> Decision {
    if !matches!(scene.dialog, Dialog::Idle | Dialog::Desk(_)) {
        return show(Place::New, View::Notice(Notice::FinishFirst));
    }
    Decision { dialog: Some(Dialog::Desk(desk)), ..decision }
}

fn edit(scene: Scene<'_>, place: Place, seen: u32, act: EditAct, facts: &EditFacts) -> Decision {
    let place = if act == EditAct::Open { Place::New } else { place };
    let Some(found) = &facts.found else {
        let mut decision = show(place, View::Notice(Notice::MaterialGone));
        decision.dialog = unasked(scene);
        return decision;
    };
    let stands = found.standing.target.state;
    match act {
        EditAct::Show | EditAct::Open => card(scene, place, found, &facts.tree, None),
        EditAct::Ask(field) => ask(scene, place, found, field, facts),
        EditAct::Answer(UploadAct::OpenCategory(_)) => {
            question(place, found, Step::Category { inside: None }, facts, false)
        }
        _ if seen != found.version => {
            card(scene, place, found, &facts.tree, Some(EditSaid::Overtaken))
        }
        EditAct::Answer(answer) => answered(scene, place, found, answer, facts),
        EditAct::Archive if stands == MaterialState::Published => {
            shelve(scene, place, found, &facts.tree, false, false)
        }
        EditAct::Restore if stands == MaterialState::Archived => {
            restore(scene, place, found, facts, false)
        }
        EditAct::Archive | EditAct::Restore => card(scene, place, found, &facts.tree, None),
        EditAct::Undo => undo(scene, place, found, facts),
    }
}

/// A text that answers the open question.
fn said(scene: Scene<'_>, text: &str, facts: &EditFacts) -> Decision {
    let (Dialog::Desk(desk), Some(found)) = (scene.dialog, &facts.found) else {
        let mut decision = show(Place::New, View::Notice(Notice::MaterialGone));
        decision.dialog = unasked(scene);
        return decision;
    };
    let (seen, field, value) = match desk {
        Desk::Title { seen, .. } => (*seen, Field::Title, clean_line(text, TITLE_MAX_CHARS)),
        Desk::Tags { seen, .. } => {
            let tags = parse_tags(text).join(", ");
            (*seen, Field::Tags, Some(tags).filter(|tags| !tags.is_empty()))
        }
        Desk::NewSection { .. } | Desk::Rename { .. } | Desk::FindPerson => return leave(false),
    };
    if seen != found.version {
        return card(scene, Place::New, found, &facts.tree, Some(EditSaid::Overtaken));
    }
    let Some(value) = value else {
        let step = if field == Field::Title { Step::Title } else { Step::Tags };
        return question(Place::New, found, step, facts, true);
    };
    save(scene, Place::New, found, &facts.tree, (field, Some(value)))
}

/// Asks for a field. A title or tags are typed; all else is chosen.
fn ask(
    scene: Scene<'_>,
    place: Place,
    found: &DeskMaterial,
    field: Field,
    facts: &EditFacts,
) -> Decision {
    let (material, seen) = (found.standing.target.id, found.version);
    let ask = |step| question(place, found, step, facts, false);
    match field {
        Field::Title => asking(scene, Desk::Title { material, seen }, ask(Step::Title)),
        Field::Tags => asking(scene, Desk::Tags { material, seen }, ask(Step::Tags)),
        Field::Category => ask(Step::Category { inside: None }),
        Field::Level => ask(Step::Level),
        Field::Language => ask(Step::Language),
    }
}

fn question(
    place: Place,
    found: &DeskMaterial,
    step: Step,
    facts: &EditFacts,
    hint: bool,
) -> Decision {
    let Material { id, title, suggested_title, .. } = &found.standing.target;
    let question = Question {
        material: *id,
        step,
        suggested_title: suggested_title.clone().unwrap_or_else(|| title.clone()),
        inside: facts.inside.clone(),
        categories: facts.categories.clone(),
        hint,
        queued: 0,
    };
    let question = Box::new(question);
    shown(place, DeskView::Question { seen: found.version, question })
}

/// A button of a question.
fn answered(
    scene: Scene<'_>,
    place: Place,
    found: &DeskMaterial,
    answer: UploadAct,
    facts: &EditFacts,
) -> Decision {
    let tree = &facts.tree;
    let material = &found.standing.target;
    let change = match answer {
        UploadAct::TakeTitle | UploadAct::TakeFoundTitle => {
            let title = material.suggested_title.as_deref().unwrap_or(&material.title);
            (Field::Title, clean_line(title, TITLE_MAX_CHARS))
        }
        UploadAct::TakeCategory(_) => match &facts.chosen {
            Some(chosen) => (Field::Category, Some(chosen.id.to_string())),
            None => return card(scene, place, found, tree, Some(EditSaid::SectionGone)),
        },
        UploadAct::TakeLevel(level) => (Field::Level, level.map(|level| level.name().to_owned())),
        UploadAct::TakeLanguage(language) => (Field::Language, Some(language.code().to_owned())),
        UploadAct::SkipTags => (Field::Tags, None),
        _ => return card(scene, place, found, tree, None),
    };
    save(scene, place, found, tree, change)
}

/// Saves a field at once. What is the same already needs no saving.
fn save(
    scene: Scene<'_>,
    place: Place,
    found: &DeskMaterial,
    tree: &Tree,
    (field, after): (Field, Stored),
) -> Decision {
    let before = field.of(&found.standing.target);
    if before == after || (field == Field::Title && after.is_none()) {
        return card(scene, place, found, tree, None);
    }
    write(scene, place, found, tree, FieldChange { field, before, after }, false)
}

fn write(
    scene: Scene<'_>,
    place: Place,
    found: &DeskMaterial,
    tree: &Tree,
    change: FieldChange,
    is_undo: bool,
) -> Decision {
    let mut after = found.clone();
    change.field.set(&mut after.standing.target, change.after.clone());
    let edit = MaterialEdit {
        material: found.standing.target.id,
        seen: found.version,
        change,
        is_undo,
        words_before: words(&found.standing.target),
        words: words(&after.standing.target),
    };
    let said = if is_undo { EditSaid::Undone } else { EditSaid::Saved };
    changed(scene, place, after, tree, DeskChange::Edit(Box::new(edit)), said, !is_undo)
}

fn words(material: &Material) -> (String, String) {
    (material.title.clone(), material.tags.clone())
}

/// Takes a material out, or puts it back.
fn shelve(
    scene: Scene<'_>,
    place: Place,
    found: &DeskMaterial,
    tree: &Tree,
    back: bool,
    is_undo: bool,
) -> Decision {
    let mut after = found.clone();
    after.standing.target.state =
        if back { MaterialState::Published } else { MaterialState::Archived };
    let change = DeskChange::Shelve {
        material: found.standing.target.id,
        seen: found.version,
        back,
        is_undo,
        words: words(&found.standing.target),
    };
    let said = match (is_undo, back) {
        (true, _) => EditSaid::Undone,
        (false, true) => EditSaid::Restored,
        (false, false) => EditSaid::Archived,
    };
    changed(scene, place, after, tree, change, said, !is_undo)
}

fn restore(
    scene: Scene<'_>,
    place: Place,
    found: &DeskMaterial,
    facts: &EditFacts,
    is_undo: bool,
) -> Decision {
    if let Some(double) = &facts.double {
        let said = EditSaid::Double { title: double.title.clone() };
        return card(scene, place, found, &facts.tree, Some(said));
    }
    shelve(scene, place, found, &facts.tree, true, is_undo)
}

/// What the newest change was, if it can be taken back.
fn undoable(scene: Scene<'_>, found: &DeskMaterial) -> Option<AuditAction> {
    let newest = found.newest.as_ref()?;
    let action = newest.note.action;
    let is_ours = matches!(action, AuditAction::Edit | AuditAction::Archive | AuditAction::Restore);
    (is_ours && scene.now - newest.at <= UNDO_FOR).then_some(action)
}

fn undo(scene: Scene<'_>, place: Place, found: &DeskMaterial, facts: &EditFacts) -> Decision {
    let tree = &facts.tree;
    let nothing = || card(scene, place, found, tree, Some(EditSaid::NothingToUndo));
    match undoable(scene, found) {
        Some(AuditAction::Archive) => restore(scene, place, found, facts, true),
        Some(AuditAction::Restore) => shelve(scene, place, found, tree, false, true),
        Some(_) => {
            let Some(details) = found.newest.as_ref().map(|newest| &newest.note.details) else {
                return nothing();
            };
            let Some(field) = details.field.as_deref().and_then(Field::from_name) else {
                return nothing();
            };
            if field == Field::Category && !stands(tree, details.before.as_deref()) {
                return card(scene, place, found, tree, Some(EditSaid::SectionGone));
            }
            let before = field.of(&found.standing.target);
            let change = FieldChange { field, before, after: details.before.clone() };
            write(scene, place, found, tree, change, true)
        }
        None => nothing(),
    }
}

/// Whether a section is there, if one is named.
fn stands(tree: &Tree, id: Option<&str>) -> bool {
    let id = id.map(|id| id.parse().ok().map(CategoryId));
    id.is_none_or(|id| id.is_some_and(|id| tree.get(id).is_some()))
}

/// Commits a change, and shows the material as it is with it.
fn changed(
    scene: Scene<'_>,
    place: Place,
    mut after: DeskMaterial,
    tree: &Tree,
    change: DeskChange,
    said: EditSaid,
    can_undo: bool,
) -> Decision {
    // The entry of the audit log that is written with it.
    after.version = after.version.saturating_add(1);
    let card = EditCard {
        path: path(tree, after.standing.target.category),
        seen: after.version,
        standing: after.standing,
        can_undo,
        said: Some(said),
    };
    let view = View::Desk(DeskView::Card(Box::new(card)));
    let effects = vec![Effect::Change(Change::Desk(change)), Effect::Show { place, view }];
    Decision { dialog: unasked(scene), effects }
}

fn card(
    scene: Scene<'_>,
    place: Place,
    found: &DeskMaterial,
    tree: &Tree,
    said: Option<EditSaid>,
) -> Decision {
    let card = EditCard {
        path: path(tree, found.standing.target.category),
        standing: found.standing.clone(),
        seen: found.version,
        can_undo: undoable(scene, found).is_some(),
        said,
    };
    let mut decision = shown(place, DeskView::Card(Box::new(card)));
    decision.dialog = unasked(scene);
    decision
}

fn path(tree: &Tree, section: Option<CategoryId>) -> Vec<String> {
    let path = section.map(|id| tree.path(id)).unwrap_or_default();
    path.into_iter().map(|section| section.title.clone()).collect()
}
