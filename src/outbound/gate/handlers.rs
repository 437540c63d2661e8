//! What the gate does on each message: thin, as everything is decided elsewhere.

use actix::prelude::*;
use futures_util::stream;
use tokio::time::Instant;

use super::OutboundGate;
use crate::outbound::messages::{Dispatch, Launch, Recall, Ring, SendAnswer};
use crate::outbound::news::News;
use crate::outbound::window::Window;
use crate::outbound::{meters, sending};
use crate::runtime::{Drain, Envelope, Fact, Heartbeat};

impl Actor for OutboundGate {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // What was lost before is read from the database anyway.
        self.doorbells_lost = self.ports.dispatch.lost().saturating_add(self.ports.ring.lost());
        if let Some(mut news) = self.news.take() {
            ctx.add_stream(stream::poll_fn(move |cx| news.poll_recv(cx)));
        }
        self.ports.awaited.forget();
        meters::refused(false);
        self.fit_windows();
        ctx.run_interval(self.config.sweep_interval, Self::tick);
        self.pump(ctx);
    }
}

impl StreamHandler<News> for OutboundGate {
    fn handle(&mut self, news: News, ctx: &mut Self::Context) {
        match news {
            News::Carried { chat, result } => self.take_up_result(chat, &result),
            News::Delivered { chat, result, ticket, took } => {
                self.take_up_parcel(chat, result, ticket, took);
            }
            News::Settled(is_committed) => self.take_up_commit(is_committed, ctx),
            News::Read(items) => self.take_up_reading(items),
        }
        self.pump(ctx);
    }
}

impl Handler<Envelope<Dispatch>> for OutboundGate {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Dispatch>, ctx: &mut Self::Context) {
        let (Dispatch(rows), span) = envelope.open();
        let _entered = span.enter();
        if self.flush_until.is_some() {
            return;
        }
        self.look_for_lost_doorbells();
        let rows = self.intake.hear(rows, self.queue.len());
        self.take_in(rows);
        self.pump(ctx);
    }
}

impl Handler<Envelope<Ring>> for OutboundGate {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Ring>, ctx: &mut Self::Context) {
        let (Ring, span) = envelope.open();
        let _entered = span.enter();
        if self.flush_until.is_some() {
            return;
        }
        self.intake.hear_ring(self.queue.len());
        self.pump(ctx);
    }
}

impl Handler<Envelope<Launch>> for OutboundGate {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Launch>, ctx: &mut Self::Context) {
        let (Launch(parcels), span) = envelope.open();
        let _entered = span.enter();
        // While draining they are given back, by being dropped.
        if self.flush_until.is_some() {
            return;
        }
        let now = self.now();
        for parcel in parcels {
            self.queue.insert_parcel(parcel, now);
        }
        self.pump(ctx);
    }
}

impl Handler<Envelope<Recall>> for OutboundGate {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Recall>, ctx: &mut Self::Context) {
        let (Recall, _span) = envelope.open();
        self.queue.drop_unwanted(self.now());
        self.pump(ctx);
    }
}

impl Handler<Envelope<SendAnswer>> for OutboundGate {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<SendAnswer>, _ctx: &mut Self::Context) {
        let (SendAnswer(answer), _span) = envelope.open();
        let Some(permit) = self.answers.try_acquire() else {
            meters::answer_dropped();
            self.ports.awaited.answer_left(&answer);
            return;
        };
        let (client, tenure) = (self.tools.answer.clone(), self.tools.tenure.clone());
        let awaited = self.ports.awaited.clone();
        drop(self.tools.work.spawn(async move {
            if !tenure.is_over() {
                sending::answer(&client, &answer).await;
            }
            awaited.answer_left(&answer);
            drop(permit);
        }));
    }
}

impl Handler<Envelope<Heartbeat>> for OutboundGate {
    type Result = Vec<Fact>;

    fn handle(&mut self, envelope: Envelope<Heartbeat>, _ctx: &mut Self::Context) -> Vec<Fact> {
        let (Heartbeat, _span) = envelope.open();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let in_flight = [&self.replies, &self.bulk, &self.paid].map(Window::in_flight);
        let in_flight = in_flight.into_iter().sum();
        vec![
            Fact { name: "queued", value: count(self.queue.len()) },
            Fact { name: "parcels", value: count(self.queue.parcels()) },
            Fact { name: "in_flight", value: count(in_flight) },
            Fact { name: "frozen_chats", value: count(self.queue.frozen_chats(self.now())) },
            Fact { name: "catching_up", value: i64::from(self.intake.is_behind()) },
        ]
    }
}

impl Handler<Envelope<Drain>> for OutboundGate {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let (Drain { deadline }, _span) = envelope.open();
        fail_point!(DrainGate);
        let now = self.now();
        // Half of the time to begin sends, the other half for their answers and commits.
        let left = deadline.saturating_duration_since(Instant::now());
        self.flush_until = Some(now.saturating_add(left / 2));
        self.queue.give_back_parcels(now);
        self.pump(ctx);
    }
}
