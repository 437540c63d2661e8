//! `primelingo init`: from nothing, or from the `.env` of another bot, to a set-up that runs.
//!
//! Invariants: what is configured already is taken as it is, and only what is missing is asked
//! for; nothing is written before every answer has been checked; the token is shown nowhere.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use self::ask::Asker;
use self::files::NewFiles;
use super::{EXIT_CONFIG, complain, ownership, say, warn};
use crate::app::{self, ServeError};
use crate::settings::{LoadOptions, Loaded, Origin, Settings, SettingsError};
use crate::telegram::{BotToken, Decision, NotAToken, TelegramError};

mod ask;
mod files;

/// Exit code when something outside has to be mended first.
const EXIT_UNUSABLE: u8 = 69;

/// How often a wrong answer is asked for again.
const TRIES: usize = 3;

/// Longest wait for the database; a bot that starts would wait for ever.
const DATABASE_WITHIN: Duration = Duration::from_secs(15);

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// Asks nothing: takes the default of whatever is not configured. The token has none.
    #[arg(long)]
    yes: bool,
    /// Does not ask Telegram whether the token is good, and makes no link for the first owner.
    #[arg(long)]
    offline: bool,
    /// Owners by their numeric Telegram ids, in place of a link that makes the first one.
    #[arg(long = "owner", value_name = "ID")]
    owners: Vec<i64>,
}

/// Why it could not be set up.
#[derive(Debug, thiserror::Error)]
enum InitError {
    #[error("{0}")]
    Settings(#[from] SettingsError),
    #[error("no answer: {0}")]
    Answer(#[source] io::Error),
    #[error(
        "the token of the bot has no default: set BOT_TOKEN, or BOT_TOKEN_FILE to a file that holds \
         it, or leave --yes out and type it"
    )]
    NoToken,
    #[error("that is not a bot token: @BotFather gives one as 123456789:AAE...")]
    Token(#[from] NotAToken),
    #[error("Telegram does not know this token: ask @BotFather for it with /token")]
    Refused,
    #[error(
        "Telegram cannot be asked about the token: {0}; check the network, or go on with --offline"
    )]
    Telegram(#[source] TelegramError),
    #[error("cannot write the configuration: {0}")]
    Write(#[source] io::Error),
    #[error(
        "the configuration is written, but the database is not there yet: {0}\n\
         mend it, then make a link for the first owner with `primelingo users owner-code`"
    )]
    Database(#[source] ServeError),
    #[error(
        "the configuration is written, but the database did not answer within {} s: check \
         database.url, then make a link for the first owner with `primelingo users owner-code`",
        DATABASE_WITHIN.as_secs()
    )]
    DatabaseSilent,
}

impl InitError {
    const fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_)
            | Self::Answer(_)
            | Self::Token(_)
            | Self::NoToken
            | Self::Refused => EXIT_CONFIG,
            _ => EXIT_UNUSABLE,
        }
    }
}

/// Sets a bot up in the working directory.
pub fn run(options: LoadOptions, arguments: &InitArguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error, 1),
    };
    match runtime.block_on(set_up(options, arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error, error.exit_code()),
    }
}

async fn set_up(options: LoadOptions, arguments: &InitArguments) -> Result<(), InitError> {
    let asker = Asker { takes_defaults: arguments.yes };
    let loaded = Settings::load(options.clone())?;
    for warning in &loaded.warnings {
        warn(warning);
    }
    let mut setup = Setup { options, loaded, new: NewFiles::default(), asker };
    let bot = setup.token(arguments.offline).await?;
    setup.database()?;
    setup.redis()?;
    setup.language()?;
    setup.owners(&arguments.owners)?;
    let written = setup.new.write(&PathBuf::from(".")).map_err(InitError::Write)?;
    for path in &written {
        say(&format!("written: {} (only you can read it)", path.display()));
    }
    // What holds is what is read from the files, not what was answered.
    let options = LoadOptions::from_process(setup.options.file, setup.options.overrides);
    let settings = Settings::load(options)?.settings;
    let link = match bot {
        Some(bot) if settings.access.owners.is_empty() => first_owner(&settings, &bot).await?,
        _ => None,
    };
    say(&next_steps(&settings, link.as_deref()));
    Ok(())
}

struct Setup {
    options: LoadOptions,
    loaded: Loaded,
    new: NewFiles,
    asker: Asker,
}

impl Setup {
    /// The token; gives the bot's name, unless Telegram was not asked.
    async fn token(&mut self, offline: bool) -> Result<Option<String>, InitError> {
        if let Some(token) = self.loaded.settings.telegram.token.clone() {
            self.tell_known("telegram.token");
            if let Some(origin @ (Origin::Environment(_) | Origin::CommandLine)) =
                self.loaded.origins.get("telegram.token")
            {
                warn(&format!(
                    "the token is not written down: it comes from {origin}, and whatever starts the \
                     bot has to give it, too"
                ));
            }
            return check_token(&self.loaded.settings, &token, offline).await;
        }
        let mut tries = 0;
        loop {
            tries += 1;
            if self.asker.takes_defaults {
                return Err(InitError::NoToken);
            }
            let token = Asker::secret("Token of the bot, as @BotFather gave it");
            let token = token.map_err(InitError::Answer)?;
            match check_token(&self.loaded.settings, &token, offline).await {
                Ok(bot) => {
                    self.new.set_secret("BOT_TOKEN", token);
                    return Ok(bot);
                }
                Err(error @ (InitError::Token(_) | InitError::Refused))
                    if self.asker.is_patient() && tries < TRIES =>
                {
                    warn(&error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn database(&mut self) -> Result<(), InitError> {
        const QUESTION: &str =
            "Database: sqlite:path, or postgresql://USER:PASSWORD@HOST:5432/NAME";
        if self.loaded.is_set("database.url") {
            self.tell_known("database.url");
            return Ok(());
        }
        let default = self.loaded.settings.database.url.to_string();
        let url = self.valid("database.url", QUESTION, &default)?;
        if url.starts_with("sqlite") {
            self.new.set("DATABASE_URL", &url);
        } else {
            self.new.set_secret("DATABASE_URL", SecretString::from(url));
        }
        Ok(())
    }

    fn redis(&mut self) -> Result<(), InitError> {
        const QUESTION: &str = "Redis: redis://:PASSWORD@HOST:6379/0, or nothing for none";
        if self.loaded.is_set("redis.url") {
            self.tell_known("redis.url");
            return Ok(());
        }
        let url = self.valid("redis.url", QUESTION, "")?;
        if !url.is_empty() {
            self.new.set_secret("REDIS_URL", SecretString::from(url));
        }
        Ok(())
    }

    fn language(&mut self) -> Result<(), InitError> {
        const QUESTION: &str = "Language for people whose own is not offered: en, ru or uz";
        const KEY: &str = "chat.default_language";
        if self.loaded.is_set(KEY) {
            self.tell_known(KEY);
            return Ok(());
        }
        let default = self.loaded.settings.chat.default_language.clone();
        let language = self.valid(KEY, QUESTION, &default)?;
        if language != default {
            self.new.set("PRIMELINGO__CHAT__DEFAULT_LANGUAGE", &language);
        }
        Ok(())
    }

    fn owners(&mut self, given: &[i64]) -> Result<(), InitError> {
        const KEY: &str = "access.owners";
        if self.loaded.is_set(KEY) {
            self.tell_known(KEY);
        } else if !given.is_empty() {
            let ids: Vec<String> = given.iter().map(i64::to_string).collect();
            let ids = ids.join(",");
            self.check(KEY, &ids)?;
            self.new.set("BOT_OWNERS", &ids);
        }
        Ok(())
    }

    /// Whether the setting takes this value.
    fn check(&self, key: &str, value: &str) -> Result<(), SettingsError> {
        let mut options = self.options.clone();
        options.overrides.push((key.to_owned(), value.to_owned()));
        Settings::load(options).map(drop)
    }

    /// An answer that the setting takes.
    fn valid(&self, key: &str, question: &str, default: &str) -> Result<String, InitError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let answer = self.asker.line(question, default).map_err(InitError::Answer)?;
            match self.check(key, &answer) {
                Ok(()) => return Ok(answer),
                Err(error) if self.asker.is_patient() && tries < TRIES => warn(&error.to_string()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn tell_known(&self, key: &str) {
        let origin = self.loaded.origins.get(key).map(ToString::to_string).unwrap_or_default();
        let value = self.loaded.shown.get(key).map_or("", String::as_str);
        say(&format!("taken:   {key} = {value} (from {origin})"));
    }
}

/// Whether Telegram knows the token; gives the bot's name.
async fn check_token(
    settings: &Settings,
    token: &SecretString,
    offline: bool,
) -> Result<Option<String>, InitError> {
    let token = BotToken::parse(token.expose_secret())?;
    if offline {
        return Ok(None);
    }
    let bot = ownership::bot_username(settings, &token).await.map_err(|error| {
        match error.decision() {
            Decision::Unauthorized => InitError::Refused,
            _ => InitError::Telegram(error),
        }
    })?;
    say(&format!("checked: the token is that of @{bot}"));
    Ok(Some(bot))
}

/// The link that makes the first owner; none when there is one.
async fn first_owner(settings: &Settings, bot: &str) -> Result<Option<String>, InitError> {
    let making = async {
        let db = app::open_database_soon(settings).await?;
        if ownership::has_owner(&db).await? {
            return Ok(None);
        }
        ownership::new_link(&db, bot).await.map(Some)
    };
    match timeout(DATABASE_WITHIN, making).await {
        Ok(Ok(link)) => Ok(link),
        Ok(Err(error)) => Err(InitError::Database(error)),
        Err(_elapsed) => Err(InitError::DatabaseSilent),
    }
}

fn next_steps(settings: &Settings, link: Option<&str>) -> String {
    let mut lines = vec![
        String::new(),
        "Next:".to_owned(),
        "  primelingo doctor     checks everything".to_owned(),
        "  primelingo run        runs the bot".to_owned(),
    ];
    match link {
        Some(link) => lines.push(format!(
            "  {link}\n                        whoever opens this first, within 24 hours, becomes an owner"
        )),
        None if settings.access.owners.is_empty() => lines
            .push("  primelingo users owner-code   makes a link for a further owner".to_owned()),
        None => {}
    }
    lines.join("\n")
}
