//! The actor. It decides nothing by itself: it carries things between intake, queue, sending,
//! fate and settling, and keeps the windows.

mod handlers;
mod parcels;

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::answering::ANSWERS_IN_FLIGHT;
use super::entry::{Entry, Key, Lane, Row};
use super::fate::{DoubtPolicy, Fate, Note, Patience, UNAUTHORIZED_PAUSE, doubt_policy};
use super::files::Uploads;
use super::intake::Intake;
use super::meters;
use super::news::{Messenger, News};
use super::queue::Queue;
use super::recent::Recent;
use super::sending::{Courier, Trouble};
use super::settle::{self, Afterwards, Settlement, Settling};
use super::spec::{GateConfig, GateParts, GatePorts};
use super::window::{Bounds, Window};

use crate::domain::clock::Timestamp;
use crate::domain::ids::{ChatId, MessageId, OutboxId, UserId};
use crate::domain::limits::{Limits, Moment};
use crate::runtime::{Backoff, Permits};
use crate::store::records::{NewOutbox, OutboxClass, OutboxEnd, OutboxItem, OutboxOutcome};

/// How often all open rows are read while some are in memory. With none, each tick does it.
const FULL_SWEEP: Duration = Duration::from_secs(5);

/// Pauses between tries to write outcomes down. Short: while they are not written, their chats and
/// a part of the window wait.
const UNSETTLED: Backoff = Backoff {
    first: Duration::from_millis(250),
    factor: 2.0,
    max: Duration::from_secs(3),
    jitter: 1.0,
};

/// How many messages are remembered as targets of edits; others are looked up.
const TARGETS_REMEMBERED: usize = 4_096;

/// The only sender.
pub(super) struct OutboundGate {
    config: GateConfig,
    tools: GateParts,
    ports: GatePorts,
    patience: Patience,
    courier: Arc<Courier>,
    answers: Permits,
    origin: Instant,

    queue: Queue,
    intake: Intake,
    settling: Settling,
    replies: Window,
    bulk: Window,
    paid: Window,
    targets: Recent<MessageId>,

    /// Doorbells that did not reach any gate, as far as it is known.
    doorbells_lost: u64,
    swept_at: Moment,
    is_refused: bool,
    /// While draining: until when messages are begun.
    flush_until: Option<Moment>,
    timer: Option<(Moment, SpawnHandle)>,
    door: UnboundedSender<News>,
    news: Option<UnboundedReceiver<News>>,
}

impl OutboundGate {
    pub(super) fn new(config: GateConfig, tools: GateParts, ports: GatePorts) -> Self {
        let (door, news) = mpsc::unbounded_channel();
        let courier = Courier {
            db: tools.db.clone(),
            limiter: tools.limiter.clone(),
            reply: tools.reply.clone(),
            bulk: tools.bulk.clone(),
            paid: tools.paid.clone(),
            tenure: tools.tenure.clone(),
            blobs: tools.blobs.clone(),
            uploads: Uploads::default(),
        };
        Self {
            patience: Patience { backoff: config.backoff, max_attempts: config.max_attempts },
            courier: Arc::new(courier),
            answers: Permits::new("answers", ANSWERS_IN_FLIGHT),
            origin: Instant::now(),
            // The wall clock of the limits begins here, and an earlier life may just have ended.
            queue: Queue::new(
                config.limits.map(|limits| Limits::after_unknown(&limits, Moment::ZERO)),
            ),
            intake: Intake::new(config.queued_limit),
            settling: Settling::default(),
            replies: Window::new(Bounds::exactly(config.window)),
            bulk: Window::new(config.bulk_window),
            paid: Window::new(config.paid_window),
            targets: Recent::new(TARGETS_REMEMBERED),
            doorbells_lost: 0,
            swept_at: Moment::ZERO,
            is_refused: false,
            flush_until: None,
            timer: None,
            door,
            news: Some(news),
            config,
            tools,
            ports,
        }
    }

    fn now(&self) -> Moment {
        self.origin.elapsed()
    }

    fn random(&self) -> f64 {
        (self.tools.random)()
    }

    /// Runs work beside the actor. Its end comes as news, even if it panics.
    fn launch(&self, work: impl Future<Output = News> + Send + 'static, if_it_panics: News) {
        let messenger = Messenger::new(self.door.clone(), if_it_panics);
        drop(self.tools.work.spawn(async move { messenger.deliver(work.await) }));
    }

    /// Does everything that can be done now, and arranges for the next time.
    fn pump(&mut self, ctx: &mut Context<Self>) {
        let now = self.now();
        self.queue.advance(now);
        self.send_all(now);
        self.settle();
        self.read(now);
        self.set_timer(now, ctx);
        self.stop_when_drained(now, ctx);
    }

    // Rows come in

    fn take_in(&mut self, rows: Vec<NewOutbox>) {
        let now = self.now();
        for row in rows {
            self.queue.insert(Row::new(&row, false), 0, now, now);
        }
    }

    /// Doorbells that were refused by a full mailbox, or rang while no gate was there, leave a gap.
    fn look_for_lost_doorbells(&mut self) {
        let lost = self.ports.dispatch.lost().saturating_add(self.ports.ring.lost());
        if lost != self.doorbells_lost {
            self.doorbells_lost = lost;
            self.intake.miss();
        }
    }

    fn read(&mut self, now: Moment) {
        if self.is_flushed(now) {
            return;
        }
        let Some((after, limit)) = self.intake.begin_reading(self.queue.len()) else { return };
        let db = self.tools.db.clone();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let reading = async move {
            fail_point!(GateRead);
            let items = db.outbox_open(after, limit).await;
            News::Read(items.inspect_err(|error| error.tell("outbox not read")).ok())
        };
        self.launch(reading, News::Read(None));
    }

    /// A failed reading is begun again by the next tick.
    fn take_up_reading(&mut self, items: Option<Vec<OutboxItem>>) {
        let Some(items) = items else {
            self.intake.reading_failed();
            return;
        };
        let (now, wall_clock) = (self.now(), self.tools.clock.now());
        let queue = &self.queue;
        let fresh = self.intake.reading_done(items, |id| queue.contains(id));
        for item in fresh {
            let wait = (item.not_before - wall_clock).to_std().unwrap_or_default();
            let attempts = u32::try_from(item.attempts).unwrap_or(0);
            let row = Row::new(&item.message, item.in_doubt);
            self.queue.insert(row, attempts, now.saturating_add(wait), now);
        }
        let held = self.intake.catch_up();
        self.take_in(held);
    }

    // Messages go out

    fn send_all(&mut self, now: Moment) {
        if self.is_flushed(now) {
            return;
        }
        for lane in [Lane::Reply, Lane::Bulk, Lane::Paid] {
            while self.may_send(lane) {
                let Some(entry) = self.queue.take(lane, now) else { break };
                self.window_of(lane).enter();
                self.send(entry);
            }
        }
    }

    /// Whether nothing is begun any more.
    fn is_flushed(&self, now: Moment) -> bool {
        self.flush_until.is_some_and(|until| now >= until)
    }

    /// Whether a lane has room in its window. While draining no bulk is begun.
    const fn may_send(&self, lane: Lane) -> bool {
        match lane {
            Lane::Reply => self.replies.has_room(),
            Lane::Bulk => self.flush_until.is_none() && self.bulk.has_room(),
            Lane::Paid => self.flush_until.is_none() && self.paid.has_room(),
        }
    }

    const fn window_of(&mut self, lane: Lane) -> &mut Window {
        match lane {
            Lane::Reply => &mut self.replies,
            Lane::Bulk => &mut self.bulk,
            Lane::Paid => &mut self.paid,
        }
    }

    fn send(&self, entry: Entry) {
        let row = entry.row;
        if entry.attempts > 0 {
            meters::retry(if row.class == OutboxClass::Edit { "edit" } else { "send" });
        }
        if let Some(ticket) = entry.ticket {
            self.send_parcel(row, ticket);
            return;
        }
        let target = row.edit_of.and_then(|target| self.targets.get(target)).copied();
        let courier = Arc::clone(&self.courier);
        let chat = row.chat;
        let span = row.span();
        let errand = async move {
            let result = courier.carry(&row, target).await;
            tracing::debug!(lane = row.lane().name(), sent = result.is_ok(), "message carried");
            News::Carried { chat, result }
        };
        self.launch(
            errand.instrument(span),
            News::Carried { chat, result: Err(Trouble::Panicked) },
        );
    }

    fn take_up_result(&mut self, chat: ChatId, result: &Result<Option<MessageId>, Trouble>) {
        let now = self.now();
        let random = self.random();
        let Some(entry) = self.queue.in_flight(chat) else { return };
        let (fate, note) = self.patience.judge(entry, result, random);
        let Key::Row(id) = entry.row.key else { return };
        let lane = entry.row.lane();
        let is_target = entry.row.class == OutboxClass::Reply;
        let was_retried = entry.attempts > 0;

        if let Err(trouble) = result {
            self.tell(id, fate, note, trouble);
        }
        self.heed(chat, lane, note, now);
        if matches!(fate, Fate::Sent(_) | Fate::Failed(_) | Fate::Forgotten) {
            self.ports.awaited.row_left(id);
        }
        if was_retried && matches!(fate, Fate::Sent(_) | Fate::Failed(_)) {
            meters::retried(matches!(fate, Fate::Sent(_)));
        }
        let (end, afterwards) = match fate {
            Fate::Sent(message) => {
                self.note_taken();
                if let Some(message) = message.filter(|_| is_target) {
                    self.targets.insert(id, message);
                }
                (OutboxEnd::Sent(message), Afterwards::Finish)
            }
            Fate::Failed(class) => (OutboxEnd::Failed(class), Afterwards::Finish),
            Fate::Deferred { after, counts } => {
                let until = later(self.tools.clock.now(), after);
                let not_before = now.saturating_add(after);
                (OutboxEnd::Deferred { until, counts }, Afterwards::PutBack { not_before, counts })
            }
            Fate::PutBack { after } => {
                self.window_of(lane).leave();
                self.queue.take_back(chat, now.saturating_add(after), now);
                return;
            }
            Fate::Forgotten => {
                self.window_of(lane).leave();
                self.finish(chat, id, now);
                return;
            }
        };
        let is_person = note == Note::ChatGone && chat.is_private();
        self.settling.push(Settlement {
            chat,
            lane,
            outcome: OutboxOutcome { id, end },
            unreachable: is_person.then_some(UserId(chat.0)),
            afterwards,
        });
    }

    /// Says what went wrong, once, without chat and content.
    fn tell(&self, id: OutboxId, fate: Fate, note: Note, trouble: &Trouble) {
        let outbox_id = id.0;
        match (fate, note) {
            (_, Note::Unauthorized) if self.is_refused => {}
            (_, Note::Unauthorized) => {
                tracing::error!(error = %trouble, "telegram does not take the token, sending rests");
            }
            (Fate::Failed(class), Note::ChatGone) => {
                tracing::info!(outbox.id = outbox_id, class, "message not sent, the chat is gone");
            }
            (Fate::Failed(class), _) => {
                tracing::error!(outbox.id = outbox_id, class, error = %trouble, "message not sent");
            }
            (Fate::Forgotten, _) => {
                tracing::warn!(outbox.id = outbox_id, error = %trouble, "message dropped");
            }
            // Not louder: in an outage it comes by the hundred, and the metrics count it.
            _ => tracing::debug!(outbox.id = outbox_id, error = %trouble, "message is tried again"),
        }
    }

    /// What follows from a try beside the row's own fate.
    fn heed(&mut self, chat: ChatId, lane: Lane, note: Note, now: Moment) {
        match note {
            Note::Nothing | Note::ChatGone => {}
            Note::Flood(wait) => {
                meters::flood_wait(wait);
                self.queue.freeze(chat, now.saturating_add(wait), now);
            }
            Note::Unauthorized => {
                self.is_refused = true;
                meters::refused(true);
                self.queue.halt(now.saturating_add(UNAUTHORIZED_PAUSE));
            }
            Note::InDoubt => {
                let decision = match doubt_policy(lane) {
                    DoubtPolicy::Repeat => "resent",
                    DoubtPolicy::Skip => "skipped",
                };
                meters::in_doubt(lane, decision);
            }
            Note::RowMissing => self.intake.sweep(),
        }
    }

    /// Telegram takes the token.
    fn note_taken(&mut self) {
        if std::mem::replace(&mut self.is_refused, false) {
            meters::refused(false);
        }
    }

    // Outcomes are written down

    fn settle(&mut self) {
        if let Some(batch) = self.settling.begin() {
            self.commit(batch);
        }
    }

    fn commit(&self, batch: Vec<Settlement>) {
        let db = self.tools.db.clone();
        let now = self.tools.clock.now();
        let committing = async move {
            let committed = settle::commit(&db, batch, now).await;
            match &committed {
                Ok(()) => {}
                // The end of this gate is on its way; its successor sends these rows again.
                Err(error) if error.is_lease_lost() => {
                    tracing::warn!(%error, "outcomes not stored, another process sends now");
                }
                Err(error) => error.tell("outcomes not stored"),
            }
            News::Settled(committed.is_ok())
        };
        self.launch(committing, News::Settled(false));
    }

    fn take_up_commit(&mut self, is_committed: bool, ctx: &mut Context<Self>) {
        if !is_committed {
            let failures = self.settling.failed();
            let delay = UNSETTLED.delay(failures, self.random());
            ctx.run_later(delay, |gate, _ctx| {
                if let Some(batch) = gate.settling.begin_again() {
                    gate.commit(batch);
                }
            });
            return;
        }
        let now = self.now();
        for Settlement { chat, lane, outcome, afterwards, .. } in self.settling.committed() {
            self.window_of(lane).leave();
            match afterwards {
                Afterwards::Finish => self.finish(chat, outcome.id, now),
                Afterwards::PutBack { not_before, counts } => {
                    self.queue.put_back(chat, not_before, counts, now);
                }
            }
        }
    }

    fn finish(&mut self, chat: ChatId, id: OutboxId, now: Moment) {
        self.intake.note_settled(id);
        self.queue.finish(chat, now);
    }

    // Time

    /// Comes by itself, so that no doorbell is needed.
    fn tick(&mut self, ctx: &mut Context<Self>) {
        let now = self.now();
        self.intake.end_rest();
        self.look_for_lost_doorbells();
        let is_due = self.queue.len() == 0 || now.saturating_sub(self.swept_at) >= FULL_SWEEP;
        if is_due && !self.intake.is_reading() {
            self.swept_at = now;
            self.intake.sweep();
        }
        let in_flight = [&self.replies, &self.bulk, &self.paid].map(Window::in_flight);
        meters::depth(&self.queue, in_flight, now);
        self.fit_windows();
        self.pump(ctx);
    }

    pub(super) fn fit_windows(&mut self) {
        for (lane, is_paid) in [(Lane::Bulk, false), (Lane::Paid, true)] {
            let per_s = self.queue.per_s(lane);
            let size = self.window_of(lane).fit(per_s);
            self.ports.windows.set(is_paid, size);
        }
    }

    /// One timer at most, for the earliest moment.
    fn set_timer(&mut self, now: Moment, ctx: &mut Context<Self>) {
        let lanes = [Lane::Bulk, Lane::Paid].map(|lane| self.may_send(lane).then_some(lane));
        let next = self.queue.next_look(lanes.into_iter().flatten(), now);
        let next =
            [next, self.flush_until.filter(|until| *until > now)].into_iter().flatten().min();
        if self.timer.map(|(at, _)| at) == next {
            return;
        }
        if let Some((_, timer)) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        if let Some(at) = next {
            let timer = ctx.run_later(at.saturating_sub(now), |gate, ctx| {
                gate.timer = None;
                gate.pump(ctx);
            });
            self.timer = Some((at, timer));
        }
    }

    /// Draining is over when nothing is in flight, nothing is being read, and no reply can be sent
    /// in time.
    fn stop_when_drained(&mut self, now: Moment, ctx: &mut Context<Self>) {
        let Some(until) = self.flush_until else { return };
        let in_flight = [&self.replies, &self.bulk, &self.paid].map(Window::in_flight);
        if in_flight != [0; 3] || !self.settling.is_idle() {
            return;
        }
        // At rest the window is free: a reply that could go now would be in flight.
        let next = self.queue.next_look([], now);
        let can_send = self.queue.replies_waiting() > 0 && next.is_some_and(|at| at < until);
        let can_read = !self.is_flushed(now) && self.intake.goes_on(self.queue.len());
        if !can_send && !can_read {
            ctx.stop();
        }
    }
}

/// `now + after`; what is beyond all calendars is a day.
fn later(now: Timestamp, after: Duration) -> Timestamp {
    let after = chrono::Duration::from_std(after).unwrap_or(chrono::Duration::days(1));
    now.checked_add_signed(after).unwrap_or(now)
}
