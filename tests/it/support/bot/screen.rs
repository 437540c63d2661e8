//! What a person sees, as text for snapshots.

use serde_json::{Value, json};

use super::Bot;

/// What the bot showed in a chat in answer to something: new messages and edits, in their order.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The simulator's views of the messages.
    pub messages: Vec<Value>,
    /// The toast of an answered press; empty when there was none.
    pub toast: String,
}

impl Reply {
    /// All messages as text, with `[buttons]`, `<files>` and a mark on edits.
    pub fn screen(&self) -> String {
        let mut pieces: Vec<String> = Vec::new();
        if !self.toast.is_empty() {
            pieces.push(format!("(toast) {}", self.toast));
        }
        pieces.extend(self.messages.iter().map(show));
        pieces.join("\n---\n")
    }

    /// The only message; none or several fail the test.
    #[track_caller]
    pub fn only(&self) -> &Value {
        assert_eq!(self.messages.len(), 1, "one message, not:\n{}", self.screen());
        &self.messages[0]
    }

    /// The text of the last message.
    #[track_caller]
    pub fn text(&self) -> &str {
        text_of(self.messages.last().expect("an answer"))
    }

    /// Whether nothing was shown.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The callback data of the first button whose text contains `label`.
    #[track_caller]
    pub fn button_data(&self, label: &str) -> String {
        let buttons = self.messages.iter().flat_map(buttons_of);
        let found = buttons.flatten().find(|b| b["text"].as_str().unwrap().contains(label));
        let found = found.unwrap_or_else(|| panic!("no button {label} in:\n{}", self.screen()));
        found["data"].as_str().expect("a callback button").to_owned()
    }
}

/// A message as a person sees it.
pub fn show(message: &Value) -> String {
    let mut lines: Vec<String> = Vec::new();
    if message["edit_date"].is_number() {
        lines.push("(edited)".to_owned());
    }
    if let Some(kind) = message["media"]["type"].as_str() {
        lines.push(format!("<{kind} {}>", message["media"]["name"].as_str().unwrap_or("-")));
    }
    if let Some(text) = message["text"].as_str() {
        lines.push(text.to_owned());
    }
    for row in buttons_of(message) {
        let labels = row.iter().map(|button| format!("[{}]", button["text"].as_str().unwrap()));
        lines.push(labels.collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}

/// The text of a message; empty for a file without caption.
pub fn text_of(message: &Value) -> &str {
    message["text"].as_str().unwrap_or_default()
}

fn buttons_of(message: &Value) -> Vec<Vec<Value>> {
    serde_json::from_value(message["buttons"].clone()).unwrap_or_default()
}

impl Bot {
    /// All that the bot shows in a chat now, oldest first.
    pub async fn shown_by_bot(&self, chat: i64) -> Vec<Value> {
        let known = self.simulator.ctl("chat", json!({"id": chat, "last": 1000, "from": "bot"}));
        // A chat in which nothing has happened is unknown to the simulator.
        let known = known.await.unwrap_or_default();
        known["messages"].as_array().cloned().unwrap_or_default()
    }

    /// What the bot has shown or changed since a moment of the simulator's, in that order.
    pub async fn shown_since(&self, chat: i64, since: u64) -> Vec<Value> {
        let mut messages = self.shown_by_bot(chat).await;
        messages.retain(|message| message["seq"].as_u64().unwrap() >= since);
        messages.sort_by_key(|message| message["seq"].as_u64());
        messages
    }

    /// The newest `count` messages of the bot, as a person sees them.
    pub async fn screen(&self, user: i64, count: usize) -> String {
        let messages = self.shown_by_bot(user).await;
        let newest = &messages[messages.len().saturating_sub(count)..];
        newest.iter().map(show).collect::<Vec<_>>().join("\n---\n")
    }
}
