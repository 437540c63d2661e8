//! Logs and metrics. No sink ever shows a secret: every line passes a writer that knows them.

use std::io::{self, Write};
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use super::fault_log::FaultLayer;
use crate::runtime::{hide, panic_text, redact};
use crate::settings::{LogFormat, LogSettings};

/// Buckets of all durations, in seconds: from a cached read to a slow upload.
const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The filter of the log, to be changed while the program runs.
static FILTER: OnceLock<Handle<EnvFilter, Registry>> = OnceLock::new();

/// Starts logging to the standard error stream. Fails only when it was started before.
pub fn start_logging(settings: &LogSettings, secrets: &[SecretString]) -> Result<(), String> {
    hide(secrets.iter().map(ExposeSecret::expose_secret));
    let filter = EnvFilter::try_new(&settings.level).map_err(|error| error.to_string())?;
    let (filter, handle) = reload::Layer::new(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(RedactingWriter);
    let lines = match settings.format {
        LogFormat::Json => lines.json().boxed(),
        LogFormat::Pretty => lines.with_target(false).with_ansi(is_terminal()).boxed(),
    };
    let started = Registry::default().with(filter).with(lines).with(FaultLayer).try_init();
    log_panics();
    started.map_err(|error| error.to_string())?;
    // Nobody has started it before, so that this is the first handle, too.
    let _ = FILTER.set(handle);
    Ok(())
}

/// Logs by another filter from now on: a level, or the syntax of `EnvFilter`.
pub fn set_log_level(filter: &str) -> Result<(), String> {
    let parsed = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let handle = FILTER.get().ok_or("logging was not started")?;
    handle.reload(parsed).map_err(|error| error.to_string())?;
    tracing::info!(filter, "log level changed");
    Ok(())
}

/// The filter by which is logged.
pub fn log_level() -> String {
    let filter = FILTER.get().and_then(|handle| handle.with_current(ToString::to_string).ok());
    filter.unwrap_or_default()
}

fn is_terminal() -> bool {
    use std::io::IsTerminal as _;
    io::stderr().is_terminal()
}

/// Panics go through the log, and so through the redacting writer, instead of around it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        metrics::counter!("primelingo_panics_total", "area" => "actor").increment(1);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic_text(panic.payload());
        tracing::error!(place, panic = message, "panic");
    }));
}

/// Starts collecting metrics; the handle renders them. Fails only when it was started before.
pub fn start_metrics() -> Result<PrometheusHandle, String> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| error.to_string())
}

/// Writes lines to the standard error stream, without secrets.
#[derive(Debug, Clone, Copy)]
struct RedactingWriter;

impl<'a> MakeWriter<'a> for RedactingWriter {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        *self
    }
}

impl Write for RedactingWriter {
    /// The subscriber hands over whole lines, so no secret is split between two calls.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        io::stderr().write_all(redact(&line).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
