//! `primelingo users`: who may do what.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::database::{Answer, or_missing, with_database};
use super::ownership;
use crate::app::ServeError;
use crate::domain::audit::COMMAND_LINE;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::UserId;
use crate::domain::people::{KnownPerson, PeopleChange, PersonCard};
use crate::domain::role::Role;
use crate::settings::Settings;
use crate::store::{Db, StoreError};
use crate::telegram::BotToken;

/// How times are written.
const MINUTE: &str = "%Y-%m-%d %H:%M UTC";

/// What to do with people.
#[derive(Debug, Args)]
pub struct UsersArguments {
    #[command(subcommand)]
    command: UsersCommand,
}

#[derive(Debug, Subcommand)]
enum UsersCommand {
    /// Gives a person a role.
    Role {
        /// Numeric Telegram id; the person need not have written to the bot yet.
        #[arg(value_parser = person, allow_negative_numbers = true)]
        id: i64,
        /// The role.
        role: RoleArgument,
    },
    /// Makes a link that makes whoever opens it first, within 24 hours, an owner.
    OwnerCode,
    /// Shuts a person out of the bot, and takes their role. An owner's role has to be taken first.
    Ban {
        /// Numeric Telegram id; the person need not have written to the bot yet.
        #[arg(value_parser = person, allow_negative_numbers = true)]
        id: i64,
    },
    /// Lets a person in again, without a role.
    Unban {
        /// Numeric Telegram id.
        #[arg(value_parser = person, allow_negative_numbers = true)]
        id: i64,
    },
    /// Shows what is known of a person, or of all whose name fits.
    Find {
        /// Numeric Telegram id, @name, or a piece of a name.
        who: String,
        /// Most people.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
        /// For people or for programs.
        #[arg(long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Output {
    Json,
    Table,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleArgument {
    Learner,
    Editor,
    Admin,
    Owner,
}

impl From<RoleArgument> for Role {
    fn from(role: RoleArgument) -> Self {
        match role {
            RoleArgument::Learner => Self::Learner,
            RoleArgument::Editor => Self::Editor,
            RoleArgument::Admin => Self::Admin,
            RoleArgument::Owner => Self::Owner,
        }
    }
}

/// Groups and channels have ids below 0.
fn person(text: &str) -> Result<i64, &'static str> {
    let id = text.parse().ok().filter(|id| *id > 0);
    id.ok_or("expected an id of a person, above 0")
}

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &UsersArguments) -> ExitCode {
    with_database(settings, async |db| match &arguments.command {
        UsersCommand::Role { id, role } => {
            let role = Role::from(*role);
            if role != Role::Owner && settings.access.owners.contains(id) {
                return Ok(Answer::Refused(format!(
                    "user {id} stays an owner: access.owners names them; take them out there first"
                )));
            }
            db.user_set_role(UserId(*id), role, SystemClock.now()).await?;
            Ok(Answer::Done(format!("user {id} is {} now", role.name())))
        }
        UsersCommand::OwnerCode => {
            let token = BotToken::parse(settings.require_token()?.expose_secret())?;
            let bot = ownership::bot_username(settings, &token).await?;
            Ok(Answer::Done(ownership::new_link(&db, &bot).await?))
        }
        UsersCommand::Ban { id } => ban(settings, &db, UserId(*id)).await,
        UsersCommand::Unban { id } => {
            let change = PeopleChange::Unban(UserId(*id));
            let is_done = db.people_change(change, COMMAND_LINE, SystemClock.now()).await?;
            Ok(Answer::Done(or_missing(
                is_done,
                format!("user {id} is unbanned"),
                format!("user {id} is not banned"),
            )))
        }
        UsersCommand::Find { who, limit, output } => {
            let people = find(settings, &db, who, *limit).await?;
            Ok(Answer::Done(match output {
                Output::Json => people.iter().map(value).collect::<Value>().to_string(),
                Output::Table if people.is_empty() => {
                    format!(
                        "nobody is known by {who}; a person is known once they wrote to the bot"
                    )
                }
                Output::Table => people.iter().map(line).collect::<Vec<_>>().join("\n"),
            }))
        }
    })
}

async fn ban(settings: &Settings, db: &Db, user: UserId) -> Result<Answer, ServeError> {
    if settings.access.owners.contains(&user.0) {
        let text = format!(
            "user {user} is not banned: access.owners names them; take them out there first"
        );
        return Ok(Answer::Refused(text));
    }
    let change = PeopleChange::Ban { user, below: Role::Owner };
    match db.people_change(change, COMMAND_LINE, SystemClock.now()).await {
        Ok(is_done) => {
            let done = format!("user {user} is banned; to undo: primelingo users unban {user}");
            let already = format!("user {user} is banned already");
            Ok(Answer::Done(or_missing(is_done, done, already)))
        }
        Err(StoreError::Conflict { .. }) => Ok(Answer::Refused(format!(
            "user {user} is not banned: they are an owner; first: \
             primelingo users role {user} learner"
        ))),
        Err(error) => Err(error.into()),
    }
}

async fn find(
    settings: &Settings,
    db: &Db,
    who: &str,
    limit: i64,
) -> Result<Vec<PersonCard>, ServeError> {
    let owners: Vec<UserId> = settings.access.owners.iter().copied().map(UserId).collect();
    let Ok(id) = who.trim().parse() else {
        return Ok(db.people_find(who.trim().to_owned(), owners, limit).await?);
    };
    let person = db.person_card(UserId(id), owners).await?;
    let is_something = person.known.is_some() || person.is_banned || person.is_configured;
    Ok(is_something.then_some(person).into_iter().collect())
}

fn line(person: &PersonCard) -> String {
    let known = person.known.as_ref();
    let name = known.map(|known| known.name.as_str()).filter(|name| !name.is_empty());
    let at = known.and_then(|known| known.username.as_deref());
    let at = at.map(|name| format!("  @{name}")).unwrap_or_default();
    let seen = known.and_then(|known| known.seen_at);
    let seen = seen.map_or_else(|| "never".to_owned(), |at| at.format(MINUTE).to_string());
    format!(
        "user {}: {}, {}{at}{}, last seen {seen}{}",
        person.id,
        name.map_or_else(|| "name unknown".to_owned(), |name| format!("{name:?}")),
        person.role().name(),
        known.map(reach).unwrap_or_default(),
        if person.is_banned { ", banned" } else { "" },
    )
}

fn reach(known: &KnownPerson) -> String {
    format!(", language {}, reachable {}", known.lang.code(), known.reachable)
}

fn value(person: &PersonCard) -> Value {
    let known = person.known.as_ref();
    json!({
        "id": person.id.0,
        "role": person.role().name(),
        "banned": person.is_banned,
        "owner_by_configuration": person.is_configured,
        "name": known.map(|known| known.name.as_str()),
        "username": known.and_then(|known| known.username.as_deref()),
        "language": known.map(|known| known.lang.code()),
        "reachable": known.map(|known| known.reachable),
        "last_seen": known.and_then(|known| known.seen_at).map(|at| at.to_rfc3339()),
    })
}
