//! `pg_dump` and `pg_restore`: which ones, and how they are run.
//!
//! Invariants: a password goes into the environment of the child, where its owner alone can read it,
//! never into its arguments; a child does not outlive whoever waits for it.

use std::fs;
use std::io::{self, PipeReader, PipeWriter, pipe};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use secrecy::ExposeSecret as _;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use super::error::{BackupError, disk};
use crate::store::backup::pg::{APPLICATION, Address};

/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// What is kept of the words of a program.
const SAID_MAX: usize = 1000;

/// The first version that takes the certificates of the system.
const SYSTEM_ROOTS_SINCE: u32 = 16;

/// Where Debian and most others keep those certificates, for programs that have to be told.
const ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The programs of one version.
#[derive(Debug)]
pub(super) struct Programs {
    /// Empty: where the system looks.
    folder: PathBuf,
    /// Their version.
    version: u32,
}

impl Programs {
    /// The newest programs that can work with a server of that version.
    pub async fn find(bin_dir: Option<&Path>, server: u32) -> Result<Self, BackupError> {
        let folders = bin_dir.map_or_else(known_folders, |folder| vec![folder.to_owned()]);
        let mut newest: Option<Self> = None;
        for folder in folders {
            if let Some(version) = version_of(&folder.join("pg_dump")).await
                && newest.as_ref().is_none_or(|known| version > known.version)
            {
                newest = Some(Self { folder, version });
            }
        }
        let Some(newest) = newest else {
            return Err(BackupError::NoProgram { program: "pg_dump", major: server });
        };
        if newest.version < server {
            let (program, version) = (newest.folder.join("pg_dump"), newest.version);
            return Err(BackupError::OldProgram { program, version, major: server });
        }
        Ok(newest)
    }

    /// Begins to dump a moment of a database.
    pub fn dump(
        &self,
        address: &Address,
        snapshot: &str,
    ) -> Result<(Running, PipeReader), BackupError> {
        let mut command = self.command("pg_dump", address)?;
        command.args(["--format=custom", "--compress=0", "--no-owner", "--no-privileges"]);
        command.args(["--no-comments", "--lock-wait-timeout=60000", "--no-password"]);
        command.arg(format!("--snapshot={snapshot}")).env("PGDATABASE", &address.database);
        let (reader, writer) = pipe().map_err(disk("begin pg_dump"))?;
        command.stdin(Stdio::null()).stdout(writer);
        Ok((Running::start("pg_dump", command, address)?, reader))
    }

    /// Begins to put a dump into an empty database.
    pub fn restore(
        &self,
        address: &Address,
        database: &str,
    ) -> Result<(Running, PipeWriter), BackupError> {
        let mut command = self.command("pg_restore", address)?;
        command.args(["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]);
        command.args(["--no-comments", "--no-password"]).arg(format!("--dbname={database}"));
        let (reader, writer) = pipe().map_err(disk("begin pg_restore"))?;
        command.stdin(reader).stdout(Stdio::null());
        Ok((Running::start("pg_restore", command, address)?, writer))
    }

    fn command(&self, program: &'static str, address: &Address) -> Result<Command, BackupError> {
        let mut command = Command::new(self.folder.join(program));
        for name in ["PGSERVICE", "PGSERVICEFILE", "PGPASSFILE", "PGOPTIONS", "PGHOSTADDR"] {
            command.env_remove(name);
        }
        command.env("PGHOST", &address.hosts).env("PGPORT", &address.ports).env("LC_ALL", "C");
        command.env("PGCONNECT_TIMEOUT", "15").env("PGAPPNAME", APPLICATION);
        if let Some(user) = &address.user {
            command.env("PGUSER", user);
        }
        match &address.password {
            Some(password) => command.env("PGPASSWORD", password.expose_secret()),
            None => command.env_remove("PGPASSWORD"),
        };
        if address.is_encrypted {
            let roots = roots_for(program, self.version, Path::new(ROOTS))?;
            command.env("PGSSLMODE", "verify-full").env("PGSSLROOTCERT", roots);
        } else {
            command.env("PGSSLMODE", "disable");
        }
        Ok(command)
    }
}

/// What a program of that version checks the server's certificate with. Without a check a password and
/// all that people wrote could go to anybody.
fn roots_for<'a>(
    program: &'static str,
    version: u32,
    roots: &'a Path,
) -> Result<&'a Path, BackupError> {
    if version >= SYSTEM_ROOTS_SINCE {
        return Ok(Path::new("system"));
    }
    if roots.is_file() {
        return Ok(roots);
    }
    Err(BackupError::NoRoots { program, version, roots: roots.to_owned() })
}

/// A program that runs. It is killed with this value.
pub(super) struct Running {
    name: &'static str,
    child: Child,
    address: Address,
}

impl Running {
    fn start(
        name: &'static str,
        mut command: Command,
        address: &Address,
    ) -> Result<Self, BackupError> {
        command.stderr(Stdio::piped()).kill_on_drop(true);
        // With the command its end of the pipe is closed here.
        let child = command.spawn().map_err(disk("start a program of PostgreSQL"))?;
        Ok(Self { name, child, address: address.clone() })
    }

    /// Waits for its end; its words are the error.
    pub async fn finish(mut self) -> Result<(), BackupError> {
        let mut said = Vec::new();
        if let Some(errors) = self.child.stderr.as_mut() {
            // Whatever could be read is told.
            let _ = errors.take(1 << 20).read_to_end(&mut said).await;
        }
        let status = self.child.wait().await.map_err(disk("wait for a program of PostgreSQL"))?;
        if status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&said);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = match &self.address.password {
            Some(password) if !password.expose_secret().is_empty() => {
                said.replace(password.expose_secret(), "***")
            }
            _ => said,
        };
        let said: String = said.chars().take(SAID_MAX).collect();
        let said = if said.is_empty() { status.to_string() } else { said };
        if said.contains("No space left on device") {
            return Err(BackupError::Full { what: "write to the database server" });
        }
        Err(BackupError::Program { program: self.name, said })
    }
}

/// The newest version first.
fn known_folders() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let mut folders: Vec<PathBuf> = versions.into_iter().map(|(_, folder)| folder).collect();
    // What the system finds by the PATH.
    folders.push(PathBuf::new());
    folders
}

/// The major version of a program, if it is there.
async fn version_of(program: &Path) -> Option<u32> {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.ok()?;
    major_of(&String::from_utf8_lossy(&output.stdout))
}

/// `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15.
fn major_of(said: &str) -> Option<u32> {
    let (_, rest) = said.split_once("(PostgreSQL) ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// What a thread that feeds or drains a program has met: when the program has failed, that tells more.
pub(super) fn first_of(
    program: Result<(), BackupError>,
    thread: Result<(), BackupError>,
) -> Result<(), BackupError> {
    match (program, thread) {
        // The pipe broke because the program has ended.
        (Err(program), Err(BackupError::Disk { source, .. }))
            if source.kind() == io::ErrorKind::BrokenPipe =>
        {
            Err(program)
        }
        (_, Err(thread)) => Err(thread),
        (program, Ok(())) => program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major_of("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("pg_dump (PostgreSQL) 18devel"), Some(18));
        assert_eq!(major_of("something else"), None);
    }

    #[test]
    fn a_server_is_never_left_unchecked() {
        let folder = tempfile::tempdir().unwrap();
        let roots = folder.path().join("roots.crt");
        let with = |version| roots_for("pg_dump", version, &roots);
        assert_eq!(with(16).unwrap(), Path::new("system"));
        let refused = with(15).unwrap_err().to_string();
        assert!(refused.contains("ca-certificates") && refused.contains("16"), "{refused}");
        fs::write(&roots, b"").unwrap();
        assert_eq!(with(15).unwrap(), roots);
    }

    fn fake(folder: &Path, version: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.join("pg_dump");
        fs::write(&path, format!("#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[tokio::test]
    async fn programs_that_are_missing_or_too_old_are_refused_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let find = || Programs::find(Some(folder.path()), 16);
        let missing = find().await.unwrap_err().to_string();
        assert!(missing.contains("postgresql-client-16"), "{missing}");
        fake(folder.path(), "15.3");
        let old = find().await.unwrap_err().to_string();
        assert!(old.contains("version 15") && old.contains("postgresql-client-16"), "{old}");
        fake(folder.path(), "17.0");
        assert_eq!(find().await.unwrap().version, 17);
    }
}
