//! A look at a Redis server that leaves nothing behind: what it is, and what it does when it is full.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use super::health::Fault;

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedisFacts {
    /// Its version, as `7.0.15`.
    pub version: String,
    /// Whether it takes no writes, as another server writes to it.
    pub is_replica: bool,
    /// The most memory that it takes, bytes; 0: no limit.
    pub memory_max: u64,
    /// What becomes of keys when that is full.
    pub when_full: String,
}

/// Looks at the server, within `limit`.
///
/// # Errors
/// Why it cannot be used, without its address.
pub async fn look(url: &SecretString, limit: Duration) -> Result<RedisFacts, String> {
    let client = Client::open(url.expose_secret())
        // What the parser says may quote the address.
        .map_err(|_| super::CacheError.to_string())?;
    let asking = async {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(limit))
            .set_response_timeout(Some(limit));
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        redis::cmd("INFO").query_async::<String>(&mut connection).await
    };
    match timeout(limit, asking).await {
        Ok(Ok(info)) => Ok(read(&info)),
        Ok(Err(error)) => Err(Fault::from(error).to_string()),
        Err(_elapsed) => Err(Fault::Timeout.to_string()),
    }
}

/// The lines `name:value` of `INFO`.
fn read(info: &str) -> RedisFacts {
    let value = |name: &str| {
        let of = |line: &str| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().to_owned());
        info.lines().find_map(of).unwrap_or_default()
    };
    RedisFacts {
        version: value("redis_version"),
        is_replica: value("role") == "slave",
        memory_max: value("maxmemory").parse().unwrap_or(0),
        when_full: value("maxmemory_policy"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_is_read_by_whole_names() {
        let info = "# Server\r\nredis_version:7.0.15\r\nrole:slave\r\nmaxmemory_human:1K\r\n\
                    maxmemory:1024\r\nmaxmemory_policy:noeviction\r\n";
        let facts = read(info);
        assert_eq!(facts.version, "7.0.15");
        assert!(facts.is_replica);
        assert_eq!((facts.memory_max, facts.when_full.as_str()), (1024, "noeviction"));
    }
}
