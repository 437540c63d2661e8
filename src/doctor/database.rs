//! The database, whichever it is: whether it is there, and whether its schema is ours.

use futures_util::FutureExt as _;

use super::case::Case;
use super::finding::{Answer, Finding, Mend, Severity, fine, found, found_if, skip};
use super::registry::Check;
use crate::app::with_causes;
use crate::settings::DatabaseUrl;
use crate::store::facts;
use crate::store::standing::SchemaFault;

/// What is further off puts leases and schedules at the wrong time, seconds.
const CLOCK_MAX_S: i64 = 5;

/// Names that a text lists at most.
const NAMES_MAX: usize = 5;

/// Why nothing more is asked of a schema that a start refuses.
const NOT_SOUND: &str = "the schema is none to work on (see database.whole and database.newer)";

const URL: &[&str] = &["database.url"];

pub(super) const CHECKS: &[Check] = &[
    Check::asking(
        "database.reachable",
        "Can the database be opened?",
        Severity::Error,
        URL,
        |case| reachable(case).boxed(),
    ),
    Check::asking(
        "database.migrations",
        "Is the schema up to date?",
        Severity::Warning,
        URL,
        |case| migrations(case).boxed(),
    ),
    Check::asking(
        "database.newer",
        "Does this program know the schema?",
        Severity::Error,
        URL,
        |case| newer(case).boxed(),
    ),
    Check::asking(
        "database.whole",
        "Is the schema neither half made nor somebody else's?",
        Severity::Error,
        URL,
        |case| whole(case).boxed(),
    ),
    Check::asking(
        "database.indexes",
        "Are all indexes there and in use?",
        Severity::Error,
        URL,
        |case| indexes(case).boxed(),
    ),
    Check::asking(
        "database.integrity",
        "Is the file undamaged (quick check)?",
        Severity::Error,
        URL,
        |case| integrity(case).boxed(),
    ),
    Check::asking(
        "database.clock",
        "Does our clock agree with the database's?",
        Severity::Warning,
        URL,
        |case| clock(case).boxed(),
    ),
];

async fn reachable(case: &Case) -> Answer {
    let is_new = matches!(
        &case.settings().database.url,
        DatabaseUrl::Sqlite { path } if !path.exists()
    );
    if is_new {
        return found(Finding::info(
            format!("{} is not there yet: the first start makes it", case.settings().database.url),
            "primelingo run",
        ));
    }
    let Err(why) = case.database().await else { return fine() };
    let (url, cure) = match &case.settings().database.url {
        DatabaseUrl::Sqlite { path } => {
            (path.display().to_string(), "DATABASE_URL=sqlite:<a file of primelingo's>".to_owned())
        }
        DatabaseUrl::Postgres(url) => (url.to_string(), format!("psql '{url}' -c 'SELECT 1'")),
    };
    found(Finding::error(format!("{url} cannot be used: {why}"), cure))
}

async fn migrations(case: &Case) -> Answer {
    let schema = &case.facts().await?.schema;
    if schema.pending.is_empty() {
        return fine();
    }
    if schema.fault.is_some() {
        return skip(NOT_SOUND);
    }
    let cure = "primelingo doctor --fix";
    if schema.applied == 0 && schema.tables == 0 {
        let text = "the database is empty: the first start makes the schema";
        return found(Finding::info(text, cure).with(Mend::Migrate));
    }
    let pending = listed(&schema.pending);
    let text = format!("the schema lacks {pending}, which the next start brings");
    let finding = Finding::warning(text, cure);
    found(finding.with(Mend::Migrate))
}

async fn newer(case: &Case) -> Answer {
    let newer = &case.facts().await?.schema.newer;
    found_if(!newer.is_empty(), || {
        Finding::error(
            format!("the schema has {}, of a newer primelingo than this one", listed(newer)),
            "install that newer version, or restore a backup from before it",
        )
    })
}

async fn whole(case: &Case) -> Answer {
    let schema = &case.facts().await?.schema;
    let mut findings = Vec::new();
    if let Some(fault) = &schema.fault
        && let Some(cure) = cure(fault)
    {
        findings.push(Finding::error(fault.to_string(), cure));
    }
    if !schema.tables_foreign.is_empty() && schema.fault.is_none() {
        let text = format!("tables of others are here, too: {}", listed(&schema.tables_foreign));
        let cure = "if they are in the way: DATABASE_URL=<a database of its own>";
        findings.push(Finding::info(text, cure));
    }
    Ok(findings)
}

/// What to do about a schema that a start refuses; of a newer one `database.newer` tells.
const fn cure(fault: &SchemaFault) -> Option<&'static str> {
    match fault {
        SchemaFault::Newer { .. } => None,
        SchemaFault::Half { .. } | SchemaFault::Strange { .. } => {
            Some("restore a backup, or give it a database of its own: DATABASE_URL=<another>")
        }
        SchemaFault::Foreign { .. } => Some(
            "DATABASE_URL=<a database of its own>; then, to take the people and files of this one \
             over: primelingo db adopt --from <this one>",
        ),
        SchemaFault::Unfinished => {
            Some("primelingo db copy --resume --from <what is copied> --to configured")
        }
    }
}

async fn indexes(case: &Case) -> Answer {
    let schema = &case.facts().await?.schema;
    if schema.fault.is_some() {
        return skip(NOT_SOUND);
    }
    let cure = "primelingo doctor --fix";
    let mut findings = Vec::new();
    for (names, what) in [
        (&schema.indexes_missing, "indexes are missing, and searches for them read whole tables"),
        (&schema.indexes_invalid, "indexes were never finished, and are not used"),
    ] {
        if !names.is_empty() {
            let text = format!("{what}: {}", listed(names));
            findings.push(Finding::error(text, cure).with(Mend::MakeIndexes(names.clone())));
        }
    }
    Ok(findings)
}

async fn integrity(case: &Case) -> Answer {
    let path = case.sqlite_file_there()?;
    let config = case.store_config();
    // The whole time of the check: it reads the whole file.
    match facts::damage(&config, case.patience).await {
        Ok(None) => fine(),
        Ok(Some(damage)) => found(Finding::error(
            format!("{} is damaged: {damage}", path.display()),
            "stop the bot, and restore a backup",
        )),
        Err(error) if error.is_passing() => skip(
            "not read to its end in time; with more time: primelingo doctor --only \
             database.integrity --patience 600",
        ),
        Err(error) => found(Finding::error(
            format!("{} cannot be read: {}", path.display(), with_causes(&error)),
            "stop the bot, and restore a backup",
        )),
    }
}

async fn clock(case: &Case) -> Answer {
    let facts = case.facts().await?;
    if facts.server.is_none() {
        return skip("a file has this machine's clock");
    }
    let off_s = facts.asked_at.signed_duration_since(facts.clock).num_seconds();
    found_if(off_s.abs() > CLOCK_MAX_S, || {
        Finding::warning(
            format!("our clock is {off_s} s from the database's"),
            "timedatectl set-ntp true",
        )
    })
}

/// The first few names.
pub(super) fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES_MAX).map(String::as_str).collect();
    let more = names.len().saturating_sub(NAMES_MAX);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
