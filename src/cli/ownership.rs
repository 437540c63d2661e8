//! Links that make owners, for `init` and `users owner-code`.

use crate::app::{self, ServeError};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ownership::{CODE_LIFE, OwnerCode};
use crate::domain::role::Role;
use crate::settings::Settings;
use crate::store::Db;
use crate::telegram::{BotToken, Lane, TelegramError};

/// What the bot is called. Tried once: somebody waits for the answer.
pub async fn bot_username(settings: &Settings, token: &BotToken) -> Result<String, TelegramError> {
    let mut settings = settings.clone();
    settings.retry.max_retries = 0;
    let client = app::connect(&settings, token, Lane::Answer)?;
    Ok(client.get_me().await?.username)
}

/// Whether the database has an owner.
pub async fn has_owner(db: &Db) -> Result<bool, ServeError> {
    let team = db.people_in_charge(Vec::new()).await?;
    Ok(team.iter().any(|person| person.role == Role::Owner))
}

/// A link that makes whoever opens it first an owner.
pub async fn new_link(db: &Db, bot_username: &str) -> Result<String, ServeError> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|error| ServeError::System {
        what: "no randomness for the code",
        source: std::io::Error::other(error.to_string()),
    })?;
    let code = OwnerCode::of(random);
    db.owner_code_add(code.hash(), SystemClock.now() + CODE_LIFE).await?;
    Ok(code.link(bot_username))
}
