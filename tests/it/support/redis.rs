//! A throwaway Redis server for one test: up in about 20 ms, with everything that can happen to it.
//!
//! Invariants:
//! - The server ends with its value, and with the test process however that ends: a watchdog waits
//!   for the end of a pipe that only the test process holds.
//! - No other server is touched: every signal goes to a process that was started here.
//! - A missing program fails the test; it never skips it.
//!
//! Nothing is kept on disk: a server that was stopped comes back empty.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::{Connection, FromRedisValue, RedisResult};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longest wait for the server; 20 ms is usual.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pause between two looks at a server that starts.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// How often a start may lose its free port to another process before it counts as failed.
const PORT_ATTEMPTS: u32 = 5;

/// Waits until its input ends, that is until the test process is gone, and cleans up.
const WATCHDOG: &str = r#"
cat >/dev/null
pid=$(cat "$1/redis.pid" 2>/dev/null) && kill -KILL "$pid"
rm -rf -- "$1"
"#;

/// A server with a password. Dropping it ends the server.
pub struct Redis {
    folder: TempDir,
    port: u16,
    server: Option<Child>,
    /// Holds our end of the watchdog's pipe, which closes when this process ends.
    _watchdog: Child,
}

/// What must be in no log and no error.
pub const PASSWORD: &str = "redis-canary";

impl Redis {
    /// Starts a server on a free port.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut redis = Self { folder, port: 0, server: None, _watchdog: watchdog };
        for _ in 0..PORT_ATTEMPTS {
            redis.port = free_port();
            if redis.launch() {
                return redis;
            }
        }
        panic!("redis-server did not start:\n{}", redis.log());
    }

    /// A free port on which no server runs, as if one had been there and was stopped.
    pub fn away() -> Self {
        let mut redis = Self::start();
        redis.stop();
        redis
    }

    /// The setting `redis.url`.
    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}/0", self.port)
    }

    /// Ends the server as `kill -9` does.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Starts it again after [`Redis::stop`], empty, where it was.
    pub fn start_again(&mut self) {
        assert!(self.server.is_none(), "it runs");
        assert!(self.launch(), "redis-server did not come back:\n{}", self.log());
    }

    /// Halts the process: connections stay, and nothing is answered.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on after [`Redis::freeze`].
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Drops all keys and scripts.
    pub fn flush(&self) {
        let () = self.ask(&["FLUSHALL"]).unwrap();
        let () = self.ask(&["SCRIPT", "FLUSH"]).unwrap();
    }

    /// Leaves room for a few keys, and fills it with others: most of what is there has to go, and
    /// goes again with each further key.
    pub fn evict(&self) {
        const ROOM_BYTES: u64 = 400 * 1024;
        let info: String = self.ask(&["INFO", "memory"]).unwrap();
        let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
        let limit = used.trim().parse::<u64>().unwrap() + ROOM_BYTES;
        let () = self.ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-random"]).unwrap();
        let () = self.ask(&["CONFIG", "SET", "maxmemory", &limit.to_string()]).unwrap();
        let mut connection = self.connect().unwrap();
        let filling = "x".repeat(1024);
        for number in 0..2_000 {
            redis::cmd("SET").arg(number).arg(&filling).exec(&mut connection).unwrap();
        }
    }

    /// Takes keys as they come again after [`Redis::evict`].
    pub fn stop_evicting(&self) {
        let () = self.ask(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    }

    /// Ends all connections that clients have.
    pub fn disconnect_all(&self) {
        let _: i64 = self.ask(&["CLIENT", "KILL", "TYPE", "normal"]).unwrap();
        let _: i64 = self.ask(&["CLIENT", "KILL", "TYPE", "pubsub"]).unwrap();
    }

    /// The names of all keys.
    pub fn keys(&self) -> Vec<String> {
        self.ask(&["KEYS", "*"]).unwrap()
    }

    /// Runs a command.
    pub fn ask<T: FromRedisValue>(&self, command: &[&str]) -> RedisResult<T> {
        let mut connection = self.connect()?;
        let (name, arguments) = command.split_first().unwrap();
        redis::cmd(name).arg(arguments).query(&mut connection)
    }

    fn connect(&self) -> RedisResult<Connection> {
        redis::Client::open(self.url())?.get_connection_with_timeout(PATIENCE)
    }

    /// Starts the process, and waits until it answers. False if it ended instead.
    fn launch(&mut self) -> bool {
        let folder = self.folder.path();
        let server = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--requirepass", PASSWORD, "--save", "", "--appendonly", "no"])
            .args(["--logfile", path(&folder.join("redis.log"))])
            .args(["--pidfile", path(&folder.join("redis.pid"))])
            .args(["--dir", path(folder)])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "no redis-server found ({error}); tests/run.sh installs it, or install the \
                     Debian package `redis-server`"
                )
            });
        self.server = Some(server);
        let url = self.url();
        for _ in 0..PATIENCE.as_millis() / LOOK_EVERY.as_millis() {
            if self.has_ended() {
                self.server = None;
                return false;
            }
            let client = redis::Client::open(url.as_str());
            let connection = client.and_then(|client| client.get_connection());
            if connection.is_ok_and(|mut it| redis::cmd("PING").exec(&mut it).is_ok()) {
                return true;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        panic!("redis-server does not answer:\n{}", self.log());
    }

    fn has_ended(&mut self) -> bool {
        self.server.as_mut().is_none_or(|server| server.try_wait().unwrap().is_some())
    }

    fn signal(&self, signal: Signal) {
        let server = self.server.as_ref().expect("a running server");
        kill_process(Pid::from_child(server), signal).unwrap();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("redis.log")).unwrap_or_default()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // SIGKILL ends a halted process, too.
        self.stop();
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
