//! PostgreSQL: a bounded pool, every query spawned so that none is dropped in flight.
//!
//! Invariants: `statement_timeout`, `lock_timeout` and `idle_in_transaction_session_timeout` are
//! set on every connection; a write is one transaction of its own.

use std::future::Future;
use std::time::Duration;

use deadpool::managed::{PoolError, Timeouts};
use diesel::ConnectionError;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio_postgres::config::SslMode;

use super::error::{StoreError, StoreResult};

#[expect(clippy::duplicate_mod, reason = "one query body, compiled for each database")]
#[path = "../queries/mod.rs"]
pub mod q;
mod sql;

/// A connection.
pub type Conn = AsyncPgConnection;
type Transactions = <Conn as AsyncConnection>::TransactionManager;

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
    runtime: Handle,
}

impl PgPool {
    /// Makes the pool; no connection is made yet.
    pub fn open(config: &PgConfig, runtime: Handle) -> StoreResult<Self> {
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
        let pool = Pool::builder(manager)
            .max_size(config.pool_max)
            .timeouts(timeouts)
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| StoreError::Address(error.to_string()))?;
        Ok(Self { pool, runtime })
    }

    /// A connection outside the pool, without the limits on statements: for migrations.
    pub async fn connect_alone(&self, config: &PgConfig) -> StoreResult<Conn> {
        let (url, timeout) = (config.url.clone(), config.acquire_timeout);
        self.joined(async move {
            connect(&url, "-c timezone=UTC", timeout).await.map_err(|error| {
                StoreError::Unavailable { call: "connect", reason: error.to_string() }
            })
        })
        .await
    }

    /// Runs `work` on a connection.
    pub async fn read<T, F>(&self, work: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, StoreResult<T>> + Send + 'static,
    {
        let pool = self.pool.clone();
        self.joined(async move {
            let mut connection = pool.get().await.map_err(|error| pool_error(&error))?;
            work(&mut connection).await
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
        let pool = self.pool.clone();
        self.joined(async move {
            let mut connection = pool.get().await.map_err(|error| pool_error(&error))?;
            Transactions::begin_transaction(&mut *connection).await?;
            let done = match work(&mut connection).await {
                Ok(value) => commit(&mut connection).await.map(|()| value),
                Err(error) => Err(error),
            };
            if done.is_err() {
                // The first error is the one to tell; the pool drops a broken connection.
                let _ = Transactions::rollback_transaction(&mut *connection).await;
            }
            done
        })
        .await
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

async fn commit(connection: &mut Conn) -> StoreResult<()> {
    fail_point!(CommitBefore => unavailable("a fail point"));
    Transactions::commit_transaction(connection).await?;
    fail_point!(CommitAfter => unavailable("a fail point"));
    Ok(())
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
    let bad = |error: &dyn std::fmt::Display| ConnectionError::BadConnection(error.to_string());
    let mut config: tokio_postgres::Config = url.parse().map_err(|error| bad(&error))?;
    config.options(options).connect_timeout(timeout).application_name("primelingo");
    if config.get_ssl_mode() == SslMode::Require {
        let tls = tokio_postgres_rustls::MakeRustlsConnect::new(tls_config()?);
        let (client, connection) = config.connect(tls).await.map_err(|error| bad(&error))?;
        return Conn::try_from_client_and_connection(client, connection).await;
    }
    config.ssl_mode(SslMode::Disable);
    let (client, connection) =
        config.connect(tokio_postgres::NoTls).await.map_err(|error| bad(&error))?;
    Conn::try_from_client_and_connection(client, connection).await
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

fn pool_error<E: std::fmt::Display>(error: &PoolError<E>) -> StoreError {
    unavailable(&error.to_string())
}

fn unavailable(reason: &str) -> StoreError {
    StoreError::Unavailable { call: "", reason: reason.to_owned() }
}
