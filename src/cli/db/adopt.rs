//! `primelingo db adopt`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::super::progress::Progress;
use super::super::{complain, note, say};
use super::address::{self, AddressError};
use crate::app::{self, ServeError};
use crate::library::adopt::{Adoption, Mapping, MappingError, Tally};
use crate::settings::Settings;
use crate::store::foreign::Foreign;

/// From where, and how to read it.
#[derive(Debug, Args)]
pub struct AdoptArguments {
    /// The other bot's database; it is only read. Its forms are those of `database.url`; `-` reads the
    /// address from the standard input, so that a password in it is seen by nobody.
    #[arg(long, value_name = "URL")]
    from: String,
    /// Which tables and columns hold what; config/adopt.toml is an example. Without it, common names
    /// are looked for.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Only prints what would be imported, and what would not, and why.
    #[arg(long)]
    dry_run: bool,
}

/// Why nothing was adopted.
#[derive(Debug, thiserror::Error)]
enum AdoptError {
    #[error("cannot read the mapping {path}: {source}", path = path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error(transparent)]
    Mapping(#[from] MappingError),
    #[error(transparent)]
    App(#[from] ServeError),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
}

/// Adopts.
pub async fn run(settings: &Settings, arguments: &AdoptArguments) -> ExitCode {
    match adopt(settings, arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error, 1),
    }
}

async fn adopt(settings: &Settings, arguments: &AdoptArguments) -> Result<(), AdoptError> {
    let from = address::read(settings, "--from", Some(&arguments.from))?;
    let source = Foreign::open(&app::store_config_of(settings, &from)?).await?;
    let tables = source.tables().await?;
    let mapping = match &arguments.mapping {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| AdoptError::Unreadable { path: path.clone(), source })?;
            Mapping::parse(&text)?
        }
        None => Mapping::guess(&tables)?,
    };
    mapping.check(&tables)?;
    if arguments.mapping.is_none() {
        say(&format!(
            "# guessed; save it, mend it, and name it with --mapping\n{}",
            mapping.shown()
        ));
    }
    let db = app::open_database_soon(settings).await?;
    let mut progress = Progress::begin("rows", 0);
    let mut done = 0;
    let mut on_rows = |rows: usize| {
        done += u64::try_from(rows).unwrap_or_default();
        progress.show(done, done);
    };
    let mut adoption = Adoption {
        source: &source,
        db: &db,
        queue: settings.jobs.queue.clone(),
        dry_run: arguments.dry_run,
        on_rows: &mut on_rows,
        people: HashMap::new(),
    };
    let mut tallies = Vec::new();
    if let Some(section) = &mapping.users {
        tallies.push(("people", adoption.users(section).await?));
    }
    if let Some(section) = &mapping.files {
        tallies.push(("files", adoption.files(section).await?));
    }
    progress.end();
    // A guess goes to a file: nothing but the mapping may stand in it.
    let tell: fn(&str) = if arguments.mapping.is_none() { note } else { say };
    for (what, tally) in &tallies {
        tell(&shown(what, tally, arguments.dry_run));
    }
    if arguments.dry_run {
        tell("nothing was written; leave --dry-run out to import");
    }
    Ok(())
}

fn shown(what: &str, tally: &Tally, dry_run: bool) -> String {
    let Tally { read, imported, skipped, remarks } = tally;
    let verb = if dry_run { "would be imported" } else { "imported" };
    let passed = read.saturating_sub(*imported);
    let mut lines = vec![format!("{what}: {read} read, {imported} {verb}, {passed} skipped")];
    let reasons = skipped.0.iter().map(|it| ("skipped", it));
    for (kind, (reason, (count, examples))) in
        reasons.chain(remarks.0.iter().map(|it| ("noted", it)))
    {
        lines.push(format!("  {kind} {count}: {reason} ({})", examples.join("; ")));
    }
    lines.join("\n")
}
