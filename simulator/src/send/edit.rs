//! Editing, deleting and pinning.

use super::input::{Formatted, caption, chat_id, message_ids, param_formatted, reply_markup};
use super::media::input_media;
use super::{admit, bad, known_chat, reachable};
use crate::bot::Bot;
use crate::markup::Markup;
use crate::methods::{ApiError, Done};
use crate::model::{ChatKind, Media, write_message};
use crate::params::Params;
use std::sync::Arc;

/// What an edit changes; `None` = as it was.
struct Edit {
    text: Option<Option<Formatted>>,
    media: Option<Media>,
    markup: Option<Arc<Markup>>,
}

fn edit(bot: &Bot, p: &Params, need: &'static str, e: Edit) -> Result<Done, ApiError> {
    if p.has("inline_message_id") {
        return Ok(Done::yes());
    }
    let id = chat_id(bot, p, "chat_id")?;
    let Some(mid) = p.int("message_id") else {
        return Err(bad("Bad Request: message identifier is not specified"));
    };
    let user = known_chat(bot, id)?;
    if e.markup.as_ref().is_some_and(|m| !m.inline) {
        return Err(bad("Bad Request: inline keyboard expected"));
    }
    bot.with_chat(id, true, |chat| {
        let Some(m) = chat.msg(mid) else { return Err(bad("Bad Request: message to edit not found")) };
        if m.from != 0 {
            return Err(bad("Bad Request: message can't be edited"));
        }
        match need {
            "text" if m.media.is_some() || m.text.is_none() => return Err(bad("Bad Request: there is no text in the message to edit")),
            "caption" if m.media.is_none() => return Err(bad("Bad Request: there is no caption in the message to edit")),
            _ => {}
        }
        let (text, ents) = match &e.text {
            None => (m.text.clone(), m.entities.clone()),
            Some(None) => (None, None),
            Some(Some((t, x))) => (Some(t.clone()), x.clone()),
        };
        let same_markup = m.markup.as_ref().filter(|k| k.inline).map(|k| &k.rows) == e.markup.as_ref().map(|k| &k.rows);
        let same_media = e.media.as_ref().is_none_or(|n| m.media.as_deref() == Some(n));
        if same_markup && same_media && m.text == text && m.entities == ents {
            return Err(bad(
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
            ));
        }
        admit(bot, chat, 1, false, true)?;
        reachable(user.as_ref())?;
        let seq = bot.next_seq();
        let Some(m) = chat.msg_mut(mid) else { return Err(bad("Bad Request: message to edit not found")) };
        m.text = text.clone();
        m.entities = ents;
        if let Some(n) = &e.media {
            m.media = Some(Box::new(n.clone()));
        }
        m.markup = e.markup.clone();
        m.edited = bot.unix_now() as u32;
        m.seq = seq;
        let copy = m.clone();
        let mut out = vec![];
        write_message(&mut out, &bot.me(), chat, user.as_ref(), &copy, 0);
        bot.on_reply(chat, mid, true);
        Ok(Done { chat: id, msg: mid, text, ..Done::json(out) })
    })
    .unwrap_or_else(|| Err(bad("Bad Request: chat not found")))
}

pub fn edit_text(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    if p.has("rich_message") && !p.has("text") {
        return edit(bot, p, "", Edit { text: None, media: None, markup: reply_markup(p)? });
    }
    if !p.has("text") {
        return Err(bad("Bad Request: message text is empty"));
    }
    let Some(f) =
        param_formatted(bot, p, "text", "entities", 4096, "Bad Request: message is too long")?
    else {
        return Err(bad("Bad Request: text must be non-empty"));
    };
    let markup = reply_markup(p)?;
    edit(bot, p, "text", Edit { text: Some(Some(f)), media: None, markup })
}

pub fn edit_caption(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let cap = caption(bot, p)?;
    let markup = reply_markup(p)?;
    edit(bot, p, "caption", Edit { text: Some(cap), media: None, markup })
}

pub fn edit_markup(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let markup = reply_markup(p)?;
    edit(bot, p, "", Edit { text: None, media: None, markup })
}

pub fn edit_media(bot: &Bot, p: &mut Params) -> Result<Done, ApiError> {
    let v = match p.json("media") {
        None => return Err(bad("Bad Request: media is empty")),
        Some(Err(())) => return Err(bad("Bad Request: can't parse input media JSON object")),
        Some(Ok(v)) => v.into_owned(),
    };
    let d = input_media(bot, p, &v)?;
    let markup = reply_markup(p)?;
    let text = Some(d.text.map(|t| (t, d.entities)));
    edit(bot, p, "", Edit { text, media: d.media, markup })
}

pub fn delete(bot: &Bot, p: &Params, many: bool) -> Result<Done, ApiError> {
    let id = chat_id(bot, p, "chat_id")?;
    let ids = if many {
        message_ids(p)?
    } else {
        vec![
            p.int("message_id")
                .ok_or_else(|| bad("Bad Request: message identifier is not specified"))?,
        ]
    };
    known_chat(bot, id)?;
    let now = bot.unix_now();
    bot.with_chat(id, true, |chat| {
        let channel = chat.kind == ChatKind::Channel;
        for mid in &ids {
            let seq = bot.next_seq();
            match chat.msg_mut(*mid) {
                None if many => {}
                None => return Err(bad("Bad Request: message to delete not found")),
                Some(m) if now - i64::from(m.date) > 48 * 3600 && !channel => {
                    if !many {
                        return Err(bad("Bad Request: message can't be deleted for everyone"));
                    }
                }
                Some(m) => {
                    m.deleted = true;
                    m.seq = seq;
                    bot.tell_message(chat, *mid);
                }
            }
        }
        Ok(Done { chat: id, msg: ids[0], ..Done::yes() })
    })
    .unwrap_or_else(|| Err(bad("Bad Request: chat not found")))
}

pub fn pin(bot: &Bot, p: &Params, on: Option<bool>) -> Result<Done, ApiError> {
    let id = chat_id(bot, p, "chat_id")?;
    known_chat(bot, id)?;
    let mid = p.int("message_id");
    bot.with_chat(id, true, |chat| {
        match (on, mid) {
            (Some(on), Some(mid)) => match chat.msg_mut(mid) {
                Some(m) => m.pinned = on,
                None => {
                    return Err(bad(format!(
                        "Bad Request: message to {} not found",
                        if on { "pin" } else { "unpin" }
                    )));
                }
            },
            (Some(true), None) => {
                return Err(bad("Bad Request: message identifier is not specified"));
            }
            (Some(false), None) => {
                if let Some(m) = chat.msgs.iter_mut().rev().find(|m| m.pinned) {
                    m.pinned = false;
                }
            }
            (None, _) => chat.msgs.iter_mut().for_each(|m| m.pinned = false),
        }
        if let Some(mid) = mid {
            bot.tell_message(chat, mid);
        }
        Ok(Done { chat: id, msg: mid.unwrap_or(0), ..Done::yes() })
    })
    .unwrap_or_else(|| Err(bad("Bad Request: chat not found")))
}
