//! Throwaway servers: Prometheus and Alertmanager, on free ports of the loopback.
//!
//! Invariants:
//! - A server ends with its value, and with the test process however that ends: a keeper waits for
//!   the end of a pipe that only the test process holds.
//! - No other server is touched: signals go to processes that were started here.
//! - A missing program fails the test; it never skips it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use url::Url;

use crate::support::bot::{bounded, free_address};

/// Debian calls Alertmanager by its package's name. `tests/run.sh` looks for the same.
const ALERTMANAGER: [&str; 2] = ["prometheus-alertmanager", "alertmanager"];

/// How often a start may lose its free port to another process before it counts as failed.
const PORT_ATTEMPTS: u32 = 5;

/// Waits until its input ends, that is until the test process is gone, and ends the server.
const KEEPER: &str = r#"
cat >/dev/null
kill -KILL "$1"
"#;

/// A server that answers. Dropping it ends it.
pub struct Server {
    process: Child,
    keeper: Child,
    pub address: SocketAddr,
    /// Its configuration, data and log.
    folder: TempDir,
}

impl Server {
    /// A Prometheus with this configuration and these rules, both JSON, which is YAML.
    pub async fn prometheus(config: &Value, rules: &Value) -> Self {
        let prepare = |folder: &Path, address: SocketAddr| {
            std::fs::write(folder.join("prometheus.yml"), config.to_string()).unwrap();
            std::fs::write(folder.join("rules.yml"), rules.to_string()).unwrap();
            vec![
                format!("--config.file={}", folder.join("prometheus.yml").display()),
                format!("--storage.tsdb.path={}", folder.join("data").display()),
                format!("--web.listen-address={address}"),
                "--rules.alert.resend-delay=500ms".to_owned(),
            ]
        };
        Self::start(&["prometheus"], prepare, "-/ready").await
    }

    /// An Alertmanager with this configuration, alone.
    pub async fn alertmanager(config: &Value) -> Self {
        let prepare = |folder: &Path, address: SocketAddr| {
            std::fs::write(folder.join("alertmanager.yml"), config.to_string()).unwrap();
            vec![
                format!("--config.file={}", folder.join("alertmanager.yml").display()),
                format!("--storage.path={}", folder.join("data").display()),
                format!("--web.listen-address={address}"),
                "--cluster.listen-address=".to_owned(),
            ]
        };
        Self::start(&ALERTMANAGER, prepare, "-/ready").await
    }

    async fn start(
        programs: &[&str],
        prepare: impl Fn(&Path, SocketAddr) -> Vec<String>,
        ready: &str,
    ) -> Self {
        for _ in 0..PORT_ATTEMPTS {
            let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
            let arguments = prepare(folder.path(), address);
            let server = programs.iter().find_map(|program| spawn(program, &arguments, &folder));
            let server = server.unwrap_or_else(|| {
                panic!("none of {programs:?} can be run; tests/run.sh installs it")
            });
            let keeper = keeper(&server);
            let mut server = Self { process: server, keeper, address, folder };
            let is_up = bounded("a server's start", async || {
                if server.process.try_wait().unwrap().is_some() {
                    return Some(false);
                }
                let answer = reqwest::get(server.url(ready)).await.ok()?;
                answer.status().is_success().then_some(true)
            });
            if is_up.await {
                return server;
            }
            let log = server.log();
            assert!(log.contains("address already in use"), "{programs:?} ended:\n{log}");
        }
        panic!("{programs:?} found no free port")
    }

    /// A path of its HTTP interface.
    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}/{path}", self.address)).unwrap()
    }

    /// What it answers to a question.
    pub async fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let mut url = self.url(path);
        url.query_pairs_mut().extend_pairs(parameters);
        let answer = reqwest::get(url.clone()).await.unwrap_or_else(|error| panic!("{error}"));
        let text = answer.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{url}: {error}: {text}"))
    }

    /// The values that a query has now.
    pub async fn values(&self, query: &str) -> Vec<f64> {
        let answer = self.ask("api/v1/query", &[("query", query)]).await;
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        let result = &answer["data"]["result"];
        let value = |sample: &Value| sample["value"][1].as_str().unwrap().parse().unwrap();
        result.as_array().unwrap().iter().map(value).collect()
    }

    /// Waits until Prometheus has scraped this target: what grew before that, it cannot see.
    pub async fn sees(&self, target: SocketAddr) {
        let up = format!("sum(up{{instance=\"{target}\"}})");
        bounded("the first scrape", async || (self.values(&up).await == [1.0]).then_some(())).await;
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The keeper first: it must not signal a process that has another's id by then.
        for child in [&mut self.keeper, &mut self.process] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts a program; none if there is no such program.
fn spawn(program: &str, arguments: &[String], folder: &TempDir) -> Option<Child> {
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let spawned = Command::new(program)
        .args(arguments)
        .arg("--log.level=warn")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn();
    spawned.ok()
}

fn keeper(server: &Child) -> Child {
    Command::new("sh")
        .args(["-c", KEEPER, "keeper", &server.id().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
