//! The bytes of what a button of the shelf does: tags 62 to 66 and what follows them. The longest is
//! a page of a section: 32 bytes of the 33 that a button has for them.

use super::{Reader, Writer};
use crate::domain::calendar::Zone;
use crate::domain::ids::{CategoryId, MaterialId};
use crate::domain::material::{Level, StudyLanguage};
use crate::domain::shelf::preference::{Ask, QUIET, ZONES};
use crate::domain::shelf::{
    Breakage, Edge, List, PAGE_MAX, PreferAct, Preference, Reason, ShelfAct, Spot,
};

pub const TAGS: std::ops::RangeInclusive<u8> = 62..=66;

pub fn write(w: &mut Writer, act: ShelfAct) {
    match act {
        ShelfAct::Show { list, spot } => {
            w.byte(62);
            write_list(w, list);
            write_spot(w, list, spot);
        }
        ShelfAct::Favour { material, on } => {
            w.about(63, material.0);
            w.byte(u8::from(on));
        }
        ShelfAct::Alike { material, page } => {
            w.about(64, material.0);
            w.number(page.map_or(0, |page| u64::from(page).saturating_add(1)));
        }
        ShelfAct::Prefer(act) => {
            w.byte(65);
            write_prefer(w, act);
        }
        ShelfAct::Break { material, act } => {
            w.about(66, material.0);
            match act {
                Breakage::Ask => w.byte(0),
                Breakage::Back => w.byte(1),
                Breakage::Look => w.byte(2),
                Breakage::Settle => w.byte(3),
                Breakage::Report(reason) => {
                    w.byte(4);
                    w.choice(&Reason::ALL, Some(&reason));
                }
            }
        }
    }
}

pub fn read(r: &mut Reader<'_>, tag: u8) -> Option<ShelfAct> {
    Some(match tag {
        62 => {
            let list = read_list(r)?;
            ShelfAct::Show { list, spot: read_spot(r, list)? }
        }
        63 => ShelfAct::Favour { material: MaterialId(r.id()?), on: r.flag()? },
        64 => ShelfAct::Alike { material: MaterialId(r.id()?), page: r.page()?.checked_sub(1) },
        65 => ShelfAct::Prefer(read_prefer(r)?),
        66 => ShelfAct::Break {
            material: MaterialId(r.id()?),
            act: match r.byte()? {
                0 => Breakage::Ask,
                1 => Breakage::Back,
                2 => Breakage::Look,
                3 => Breakage::Settle,
                4 => Breakage::Report(r.choice(&Reason::ALL)??),
                _ => return None,
            },
        },
        _ => return None,
    })
}

fn write_list(w: &mut Writer, list: List) {
    match list {
        List::New => w.byte(0),
        List::Section { category, level } => {
            w.about(1, category.0);
            w.choice(&Level::ALL, level.as_ref());
        }
        List::Favourites => w.byte(2),
        List::History => w.byte(3),
        List::Drafts => w.byte(4),
        List::Broken => w.byte(5),
    }
}

fn read_list(r: &mut Reader<'_>) -> Option<List> {
    Some(match r.byte()? {
        0 => List::New,
        1 => List::Section { category: CategoryId(r.id()?), level: r.choice(&Level::ALL)? },
        2 => List::Favourites,
        3 => List::History,
        4 => List::Drafts,
        5 => List::Broken,
        _ => return None,
    })
}

fn write_spot(w: &mut Writer, list: List, spot: Spot) {
    let (direction, edge, page) = match spot {
        Spot::First => return w.byte(0),
        Spot::After { edge, page } => (1, edge, page),
        Spot::Before { edge, page } => (2, edge, page),
    };
    w.byte(direction);
    if is_timed(list) {
        w.id(edge.at);
    }
    w.id(edge.id);
    w.number(u64::from(page.min(PAGE_MAX)));
}

fn read_spot(r: &mut Reader<'_>, list: List) -> Option<Spot> {
    let direction = r.byte()?;
    if direction == 0 {
        return Some(Spot::First);
    }
    let at = if is_timed(list) { r.id()? } else { 0 };
    let edge = Edge { at, id: r.id()? };
    let page = r.page().filter(|page| *page <= PAGE_MAX)?;
    match direction {
        1 => Some(Spot::After { edge, page }),
        2 => Some(Spot::Before { edge, page }),
        _ => None,
    }
}

/// Drafts stand by their ids alone.
const fn is_timed(list: List) -> bool {
    !matches!(list, List::Drafts)
}

fn write_prefer(w: &mut Writer, act: PreferAct) {
    match act {
        // What nobody was offered needs no button.
        PreferAct::Show | PreferAct::NoSuchZone => w.byte(0),
        PreferAct::Ask(ask) => {
            w.byte(1);
            w.choice(&Ask::ALL, Some(&ask));
        }
        PreferAct::Take(Preference::Language(language)) => {
            w.byte(2);
            w.choice(&StudyLanguage::ALL, language.as_ref());
        }
        PreferAct::Take(Preference::Level(level)) => {
            w.byte(3);
            w.choice(&Level::ALL, level.as_ref());
        }
        PreferAct::Take(Preference::Mute(is_muted)) => w.byte(if is_muted { 5 } else { 4 }),
        PreferAct::Take(Preference::Quiet(quiet)) => {
            w.byte(6);
            w.choice(&QUIET, quiet.as_ref());
        }
        PreferAct::Take(Preference::Zone(zone)) => {
            w.byte(7);
            w.choice(&ZONES, Some(&zone.name()));
        }
    }
}

fn read_prefer(r: &mut Reader<'_>) -> Option<PreferAct> {
    Some(match r.byte()? {
        0 => PreferAct::Show,
        1 => PreferAct::Ask(r.choice(&Ask::ALL)??),
        2 => PreferAct::Take(Preference::Language(r.choice(&StudyLanguage::ALL)?)),
        3 => PreferAct::Take(Preference::Level(r.choice(&Level::ALL)?)),
        4 => PreferAct::Take(Preference::Mute(false)),
        5 => PreferAct::Take(Preference::Mute(true)),
        6 => PreferAct::Take(Preference::Quiet(r.choice(&QUIET)?)),
        7 => PreferAct::Take(Preference::Zone(Zone::stored(r.choice(&ZONES)??))),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acts() -> Vec<ShelfAct> {
        let material = MaterialId(i64::MAX >> 2);
        // Microseconds of the year 3000.
        let edge = Edge { at: 32_503_680_000_000_000, id: i64::MAX >> 2 };
        let mut acts = vec![
            ShelfAct::Favour { material, on: true },
            ShelfAct::Favour { material, on: false },
            ShelfAct::Alike { material, page: None },
            ShelfAct::Alike { material, page: Some(0) },
            ShelfAct::Prefer(PreferAct::Show),
        ];
        let section = |level| List::Section { category: CategoryId(i64::MAX >> 2), level };
        let lists = [
            List::New,
            List::Favourites,
            List::History,
            List::Broken,
            section(None),
            section(Some(Level::C2)),
        ];
        for list in lists {
            let spots =
                [Spot::First, Spot::After { edge, page: PAGE_MAX }, Spot::Before { edge, page: 1 }];
            acts.extend(spots.map(|spot| ShelfAct::Show { list, spot }));
        }
        let edge = Edge { at: 0, ..edge };
        let spot = Spot::After { edge, page: 3 };
        acts.push(ShelfAct::Show { list: List::Drafts, spot });
        let reports = Reason::ALL.map(Breakage::Report);
        let others = [Breakage::Ask, Breakage::Back, Breakage::Look, Breakage::Settle];
        acts.extend(reports.into_iter().chain(others).map(|act| ShelfAct::Break { material, act }));
        acts.extend(Ask::ALL.map(|ask| ShelfAct::Prefer(PreferAct::Ask(ask))));
        let take = |preference| ShelfAct::Prefer(PreferAct::Take(preference));
        acts.extend(ZONES.map(|zone| take(Preference::Zone(Zone::stored(zone)))));
        acts.extend(QUIET.map(|quiet| take(Preference::Quiet(Some(quiet)))));
        acts.extend(StudyLanguage::ALL.map(|language| take(Preference::Language(Some(language)))));
        acts.extend([
            take(Preference::Quiet(None)),
            take(Preference::Level(None)),
            take(Preference::Level(Some(Level::A1))),
            take(Preference::Language(None)),
            take(Preference::Mute(true)),
            take(Preference::Mute(false)),
        ]);
        acts
    }

    #[test]
    fn every_act_survives_the_round_trip_within_what_a_button_holds() {
        for act in acts() {
            let mut writer = Writer::new(1);
            write(&mut writer, act);
            let bytes = writer.into_bytes();
            assert!(bytes.len() <= 1 + 33, "{act:?}: {} bytes", bytes.len());
            let mut reader = Reader::new(&bytes);
            reader.byte();
            let tag = reader.byte().unwrap();
            assert!(TAGS.contains(&tag));
            assert_eq!(read(&mut reader, tag), Some(act));
            assert!(reader.is_at_end());
        }
    }

    #[test]
    fn what_nobody_made_is_not_read() {
        for bytes in [&[][..], &[9], &[1, 5], &[0, 1, 5, 5, 0xff, 0xff, 0x7f], &[0, 3, 1, 1, 1]] {
            assert_eq!(read(&mut Reader::new(bytes), 62), None, "{bytes:?}");
        }
        assert_eq!(read(&mut Reader::new(&[6, 9]), 65), None);
        assert_eq!(read(&mut Reader::new(&[1, 2]), 63), None);
    }
}
