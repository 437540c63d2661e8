//! Sends one broadcast: reads who is next, writes outcomes, launches parcels. All decisions are the
//! campaign's; this carries.
//!
//! Invariants: a query is never dropped in flight; a commit of unknown fate is repeated as it was,
//! and nobody is launched before it is known to be there; what is on the way when the sending has to
//! end is waited for, what waits in the gate is called back. A runner that is dropped leaves nothing
//! that could still be sent: its parcels see their door closed.

mod news;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::campaign::{Batch, Campaign};
use super::card::{self, CardKeeper, Pace, tell};
use super::filling::Filled;
use super::letters::Letters;
use super::meters;
use super::rate::Rate;
use super::spec::{BroadcasterParts, Sending};
use crate::domain::broadcast::{
    Broadcast, BroadcastState, BroadcastView, NewBroadcast, Progress, Standing,
};
use crate::domain::clock::Timestamp;
use crate::domain::ids::BroadcastId;
use crate::domain::limits::Moment;
use crate::outbound::messages::{ParcelDoor, ParcelEnd, ParcelKey, Recall};
use crate::runtime::{Backoff, Work};
use crate::store::StoreResult;
use work::{Page, Written};

/// Pauses after the database gave no answer.
const UNWELL: Backoff = Backoff {
    first: Duration::from_millis(100),
    factor: 2.0,
    max: Duration::from_secs(2),
    jitter: 1.0,
};

/// What the broadcaster wants of a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orders {
    /// Whether to go on sending; otherwise what is on the way is brought to its end.
    pub goes_on: bool,
    /// How many broadcasts share the lane.
    pub share_of: usize,
    /// A successor goes on where this one ends, and says the rest.
    pub hands_over: bool,
}

/// Sends one broadcast.
pub struct Runner {
    parts: BroadcasterParts,
    plan: Arc<NewBroadcast>,
    cut_off: Timestamp,
    letters: Arc<Letters>,
    campaign: Campaign,
    orders: watch::Receiver<Orders>,
    door: ParcelDoor,
    ends: mpsc::UnboundedReceiver<(ParcelKey, ParcelEnd)>,
    /// Cancelled while nothing may leave.
    held: CancellationToken,
    origin: Instant,

    batch: Option<Batch>,
    commit: Option<Work<StoreResult<Progress>>>,
    page: Option<Work<StoreResult<Page>>>,
    deferred: Option<Work<StoreResult<Vec<Written>>>>,
    fill: Option<Work<StoreResult<Filled>>>,
    failures: u32,
    rests_until: Moment,

    rate: Rate,
    card: CardKeeper,
    /// Why it is ended by us.
    stopped: Option<String>,
    is_leaving: bool,
    hands_over: bool,
    /// Another process leads now.
    is_deposed: bool,
    _sending: Sending,
}

impl Runner {
    /// Takes a running broadcast over from whoever sent it before: what may have left is resolved
    /// by its policy first. None if it is gone.
    pub async fn take_over(
        parts: BroadcasterParts,
        id: BroadcastId,
        orders: watch::Receiver<Orders>,
        sending: Sending,
    ) -> StoreResult<Option<Self>> {
        let (resent, in_doubt) = parts.db.broadcast_recover(id, parts.clock.now()).await?;
        if resent > 0 || in_doubt > 0 {
            tracing::warn!(
                broadcast.id = id.0,
                resent,
                in_doubt,
                "broadcast goes on after a death"
            );
            meters::recovered(resent, in_doubt);
        }
        let Some(broadcast) = parts.db.broadcast_get(id).await? else { return Ok(None) };
        let (letters, stopped) = match Letters::of(&parts, &broadcast.plan).await? {
            Ok(letters) => (letters, None),
            Err(words) => (Letters::Undo, Some(words)),
        };
        let card = CardKeeper::open(&parts, &broadcast.plan).await?;
        let (door, ends) = mpsc::unbounded_channel();
        let Broadcast { plan, started_at, created_at, progress, .. } = broadcast;
        Ok(Some(Self {
            plan: Arc::new(plan),
            cut_off: started_at.unwrap_or(created_at),
            letters: Arc::new(letters),
            campaign: Campaign::new(progress, 1),
            orders,
            door,
            ends,
            held: CancellationToken::new(),
            origin: Instant::now(),
            batch: None,
            commit: None,
            page: None,
            deferred: None,
            fill: None,
            failures: 0,
            rests_until: Moment::ZERO,
            rate: Rate::default(),
            card,
            stopped,
            is_leaving: false,
            hands_over: false,
            is_deposed: false,
            _sending: sending,
            parts,
        }))
    }

    /// Sends until everybody has an outcome, or until it is told to leave.
    pub async fn run(mut self) {
        while !self.is_deposed {
            let now = self.now();
            self.steer();
            self.begin_work(now);
            if self.is_at_rest() && self.end_if_due().await {
                return self.close().await;
            }
            self.show_progress();
            let news = self.wait(now).await;
            self.take(news);
        }
    }

    /// The last word on the card. After a hold nobody waits for it: the admin may want to go on at
    /// once, and what is shown is read when it is shown.
    async fn close(self) {
        let Self { card, parts, campaign, stopped, hands_over, _sending, .. } = self;
        if campaign.is_over() || stopped.is_some() {
            card.show_last(&parts).await;
        } else if !hands_over {
            let work = parts.work.clone();
            drop(work.spawn(async move { card.show_last(&parts).await }));
        }
    }

    fn now(&self) -> Moment {
        self.origin.elapsed()
    }

    /// Whether it goes on or rests, and how much of the lane is its own.
    fn steer(&mut self) {
        let orders = *self.orders.borrow_and_update();
        self.is_leaving |= !orders.goes_on;
        self.hands_over |= orders.hands_over;
        let quiet_until = self.quiet_until();
        let windows = &self.parts.windows;
        let lane = windows.of(self.plan.paid);
        self.campaign.set_window(lane / orders.share_of.max(1));
        let is_held = self.is_leaving || self.stopped.is_some() || quiet_until.is_some();
        self.campaign.hold(is_held);
        if is_held && !self.held.is_cancelled() {
            self.held.cancel();
            self.rate.reset();
            // What waits in the gate comes back as not sent.
            let _ = self.parts.recall.ring(Recall);
        } else if !is_held && self.held.is_cancelled() {
            self.held = CancellationToken::new();
        }
    }

    fn quiet_until(&self) -> Option<Timestamp> {
        self.plan.quiet.as_ref()?.until(self.parts.clock.now())
    }

    fn is_at_rest(&self) -> bool {
        let is_working = self.commit.is_some()
            || self.page.is_some()
            || self.deferred.is_some()
            || self.fill.is_some();
        !is_working && self.batch.is_none() && self.campaign.is_at_rest()
    }

    /// With nothing under way: whether there is nothing more to do.
    async fn end_if_due(&mut self) -> bool {
        let (state, reason) = if let Some(words) = &self.stopped {
            (BroadcastState::Stopped, Some(words.clone()))
        } else if self.campaign.is_over() {
            (BroadcastState::Done, None)
        } else {
            if self.campaign.is_stuck() {
                tracing::error!(broadcast.id = self.plan.id.0, "recipients without an end");
                return true;
            }
            return self.is_leaving;
        };
        if self.now() < self.rests_until {
            return false;
        }
        match self.end(state, reason).await {
            Ok(()) => true,
            Err(error) => {
                self.note_failure(&error, "the end of a broadcast");
                self.is_deposed
            }
        }
    }

    async fn end(&self, state: BroadcastState, reason: Option<String>) -> StoreResult<()> {
        let (db, id, now) = (&self.parts.db, self.plan.id, self.parts.clock.now());
        if !db.broadcast_end(id, state, reason.clone(), now).await? {
            return Ok(());
        }
        let took = now - self.cut_off;
        meters::ended(state, took.to_std().unwrap_or_default().as_secs_f64());
        tracing::info!(broadcast.id = id.0, state = state.name(), reason, "broadcast ends");
        let Some(broadcast) = db.broadcast_get(id).await? else { return Ok(()) };
        match reason {
            Some(reason) => {
                tell(&self.parts, &broadcast, |_| BroadcastView::Stopped { reason }).await;
            }
            // Nobody watched it on a card.
            None if self.plan.card.is_none() => {
                let standing = card::standing(&self.parts.db, broadcast.clone(), Pace::default());
                let standing = standing.await?;
                let report =
                    |zone| BroadcastView::Progress(Box::new(Standing { zone, ..standing }));
                tell(&self.parts, &broadcast, report).await;
            }
            None => {}
        }
        Ok(())
    }

    fn show_progress(&mut self) {
        if self.is_leaving || !self.card.is_due() {
            return;
        }
        let pending = self.campaign.progress().pending();
        let pace = Pace {
            rate_per_s: self.rate.per_second(),
            left_s: self.rate.left_s(pending),
            quiet_until: self.quiet_until(),
        };
        self.card.show(&self.parts, pace);
    }
}
