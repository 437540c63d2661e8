//! The simulator inside a program or a test: it listens on a loopback port of its own and is
//! driven without HTTP. It ends with its value: the port, every connection and the spool folder.
//!
//! ```no_run
//! # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
//! use serde_json::json;
//! let sim = tgsim::Simulator::start(tgsim::SimulatorOptions::default()).await?;
//! // start the bot with the API base sim.url() and the token sim.token(), then:
//! let r = sim.ctl("message", json!({"user": 1001, "text": "/start", "wait": true})).await?;
//! assert!(r["reply"]["text"].is_string());
//! sim.stop().await;
//! # Ok(()) }
//! ```

use crate::bot::Config;
use crate::bots::{Bots, BotsSetup};
use crate::people::{Person, default_people};
use crate::server::serve;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The bot token of a simulator that was given none. No bot at Telegram has it.
pub const DEFAULT_TOKEN: &str = "42:TEST-TOKEN-OF-THE-SIMULATOR";

/// How a simulator is started.
#[derive(Debug, Clone)]
pub struct SimulatorOptions {
    /// Where to listen. Port 0 takes a free one. Keep it on the loopback: nothing here is guarded.
    pub listen: SocketAddr,
    /// The bots' tokens; the first is the default of control calls. Must not be empty.
    pub tokens: Vec<String>,
    /// Answer 401 to tokens not in `tokens`; otherwise each well-formed token makes a bot.
    pub strict_tokens: bool,
    /// The bots' username; by default made from the id (`sim42_bot`).
    pub username: Option<String>,
    /// Behave as a Bot API server in `--local` mode: files up to 2000 MB, absolute paths.
    pub local: bool,
    /// The folder in which the spool folder is made; by default the system's temporary one.
    /// The spool folder itself is the simulator's own and goes with it.
    pub spool: Option<PathBuf>,
    /// Who can be played on the chat page.
    pub people: Vec<Person>,
}

impl Default for SimulatorOptions {
    fn default() -> Self {
        SimulatorOptions {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tokens: vec![DEFAULT_TOKEN.to_string()],
            strict_tokens: false,
            username: None,
            local: false,
            spool: None,
            people: default_people(),
        }
    }
}

/// A running simulator. Dropping it ends it; [`Simulator::stop`] also waits for the end.
pub struct Simulator {
    addr: SocketAddr,
    token: String,
    bots: Arc<Bots>,
    listener: Option<JoinHandle<std::io::Result<()>>>,
    /// Removed with its content when dropped.
    _spool: TempDir,
}

impl Simulator {
    /// Binds the port and starts serving on the caller's tokio runtime.
    ///
    /// # Errors
    /// When the port cannot be bound, the spool folder cannot be made or there is no token.
    pub async fn start(options: SimulatorOptions) -> std::io::Result<Simulator> {
        let Some(token) = options.tokens.first().cloned() else {
            let text = "a simulator needs a token";
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, text));
        };
        let spool = make_spool(options.spool)?;
        let listener = TcpListener::bind(options.listen).await?;
        let addr = listener.local_addr()?;
        // the schema is compiled before the first call comes
        crate::spec::spec();
        let bots = Bots::new(BotsSetup {
            tokens: options.tokens,
            open: !options.strict_tokens,
            username: options.username,
            config: Config { local: options.local, people: options.people, ..Config::default() },
            spool: spool.path().to_path_buf(),
        });
        let listener = Some(tokio::spawn(serve(bots.clone(), listener)));
        Ok(Simulator { addr, token, bots, listener, _spool: spool })
    }

    /// Where it listens; never port 0.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The API base for a bot, and the address of the chat page: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The token of the default bot.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// One control call (`message`, `click`, `chat`, …: the paths below `/_ctl/`) without HTTP.
    /// The body is an object, `json!({})` or `null` for none; its `bot` picks a bot.
    ///
    /// # Errors
    /// What `/_ctl/` answers as `error`: an unknown path, a missing or wrong parameter.
    pub async fn ctl(&self, path: &str, body: Value) -> Result<Value, String> {
        let body = if body.is_null() { json!({}) } else { body };
        crate::ctl::dispatch(&self.bots, path.trim_matches('/'), body).await
    }

    /// Serves until the listener fails, which it does not in practice.
    pub async fn served(&mut self) -> std::io::Result<()> {
        match &mut self.listener {
            Some(task) => task.await.map_err(std::io::Error::other)?,
            None => Ok(()),
        }
    }

    /// Ends all connections, frees the port and removes the spool folder, and waits for that.
    pub async fn stop(mut self) {
        if let Some(task) = self.listener.take() {
            task.abort();
            // the error says that the task was aborted, as asked
            let _ = task.await;
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(task) = &self.listener {
            task.abort();
        }
        for bot in self.bots.all() {
            bot.halt();
        }
    }
}

fn make_spool(parent: Option<PathBuf>) -> std::io::Result<TempDir> {
    let parent = parent.unwrap_or_else(std::env::temp_dir);
    std::fs::create_dir_all(&parent)?;
    tempfile::Builder::new().prefix("tgsim-").tempdir_in(parent)
}
