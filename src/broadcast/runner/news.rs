//! What a runner does when something that it has begun comes to its end.

use std::future::pending;
use std::time::Duration;

use tokio::time::sleep_until;

use super::work::{DEFERRED_MAX, Page, Written};
use super::{Runner, UNWELL};
use crate::broadcast::campaign::{Addressed, Verdict};
use crate::broadcast::filling::Filled;
use crate::broadcast::meters;
use crate::domain::broadcast::{DoubtPolicy, Progress};
use crate::domain::limits::Moment;
use crate::outbound::messages::{Launch, Parcel, ParcelEnd, ParcelKey, Ticket};
use crate::runtime::{Work, WorkError};
use crate::store::records::Recipient;
use crate::store::{StoreError, StoreResult};

/// How often quiet hours and the card are looked at when nothing happens.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Longest wait of a deferred recipient after a restart, whatever the clock says.
const WAIT_MAX: Duration = Duration::from_mins(10);

type Outcome<T> = Result<StoreResult<T>, WorkError>;

/// Something that was begun has ended, or it is time to look.
pub enum News {
    Parcel(ParcelKey, ParcelEnd),
    Committed(Outcome<Progress>),
    Page(Outcome<Page>),
    Deferred(Outcome<Vec<Written>>),
    Filled(Outcome<Filled>),
    Time,
}

impl Runner {
    /// Waits for news, or until something is due.
    pub async fn wait(&mut self, now: Moment) -> News {
        let look = now.saturating_add(LOOK_EVERY);
        let next = if now < self.rests_until {
            self.rests_until
        } else {
            self.campaign.next_look(now).unwrap_or(look)
        };
        let wake = self.origin + next.min(look);
        let is_leaving = self.is_leaving;
        tokio::select! {
            Some((key, end)) = self.ends.recv() => News::Parcel(key, end),
            done = of(&mut self.commit) => News::Committed(done),
            page = of(&mut self.page) => News::Page(page),
            found = of(&mut self.deferred) => News::Deferred(found),
            filled = of(&mut self.fill) => News::Filled(filled),
            changed = self.orders.changed(), if !is_leaving => {
                // Without its broadcaster it ends; a successor goes on.
                self.is_leaving |= changed.is_err();
                self.hands_over |= changed.is_err();
                News::Time
            }
            () = sleep_until(wake) => News::Time,
        }
    }

    /// Takes news up.
    pub fn take(&mut self, news: News) {
        let now = self.now();
        match news {
            News::Time => {}
            News::Parcel(key, end) => {
                self.take_end(key, end, now);
                // What else has come shares the next commit.
                while let Ok((key, end)) = self.ends.try_recv() {
                    self.take_end(key, end, now);
                }
            }
            News::Committed(done) => {
                self.commit = None;
                if let Some(progress) = self.heed(done, "outcomes of a broadcast") {
                    self.take_commit(progress, now);
                }
            }
            News::Page(page) => {
                self.page = None;
                if let Some(Page { written, read_to, filled }) = self.heed(page, "recipients") {
                    let ready = self.sort(written).into_iter().map(|(_, ready)| ready).collect();
                    self.campaign.take_page(ready, read_to, filled);
                }
            }
            News::Deferred(found) => {
                self.deferred = None;
                if let Some(found) = self.heed(found, "deferred recipients") {
                    self.take_deferred(found, now);
                }
            }
            News::Filled(filled) => {
                self.fill = None;
                if let Some(filled) = self.heed(filled, "the audience of a broadcast") {
                    self.campaign.note_filled(filled.count, filled.is_complete);
                }
            }
        }
    }

    fn take_end(&mut self, key: ParcelKey, end: ParcelEnd, now: Moment) {
        let clock = self.parts.clock.now();
        if end == ParcelEnd::InDoubt && self.plan.doubt == DoubtPolicy::Resend {
            meters::resent();
        }
        match self.campaign.ended(key.seq, end, self.plan.doubt, now, clock) {
            Verdict::GoOn => {}
            Verdict::Stop(words) => self.stopped = Some(words),
        }
    }

    fn take_commit(&mut self, progress: Progress, now: Moment) {
        let Some(batch) = self.batch.take() else { return };
        meters::outcomes(&batch.outcomes, self.parts.clock.now());
        self.rate.note(now, progress.settled());
        let launch = self.campaign.committed(batch, progress, now);
        if launch.is_empty() {
            return;
        }
        let parcels = launch.into_iter().map(|next| self.parcel(next)).collect();
        // A gate that is not there drops them: they come back as not sent.
        let _ = self.parts.launch.ring(Launch(parcels));
    }

    fn parcel(&self, next: Addressed) -> Parcel {
        let key = ParcelKey { broadcast: self.plan.id, seq: next.seq };
        let ticket = Ticket::new(key, self.door.clone(), self.held.clone());
        Parcel { chat: next.chat, content: next.letter, is_paid: self.plan.paid, ticket }
    }

    fn take_deferred(&mut self, found: Vec<Written>, now: Moment) {
        let all = i64::try_from(found.len()).is_ok_and(|count| count < DEFERRED_MAX);
        let clock = self.parts.clock.now();
        let wait = |recipient: &Recipient| {
            let left = recipient.not_before.map(|at| (at - clock).to_std().unwrap_or_default());
            left.unwrap_or_default().min(WAIT_MAX)
        };
        let waiting: Vec<_> = self
            .sort(found)
            .into_iter()
            .map(|(recipient, addressed)| (addressed, wait(&recipient)))
            .collect();
        self.campaign.take_deferred(waiting, all, now);
    }

    /// Those with a letter; the others have their outcome.
    fn sort(&mut self, written: Vec<Written>) -> Vec<(Recipient, Addressed)> {
        let mut ready = Vec::with_capacity(written.len());
        for (recipient, letter) in written {
            match letter {
                Ok(addressed) => ready.push((recipient, addressed)),
                Err(why) => self.campaign.skip(&recipient, why),
            }
        }
        ready
    }

    /// What came of a query; none after a failure, which makes the runner rest.
    fn heed<T>(&mut self, outcome: Outcome<T>, what: &'static str) -> Option<T> {
        let error = match outcome {
            Ok(Ok(found)) => {
                self.failures = 0;
                return Some(found);
            }
            Ok(Err(error)) => error,
            Err(broken) => StoreError::Unavailable { call: what, reason: broken.to_string() },
        };
        self.note_failure(&error, what);
        None
    }

    pub(super) fn note_failure(&mut self, error: &StoreError, what: &'static str) {
        if error.is_lease_lost() {
            self.is_deposed = true;
            return;
        }
        self.failures = self.failures.saturating_add(1);
        let rest = UNWELL.delay(self.failures, fastrand::f64());
        self.rests_until = self.now().saturating_add(rest);
        tracing::warn!(broadcast.id = self.plan.id.0, what, %error, "the database gave no answer");
    }
}

/// Waits for work, if there is any.
async fn of<T>(work: &mut Option<Work<T>>) -> Result<T, WorkError> {
    match work {
        Some(work) => work.await,
        None => pending().await,
    }
}
