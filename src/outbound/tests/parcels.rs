//! Parcels, from their launch to their end.

use std::collections::BTreeMap;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::ids::{BroadcastId, MessageId};
use crate::outbound::messages::{Launch, Recall};
use crate::outbound::parcel::{Parcel, ParcelDoor, ParcelEnd, ParcelKey, Ticket};

type Ends = BTreeMap<i64, ParcelEnd>;

/// Who launches parcels: their number is that of their chat.
struct Launcher {
    door: ParcelDoor,
    ends: UnboundedReceiver<(ParcelKey, ParcelEnd)>,
    held: CancellationToken,
}

impl Launcher {
    fn new() -> Self {
        let (door, ends) = unbounded_channel();
        Self { door, ends, held: CancellationToken::new() }
    }

    fn parcel(&self, chat: i64, content: &Arc<Outgoing>) -> Parcel {
        let key = ParcelKey { broadcast: BroadcastId(1), seq: chat };
        let ticket = Ticket::new(key, self.door.clone(), self.held.clone());
        Parcel { chat: ChatId(chat), content: Arc::clone(content), is_paid: false, ticket }
    }

    fn launch(&self, rig: &Rig, chats: impl IntoIterator<Item = i64>, content: Outgoing) {
        let content = Arc::new(content);
        let parcels = chats.into_iter().map(|chat| self.parcel(chat, &content)).collect();
        rig.ports.launch.ring(Launch(parcels)).expect("a gate");
    }

    /// The next so many ends.
    async fn ends(&mut self, count: usize) -> Ends {
        let mut ends = Ends::new();
        while ends.len() < count {
            let next = tokio::time::timeout(LONG, self.ends.recv()).await.expect("in time");
            let (key, end) = next.expect("the launcher keeps the door open");
            assert_eq!(ends.insert(key.seq, end), None, "one end each");
        }
        ends
    }
}

fn is_one_message(end: &ParcelEnd) -> bool {
    matches!(end, ParcelEnd::Delivered(messages) if messages.len() == 1)
}

#[actix_rt::test]
async fn parcels_reach_their_chats_and_leave_no_row() {
    let rig = Rig::new().await;
    let gate = rig.run(CONFIG).await;
    let mut launcher = Launcher::new();
    launcher.launch(&rig, 101..=140, text("news"));
    let ends = launcher.ends(40).await;
    assert!(ends.values().all(is_one_message), "{ends:?}");
    stop(&gate).await;
    assert_eq!(rig.texts(101).await, ["news"]);
    assert_eq!(rig.calls().await.len(), 40);
    assert!(rig.open_ids().await.is_empty());
}

#[actix_rt::test]
async fn each_refusal_is_told_for_what_it_is() {
    let rig = Rig::new().await;
    rig.control("user_state", json!({"user": 101, "state": "blocked"})).await;
    rig.control("chats", json!({"chats": [{"id": -501, "migrated_to": -1_000_501}]})).await;
    let rules = json!([
        {"kind": {"retry_after": 60}, "chat": 102},
        {"kind": "drop_after", "chat": 103},
        {"kind": {"status": 502}, "chat": 104},
    ]);
    rig.control("faults", json!({"rules": rules})).await;
    let gate = rig.run(CONFIG).await;
    let mut launcher = Launcher::new();
    launcher.launch(&rig, [101, 102, 103, 104, 105, -501], text("news"));
    let ends = launcher.ends(6).await;
    assert_eq!(ends[&101], ParcelEnd::Unreachable("blocked"));
    assert_eq!(ends[&102], ParcelEnd::Deferred(Duration::from_mins(1)));
    assert_eq!(ends[&103], ParcelEnd::InDoubt);
    assert_eq!(ends[&104], ParcelEnd::InDoubt);
    assert!(is_one_message(&ends[&105]), "{ends:?}");
    assert_eq!(ends[&-501], ParcelEnd::Moved(ChatId(-1_000_501)));

    // One recipient waits, nobody else does.
    launcher.launch(&rig, 106..=120, text("more"));
    let ends = launcher.ends(15).await;
    assert!(ends.values().all(is_one_message), "{ends:?}");
    stop(&gate).await;
}

#[actix_rt::test]
async fn a_content_that_nobody_may_get_is_told_apart() {
    let rig = Rig::new().await;
    let gate = rig.run(CONFIG).await;
    let mut launcher = Launcher::new();
    let missing = Outgoing::Copy {
        from: ChatId(101),
        messages: vec![MessageId(4_444)],
        keyboard: None,
        silent: false,
    };
    launcher.launch(&rig, [102], missing);
    let removal = Outgoing::Delete { messages: vec![MessageId(5_555)] };
    launcher.launch(&rig, [103], removal);
    let ends = launcher.ends(2).await;
    let ParcelEnd::ContentRefused(why) = &ends[&102] else { panic!("{ends:?}") };
    assert!(why.contains("message to copy not found"), "{why}");
    stop(&gate).await;
}

#[actix_rt::test]
async fn a_recall_gives_back_what_waits_at_once() {
    let rig = Rig::new().await;
    let gate = rig.run(GateConfig { bulk_window: Bounds::exactly(0), ..CONFIG }).await;
    let (mut held, other) = (Launcher::new(), Launcher::new());
    held.launch(&rig, 101..=120, text("held"));
    other.launch(&rig, 121..=130, text("other"));
    held.held.cancel();
    rig.ports.recall.ring(Recall).expect("a gate");
    let ends = held.ends(20).await;
    assert!(ends.values().all(|end| *end == ParcelEnd::NotSent), "{ends:?}");

    // What nobody asks for any more goes the same way, and a drain gives the rest back.
    let mut other = other;
    stop(&gate).await;
    let ends = other.ends(10).await;
    assert!(ends.values().all(|end| *end == ParcelEnd::NotSent), "{ends:?}");
    assert!(rig.calls().await.is_empty());
}

#[actix_rt::test]
async fn a_refused_token_gives_parcels_back_in_the_end() {
    let rig = Rig::new().await;
    rig.control("faults", json!({"unauthorized": true})).await;
    let gate = rig.run(GateConfig { bulk_window: Bounds::exactly(1), ..CONFIG }).await;
    let mut launcher = Launcher::new();
    launcher.launch(&rig, [101, 102], text("news"));
    while rig.calls().await.is_empty() {
        tokio::task::yield_now().await;
    }
    stop(&gate).await;
    let ends = launcher.ends(2).await;
    assert!(ends.values().all(|end| *end == ParcelEnd::NotSent), "{ends:?}");
    assert_eq!(rig.calls().await.len(), 1);
}

#[actix_rt::test]
async fn replies_do_not_wait_for_a_full_bulk_window() {
    let rig = Rig::new().await;
    let slow = json!({"kind": {"latency_before": {"dist": "const", "ms": 300}}, "chat": 101});
    rig.control("faults", json!({"rules": [slow]})).await;
    let gate = rig.run(GateConfig { bulk_window: Bounds::exactly(1), ..CONFIG }).await;
    let mut launcher = Launcher::new();
    launcher.launch(&rig, 101..=103, text("news"));
    rig.dispatch((1..=20).map(|id| reply(id, 110 + id, "reply")).collect()).await;
    let ends = launcher.ends(3).await;
    assert!(ends.values().all(is_one_message), "{ends:?}");
    stop(&gate).await;
    let calls = rig.calls().await;
    let chats: Vec<i64> = calls.iter().map(|(chat, _)| *chat).collect();
    assert_eq!(chats.len(), 23);
    let place = |chat| chats.iter().position(|other| *other == chat).expect("called");
    assert!((111..=130).all(|chat| place(chat) < place(102)), "{chats:?}");
}

#[actix_rt::test]
async fn what_is_paid_for_says_so_and_albums_are_not_sent() {
    let rig = Rig::new().await;
    // The lane of its own, as the other has no window.
    let gate = rig.run(GateConfig { bulk_window: Bounds::exactly(0), ..CONFIG }).await;
    let source = rig.tools.reply.send(ChatId(101), None, &text("source"), None).await;
    let source = source.expect("sent").message_id.expect("a message");
    let copy =
        |messages| Outgoing::Copy { from: ChatId(101), messages, keyboard: None, silent: false };
    let mut launcher = Launcher::new();
    let contents = [text("news"), copy(vec![source]), copy(vec![source, source])];
    for (chat, content) in (102..).zip(contents) {
        let parcel = launcher.parcel(chat, &Arc::new(content));
        let launch = Launch(vec![Parcel { is_paid: true, ..parcel }]);
        rig.ports.launch.ring(launch).expect("a gate");
    }
    let ends = launcher.ends(3).await;
    assert!(is_one_message(&ends[&102]) && is_one_message(&ends[&103]), "{ends:?}");
    assert_eq!(ends[&104], ParcelEnd::Failed("not_payable"));
    stop(&gate).await;
    for (chat, expected) in [(101, Value::Null), (102, json!(true)), (103, json!(true))] {
        let log = rig.control("calls", json!({"chat": chat})).await;
        assert_eq!(log["calls"][0]["params"]["allow_paid_broadcast"], expected, "{log}");
    }
    assert!(rig.control("calls", json!({"chat": 104})).await["calls"][0].is_null());
}

#[actix_rt::test]
async fn an_album_reports_all_its_messages() {
    let rig = Rig::new().await;
    let gate = rig.run(CONFIG).await;
    let mut messages = Vec::new();
    for says in ["one", "two"] {
        let sent = rig.tools.reply.send(ChatId(101), None, &text(says), None).await;
        messages.extend(sent.expect("sent").message_id);
    }
    let mut launcher = Launcher::new();
    let album = Outgoing::Copy { from: ChatId(101), messages, keyboard: None, silent: false };
    launcher.launch(&rig, [102], album);
    let ends = launcher.ends(1).await;
    let ParcelEnd::Delivered(copies) = &ends[&102] else { panic!("{ends:?}") };
    assert_eq!(copies.len(), 2);
    stop(&gate).await;
    assert_eq!(rig.texts(102).await, ["one", "two"]);
}

#[actix_rt::test]
async fn a_gate_that_dies_leaves_no_parcel_without_an_end() {
    let rig = Rig::new().await;
    let slow = json!({"kind": {"latency": {"dist": "const", "ms": 2000}}, "chat": 101});
    rig.control("faults", json!({"rules": [slow]})).await;
    let config = GateConfig { bulk_window: Bounds::exactly(1), ..CONFIG };
    let gate = OutboundGate::new(config, rig.tools.clone(), rig.ports.clone());
    let started = start(gate, Mailbox::new(16), |_exit| {});
    started.connect(&rig.ports.launch);
    let mut launcher = Launcher::new();
    launcher.launch(&rig, [101, 102, 103], text("news"));
    while rig.calls().await.is_empty() {
        tokio::task::yield_now().await;
    }
    started.abort();
    let ends = launcher.ends(3).await;
    // The one in flight ends when its request does: nobody takes its answer any more.
    assert_eq!(ends[&101], ParcelEnd::InDoubt);
    assert_eq!((&ends[&102], &ends[&103]), (&ParcelEnd::NotSent, &ParcelEnd::NotSent));
}
