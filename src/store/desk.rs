//! The calls of the editors' desk: sections, changes of what is published, and the audit log.

use futures_util::FutureExt as _;

use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::audit::{AuditEntry, AuditRequest};
use crate::domain::desk::{DeskMaterial, SectionCounts};
use crate::domain::ids::{CategoryId, MaterialId};
use crate::domain::search_page::Entry;

calls! {
    /// Entries of the audit log, newest first.
    read audit::audit_list(request: AuditRequest) -> Vec<AuditEntry>;
    /// A material that is, or was, published, with its newest change.
    read desk::desk_material(id: MaterialId) -> Option<DeskMaterial>;
    /// What was taken out, newest first, before a given one.
    read desk::archived_list(before: Option<MaterialId>, limit: i64) -> Vec<Entry>;

    /// The section that is meant by an id: itself, or the one of which it became part.
    read sections::section_live(id: CategoryId) -> Option<CategoryId>;
    /// What stands in these sections.
    read sections::section_counts(ids: Vec<CategoryId>) -> SectionCounts;
    /// Whether materials are still on their way into a section.
    read sections::section_is_filling(id: CategoryId) -> bool;
    /// Moves materials that still stand in sections which became part of others; gives how many.
    publish sections::sections_tidy(limit: i64) -> usize;
}
