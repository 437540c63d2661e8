//! The progress card of an upload: an outbox row that is edited in place.
//!
//! The cards of one chat take turns ([`super::pace`]).
//!
//! Progress is a hint: a change that could not be written is forgotten, the next one tries again.
//! Invariant: once [`CardWriter::follow`] has returned, no edit of progress is under way, so the
//! last word (written with the result) is never overtaken by an older one.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::attempt::Attempt;
use super::error::{Cause, JobError};
use crate::domain::button::Holder;
use crate::domain::effect::{CardStage, View};
use crate::domain::ids::OutboxId;
use crate::domain::job::FileProgress;
use crate::domain::lang::Lang;
use crate::domain::material::{Card, Material};
use crate::domain::role::Role;
use crate::runtime::Ring;
use crate::store::records::{NewOutbox, OutboxClass};
use crate::views::Reader;

/// The side that makes progress. Showing is free; only the latest stage counts.
#[derive(Debug)]
pub struct Progress(watch::Sender<CardStage>);

impl Progress {
    /// A way to show progress, and its other end for [`CardWriter::follow`].
    pub fn new() -> (Self, watch::Receiver<CardStage>) {
        let (sender, receiver) = watch::channel(CardStage::Received);
        (Self(sender), receiver)
    }

    /// Says how far the work is.
    pub fn show(&self, stage: CardStage) {
        self.0.send_replace(stage);
    }
}

/// Writes the edits of one card.
pub(super) struct CardWriter<'a> {
    attempt: &'a Attempt,
    material: &'a Material,
    /// `None` for a material without a card: nothing is shown then.
    card: Option<Card>,
    lang: Lang,
}

impl<'a> CardWriter<'a> {
    /// The card of a material, in its uploader's language.
    pub async fn open(attempt: &'a Attempt, material: &'a Material) -> Result<Self, JobError> {
        let uploader = attempt.shop.parts.db.user_get(material.uploader).await?;
        let lang = uploader.map(|user| user.lang).unwrap_or_default();
        Ok(Self { attempt, material, card: material.card, lang })
    }

    /// Shows progress until its other side is dropped: what changes, and at most once per `every`,
    /// the first time after `every`.
    pub async fn follow(&self, mut progress: watch::Receiver<CardStage>, every: Duration) {
        // What the card says until then; what was shown before this call counts as a change.
        let mut shown = CardStage::Received;
        let mut next = Instant::now() + every;
        while progress.changed().await.is_ok() {
            let mut closing = progress.clone();
            let closed = async { while closing.changed().await.is_ok() {} };
            let turn = async {
                sleep_until(next).await;
                let is_new = *progress.borrow() != shown;
                if let Some(card) = self.card.filter(|_| is_new) {
                    self.attempt.shop.pace.turn(card.chat).await;
                }
            };
            tokio::select! {
                () = closed => return,
                () = turn => {}
            }
            let stage = progress.borrow_and_update().clone();
            if stage == shown {
                continue;
            }
            next = Instant::now() + every;
            match self.replace(stage.clone()).await {
                Ok(()) => shown = stage,
                Err(error) => {
                    tracing::debug!(
                        material.id = self.material.id.0,
                        error = error.report(),
                        "progress is not shown"
                    );
                }
            }
        }
    }

    /// Shows a stage in place of one that was not sent yet, unless somebody else has the job.
    pub async fn replace(&self, stage: CardStage) -> Result<(), JobError> {
        let progress = FileProgress::of(&stage).to_string();
        let Some(edit) = self.edit(stage)? else { return Ok(()) };
        let Attempt { shop, job, token, .. } = self.attempt;
        shop.parts
            .db
            .job_replace_edit(*job, *token, edit, progress, shop.parts.clock.now())
            .await?;
        self.ring();
        Ok(())
    }

    /// A stage as a row of its own, to be committed with a result.
    pub fn edit(&self, stage: CardStage) -> Result<Option<NewOutbox>, JobError> {
        let Some(card) = self.card else { return Ok(None) };
        let parts = &self.attempt.shop.parts;
        let now = parts.clock.now();
        let holder = Holder { chat: card.chat, user: self.material.uploader };
        let reader = Reader { lang: self.lang, role: Role::Editor, holder, now };
        let name = self.material.file.name.clone();
        let view = View::Card {
            material: self.material.id,
            name: name.unwrap_or_else(|| self.material.title.clone()),
            stage,
        };
        let message = parts.presenter.show(reader, &view).into_edit();
        let payload = serde_json::to_string(&message)
            .map_err(|error| JobError::Fail(Cause::Message(error)))?;
        Ok(Some(NewOutbox {
            id: OutboxId(parts.ids.next(now)),
            chat: card.chat,
            thread: 0,
            class: OutboxClass::Edit,
            payload,
            edit_message: None,
            edit_of: Some(card.outbox),
            trace: Some(self.attempt.trace),
        }))
    }

    /// Rings for rows that were just committed.
    pub fn ring(&self) {
        // A gate that is not there looks by itself when it comes.
        let _ = self.attempt.shop.parts.gate.ring(Ring);
    }
}
