//! What an event means in the dialog it meets: the pure `plan` before anything is read.

use super::alert::AlertAct;
use super::button::{Action, BulkAct, ControlAct, Facet, Refusal, ReplaceAct, UploadAct};
use super::desk::DeskWish;
use super::digest::DigestAct;
use super::edition::ReplaceNotice;
use super::effect::{Notice, Place};
use super::event::{Event, EventKind, FileRef, Indirect};
use super::given_up::JobsAct;
use super::ids::{BatchId, BroadcastId, CategoryId, MaterialId, QueryId, SeriesId};
use super::lang::Lang;
use super::material::Filters;
use super::people::{Ban, PeopleWish};
use super::privacy::PrivacyAct;
use super::request::RequestAct;
use super::role::Role;
use super::session::{Bulk, BulkStep, Dialog, Step};
use super::shelf::ShelfAct;
use super::statistics::StatsAct;

mod alerts;
mod broadcast;
mod dashboard;
mod desk;
mod given_up;
mod names;
mod notices;
mod ownership;
mod people;
mod press;
mod shelf;
mod statistics;

pub use broadcast::{ComposeInput, Letter, LetterBody};
pub use names::{COMMANDS, UNKNOWN_COMMAND, command_of};
pub use people::{OPEN as OPEN_TO_SHUT_OUT, is_open_to_all};

/// What is wanted, with all that must be known to read the facts for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// What is wanted.
    pub wish: Wish,
    /// Where the answer goes.
    pub place: Place,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Nothing that concerns us.
    Nothing,
    /// The bot may or may not write here any more.
    Reachable(bool),
    /// Greet and show the menu.
    Start,
    /// Show the menu; whether because a button was out of date.
    Menu {
        /// The pressed button was out of date.
        stale: bool,
    },
    /// Give a short answer.
    Say(Notice),
    /// Show the help.
    Help,
    /// Invite to type a query.
    AskQuery,
    /// Search.
    Search {
        /// For what.
        words: Words,
        /// What narrows it.
        filters: Filters,
        /// Page from 0.
        page: usize,
        /// The list that the page is of; 0 for a new one.
        list: i64,
    },
    /// Show the choices of a facet.
    Facet {
        /// The remembered words.
        query: QueryId,
        /// What narrows them so far.
        filters: Filters,
        /// Which.
        facet: Facet,
    },
    /// Show the catalogue.
    Browse(Option<CategoryId>),
    /// Send a material.
    Deliver(MaterialId),
    /// Show how a material looks.
    Look(MaterialId),
    /// Change the language.
    SetLang(Lang),
    /// End the dialog.
    Cancel,
    /// Take a file into the library.
    TakeFile {
        /// The file.
        file: FileRef,
        /// What the editor wrote under it.
        caption: Option<String>,
        /// It came with others, as one message.
        is_album: bool,
    },
    /// Go on with the upload dialog.
    Upload {
        /// The material it is about.
        material: MaterialId,
        /// What the editor said.
        input: UploadInput,
        /// The node whose children the next question may need; none for the top.
        inside: Option<CategoryId>,
    },
    /// Show the files that are under way.
    Uploads,
    /// Throw one of them away, and show what is left.
    Withdraw(MaterialId),
    /// Go on with the bulk upload dialog.
    Bulk {
        /// The batch it is about.
        batch: BatchId,
        /// What the editor said.
        input: BulkInput,
        /// The node whose children the next question may need; none for the top.
        inside: Option<CategoryId>,
    },
    /// Go on with a draft.
    Draft(MaterialId),
    /// Answer an inline query.
    Inline {
        /// Telegram's id of the query.
        query_id: String,
        /// The words.
        text: String,
        /// How many results were given before.
        offset: usize,
    },
    /// Go on with the replacement of a material's file.
    Replace {
        /// The material, or the hidden one that holds the new file.
        material: MaterialId,
        /// What to do.
        act: ReplaceAct,
    },
    /// Go on with the dialog about a broadcast.
    Compose(ComposeInput),
    /// Do something about a broadcast that is confirmed.
    Control {
        /// Which.
        broadcast: BroadcastId,
        /// What to do.
        act: ControlAct,
    },
    /// End a series of broadcasts.
    EndSeries(SeriesId),
    /// Show the broadcasts.
    Broadcasts {
        /// Those before this one; none for the newest.
        before: Option<BroadcastId>,
    },
    /// Follow a section, or no more.
    Follow {
        /// Which.
        category: CategoryId,
        /// Whether it is to be followed.
        follow: bool,
    },
    /// Show the digest's card, or change when it goes out.
    Digest(DigestAct),
    /// Something at the editors' desk.
    Desk(DeskWish),
    /// Lists, favourites, the settings, broken files.
    Shelf(ShelfAct),
    /// Something about what people ask for.
    Request(RequestAct),
    /// Something about one's own data.
    Privacy(PrivacyAct),
    /// Show the school in figures.
    Statistics(StatsAct),
    /// Something about alerts.
    Alerts(AlertAct),
    /// Give a link to the dashboard.
    Dashboard,
    /// Become an owner by a one-time code.
    Claim {
        /// The hash of the code.
        hash: String,
    },
    /// Something about people, by somebody of this rank.
    People(PeopleWish, Role),
    /// Something about failed jobs.
    Jobs(JobsAct),
    /// The sender is shut out.
    ShutOut {
        /// The inline query that has no answer.
        query: Option<String>,
        /// They were not told yet.
        tell: bool,
    },
}

/// The words of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    /// As typed.
    Typed(String),
    /// Remembered under this name.
    Remembered(QueryId),
}

/// What an editor said in the upload dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadInput {
    /// A text.
    Text(String),
    /// A button.
    Act(UploadAct),
}

/// What an editor said in the bulk upload dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkInput {
    /// A text.
    Text(String),
    /// A button.
    Act(BulkAct),
}

/// Who speaks, and to which bot.
#[derive(Debug, Clone, Copy)]
pub struct Hearing<'a> {
    /// The sender's role now.
    pub role: Role,
    /// The dialog so far.
    pub dialog: &'a Dialog,
    /// The bot's `@name` without the sign.
    pub bot_username: &'a str,
    /// The sender is shut out.
    pub ban: Option<Ban>,
}

/// Results that inline mode shows at once; Telegram's limit is 50.
pub const INLINE_PAGE: usize = 20;

/// Results of an inline query that are looked through, at most.
const INLINE_MAX: usize = 10_000;

/// Tells what the event means. `press` is the verified button, for presses only.
pub fn plan(hearing: Hearing<'_>, event: &Event, press: Option<Result<Action, Refusal>>) -> Intent {
    let place = match &event.kind {
        EventKind::Press { message: Some(message), .. } => Place::Edit(*message),
        _ => Place::New,
    };
    Intent { wish: wish(hearing, event, press), place }
}

fn wish(hearing: Hearing<'_>, event: &Event, press: Option<Result<Action, Refusal>>) -> Wish {
    let is_private = event.chat.is_private();
    if let Some(ban) = hearing.ban {
        return people::shut_out(hearing, event, press.as_ref(), ban);
    }
    if let Dialog::Broadcast(compose) = hearing.dialog
        && is_private
        && let Some(wish) = broadcast::heard(hearing, compose, &event.kind)
    {
        return wish;
    }
    match &event.kind {
        EventKind::Membership { reachable } if is_private => Wish::Reachable(*reachable),
        EventKind::Inline { query_id, query, offset } => Wish::Inline {
            query_id: query_id.clone(),
            text: query.clone(),
            // The client says it: anything may come.
            offset: offset.parse().ok().filter(|from| *from <= INLINE_MAX).unwrap_or(0),
        },
        EventKind::Press { .. } => match press {
            Some(Ok(action)) => press::heard(hearing, is_private, action),
            // In a group the toast has said all; a fresh menu would be noise for everybody.
            Some(Err(_)) if is_private => Wish::Menu { stale: true },
            _ => Wish::Nothing,
        },
        EventKind::Text { text, indirect, .. } => said(hearing, is_private, text, *indirect),
        EventKind::File { file, caption, media_group, .. } if is_private => {
            if hearing.role.can_edit() {
                let is_album = media_group.is_some();
                Wish::TakeFile { file: file.clone(), caption: caption.clone(), is_album }
            } else {
                Wish::Say(Notice::EditorsOnly)
            }
        }
        EventKind::OtherMessage { .. } if is_private => Wish::Say(Notice::CannotRead),
        _ => Wish::Nothing,
    }
}

fn said(hearing: Hearing<'_>, is_private: bool, text: &str, indirect: Option<Indirect>) -> Wish {
    let trimmed = text.trim();
    if let Some(command) = Command::parse(trimmed) {
        let is_ours =
            command.addressed_to.map(|name| name.eq_ignore_ascii_case(hearing.bot_username));
        return match (is_private, is_ours) {
            (_, Some(true)) | (true, None) => commanded(hearing, is_private, &command, indirect),
            _ => Wish::Nothing,
        };
    }
    if !is_private {
        return Wish::Nothing;
    }
    if let Dialog::Desk(asked) = hearing.dialog {
        return desk::said(hearing, asked, trimmed, indirect);
    }
    // Whoever is to send a file may look something up meanwhile; what is said about a broadcast has
    // been dealt with.
    if matches!(hearing.dialog, Dialog::Idle | Dialog::Replace(_) | Dialog::Broadcast(_)) {
        return search_for(trimmed);
    }
    if !hearing.role.can_edit() {
        return Wish::Say(Notice::EditorsOnly);
    }
    if indirect.is_some() {
        return Wish::Say(Notice::NotByOwnHand);
    }
    match hearing.dialog {
        Dialog::Idle | Dialog::Replace(_) | Dialog::Broadcast(_) | Dialog::Desk(_) => {
            search_for(trimmed)
        }
        Dialog::Upload(upload) => {
            let inside = match upload.step {
                Step::Category { inside } => inside,
                _ => None,
            };
            let input = UploadInput::Text(trimmed.to_owned());
            Wish::Upload { material: upload.material, input, inside }
        }
        Dialog::Bulk(bulk) => bulk_wish(bulk, BulkInput::Text(trimmed.to_owned())),
    }
}

/// What is said in a bulk dialog, with the node that its next question may need.
fn bulk_wish(bulk: &Bulk, input: BulkInput) -> Wish {
    let inside = match (&input, bulk.step) {
        (BulkInput::Act(BulkAct::OpenCategory(inside)), _) => *inside,
        (_, BulkStep::Category { inside }) => inside,
        _ => None,
    };
    Wish::Bulk { batch: bulk.batch, input, inside }
}

fn search_for(text: &str) -> Wish {
    let words = Words::Typed(text.to_owned());
    Wish::Search { words, filters: Filters::default(), page: 0, list: 0 }
}

fn commanded(
    hearing: Hearing<'_>,
    is_private: bool,
    command: &Command<'_>,
    indirect: Option<Indirect>,
) -> Wish {
    if let Some(wish) = shelf::commanded(hearing, is_private, command, indirect) {
        return wish;
    }
    match command.name {
        "start" => ownership::linked(hearing, is_private, command.rest, indirect)
            .or_else(|| deep_link(hearing, is_private, command.rest, indirect))
            .unwrap_or(Wish::Start),
        "help" => Wish::Help,
        "menu" => Wish::Menu { stale: false },
        "cancel" => Wish::Cancel,
        "search" if command.rest.is_empty() => Wish::AskQuery,
        "search" => search_for(command.rest),
        "browse" => Wish::Browse(None),
        // What is not published yet is nobody's business in a group.
        "upload" | "uploads" if !is_private => Wish::Nothing,
        "upload" | "uploads" if !hearing.role.can_edit() => Wish::Say(Notice::EditorsOnly),
        "upload" | "uploads" if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
        "uploads" => Wish::Uploads,
        "upload" => match hearing.dialog {
            Dialog::Upload(upload) => Wish::Upload {
                material: upload.material,
                input: UploadInput::Act(UploadAct::Resume),
                inside: None,
            },
            Dialog::Bulk(bulk) => bulk_wish(bulk, BulkInput::Act(BulkAct::Resume)),
            Dialog::Idle | Dialog::Desk(_) => Wish::Say(Notice::HowToUpload),
            // A file sent now would be taken for the new edition.
            Dialog::Replace(_) => Wish::Say(Notice::Replace(ReplaceNotice::ReplaceFirst)),
            Dialog::Broadcast(_) => Wish::Say(Notice::FinishFirst),
        },
        "broadcast" | "broadcasts" => broadcast::commanded(hearing, is_private, command, indirect),
        "stats" => statistics::commanded(hearing, is_private, indirect),
        "alerts" => alerts::commanded(hearing, is_private, indirect),
        "dashboard" => dashboard::commanded(hearing, is_private, indirect),
        "jobs" => given_up::commanded(hearing, is_private, indirect),
        "users" | "admins" => people::commanded(hearing, is_private, command, indirect),
        name if let Some(wish) = notices::commanded(hearing, is_private, name, indirect) => wish,
        _ => desk::commanded(hearing, is_private, command, indirect)
            .unwrap_or(Wish::Say(Notice::UnknownCommand)),
    }
}

/// `f_<id>` names a material, `c_<id>` a category, `e_<id>` a material to edit; what cannot be read
/// opens the menu.
fn deep_link(
    hearing: Hearing<'_>,
    is_private: bool,
    payload: &str,
    indirect: Option<Indirect>,
) -> Option<Wish> {
    let (what, id) = payload.split_once('_')?;
    let id = id.parse::<i64>().ok().filter(|id| *id > 0)?;
    match what {
        "f" => Some(Wish::Deliver(MaterialId(id))),
        "c" => Some(Wish::Browse(Some(CategoryId(id)))),
        "e" => Some(desk::linked(hearing, is_private, id, indirect)),
        _ => None,
    }
}

/// A `/command@bot rest`.
struct Command<'a> {
    name: &'a str,
    addressed_to: Option<&'a str>,
    rest: &'a str,
}

impl<'a> Command<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let body = text.strip_prefix('/')?;
        let (head, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
        let (name, addressed_to) = match head.split_once('@') {
            Some((name, bot)) => (name, Some(bot)),
            None => (head, None),
        };
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then(|| Self { name, addressed_to, rest: rest.trim() })
    }
}

#[cfg(test)]
mod means_tests;
#[cfg(test)]
mod team_tests;
#[cfg(test)]
mod tests;
