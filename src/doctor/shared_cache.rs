//! Redis, where it is configured. It may be away at any time, so that nothing here is an error that
//! would lose anything; but what it is good for is lost as long.

use futures_util::FutureExt as _;
use secrecy::ExposeSecret as _;
use url::Url;

use super::case::{Case, is_local};
use super::finding::{Answer, Finding, Severity, Skip, fine, found, found_if, skip};
use super::registry::Check;
use crate::cache::look::RedisFacts;

/// The oldest version whose scripts may ask for the time and write.
const VERSION_MIN: u32 = 5;

const READS: &[&str] = &["redis.url"];

pub(super) const CHECKS: &[Check] = &[
    Check::asking(
        "redis.reachable",
        "Does Redis answer, and take our password?",
        Severity::Warning,
        READS,
        |case| reachable(case).boxed(),
    ),
    Check::asking("redis.version", "Is Redis new enough?", Severity::Error, READS, |case| {
        version(case).boxed()
    }),
    Check::asking(
        "redis.eviction",
        "Does Redis make room when it is full?",
        Severity::Warning,
        READS,
        |case| eviction(case).boxed(),
    ),
    Check::asking("redis.replica", "Does Redis take writes?", Severity::Error, READS, |case| {
        replica(case).boxed()
    }),
    Check::here(
        "redis.password",
        "Has a Redis elsewhere a password?",
        Severity::Warning,
        READS,
        password,
    ),
    Check::here(
        "redis.tls",
        "Does the traffic to a Redis elsewhere travel encrypted?",
        Severity::Warning,
        READS,
        tls,
    ),
];

fn url(case: &Case) -> Result<Url, Skip> {
    let Some(url) = &case.settings().redis.url else {
        return skip("no Redis is configured: memory serves");
    };
    Url::parse(url.expose_secret()).map_err(|_| Skip("redis.url is no address".to_owned()))
}

/// The address without its password.
fn shown(case: &Case) -> Result<String, Skip> {
    let url = url(case)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    Ok(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
}

async fn facts(case: &Case) -> Result<&RedisFacts, Skip> {
    let looked = case.redis().await?;
    looked.as_ref().map_err(|_| Skip("Redis does not answer (see redis.reachable)".to_owned()))
}

fn redis_cli(case: &Case, command: &str) -> String {
    let url = url(case).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let port = url.as_ref().and_then(Url::port).unwrap_or(6379);
    format!("redis-cli -h {host} -p {port} --askpass {command}")
}

async fn reachable(case: &Case) -> Answer {
    let Err(why) = case.redis().await? else { return fine() };
    found(Finding::warning(
        format!("Redis at {} cannot be used, so that memory serves: {why}", shown(case)?),
        redis_cli(case, "ping"),
    ))
}

async fn version(case: &Case) -> Answer {
    let version = &facts(case).await?.version;
    let major: u32 = version.split('.').next().and_then(|part| part.parse().ok()).unwrap_or(0);
    found_if(major < VERSION_MIN, || {
        Finding::error(
            format!("Redis {version} is too old: {VERSION_MIN} or newer is needed"),
            "apt-get install redis-server",
        )
    })
}

async fn eviction(case: &Case) -> Answer {
    let facts = facts(case).await?;
    found_if(facts.memory_max > 0 && facts.when_full == "noeviction", || {
        Finding::warning(
            format!(
                "Redis refuses writes when its {} MB are full (noeviction)",
                facts.memory_max >> 20
            ),
            redis_cli(case, "config set maxmemory-policy allkeys-lru"),
        )
    })
}

async fn replica(case: &Case) -> Answer {
    found_if(facts(case).await?.is_replica, || {
        Finding::error("this Redis is a replica and takes no writes", "REDIS_URL=<its primary>")
    })
}

fn password(case: &Case) -> Answer {
    let url = url(case)?;
    let is_open = !is_local(url.as_str()) && url.password().is_none();
    found_if(is_open, || {
        let host = url.host_str().unwrap_or_default();
        Finding::warning(
            format!("Redis at {host} asks for no password: whoever reaches it reads dialogs"),
            redis_cli(case, "config set requirepass <a password>"),
        )
    })
}

fn tls(case: &Case) -> Answer {
    let url = url(case)?;
    found_if(!is_local(url.as_str()) && url.scheme() == "redis", || {
        let host = url.host_str().unwrap_or_default();
        Finding::warning(
            format!("the traffic to Redis at {host} is not encrypted"),
            format!("REDIS_URL=rediss://:<password>@{host}:6379/0"),
        )
    })
}
