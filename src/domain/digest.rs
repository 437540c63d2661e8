//! The weekly digest: what came into the sections that a person follows, and when it goes out.
//!
//! Invariants: a followed section covers those below it; a material is named once, under the
//! nearest followed section above it.

use std::collections::{HashMap, HashSet};

use chrono::Weekday;

use super::ids::{CategoryId, MaterialId, SeriesId};
use super::inspection::Kind;
use super::series::Series;

/// The one digest of an installation, whoever sets it up.
pub const DIGEST: SeriesId = SeriesId(1);

/// Materials that a section of the letter names; of the others it says how many there are.
pub const SECTION_MAX: usize = 10;

/// Materials that one digest knows of: the newest.
pub const FRESH_MAX: i64 = 500;

/// How deep sections may lie in each other; what is deeper is taken for a ring.
const DEPTH_MAX: usize = 64;

/// When the digest goes out until somebody says otherwise: Mondays at nine.
pub const USUAL_DAY: Weekday = Weekday::Mon;
/// See [`USUAL_DAY`].
pub const USUAL_HOUR: u8 = 9;
/// The hours that can be chosen.
pub const HOURS: std::ops::RangeInclusive<u8> = 7..=22;

/// A material that was published lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fresh {
    /// Which.
    pub id: MaterialId,
    /// Title: hostile text.
    pub title: String,
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub category: CategoryId,
}

/// A section of the library in its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Which.
    pub id: CategoryId,
    /// The one above.
    pub parent: Option<CategoryId>,
    /// Its name: hostile text.
    pub title: String,
}

/// What came, and where it stands: the same for all readers.
#[derive(Debug, Clone, Default)]
pub struct News {
    /// Newest first, each with the sections above it, the nearest first.
    fresh: Vec<(Fresh, Vec<CategoryId>)>,
    titles: HashMap<CategoryId, String>,
}

/// The digest of one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestLetter {
    /// Followed sections with something new, by name.
    pub sections: Vec<DigestSection>,
}

/// A section in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestSection {
    /// Which.
    pub id: CategoryId,
    /// Its name: hostile text.
    pub title: String,
    /// The newest of what came, at most [`SECTION_MAX`].
    pub fresh: Vec<Fresh>,
    /// How many more came.
    pub more: usize,
}

impl News {
    /// `fresh` newest first; `sections` may hold more than those that matter.
    pub fn new(fresh: Vec<Fresh>, sections: Vec<Section>) -> Self {
        let tree: HashMap<CategoryId, Section> =
            sections.into_iter().map(|section| (section.id, section)).collect();
        let above = |id: CategoryId| {
            let next = |id: &CategoryId| tree.get(id).and_then(|section| section.parent);
            let chain = std::iter::successors(Some(id), next).take(DEPTH_MAX);
            chain.filter(|id| tree.contains_key(id)).collect::<Vec<_>>()
        };
        let fresh: Vec<_> = fresh
            .into_iter()
            .map(|it| (above(it.category), it))
            .map(|(chain, it)| (it, chain))
            .collect();
        let named: HashSet<CategoryId> =
            fresh.iter().flat_map(|(_, chain)| chain.iter().copied()).collect();
        let titles = tree.into_values().filter(|section| named.contains(&section.id));
        Self { fresh, titles: titles.map(|section| (section.id, section.title)).collect() }
    }

    /// Whether nothing came at all.
    pub fn is_empty(&self) -> bool {
        self.fresh.is_empty()
    }

    /// The letter to somebody who follows these sections; none when nothing came into them.
    pub fn letter(&self, follows: &[CategoryId]) -> Option<DigestLetter> {
        let follows: HashSet<CategoryId> = follows.iter().copied().collect();
        let mut sections: HashMap<CategoryId, DigestSection> = HashMap::new();
        for (fresh, chain) in &self.fresh {
            let Some(id) = chain.iter().copied().find(|id| follows.contains(id)) else { continue };
            let section = sections.entry(id).or_insert_with(|| DigestSection {
                id,
                title: self.titles.get(&id).cloned().unwrap_or_default(),
                fresh: Vec::new(),
                more: 0,
            });
            if section.fresh.len() < SECTION_MAX {
                section.fresh.push(fresh.clone());
            } else {
                section.more = section.more.saturating_add(1);
            }
        }
        let mut sections: Vec<DigestSection> = sections.into_values().collect();
        sections.sort_by(|one, other| (&one.title, one.id).cmp(&(&other.title, other.id)));
        (!sections.is_empty()).then_some(DigestLetter { sections })
    }
}

/// What a button of the digest's card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestAct {
    /// Show the card.
    Show,
    /// It goes out every week, or no more.
    Turn(bool),
    /// On this day from now on.
    TakeDay(Weekday),
    /// At this hour from now on.
    TakeHour(u8),
}

/// The days of the week as the card shows them.
pub const WEEKDAYS: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// What the digest's card needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DigestFacts {
    /// The digest, as long as it goes out.
    pub series: Option<Series>,
    /// The admin's time zone, if they have chosen one.
    pub zone: Option<String>,
}

/// The digest's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestCard {
    /// Whether it goes out.
    pub is_on: bool,
    /// On which day.
    pub day: Weekday,
    /// At which hour, local time.
    pub hour: u8,
    /// IANA name of the time zone.
    pub zone: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(id: i64, category: i64) -> Fresh {
        let title = format!("Unit {id}");
        Fresh { id: MaterialId(id), title, kind: Kind::Book, category: CategoryId(category) }
    }

    fn section(id: i64, parent: Option<i64>) -> Section {
        let title = format!("Section {id}");
        Section { id: CategoryId(id), parent: parent.map(CategoryId), title }
    }

    fn named(letter: &DigestLetter) -> Vec<(i64, Vec<i64>)> {
        let ids = |section: &DigestSection| section.fresh.iter().map(|it| it.id.0).collect();
        letter.sections.iter().map(|section| (section.id.0, ids(section))).collect()
    }

    /// 1 with 2 with 3 below it, and 4 beside them.
    fn tree() -> Vec<Section> {
        vec![section(1, None), section(2, Some(1)), section(3, Some(2)), section(4, None)]
    }

    #[test]
    fn a_followed_section_covers_those_below() {
        let news = News::new(vec![fresh(30, 3), fresh(20, 2), fresh(10, 1), fresh(40, 4)], tree());
        let letter = |follows: &[i64]| {
            let follows: Vec<_> = follows.iter().copied().map(CategoryId).collect();
            news.letter(&follows).map(|letter| named(&letter))
        };
        assert_eq!(letter(&[1]), Some(vec![(1, vec![30, 20, 10])]));
        assert_eq!(letter(&[3]), Some(vec![(3, vec![30])]));
        // Once, under the nearest one.
        assert_eq!(letter(&[1, 3]), Some(vec![(1, vec![20, 10]), (3, vec![30])]));
        assert_eq!(letter(&[4, 2]), Some(vec![(2, vec![30, 20]), (4, vec![40])]));
        assert_eq!(letter(&[5]), None);
        assert_eq!(letter(&[]), None);
    }

    #[test]
    fn a_long_section_says_how_many_more_there_are() {
        let news = News::new((0..25).map(|id| fresh(id, 1)).collect(), tree());
        let letter = news.letter(&[CategoryId(1)]).unwrap();
        assert_eq!((letter.sections[0].fresh.len(), letter.sections[0].more), (SECTION_MAX, 15));
    }

    #[test]
    fn a_ring_and_a_missing_section_harm_nobody() {
        let ring = vec![section(1, Some(2)), section(2, Some(1))];
        let news = News::new(vec![fresh(10, 1), fresh(90, 9)], ring);
        assert_eq!(named(&news.letter(&[CategoryId(2)]).unwrap()), [(2, vec![10])]);
        assert_eq!(news.letter(&[CategoryId(9)]), None);
    }
}
