//! The throwaway servers of a drill: a database of its own for each part, and one Redis.
//!
//! Only servers of this machine are taken. The database that was given is only connected to; the drill's own are named `primelingo_drill_`
//! with a number, and dropped at the end.

use std::fmt::Write as _;
use std::net::IpAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Host, Url};

use crate::app;
use crate::cli::simulate::error::DrillError;
use crate::settings::{LoadOptions, Settings};
use crate::store::{StoreConfig, scratch};

/// Where Redis listens if nothing else is said.
const REDIS_PORT: u16 = 6_379;

/// What was given.
#[derive(Clone, Default)]
pub struct Servers {
    /// `postgres://…`.
    database: Option<Url>,
    redis: Option<Url>,
    /// Names of the databases that the drill has made.
    made: Vec<String>,
    /// Sets them apart from those of another drill on the same server.
    seed: u64,
}

impl Servers {
    /// Servers at these addresses.
    pub fn at(database: Option<&str>, redis: Option<&str>, seed: u64) -> Result<Self, DrillError> {
        let parsed = |url: Option<&str>| {
            let url = url.map(Url::parse).transpose();
            url.map_err(|error| DrillError::Server(format!("no address of a server: {error}")))
        };
        let database = parsed(database)?;
        if database.as_ref().is_some_and(|url| !url.scheme().starts_with("postgres")) {
            let cure = "leave --database out for SQLite, or give a postgres:// URL".to_owned();
            return Err(DrillError::Server(cure));
        }
        let redis = parsed(redis)?;
        if redis.as_ref().is_some_and(|url| url.scheme() != "redis") {
            let cure = "--redis wants the redis:// URL of a throwaway server, without TLS";
            return Err(DrillError::Server(cure.to_owned()));
        }
        if database.iter().chain(&redis).any(|url| !is_loopback(url)) {
            let cure = "the drill makes databases and empties Redis: give it throwaway servers of this \
                        machine, by a loopback address";
            return Err(DrillError::Server(cure.to_owned()));
        }
        Ok(Self { database, redis, made: Vec::new(), seed })
    }

    /// What the drill runs on, in words.
    pub const fn names(&self) -> &'static str {
        match (&self.database, &self.redis) {
            (None, None) => "SQLite",
            (None, Some(_)) => "SQLite and Redis",
            (Some(_), None) => "PostgreSQL",
            (Some(_), Some(_)) => "PostgreSQL and Redis",
        }
    }

    pub const fn has_database(&self) -> bool {
        self.database.is_some()
    }

    pub const fn has_redis(&self) -> bool {
        self.redis.is_some()
    }

    /// The address of Redis.
    pub fn redis(&self) -> Option<&str> {
        self.redis.as_ref().map(Url::as_str)
    }

    /// An empty database; none where a part makes its own SQLite file.
    pub async fn fresh_database(&mut self) -> Result<Option<String>, DrillError> {
        let Some(server) = self.database.clone() else { return Ok(None) };
        let name = format!("primelingo_drill_{}_{}", self.seed, self.made.len() + 1);
        scratch::create(&config(&server)?, &name).await?;
        let mut url = server;
        url.set_path(&name);
        self.made.push(name);
        Ok(Some(url.into()))
    }

    /// Cuts all connections to the newest database.
    pub async fn cut_database(&self) -> Result<(), DrillError> {
        if let (Some(server), Some(name)) = (&self.database, self.made.last()) {
            scratch::cut(&config(server)?, name).await?;
        }
        Ok(())
    }

    /// Drops all databases that were made.
    pub async fn drop_databases(&mut self) -> Result<(), DrillError> {
        let Some(server) = &self.database else { return Ok(()) };
        for name in self.made.drain(..) {
            scratch::drop(&config(server)?, &name).await?;
        }
        Ok(())
    }

    /// Lets Redis forget everything.
    pub async fn flush_redis(&self) -> Result<(), DrillError> {
        let Some(url) = &self.redis else { return Ok(()) };
        flush(url).await.map_err(DrillError::system("cannot flush Redis"))
    }
}

fn config(url: &Url) -> Result<StoreConfig, DrillError> {
    // No bot starts with these settings.
    let overrides = [("telegram.token", "1:unused"), ("database.url", url.as_str())];
    let overrides = overrides.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    let options = LoadOptions { overrides, ..LoadOptions::default() };
    Ok(app::store_config(&Settings::load(options)?.settings)?)
}

/// Whether an address can only be one of this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // A Unix socket.
        None => true,
    }
}

/// By hand, as only `cache` speaks to Redis: each command is a list of texts, each answer a line.
async fn flush(url: &Url) -> std::io::Result<()> {
    let host = url.host_str().unwrap_or("127.0.0.1");
    let mut stream = TcpStream::connect((host, url.port().unwrap_or(REDIS_PORT))).await?;
    if let Some(password) = url.password() {
        let password = percent_encoding::percent_decode_str(password).decode_utf8_lossy();
        let user = if url.username().is_empty() { "default" } else { url.username() };
        command(&mut stream, &["AUTH", user, &password]).await?;
    }
    command(&mut stream, &["FLUSHALL"]).await
}

async fn command(stream: &mut TcpStream, words: &[&str]) -> std::io::Result<()> {
    let mut request = format!("*{}\r\n", words.len());
    for word in words {
        // Writing to a text cannot fail.
        let _ = write!(request, "${}\r\n{word}\r\n", word.len());
    }
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n") {
        answer.push(stream.read_u8().await?);
    }
    if answer.starts_with(b"+OK") {
        return Ok(());
    }
    let answer = String::from_utf8_lossy(&answer);
    Err(std::io::Error::other(answer.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_looked_at_before_anything_begins() {
        let all = Servers::at(Some("postgres://a@127.0.0.1/b"), Some("redis://127.0.0.1"), 1);
        assert_eq!(all.unwrap().names(), "PostgreSQL and Redis");
        assert_eq!(Servers::at(None, None, 1).unwrap().names(), "SQLite");
        for (database, redis) in [
            (Some("sqlite:x.db"), None),
            (Some("nonsense"), None),
            (None, Some("rediss://127.0.0.1")),
        ] {
            let refused = Servers::at(database, redis, 1);
            assert!(matches!(refused, Err(DrillError::Server(_))), "{database:?} {redis:?}");
        }
    }
}
