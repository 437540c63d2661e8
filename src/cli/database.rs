//! Commands that work on the configured database and print what came of it.

use std::process::ExitCode;

use crate::app::{self, ServeError};
use crate::settings::Settings;
use crate::store::{Db, StoreError};

/// What came of a command.
pub enum Answer {
    /// What was asked for.
    Done(String),
    /// There is no such thing, or it is not to be: for people.
    Refused(String),
    /// The same, for programs, which read the output.
    RefusedAsJson(String),
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self::Done(text)
    }
}

impl Answer {
    /// What was refused, in the words that were asked for.
    pub const fn refused(text: String, json: bool) -> Self {
        if json { Self::RefusedAsJson(text) } else { Self::Refused(text) }
    }

    /// What was asked for, if it is there.
    pub const fn given(is_there: bool, text: String, json: bool) -> Self {
        if is_there { Self::Done(text) } else { Self::refused(text, json) }
    }

    fn print(&self) -> ExitCode {
        match self {
            Self::Done(text) => {
                super::say(text);
                ExitCode::SUCCESS
            }
            Self::Refused(text) => super::complain(text.as_str(), 1),
            Self::RefusedAsJson(text) => {
                super::say(text);
                ExitCode::FAILURE
            }
        }
    }
}

/// Opens the database, lets `work` do its part, and prints what it gives.
pub fn with_database<A: Into<Answer>>(
    settings: &Settings,
    work: impl AsyncFnOnce(Db) -> Result<A, ServeError>,
) -> ExitCode {
    in_database(settings, async |db| Ok(work(db).await?.into().print()))
}

/// The same for work that decides on the exit code.
pub fn with_database_code(
    settings: &Settings,
    work: impl AsyncFnOnce(Db) -> Result<(String, ExitCode), ServeError>,
) -> ExitCode {
    in_database(settings, async |db| {
        let (text, code) = work(db).await?;
        super::say(&text);
        Ok(code)
    })
}

fn in_database(
    settings: &Settings,
    work: impl AsyncFnOnce(Db) -> Result<ExitCode, ServeError>,
) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::complain(&error, 1),
    };
    runtime.block_on(async {
        match app::open_database_soon(settings).await {
            Ok(db) => work(db).await.unwrap_or_else(|error| {
                let is_away = matches!(error, ServeError::Store(StoreError::Unavailable { .. }));
                super::complain(&error, if is_away { super::EXIT_UNAVAILABLE } else { 1 })
            }),
            Err(error) => super::complain(&error, super::EXIT_UNAVAILABLE),
        }
    })
}

/// Whether it is there, or what to do instead.
pub fn or_missing(is_there: bool, done: String, missing: String) -> String {
    if is_there { done } else { missing }
}
