//! `primelingo files`: the library's files, as the operator sees them.

mod import;
mod verify;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::settings::Settings;

/// What to do with files.
#[derive(Debug, Args)]
pub struct FilesArguments {
    #[command(subcommand)]
    command: FilesCommand,
}

#[derive(Debug, Subcommand)]
enum FilesCommand {
    /// Publishes all files of a folder; its folders become sections. Begun again, it goes on: what
    /// the library has is passed over.
    Import(import::ImportArguments),
    /// Checks stored files and Telegram's handles of them, those first that were not checked for
    /// the longest time. Exit code 1 when something is wrong.
    Verify(verify::VerifyArguments),
}

/// Runs the command against the configured library.
pub fn run(settings: &Settings, arguments: &FilesArguments) -> ExitCode {
    match &arguments.command {
        FilesCommand::Import(import) => import::run(settings, import),
        FilesCommand::Verify(verify) => verify::run(settings, verify),
    }
}
