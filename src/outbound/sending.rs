//! One message on its way: from the row to Telegram's answer. No retries here, and no writing
//! down of outcomes.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use super::entry::{Content, Key, Lane, Row};
use super::files::Uploads;
use super::meters;
use super::parcel::Ticket;
use crate::cache::{Lane as SharedLane, SharedLimiter, Turn};
use crate::domain::ids::{MessageId, OutboxId};
use crate::domain::outgoing::{Answer, Outgoing};
use crate::library::blobs::BlobStore;
use crate::runtime::Tenure;
use crate::store::records::OutboxItem;
use crate::store::{Db, StoreError};
use crate::telegram::{Decision, Sent, TelegramClient, TelegramError};

/// So long a message waits for the shared limits on its way; beyond, it is put back. What two clocks
/// make of the same pace differs by less.
const SHORT_WAIT: Duration = Duration::from_millis(50);

/// Why a message was not sent, or perhaps not.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Telegram(#[from] TelegramError),
    /// Before the request: nothing was sent.
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the payload cannot be read")]
    Unreadable,
    #[error("the message to edit was never sent")]
    NoTarget,
    #[error("the message to edit is not sent yet")]
    TargetWaits,
    #[error("an earlier process had begun to send it")]
    LeftInDoubt,
    /// Before the request: nothing was sent.
    #[error("the right to send has run out")]
    OutOfTerm,
    /// Before the request: nothing was sent.
    #[error("other processes have used the limits up")]
    Held(Duration),
    #[error("Telegram does not know the file, and there is no copy of it")]
    FileGone,
    #[error("the row is not open any more")]
    Vanished,
    #[error("sending panicked")]
    Panicked,
    /// Before the request: nothing was sent.
    #[error("the parcel is not wanted any more")]
    Unwanted,
    /// Before the request: nothing was sent.
    #[error("Telegram takes no payment for an album")]
    Unpayable,
}

/// Carries messages. The lanes have clients of their own.
#[derive(Clone)]
pub(super) struct Courier {
    pub(super) db: Db,
    pub(super) limiter: SharedLimiter,
    pub(super) reply: TelegramClient,
    pub(super) bulk: TelegramClient,
    pub(super) paid: TelegramClient,
    pub(super) tenure: Tenure,
    /// Our own copies of the files.
    pub(super) blobs: BlobStore,
    pub(super) uploads: Uploads,
}

impl Courier {
    /// Sends a row; gives the message that it became. `known_target` saves the look-up of
    /// `edit_of`.
    pub(super) async fn carry(
        &self,
        row: &Row,
        known_target: Option<MessageId>,
    ) -> Result<Option<MessageId>, Trouble> {
        let lane = row.lane();
        if self.tenure.is_over() {
            return Err(Trouble::OutOfTerm);
        }
        if row.in_doubt && lane == Lane::Bulk {
            return Err(Trouble::LeftInDoubt);
        }
        let Key::Row(id) = row.key else { return Err(Trouble::Unreadable) };
        // Before anything is marked as being sent.
        self.wait_turn(row).await?;
        let latest;
        let outgoing = match &row.content {
            Content::Unreadable => return Err(Trouble::Unreadable),
            Content::Known(outgoing) => {
                if lane == Lane::Bulk {
                    self.db.outbox_begin(vec![id]).await?;
                }
                outgoing.as_ref()
            }
            Content::Latest => {
                // Marked first: from then on `outbox_replace_edit` leaves the row alone.
                self.db.outbox_begin(vec![id]).await?;
                latest = self.latest(id).await?;
                latest.as_ref()
            }
        };
        let target = self.target(row, known_target).await?;
        let client = self.client(lane);
        // Once more: the database may have kept us waiting, or the whole process was frozen.
        if self.tenure.is_over() {
            return Err(Trouble::OutOfTerm);
        }

        match self.request(client, row, outgoing, target).await {
            Err(Trouble::Telegram(error)) => Ok(forgive(outgoing, error, target)?.message_id),
            result => Ok(result?.message_id),
        }
    }

    const fn client(&self, lane: Lane) -> &TelegramClient {
        match lane {
            Lane::Reply => &self.reply,
            Lane::Bulk => &self.bulk,
            Lane::Paid => &self.paid,
        }
    }

    /// Sends a parcel. Nothing is written down here: whoever launched it has done so. Gives also how
    /// long the request took, if there was one.
    pub(super) async fn deliver(
        &self,
        row: &Row,
        ticket: &mut Ticket,
    ) -> (Result<Sent, Trouble>, Option<Duration>) {
        let outgoing = match self.let_pass(row, ticket).await {
            Ok(outgoing) => outgoing,
            Err(trouble) => return (Err(trouble), None),
        };
        ticket.begin();
        let begun = Instant::now();
        let result = self.request(self.client(row.lane()), row, outgoing, None).await;
        (result, Some(begun.elapsed()))
    }

    async fn let_pass<'a>(&self, row: &'a Row, ticket: &Ticket) -> Result<&'a Outgoing, Trouble> {
        let Content::Known(outgoing) = &row.content else { return Err(Trouble::Unreadable) };
        let is_album = matches!(&**outgoing, Outgoing::Copy { messages, .. } if messages.len() > 1);
        if row.is_paid && is_album {
            return Err(Trouble::Unpayable);
        }
        self.wait_turn(row).await?;
        if !ticket.is_wanted() {
            return Err(Trouble::Unwanted);
        }
        if self.tenure.is_over() {
            return Err(Trouble::OutOfTerm);
        }
        Ok(outgoing)
    }

    async fn request(
        &self,
        client: &TelegramClient,
        row: &Row,
        outgoing: &Outgoing,
        target: Option<MessageId>,
    ) -> Result<Sent, Trouble> {
        match outgoing {
            Outgoing::File { .. } => self.send_file(client, row, outgoing).await,
            _ => client.send(row.chat, row.thread, outgoing, target).await.map_err(Trouble::from),
        }
    }

    /// The local queue has let the row through; others may have sent meanwhile, or an earlier start
    /// of this process. A short wait is spent here, a long one where it holds no place in a window.
    async fn wait_turn(&self, row: &Row) -> Result<(), Trouble> {
        let lane = match row.lane() {
            Lane::Reply => SharedLane::Reply,
            Lane::Bulk => SharedLane::Bulk,
            // This process is the only sender, and nobody else draws on that limit.
            Lane::Paid => return Ok(()),
        };
        let begun = Instant::now();
        loop {
            let wait = match self.limiter.reserve(row.chat, lane, row.weight()).await {
                Turn::Granted => return Ok(()),
                Turn::Wait(wait) => wait,
            };
            meters::limiter_wait("shared", wait);
            if begun.elapsed().saturating_add(wait) > SHORT_WAIT {
                return Err(Trouble::Held(wait));
            }
            tokio::time::sleep(wait).await;
        }
    }

    async fn latest(&self, id: OutboxId) -> Result<Arc<Outgoing>, Trouble> {
        let item = self.open_row(id).await?.ok_or(Trouble::Vanished)?;
        match Content::read(&item.message.payload) {
            Content::Known(outgoing) => Ok(outgoing),
            Content::Latest | Content::Unreadable => Err(Trouble::Unreadable),
        }
    }

    async fn open_row(&self, id: OutboxId) -> Result<Option<OutboxItem>, StoreError> {
        let before = OutboxId(id.0.saturating_sub(1));
        let found = self.db.outbox_open(before, 1).await?;
        Ok(found.into_iter().find(|item| item.message.id == id))
    }

    /// The message to edit, if the row is an edit.
    async fn target(
        &self,
        row: &Row,
        known_target: Option<MessageId>,
    ) -> Result<Option<MessageId>, Trouble> {
        let known = row.edit_message.or(known_target);
        let Some(target) = row.edit_of.filter(|_| known.is_none()) else { return Ok(known) };
        if let Some(message) = self.db.outbox_message_id(target).await? {
            return Ok(Some(message));
        }
        match self.open_row(target).await? {
            Some(_) => Err(Trouble::TargetWaits),
            None => Err(Trouble::NoTarget),
        }
    }
}

/// Some refusals say that what was wanted is so already.
fn forgive(
    outgoing: &Outgoing,
    error: TelegramError,
    target: Option<MessageId>,
) -> Result<Sent, TelegramError> {
    let is_so_already = match error.decision() {
        Decision::NotModified => true,
        Decision::MessageGone => matches!(outgoing, Outgoing::Delete { .. }),
        _ => false,
    };
    if is_so_already { Ok(Sent { message_id: target, ..Sent::default() }) } else { Err(error) }
}

/// Answers a query: one attempt, within the client's timeout. A query that is too old needs no
/// answer any more.
pub(super) async fn answer(client: &TelegramClient, answer: &Answer) {
    match client.answer(answer).await {
        Err(error) if error.decision() != Decision::QueryTooOld => {
            tracing::warn!(%error, "could not answer a query");
        }
        Ok(()) | Err(_) => {}
    }
}
