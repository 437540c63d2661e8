//! Whether there are backups, and how old they are.

use futures_util::FutureExt as _;

use super::case::Case;
use super::finding::{Answer, Finding, Severity, found, found_if, skip};
use super::registry::Check;
use crate::backup::{Manifest, newest_proven};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::settings::DatabaseUrl;

pub(super) const CHECKS: &[Check] = &[
    Check::here(
        "backup.configured",
        "Are backups made?",
        Severity::Info,
        &["backup.dir"],
        configured,
    ),
    Check::asking(
        "backup.age",
        "Is there a proven backup that is not too old?",
        Severity::Warning,
        &["backup.dir", "backup.stale_after_s"],
        |case| age(case).boxed(),
    ),
    Check::here(
        "backup.place",
        "Do backups lie on another disk than what they are made of?",
        Severity::Info,
        &["backup.dir", "database.url"],
        place,
    ),
];

fn configured(case: &Case) -> Answer {
    let backup = &case.settings().backup;
    found_if(backup.dir.is_none(), || {
        Finding::info(
            "no backup is made by the bot itself",
            "PRIMELINGO__BACKUP__DIR=<a folder on another disk>, or a timer that runs \
             primelingo backup create",
        )
    })
}

async fn age(case: &Case) -> Answer {
    let backup = &case.settings().backup;
    let Some(dir) = backup.dir.clone() else {
        return skip("no folder for backups is configured");
    };
    let looked = tokio::task::spawn_blocking(move || newest_proven(&dir)).await;
    let newest: Option<Manifest> = match looked {
        Ok(Ok(newest)) => newest,
        Ok(Err(error)) => {
            return found(Finding::warning(
                format!("the backups cannot be looked at: {error}"),
                "primelingo backup list",
            ));
        }
        Err(error) => return skip(error.to_string()),
    };
    let Some(newest) = newest else {
        return found(Finding::warning(
            "there is no backup that was proven by restoring it",
            "primelingo backup create",
        ));
    };
    let age_s = (SystemClock.now() - newest.created_at).num_seconds();
    if i64::try_from(backup.every_s).is_ok_and(|every_s| -age_s > every_s) {
        return found(Finding::warning(
            format!("the newest proven backup, {}, is from the future", newest.id),
            "look at the clock (timedatectl), then: primelingo backup create; once that is proven, remove \
             the folder of the one from the future",
        ));
    }
    found_if(age_s > i64::from(backup.stale_after_s), || {
        let hours = age_s / 3_600;
        Finding::warning(
            format!("the newest proven backup, {}, is {hours} hours old", newest.id),
            "primelingo backup create",
        )
    })
}

fn place(case: &Case) -> Answer {
    let settings = case.settings();
    let Some(dir) = &settings.backup.dir else {
        return skip("no folder for backups is configured");
    };
    let DatabaseUrl::Sqlite { path } = &settings.database.url else {
        return skip("the database is a server's");
    };
    let (Ok(backups), Ok(database)) = (rustix::fs::stat(dir), rustix::fs::stat(path)) else {
        return skip("there is nothing to compare yet");
    };
    found_if(backups.st_dev == database.st_dev, || {
        Finding::info(
            "backups lie on the disk of the database: they do not outlive it",
            "PRIMELINGO__BACKUP__DIR=<a folder on another disk>",
        )
    })
}
