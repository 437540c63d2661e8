//! Sending a file: by Telegram's handle, by a newer handle, or from our own copy.
//!
//! A handle may be dead (the bot has a new token, Telegram has lost the file) or may never have
//! been (an imported file, a preview). The first who wants the file uploads it; the handle that
//! comes back is written down, and everybody after that is served by it. Invariant: one content is
//! uploaded by one message at a time; who waited takes the new handle.
//!
//! Race known and accepted: a process that dies between the answer and the writing down of the
//! handle uploads once more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Mutex as Turn;

use super::entry::Row;
use super::meters;
use super::sending::{Courier, Trouble};
use crate::domain::outgoing::{Outgoing, StoredCopy};
use crate::library::blobs::BlobHash;
use crate::telegram::{Decision, Sent, TelegramClient, TelegramError, Upload};

/// Turns for uploading, by content.
#[derive(Clone, Default)]
pub(super) struct Uploads(Arc<Mutex<HashMap<String, Weak<Turn<()>>>>>);

impl Uploads {
    fn turn(&self, hash: &str) -> Arc<Turn<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(hash).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Turn::new(()));
        turns.insert(hash.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

impl Courier {
    /// Sends a file in whichever way works; the apology where none does.
    pub(super) async fn send_file(
        &self,
        client: &TelegramClient,
        row: &Row,
        file: &Outgoing,
    ) -> Result<Sent, Trouble> {
        let Outgoing::File { file_id, copy, apology, .. } = file else {
            return Err(Trouble::Unreadable);
        };
        if !file_id.is_empty() {
            match self.by_handle(client, row, file).await {
                Err(error) if error.decision() == Decision::FileIdDead => {}
                outcome => return Ok(outcome?),
            }
        }
        let outcome = match copy {
            Some(copy) => self.by_copy(client, row, file, copy).await?,
            None => None,
        };
        match (outcome, apology) {
            (Some(sent), _) => Ok(sent),
            (None, Some(apology)) => {
                let text = Outgoing::Text {
                    html: apology.clone(),
                    keyboard: None,
                    reply_to: None,
                    silent: false,
                };
                Ok(client.send(row.chat, row.thread, &text, None).await?)
            }
            (None, None) => Err(Trouble::FileGone),
        }
    }

    async fn by_handle(
        &self,
        client: &TelegramClient,
        row: &Row,
        file: &Outgoing,
    ) -> Result<Sent, TelegramError> {
        let outcome = client.send(row.chat, row.thread, file, None).await;
        let label = match &outcome {
            Ok(_) => "ok",
            Err(error) if error.decision() == Decision::FileIdDead => "expired_id",
            Err(_) => "failed",
        };
        meters::delivery("file_id", label);
        outcome
    }

    /// By a handle that somebody got meanwhile, or by uploading; `None` when there is no such file
    /// here or it is too large to be uploaded.
    async fn by_copy(
        &self,
        client: &TelegramClient,
        row: &Row,
        file: &Outgoing,
        copy: &StoredCopy,
    ) -> Result<Option<Sent>, Trouble> {
        let turn = self.uploads.turn(&copy.hash);
        let _turn = turn.lock().await;
        if let Some(newer) = self.newer_handle(file, copy).await? {
            match self.by_handle(client, row, &newer).await {
                Err(error) if error.decision() == Decision::FileIdDead => {}
                outcome => return Ok(Some(outcome?)),
            }
        }
        let Some(sent) = self.upload(client, row, file, copy).await? else { return Ok(None) };
        if let Some(file_id) = &sent.file_id {
            // The message is out: what fails here must not send it again.
            match self.db.handle_renew(copy.clone(), file_id.clone()).await {
                Ok(()) => tracing::info!(hash = copy.hash, "a file has a new handle"),
                Err(error) => error.tell("a new handle is not written down"),
            }
        }
        Ok(Some(sent))
    }

    async fn newer_handle(
        &self,
        file: &Outgoing,
        copy: &StoredCopy,
    ) -> Result<Option<Outgoing>, Trouble> {
        let Outgoing::File { file_id: dead, .. } = file else { return Ok(None) };
        let handle = self.db.handle_of(copy.clone()).await?.filter(|handle| handle != dead);
        Ok(handle.map(|handle| {
            let mut newer = file.clone();
            if let Outgoing::File { file_id, .. } = &mut newer {
                *file_id = handle;
            }
            newer
        }))
    }

    async fn upload(
        &self,
        client: &TelegramClient,
        row: &Row,
        file: &Outgoing,
        copy: &StoredCopy,
    ) -> Result<Option<Sent>, Trouble> {
        let Outgoing::File { class, caption, keyboard, .. } = file else { return Ok(None) };
        let Some(hash) = BlobHash::parse(&copy.hash) else { return Ok(None) };
        let path = self.blobs.path(&hash);
        let upload = Upload {
            class: *class,
            path: &path,
            name: &copy.name,
            caption: caption.as_ref(),
            keyboard: keyboard.as_ref(),
        };
        match client.send_file_bytes(row.chat, row.thread, &upload).await {
            Ok(sent) => {
                meters::delivery("stream", "ok");
                Ok(Some(sent))
            }
            Err(error) if is_beyond_help(&error) => {
                meters::delivery("stream", "failed");
                tracing::error!(hash = copy.hash, %error, "a file has neither handle nor copy");
                Ok(None)
            }
            Err(error) => {
                meters::delivery("stream", "failed");
                Err(error.into())
            }
        }
    }
}

/// Whether trying again is of no use: there is no such file, or Telegram does not take it.
fn is_beyond_help(error: &TelegramError) -> bool {
    match error {
        TelegramError::LocalFile { .. } | TelegramError::Api { code: 413, .. } => true,
        error => matches!(error.decision(), Decision::BadContent | Decision::FileIdDead),
    }
}
