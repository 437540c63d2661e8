//! Addresses given in parts: `POSTGRES_HOST` and its kin, `REDIS_HOST` and its kin.
//!
//! Invariant: a whole address is stronger than its parts, from whatever source either came.

use std::collections::BTreeMap;

use url::Url;

use super::database_url::{PostgresParts, PostgresUrl, escaped, escaped_host};
use super::error::SettingsError;
use super::layers::Layers;
use super::origin::Origin;
use super::variables::Variables;

const POSTGRES_NAMES: [&str; 5] =
    ["POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"];
const REDIS_NAMES: [&str; 4] = ["REDIS_HOST", "REDIS_PORT", "REDIS_DB", "REDIS_PASSWORD"];

const POSTGRES_PORT: u16 = 5432;
const POSTGRES_USER: &str = "postgres";
const POSTGRES_DB: &str = "bot_db";
const REDIS_PORT: u16 = 6379;
const REDIS_DB: &str = "0";

/// What a part counts as when it is not set and its host is.
pub(super) fn default_of(name: &str) -> Option<String> {
    match name {
        "POSTGRES_PORT" => Some(POSTGRES_PORT.to_string()),
        "POSTGRES_USER" => Some(POSTGRES_USER.to_owned()),
        "POSTGRES_DB" => Some(POSTGRES_DB.to_owned()),
        "REDIS_PORT" => Some(REDIS_PORT.to_string()),
        "REDIS_DB" => Some(REDIS_DB.to_owned()),
        _ => None,
    }
}

/// Builds `database.url` and `redis.url` from their parts where no address is set.
pub(super) fn apply(
    variables: &Variables,
    layers: &mut Layers,
    warnings: &mut Vec<String>,
) -> Result<(), SettingsError> {
    let postgres = Parts::read(&POSTGRES_NAMES, variables, warnings)?;
    postgres.apply("database.url", "POSTGRES_HOST", layers, warnings, postgres_url);
    let redis = Parts::read(&REDIS_NAMES, variables, warnings)?;
    redis.apply("redis.url", "REDIS_HOST", layers, warnings, redis_url);
    apply_queue_redis(variables, layers, warnings)
}

/// What is wrong with the parts: the name of the bad one and what is expected.
type PartError = (&'static str, &'static str);

/// The variables of one address that are set.
struct Parts(BTreeMap<&'static str, (String, Origin)>);

impl Parts {
    fn read(
        names: &[&'static str],
        variables: &Variables,
        warnings: &mut Vec<String>,
    ) -> Result<Self, SettingsError> {
        let mut parts = BTreeMap::new();
        for name in names {
            if let Some(part) = variables.get_or_file(name, warnings)? {
                parts.insert(*name, part);
            }
        }
        Ok(Self(parts))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(text, _)| text.as_str())
    }

    fn port(&self, name: &'static str, default: u16) -> Result<u16, PartError> {
        let Some(text) = self.get(name) else { return Ok(default) };
        let port = text.parse().ok().filter(|port| *port != 0);
        port.ok_or((name, "expected a port, 1 to 65535"))
    }

    /// Sets `key` to the address that `build` makes, if the `host` is there and `key` is not set.
    fn apply(
        &self,
        key: &str,
        host: &'static str,
        layers: &mut Layers,
        warnings: &mut Vec<String>,
        build: fn(&Self, &str) -> Result<String, PartError>,
    ) {
        if self.0.is_empty() {
            return;
        }
        let names = self.0.keys().copied().collect::<Vec<_>>().join(", ");
        if layers.is_set(key) {
            warnings.push(format!("{key} and its parts {names} are both set: the URL wins"));
            return;
        }
        let Some((host_text, origin)) = self.0.get(host) else {
            warnings.push(format!("{names} without {host}: no effect"));
            return;
        };
        match build(self, host_text) {
            Ok(url) => layers.add_text(key, &url, origin.clone()),
            Err((name, expected)) => {
                let origin = self.0.get(name).map_or(origin, |(_, origin)| origin);
                layers.report(key, origin.clone(), expected.to_owned());
            }
        }
    }
}

fn postgres_url(parts: &Parts, host: &str) -> Result<String, PartError> {
    let port = parts.port("POSTGRES_PORT", POSTGRES_PORT)?;
    let url = PostgresUrl::from_parts(&PostgresParts {
        host,
        port,
        user: parts.get("POSTGRES_USER").unwrap_or(POSTGRES_USER),
        password: parts.get("POSTGRES_PASSWORD"),
        name: parts.get("POSTGRES_DB").unwrap_or(POSTGRES_DB),
    });
    let url = url.map_err(|_| ("POSTGRES_HOST", "expected a host name or address"))?;
    Ok(url.expose().to_owned())
}

fn redis_url(parts: &Parts, host: &str) -> Result<String, PartError> {
    let port = parts.port("REDIS_PORT", REDIS_PORT)?;
    let database = parts.get("REDIS_DB").unwrap_or(REDIS_DB);
    if database.parse::<u32>().is_err() {
        return Err(("REDIS_DB", "expected the number of a database"));
    }
    let bad_host = ("REDIS_HOST", "expected a host name or address");
    let mut url = Url::parse("redis://localhost").map_err(|_| bad_host)?;
    url.set_host(Some(&escaped_host(host))).map_err(|_| bad_host)?;
    url.set_port(Some(port)).map_err(|()| bad_host)?;
    let password = parts.get("REDIS_PASSWORD").map(escaped);
    url.set_password(password.as_deref()).map_err(|()| bad_host)?;
    url.set_path(database);
    Ok(url.into())
}

/// The job queue that came before ours could have a Redis of its own; here there is one.
fn apply_queue_redis(
    variables: &Variables,
    layers: &mut Layers,
    warnings: &mut Vec<String>,
) -> Result<(), SettingsError> {
    let Some((url, origin)) = variables.get_or_file("RQ_REDIS_URL", warnings)? else {
        return Ok(());
    };
    if !layers.is_set("redis.url") {
        layers.add_text("redis.url", &url, origin);
    } else if layers.text("redis.url") != Some(&url) {
        warnings.push("RQ_REDIS_URL has no effect beside redis.url".to_owned());
    }
    Ok(())
}
