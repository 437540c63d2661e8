//! What a button does, and the 64 bytes that carry it.
//!
//! Layout before base64url: version, action, arguments (varints), expiry (hours since the Unix
//! epoch, 4 bytes), MAC (10 bytes of keyed BLAKE3 over bot, chat, user and all that is before it).
//! Invariant: whatever [`Signer::verify`] accepts was made by [`Signer::sign`] for the same bot,
//! chat and user. Source of the limit: Bot API, `InlineKeyboardButton.callback_data`, 1-64 bytes.

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq as _;

use super::alert::AlertAct;
use super::clock::Timestamp;
use super::desk::DeskAct;
use super::digest::DigestAct;
use super::given_up::JobsAct;
use super::ids::{BatchId, BroadcastId, CategoryId, ChatId, MaterialId, QueryId, SeriesId, UserId};
use super::lang::Lang;
use super::material::{Filters, Level, StudyLanguage};
use super::people::PeopleAct;
use super::privacy::PrivacyAct;
use super::request::RequestAct;
use super::shelf::ShelfAct;
use super::statistics::StatsAct;

mod broadcast;
mod wire;

pub use broadcast::{ComposeAct, ControlAct};

use wire::{Reader, Writer};

/// What pressing a button means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Show the main menu.
    Menu,
    /// Invite to type a query.
    AskQuery,
    /// Show a page of results.
    Search {
        /// The remembered words.
        query: QueryId,
        /// What narrows them.
        filters: Filters,
        /// Page from 0.
        page: u32,
        /// The list that the page is of: the library's version that it was made for; 0 for a new
        /// one. A list that is not known any more is made anew.
        list: i64,
    },
    /// Show the choices of one facet.
    Facet {
        /// The remembered words.
        query: QueryId,
        /// What narrows them so far.
        filters: Filters,
        /// Which facet.
        facet: Facet,
    },
    /// Show the catalogue at a node.
    Browse {
        /// The node; none for the top.
        category: Option<CategoryId>,
    },
    /// Send a material.
    Deliver {
        /// Which.
        material: MaterialId,
    },
    /// Show how a material looks.
    Look {
        /// Which.
        material: MaterialId,
    },
    /// Show the settings.
    Settings,
    /// Choose the interface's language.
    SetLang(Lang),
    /// Show the help.
    Help,
    /// Show the files that are under way.
    Uploads,
    /// Throw away a file that is under way.
    Withdraw {
        /// Its material.
        material: MaterialId,
    },
    /// A step of the upload dialog.
    Upload {
        /// The material the button was made for: one from an earlier dialog is out of date.
        material: MaterialId,
        /// What to do.
        act: UploadAct,
    },
    /// A step of the bulk upload dialog.
    Bulk {
        /// The batch the button was made for.
        batch: BatchId,
        /// What to do.
        act: BulkAct,
    },
    /// Go on with a draft.
    Draft {
        /// Which.
        material: MaterialId,
    },
    /// A step of the replacement of a material's file.
    Replace {
        /// The material, or the hidden one that holds the new file.
        material: MaterialId,
        /// What to do.
        act: ReplaceAct,
    },
    /// A step of the dialog about a broadcast.
    Compose {
        /// The broadcast in the making: one of an earlier dialog is out of date.
        broadcast: BroadcastId,
        /// What to do.
        act: ComposeAct,
    },
    /// Something about a broadcast that is confirmed.
    Control {
        /// Which.
        broadcast: BroadcastId,
        /// What to do.
        act: ControlAct,
    },
    /// Show the broadcasts.
    Broadcasts {
        /// Those before this one; none for the newest.
        before: Option<BroadcastId>,
    },
    /// End a series of broadcasts.
    EndSeries(SeriesId),
    /// Follow a section of the library, or no more.
    Follow {
        /// Which.
        category: CategoryId,
        /// Whether it is to be followed.
        follow: bool,
    },
    /// A button of the digest's card.
    Digest(DigestAct),
    /// A button of the editors' desk.
    Desk(DeskAct),
    /// Lists, favourites, the settings, broken files.
    Shelf(ShelfAct),
    /// Something about what people ask for.
    Request(RequestAct),
    /// Something about one's own data.
    Privacy(PrivacyAct),
    /// A button of the statistics.
    Statistics(StatsAct),
    /// Something about alerts.
    Alerts(AlertAct),
    /// Something about people.
    People(PeopleAct),
    /// Something about failed jobs.
    Jobs(JobsAct),
}

/// A facet of search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// CEFR level.
    Level,
    /// Book, audio, video ...
    Kind,
    /// Language taught.
    Language,
    /// Section of the library.
    Category,
    /// How much time it takes.
    Length,
}

impl Facet {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 5] =
        [Self::Level, Self::Kind, Self::Language, Self::Category, Self::Length];

    /// The filters without a choice in this facet.
    pub fn cleared(self, filters: Filters) -> Filters {
        match self {
            Self::Level => Filters { level: None, ..filters },
            Self::Kind => Filters { kind: None, ..filters },
            Self::Language => Filters { language: None, ..filters },
            Self::Category => Filters { category: None, ..filters },
            Self::Length => Filters { length: None, ..filters },
        }
    }
}

/// What a button of the upload dialog does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadAct {
    /// Take the suggested title.
    TakeTitle,
    /// Take the title that was found in the file.
    TakeFoundTitle,
    /// Look into a category; none for the top.
    OpenCategory(Option<CategoryId>),
    /// Put it there.
    TakeCategory(CategoryId),
    /// Set the level; none for any.
    TakeLevel(Option<Level>),
    /// Set the language.
    TakeLanguage(StudyLanguage),
    /// Leave the tags empty.
    SkipTags,
    /// Change a field from the review.
    Change(Field),
    /// Publish it.
    Publish,
    /// Put it aside as a draft.
    SaveDraft,
    /// Throw it away.
    Discard,
    /// Ask the present question again.
    Resume,
}

/// What a button of the bulk upload dialog does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkAct {
    /// Show the list, or another page of it.
    Page(u32),
    /// Look into a category; none for the top.
    OpenCategory(Option<CategoryId>),
    /// Put all there.
    TakeCategory(CategoryId),
    /// Ask for the level.
    AskLevel,
    /// Set the level of all; none for any.
    TakeLevel(Option<Level>),
    /// Ask for the language.
    AskLanguage,
    /// Set the language of all.
    TakeLanguage(StudyLanguage),
    /// Ask which file gets another title.
    AskRename,
    /// Ask for the title of this one.
    Rename(MaterialId),
    /// Ask which file is thrown away.
    AskRemove,
    /// Throw this one away.
    Remove(MaterialId),
    /// Publish all.
    Publish,
    /// Put all aside as drafts.
    SaveDrafts,
    /// Ask whether all shall be thrown away.
    AskCancel,
    /// Throw all away.
    Cancel,
    /// Show the card again, at the end of the chat.
    Resume,
}

/// What a button of the replacement dialog does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplaceAct {
    /// Ask for the new file of this material.
    Begin,
    /// Put this hidden material's file in the place of the edition that was shown.
    Confirm {
        /// The number of that edition.
        seen: u32,
        /// Tell nobody of it.
        quiet: bool,
    },
    /// Leave everything as it is.
    Cancel,
}

/// A field of the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Title.
    Title,
    /// Category.
    Category,
    /// Level.
    Level,
    /// Language.
    Language,
    /// Tags.
    Tags,
}

impl Field {
    /// All of them, in the order of the dialog.
    pub const ALL: [Self; 5] =
        [Self::Title, Self::Category, Self::Level, Self::Language, Self::Tags];
}

/// Format of the data; raised when the layout changes, so that old buttons open a fresh menu.
const VERSION: u8 = 1;
/// Bytes of the MAC: 80 bits are far beyond guessing by presses.
const MAC_BYTES: usize = 10;
/// Bytes of the expiry.
const EXPIRY_BYTES: usize = 4;
/// Telegram's limit, in bytes.
pub const CALLBACK_DATA_MAX: usize = 64;

/// Under which name the key of this installation is stored.
pub const KEY_NAME: &str = "button_key";

/// Why a button is not obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not made by us for this person in this chat: forged, foreign, or signed with an old key.
    NotYours,
    /// Made by us, too long ago or by another version.
    OutOfDate,
}

/// Who a button is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The chat that shows it.
    pub chat: ChatId,
    /// The person who may press it.
    pub user: UserId,
}

/// Signs and verifies buttons with this installation's key.
#[derive(Clone)]
pub struct Signer {
    key: [u8; 32],
    bot_id: i64,
    valid_hours: u32,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("bot_id", &self.bot_id).finish_non_exhaustive()
    }
}

impl Signer {
    /// `key` must survive restarts: buttons live as long as it does.
    pub const fn new(key: [u8; 32], bot_id: i64, valid_days: u32) -> Self {
        Self { key, bot_id, valid_hours: valid_days.saturating_mul(24) }
    }

    /// The callback data of a button, at most [`CALLBACK_DATA_MAX`] bytes.
    pub fn sign(&self, action: Action, holder: Holder, now: Timestamp) -> String {
        let mut writer = Writer::new(VERSION);
        wire::write_action(&mut writer, action);
        let mut bytes = writer.into_bytes();
        let expiry = hours(now).saturating_add(self.valid_hours);
        bytes.extend_from_slice(&expiry.to_le_bytes());
        let mac = self.mac(&bytes, holder);
        bytes.extend_from_slice(&mac);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// What the data means, if it is ours, for this holder and still valid.
    pub fn verify(&self, data: &str, holder: Holder, now: Timestamp) -> Result<Action, Refusal> {
        if data.len() > CALLBACK_DATA_MAX {
            return Err(Refusal::NotYours);
        }
        let bytes = BASE64URL_NOPAD.decode(data.as_bytes()).map_err(|_| Refusal::NotYours)?;
        let (signed, mac) = bytes.split_last_chunk::<MAC_BYTES>().ok_or(Refusal::NotYours)?;
        if !bool::from(self.mac(signed, holder).ct_eq(mac)) {
            return Err(Refusal::NotYours);
        }
        let (body, expiry) = signed.split_last_chunk::<EXPIRY_BYTES>().ok_or(Refusal::OutOfDate)?;
        if u32::from_le_bytes(*expiry) < hours(now) {
            return Err(Refusal::OutOfDate);
        }
        let mut reader = Reader::new(body);
        if reader.byte() != Some(VERSION) {
            return Err(Refusal::OutOfDate);
        }
        wire::read_action(&mut reader).filter(|_| reader.is_at_end()).ok_or(Refusal::OutOfDate)
    }

    fn mac(&self, bytes: &[u8], holder: Holder) -> [u8; MAC_BYTES] {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(&self.bot_id.to_le_bytes());
        hasher.update(&holder.chat.0.to_le_bytes());
        hasher.update(&holder.user.0.to_le_bytes());
        hasher.update(bytes);
        let mut mac = [0; MAC_BYTES];
        hasher.finalize_xof().fill(&mut mac);
        mac
    }
}

/// The action that bytes begin with, if they begin with one: for whoever goes through all buttons
/// that there can be.
pub fn action_of(bytes: &[u8]) -> Option<Action> {
    wire::read_action(&mut Reader::new(bytes))
}

/// Whole hours since the Unix epoch; an hour is exact enough for an expiry in days.
fn hours(now: Timestamp) -> u32 {
    u32::try_from(now.timestamp().div_euclid(3600)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
