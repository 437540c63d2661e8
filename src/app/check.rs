//! `run --check`: everything that a start does before it takes the first update, and undoes again.
//!
//! It waits for nobody: what a start would wait for is an error here. It changes nothing: pending
//! migrations are told of, and not run.

use std::net::TcpListener;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::foundation::store_config_as_is;
use super::looking;
use super::serve::ServeError;
use crate::cache::look;
use crate::settings::{DatabaseUrl, Listen, Settings};
use crate::store::{StoreError, facts};
use crate::telegram::{BotToken, Lane, TelegramClient, Timeouts};

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Does what a start does; gives a line for each thing that is as it must be.
pub async fn check(settings: &Settings) -> Result<Vec<String>, ServeError> {
    let token = BotToken::parse(settings.require_token()?.expose_secret())?;
    let mut lines = vec!["settings: valid".to_owned(), database(settings).await?];
    let limit = PATIENCE.min(settings.timeouts.request());
    let timeouts = Timeouts { connect: limit, read: limit, request: limit };
    let client = TelegramClient::new(token, &settings.telegram.api_url, Lane::Answer, timeouts)?;
    let identity = client.get_me().await?;
    lines.push(format!("telegram: the token is @{}'s", identity.username));
    for (key, listen) in
        [("web.listen", settings.web.listen), ("web.public_listen", settings.web.public_listen)]
    {
        lines.push(match listen {
            Listen::Off => format!("{key}: off"),
            Listen::At(address) => {
                TcpListener::bind(address).map_err(|source| ServeError::Listen {
                    key,
                    address,
                    source,
                })?;
                format!("{key}: {address} is free")
            }
        });
    }
    lines.push(redis(settings).await);
    let inspector = looking::inspector(settings)
        .map_err(|source| ServeError::System { what: "cannot find this program", source })?;
    lines.push(format!("sandbox: {}", inspector.self_test().await));
    Ok(lines)
}

/// Redis away is no reason not to start: memory does its work until it is back.
async fn redis(settings: &Settings) -> String {
    let Some(url) = &settings.redis.url else {
        return "redis: not configured, memory does its work".to_owned();
    };
    match look::look(url, settings.redis.timeout()).await {
        Ok(facts) => format!("redis: answers, version {}", facts.version),
        Err(error) => format!("redis: away, memory does its work until it is back: {error}"),
    }
}

async fn database(settings: &Settings) -> Result<String, ServeError> {
    let url = &settings.database.url;
    if let DatabaseUrl::Sqlite { path } = url
        && !path.exists()
    {
        return Ok(format!("database: {url} is made by the first start"));
    }
    let facts = Box::pin(facts::look(&store_config_as_is(settings), PATIENCE)).await?;
    let schema = &facts.schema;
    if !schema.newer.is_empty() {
        let why = format!(
            "the schema has {}, which this version does not know; install the newer primelingo",
            schema.newer.join(", ")
        );
        return Err(StoreError::Migration(why).into());
    }
    let is_half_made = schema.applied == 0 && schema.tables > 0;
    if is_half_made || !schema.tables_missing.is_empty() {
        let why = "the schema is half made; see: primelingo doctor --only database".to_owned();
        return Err(StoreError::Migration(why).into());
    }
    Ok(match schema.pending.len() {
        0 => format!("database: {url}, its schema is up to date"),
        count => format!("database: {url}, the start runs {count} migrations"),
    })
}
