//! Files as they lie in a backup: compressed, with checksums of what went in and of what lies there.
//!
//! Invariant: what is sealed is on the disk when [`seal`] returns; what [`unseal`] hands over without
//! an error is what was sealed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::{BackupError, disk};
use super::owner::give_to_folder;
use super::reporter::Reporter;

/// Fast, and nearly as small as slow.
const LEVEL: i32 = 3;

/// Bytes of one step.
const PIECE: usize = 256 * 1024;

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The BLAKE3 checksum of it as it lies there.
    pub blake3: String,
    /// The size of what is in it.
    pub content_bytes: u64,
    /// The BLAKE3 checksum of what is in it.
    pub content_blake3: String,
}

/// Counts and hashes what passes.
struct Counted<T> {
    inner: T,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<T> Counted<T> {
    fn new(inner: T) -> Self {
        Self { inner, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    fn checksum(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

impl<T: Write> Write for Counted<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.note(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Counted<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.note(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// A new file that only its owner can read, who is that of the folder.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    give_to_folder(&file, path)?;
    Ok(file)
}

/// Passes everything on, and tells how far it is.
fn pour(mut from: impl Read, mut to: impl Write, reporter: &Reporter) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let count = match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(piece.get(..count).unwrap_or_default())?;
        reporter.more(u64::try_from(count).unwrap_or(u64::MAX))?;
    }
}

/// Compresses all of `from` into a new file of that name. Blocks.
pub(super) fn seal(
    from: impl Read,
    folder: &Path,
    name: &str,
    reporter: &Reporter,
) -> io::Result<Sealed> {
    let mut content = Counted::new(from);
    let packed = Counted::new(create_private(&folder.join(name))?);
    let mut encoder = zstd::stream::write::Encoder::new(packed, LEVEL)?;
    encoder.include_checksum(true)?;
    pour(&mut content, &mut encoder, reporter)?;
    let packed = encoder.finish()?;
    packed.inner.sync_all()?;
    Ok(Sealed {
        name: name.to_owned(),
        bytes: packed.bytes,
        blake3: packed.checksum(),
        content_bytes: content.bytes,
        content_blake3: content.checksum(),
    })
}

/// Whether a file lies there as it was sealed. Blocks.
pub(super) fn check(
    id: &str,
    folder: &Path,
    sealed: &Sealed,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let path = folder.join(&sealed.name);
    let damaged = |what: String| BackupError::damaged(id, &sealed.name, what);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged("it is missing".to_owned()));
        }
        Err(error) => return Err(disk("read a file of the backup")(error)),
    };
    let there = file.metadata().map_err(disk("read a file of the backup"))?.len();
    if there != sealed.bytes {
        return Err(damaged(format!("it has {there} bytes in place of {}", sealed.bytes)));
    }
    let mut counted = Counted::new(file);
    pour(&mut counted, io::sink(), reporter).map_err(disk("read a file of the backup"))?;
    if counted.checksum() != sealed.blake3 {
        return Err(damaged("its checksum is another one".to_owned()));
    }
    Ok(())
}

/// Hands over what is in a file. An error of `to` is told apart from one of the file, as is word that
/// nobody waits any more. Blocks.
pub(super) fn unseal(
    id: &str,
    folder: &Path,
    sealed: &Sealed,
    to: impl Write,
    reporter: &Reporter,
) -> Result<(), BackupError> {
    let damaged = |what: String| BackupError::damaged(id, &sealed.name, what);
    let file = File::open(folder.join(&sealed.name)).map_err(disk("read a file of the backup"))?;
    let decoder = zstd::stream::read::Decoder::new(BufReader::with_capacity(PIECE, file))
        .map_err(disk("begin to decompress"))?;
    let mut content = Counted::new(Told { inner: decoder, failed: false });
    if let Err(error) = pour(&mut content, to, reporter) {
        return Err(if content.inner.failed {
            damaged(error.to_string())
        } else {
            disk("write what is in the backup")(error)
        });
    }
    if content.checksum() != sealed.content_blake3 {
        return Err(damaged("what is in it has another checksum".to_owned()));
    }
    Ok(())
}

/// Remembers that the reading side has failed.
struct Told<R> {
    inner: R,
    failed: bool,
}

impl<R: Read> Read for Told<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.inner.read(bytes).inspect_err(|error| {
            self.failed |= error.kind() != io::ErrorKind::Interrupted;
        })
    }
}

/// Makes a folder's entries last.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed_in(folder: &Path, content: &[u8]) -> Sealed {
        seal(content, folder, "a.zst", &Reporter::new()).unwrap()
    }

    fn content_of(folder: &Path, sealed: &Sealed) -> Result<Vec<u8>, BackupError> {
        let mut content = Vec::new();
        unseal("x", folder, sealed, &mut content, &Reporter::new())?;
        Ok(content)
    }

    #[test]
    fn what_is_sealed_comes_out_again_and_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let content: Vec<u8> = (0..PIECE * 3 + 7).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let sealed = sealed_in(folder.path(), &content);
        assert!(sealed.bytes < sealed.content_bytes);
        check("x", folder.path(), &sealed, &Reporter::new()).unwrap();
        assert_eq!(content_of(folder.path(), &sealed).unwrap(), content);
        let mode = fs::metadata(folder.path().join("a.zst")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = sealed_in(folder.path(), b"a text of some length, a text of some length");
        let path = folder.path().join("a.zst");
        let good = fs::read(&path).unwrap();
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs::write(&path, &bad).unwrap();
            assert!(check("x", folder.path(), &sealed, &Reporter::new()).is_err(), "{place}");
            fs::write(&path, &good[..place]).unwrap();
            assert!(check("x", folder.path(), &sealed, &Reporter::new()).is_err(), "{place}");
            assert!(content_of(folder.path(), &sealed).is_err(), "{place}");
        }
    }
}
