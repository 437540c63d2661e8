//! The way to Redis: a small pool behind a fair queue, and the breaker in front of both.
//!
//! Invariants: a call takes `timeout` at most, waiting for its turn and for a connection included;
//! while the breaker is open it takes no time at all; when it opens, whoever waits goes on at once.
//! A connection with an outstanding answer never goes back to the pool.

use std::sync::Arc;
use std::time::Duration;

use bb8::{Pool, PooledConnection};
use redis::aio::PubSub;
use redis::{AsyncConnectionConfig, Client, FromRedisValue};
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::connection::{Connection, Dialer, FailedDial, Request};
use super::guardian;
use super::health::{Fault, Health, is_broken};
use super::{CacheError, RedisConfig};

/// The way to Redis. Clones share it.
#[derive(Clone)]
pub(super) struct Link {
    core: Arc<Core>,
    /// Ends with the last clone; the guardian itself holds the core only.
    _guardian: Arc<AbortOnDropHandle<()>>,
}

/// What the calls and the guardian share.
pub(super) struct Core {
    client: Client,
    pool: Pool<Dialer>,
    /// bb8 does not serve those who wait in their order; these permits do.
    turns: Semaphore,
    timeout: Duration,
    prefix: String,
    pub(super) health: Arc<Health>,
}

impl Link {
    pub(super) fn open(config: &RedisConfig, runtime: &Handle) -> Result<Self, CacheError> {
        let client = Client::open(config.url.expose_secret())
            // What the parser says may quote the address.
            .map_err(|_| CacheError)?;
        let health = Arc::new(Health::new());
        let dialer = Dialer {
            client: client.clone(),
            config: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(config.timeout))
                // The whole call has its own limit.
                .set_response_timeout(None),
            health: Arc::clone(&health),
        };
        let connections = config.connections.max(1);
        let pool = Pool::builder()
            .max_size(connections)
            .test_on_check_out(false)
            .connection_timeout(config.timeout)
            .retry_connection(false)
            .error_sink(Box::new(FailedDial { health: Arc::clone(&health) }))
            .build_unchecked(dialer);
        let core = Arc::new(Core {
            client,
            pool,
            turns: Semaphore::new(usize::try_from(connections).unwrap_or(1)),
            timeout: config.timeout,
            prefix: format!("primelingo:{{{}}}:", config.namespace),
            health,
        });
        let guardian = runtime.spawn(guardian::watch_over(Arc::clone(&core)));
        Ok(Self { core, _guardian: Arc::new(AbortOnDropHandle::new(guardian)) })
    }

    pub(super) fn is_up(&self) -> bool {
        self.core.health.is_up()
    }

    /// Waits until the link is up. False when that can never be.
    pub(super) async fn wait_up(&self) -> bool {
        self.core.health.watch().wait_for(|up| *up).await.is_ok()
    }

    /// The full name of a key.
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.core.prefix)
    }

    /// Asks Redis; nothing when it is away, which the breaker then knows.
    pub(super) async fn ask<T: FromRedisValue>(&self, request: Request<'_>) -> Option<T> {
        self.core.ask(request).await
    }

    /// A connection of its own, for listening. Where that fails, others may still be served: whether
    /// they are is not judged here.
    pub(super) async fn listen(&self, channel: &str) -> Option<PubSub> {
        let listening = async {
            let mut pubsub = self.core.client.get_async_pubsub().await?;
            pubsub.subscribe(channel).await?;
            Ok::<PubSub, redis::RedisError>(pubsub)
        };
        let fault = match timeout(self.core.timeout, listening).await {
            Ok(Ok(pubsub)) => return Some(pubsub),
            Ok(Err(error)) => Fault::from(error),
            Err(_) => Fault::Timeout,
        };
        fault.count();
        tracing::debug!(%fault, "doorbells of other processes are not heard");
        None
    }

    pub(super) fn timeout(&self) -> Duration {
        self.core.timeout
    }
}

impl Core {
    pub(super) async fn ask<T: FromRedisValue>(&self, request: Request<'_>) -> Option<T> {
        let mut up = self.health.watch();
        if !*up.borrow_and_update() {
            return None;
        }
        let opened = async {
            // The switch lives as long as the core.
            let _ = up.wait_for(|up| !*up).await;
        };
        let fault = tokio::select! {
            biased;
            () = opened => return None,
            answer = timeout(self.timeout, self.attempt(request)) => match answer {
                Ok(Ok(answer)) => return Some(answer),
                Ok(Err(fault)) => fault,
                Err(_) => Fault::Timeout,
            },
        };
        if matches!(fault, Fault::Value(_)) {
            fault.count();
        } else {
            self.health.trip(&fault);
        }
        None
    }

    /// One call, and a second one where the connection turns out to be dead: that it was closed
    /// while it was idle, by a restart of the server for example, is no outage. What is asked may be
    /// done twice by this; each request bears it.
    async fn attempt<T: FromRedisValue>(&self, request: Request<'_>) -> Result<T, Fault> {
        let _turn = self.turns.acquire().await.map_err(|_closed| Fault::Pool)?;
        let mut connection = self.check_out().await?;
        match connection.ask(request).await {
            Err(error) if is_broken(&error) => {
                drop(connection);
                // The others have most probably the same fate.
                self.health.renounce_connections();
                Ok(self.check_out().await?.ask(request).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// A connection of the present generation; older ones are thrown away.
    async fn check_out(&self) -> Result<PooledConnection<'_, Dialer>, Fault> {
        loop {
            let mut connection = self.pool.get().await.map_err(|error| match error {
                bb8::RunError::User(error) => Fault::from(error),
                bb8::RunError::TimedOut => Fault::Pool,
            })?;
            if connection.generation == self.health.generation() {
                return Ok(connection);
            }
            connection.spoil();
        }
    }

    /// A fresh connection beside the pool, for the guardian.
    pub(super) async fn dial(&self) -> Result<Connection, Fault> {
        Ok(self.pool.dedicated_connection().await?)
    }

    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The key that probes write.
    pub(super) fn probe_key(&self) -> String {
        format!("{}probe", self.prefix)
    }

    /// Shows the pool in the metrics.
    pub(super) fn gauge(&self) {
        let pool = self.pool.state();
        let in_use = pool.connections.saturating_sub(pool.idle_connections);
        for (state, count) in [("idle", pool.idle_connections), ("in_use", in_use)] {
            metrics::gauge!("primelingo_redis_pool_connections", "state" => state)
                .set(f64::from(count));
        }
    }
}
