//! What `--fix` does. Nothing here can lose data, and what is mended already stays as it is.

use std::fs::{self, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

use chrono::TimeDelta;
use tokio::runtime::Handle;

use super::case::Case;
use super::finding::Mend;
use crate::app::with_causes;
use crate::library::blobs::BlobStore;
use crate::settings::{LoadOptions, Settings};
use crate::store::records::{JobDeaths, JobOwner};
use crate::store::{Db, facts};

/// Who gives jobs back.
const OURSELVES: &str = "doctor";

/// What came of it.
#[derive(Debug, Default)]
pub struct Mended {
    /// What was done.
    pub done: Vec<String>,
    /// What was not, and why.
    pub failed: Vec<String>,
}

/// Mends what can be mended; gives what was done, and what was not.
pub async fn mend(options: LoadOptions, mends: &[Mend]) -> Mended {
    let mut told = Mended::default();
    // Longer than for a look: a migration or an index takes as long as it takes.
    let case = Case::new(Settings::examine(options), super::PATIENCE);
    if !case.examined.unreadable.is_empty() {
        // What was found may not be what is configured.
        let why = "anything: a part of the configuration cannot be read (see configuration.loads)";
        told.failed.push(why.to_owned());
        return told;
    }
    for mend in mends {
        let what = name(mend);
        match carry_out(mend, &case).await {
            Ok(()) => told.done.push(what),
            Err(why) => told.failed.push(format!("{what}: {why}")),
        }
    }
    told
}

fn name(mend: &Mend) -> String {
    match mend {
        Mend::MakePrivate(path) => format!("{} is for us alone", path.display()),
        Mend::MakeFolder(path) => format!("the folder {} is made", path.display()),
        Mend::Migrate => "the schema is up to date".to_owned(),
        Mend::MakeIndexes(names) => format!("indexes are made: {}", names.join(", ")),
        Mend::DropWebhook => "the webhook is removed; what waits is kept".to_owned(),
        Mend::ReleaseJobs => "jobs of dead processes are given back".to_owned(),
        Mend::SweepTemp => "files that were left behind are removed".to_owned(),
    }
}

async fn carry_out(mend: &Mend, case: &Case) -> Result<(), String> {
    match mend {
        Mend::MakePrivate(path) => {
            let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
            let mode = metadata.permissions().mode() & 0o700;
            fs::set_permissions(path, Permissions::from_mode(mode)).map_err(|it| it.to_string())
        }
        Mend::MakeFolder(path) => fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| error.to_string()),
        Mend::Migrate => {
            nobody_works(case).await?;
            open(case).await.map(drop)
        }
        Mend::MakeIndexes(names) => {
            let config = case.store_config();
            facts::make_indexes(&config, names.clone()).await.map_err(|it| with_causes(&it))
        }
        Mend::DropWebhook => {
            nobody_works(case).await?;
            let client = case.client().map_err(|skip| skip.0)?;
            client.delete_webhook().await.map_err(|error| error.to_string())
        }
        Mend::ReleaseJobs => {
            let db = open(case).await?;
            let owner = JobOwner { instance: OURSELVES.to_owned(), epoch: 0 };
            let now = db.database_now().await.map_err(|error| with_causes(&error))?;
            let probation = TimeDelta::from_std(case.settings().jobs.probation());
            let probation_until = now + probation.unwrap_or_else(|_| TimeDelta::zero());
            let deaths = JobDeaths { died: false, probation_until };
            let released = db.jobs_rescue(owner, deaths, now).await;
            released.map(drop).map_err(|error| with_causes(&error))
        }
        Mend::SweepTemp => {
            let files = BlobStore::new(case.settings().files.data_dir.clone(), OURSELVES);
            files.sweep(Case::now()).await.map(drop).map_err(|error| error.to_string())
        }
    }
}

/// What a running bot relies on is not changed under it.
async fn nobody_works(case: &Case) -> Result<(), String> {
    let Ok(work) = case.work().await else { return Ok(()) };
    match work.leader.iter().chain(&work.workers).next() {
        Some(instance) => Err(format!("{instance} runs: stop it first")),
        None => Ok(()),
    }
}

/// Opens the database as a start does.
async fn open(case: &Case) -> Result<Db, String> {
    let config = case.store_config();
    let database = &case.settings().database;
    let limit = database.query_timeout() + database.acquire_timeout();
    Db::open(config, limit, Handle::current()).await.map_err(|error| with_causes(&error))
}
