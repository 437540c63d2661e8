//! The PostgreSQL server: what it allows us, and whether it keeps what it is given.

use futures_util::FutureExt as _;
use url::Url;

use super::case::{Case, is_local};
use super::database::listed;
use super::finding::{Answer, Finding, Severity, Skip, found_if, skip};
use super::registry::Check;
use crate::settings::{DatabaseUrl, PostgresUrl};
use crate::store::records::{Facts, ServerFacts};

/// The oldest version whose SQL we use: `GENERATED ... STORED` columns came with it.
const VERSION_MIN: i64 = 120_000;

/// The oldest version that still gets repairs of its own faults in 2026.
const VERSION_CARED_FOR: i64 = 140_000;

/// Connections beside the pool: one for probes, one for migrations at the start.
const BESIDE_POOL: i64 = 2;

const URL: &[&str] = &["database.url"];

pub(super) const CHECKS: &[Check] = &[
    Check::asking(
        "server.version",
        "Is the PostgreSQL server new enough?",
        Severity::Error,
        URL,
        |case| version(case).boxed(),
    ),
    Check::asking(
        "server.pool",
        "Does the server have room for our pool?",
        Severity::Error,
        &["database.url", "database.pool_size", "database.max_overflow"],
        |case| pool(case).boxed(),
    ),
    Check::asking(
        "server.encoding",
        "Can the database hold every script?",
        Severity::Error,
        URL,
        |case| encoding(case).boxed(),
    ),
    Check::asking(
        "server.durability",
        "Does the server keep what it said it has written?",
        Severity::Error,
        URL,
        |case| durability(case).boxed(),
    ),
    Check::asking(
        "server.writable",
        "Does the server take writes?",
        Severity::Error,
        URL,
        |case| writable(case).boxed(),
    ),
    Check::asking(
        "server.rights",
        "May our role do what the bot does?",
        Severity::Error,
        URL,
        |case| rights(case).boxed(),
    ),
    Check::asking(
        "server.superuser",
        "Does the bot go without a superuser's rights?",
        Severity::Info,
        URL,
        |case| superuser(case).boxed(),
    ),
    Check::asking("server.autovacuum", "Are tables tidied up?", Severity::Warning, URL, |case| {
        autovacuum(case).boxed()
    }),
    Check::here(
        "server.tls",
        "Does the database's traffic travel encrypted?",
        Severity::Warning,
        URL,
        tls,
    ),
];

fn url(case: &Case) -> Result<&PostgresUrl, Skip> {
    match &case.settings().database.url {
        DatabaseUrl::Postgres(url) => Ok(url),
        DatabaseUrl::Sqlite { .. } => skip("the database is a file"),
    }
}

async fn server(case: &Case) -> Result<(&Facts, &ServerFacts), Skip> {
    url(case)?;
    let facts = case.facts().await?;
    let server = facts.server.as_ref().ok_or_else(|| Skip("the database is a file".to_owned()))?;
    Ok((facts, server))
}

/// A statement for the server, as a line to paste.
fn psql(case: &Case, statement: &str) -> String {
    let shown = url(case).map(ToString::to_string).unwrap_or_default();
    format!("psql '{shown}' -c \"{statement}\"")
}

async fn version(case: &Case) -> Answer {
    let (facts, _) = server(case).await?;
    let (version, number) = (&facts.version, facts.version_number);
    let cure = "pg_upgradecluster <version> main";
    if number < VERSION_MIN {
        let text = format!("PostgreSQL {version} lacks what the schema needs: 12 or newer has it");
        return Ok(vec![Finding::error(text, cure)]);
    }
    found_if(number < VERSION_CARED_FOR, || {
        let text = format!("PostgreSQL {version} gets no repairs any more");
        Finding::warning(text, cure)
    })
}

async fn pool(case: &Case) -> Answer {
    let (_, server) = server(case).await?;
    let database = &case.settings().database;
    let wanted = i64::from(database.pool_max()) + BESIDE_POOL;
    let (room, by) = (server.connections_for_us, server.connections_by);
    found_if(wanted > room, || {
        let fits = (room - BESIDE_POOL).max(1);
        let base = fits.min(i64::from(database.pool_size));
        let over = fits - base;
        Finding::error(
            format!("each process may open {wanted} connections, and {by} leaves {room}"),
            format!("POSTGRES_POOL_SIZE={base} POSTGRES_MAX_OVERFLOW={over}"),
        )
    })
}

async fn encoding(case: &Case) -> Answer {
    let (_, server) = server(case).await?;
    found_if(server.encoding != "UTF8", || {
        Finding::error(
            format!("the database's encoding is {}, not UTF8", server.encoding),
            psql(case, "CREATE DATABASE primelingo ENCODING 'UTF8' TEMPLATE template0"),
        )
    })
}

async fn durability(case: &Case) -> Answer {
    let (_, server) = server(case).await?;
    let finding = |name: &&'static str| {
        Finding::error(
            format!("{name} is off: a crash of the machine may destroy the database"),
            psql(case, &format!("ALTER SYSTEM SET {name} = on")) + " -c 'SELECT pg_reload_conf()'",
        )
    };
    Ok(server.unsafe_settings.iter().map(finding).collect())
}

async fn writable(case: &Case) -> Answer {
    let (_, server) = server(case).await?;
    found_if(server.is_read_only, || {
        Finding::error(
            "the server takes no writes: it is a replica, or default_transaction_read_only is on",
            "DATABASE_URL=<the primary server>",
        )
    })
}

async fn rights(case: &Case) -> Answer {
    let (facts, server) = server(case).await?;
    let mut findings = Vec::new();
    let forbidden = &facts.schema.tables_forbidden;
    if !forbidden.is_empty() {
        findings.push(Finding::error(
            format!("our role may not read and write {}", listed(forbidden)),
            psql(case, "GRANT ALL ON ALL TABLES IN SCHEMA public TO <the role>"),
        ));
    }
    if !server.may_create && !facts.schema.pending.is_empty() {
        findings.push(Finding::error(
            "our role may not make tables, and migrations are pending",
            psql(case, "GRANT CREATE ON SCHEMA public TO <the role>"),
        ));
    }
    Ok(findings)
}

async fn superuser(case: &Case) -> Answer {
    let (_, server) = server(case).await?;
    found_if(server.is_superuser, || {
        Finding::info(
            "the bot's role is a superuser; the owner of its database would do",
            psql(case, "CREATE ROLE primelingo LOGIN PASSWORD '<a password>'"),
        )
    })
}

async fn autovacuum(case: &Case) -> Answer {
    let (_, server) = server(case).await?;
    found_if(!server.autovacuum, || {
        Finding::warning(
            "autovacuum is off: tables only grow, and the server stops in the end",
            psql(case, "ALTER SYSTEM SET autovacuum = on") + " -c 'SELECT pg_reload_conf()'",
        )
    })
}

fn tls(case: &Case) -> Answer {
    let url = url(case)?;
    let exposed = url.expose();
    let is_required = Url::parse(exposed).is_ok_and(|url| {
        url.query_pairs().any(|(name, value)| name == "sslmode" && value.starts_with("require"))
    });
    found_if(!is_local(exposed) && !is_required, || {
        Finding::warning(
            format!("{url}: password and data travel without encryption"),
            "append ?sslmode=require to DATABASE_URL",
        )
    })
}
