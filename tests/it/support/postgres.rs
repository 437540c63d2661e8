//! A throwaway PostgreSQL server: one per test process, a database of its own for every test.
//!
//! Invariants:
//! - The server never outlives the test process, however that ends. Rust drops no statics and
//!   SIGKILL runs no code, so a watchdog process waits for the end of a pipe whose other end only
//!   the test process holds; then it stops the server and removes the folder.
//! - Should the watchdog die too, the next run sweeps what processes that are gone left behind.
//! - No other server is touched: every command names our own data folder or port.
//! - Missing programs fail the test; they never skip it.
//!
//! Nothing is durable here (`fsync` is off): a power cut may cost the data, which nobody wants.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Once, OnceLock};

use rustix::process::{Pid, geteuid, test_kill_process};

/// Folders are called this, followed by the id of the test process that owns them.
const FOLDER_PREFIX: &str = "primelingo-postgres-";

/// The database that [`Postgres::fresh_database`] clones. Nobody may stay connected to it:
/// PostgreSQL refuses to clone a database that is in use.
const TEMPLATE: &str = "template_primelingo";

/// What a start may take before it counts as failed; 0.7 s is usual.
const START_TIMEOUT_S: &str = "30";

/// How often a start may lose its free port to another process before it counts as failed.
const PORT_ATTEMPTS: u32 = 5;

const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 200
fsync = off
full_page_writes = off
synchronous_commit = off
timezone = 'UTC'
";

/// Waits until its input ends, that is until the test process is gone, and cleans up.
const WATCHDOG: &str = r#"
cat >/dev/null
"$1" stop --silent --mode=immediate --pgdata="$2/data"
rm -rf -- "$2"
"#;

/// The server of this test process.
pub struct Postgres {
    programs: Programs,
    folder: PathBuf,
    port: u16,
    /// Holds our end of the watchdog's pipe, which closes when this process ends.
    _watchdog: Child,
}

/// A database for one test: a clone of the template, dropped with this value.
pub struct TestDatabase {
    /// `postgres://…`, over loopback TCP.
    pub url: String,
    name: String,
    server: &'static Postgres,
}

impl Postgres {
    /// The server, started at the first call. Panics with the reason when that is not possible.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(""))
    }

    /// A server for one test, which may stop it. It lives until the test process ends.
    pub fn own() -> &'static Self {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Box::leak(Box::new(Self::start(&format!("-{number}"))))
    }

    /// Stops the server as a crash would: nothing is finished, connections end in mid-sentence.
    pub fn crash(&self) {
        must(
            as_server_user(self.programs.path("pg_ctl"))
                .args(["stop", "--silent", "--wait", "--mode=immediate", "--pgdata"])
                .arg(self.folder.join("data")),
        );
    }

    /// Starts the server again where it was.
    pub fn return_from_crash(&self) {
        let log = self.folder.join("return.log");
        run(&mut start_command(&self.programs, &self.folder, &log, self.port)).unwrap_or_else(
            |error| panic!("{error}{}", fs::read_to_string(&log).unwrap_or_default()),
        );
    }

    /// Clones the template (about 20 ms). Blocks: meant for the first line of a test.
    pub fn fresh_database(&'static self) -> TestDatabase {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("it_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
            .unwrap_or_else(|error| panic!("{error}"));
        TestDatabase { url: self.url(&name), name, server: self }
    }

    fn start(suffix: &str) -> Self {
        static SWEPT: Once = Once::new();
        let programs = Programs::locate();
        // Once: what carries our own id was left behind only as long as we have made nothing.
        SWEPT.call_once(|| sweep(&programs));

        let folder =
            std::env::temp_dir().join(format!("{FOLDER_PREFIX}{}{suffix}", std::process::id()));
        must(as_server_user("mkdir").arg("--mode=700").arg(&folder));
        let watchdog = spawn_watchdog(&programs, &folder);
        must(
            as_server_user(programs.path("initdb"))
                .args(["--no-sync", "--auth=trust", "--username=postgres"])
                // C.UTF-8 orders by code point like C, yet knows upper and lower case of Cyrillic.
                .args(["--encoding=UTF8", "--locale=C.UTF-8"])
                .arg("--pgdata")
                .arg(folder.join("data")),
        );
        configure(&folder);
        let port = start_on_a_free_port(&programs, &folder);

        let server = Self { programs, folder, port, _watchdog: watchdog };
        server
            .administer(&format!("CREATE DATABASE {TEMPLATE}"))
            .unwrap_or_else(|error| panic!("{error}"));
        server
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs one statement in the maintenance database, over the Unix socket.
    fn administer(&self, statement: &str) -> Result<(), String> {
        let mut psql = as_server_user(self.programs.path("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--username=postgres"])
            .arg("--host")
            .arg(&self.folder)
            .arg(format!("--port={}", self.port))
            .args(["--dbname=postgres", "--command", statement]);
        run(&mut psql)
    }
}

impl TestDatabase {
    /// Ends all connections and lets none in: as if this database's server were down.
    pub fn shut(&self) {
        self.allow_connections(false);
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        );
        self.server.administer(&end).unwrap_or_else(|error| panic!("{error}"));
    }

    /// Lets connections in again.
    pub fn open(&self) {
        self.allow_connections(true);
    }

    fn allow_connections(&self, allow: bool) {
        let statement = format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {allow}", self.name);
        self.server.administer(&statement).unwrap_or_else(|error| panic!("{error}"));
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // FORCE ends the connections of a pool that the test has not closed. A failure only
        // leaves the database to the end of the process, and a panic here would hide the test's.
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let _ = self.server.administer(&statement);
    }
}

/// What `pg_dump` writes of a database.
pub fn dump(url: &str) -> Vec<u8> {
    let output =
        Command::new(Programs::locate().path("pg_dump")).arg("--dbname").arg(url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The folder of PostgreSQL's own programs, which Debian keeps out of `PATH`.
struct Programs {
    folder: PathBuf,
}

impl Programs {
    const NEEDED: [&str; 4] = ["initdb", "pg_ctl", "postgres", "psql"];

    fn locate() -> Self {
        let candidates = candidate_folders();
        let complete =
            |folder: &PathBuf| Self::NEEDED.iter().all(|program| folder.join(program).is_file());
        let Some(folder) = candidates.iter().find(|folder| complete(folder)) else {
            panic!(
                "no PostgreSQL server found: {} are in none of {candidates:?}; \
                 tests/run.sh installs it, or install the Debian package `postgresql`",
                Self::NEEDED.join(", "),
            );
        };
        Self { folder: folder.clone() }
    }

    fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

/// Where PostgreSQL may be, best first: Debian's folders from the newest version down, what
/// `pg_config` says, then `PATH`. `tests/run.sh` looks in the same places.
fn candidate_folders() -> Vec<PathBuf> {
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    debian.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let mut folders: Vec<PathBuf> = debian.into_iter().map(|(_, folder)| folder).collect();

    if let Ok(answer) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim()));
    }
    if let Some(path) = std::env::var_os("PATH") {
        folders.extend(std::env::split_paths(&path));
    }
    folders
}

/// A command as the user that may run the server: PostgreSQL refuses to run as root, so root
/// becomes Debian's `postgres`.
///
/// The environment is empty except for `PATH`, since `PGHOST`, `PGOPTIONS` and their kin would
/// lead the programs elsewhere; the working folder is one that every user may enter.
fn as_server_user(program: impl AsRef<OsStr>) -> Command {
    let mut command = if geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]);
        command.arg(program);
        command
    } else {
        Command::new(program)
    };
    command.env_clear().env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// Runs a command to its end; the error says which one, and what it said.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} failed with {}: {said}", output.status))
}

fn must(command: &mut Command) {
    run(command).unwrap_or_else(|error| panic!("{error}"));
}

fn spawn_watchdog(programs: &Programs, folder: &Path) -> Child {
    as_server_user("sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(programs.path("pg_ctl"))
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C goes to the terminal's process group; the watchdog must live through it.
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start the watchdog of PostgreSQL: {error}"))
}

fn configure(folder: &Path) {
    let path = folder.join("data/postgresql.conf");
    let socket = format!("unix_socket_directories = '{}'\n", folder.display());
    OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(format!("{SETTINGS}{socket}").as_bytes()))
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}

/// Starts the server and returns its port. `pg_ctl` comes back when it accepts connections.
///
/// Between the choice of a free port and its use another process may take it (many test runs
/// share a machine); only then another port is tried.
fn start_on_a_free_port(programs: &Programs, folder: &Path) -> u16 {
    let mut said = String::new();
    for attempt in 1..=PORT_ATTEMPTS {
        let port = free_port();
        let log = folder.join(format!("start-{attempt}.log"));
        let started = run(&mut start_command(programs, folder, &log, port));
        let Err(error) = started else {
            return port;
        };
        said = format!("{error}{}", fs::read_to_string(&log).unwrap_or_default());
        if !said.contains("Address already in use") {
            break;
        }
    }
    panic!("PostgreSQL did not start: {said}");
}

/// `pg_ctl` comes back when the server accepts connections.
fn start_command(programs: &Programs, folder: &Path, log: &Path, port: u16) -> Command {
    let mut command = as_server_user(programs.path("pg_ctl"));
    command
        .args(["start", "--silent", "--wait", "--timeout", START_TIMEOUT_S])
        .arg("--pgdata")
        .arg(folder.join("data"))
        .arg("--log")
        .arg(log)
        .arg("--options")
        // Nothing of SETTINGS: what stands here cannot be changed by SQL.
        .arg(format!("-p {port}"));
    command
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .unwrap_or_else(|error| panic!("no free port on loopback: {error}"))
        .port()
}

/// Removes the folders, and stops the servers, of test processes that are gone. Best effort: what
/// belongs to another user stays, and a watchdog may be at the same folder right now.
fn sweep(programs: &Programs) {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for folder in entries.map(|entry| entry.path()).filter(|path| is_stale(path)) {
        let data = folder.join("data");
        if data.join("postmaster.pid").exists() {
            let mut stop = as_server_user(programs.path("pg_ctl"));
            stop.args(["stop", "--silent", "--mode=immediate", "--pgdata"]).arg(&data);
            let _ = run(&mut stop);
        }
        let _ = fs::remove_dir_all(&folder);
    }
}

/// Whether this is a folder of ours whose process is gone. One that carries our own id is stale
/// as well: the system gave the id to us after its owner had died.
fn is_stale(folder: &Path) -> bool {
    let name = folder.file_name().and_then(OsStr::to_str).unwrap_or_default();
    // A second server of the same process has a number behind the id.
    let owner = name.strip_prefix(FOLDER_PREFIX).and_then(|rest| rest.split('-').next());
    let owner = owner.and_then(|id| id.parse().ok());
    let Some(owner) = owner.and_then(Pid::from_raw) else {
        return false;
    };
    let ours = owner == rustix::process::getpid();
    ours || test_kill_process(owner) == Err(rustix::io::Errno::SRCH)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use tokio_postgres::{Client, NoTls};

    use super::*;

    async fn connect(url: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    #[tokio::test]
    async fn a_test_sees_nothing_of_another_tests_database() {
        let one = Postgres::shared().fresh_database();
        let other = Postgres::shared().fresh_database();

        connect(&one.url).await.batch_execute("CREATE TABLE mark ()").await.unwrap();

        let seen = connect(&other.url).await.batch_execute("TABLE mark").await.unwrap_err();
        assert_eq!(seen.code().unwrap().code(), "42P01", "{seen:?}");
    }

    #[tokio::test]
    async fn a_database_ends_with_its_value() {
        let database = Postgres::shared().fresh_database();
        let client = connect(&database.url).await;
        client.batch_execute("SELECT 1").await.unwrap();

        let url = database.url.clone();
        drop(database);

        let refused = tokio_postgres::connect(&url, NoTls).await.err().unwrap();
        assert_eq!(refused.code().unwrap().code(), "3D000", "{refused:?}");
    }

    #[test]
    fn only_folders_of_dead_processes_are_stale() {
        let alive = rustix::process::getppid().unwrap().as_raw_nonzero();
        let mut child = Command::new("true").spawn().unwrap();
        let dead = child.id();
        child.wait().unwrap();

        assert!(is_stale(Path::new(&format!("/x/{FOLDER_PREFIX}{dead}"))));
        assert!(is_stale(Path::new(&format!("/x/{FOLDER_PREFIX}{dead}-2"))));
        assert!(!is_stale(Path::new(&format!("/x/{FOLDER_PREFIX}{alive}"))));
        assert!(!is_stale(Path::new(&format!("/x/{FOLDER_PREFIX}"))));
        assert!(!is_stale(Path::new(&format!("/x/other-{dead}"))));
    }

    /// The inner process of the next test: a test run that is killed in the middle.
    #[test]
    #[ignore = "run by the_server_dies_with_a_killed_test_process"]
    fn hold_a_database_until_killed() {
        let database = Postgres::shared().fresh_database();
        let mut out = std::io::stdout();
        writeln!(out, "\nurl={}", database.url).unwrap();
        out.flush().unwrap();
        std::io::stdin().lines().for_each(drop);
    }

    #[tokio::test]
    async fn the_server_dies_with_a_killed_test_process() {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg("support::postgres::tests::hold_a_database_until_killed")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let url = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .find_map(|line| line.unwrap().strip_prefix("url=").map(str::to_owned))
            .unwrap();
        let (_client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();

        process.kill().unwrap();
        process.wait().unwrap();

        // Only the end of the server ends this connection.
        assert!(connection.await.is_err());
    }
}
