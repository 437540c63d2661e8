//! The actor: keeps a runner for each broadcast that is to be sent. Thin: what is due comes from the
//! database, the sending is the runners'.

use std::collections::HashMap;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::watch;

use super::look::look;
use super::meters;
use super::runner::{Orders, Runner};
use super::spec::BroadcasterParts;
use crate::domain::broadcast::{Broadcast, BroadcastState};
use crate::domain::ids::BroadcastId;
use crate::runtime::{Drain, Envelope, Fact, Heartbeat, Ring};

/// How often it looks when nobody rings.
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub struct Broadcaster {
    parts: BroadcasterParts,
    runners: HashMap<BroadcastId, watch::Sender<Orders>>,
    is_looking: bool,
    must_look_again: bool,
    is_leaving: bool,
}

impl Broadcaster {
    pub fn new(parts: BroadcasterParts) -> Self {
        Self {
            parts,
            runners: HashMap::new(),
            is_looking: false,
            must_look_again: false,
            is_leaving: false,
        }
    }

    /// Reads what is due; one reading at a time.
    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.is_leaving {
            return;
        }
        if self.is_looking {
            self.must_look_again = true;
            return;
        }
        self.is_looking = true;
        let looking = self.parts.work.spawn(look(self.parts.clone()));
        ctx.spawn(looking.into_actor(self).map(|found, broadcaster, ctx| {
            broadcaster.is_looking = false;
            match found {
                Ok(Ok(found)) => broadcaster.take(&found, ctx),
                // The supervisor ends what another process does now.
                Ok(Err(error)) if error.is_lease_lost() => {}
                Ok(Err(error)) => error.tell("broadcasts cannot be read"),
                Err(error) => tracing::error!(%error, "the look at broadcasts broke"),
            }
            if std::mem::take(&mut broadcaster.must_look_again) {
                broadcaster.look(ctx);
            }
        }));
    }

    fn take(&mut self, open: &[Broadcast], ctx: &mut Context<Self>) {
        let is_running = |broadcast: &&Broadcast| broadcast.state == BroadcastState::Running;
        let running: Vec<&Broadcast> = open.iter().filter(is_running).collect();
        let now = self.parts.clock.now();
        let is_quiet =
            |it: &Broadcast| it.plan.quiet.as_ref().is_some_and(|quiet| quiet.until(now).is_some());
        let remaining = running.iter().map(|broadcast| broadcast.progress.pending()).sum();
        // One that its quiet hours hold makes no progress, and should not.
        meters::under_way(running.iter().filter(|it| !is_quiet(it)).count(), remaining);
        if self.is_leaving {
            return;
        }
        // Those that were held or ended bring what is on the way to its end.
        for (id, orders) in &self.runners {
            let share_of = share_of(&running, *id);
            let goes_on = running.iter().any(|broadcast| broadcast.plan.id == *id);
            orders.send_if_modified(|orders| {
                let fresh = Orders { goes_on, share_of, hands_over: false };
                std::mem::replace(orders, fresh) != fresh
            });
        }
        for broadcast in &running {
            let id = broadcast.plan.id;
            if !self.runners.contains_key(&id) {
                self.start(id, share_of(&running, id), ctx);
            }
        }
    }

    fn start(&mut self, id: BroadcastId, share_of: usize, ctx: &mut Context<Self>) {
        // One that an earlier broadcaster has begun comes to its end first.
        let Some(sending) = self.parts.under_way.begin(id) else { return };
        let (orders, heard) = watch::channel(Orders { goes_on: true, share_of, hands_over: false });
        self.runners.insert(id, orders);
        let parts = self.parts.clone();
        let running = self.parts.work.spawn(async move {
            match Runner::take_over(parts, id, heard, sending).await {
                Ok(Some(runner)) => runner.run().await,
                Ok(None) => {}
                Err(error) if error.is_lease_lost() => {}
                Err(error) => error.tell("broadcast cannot be taken over"),
            }
        });
        ctx.spawn(running.into_actor(self).map(move |ended, broadcaster, ctx| {
            if let Err(error) = ended {
                tracing::error!(broadcast.id = id.0, %error, "the sending of a broadcast broke");
            }
            broadcaster.runners.remove(&id);
            if !broadcaster.is_leaving {
                broadcaster.look(ctx);
            } else if broadcaster.runners.is_empty() {
                ctx.stop();
            }
        }));
    }
}

/// How many share the lane of a broadcast.
fn share_of(running: &[&Broadcast], id: BroadcastId) -> usize {
    let is_paid = running.iter().find(|other| other.plan.id == id).is_some_and(|it| it.plan.paid);
    running.iter().filter(|other| other.plan.paid == is_paid).count().max(1)
}

impl Actor for Broadcaster {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.look(ctx);
        ctx.run_interval(LOOK_EVERY, Self::look);
    }
}

impl Handler<Envelope<Ring>> for Broadcaster {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Ring>, ctx: &mut Self::Context) {
        let (Ring, span) = envelope.open();
        let _entered = span.enter();
        self.look(ctx);
    }
}

impl Handler<Envelope<Heartbeat>> for Broadcaster {
    type Result = Vec<Fact>;

    fn handle(&mut self, envelope: Envelope<Heartbeat>, _ctx: &mut Self::Context) -> Vec<Fact> {
        let (Heartbeat, _span) = envelope.open();
        let running = i64::try_from(self.runners.len()).unwrap_or(i64::MAX);
        vec![Fact { name: "running", value: running }]
    }
}

impl Handler<Envelope<Drain>> for Broadcaster {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let (Drain { .. }, _span) = envelope.open();
        self.is_leaving = true;
        for orders in self.runners.values() {
            orders.send_modify(|orders| {
                orders.goes_on = false;
                orders.hands_over = true;
            });
        }
        if self.runners.is_empty() {
            ctx.stop();
        }
    }
}
