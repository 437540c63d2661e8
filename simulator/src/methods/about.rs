//! What the bot says of itself: getMe, names, descriptions, commands.

use super::{ApiError, Done, bad};
use crate::bot::Bot;
use crate::params::Params;
use crate::util::utf16_len;
use serde_json::{Value, json};

pub fn get_me(bot: &Bot) -> Done {
    let mut me: Value = serde_json::from_slice(&bot.me_json).unwrap_or_default();
    for (k, v) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", false),
        ("supports_inline_queries", true),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
        ("has_topics_enabled", false),
        ("allows_users_to_create_topics", false),
        ("can_manage_bots", false),
    ] {
        me[k] = json!(v);
    }
    Done::value(&me)
}

/// Under which key a text (name, description, …) in a language is kept: `MyNameru`.
fn text_key(method: &str, p: &Params) -> String {
    format!("{}{}", &method[3..], p.str("language_code").unwrap_or_default())
}

/// setMyName, setMyDescription, setMyShortDescription.
pub fn set_text(bot: &Bot, method: &str, p: &Params) -> Done {
    let field = own_field(method);
    let text = p.str(field).unwrap_or_default();
    bot.misc.lock().insert(text_key(method, p), json!({field: text}));
    bot.events.publish(|| json!({"kind": "about"}));
    Done::yes()
}

/// getMyName, getMyDescription, getMyShortDescription.
pub fn get_text(bot: &Bot, method: &str, p: &Params) -> Done {
    let field = own_field(method);
    let kept = bot.misc.lock().get(&text_key(method, p)).cloned();
    let default = if field == "name" { "Simulated bot" } else { "" };
    Done::value(&kept.unwrap_or_else(|| json!({field: default})))
}

pub fn get_commands(bot: &Bot, p: &Params) -> Done {
    let kept = bot.commands.lock().get(&scope_key(p)).cloned();
    Done::value(&kept.unwrap_or_else(|| json!([])))
}

pub fn delete_commands(bot: &Bot, p: &Params) -> Done {
    bot.commands.lock().remove(&scope_key(p));
    bot.events.publish(|| json!({"kind": "about"}));
    Done::yes()
}

fn own_field(method: &str) -> &'static str {
    if method.ends_with("ShortDescription") {
        "short_description"
    } else if method.ends_with("Description") {
        "description"
    } else {
        "name"
    }
}

fn scope_key(p: &Params) -> String {
    let scope = match p.json("scope") {
        Some(Ok(v)) => v.to_string(),
        _ => json!({"type": "default"}).to_string(),
    };
    format!("{scope}|{}", p.str("language_code").unwrap_or_default())
}

pub fn set_commands(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let v = match p.json("commands") {
        None => return Err(bad("Bad Request: commands is empty")),
        Some(Err(())) => return Err(bad("Bad Request: can't parse commands JSON object")),
        Some(Ok(v)) => v,
    };
    let Some(a) = v.as_array() else {
        return Err(bad("Bad Request: expected an Array of BotCommand"));
    };
    if a.len() > 100 {
        return Err(bad("Bad Request: BOT_COMMANDS_TOO_MUCH"));
    }
    let mut out = vec![];
    for c in a {
        let (Some(name), Some(desc)) = (c["command"].as_str(), c["description"].as_str()) else {
            return Err(bad("Bad Request: can't parse BotCommand: Can't find field \"command\""));
        };
        let name = name.strip_prefix('/').unwrap_or(name);
        if name.is_empty()
            || name.len() > 32
            || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            return Err(bad("Bad Request: BOT_COMMAND_INVALID"));
        }
        if desc.trim().is_empty() || utf16_len(desc) > 256 {
            return Err(bad("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"));
        }
        out.push(json!({"command": name, "description": desc}));
    }
    let mut cmds = bot.commands.lock();
    if out.is_empty() {
        cmds.remove(&scope_key(p));
    } else {
        cmds.insert(scope_key(p), Value::from(out));
    }
    drop(cmds);
    bot.events.publish(|| json!({"kind": "about"}));
    Ok(Done::yes())
}
