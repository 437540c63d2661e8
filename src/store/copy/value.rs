//! Values and rows in one canonical form, which is the same whichever database they come from.
//!
//! A row is the values of its columns in the order of the columns' names. Whole numbers, truth
//! values and moments (microseconds since the Unix epoch) are one kind: a checksum of SQLite, which
//! does not tell them apart, equals one of PostgreSQL. The checksum of a table is the sum of its
//! rows' hashes, so that no order matters and two parts of a table add up.
//!
//! Invariant: what is decoded is what was encoded, byte for byte.

use std::fmt;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A whole number, a truth value or a moment.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

const NULL: u8 = 0;
const INT: u8 = 1;
const FLOAT: u8 = 2;
const TEXT: u8 = 3;
const BYTES: u8 = 4;

impl Value<'_> {
    /// Appends the canonical form.
    pub fn encode(self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.push(NULL),
            Self::Int(number) => {
                out.push(INT);
                out.extend_from_slice(&number.to_be_bytes());
            }
            Self::Float(number) => {
                out.push(FLOAT);
                out.extend_from_slice(&number.to_bits().to_be_bytes());
            }
            Self::Text(text) => encode_long(TEXT, text.as_bytes(), out),
            Self::Bytes(bytes) => encode_long(BYTES, bytes, out),
        }
    }
}

fn encode_long(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Reads the values of a row that [`Value::encode`] has written.
pub struct Values<'a>(&'a [u8]);

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(match tag {
            INT => Value::Int(i64::from_be_bytes(self.eight()?)),
            FLOAT => Value::Float(f64::from_bits(u64::from_be_bytes(self.eight()?))),
            TEXT => Value::Text(std::str::from_utf8(self.long()?).ok()?),
            BYTES => Value::Bytes(self.long()?),
            _ => Value::Null,
        })
    }
}

impl<'a> Values<'a> {
    fn eight(&mut self) -> Option<[u8; 8]> {
        let (bytes, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(*bytes)
    }

    fn long(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(u64::from_be_bytes(self.eight()?)).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

/// Rows and their checksum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many rows.
    pub rows: u64,
    /// The sum of their hashes.
    pub hash: u128,
}

impl Sum {
    /// Adds a row in its canonical form.
    pub fn add_row(&mut self, row: &[u8]) {
        let hash = blake3::hash(row);
        let half = hash.as_bytes().first_chunk::<16>().copied().unwrap_or_default();
        self.add(Self { rows: 1, hash: u128::from_be_bytes(half) });
    }

    /// Adds the rows of another part of the table.
    pub fn add(&mut self, other: Self) {
        self.rows = self.rows.saturating_add(other.rows);
        self.hash = self.hash.wrapping_add(other.hash);
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.hash)
    }
}

/// Rows that are written together.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    /// Where each row ends.
    ends: Vec<usize>,
    /// Rows and checksum.
    pub sum: Sum,
    /// Whether the table ends here.
    pub is_last: bool,
}

impl Batch {
    /// Appends a row, whose values `encode` writes if there is one; gives whether there was.
    pub fn add_row<E>(
        &mut self,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let begin = self.bytes.len();
        if !encode(&mut self.bytes)? {
            return Ok(false);
        }
        self.sum.add_row(self.bytes.get(begin..).unwrap_or_default());
        self.ends.push(self.bytes.len());
        Ok(true)
    }

    /// Whether it is worth a transaction.
    pub fn is_full(&self, limits: Limits) -> bool {
        self.ends.len() >= limits.rows || self.bytes.len() >= limits.bytes
    }

    /// Whether there is no row.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = Values<'_>> {
        let mut begin = 0;
        self.ends.iter().map(move |&end| {
            let row = self.bytes.get(begin..end).unwrap_or_default();
            begin = end;
            Values(row)
        })
    }

    /// The last row.
    pub fn last_row(&self) -> Option<Values<'_>> {
        let end = *self.ends.last()?;
        let before = self.ends.len().checked_sub(2).and_then(|index| self.ends.get(index));
        Some(Values(self.bytes.get(before.copied().unwrap_or(0)..end)?))
    }
}

/// How large a batch may become.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows.
    pub rows: usize,
    /// Bytes of their canonical form.
    pub bytes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(rows: &[&[Value<'_>]]) -> Batch {
        let mut batch = Batch::default();
        for row in rows {
            let encode = |out: &mut Vec<u8>| {
                for value in *row {
                    value.encode(out);
                }
                Ok::<bool, ()>(true)
            };
            batch.add_row(encode).unwrap();
        }
        batch
    }

    #[test]
    fn rows_come_back_as_they_went() {
        let first = [
            Value::Null,
            Value::Int(i64::MIN),
            Value::Float(-0.0),
            Value::Text("O‘zbekcha 😀"),
            Value::Bytes(&[0, 255, 3]),
        ];
        let second = [Value::Text(""), Value::Bytes(&[]), Value::Int(i64::MAX)];
        let batch = batch(&[&first, &second]);
        let rows: Vec<Vec<Value<'_>>> = batch.rows().map(Iterator::collect).collect();
        assert_eq!(rows, [first.to_vec(), second.to_vec()]);
        assert_eq!(batch.last_row().unwrap().collect::<Vec<_>>(), second);
        assert_eq!(batch.sum.rows, 2);
    }

    #[test]
    fn a_checksum_knows_values_and_no_order() {
        let (a, b) = ([Value::Int(1), Value::Text("x")], [Value::Int(2), Value::Text("")]);
        let sum = batch(&[&a, &b]).sum;
        assert_eq!(sum, batch(&[&b, &a]).sum);
        let mut parts = batch(&[&a]).sum;
        parts.add(batch(&[&b]).sum);
        assert_eq!(sum, parts);
        // Neither may values slip from one column into the next, nor be of another kind.
        let others: [[Value<'_>; 2]; 3] = [
            [Value::Text("x"), Value::Int(1)],
            [Value::Int(1), Value::Bytes(b"x")],
            [Value::Int(1), Value::Null],
        ];
        for other in others {
            assert_ne!(batch(&[&a]).sum.hash, batch(&[&other]).sum.hash);
        }
    }
}
