//! `primelingo backup restore`: asks before it takes the place of anything.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use clap::Args;

use super::super::output::Output;
use super::watch::watched;
use super::{Answer, Place, print};
use crate::app;
use crate::backup::{
    BackupConfig, BackupError, Folder, Holds, Order, Reporter, Source, outlook, restore,
};
use crate::settings::{DatabaseUrl, Settings};

/// What is put back, and where.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// The name of the backup.
    id: String,
    /// Where the database goes, in place of `DATABASE_URL`: sqlite:PATH or postgresql://...; "-" reads
    /// the address from the standard input, so that a password in it is seen by nobody.
    #[arg(long, value_name = "URL")]
    to_url: Option<String>,
    /// Where the files of the library go; without it they are left as they are.
    #[arg(long, value_name = "DIR")]
    files_to: Option<PathBuf>,
    /// Takes the place of what is there without asking; it is kept beside all the same.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

impl RestoreArguments {
    /// Looks, asks if need be, and restores.
    pub async fn run(&self, settings: &Settings, config: &BackupConfig, output: Output) -> Answer {
        let manifest = Folder::new(config.dir.clone()).open(&self.id)?;
        let url = self.target(settings)?;
        let shown = url.to_string();
        let target = app::backup_source(&url);
        let is_sqlite = matches!(target, Source::Sqlite(_));
        let order = Order { manifest, target, files_to: self.files_to.clone() };
        let there = outlook(&order, &app::program()).await?;
        self.agree(there, &shown)?;
        let reporter = Reporter::new();
        let done = watched(output, &reporter, restore(config, &order, &reporter)).await?;
        let is_whole = done.lost_files == 0;
        Ok((print::restored((&order.manifest, &done), (&shown, is_sqlite), output), is_whole))
    }

    fn target(&self, settings: &Settings) -> Result<DatabaseUrl, BackupError> {
        let text = match self.to_url.as_deref() {
            None => return Ok(settings.database.url.clone()),
            Some("-") => read_line()?,
            Some(url) => url.to_owned(),
        };
        let unreadable = |error| BackupError::Address(format!("--to-url: {error}"));
        text.trim().parse().map_err(unreadable)
    }

    /// Fails unless what is there may be replaced.
    fn agree(&self, there: Holds, shown: &str) -> Result<(), BackupError> {
        if self.yes || there == Holds::Nothing {
            return Ok(());
        }
        let refused = BackupError::NotEmpty { target: shown.to_owned(), holds: there };
        if !io::stdin().is_terminal() || self.to_url.as_deref() == Some("-") {
            return Err(refused);
        }
        super::super::say(&format!(
            "{shown} holds {there}; it is kept beside, and {} takes its place. Go on? (yes/no)",
            self.id
        ));
        if read_line()?.trim().eq_ignore_ascii_case("yes") { Ok(()) } else { Err(refused) }
    }
}

fn read_line() -> Result<String, BackupError> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|source| BackupError::Disk { what: "read the standard input", source })?;
    Ok(line)
}
