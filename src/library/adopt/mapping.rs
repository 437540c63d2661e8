//! Which tables and columns of another bot's database hold what.
//!
//! A mapping is read from a file, or guessed from the names that Python bots commonly have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The tables and columns. A section that is missing is not imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// People.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Section>,
    /// Files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Section>,
}

/// A table and the columns of it that are read, by what they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The table.
    pub table: String,
    /// What is held, and by which column.
    #[serde(flatten)]
    pub columns: BTreeMap<String, String>,
}

/// Why a mapping is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not TOML, or not of this form.
    #[error("the mapping cannot be read: {0}; config/adopt.toml shows its form")]
    Unreadable(String),
    /// A key that means nothing.
    #[error("[{section}] has the unknown key {key}; known are table, {known}")]
    UnknownKey {
        /// `users` or `files`.
        section: &'static str,
        /// The key.
        key: String,
        /// What may be there.
        known: String,
    },
    /// A key without which nothing can be imported.
    #[error("[{section}] lacks the key {key}: name the column that holds it")]
    Missing {
        /// `users` or `files`.
        section: &'static str,
        /// The key.
        key: &'static str,
    },
    /// The other database has no such table.
    #[error("there is no table {table} ([{section}]); there are {there}")]
    NoTable {
        /// `users` or `files`.
        section: &'static str,
        /// The name.
        table: String,
        /// What there is.
        there: String,
    },
    /// The table has no such column.
    #[error("table {table} has no column {column} ([{section}] {key}); it has {there}")]
    NoColumn {
        /// `users` or `files`.
        section: &'static str,
        /// The key.
        key: String,
        /// The table.
        table: String,
        /// The name.
        column: String,
        /// What there is.
        there: String,
    },
    /// Neither people nor files were found.
    #[error(
        "no table looks like people or files (there are {0}); write a mapping, beginning with \
         config/adopt.toml, and name it with --mapping"
    )]
    NothingFound(String),
}

/// A key, and the names of columns that commonly hold it, the best first.
type Names = (&'static str, &'static [&'static str]);

const USERS: &str = "users";
const FILES: &str = "files";

const USER_TABLES: &[&str] =
    &["users", "user", "bot_users", "telegram_users", "tg_users", "bot_user", "telegram_user"];
const FILE_TABLES: &[&str] =
    &["files", "file", "materials", "documents", "books", "media", "bot_files", "library"];

/// The first one must be there.
const USER_KEYS: &[Names] = &[
    ("id", &["telegram_id", "tg_id", "user_id", "chat_id", "tg_user_id", "id"]),
    ("own_key", &["id", "pk"]),
    ("username", &["username", "user_name", "tg_username"]),
    ("first_name", &["first_name", "firstname", "full_name", "fullname", "name"]),
    ("language", &["language_code", "language", "lang", "locale"]),
    ("is_admin", &["is_admin", "admin", "is_superuser"]),
    ("is_blocked", &["is_blocked", "blocked", "is_banned", "banned"]),
    ("is_active", &["is_active", "active"]),
    ("created_at", &["created_at", "joined_at", "registered_at", "created", "date_joined"]),
    ("last_seen_at", &["last_seen_at", "last_active", "last_activity", "last_seen", "updated_at"]),
];

const FILE_KEYS: &[Names] = &[
    ("file_id", &["file_id", "telegram_file_id", "tg_file_id"]),
    ("unique_id", &["file_unique_id", "unique_id", "tg_file_unique_id"]),
    ("title", &["title", "caption", "name"]),
    ("file_name", &["file_name", "filename", "original_name", "original_filename"]),
    ("file_type", &["file_type", "type", "content_type", "kind", "media_type"]),
    ("mime_type", &["mime_type", "mime", "mimetype"]),
    ("file_size", &["file_size", "size", "filesize", "size_bytes"]),
    ("category", &["category", "category_name", "section", "folder"]),
    ("level", &["level", "cefr", "cefr_level"]),
    ("language", &["language", "lang", "language_code"]),
    ("created_at", &["created_at", "uploaded_at", "added_at", "created", "upload_date"]),
    ("uploader", &["uploaded_by", "uploader_id", "user_id", "owner_id", "added_by", "created_by"]),
];

/// Tables of the other database, with their columns.
pub type Tables = BTreeMap<String, Vec<String>>;

impl Mapping {
    /// Reads a mapping.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        toml::from_str(text).map_err(|error| MappingError::Unreadable(error.message().to_owned()))
    }

    /// What is commonly meant by these tables.
    pub fn guess(tables: &Tables) -> Result<Self, MappingError> {
        let users = guess(tables, USER_TABLES, USER_KEYS);
        let files = guess(tables, FILE_TABLES, FILE_KEYS);
        if users.is_none() && files.is_none() {
            let there: Vec<&str> = tables.keys().map(String::as_str).collect();
            return Err(MappingError::NothingFound(there.join(", ")));
        }
        Ok(Self { users, files })
    }

    /// Whether all that is named is there.
    pub fn check(&self, tables: &Tables) -> Result<(), MappingError> {
        for (section, known, of) in
            [(USERS, USER_KEYS, &self.users), (FILES, FILE_KEYS, &self.files)]
        {
            if let Some(of) = of {
                check(section, known, of, tables)?;
            }
        }
        Ok(())
    }

    /// The mapping as a file.
    pub fn shown(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}

fn guess(tables: &Tables, names: &[&str], keys: &[Names]) -> Option<Section> {
    let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
    let found = |wanted: &&str| tables.iter().find(|(name, _)| is(name, wanted));
    let (table, there) = names.iter().find_map(found)?;
    let mut columns = BTreeMap::new();
    for (key, names) in keys {
        let taken: Vec<&String> = columns.values().collect();
        let column = names.iter().find_map(|wanted| there.iter().find(|name| is(name, wanted)));
        if let Some(column) = column.filter(|column| !taken.contains(column)) {
            columns.insert((*key).to_owned(), column.clone());
        }
    }
    let (needed, _) = keys.first()?;
    columns.contains_key(*needed).then(|| Section { table: table.clone(), columns })
}

fn check(
    section: &'static str,
    known: &[Names],
    of: &Section,
    tables: &Tables,
) -> Result<(), MappingError> {
    let table = &of.table;
    let Some(there) = tables.get(table) else {
        let there: Vec<&str> = tables.keys().map(String::as_str).collect();
        let (table, there) = (table.clone(), there.join(", "));
        return Err(MappingError::NoTable { section, table, there });
    };
    for (key, column) in &of.columns {
        if !known.iter().any(|(name, _)| name == key) {
            let known: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let (key, known) = (key.clone(), known.join(", "));
            return Err(MappingError::UnknownKey { section, key, known });
        }
        if !there.contains(column) {
            let (key, table, column) = (key.clone(), table.clone(), column.clone());
            let there = there.join(", ");
            return Err(MappingError::NoColumn { section, key, table, column, there });
        }
    }
    match known.first() {
        Some((key, _)) if !of.columns.contains_key(*key) => {
            Err(MappingError::Missing { section, key })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(tables: &[(&str, &[&str])]) -> Tables {
        let columns = |columns: &[&str]| columns.iter().map(|it| (*it).to_owned()).collect();
        tables.iter().map(|(name, of)| ((*name).to_owned(), columns(of))).collect()
    }

    #[test]
    fn common_names_are_guessed() {
        let there = tables(&[
            ("users", &["id", "telegram_id", "username", "first_name", "is_active", "created_at"]),
            (
                "files",
                &["id", "file_id", "file_unique_id", "file_name", "file_type", "uploaded_by"],
            ),
            ("alembic_version", &["version_num"]),
        ]);
        let guessed = Mapping::guess(&there).unwrap();
        guessed.check(&there).unwrap();
        insta::assert_snapshot!(guessed.shown(), @r#"
        [users]
        table = "users"
        created_at = "created_at"
        first_name = "first_name"
        id = "telegram_id"
        is_active = "is_active"
        own_key = "id"
        username = "username"

        [files]
        table = "files"
        file_id = "file_id"
        file_name = "file_name"
        file_type = "file_type"
        unique_id = "file_unique_id"
        uploader = "uploaded_by"
        "#);
        assert_eq!(Mapping::parse(&guessed.shown()).unwrap(), guessed);
    }

    #[test]
    fn an_id_that_is_telegrams_is_no_key_of_its_own() {
        let there = tables(&[("users", &["id", "username"])]);
        let columns = Mapping::guess(&there).unwrap().users.unwrap().columns;
        assert_eq!(columns.get("id").map(String::as_str), Some("id"));
        assert!(!columns.contains_key("own_key"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let there = tables(&[("users", &["id"]), ("files", &["file_id"])]);
        let error = |text: &str| {
            let checked = Mapping::parse(text).and_then(|mapping| mapping.check(&there));
            checked.unwrap_err().to_string()
        };
        for (text, said) in [
            ("[users]\ntable = 'people'\nid = 'id'", "no table people"),
            ("[users]\ntable = 'users'\nid = 'uid'", "no column uid"),
            ("[users]\ntable = 'users'", "lacks the key id"),
            ("[users]\ntable = 'users'\nid = 'id'\nshoe = 'id'", "unknown key shoe"),
            ("[people]\ntable = 'users'", "cannot be read"),
            ("[users", "cannot be read"),
        ] {
            assert!(error(text).contains(said), "{text}: {}", error(text));
        }
        let other = tables(&[("songs", &["id"])]);
        assert!(Mapping::guess(&other).unwrap_err().to_string().contains("songs"));
    }

    #[test]
    fn the_example_is_a_mapping() {
        let example = include_str!("../../../config/adopt.toml");
        let mapping = Mapping::parse(example).unwrap();
        let columns = |section: &Option<Section>| {
            let section = section.clone().unwrap();
            (section.table, section.columns.into_values().collect())
        };
        let there = [columns(&mapping.users), columns(&mapping.files)].into_iter().collect();
        mapping.check(&there).unwrap();
    }
}
