//! A look at a PostgreSQL server and our database on it.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};

use super::blueprint::Blueprint;
use super::pg::{Conn, PgConfig, q};
use super::{Found, MIGRATIONS, migrate, pg};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store::error::StoreResult;
use crate::store::records::{Facts, ServerFacts};
use crate::store::rows::FactRow;
use crate::store::statement::Statement;

/// What is there, and what it is. Of tables also what this role may not do with them.
const EVERYTHING: &str = "SELECT c.relname::text AS name, CASE WHEN c.relkind IN ('r', 'p')
         THEN 'table' WHEN i.indisvalid THEN 'index' ELSE 'invalid' END AS value
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_index i ON i.indexrelid = c.oid
     WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'p', 'i')
     UNION ALL
     SELECT c.relname::text, 'forbidden'
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'p')
         AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
             AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE'))";

/// The server's settings and the role's limits.
const SERVER: &str = "SELECT name::text AS name, setting::text AS value FROM pg_settings
     WHERE name IN ('server_version', 'server_version_num', 'server_encoding', 'max_connections',
         'superuser_reserved_connections', 'reserved_connections', 'fsync', 'full_page_writes',
         'autovacuum', 'transaction_read_only')
     UNION ALL SELECT 'role_limit', rolconnlimit::text FROM pg_roles WHERE rolname = current_user
     UNION ALL SELECT 'superuser', rolsuper::text FROM pg_roles WHERE rolname = current_user
     UNION ALL SELECT 'database_limit', datconnlimit::text FROM pg_database
         WHERE datname = current_database()
     UNION ALL SELECT 'in_recovery', pg_is_in_recovery()::text
     UNION ALL SELECT 'may_create',
         COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false)::text";

pub(super) async fn look(config: &PgConfig, limit: Duration) -> StoreResult<Facts> {
    let mut connection = pg::connect_to_look(config, limit).await?;
    let rows: Vec<FactRow> = Statement::new(SERVER).load(&mut connection).await?;
    let told: BTreeMap<String, String> =
        rows.into_iter().map(|FactRow { name, value }| (name, value)).collect();
    let mut found = Found::of(Statement::new(EVERYTHING).load(&mut connection).await?);
    if found.has_versions() && !found.forbidden.contains(MIGRATIONS) {
        let versions: Vec<FactRow> = diesel::sql_query(format!(
            "SELECT version::text AS name, '' AS value FROM {MIGRATIONS}"
        ))
        .load(&mut connection)
        .await?;
        found.versions = versions.into_iter().map(|row| row.name).collect();
    }
    let known = migrate::postgres_versions()?;
    if found.forbidden.contains(MIGRATIONS) {
        // It cannot be read: that rights are missing is told, and nothing is guessed.
        found.versions.clone_from(&known);
    }
    let schema = found.compare(&Blueprint::postgres(), &known);
    let clock = q::facts::clock(&mut connection).await?;
    let asked_at = SystemClock.now();
    let is_whole = schema.tables_missing.is_empty() && schema.tables_forbidden.is_empty();
    let work = if schema.applied > 0 && is_whole {
        Some(q::facts::work_facts(&mut connection, clock).await?)
    } else {
        None
    };
    let text = |name: &str| told.get(name).cloned().unwrap_or_default();
    let number = |name: &str| told.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(Facts {
        version: text("server_version"),
        version_number: number("server_version_num"),
        clock,
        asked_at,
        schema,
        server: Some(server(&told)),
        work,
    })
}

fn server(told: &BTreeMap<String, String>) -> ServerFacts {
    let is = |name: &str, value: &str| told.get(name).is_some_and(|text| text == value);
    let number = |name: &str| told.get(name).and_then(|text| text.parse::<i64>().ok());
    let is_superuser = is("superuser", "true");
    let reserved = if is_superuser {
        0
    } else {
        ["superuser_reserved_connections", "reserved_connections"]
            .iter()
            .filter_map(|name| number(name))
            .sum()
    };
    let of_server = number("max_connections").unwrap_or(0).saturating_sub(reserved);
    // -1: no limit.
    let limit = |name: &str| number(name).filter(|limit| *limit >= 0 && !is_superuser);
    let limits = [
        (Some(of_server), "max_connections of the server"),
        (limit("role_limit"), "CONNECTION LIMIT of the role"),
        (limit("database_limit"), "CONNECTION LIMIT of the database"),
    ];
    let tightest = limits
        .into_iter()
        .filter_map(|(limit, by)| Some((limit?, by)))
        .min_by_key(|(limit, _)| *limit);
    let (connections_for_us, connections_by) = tightest.unwrap_or((of_server, ""));
    let unsafe_settings =
        ["fsync", "full_page_writes"].into_iter().filter(|name| is(name, "off")).collect();
    ServerFacts {
        encoding: told.get("server_encoding").cloned().unwrap_or_default(),
        connections_for_us,
        connections_by,
        unsafe_settings,
        autovacuum: is("autovacuum", "on"),
        is_read_only: is("in_recovery", "true") || is("transaction_read_only", "on"),
        may_create: is("may_create", "true"),
        is_superuser,
    }
}

/// Beside whoever works: `CONCURRENTLY` takes no lock that writers would wait for.
pub(super) async fn make_indexes(config: &PgConfig, names: &[String]) -> StoreResult<()> {
    let mut connection = pg::connect_to_mend(config).await?;
    let blueprint = Blueprint::postgres();
    for name in names {
        let Some(statement) = blueprint.indexes.get(name) else { continue };
        // One that was never finished is in the way.
        let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {name}");
        run(&mut connection, &drop).await?;
        run(&mut connection, &statement.replacen(" INDEX ", " INDEX CONCURRENTLY ", 1)).await?;
    }
    Ok(())
}

async fn run(connection: &mut Conn, sql: &str) -> StoreResult<()> {
    connection.batch_execute(sql).await?;
    Ok(())
}
