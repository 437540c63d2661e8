//! What the sending methods read from their parameters: chats, texts, keyboards, files.

use super::bad;
use crate::bot::Bot;
use crate::entities::{self, Entity};
use crate::files::{Content, FileKind, FileRec, Files};
use crate::markup::{self, Markup};
use crate::methods::ApiError;
use crate::params::{PV, Params};
use crate::util::{hash64, utf16_len};
use serde_json::{Value, json};
use std::sync::Arc;

const MB: u64 = 1 << 20;

pub struct ReplyTo {
    pub id: i64,
    pub optional: bool,
}

/// `chat_id`: a number or @username.
pub fn chat_id(bot: &Bot, p: &Params, name: &str) -> Result<i64, ApiError> {
    let Some(s) = p.str(name).filter(|s| !s.is_empty()) else {
        return Err(bad(format!("Bad Request: {name} is empty")));
    };
    if let Ok(i) = s.trim().parse::<i64>() {
        return if i == 0 { Err(bad("Bad Request: chat not found")) } else { Ok(i) };
    }
    if let Some(u) = s.strip_prefix('@') {
        return bot
            .names
            .read()
            .get(&u.to_lowercase())
            .copied()
            .ok_or_else(|| bad("Bad Request: chat not found"));
    }
    Err(bad("Bad Request: chat not found"))
}

pub type Formatted = (Arc<str>, Option<Arc<[Entity]>>);

/// Parses, trims and measures a text. `Ok(None)` when it is absent or ends up empty.
pub fn formatted(
    bot: &Bot,
    text: &str,
    mode: &str,
    ents: Option<&Value>,
    max: usize,
    too_long: &str,
) -> Result<Option<Formatted>, ApiError> {
    let (mut t, mut e) = entities::parse_mode(text, mode).map_err(bad)?;
    if mode.is_empty()
        && let Some(v) = ents
    {
        e = entities::from_json(v, &t).map_err(bad)?;
    }
    entities::trim(&mut t, &mut e);
    if t.is_empty() {
        return Ok(None);
    }
    if utf16_len(&t) > max {
        return Err(bad(too_long));
    }
    entities::auto(&t, &mut e);
    Ok(Some((bot.intern(&t), (!e.is_empty()).then(|| e.into()))))
}

pub fn param_formatted(
    bot: &Bot,
    p: &Params,
    text: &str,
    ents: &str,
    max: usize,
    too_long: &str,
) -> Result<Option<Formatted>, ApiError> {
    let Some(t) = p.str(text) else { return Ok(None) };
    let mode = p.str("parse_mode").unwrap_or_default();
    let ev = match p.json(ents) {
        Some(Err(())) => return Err(bad(format!("Bad Request: can't parse {ents} JSON object"))),
        Some(Ok(v)) => Some(v),
        None => None,
    };
    formatted(bot, &t, &mode, ev.as_deref(), max, too_long)
}

pub fn caption(bot: &Bot, p: &Params) -> Result<Option<Formatted>, ApiError> {
    param_formatted(
        bot,
        p,
        "caption",
        "caption_entities",
        1024,
        "Bad Request: message caption is too long",
    )
}

pub fn reply_markup(p: &Params) -> Result<Option<Arc<Markup>>, ApiError> {
    match p.json("reply_markup") {
        None => Ok(None),
        Some(Err(())) => Err(bad("Bad Request: can't parse reply keyboard markup JSON object")),
        Some(Ok(v)) => Ok(markup::parse(&v).map_err(bad)?.map(Arc::new)),
    }
}

pub fn reply_to(p: &Params) -> Result<Option<ReplyTo>, ApiError> {
    match p.json("reply_parameters") {
        None => Ok(p
            .int("reply_to_message_id")
            .map(|id| ReplyTo { id, optional: p.flag("allow_sending_without_reply") })),
        Some(Err(())) => Err(bad("Bad Request: can't parse reply parameters JSON object")),
        Some(Ok(v)) => {
            if !v.is_object() {
                return Err(bad("Bad Request: object expected as reply parameters"));
            }
            let id = v["message_id"].as_i64().or_else(|| v["message_id"].as_str()?.parse().ok());
            Ok(id.map(|id| ReplyTo {
                id,
                optional: v["allow_sending_without_reply"].as_bool().unwrap_or(false),
            }))
        }
    }
}

/// A file given as a new upload, an attach:// reference, a URL, a file_id or (local mode) a path.
pub fn input_file(
    bot: &Bot,
    p: &mut Params,
    value: Option<&str>,
    field: &str,
    kind: FileKind,
) -> Result<u32, ApiError> {
    let (local, limit) = {
        let local = bot.cfg.read().local;
        (local, if local { 2000 * MB } else { 50 * MB })
    };
    let name = match value {
        None if p.file(field).is_some() => Some(field.to_string()),
        Some(v) => v.strip_prefix("attach://").map(str::to_string),
        None => None,
    };
    if let Some(name) = name {
        let Some(u) = p.file(&name) else {
            return Err(bad(
                "Bad Request: invalid file HTTP URL specified: Unsupported URL protocol",
            ));
        };
        let limit = if kind == FileKind::Photo { limit.min(10 * MB) } else { limit };
        if u.size > limit {
            return Err(bad("Bad Request: file is too big"));
        }
        if u.size == 0 {
            return Err(bad("Bad Request: file must be non-empty"));
        }
        let Some(u) = p.take_file(&name) else {
            return Err(bad("Bad Request: file must be non-empty"));
        };
        return Ok(bot.files.add_upload(kind, u));
    }
    let v = value.unwrap_or("");
    if v.is_empty() {
        return Err(bad(format!(
            "Bad Request: there is no {} in the request",
            field.replace('_', " ")
        )));
    }
    if let Some(path) =
        v.strip_prefix("file://").or_else(|| v.starts_with('/').then_some(v)).filter(|_| local)
    {
        let Ok(meta) = std::fs::metadata(path) else {
            return Err(bad(format!("Bad Request: invalid file path specified: {path}")));
        };
        if meta.len() > limit {
            return Err(bad("Bad Request: file is too big"));
        }
        return Ok(bot.files.add(FileRec {
            kind,
            size: meta.len(),
            name: std::path::Path::new(path).file_name().map(|n| n.to_string_lossy().into()),
            mime: None,
            content: Content::Path(path.into()),
            hash: hash64(path.as_bytes()) ^ meta.len(),
            dims: (0, 0),
            duration: 0,
        }));
    }
    if v.starts_with("http://") || v.starts_with("https://") {
        // Telegram would fetch it; here it becomes a synthetic file
        let name =
            v.split(['?', '#']).next().and_then(|u| u.rsplit('/').next()).filter(|n| !n.is_empty());
        return Ok(bot.files.add_synthetic(kind, 100_000, name, None));
    }
    if v.contains("://") {
        return Err(bad("Bad Request: invalid file HTTP URL specified: Unsupported URL protocol"));
    }
    let (have, ix) = bot.files.resolve(v).map_err(bad)?;
    Files::type_fits(have, kind).map_err(bad)?;
    Ok(ix)
}

pub fn message_ids(p: &Params) -> Result<Vec<i64>, ApiError> {
    let v = match p.json("message_ids") {
        None => return Err(bad("Bad Request: message identifiers are not specified")),
        Some(Err(())) => {
            return Err(bad("Bad Request: can't parse message identifiers JSON object"));
        }
        Some(Ok(v)) => v,
    };
    let Some(a) = v.as_array() else {
        return Err(bad("Bad Request: expected an Array of message identifiers"));
    };
    if a.len() > 100 {
        return Err(bad("Bad Request: too many message identifiers specified"));
    }
    if a.is_empty() {
        return Err(bad("Bad Request: message identifiers are not specified"));
    }
    a.iter()
        .map(|x| {
            x.as_i64()
                .or_else(|| x.as_str()?.parse().ok())
                .ok_or_else(|| bad("Bad Request: message identifier must be a Number"))
        })
        .collect()
}

/// Takes the method's parameters that are content (not addressing) as one object.
pub fn content_params(p: &Params, fields: &[&str]) -> Value {
    let mut m = serde_json::Map::new();
    for (k, v) in &p.items {
        if fields.contains(&k.as_str()) {
            let v = match v {
                PV::Str(s) => serde_json::from_str(s).unwrap_or_else(|_| Value::from(s.as_str())),
                PV::Json(v) => v.clone(),
                PV::File(u) => json!(u.filename),
            };
            m.insert(k.clone(), v);
        }
    }
    Value::Object(m)
}
