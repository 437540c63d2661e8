//! What the target's index of texts needs of the rows that are copied.

use super::catalog::Table;
use super::value::{Batch, Value};
use crate::domain::search::analyse_document;

/// The table whose texts are indexed.
const PARTS: &str = "parts";

/// Whether the texts of this table are indexed with its rows.
pub fn is_indexed(table: &Table) -> bool {
    table.name == PARTS
}

/// The index tokens of each row, by its id; nothing for other tables.
pub fn indexed(table: &Table, batch: &Batch) -> Vec<(i64, String)> {
    if !is_indexed(table) {
        return Vec::new();
    }
    let (Some(id), Some(text)) = (table.index("id"), table.index("text")) else {
        return Vec::new();
    };
    let of_row = |row: Vec<Value<'_>>| match (row.get(id), row.get(text)) {
        (Some(Value::Int(id)), Some(Value::Text(text))) => Some((*id, analyse_document(text))),
        _ => None,
    };
    batch.rows().filter_map(|row| of_row(row.collect())).collect()
}

/// A `tsvector` as `insert_part` makes it, in the binary form of PostgreSQL's COPY: the tokens and
/// the words for the place of the row, each once, without positions.
pub fn tsvector(id: i64, terms: &str) -> Vec<u8> {
    let (small, large) = (format!("~s{}", id / 16_384), format!("~b{}", id / 131_072));
    let mut lexemes: Vec<&str> = terms.split(' ').filter(|term| !term.is_empty()).collect();
    lexemes.extend([small.as_str(), large.as_str()]);
    lexemes.sort_unstable();
    lexemes.dedup();
    let mut bytes = Vec::with_capacity(terms.len() + lexemes.len() * 3 + 4);
    let count = i32::try_from(lexemes.len()).unwrap_or(i32::MAX);
    bytes.extend_from_slice(&count.to_be_bytes());
    for lexeme in lexemes {
        bytes.extend_from_slice(lexeme.as_bytes());
        // The end of the text, and the number of positions.
        bytes.extend_from_slice(&[0, 0, 0]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_has_each_token_once_and_the_place() {
        let bytes = tsvector(16_384, "b a  b");
        assert_eq!(bytes, b"\0\0\0\x04a\0\0\0b\0\0\0~b0\0\0\0~s1\0\0\0");
    }
}
