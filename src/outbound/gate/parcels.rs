//! Parcels on their way through the gate. What becomes of one is reported at once: there is nothing
//! to commit here.

use std::sync::Arc;
use std::time::Duration;

use super::OutboundGate;
use crate::domain::ids::ChatId;
use crate::outbound::entry::{Content, Entry, Row};
use crate::outbound::fate::Note;
use crate::outbound::news::News;
use crate::outbound::parcel::Ticket;
use crate::outbound::parcel_fate::ParcelFate;
use crate::outbound::sending::Trouble;
use crate::telegram::Sent;

impl OutboundGate {
    /// The ticket travels with the request: a try that panics or is lost reports itself.
    pub(super) fn send_parcel(&self, row: Arc<Row>, mut ticket: Ticket) {
        let courier = Arc::clone(&self.courier);
        let chat = row.chat;
        let errand = async move {
            let (result, took) = courier.deliver(&row, &mut ticket).await;
            News::Delivered { chat, result, ticket: Some(ticket), took }
        };
        let result = Err(Trouble::Panicked);
        let lost = News::Delivered { chat, result, ticket: None, took: None };
        self.launch(errand, lost);
    }

    pub(super) fn take_up_parcel(
        &mut self,
        chat: ChatId,
        result: Result<Sent, Trouble>,
        ticket: Option<Ticket>,
        took: Option<Duration>,
    ) {
        let (now, random) = (self.now(), self.random());
        let Some(Entry { row, attempts, .. }) = self.queue.in_flight(chat) else { return };
        let Content::Known(outgoing) = &row.content else { return };
        let lane = row.lane();
        let is_taken = result.is_ok();
        let trouble = result.as_ref().err().map(ToString::to_string);
        let (fate, note) = self.patience.judge_parcel(*attempts, outgoing, result, random);
        if is_taken {
            self.note_taken();
        }
        if note == Note::Unauthorized && !self.is_refused {
            tracing::error!("telegram does not take the token, sending rests");
        } else if let Some(trouble) = trouble {
            tracing::debug!(error = %trouble, ?fate, "parcel not sent, or perhaps not");
        }
        if let Some(took) = took {
            self.queue.answered(lane, took, now);
            self.window_of(lane).note(took);
        }
        self.heed(chat, lane, note, now);
        self.window_of(lane).leave();
        match (fate, ticket) {
            (ParcelFate::PutBack { after, counts }, Some(mut ticket))
                if self.flush_until.is_none() && ticket.is_wanted() =>
            {
                ticket.take_back();
                self.queue.return_ticket(chat, ticket);
                let not_before = now.saturating_add(after);
                if counts {
                    self.queue.put_back(chat, not_before, true, now);
                } else {
                    self.queue.take_back(chat, not_before, now);
                }
                return;
            }
            (ParcelFate::PutBack { .. }, Some(mut ticket)) => {
                // Given back, by being dropped.
                ticket.take_back();
            }
            (ParcelFate::Ended(end), Some(ticket)) => ticket.end(end),
            (_, None) => {}
        }
        self.queue.finish(chat, now);
    }
}
