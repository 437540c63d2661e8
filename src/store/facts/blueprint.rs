//! What the migrations make, by name: read from their own text, so that it cannot be forgotten.
//!
//! Known and accepted: it reads `CREATE TABLE`, `CREATE INDEX` and their `DROP`s where they begin a
//! line, as our migrations write them; a test compares the result with databases that were made.

use std::collections::{BTreeMap, BTreeSet};

/// Of each migration its version's text, oldest first.
const SQLITE: [&str; 1] =
    [include_str!("../../../migrations/sqlite/2026-11-25-000000_library/up.sql")];
const POSTGRES: [&str; 1] =
    [include_str!("../../../migrations/postgres/2026-11-25-000000_library/up.sql")];

/// What a schema consists of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Blueprint {
    pub(super) tables: BTreeSet<String>,
    /// Each with the statement that makes it.
    pub(super) indexes: BTreeMap<String, String>,
}

impl Blueprint {
    pub(super) fn sqlite() -> Self {
        Self::read(&SQLITE)
    }

    pub(super) fn postgres() -> Self {
        Self::read(&POSTGRES)
    }

    /// Whether the database makes such a table by itself: shadows of a search index, its own
    /// notes, diesel's.
    pub(super) fn is_made_beside(&self, name: &str) -> bool {
        let is_shadow = |table: &String| {
            name.strip_prefix(table.as_str()).is_some_and(|rest| rest.starts_with('_'))
        };
        name.starts_with("sqlite_")
            || name.starts_with("__diesel")
            || self.tables.iter().any(is_shadow)
    }

    fn read(texts: &[&str]) -> Self {
        let mut blueprint = Self::default();
        for text in texts {
            let mut rest = *text;
            while !rest.is_empty() {
                blueprint.read_line(rest);
                rest = rest.split_once('\n').map_or("", |(_, after)| after);
            }
        }
        blueprint
    }

    /// The line at the front of `text`.
    fn read_line(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        let words: Vec<&str> =
            line.split([' ', '(', ';']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            ["CREATE", "TABLE", name, ..] | ["CREATE", "VIRTUAL", "TABLE", name, ..] => {
                self.tables.insert((*name).to_owned());
            }
            ["CREATE", "INDEX", name, ..] | ["CREATE", "UNIQUE", "INDEX", name, ..] => {
                let statement = text.split(';').next().unwrap_or_default();
                self.indexes.insert((*name).to_owned(), statement.to_owned());
            }
            ["DROP", "TABLE", name, ..] => {
                self.tables.remove(*name);
            }
            ["DROP", "INDEX", name, ..] => {
                self.indexes.remove(*name);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrate;

    #[test]
    fn every_migration_is_read() {
        assert_eq!(SQLITE.len(), migrate::sqlite_versions().unwrap().len());
        assert_eq!(POSTGRES.len(), migrate::postgres_versions().unwrap().len());
    }

    #[test]
    fn what_is_dropped_later_is_not_expected() {
        let blueprint = Blueprint::read(&[
            "CREATE TABLE a (\n  b INT\n);\nCREATE UNIQUE INDEX a_b ON a (b)\n  WHERE b > 0;\n",
            "CREATE INDEX a_c ON a (c);\nDROP INDEX a_b;\nCREATE TABLE d (e INT);\nDROP TABLE d;",
        ]);
        assert_eq!(blueprint.tables, BTreeSet::from(["a".to_owned()]));
        let indexes = BTreeMap::from([("a_c".to_owned(), "CREATE INDEX a_c ON a (c)".to_owned())]);
        assert_eq!(blueprint.indexes, indexes);
        assert!(blueprint.is_made_beside("a_data") && !blueprint.is_made_beside("other"));
    }
}
