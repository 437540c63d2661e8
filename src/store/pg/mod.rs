//! PostgreSQL: a bounded pool, every query spawned so that none is dropped in flight.
//!
//! Invariants: `statement_timeout`, `lock_timeout` and `idle_in_transaction_session_timeout` are
//! set on every connection; a write is one transaction of its own; work that the server leaves
//! without an answer ends by our own clock, and takes its connection with it.
//!
//! A commit whose answer is lost is reported as unavailable although it may be done: whoever
//! repeats a write must find out (`step_commit` meets a closed update) or be idempotent.

use std::future::Future;
use std::time::Duration;

use deadpool::managed::{Object, PoolError, TimeoutType, Timeouts};
use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolableConnection as _, RecyclingMethod,
};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection as _, TransactionManager,
};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::config::SslMode;

use super::error::{StoreError, StoreResult};
use super::meters;
use super::records::PoolFigures;

#[expect(clippy::duplicate_mod, reason = "one query body, compiled for each database")]
#[path = "../queries/mod.rs"]
pub mod q;
pub(super) mod sql;

/// A connection.
pub type Conn = AsyncPgConnection;
type Transactions = <Conn as AsyncConnection>::TransactionManager;
type Pooled = Object<AsyncDieselConnectionManager<Conn>>;

/// Longer than the server's own limit, which is the better one: it keeps the connection.
const ANSWER_MARGIN: Duration = Duration::from_secs(1);

/// How often the system asks a silent server whether it still lives.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// How the pool is set up.
#[derive(Clone)]
pub struct PgConfig {
    /// `postgres://...`: a secret.
    pub url: String,
    /// Most connections.
    pub pool_max: usize,
    /// Longest wait for a connection.
    pub acquire_timeout: Duration,
    /// Longest query.
    pub query_timeout: Duration,
    /// Longest wait for a lock.
    pub lock_timeout: Duration,
    /// Longest silence in the middle of a transaction: the server then takes it back. Shorter than
    /// a leader's lease can last after it fell silent, so that whatever a frozen leader had begun
    /// is gone before another one leads.
    pub idle_timeout: Duration,
}

/// The pool, and the runtime that its queries run on.
#[derive(Clone)]
pub struct PgPool {
    pool: Pool<Conn>,
    /// A connection of its own for probes, so that a pool that is used up is not taken for a
    /// database that is away.
    probes: Pool<Conn>,
    /// Longest statement by our own clock. A unit of work has few: it is given twice that.
    query_timeout: Duration,
    runtime: Handle,
}

impl PgPool {
    /// Makes the pool; no connection is made yet.
    pub fn open(config: &PgConfig, runtime: Handle) -> StoreResult<Self> {
        let pool = make_pool(config, config.pool_max)?;
        let probes = make_pool(config, 1)?;
        Ok(Self { pool, probes, query_timeout: config.query_timeout, runtime })
    }

    /// How many connections there are.
    pub fn figures(&self) -> PoolFigures {
        let status = self.pool.status();
        let in_use = status.size.saturating_sub(status.available);
        PoolFigures { idle: status.available, in_use, max: status.max_size }
    }

    /// Whether the server answers, and takes a word if it `must_write`.
    pub async fn probe(&self, must_write: bool) -> StoreResult<()> {
        let (pool, limit) = (self.probes.clone(), self.query_timeout);
        self.joined(async move {
            let connection = pool.get().await.map_err(|error| pool_error(&error))?;
            answered(connection, limit, move |connection| {
                let asking = async move {
                    if must_write {
                        return q::meta::probe_write(connection).await;
                    }
                    q::meta::ping(connection).await
                };
                asking.boxed()
            })
            .await
        })
        .await
    }

    /// A connection outside the pool, without the limits on statements: for migrations.
    pub async fn connect_alone(&self, config: &PgConfig) -> StoreResult<Conn> {
        let config = config.clone();
        self.joined(async move { connect_alone(&config).await }).await
    }

    /// Runs `work` on a connection.
    pub async fn read<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        let (pool, limit) = (self.pool.clone(), self.unit_timeout());
        self.joined(async move {
            let connection = take(&pool).await?;
            answered(connection, limit, work).await
        })
        .await
    }

    /// Reading at leisure: here no other than [`Self::read`].
    pub async fn browse<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        self.read(work).await
    }

    /// A writing that browsers must see: here no other than [`Self::write`].
    pub async fn publish<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        self.write(work).await
    }

    /// Runs `work` in a transaction, and answers when it is committed.
    pub async fn write<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        let (pool, limit) = (self.pool.clone(), self.unit_timeout());
        self.joined(async move {
            let connection = take(&pool).await?;
            answered(connection, limit, |connection| in_transaction(connection, work).boxed()).await
        })
        .await
    }

    const fn unit_timeout(&self) -> Duration {
        self.query_timeout.saturating_mul(2).saturating_add(ANSWER_MARGIN)
    }

    async fn joined<T: Send + 'static>(
        &self,
        work: impl Future<Output = StoreResult<T>> + Send + 'static,
    ) -> StoreResult<T> {
        self.runtime.spawn(work).await.unwrap_or_else(|error| {
            if error.is_panic() {
                return Err(StoreError::Fault { call: "", what: "a query panicked" });
            }
            Err(unavailable("the runtime is ending"))
        })
    }
}

fn make_pool(config: &PgConfig, size: usize) -> StoreResult<Pool<Conn>> {
    let options = session_options(config);
    let connect_timeout = config.acquire_timeout;
    let mut manager_config = ManagerConfig::default();
    manager_config.custom_setup = Box::new(move |url| {
        let options = options.clone();
        let url = url.to_owned();
        async move { connect(&url, &options, connect_timeout).await }.boxed()
    });
    let manager =
        AsyncDieselConnectionManager::<Conn>::new_with_config(&config.url, manager_config);
    let timeouts = Timeouts {
        wait: Some(config.acquire_timeout),
        create: Some(config.acquire_timeout),
        recycle: Some(config.acquire_timeout),
    };
    Pool::builder(manager)
        .max_size(size)
        .timeouts(timeouts)
        .runtime(deadpool::Runtime::Tokio1)
        .build()
        .map_err(|error| StoreError::Address(error.to_string()))
}

/// What a connection is told that has no limits on statements.
const UNLIMITED: &str = "-c timezone=UTC -c statement_timeout=0 -c lock_timeout=0 \
     -c idle_in_transaction_session_timeout=0";

/// A connection without a pool, without the limits on statements.
pub async fn connect_alone(config: &PgConfig) -> StoreResult<Conn> {
    let timeout = config.acquire_timeout;
    let connecting = connect(&config.url, UNLIMITED, timeout);
    let connected = tokio::time::timeout(timeout, connecting).await;
    let connected = connected.map_err(|_elapsed| unavailable("no connection in time"))?;
    connected.map_err(|error| unavailable(&error.to_string()))
}

/// The driver's own client, likewise: for what moves in bulk.
pub async fn connect_raw(config: &PgConfig) -> StoreResult<Client> {
    let timeout = config.acquire_timeout;
    let refused = |error: &(dyn std::error::Error + 'static)| unavailable(&bad(error).to_string());
    let connecting = async {
        let config = config.url.parse().map_err(|error: tokio_postgres::Error| refused(&error))?;
        let mut config = configured(config, UNLIMITED, timeout);
        if config.get_ssl_mode() == SslMode::Require {
            let tls = tls_config().map_err(|error| refused(&error))?;
            let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls);
            let connected = config.connect(tls).await.map_err(|error| refused(&error))?;
            tokio::spawn(connected.1);
            return Ok(connected.0);
        }
        config.ssl_mode(SslMode::Disable);
        let connected =
            config.connect(tokio_postgres::NoTls).await.map_err(|error| refused(&error))?;
        // Its end is met by whoever asks the client next.
        tokio::spawn(connected.1);
        Ok(connected.0)
    };
    let connected = tokio::time::timeout(timeout, connecting).await;
    connected.unwrap_or_else(|_elapsed| Err(unavailable("no connection in time")))
}

/// Runs `work` on a connection, which is given up when there is no answer within `limit`, or when
/// the server has taken it away.
async fn answered<T, F>(mut connection: Pooled, limit: Duration, work: F) -> StoreResult<T>
where
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>>,
{
    let outcome = tokio::time::timeout(limit, work(&mut connection)).await;
    match outcome {
        Ok(Err(StoreError::Query { call, source })) => {
            // Whatever it says, and in whichever language: the server has cut the connection.
            let asked = connection.ping(&RecyclingMethod::Verified);
            if matches!(tokio::time::timeout(limit, asked).await, Ok(Ok(()))) {
                return Err(StoreError::Query { call, source });
            }
            drop(Object::take(connection));
            Err(unavailable(&source.to_string()))
        }
        Ok(result) => result,
        Err(_elapsed) => {
            meters::timed_out();
            drop(Object::take(connection));
            Err(unavailable(&format!("no answer within {} ms", limit.as_millis())))
        }
    }
}

async fn in_transaction<T, F>(connection: &mut Conn, work: F) -> StoreResult<T>
where
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>>,
{
    Transactions::begin_transaction(connection).await?;
    let done = match work(connection).await {
        Ok(value) => commit(connection).await.map(|()| value),
        Err(error) => Err(error),
    };
    if done.is_err() {
        // The first error is the one to tell; the pool drops a broken connection.
        let _ = Transactions::rollback_transaction(connection).await;
    }
    done
}

async fn commit(connection: &mut Conn) -> StoreResult<()> {
    fail_point!(CommitBefore => unavailable("a fail point"));
    Transactions::commit_transaction(connection).await?;
    fail_point!(CommitAfter => unavailable("a fail point"));
    Ok(())
}

/// A connection for a look, within `limit`: a statement may take as long.
pub async fn connect_to_look(config: &PgConfig, limit: Duration) -> StoreResult<Conn> {
    let options = format!("-c timezone=UTC -c statement_timeout={}", limit.as_millis());
    connect(&config.url, &options, limit).await.map_err(|error| unavailable(&error.to_string()))
}

/// A connection on which a statement may take as long as it needs.
pub async fn connect_to_mend(config: &PgConfig) -> StoreResult<Conn> {
    let connected = connect(&config.url, "-c timezone=UTC", config.acquire_timeout).await;
    connected.map_err(|error| unavailable(&error.to_string()))
}

/// Told to the server when a connection begins, so that no round trip is spent on it.
fn session_options(config: &PgConfig) -> String {
    let statement_ms = config.query_timeout.as_millis();
    let lock_ms = config.lock_timeout.as_millis();
    let idle_ms = config.idle_timeout.as_millis();
    format!(
        "-c statement_timeout={statement_ms} -c lock_timeout={lock_ms} \
         -c idle_in_transaction_session_timeout={idle_ms} \
         -c synchronous_commit=on -c timezone=UTC"
    )
}

async fn connect(url: &str, options: &str, timeout: Duration) -> Result<Conn, ConnectionError> {
    connect_to(url.parse().map_err(|error: tokio_postgres::Error| bad(&error))?, options, timeout)
        .await
}

fn bad(error: &(dyn std::error::Error + 'static)) -> ConnectionError {
    // What the server said stands behind a mere "db error".
    let said = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    let code = error.downcast_ref::<tokio_postgres::Error>().and_then(|error| error.code());
    let code = code.map(|code| format!(" (SQLSTATE {})", code.code())).unwrap_or_default();
    ConnectionError::BadConnection(format!("{error}{said}{code}"))
}

/// What every connection of ours is told at its begin.
fn configured(
    mut config: tokio_postgres::Config,
    options: &str,
    timeout: Duration,
) -> tokio_postgres::Config {
    config.options(options).connect_timeout(timeout).keepalives_idle(KEEPALIVE);
    if config.get_application_name().is_none() {
        config.application_name("primelingo");
    }
    config
}

/// Connects outside the pool.
pub async fn connect_to(
    config: tokio_postgres::Config,
    options: &str,
    timeout: Duration,
) -> Result<Conn, ConnectionError> {
    let mut config = configured(config, options, timeout);
    if config.get_ssl_mode() == SslMode::Require {
        let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls_config()?);
        let (client, connection) = config.connect(tls).await.map_err(|error| bad(&error))?;
        let connection = Conn::try_from_client_and_connection(client, connection).await;
        return Ok(in_english(connection?).await);
    }
    config.ssl_mode(SslMode::Disable);
    let (client, connection) =
        config.connect(tokio_postgres::NoTls).await.map_err(|error| bad(&error))?;
    let connection = Conn::try_from_client_and_connection(client, connection).await;
    Ok(in_english(connection?).await)
}

/// diesel hides the SQLSTATE of most errors, so that they are known by their words: in English,
/// where the server allows it (it asks for a privilege that few have, and most are English anyway).
async fn in_english(mut connection: Conn) -> Conn {
    let _is_allowed = connection.batch_execute("SET lc_messages TO 'C'").await;
    connection
}

fn tls_config() -> Result<rustls::ClientConfig, ConnectionError> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for certificate in found.certs {
        // A certificate of the machine that rustls cannot read is no reason to refuse the rest.
        let _ = roots.add(certificate);
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// A connection of the pool, which may have to be waited for or made.
async fn take(pool: &Pool<Conn>) -> StoreResult<Pooled> {
    let begun = Instant::now();
    let taken = pool.get().await;
    meters::pool_wait(begun.elapsed());
    taken.map_err(|error| pool_error(&error))
}

fn pool_error<E: std::fmt::Display>(error: &PoolError<E>) -> StoreError {
    match error {
        PoolError::Timeout(TimeoutType::Wait) => unavailable(meters::POOL_EXHAUSTED),
        error => unavailable(&error.to_string()),
    }
}

fn unavailable(reason: &str) -> StoreError {
    StoreError::Unavailable { call: "", reason: reason.to_owned() }
}
