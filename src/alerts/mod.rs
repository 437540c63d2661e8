//! Tells the people in charge what is wrong: the `Alerter` actor.
//!
//! It does three things, each at its own pace:
//! - `incidents`: what was put aside is told once, and is over with that;
//! - `watch`: what is wrong with the bot is judged by rules, told in one message for each admin
//!   that is edited until it is over, and kept in the store;
//! - `heartbeat`: a watcher outside hears that all is well, and notices when it does not.
//!
//! Invariants: the actor never waits; an opening and the message rows that tell of it are in the
//! store before anything leaves, so that a death in between tells nothing twice; time is measured by
//! the health board's clock, which cannot jump.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use crate::domain::alert::rules::Limits;
use crate::domain::button::Holder;
use crate::domain::calendar::Zone;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::effect::View;
use crate::domain::ids::{ChatId, IdSource, OutboxId, UserId};
use crate::domain::outgoing::Outgoing;
use crate::domain::user::User;
use crate::health::HealthBoard;
use crate::meters::Readings;
use crate::outbound::messages::{Dispatch, Ring};
use crate::runtime::{
    ChildPolicy, ChildSpec, Drain, Envelope, Fact, Heartbeat, Port, Roster, WorkRuntime,
};
use crate::store::records::{NewOutbox, OutboxClass};
use crate::store::{Db, StoreError, StoreResult};
use crate::telegram::Beacon;
use crate::views::{Presenter, Reader, Shown};

mod heartbeat;
mod incidents;
mod judge;
mod telling;
mod watch;

use watch::Watch;

/// The alerter is asked for life signs and to drain; nothing else comes.
const MAILBOX: usize = 4;

/// Time between two judgements.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// What the alerter needs.
#[derive(Clone)]
pub struct AlerterParts {
    /// The database.
    pub db: Db,
    /// Makes texts.
    pub presenter: Arc<Presenter>,
    /// Where ids come from.
    pub ids: Arc<IdSource>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The gate's doorbell for new messages.
    pub dispatch: Port<Dispatch>,
    /// The gate's doorbell for edits.
    pub outbox: Port<Ring>,
    /// Where I/O runs.
    pub work: WorkRuntime,
    /// Owners by configuration.
    pub owners: Vec<UserId>,
    /// How the components are.
    pub health: HealthBoard,
    /// The actors of this process.
    pub roster: Roster,
    /// The figures of this process.
    pub readings: Readings,
    /// The time zone of admins who have chosen none.
    pub zone: Zone,
    /// What operators set.
    pub config: AlertsConfig,
    /// Who hears that all is well, and how often.
    pub beacon: Option<(Arc<Beacon>, Duration)>,
}

/// What operators set.
#[derive(Debug, Clone)]
pub struct AlertsConfig {
    /// Whether anything is judged.
    pub enabled: bool,
    /// From when on it is bad.
    pub limits: Limits,
    /// All waiting times are so many times as long.
    pub patience: f64,
    /// A page that nobody looks after is mentioned again after this time.
    pub remind_every: Option<Duration>,
    /// How long alerts are kept that are over.
    pub keep: Duration,
}

/// How the supervisor makes the alerter.
pub fn alerter_spec(policy: ChildPolicy, parts: AlerterParts) -> ChildSpec {
    ChildSpec::new("alerter", MAILBOX, policy, move |context| {
        context.start(Alerter { parts: parts.clone(), told: 0, opened: 0 }).into_child()
    })
}

/// Shows when Alertmanager's sign of life came last.
fn show_watchdog(seen: Timestamp) {
    let seconds = u32::try_from(seen.timestamp()).unwrap_or(u32::MAX);
    metrics::gauge!("primelingo_alert_watchdog_timestamp_seconds").set(seconds);
}

struct Alerter {
    parts: AlerterParts,
    told: i64,
    opened: i64,
}

impl Actor for Alerter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.look(ctx);
        if self.parts.config.enabled {
            self.watch(Watch::new(self.parts.clone()), ctx);
        }
        self.beat(ctx);
    }

    /// Whoever leads next shows what is open.
    fn stopped(&mut self, _: &mut Self::Context) {
        watch::show_open(&[]);
    }
}

impl Handler<Envelope<Drain>> for Alerter {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let (Drain { .. }, _span) = envelope.open();
        ctx.stop();
    }
}

impl Handler<Envelope<Heartbeat>> for Alerter {
    type Result = Vec<Fact>;

    fn handle(&mut self, envelope: Envelope<Heartbeat>, _: &mut Self::Context) -> Vec<Fact> {
        let (Heartbeat, _span) = envelope.open();
        let fact = |name, value| Fact { name, value };
        vec![fact("incidents_told", self.told), fact("alerts_opened", self.opened)]
    }
}

impl Alerter {
    fn look(&mut self, ctx: &mut Context<Self>) {
        let telling = self.parts.work.spawn(incidents::tell(self.parts.clone()));
        ctx.spawn(telling.into_actor(self).map(|told, alerter, ctx| {
            let (count, pause) = incidents::heed(told);
            alerter.told = alerter.told.saturating_add(count);
            ctx.run_later(pause, Self::look);
        }));
    }

    /// Judges, then rests. A watch that breaks is made anew of what the store knows.
    fn watch(&mut self, mut watch: Watch, ctx: &mut Context<Self>) {
        let ticking = self.parts.work.spawn(async move {
            let opened = watch.tick().await;
            (watch, opened)
        });
        ctx.spawn(ticking.into_actor(self).map(|ticked, alerter, ctx| {
            let watch = match ticked {
                Ok((watch, opened)) => {
                    alerter.opened = alerter.opened.saturating_add(opened);
                    watch
                }
                Err(error) => {
                    tracing::error!(%error, "judging broke");
                    Watch::new(alerter.parts.clone())
                }
            };
            ctx.run_later(WATCH_EVERY, |alerter, ctx| alerter.watch(watch, ctx));
        }));
    }

    /// That this runs at all shows that the loop of the actors turns.
    fn beat(&mut self, ctx: &mut Context<Self>) {
        let Some((beacon, every)) = self.parts.beacon.clone() else { return };
        let health = self.parts.health.clone();
        let beating = self.parts.work.spawn(heartbeat::beat(beacon, health));
        ctx.spawn(beating.into_actor(self).map(move |_, _, ctx| {
            ctx.run_later(every, Self::beat);
        }));
    }
}

impl AlerterParts {
    /// How a person reads what this tells.
    fn reader(&self, person: &User) -> Reader {
        let chat = ChatId(person.id.0);
        let holder = Holder { chat, user: person.id };
        Reader { lang: person.lang, role: person.role, holder, now: self.clock.now() }
    }

    fn show(&self, person: &User, view: &View) -> Shown {
        self.presenter.show(self.reader(person), view)
    }

    /// A row for a person's chat.
    fn row(
        &self,
        person: &User,
        outgoing: &Outgoing,
        edit_of: Option<OutboxId>,
    ) -> StoreResult<NewOutbox> {
        let payload = serde_json::to_string(outgoing)
            .map_err(|_| StoreError::Corrupt { what: "outbox.payload" })?;
        let class = if edit_of.is_some() { OutboxClass::Edit } else { OutboxClass::Reply };
        Ok(NewOutbox {
            id: OutboxId(self.ids.next(self.clock.now())),
            chat: ChatId(person.id.0),
            thread: 0,
            class,
            payload,
            edit_message: None,
            edit_of,
            trace: None,
        })
    }
}
