//! The sections of the catalogue, put in order by buttons on one card.
//!
//! Invariants: what the tree does not allow is said and not tried; what cannot be taken back (a
//! merger, a removal) is asked about first, with what it would do; a name counts only while the
//! section still has the one that its editor has seen.

use super::Scene;
use super::desk::{asking, shown, unasked};
use crate::domain::desk::{
    Desk, DeskChange, DeskView, MergeQuestion, NameMisfit, SectionAct, SectionCard, SectionFacts,
    SectionPick, SectionSaid,
};
use crate::domain::effect::{Change, Decision, Effect, JobKind, NewJob, Place, Priority, View};
use crate::domain::ids::{CategoryId, JobId};
use crate::domain::material::{CATEGORY_MAX_CHARS, Category, clean_line, name_key};
use crate::domain::sections::{CHILDREN_MAX, Misfit};
use crate::domain::session::Dialog;

/// A button.
pub fn act(scene: Scene<'_>, place: Place, act: SectionAct, facts: &SectionFacts) -> Decision {
    if facts.is_gone {
        return refused(scene, place, facts, Misfit::Gone);
    }
    let Some(section) = facts.section else {
        return match act {
            SectionAct::AskNew => ask_new(scene, place, facts),
            _ => card(scene, place, facts, None),
        };
    };
    match act {
        SectionAct::Show => card(scene, place, facts, None),
        SectionAct::AskNew => ask_new(scene, place, facts),
        SectionAct::AskName => ask_name(scene, place, facts, section, None),
        SectionAct::PickMove(_) => pick(scene, place, facts, section, false),
        SectionAct::PickMerge(_) => pick(scene, place, facts, section, true),
        SectionAct::Move(to) => move_to(scene, place, facts, section, to.and(facts.other)),
        SectionAct::AskMerge(_) => ask_merge(scene, place, facts, section),
        SectionAct::Merge(_) => merge(scene, place, facts, section),
        SectionAct::AskDelete => ask_delete(scene, place, facts, section),
        SectionAct::Delete => delete(scene, place, facts, section),
    }
}

/// A name.
pub fn said(scene: Scene<'_>, text: &str, facts: &SectionFacts) -> Decision {
    let Dialog::Desk(desk) = scene.dialog else { return super::desk::leave(false) };
    if facts.is_gone {
        return refused(scene, Place::New, facts, Misfit::Gone);
    }
    let title = clean_line(text, CATEGORY_MAX_CHARS);
    match (desk, facts.section) {
        (Desk::NewSection { .. }, _) => create(scene, facts, title),
        (Desk::Rename { before, .. }, Some(section)) => {
            rename(scene, facts, section, before, title)
        }
        _ => super::desk::leave(false),
    }
}

fn create(scene: Scene<'_>, facts: &SectionFacts, title: Option<String>) -> Decision {
    let parent = facts.section;
    let Some(title) = title else { return again(facts, true, NameMisfit::Empty) };
    match facts.tree.can_create(parent, &title) {
        Ok(()) => {}
        Err(Misfit::SameName) => return again(facts, true, NameMisfit::Misfit(Misfit::SameName)),
        Err(misfit) => return refused(scene, Place::New, facts, misfit),
    }
    let id = CategoryId(scene.ids.next(scene.now));
    let change = Change::CreateCategory { id, parent, title: title.clone() };
    let mut card = card_of(facts, Some(SectionSaid::Created(title.clone())));
    card.children.push((id, title));
    done(scene, Place::New, change, card)
}

fn rename(
    scene: Scene<'_>,
    facts: &SectionFacts,
    section: CategoryId,
    before: &str,
    title: Option<String>,
) -> Decision {
    let now = title_of(facts, section);
    let Some(title) = title else { return again(facts, false, NameMisfit::Empty) };
    if now != before {
        // The editor decides anew, on the name that it has now.
        let misfit = Some(NameMisfit::Overtaken);
        return ask_name(scene, Place::New, facts, section, misfit);
    }
    if let Err(misfit) = facts.tree.can_rename(section, &title) {
        return again(facts, false, NameMisfit::Misfit(misfit));
    }
    if title == now {
        return card(scene, Place::New, facts, None);
    }
    let mut card = card_of(facts, Some(SectionSaid::Renamed));
    card.path.pop();
    card.path.push(title.clone());
    let change = DeskChange::Rename { section, before: now, title };
    done(scene, Place::New, Change::Desk(change), card)
}

/// The question is asked again; the dialog stays.
fn again(facts: &SectionFacts, is_new: bool, misfit: NameMisfit) -> Decision {
    let section = facts.section.map(|id| (id, title_of(facts, id)));
    shown(Place::New, DeskView::AskName { section, is_new, misfit: Some(misfit) })
}

fn ask_new(scene: Scene<'_>, place: Place, facts: &SectionFacts) -> Decision {
    if let Err(misfit) = facts.tree.has_room(facts.section) {
        return refused(scene, place, facts, misfit);
    }
    let section = facts.section.map(|id| (id, title_of(facts, id)));
    let view = DeskView::AskName { section, is_new: true, misfit: None };
    asking(scene, Desk::NewSection { parent: facts.section }, shown(place, view))
}

fn ask_name(
    scene: Scene<'_>,
    place: Place,
    facts: &SectionFacts,
    section: CategoryId,
    misfit: Option<NameMisfit>,
) -> Decision {
    let before = title_of(facts, section);
    let view =
        DeskView::AskName { section: Some((section, before.clone())), is_new: false, misfit };
    asking(scene, Desk::Rename { section, before }, shown(place, view))
}

/// Shows the nodes of the tree, to choose one.
fn pick(
    scene: Scene<'_>,
    place: Place,
    facts: &SectionFacts,
    section: CategoryId,
    merges: bool,
) -> Decision {
    let (tree, inside) = (&facts.tree, facts.other);
    let fits = match inside {
        Some(to) if merges => tree.merge(section, to).is_ok(),
        None if merges => false,
        to => {
            let is_there = tree.get(section).is_some_and(|node| node.parent == to);
            !is_there && tree.can_move(section, to).is_ok()
        }
    };
    let children = tree.children(inside).filter(|child| child.id != section);
    let view = SectionPick {
        section,
        title: title_of(facts, section),
        merges,
        inside: inside.map(|id| (id, title_of(facts, id))),
        above: inside.and_then(|id| tree.get(id)).and_then(|node| node.parent),
        children: children.map(|child| (child.id, child.title.clone())).collect(),
        fits,
    };
    let mut decision = shown(place, DeskView::Pick(Box::new(view)));
    decision.dialog = unasked(scene);
    decision
}

fn move_to(
    scene: Scene<'_>,
    place: Place,
    facts: &SectionFacts,
    section: CategoryId,
    to: Option<CategoryId>,
) -> Decision {
    if let Err(misfit) = facts.tree.can_move(section, to) {
        return refused(scene, place, facts, misfit);
    }
    let mut card = card_of(facts, Some(SectionSaid::Moved));
    card.parent = to;
    let mut path = names(facts, to);
    path.push(title_of(facts, section));
    card.path = path;
    done(scene, place, Change::Desk(DeskChange::Move { section, to }), card)
}

fn ask_merge(
    scene: Scene<'_>,
    place: Place,
    facts: &SectionFacts,
    section: CategoryId,
) -> Decision {
    let Some(to) = facts.other else { return refused(scene, place, facts, Misfit::Gone) };
    let plan = match facts.tree.merge(section, to) {
        Ok(plan) => plan,
        Err(misfit) => return refused(scene, place, facts, misfit),
    };
    let wide = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let counts = facts.within;
    let question = MergeQuestion {
        from: section,
        from_title: title_of(facts, section),
        to,
        to_title: title_of(facts, to),
        materials: counts.published.saturating_add(counts.kept).saturating_add(counts.drafts),
        moved: wide(plan.moved.len()),
        joined: wide(plan.merged.len().saturating_sub(1)),
    };
    let mut decision = shown(place, DeskView::AskMerge(Box::new(question)));
    decision.dialog = unasked(scene);
    decision
}

/// The sections change at once; a job moves what a step would take too long for.
fn merge(scene: Scene<'_>, place: Place, facts: &SectionFacts, section: CategoryId) -> Decision {
    let Some(to) = facts.other else { return refused(scene, place, facts, Misfit::Gone) };
    if let Err(misfit) = facts.tree.merge(section, to) {
        return refused(scene, place, facts, misfit);
    }
    // What stands in the other one now was not counted: its card is a press away.
    let said = SectionSaid::Merged(title_of(facts, section));
    let facts =
        SectionFacts { section: facts.tree.get(to).and_then(|node| node.parent), ..facts.clone() };
    let mut card = card_of(&facts, Some(said));
    card.children.retain(|(id, _)| *id != section);
    card.counts = None;
    let mut decision =
        done(scene, place, Change::Desk(DeskChange::Merge { from: section, to }), card);
    decision.effects.push(Effect::Enqueue(NewJob {
        id: JobId(scene.ids.next(scene.now)),
        kind: JobKind::TidySections { section },
        fairness_key: scene.user.0,
        priority: Priority::Single,
        not_before: None,
    }));
    decision
}

fn ask_delete(
    scene: Scene<'_>,
    place: Place,
    facts: &SectionFacts,
    section: CategoryId,
) -> Decision {
    if let Err(misfit) = can_delete(facts, section) {
        return refused(scene, place, facts, misfit);
    }
    let (title, drafts) = (title_of(facts, section), facts.here.drafts);
    let mut decision = shown(place, DeskView::AskDelete { section, title, drafts });
    decision.dialog = unasked(scene);
    decision
}

fn delete(scene: Scene<'_>, place: Place, facts: &SectionFacts, section: CategoryId) -> Decision {
    if let Err(misfit) = can_delete(facts, section) {
        return refused(scene, place, facts, misfit);
    }
    let said = SectionSaid::Deleted(title_of(facts, section));
    let above = facts.tree.get(section).and_then(|node| node.parent);
    let facts = SectionFacts { section: above, ..facts.clone() };
    let mut card = card_of(&facts, Some(said));
    card.children.retain(|(id, _)| *id != section);
    card.counts = None;
    done(scene, place, Change::Desk(DeskChange::Delete(section)), card)
}

fn can_delete(facts: &SectionFacts, section: CategoryId) -> Result<(), Misfit> {
    facts.tree.can_delete(section)?;
    let is_empty = facts.here.published == 0 && facts.here.kept == 0 && !facts.is_filling;
    if is_empty { Ok(()) } else { Err(Misfit::NotEmpty) }
}

/// The node of that name among those of a node, or a new one there. None when there is nothing to
/// read in the name, or no room for another.
pub fn section_named(
    scene: Scene<'_>,
    text: &str,
    (parent, among): (Option<&Category>, &[Category]),
    effects: &mut Vec<Effect>,
) -> Option<(CategoryId, String)> {
    let name = clean_line(text, CATEGORY_MAX_CHARS)?;
    let key = name_key(&name);
    if let Some(known) = among.iter().find(|category| name_key(&category.title) == key) {
        return Some((known.id, known.title.clone()));
    }
    if among.len() >= CHILDREN_MAX {
        return None;
    }
    let (id, parent) = (CategoryId(scene.ids.next(scene.now)), parent.map(|node| node.id));
    effects.push(Effect::Change(Change::CreateCategory { id, parent, title: name.clone() }));
    Some((id, name))
}

fn refused(scene: Scene<'_>, place: Place, facts: &SectionFacts, misfit: Misfit) -> Decision {
    card(scene, place, facts, Some(SectionSaid::Misfit(misfit)))
}

fn done(scene: Scene<'_>, place: Place, change: Change, card: SectionCard) -> Decision {
    let view = View::Desk(DeskView::Section(Box::new(card)));
    let effects = vec![Effect::Change(change), Effect::Show { place, view }];
    Decision { dialog: unasked(scene), effects }
}

fn card(
    scene: Scene<'_>,
    place: Place,
    facts: &SectionFacts,
    said: Option<SectionSaid>,
) -> Decision {
    let mut decision = shown(place, DeskView::Section(Box::new(card_of(facts, said))));
    decision.dialog = unasked(scene);
    decision
}

fn card_of(facts: &SectionFacts, said: Option<SectionSaid>) -> SectionCard {
    let children = facts.tree.children(facts.section);
    SectionCard {
        section: facts.section,
        parent: facts.section.and_then(|id| facts.tree.get(id)).and_then(|node| node.parent),
        path: names(facts, facts.section),
        children: children.map(|child| (child.id, child.title.clone())).collect(),
        counts: facts.section.map(|_| (facts.here, facts.within)),
        said,
    }
}

fn names(facts: &SectionFacts, section: Option<CategoryId>) -> Vec<String> {
    let path = section.map(|id| facts.tree.path(id)).unwrap_or_default();
    path.into_iter().map(|section| section.title.clone()).collect()
}

fn title_of(facts: &SectionFacts, section: CategoryId) -> String {
    facts.tree.get(section).map(|node| node.title.clone()).unwrap_or_default()
}
