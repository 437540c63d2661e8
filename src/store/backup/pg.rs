//! Copies of a PostgreSQL database: the moment that `pg_dump` copies, and databases beside it to
//! restore into.
//!
//! Invariant: what is made here under a scratch name is ours to drop: the name tells whose it is, and
//! whoever drops left-overs holds the lock under which they are made.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use secrecy::SecretString;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::{
    BROADCASTS, Census, CountRow, FILES, Holder, HolderRow, MESSAGES, NameRow, SCHEMA, UnderWay,
    VERSIONS, count_of, in_call, quoted,
};
use crate::store::error::{StoreError, StoreResult};
use crate::store::joined;
use crate::store::pg::{Conn, connect_to};
use crate::store::standing::{self, Flavour, PgBlocking};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// What we are called among those who are connected.
pub const APPLICATION: &str = "primelingo-backup";

/// Databases that every server has, for whoever has no other to stand on.
const MAINTENANCE: [&str; 2] = ["postgres", "template1"];

/// Longest name of a database.
const NAME_MAX: usize = 63;

/// First half of the key of the lock under which scratch databases are made: `plve` in ASCII.
const SCRATCH_LOCK: i32 = 0x706c_7665;

/// The address of a server, in parts as the programs of PostgreSQL take them.
#[derive(Debug, Clone)]
pub struct Address {
    /// Hosts or folders of sockets, with commas.
    pub hosts: String,
    /// Their ports, with commas.
    pub ports: String,
    /// The role; none for that of the system's user.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// The database.
    pub database: String,
    /// Whether the connection is encrypted, and the server's certificate checked.
    pub is_encrypted: bool,
}

impl Address {
    /// Reads `postgres://...`.
    pub fn parse(url: &str) -> StoreResult<Self> {
        let config = parse(url)?;
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        let ports: Vec<String> = config.get_ports().iter().map(ToString::to_string).collect();
        let password =
            config.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Ok(Self {
            hosts: hosts.join(","),
            ports: ports.join(","),
            user: config.get_user().map(str::to_owned),
            password: password.map(SecretString::from),
            database: database_of(&config),
            is_encrypted: config.get_ssl_mode() == SslMode::Require,
        })
    }
}

/// Refuses a schema that a start would refuse.
pub async fn check(url: &str) -> StoreResult<()> {
    let connection = open(url, None).await?;
    let asking = move || standing::check(&mut PgBlocking::from(connection), Flavour::Postgres);
    joined(tokio::task::spawn_blocking(asking)).await
}

/// One moment of a database, for as long as this value lives.
pub struct Snapshot {
    /// What `pg_dump --snapshot` takes.
    pub name: String,
    /// What is in the database at that moment.
    pub census: Census,
    connection: Conn,
}

impl Snapshot {
    /// Holds the present moment. Nobody has to wait for it.
    pub async fn take(url: &str) -> StoreResult<Self> {
        let mut connection = open(url, None).await?;
        connection
            .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await
            .map_err(in_call("snapshot"))?;
        let name = names(&mut connection, "SELECT pg_export_snapshot() AS name").await?;
        let name = name.into_iter().next().unwrap_or_default();
        let census = census_of(&mut connection).await?;
        Ok(Self { name, census, connection })
    }

    /// The contents that the library names.
    pub async fn files(&mut self) -> StoreResult<Vec<String>> {
        names(&mut self.connection, FILES).await
    }
}

/// What is in a database of that server.
pub async fn census(url: &str, database: &str) -> StoreResult<Census> {
    census_of(&mut open(url, Some(database)).await?).await
}

/// What would go on in a database of that server.
pub async fn under_way(url: &str, database: &str) -> StoreResult<UnderWay> {
    let mut connection = open(url, Some(database)).await?;
    let messages = number(&mut connection, MESSAGES).await?;
    Ok(UnderWay { messages, broadcasts: number(&mut connection, BROADCASTS).await? })
}

/// Who holds the database of this address.
pub async fn holders(url: &str) -> StoreResult<Vec<Holder>> {
    let mut connection = open(url, None).await?;
    let rows: Vec<HolderRow> = diesel::sql_query(
        "SELECT name, owner, CAST(ceil(extract(epoch FROM until - now())) AS BIGINT) AS number
         FROM leases WHERE owner <> '' AND until > now() ORDER BY name",
    )
    .load(&mut connection)
    .await
    .map_err(in_call("holders"))?;
    Ok(rows.into_iter().map(Holder::from).collect())
}

/// A server, as somebody who makes and drops databases on it.
pub struct Server {
    connection: Conn,
    /// The database of the address.
    pub database: String,
    /// The role that is used.
    pub role: String,
}

impl Server {
    /// Connects beside the database of the address, which need not be there.
    pub async fn open(url: &str) -> StoreResult<Self> {
        let database = database_of(&parse(url)?);
        let mut last = None;
        for name in MAINTENANCE {
            match open(url, Some(name)).await {
                Ok(mut connection) => {
                    let role = names(&mut connection, "SELECT CAST(current_user AS TEXT) AS name");
                    let role = role.await?.into_iter().next().unwrap_or_default();
                    return Ok(Self { connection, database, role });
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| StoreError::Address("no database to stand on".to_owned())))
    }

    /// The major version of the server.
    pub async fn version(&mut self) -> StoreResult<u32> {
        let sql = "SELECT CAST(current_setting('server_version_num') AS BIGINT) / 10000 AS number";
        Ok(u32::try_from(number(&mut self.connection, sql).await?).unwrap_or(0))
    }

    /// Whether the role may make databases.
    pub async fn may_create(&mut self) -> StoreResult<bool> {
        let sql = "SELECT CAST(count(*) AS BIGINT) AS number FROM pg_roles
                   WHERE rolname = current_user AND (rolcreatedb OR rolsuper)";
        Ok(number(&mut self.connection, sql).await? > 0)
    }

    /// Whether there is a database of that name.
    pub async fn has(&mut self, database: &str) -> StoreResult<bool> {
        let sql = format!(
            "SELECT CAST(count(*) AS BIGINT) AS number FROM pg_database WHERE datname = {}",
            literal(database)
        );
        Ok(number(&mut self.connection, &sql).await? > 0)
    }

    /// The size of a database in bytes.
    pub async fn size(&mut self, database: &str) -> StoreResult<u64> {
        let sql = format!("SELECT pg_database_size({}) AS number", literal(database));
        Ok(u64::try_from(number(&mut self.connection, &sql).await?).unwrap_or(0))
    }

    /// How many are connected to a database, those of backups left out.
    pub async fn sessions(&mut self, database: &str) -> StoreResult<i64> {
        let sql = format!(
            "SELECT count(*) AS number FROM pg_stat_activity
             WHERE datname = {} AND application_name <> {}",
            literal(database),
            literal(APPLICATION)
        );
        number(&mut self.connection, &sql).await
    }

    /// Makes an empty database with the letters and the order of the one of the address, if that is
    /// there.
    pub async fn create(&mut self, name: &str) -> StoreResult<()> {
        let sql = format!(
            "SELECT format(' ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(encoding),
                           datcollate, datctype) AS name
             FROM pg_database WHERE datname = {} AND datcollate IS NOT NULL",
            literal(&self.database)
        );
        let like = names(&mut self.connection, &sql).await?.into_iter().next().unwrap_or_default();
        self.execute(&format!("CREATE DATABASE {} TEMPLATE template0{like}", quoted(name))).await
    }

    /// Drops a database, whoever uses it.
    pub async fn drop(&mut self, name: &str) -> StoreResult<()> {
        self.execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name))).await
    }

    /// Whether nobody else makes scratch databases of the same database now; nobody does from now on.
    pub async fn lock_scratch(&mut self) -> StoreResult<bool> {
        let sql = format!(
            "SELECT CAST(CASE WHEN pg_try_advisory_lock({SCRATCH_LOCK}, hashtext({}))
                              THEN 1 ELSE 0 END AS BIGINT) AS number",
            literal(&self.database)
        );
        Ok(number(&mut self.connection, &sql).await? == 1)
    }

    /// The databases whose names begin like this.
    pub async fn named(&mut self, prefix: &str) -> StoreResult<Vec<String>> {
        let sql = format!(
            "SELECT CAST(datname AS TEXT) AS name FROM pg_database
             WHERE starts_with(CAST(datname AS TEXT), {})",
            literal(prefix)
        );
        names(&mut self.connection, &sql).await
    }

    /// Gives the database of the address the name `aside`, if it is there, and `new` its name: both or
    /// none. Fails while anybody is connected to it: nobody but those who use `new` is cut off.
    pub async fn swap(&mut self, new: &str, aside: &str) -> StoreResult<()> {
        let old = self.database.clone();
        let mut swap = String::from("BEGIN;");
        if self.has(&old).await? {
            swap.push_str(&renaming(&old, aside));
        }
        swap.push_str(&renaming(new, &old));
        swap.push_str("COMMIT;");
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = {} AND pid <> pg_backend_pid()",
            literal(new)
        );
        self.execute(&cut).await?;
        let swapped = self.execute(&swap).await;
        if swapped.is_err() {
            // The first error is the one to tell.
            let _ = self.execute("ROLLBACK").await;
        }
        swapped
    }

    async fn execute(&mut self, sql: &str) -> StoreResult<()> {
        self.connection.batch_execute(sql).await.map_err(in_call("backup"))
    }
}

/// A name made of that of a database and an ending, as long as it may be.
pub fn beside(database: &str, ending: &str) -> String {
    let mut name = String::new();
    for letter in database.chars() {
        if name.len() + letter.len_utf8() + ending.len() > NAME_MAX {
            break;
        }
        name.push(letter);
    }
    name + ending
}

fn parse(url: &str) -> StoreResult<Config> {
    // Its error names a key at most, never a value.
    url.parse().map_err(|error: tokio_postgres::Error| StoreError::Address(error.to_string()))
}

fn database_of(config: &Config) -> String {
    config.get_dbname().or(config.get_user()).unwrap_or_default().to_owned()
}

async fn open(url: &str, database: Option<&str>) -> StoreResult<Conn> {
    let mut config = parse(url)?;
    if let Some(database) = database {
        config.dbname(database);
    }
    config.application_name(APPLICATION);
    let options = "-c timezone=UTC -c statement_timeout=0 -c lock_timeout=30000 \
                   -c idle_in_transaction_session_timeout=0";
    let connecting = connect_to(config, options, CONNECT);
    let away = |reason: String| StoreError::Unavailable { call: "backup", reason };
    let connected = tokio::time::timeout(CONNECT, connecting).await;
    let connected = connected.map_err(|_elapsed| away("no connection in time".to_owned()))?;
    connected.map_err(|error| away(error.to_string()))
}

async fn census_of(connection: &mut Conn) -> StoreResult<Census> {
    let tables = names(
        connection,
        "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = current_schema()",
    )
    .await?;
    let has_schema = tables.iter().any(|table| table == VERSIONS);
    let schema = if has_schema { names(connection, SCHEMA).await? } else { Vec::new() };
    let mut rows = BTreeMap::new();
    for table in tables {
        let count = number(connection, &count_of(&table)).await?;
        rows.insert(table, count);
    }
    let elsewhere = number(
        connection,
        "SELECT count(*) AS number FROM pg_tables
         WHERE schemaname IS DISTINCT FROM current_schema()
           AND schemaname <> 'information_schema' AND NOT starts_with(CAST(schemaname AS TEXT), 'pg_')",
    );
    let elsewhere = usize::try_from(elsewhere.await?).unwrap_or(0);
    Ok(Census { schema, rows, elsewhere })
}

async fn names(connection: &mut Conn, sql: &str) -> StoreResult<Vec<String>> {
    let rows: Vec<NameRow> =
        diesel::sql_query(sql).load(connection).await.map_err(in_call("backup_names"))?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

async fn number(connection: &mut Conn, sql: &str) -> StoreResult<i64> {
    let row: CountRow =
        diesel::sql_query(sql).get_result(connection).await.map_err(in_call("backup_count"))?;
    Ok(row.number)
}

fn renaming(from: &str, to: &str) -> String {
    format!("ALTER DATABASE {} RENAME TO {};", quoted(from), quoted(to))
}

/// A text as SQL writes it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let url = "postgresql://anna:p%40ss@db.example.org:5433/school?sslmode=require";
        let address = Address::parse(url).unwrap();
        assert_eq!((address.hosts.as_str(), address.ports.as_str()), ("db.example.org", "5433"));
        assert_eq!(address.user.as_deref(), Some("anna"));
        assert_eq!(address.password.as_ref().unwrap().expose_secret(), "p@ss");
        assert_eq!((address.database.as_str(), address.is_encrypted), ("school", true));
        assert!(!format!("{address:?}").contains("p@ss"));
    }

    #[test]
    fn names_beside_a_database_fit() {
        assert_eq!(beside("school", "_restore_1"), "school_restore_1");
        let long = "ш".repeat(40);
        let name = beside(&long, "_restore_1");
        assert!(name.len() <= NAME_MAX && name.ends_with("ш_restore_1"), "{name}");
        assert_eq!((quoted("a\"b").as_str(), literal("a'b").as_str()), ("\"a\"\"b\"", "'a''b'"));
    }
}
