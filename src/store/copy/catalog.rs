//! Tables as the databases themselves describe them, and whether two descriptions agree.
//!
//! Nothing here is read from our own code: a column that only one side has is found by looking.

use super::error::{CopyError, CopyResult};

/// Tables of ours that are no data: they are not copied.
pub const MIGRATIONS: &str = "__diesel_schema_migrations";
/// The table in which a copy writes down how far it is.
pub const PROGRESS: &str = "copy_progress";

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number, of so many bits at most.
    Int(u8),
    /// A truth value.
    Bool,
    /// A text.
    Text,
    /// A moment. SQLite has whole numbers for these.
    Time,
    /// Bytes.
    Bytes,
    /// A floating-point number.
    Float,
}

impl Kind {
    /// Of a declared type of SQLite.
    pub fn of_sqlite(declared: &str) -> Option<Self> {
        Some(match declared.to_ascii_uppercase().as_str() {
            "INTEGER" | "BIGINT" => Self::Int(64),
            "BOOLEAN" => Self::Bool,
            "TEXT" => Self::Text,
            "BLOB" => Self::Bytes,
            "REAL" | "DOUBLE" | "DOUBLE PRECISION" => Self::Float,
            _ => return None,
        })
    }

    /// Of a type of PostgreSQL, by its internal name.
    pub fn of_postgres(name: &str) -> Option<Self> {
        Some(match name {
            "int2" => Self::Int(16),
            "int4" => Self::Int(32),
            "int8" => Self::Int(64),
            "bool" => Self::Bool,
            "text" | "varchar" => Self::Text,
            "timestamptz" => Self::Time,
            "bytea" => Self::Bytes,
            "float8" => Self::Float,
            _ => return None,
        })
    }

    /// Whether values of one side fit into the other. SQLite declares neither widths nor moments.
    fn agrees(self, other: Self) -> bool {
        let is_number = |kind| matches!(kind, Self::Int(_) | Self::Time);
        self == other || (is_number(self) && is_number(other))
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may hold nothing.
    pub nullable: bool,
}

/// A table, with its columns in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// What is copied.
    pub columns: Vec<Column>,
    /// The primary key, as indices into the columns.
    pub key: Vec<usize>,
}

impl Table {
    /// A table of these columns with that primary key, by names.
    pub fn new(name: String, mut columns: Vec<Column>, key: &[String]) -> CopyResult<Self> {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        let index = |wanted: &String| columns.iter().position(|column| &column.name == wanted);
        let key: Option<Vec<usize>> = key.iter().map(index).collect();
        match key {
            Some(key) if !key.is_empty() => Ok(Self { name, columns, key }),
            _ => Err(CopyError::Differs(format!("table {name} has no primary key"))),
        }
    }

    /// The names of the columns, for a statement.
    pub fn column_list(&self) -> String {
        let quoted: Vec<String> = self.columns.iter().map(|it| quoted(&it.name)).collect();
        quoted.join(", ")
    }

    /// The names of the key's columns, for a statement.
    pub fn key_list(&self) -> String {
        let key = self.key.iter().filter_map(|index| self.columns.get(*index));
        key.map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
    }

    /// The place of a column.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The name of a column, for an error.
    pub fn column_name(&self, index: usize) -> String {
        let column = self.columns.get(index).map_or("?", |column| column.name.as_str());
        format!("{}.{column}", self.name)
    }
}

/// A name in a statement.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in a statement. Both databases take a backslash as it is.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether both sides have the same tables; each difference is named.
pub fn compare(source: &[Table], target: &[Table]) -> CopyResult<()> {
    let mut differences = Vec::new();
    for table in source {
        match target.iter().find(|it| it.name == table.name) {
            Some(other) => compare_columns(table, other, &mut differences),
            None => differences.push(format!("the target has no table {}", table.name)),
        }
    }
    for table in target {
        if !source.iter().any(|it| it.name == table.name) {
            differences.push(format!("the source has no table {}", table.name));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(CopyError::Differs(differences.join("; "))) }
}

fn compare_columns(source: &Table, target: &Table, differences: &mut Vec<String>) {
    let table = &source.name;
    for column in &source.columns {
        let name = &column.name;
        match target.columns.iter().find(|it| &it.name == name) {
            None => differences.push(format!("the target has no column {table}.{name}")),
            Some(it) if !it.kind.agrees(column.kind) => {
                differences.push(format!("{table}.{name} is of another type in the target"));
            }
            Some(it) if it.nullable != column.nullable => {
                differences.push(format!("{table}.{name} may be NULL on one side only"));
            }
            Some(_) => {}
        }
    }
    for column in &target.columns {
        if source.index(&column.name).is_none() {
            differences.push(format!("the source has no column {table}.{}", column.name));
        }
    }
    if source.key_list() != target.key_list() {
        differences.push(format!("{table} has another primary key in the target"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, Kind)], key: &str) -> Table {
        let column = |(name, kind): &(&str, Kind)| Column {
            name: (*name).to_owned(),
            kind: *kind,
            nullable: false,
        };
        let columns = columns.iter().map(column).collect();
        Table::new("t".to_owned(), columns, &[key.to_owned()]).unwrap()
    }

    fn difference(source: &[Table], target: &[Table]) -> String {
        compare(source, target).unwrap_err().to_string()
    }

    #[test]
    fn moments_are_numbers_in_one_of_them() {
        let lite = table(&[("id", Kind::Int(64)), ("at", Kind::Int(64))], "id");
        let pg = table(&[("at", Kind::Time), ("id", Kind::Int(32))], "id");
        compare(&[lite], &[pg]).unwrap();
    }

    #[test]
    fn each_difference_is_named() {
        let one = table(&[("id", Kind::Int(64)), ("a", Kind::Text)], "id");
        let other = table(&[("id", Kind::Int(64)), ("b", Kind::Text)], "id");
        let said = difference(std::slice::from_ref(&one), std::slice::from_ref(&other));
        assert!(said.contains("target has no column t.a"), "{said}");
        assert!(said.contains("source has no column t.b"), "{said}");
        assert!(difference(std::slice::from_ref(&one), &[]).contains("no table t"));
        let typed = table(&[("id", Kind::Int(64)), ("a", Kind::Bytes)], "id");
        assert!(difference(std::slice::from_ref(&one), &[typed]).contains("another type"));
        let keyed = table(&[("id", Kind::Int(64)), ("a", Kind::Text)], "a");
        assert!(difference(&[one], &[keyed]).contains("another primary key"));
    }
}
