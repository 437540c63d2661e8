//! `primelingo db`: moves databases.

mod address;
mod adopt;
mod checksum;
mod copy;
mod watch;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::settings::Settings;

/// What to do with databases.
#[derive(Debug, Args)]
pub struct DbArguments {
    #[command(subcommand)]
    command: DbCommand,
}

#[derive(Debug, Subcommand)]
enum DbCommand {
    /// Copies a database into an empty one of either kind; the bot must be stopped. Exit code 75:
    /// broken off, go on with --resume.
    Copy(copy::CopyArguments),
    /// Imports people and files of an existing Python bot's database into the configured one. Begun
    /// again, it adds nothing twice.
    Adopt(adopt::AdoptArguments),
    /// Prints rows and checksum of each table; they are the same for a copy, whichever database
    /// holds it.
    Checksum(checksum::ChecksumArguments),
}

/// Exit code of what the same command can go on with: `EX_TEMPFAIL`.
const EXIT_RESUME: u8 = 75;

/// Runs the command.
pub fn run(settings: &Settings, arguments: &DbArguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::complain(&error, 1),
    };
    runtime.block_on(async {
        match &arguments.command {
            DbCommand::Copy(copy) => copy::run(settings, copy).await,
            DbCommand::Adopt(adopt) => adopt::run(settings, adopt).await,
            DbCommand::Checksum(checksum) => checksum::run(settings, checksum).await,
        }
    })
}
