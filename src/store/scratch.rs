//! Whole databases on a server, for drills: made, cut off, dropped. Absent from packages.
//!
//! Invariant: only databases with the drill's prefix are touched.

use diesel_async::RunQueryDsl as _;
use tokio::runtime::Handle;

use super::error::{StoreError, StoreResult};
use super::{StoreConfig, pg};

/// What every name begins with.
const PREFIX: &str = "primelingo_drill_";

/// Makes an empty database beside the one that the configuration names.
pub async fn create(config: &StoreConfig, name: &str) -> StoreResult<()> {
    run(config, name, &format!("CREATE DATABASE {name}")).await
}

/// Cuts all connections to a database; who wants may connect again.
pub async fn cut(config: &StoreConfig, name: &str) -> StoreResult<()> {
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    );
    run(config, name, &cut).await
}

/// Drops a database, whoever is connected to it.
pub async fn drop(config: &StoreConfig, name: &str) -> StoreResult<()> {
    run(config, name, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
}

async fn run(config: &StoreConfig, name: &str, statement: &str) -> StoreResult<()> {
    let StoreConfig::Postgres(config) = config else { return Ok(()) };
    if !is_ours(name) {
        let reason = format!("{name} is no database of a drill");
        return Err(StoreError::Unavailable { call: "scratch", reason });
    }
    let pool = pg::PgPool::open(config, Handle::current())?;
    let mut connection = pool.connect_alone(config).await?;
    diesel::sql_query(statement).execute(&mut connection).await?;
    Ok(())
}

/// The name stands in a statement as it is.
fn is_ours(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_databases_of_a_drill_are_touched() {
        assert!(is_ours("primelingo_drill_7_1"));
        for name in ["primelingo", "postgres", "primelingo_drill_1; DROP DATABASE x", ""] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
