//! Which of several processes this one is: a name that is its own while it lives, and the same
//! again after a restart.
//!
//! The name is that of a place in `files.data_dir`, which a process holds by a lock on a file. The
//! system gives the lock back when the process dies, however it dies; whoever then finds the place
//! free knows that its holder is gone, and takes over at once what that name held: the leader's
//! lease, jobs, temporary files.
//!
//! Known and accepted: two processes on two hosts that were given one `instance.name` are not
//! told apart here. Each start counts the name's epoch up, and the later start wins.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use super::serve::ServeError;
use crate::settings::Settings;

/// More processes than ever share a directory.
const PLACES_MAX: u32 = 1_000;

/// A place and its name. Given back when this value, or the process, goes.
#[derive(Debug)]
pub struct Instance {
    name: String,
    _lock: File,
}

impl Instance {
    /// Takes the place that `instance.name` names, or the first free one of this role.
    pub fn take(settings: &Settings, role: &str) -> Result<Self, ServeError> {
        let data_dir = &settings.files.data_dir;
        let folder = data_dir.join("instances");
        // For us alone: what was sent to the bot lies beside it.
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|source| ServeError::System {
            what: "cannot make the folder instances in files.data_dir",
            source,
        })?;
        let unusable =
            |source| ServeError::System { what: "cannot lock a place in files.data_dir", source };
        let own_name = &settings.instance.name;
        if !own_name.is_empty() {
            let lock = lock(&folder, own_name).map_err(unusable)?;
            let lock = lock.ok_or_else(|| ServeError::NameTaken(own_name.clone()))?;
            return Ok(Self { name: own_name.clone(), _lock: lock });
        }
        let whole: PathBuf = fs::canonicalize(data_dir).map_err(unusable)?;
        for place in 0..PLACES_MAX {
            if let Some(lock) = lock(&folder, &format!("{role}-{place}")).map_err(unusable)? {
                let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
                // The place comes first: names are cut where they become names of files.
                let name = format!("{role}-{place}@{host}:{}", whole.display());
                return Ok(Self { name, _lock: lock });
            }
        }
        Err(unusable(io::Error::other("all places are taken")))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The lock of a place, unless another process has it.
fn lock(folder: &Path, place: &str) -> io::Result<Option<File>> {
    let path = folder.join(format!("{place}.lock"));
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &Path, name: &str) -> Settings {
        let mut settings = Settings::defaults();
        settings.files.data_dir = folder.to_owned();
        settings.instance.name = name.to_owned();
        settings
    }

    #[test]
    fn each_living_process_has_its_own_place_and_finds_it_again() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), "");
        let take = |role| Instance::take(&settings, role).unwrap();
        let (first, second, worker) = (take("run"), take("run"), take("worker"));
        assert!(first.name().starts_with("run-0@"), "{}", first.name());
        assert!(second.name().starts_with("run-1@"), "{}", second.name());
        assert!(worker.name().starts_with("worker-0@"), "{}", worker.name());

        let name = first.name().to_owned();
        drop(first);
        assert_eq!(take("run").name(), name, "the first free place");
    }

    #[test]
    fn a_name_of_ones_own_is_refused_while_another_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), "school");
        let first = Instance::take(&settings, "run").unwrap();
        assert_eq!(first.name(), "school");
        let refused = Instance::take(&settings, "worker").unwrap_err();
        assert!(matches!(refused, ServeError::NameTaken(name) if name == "school"));
        drop(first);
        Instance::take(&settings, "worker").unwrap();
    }
}
