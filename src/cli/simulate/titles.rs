//! A large library for drills: titles of made-up words, the same for the same seed.

use std::collections::BTreeSet;

use super::error::DrillError;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::event::{FileClass, FileRef};
use crate::domain::ids::{IdSource, MaterialId, UserId};
use crate::domain::inspection::{Inspection, Kind};
use crate::domain::material::{Description, Level, StudyLanguage};
use crate::library::terms;
use crate::store::Db;
use crate::store::records::NewMaterial;

/// Words that titles are made of.
const VOCABULARY: usize = 6_000;
/// Materials of one transaction.
const BATCH: usize = 500;
/// Some words are common, most are rare: of each title, one word comes from the first hundred.
const COMMON: usize = 100;

/// Fills a database with `count` published titles; gives words to search for.
pub async fn fill(db: &Db, count: usize) -> Result<Vec<String>, DrillError> {
    let mut random = fastrand::Rng::with_seed(7);
    let words = words(&mut random);
    let ids = IdSource::new(7);
    let mut written = 0;
    while written < count {
        let now = SystemClock.now();
        let size = BATCH.min(count - written);
        let batch =
            (0..size).map(|_| material(&words, &mut random, ids.next(now))).collect::<Vec<_>>();
        db.materials_import(batch, now).await?;
        written += size;
        if written % 10_000 == 0 {
            crate::cli::say(&format!("library: {written} of {count} titles"));
        }
    }
    Ok(words)
}

/// Pronounceable words, the shorter first.
fn words(random: &mut fastrand::Rng) -> Vec<String> {
    const HEADS: [&str; 16] =
        ["b", "br", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v"];
    const TAILS: [&str; 10] = ["a", "an", "e", "el", "i", "in", "o", "or", "u", "um"];
    let mut words = BTreeSet::new();
    while words.len() < VOCABULARY {
        let syllables = random.usize(2..=4);
        let mut word = String::new();
        for _ in 0..syllables {
            word.push_str(random.choice(HEADS).unwrap_or_default());
            word.push_str(random.choice(TAILS).unwrap_or_default());
        }
        words.insert(word);
    }
    let mut words: Vec<String> = words.into_iter().collect();
    random.shuffle(&mut words);
    words
}

fn material(words: &[String], random: &mut fastrand::Rng, id: i64) -> NewMaterial {
    let mut picked: Vec<&str> = vec![pick(words, random, COMMON)];
    for _ in 0..random.usize(2..=4) {
        picked.push(pick(words, random, words.len()));
    }
    let title = picked.join(" ");
    let tag = pick(words, random, COMMON);
    let mut material = published(id, format!("file-{id}"), &title, tag);
    material.file.size = Some(random.u64(10_000..10_000_000));
    material.description.level = random.choice(Level::ALL);
    material.inspection.pages = Some(random.u32(1..400));
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

fn pick<'a>(words: &'a [String], random: &mut fastrand::Rng, among: usize) -> &'a str {
    let index = random.usize(..among.min(words.len()).max(1));
    words.get(index).map(String::as_str).unwrap_or_default()
}
