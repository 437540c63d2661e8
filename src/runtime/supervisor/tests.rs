//! The supervisor over real actors, in paused time: every wait is for a signal.

use tokio::sync::mpsc;

use super::*;
use crate::runtime::backoff::Backoff;
use crate::runtime::window::RestartWindow;

const SOON: Duration = Duration::from_secs(1);
/// Longer than anything here takes, even in virtual time.
const LONG: Duration = Duration::from_hours(1);

const POLICY: ChildPolicy = ChildPolicy {
    restart: RestartPolicy {
        backoff: Backoff {
            first: Duration::from_millis(100),
            factor: 2.0,
            max: Duration::from_secs(5),
            jitter: 1.0,
        },
        window: RestartWindow { max_restarts: 3, within: Duration::from_mins(1) },
    },
    heartbeat: Some(HeartbeatPolicy {
        every: Duration::from_secs(5),
        miss_after: Duration::from_secs(10),
    }),
    drain_within: Duration::from_secs(20),
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Count,
    Panic,
    Stop,
    /// Holds the mailbox for ever.
    Hang,
}

#[derive(Message)]
#[rtype(result = "u32")]
struct Obey(Order);

/// What a worker does when told to drain.
#[derive(Clone, Copy)]
enum Draining {
    Obeys,
    Ignores,
}

#[derive(Debug, PartialEq, Eq)]
enum News {
    Started(&'static str, u64),
    Drain(&'static str),
    Gone(&'static str),
}

struct Worker {
    name: &'static str,
    count: u32,
    draining: Draining,
    news: mpsc::UnboundedSender<News>,
}

impl Worker {
    fn tell(&self, news: News) {
        // A test may be over before its actors are.
        let _ = self.news.send(news);
    }
}

impl Actor for Worker {
    type Context = Context<Self>;
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.tell(News::Gone(self.name));
    }
}

impl Handler<Envelope<Obey>> for Worker {
    type Result = u32;

    fn handle(&mut self, envelope: Envelope<Obey>, ctx: &mut Self::Context) -> u32 {
        let (Obey(order), _span) = envelope.open();
        self.count += 1;
        match order {
            Order::Count => {}
            Order::Panic => panic!("told to"),
            Order::Stop => ctx.stop(),
            Order::Hang => ctx.wait(std::future::pending().into_actor(self)),
        }
        self.count
    }
}

impl Handler<Envelope<Heartbeat>> for Worker {
    type Result = Vec<Fact>;

    fn handle(&mut self, envelope: Envelope<Heartbeat>, _ctx: &mut Self::Context) -> Vec<Fact> {
        let (Heartbeat, _span) = envelope.open();
        vec![Fact { name: "count", value: self.count.into() }]
    }
}

impl Handler<Envelope<Drain>> for Worker {
    type Result = ();

    fn handle(&mut self, envelope: Envelope<Drain>, ctx: &mut Self::Context) {
        let _opened = envelope.open();
        self.tell(News::Drain(self.name));
        match self.draining {
            Draining::Obeys => ctx.stop(),
            Draining::Ignores => {}
        }
    }
}

/// Workers under a supervisor that takes half of every delay.
struct Rig {
    builder: SupervisorBuilder,
    news_tx: mpsc::UnboundedSender<News>,
    news: mpsc::UnboundedReceiver<News>,
}

impl Rig {
    fn new() -> Self {
        tokio::time::pause();
        let (news_tx, news) = mpsc::unbounded_channel();
        let builder = SupervisorBuilder::new(Duration::from_secs(30), || 0.5);
        Self { builder, news_tx, news }
    }

    fn worker(mut self, name: &'static str, draining: Draining, port: &Port<Obey>) -> Self {
        let port = port.clone();
        let news = self.news_tx.clone();
        let spec = ChildSpec::new(name, 16, POLICY, move |context| {
            let worker = Worker { name, count: 0, draining, news: news.clone() };
            worker.tell(News::Started(name, context.generation()));
            let started = context.start(worker);
            started.connect(&port);
            started.into_child()
        });
        self.builder = self.builder.child(spec);
        self
    }

    fn start(self) -> (SupervisorHandle, mpsc::UnboundedReceiver<News>) {
        (self.builder.start(), self.news)
    }
}

/// Reads the news up to `awaited`, and returns all of it.
async fn news_until(news: &mut mpsc::UnboundedReceiver<News>, awaited: &News) -> Vec<News> {
    let mut heard = Vec::new();
    loop {
        let next = tokio::time::timeout(LONG, news.recv()).await;
        let next = next.unwrap_or_else(|_| panic!("{awaited:?} never came after {heard:?}"));
        let next = next.expect("somebody still sends");
        let is_awaited = next == *awaited;
        heard.push(next);
        if is_awaited {
            return heard;
        }
    }
}

async fn snapshot_of(supervisor: &SupervisorHandle, index: usize) -> ChildSnapshot {
    supervisor.inspect(SOON).await.expect("the supervisor answers").swap_remove(index)
}

#[actix_rt::test]
async fn a_panicking_child_comes_back_fresh_and_its_port_works_again() {
    let port = Port::new();
    let (supervisor, mut news) = Rig::new().worker("worker", Draining::Obeys, &port).start();
    news_until(&mut news, &News::Started("worker", 1)).await;
    assert_eq!(port.ask(Obey(Order::Count), SOON).await, Ok(1));
    assert_eq!(port.ask(Obey(Order::Count), SOON).await, Ok(2));

    let died_at = Instant::now();
    assert_eq!(port.ask(Obey(Order::Panic), SOON).await, Err(PortError::Died("Obey")));
    let dead = snapshot_of(&supervisor, 0).await;
    assert_eq!(dead.state, ChildState::BackingOff);
    assert_eq!(port.ring(Obey(Order::Count)), Err(PortError::Down("Obey")));

    news_until(&mut news, &News::Started("worker", 2)).await;
    let delay_ms = died_at.elapsed().as_millis();
    // Half of the first delay; tokio's timer rounds up to the next millisecond.
    assert!((50..=51).contains(&delay_ms), "{delay_ms}");
    assert_eq!(port.ask(Obey(Order::Count), SOON).await, Ok(1), "nothing of the dead one is left");

    let alive = snapshot_of(&supervisor, 0).await;
    assert_eq!((alive.state, alive.generation, alive.restarts), (ChildState::Running, 2, 1));
    assert_eq!(alive.last_exit, Some(Exit::Panicked("told to".to_owned())));
    assert_eq!(alive.mailbox.depth, 0);
}

#[actix_rt::test]
async fn an_unexpected_stop_is_a_death_too() {
    let port = Port::new();
    let (supervisor, mut news) = Rig::new().worker("worker", Draining::Obeys, &port).start();
    news_until(&mut news, &News::Started("worker", 1)).await;
    port.ask(Obey(Order::Stop), SOON).await.expect("answered before it stopped");
    news_until(&mut news, &News::Started("worker", 2)).await;
    assert_eq!(snapshot_of(&supervisor, 0).await.last_exit, Some(Exit::Stopped));
}

#[actix_rt::test]
async fn a_hanging_child_misses_its_heartbeat_and_is_replaced() {
    let port = Port::new();
    let (supervisor, mut news) = Rig::new().worker("worker", Draining::Obeys, &port).start();
    news_until(&mut news, &News::Started("worker", 1)).await;
    port.ask(Obey(Order::Hang), SOON).await.expect("it answers, then hangs");

    let heard = news_until(&mut news, &News::Started("worker", 2)).await;
    assert_eq!(heard.first(), Some(&News::Gone("worker")), "dead before its successor lives");
    assert_eq!(port.ask(Obey(Order::Count), SOON).await, Ok(1));
    assert_eq!(snapshot_of(&supervisor, 0).await.last_exit, Some(Exit::Aborted));
}

#[actix_rt::test]
async fn a_heartbeat_brings_the_childs_facts() {
    let port = Port::new();
    let (supervisor, mut news) = Rig::new().worker("worker", Draining::Obeys, &port).start();
    news_until(&mut news, &News::Started("worker", 1)).await;
    port.ask(Obey(Order::Count), SOON).await.expect("answered");
    tokio::time::sleep(Duration::from_secs(6)).await;
    let facts = snapshot_of(&supervisor, 0).await.facts;
    assert_eq!(facts, [Fact { name: "count", value: 1 }]);
}

#[actix_rt::test]
async fn a_hopeless_child_escalates_after_its_budget_and_the_others_drain() {
    let port = Port::new();
    let mut rig = Rig::new().worker("worker", Draining::Obeys, &port);
    let attempts = rig.news_tx.clone();
    rig.builder = rig.builder.child(ChildSpec::new("hopeless", 1, POLICY, move |context| {
        let _ = attempts.send(News::Started("hopeless", context.generation()));
        panic!("can't even start")
    }));
    let (supervisor, mut news) = rig.start();

    let reason = tokio::time::timeout(LONG, supervisor.wait()).await.expect("it gives up");
    assert_eq!(reason, ExitReason::Escalated { child: "hopeless" });
    assert_eq!(reason.exit_code(), 70);
    let heard = news_until(&mut news, &News::Gone("worker")).await;
    assert_eq!(
        heard,
        [
            News::Started("worker", 1),
            News::Started("hopeless", 1),
            News::Started("hopeless", 2),
            News::Started("hopeless", 3),
            News::Started("hopeless", 4),
            News::Drain("worker"),
            News::Gone("worker"),
        ]
    );
}

#[actix_rt::test]
async fn a_factory_that_panics_late_leaves_no_actor_behind() {
    let port = Port::<Obey>::new();
    let mut rig = Rig::new();
    let connected = port.clone();
    let news_tx = rig.news_tx.clone();
    rig.builder = rig.builder.child(ChildSpec::new("late", 1, POLICY, move |context| {
        let news = news_tx.clone();
        let is_first = context.generation() == 1;
        let worker = Worker { name: "late", count: 0, draining: Draining::Obeys, news };
        worker.tell(News::Started("late", context.generation()));
        let started = context.start(worker);
        started.connect(&connected);
        assert!(!is_first, "the first one fails late");
        started.into_child()
    }));
    let (_supervisor, mut news) = rig.start();
    let heard = news_until(&mut news, &News::Started("late", 2)).await;
    assert_eq!(heard[1], News::Gone("late"));
    assert_eq!(port.ask(Obey(Order::Count), SOON).await, Ok(1));
}

#[actix_rt::test]
async fn children_drain_one_by_one_in_reverse_order_and_are_not_restarted() {
    let port = Port::new();
    let (supervisor, mut news) = Rig::new()
        .worker("a", Draining::Obeys, &port)
        .worker("b", Draining::Obeys, &Port::new())
        .worker("c", Draining::Obeys, &Port::new())
        .start();
    news_until(&mut news, &News::Started("c", 1)).await;
    supervisor.stop();

    assert_eq!(supervisor.wait().await, ExitReason::Requested);
    let heard = news_until(&mut news, &News::Gone("a")).await;
    let expected = ["c", "b", "a"].map(|name| [News::Drain(name), News::Gone(name)]);
    assert_eq!(heard, expected.into_iter().flatten().collect::<Vec<_>>());
    assert!(!port.is_connected());
    assert!(supervisor.inspect(SOON).await.is_err(), "the supervisor is gone");
}

#[actix_rt::test]
async fn a_stop_plan_goes_before_the_reverse_order() {
    let mut rig = Rig::new()
        .worker("a", Draining::Obeys, &Port::new())
        .worker("b", Draining::Obeys, &Port::new())
        .worker("c", Draining::Obeys, &Port::new());
    rig.builder = rig.builder.stop_first(&["b", "nobody"]);
    let (supervisor, mut news) = rig.start();
    news_until(&mut news, &News::Started("c", 1)).await;
    supervisor.stop();

    let heard = news_until(&mut news, &News::Gone("a")).await;
    let drained: Vec<_> = heard.iter().filter(|news| matches!(news, News::Drain(_))).collect();
    assert_eq!(drained, [&News::Drain("b"), &News::Drain("c"), &News::Drain("a")]);
}

#[actix_rt::test]
async fn who_does_not_drain_in_time_is_aborted_and_the_whole_stop_has_a_deadline() {
    let (supervisor, mut news) = Rig::new()
        .worker("a", Draining::Ignores, &Port::new())
        .worker("b", Draining::Ignores, &Port::new())
        .start();
    news_until(&mut news, &News::Started("b", 1)).await;
    let before = Instant::now();
    supervisor.stop();

    news_until(&mut news, &News::Gone("b")).await;
    assert_eq!(before.elapsed().as_secs(), 20, "the child's own deadline");
    assert_eq!(supervisor.wait().await, ExitReason::Requested);
    assert_eq!(before.elapsed().as_secs(), 30, "what was left of the whole stop's");
}

#[actix_rt::test]
async fn a_second_stop_cuts_the_first_short() {
    let (supervisor, mut news) = Rig::new()
        .worker("a", Draining::Ignores, &Port::new())
        .worker("b", Draining::Ignores, &Port::new())
        .start();
    news_until(&mut news, &News::Started("b", 1)).await;
    let before = Instant::now();
    supervisor.stop();
    news_until(&mut news, &News::Drain("b")).await;
    supervisor.stop();

    assert_eq!(supervisor.wait().await, ExitReason::Requested);
    assert_eq!(before.elapsed(), Duration::ZERO);
    let heard = news_until(&mut news, &News::Gone("b")).await;
    assert!(heard.contains(&News::Gone("a")), "all are gone: {heard:?}");
    assert!(!heard.contains(&News::Drain("a")), "nobody else was asked: {heard:?}");
}

#[actix_rt::test]
async fn a_child_that_waits_for_its_restart_is_not_started_while_others_drain() {
    let port = Port::new();
    let (supervisor, mut news) = Rig::new()
        .worker("dying", Draining::Obeys, &port)
        .worker("slow", Draining::Ignores, &Port::new())
        .start();
    news_until(&mut news, &News::Started("slow", 1)).await;
    assert_eq!(port.ask(Obey(Order::Panic), SOON).await, Err(PortError::Died("Obey")));
    assert_eq!(snapshot_of(&supervisor, 0).await.state, ChildState::BackingOff);
    supervisor.stop();

    assert_eq!(supervisor.wait().await, ExitReason::Requested);
    let heard = news_until(&mut news, &News::Gone("slow")).await;
    assert_eq!(heard, [News::Gone("dying"), News::Drain("slow"), News::Gone("slow")]);
}

#[actix_rt::test]
async fn a_restart_on_demand_costs_nothing_of_the_budget() {
    let (supervisor, mut news) = Rig::new().worker("a", Draining::Obeys, &Port::new()).start();
    news_until(&mut news, &News::Started("a", 1)).await;
    // One more than the budget of deaths.
    for generation in 2..=5 {
        assert_eq!(supervisor.restart("a".to_owned(), SOON).await, Ok(true));
        news_until(&mut news, &News::Started("a", generation)).await;
    }
    assert_eq!(supervisor.restart("nobody".to_owned(), SOON).await, Ok(false));
    supervisor.stop();
    assert_eq!(supervisor.wait().await, ExitReason::Requested);
}
