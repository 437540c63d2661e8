//! `primelingo broadcast`: sends to many, and looks at what was sent. It writes rows only: a running
//! bot finds them within a second and does the rest.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::database::{self, with_database};
use super::output::Format;
use crate::app::ServeError;
use crate::domain::broadcast::{Audience, Broadcast, Content, Control, NewBroadcast};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::{BroadcastId, IdSource, UserId};
use crate::settings::Settings;
use crate::store::Db;

mod audience;
mod print;
mod send;
mod table;
mod watch;

/// What to do with broadcasts.
#[derive(Debug, Args)]
pub struct BroadcastArguments {
    #[command(flatten)]
    format: Format,
    #[command(subcommand)]
    command: BroadcastCommand,
}

#[derive(Debug, Subcommand)]
enum BroadcastCommand {
    /// Plans a broadcast, after a look at how many get it.
    Send(Box<send::SendArguments>),
    /// Lists broadcasts, the newest first.
    List {
        /// Most lines.
        #[arg(long, default_value_t = 20)]
        limit: i64,
    },
    /// Shows how far a broadcast is.
    Status {
        /// Its number.
        number: i64,
        /// Stays, and shows it every second until it is over.
        #[arg(long)]
        watch: bool,
    },
    /// Holds a broadcast that is being sent.
    Pause {
        /// Its number.
        number: i64,
    },
    /// Goes on with one that is held.
    Resume {
        /// Its number.
        number: i64,
    },
    /// Ends a broadcast for good: who has not got it yet will not.
    Cancel {
        /// Its number.
        number: i64,
    },
    /// Says what became of it, and why.
    Report {
        /// Its number.
        number: i64,
        /// Also writes a table of all recipients there.
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
    },
    /// Sends it again to those whom it failed to reach, without those who cannot be reached at all.
    Retry(Again),
    /// Removes its messages again, within 48 hours.
    Undo(Again),
}

/// Another broadcast, made of one that is over.
#[derive(Debug, Args)]
struct Again {
    /// Its number.
    number: i64,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
}

/// A line to print, and whether it was as wished.
struct Answer {
    text: String,
    is_done: bool,
}

impl Answer {
    const fn done(text: String) -> Self {
        Self { text, is_done: true }
    }

    const fn refused(text: String) -> Self {
        Self { text, is_done: false }
    }
}

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &BroadcastArguments) -> ExitCode {
    let json = arguments.format.is_json();
    with_database(settings, async |db| {
        let Answer { text, is_done } = answer(&db, settings, arguments).await?;
        Ok(database::Answer::given(is_done, text, json))
    })
}

async fn answer(
    db: &Db,
    settings: &Settings,
    arguments: &BroadcastArguments,
) -> Result<Answer, ServeError> {
    let json = arguments.format.is_json();
    match &arguments.command {
        BroadcastCommand::Send(wanted) => {
            let owner = settings.access.owners.first().copied().map(UserId);
            send::send(db, wanted, owner, json).await
        }
        BroadcastCommand::List { limit } => {
            let broadcasts = db.broadcasts_list(None, *limit).await?;
            Ok(Answer::done(print::list(&broadcasts, json)))
        }
        BroadcastCommand::Status { number, watch } => {
            let Some(mut broadcast) = find(db, *number).await? else {
                return Ok(missing(*number, json));
            };
            if *watch {
                broadcast = watch::until_over(db, broadcast).await?;
            }
            Ok(Answer::done(print::one(&broadcast, json)))
        }
        BroadcastCommand::Pause { number } => control(db, *number, Control::Pause, json).await,
        BroadcastCommand::Resume { number } => control(db, *number, Control::Resume, json).await,
        BroadcastCommand::Cancel { number } => control(db, *number, Control::Cancel, json).await,
        BroadcastCommand::Report { number, csv } => {
            let Some(broadcast) = find(db, *number).await? else {
                return Ok(missing(*number, json));
            };
            let causes = db.broadcast_causes(broadcast.plan.id).await?;
            if let Some(file) = csv {
                table::write(db, broadcast.plan.id, file).await?;
            }
            Ok(Answer::done(print::report(&broadcast, &causes, json)))
        }
        BroadcastCommand::Retry(again) => retry(db, again, json).await,
        BroadcastCommand::Undo(again) => undo(db, again, json).await,
    }
}

async fn find(db: &Db, number: i64) -> Result<Option<Broadcast>, ServeError> {
    Ok(db.broadcast_get(BroadcastId(number)).await?)
}

fn missing(number: i64, json: bool) -> Answer {
    let text = format!("there is no broadcast {number}; see: primelingo broadcast list");
    Answer::refused(print::word(false, number, &text, json))
}

async fn control(db: &Db, number: i64, control: Control, json: bool) -> Result<Answer, ServeError> {
    let is_done = db.broadcast_control(BroadcastId(number), control, SystemClock.now()).await?;
    let Some(broadcast) = find(db, number).await? else { return Ok(missing(number, json)) };
    let state = broadcast.state.name();
    let text = if is_done {
        format!("broadcast {number} is {state}")
    } else {
        format!("broadcast {number} is left as it is: {state}")
    };
    Ok(Answer { text: print::word(is_done, number, &text, json), is_done })
}

/// The same content to those whom it failed to reach.
async fn retry(db: &Db, again: &Again, json: bool) -> Result<Answer, ServeError> {
    let number = again.number;
    let Some(broadcast) = find(db, number).await? else { return Ok(missing(number, json)) };
    let of = broadcast.plan.id;
    if !broadcast.state.is_over() || matches!(broadcast.plan.content, Content::Undo { .. }) {
        let text = format!("broadcast {number} is not over, or is none that can be sent again");
        return Ok(Answer::refused(print::word(false, number, &text, json)));
    }
    let plan = NewBroadcast {
        audience: Audience::FailedOf { broadcast: of },
        ..following(&broadcast, broadcast.plan.content.clone())
    };
    send::confirm_and_create(db, plan, again.yes, json).await
}

/// Removes what it has delivered.
async fn undo(db: &Db, again: &Again, json: bool) -> Result<Answer, ServeError> {
    let number = again.number;
    let Some(broadcast) = find(db, number).await? else { return Ok(missing(number, json)) };
    let of = broadcast.plan.id;
    if !broadcast.state.is_over() || !broadcast.can_be_undone(SystemClock.now()) {
        let text = format!(
            "broadcast {number} is not over, or too old: Telegram removes messages for 48 hours"
        );
        return Ok(Answer::refused(print::word(false, number, &text, json)));
    }
    let plan = NewBroadcast {
        audience: Audience::DeliveredOf { broadcast: of },
        // A removal wakes nobody.
        quiet: None,
        ..following(&broadcast, Content::Undo { of })
    };
    send::confirm_and_create(db, plan, again.yes, json).await
}

/// A broadcast at once, by whoever made that one, at no price.
fn following(broadcast: &Broadcast, content: Content) -> NewBroadcast {
    let now = SystemClock.now();
    let id = BroadcastId(IdSource::new(fastrand::i64(..)).next(now));
    let plan = broadcast.plan.clone();
    NewBroadcast { id, card: None, content, paid: false, start_at: now, slot: None, ..plan }
}
