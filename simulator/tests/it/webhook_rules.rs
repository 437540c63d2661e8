//! Webhooks as Telegram delivers them: queues, connections, repetitions, changes.

use crate::client::{TOKEN, ctl, ids, inject, ok, start, until};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tgsim::{Simulator, SimulatorOptions};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// What a target answers: status and headers.
type Answer = (u16, Vec<(&'static str, &'static str)>);

/// A webhook target that notes what came and over how many connections.
#[derive(Clone)]
struct Target {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Value>>>,
    connections: Arc<AtomicUsize>,
    /// Answers wait for it as long as `held` says so.
    release: Arc<Notify>,
}

impl Target {
    /// `answer` is told the update and how often it came before; `None` holds the answer back
    /// until the release.
    async fn start(
        answer: impl Fn(&Value, usize) -> Option<Answer> + Send + Sync + 'static,
    ) -> Target {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            connections: Arc::default(),
            release: Arc::default(),
        };
        let (serving, answer) = (target.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.connections.fetch_add(1, Ordering::SeqCst);
                let (target, answer) = (serving.clone(), answer.clone());
                let service = hyper::service::service_fn(move |req| {
                    let (target, answer) = (target.clone(), answer.clone());
                    async move { Ok::<_, hyper::Error>(target.take(req, &*answer).await) }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(hyper_util::rt::TokioIo::new(stream), service),
                );
            }
        });
        target
    }

    async fn take(
        &self,
        req: hyper::Request<hyper::body::Incoming>,
        answer: &(impl Fn(&Value, usize) -> Option<Answer> + ?Sized),
    ) -> hyper::Response<http_body_util::Empty<bytes::Bytes>> {
        use http_body_util::BodyExt;
        let body = req.into_body().collect().await.unwrap().to_bytes();
        let update: Value = serde_json::from_slice(&body).unwrap();
        let before = {
            let mut seen = self.seen.lock();
            let id = &update["update_id"];
            let before = seen.iter().filter(|other| &other["update_id"] == id).count();
            seen.push(update.clone());
            before
        };
        let (status, headers) = match answer(&update, before) {
            Some(answer) => answer,
            None => {
                self.release.notified().await;
                good()
            }
        };
        let mut response = hyper::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        response.body(http_body_util::Empty::new()).unwrap()
    }

    fn url(&self) -> String {
        format!("http://{}/hook?a=b", self.address)
    }

    async fn seen(&self, count: usize) -> Vec<Value> {
        while self.seen.lock().len() < count {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        self.seen.lock().clone()
    }
}

fn good() -> Answer {
    (200, vec![])
}

async fn say(a: SocketAddr, user: i64, text: &str) {
    ctl(a, "message", json!({"user": user, "text": text})).await;
}

async fn delivered(a: SocketAddr) {
    until(a, "webhook", "pending_update_count", json!(0)).await;
}

fn text(update: &Value) -> &str {
    update["message"]["text"].as_str().unwrap_or("")
}

#[tokio::test]
async fn connections_are_kept() {
    let a = start().await;
    let target = Target::start(|_, _| Some(good())).await;
    ok(a, "setWebhook", json!({"url": target.url(), "max_connections": 3})).await;
    for n in 0..30 {
        say(a, n % 7 + 1, "hello").await;
    }
    delivered(a).await;
    assert_eq!(target.seen.lock().len(), 30);
    let connections = target.connections.load(Ordering::SeqCst);
    assert!((1..=3).contains(&connections), "{connections}");
    let stats = ctl(a, "stats", json!({})).await;
    assert_eq!(stats["webhook"]["connections"], connections);
    assert!(stats["webhook"]["at_once"].as_u64().unwrap() <= 3);
}

#[tokio::test]
async fn a_connection_that_the_bot_closes_is_made_anew() {
    let a = start().await;
    let target = Target::start(|_, _| Some((200, vec![("connection", "close")]))).await;
    ok(a, "setWebhook", json!({"url": target.url()})).await;
    inject(a, 4).await;
    delivered(a).await;
    assert_eq!(target.connections.load(Ordering::SeqCst), 4);
    assert_eq!(target.seen.lock().len(), 4, "none was lost on a closed connection");
}

#[tokio::test]
async fn a_queue_waits_for_its_first_update_and_no_other_queue_does() {
    let a = start().await;
    let target = Target::start(|update, _| (text(update) != "stuck").then(good)).await;
    ok(a, "setWebhook", json!({"url": target.url(), "max_connections": 2})).await;
    // the first success allows more connections than one
    say(a, 3, "first").await;
    delivered(a).await;
    say(a, 1, "stuck").await;
    say(a, 1, "behind it").await;
    for _ in 0..3 {
        say(a, 2, "other").await;
    }
    let seen = target.seen(5).await;
    assert!(seen.iter().all(|update| text(update) != "behind it"), "{seen:?}");
    target.release.notify_one();
    delivered(a).await;
    assert_eq!(text(&target.seen.lock()[5]), "behind it");
}

#[tokio::test]
async fn a_press_overtakes_messages_of_its_chat() {
    let a = start().await;
    let target = Target::start(|update, _| (text(update) != "held").then(good)).await;
    say(a, 7, "hi").await;
    ok(
        a,
        "sendMessage",
        json!({"chat_id": 7, "text": "choose", "reply_markup": {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}}),
    )
    .await;
    ok(a, "setWebhook", json!({"url": target.url(), "max_connections": 2})).await;
    delivered(a).await;
    say(a, 7, "held").await;
    say(a, 7, "behind it").await;
    ctl(a, "click", json!({"chat": 7, "label": "Yes"})).await;
    let seen = target.seen(3).await;
    assert!(seen[2]["callback_query"].is_object(), "{seen:?}");
    target.release.notify_one();
    delivered(a).await;
    assert_eq!(text(&target.seen.lock()[3]), "behind it");
}

#[tokio::test]
async fn retry_after_is_obeyed_and_holds_back_its_queue_only() {
    let a = start().await;
    let target = Target::start(|update, before| {
        let must_wait = text(update) == "busy" && before == 0;
        Some(if must_wait { (503, vec![("retry-after", "2")]) } else { good() })
    })
    .await;
    ok(a, "setWebhook", json!({"url": target.url(), "max_connections": 2})).await;
    let begun = std::time::Instant::now();
    say(a, 1, "busy").await;
    target.seen(1).await;
    say(a, 1, "behind it").await;
    say(a, 2, "other").await;
    delivered(a).await;
    assert!(begun.elapsed().as_secs_f64() >= 2.0, "{:?}", begun.elapsed());
    let seen = target.seen.lock().clone();
    let texts: Vec<&str> = seen.iter().map(text).collect();
    assert_eq!(texts, ["busy", "other", "busy", "behind it"]);
}

#[tokio::test]
async fn what_is_under_way_when_the_webhook_changes_comes_again() {
    let a = start().await;
    let target = Target::start(|_, before| (before > 0).then(good)).await;
    ok(a, "setWebhook", json!({"url": target.url()})).await;
    inject(a, 1).await;
    target.seen(1).await;
    // the same once more changes nothing
    ok(a, "setWebhook", json!({"url": target.url()})).await;
    ok(a, "deleteWebhook", json!({})).await;
    target.release.notify_one();
    let polled = ids(&ok(a, "getUpdates", json!({})).await);
    assert_eq!(polled.len(), 1, "Telegram never heard the answer");
    ok(a, "setWebhook", json!({"url": target.url()})).await;
    delivered(a).await;
    let seen = target.seen.lock().clone();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn only_so_many_queues_are_looked_at() {
    let options = SimulatorOptions { tokens: vec![TOKEN.to_string()], ..Default::default() };
    let sim = Simulator::start(options).await.unwrap();
    let a = sim.addr();
    let target = Target::start(|_, _| Some((500, vec![]))).await;
    for user in 1..=9 {
        say(a, user, "hello").await;
    }
    ok(a, "setWebhook", json!({"url": target.url(), "max_connections": 2})).await;
    target.seen(1).await;
    let queue = ctl(a, "queue", json!({})).await;
    assert_eq!((&queue["webhook_pending"], &queue["pending"]), (&json!(4), &json!(5)));
    sim.stop().await;
}
