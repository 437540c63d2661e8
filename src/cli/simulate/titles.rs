//! A large library for drills, the same for the same seed: titles and texts of made-up words, of
//! which few are common and most are rare, as in a language (Zipf's law).

use std::collections::HashSet;

use tokio::time::Instant;

use super::error::DrillError;
use crate::cli::progress::Progress;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::event::{FileClass, FileRef};
use crate::domain::ids::{IdSource, MaterialId, UserId};
use crate::domain::inspection::{Inspection, Kind, PartKind, TextPart};
use crate::domain::material::{Description, Level, StudyLanguage};
use crate::domain::search::analyse_document;
use crate::library::terms;
use crate::store::Db;
use crate::store::records::NewMaterial;

/// Words that a library is made of.
const VOCABULARY: usize = 30_000;
/// The first words of a language are not as common as Zipf's law alone would have them.
const FLATTENED: f64 = 8.0;
/// Materials of one transaction, and of one with texts.
const BATCH: usize = 500;
const BATCH_OF_TEXTS: usize = 50;
/// Words of a part: about a third of a page.
const PART_WORDS: usize = 80;
/// Editors.
const AUTHORS: i64 = 40;

/// How large a library is.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Materials with titles and tags only.
    pub titles: usize,
    /// Materials with texts.
    pub texts: usize,
    /// Parts of each of these.
    pub parts: usize,
}

impl Plan {
    /// Titles only.
    pub const fn titles(titles: usize) -> Self {
        Self { titles, texts: 0, parts: 0 }
    }
}

/// What a library was made of.
pub struct Filled {
    /// Its words, the most common first.
    pub words: Words,
    /// Parts that were indexed each second; none where there are no texts.
    pub parts_a_second: Option<u64>,
}

/// Fills a database with published titles; gives words to search for.
pub async fn fill(db: &Db, count: usize) -> Result<Vec<String>, DrillError> {
    Ok(fill_with(db, Plan::titles(count)).await?.words.words)
}

/// Fills a database: first titles, then texts, which are the newest.
pub async fn fill_with(db: &Db, plan: Plan) -> Result<Filled, DrillError> {
    let mut random = fastrand::Rng::with_seed(7);
    let words = Words::new(&mut random);
    let ids = IdSource::new(7);
    import(db, plan.titles, BATCH, |now| title(&words, &mut random, ids.next(now))).await?;
    let begun = Instant::now();
    let parts = plan.parts;
    import(db, plan.texts, BATCH_OF_TEXTS, |now| book(&words, &mut random, ids.next(now), parts))
        .await?;
    let seconds = begun.elapsed().as_secs().max(1);
    let indexed = u64::try_from(plan.texts.saturating_mul(parts)).unwrap_or(u64::MAX);
    Ok(Filled { words, parts_a_second: (indexed > 0).then_some(indexed / seconds) })
}

async fn import(
    db: &Db,
    count: usize,
    batch_size: usize,
    mut make: impl FnMut(crate::domain::clock::Timestamp) -> NewMaterial,
) -> Result<(), DrillError> {
    let mut progress = Progress::begin("library", count);
    let mut written = 0;
    while written < count {
        let now = SystemClock.now();
        let size = batch_size.min(count - written);
        let batch = (0..size).map(|_| make(now)).collect::<Vec<_>>();
        db.materials_import(batch, now).await?;
        written += size;
        let position = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        progress.show(position(written), position(count));
    }
    Ok(())
}

/// The words of a library, the most common first.
#[derive(Debug, Clone)]
pub struct Words {
    words: Vec<String>,
    /// 0, 1, 2 and so on, to find the place of a fraction.
    ranks: Vec<f64>,
}

impl Words {
    /// Pronounceable words, the shorter first.
    pub fn new(random: &mut fastrand::Rng) -> Self {
        const HEADS: [&str; 16] =
            ["b", "br", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v"];
        const TAILS: [&str; 10] = ["a", "an", "e", "el", "i", "in", "o", "or", "u", "um"];
        let mut seen = HashSet::new();
        let mut words = Vec::with_capacity(VOCABULARY);
        while words.len() < VOCABULARY {
            let mut word = String::new();
            for _ in 0..random.usize(2..=4) {
                word.push_str(random.choice(HEADS).unwrap_or_default());
                word.push_str(random.choice(TAILS).unwrap_or_default());
            }
            if seen.insert(word.clone()) {
                words.push(word);
            }
        }
        let ranks = (0..u32::try_from(VOCABULARY).unwrap_or(u32::MAX)).map(f64::from).collect();
        Self { words, ranks }
    }

    /// How many words there are.
    pub const fn len(&self) -> usize {
        self.words.len()
    }

    /// One of the first `among` words.
    pub fn among(&self, random: &mut fastrand::Rng, among: usize) -> &str {
        self.at(random.usize(..among.min(self.len()).max(1)))
    }

    /// A word as often as it stands in texts.
    pub fn usual(&self, random: &mut fastrand::Rng) -> &str {
        // The number of words is far below where either conversion would lose anything.
        let count = f64::from(u32::try_from(self.len()).unwrap_or(u32::MAX));
        let span = (count + FLATTENED) / FLATTENED;
        let wanted = FLATTENED * span.powf(random.f64()) - FLATTENED;
        let rank = self.ranks.partition_point(|rank| *rank <= wanted).saturating_sub(1);
        self.at(rank.min(self.len().saturating_sub(1)))
    }

    fn at(&self, rank: usize) -> &str {
        self.words.get(rank).map(String::as_str).unwrap_or_default()
    }

    /// So many words of a text.
    pub fn phrase(&self, random: &mut fastrand::Rng, words: usize) -> String {
        (0..words).map(|_| self.usual(random)).collect::<Vec<_>>().join(" ")
    }
}

fn title(words: &Words, random: &mut fastrand::Rng, id: i64) -> NewMaterial {
    let count = random.usize(3..=6);
    let title = words.phrase(random, count);
    let tag = words.among(random, 100);
    let mut material = published(id, format!("file-{id}"), &title, tag);
    material.uploader = UserId(random.i64(1..=AUTHORS));
    material.file.size = Some(random.u64(10_000..10_000_000));
    material.description.level = random.choice(Level::ALL);
    material.description.language = random.choice(StudyLanguage::ALL);
    material.inspection.kind = random.choice(Kind::ALL).unwrap_or(Kind::Book);
    material.inspection.pages = Some(random.u32(1..400));
    material
}

fn book(words: &Words, random: &mut fastrand::Rng, id: i64, parts: usize) -> NewMaterial {
    let mut material = title(words, random, id);
    material.inspection.part_kind = PartKind::Page;
    let pages = (1..).take(parts).map(|number| TextPart {
        number,
        label: None,
        text: words.phrase(random, PART_WORDS),
    });
    material.inspection.parts = pages.collect();
    let terms = |part: &TextPart| analyse_document(&part.text);
    material.part_terms = material.inspection.parts.iter().map(terms).collect();
    material
}

/// A published book without text.
pub fn published(id: i64, file_id: String, title: &str, tag: &str) -> NewMaterial {
    NewMaterial {
        id: MaterialId(id),
        file: FileRef {
            file_id,
            unique_id: format!("unique-{id}"),
            class: FileClass::Document,
            name: None,
            mime: None,
            size: Some(20_000),
            duration_s: None,
            title: None,
            performer: None,
        },
        terms: terms::of_material(title, tag),
        description: Description {
            title: Some(title.to_owned()),
            category: None,
            category_title: None,
            level: None,
            language: Some(StudyLanguage::En),
            tags: vec![tag.to_owned()],
        },
        uploader: UserId(1),
        hash: None,
        preview: None,
        inspection: Inspection {
            media_type: "application/pdf".to_owned(),
            kind: Kind::Book,
            pages: Some(1),
            ..Inspection::default()
        },
        part_terms: Vec::new(),
    }
}
