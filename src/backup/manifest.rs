//! What a backup is: `manifest.json`.
//!
//! Invariants: it holds no secret; its own checksum covers all of it, so that a figure that was
//! changed is found; a manifest of a later format is refused, not guessed at.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{BackupError, disk};
use super::owner::give;
use super::seal::{Sealed, create_private, sync_folder};
use crate::domain::clock::Timestamp;

/// The format that this program writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// Its name.
pub(super) const MANIFEST: &str = "manifest.json";

/// Largest manifest that is read: names and figures, and no list.
const BYTES_MAX: u64 = 1 << 20;

/// A sort of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Backend {
    /// The name in ids, files and commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The files of the library in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCopies {
    /// Contents that the library names.
    pub count: u64,
    /// Their size, as far as they were there.
    pub bytes: u64,
    /// How many of them were not there to be copied.
    pub missing: u64,
    /// The list of their names; without it they were not copied.
    pub list: Option<Sealed>,
}

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of this file and of those beside it.
    pub format: u32,
    /// The name of the backup.
    pub id: String,
    /// Which program has made it.
    pub program: String,
    /// The sort of database.
    pub backend: Backend,
    /// The versions of its schema.
    pub schema: Vec<String>,
    /// The moment that it shows.
    pub created_at: Timestamp,
    /// Where it comes from, without passwords.
    pub source: String,
    /// The database.
    pub database: Sealed,
    /// Rows by table.
    pub rows: BTreeMap<String, i64>,
    /// The files of the library.
    pub files: FileCopies,
    /// When it was proven by restoring it; none if it was not.
    pub verified_at: Option<Timestamp>,
    /// The BLAKE3 checksum of this file with nothing in this place.
    checksum: String,
}

/// What every format has.
#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
}

impl Manifest {
    /// A manifest without proof.
    pub(super) fn new(
        (id, created_at): (&str, Timestamp),
        (program, source): (&str, &str),
        backend: Backend,
        (schema, rows): (Vec<String>, BTreeMap<String, i64>),
        (database, files): (Sealed, FileCopies),
    ) -> Self {
        Self {
            format: FORMAT,
            id: id.to_owned(),
            program: program.to_owned(),
            backend,
            schema,
            created_at,
            source: source.to_owned(),
            database,
            rows,
            files,
            verified_at: None,
            checksum: String::new(),
        }
    }

    /// Bytes of the backup on the disk, without the contents that it shares with others.
    pub fn bytes(&self) -> u64 {
        self.database.bytes.saturating_add(self.files.list.as_ref().map_or(0, |list| list.bytes))
    }

    /// All files beside the manifest.
    pub(super) fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        std::iter::once(&self.database).chain(&self.files.list)
    }

    /// All rows.
    pub fn total_rows(&self) -> i64 {
        self.rows.values().sum()
    }

    /// Reads the manifest of a backup. Blocks.
    pub(super) fn read(id: &str, folder: &Path) -> Result<Self, BackupError> {
        let damaged = |what: String| BackupError::damaged(id, MANIFEST, what);
        let path = folder.join(MANIFEST);
        let size = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damaged("it is missing".to_owned()));
            }
            Err(error) => return Err(disk("read a manifest")(error)),
        };
        if size > BYTES_MAX {
            return Err(damaged(format!("it has {size} bytes")));
        }
        let bytes = fs::read(&path).map_err(disk("read a manifest"))?;
        let any: AnyFormat =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if any.format > FORMAT {
            return Err(BackupError::NewerFormat { id: id.to_owned(), format: any.format });
        }
        let mut manifest: Self =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if manifest.checksum != manifest.own_checksum().map_err(disk("read a manifest"))? {
            return Err(damaged("its checksum is another one".to_owned()));
        }
        if manifest.id != id {
            return Err(damaged(format!("it is that of {}", manifest.id)));
        }
        if manifest.rows.is_empty() {
            // Nothing was restored for that proof.
            manifest.verified_at = None;
        }
        Ok(manifest)
    }

    /// Writes it, in place of an earlier one. Blocks.
    pub(super) fn write(&mut self, folder: &Path) -> Result<(), BackupError> {
        let writing = disk("write a manifest");
        self.checksum = self.own_checksum().map_err(&writing)?;
        let text = serde_json::to_vec_pretty(self).map_err(|error| writing(error.into()))?;
        let new = folder.join(".manifest.new");
        let write = || {
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = create_private(&new)?;
            if let Ok(old) = fs::metadata(folder.join(MANIFEST)) {
                give(&file, &old)?;
            }
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, folder.join(MANIFEST))?;
            sync_folder(folder)
        };
        write().map_err(writing)
    }

    fn own_checksum(&self) -> io::Result<String> {
        let blank = Self { checksum: String::new(), ..self.clone() };
        let text = serde_json::to_vec(&blank)?;
        Ok(blake3::hash(&text).to_hex().to_string())
    }
}
