//! `primelingo db checksum`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::super::output::{Format, Output};
use super::super::{complain, say};
use super::address;
use super::watch::Screen;
use crate::app;
use crate::settings::Settings;
use crate::store::copy::{TableReport, checksum};

/// Of which database.
#[derive(Debug, Args)]
pub struct ChecksumArguments {
    /// The database, in place of the configured one; `-` reads the address from the standard input,
    /// so that a password in it is seen by nobody.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Prints the checksums.
pub async fn run(settings: &Settings, arguments: &ChecksumArguments) -> ExitCode {
    let url = match address::read(settings, "--url", arguments.url.as_deref()) {
        Ok(url) => url,
        Err(error) => return complain(&error, 1),
    };
    let config = match app::store_config_of(settings, &url) {
        Ok(config) => config,
        Err(error) => return complain(&error, 1),
    };
    let mut screen = Screen::begin("rows", false);
    let summed = checksum(&config, &mut screen).await;
    screen.end();
    match summed {
        Ok(reports) => {
            say(&match arguments.format.output() {
                Output::Table => reports.iter().map(line).collect::<Vec<_>>().join("\n"),
                Output::Json => reports.iter().map(value).collect::<Value>().to_string(),
            });
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error, 1),
    }
}

fn line(report: &TableReport) -> String {
    format!("{:<22} {:>10}  {}", report.name, report.source.rows, report.source)
}

fn value(report: &TableReport) -> Value {
    let TableReport { name, source, .. } = report;
    json!({ "table": name, "rows": source.rows, "checksum": source.to_string() })
}
