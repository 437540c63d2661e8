//! `primelingo users`: who may do what.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use secrecy::ExposeSecret as _;

use super::database::with_database;
use super::ownership;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::settings::Settings;
use crate::telegram::BotToken;

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
        id: i64,
        /// The role.
        role: RoleArgument,
    },
    /// Makes a link that makes whoever opens it first, within 24 hours, an owner.
    OwnerCode,
    /// Shows what is known of a person.
    Find {
        /// Numeric Telegram id.
        id: i64,
    },
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

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &UsersArguments) -> ExitCode {
    with_database(settings, async |db| match &arguments.command {
        UsersCommand::Role { id, role } => {
            let role = Role::from(*role);
            db.user_set_role(UserId(*id), role, SystemClock.now()).await?;
            Ok(format!("user {id} is {} now", role.name()))
        }
        UsersCommand::OwnerCode => {
            let token = BotToken::parse(settings.require_token()?.expose_secret())?;
            let bot = ownership::bot_username(settings, &token).await?;
            ownership::new_link(&db, &bot).await
        }
        UsersCommand::Find { id } => Ok(match db.user_get(UserId(*id)).await? {
            Some(user) => format!(
                "user {id}: {}, language {}, reachable {}, last seen {}",
                user.role.name(),
                user.lang.code(),
                user.reachable,
                user.last_seen_at.format("%Y-%m-%d %H:%M UTC"),
            ),
            None => format!("user {id} is not known; they have not written to the bot yet"),
        }),
    })
}
