//! The SQLite file: where it lies, who can read it, and who else works on it.

use std::fs;
use std::path::Path;

use futures_util::FutureExt as _;

use super::case::{Case, folder_of};
use super::configuration::shown;
use super::files::{exposed, make_ours};
use super::finding::{Answer, Finding, Mend, Severity, fine, found, found_if, quoted, skip};
use super::registry::Check;

/// A log that is larger is not being copied back, bytes. The bot starts it over at 64 MiB.
const LOG_MAX_BYTES: u64 = 512 << 20;

/// File systems of other machines, by the number that `statfs(2)` gives, where locks do not hold.
const NETWORK: [(i64, &str); 5] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x0102_1997, "9p"),
    (0x5346_414f, "AFS"),
];

const URL: &[&str] = &["database.url"];

pub(super) const CHECKS: &[Check] = &[
    Check::here(
        "sqlite.network",
        "Does the database file lie on a disk of this machine?",
        Severity::Error,
        URL,
        network,
    ),
    Check::here(
        "sqlite.writable",
        "Can we write to the file and its folder?",
        Severity::Error,
        URL,
        writable,
    ),
    Check::here(
        "sqlite.private",
        "Is the database file for us alone?",
        Severity::Warning,
        URL,
        private,
    ),
    Check::here("sqlite.log", "Is the write-ahead log copied back?", Severity::Warning, URL, log),
    Check::asking(
        "sqlite.hosts",
        "Does only this machine work on the file?",
        Severity::Error,
        URL,
        |case| hosts(case).boxed(),
    ),
];

fn network(case: &Case) -> Answer {
    let path = case.sqlite_file()?;
    let folder = existing(&folder_of(path));
    let Ok(status) = rustix::fs::statfs(&folder) else { return skip("its folder is not there") };
    let sort = status.f_type & 0xffff_ffff;
    let network = NETWORK.iter().find(|(number, _)| *number == sort);
    let Some((_, name)) = network else { return fine() };
    found(Finding::error(
        format!("{} lies on {name}, where SQLite's locks do not hold", path.display()),
        "DATABASE_URL=sqlite:<a path on a disk of this machine>, or a PostgreSQL server",
    ))
}

/// The nearest folder above that is there.
pub(super) fn existing(path: &Path) -> std::path::PathBuf {
    path.ancestors()
        .find(|folder| folder.is_dir())
        .map_or_else(|| ".".into(), std::path::Path::to_owned)
}

fn writable(case: &Case) -> Answer {
    let path = case.sqlite_file()?;
    let folder = folder_of(path);
    let may_write = |path: &Path| {
        rustix::fs::access(path, rustix::fs::Access::WRITE_OK | rustix::fs::Access::READ_OK)
    };
    let mut findings = Vec::new();
    let elsewhere = "DATABASE_URL=sqlite:<a folder of primelingo's own>/primelingo.db";
    for path in [folder.as_path(), path].into_iter().filter(|path| path.exists()) {
        if let Err(error) = may_write(path) {
            let text = format!("we may not write to {}: {error}", path.display());
            findings.push(Finding::error(text, make_ours(path, elsewhere)));
        }
    }
    Ok(findings)
}

fn private(case: &Case) -> Answer {
    let path = case.sqlite_file_there()?;
    let Some(mode) = exposed(path) else { return fine() };
    found(
        Finding::warning(
            format!(
                "{} has the rights {mode:03o}: others on this machine can read what people wrote",
                path.display()
            ),
            format!("chmod 600 {}", quoted(&shown(path))),
        )
        .with(Mend::MakePrivate(path.to_owned())),
    )
}

fn log(case: &Case) -> Answer {
    let path = case.sqlite_file_there()?;
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let size = fs::metadata(&name).map_or(0, |metadata| metadata.len());
    found_if(size > LOG_MAX_BYTES, || {
        Finding::warning(
            format!(
                "the write-ahead log has {} MB: somebody keeps reading an old state",
                size >> 20
            ),
            format!("fuser -v {}", quoted(&shown(path))),
        )
    })
}

async fn hosts(case: &Case) -> Answer {
    case.sqlite_file_there()?;
    let work = case.work().await?;
    let here = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let elsewhere = work.leader.iter().chain(&work.workers).filter_map(|name| {
        // `run-0@host:folder`; names of one's own tell no host.
        let (host, _) = name.split_once('@')?.1.split_once(':')?;
        (host != here).then_some(host)
    });
    let findings = elsewhere.map(|host| {
        Finding::error(
            format!(
                "a process on {host} works on the same file: SQLite's locks do not reach there"
            ),
            "DATABASE_URL=postgresql://... for both, or stop one of them",
        )
    });
    Ok(findings.collect())
}
