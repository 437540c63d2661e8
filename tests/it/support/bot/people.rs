//! What people do, and what they see then.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Bot, PATIENCE, Reply};

/// A file of `tests/it/data`.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data").join(name)
}

impl Bot {
    /// Somebody writes to the bot; gives what it showed in answer.
    pub async fn say(&mut self, user: i64, text: &str) -> Reply {
        self.act("message", json!({"user": user, "text": text})).await
    }

    /// Somebody writes in a group.
    pub async fn say_in(&mut self, chat: i64, user: i64, text: &str) -> Reply {
        self.act("message", json!({"chat": chat, "user": user, "text": text})).await
    }

    /// Somebody presses the newest button whose text fits the regex. The press must be answered.
    pub async fn press(&mut self, user: i64, label: &str) -> Reply {
        self.click(json!({"chat": user, "label": label})).await
    }

    /// Presses a button; the fields are those of the simulator's `click`.
    pub async fn click(&mut self, mut click: Value) -> Reply {
        click["wait_answer"] = json!(true);
        click["timeout_s"] = json!(PATIENCE.as_secs());
        let chat = click["chat"].as_i64().unwrap();
        let pressed = self.ctl("click", click).await;
        let id = pressed["callback_query_id"].as_str().expect("a callback button").to_owned();
        self.presses.insert(id);
        assert!(pressed["answer"].is_object(), "the press was not answered: {pressed}");
        let toast = pressed["answer"]["text"].as_str().unwrap_or_default().to_owned();
        self.settle().await;
        let since = pressed["since"].as_u64().unwrap();
        Reply { messages: self.shown_since(chat, since).await, toast }
    }

    /// Somebody presses a button that no message has: data and all are the test's.
    pub async fn press_data(&mut self, user: i64, chat: i64, message: i64, data: &str) -> Reply {
        let id = format!("forged-{}", self.presses.len());
        self.presses.insert(id.clone());
        let kind = if chat > 0 { "private" } else { "supergroup" };
        let message = json!({
            "message_id": message, "date": 1_790_000_000, "text": "x",
            "chat": {"id": chat, "type": kind, "first_name": "X", "title": "X"},
        });
        let from = json!({"id": user, "is_bot": false, "first_name": "X", "language_code": "en"});
        let query = json!({
            "id": id, "from": from, "message": message, "chat_instance": "1", "data": data,
        });
        let since = self.moment(chat).await;
        self.ctl("update", json!({"callback_query": query})).await;
        let answered = json!({"id": id});
        let mut toast = String::new();
        self.until("the answer to a press", async |bot| {
            let answer = bot.ctl("callback", answered.clone()).await["answer"].clone();
            toast = answer["text"].as_str().unwrap_or_default().to_owned();
            answer.is_object()
        })
        .await;
        self.settle().await;
        Reply { messages: self.shown_since(chat, since).await, toast }
    }

    /// Somebody sends a file of `tests/it/data`.
    pub async fn send_file(&mut self, user: i64, name: &str) -> Reply {
        self.send_file_at(user, &data(name), name).await
    }

    /// Somebody sends a file under a name.
    pub async fn send_file_at(&mut self, user: i64, path: &Path, name: &str) -> Reply {
        let file = json!({"type": "document", "path": path, "name": name});
        self.act("message", json!({"user": user, "file": file})).await
    }

    /// Somebody does something that makes updates, and waits until all is quiet but the jobs. The
    /// fields are those of the simulator's control call.
    pub async fn act(&mut self, call: &str, body: Value) -> Reply {
        let chat = body["chat"].as_i64().or_else(|| body["user"].as_i64()).unwrap();
        let done = self.ctl(call, body).await;
        self.settle().await;
        let since = done["since"].as_u64().unwrap();
        Reply { messages: self.shown_since(chat, since).await, toast: String::new() }
    }

    /// Waits for a message or an edit of the bot that fits the regex, whenever it came.
    pub async fn wait(&mut self, user: i64, regex: &str) -> Value {
        let wait = json!({
            "chat": user, "regex": regex, "since": 0, "timeout_s": PATIENCE.as_secs(),
        });
        let seen = self.ctl("wait", wait).await;
        let nothing = seen["timed_out"] == json!(true);
        assert!(!nothing, "waited in vain for {regex}; there is\n{}", self.screen(user, 9).await);
        seen["message"].clone()
    }

    /// The moment after all that the bot has shown in this chat so far.
    pub async fn moment(&self, chat: i64) -> u64 {
        let shown = self.shown_by_bot(chat).await;
        shown.iter().filter_map(|message| message["seq"].as_u64()).max().map_or(0, |seq| seq + 1)
    }
}
