//! Zip containers: looked into by name, unpacked in memory and within bounds.
//!
//! Entries that nobody asks for (pictures, fonts) are never unpacked, so that a large book is
//! not taken for a bomb; whatever is unpacked counts, also when it is asked for twice.

use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::Trouble;
use super::charset::decode_xml;
use crate::domain::inspection::Rejection;
use crate::inspect::limits::InspectLimits;

/// Most entries of a container. The largest honest books have a few thousand pictures; the list
/// of them is held in memory.
const MAX_ENTRIES: usize = 20_000;

/// How far from the end of the file the end of the central directory may be: its own 22 bytes
/// and a comment.
const MAX_TAIL: u64 = 22 + 65_535;

/// An open container.
pub(super) struct Package<R> {
    archive: ZipArchive<BufReader<R>>,
    /// How many bytes may still be unpacked.
    left: usize,
}

impl<R: Read + Seek> Package<R> {
    /// Reads the list of entries.
    pub(super) fn open(mut file: R, limits: &InspectLimits) -> Result<Self, Trouble> {
        // Asked first, as the list is in memory before its length can be asked for.
        if declared_entries(&mut file)?.is_some_and(|entries| entries > MAX_ENTRIES) {
            return Err(Rejection::Hostile.into());
        }
        let archive = ZipArchive::new(BufReader::new(file))?;
        if archive.len() > MAX_ENTRIES {
            return Err(Rejection::Hostile.into());
        }
        Ok(Self { archive, left: limits.max_unpacked_bytes })
    }

    /// The names of the entries, as they are: hostile, never paths.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.archive.file_names_raw().filter_map(|name| std::str::from_utf8(name).ok())
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.archive.len()
    }

    /// Whether there is such an entry.
    pub(super) fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// The content of an entry; `None` when there is none of that name.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let mut entry = match self.archive.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if entry.encrypted() {
            return Err(Rejection::Encrypted.into());
        }
        let (bytes, is_more) = super::read_head(&mut entry, self.left)?;
        if is_more {
            return Err(Rejection::Hostile.into());
        }
        self.left -= bytes.len();
        Ok(Some(bytes))
    }

    /// The content of an XML entry as text; `None` when there is none of that name.
    pub(super) fn xml(&mut self, name: &str) -> Result<Option<String>, Trouble> {
        Ok(self.bytes(name)?.map(decode_xml))
    }

    /// The content of an XML entry without which the container is nothing.
    pub(super) fn needed_xml(&mut self, name: &str) -> Result<String, Trouble> {
        self.xml(name)?.ok_or(Trouble::Rejected(Rejection::Broken))
    }
}

/// Whether a container can be opened at all.
pub(super) fn sound(file: &mut (impl Read + Seek)) -> Result<(), Trouble> {
    ZipArchive::new(BufReader::new(file))?;
    Ok(())
}

/// The number of entries that the end of the central directory declares (APPNOTE 4.3.16); the
/// largest one also stands for "see the ZIP64 record".
fn declared_entries(file: &mut (impl Read + Seek)) -> Result<Option<usize>, Trouble> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(MAX_TAIL)))?;
    let mut tail = Vec::new();
    file.by_ref().take(MAX_TAIL).read_to_end(&mut tail)?;
    file.rewind()?;
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06");
    let count = end.and_then(|end| tail.get(end + 10..end + 12));
    let count = count.and_then(|count| <[u8; 2]>::try_from(count).ok());
    Ok(count.map(|count| usize::from(u16::from_le_bytes(count))))
}

/// The name that `target` means when an entry of the name `base` refers to it: `..` is resolved,
/// never past the container's root.
pub(super) fn resolve(base: &str, target: &str) -> String {
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = if target.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::testing::zip;
    use super::*;

    fn limits(max_unpacked_bytes: usize) -> InspectLimits {
        InspectLimits { max_unpacked_bytes, ..InspectLimits::default() }
    }

    #[test]
    fn targets_never_leave_the_container() {
        assert_eq!(resolve("ppt/slides/slide1.xml", "../media/a.png"), "ppt/media/a.png");
        assert_eq!(resolve("ppt/presentation.xml", "/ppt/slides/s.xml"), "ppt/slides/s.xml");
        assert_eq!(resolve("content.opf", "../../../etc/passwd"), "etc/passwd");
        assert_eq!(resolve("a/b", "./c//d/."), "a/c/d");
    }

    #[test]
    fn all_entries_together_unpack_to_the_limit() {
        let file = zip(&[("a", "12345"), ("b", "12345"), ("../c", "x")]);
        let mut package = Package::open(file.clone(), &limits(10)).unwrap();
        assert_eq!(package.bytes("a").unwrap().unwrap(), b"12345");
        assert_eq!(package.bytes("b").unwrap().unwrap(), b"12345");
        assert!(package.bytes("d").unwrap().is_none());
        let outcome = package.bytes("../c");
        assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Hostile))), "{outcome:?}");

        let mut package = Package::open(file, &limits(4)).unwrap();
        assert!(matches!(package.bytes("a"), Err(Trouble::Rejected(Rejection::Hostile))));
    }

    #[test]
    fn what_is_no_container_is_broken() {
        for bytes in [b"".as_slice(), b"PK\x03\x04", b"PK\x05\x06"] {
            let outcome = Package::open(std::io::Cursor::new(bytes), &limits(1)).map(|_| ());
            assert!(matches!(outcome, Err(Trouble::Rejected(Rejection::Broken))), "{outcome:?}");
        }
    }
}
