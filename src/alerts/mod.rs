//! Tells the people in charge what was put aside: the `Alerter` actor.
//!
//! Whatever puts something aside leaves an incident row in the same transaction. The actor looks at
//! them by itself; message rows and the note that they were told of are one transaction again, so
//! that each incident is told once, whoever dies in between and however many processes there are.
//!
//! Invariants: however much is put aside, at most one message for each person in `REST`; nobody's
//! words are told. As long as there is nobody to be told, the incidents wait.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;

use crate::domain::button::Holder;
use crate::domain::clock::Clock;
use crate::domain::effect::View;
use crate::domain::ids::{ChatId, IdSource, OutboxId, UserId};
use crate::domain::incident::Incident;
use crate::domain::user::User;
use crate::outbound::messages::Dispatch;
use crate::runtime::{ChildPolicy, ChildSpec, Drain, Envelope, Fact, Heartbeat, Port, WorkRuntime};
use crate::store::records::{NewOutbox, OutboxClass};
use crate::store::{Db, StoreError, StoreResult};
use crate::views::{Presenter, Reader};

/// The alerter is asked for life signs and to drain; nothing else comes.
const MAILBOX: usize = 4;

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Rest after a message: what comes meanwhile is told together.
const REST: Duration = Duration::from_secs(20);

/// Incidents of one message.
const INCIDENTS_MAX: i64 = 1_000;

/// Incidents that are named; the others are counted.
const NAMED_MAX: usize = 5;

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
    /// The gate's doorbell.
    pub dispatch: Port<Dispatch>,
    /// Where I/O runs.
    pub work: WorkRuntime,
    /// Owners by configuration.
    pub owners: Vec<UserId>,
}

/// How the supervisor makes the alerter.
pub fn alerter_spec(policy: ChildPolicy, parts: AlerterParts) -> ChildSpec {
    ChildSpec::new("alerter", MAILBOX, policy, move |context| {
        context.start(Alerter { parts: parts.clone(), told: 0 }).into_child()
    })
}

struct Alerter {
    parts: AlerterParts,
    told: i64,
}

impl Actor for Alerter {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.look(ctx);
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
        vec![Fact { name: "incidents_told", value: self.told }]
    }
}

impl Alerter {
    fn look(&mut self, ctx: &mut Context<Self>) {
        let telling = self.parts.work.spawn(tell(self.parts.clone()));
        ctx.spawn(telling.into_actor(self).map(|told, alerter, ctx| {
            let pause = match told {
                // Nothing to tell, or another process has told of it.
                Ok(Ok(0) | Err(StoreError::Conflict { .. })) => LOOK_EVERY,
                Ok(Ok(told)) => {
                    alerter.told = alerter.told.saturating_add(i64::try_from(told).unwrap_or(0));
                    REST
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "incidents cannot be told");
                    REST
                }
                Err(error) => {
                    tracing::error!(%error, "telling of incidents broke");
                    REST
                }
            };
            ctx.run_later(pause, Self::look);
        }));
    }
}

/// Tells of all that nobody was told of; gives how much that was.
async fn tell(parts: AlerterParts) -> StoreResult<usize> {
    let incidents = parts.db.incidents_untold(INCIDENTS_MAX).await?;
    let Some(last) = incidents.last().map(|incident| incident.id) else { return Ok(0) };
    let people = parts.db.people_in_charge(parts.owners.clone()).await?;
    if people.is_empty() {
        return Ok(0);
    }
    let count = incidents.len();
    let view = view(incidents);
    let messages: Vec<NewOutbox> =
        people.iter().map(|person| message(&parts, person, &view)).collect::<StoreResult<_>>()?;
    parts.db.incidents_tell(last, count, messages.clone(), parts.clock.now()).await?;
    let _ = parts.dispatch.ring(Dispatch(messages));
    Ok(count)
}

fn view(mut incidents: Vec<Incident>) -> View {
    let more = incidents.len().saturating_sub(NAMED_MAX);
    incidents.truncate(NAMED_MAX);
    View::PutAside { incidents, more }
}

fn message(parts: &AlerterParts, person: &User, view: &View) -> StoreResult<NewOutbox> {
    let now = parts.clock.now();
    let chat = ChatId(person.id.0);
    let holder = Holder { chat, user: person.id };
    let reader = Reader { lang: person.lang, role: person.role, holder, now };
    let outgoing = parts.presenter.show(reader, view).into_new();
    let payload = serde_json::to_string(&outgoing)
        .map_err(|_| StoreError::Corrupt { what: "outbox.payload" })?;
    Ok(NewOutbox {
        id: OutboxId(parts.ids.next(now)),
        chat,
        thread: 0,
        class: OutboxClass::Reply,
        payload,
        edit_message: None,
        edit_of: None,
        trace: None,
    })
}
