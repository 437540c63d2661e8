//! Sending: one [`Outgoing`] or [`Answer`] is one call.

use serde::Deserialize;
use serde::de::IgnoredAny;
use teloxide_core::payloads::{
    CopyMessage, CopyMessages, DeleteMessages, EditMessageCaption, EditMessageReplyMarkup,
    EditMessageText, SendChatAction,
};
use teloxide_core::types::{self as wire, ParseMode};

use super::error::TelegramError;
use super::payload::{self, SendFile, Target};
use super::transport::TelegramClient;
use crate::domain::event::FileClass;
use crate::domain::html::Markup;
use crate::domain::ids::{ChatId, MessageId};
use crate::domain::outgoing::{Answer, Keyboard, Outgoing};

/// What came of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// The (first) message; none for a removal.
    pub message_id: Option<MessageId>,
    /// All messages of a copied album, the first included; empty for everything else.
    pub album: Vec<MessageId>,
    /// The handle under which Telegram keeps the file now, if the message has one.
    pub file_id: Option<String>,
}

/// The part of a message we read back.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SentMessage {
    message_id: i64,
    document: Option<SentFile>,
    audio: Option<SentFile>,
    video: Option<SentFile>,
    voice: Option<SentFile>,
    animation: Option<SentFile>,
    video_note: Option<SentFile>,
    #[serde(default)]
    photo: Vec<SentFile>,
}

#[derive(Debug, Deserialize)]
struct SentFile {
    file_id: String,
}

/// A copy's answer is no whole message.
#[derive(Deserialize)]
struct CopiedMessage {
    message_id: i64,
}

impl From<SentMessage> for Sent {
    fn from(mut message: SentMessage) -> Self {
        // An animation comes with a document of the same file; sizes of photos come rising.
        let file = message
            .animation
            .or(message.document)
            .or(message.audio)
            .or(message.video)
            .or(message.voice)
            .or(message.video_note)
            .or_else(|| message.photo.pop());
        Self {
            message_id: Some(MessageId(message.message_id)),
            album: Vec::new(),
            file_id: file.map(|file| file.file_id),
        }
    }
}

impl TelegramClient {
    /// Does one `Outgoing` in `chat`, in `thread` if it is a forum topic. Edits need
    /// `edit_target`, the message of ours to change.
    ///
    /// # Errors
    /// See [`TelegramError::decision`]; an edit that changes nothing is reported as such, too.
    pub async fn send(
        &self,
        chat: ChatId,
        thread: Option<i64>,
        outgoing: &Outgoing,
        edit_target: Option<MessageId>,
    ) -> Result<Sent, TelegramError> {
        let target = Target { chat, thread };
        match outgoing {
            Outgoing::Text { html, keyboard, reply_to, silent } => {
                let method = "sendMessage";
                let buttons = keyboard.as_ref();
                let mut payload =
                    payload::send_message(method, target, html, buttons, *reply_to, *silent)?;
                payload.allow_paid_broadcast = self.pays();
                self.call::<_, SentMessage>(method, &payload).await.map(Sent::from)
            }
            Outgoing::EditText { html, keyboard } => {
                self.edit_text(target, edit_target, html, keyboard.as_ref()).await
            }
            Outgoing::EditCaption { caption, keyboard } => {
                self.edit_caption(target, edit_target, caption, keyboard.as_ref()).await
            }
            Outgoing::EditKeyboard { keyboard } => {
                self.edit_keyboard(target, edit_target, keyboard.as_ref()).await
            }
            Outgoing::File { class, file_id, caption, keyboard, silent, .. } => {
                let method = payload::send_method(*class);
                let payload = SendFile {
                    target,
                    class: *class,
                    file_id,
                    caption: caption.as_ref(),
                    keyboard: payload::optional_keyboard(method, keyboard.as_ref())?,
                    silent: *silent,
                    is_paid: self.pays().is_some(),
                };
                self.call::<_, SentMessage>(method, &payload).await.map(Sent::from)
            }
            Outgoing::Copy { from, messages, keyboard, silent } => {
                self.copy(target, *from, messages, keyboard.as_ref(), *silent).await
            }
            Outgoing::Delete { messages } => {
                let method = "deleteMessages";
                let ids = payload::message_ids(method, messages)?;
                let payload = DeleteMessages::new(target.recipient(), ids);
                let _: IgnoredAny = self.call(method, &payload).await?;
                Ok(Sent::default())
            }
        }
    }

    async fn edit_text(
        &self,
        target: Target,
        edit_target: Option<MessageId>,
        html: &Markup,
        keyboard: Option<&Keyboard>,
    ) -> Result<Sent, TelegramError> {
        let method = "editMessageText";
        let message = required(method, edit_target)?;
        let mut payload = EditMessageText::new(target.recipient(), message, html.as_str());
        payload.parse_mode = Some(ParseMode::Html);
        payload.link_preview_options = Some(payload::no_preview());
        payload.reply_markup = payload::optional_keyboard(method, keyboard)?;
        self.call::<_, SentMessage>(method, &payload).await.map(Sent::from)
    }

    async fn edit_caption(
        &self,
        target: Target,
        edit_target: Option<MessageId>,
        caption: &Markup,
        keyboard: Option<&Keyboard>,
    ) -> Result<Sent, TelegramError> {
        let method = "editMessageCaption";
        let message = required(method, edit_target)?;
        let mut payload = EditMessageCaption::new(target.recipient(), message);
        payload.caption = Some(caption.as_str().to_owned());
        payload.parse_mode = Some(ParseMode::Html);
        payload.reply_markup = payload::optional_keyboard(method, keyboard)?;
        self.call::<_, SentMessage>(method, &payload).await.map(Sent::from)
    }

    async fn edit_keyboard(
        &self,
        target: Target,
        edit_target: Option<MessageId>,
        keyboard: Option<&Keyboard>,
    ) -> Result<Sent, TelegramError> {
        let method = "editMessageReplyMarkup";
        let message = required(method, edit_target)?;
        let mut payload = EditMessageReplyMarkup::new(target.recipient(), message);
        payload.reply_markup = payload::optional_keyboard(method, keyboard)?;
        self.call::<_, SentMessage>(method, &payload).await.map(Sent::from)
    }

    /// One message by `copyMessage`, which can have buttons; several by `copyMessages`.
    async fn copy(
        &self,
        target: Target,
        from: ChatId,
        messages: &[MessageId],
        keyboard: Option<&Keyboard>,
        silent: bool,
    ) -> Result<Sent, TelegramError> {
        let source = wire::Recipient::Id(wire::ChatId(from.0));
        if let [message] = messages {
            let method = "copyMessage";
            let message = payload::message_id(method, *message)?;
            let mut payload = CopyMessage::new(target.recipient(), source, message);
            payload.message_thread_id = target.thread_id(method)?;
            payload.reply_markup = payload::optional_keyboard(method, keyboard)?
                .map(wire::ReplyMarkup::InlineKeyboard);
            payload.disable_notification = silent.then_some(true);
            payload.allow_paid_broadcast = self.pays();
            let copied: CopiedMessage = self.call(method, &payload).await?;
            return Ok(Sent { message_id: Some(MessageId(copied.message_id)), ..Sent::default() });
        }
        let method = "copyMessages";
        let ids = payload::message_ids(method, messages)?;
        let mut payload = CopyMessages::new(target.recipient(), source, ids);
        payload.message_thread_id = target.thread_id(method)?;
        payload.disable_notification = silent.then_some(true);
        let copied: Vec<CopiedMessage> = self.call(method, &payload).await?;
        let album: Vec<MessageId> =
            copied.into_iter().map(|message| MessageId(message.message_id)).collect();
        Ok(Sent { message_id: album.first().copied(), album, file_id: None })
    }

    /// Answers a press or an inline query.
    pub async fn answer(&self, answer: &Answer) -> Result<(), TelegramError> {
        match answer {
            Answer::Callback { query_id, toast, alert } => {
                let payload = payload::answer_callback(query_id, toast.as_deref(), *alert);
                let _: IgnoredAny = self.call("answerCallbackQuery", &payload).await?;
            }
            Answer::Inline { query_id, results, next_offset, cache_s, personal } => {
                let method = "answerInlineQuery";
                let next = next_offset.as_deref();
                let payload =
                    payload::answer_inline(method, query_id, results, next, *cache_s, *personal)?;
                let _: IgnoredAny = self.call(method, &payload).await?;
            }
        }
        Ok(())
    }

    /// Shows "typing ..." (or "sending a document ...") for some seconds; free of rate limits.
    pub async fn chat_action(
        &self,
        chat: ChatId,
        thread: Option<i64>,
        for_file: Option<FileClass>,
    ) -> Result<(), TelegramError> {
        let action = match for_file {
            None => wire::ChatAction::Typing,
            Some(FileClass::Photo) => wire::ChatAction::UploadPhoto,
            Some(FileClass::Video | FileClass::Animation) => wire::ChatAction::UploadVideo,
            Some(FileClass::VideoNote) => wire::ChatAction::UploadVideoNote,
            Some(FileClass::Voice) => wire::ChatAction::UploadVoice,
            Some(FileClass::Document | FileClass::Audio) => wire::ChatAction::UploadDocument,
        };
        let target = Target { chat, thread };
        let method = "sendChatAction";
        let mut payload = SendChatAction::new(target.recipient(), action);
        payload.message_thread_id = target.thread_id(method)?;
        let _: IgnoredAny = self.call(method, &payload).await?;
        Ok(())
    }
}

/// The message of an edit.
fn required(
    method: &'static str,
    edit_target: Option<MessageId>,
) -> Result<wire::MessageId, TelegramError> {
    let no_target = TelegramError::Request { method, what: "an edit without a message" };
    payload::message_id(method, edit_target.ok_or(no_target)?)
}
