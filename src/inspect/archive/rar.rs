//! RAR 1.5 to 4 and RAR 5: the headers alone, by the published descriptions of the formats
//! (`TechNote.txt` of `RAR` 4, <https://www.rarlab.com/technote.htm> for 5). The crates that unpack RAR wrap
//! C++ code, and names are all that is wanted here.
//!
//! Invariants: every step goes forward by at least one header, so that nothing can turn in a
//! circle; a header is at most [`MAX_HEADER_BYTES`] long and read only then.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Listing, MAX_HEADERS, decode_name};
use crate::domain::inspection::Rejection;

const SIGNATURE_4: &[u8] = b"Rar!\x1a\x07\0";
const SIGNATURE_5: &[u8] = b"Rar!\x1a\x07\x01\0";

/// Longest header: RAR 5 allows 2 MiB.
const MAX_HEADER_BYTES: u64 = 2 * 1024 * 1024;

/// Longest integer of RAR 5, in bytes of seven bits.
const MAX_VINT_BYTES: usize = 10;

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
enum Header {
    File {
        name: String,
        is_folder: bool,
        is_locked: bool,
    },
    /// All that follows is encrypted.
    Locked,
    End,
    Other,
}

/// A header, and how much data of its own stands behind it.
type Block = (Header, u64);

/// Lists the files; folders do not count.
///
/// # Errors
/// Reading failed: no fault of the file.
pub(super) fn list(mut reader: impl Read + Seek) -> io::Result<Result<Listing, Rejection>> {
    let end = reader.seek(SeekFrom::End(0))?;
    reader.rewind()?;
    let mut head = Vec::new();
    let longest = u64::try_from(SIGNATURE_5.len()).unwrap_or_default();
    reader.by_ref().take(longest).read_to_end(&mut head)?;
    let (parse, start): (fn(&mut Input<'_>) -> Option<Parsed>, usize) =
        if head.starts_with(SIGNATURE_5) {
            (parse_5, SIGNATURE_5.len())
        } else if head.starts_with(SIGNATURE_4) {
            (parse_4, SIGNATURE_4.len())
        } else {
            return Ok(Err(Rejection::Broken));
        };

    let mut listing = Listing::default();
    let mut at = u64::try_from(start).unwrap_or(end);
    for _ in 0..MAX_HEADERS {
        // Older archives have no header at their end.
        if at == end {
            return Ok(Ok(listing));
        }
        let Some((block, length)) = read_block(&mut reader, at, end, parse)? else {
            return Ok(Err(Rejection::Broken));
        };
        let (header, data) = block;
        match header {
            Header::File { name, is_folder, is_locked } => {
                listing.has_locked |= is_locked;
                if !is_folder {
                    listing.add(&name);
                }
            }
            Header::Locked => return Ok(Err(Rejection::Encrypted)),
            Header::End => return Ok(Ok(listing)),
            Header::Other => {}
        }
        let next = at.checked_add(length).and_then(|it| it.checked_add(data));
        match next {
            Some(next) if next <= end => at = next,
            // Its last file is not whole.
            _ => return Ok(Err(Rejection::Broken)),
        }
    }
    listing.is_cut = true;
    Ok(Ok(listing))
}

/// Reads the header at `at`; `None` when there is none. Also gives its length.
fn read_block(
    reader: &mut (impl Read + Seek),
    at: u64,
    end: u64,
    parse: fn(&mut Input<'_>) -> Option<Parsed>,
) -> io::Result<Option<(Block, u64)>> {
    // Nearly all headers are shorter, and are read at once.
    let mut wanted = 4096;
    loop {
        reader.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::new();
        reader.by_ref().take(wanted).read_to_end(&mut bytes)?;
        let Some(parsed) = parse(&mut Input(&bytes)) else { return Ok(None) };
        match parsed {
            Parsed::Whole(block, length) => return Ok(Some((block, length))),
            Parsed::Longer(length) => {
                let fits = length <= MAX_HEADER_BYTES && length <= end.saturating_sub(at);
                if length <= wanted || !fits {
                    return Ok(None);
                }
                wanted = length;
            }
        }
    }
}

enum Parsed {
    Whole(Block, u64),
    /// The header is so long, which is more than was given.
    Longer(u64),
}

/// Bytes that are taken from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn vint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for place in 0..MAX_VINT_BYTES {
            let byte = self.u8()?;
            let shift = u32::try_from(7 * place).ok()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn vint_usize(&mut self) -> Option<usize> {
        usize::try_from(self.vint()?).ok()
    }
}

/// A header of RAR 1.5 to 4.
fn parse_4(input: &mut Input<'_>) -> Option<Parsed> {
    const MAIN: u8 = 0x73;
    const FILE: u8 = 0x74;
    const SERVICE: u8 = 0x7a;
    const END: u8 = 0x7b;
    const FIXED: u16 = 7;

    let given = input.0.len();
    let _checksum = input.u16()?;
    let kind = input.u8()?;
    let flags = input.u16()?;
    let length = input.u16()?;
    if length < FIXED || !(0x72..=0x7b).contains(&kind) {
        return None;
    }
    if usize::from(length) > given {
        return Some(Parsed::Longer(u64::from(length)));
    }
    let mut body = Input(input.take(usize::from(length - FIXED))?);
    let block = match kind {
        MAIN if flags & 0x80 != 0 => (Header::Locked, 0),
        MAIN => (Header::Other, 0),
        END => (Header::End, 0),
        FILE | SERVICE => file_4(&mut body, flags, kind == SERVICE)?,
        _ if flags & 0x8000 != 0 => (Header::Other, u64::from(body.u32()?)),
        _ => (Header::Other, 0),
    };
    Some(Parsed::Whole(block, u64::from(length)))
}

fn file_4(body: &mut Input<'_>, flags: u16, is_service: bool) -> Option<Block> {
    let packed = body.u32()?;
    // Size unpacked, system, checksum, time, version, method.
    body.take(4 + 1 + 4 + 4 + 1 + 1)?;
    let name_length = body.u16()?;
    let _attributes = body.u32()?;
    let mut high = 0;
    if flags & 0x100 != 0 {
        high = body.u32()?;
        body.u32()?;
    }
    let name = body.take(usize::from(name_length))?;
    let data = u64::from(high) << 32 | u64::from(packed);
    if is_service {
        return Some((Header::Other, data));
    }
    let name = if flags & 0x200 != 0 { unicode_name_4(name) } else { decode_name(name) };
    let is_folder = flags & 0xe0 == 0xe0;
    Some((Header::File { name, is_folder, is_locked: flags & 0x4 != 0 }, data))
}

/// A name in two forms: in some old encoding, then NUL, then how it differs in UTF-16, packed.
/// Without a NUL it is UTF-8.
fn unicode_name_4(raw: &[u8]) -> String {
    let Some(nul) = raw.iter().position(|&byte| byte == 0) else { return decode_name(raw) };
    let (plain, packed) = raw.split_at(nul);
    let units = unpack_name(plain, &mut Input(packed.get(1..).unwrap_or_default()));
    if units.is_empty() {
        return decode_name(plain);
    }
    String::from_utf16_lossy(&units)
}

/// Pairs of bits say how each letter is written; what breaks off early is taken as far as it goes.
fn unpack_name(plain: &[u8], packed: &mut Input<'_>) -> Vec<u16> {
    let mut units = Vec::new();
    let Some(high) = packed.u8() else { return units };
    let high = u16::from(high) << 8;
    let (mut flags, mut pairs_left) = (0_u8, 0_u8);
    while units.len() < plain.len() {
        if pairs_left == 0 {
            let Some(next) = packed.u8() else { break };
            (flags, pairs_left) = (next, 4);
        }
        let unit = match flags >> 6 {
            0 => packed.u8().map(u16::from),
            1 => packed.u8().map(|low| u16::from(low) | high),
            2 => packed.u16(),
            _ => {
                let Some(length) = packed.u8() else { break };
                let is_shifted = length & 0x80 != 0;
                let shift = if is_shifted { packed.u8().unwrap_or_default() } else { 0 };
                let page = if is_shifted { high } else { 0 };
                let run = plain.iter().skip(units.len()).take(usize::from(length & 0x7f) + 2);
                let run: Vec<u16> =
                    run.map(|&byte| u16::from(byte.wrapping_add(shift)) | page).collect();
                units.extend(run);
                flags <<= 2;
                pairs_left -= 1;
                continue;
            }
        };
        let Some(unit) = unit else { break };
        units.push(unit);
        flags <<= 2;
        pairs_left -= 1;
    }
    units
}

/// A header of RAR 5.
fn parse_5(input: &mut Input<'_>) -> Option<Parsed> {
    const FILE: u64 = 2;
    const ENCRYPTION: u64 = 4;
    const END: u64 = 5;

    let given = input.0.len();
    let _checksum = input.u32()?;
    let length = input.vint_usize()?;
    let before = given - input.0.len();
    let whole = before.checked_add(length)?;
    if length == 0 {
        return None;
    }
    if whole > given {
        return Some(Parsed::Longer(u64::try_from(whole).ok()?));
    }
    let mut body = Input(input.take(length)?);
    let kind = body.vint()?;
    let flags = body.vint()?;
    let extra = if flags & 1 != 0 { body.vint_usize()? } else { 0 };
    let data = if flags & 2 != 0 { body.vint()? } else { 0 };
    let header = match kind {
        FILE => file_5(&mut body, extra)?,
        ENCRYPTION => Header::Locked,
        END => Header::End,
        _ => Header::Other,
    };
    Some(Parsed::Whole((header, data), u64::try_from(whole).ok()?))
}

fn file_5(body: &mut Input<'_>, extra: usize) -> Option<Header> {
    let flags = body.vint()?;
    let _size = body.vint()?;
    let _attributes = body.vint()?;
    if flags & 2 != 0 {
        body.u32()?;
    }
    if flags & 4 != 0 {
        body.u32()?;
    }
    let _method = body.vint()?;
    let _system = body.vint()?;
    let name_length = body.vint_usize()?;
    let name = decode_name(body.take(name_length)?);
    let extra_at = body.0.len().checked_sub(extra)?;
    body.take(extra_at)?;
    Some(Header::File { name, is_folder: flags & 1 != 0, is_locked: has_lock(body) })
}

/// Whether one of the extra records says how the file is encrypted.
fn has_lock(records: &mut Input<'_>) -> bool {
    const FILE_ENCRYPTION: u64 = 1;
    while let Some(length) = records.vint_usize() {
        let Some(record) = records.take(length) else { return false };
        if Input(record).vint() == Some(FILE_ENCRYPTION) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn listed(bytes: &[u8]) -> Result<Vec<String>, Rejection> {
        list(Cursor::new(bytes)).unwrap().map(|listing| listing.names)
    }

    fn header_4(kind: u8, flags: u16, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(7 + rest.len()).unwrap();
        [&[0, 0, kind], &flags.to_le_bytes()[..], &length.to_le_bytes(), rest].concat()
    }

    fn file_header_4(name: &[u8], flags: u16, packed: u32) -> Vec<u8> {
        let name_length = u16::try_from(name.len()).unwrap();
        let rest = [&packed.to_le_bytes()[..], &[0; 15], &name_length.to_le_bytes(), &[0; 4], name];
        header_4(0x74, flags, &rest.concat())
    }

    fn archive_4(headers: &[Vec<u8>]) -> Vec<u8> {
        [SIGNATURE_4, &header_4(0x73, 0, &[0; 6]), &headers.concat()].concat()
    }

    fn header_5(body: &[u8]) -> Vec<u8> {
        [&[0; 4], &[u8::try_from(body.len()).unwrap()][..], body].concat()
    }

    #[test]
    fn files_of_old_archives_are_listed_and_folders_are_not() {
        let mut file = file_header_4(b"a.txt", 0x8000, 3);
        file.extend(b"abc");
        let folder = file_header_4(b"folder", 0x80e0, 0);
        let end = header_4(0x7b, 0, &[]);
        assert_eq!(listed(&archive_4(&[file.clone(), folder, end])), Ok(vec!["a.txt".to_owned()]));
        assert_eq!(listed(&archive_4(&[file[..file.len() - 1].to_vec()])), Err(Rejection::Broken));
    }

    #[test]
    fn names_in_unicode_are_unpacked() {
        // Four letters of Cyrillic by their low bytes, two plain ones.
        let packed = b"????.b\0\x04\x55\x23\x40\x3e\x3a\x00.b";
        let file = file_header_4(packed, 0x8200, 0);
        assert_eq!(listed(&archive_4(&[file])), Ok(vec!["Урок.b".to_owned()]));
        // A run of the plain name.
        let file = file_header_4(b"lesson\0\x04\xc0\x04", 0x8200, 0);
        assert_eq!(listed(&archive_4(&[file])), Ok(vec!["lesson".to_owned()]));
    }

    #[test]
    fn headers_that_need_a_password_are_told() {
        let locked = [SIGNATURE_4, &header_4(0x73, 0x80, &[0; 6]), b"noise"].concat();
        assert_eq!(listed(&locked), Err(Rejection::Encrypted));
        let locked = [SIGNATURE_5, &header_5(&[4, 0, 0, 0])].concat();
        assert_eq!(listed(&locked), Err(Rejection::Encrypted));
        let file = archive_4(&[file_header_4(b"a", 0x8004, 0)]);
        assert!(list(Cursor::new(file)).unwrap().unwrap().has_locked);
        // The last two bytes: a record of one byte, which is the encryption's type.
        let file = header_5(&[2, 1, 2, 0, 0, 0, 0, 0, 1, b'a', 1, 1]);
        assert!(list(Cursor::new([SIGNATURE_5, &file].concat())).unwrap().unwrap().has_locked);
    }

    #[test]
    fn files_of_new_archives_are_listed() {
        let file = header_5(&[2, 2, 1, 0, 0, 0, 0, 0, 1, b'a']);
        let folder = header_5(&[2, 0, 1, 0, 0, 0, 0, 1, b'f']);
        let bytes = [SIGNATURE_5, &header_5(&[1, 0, 0]), &file, b"x", &folder, &header_5(&[5, 0])];
        assert_eq!(listed(&bytes.concat()), Ok(vec!["a".to_owned()]));
    }

    #[test]
    fn headers_without_length_and_endless_ones_are_broken() {
        let mut still = header_4(0x74, 0, &[]);
        still[5] = 0;
        assert_eq!(listed(&archive_4(&[still])), Err(Rejection::Broken));
        assert_eq!(listed(&[SIGNATURE_5, &[0; 40]].concat()), Err(Rejection::Broken));
        assert_eq!(listed(&[SIGNATURE_5, &[0xff; 40]].concat()), Err(Rejection::Broken));
        assert_eq!(listed(b"Rar!"), Err(Rejection::Broken));
    }
}
