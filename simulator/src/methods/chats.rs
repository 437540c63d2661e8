//! Reading chats and their members.

use super::{ApiError, Done, bad};
use crate::bot::Bot;
use crate::model::UserState;
use crate::params::Params;
use crate::send;
use crate::spec::spec;
use serde_json::{Value, json};

pub fn get_chat(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = send::chat_id(bot, p, "chat_id")?;
    let user = send::known_chat(bot, id)?;
    let mut b = vec![];
    bot.with_chat(id, true, |c| c.write_chat(user.as_ref(), &mut b));
    let mut v: Value = serde_json::from_slice(&b).unwrap_or_default();
    let info = spec().type_by_name("ChatFullInfo");
    for f in info.into_iter().flat_map(|t| &t.fields).filter(|f| f.required) {
        if v.get(&f.name).is_none() {
            v[&f.name] = f.types.first().map_or(Value::Null, |t| spec().sample(t, 0));
        }
    }
    Ok(Done { chat: id, ..Done::value(&v) })
}

pub fn get_chat_member(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = send::chat_id(bot, p, "chat_id")?;
    send::known_chat(bot, id)?;
    let Some(uid) = p.int("user_id") else {
        return Err(bad("Bad Request: invalid user_id specified"));
    };
    let me: Value = serde_json::from_slice(&bot.me_json).unwrap_or_default();
    let v = if uid == bot.id {
        json!({"status": if id > 0 { "member" } else { "administrator" }, "user": me, "can_be_edited": false, "is_anonymous": false})
    } else {
        let Some(user) = bot.user(uid).filter(|u| u.state != UserState::NotFound) else {
            return Err(bad("Bad Request: user not found"));
        };
        let status = bot
            .with_chat(id, false, |c| {
                c.group.as_ref().map(|g| {
                    g.members.get(&uid).cloned().unwrap_or_else(|| g.default_status.clone())
                })
            })
            .flatten()
            .unwrap_or_else(|| "member".into());
        let mut v = json!({"status": status, "user": user.json()});
        match status.as_str() {
            "kicked" => v["until_date"] = json!(0),
            "creator" => v["is_anonymous"] = json!(false),
            _ => {}
        }
        v
    };
    Ok(Done { chat: id, ..Done::value(&v) })
}

pub fn get_administrators(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = send::chat_id(bot, p, "chat_id")?;
    send::known_chat(bot, id)?;
    let me: Value = serde_json::from_slice(&bot.me_json).unwrap_or_default();
    let entry = |status: &str, user: Value| json!({"status": status, "user": user, "can_be_edited": false, "is_anonymous": false});
    let mut out = vec![entry("administrator", me)];
    let members = bot
        .with_chat(id, false, |c| c.group.as_ref().map(|g| g.members.clone()))
        .flatten()
        .unwrap_or_default();
    for (user, status) in members {
        if matches!(status.as_str(), "creator" | "administrator") {
            out.push(entry(&status, bot.ensure_user(user).json()));
        }
    }
    Ok(Done { chat: id, ..Done::value(&Value::from(out)) })
}

pub fn get_member_count(bot: &Bot, p: &Params) -> Result<Done, ApiError> {
    let id = send::chat_id(bot, p, "chat_id")?;
    send::known_chat(bot, id)?;
    let count = bot
        .with_chat(id, false, |c| c.group.as_ref().map_or(2, |g| g.members.len() + 1))
        .unwrap_or(2);
    Ok(Done { chat: id, ..Done::value(&json!(count)) })
}
