//! Rich Text Format: its plain text.
//!
//! Only what puts text on the page is understood: characters in the file's code page and in
//! Unicode, paragraphs, and which groups hold no text. Everything else is skipped, as the format
//! demands of readers.

use std::io::Read;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::gather::Gather;
use super::{Trouble, read_head};
use crate::domain::inspection::Rejection;
use crate::inspect::clean;
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;

/// Deepest nesting of groups.
const MAX_DEPTH: usize = 1000;
/// Longest title or author, in bytes.
const MAX_FIELD: usize = 4096;

/// Groups that hold tables, pictures and settings.
const HIDDEN: [&[u8]; 16] = [
    b"fonttbl",
    b"colortbl",
    b"stylesheet",
    b"listtable",
    b"listoverridetable",
    b"pict",
    b"object",
    b"info",
    b"generator",
    b"rsidtbl",
    b"themedata",
    b"datastore",
    b"fldinst",
    b"header",
    b"footer",
    b"nonshppict",
];

/// Reads a document as one part.
pub(super) fn read(file: &mut impl Read, limits: &InspectLimits) -> Result<Found, Trouble> {
    let (bytes, is_cut) = read_head(file, limits.max_unpacked_bytes)?;
    let mut rtf = Rtf {
        gather: Gather::new(limits),
        encoding: WINDOWS_1252,
        group: Group { field: Field::Text, skip: 1 },
        outer: Vec::new(),
        pending: Vec::new(),
        high: None,
        to_skip: 0,
        title: String::new(),
        author: String::new(),
    };
    let is_whole = rtf.read(&bytes)?;
    if !is_whole && !is_cut {
        return Err(Rejection::Broken.into());
    }
    rtf.gather.end_part(None);
    let (parts, truncated) = rtf.gather.finish();
    Ok(Found {
        title: clean::title(&rtf.title),
        author: clean::author(&rtf.author),
        parts,
        truncated: truncated || is_cut,
        ..Found::default()
    })
}

/// Where the text of a group goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Text,
    Title,
    Author,
    Hidden,
}

#[derive(Clone, Copy)]
struct Group {
    field: Field,
    /// How many characters after one in Unicode stand for it in the code page.
    skip: usize,
}

struct Rtf {
    gather: Gather,
    encoding: &'static Encoding,
    group: Group,
    outer: Vec<Group>,
    /// Bytes in the code page that are not decoded yet.
    pending: Vec<u8>,
    /// The first half of a character beyond the basic plane.
    high: Option<u16>,
    to_skip: usize,
    title: String,
    author: String,
}

impl Rtf {
    /// Tells whether all groups were closed.
    fn read(&mut self, bytes: &[u8]) -> Result<bool, Rejection> {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            if self.gather.is_full() {
                return Ok(true);
            }
            rest = behind;
            match byte {
                b'{' => {
                    self.flush();
                    if self.outer.len() >= MAX_DEPTH {
                        return Err(Rejection::Hostile);
                    }
                    self.outer.push(self.group);
                }
                b'}' => {
                    self.flush();
                    match self.outer.pop() {
                        Some(group) => self.group = group,
                        None => return Ok(true),
                    }
                    if self.outer.is_empty() {
                        return Ok(true);
                    }
                }
                b'\\' => rest = self.control(rest),
                b'\r' | b'\n' => {}
                byte => self.byte(byte),
            }
        }
        self.flush();
        Ok(false)
    }

    /// Reads what follows a backslash; gives what is behind it.
    fn control<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters == 0 {
            return self.symbol(rest);
        }
        let (word, rest) = rest.split_at(letters);
        let sign = usize::from(rest.starts_with(b"-"));
        let number = rest.iter().skip(sign).take_while(|byte| byte.is_ascii_digit()).count();
        let (parameter, mut rest) =
            if number == 0 { rest.split_at(0) } else { rest.split_at(sign + number) };
        rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let parameter = std::str::from_utf8(parameter).ok().and_then(|it| it.parse::<i64>().ok());
        if word == b"bin" {
            let length = parameter.and_then(|it| usize::try_from(it).ok()).unwrap_or_default();
            return rest.get(length..).unwrap_or_default();
        }
        self.word(word, parameter);
        rest
    }

    fn symbol<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let Some((&symbol, behind)) = rest.split_first() else { return rest };
        match symbol {
            b'\'' => {
                let hex = behind.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
                let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
                let Some(byte) = byte else { return behind };
                self.byte(byte);
                return behind.get(2..).unwrap_or_default();
            }
            // A group that may be skipped by whoever does not know it.
            b'*' => self.group.field = Field::Hidden,
            b'~' => self.byte(b' '),
            b'\\' | b'{' | b'}' => self.byte(symbol),
            b'\r' | b'\n' => self.end_line(),
            _ => {}
        }
        behind
    }

    fn word(&mut self, word: &[u8], parameter: Option<i64>) {
        match word {
            b"u" => self.unicode(parameter),
            b"uc" => {
                let skip = parameter.and_then(|it| usize::try_from(it).ok());
                self.group.skip = skip.unwrap_or(1).min(8);
            }
            b"ansicpg" => {
                let label = format!("windows-{}", parameter.unwrap_or_default());
                self.encoding = Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252);
            }
            b"par" | b"line" | b"row" | b"sect" | b"page" => self.end_line(),
            b"tab" | b"cell" | b"emspace" | b"enspace" => self.byte(b' '),
            b"emdash" => self.text("—"),
            b"endash" => self.text("–"),
            b"lquote" => self.text("‘"),
            b"rquote" => self.text("’"),
            b"ldblquote" => self.text("“"),
            b"rdblquote" => self.text("”"),
            b"title" if self.group.field == Field::Hidden => self.group.field = Field::Title,
            b"author" if self.group.field == Field::Hidden => self.group.field = Field::Author,
            word if HIDDEN.contains(&word) => self.group.field = Field::Hidden,
            _ => {}
        }
    }

    /// A character by its number, which is a signed one of 16 bits.
    fn unicode(&mut self, parameter: Option<i64>) {
        self.flush();
        self.to_skip = self.group.skip;
        let unit = parameter.and_then(|it| u16::try_from(it.rem_euclid(0x1_0000)).ok());
        let Some(unit) = unit else { return };
        let units = [self.high.take(), Some(unit)].into_iter().flatten();
        let mut text = String::new();
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(c) => text.push(c),
                Err(_alone) => {
                    self.high = Some(unit).filter(|unit| (0xd800..0xdc00).contains(unit));
                }
            }
        }
        self.put(&text);
    }

    fn byte(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else if self.group.field != Field::Hidden {
            self.pending.push(byte);
        }
    }

    fn end_line(&mut self) {
        self.flush();
        if self.group.field == Field::Text {
            self.gather.end_line();
        }
    }

    fn text(&mut self, text: &str) {
        self.flush();
        self.put(text);
    }

    /// Decodes the bytes that wait for it.
    fn flush(&mut self) {
        self.to_skip = 0;
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let (text, _) = self.encoding.decode_without_bom_handling(&bytes);
        self.put(&text);
    }

    fn put(&mut self, text: &str) {
        let field = match self.group.field {
            Field::Text => return self.gather.push(text),
            Field::Hidden => return,
            Field::Title => &mut self.title,
            Field::Author => &mut self.author,
        };
        if field.len() + text.len() <= MAX_FIELD {
            field.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str) -> Result<Found, Trouble> {
        read(&mut text.as_bytes(), &InspectLimits::default())
    }

    #[test]
    fn text_is_read_in_both_alphabets() {
        let rtf = r"{\rtf1\ansi\ansicpg1251\deff0{\fonttbl{\f0 Arial;}}{\info{\title Lesson}
            {\author \'c0\'ed\'ed\'e0}}{\*\generator X;}\pard Plain \b bold\b0 , \'ff.\par
            \uc1\u1071?\u1072 ?\tab{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}\line
            \{braces\}\emdash{\pict 00ff}\bin3 }}}\u-10179?\u-8704?}trailing";
        let found = outcome(rtf).unwrap();
        assert_eq!(found.title.as_deref(), Some("Lesson"));
        assert_eq!(found.author.as_deref(), Some("Анна"));
        let lines = found.parts[0].text.lines().map(str::trim).collect::<Vec<_>>();
        assert_eq!(lines, ["Plain bold, я.", "Яа link", "{braces}—😀"]);
    }

    #[test]
    fn damage_is_told_and_depth_is_bounded() {
        for early in [r"{\rtf1 text", r"{\rtf1 {text}", r"{\rtf1 \'", r"{\rtf1 \bin99999999999 x}"]
        {
            let outcome = outcome(early);
            assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Broken))), "{early}");
        }
        let outcome = outcome(&"{".repeat(100_000));
        assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Hostile))));
    }
}
