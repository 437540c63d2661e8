//! What the bot did: chats, calls, deliveries, statistics, floods.

use super::{Res, de, flag, need_int, unknown};
use crate::bot::{Bot, view};
use crate::calls::CallRec;
use crate::flood::{self, FloodSpec};
use crate::model::UserState;
use ahash::AHashMap;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub async fn run(bot: &Arc<Bot>, path: &str, v: Value) -> Res {
    let given = v.as_object().is_some_and(|o| !o.is_empty());
    match path {
        "chat" => read_chat(bot, &v),
        "calls" => read_calls(bot, &v),
        "deliveries" => deliveries(bot, &v),
        "stats" => {
            let mut s = bot.stats.lock().json(flag(&v, "series"));
            // one lock after the other: the webhook's scheduler takes them in the other order
            let queued = bot.queue.lock().q.len();
            s["pending_updates"] = json!(queued + bot.webhook.pending());
            s["limits"] = json!(bot.limits.read().describe());
            s["bytes_served"] = json!(bot.bytes_served.load(Ordering::Relaxed));
            Ok(s)
        }
        "violations" => {
            let s = bot.stats.lock();
            Ok(json!({"count": s.violation_count, "violations": s.violations_json()}))
        }
        "breaches" => {
            let s = bot.stats.lock();
            let n = v["limit"].as_u64().unwrap_or(1000) as usize;
            let list: Vec<Value> = s
                .breaches
                .iter()
                .rev()
                .take(n)
                .map(|b| json!({"t": b.at_us as f64 / 1e6, "scope": b.scope, "chat": b.chat, "retry_after": b.retry_after}))
                .collect();
            Ok(json!({"count": s.breach_count, "newest_first": list}))
        }
        "queue" => {
            let handed = bot.stats.lock().handed_out;
            let (hook, webhook_pending, q) = bot.webhook.with_queue(bot);
            Ok(json!({
                "pending": q.q.len(), "next_update_id": q.next_id,
                "confirmed_offset": q.confirmed, "polling": q.is_polled(),
                "polls": q.polls, "handed": handed,
                "webhook": hook.map(|h| h.target.url.clone()),
                "webhook_pending": webhook_pending,
            }))
        }
        "webhook" => Ok(crate::methods::webhook_info(bot)),
        "flood" => {
            if !given {
                return Ok(bot.flood.read().as_ref().map_or(Value::Null, |f| f.report()));
            }
            let spec: FloodSpec = de(v)?;
            let f = flood::start(bot, spec)?;
            if f.spec.wait {
                flood::wait(&f).await;
                return Ok(f.report());
            }
            Ok(json!({"started": true}))
        }
        "flood/wait" => {
            let f = bot.flood.read().clone().ok_or("no flood")?;
            flood::wait(&f).await;
            Ok(f.report())
        }
        _ => Err(unknown(path)),
    }
}

fn read_chat(bot: &Bot, v: &Value) -> Res {
    let id = need_int(v, "id").or_else(|_| need_int(v, "chat"))?;
    let last = v["last"].as_u64().unwrap_or(100) as usize;
    let deleted = flag(v, "deleted");
    let from = v["from"].as_str();
    bot.with_chat(id, false, |c| {
        let mut list: Vec<Value> = c
            .msgs
            .iter()
            .rev()
            .filter(|m| deleted || !m.deleted)
            .filter(|m| match from {
                Some("bot") => m.from == 0,
                Some("user") => m.from != 0,
                _ => true,
            })
            .take(last)
            .map(|m| view(bot, m))
            .collect();
        list.reverse();
        json!({"id": id, "messages": list, "count": c.msgs.len(), "draft": c.draft, "chat_actions": c.actions, "breaches": c.breaches})
    })
    .ok_or_else(|| "no such chat".into())
}

fn read_calls(bot: &Bot, v: &Value) -> Res {
    let method = v["method"].as_str().map(str::to_lowercase);
    let chat = v["chat"].as_i64();
    let since = v["since"].as_u64().unwrap_or(0);
    let status = v["status"].as_u64();
    let limit = v["limit"].as_u64().unwrap_or(1000) as usize;
    let params = v.get("params").is_none_or(|_| flag(v, "params"));
    let newest = flag(v, "newest");
    let c = bot.calls.lock();
    let fits = |r: &&CallRec| {
        r.seq >= since
            && chat.is_none_or(|c| c == r.chat)
            && status.is_none_or(|s| s == u64::from(r.status))
            && method.as_ref().is_none_or(|m| r.method_name().eq_ignore_ascii_case(m))
    };
    let list: Vec<Value> = if newest {
        c.recs.iter().rev().filter(fits).take(limit).map(|r| r.json(params)).collect()
    } else {
        c.recs.iter().filter(fits).take(limit).map(|r| r.json(params)).collect()
    };
    Ok(json!({"calls": list, "next_since": c.next_seq, "held": c.recs.len()}))
}

/// Who got a text (or a copy of a message), how often, and who did not.
fn deliveries(bot: &Bot, v: &Value) -> Res {
    let contains = v["contains"].as_str();
    let copy_of = v["copy_of"].as_i64();
    if contains.is_none() && copy_of.is_none() {
        return Err("`contains` (a substring) or `copy_of` (a message id) is needed".into());
    }
    let (first, last) = (v["first"].as_i64().unwrap_or(1), v["last"].as_i64().unwrap_or(i64::MAX));
    let show = v["show"].as_u64().unwrap_or(20) as usize;
    let since_us = (v["since_t"].as_f64().unwrap_or(0.0) * 1e6) as u64;
    let mut got: AHashMap<i64, u32> = AHashMap::new();
    let mut twice = vec![];
    let (mut messages, mut from_us, mut to_us) = (0u64, u64::MAX, 0u64);
    bot.each_chat(|c| {
        if c.id < first || c.id > last {
            return;
        }
        let mut n = 0u32;
        for m in c.msgs.iter().filter(|m| m.from == 0 && m.at_us >= since_us) {
            let hit = contains.is_none_or(|s| m.text().contains(s))
                && copy_of.is_none_or(|i| m.copy_of.is_some_and(|c| c.1 == i));
            if hit {
                n += 1;
                from_us = from_us.min(m.at_us);
                to_us = to_us.max(m.at_us);
            }
        }
        if n > 0 {
            got.insert(c.id, n);
            messages += u64::from(n);
        }
        if n > 1 {
            twice.push(c.id);
        }
    });
    let mut missing = vec![];
    let mut active = 0u64;
    bot.each_user(|u| {
        if u.id >= first && u.id <= last && u.state == UserState::Active {
            active += 1;
            if !got.contains_key(&u.id) {
                missing.push(u.id);
            }
        }
    });
    missing.sort_unstable();
    twice.sort_unstable();
    let duplicates: u64 = got.values().map(|n| u64::from(*n - 1)).sum();
    let mut out = json!({
        "chats": got.len(), "messages": messages, "duplicates": duplicates, "duplicate_chats": twice.len(),
        "active_users": active, "undelivered": missing.len(),
        "span_s": if to_us > 0 { (to_us - from_us) as f64 / 1e6 } else { 0.0 },
        "first_t": if to_us > 0 { from_us as f64 / 1e6 } else { 0.0 }, "last_t": to_us as f64 / 1e6,
        "duplicate_ids": twice.iter().take(show).collect::<Vec<_>>(), "undelivered_ids": missing.iter().take(show).collect::<Vec<_>>(),
    });
    if flag(v, "per_chat") {
        let map: BTreeMap<String, u32> = got.iter().map(|(k, n)| (k.to_string(), *n)).collect();
        out["per_chat"] = json!(map);
    }
    Ok(out)
}
