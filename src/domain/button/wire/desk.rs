//! The bytes of the desk's buttons: tags 80 to 83.

use super::{Reader, Writer, read_upload, write_upload};
use crate::domain::audit::AuditSubject;
use crate::domain::button::Field;
use crate::domain::desk::{DeskAct, EditAct, SectionAct};
use crate::domain::ids::{CategoryId, MaterialId};

/// The tags of all that is here.
pub(super) const TAGS: std::ops::RangeInclusive<u8> = 80..=83;

pub(super) fn write(w: &mut Writer, act: DeskAct) {
    match act {
        DeskAct::Edit { material, seen, act } => {
            w.about(80, material.0);
            w.number(u64::from(seen));
            write_edit(w, act);
        }
        DeskAct::Section { section, act } => {
            w.about(81, node(section));
            write_section(w, act);
        }
        DeskAct::Archived { before } => w.about(82, before.map_or(0, |before| before.0)),
        DeskAct::Audit { subject, before } => {
            w.about(83, before.unwrap_or(0));
            w.choice(&AuditSubject::ALL, subject.as_ref());
        }
    }
}

pub(super) fn read(r: &mut Reader<'_>, tag: u8) -> Option<DeskAct> {
    Some(match tag {
        80 => DeskAct::Edit { material: MaterialId(r.id()?), seen: r.page()?, act: read_edit(r)? },
        81 => DeskAct::Section { section: read_node(r)?, act: read_section(r)? },
        82 => DeskAct::Archived { before: r.optional_id()?.map(MaterialId) },
        83 => {
            let before = r.optional_id()?;
            DeskAct::Audit { subject: r.choice(&AuditSubject::ALL)?, before }
        }
        _ => return None,
    })
}

/// 0 stands for the top.
fn node(section: Option<CategoryId>) -> i64 {
    section.map_or(0, |section| section.0)
}

#[expect(clippy::option_option, reason = "unreadable, or the top")]
fn read_node(r: &mut Reader<'_>) -> Option<Option<CategoryId>> {
    Some(r.optional_id()?.map(CategoryId))
}

fn write_edit(w: &mut Writer, act: EditAct) {
    match act {
        EditAct::Show => w.byte(0),
        EditAct::Ask(field) => {
            w.byte(1);
            w.choice(&Field::ALL, Some(&field));
        }
        EditAct::Answer(answer) => {
            w.byte(2);
            write_upload(w, answer);
        }
        EditAct::Archive => w.byte(3),
        EditAct::Restore => w.byte(4),
        EditAct::Undo => w.byte(5),
        EditAct::Open => w.byte(6),
    }
}

fn read_edit(r: &mut Reader<'_>) -> Option<EditAct> {
    Some(match r.byte()? {
        0 => EditAct::Show,
        1 => EditAct::Ask(r.choice(&Field::ALL)??),
        2 => EditAct::Answer(read_upload(r)?),
        3 => EditAct::Archive,
        4 => EditAct::Restore,
        5 => EditAct::Undo,
        6 => EditAct::Open,
        _ => return None,
    })
}

fn write_section(w: &mut Writer, act: SectionAct) {
    let mut about = |number, id| {
        w.byte(number);
        w.id(id);
    };
    match act {
        SectionAct::PickMove(inside) => about(3, node(inside)),
        SectionAct::Move(to) => about(4, node(to)),
        SectionAct::PickMerge(inside) => about(5, node(inside)),
        SectionAct::AskMerge(to) => about(6, to.0),
        SectionAct::Merge(to) => about(7, to.0),
        SectionAct::Show => w.byte(0),
        SectionAct::AskNew => w.byte(1),
        SectionAct::AskName => w.byte(2),
        SectionAct::AskDelete => w.byte(8),
        SectionAct::Delete => w.byte(9),
    }
}

fn read_section(r: &mut Reader<'_>) -> Option<SectionAct> {
    Some(match r.byte()? {
        0 => SectionAct::Show,
        1 => SectionAct::AskNew,
        2 => SectionAct::AskName,
        3 => SectionAct::PickMove(read_node(r)?),
        4 => SectionAct::Move(read_node(r)?),
        5 => SectionAct::PickMerge(read_node(r)?),
        6 => SectionAct::AskMerge(CategoryId(r.id()?)),
        7 => SectionAct::Merge(CategoryId(r.id()?)),
        8 => SectionAct::AskDelete,
        9 => SectionAct::Delete,
        _ => return None,
    })
}
