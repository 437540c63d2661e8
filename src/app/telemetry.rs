//! Logs and metrics. No sink ever shows a secret: every line passes a writer that knows them.

use std::io::{self, Write};
use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use secrecy::{ExposeSecret, SecretString};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use super::fault_log::FaultLayer;
use super::log_meter::LogMeter;
use crate::meters;
use crate::runtime::{Area, hide, panic_text, redact};
use crate::settings::{LogFormat, LogSettings, Settings};

/// The filter of the log, to be changed while the program runs.
static FILTER: OnceLock<Handle<EnvFilter, Registry>> = OnceLock::new();

/// Starts logging to the standard error stream. Fails only when it was started before.
pub fn start_logging(settings: &LogSettings, secrets: &[SecretString]) -> Result<(), String> {
    hide_secrets(secrets);
    let filter = EnvFilter::try_new(&settings.level).map_err(|error| error.to_string())?;
    let (filter, handle) = reload::Layer::new(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(RedactingWriter);
    let lines = match settings.format {
        LogFormat::Json => lines.json().boxed(),
        LogFormat::Pretty => lines.with_target(false).with_ansi(is_terminal()).boxed(),
    };
    let worth = filter_fn(|line| is_fit_to_log(line) && is_worth_a_line(line));
    let layers = Registry::default().with(filter).with(worth).with(lines);
    let layers = layers.with(FaultLayer).with(LogMeter);
    let started = layers.try_init();
    log_panics();
    started.map_err(|error| error.to_string())?;
    // Nobody has started it before, so that this is the first handle, too.
    let _ = FILTER.set(handle);
    Ok(())
}

/// Whether a line may be in the log, whatever its filter says.
///
/// What we write ourselves names nobody (see [`crate::runtime::pseudonym`], and the test
/// `tests/it/architecture/logs.rs`). What crates write below `info` is made for those who mend them:
/// it shows heads of requests, addresses with all their parts and what was read. That can name
/// anybody and hold any text, and nothing can be taken out of it with certainty: so it stays out.
/// Crates that write by `log` and not by `tracing` (tokio-postgres with its statements, redis,
/// reqwest, teloxide-core) are not heard at all: no bridge is built in.
fn is_fit_to_log(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || is_ours(metadata.target())
}

fn is_ours(target: &str) -> bool {
    let rest = target.strip_prefix(env!("CARGO_PKG_NAME"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A text as it may be shown, for what does not go through the log.
pub fn without_secrets(text: &str) -> String {
    redact(text).into_owned()
}

/// What cannot be read as HTTP was answered, and is an error of whoever sent it: strangers must not fill
/// our log, nor raise our alerts.
fn is_worth_a_line(line: &Metadata<'_>) -> bool {
    !(*line.level() == Level::ERROR && line.target() == "actix_http::h1::dispatcher")
}

/// No sink shows these from now on.
pub fn hide_secrets(secrets: &[SecretString]) {
    hide(secrets.iter().map(ExposeSecret::expose_secret));
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
        let area = Area::current().name();
        metrics::counter!("primelingo_panics_total", "area" => area).increment(1);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic_text(panic.payload());
        tracing::error!(place, panic = message, "panic");
    }));
}

/// Starts collecting metrics, with all that the catalogue knows; the handle renders them. Whoever
/// comes later gets the same: figures are kept by handles that are taken once, so that this comes
/// before anything that counts.
pub fn start_metrics(settings: &Settings) -> Result<PrometheusHandle, String> {
    static EXPORTER: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(started) = EXPORTER.get() {
        return Ok(started.clone());
    }
    let exporter = meters::exporter().and_then(PrometheusBuilder::install_recorder);
    let exporter = exporter.map_err(|error| error.to_string())?;
    meters::register(&super::figures::configured(settings));
    Ok(EXPORTER.get_or_init(|| exporter).clone())
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
    /// The subscriber hands over whole lines, so no secret is split between two calls. Of one that
    /// cannot be written it would tell on the same stream, and die of that.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let _ = io::stderr().write_all(redact(&line).as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crates_write_for_those_who_mend_them_stays_out() {
        let log = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(io::sink);
        let log = log.finish().with(filter_fn(is_fit_to_log));
        tracing::subscriber::with_default(log, || {
            assert!(tracing::enabled!(target: "hyper::proto", Level::INFO));
            assert!(!tracing::enabled!(target: "hyper::proto", Level::DEBUG));
            assert!(!tracing::enabled!(target: "primelingo_x", Level::TRACE), "not ours");
            assert!(tracing::enabled!(target: "primelingo::chat", Level::TRACE));
        });
    }
}
