//! From the domain's messages to request bodies: teloxide's payloads where they fit, an own struct
//! for files (one in place of seven that differ in a field's name).
//!
//! Pure: nothing is sent here.

use reqwest::Url;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use teloxide_core::payloads::{AnswerCallbackQuery, AnswerInlineQuery, SendMessage};
use teloxide_core::types as wire;
use teloxide_core::types::{InlineKeyboardButtonKind, InlineQueryResult, ParseMode};

use super::error::TelegramError;
use crate::domain::event::FileClass;
use crate::domain::html::Markup;
use crate::domain::ids::{ChatId, MessageId};
use crate::domain::outgoing::{
    ButtonAction, INLINE_RESULTS_LIMIT, InlineResult, Keyboard, TOAST_LIMIT,
};

/// Where a message goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) chat: ChatId,
    pub(super) thread: Option<i64>,
}

impl Target {
    pub(super) const fn recipient(self) -> wire::Recipient {
        wire::Recipient::Id(wire::ChatId(self.chat.0))
    }

    pub(super) fn thread_id(
        self,
        method: &'static str,
    ) -> Result<Option<wire::ThreadId>, TelegramError> {
        self.thread.map(|id| message_id(method, MessageId(id)).map(wire::ThreadId)).transpose()
    }
}

/// teloxide's message ids have 32 bits, as Telegram's own do so far.
pub(super) fn message_id(
    method: &'static str,
    id: MessageId,
) -> Result<wire::MessageId, TelegramError> {
    let too_large = |_| TelegramError::Request { method, what: "a message id over 32 bits" };
    i32::try_from(id.0).map(wire::MessageId).map_err(too_large)
}

/// The same for several.
pub(super) fn message_ids(
    method: &'static str,
    ids: &[MessageId],
) -> Result<Vec<wire::MessageId>, TelegramError> {
    ids.iter().map(|id| message_id(method, *id)).collect()
}

/// No preview of links.
pub(super) const fn no_preview() -> wire::LinkPreviewOptions {
    wire::LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

/// Buttons as the wire has them.
pub(super) fn keyboard(
    method: &'static str,
    keyboard: &Keyboard,
) -> Result<wire::InlineKeyboardMarkup, TelegramError> {
    let mut rows = Vec::with_capacity(keyboard.rows.len());
    for row in &keyboard.rows {
        let mut buttons = Vec::with_capacity(row.len());
        for button in row {
            let kind = match &button.action {
                ButtonAction::Callback(data) => {
                    InlineKeyboardButtonKind::CallbackData(data.clone())
                }
                ButtonAction::Url(url) => {
                    InlineKeyboardButtonKind::Url(Url::parse(url).map_err(|_| {
                        TelegramError::Request { method, what: "a button with a malformed url" }
                    })?)
                }
                ButtonAction::SwitchInline(query) => {
                    InlineKeyboardButtonKind::SwitchInlineQuery(query.clone())
                }
            };
            buttons.push(wire::InlineKeyboardButton::new(&*button.text, kind));
        }
        rows.push(buttons);
    }
    Ok(wire::InlineKeyboardMarkup { inline_keyboard: rows })
}

/// The same for a keyboard that may be absent.
pub(super) fn optional_keyboard(
    method: &'static str,
    given: Option<&Keyboard>,
) -> Result<Option<wire::InlineKeyboardMarkup>, TelegramError> {
    given.map(|given| keyboard(method, given)).transpose()
}

/// A new text message.
pub(super) fn send_message(
    method: &'static str,
    target: Target,
    html: &Markup,
    buttons: Option<&Keyboard>,
    reply_to: Option<MessageId>,
    silent: bool,
) -> Result<SendMessage, TelegramError> {
    let mut payload = SendMessage::new(target.recipient(), html.as_str());
    payload.message_thread_id = target.thread_id(method)?;
    payload.parse_mode = Some(ParseMode::Html);
    payload.link_preview_options = Some(no_preview());
    payload.reply_markup =
        optional_keyboard(method, buttons)?.map(wire::ReplyMarkup::InlineKeyboard);
    payload.disable_notification = silent.then_some(true);
    if let Some(message) = reply_to {
        let reply = wire::ReplyParameters::new(message_id(method, message)?);
        payload.reply_parameters = Some(reply.allow_sending_without_reply());
    }
    Ok(payload)
}

/// A file by its handle. The method and the name of the file's field depend on the class.
#[derive(Debug)]
pub(super) struct SendFile<'a> {
    pub(super) target: Target,
    pub(super) class: FileClass,
    pub(super) file_id: &'a str,
    pub(super) caption: Option<&'a Markup>,
    pub(super) keyboard: Option<wire::InlineKeyboardMarkup>,
    pub(super) silent: bool,
    pub(super) is_paid: bool,
}

/// The method that sends a class.
pub(super) const fn send_method(class: FileClass) -> &'static str {
    match class {
        FileClass::Document => "sendDocument",
        FileClass::Audio => "sendAudio",
        FileClass::Video => "sendVideo",
        FileClass::Photo => "sendPhoto",
        FileClass::Voice => "sendVoice",
        FileClass::Animation => "sendAnimation",
        FileClass::VideoNote => "sendVideoNote",
    }
}

/// Whether messages of a class can have a caption.
pub(super) const fn has_caption(class: FileClass) -> bool {
    !matches!(class, FileClass::VideoNote)
}

impl Serialize for SendFile<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("chat_id", &self.target.chat)?;
        if let Some(thread) = self.target.thread {
            map.serialize_entry("message_thread_id", &thread)?;
        }
        map.serialize_entry(self.class.field(), self.file_id)?;
        if let Some(caption) = self.caption.filter(|_| has_caption(self.class)) {
            map.serialize_entry("caption", caption)?;
            map.serialize_entry("parse_mode", &ParseMode::Html)?;
        }
        if let Some(keyboard) = &self.keyboard {
            map.serialize_entry("reply_markup", keyboard)?;
        }
        if self.silent {
            map.serialize_entry("disable_notification", &true)?;
        }
        if self.is_paid {
            map.serialize_entry("allow_paid_broadcast", &true)?;
        }
        map.end()
    }
}

/// An answer to a press.
pub(super) fn answer_callback(
    query_id: &str,
    toast: Option<&str>,
    alert: bool,
) -> AnswerCallbackQuery {
    let mut payload = AnswerCallbackQuery::new(wire::CallbackQueryId(query_id.to_owned()));
    payload.text = toast.map(|toast| toast.chars().take(TOAST_LIMIT).collect());
    payload.show_alert = alert.then_some(true);
    payload
}

/// An answer to an inline query.
pub(super) fn answer_inline(
    method: &'static str,
    query_id: &str,
    results: &[InlineResult],
    next_offset: Option<&str>,
    cache_s: u32,
    personal: bool,
) -> Result<AnswerInlineQuery, TelegramError> {
    let mut lines = Vec::with_capacity(results.len());
    for result in results.iter().take(INLINE_RESULTS_LIMIT) {
        lines.extend(inline_result(method, result)?);
    }
    let mut payload = AnswerInlineQuery::new(wire::InlineQueryId(query_id.to_owned()), lines);
    payload.cache_time = Some(cache_s);
    payload.is_personal = Some(personal);
    payload.next_offset = next_offset.map(str::to_owned);
    Ok(payload)
}

/// One line of an answer; `None` for a class that inline mode does not have.
fn inline_result(
    method: &'static str,
    result: &InlineResult,
) -> Result<Option<InlineQueryResult>, TelegramError> {
    match result {
        InlineResult::Article { id, title, description, html, keyboard } => {
            let mut content = wire::InputMessageContentText::new(html.as_str());
            content.parse_mode = Some(ParseMode::Html);
            content.link_preview_options = Some(no_preview());
            let content = wire::InputMessageContent::Text(content);
            let mut article = wire::InlineQueryResultArticle::new(&**id, &**title, content);
            article.description.clone_from(description);
            article.reply_markup = optional_keyboard(method, keyboard.as_ref())?;
            Ok(Some(article.into()))
        }
        InlineResult::File { id, class, file_id, title, description, caption } => {
            let file = wire::FileId(file_id.clone());
            let caption = caption.as_ref().map(|caption| caption.as_str().to_owned());
            let description = description.clone();
            Ok(cached_file(*class, id, file, title, description, caption))
        }
    }
}

fn cached_file(
    class: FileClass,
    id: &str,
    file: wire::FileId,
    title: &str,
    description: Option<String>,
    caption: Option<String>,
) -> Option<InlineQueryResult> {
    let parse_mode = caption.is_some().then_some(ParseMode::Html);
    let title = title.to_owned();
    Some(match class {
        FileClass::Document => {
            let mut line = wire::InlineQueryResultCachedDocument::new(id, title, file);
            (line.description, line.caption, line.parse_mode) = (description, caption, parse_mode);
            line.into()
        }
        FileClass::Audio => {
            let mut line = wire::InlineQueryResultCachedAudio::new(id, file);
            (line.caption, line.parse_mode) = (caption, parse_mode);
            line.into()
        }
        FileClass::Video => {
            let mut line = wire::InlineQueryResultCachedVideo::new(id, file, title);
            (line.description, line.caption, line.parse_mode) = (description, caption, parse_mode);
            line.into()
        }
        FileClass::Photo => {
            let mut line = wire::InlineQueryResultCachedPhoto::new(id, file);
            (line.title, line.description) = (Some(title), description);
            (line.caption, line.parse_mode) = (caption, parse_mode);
            line.into()
        }
        FileClass::Voice => {
            let mut line = wire::InlineQueryResultCachedVoice::new(id, file, title);
            (line.caption, line.parse_mode) = (caption, parse_mode);
            line.into()
        }
        FileClass::Animation => {
            let mut line = wire::InlineQueryResultCachedMpeg4Gif::new(id, file);
            (line.title, line.caption, line.parse_mode) = (Some(title), caption, parse_mode);
            line.into()
        }
        FileClass::VideoNote => return None,
    })
}
