//! `primelingo db copy`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::super::output::{Format, Output};
use super::super::{complain, say};
use super::watch::Screen;
use super::{EXIT_RESUME, address};
use crate::app;
use crate::settings::Settings;
use crate::store::copy::{CopyPlan, TableReport, copy};

/// From where, and to where.
#[derive(Debug, Args)]
pub struct CopyArguments {
    /// What is read, and never changed: `sqlite:path` or `postgresql://user@host:5432/name`. Left out,
    /// or `configured`: the configured database. `-` reads the address from the standard input, so
    /// that a password in it is seen by nobody.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// What is written: an empty database, named likewise. A SQLite file is made, a database of a
    /// server must be there (`createdb`).
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Goes on with a copy that was broken off; begins if there is none.
    #[arg(long)]
    resume: bool,
    /// Reads the target again at the end and compares the checksums. This is the default.
    #[arg(long, overrides_with = "no_verify")]
    verify: bool,
    /// Leaves that out.
    #[arg(long)]
    no_verify: bool,
    /// Rows of one transaction at most.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    batch: u32,
    #[command(flatten)]
    format: Format,
}

/// Copies.
pub async fn run(settings: &Settings, arguments: &CopyArguments) -> ExitCode {
    // With `-` for both, the source's address is the first line.
    let urls = address::read(settings, "--from", arguments.from.as_deref())
        .and_then(|from| Ok((from, address::read(settings, "--to", arguments.to.as_deref())?)));
    let (from, to) = match urls {
        Ok(urls) => urls,
        Err(error) => return complain(&error, 1),
    };
    let configs = app::store_config_of(settings, &from)
        .and_then(|from| Ok((from, app::store_config_of(settings, &to)?)));
    let (from, to) = match configs {
        Ok(configs) => configs,
        Err(error) => return complain(&error, 1),
    };
    let plan = CopyPlan {
        from,
        to,
        resume: arguments.resume,
        verify: !arguments.no_verify,
        batch_rows: usize::try_from(arguments.batch).unwrap_or(usize::MAX),
    };
    let mut screen = Screen::begin("rows", true);
    let copied = copy(&plan, &mut screen).await;
    screen.end();
    match copied {
        Ok(reports) => {
            say(&match arguments.format.output() {
                Output::Table => table(&reports),
                Output::Json => reports.iter().map(value).collect::<Value>().to_string(),
            });
            ExitCode::SUCCESS
        }
        Err(error) if error.is_resumable() => complain(&error, EXIT_RESUME),
        Err(error) => complain(&error, 1),
    }
}

fn table(reports: &[TableReport]) -> String {
    let head = format!(
        "{:<22} {:>10}  {:<32}  {:<32} {:>8}",
        "table", "rows", "checksum of the source", "checksum of the target", "seconds"
    );
    let line = |report: &TableReport| {
        let target = report.target.map_or_else(|| "not verified".to_owned(), |sum| sum.to_string());
        format!(
            "{:<22} {:>10}  {}  {target:<32} {:>8.2}",
            report.name, report.source.rows, report.source, report.seconds
        )
    };
    let rows: u64 = reports.iter().map(|report| report.source.rows).sum();
    let mut lines = vec![head];
    lines.extend(reports.iter().map(line));
    lines.push(format!("{} tables, {rows} rows", reports.len()));
    lines.join("\n")
}

fn value(report: &TableReport) -> Value {
    json!({
        "table": report.name,
        "rows": report.source.rows,
        "source": report.source.to_string(),
        "target": report.target.map(|sum| sum.to_string()),
        "seconds": report.seconds,
    })
}
