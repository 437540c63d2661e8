//! Compound files (MS-CFB) whose program cannot be told. Here only one thing is asked: whether
//! it is an Office document with a password, which is packed into such a file.

use std::io::{BufReader, Read};

use super::Trouble;
use crate::domain::inspection::Rejection;
use crate::inspect::formats::Found;
use crate::inspect::limits::InspectLimits;

/// An entry of the directory (MS-CFB 2.6.1); sectors are multiples of it.
const ENTRY: usize = 128;
/// The stream that holds the encrypted container (MS-OFFCRYPTO 2.3.4.4).
const NAME: &str = "EncryptedPackage";

/// Whether a file begins as a compound file does.
pub(super) fn has_mark(head: &[u8]) -> bool {
    head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
}

/// Looks for the stream of an encrypted document. All places where an entry may be are looked
/// at, instead of following the directory: its chain of sectors is the file's to invent.
pub(super) fn read(file: &mut impl Read, limits: &InspectLimits) -> Result<Found, Trouble> {
    let mut entry = [0_u8; ENTRY];
    let mut name: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_le_bytes).collect();
    name.extend([0, 0]);
    let mut file = BufReader::new(file.take(limits.max_parse_bytes));
    let mut directory = None;
    let mut position = 0_u64;
    loop {
        match file.read_exact(&mut entry) {
            Ok(()) if entry.starts_with(&name) => return Err(Rejection::Encrypted.into()),
            Ok(()) if position == 0 => directory = directory_position(&entry),
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error.into()),
        }
        position = position.saturating_add(128);
    }
    // Where reading stopped at the limit, nobody knows what is behind it.
    let is_whole = position < limits.max_parse_bytes;
    if is_whole && directory.is_none_or(|directory| directory >= position) {
        return Err(Rejection::Broken.into());
    }
    Ok(Found::default())
}

/// Where the header says that the directory begins (MS-CFB 2.2).
fn directory_position(header: &[u8; ENTRY]) -> Option<u64> {
    let shift = header.get(30..32)?.try_into().map(u16::from_le_bytes).ok()?;
    let sector = header.get(48..52)?.try_into().map(u32::from_le_bytes).ok()?;
    let sector_size = 1_u64.checked_shl(u32::from(shift))?;
    u64::from(sector).checked_add(1)?.checked_mul(sector_size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encrypted_document_is_told_by_its_stream() {
        let mut bytes = vec![0; 512 + 4 * ENTRY];
        bytes[30] = 9;
        let limits = InspectLimits::default();
        assert_eq!(read(&mut bytes.as_slice(), &limits).unwrap(), Found::default());
        let name: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes[512 + ENTRY..][..name.len()].copy_from_slice(&name);
        let outcome = read(&mut bytes.as_slice(), &limits);
        assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Encrypted))), "{outcome:?}");
        let outcome = read(&mut &bytes[..512], &limits);
        assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Broken))), "{outcome:?}");
    }
}
