//! Sending files, alone and as albums.

use super::input::{caption, chat_id, formatted, input_file, reply_markup};
use super::{Draft, bad, known_chat, one, post};
use crate::bot::Bot;
use crate::files::FileKind;
use crate::methods::{ApiError, Done};
use crate::model::Media;
use crate::params::Params;
use serde_json::Value;

pub fn send_media(bot: &Bot, p: &mut Params, kind: FileKind) -> Result<Done, ApiError> {
    let cap = caption(bot, p)?;
    let markup = reply_markup(p)?;
    let id = chat_id(bot, p, "chat_id")?;
    known_chat(bot, id)?;
    let value = p.str(kind.field()).map(|s| s.to_string());
    let file = input_file(bot, p, value.as_deref(), kind.field(), kind)?;
    let (text, entities) = cap.map_or((None, None), |(t, e)| (Some(t), e));
    let media = Some(Media { kind, file, spoiler: p.flag("has_spoiler") });
    one(bot, id, Draft { text, entities, markup, media, ..Draft::default() }, p)
}

pub fn input_media(bot: &Bot, p: &mut Params, v: &Value) -> Result<Draft, ApiError> {
    let kind = match v["type"].as_str().unwrap_or("") {
        "photo" => FileKind::Photo,
        "video" => FileKind::Video,
        "document" => FileKind::Document,
        "audio" => FileKind::Audio,
        "animation" => FileKind::Animation,
        "live_photo" => FileKind::Video,
        "sticker" => FileKind::Sticker,
        "" => return Err(bad("Bad Request: can't parse InputMedia: Can't find field \"type\"")),
        _ => return Err(bad("Bad Request: can't parse InputMedia: unsupported type specified")),
    };
    let Some(src) = v["media"].as_str() else {
        return Err(bad("Bad Request: can't parse InputMedia: Can't find field \"media\""));
    };
    let file = input_file(bot, p, Some(src), "media", kind)?;
    let mode = v["parse_mode"].as_str().unwrap_or("");
    let cap = match v["caption"].as_str() {
        Some(c) => formatted(
            bot,
            c,
            mode,
            v.get("caption_entities"),
            1024,
            "Bad Request: message caption is too long",
        )?,
        None => None,
    };
    let (text, entities) = cap.map_or((None, None), |(t, e)| (Some(t), e));
    let media = Some(Media { kind, file, spoiler: v["has_spoiler"].as_bool().unwrap_or(false) });
    Ok(Draft { text, entities, media, ..Draft::default() })
}

pub fn send_media_group(bot: &Bot, p: &mut Params) -> Result<Done, ApiError> {
    let id = chat_id(bot, p, "chat_id")?;
    known_chat(bot, id)?;
    let items = match p.json("media") {
        None => return Err(bad("Bad Request: media is empty")),
        Some(Err(())) => return Err(bad("Bad Request: can't parse media JSON object")),
        Some(Ok(v)) => v
            .as_array()
            .cloned()
            .ok_or_else(|| bad("Bad Request: expected an Array of InputMedia"))?,
    };
    if items.is_empty() {
        return Err(bad("Bad Request: there are no messages to send"));
    }
    if items.len() > 10 {
        return Err(bad("Bad Request: too many messages to send as an album"));
    }
    let group = fastrand::u64(1_000_000_000_000..u64::MAX >> 1);
    let mut drafts = vec![];
    for v in &items {
        drafts.push(Draft {
            group: if items.len() > 1 { group } else { 0 },
            ..input_media(bot, p, v)?
        });
    }
    let class = |d: &Draft| match d.media.as_ref().map(|m| m.kind) {
        Some(FileKind::Document) => 1,
        Some(FileKind::Audio) => 2,
        Some(FileKind::Animation) => 3,
        _ => 0,
    };
    if drafts.iter().any(|d| class(d) != class(&drafts[0])) {
        return Err(bad("Bad Request: document can't be mixed with other media types"));
    }
    if class(&drafts[0]) == 3 {
        return Err(bad("Bad Request: can't use the media of the specified type in the album"));
    }
    let text = drafts.iter().find_map(|d| d.text.clone());
    let posted = post(bot, id, drafts, p, true)?;
    Ok(Done { chat: id, msg: posted.ids[0], text, ..Done::json(posted.json) })
}
