//! Posting messages: who may be reached, flood control, the way into the chat.

mod copy;
mod edit;
mod input;
mod media;

pub use copy::{copy_message, copy_or_forward_many, forward_message};
pub use edit::{delete, edit_caption, edit_markup, edit_media, edit_text, pin};
pub use input::{chat_id, content_params, formatted};
pub use media::{send_media, send_media_group};

use crate::bot::Bot;
use crate::calls::Breach;
use crate::entities::Entity;
use crate::markup::Markup;
use crate::methods::{ApiError, Done};
use crate::model::{Chat, Media, Msg, User, UserState, write_message};
use crate::params::Params;
use crate::util::now_us;
use input::{param_formatted, reply_markup, reply_to};
use serde_json::json;
use std::sync::Arc;

fn bad(desc: impl Into<String>) -> ApiError {
    ApiError::new(400, desc)
}

/// What is to be posted.
#[derive(Default, Clone)]
pub struct Draft {
    pub text: Option<Arc<str>>,
    pub entities: Option<Arc<[Entity]>>,
    pub markup: Option<Arc<Markup>>,
    pub media: Option<Media>,
    pub group: u64,
    pub reply_to: i64,
    pub extra: Option<Arc<str>>,
    pub copy_of: Option<(i64, i64)>,
}

/// Flood control for `n` messages to the chat. Chat limits first, then the bot's.
fn admit(bot: &Bot, chat: &mut Chat, n: usize, paid: bool, edit: bool) -> Result<(), ApiError> {
    let lim = bot.limits.read();
    if !lim.enabled || (edit && !lim.edits_count) {
        return Ok(());
    }
    let (now, n) = (now_us(), n as f64);
    let refuse = |scope: &'static str, chat: &mut Chat, s: u32| {
        chat.breaches += 1;
        bot.stats.lock().breach(Breach { at_us: now, scope, chat: chat.id, retry_after: s });
        Err(ApiError {
            retry_after: Some(s),
            ..ApiError::new(429, format!("Too Many Requests: retry after {s}"))
        })
    };
    let group = chat.is_group();
    if let Some(s) = chat.bucket.refuse(now, n, lim.chat(group), &lim) {
        return refuse(if group { "group" } else { "chat" }, chat, s);
    }
    if paid || !lim.is_free_reply(now, chat.heard_us) {
        let mut g = bot.global.lock();
        let (b, rate, scope) = if paid {
            (&mut g.paid, lim.paid(), "paid")
        } else {
            (&mut g.main, lim.global(), "bot")
        };
        if let Some(s) = b.refuse(now, n, rate, &lim) {
            drop(g);
            return refuse(scope, chat, s);
        }
        b.take(n);
    }
    // an album or a bulk copy empties the chat's bucket at most
    chat.bucket.take(n.min(lim.chat(group).burst));
    if paid {
        bot.stats.lock().paid_messages += n as u64;
    }
    Ok(())
}

/// The user behind a private chat, or the error of an unknown chat.
pub fn known_chat(bot: &Bot, id: i64) -> Result<Option<User>, ApiError> {
    if id > 0 {
        if let Some(u) = bot.user(id) {
            return if u.state == UserState::NotFound {
                Err(bad("Bad Request: chat not found"))
            } else {
                Ok(Some(u))
            };
        }
        let cfg = bot.cfg.read();
        if cfg.auto_users {
            drop(cfg);
            return Ok(Some(bot.ensure_user(id)));
        }
        if let Some(p) = cfg.people.iter().find(|p| p.id == id) {
            return Ok(Some(p.user()));
        }
        return Err(bad("Bad Request: chat not found"));
    }
    let found = bot
        .with_chat(id, false, |c| c.group.as_deref().map(|g| (g.migrated_to, g.bot_kicked)))
        .flatten();
    match found {
        None => Err(bad("Bad Request: chat not found")),
        Some((Some(to), _)) => Err(ApiError {
            migrate_to: Some(to),
            ..bad("Bad Request: group chat was upgraded to a supergroup chat")
        }),
        Some((None, true)) => {
            let kind = if id < -1_000_000_000_000 { "supergroup" } else { "group" };
            Err(ApiError::new(403, format!("Forbidden: bot was kicked from the {kind} chat")))
        }
        Some(_) => Ok(None),
    }
}

pub fn reachable(u: Option<&User>) -> Result<(), ApiError> {
    match u.map(|u| u.state) {
        Some(UserState::Blocked) => {
            Err(ApiError::new(403, "Forbidden: bot was blocked by the user"))
        }
        Some(UserState::Deactivated) => Err(ApiError::new(403, "Forbidden: user is deactivated")),
        Some(UserState::NeverStarted) => {
            Err(ApiError::new(403, "Forbidden: bot can't initiate conversation with a user"))
        }
        _ => Ok(()),
    }
}

pub fn make_msg(bot: &Bot, chat: &mut Chat, from: i64, d: Draft) -> Msg {
    Msg {
        id: bot.next_message_id(chat),
        date: bot.unix_now() as u32,
        edited: 0,
        from,
        text: d.text,
        entities: d.entities,
        markup: d.markup,
        media: d.media.map(Box::new),
        group: d.group,
        reply_to: d.reply_to,
        extra: d.extra,
        seq: bot.next_seq(),
        deleted: false,
        pinned: false,
        copy_of: d.copy_of,
        reaction: None,
        at_us: now_us(),
    }
}

struct Posted {
    ids: Vec<i64>,
    json: Vec<u8>,
}

/// Posts the drafts as one request; the JSON is an array of Messages.
fn post(
    bot: &Bot,
    id: i64,
    drafts: Vec<Draft>,
    p: &Params,
    want_json: bool,
) -> Result<Posted, ApiError> {
    let user = known_chat(bot, id)?;
    let reply = reply_to(p)?;
    let paid = p.flag("allow_paid_broadcast");
    bot.with_chat(id, true, |chat| {
        admit(bot, chat, drafts.len(), paid, false)?;
        reachable(user.as_ref())?;
        let mut target = 0;
        if let Some(r) = &reply {
            if chat.msg(r.id).is_some() {
                target = r.id;
            } else if !r.optional {
                return Err(bad("Bad Request: message to be replied not found"));
            }
        }
        let me = bot.me();
        let mut out = Posted { ids: vec![], json: vec![] };
        if want_json {
            out.json.reserve(512);
            out.json.push(b'[');
        }
        for mut d in drafts {
            d.reply_to = target;
            let m = make_msg(bot, chat, 0, d);
            let mid = m.id;
            if want_json {
                if !out.ids.is_empty() {
                    out.json.push(b',');
                }
                write_message(&mut out.json, &me, chat, user.as_ref(), &m, 0);
            }
            out.ids.push(mid);
            chat.push(m);
            chat.draft = None;
            bot.on_reply(chat, mid, false);
            if !bot.cfg.read().keep_messages {
                let keep = chat.msgs.len().saturating_sub(4);
                chat.msgs.drain(..keep);
            }
        }
        if want_json {
            out.json.push(b']');
        }
        Ok(out)
    })
    .unwrap_or_else(|| Err(bad("Bad Request: chat not found")))
}

fn one(bot: &Bot, id: i64, d: Draft, p: &Params) -> Result<Done, ApiError> {
    let text = d.text.clone();
    let posted = post(bot, id, vec![d], p, true)?;
    // the array of one, without its brackets
    let json = posted.json[1..posted.json.len() - 1].to_vec();
    Ok(Done { chat: id, msg: posted.ids[0], text, ..Done::json(json) })
}

pub fn send_message(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    if !p.has("text") {
        return Err(bad("Bad Request: message text is empty"));
    }
    let Some((text, entities)) =
        param_formatted(bot, p, "text", "entities", 4096, "Bad Request: message is too long")?
    else {
        return Err(bad("Bad Request: text must be non-empty"));
    };
    let markup = reply_markup(p)?;
    let id = chat_id(bot, p, "chat_id")?;
    one(bot, id, Draft { text: Some(text), entities, markup, ..Draft::default() }, p)
}

pub fn send_draft(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = chat_id(bot, p, "chat_id")?;
    let f = param_formatted(bot, p, "text", "entities", 4096, "Bad Request: message is too long")?;
    if p.int("draft_id").unwrap_or(0) == 0 {
        return Err(bad("Bad Request: draft_id must be non-zero"));
    }
    let user = known_chat(bot, id)?;
    if id < 0 {
        return Err(bad("Bad Request: drafts can be sent only to private chats"));
    }
    reachable(user.as_ref())?;
    let text = f.map(|f| f.0);
    bot.with_chat(id, true, |c| c.draft = text.as_deref().map(Into::into));
    bot.events.publish(|| json!({"kind": "draft", "chat": id, "text": text.as_deref()}));
    Ok(Done { chat: id, text, ..Done::yes() })
}

pub fn chat_action(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = chat_id(bot, p, "chat_id")?;
    const ACTIONS: [&str; 11] = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    if !p
        .str("action")
        .is_some_and(|a| ACTIONS.contains(&a.to_lowercase().as_str()) || a == "cancel")
    {
        return Err(bad("Bad Request: wrong parameter action in request"));
    }
    let user = known_chat(bot, id)?;
    reachable(user.as_ref())?;
    bot.with_chat(id, true, |c| c.actions += 1);
    let action = p.str("action").unwrap_or_default();
    bot.events.publish(|| json!({"kind": "action", "chat": id, "action": action}));
    Ok(Done { chat: id, ..Done::yes() })
}

/// Sends of kinds that the simulator only keeps: `extra` is the content as JSON fields.
pub fn send_other(bot: &Bot, p: &Params, extra: String) -> Result<Done, ApiError> {
    let markup = reply_markup(p)?;
    let id = chat_id(bot, p, "chat_id")?;
    one(bot, id, Draft { markup, extra: Some(extra.into()), ..Draft::default() }, p)
}
