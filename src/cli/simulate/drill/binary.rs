//! The size of an executable, with and without its symbols. Read from the ELF header; nothing else is
//! understood here than 64-bit little-endian files.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// How large a program is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The file as it is.
    pub whole: u64,
    /// What `strip` would leave, up to some hundred bytes of alignment and of section names.
    pub stripped: u64,
}

/// Sections that `strip` removes.
fn is_symbols(name: &str) -> bool {
    matches!(name, ".symtab" | ".strtab") || name.starts_with(".debug_")
}

/// The size of the program in this file.
pub fn size(path: &Path) -> std::io::Result<Size> {
    let mut file = File::open(path)?;
    let whole = file.metadata()?.len();
    let symbols = symbol_bytes(&mut |at, count| {
        let mut bytes = vec![0; count];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    });
    let symbols = symbols.ok_or_else(|| std::io::Error::other("no ELF file of 64 bits"))?;
    Ok(Size { whole, stripped: whole.saturating_sub(symbols) })
}

/// Bytes of the sections of symbols, and of their rows in the table of sections.
fn symbol_bytes(read: &mut dyn FnMut(u64, usize) -> Option<Vec<u8>>) -> Option<u64> {
    let header = read(0, 64)?;
    let is_known = header.starts_with(b"\x7fELF\x02\x01");
    let (table, row_size) = (number(&header, 40, 8)?, number(&header, 58, 2)?);
    let (rows, names_row) = (number(&header, 60, 2)?, number(&header, 62, 2)?);
    if !is_known || row_size < 64 {
        return None;
    }
    let rows_bytes = read(table, usize::try_from(row_size * rows).ok()?)?;
    let row = |index: u64| {
        let begin = usize::try_from(index * row_size).ok()?;
        rows_bytes.get(begin..begin + 64)
    };
    let names_row = row(names_row)?;
    let names = read(number(names_row, 24, 8)?, usize::try_from(number(names_row, 32, 8)?).ok()?)?;
    let mut bytes: u64 = 0;
    for index in 0..rows {
        let row = row(index)?;
        let name = names.get(usize::try_from(number(row, 0, 4)?).ok()?..)?;
        let name = name.split(|byte| *byte == 0).next()?;
        if is_symbols(&String::from_utf8_lossy(name)) {
            bytes = bytes.saturating_add(number(row, 32, 8)?).saturating_add(row_size);
        }
    }
    Some(bytes)
}

fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let field = bytes.get(at..at + size)?;
    Some(field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with sections of these names and sizes; only their headers are there.
    fn elf(sections: &[(&str, u64)]) -> Vec<u8> {
        let mut names = Vec::new();
        let mut rows = Vec::new();
        for (name, size) in sections.iter().copied().chain([(".shstrtab", 0)]) {
            let mut row = vec![0; 64];
            row[..4].copy_from_slice(&u32::try_from(names.len()).unwrap().to_le_bytes());
            row[32..40].copy_from_slice(&size.to_le_bytes());
            names.extend_from_slice(name.as_bytes());
            names.push(0);
            rows.push(row);
        }
        let names_len = u64::try_from(names.len()).unwrap();
        let last = rows.last_mut().unwrap();
        last[24..32].copy_from_slice(&64_u64.to_le_bytes());
        last[32..40].copy_from_slice(&names_len.to_le_bytes());
        let mut file = vec![0; 64];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[40..48].copy_from_slice(&(64 + names_len).to_le_bytes());
        file[58..60].copy_from_slice(&64_u16.to_le_bytes());
        let count = u16::try_from(rows.len()).unwrap();
        file[60..62].copy_from_slice(&count.to_le_bytes());
        file[62..64].copy_from_slice(&(count - 1).to_le_bytes());
        file.extend(names);
        file.extend(rows.concat());
        file
    }

    fn symbols(file: &[u8]) -> Option<u64> {
        symbol_bytes(&mut |at, count| {
            let at = usize::try_from(at).unwrap();
            file.get(at..at + count).map(<[u8]>::to_vec)
        })
    }

    #[test]
    fn only_symbols_are_taken_off() {
        let sections = [(".text", 5_000), (".debug_info", 700), (".symtab", 80), (".strtab", 9)];
        assert_eq!(symbols(&elf(&sections)), Some(789 + 3 * 64));
        assert_eq!(symbols(&elf(&[(".text", 5_000), (".rodata", 70)])), Some(0));
    }

    #[test]
    fn what_is_no_program_has_no_size() {
        let whole = elf(&[(".text", 1)]);
        assert_eq!(symbols(&whole[..whole.len() - 1]), None);
        let mut other = whole;
        other[4] = 1;
        assert_eq!(symbols(&other), None, "32 bits");
        assert_eq!(symbols(b"#!/bin/sh"), None);
    }

    #[test]
    fn this_very_program_has_symbols() {
        let size = size(&std::env::current_exe().unwrap()).unwrap();
        assert!(size.stripped > 1_000_000 && size.stripped < size.whole, "{size:?}");
    }
}
