//! `primelingo demo`: everything on one machine, without Telegram and without a token.
//!
//! A simulator of the Bot API, the bot on a fresh SQLite database, a small library, and a page to
//! chat with the bot as one of several people. All of it is gone when the command ends.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::Args;
use tgsim::{Simulator, SimulatorOptions};

use crate::app;
use crate::settings::{LoadOptions, Settings};

mod library;
pub(super) mod samples;

/// The bot's name in the demo.
const BOT_USERNAME: &str = "primelingo_bot";
/// People of the chat page: see `tgsim::default_people`.
const EDITOR: i64 = 2001;
const ADMIN: i64 = 3001;
const OWNER: i64 = 4001;

/// How the demo listens.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Port of the chat page, on this machine only; 0 for any free one.
    #[arg(long, default_value_t = 8088)]
    port: u16,
    /// Port of probes and metrics, on this machine only; 0 for any free one.
    #[arg(long, default_value_t = 8080)]
    admin_port: u16,
}

/// Runs the demo until it is stopped.
pub fn run(arguments: &DemoArguments, overrides: Vec<(String, String)>) -> ExitCode {
    match try_run(arguments, overrides) {
        Ok(code) => code,
        Err(error) => super::complain(&error, 1),
    }
}

#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error("the simulator cannot listen on port {port}: {source}; choose another with --port")]
    Listen { port: u16, source: std::io::Error },
    #[error("{what}: {source}")]
    System { what: &'static str, source: std::io::Error },
    #[error(transparent)]
    Settings(#[from] crate::settings::SettingsError),
    #[error(transparent)]
    Serve(#[from] app::ServeError),
    #[error("sample library: {0}")]
    Library(#[from] library::LibraryError),
    #[error("logging: {0}")]
    Logging(String),
}

fn try_run(
    arguments: &DemoArguments,
    overrides: Vec<(String, String)>,
) -> Result<ExitCode, DemoError> {
    let system = |what| move |source| DemoError::System { what, source };
    let folder = tempfile::Builder::new()
        .prefix("primelingo-demo-")
        .tempdir()
        .map_err(system("cannot make a folder for the demo"))?;
    // The simulator has a runtime of its own, as it would be another machine.
    let outside = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("simulator")
        .enable_all()
        .build()
        .map_err(system("cannot start the simulator"))?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let options = SimulatorOptions {
        listen,
        username: Some(BOT_USERNAME.to_owned()),
        ..SimulatorOptions::default()
    };
    let simulator = outside
        .block_on(Simulator::start(options))
        .map_err(|source| DemoError::Listen { port: arguments.port, source })?;

    let settings = settings(&simulator, folder.path(), arguments.admin_port, overrides)?;
    crate::app::telemetry::start_logging(&settings.log, &settings.secrets())
        .map_err(DemoError::Logging)?;
    // Before the library is filled: what counts takes its handles once.
    crate::app::telemetry::start_metrics(&settings).map_err(DemoError::Logging)?;
    outside.block_on(library::fill(&settings, &simulator))?;
    super::say(&format!("\nChat page:          {}", simulator.url()));
    if let crate::settings::Listen::At(admin) = settings.web.listen {
        super::say(&format!("Probes and metrics: http://{admin}/readyz  http://{admin}/metrics"));
    }
    super::say("Stop with Ctrl-C; nothing of the demo is kept.\n");
    let reason = app::serve(&settings, app::Role::Run { with_jobs: true }, None)?;
    outside.block_on(simulator.stop());
    Ok(ExitCode::from(reason.exit_code()))
}

/// The demo's own settings: neither environment nor files of this machine play a part.
fn settings(
    simulator: &Simulator,
    folder: &std::path::Path,
    admin_port: u16,
    overrides: Vec<(String, String)>,
) -> Result<Settings, DemoError> {
    let own = [
        ("telegram.token", simulator.token().to_owned()),
        ("telegram.api_url", simulator.url()),
        ("database.url", format!("sqlite:{}", folder.join("primelingo.db").display())),
        ("files.data_dir", folder.join("files").display().to_string()),
        ("access.owners", OWNER.to_string()),
        ("web.listen", format!("127.0.0.1:{admin_port}")),
        ("log.level", "primelingo=info,warn".to_owned()),
    ];
    let own = own.map(|(key, value)| (key.to_owned(), value));
    let overrides = own.into_iter().chain(overrides).collect();
    let loaded = Settings::load(LoadOptions { overrides, ..LoadOptions::default() })?;
    Ok(loaded.settings)
}
