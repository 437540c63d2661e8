//! Copies a database into another one, of the same or of the other kind.
//!
//! The way of a copy: schema (migrations of the target), tables (secondary indexes and references
//! are taken away, rows go over batch by batch), search (the index of titles; texts are indexed with
//! their rows), indexes, counters, verification. How far it is stands in the target's own table
//! `copy_progress`, which is there from the first row to the last word and no longer.
//!
//! Invariants:
//!
//! - The source is read in one snapshot and never written.
//! - A batch and the word of it are one transaction: whatever kills the copy, each row is there once
//!   or not at all.
//! - A copy goes on only if what it has copied is what the new snapshot has up to there, which is
//!   seen by reading it again and comparing the checksums. So the outcome is always one snapshot.
//! - As long as the copy has not ended, no bot starts on the target: see [`super::standing`].
//!
//! Race known and accepted: a bot that starts on the source during the copy is noticed at its end,
//! by its lease, and the copy then fails; one that starts and stops meanwhile is not noticed, and
//! what it has written stays behind.

mod catalog;
mod engine;
mod error;
mod lite;
mod pg;
mod search;
mod side;
mod value;
mod wire;

use serde::{Deserialize, Serialize};

use catalog::{Table, literal, quoted};
pub use engine::{checksum, copy};
pub use error::{CopyError, End};
pub use value::Sum;
use value::{Value, Values};

use super::StoreConfig;

/// What is to be copied, and how.
#[derive(Clone)]
pub struct CopyPlan {
    /// What is read.
    pub from: StoreConfig,
    /// What is written: empty, or an unfinished copy to resume.
    pub to: StoreConfig,
    /// Goes on with what was broken off, if anything was.
    pub resume: bool,
    /// Reads the target again at the end.
    pub verify: bool,
    /// Rows of one transaction at most.
    pub batch_rows: usize,
}

/// Who looks on.
pub trait Watcher: Send {
    /// Something new begins.
    fn phase(&mut self, what: &str);
    /// So many rows of so many are over.
    fn rows(&mut self, done: u64, all: u64);
    /// Whether to stop after this batch.
    fn is_stopped(&self) -> bool;
}

/// What came of a table.
#[derive(Debug, Clone)]
pub struct TableReport {
    /// Its name.
    pub name: String,
    /// What was read.
    pub source: Sum,
    /// What the target holds, if that was read again.
    pub target: Option<Sum>,
    /// How long its rows took, in seconds; earlier runs of a resumed copy do not count.
    pub seconds: f64,
}

/// Makes the table of the copy's own words.
const MAKE_PROGRESS: &str = "CREATE TABLE IF NOT EXISTS copy_progress (
    name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)";

/// The name of the phase among these words.
const PHASE: &str = "phase";

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Tables,
    Search,
    Indexes,
    Verify,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Tables, Self::Search, Self::Indexes, Self::Verify];

    const fn name(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Search => "search",
            Self::Indexes => "indexes",
            Self::Verify => "verify",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

/// A statement that gives back what was taken away.
struct Ddl {
    key: String,
    statement: String,
}

impl Ddl {
    const PREFIX: &str = "ddl:";

    fn key(number: usize) -> String {
        format!("{}{number:05}", Self::PREFIX)
    }
}

/// A value of a primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum KeyPart {
    Int(i64),
    Text(String),
}

/// A primary key.
type Key = Vec<KeyPart>;

/// The key of a row.
fn key_of(table: &Table, row: Values<'_>) -> Option<Key> {
    let values: Vec<Value<'_>> = row.collect();
    let part = |index: &usize| match values.get(*index)? {
        Value::Int(number) => Some(KeyPart::Int(*number)),
        Value::Text(text) => Some(KeyPart::Text((*text).to_owned())),
        _ => None,
    };
    table.key.iter().map(part).collect()
}

/// Which rows of a table.
enum Range {
    All,
    After(Key),
    UpTo(Key),
}

impl Range {
    fn select(&self, table: &Table) -> String {
        let (columns, name, key) = (table.column_list(), quoted(&table.name), table.key_list());
        let values = |key: &Key| {
            let part = |part: &KeyPart| match part {
                KeyPart::Int(number) => number.to_string(),
                KeyPart::Text(text) => literal(text),
            };
            key.iter().map(part).collect::<Vec<_>>().join(", ")
        };
        let condition = match self {
            Self::All => String::new(),
            Self::After(last) => format!("WHERE ({key}) > ({})", values(last)),
            Self::UpTo(last) => format!("WHERE ({key}) <= ({})", values(last)),
        };
        format!("SELECT {columns} FROM {name} {condition} ORDER BY {key}")
    }
}

/// How far a table is, as it stands among the words.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct TableMark {
    rows: u64,
    hash: String,
    after: Option<Key>,
}

impl TableMark {
    const PREFIX: &str = "table:";

    fn new(sum: Sum, after: Option<Key>) -> Self {
        Self { rows: sum.rows, hash: sum.to_string(), after }
    }

    fn sum(&self) -> Option<Sum> {
        let hash = u128::from_str_radix(&self.hash, 16).ok()?;
        Some(Sum { rows: self.rows, hash })
    }
}
