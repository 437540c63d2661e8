//! Reads what the editors' desk needs before it is decided.

use crate::domain::audit::{AuditAction, AuditRequest, AuditSubject};
use crate::domain::button::{Field, UploadAct};
use crate::domain::desk::{
    ArchivedPage, AuditPage, Desk, DeskAct, DeskFacts, DeskWish, EditAct, EditFacts, SectionAct,
    SectionFacts,
};
use crate::domain::ids::{CategoryId, MaterialId};
use crate::domain::material::Category;
use crate::domain::sections::Tree;
use crate::domain::session::Dialog;
use crate::store::{Db, StoreResult};

/// The facts for a wish at the desk.
pub async fn gather(
    db: &Db,
    page_size: usize,
    wish: &DeskWish,
    dialog: &Dialog,
) -> StoreResult<DeskFacts> {
    match (wish, dialog) {
        (DeskWish::Act(DeskAct::Edit { material, act, .. }), _) => {
            Ok(DeskFacts::Edit(Box::new(edit(db, *material, Some(*act)).await?)))
        }
        (DeskWish::Act(DeskAct::Section { section, act }), _) => {
            let other = match act {
                SectionAct::PickMove(other)
                | SectionAct::Move(other)
                | SectionAct::PickMerge(other) => *other,
                SectionAct::AskMerge(other) | SectionAct::Merge(other) => Some(*other),
                _ => None,
            };
            Ok(DeskFacts::Sections(Box::new(sections(db, *section, other).await?)))
        }
        (DeskWish::Act(DeskAct::Archived { before }), _) => {
            Ok(DeskFacts::Archived(archived(db, page_size, *before).await?))
        }
        (DeskWish::Act(DeskAct::Audit { subject, before }), _) => {
            Ok(DeskFacts::Audit(audit(db, *subject, *before).await?))
        }
        (DeskWish::Said(_), Dialog::Desk(desk)) => Ok(match desk {
            // The answer to this one is a wish about people.
            Desk::FindPerson => DeskFacts::None,
            Desk::Title { material, .. } | Desk::Tags { material, .. } => {
                DeskFacts::Edit(Box::new(edit(db, *material, None).await?))
            }
            Desk::NewSection { parent } => {
                DeskFacts::Sections(Box::new(sections(db, *parent, None).await?))
            }
            Desk::Rename { section, .. } => {
                DeskFacts::Sections(Box::new(sections(db, Some(*section), None).await?))
            }
        }),
        _ => Ok(DeskFacts::None),
    }
}

async fn edit(db: &Db, id: MaterialId, act: Option<EditAct>) -> StoreResult<EditFacts> {
    let Some(found) = db.desk_material(id).await? else { return Ok(EditFacts::default()) };
    let tree = Tree::new(db.sections_all().await?);
    let mut facts = EditFacts { tree, ..EditFacts::default() };
    match act {
        Some(EditAct::Ask(Field::Category)) => {
            facts.categories = db.category_children(None).await?;
        }
        Some(EditAct::Answer(UploadAct::OpenCategory(inside))) => {
            facts.inside = category(db, inside).await?;
            let inside = facts.inside.as_ref().map(|inside| inside.id);
            facts.categories = db.category_children(inside).await?;
        }
        Some(EditAct::Answer(UploadAct::TakeCategory(id))) => {
            facts.chosen = category(db, Some(id)).await?;
        }
        Some(EditAct::Restore | EditAct::Undo) => {
            if let Some(hash) = found.standing.target.hash.clone() {
                facts.double = db.material_by_hash(hash).await?.filter(|double| double.id != id);
            }
        }
        _ => {}
    }
    facts.found = Some(found);
    Ok(facts)
}

async fn category(db: &Db, id: Option<CategoryId>) -> StoreResult<Option<Category>> {
    match id {
        Some(id) => db.category_get(id).await,
        None => Ok(None),
    }
}

async fn sections(
    db: &Db,
    section: Option<CategoryId>,
    other: Option<CategoryId>,
) -> StoreResult<SectionFacts> {
    let tree = Tree::new(db.sections_all().await?);
    let mut facts = SectionFacts { tree, ..SectionFacts::default() };
    (facts.section, facts.is_gone) = live(db, section).await?;
    let (other, other_is_gone) = live(db, other).await?;
    facts.other = other;
    facts.is_gone |= other_is_gone;
    if let Some(section) = facts.section {
        facts.here = db.section_counts(vec![section]).await?;
        facts.within = db.section_counts(facts.tree.within(section)).await?;
        facts.is_filling = db.section_is_filling(section).await?;
    }
    Ok(facts)
}

/// The section that is meant, and whether it is gone.
async fn live(db: &Db, id: Option<CategoryId>) -> StoreResult<(Option<CategoryId>, bool)> {
    let Some(id) = id else { return Ok((None, false)) };
    let live = db.section_live(id).await?;
    Ok((live, live.is_none()))
}

async fn archived(
    db: &Db,
    page_size: usize,
    before: Option<MaterialId>,
) -> StoreResult<ArchivedPage> {
    let limit = i64::try_from(page_size).unwrap_or(i64::MAX).saturating_add(1);
    let mut entries = db.archived_list(before, limit).await?;
    let has_more = entries.len() > page_size;
    entries.truncate(page_size);
    Ok(ArchivedPage { entries, has_more, is_first: before.is_none() })
}

/// Entries of the audit log on one page.
const AUDIT_PAGE: usize = 8;

async fn audit(
    db: &Db,
    subject: Option<AuditSubject>,
    before: Option<i64>,
) -> StoreResult<AuditPage> {
    let limit = i64::try_from(AUDIT_PAGE).unwrap_or(i64::MAX).saturating_add(1);
    let request = AuditRequest { subject, before, limit, ..AuditRequest::default() };
    let mut entries = db.audit_list(request).await?;
    let has_more = entries.len() > AUDIT_PAGE;
    entries.truncate(AUDIT_PAGE);
    let speaks_of_sections = entries.iter().any(|entry| {
        let is_move =
            matches!(entry.note.action, AuditAction::MoveSection | AuditAction::MergeSection);
        is_move || entry.note.details.field.as_deref() == Some(Field::Category.name())
    });
    let sections = if speaks_of_sections {
        let all = db.sections_all().await?;
        all.into_iter().map(|section| (section.id, section.title)).collect()
    } else {
        Vec::new()
    };
    let is_first = before.is_none();
    Ok(AuditPage { subject, entries, sections, has_more, is_first })
}
