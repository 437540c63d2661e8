//! Methods without a behaviour of their own: a plausible value of their return type.

use super::{ApiError, Done, bad};
use crate::bot::Bot;
use crate::params::Params;
use crate::send;
use crate::spec::{Method, Ty, spec};
use serde_json::{Value, json};

fn snake(s: &str) -> String {
    let mut out = String::new();
    for (i, c) in s.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Methods without a behaviour of their own.
pub fn generic(bot: &Bot, m: &Method, p: &Params) -> Result<Done, ApiError> {
    let s = spec();
    for f in m.fields.iter().filter(|f| f.required) {
        if !p.has(&f.name) {
            return Err(bad(format!("Bad Request: {} is empty", f.name)));
        }
    }
    let is_message = m.returns.iter().any(|t| s.type_name(t) == "Message");
    if let Some(kind) = m.name.strip_prefix("send").filter(|_| is_message && p.has("chat_id")) {
        let kind = snake(kind);
        let message = s.type_by_name("Message");
        let extra = match message.and_then(|t| t.field(&kind)) {
            Some(f) => {
                let mut v = f.types.first().map_or(Value::Null, |t| s.sample(t, 0));
                let names: Vec<&str> = m.fields.iter().map(|f| f.name.as_str()).collect();
                if let (Value::Object(o), Value::Object(given)) =
                    (&mut v, send::content_params(p, &names))
                {
                    for (k, x) in given {
                        if o.contains_key(&k) {
                            o.insert(k, x);
                        }
                    }
                }
                if kind == "dice" {
                    v = json!({"emoji": p.str("emoji").unwrap_or("🎲".into()), "value": fastrand::u8(1..=6)});
                }
                format!("{}:{v}", json!(kind))
            }
            None => format!("{}:{}", json!(kind), send::content_params(p, &[kind.as_str()])),
        };
        return send::send_other(bot, p, extra);
    }
    if p.has("chat_id") {
        let id = send::chat_id(bot, p, "chat_id")?;
        send::known_chat(bot, id)?;
        if is_message {
            let mid = p.int("message_id").unwrap_or(0);
            let user = bot.user(id);
            let found = bot.with_chat(id, false, |c| {
                let msg = c.msg(mid)?.clone();
                let mut out = vec![];
                crate::model::write_message(&mut out, &bot.me(), c, user.as_ref(), &msg, 0);
                Some(out)
            });
            return match found.flatten() {
                Some(out) => Ok(Done { chat: id, msg: mid, ..Done::json(out) }),
                None if m.returns.contains(&Ty::Bool) && p.has("inline_message_id") => {
                    Ok(Done::yes())
                }
                None => Err(bad("Bad Request: message to edit not found")),
            };
        }
    }
    let t = m.returns.iter().find(|t| **t == Ty::Bool).or_else(|| m.returns.first());
    let v = match t {
        Some(Ty::Bool) | None => json!(true),
        Some(Ty::Str) if m.name.contains("Link") => json!("https://t.me/+simulated"),
        Some(t) => s.sample(t, 0),
    };
    Ok(Done { chat: p.int("chat_id").unwrap_or(0), ..Done::value(&v) })
}
