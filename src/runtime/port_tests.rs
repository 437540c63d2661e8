//! Ports over real actors: loss, order, deadlines, reconnection. Time is paused.

use std::sync::Mutex;

use actix::prelude::*;
use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::runtime::monitor::{Exit, Started, start};

const SOON: Duration = Duration::from_secs(1);

#[derive(Message)]
#[rtype(result = "usize")]
struct Add(u32);

/// Holds the mailbox until the sender half is used or dropped.
#[derive(Message)]
#[rtype(result = "()")]
struct Hold(oneshot::Receiver<()>);

#[derive(Message)]
#[rtype(result = "()")]
struct Explode;

/// Collects numbers and sends them out one by one.
struct Collector {
    seen: mpsc::UnboundedSender<u32>,
    count: usize,
}

impl Actor for Collector {
    type Context = Context<Self>;
}

impl Handler<Envelope<Add>> for Collector {
    type Result = usize;

    fn handle(&mut self, envelope: Envelope<Add>, _ctx: &mut Self::Context) -> usize {
        let (Add(number), _span) = envelope.open();
        self.count += 1;
        self.seen.send(number).expect("the test listens");
        self.count
    }
}

impl Handler<Envelope<Hold>> for Collector {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Hold>, ctx: &mut Self::Context) {
        let (Hold(released), _span) = envelope.open();
        ctx.wait(async { drop(released.await) }.into_actor(self));
    }
}

impl Handler<Envelope<Explode>> for Collector {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Explode>, _ctx: &mut Self::Context) {
        let _opened = envelope.open();
        panic!("exploded as told");
    }
}

struct Rig {
    started: Started<Collector>,
    mailbox: Arc<Mailbox>,
    add: Port<Add>,
    seen: mpsc::UnboundedReceiver<u32>,
    end: oneshot::Receiver<Exit>,
}

fn rig(capacity: usize) -> Rig {
    tokio::time::pause();
    rig_in_paused_time(capacity)
}

fn rig_in_paused_time(capacity: usize) -> Rig {
    let (seen_tx, seen) = mpsc::unbounded_channel();
    let (end_tx, end) = oneshot::channel();
    let mailbox = Mailbox::new(capacity);
    let started = start(Collector { seen: seen_tx, count: 0 }, Arc::clone(&mailbox), |exit| {
        let _ = end_tx.send(exit);
    });
    let add = started.port();
    Rig { started, mailbox, add, seen, end }
}

/// Makes the actor hold its mailbox until the returned sender is dropped.
async fn hold(rig: &Rig) -> oneshot::Sender<()> {
    let (release, released) = oneshot::channel();
    rig.started.port().ask(Hold(released), SOON).await.expect("the actor holds");
    release
}

#[actix_rt::test]
async fn a_port_without_an_actor_is_down() {
    let port = Port::<Add>::new();
    assert_eq!(port.ask(Add(1), SOON).await, Err(PortError::Down("Add")));
    assert_eq!(port.ring(Add(1)), Err(PortError::Down("Add")));
    assert_eq!(port.lost(), 1);
}

#[actix_rt::test]
async fn a_function_answers_in_an_actors_place() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let port = Port::from_fn(move |Add(number)| {
        log.lock().expect("not poisoned").push(number);
        40
    });
    assert_eq!(port.ask(Add(1), SOON).await, Ok(40));
    assert_eq!(port.ring(Add(2)), Ok(()));
    assert_eq!(*asked.lock().expect("not poisoned"), [1, 2]);
}

#[actix_rt::test]
async fn messages_are_handled_in_their_order() {
    let mut rig = rig(200);
    for number in 0..100 {
        rig.add.clone().ring(Add(number)).expect("room");
    }
    assert_eq!(rig.add.ask(Add(100), SOON).await, Ok(101));
    for expected in 0..=100 {
        assert_eq!(rig.seen.recv().await, Some(expected));
    }
}

#[actix_rt::test]
async fn a_full_mailbox_refuses_over_all_clones_and_counts_the_lost() {
    let mut rig = rig(2);
    let release = hold(&rig).await;

    assert_eq!(rig.add.ring(Add(1)), Ok(()));
    assert_eq!(rig.add.clone().ring(Add(2)), Ok(()));
    assert_eq!(rig.started.port().ring(Add(3)), Err(PortError::Full("Add")));
    assert_eq!(rig.add.ask(Add(4), SOON).await, Err(PortError::Full("Add")));
    assert_eq!(rig.add.clone().ring(Add(5)), Err(PortError::Full("Add")));
    assert_eq!(rig.add.lost(), 1);
    assert_eq!(rig.mailbox.snapshot().refused, 3);
    assert_eq!(rig.mailbox.snapshot().depth, 2);

    // A control message passes a full mailbox.
    let control = rig.started.control_port();
    assert_eq!(control.ring(Add(6)), Ok(()));

    drop(release);
    for expected in [1, 2, 6] {
        assert_eq!(rig.seen.recv().await, Some(expected));
    }
    assert_eq!(rig.mailbox.snapshot().depth, 0);
}

#[actix_rt::test]
async fn an_ask_gives_up_at_its_deadline_and_takes_the_message_back() {
    let mut rig = rig(8);
    let release = hold(&rig).await;
    let before = tokio::time::Instant::now();
    assert_eq!(rig.add.ask(Add(1), SOON).await, Err(PortError::DeadlineExceeded("Add")));
    assert_eq!(before.elapsed().as_secs(), SOON.as_secs());

    drop(release);
    assert_eq!(rig.add.ask(Add(2), SOON).await, Ok(1));
    assert_eq!(rig.seen.recv().await, Some(2));
    assert_eq!(rig.mailbox.snapshot().unread, 1);
    assert_eq!(rig.mailbox.snapshot().max_wait_us, 0);
}

#[actix_rt::test]
async fn the_wait_in_the_mailbox_is_measured() {
    let rig = rig(8);
    let release = hold(&rig).await;
    rig.add.ring(Add(1)).expect("room");
    tokio::time::advance(Duration::from_millis(5)).await;
    drop(release);
    assert_eq!(rig.add.ask(Add(2), SOON).await, Ok(2));

    let seen = rig.mailbox.snapshot();
    assert_eq!((seen.max_wait_us, seen.last_wait_us, seen.handled), (5_000, 0, 3));
}

#[actix_rt::test]
async fn death_fails_the_asker_and_a_new_actor_takes_the_port_over() {
    let first = rig(8);
    let port = first.add.clone();
    let explode = first.started.port();
    assert_eq!(explode.ask(Explode, SOON).await, Err(PortError::Died("Explode")));
    assert_eq!(first.end.await, Ok(Exit::Panicked("exploded as told".to_owned())));
    assert!(!port.is_connected());
    assert_eq!(port.ask(Add(1), SOON).await, Err(PortError::Down("Add")));

    let second = rig_in_paused_time(8);
    second.started.connect(&first.add);
    assert_eq!(port.ask(Add(2), SOON).await, Ok(1));

    port.clear();
    assert!(!first.add.is_connected());
}

#[actix_rt::test]
async fn what_was_queued_behind_a_death_is_answered_by_an_error() {
    let rig = rig(8);
    let release = hold(&rig).await;
    let explode = rig.started.port();
    explode.ring(Explode).expect("room");
    let queued = rig.add.ask(Add(1), SOON);
    let release_then_wait = async {
        drop(release);
        rig.end.await
    };
    let (answer, exit) = futures_util::future::join(queued, release_then_wait).await;
    assert_eq!(answer, Err(PortError::Died("Add")));
    assert_eq!(exit, Ok(Exit::Panicked("exploded as told".to_owned())));
    assert_eq!(rig.mailbox.snapshot().depth, 0);
}

#[test]
fn an_ask_can_be_made_from_any_thread() {
    fn assert_send<T: Send>(_: T) {}
    let port = Port::<Add>::new();
    assert_send(port.ask(Add(1), SOON));
}
