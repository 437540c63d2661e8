//! Commands that work on the configured database and print what came of it.

use std::process::ExitCode;

use crate::app::{self, ServeError};
use crate::settings::Settings;
use crate::store::Db;

/// Opens the database, lets `work` do its part, and prints the line that it gives.
pub fn with_database(
    settings: &Settings,
    work: impl AsyncFnOnce(Db) -> Result<String, ServeError>,
) -> ExitCode {
    with_database_code(settings, async |db| Ok((work(db).await?, ExitCode::SUCCESS)))
}

/// The same for work that decides on the exit code.
pub fn with_database_code(
    settings: &Settings,
    work: impl AsyncFnOnce(Db) -> Result<(String, ExitCode), ServeError>,
) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::complain(&error, 1),
    };
    let result = runtime.block_on(async { work(app::open_database(settings).await?).await });
    match result {
        Ok((text, code)) => {
            super::say(&text);
            code
        }
        Err(error) => super::complain(&error, 1),
    }
}

/// Whether it is there, or what to do instead.
pub fn or_missing(is_there: bool, done: String, missing: String) -> String {
    if is_there { done } else { missing }
}
