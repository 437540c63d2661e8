//! Doorbells between processes, by pub/sub: hints that something is to be looked for in the
//! database. Any may be lost; whoever is rung also looks by itself on a timer.
//!
//! Publishing takes no time and cannot fail: it leaves a note that one task sends, together with
//! all that was rung meanwhile. While Redis is away notes are dropped. After the subscription was
//! broken, one ring for everything makes up for those that may have been missed.
//!
//! A process does not hear itself: what concerns it was rung by its own ports already. So without
//! Redis there is nothing to hear, and nothing is done.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use redis::aio::PubSub;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::{Notify, broadcast};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::connection::Request;
use super::link::Link;
use crate::domain::ids::ChatId;

/// Chats that are rung for in one message; further ones are found by the sweeps.
const CHATS_MAX: usize = 1_000;

/// Bells that a listener may be behind; older ones are lost to it.
const LISTENER_BACKLOG: usize = 256;

/// How often a subscription on which nothing comes is checked: a peer that vanished says nothing.
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// Pause before a broken subscription is made anew; doubled each time that fails.
const PAUSE_FIRST: Duration = Duration::from_millis(100);

/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Something to be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doorbell {
    /// These chats have open updates.
    Chats(Vec<ChatId>),
    /// The outbox has rows.
    Outbox,
    /// The queue has jobs.
    Jobs,
    /// A lease has changed hands or was given back.
    Lease,
}

/// Bells in other processes. Cheap to clone.
#[derive(Clone)]
pub struct Doorbells {
    wire: Option<Arc<Wire>>,
}

struct Wire {
    notes: Arc<Notes>,
    heard: broadcast::Sender<Doorbell>,
    _tasks: [AbortOnDropHandle<()>; 2],
}

/// What is to be sent.
#[derive(Default)]
struct Notes {
    note: Mutex<Note>,
    is_there: Notify,
}

/// A message between processes. Fields that a later version adds are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Note {
    /// The process that rings.
    from: u64,
    chats: BTreeSet<ChatId>,
    outbox: bool,
    jobs: bool,
    lease: bool,
}

/// Hears the bells of other processes.
pub struct Listener(Option<broadcast::Receiver<Doorbell>>);

impl Doorbells {
    pub(super) fn new(link: Option<Link>, runtime: &Handle) -> Self {
        let Some(link) = link else { return Self::silent() };
        let channel = link.key("bells");
        let me = fastrand::u64(..);
        let notes = Arc::new(Notes::default());
        let heard = broadcast::Sender::new(LISTENER_BACKLOG);
        let sending = send_notes(link.clone(), channel.clone(), Arc::clone(&notes), me);
        let hearing = hear_for_ever(link, channel, heard.clone(), me);
        let tasks = [runtime.spawn(sending), runtime.spawn(hearing)].map(AbortOnDropHandle::new);
        Self { wire: Some(Arc::new(Wire { notes, heard, _tasks: tasks })) }
    }

    /// Nobody is rung, nothing is heard.
    pub const fn silent() -> Self {
        Self { wire: None }
    }

    /// Rings in all other processes. Takes no time, and may be lost.
    pub fn publish(&self, bell: Doorbell) {
        let Some(wire) = &self.wire else { return };
        wire.notes.note.lock().unwrap_or_else(PoisonError::into_inner).add(bell);
        wire.notes.is_there.notify_one();
    }

    /// Hears what is rung from now on.
    pub fn listen(&self) -> Listener {
        Listener(self.wire.as_ref().map(|wire| wire.heard.subscribe()))
    }
}

impl Listener {
    /// The next bell; none when there never is one again.
    pub async fn next(&mut self) -> Option<Doorbell> {
        let heard = self.0.as_mut()?;
        loop {
            match heard.recv().await {
                Ok(bell) => return Some(bell),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

impl Note {
    fn add(&mut self, bell: Doorbell) {
        match bell {
            Doorbell::Chats(chats) => {
                let room = CHATS_MAX.saturating_sub(self.chats.len());
                self.chats.extend(chats.into_iter().take(room));
            }
            Doorbell::Outbox => self.outbox = true,
            Doorbell::Jobs => self.jobs = true,
            Doorbell::Lease => self.lease = true,
        }
    }

    fn bells(self) -> Vec<Doorbell> {
        let chats = (!self.chats.is_empty())
            .then(|| Doorbell::Chats(self.chats.into_iter().take(CHATS_MAX).collect()));
        let outbox = self.outbox.then_some(Doorbell::Outbox);
        let jobs = self.jobs.then_some(Doorbell::Jobs);
        let lease = self.lease.then_some(Doorbell::Lease);
        [chats, outbox, jobs, lease].into_iter().flatten().collect()
    }
}

async fn send_notes(link: Link, channel: String, notes: Arc<Notes>, me: u64) {
    loop {
        notes.is_there.notified().await;
        let note = {
            let mut note = notes.note.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *note)
        };
        let Ok(text) = serde_json::to_string(&Note { from: me, ..note }) else { continue };
        let mut command = redis::cmd("PUBLISH");
        command.arg(&channel).arg(text);
        let _: Option<()> = link.ask(Request::Command(&command)).await;
    }
}

async fn hear_for_ever(link: Link, channel: String, heard: broadcast::Sender<Doorbell>, me: u64) {
    let mut was_broken = false;
    let mut pause = PAUSE_FIRST;
    while link.wait_up().await {
        if let Some(mut pubsub) = link.listen(&channel).await {
            if was_broken {
                for bell in [Doorbell::Outbox, Doorbell::Jobs, Doorbell::Lease] {
                    let _ = heard.send(bell);
                }
            }
            hear(&link, &mut pubsub, &heard, me).await;
            was_broken = true;
            pause = PAUSE_FIRST;
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(PAUSE_MAX);
    }
}

/// Until the subscription breaks.
async fn hear(link: &Link, pubsub: &mut PubSub, heard: &broadcast::Sender<Doorbell>, me: u64) {
    loop {
        let next = timeout(CHECK_EVERY, pubsub.on_message().next()).await;
        match next {
            Ok(Some(message)) => {
                let text: String = message.get_payload().unwrap_or_default();
                let note: Note = serde_json::from_str(&text).unwrap_or_default();
                if note.from == me {
                    continue;
                }
                for bell in note.bells() {
                    // Nobody may be listening yet.
                    let _ = heard.send(bell);
                }
            }
            Ok(None) => return,
            Err(_quiet) => {
                let answer = timeout(link.timeout(), pubsub.ping::<String>()).await;
                if !matches!(answer, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rings_together_is_one_note() {
        let mut note = Note::default();
        note.add(Doorbell::Chats(vec![ChatId(2), ChatId(1)]));
        note.add(Doorbell::Jobs);
        note.add(Doorbell::Chats(vec![ChatId(2)]));
        note.add(Doorbell::Jobs);
        let bells = note.bells();
        assert_eq!(bells, [Doorbell::Chats(vec![ChatId(1), ChatId(2)]), Doorbell::Jobs]);

        let mut note = Note::default();
        note.add(Doorbell::Chats((0..5_000).map(ChatId).collect()));
        note.add(Doorbell::Chats((0..5_000).map(ChatId).collect()));
        assert_eq!(note.chats.len(), CHATS_MAX);
    }

    #[test]
    fn notes_of_other_versions_are_read_as_far_as_they_go() {
        let note: Note = serde_json::from_str(r#"{"from":7,"jobs":true,"new":[1]}"#).unwrap();
        assert_eq!(note.bells(), [Doorbell::Jobs]);
    }
}
