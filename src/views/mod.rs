//! What people read: views in their language, with signed buttons.
//!
//! Invariants: every text comes from `locales/*.ftl`, every markup from `domain::html`, every
//! button's data from `domain::button`; the same view, reader and time give the same message.
//! Nothing here does I/O.

use std::sync::Arc;

use crate::domain::broadcast::{BroadcastView, Standing};
use crate::domain::button::{Action, Holder, Refusal, Signer};
use crate::domain::clock::Timestamp;
use crate::domain::digest::DigestLetter;
use crate::domain::effect::View;
use crate::domain::html::{Markup, prefix_of_units};
use crate::domain::lang::Lang;
use crate::domain::material::{Material, PreviewRef};
use crate::domain::outgoing::{Button, InlineResult, Keyboard, Outgoing, StoredCopy};
use crate::domain::privacy::About;
use crate::domain::retention::Terms;
use crate::domain::role::Role;
use crate::domain::shelf::{Given, Keys};
use crate::domain::statistics::{ReportSort, StatsReport};

mod alerts;
mod broadcast;
mod bulk;
mod card;
mod catalogue;
mod audience;
mod audit;
mod delivery;
mod dashboard;
mod desk;
mod digest;
mod format;
mod given_up;
mod incident;
mod menu;
mod notice;
mod people;
mod privacy;
mod replace;
mod request;
mod results;
mod sections;
mod shelf;
mod tell;
mod statistics;
mod chart;
mod texts;
mod upload;
mod uploads;

pub use chart::ChartError;
use texts::{Texts, Value};

/// Who reads.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Their language.
    pub lang: Lang,
    /// Their role: editors see more buttons.
    pub role: Role,
    /// The chat and the person that the buttons are signed for.
    pub holder: Holder,
    /// When.
    pub now: Timestamp,
}

/// A message as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its text.
    pub html: Markup,
    /// Its buttons.
    pub keyboard: Option<Keyboard>,
}

impl Shown {
    /// As a message of its own.
    pub fn into_new(self) -> Outgoing {
        Outgoing::Text { html: self.html, keyboard: self.keyboard, reply_to: None, silent: false }
    }

    /// In place of what a message shows now.
    pub fn into_edit(self) -> Outgoing {
        Outgoing::EditText { html: self.html, keyboard: self.keyboard }
    }
}

/// Turns views into messages. Cheap to share behind an `Arc`.
#[derive(Debug, Clone)]
pub struct Presenter {
    texts: Arc<Texts>,
    signer: Signer,
    bot_username: String,
    default_lang: Lang,
    terms: Terms,
}

impl Presenter {
    /// `bot_username` without the sign, for links that open the bot.
    pub fn new(signer: Signer, bot_username: String) -> Self {
        Self {
            texts: Arc::default(),
            signer,
            bot_username,
            default_lang: Lang::default(),
            terms: Terms::default(),
        }
    }

    /// The same, telling people that what is kept of them is kept for these terms.
    #[must_use]
    pub fn keeping(&self, terms: Terms) -> Self {
        Self { terms, ..self.clone() }
    }

    /// The same, speaking `lang` with people whose own language is not offered.
    #[must_use]
    pub fn defaulting_to(self, lang: Lang) -> Self {
        Self { default_lang: lang, ..self }
    }

    /// The language for somebody with this `language_code`.
    pub fn language_of(&self, code: Option<&str>) -> Lang {
        code.and_then(Lang::from_tag).unwrap_or(self.default_lang)
    }

    /// The view as this reader sees it.
    pub fn show(&self, reader: Reader, view: &View) -> Shown {
        let pen = Pen { presenter: self, reader };
        match view {
            View::Menu { greet, unfinished, stale } => {
                menu::main(pen, greet.as_deref(), unfinished.as_ref(), *stale)
            }
            View::AskQuery => menu::ask_query(pen),
            View::Help => menu::help(pen),
            View::Notice(notice) => notice::notice(pen, notice),
            View::Results(page) => results::page(pen, page),
            View::NothingFound { text, query, filters } => {
                results::nothing(pen, text, *query, *filters)
            }
            View::FacetChoices { found, query, filters, facet } => {
                results::facet(pen, found, *query, *filters, *facet)
            }
            View::Catalogue { node, children, levels, followed } => {
                catalogue::node(pen, node.as_ref(), children, levels, *followed)
            }
            View::Shelf(view) => shelf::view(pen, view),
            View::Question(question) => upload::question(pen, question),
            View::Review(review) => upload::review(pen, review),
            View::Card { material, name, stage } => card::card(pen, *material, name, stage),
            View::Uploads { files, more } => uploads::list(pen, files, *more),
            View::Bulk(card) => bulk::card(pen, card),
            View::PutAside { incidents, more } => incident::put_aside(pen, incidents, *more),
            View::Edition(view) => replace::view(pen, view),
            View::Broadcast(view) => broadcast::view(pen, view),
            View::Digest(view) => digest::card(pen, view),
            View::Statistics(view) => statistics::card(pen, view),
            View::AudienceList(report) => audience::list(pen, report),
            View::Desk(view) => desk::view(pen, view),
            View::NoTable(reason) => audience::no_table(pen, *reason),
            View::Request(view) => request::view(pen, view),
            View::Announcement(news) => tell::announcement(pen, news),
            View::Privacy(view) => privacy::view(pen, *view),
            View::Alerts(view) => alerts::view(pen, view),
            View::Jobs(view) => given_up::view(pen, view),
            View::People(view) => people::view(pen, view),
            View::Dashboard(url) => dashboard::link(pen, url.as_deref()),
        }
    }

    /// The file of a material, as it is sent to a learner.
    pub fn delivery(&self, reader: Reader, given: &Given) -> Outgoing {
        delivery::file(Pen { presenter: self, reader }, given)
    }

    /// The buttons below a file that was given.
    pub fn keys(&self, reader: Reader, keys: Keys) -> Keyboard {
        shelf::keys(Pen { presenter: self, reader }, keys)
    }

    /// The card of a broadcast as whoever confirmed it reads it, in place of what it shows now: for
    /// whoever sends it, without an event in the chat.
    pub fn broadcast_card(
        &self,
        lang: Lang,
        holder: Holder,
        now: Timestamp,
        standing: Standing,
    ) -> Outgoing {
        let reader = Reader { lang, role: Role::Admin, holder, now };
        let view = View::Broadcast(BroadcastView::Progress(Box::new(standing)));
        self.show(reader, &view).into_edit()
    }

    /// How a material looks.
    pub fn preview(&self, reader: Reader, material: &Material, preview: &PreviewRef) -> Outgoing {
        delivery::preview(Pen { presenter: self, reader }, material, preview)
    }

    /// The digest of one reader, as a message of its own.
    pub fn digest(&self, lang: Lang, letter: &DigestLetter) -> Shown {
        digest::letter(self, lang, letter)
    }

    /// The table of a broadcast's recipients.
    pub fn table(&self, reader: Reader, copy: StoredCopy, rows: u64) -> Outgoing {
        audience::table(Pen { presenter: self, reader }, copy, rows)
    }

    /// A copy of the reader's data.
    pub fn personal_copy(&self, reader: Reader, copy: StoredCopy) -> Outgoing {
        privacy::copy(Pen { presenter: self, reader }, copy)
    }

    /// What a sort of data is, as its person reads it.
    pub fn about(&self, lang: Lang, about: About) -> String {
        self.texts.get(lang, about.text_key(), &[])
    }

    /// A picture of the figures over time, as PNG. Takes a while: not for an actor's thread.
    pub fn chart(&self, lang: Lang, report: &StatsReport) -> Result<Vec<u8>, ChartError> {
        chart::draw(&self.texts, lang, report)
    }

    /// A file with the figures.
    pub fn statistics(
        &self,
        reader: Reader,
        sort: ReportSort,
        copy: StoredCopy,
        report: &StatsReport,
    ) -> Outgoing {
        statistics::file(Pen { presenter: self, reader }, sort, copy, report)
    }

    /// Such a file could not be made.
    pub fn no_statistics(&self, reader: Reader) -> Shown {
        statistics::no_file(Pen { presenter: self, reader })
    }

    /// One result of an inline answer.
    pub fn inline_result(&self, lang: Lang, material: &Material) -> InlineResult {
        delivery::inline(self, lang, material)
    }

    /// A link that opens the bot with this payload.
    fn deep_link(&self, payload: &str) -> String {
        format!("https://t.me/{}?start={payload}", self.bot_username)
    }

    /// What a refused press is told at once.
    pub fn toast(&self, lang: Lang, refusal: Refusal) -> String {
        let key = match refusal {
            Refusal::NotYours => "toast-not-yours",
            Refusal::OutOfDate => "toast-out-of-date",
        };
        self.texts.get(lang, key, &[])
    }

    /// What a press of somebody who is shut out is told at once.
    pub fn shut_out_toast(&self, lang: Lang) -> String {
        self.texts.get(lang, "toast-shut-out", &[])
    }

    /// What a button means for who pressed it.
    pub fn verify(&self, data: &str, holder: Holder, now: Timestamp) -> Result<Action, Refusal> {
        self.signer.verify(data, holder, now)
    }

    /// Telegram's menu of commands: name and description.
    pub fn commands(&self, lang: Lang) -> Vec<(&'static str, String)> {
        const COMMANDS: [(&str, &str); 11] = [
            ("search", "command-search"),
            ("browse", "command-browse"),
            ("new", "command-new"),
            ("favorites", "command-favorites"),
            ("history", "command-history"),
            ("uploads", "command-uploads"),
            ("requests", "command-requests"),
            ("settings", "command-settings"),
            ("privacy", "command-privacy"),
            ("help", "command-help"),
            ("cancel", "command-cancel"),
        ];
        COMMANDS.map(|(name, key)| (name, self.texts.get(lang, key, &[]))).to_vec()
    }
}

/// A presenter at work for one reader.
#[derive(Clone, Copy)]
struct Pen<'a> {
    presenter: &'a Presenter,
    reader: Reader,
}

impl Pen<'_> {
    fn text(self, key: &str) -> String {
        self.presenter.texts.get(self.reader.lang, key, &[])
    }

    fn fill(self, key: &str, args: &[(&str, Value<'_>)]) -> String {
        self.presenter.texts.get(self.reader.lang, key, args)
    }

    /// A button with the text of `key`.
    fn button(self, key: &str, action: Action) -> Button {
        self.labelled(self.text(key), action)
    }

    /// A button with a text of its own, cut to what a button can show.
    fn labelled(self, label: impl Into<String>, action: Action) -> Button {
        let Reader { holder, now, .. } = self.reader;
        let data = self.presenter.signer.sign(action, holder, now);
        let label = format::shorten(&label.into(), BUTTON_CHARS);
        Button::callback(prefix_of_units(&label, BUTTON_UNITS), data)
    }

    /// A link that opens the bot with a payload.
    fn deep_link(self, payload: &str) -> String {
        self.presenter.deep_link(payload)
    }
}

/// Characters of a button's text; longer ones are cut by some clients without a sign.
const BUTTON_CHARS: usize = 40;
/// The same in UTF-16 units, for signs that take two each.
const BUTTON_UNITS: usize = 64;

#[cfg(test)]
mod tests;
