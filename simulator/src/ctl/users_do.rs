//! What users do, and waiting for what the bot does then.

use super::{Res, need_int, unknown};
use crate::bot::{Bot, Waiter, view};
use crate::files::FileKind;
use crate::inject;
use crate::inline;
use crate::util::now_us;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub async fn run(bot: &Arc<Bot>, path: &str, v: Value) -> Res {
    match path {
        "message" => and_wait(bot, &v, inject::message(bot, &v)?).await,
        "edit" => and_wait(bot, &v, inject::edit(bot, &v)?).await,
        "click" => and_wait(bot, &v, inject::click(bot, &v)?).await,
        "inline" => {
            if let Some(id) = v["id"]
                .as_str()
                .map(str::to_string)
                .or_else(|| v["id"].as_u64().map(|n| n.to_string()))
            {
                return Ok(bot
                    .inlines
                    .lock()
                    .get(&id)
                    .and_then(|q| q.answer.clone())
                    .unwrap_or(Value::Null));
            }
            let r = inline::query(bot, &v)?;
            answered(bot, &v, r, "inline_query_id", true).await
        }
        "callback" => {
            let id = v["id"]
                .as_str()
                .map(str::to_string)
                .or_else(|| v["id"].as_u64().map(|n| n.to_string()))
                .ok_or("`id` is needed")?;
            Ok(bot
                .callbacks
                .lock()
                .get(&id)
                .map_or(Value::Null, |q| json!({"user": q.user, "answer": q.answer})))
        }
        "chosen" => inline::chosen(bot, &v),
        "choose" => inline::choose(bot, &v),
        "update" => inject::raw(bot, &v),
        "file" => {
            let m = inject::make_file(bot, &v, FileKind::Document)?;
            Ok(
                json!({"file_id": bot.files.file_id(m.kind, m.file), "path": bot.files.path_of(m.file)}),
            )
        }
        "file/forget" => {
            let forgotten = bot.files.forget(v["file_id"].as_str())?;
            Ok(json!({"forgotten": forgotten}))
        }
        "wait" => {
            let chat = need_int(&v, "chat")?;
            let since = v["since"]
                .as_u64()
                .unwrap_or_else(|| bot.with_chat(chat, false, |c| c.injected_seq).unwrap_or(0));
            wait(bot, chat, &v, since).await
        }
        _ => Err(unknown(path)),
    }
}

/// An injection may carry `wait`: a regex (or true) for the reply, with `timeout_s`.
async fn and_wait(bot: &Arc<Bot>, v: &Value, mut r: Value) -> Res {
    if v["wait_answer"].as_bool() == Some(true) && r.get("callback_query_id").is_some() {
        r = answered(
            bot,
            &json!({"wait": true, "timeout_s": v["timeout_s"]}),
            r,
            "callback_query_id",
            false,
        )
        .await?;
    }
    let regex = match &v["wait"] {
        Value::Null | Value::Bool(false) => return Ok(r),
        Value::String(s) => json!(s),
        _ => Value::Null,
    };
    let chat = v["chat"].as_i64().or_else(|| v["user"].as_i64()).unwrap_or(0);
    let since = r["since"].as_u64().unwrap_or(0);
    let started = now_us();
    let w = wait(
        bot,
        chat,
        &json!({"regex": regex, "timeout_s": v["timeout_s"], "edits": v["edits"]}),
        since,
    )
    .await?;
    r["reply"] = w["message"].clone();
    r["timed_out"] = w["timed_out"].clone();
    r["waited_ms"] = json!((now_us() - started) as f64 / 1000.0);
    Ok(r)
}

/// Waits until a callback or inline query has its answer.
async fn answered(bot: &Arc<Bot>, v: &Value, mut r: Value, key: &str, inline: bool) -> Res {
    if v["wait"].is_null() || v["wait"] == json!(false) {
        return Ok(r);
    }
    let id = r[key].as_str().unwrap_or("").to_string();
    let end = now_us() + (v["timeout_s"].as_f64().unwrap_or(10.0) * 1e6) as u64;
    loop {
        let map = if inline { &bot.inlines } else { &bot.callbacks };
        if let Some(a) = map.lock().get(&id).and_then(|q| q.answer.clone()) {
            r["answer"] = a;
            return Ok(r);
        }
        if now_us() > end {
            r["answer"] = Value::Null;
            r["timed_out"] = json!(true);
            return Ok(r);
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

async fn wait(bot: &Arc<Bot>, chat: i64, v: &Value, since: u64) -> Res {
    let regex = match v["regex"].as_str() {
        Some(r) => Some(regex::Regex::new(r).map_err(|e| e.to_string())?),
        None => None,
    };
    let edits = v["edits"].as_bool().unwrap_or(true);
    let timeout =
        Duration::from_secs_f64(v["timeout_s"].as_f64().unwrap_or(10.0).clamp(0.0, 3600.0));
    let (tx, rx) = tokio::sync::oneshot::channel();
    // register first, then look: nothing falls between
    bot.waiters.lock().push(Waiter { chat, regex: regex.clone(), since, edits, tx });
    bot.waiter_count.fetch_add(1, Ordering::Release);
    let found = bot.with_chat(chat, false, |c| {
        c.msgs
            .iter()
            .filter(|m| m.from == 0 && !m.deleted && m.seq >= since && (edits || m.edited == 0))
            .filter(|m| regex.as_ref().is_none_or(|r| r.is_match(m.text())))
            .min_by_key(|m| m.seq)
            .map(|m| view(bot, m))
    });
    if let Some(m) = found.flatten() {
        return Ok(json!({"message": m, "timed_out": false}));
    }
    match tokio::time::timeout(timeout, rx).await {
        Ok(Ok(m)) => Ok(json!({"message": m, "timed_out": false})),
        _ => Ok(json!({"message": null, "timed_out": true})),
    }
}
