//! `primelingo run`: the bot.

use std::process::ExitCode;

use crate::app;
use crate::settings::Settings;

/// Exit code when something must be mended before another start.
const EXIT_UNUSABLE: u8 = 69;

/// Runs the bot until it is stopped.
pub fn run(settings: &Settings) -> ExitCode {
    match app::serve(settings) {
        Ok(reason) => ExitCode::from(reason.exit_code()),
        Err(error) => super::complain(&error, EXIT_UNUSABLE),
    }
}
