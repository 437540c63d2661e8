//! The folder of files: whether it is there, is ours, and has room.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::case::{Case, folder_of};
use super::configuration::{OTHERS, shown};
use super::finding::{Answer, Finding, Mend, Severity, fine, found, found_if, quoted, skip};
use super::registry::Check;
use super::sqlite::existing;
use crate::settings::DatabaseUrl;

/// Half-fetched files that nobody has written to for so long are swept: as `library::blobs` does.
const ABANDONED_AFTER: Duration = Duration::from_hours(48);

/// Fewer files than these can be made: the disk is as good as full.
const INODES_MIN: u64 = 10_000;

/// Less than this and SQLite may not be able to commit, bytes.
const DATABASE_ROOM: u64 = 256 << 20;

/// Folders below `files.data_dir` between which files are renamed.
const RENAMED_BETWEEN: [&str; 2] = ["tmp", "blobs"];

const DIR: &[&str] = &["files.data_dir"];

pub(super) const CHECKS: &[Check] = &[
    Check::here(
        "files.folder",
        "Is the folder of files there, and can we write to it?",
        Severity::Error,
        DIR,
        folder,
    ),
    Check::here(
        "files.private",
        "Is the folder of files for us alone?",
        Severity::Warning,
        DIR,
        private,
    ),
    Check::here(
        "files.one-disk",
        "Can a fetched file be moved into its place at once?",
        Severity::Error,
        DIR,
        one_disk,
    ),
    Check::here(
        "files.room",
        "Has the disk of the files room?",
        Severity::Error,
        &["files.data_dir", "files.min_free_mb", "files.temp_quota_mb"],
        room,
    ),
    Check::here(
        "files.inodes",
        "Can more files be made on that disk?",
        Severity::Error,
        DIR,
        inodes,
    ),
    Check::here(
        "files.database-room",
        "Has the disk of the database room?",
        Severity::Error,
        &["database.url"],
        database_room,
    ),
    Check::here(
        "files.left-over",
        "Have dead processes left half-fetched files?",
        Severity::Info,
        DIR,
        left_over,
    ),
];

/// Folders where others have theirs; what is below them may be ours.
const SHARED: [&str; 19] = [
    "/",
    "/home",
    "/media",
    "/mnt",
    "/opt",
    "/root",
    "/run",
    "/srv",
    "/tmp",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
    "/var/run",
    "/var/spool",
    "/var/tmp",
    "/var/backups",
    "/run/lock",
    "/run/user",
];
/// Folders in which nothing is ours, however deep.
const OF_THE_SYSTEM: [&str; 10] =
    ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr"];

/// The line that lets us write to a path: never to more than it, and of a folder that is not for us
/// alone `elsewhere`, another place.
pub(super) fn make_ours(path: &Path, elsewhere: &str) -> String {
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_shared = SHARED.iter().any(|folder| whole == Path::new(folder))
        || OF_THE_SYSTEM.iter().any(|folder| whole.starts_with(folder));
    if is_shared {
        return elsewhere.to_owned();
    }
    // As a number: the line is pasted by somebody else than us.
    format!("chown {} {}", rustix::process::geteuid().as_raw(), quoted(&shown(&whole)))
}

/// The rights of a file or a folder that others on this machine get to; none when it is for us
/// alone, or below a folder that is.
pub(super) fn exposed(path: &Path) -> Option<u32> {
    let whole = fs::canonicalize(path).ok()?;
    let mode = |path: &Path| fs::metadata(path).map(|it| it.permissions().mode() & 0o777).ok();
    let own = mode(&whole)?;
    if own & OTHERS == 0 {
        return None;
    }
    // Whoever may not pass a folder gets to nothing in it.
    let is_shut =
        whole.ancestors().skip(1).any(|it| mode(it).is_some_and(|mode| mode & 0o011 == 0));
    (!is_shut).then_some(own)
}

fn folder(case: &Case) -> Answer {
    let path = &case.settings().files.data_dir;
    let text = quoted(&shown(path));
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_dir() => found(Finding::error(
            format!("files.data_dir = {} is no folder", path.display()),
            "--set files.data_dir=<a folder>",
        )),
        Ok(_) => {
            let allowed = rustix::fs::access(
                path,
                rustix::fs::Access::READ_OK
                    | rustix::fs::Access::WRITE_OK
                    | rustix::fs::Access::EXEC_OK,
            );
            let Err(error) = allowed else { return fine() };
            found(Finding::error(
                format!("we may not write to files.data_dir = {}: {error}", path.display()),
                make_ours(path, "--set files.data_dir=<a folder of primelingo's own>"),
            ))
        }
        Err(_) => found(
            Finding::info(
                format!("{} is not there yet: the first start makes it", path.display()),
                format!("install -d -m 700 {text}"),
            )
            .with(Mend::MakeFolder(path.clone())),
        ),
    }
}

fn there(case: &Case) -> Result<&PathBuf, super::finding::Skip> {
    let path = &case.settings().files.data_dir;
    if path.is_dir() { Ok(path) } else { skip("files.data_dir is not there (see files.folder)") }
}

fn private(case: &Case) -> Answer {
    let path = there(case)?;
    let Some(mode) = exposed(path) else { return fine() };
    found(
        Finding::warning(
            format!("{} has the rights {mode:03o}: others can look into it", path.display()),
            format!("chmod 700 {}", quoted(&shown(path))),
        )
        .with(Mend::MakePrivate(path.clone())),
    )
}

fn one_disk(case: &Case) -> Answer {
    let path = there(case)?;
    let device = |path: &Path| fs::metadata(path).ok().map(|it: Metadata| it.dev());
    let mut devices: Vec<u64> =
        RENAMED_BETWEEN.iter().filter_map(|name| device(&path.join(name))).collect();
    devices.dedup();
    found_if(devices.len() > 1, || {
        Finding::error(
            format!("tmp and blobs in {} are on different disks", path.display()),
            format!("umount {}", quoted(&shown(&path.join("tmp")))),
        )
    })
}

fn free_bytes(path: &Path) -> Option<u64> {
    let status = rustix::fs::statvfs(existing(path)).ok()?;
    Some(status.f_bavail.saturating_mul(status.f_frsize))
}

fn room(case: &Case) -> Answer {
    let files = &case.settings().files;
    let Some(free) = free_bytes(&files.data_dir) else { return skip("the disk does not tell") };
    let (least, wanted) =
        (files.min_free_bytes(), files.min_free_bytes().saturating_add(files.temp_quota_bytes()));
    let cure = format!("df -h {}; du -xh {0} | sort -h | tail", quoted(&shown(&files.data_dir)));
    if free < least {
        let text = format!(
            "{} MB are free and files.min_free_mb = {}: no file is taken any more",
            free >> 20,
            files.min_free_mb
        );
        return found(Finding::error(text, cure));
    }
    found_if(free < wanted, || {
        let text = format!(
            "{} MB are free: less than files.min_free_mb and files.temp_quota_mb together",
            free >> 20
        );
        Finding::warning(text, cure)
    })
}

fn inodes(case: &Case) -> Answer {
    let folder = existing(&case.settings().files.data_dir);
    let Ok(status) = rustix::fs::statvfs(&folder) else { return skip("the disk does not tell") };
    // Some file systems count none.
    found_if(status.f_files > 0 && status.f_favail < INODES_MIN, || {
        Finding::error(
            format!("only {} more files can be made on this disk", status.f_favail),
            format!("df -i {}", quoted(&shown(&folder))),
        )
    })
}

fn database_room(case: &Case) -> Answer {
    let DatabaseUrl::Sqlite { path } = &case.settings().database.url else {
        return skip("the database is a server: its disk is not seen from here");
    };
    let folder = folder_of(path);
    let Some(free) = free_bytes(&folder) else { return skip("the disk does not tell") };
    found_if(free < DATABASE_ROOM, || {
        Finding::error(
            format!("{} MB are free for the database in {}", free >> 20, folder.display()),
            format!("df -h {}", quoted(&shown(&folder))),
        )
    })
}

fn left_over(case: &Case) -> Answer {
    let folder = there(case)?.join("tmp");
    let Ok(entries) = fs::read_dir(&folder) else { return fine() };
    let now = Case::now();
    let is_abandoned = |metadata: Metadata| {
        let written: DateTime<Utc> = metadata.modified().ok()?.into();
        now.signed_duration_since(written).to_std().ok().filter(|age| *age > ABANDONED_AFTER)
    };
    let count = entries
        .flatten()
        .filter_map(|entry| entry.metadata().ok())
        .filter(Metadata::is_file)
        .filter_map(is_abandoned)
        .count();
    found_if(count > 0, || {
        Finding::info(
            format!("{count} files in {} were left behind two days ago or more", folder.display()),
            "primelingo doctor --fix",
        )
        .with(Mend::SweepTemp)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_of_the_systems_is_given_to_us() {
        for shared in ["/", "/var/lib", "/var/lib/", "/etc", "/usr/lib", "/tmp"] {
            assert_eq!(make_ours(Path::new(shared), "elsewhere"), "elsewhere", "{shared}");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("library.db");
        for ours in [folder.path(), &file] {
            let cure = make_ours(ours, "elsewhere");
            assert!(cure.starts_with("chown ") && !cure.contains("-R"), "{cure}");
            assert!(cure.ends_with(&format!(" {}", ours.display())), "{cure}");
        }
    }
}
