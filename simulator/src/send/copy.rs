//! Copying and forwarding, single and many.

use super::input::{caption, chat_id, message_ids, reply_markup};
use super::{Draft, bad, known_chat, one, post};
use crate::bot::Bot;
use crate::methods::{ApiError, Done};
use crate::model::{Msg, User};
use crate::params::Params;
use serde_json::{Value, json};
use std::sync::Arc;

fn source(bot: &Bot, from: i64, mid: i64, what: &str) -> Result<Msg, ApiError> {
    bot.with_chat(from, false, |c| c.msg(mid).cloned())
        .flatten()
        .ok_or_else(|| bad(format!("Bad Request: message to {what} not found")))
}

fn draft_of(m: &Msg, from: i64) -> Draft {
    Draft {
        text: m.text.clone(),
        entities: m.entities.clone(),
        markup: None,
        media: m.media.as_deref().cloned(),
        group: 0,
        reply_to: 0,
        extra: m.extra.clone(),
        copy_of: Some((from, m.id)),
    }
}

fn forward_extra(bot: &Bot, m: &Msg, from: i64) -> Arc<str> {
    let origin = if from < -1_000_000_000_000 && m.from == 0 {
        json!({"type": "chat", "date": m.date, "sender_chat": {"id": from, "type": "supergroup", "title": "Group"}})
    } else {
        let user = if m.from == 0 {
            serde_json::from_slice(&bot.me_json).unwrap_or(Value::Null)
        } else {
            bot.user(m.from).unwrap_or_else(|| User::new(m.from)).json()
        };
        json!({"type": "user", "date": m.date, "sender_user": user})
    };
    let mut s = format!("\"forward_origin\":{origin}");
    if let Some(x) = &m.extra {
        s.push(',');
        s.push_str(x);
    }
    s.into()
}

pub fn copy_message(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = chat_id(bot, p, "chat_id")?;
    let from = chat_id(bot, p, "from_chat_id")?;
    let Some(mid) = p.int("message_id") else {
        return Err(bad("Bad Request: message identifier is not specified"));
    };
    known_chat(bot, id)?;
    let m = source(bot, from, mid, "copy")?;
    let mut d = draft_of(&m, from);
    if d.media.is_some() && p.find("caption").is_some() {
        let (t, e) = caption(bot, p)?.map_or((None, None), |(t, e)| (Some(t), e));
        d.text = t;
        d.entities = e;
    }
    d.markup = reply_markup(p)?;
    let text = d.text.clone();
    let posted = post(bot, id, vec![d], p, false)?;
    Ok(Done {
        chat: id,
        msg: posted.ids[0],
        text,
        ..Done::json(format!("{{\"message_id\":{}}}", posted.ids[0]).into_bytes())
    })
}

pub fn forward_message(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = chat_id(bot, p, "chat_id")?;
    let from = chat_id(bot, p, "from_chat_id")?;
    let Some(mid) = p.int("message_id") else {
        return Err(bad("Bad Request: message identifier is not specified"));
    };
    known_chat(bot, id)?;
    let m = source(bot, from, mid, "forward")?;
    let d = Draft { extra: Some(forward_extra(bot, &m, from)), ..draft_of(&m, from) };
    one(bot, id, d, p)
}

pub fn copy_or_forward_many(bot: &Bot, p: &Params, forward: bool) -> Result<Done, ApiError> {
    let id = chat_id(bot, p, "chat_id")?;
    let from = chat_id(bot, p, "from_chat_id")?;
    let ids = message_ids(p)?;
    if ids.windows(2).any(|w| w[0] >= w[1]) {
        return Err(bad("Bad Request: message identifiers must be in a strictly increasing order"));
    }
    known_chat(bot, id)?;
    let drafts: Vec<Draft> = ids
        .iter()
        .filter_map(|i| source(bot, from, *i, "copy").ok())
        .map(|m| {
            let d = draft_of(&m, from);
            if forward { Draft { extra: Some(forward_extra(bot, &m, from)), ..d } } else { d }
        })
        .collect();
    if drafts.is_empty() {
        return Err(bad(if forward {
            "Bad Request: there are no messages to forward"
        } else {
            "Bad Request: there are no messages to copy"
        }));
    }
    let posted = post(bot, id, drafts, p, false)?;
    let json: Vec<Value> = posted.ids.iter().map(|i| json!({"message_id": i})).collect();
    Ok(Done {
        chat: id,
        msg: posted.ids[0],
        ..Done::json(Value::from(json).to_string().into_bytes())
    })
}
