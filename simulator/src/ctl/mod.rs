//! The control side: `/_ctl/…`, JSON in and out. Query parameters and the JSON body are merged.

mod reads;
mod settings;
mod users_do;
mod world;

use crate::bot::Bot;
use crate::bots::Bots;
use crate::http::{Reply, value};
use crate::params::Params;
use crate::spec::spec;
use crate::util::now_us;
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

type Res = Result<Value, String>;

pub async fn handle(bots: &Arc<Bots>, path: &str, query: &str, body: Bytes) -> Reply {
    let mut v: Value = if body.iter().all(u8::is_ascii_whitespace) {
        json!({})
    } else {
        match serde_json::from_slice(&body) {
            Ok(v) => v,
            Err(e) => {
                return Ok(value(400, &json!({"error": format!("the body is not JSON: {e}")})));
            }
        }
    };
    if let Value::Object(o) = &mut v {
        let mut p = Params::default();
        p.add_query(query);
        for (k, x) in p.items {
            if let crate::params::PV::Str(s) = x {
                // numbers and booleans read as such
                let x = match serde_json::from_str::<Value>(&s) {
                    Ok(n @ (Value::Number(_) | Value::Bool(_))) => n,
                    _ => Value::from(s),
                };
                o.entry(k).or_insert(x);
            }
        }
    }
    Ok(match dispatch(bots, path, v).await {
        Ok(v) => value(200, &v),
        Err(e) => value(400, &json!({"error": e})),
    })
}

/// Runs one control call; `bot` in the body picks the bot.
pub async fn dispatch(bots: &Arc<Bots>, path: &str, mut v: Value) -> Res {
    if path == "bots" {
        let list: Vec<Value> = bots
            .all()
            .iter()
            .map(|b| json!({"id": b.id, "username": b.username, "users": b.user_count()}))
            .collect();
        return Ok(json!({"bots": list}));
    }
    if path == "health" || path.is_empty() {
        let uptime_s = now_us() as f64 / 1e6;
        return Ok(json!({"ok": true, "api": spec().version, "uptime_s": uptime_s}));
    }
    let bot = match v.as_object_mut().and_then(|o| o.remove("bot")) {
        None | Some(Value::Null) => bots.pick(None),
        Some(Value::String(s)) => bots.pick(Some(&s)),
        Some(other) => bots.pick(Some(&other.to_string())),
    };
    run(&bot.ok_or("no such bot")?, path, v).await
}

/// The table of control calls, by what they are about.
async fn run(bot: &Arc<Bot>, path: &str, v: Value) -> Res {
    match path {
        "reset" | "config" | "limits" | "faults" | "record" | "clock" | "login" | "queue/clear"
        | "stats/reset" => settings::run(bot, path, v),
        "users" | "user" | "user_state" | "block" | "unblock" | "chats" | "member" | "people" => {
            world::run(bot, path, v)
        }
        "message" | "edit" | "click" | "inline" | "callback" | "chosen" | "choose" | "update"
        | "file" | "file/forget" | "wait" => users_do::run(bot, path, v).await,
        "chat" | "calls" | "deliveries" | "stats" | "violations" | "breaches" | "queue"
        | "webhook" | "flood" | "flood/wait" => reads::run(bot, path, v).await,
        _ => Err(unknown(path)),
    }
}

fn unknown(path: &str) -> String {
    format!("unknown control call /_ctl/{path}")
}

fn flag(v: &Value, k: &str) -> bool {
    v[k].as_bool().unwrap_or(false) || v[k].as_i64() == Some(1)
}

fn need_int(v: &Value, k: &str) -> Result<i64, String> {
    v[k].as_i64().ok_or_else(|| format!("`{k}` is needed (an integer)"))
}

fn de<T: DeserializeOwned>(v: Value) -> Result<T, String> {
    serde_json::from_value(v).map_err(|e| e.to_string())
}

fn merge<T: DeserializeOwned + serde::Serialize>(now: &T, v: Value) -> Result<T, String> {
    let mut base = serde_json::to_value(now).map_err(|e| e.to_string())?;
    if let (Value::Object(b), Value::Object(n)) = (&mut base, v) {
        b.extend(n);
    }
    de(base)
}
