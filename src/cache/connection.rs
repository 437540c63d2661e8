//! One connection, how it is made, and what is asked over it.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, ScriptInvocation};

use super::health::{Fault, Health};

/// What is asked.
#[derive(Clone, Copy)]
pub(super) enum Request<'a> {
    Command(&'a Cmd),
    /// By its hash; sent as a whole where the server does not know it (any more).
    Script(&'a ScriptInvocation<'a>),
}

/// A connection of the pool.
pub(super) struct Connection {
    inner: MultiplexedConnection,
    pub(super) generation: u64,
    /// False while an answer is outstanding: whoever gives up half-way leaves it so.
    is_clean: bool,
}

impl Connection {
    pub(super) async fn ask<T: FromRedisValue>(
        &mut self,
        request: Request<'_>,
    ) -> Result<T, RedisError> {
        self.is_clean = false;
        let answer = match request {
            Request::Command(command) => command.query_async(&mut self.inner).await,
            Request::Script(script) => script.invoke_async(&mut self.inner).await,
        };
        self.is_clean = answer.is_ok();
        answer
    }

    /// Keeps it out of the pool.
    pub(super) const fn spoil(&mut self) {
        self.is_clean = false;
    }
}

/// Makes connections for the pool.
pub(super) struct Dialer {
    pub(super) client: Client,
    pub(super) config: AsyncConnectionConfig,
    pub(super) health: Arc<Health>,
}

impl bb8::ManageConnection for Dialer {
    type Connection = Connection;
    type Error = RedisError;

    async fn connect(&self) -> Result<Connection, RedisError> {
        // Read first: what happens while the connection is made makes it old.
        let generation = self.health.generation();
        let dial = || self.client.get_multiplexed_async_connection_with_config(&self.config);
        let inner = match dial().await {
            // Cut while it was being made, as a server does that ends: perhaps another one begins.
            Err(error) if error.is_connection_dropped() => dial().await?,
            result => result?,
        };
        Ok(Connection { inner, generation, is_clean: true })
    }

    /// Never called: `test_on_check_out` is off, as a round trip before each call would double
    /// its price.
    async fn is_valid(&self, _connection: &mut Connection) -> Result<(), RedisError> {
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        !connection.is_clean
    }
}

/// A connection that could not be made opens the breaker: without it, whoever waits for the
/// connection would wait in vain for the whole time.
#[derive(Debug, Clone)]
pub(super) struct FailedDial {
    pub(super) health: Arc<Health>,
}

impl bb8::ErrorSink<RedisError> for FailedDial {
    fn sink(&self, error: RedisError) {
        self.health.trip(&Fault::from(error));
    }

    fn boxed_clone(&self) -> Box<dyn bb8::ErrorSink<RedisError>> {
        Box::new(self.clone())
    }
}
