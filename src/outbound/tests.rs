//! The gate as it runs: an actor under its supervisor, a SQLite outbox, and the simulator for
//! Telegram. Time is real, so every wait is for a message that the simulator sees or for the end of
//! the gate, which settles what it has sent.

mod parcels;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tgsim::{Simulator, SimulatorOptions};
use tokio::runtime::Runtime;

use super::gate::OutboundGate;
use super::messages::{Dispatch, Ring, SendAnswer};
use super::{Bounds, GateConfig, GateParts, GatePorts, gate_spec};
use crate::cache::SharedLimiter;
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::html::Html;
use crate::domain::ids::{ChatId, OutboxId, UserId};
use crate::domain::outgoing::{Answer, Button, Keyboard, Outgoing};
use crate::domain::role::Role;
use crate::library::blobs::BlobStore;
use crate::runtime::{
    Backoff, ChildPolicy, ExitReason, Heartbeat, Mailbox, RestartPolicy, RestartWindow,
    SupervisorBuilder, SupervisorHandle, Tenure, WorkRuntime, start,
};
use crate::store::records::{NewOutbox, OutboxClass};
use crate::store::{Db, LiteConfig, StoreConfig};
use crate::telegram::{BotToken, Lane, TelegramClient, Timeouts};

/// Longer than anything here takes when it passes.
const LONG: Duration = Duration::from_secs(30);

static WORK: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
});

const POLICY: ChildPolicy = ChildPolicy {
    restart: RestartPolicy {
        backoff: Backoff { first: Duration::ZERO, factor: 2.0, max: Duration::ZERO, jitter: 0.0 },
        window: RestartWindow { max_restarts: 0, within: LONG },
    },
    heartbeat: None,
    drain_within: LONG,
};

/// No limits of our own, and no sweep: whatever arrives does so by what a test does.
const CONFIG: GateConfig = GateConfig {
    window: 8,
    bulk_window: Bounds::exactly(8),
    paid_window: Bounds::exactly(8),
    limits: None,
    sweep_interval: Duration::from_hours(1),
    queued_limit: 100,
    backoff: Backoff {
        first: Duration::from_millis(4),
        factor: 2.0,
        max: Duration::from_millis(20),
        jitter: 1.0,
    },
    max_attempts: 5,
};

/// A simulator with people 101 to 150, an outbox, and the ways to a gate that may run.
struct Rig {
    simulator: Simulator,
    db: Db,
    tools: GateParts,
    ports: GatePorts,
    _folder: TempDir,
}

impl Rig {
    async fn new() -> Self {
        let starting = WORK.spawn(Simulator::start(SimulatorOptions::default()));
        let simulator = starting.await.expect("no panic").expect("a simulator");
        let folder = tempfile::tempdir().expect("a folder");
        let lite = LiteConfig {
            path: folder.path().join("outbox.db"),
            readers: 2,
            snapshot_life: Duration::ZERO,
            cache_kb: 1024,
            group_units: 64,
            queue: 64,
            lock_timeout: LONG,
            log_pages: 16_384,
        };
        let db = Db::open(StoreConfig::Sqlite(lite), LONG, WORK.handle().clone())
            .await
            .expect("a database");
        let client = |lane| {
            let token = BotToken::parse(simulator.token()).expect("a token");
            TelegramClient::new(token, &simulator.url(), lane, Timeouts::default())
                .expect("a client")
        };
        let tools = GateParts {
            db: db.clone(),
            limiter: SharedLimiter::none(),
            reply: client(Lane::Reply),
            bulk: client(Lane::Bulk),
            paid: client(Lane::Paid),
            answer: client(Lane::Answer),
            blobs: BlobStore::new(folder.path().to_owned(), "test"),
            tenure: Tenure::endless(),
            clock: Arc::new(SystemClock),
            work: WorkRuntime::new(WORK.handle().clone()),
            random: Arc::new(|| 0.5),
        };
        let rig = Self { simulator, db, tools, ports: GatePorts::default(), _folder: folder };
        rig.control("users", json!({"count": 50, "first": 101})).await;
        rig.control("limits", json!({"enabled": false})).await;
        rig
    }

    /// Starts a gate, and waits until it can be rung.
    async fn run(&self, config: GateConfig) -> SupervisorHandle {
        let gate = gate_spec(POLICY, self.ports.clone(), config, self.tools.clone());
        let supervisor = SupervisorBuilder::new(LONG, || 0.5).child(gate).start();
        while !self.ports.answer.is_connected() {
            tokio::task::yield_now().await;
        }
        supervisor
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        self.simulator.ctl(path, body).await.expect("a control call")
    }

    /// Waits until a chat shows a text.
    async fn shown(&self, chat: i64, text: &str) {
        let body = json!({"chat": chat, "regex": format!("^{text}$"), "since": 0, "timeout_s": 30});
        let seen = self.control("wait", body).await;
        assert_eq!(seen["timed_out"], json!(false), "{text:?} in chat {chat}");
    }

    async fn texts(&self, chat: i64) -> Vec<String> {
        let shown = self.control("chat", json!({"id": chat})).await;
        let messages = shown["messages"].as_array().expect("messages");
        messages.iter().map(|m| m["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The status of every call, in their order, with its chat.
    async fn calls(&self) -> Vec<(i64, u64)> {
        let log = self.control("calls", json!({"method": "sendMessage"})).await;
        let calls = log["calls"].as_array().expect("calls").iter();
        calls.map(|c| (c["chat"].as_i64().unwrap(), c["status"].as_u64().unwrap())).collect()
    }

    async fn commit(&self, rows: &[NewOutbox]) {
        self.db.outbox_insert(rows.to_vec(), SystemClock.now()).await.expect("committed");
    }

    /// Commits rows and rings.
    async fn dispatch(&self, rows: Vec<NewOutbox>) {
        self.commit(&rows).await;
        self.ports.dispatch.ring(Dispatch(rows)).expect("a gate");
    }

    async fn open_ids(&self) -> Vec<i64> {
        let open = self.db.outbox_open(OutboxId(0), 1000).await.expect("readable");
        open.iter().map(|item| item.message.id.0).collect()
    }
}

async fn stop(gate: &SupervisorHandle) {
    gate.stop();
    assert_eq!(gate.wait().await, ExitReason::Requested);
}

fn text(text: &str) -> Outgoing {
    let html = Html::new().text(text).for_text();
    Outgoing::Text { html, keyboard: None, reply_to: None, silent: false }
}

fn row(id: i64, chat: i64, class: OutboxClass, outgoing: &Outgoing) -> NewOutbox {
    NewOutbox {
        id: OutboxId(id),
        chat: ChatId(chat),
        thread: 0,
        class,
        payload: serde_json::to_string(outgoing).expect("serialisable"),
        edit_message: None,
        edit_of: None,
        trace: None,
    }
}

fn reply(id: i64, chat: i64, says: &str) -> NewOutbox {
    row(id, chat, OutboxClass::Reply, &text(says))
}

fn edit_of(id: i64, chat: i64, target: i64, says: &str) -> NewOutbox {
    let html = Html::new().text(says).for_text();
    let outgoing = Outgoing::EditText { html, keyboard: None };
    let edit = row(id, chat, OutboxClass::Edit, &outgoing);
    NewOutbox { edit_of: Some(OutboxId(target)), ..edit }
}

#[actix_rt::test]
async fn each_chat_gets_its_messages_in_order() {
    let rig = Rig::new().await;
    let gate = rig.run(CONFIG).await;
    for first in [1_i64, 31, 61] {
        let rows = (first..first + 30).map(|id| reply(id, 101 + id % 3, &format!("m{id:02}")));
        rig.dispatch(rows.collect()).await;
    }
    for id in 88..=90 {
        rig.shown(101 + id % 3, &format!("m{id}")).await;
    }
    stop(&gate).await;

    for chat in 101..=103 {
        let expected: Vec<String> =
            (1..=90).filter(|id| 101 + id % 3 == chat).map(|id| format!("m{id:02}")).collect();
        assert_eq!(rig.texts(chat).await, expected);
    }
    assert!(rig.open_ids().await.is_empty());
    assert_eq!(rig.control("violations", json!({})).await["count"], 0);
}

#[actix_rt::test]
async fn a_flood_wait_holds_its_chat_only_and_is_no_attempt() {
    let rig = Rig::new().await;
    let flood = json!({"kind": {"retry_after": 3600}, "chat": 101});
    rig.control("faults", json!({"rules": [flood]})).await;
    let gate = rig.run(CONFIG).await;
    rig.dispatch(vec![reply(1, 101, "one"), reply(2, 102, "two"), reply(3, 101, "three")]).await;
    rig.shown(102, "two").await;
    stop(&gate).await;

    let calls: BTreeSet<(i64, u64)> = rig.calls().await.into_iter().collect();
    assert_eq!(calls, BTreeSet::from([(101, 429), (102, 200)]));
    let open = rig.db.outbox_open(OutboxId(0), 10).await.expect("readable");
    let [one, three] = &open[..] else { panic!("{open:?}") };
    let wait = one.not_before - SystemClock.now();
    assert_eq!((one.message.id, one.attempts, one.in_doubt), (OutboxId(1), 0, false));
    assert!((3500..=3600).contains(&wait.num_seconds()), "{wait}");
    assert_eq!(three.message.id, OutboxId(3));
}

#[actix_rt::test]
async fn an_outage_is_waited_out() {
    let rig = Rig::new().await;
    let outage = json!({"kind": {"status": 502}, "count": 3});
    rig.control("faults", json!({"rules": [outage]})).await;
    let gate = rig.run(CONFIG).await;
    rig.dispatch(vec![reply(1, 101, "one"), reply(2, 101, "two")]).await;
    rig.shown(101, "two").await;
    stop(&gate).await;

    assert_eq!(rig.texts(101).await, ["one", "two"]);
    let statuses: Vec<u64> = rig.calls().await.iter().map(|(_, status)| *status).collect();
    assert_eq!(statuses, [502, 502, 502, 200, 200]);
}

#[actix_rt::test]
async fn what_fails_too_often_is_given_up() {
    let rig = Rig::new().await;
    let outage = json!({"kind": {"status": 502}, "chat": 101});
    rig.control("faults", json!({"rules": [outage]})).await;
    let gate = rig.run(CONFIG).await;
    rig.dispatch(vec![reply(1, 101, "one")]).await;
    // Draining flushes what can still be sent: the tries are milliseconds apart.
    stop(&gate).await;

    assert_eq!(rig.calls().await, [(101, 502); 5]);
    assert!(rig.open_ids().await.is_empty());
}

#[actix_rt::test]
async fn who_blocked_the_bot_is_marked() {
    let rig = Rig::new().await;
    for user in [101, 102] {
        let marking = rig.db.user_set_role(UserId(user), Role::Learner, SystemClock.now());
        marking.await.expect("a row");
    }
    rig.control("user_state", json!({"user": 101, "state": "blocked"})).await;
    let gate = rig.run(CONFIG).await;
    rig.dispatch(vec![reply(1, 101, "one"), reply(2, 102, "two")]).await;
    stop(&gate).await;

    assert_eq!(rig.calls().await.len(), 2);
    assert!(rig.open_ids().await.is_empty());
    for (user, reachable) in [(101, false), (102, true)] {
        let known = rig.db.user_get(UserId(user)).await.expect("readable").expect("a row");
        assert_eq!(known.reachable, reachable);
    }
}

#[actix_rt::test]
async fn an_edit_finds_its_card_and_shows_the_newest_text() {
    let rig = Rig::new().await;
    let gate = rig.run(CONFIG).await;
    let stale = edit_of(2, 101, 1, "half done");
    rig.commit(&[reply(1, 101, "card"), stale.clone()]).await;
    let newest = edit_of(3, 101, 1, "done");
    let id = rig.db.outbox_replace_edit(newest, SystemClock.now()).await.expect("replaced");
    assert_eq!(id, OutboxId(3), "the stale row is gone");
    // The doorbell brings the text as it was.
    let rows = vec![reply(1, 101, "card"), stale, edit_of(4, 101, 99, "nowhere")];
    rig.commit(&rows[2..]).await;
    rig.ports.dispatch.ring(Dispatch(rows)).expect("a gate");
    // As whoever replaces an edit does: its row is another now.
    rig.ports.ring.ring(Ring).expect("a gate");
    rig.shown(101, "done").await;
    stop(&gate).await;
    assert_eq!(rig.texts(101).await, ["done"]);
    assert!(rig.open_ids().await.is_empty());

    // A new gate has to look its target up.
    let gate = rig.run(CONFIG).await;
    rig.commit(&[edit_of(5, 101, 1, "published")]).await;
    rig.ports.ring.ring(Ring).expect("a gate");
    rig.shown(101, "published").await;
    stop(&gate).await;
}

#[actix_rt::test]
async fn an_edit_waits_for_a_card_whose_doorbell_was_lost() {
    let rig = Rig::new().await;
    let gate = rig.run(CONFIG).await;
    rig.dispatch(vec![reply(1, 102, "awake")]).await;
    rig.shown(102, "awake").await;

    rig.commit(&[reply(2, 101, "card")]).await;
    rig.dispatch(vec![edit_of(3, 101, 2, "done")]).await;
    rig.shown(101, "done").await;
    stop(&gate).await;
    assert_eq!(rig.texts(101).await, ["done"]);
    assert!(rig.open_ids().await.is_empty());
}

#[actix_rt::test]
async fn a_restart_sends_what_is_left_once() {
    let rig = Rig::new().await;
    let rows: Vec<NewOutbox> = (1..=120).map(|id| reply(id, 100 + id.min(50), "once")).collect();
    rig.commit(&rows).await;
    // More than fits into memory; and the first gates are stopped while they work.
    let small = GateConfig { queued_limit: 20, ..CONFIG };
    for generation in 0..3 {
        let gate = rig.run(small).await;
        if generation == 2 {
            let last = row(200, 150, OutboxClass::Reply, &text("last"));
            rig.dispatch(vec![last]).await;
            rig.shown(150, "last").await;
        } else {
            rig.shown(101 + generation, "once").await;
        }
        stop(&gate).await;
    }
    let sent = rig.calls().await;
    assert_eq!(sent.len(), 121);
    assert!(sent.iter().all(|(_, status)| *status == 200));
    assert!(rig.open_ids().await.is_empty());
}

#[actix_rt::test]
async fn a_lost_doorbell_is_found_by_the_sweep() {
    let rig = Rig::new().await;
    let gate = rig.run(GateConfig { sweep_interval: Duration::from_millis(5), ..CONFIG }).await;
    rig.dispatch(vec![reply(2, 101, "rang")]).await;
    rig.shown(101, "rang").await;
    // Its id is smaller than one that was seen.
    rig.commit(&[reply(1, 101, "silent")]).await;
    rig.shown(101, "silent").await;
    stop(&gate).await;
    assert_eq!(rig.calls().await.len(), 2);
}

#[actix_rt::test]
async fn the_window_bounds_what_is_in_flight() {
    let rig = Rig::new().await;
    let slow = json!({"kind": {"latency": {"dist": "const", "ms": 20}}});
    rig.control("faults", json!({"rules": [slow]})).await;
    let rows: Vec<NewOutbox> = (1..=10).map(|id| reply(id, 100 + id, "hi")).collect();
    rig.commit(&rows).await;

    let config = GateConfig { window: 2, ..CONFIG };
    let gate = OutboundGate::new(config, rig.tools.clone(), rig.ports.clone());
    let started = start(gate, Mailbox::new(16), |_exit| {});
    let heartbeat = started.control_port::<Heartbeat>();
    let mut most = 0;
    loop {
        let facts = heartbeat.ask(Heartbeat, LONG).await.expect("alive");
        let fact = |name| facts.iter().find(|fact| fact.name == name).expect("a fact").value;
        most = most.max(fact("in_flight"));
        if fact("queued") == 0 && fact("catching_up") == 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(most, 2);
    assert_eq!(rig.calls().await.len(), 10);
    started.abort();
}

#[actix_rt::test]
async fn in_doubt_replies_are_repeated_and_bulk_is_not() {
    let rig = Rig::new().await;
    let rows = [
        row(1, 101, OutboxClass::Bulk, &text("bulk")),
        reply(2, 102, "reply"),
        row(3, 103, OutboxClass::Bulk, &text("fresh")),
    ];
    rig.commit(&rows).await;
    rig.db.outbox_begin(vec![OutboxId(1), OutboxId(2)]).await.expect("marked");
    let gate = rig.run(CONFIG).await;
    rig.shown(102, "reply").await;
    rig.shown(103, "fresh").await;
    stop(&gate).await;
    let chats: BTreeSet<i64> = rig.calls().await.into_iter().map(|(chat, _)| chat).collect();
    assert_eq!(chats, BTreeSet::from([102, 103]));
    assert!(rig.open_ids().await.is_empty());
}

#[actix_rt::test]
async fn a_payload_that_nobody_can_read_is_put_aside() {
    let rig = Rig::new().await;
    let gate = rig.run(CONFIG).await;
    let broken = NewOutbox { payload: "{\"type\":\"smoke\"}".to_owned(), ..reply(1, 101, "") };
    rig.dispatch(vec![broken, reply(2, 101, "good")]).await;
    rig.shown(101, "good").await;
    stop(&gate).await;
    assert!(rig.open_ids().await.is_empty());
}

#[actix_rt::test]
async fn a_refused_token_leaves_the_rows_where_they_are() {
    let rig = Rig::new().await;
    rig.control("faults", json!({"unauthorized": true})).await;
    let gate = rig.run(GateConfig { window: 1, ..CONFIG }).await;
    rig.dispatch(vec![reply(1, 101, "one"), reply(2, 102, "two")]).await;
    // Draining ends although both could be tried again: not within its time.
    stop(&gate).await;
    let open = rig.db.outbox_open(OutboxId(0), 10).await.expect("readable");
    let tries: Vec<(i64, i32)> = open.iter().map(|row| (row.message.id.0, row.attempts)).collect();
    assert_eq!(tries, [(1, 0), (2, 0)]);
    assert_eq!(rig.calls().await.len(), 1);
}

#[actix_rt::test]
async fn a_stop_flushes_replies_but_begins_no_bulk() {
    let rig = Rig::new().await;
    let gate = rig.run(GateConfig { bulk_window: Bounds::exactly(1), ..CONFIG }).await;
    let mut rows: Vec<NewOutbox> = (1..=30).map(|id| reply(id, 101, "reply")).collect();
    rows.extend((31..=60).map(|id| row(id, 102, OutboxClass::Bulk, &text("bulk"))));
    rig.dispatch(rows).await;
    stop(&gate).await;
    assert_eq!(rig.texts(101).await.len(), 30);
    let open = rig.open_ids().await;
    assert!(open.len() >= 29, "{open:?}");
    assert!(open.iter().all(|id| *id > 30), "{open:?}");
}

#[actix_rt::test]
async fn an_answer_goes_out_beside_everything() {
    let rig = Rig::new().await;
    let gate = rig.run(GateConfig { window: 0, bulk_window: Bounds::exactly(0), ..CONFIG }).await;
    let with_button = Outgoing::Text {
        html: Html::new().text("press").for_text(),
        keyboard: Some(Keyboard::new().row([Button::callback("go", "x")])),
        reply_to: None,
        silent: false,
    };
    // The gate's windows are shut: another way is taken for the message.
    rig.tools.reply.send(ChatId(101), None, &with_button, None).await.expect("sent");
    let press = rig.control("click", json!({"chat": 101, "data": "x"})).await;
    let query_id = press["callback_query_id"].as_str().expect("a query").to_owned();
    for query_id in ["1".to_owned(), query_id.clone()] {
        let answer = Answer::Callback { query_id, toast: Some("yes".to_owned()), alert: false };
        rig.ports.answer.ring(SendAnswer(answer)).expect("a gate");
    }
    loop {
        let seen = rig.control("callback", json!({"id": query_id})).await;
        if !seen["answer"].is_null() {
            assert_eq!(seen["answer"]["text"], "yes");
            break;
        }
        tokio::task::yield_now().await;
    }
    stop(&gate).await;
}
