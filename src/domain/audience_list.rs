//! Chats of an audience, as an admin lists them in a file: how its text is read.
//!
//! One id a line, or the first column of a table with commas, semicolons or tabs; UTF-8, or UTF-16
//! with a byte order mark or without. A first line that is no id is taken for a heading. Invariants:
//! memory does not grow with the file or with a line; what is no text is refused as a whole.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::ids::{AudienceListId, BroadcastId, ChatId};

/// Most lines of a file.
pub const LINES_MAX: u64 = 5_000_000;

/// Largest file, in bytes: what Telegram's own server gives to bots.
pub const FILE_MAX_BYTES: u64 = 20 << 20;

/// Longest first column that can be an id, in bytes.
const FIELD_MAX_BYTES: usize = 40;

/// Telegram's ids have at most 52 bits.
const ID_MAX: i64 = 1 << 52;

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReport {
    /// The list.
    pub list: AudienceListId,
    /// The broadcast in the making.
    pub broadcast: BroadcastId,
    /// What came of it.
    pub outcome: ListOutcome,
}

/// What came of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOutcome {
    /// The chats are in the list.
    Read {
        /// How many.
        chats: u64,
        /// Lines that name one of them again.
        repeated: u64,
        /// Lines that are no id.
        odd: u64,
        /// The number of the first of those, from 1.
        first_odd: Option<u64>,
    },
    /// The file was not taken.
    Refused(ListRefusal),
    /// It could not be fetched or read.
    Failed,
}

/// Why a file was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRefusal {
    /// More than [`FILE_MAX_BYTES`].
    TooLarge,
    /// More than [`LINES_MAX`].
    TooManyLines,
    /// Not a text.
    NotText,
    /// No line is an id.
    Nobody,
    /// There is no room for it here.
    NoSpace,
}

/// The lines so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lines {
    /// All of them.
    pub lines: u64,
    /// Ids, repeated ones included.
    pub ids: u64,
    /// What is neither an id nor empty nor a heading.
    pub odd: u64,
    /// The first of those, from 1.
    pub first_odd: Option<u64>,
}

/// Reads a list piece by piece.
pub struct ListReader {
    decoder: Option<Decoder>,
    text: String,
    /// The first column of the line so far.
    field: String,
    /// What of the line is being read.
    place: Place,
    /// The last character was a carriage return.
    returned: bool,
    lines: Lines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The first column.
    Field,
    /// The first column, which is too long to be an id.
    LongField,
    /// What is behind it.
    Rest,
}

impl Default for ListReader {
    fn default() -> Self {
        Self {
            decoder: None,
            text: String::with_capacity(8 * 1024),
            field: String::with_capacity(FIELD_MAX_BYTES),
            place: Place::Field,
            returned: false,
            lines: Lines::default(),
        }
    }
}

impl ListReader {
    /// The next bytes of the file; the first piece has at least two, if the file does. Adds what it
    /// finds to `chats`.
    pub fn push(&mut self, bytes: &[u8], chats: &mut Vec<ChatId>) -> Result<(), ListRefusal> {
        self.decode(bytes, false, chats)
    }

    /// The file is over.
    pub fn finish(&mut self, chats: &mut Vec<ChatId>) -> Result<Lines, ListRefusal> {
        self.decode(&[], true, chats)?;
        if !self.field.is_empty() || self.place != Place::Field {
            self.end_line(chats)?;
        }
        Ok(self.lines)
    }

    fn decode(
        &mut self,
        mut bytes: &[u8],
        is_last: bool,
        chats: &mut Vec<ChatId>,
    ) -> Result<(), ListRefusal> {
        let mut decoder = self
            .decoder
            .take()
            .unwrap_or_else(|| encoding_of(bytes).new_decoder_with_bom_removal());
        let mut text = std::mem::take(&mut self.text);
        loop {
            let (result, read, _) = decoder.decode_to_string(bytes, &mut text, is_last);
            for letter in text.chars() {
                self.take(letter, chats)?;
            }
            text.clear();
            bytes = bytes.get(read..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        (self.decoder, self.text) = (Some(decoder), text);
        Ok(())
    }

    fn take(&mut self, letter: char, chats: &mut Vec<ChatId>) -> Result<(), ListRefusal> {
        let after_return = std::mem::replace(&mut self.returned, letter == '\r');
        match letter {
            '\n' if after_return => Ok(()),
            '\n' | '\r' => self.end_line(chats),
            '\t' | ',' | ';' if self.place != Place::Rest && !self.is_quoted() => {
                if self.place == Place::Field {
                    self.place = Place::Rest;
                }
                Ok(())
            }
            '\t' => Ok(()),
            letter if letter.is_control() => Err(ListRefusal::NotText),
            letter if self.place == Place::Field => {
                if self.field.len() < FIELD_MAX_BYTES {
                    self.field.push(letter);
                } else {
                    self.place = Place::LongField;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Within a quoted column a comma separates nothing.
    fn is_quoted(&self) -> bool {
        self.field.starts_with('"') && self.field.matches('"').count() % 2 == 1
    }

    fn end_line(&mut self, chats: &mut Vec<ChatId>) -> Result<(), ListRefusal> {
        let lines = &mut self.lines;
        lines.lines += 1;
        if lines.lines > LINES_MAX {
            return Err(ListRefusal::TooManyLines);
        }
        let place = std::mem::replace(&mut self.place, Place::Field);
        let field = self.field.trim().trim_matches('"').trim();
        match id(field).filter(|_| place != Place::LongField) {
            Some(chat) => {
                lines.ids += 1;
                chats.push(chat);
            }
            None if field.is_empty() && place == Place::Field => {}
            None if lines.lines == 1 => {}
            None => {
                lines.odd += 1;
                lines.first_odd = lines.first_odd.or(Some(lines.lines));
            }
        }
        self.field.clear();
        Ok(())
    }
}

/// By the byte order mark, or by where zeros stand in the first two bytes.
fn encoding_of(bytes: &[u8]) -> &'static Encoding {
    match bytes {
        [0xFF, 0xFE, ..] => UTF_16LE,
        [0xFE, 0xFF, ..] => UTF_16BE,
        [first, 0, ..] if *first != 0 => UTF_16LE,
        [0, second, ..] if *second != 0 => UTF_16BE,
        _ => UTF_8,
    }
}

fn id(field: &str) -> Option<ChatId> {
    let digits = field.strip_prefix('-').unwrap_or(field);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let id = field.parse::<i64>().ok().filter(|_| is_plain)?;
    (id != 0 && id.checked_abs().is_some_and(|size| size <= ID_MAX)).then_some(ChatId(id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], piece: usize) -> Result<(Vec<i64>, Lines), ListRefusal> {
        let (mut reader, mut chats) = (ListReader::default(), Vec::new());
        for piece in bytes.chunks(piece) {
            reader.push(piece, &mut chats)?;
        }
        let lines = reader.finish(&mut chats)?;
        Ok((chats.into_iter().map(|chat| chat.0).collect(), lines))
    }

    fn ids(text: &str) -> Vec<i64> {
        read(text.as_bytes(), 64).unwrap().0
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn ids_are_found_in_lists_and_tables() {
        assert_eq!(ids("1\n2\r\n-100300\r4"), [1, 2, -100_300, 4]);
        assert_eq!(ids("\u{feff}chat_id,name\n7,Anna\n8,\"x, y\"\n"), [7, 8]);
        assert_eq!(ids("id;name\n7;Anna\n\n 8 ;Bob\n"), [7, 8]);
        assert_eq!(ids("7\tAnna\n\"8\"\tBob"), [7, 8]);
        assert!(ids("").is_empty());
    }

    #[test]
    fn both_byte_orders_are_read_with_a_mark_and_without() {
        for text in ["\u{feff}11\n22\n", "11\n22\n"] {
            assert_eq!(read(&utf16(text, u16::to_le_bytes), 4).unwrap().0, [11, 22]);
            assert_eq!(read(&utf16(text, u16::to_be_bytes), 4).unwrap().0, [11, 22]);
        }
    }

    #[test]
    fn odd_lines_are_counted_and_the_first_is_named() {
        let text = "id\n1\nAnna\n\n1.5\n0\n99999999999999999999\n+7\n\"1,2\",x\n,5\n2\n";
        let (ids, lines) = read(text.as_bytes(), 3).unwrap();
        assert_eq!(ids, [1, 2]);
        assert_eq!(lines, Lines { lines: 11, ids: 2, odd: 7, first_odd: Some(3) });
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in
            [&b"PK\x03\x04\x14\x00"[..], b"1\n2\n\x00\x00\x00", b"%PDF-1.7\n\x01", b"\x7fELF"]
        {
            assert_eq!(read(bytes, 64), Err(ListRefusal::NotText), "{bytes:?}");
        }
    }

    #[test]
    fn too_many_lines_are_refused() {
        let text = "1\n".repeat(usize::try_from(LINES_MAX).unwrap());
        assert_eq!(read(text.as_bytes(), 1 << 16).unwrap().1.lines, LINES_MAX);
        let text = text + "1";
        assert_eq!(read(text.as_bytes(), 1 << 16), Err(ListRefusal::TooManyLines));
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut reader = ListReader::default();
        let mut chats = Vec::new();
        for _ in 0..100 {
            reader.push(&[b'7'; 10_000], &mut chats).unwrap();
        }
        assert!(reader.field.capacity() <= 2 * FIELD_MAX_BYTES && reader.text.capacity() < 100_000);
        assert_eq!(reader.finish(&mut chats).unwrap().ids, 0);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in prop::collection::vec(any::<u8>(), 2..200), piece in 2_usize..50) {
            prop_assert_eq!(read(&bytes, piece), read(&bytes, bytes.len()));
        }

        #[test]
        fn what_was_written_is_read(chats in prop::collection::vec(-ID_MAX..=ID_MAX, 0..50)) {
            let text: Vec<String> = chats.iter().map(ToString::to_string).collect();
            let text = text.join("\n");
            let expected: Vec<i64> = chats.into_iter().filter(|chat| *chat != 0).collect();
            prop_assert_eq!(ids(&text), expected);
        }
    }
}
