//! How the gate is started: its settings, what it needs, and its child specification.

use std::sync::Arc;
use std::time::Duration;

use super::awaited::Awaited;
use super::gate::OutboundGate;
use super::messages::{Dispatch, Launch, Recall, Ring, SendAnswer};
use super::window::{Bounds, Windows};
use crate::cache::SharedLimiter;
use crate::domain::clock::Clock;
use crate::domain::limits::LimitsConfig;
use crate::library::blobs::BlobStore;
use crate::runtime::{Backoff, ChildPolicy, ChildSpec, Port, Tenure, WorkRuntime};
use crate::store::Db;
use crate::telegram::TelegramClient;

/// The gate's name in health reports and logs.
const NAME: &str = "outbound_gate";

/// How many doorbells and answers may wait for the gate. Doorbells that are refused cost a read.
const MAILBOX_CAPACITY: usize = 4_096;

/// How fast and how patiently messages leave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GateConfig {
    /// Replies and edits in flight at the same time.
    pub window: usize,
    /// Bulk messages in flight at the same time: the rate times a slow round trip, within these.
    pub bulk_window: Bounds,
    /// The same for what is paid for.
    pub paid_window: Bounds,
    /// `None`: no limits of our own. Telegram's 429 is obeyed all the same.
    pub limits: Option<LimitsConfig>,
    /// How often the outbox is read even when no doorbell rang.
    pub sweep_interval: Duration,
    /// Rows held in memory. What is beyond stays in the database until there is room.
    pub queued_limit: usize,
    /// The waits between tries of one message.
    pub backoff: Backoff,
    /// Tries of one message that may fail or be lost before it is given up. At least 1.
    pub max_attempts: u32,
}

/// What the gate works with.
#[derive(Clone)]
pub struct GateParts {
    /// The outbox.
    pub db: Db,
    /// The limits that all processes share, behind the gate's own.
    pub limiter: SharedLimiter,
    /// A client of `Lane::Reply`.
    pub reply: TelegramClient,
    /// A client of `Lane::Bulk`.
    pub bulk: TelegramClient,
    /// A client of `Lane::Paid`.
    pub paid: TelegramClient,
    /// A client of `Lane::Answer`; its request timeout is the deadline of an answer.
    pub answer: TelegramClient,
    /// Our own copies of the files, for handles that Telegram does not know.
    pub blobs: BlobStore,
    /// As long as it lasts, this process is the only sender. Asked right before each request.
    pub tenure: Tenure,
    /// For the times in the outbox; waiting is done by the monotonic clock.
    pub clock: Arc<dyn Clock>,
    /// Where requests and queries run.
    pub work: WorkRuntime,
    /// Uniform numbers in 0..1, for jitter.
    pub random: Arc<dyn Fn() -> f64 + Send + Sync>,
}

/// The ways to the gate. They stay valid when it is restarted.
#[derive(Clone, Default)]
pub struct GatePorts {
    /// For who has just committed rows.
    pub dispatch: Port<Dispatch>,
    /// For who only knows that there are some.
    pub ring: Port<Ring>,
    /// For answers to presses and inline queries.
    pub answer: Port<SendAnswer>,
    /// For who sends a broadcast.
    pub launch: Port<Launch>,
    /// For who holds one.
    pub recall: Port<Recall>,
    /// How many of its messages may be without an outcome.
    pub windows: Windows,
    /// For who wants to know how long people wait.
    pub awaited: Awaited,
}

/// The gate as a child of the supervisor. `ports` are connected to each of its generations.
pub fn gate_spec(
    policy: ChildPolicy,
    ports: GatePorts,
    config: GateConfig,
    tools: GateParts,
) -> ChildSpec {
    ChildSpec::new(NAME, MAILBOX_CAPACITY, policy, move |context| {
        let gate = OutboundGate::new(config, tools.clone(), ports.clone());
        let started = context.start(gate);
        started.connect(&ports.dispatch);
        started.connect(&ports.ring);
        started.connect(&ports.answer);
        started.connect(&ports.launch);
        started.connect(&ports.recall);
        started.into_child()
    })
}
