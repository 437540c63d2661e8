//! Copies of dialogs: what was known of a chat after its last step, so that the next one need not
//! read it from the database.
//!
//! Worth it over PostgreSQL, where it saves two round trips before each answer. Over SQLite a read
//! is a function call, cheaper than any question to Redis: there nothing is copied at all.
//!
//! A copy may be old: another process worked the chat, a role was granted by command, Redis came
//! back after an outage. Therefore the step that was decided on it says so to the commit
//! (`StepCommit::relied`), which compares version, role, language and reach with the database in
//! the statement that closes the update. If they differ nothing is written and nothing leaves; the
//! copy is [forgotten](SessionCopies::forget) and the step decided anew on the database. So roles
//! are in the copy, and yet never taken from it.

use std::time::Duration;

use moka::sync::Cache as Map;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::connection::Request;
use super::link::Link;
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::lang::Lang;
use crate::domain::people::Ban;
use crate::domain::role::Role;
use crate::domain::session::{ChatState, SessionKey, StoredSession};
use crate::domain::user::{Preferences, User};

/// How long a copy is kept after the last step.
const KEPT: Duration = Duration::from_mins(15);

/// Memory for copies while Redis is not there, bytes.
const MEMORY_BYTES: u64 = 8 * 1024 * 1024;

/// What an entry weighs beside its text.
const ENTRY_BYTES: usize = 256;

/// Version of the stored form: others are not read.
const FORM: u32 = 2;

/// Copies of dialogs. Cheap to clone.
#[derive(Clone)]
pub struct SessionCopies {
    /// None: nothing is ever copied.
    memory: Option<Map<SessionKey, ChatState>>,
    link: Option<Link>,
}

impl SessionCopies {
    pub(super) fn new(is_used: bool, link: Option<Link>) -> Self {
        let memory = is_used.then(|| {
            let bytes = |_: &SessionKey, state: &ChatState| {
                let body = state.session.as_ref().map_or(0, |session| session.body.len());
                u32::try_from(body.saturating_add(ENTRY_BYTES)).unwrap_or(u32::MAX)
            };
            Map::builder().max_capacity(MEMORY_BYTES).weigher(bytes).time_to_live(KEPT).build()
        });
        Self { memory, link }
    }

    /// No copies: every step reads the database.
    pub fn none() -> Self {
        Self { memory: None, link: None }
    }

    /// The copy of a chat, perhaps an old one.
    pub async fn get(&self, key: SessionKey) -> Option<ChatState> {
        let memory = self.memory.as_ref()?;
        let begun = Instant::now();
        let Some(link) = self.link.as_ref().filter(|link| link.is_up()) else {
            let copy = memory.get(&key);
            took("memory", begun);
            count("get", if copy.is_some() { "ok" } else { "miss" });
            return copy;
        };
        let mut command = redis::cmd("GET");
        command.arg(name(link, key));
        // Bytes: what somebody else has put there may be no text.
        let answer: Option<Option<Vec<u8>>> = link.ask(Request::Command(&command)).await;
        took("redis", begun);
        let copy = answer.as_ref().and_then(|bytes| decode(bytes.as_deref()?));
        count(
            "get",
            match (&answer, &copy) {
                (None, _) => "error",
                (_, Some(_)) => "ok",
                (_, None) => "miss",
            },
        );
        copy
    }

    /// Keeps what is known of a chat.
    pub async fn put(&self, key: SessionKey, state: &ChatState) {
        let Some(memory) = &self.memory else { return };
        let Some(link) = self.link.as_ref().filter(|link| link.is_up()) else {
            memory.insert(key, state.clone());
            let copies = u32::try_from(memory.entry_count()).unwrap_or(u32::MAX);
            metrics::gauge!("primelingo_fsm_sessions", "backend" => "memory")
                .set(f64::from(copies));
            count("set", "ok");
            return;
        };
        let Some(text) = encode(state) else { return };
        let mut command = redis::cmd("SET");
        command.arg(name(link, key)).arg(text).arg("EX").arg(KEPT.as_secs());
        let begun = Instant::now();
        let kept: Option<()> = link.ask(Request::Command(&command)).await;
        took("redis", begun);
        count("set", if kept.is_some() { "ok" } else { "error" });
    }

    /// Drops a copy that was found to be old, or that a step has made so.
    pub async fn forget(&self, key: SessionKey) {
        let Some(memory) = &self.memory else { return };
        memory.invalidate(&key);
        let Some(link) = &self.link else { return };
        let mut command = redis::cmd("DEL");
        command.arg(name(link, key));
        let gone: Option<()> = link.ask(Request::Command(&command)).await;
        // One that could not be dropped is found to be old again.
        count("clear", if gone.is_some() { "ok" } else { "error" });
    }

    /// Counts a copy that the commit has found to be old.
    pub fn note_stale(&self) {
        if self.memory.is_some() {
            count("get", "stale");
        }
    }
}

fn count(op: &'static str, outcome: &'static str) {
    metrics::counter!(
        "primelingo_fsm_operations_total", "op" => op, "source" => "cache", "outcome" => outcome
    )
    .increment(1);
}

fn took(backend: &'static str, begun: Instant) {
    metrics::histogram!("primelingo_fsm_operation_duration_seconds", "backend" => backend)
        .record(begun.elapsed());
}

fn name(link: &Link, key: SessionKey) -> String {
    link.key(&format!("session:{}:{}:{}", key.chat, key.user, key.thread))
}

/// A copy as Redis has it.
#[derive(Serialize, Deserialize)]
struct Written {
    form: u32,
    session: Option<WrittenSession>,
    user: Option<WrittenUser>,
    /// Whether they are shut out, and if so, whether they were told.
    ban: Option<bool>,
    bans: i64,
}

#[derive(Serialize, Deserialize)]
struct WrittenSession {
    body: String,
    schema: i32,
    version: i64,
}

#[derive(Serialize, Deserialize)]
struct WrittenUser {
    id: UserId,
    first_name: String,
    lang: Lang,
    role: Role,
    reachable: bool,
    last_seen_at: Timestamp,
    #[serde(default)]
    preferences: Preferences,
}

fn encode(state: &ChatState) -> Option<String> {
    let ChatState { session, user, ban, bans } = state.clone();
    let session = session.map(|StoredSession { body, schema, version }| WrittenSession {
        body,
        schema,
        version,
    });
    let user = user.map(|user| {
        let User { id, first_name, lang, role, reachable, last_seen_at, preferences } = user;
        WrittenUser { id, first_name, lang, role, reachable, last_seen_at, preferences }
    });
    serde_json::to_string(&Written {
        form: FORM,
        session,
        user,
        ban: ban.map(|ban| ban.is_told),
        bans,
    })
    .ok()
}

/// What another version has written counts as nothing.
fn decode(bytes: &[u8]) -> Option<ChatState> {
    let written: Written = serde_json::from_slice(bytes).ok()?;
    if written.form != FORM {
        return None;
    }
    let session = written.session.map(|WrittenSession { body, schema, version }| StoredSession {
        body,
        schema,
        version,
    });
    let user = written.user.map(|user| {
        let WrittenUser { id, first_name, lang, role, reachable, last_seen_at, preferences } = user;
        User { id, first_name, lang, role, reachable, last_seen_at, preferences }
    });
    let ban = written.ban.map(|is_told| Ban { is_told });
    Some(ChatState { session, user, ban, bans: written.bans })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_forms_count_as_nothing() {
        let written = encode(&ChatState::default()).unwrap();
        assert_eq!(decode(written.as_bytes()), Some(ChatState::default()));
        let other = written.replace(&format!("\"form\":{FORM}"), "\"form\":0");
        assert_ne!(other, written);
        assert_eq!(decode(other.as_bytes()), None);
        for other in [&b"{}"[..], b"\0", b"", b"\xff\xfe"] {
            assert_eq!(decode(other), None);
        }
    }
}
