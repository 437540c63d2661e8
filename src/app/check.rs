//! `run --check`: everything that a start does before it takes the first update, and undoes again.
//!
//! It waits for nobody: what a start would wait for is an error here. It changes nothing: pending
//! migrations are told of, and not run.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::foundation::store_config_as_is;
use super::looking;
use super::serve::ServeError;
use crate::cache::look;
use crate::settings::{DatabaseUrl, Listen, Settings};
use crate::store::records::Facts;
use crate::store::{StoreError, facts};
use crate::telegram::{BotToken, Lane, TelegramClient, Timeouts};

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Does what a start does; gives a line for each thing that is as it must be.
pub async fn check(settings: &Settings) -> Result<Vec<String>, ServeError> {
    let token = BotToken::parse(settings.require_token()?.expose_secret())?;
    let mut lines = vec!["settings: valid".to_owned(), database(settings).await?];
    may_make_in(&settings.files.data_dir, "cannot work in files.data_dir")?;
    lines.push(format!("files: {} can be written", settings.files.data_dir.display()));
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
    if let DatabaseUrl::Sqlite { path } = url {
        // Beside the file lies its log.
        let folder = path.parent().unwrap_or(path);
        may_make_in(folder, "cannot work in the folder of the database")?;
        if !path.exists() {
            return Ok(format!("database: {url} is made by the first start"));
        }
    }
    let config = store_config_as_is(settings);
    let facts = Box::pin(facts::look(&config, PATIENCE)).await?;
    let schema = &facts.schema;
    if let Some(fault) = &schema.fault {
        return Err(StoreError::Schema(fault.clone()).into());
    }
    may_work(&facts)?;
    facts::writable(&config, PATIENCE).await?;
    Ok(match schema.pending.len() {
        0 => format!("database: {url}, its schema is up to date"),
        count => format!("database: {url}, the start runs {count} migrations"),
    })
}

/// What a server lets our role do.
fn may_work(facts: &Facts) -> Result<(), StoreError> {
    let Some(server) = &facts.server else { return Ok(()) };
    let (forbidden, pending) = (&facts.schema.tables_forbidden, &facts.schema.pending);
    let why = if !forbidden.is_empty() {
        format!("our role may not read and write {}", forbidden.join(", "))
    } else if server.is_read_only {
        "the server takes no writes".to_owned()
    } else if !pending.is_empty() && !server.may_create {
        "our role may not make tables, and migrations are pending".to_owned()
    } else {
        return Ok(());
    };
    Err(StoreError::Forbidden(format!("{why}; see: primelingo doctor --only server")))
}

/// Whether a folder is there to be written to, or could be made.
fn may_make_in(folder: &Path, what: &'static str) -> Result<(), ServeError> {
    // A relative path ends in the working folder.
    let there = folder.ancestors().find(|it| it.exists()).unwrap_or(Path::new("."));
    let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
    let allowed = match there.metadata() {
        Ok(metadata) if !metadata.is_dir() => Err(ErrorKind::NotADirectory.into()),
        Ok(_) => rustix::fs::access(there, access).map_err(std::io::Error::from),
        Err(error) => Err(error),
    };
    allowed.map_err(|error| {
        let source = std::io::Error::new(error.kind(), format!("{}: {error}", there.display()));
        ServeError::System { what, source }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_made_is_told_before_a_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        for well in [folder.path().to_owned(), folder.path().join("new/er"), "new/er".into()] {
            may_make_in(&well, "cannot work").unwrap();
        }
        for bad in [file.clone(), file.join("below")] {
            let refused = may_make_in(&bad, "cannot work").unwrap_err().to_string();
            assert!(refused.contains(&file.display().to_string()), "{refused}");
        }
    }
}
