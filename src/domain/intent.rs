//! What an event means in the dialog it meets: the pure `plan` before anything is read.

use super::alert::AlertAct;
use super::button::{Action, BulkAct, ControlAct, Facet, Refusal, ReplaceAct, UploadAct};
use super::desk::DeskWish;
use super::digest::DigestAct;
use super::edition::ReplaceNotice;
use super::effect::{Notice, Place};
use super::event::{Event, EventKind, FileRef, Indirect};
use super::ids::{BatchId, BroadcastId, CategoryId, MaterialId, QueryId, SeriesId};
use super::lang::Lang;
use super::material::Filters;
use super::privacy::PrivacyAct;
use super::request::RequestAct;
use super::role::Role;
use super::session::{Bulk, BulkStep, Dialog, Step};
use super::shelf::{PreferAct, ShelfAct};
use super::statistics::StatsAct;

mod alerts;
mod broadcast;
mod dashboard;
mod desk;
mod names;
mod notices;
mod ownership;
mod shelf;
mod statistics;

pub use broadcast::{ComposeInput, Letter, LetterBody};
pub use names::{COMMANDS, UNKNOWN_COMMAND, command_of};

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
}

/// Results that inline mode shows at once; Telegram's limit is 50.
pub const INLINE_PAGE: usize = 20;

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
            offset: offset.parse().unwrap_or(0),
        },
        EventKind::Press { .. } => match press {
            Some(Ok(action)) => pressed(hearing, action),
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
            .or_else(|| deep_link(hearing, is_private, command.rest))
            .unwrap_or(Wish::Start),
        "help" => Wish::Help,
        "menu" => Wish::Menu { stale: false },
        "cancel" => Wish::Cancel,
        "search" if command.rest.is_empty() => Wish::AskQuery,
        "search" => search_for(command.rest),
        "browse" => Wish::Browse(None),
        "upload" | "uploads" if !hearing.role.can_edit() => Wish::Say(Notice::EditorsOnly),
        "uploads" => Wish::Uploads,
        "upload" if indirect.is_some() => Wish::Say(Notice::NotByOwnHand),
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
        name if let Some(wish) = notices::commanded(hearing, is_private, name, indirect) => wish,
        _ => desk::commanded(hearing, is_private, command, indirect)
            .unwrap_or(Wish::Say(Notice::UnknownCommand)),
    }
}

/// `f_<id>` names a material, `c_<id>` a category, `e_<id>` a material to edit; what cannot be read
/// opens the menu.
fn deep_link(hearing: Hearing<'_>, is_private: bool, payload: &str) -> Option<Wish> {
    let (what, id) = payload.split_once('_')?;
    let id = id.parse::<i64>().ok().filter(|id| *id > 0)?;
    match what {
        "f" => Some(Wish::Deliver(MaterialId(id))),
        "c" => Some(Wish::Browse(Some(CategoryId(id)))),
        "e" => Some(desk::linked(hearing, is_private, id)),
        _ => None,
    }
}

fn pressed(hearing: Hearing<'_>, action: Action) -> Wish {
    match action {
        Action::Menu => Wish::Menu { stale: false },
        Action::AskQuery => Wish::AskQuery,
        Action::Help => Wish::Help,
        Action::Search { query, filters, page, list } => {
            Wish::Search { words: Words::Remembered(query), filters, page: page_number(page), list }
        }
        Action::Facet { query, filters, facet } => Wish::Facet { query, filters, facet },
        Action::Browse { category } => Wish::Browse(category),
        Action::Deliver { material } => Wish::Deliver(material),
        Action::Look { material } => Wish::Look(material),
        Action::Settings => Wish::Shelf(ShelfAct::Prefer(PreferAct::Show)),
        Action::SetLang(lang) => Wish::SetLang(lang),
        // Only own files are shown and thrown away, so that whoever is no editor any more can, too.
        Action::Uploads => Wish::Uploads,
        Action::Withdraw { material } => withdrawn(hearing, material),
        // Whoever is no editor any more must be able to leave the dialog about a replacement.
        Action::Upload { .. }
        | Action::Bulk { .. }
        | Action::Draft { .. }
        | Action::Replace { act: ReplaceAct::Begin | ReplaceAct::Confirm { .. }, .. }
            if !hearing.role.can_edit() =>
        {
            Wish::Say(Notice::EditorsOnly)
        }
        Action::Bulk { batch, act } => match hearing.dialog {
            Dialog::Bulk(bulk) if bulk.batch == batch => bulk_wish(bulk, BulkInput::Act(act)),
            _ => Wish::Bulk { batch, input: BulkInput::Act(act), inside: None },
        },
        Action::Draft { material } => Wish::Draft(material),
        Action::Upload { material, act } => {
            let inside = match act {
                UploadAct::OpenCategory(inside) => inside,
                _ => None,
            };
            Wish::Upload { material, input: UploadInput::Act(act), inside }
        }
        Action::Replace { material, act } => Wish::Replace { material, act },
        Action::Compose { broadcast, act } => broadcast::pressed(hearing, broadcast, act),
        Action::Control { broadcast, act } => broadcast::controlled(hearing, broadcast, act),
        Action::Broadcasts { before } => broadcast::listed(hearing, before),
        Action::EndSeries(series) => broadcast::ended(hearing, series),
        Action::Follow { category, follow } => Wish::Follow { category, follow },
        Action::Digest(act) => broadcast::digest(hearing, act),
        Action::Desk(act) => desk::pressed(hearing, act),
        Action::Shelf(act) => shelf::pressed(hearing, act),
        Action::Request(act) => notices::request(hearing, act),
        Action::Privacy(act) => Wish::Privacy(act),
        Action::Alerts(act) => alerts::pressed(hearing, act),
        Action::Statistics(act) => statistics::pressed(hearing, act),
    }
}

/// The dialog about that file ends with it, and turns to the next.
fn withdrawn(hearing: Hearing<'_>, material: MaterialId) -> Wish {
    match hearing.dialog {
        Dialog::Upload(upload) if upload.material == material => {
            let input = UploadInput::Act(UploadAct::Discard);
            Wish::Upload { material, input, inside: None }
        }
        _ => Wish::Withdraw(material),
    }
}

fn page_number(page: u32) -> usize {
    usize::try_from(page).unwrap_or(0)
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
