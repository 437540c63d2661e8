//! `primelingo broadcast send`: the content, the audience, the question, the row.
//!
//! Invariants: nothing is written before the answer to the question but the chats of a list, which
//! no broadcast names yet; what is paid is confirmed with its price, or by `--yes`.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::note;
use super::audience::Whom;
use super::{Answer, print};
use crate::app::ServeError;
use crate::domain::audience_list::{FILE_MAX_BYTES, ListReader};
use crate::domain::broadcast::{Audience, Content, DoubtPolicy, NewBroadcast};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::domain::html::{TEXT_LIMIT, Template};
use crate::domain::ids::{AudienceListId, BroadcastId, ChatId, IdSource, MessageId, UserId};
use crate::store::Db;

/// Most bytes of a text: what fits into a message, whatever its markup.
const TEXT_MAX_BYTES: u64 = 256 * 1024;

/// Chats that are written in one transaction.
const LIST_SLICE: usize = 1_000;

/// Most messages that are copied at once: Telegram's limit of `copyMessages`.
const COPIES_MAX: usize = 100;

/// What is sent, and how.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("content").required(true).args(["text", "html", "copy_from"])))]
pub struct SendArguments {
    /// A plain text; - is the standard input. {name} in it becomes the first name.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// The same with Telegram's HTML in it.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Copies messages that lie in this chat with the bot.
    #[arg(long, value_name = "CHAT", requires = "messages", allow_hyphen_values = true)]
    copy_from: Option<i64>,
    /// Which messages; several are an album.
    #[arg(long, value_name = "IDS", value_delimiter = ',', requires = "copy_from")]
    messages: Vec<i64>,
    /// Who gets it: all, lang:ru, active:7 (days), followers:ID of a section, role:editor, list:FILE.
    #[arg(long, value_name = "WHO")]
    audience: Whom,
    /// Not before then, as 2026-12-31T18:00:00+05:00; otherwise at once.
    #[arg(long, value_name = "RFC3339", value_parser = moment)]
    at: Option<Timestamp>,
    /// What is done about messages that may or may not have been sent: skip, resend.
    #[arg(long, default_value = "skip", value_parser = doubt)]
    doubt: DoubtPolicy,
    /// Faster than 30 a second: each message beyond costs 0.1 Telegram Stars of the bot's.
    #[arg(long)]
    paid: bool,
    /// Numeric Telegram id of who answers for it; the first owner otherwise.
    #[arg(long, value_name = "USER_ID")]
    by: Option<i64>,
    /// Does not ask.
    #[arg(long)]
    yes: bool,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment = chrono::DateTime::parse_from_rfc3339(text).map_err(|error| error.to_string())?;
    Ok(moment.to_utc())
}

fn doubt(text: &str) -> Result<DoubtPolicy, &'static str> {
    DoubtPolicy::from_name(text).ok_or("expected skip or resend")
}

/// Plans a broadcast.
pub async fn send(
    db: &Db,
    wanted: &SendArguments,
    owner: Option<UserId>,
    json: bool,
) -> Result<Answer, ServeError> {
    let refused = |text: &str| Ok(Answer::refused(print::refusal(text, json)));
    let Some(by) = wanted.by.map(UserId).or(owner) else {
        return refused("nobody answers for it: give --by, or set access.owners");
    };
    let content = match content(wanted)? {
        Ok(content) => content,
        Err(problem) => return refused(&problem),
    };
    let now = SystemClock.now();
    let ids = IdSource::new(fastrand::i64(..));
    let audience = match &wanted.audience {
        Whom::Named(audience) => audience.clone(),
        Whom::InFile(file) => match chats(file)? {
            Ok(chats) => {
                let list = AudienceListId(ids.next(now));
                for slice in chats.chunks(LIST_SLICE) {
                    db.audience_list_add(list, slice.to_vec()).await?;
                }
                Audience::List { list }
            }
            Err(problem) => return refused(&problem),
        },
    };
    let plan = NewBroadcast {
        id: BroadcastId(ids.next(now)),
        by,
        card: None,
        content,
        audience,
        doubt: wanted.doubt,
        quiet: None,
        paid: wanted.paid,
        start_at: wanted.at.unwrap_or(now),
        slot: None,
    };
    confirm_and_create(db, plan, wanted.yes, json).await
}

/// Says how many get it, asks, and plans it.
pub async fn confirm_and_create(
    db: &Db,
    plan: NewBroadcast,
    is_sure: bool,
    json: bool,
) -> Result<Answer, ServeError> {
    let refused = |text: &str| Ok(Answer::refused(print::refusal(text, json)));
    let count = db.audience_count(plan.audience.clone(), SystemClock.now()).await?;
    if count == 0 {
        return refused("nobody would get it");
    }
    if !is_sure {
        match ask(&print::question(&plan, count)) {
            Some(true) => {}
            Some(false) => return refused("nothing is sent"),
            None => return refused("nobody is there to be asked: give --yes"),
        }
    }
    let id = plan.id;
    db.broadcast_create(plan, SystemClock.now()).await?;
    Ok(Answer::done(print::planned(id, count, json)))
}

/// Asks whoever sits at the terminal; none if nobody does.
fn ask(question: &str) -> Option<bool> {
    if !io::stdin().is_terminal() {
        return None;
    }
    note(&format!("{question} [y/N]"));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).ok()?;
    Some(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The content, or what is wrong with it.
fn content(wanted: &SendArguments) -> Result<Result<Content, String>, ServeError> {
    if let Some(from) = wanted.copy_from {
        return Ok(copy(from, &wanted.messages));
    }
    let template = if let Some(file) = &wanted.html {
        let text = match text_of(file)? {
            Ok(text) => text,
            Err(problem) => return Ok(Err(problem)),
        };
        match Template::parse(text.trim_end(), TEXT_LIMIT) {
            Ok(template) => template,
            Err(problem) => return Ok(Err(problem.to_string())),
        }
    } else {
        let file = wanted.text.as_deref().unwrap_or(Path::new("-"));
        match text_of(file)? {
            Ok(text) => Template::from_entities(text.trim_end(), &[]),
            Err(problem) => return Ok(Err(problem)),
        }
    };
    let longest = template.longest_units();
    Ok(if longest == 0 {
        Err("the text is empty".to_owned())
    } else if longest > TEXT_LIMIT {
        Err(format!("the text is too long: {longest} of {TEXT_LIMIT} characters"))
    } else {
        Ok(Content::Text { template: template.as_str().to_owned(), buttons: Vec::new() })
    })
}

fn copy(from: i64, messages: &[i64]) -> Result<Content, String> {
    let mut ids: Vec<i64> = messages.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > COPIES_MAX || ids.iter().any(|id| *id <= 0) {
        return Err(format!("--messages takes 1 to {COPIES_MAX} ids above 0"));
    }
    let messages = ids.into_iter().map(MessageId).collect();
    Ok(Content::Copy { from: ChatId(from), messages, buttons: Vec::new() })
}

fn text_of(file: &Path) -> Result<Result<String, String>, ServeError> {
    let unreadable = |source| ServeError::System { what: "cannot read the text", source };
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().take(TEXT_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let opened = std::fs::File::open(file).map_err(unreadable)?;
        opened.take(TEXT_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if u64::try_from(bytes.len()).is_ok_and(|bytes| bytes > TEXT_MAX_BYTES) {
        return Ok(Err("the text is too long".to_owned()));
    }
    Ok(String::from_utf8(bytes).map_err(|_| "the text is not UTF-8".to_owned()))
}

fn chats(file: &Path) -> Result<Result<Vec<ChatId>, String>, ServeError> {
    let unreadable = |source| ServeError::System { what: "cannot read the list", source };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    opened.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).is_ok_and(|bytes| bytes > FILE_MAX_BYTES) {
        return Ok(Err("the list is too large".to_owned()));
    }
    let (mut reader, mut chats) = (ListReader::default(), Vec::new());
    let read = reader.push(&bytes, &mut chats).and_then(|()| reader.finish(&mut chats));
    Ok(match read {
        Err(_refusal) => Err("the list is no text of ids, one a line".to_owned()),
        Ok(lines) if lines.odd > 0 => {
            let first = lines.first_odd.unwrap_or_default();
            Err(format!("{} lines of the list are no ids; the first is line {first}", lines.odd))
        }
        Ok(_) => Ok(chats),
    })
}
