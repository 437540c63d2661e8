//! Logs and metrics. No sink ever shows a secret: every line passes a writer that knows them.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use secrecy::{ExposeSecret as _, SecretString};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::meters;
use crate::settings::{LogFormat, LogSettings, Settings};

/// What stands in a log where a secret would.
const REDACTED: &str = "<redacted>";

/// Shorter secrets would redact half of the language.
const SECRET_MIN_BYTES: usize = 6;

/// Starts logging to the standard error stream. Fails only when it was started before.
pub fn start_logging(settings: &LogSettings, secrets: &[SecretString]) -> Result<(), String> {
    let filter = EnvFilter::try_new(&settings.level).map_err(|error| error.to_string())?;
    let writer = RedactingWriter::new(secrets);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let started = match settings.format {
        LogFormat::Json => builder.json().try_init(),
        LogFormat::Pretty => builder.with_target(false).with_ansi(is_terminal()).try_init(),
    };
    log_panics();
    started.map_err(|error| error.to_string())
}

fn is_terminal() -> bool {
    use std::io::IsTerminal as _;
    io::stderr().is_terminal()
}

/// Panics go through the log, and so through the redacting writer, instead of around it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let area = crate::runtime::Area::current().name();
        metrics::counter!("primelingo_panics_total", "area" => area).increment(1);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.payload().downcast_ref::<String>().cloned())
            .unwrap_or_default();
        tracing::error!(place, message, "panic");
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

/// Writes lines to the standard error stream, without the secrets it was told.
#[derive(Clone)]
pub struct RedactingWriter {
    secrets: Arc<[String]>,
}

impl RedactingWriter {
    fn new(secrets: &[SecretString]) -> Self {
        let secrets = secrets
            .iter()
            .map(|secret| secret.expose_secret().to_owned())
            .filter(|secret| secret.len() >= SECRET_MIN_BYTES)
            .collect();
        Self { secrets }
    }

    fn redact(&self, line: &str) -> String {
        let mut clean = line.to_owned();
        for secret in self.secrets.iter().filter(|secret| line.contains(secret.as_str())) {
            clean = clean.replace(secret, REDACTED);
        }
        clean
    }
}

impl<'a> MakeWriter<'a> for RedactingWriter {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for RedactingWriter {
    /// The subscriber hands over whole lines, so no secret is split between two calls.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = self.redact(&String::from_utf8_lossy(bytes));
        io::stderr().write_all(line.as_bytes())?;
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
    fn secrets_never_reach_a_line() {
        let token = SecretString::from("42:CANARY-OF-THE-TEST");
        let short = SecretString::from("a");
        let writer = RedactingWriter::new(&[token, short]);
        let line = writer.redact("calling https://host/bot42:CANARY-OF-THE-TEST/getMe\n");
        assert_eq!(line, "calling https://host/bot<redacted>/getMe\n");
    }
}
