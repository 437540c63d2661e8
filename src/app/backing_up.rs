//! How backups are made here: settings, as `backup` wants them.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use crate::backup::{BackupConfig, Source};
use crate::domain::backup::Keep;
use crate::domain::clock::SystemClock;
use crate::settings::{DatabaseUrl, Settings};

/// How backups are made, in this folder or the one that is set; none without either.
pub fn config(settings: &Settings, dir: Option<PathBuf>) -> Option<BackupConfig> {
    let backup = &settings.backup;
    let dir = dir.or_else(|| backup.dir.clone())?;
    Some(BackupConfig {
        dir,
        source: source(&settings.database.url),
        shown: settings.database.url.to_string(),
        program: program(),
        data_dir: settings.files.data_dir.clone(),
        files: backup.files,
        verify: backup.verify,
        keep: Keep {
            last: backup.keep_last,
            daily: backup.keep_daily,
            weekly: backup.keep_weekly,
            monthly: backup.keep_monthly,
        },
        every: backup.every(),
        timeout: backup.timeout(),
        pg_bin_dir: backup.pg_bin_dir.clone(),
        clock: Arc::new(SystemClock),
    })
}

/// The database of an address.
pub fn source(url: &DatabaseUrl) -> Source {
    match url {
        DatabaseUrl::Sqlite { path } => Source::Sqlite(path.clone()),
        DatabaseUrl::Postgres(url) => Source::Postgres(SecretString::from(url.expose())),
    }
}

/// Who we are, as manifests have it.
pub fn program() -> String {
    concat!("primelingo ", env!("CARGO_PKG_VERSION"), " (", env!("PRIMELINGO_COMMIT"), ")")
        .to_owned()
}
