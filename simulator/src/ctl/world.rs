//! Who and what there is: users, their states, groups, the people of the chat page.

use super::{Res, de, flag, need_int, unknown};
use crate::bot::Bot;
use crate::inject;
use crate::model::{Chat, ChatKind, GroupInfo, Names, User, UserState};
use crate::util::lang_of;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub fn run(bot: &Bot, path: &str, v: Value) -> Res {
    let given = v.as_object().is_some_and(|o| !o.is_empty());
    match path {
        "users" => {
            if given {
                create_users(bot, &v)
            } else {
                let mut states: BTreeMap<String, u64> = BTreeMap::new();
                bot.each_user(|u| *states.entry(name_of(u.state)).or_insert(0) += 1);
                Ok(json!({"users": bot.user_count(), "states": states, "chats": bot.chat_count()}))
            }
        }
        "user" => {
            let id = need_int(&v, "id")?;
            let u = bot.user(id).ok_or("no such user")?;
            Ok(json!({"user": u.json(), "state": u.state}))
        }
        "user_state" => {
            let state: UserState = de(v["state"].clone())?;
            let mut n = 0;
            for id in ids(&v)? {
                inject::set_state(bot, id, state, flag(&v, "tell"));
                n += 1;
            }
            Ok(json!({"changed": n}))
        }
        "block" | "unblock" => {
            let state = if path == "block" { UserState::Blocked } else { UserState::Active };
            let updates: Vec<Value> = ids(&v)?
                .into_iter()
                .map(|id| json!(inject::set_state(bot, id, state, true)))
                .collect();
            Ok(json!({"update_ids": updates}))
        }
        "chats" => create_chats(bot, &v),
        "member" => {
            let (chat, user) = (need_int(&v, "chat")?, need_int(&v, "user")?);
            let status = v["status"].as_str().ok_or("`status` is needed")?.to_string();
            bot.with_chat(chat, false, |c| c.group.as_mut().map(|g| g.members.insert(user, status)))
                .flatten()
                .map_or(Err("no such group".into()), |_| Ok(json!({"ok": true})))
        }
        "people" => Ok(crate::people::overview(bot)),
        _ => Err(unknown(path)),
    }
}

fn name_of(s: UserState) -> String {
    serde_json::to_value(s).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

/// `user`, `users` (a list) or `first` + `count`.
fn ids(v: &Value) -> Result<Vec<i64>, String> {
    if let Some(a) = v["users"].as_array() {
        return Ok(a.iter().filter_map(Value::as_i64).collect());
    }
    if let Some(first) = v["first"].as_i64() {
        return Ok((first..first + v["count"].as_i64().unwrap_or(1)).collect());
    }
    v["user"]
        .as_i64()
        .map(|i| vec![i])
        .ok_or_else(|| "`user`, `users` or `first` + `count` is needed".into())
}

fn create_users(bot: &Bot, v: &Value) -> Res {
    if let Some(list) = v["users"].as_array() {
        for x in list {
            let mut u = User::new(need_int(x, "id")?);
            if !x["state"].is_null() {
                u.state = de(x["state"].clone())?;
            }
            if let Some(l) = x["language"].as_str() {
                u.lang = lang_of(l);
            }
            u.premium = flag(x, "premium");
            if let Some(f) = x["first_name"].as_str() {
                u.names = Some(Box::new(Names {
                    first: f.into(),
                    last: x["last_name"].as_str().map(Into::into),
                    username: x["username"].as_str().map(Into::into),
                }));
            }
            bot.put_user(u);
        }
        return Ok(json!({"created": list.len(), "users": bot.user_count()}));
    }
    let count = v["count"].as_u64().ok_or("`count` or `users` is needed")?;
    let first = v["first"].as_i64().unwrap_or(1_000_000);
    let share = |k: &str| v[k].as_f64().unwrap_or(0.0);
    let parts = [
        (share("blocked"), UserState::Blocked),
        (share("deactivated"), UserState::Deactivated),
        (share("never_started"), UserState::NeverStarted),
        (share("not_found"), UserState::NotFound),
    ];
    let langs: Vec<([u8; 2], f64)> =
        v["languages"].as_object().map_or_else(Vec::new, |o: &Map<String, Value>| {
            o.iter().map(|(k, w)| (lang_of(k), w.as_f64().unwrap_or(0.0))).collect()
        });
    let lang_total: f64 = langs.iter().map(|l| l.1).sum();
    let premium = share("premium");
    let mut rng = fastrand::Rng::with_seed(v["seed"].as_u64().unwrap_or(1));
    // exact counts, in shuffled places
    let mut states: Vec<UserState> = Vec::with_capacity(count as usize);
    for (s, state) in parts {
        let n = (s * count as f64).round() as usize;
        states.extend(std::iter::repeat_n(state, n));
    }
    states.resize(count as usize, UserState::Active);
    rng.shuffle(&mut states);
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    for (i, state) in states.into_iter().enumerate() {
        let mut u = User::new(first + i as i64);
        u.state = state;
        if lang_total > 0.0 {
            let mut pick = rng.f64() * lang_total;
            u.lang = langs
                .iter()
                .find(|(_, w)| {
                    pick -= w;
                    pick < 0.0
                })
                .map_or(*b"en", |l| l.0);
        }
        u.premium = premium > 0.0 && rng.f64() < premium;
        *tally.entry(name_of(state)).or_insert(0) += 1;
        bot.put_user(u);
    }
    Ok(json!({"created": count, "first": first, "states": tally, "users": bot.user_count()}))
}

fn create_chats(bot: &Bot, v: &Value) -> Res {
    let Some(list) = v["chats"].as_array() else { return Err("`chats` is needed".into()) };
    for x in list {
        let id = need_int(x, "id")?;
        if id >= 0 {
            return Err(
                "a group's id is negative, a supergroup's or channel's starts with -100".into()
            );
        }
        let info = GroupInfo {
            title: x["title"].as_str().unwrap_or("Group").into(),
            username: x["username"].as_str().map(Into::into),
            migrated_to: x["migrated_to"].as_i64(),
            members: x["members"]
                .as_object()
                .map(|o| {
                    o.iter()
                        .filter_map(|(k, s)| Some((k.parse().ok()?, s.as_str()?.to_string())))
                        .collect()
                })
                .unwrap_or_default(),
            default_status: x["default_status"].as_str().unwrap_or("left").into(),
            bot_kicked: flag(x, "bot_kicked"),
            next_id: 0,
        };
        if let Some(u) = &info.username {
            bot.names.write().insert(u.trim_start_matches('@').to_lowercase(), id);
        }
        let kind: Option<ChatKind> = match &x["type"] {
            Value::Null => None,
            t => Some(de(t.clone())?),
        };
        bot.with_chat(id, true, |c: &mut Chat| {
            c.group = Some(Box::new(info));
            if let Some(k) = kind {
                c.kind = k;
            }
        });
    }
    Ok(json!({"created": list.len()}))
}
