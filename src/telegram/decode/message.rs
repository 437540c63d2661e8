//! Messages: whose words they are, what file they carry.

use serde_json::value::RawValue;

use super::marks;
use super::wire::{File, Message};
use super::{DecodeError, person, read};
use crate::domain::event::{Event, EventKind, FileClass, FileRef, Indirect};
use crate::domain::ids::{ChatId, MessageId};

/// What a message without text and without anything a person sends is called.
const SERVICE: &str = "service_message";

/// The event of a new message.
pub(super) fn event(message: Message<'_>) -> Result<Event, DecodeError> {
    let chat = ChatId(message.chat.id);
    let thread = thread(message.message_thread_id.0, message.is_topic_message);
    let id = MessageId(message.message_id);
    let indirect = indirect(&message);
    let file = file(&message)?;
    let is_other = is_other_content(&message);
    // A message in a chat's name has a stand-in for its sender, which is nobody's account.
    let from = message.from.filter(|_| !message.sender_chat.0).map(person);
    let kind = if let Some(file) = file {
        let entities = marks::of(
            message.caption.as_ref().map(|caption| &*caption.0),
            message.caption_entities,
        );
        EventKind::File {
            message: id,
            file,
            entities,
            caption: message.caption.map(String::from),
            media_group: message.media_group_id.map(String::from),
        }
    } else if is_other {
        let can_be_copied = !message.paid_media.0 && !message.invoice.0;
        EventKind::OtherMessage { message: id, can_be_copied }
    } else if let Some(text) = message.text {
        let entities = marks::of(Some(&*text.0), message.entities);
        EventKind::Text { message: id, text: text.into(), entities, indirect }
    } else {
        EventKind::Ignored { what: SERVICE.to_owned() }
    };
    Ok(Event { chat, thread, from, kind })
}

/// The forum topic. Outside of forums Telegram gives a thread for mere replies, too, and refuses
/// messages to it.
pub(super) fn thread(id: Option<i64>, is_topic: bool) -> Option<i64> {
    id.filter(|_| is_topic)
}

fn indirect(message: &Message<'_>) -> Option<Indirect> {
    let is_forwarded = message.forward_origin.0
        || message.forward_date.0
        || message.forward_from.0
        || message.forward_sender_name.0;
    if message.sender_chat.0 {
        Some(Indirect::OnBehalfOfChat)
    } else if is_forwarded {
        Some(Indirect::Forwarded)
    } else if message.via_bot.0 {
        Some(Indirect::ViaBot)
    } else {
        None
    }
}

fn is_other_content(message: &Message<'_>) -> bool {
    [
        message.sticker,
        message.location,
        message.venue,
        message.contact,
        message.dice,
        message.poll,
        message.story,
        message.game,
        message.checklist,
        message.live_photo,
        message.paid_media,
        message.rich_message,
        message.invoice,
    ]
    .into_iter()
    .any(|content| content.0)
}

/// The file a message carries. An animation comes with a document of the same file: it is first.
fn file(message: &Message<'_>) -> Result<Option<FileRef>, DecodeError> {
    let places = [
        (FileClass::Animation, message.animation),
        (FileClass::Document, message.document),
        (FileClass::Audio, message.audio),
        (FileClass::Video, message.video),
        (FileClass::Voice, message.voice),
        (FileClass::VideoNote, message.video_note),
    ];
    for (class, value) in places {
        if let Some(value) = value {
            return Ok(Some(file_ref(class, read(class.field(), value)?)));
        }
    }
    message.photo.map_or(Ok(None), largest_photo)
}

/// A photo comes in several sizes; the largest is the picture.
fn largest_photo(value: &RawValue) -> Result<Option<FileRef>, DecodeError> {
    let class = FileClass::Photo;
    let sizes: Vec<File<'_>> = read(class.field(), value)?;
    let area = |size: &File<'_>| {
        let side = |length: Option<u32>| u64::from(length.unwrap_or(0));
        side(size.width.0).saturating_mul(side(size.height.0))
    };
    Ok(sizes.into_iter().max_by_key(area).map(|size| file_ref(class, size)))
}

fn file_ref(class: FileClass, file: File<'_>) -> FileRef {
    FileRef {
        file_id: file.file_id.into(),
        unique_id: file.file_unique_id.into(),
        class,
        name: file.file_name.map(String::from),
        mime: file.mime_type.map(String::from),
        size: file.file_size.0,
        duration_s: file.duration.0,
        title: file.title.map(String::from),
        performer: file.performer.map(String::from),
    }
}
