//! The bytes of an action. Numbers of tags and the order of the `ALL` lists are the format:
//! append, never reorder; raise `VERSION` when that cannot be kept.

use super::{Action, BulkAct, Facet, Field, ReplaceAct, UploadAct};
use crate::domain::digest::{DigestAct, HOURS, WEEKDAYS};
use crate::domain::ids::{BatchId, BroadcastId, CategoryId, MaterialId, QueryId, SeriesId};
use crate::domain::inspection::Kind;
use crate::domain::lang::Lang;
use crate::domain::material::{Filters, Length, Level, StudyLanguage};

mod alerts;
mod broadcast;
mod desk;
mod shelf;
mod given_up;
mod notices;
mod people;
mod statistics;

/// Appends numbers as LEB128 varints.
pub struct Writer(Vec<u8>);

impl Writer {
    pub fn new(version: u8) -> Self {
        Self(vec![version])
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn number(&mut self, mut rest: u64) {
        loop {
            let low = rest.to_le_bytes()[0] & 0x7f;
            rest >>= 7;
            if rest == 0 {
                return self.byte(low);
            }
            self.byte(low | 0x80);
        }
    }

    /// Our ids are never negative.
    fn id(&mut self, id: i64) {
        self.number(u64::try_from(id).unwrap_or(0));
    }

    /// What is about one thing.
    fn about(&mut self, tag: u8, id: i64) {
        self.byte(tag);
        self.id(id);
    }

    /// The position of a choice in its list, plus one; 0 for none.
    fn choice<T: PartialEq>(&mut self, all: &[T], value: Option<&T>) {
        let position = value.and_then(|value| all.iter().position(|other| other == value));
        let number = position.map_or(0, |position| position + 1);
        self.byte(u8::try_from(number).unwrap_or(0));
    }

    fn filters(&mut self, filters: Filters) {
        self.choice(&Level::ALL, filters.level.as_ref());
        self.choice(&Kind::ALL, filters.kind.as_ref());
        self.choice(&StudyLanguage::ALL, filters.language.as_ref());
        self.choice(&Length::ALL, filters.length.as_ref());
        self.id(filters.category.map_or(0, |category| category.0));
    }
}

/// Takes apart what [`Writer`] made; `None` for anything else.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn id(&mut self) -> Option<i64> {
        i64::try_from(self.number()?).ok()
    }

    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn page(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    #[expect(clippy::option_option, reason = "unreadable, or read as none")]
    fn choice<T: Copy>(&mut self, all: &[T]) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            number => all.get(usize::from(number) - 1).map(|value| Some(*value)),
        }
    }

    fn filters(&mut self) -> Option<Filters> {
        Some(Filters {
            level: self.choice(&Level::ALL)?,
            kind: self.choice(&Kind::ALL)?,
            language: self.choice(&StudyLanguage::ALL)?,
            length: self.choice(&Length::ALL)?,
            category: self.optional_id()?.map(CategoryId),
        })
    }

    /// 0 stands for none: no id is 0.
    #[expect(clippy::option_option, reason = "unreadable, or read as none")]
    fn optional_id(&mut self) -> Option<Option<i64>> {
        let id = self.id()?;
        Some((id != 0).then_some(id))
    }
}

pub fn write_action(w: &mut Writer, action: Action) {
    match action {
        Action::Menu => w.byte(0),
        Action::AskQuery => w.byte(1),
        Action::Search { query, filters, page, list } => {
            w.byte(2);
            w.id(query.0);
            w.filters(filters);
            w.number(u64::from(page));
            w.id(list);
        }
        Action::Facet { query, filters, facet } => {
            w.byte(3);
            w.id(query.0);
            w.filters(filters);
            w.choice(&Facet::ALL, Some(&facet));
        }
        Action::Browse { category } => w.about(4, category.map_or(0, |category| category.0)),
        Action::Deliver { material } => w.about(7, material.0),
        Action::Settings => w.byte(8),
        Action::SetLang(lang) => {
            w.byte(9);
            w.choice(&Lang::ALL, Some(&lang));
        }
        Action::Help => w.byte(10),
        Action::Upload { material, act } => {
            w.about(11, material.0);
            write_upload(w, act);
        }
        Action::Look { material } => w.about(12, material.0),
        Action::Uploads => w.byte(20),
        Action::Withdraw { material } => w.about(21, material.0),
        Action::Bulk { batch, act } => {
            w.about(32, batch.0);
            write_bulk(w, act);
        }
        Action::Draft { material } => w.about(34, material.0),
        Action::Replace { material, act } => {
            w.about(22, material.0);
            write_replace(w, act);
        }
        Action::Compose { broadcast, act } => {
            w.about(40, broadcast.0);
            broadcast::write_compose(w, act);
        }
        Action::Control { broadcast, act } => {
            w.about(41, broadcast.0);
            broadcast::write_control(w, act);
        }
        Action::Broadcasts { before } => w.about(42, before.map_or(0, |before| before.0)),
        Action::EndSeries(series) => w.about(43, series.0),
        Action::Follow { category, follow } => {
            w.about(60, category.0);
            w.byte(u8::from(follow));
        }
        Action::Digest(act) => {
            w.byte(61);
            write_digest(w, act);
        }
        Action::Desk(act) => desk::write(w, act),
        Action::Shelf(act) => shelf::write(w, act),
        Action::Request(act) => notices::write_request(w, act),
        Action::Privacy(act) => notices::write_privacy(w, act),
        Action::Statistics(act) => statistics::write(w, act),
        Action::Alerts(act) => alerts::write(w, act),
        Action::People(act) => people::write(w, act),
        Action::Jobs(act) => given_up::write(w, act),
    }
}

fn write_digest(w: &mut Writer, act: DigestAct) {
    match act {
        DigestAct::Show => w.byte(0),
        DigestAct::Turn(on) => w.byte(if on { 1 } else { 2 }),
        DigestAct::TakeDay(day) => {
            w.byte(3);
            w.choice(&WEEKDAYS, Some(&day));
        }
        DigestAct::TakeHour(hour) => {
            w.byte(4);
            w.byte(hour);
        }
    }
}

fn write_bulk(w: &mut Writer, act: BulkAct) {
    match act {
        BulkAct::Page(page) => {
            w.byte(0);
            w.number(u64::from(page));
        }
        BulkAct::OpenCategory(category) => {
            w.byte(1);
            w.id(category.map_or(0, |category| category.0));
        }
        BulkAct::TakeCategory(category) => {
            w.byte(2);
            w.id(category.0);
        }
        BulkAct::AskLevel => w.byte(3),
        BulkAct::TakeLevel(level) => {
            w.byte(4);
            w.choice(&Level::ALL, level.as_ref());
        }
        BulkAct::AskLanguage => w.byte(5),
        BulkAct::TakeLanguage(language) => {
            w.byte(6);
            w.choice(&StudyLanguage::ALL, Some(&language));
        }
        BulkAct::AskRename => w.byte(7),
        BulkAct::Rename(material) => {
            w.byte(8);
            w.id(material.0);
        }
        BulkAct::AskRemove => w.byte(9),
        BulkAct::Remove(material) => {
            w.byte(10);
            w.id(material.0);
        }
        BulkAct::Publish => w.byte(11),
        BulkAct::SaveDrafts => w.byte(12),
        BulkAct::AskCancel => w.byte(13),
        BulkAct::Cancel => w.byte(14),
        BulkAct::Resume => w.byte(15),
    }
}

fn write_replace(w: &mut Writer, act: ReplaceAct) {
    match act {
        ReplaceAct::Begin => w.byte(0),
        ReplaceAct::Confirm { seen, quiet } => {
            w.byte(if quiet { 2 } else { 1 });
            w.number(u64::from(seen));
        }
        ReplaceAct::Cancel => w.byte(3),
    }
}

fn write_upload(w: &mut Writer, act: UploadAct) {
    match act {
        UploadAct::TakeTitle => w.byte(0),
        UploadAct::TakeFoundTitle => w.byte(1),
        UploadAct::OpenCategory(category) => {
            w.byte(2);
            w.id(category.map_or(0, |category| category.0));
        }
        UploadAct::TakeCategory(category) => {
            w.byte(3);
            w.id(category.0);
        }
        UploadAct::TakeLevel(level) => {
            w.byte(4);
            w.choice(&Level::ALL, level.as_ref());
        }
        UploadAct::TakeLanguage(language) => {
            w.byte(5);
            w.choice(&StudyLanguage::ALL, Some(&language));
        }
        UploadAct::SkipTags => w.byte(6),
        UploadAct::Change(field) => {
            w.byte(7);
            w.choice(&Field::ALL, Some(&field));
        }
        UploadAct::Publish => w.byte(8),
        UploadAct::SaveDraft => w.byte(9),
        UploadAct::Discard => w.byte(10),
        UploadAct::Resume => w.byte(11),
    }
}

pub fn read_action(r: &mut Reader<'_>) -> Option<Action> {
    Some(match r.byte()? {
        0 => Action::Menu,
        1 => Action::AskQuery,
        2 => Action::Search {
            query: QueryId(r.id()?),
            filters: r.filters()?,
            page: r.page()?,
            list: r.id()?,
        },
        3 => Action::Facet {
            query: QueryId(r.id()?),
            filters: r.filters()?,
            facet: r.choice(&Facet::ALL)??,
        },
        4 => Action::Browse { category: r.optional_id()?.map(CategoryId) },
        7 => Action::Deliver { material: MaterialId(r.id()?) },
        8 => Action::Settings,
        9 => Action::SetLang(r.choice(&Lang::ALL)??),
        10 => Action::Help,
        11 => Action::Upload { material: MaterialId(r.id()?), act: read_upload(r)? },
        12 => Action::Look { material: MaterialId(r.id()?) },
        20 => Action::Uploads,
        21 => Action::Withdraw { material: MaterialId(r.id()?) },
        32 => Action::Bulk { batch: BatchId(r.id()?), act: read_bulk(r)? },
        34 => Action::Draft { material: MaterialId(r.id()?) },
        40 => {
            let broadcast = BroadcastId(r.id()?);
            Action::Compose { broadcast, act: broadcast::read_compose(r)? }
        }
        41 => {
            let broadcast = BroadcastId(r.id()?);
            Action::Control { broadcast, act: broadcast::read_control(r)? }
        }
        42 => Action::Broadcasts { before: r.optional_id()?.map(BroadcastId) },
        43 => Action::EndSeries(SeriesId(r.id()?)),
        22 => Action::Replace { material: MaterialId(r.id()?), act: read_replace(r)? },
        60 => Action::Follow { category: CategoryId(r.id()?), follow: r.byte()? == 1 },
        61 => Action::Digest(read_digest(r)?),
        tag if desk::TAGS.contains(&tag) => Action::Desk(desk::read(r, tag)?),
        tag if shelf::TAGS.contains(&tag) => Action::Shelf(shelf::read(r, tag)?),
        70 => Action::Request(notices::read_request(r)?),
        71 => Action::Privacy(notices::read_privacy(r)?),
        statistics::TAG => Action::Statistics(statistics::read(r)?),
        tag if alerts::TAGS.contains(&tag) => Action::Alerts(alerts::read(r, tag)?),
        tag if people::TAGS.contains(&tag) => Action::People(people::read(r, tag)?),
        tag if given_up::TAGS.contains(&tag) => Action::Jobs(given_up::read(r, tag)?),
        _ => return None,
    })
}

fn read_bulk(r: &mut Reader<'_>) -> Option<BulkAct> {
    Some(match r.byte()? {
        0 => BulkAct::Page(r.page()?),
        1 => BulkAct::OpenCategory(r.optional_id()?.map(CategoryId)),
        2 => BulkAct::TakeCategory(CategoryId(r.id()?)),
        3 => BulkAct::AskLevel,
        4 => BulkAct::TakeLevel(r.choice(&Level::ALL)?),
        5 => BulkAct::AskLanguage,
        6 => BulkAct::TakeLanguage(r.choice(&StudyLanguage::ALL)??),
        7 => BulkAct::AskRename,
        8 => BulkAct::Rename(MaterialId(r.id()?)),
        9 => BulkAct::AskRemove,
        10 => BulkAct::Remove(MaterialId(r.id()?)),
        11 => BulkAct::Publish,
        12 => BulkAct::SaveDrafts,
        13 => BulkAct::AskCancel,
        14 => BulkAct::Cancel,
        15 => BulkAct::Resume,
        _ => return None,
    })
}

fn read_digest(r: &mut Reader<'_>) -> Option<DigestAct> {
    Some(match r.byte()? {
        0 => DigestAct::Show,
        1 => DigestAct::Turn(true),
        2 => DigestAct::Turn(false),
        3 => DigestAct::TakeDay(r.choice(&WEEKDAYS)??),
        4 => DigestAct::TakeHour(r.byte().filter(|hour| HOURS.contains(hour))?),
        _ => return None,
    })
}

fn read_replace(r: &mut Reader<'_>) -> Option<ReplaceAct> {
    Some(match r.byte()? {
        0 => ReplaceAct::Begin,
        1 => ReplaceAct::Confirm { seen: r.page()?, quiet: false },
        2 => ReplaceAct::Confirm { seen: r.page()?, quiet: true },
        3 => ReplaceAct::Cancel,
        _ => return None,
    })
}

fn read_upload(r: &mut Reader<'_>) -> Option<UploadAct> {
    Some(match r.byte()? {
        0 => UploadAct::TakeTitle,
        1 => UploadAct::TakeFoundTitle,
        2 => UploadAct::OpenCategory(r.optional_id()?.map(CategoryId)),
        3 => UploadAct::TakeCategory(CategoryId(r.id()?)),
        4 => UploadAct::TakeLevel(r.choice(&Level::ALL)?),
        5 => UploadAct::TakeLanguage(r.choice(&StudyLanguage::ALL)??),
        6 => UploadAct::SkipTags,
        7 => UploadAct::Change(r.choice(&Field::ALL)??),
        8 => UploadAct::Publish,
        9 => UploadAct::SaveDraft,
        10 => UploadAct::Discard,
        11 => UploadAct::Resume,
        _ => return None,
    })
}
