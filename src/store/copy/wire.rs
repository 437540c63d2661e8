//! The binary form of PostgreSQL's COPY (its documentation: "COPY", "Binary Format").

use super::catalog::{Kind, Table};
use super::error::{CopyError, CopyResult};
use super::value::{Value, Values};

/// What each stream begins with: signature, flags, length of the header's extension.
pub const HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with.
pub const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// Microseconds from the Unix epoch to the server's, 2000-01-01.
const SERVER_EPOCH: i64 = 946_684_800_000_000;

/// Appends a row in the server's form.
pub fn encode_row(
    table: &Table,
    row: Values<'_>,
    extra: Option<&[u8]>,
    out: &mut Vec<u8>,
) -> CopyResult<()> {
    let fields = table.columns.len() + usize::from(extra.is_some());
    out.extend_from_slice(&i16::try_from(fields).unwrap_or(i16::MAX).to_be_bytes());
    let mut written = 0;
    for (index, value) in row.enumerate() {
        let Some(column) = table.columns.get(index) else { break };
        encode_value(column.kind, value, out).map_err(|what| CopyError::Value {
            place: table.column_name(index),
            what: what.to_owned(),
        })?;
        written += 1;
    }
    if written != table.columns.len() {
        return Err(CopyError::Fault(format!("a row of {} is too short", table.name)));
    }
    if let Some(extra) = extra {
        encode_bytes(extra, out)?;
    }
    Ok(())
}

fn encode_value(kind: Kind, value: Value<'_>, out: &mut Vec<u8>) -> Result<(), &'static str> {
    const TOO_LONG: &str = "it is too long";
    match (kind, value) {
        (_, Value::Null) => out.extend_from_slice(&(-1_i32).to_be_bytes()),
        (Kind::Int(16), Value::Int(number)) => {
            let number = i16::try_from(number).map_err(|_| "a number beyond 16 bits")?;
            encode_bytes(&number.to_be_bytes(), out).map_err(|_| TOO_LONG)?;
        }
        (Kind::Int(32), Value::Int(number)) => {
            let number = i32::try_from(number).map_err(|_| "a number beyond 32 bits")?;
            encode_bytes(&number.to_be_bytes(), out).map_err(|_| TOO_LONG)?;
        }
        (Kind::Int(_), Value::Int(number)) => {
            encode_bytes(&number.to_be_bytes(), out).map_err(|_| TOO_LONG)?;
        }
        (Kind::Bool, Value::Int(number @ (0 | 1))) => {
            encode_bytes(&[u8::from(number == 1)], out).map_err(|_| TOO_LONG)?;
        }
        (Kind::Bool, Value::Int(_)) => return Err("a truth value other than 0 and 1"),
        (Kind::Time, Value::Int(micros)) => {
            let micros = micros.checked_sub(SERVER_EPOCH).ok_or("a moment out of range")?;
            encode_bytes(&micros.to_be_bytes(), out).map_err(|_| TOO_LONG)?;
        }
        (Kind::Float, Value::Float(number)) => {
            encode_bytes(&number.to_be_bytes(), out).map_err(|_| TOO_LONG)?;
        }
        (Kind::Text, Value::Text(text)) if text.contains('\0') => {
            return Err("a text with a zero byte");
        }
        (Kind::Text, Value::Text(text)) => {
            encode_bytes(text.as_bytes(), out).map_err(|_| TOO_LONG)?;
        }
        (Kind::Bytes, Value::Bytes(bytes)) => encode_bytes(bytes, out).map_err(|_| TOO_LONG)?,
        _ => return Err("it is of another kind than its column"),
    }
    Ok(())
}

fn encode_bytes(bytes: &[u8], out: &mut Vec<u8>) -> CopyResult<()> {
    let length = i32::try_from(bytes.len())
        .map_err(|_| CopyError::Fault("a value is longer than 2 GiB".to_owned()))?;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

/// Takes rows out of a stream that comes in pieces.
#[derive(Default)]
pub struct Reader {
    buffer: Vec<u8>,
    /// Up to where the buffer is read.
    read: usize,
    has_begun: bool,
}

impl Reader {
    /// The next piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.read);
        self.read = 0;
        self.buffer.extend_from_slice(piece);
    }

    /// Appends the next row in the canonical form; gives whether there was a whole one.
    pub fn next_row(&mut self, table: &Table, out: &mut Vec<u8>) -> CopyResult<bool> {
        let mut rest = self.buffer.get(self.read..).unwrap_or_default();
        if !self.has_begun {
            let Some((_, after)) = rest.split_first_chunk::<19>() else { return Ok(false) };
            rest = after;
        }
        let Some((fields, mut rest)) = rest.split_first_chunk::<2>() else { return Ok(false) };
        let fields = i16::from_be_bytes(*fields);
        if fields < 0 {
            return Ok(false);
        }
        let begin = out.len();
        for index in 0..usize::try_from(fields).unwrap_or_default() {
            let Some((value, after)) = field(rest) else {
                out.truncate(begin);
                return Ok(false);
            };
            rest = after;
            let kind = table.columns.get(index).map_or(Kind::Bytes, |column| column.kind);
            decode_value(kind, value)
                .ok_or_else(|| CopyError::Value {
                    place: table.column_name(index),
                    what: "it cannot be read".to_owned(),
                })?
                .encode(out);
        }
        self.has_begun = true;
        self.read = self.buffer.len() - rest.len();
        Ok(true)
    }
}

/// A field and what follows, once both are there.
fn field(bytes: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    match usize::try_from(i32::from_be_bytes(*length)) {
        Err(_) => Some((None, rest)),
        Ok(length) => {
            let (value, rest) = rest.split_at_checked(length)?;
            Some((Some(value), rest))
        }
    }
}

fn decode_value(kind: Kind, bytes: Option<&[u8]>) -> Option<Value<'_>> {
    let Some(bytes) = bytes else { return Some(Value::Null) };
    let long = || bytes.try_into().ok().map(i64::from_be_bytes);
    Some(match kind {
        Kind::Int(16) => Value::Int(i16::from_be_bytes(bytes.try_into().ok()?).into()),
        Kind::Int(32) => Value::Int(i32::from_be_bytes(bytes.try_into().ok()?).into()),
        Kind::Int(_) => Value::Int(long()?),
        Kind::Bool => Value::Int(i64::from(*bytes.first()? != 0)),
        Kind::Time => Value::Int(long()?.checked_add(SERVER_EPOCH)?),
        Kind::Float => Value::Float(f64::from_be_bytes(bytes.try_into().ok()?)),
        Kind::Text => Value::Text(std::str::from_utf8(bytes).ok()?),
        Kind::Bytes => Value::Bytes(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::super::catalog::Column;
    use super::super::value::Batch;
    use super::*;

    const KINDS: [Kind; 7] = [
        Kind::Int(64),
        Kind::Int(32),
        Kind::Bool,
        Kind::Text,
        Kind::Time,
        Kind::Bytes,
        Kind::Float,
    ];

    fn table() -> Table {
        let column = |(place, kind): (usize, &Kind)| Column {
            name: format!("c{place}"),
            kind: *kind,
            nullable: true,
        };
        let columns = KINDS.iter().enumerate().map(column).collect();
        Table::new("t".to_owned(), columns, &["c0".to_owned()]).unwrap()
    }

    fn batch(row: &[Value<'_>]) -> Batch {
        let mut batch = Batch::default();
        batch
            .add_row(|out| {
                for value in row {
                    value.encode(out);
                }
                Ok::<bool, ()>(true)
            })
            .unwrap();
        batch
    }

    #[test]
    fn rows_pass_in_pieces_of_any_size() {
        let rows = [
            batch(&[
                Value::Int(i64::MAX),
                Value::Int(i32::MIN.into()),
                Value::Int(1),
                Value::Text("ў\n\\"),
                Value::Int(1_800_000_000_123_456),
                Value::Bytes(&[0, 1]),
                Value::Float(0.1),
            ]),
            batch(&[Value::Null; 7]),
        ];
        let table = table();
        let mut stream = HEADER.to_vec();
        for row in rows.iter().flat_map(Batch::rows) {
            encode_row(&table, row, None, &mut stream).unwrap();
        }
        stream.extend_from_slice(&TRAILER);
        for size in [1, 7, stream.len()] {
            let (mut reader, mut read) = (Reader::default(), Batch::default());
            for piece in stream.chunks(size) {
                reader.push(piece);
                while read.add_row(|out| reader.next_row(&table, out)).unwrap() {}
            }
            let mut sum = rows[0].sum;
            sum.add(rows[1].sum);
            assert_eq!(read.sum, sum, "in pieces of {size}");
        }
    }

    #[test]
    fn what_a_column_cannot_hold_is_refused() {
        let cases = [
            (1, Value::Int(1 << 40), "32 bits"),
            (2, Value::Int(2), "truth value"),
            (3, Value::Text("a\0b"), "zero byte"),
            (4, Value::Int(i64::MIN), "out of range"),
            (5, Value::Text("x"), "another kind"),
        ];
        for (place, value, said) in cases {
            let mut row = [Value::Null; 7];
            row[place] = value;
            let batch = batch(&row);
            let error = encode_row(&table(), batch.rows().next().unwrap(), None, &mut Vec::new());
            let error = error.unwrap_err().to_string();
            assert!(error.contains(said) && error.contains(&format!("t.c{place}")), "{error}");
        }
    }
}
