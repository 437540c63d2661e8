//! Inline mode as users have it: they type a query, see results and send one of them.

use crate::bot::{Bot, Query};
use crate::files::FileKind;
use crate::inject::{kind, post_as_user, user_json};
use crate::model::Media;
use crate::send::{Draft, formatted};
use crate::updates::{NewUpd, enqueue};
use crate::util::now_us;
use serde_json::{Value, json};
use std::sync::Arc;

/// A user types `@bot query`.
pub fn query(bot: &Bot, v: &Value) -> Result<Value, String> {
    let user = v["user"].as_i64().ok_or("`user` is needed")?;
    let qid = (fastrand::u64(1 << 60..1 << 62)).to_string();
    let q = json!({
        "id": qid, "from": user_json(bot, user), "query": v["query"].as_str().unwrap_or(""),
        "offset": v["offset"].as_str().unwrap_or(""),
        "chat_type": v["chat_type"].as_str().unwrap_or("sender"),
    });
    let body = format!("\"inline_query\":{q}").into_bytes();
    let waiting =
        Query { user, chat: 0, update_id: 0, born_us: now_us(), handed_us: 0, answer: None };
    bot.inlines.lock().insert(qid.clone(), waiting);
    let id = enqueue(
        bot,
        NewUpd {
            kind: kind("inline_query"),
            chat: 0,
            user,
            flood: None,
            query: Some(qid.clone().into()),
            body,
        },
    );
    Ok(json!({"inline_query_id": qid, "update_ids": [id]}))
}

/// Tells the bot which result was chosen (what Telegram does when inline feedback is on).
pub fn chosen(bot: &Bot, v: &Value) -> Result<Value, String> {
    let user = v["user"].as_i64().ok_or("`user` is needed")?;
    let result_id = v["result_id"].as_str().ok_or("`result_id` is needed")?;
    let mut q = json!({
        "result_id": result_id, "from": user_json(bot, user),
        "query": v["query"].as_str().unwrap_or(""),
    });
    if let Some(m) = v["inline_message_id"].as_str() {
        q["inline_message_id"] = json!(m);
    }
    let body = format!("\"chosen_inline_result\":{q}").into_bytes();
    let id = enqueue(
        bot,
        NewUpd {
            kind: kind("chosen_inline_result"),
            chat: user,
            user,
            flood: None,
            query: None,
            body,
        },
    );
    Ok(json!({"update_ids": [id]}))
}

/// Sends a result of an answered query into a chat (by default the user's with the bot): a message
/// of the user's `via_bot`, and the chosen_inline_result.
pub fn choose(bot: &Bot, v: &Value) -> Result<Value, String> {
    let user = v["user"].as_i64().ok_or("`user` is needed")?;
    let chat = v["chat"].as_i64().unwrap_or(user);
    let qid = v["inline_query_id"].as_str().ok_or("`inline_query_id` is needed")?;
    let result_id = v["result_id"].as_str().ok_or("`result_id` is needed")?;
    let answer = bot.inlines.lock().get(qid).and_then(|q| q.answer.clone());
    let answer = answer.ok_or("the query has no answer")?;
    let results = answer["results"].as_array().map_or(&[][..], Vec::as_slice);
    let result = results
        .iter()
        .find(|r| r["id"].as_str() == Some(result_id))
        .ok_or("the answer has no such result")?;
    let mut sent = post_as_user(bot, chat, user, vec![draft(bot, result)?]);
    let told = chosen(bot, v)?;
    sent["chosen_update_ids"] = told["update_ids"].clone();
    Ok(sent)
}

fn draft(bot: &Bot, result: &Value) -> Result<Draft, String> {
    let me: Value = serde_json::from_slice(&bot.me_json).unwrap_or_default();
    let content = &result["input_message_content"];
    let (text, mode, entities, max) = match content["message_text"].as_str() {
        Some(t) => (Some(t), &content["parse_mode"], content.get("entities"), 4096),
        None => {
            let entities = result.get("caption_entities");
            (result["caption"].as_str(), &result["parse_mode"], entities, 1024)
        }
    };
    let parsed = match text {
        Some(t) => {
            formatted(bot, t, mode.as_str().unwrap_or(""), entities, max, "the text is too long")
                .map_err(|e| e.desc)?
        }
        None => None,
    };
    let (text, entities) = parsed.map_or((None, None), |(t, e)| (Some(t), e));
    let media = if content.is_null() { Some(media(bot, result)?) } else { None };
    let markup = match result.get("reply_markup") {
        Some(k) if !k.is_null() => crate::markup::parse(k)?.map(Arc::new),
        _ => None,
    };
    let extra = Some(format!("\"via_bot\":{me}").into());
    Ok(Draft { text, entities, media, markup, extra, ..Draft::default() })
}

/// The file of a result: a cached one by its id, one from the web as a synthetic file.
fn media(bot: &Bot, result: &Value) -> Result<Media, String> {
    let kind_name = match result["type"].as_str().unwrap_or("") {
        "gif" | "mpeg4_gif" => "animation",
        other => other,
    };
    let fits = FileKind::from_field(kind_name);
    let kind = fits.ok_or_else(|| format!("a result of the type {kind_name} is not supported"))?;
    let fields = result.as_object().into_iter().flatten();
    let cached =
        fields.filter(|(name, _)| name.ends_with("_file_id")).find_map(|(_, v)| v.as_str());
    let file = match cached {
        Some(id) => bot.files.resolve(id)?.1,
        None => bot.files.add_synthetic(kind, 100_000, result["title"].as_str(), None),
    };
    Ok(Media { kind, file, spoiler: false })
}
