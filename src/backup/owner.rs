//! Whose files are: an operator may work as root on what is another user's.
//!
//! Invariant: what root makes in a folder belongs to whoever the folder belongs to, so that the bot can
//! read and replace it; no link that lies in its way is followed. Others cannot give files away, and
//! need not.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, fchown};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

/// Gives an open file or folder to the owner of another one.
pub(super) fn give(file: &File, like: &Metadata) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
}

/// Gives an open file to the owner of the folder that it lies in.
pub(super) fn give_to_folder(file: &File, path: &Path) -> io::Result<()> {
    give(file, &fs::metadata(folder_of(path))?)
}

/// Makes a folder that only its owner can read, with all above it.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    make_folder(path, 0o700)
}

/// Makes a folder, with all above it; each belongs to the owner of the one that it lies in.
pub(super) fn make_folder(path: &Path, mode: u32) -> io::Result<()> {
    let make = || DirBuilder::new().mode(mode).create(path);
    let made = make().or_else(|error| {
        if error.kind() != io::ErrorKind::NotFound || folder_of(path) == path {
            return Err(error);
        }
        make_folder(folder_of(path), mode)?;
        make()
    });
    match made {
        Ok(()) => {
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            give_to_folder(&File::from(open(path, flags, Mode::empty())?), path)
        }
        Err(_) if path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// The folder that something lies in.
pub(super) fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    #[test]
    fn folders_are_made_with_all_above_them() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/c");
        make_private(&path).unwrap();
        make_private(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&root.path().join("a"))), (0o700, 0o700));
        fs::write(path.join("file"), b"").unwrap();
        assert!(make_private(&path.join("file")).is_err());
        assert!(make_private(&path.join("file/d")).is_err());
    }

    /// Tests run as root in CI, too; another user has nothing to give.
    #[test]
    fn what_root_makes_is_the_folders_owners() {
        let root = tempfile::tempdir().unwrap();
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            chown(root.path(), Some(4711), Some(4712)).unwrap();
        }
        let like = fs::metadata(root.path()).unwrap();
        let path = root.path().join("a/b");
        make_private(&path).unwrap();
        let file = super::super::seal::create_private(&path.join("file")).unwrap();
        for found in [fs::metadata(&path).unwrap(), file.metadata().unwrap()] {
            assert_eq!((found.uid(), found.gid()), (like.uid(), like.gid()));
        }
        assert_eq!(like.uid() == 4711, is_root);
    }
}
