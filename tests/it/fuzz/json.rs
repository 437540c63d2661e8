//! JSON that nobody meant: trees of chance, and real ones with something changed.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Names that a reader of Telegram's or our own JSON looks for.
const NAMES: [&str; 40] = [
    "update_id",
    "message",
    "callback_query",
    "inline_query",
    "my_chat_member",
    "edited_message",
    "chat",
    "from",
    "id",
    "type",
    "text",
    "entities",
    "offset",
    "length",
    "document",
    "file_id",
    "file_unique_id",
    "file_size",
    "caption",
    "message_id",
    "message_thread_id",
    "is_topic_message",
    "sender_chat",
    "via_bot",
    "forward_origin",
    "data",
    "query",
    "new_chat_member",
    "status",
    "user",
    "photo",
    "date",
    "first_name",
    "language_code",
    "dialog",
    "step",
    "description",
    "form",
    "session",
    "body",
];

/// A tree of chance.
pub fn tree(rng: &mut Rng, depth: usize) -> Value {
    match rng.u8(0..if depth == 0 { 8 } else { 11 }) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i64(..)),
        3 => json!(rng.u64(..)),
        4 => json!(rng.i64(-5..5)),
        5 => json!((rng.f64() - 0.5) * 1e300),
        6 => json!((0..rng.usize(0..12)).map(|_| rng.char(..)).collect::<String>()),
        7 => json!(
            *rng.choice(&[
                "private",
                "supergroup",
                "channel",
                "/start",
                "member",
                "kicked",
                "idle",
                "upload"
            ])
            .unwrap()
        ),
        8 => Value::Array((0..rng.usize(0..4)).map(|_| tree(rng, depth - 1)).collect()),
        _ => {
            let count = rng.usize(0..6);
            let fields = (0..count)
                .map(|_| ((*rng.choice(&NAMES).unwrap()).to_owned(), tree(rng, depth - 1)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
    }
}

/// How many values a tree has.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

/// Changes one value somewhere: another one, gone, twice, or under another name.
pub fn change(rng: &mut Rng, value: &mut Value) {
    let mut at = rng.usize(..size(value));
    change_at(rng, value, &mut at);
}

fn change_at(rng: &mut Rng, value: &mut Value, at: &mut usize) -> bool {
    if *at == 0 {
        *value = match value {
            Value::Number(_) if rng.bool() => {
                json!(*rng.choice(&[i64::MIN, -1, 0, 1, i64::MAX]).unwrap())
            }
            Value::String(text) if rng.bool() => json!(text.repeat(rng.usize(0..50))),
            _ => tree(rng, 2),
        };
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(items) => {
            if let Some(first) = items.first().filter(|_| rng.u8(0..20) == 0).cloned() {
                items.push(first);
            }
            items.iter_mut().any(|item| change_at(rng, item, at))
        }
        Value::Object(fields) => {
            if rng.u8(0..20) == 0 {
                let name = (*rng.choice(&NAMES).unwrap()).to_owned();
                fields.insert(name, tree(rng, 2));
            }
            fields.values_mut().any(|field| change_at(rng, field, at))
        }
        _ => false,
    }
}

/// Changes bytes: some of them, what is between two places, or the end.
pub fn damage(rng: &mut Rng, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..rng.usize(1..4) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.usize(..bytes.len());
        match rng.u8(0..4) {
            0 => bytes[at] = rng.u8(..),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..(at + rng.usize(0..20)).min(bytes.len()))),
            _ => bytes.insert(at, *rng.choice(b"{}[]\",:\\0-e").unwrap()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
