//! Answers to callback and inline queries, and reactions.

use super::{ApiError, Done, bad, need};
use crate::bot::{Bot, Query};
use crate::files::{FileKind, Files};
use crate::params::Params;
use crate::send;
use crate::spec::spec;
use crate::util::{now_us, utf16_len};
use serde_json::{Value, json};

pub fn reaction(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = send::chat_id(bot, p, "chat_id")?;
    let Some(mid) = p.int("message_id") else {
        return Err(bad("Bad Request: message identifier is not specified"));
    };
    send::known_chat(bot, id)?;
    let given: Option<Box<str>> = p.str("reaction").filter(|r| *r != "[]").map(|r| r.into());
    let done = bot.with_chat(id, true, |c| {
        c.msg_mut(mid)?.reaction = given;
        bot.tell_message(c, mid);
        Some(())
    });
    match done.flatten() {
        Some(()) => Ok(Done { chat: id, msg: mid, ..Done::yes() }),
        None => Err(bad("Bad Request: message to react not found")),
    }
}

fn take_query(
    bot: &Bot,
    map: &mut ahash::AHashMap<String, Query>,
    id: &str,
    answer: Value,
) -> Result<Query, ApiError> {
    let now = now_us();
    let ttl = (bot.cfg.read().callback_ttl_s * 1e6) as u64;
    match map.get_mut(id) {
        Some(q) if now.saturating_sub(q.born_us) <= ttl => {
            q.answer = Some(answer);
            Ok(q.clone())
        }
        _ => Err(bad(
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        )),
    }
}

/// The answer counts as the reply to its update.
fn note_answer(bot: &Bot, q: &Query) {
    let now = now_us();
    let w = bot.with_chat(q.chat, true, |c| {
        let i = c.waiting.iter().position(|w| w.update_id == q.update_id)?;
        c.waiting.remove(i)
    });
    if let Some(w) = w.flatten() {
        bot.stats.lock().latency(now, w.handed_us, w.enqueued_us);
    } else if q.chat == 0 && q.handed_us > 0 {
        bot.stats.lock().latency(now, q.handed_us, q.born_us);
    }
}

pub fn answer_callback(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = need(p, "callback_query_id")?.to_string();
    let text = p.str("text").unwrap_or_default().to_string();
    if utf16_len(&text) > 200 {
        return Err(bad("Bad Request: MESSAGE_TOO_LONG"));
    }
    let answer = json!({"text": text, "show_alert": p.flag("show_alert"), "url": p.str("url")});
    let q = {
        let mut map = bot.callbacks.lock();
        if map.get(&id).is_some_and(|q| q.answer.is_some()) {
            bot.stats.lock().violation(
                spec().method("answerCallbackQuery").map_or(0, |m| m.index),
                "answered a callback query twice".into(),
                false,
            );
        }
        take_query(bot, &mut map, &id, answer)?
    };
    bot.events.publish(
        || json!({"kind": "answer", "id": id, "user": q.user, "chat": q.chat, "answer": q.answer}),
    );
    bot.stats.lock().callbacks_answered += 1;
    note_answer(bot, &q);
    Ok(Done { chat: q.chat, text: Some(text.into()), ..Done::yes() })
}

pub fn answer_inline(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = need(p, "inline_query_id")?.to_string();
    let v = match p.json("results") {
        None => return Err(bad("Bad Request: can't find field \"results\"")),
        Some(Err(())) => {
            return Err(bad("Bad Request: can't parse inline query results JSON object"));
        }
        Some(Ok(v)) => v.into_owned(),
    };
    let Some(a) = v.as_array() else {
        return Err(bad("Bad Request: expected an Array of inline query results"));
    };
    if a.len() > 50 {
        return Err(bad("Bad Request: too many inline query results specified"));
    }
    let mut seen = std::collections::HashSet::new();
    for r in a {
        let Some(t) = r["type"].as_str() else {
            return Err(bad(
                "Bad Request: can't parse inline query result: Can't find field \"type\"",
            ));
        };
        let rid = r["id"].as_str().unwrap_or("");
        if rid.is_empty() || rid.len() > 64 {
            return Err(bad("Bad Request: RESULT_ID_INVALID"));
        }
        if !seen.insert(rid.to_string()) {
            return Err(bad("Bad Request: RESULT_ID_DUPLICATE"));
        }
        let content = &r["input_message_content"];
        if t == "article" && content.is_null() {
            return Err(bad(
                "Bad Request: can't parse inline query result: message_content is empty",
            ));
        }
        if let Some(text) = content["message_text"].as_str() {
            let mode = content["parse_mode"].as_str().unwrap_or("");
            if send::formatted(
                bot,
                text,
                mode,
                content.get("entities"),
                4096,
                "Bad Request: message is too long",
            )?
            .is_none()
            {
                return Err(bad("Bad Request: message text is empty"));
            }
        }
        if let Some(c) = r["caption"].as_str() {
            let mode = r["parse_mode"].as_str().unwrap_or("");
            send::formatted(bot, c, mode, None, 1024, "Bad Request: message caption is too long")?;
        }
        if let Some(k) = r.get("reply_markup").filter(|k| !k.is_null()) {
            crate::markup::parse(k).map_err(bad)?;
        }
        for (k, kind) in [
            ("photo_file_id", FileKind::Photo),
            ("document_file_id", FileKind::Document),
            ("video_file_id", FileKind::Video),
            ("audio_file_id", FileKind::Audio),
        ] {
            if let Some(f) = r[k].as_str() {
                let (have, _) = bot.files.resolve(f).map_err(bad)?;
                Files::type_fits(have, kind).map_err(bad)?;
            }
        }
    }
    if p.str("next_offset").is_some_and(|o| o.len() > 64) {
        return Err(bad("Bad Request: NEXT_OFFSET_INVALID"));
    }
    let answer = json!({"results": v, "next_offset": p.str("next_offset"), "cache_time": p.int("cache_time"), "is_personal": p.flag("is_personal"), "button": p.json("button").and_then(Result::ok)});
    let q = take_query(bot, &mut bot.inlines.lock(), &id, answer)?;
    bot.stats.lock().inline_answered += 1;
    note_answer(bot, &q);
    Ok(Done { chat: q.user, ..Done::yes() })
}
