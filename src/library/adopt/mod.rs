//! People and files of a bot that was there before.
//!
//! People come as learners or admins, and files onto the shelf at once, for Telegram delivers them by
//! their handles; a job for each then fetches it, looks into it and makes it searchable inside.
//!
//! Invariants: begun again, it adds nothing that is there; each row is either imported or reported;
//! a dry run writes nothing. A `file_id` is good for the bot that was given it and for no other, so
//! that the token must stay the same.

mod mapping;
mod reading;

use std::collections::{BTreeMap, HashMap, HashSet};

pub use mapping::{Mapping, MappingError, Section};
use reading::{Fields, ForeignFile};

use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::domain::effect::{JobKind, NewJob};
use crate::domain::ids::{CategoryId, IdSource, JobId, MaterialId, UserId};
use crate::domain::inspection::Inspection;
use crate::domain::job::{NOBODY, Priority};
use crate::domain::material::{Description, name_key};
use crate::library::terms;
use crate::store::foreign::{Foreign, ForeignRows};
use crate::store::records::{AdoptedFile, AdoptedPerson, NewMaterial};
use crate::store::{Db, StoreError};

/// Rows of one read.
const PAGE: usize = 2_000;
/// Files of one transaction.
const FILES: usize = 200;
/// Examples of each reason.
const EXAMPLES: usize = 3;

/// Why rows were passed over, or changed: how often, and the first of them.
#[derive(Debug, Default)]
pub struct Reasons(pub BTreeMap<String, (usize, Vec<String>)>);

impl Reasons {
    fn note(&mut self, reason: &str, example: String) {
        let (count, examples) = self.0.entry(reason.to_owned()).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(example);
        }
    }
}

/// What came of a table.
#[derive(Debug, Default)]
pub struct Tally {
    /// Rows that were read.
    pub read: usize,
    /// Rows that were imported, or would be.
    pub imported: usize,
    /// Rows that were passed over.
    pub skipped: Reasons,
    /// What was strange about those that were imported.
    pub remarks: Reasons,
}

/// An adoption under way.
pub struct Adoption<'a> {
    /// The other bot's database.
    pub source: &'a Foreign,
    /// Ours.
    pub db: &'a Db,
    /// The queue of the jobs.
    pub queue: String,
    /// Writes nothing.
    pub dry_run: bool,
    /// Told how many rows were read.
    pub on_rows: &'a mut (dyn FnMut(usize) + Send),
    /// Telegram's ids of people, by the other database's own keys.
    pub people: HashMap<i64, i64>,
}

impl Adoption<'_> {
    /// Imports people.
    pub async fn users(&mut self, section: &Section) -> Result<Tally, StoreError> {
        let (mut tally, mut seen, now) = (Tally::default(), HashSet::new(), SystemClock.now());
        let mut pages = self.pages(section).await?;
        loop {
            let rows = pages.next().await?;
            if rows.is_empty() {
                return Ok(tally);
            }
            let (count, mut batch) = (rows.len(), Vec::new());
            for row in &rows {
                let fields = Fields::new(section, row);
                let row = format!("{} {}", section.table, fields.shown("id"));
                match reading::person(&fields, now) {
                    Err(reason) => tally.skipped.note(reason, row),
                    Ok(read) => {
                        let own = fields.get("own_key").and_then(|key| key.parse().ok());
                        self.people.extend(own.map(|own: i64| (own, read.value.id.0)));
                        if !seen.insert(read.value.id) {
                            tally.skipped.note("the same Telegram id as another row", row);
                            continue;
                        }
                        batch.push((read, row));
                    }
                }
            }
            self.add_people(batch, &mut tally, now).await?;
            tally.read += count;
            (self.on_rows)(count);
        }
    }

    async fn add_people(
        &self,
        batch: Vec<(reading::Read<AdoptedPerson>, String)>,
        tally: &mut Tally,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let people: Vec<AdoptedPerson> = batch.iter().map(|(read, _)| read.value.clone()).collect();
        let added: HashSet<i64> = if self.dry_run {
            let ids: Vec<i64> = people.iter().map(|person| person.id.0).collect();
            let known: HashSet<i64> =
                self.db.people_known(ids.clone()).await?.into_iter().collect();
            ids.into_iter().filter(|id| !known.contains(id)).collect()
        } else {
            self.db.adopt_people(people, now).await?.into_iter().collect()
        };
        for (read, row) in batch {
            if !added.contains(&read.value.id.0) {
                tally.skipped.note("known already", row);
                continue;
            }
            tally.imported += 1;
            for remark in read.remarks {
                tally.remarks.note(remark, row.clone());
            }
        }
        Ok(())
    }

    /// Imports files; people must have come before.
    pub async fn files(&mut self, section: &Section) -> Result<Tally, StoreError> {
        let (mut tally, now) = (Tally::default(), SystemClock.now());
        let mut known = Handles::read(self.db).await?;
        let mut sections = Sections::default();
        let ids = IdSource::new(now.timestamp_micros());
        let mut pages = self.pages(section).await?;
        loop {
            let rows = pages.next().await?;
            if rows.is_empty() {
                return Ok(tally);
            }
            let (count, mut batch) = (rows.len(), Vec::new());
            for row in &rows {
                let fields = Fields::new(section, row);
                let row = format!("{} {}", section.table, fields.shown("file_id"));
                let read = match reading::file(&fields, now) {
                    Err(reason) => {
                        tally.skipped.note(reason, row);
                        continue;
                    }
                    Ok(read) => read,
                };
                if !known.insert(&read.value) {
                    tally.skipped.note("known already, or the same as another row", row);
                    continue;
                }
                for remark in read.remarks {
                    tally.remarks.note(remark, row.clone());
                }
                tally.imported += 1;
                if !self.dry_run {
                    batch.push(self.adopted(read.value, &ids, &mut sections, now).await?);
                }
                if batch.len() >= FILES {
                    let batch = std::mem::take(&mut batch);
                    self.db.adopt_files(batch, self.queue.clone(), now).await?;
                }
            }
            if !batch.is_empty() {
                self.db.adopt_files(batch, self.queue.clone(), now).await?;
            }
            tally.read += count;
            (self.on_rows)(count);
        }
    }

    async fn pages(&self, section: &Section) -> Result<ForeignRows, StoreError> {
        let columns: Vec<&str> = section.columns.values().map(String::as_str).collect();
        // Of two that are the same the older one counts, and what is newest is published last.
        let first = section.columns.get("created_at").map(String::as_str);
        self.source.rows(&section.table, &columns, first, PAGE).await
    }

    async fn adopted(
        &self,
        file: ForeignFile,
        ids: &IdSource,
        sections: &mut Sections,
        now: Timestamp,
    ) -> Result<AdoptedFile, StoreError> {
        let category = match &file.category {
            Some(name) => Some(sections.id_of(self.db, ids, name, now).await?),
            None => None,
        };
        let id = MaterialId(ids.next(now));
        let of = |key: i64| UserId(self.people.get(&key).copied().unwrap_or(key));
        let material = NewMaterial {
            id,
            terms: terms::of_material(&file.title, ""),
            description: Description {
                title: Some(file.title),
                category,
                category_title: None,
                level: file.level,
                language: file.language,
                tags: Vec::new(),
            },
            uploader: file.uploader.map_or(UserId(0), of),
            hash: None,
            inspection: Inspection {
                media_type: file.file.mime.clone().unwrap_or_default(),
                kind: file.kind,
                ..Inspection::default()
            },
            preview: None,
            part_terms: Vec::new(),
            file: file.file,
        };
        let job = NewJob {
            id: JobId(ids.next(now)),
            kind: JobKind::AdoptFile { material: id },
            fairness_key: NOBODY,
            priority: Priority::Housekeeping,
            not_before: None,
        };
        Ok(AdoptedFile { material, created_at: file.created_at, job })
    }
}

/// Which files the library has.
struct Handles {
    file_ids: HashSet<String>,
    unique_ids: HashSet<String>,
}

impl Handles {
    async fn read(db: &Db) -> Result<Self, StoreError> {
        let (file_ids, unique_ids) = db.handles_known().await?.into_iter().unzip();
        Ok(Self { file_ids, unique_ids })
    }

    /// Gives whether it is new.
    fn insert(&mut self, file: &ForeignFile) -> bool {
        let (id, unique_id) = (&file.file.file_id, &file.file.unique_id);
        if self.file_ids.contains(id)
            || (!unique_id.is_empty() && self.unique_ids.contains(unique_id))
        {
            return false;
        }
        self.file_ids.insert(id.clone());
        self.unique_ids.insert(unique_id.clone());
        true
    }
}

/// The sections at the top, by their names.
#[derive(Default)]
struct Sections(HashMap<String, CategoryId>);

impl Sections {
    /// The one of that name, made if it is missing.
    async fn id_of(
        &mut self,
        db: &Db,
        ids: &IdSource,
        name: &str,
        now: Timestamp,
    ) -> Result<CategoryId, StoreError> {
        let key = name_key(name);
        if let Some(id) = self.0.get(&key) {
            return Ok(*id);
        }
        let children = db.category_children(None).await?;
        let known = children.into_iter().find(|it| name_key(&it.title) == key).map(|it| it.id);
        let id = if let Some(id) = known {
            id
        } else {
            let id = CategoryId(ids.next(now));
            db.category_create(id, None, name.to_owned(), now).await?;
            id
        };
        self.0.insert(key, id);
        Ok(id)
    }
}
