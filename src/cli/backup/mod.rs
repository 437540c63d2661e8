//! `primelingo backup`: makes, lists, proves, puts back and thins out backups.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::output::{Format, Output};
use crate::app;
use crate::backup::{
    BackupConfig, BackupError, Depth, Folder, Manifest, Reporter, create, prune, verify,
};
use crate::settings::Settings;

mod print;
mod restore;
mod watch;

use watch::watched;

/// What to do with backups.
#[derive(Debug, Args)]
pub struct BackupArguments {
    #[command(flatten)]
    format: Format,
    #[command(subcommand)]
    command: BackupCommand,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Copies the database while the bot works, and proves the copy by restoring it.
    Create {
        /// Folder of the backups, in place of backup.dir.
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        /// Copies the files of the library, too: each content once, for all backups.
        #[arg(long)]
        with_files: bool,
        /// Does not restore it for a proof; an alert counts proven backups alone.
        #[arg(long)]
        no_verify: bool,
    },
    /// Lists backups, the newest first.
    List(Place),
    /// Checks backups by restoring them into a place of their own; the newest, if none is named.
    Verify {
        /// The name of a backup.
        #[arg(conflicts_with = "all")]
        id: Option<String>,
        /// Checks all of them.
        #[arg(long)]
        all: bool,
        /// Compares checksums alone.
        #[arg(long)]
        quick: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Puts a backup in the place of the database, which is kept beside it.
    Restore(restore::RestoreArguments),
    /// Removes backups that are too many (backup.keep_*), and copied files that none names.
    Prune {
        /// Only tells what would be removed.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        place: Place,
    },
}

/// Where the backups are.
#[derive(Debug, Args)]
struct Place {
    /// Folder of the backups, in place of backup.dir.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
}

/// What a command has to say, and whether all is well.
type Answer = Result<(String, bool), BackupError>;

/// Runs the command.
pub fn run(settings: &Settings, arguments: &BackupArguments) -> ExitCode {
    let dir = match &arguments.command {
        BackupCommand::Create { to, .. } => to,
        BackupCommand::Restore(restore) => &restore.place.from,
        BackupCommand::List(place)
        | BackupCommand::Verify { place, .. }
        | BackupCommand::Prune { place, .. } => &place.from,
    };
    let option =
        if matches!(arguments.command, BackupCommand::Create { .. }) { "--to" } else { "--from" };
    let Some(mut config) = app::backup_config(settings, dir.clone()) else {
        let text = format!("where backups go is not set; set backup.dir, or say it: {option} DIR");
        return super::complain(text, super::EXIT_CONFIG);
    };
    if let BackupCommand::Create { with_files, no_verify, .. } = arguments.command {
        config.files |= with_files;
        config.verify = !no_verify;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return super::complain(&error, 1),
    };
    let answer = runtime.block_on(answer(settings, &config, arguments));
    // Threads that nobody waits for any more end at their next step.
    runtime.shutdown_background();
    match answer {
        Ok((text, is_well)) => {
            super::say(&text);
            if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => super::complain(&error, 1),
    }
}

async fn answer(settings: &Settings, config: &BackupConfig, arguments: &BackupArguments) -> Answer {
    let output = arguments.format.output();
    match &arguments.command {
        BackupCommand::Create { .. } => {
            let reporter = Reporter::new();
            let making = create(config, &reporter);
            let made = watched(output, &reporter, making).await?;
            Ok((print::made(&made, &config.dir, output), true))
        }
        BackupCommand::List(_) => {
            let entries = Folder::new(config.dir.clone()).list()?;
            Ok((print::list(&entries, &config.dir, output), true))
        }
        BackupCommand::Verify { id, all, quick, .. } => {
            let depth = if *quick { Depth::Quick } else { Depth::Full };
            verify_some(config, id.as_deref(), *all, depth, output).await
        }
        BackupCommand::Restore(restore) => restore.run(settings, config, output).await,
        BackupCommand::Prune { dry_run, .. } => {
            let pruned = prune(config, *dry_run).await?;
            Ok((print::pruned(&pruned, *dry_run, output), true))
        }
    }
}

/// Checks the named backup, the newest, or all of them, one after the other.
async fn verify_some(
    config: &BackupConfig,
    id: Option<&str>,
    all: bool,
    depth: Depth,
    output: Output,
) -> Answer {
    let folder = Folder::new(config.dir.clone());
    let ids: Vec<String> = if let Some(id) = id {
        vec![id.to_owned()]
    } else {
        let ids = folder.list()?.into_iter().map(|entry| entry.id);
        if all { ids.collect() } else { ids.take(1).collect() }
    };
    if ids.is_empty() {
        let (id, dir) = ("to check".to_owned(), config.dir.clone());
        return Err(BackupError::NoBackup { id, dir });
    }
    let mut checked: Vec<(String, Result<Manifest, BackupError>)> = Vec::new();
    for id in ids {
        let reporter = Reporter::new();
        let result = watched(output, &reporter, verify(config, &id, depth, &reporter)).await;
        checked.push((id, result));
    }
    let is_well = checked.iter().all(|(_, result)| result.is_ok());
    Ok((print::checked(&checked, depth, output), is_well))
}
