//! What `/health` and `/startupz` say while all is well, while Redis is away, and while the
//! database is; and what the service manager is told.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use serde_json::{Value, json};

use super::{get, on_an_own_server, until_ready};
use crate::support::bot::{ANN, Backend, Bot, BotOptions, PATIENCE};
use crate::support::redis::Redis;

fn options(backend: Backend) -> BotOptions {
    BotOptions::on(backend).set("web.listen", "127.0.0.1:0")
}

async fn health(bot: &Bot) -> (u16, Value) {
    let (status, body) = get(bot, "health").await;
    (status, serde_json::from_str(&body).unwrap())
}

/// The single check of a component.
fn check<'a>(health: &'a Value, component: &str) -> &'a Value {
    let checks = health["checks"].as_object().expect("checks");
    let found = checks.iter().find(|(name, _)| name.starts_with(&format!("{component}:")));
    found.map_or(&Value::Null, |(_, checks)| &checks[0])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_component_is_told_of() {
    let mut bot = Bot::start(options(Backend::Sqlite)).await;
    until_ready(&mut bot, true).await;
    assert_eq!(get(&bot, "startupz").await, (200, "started\n".to_owned()));
    bot.until("all components", async |bot| {
        let (_, health) = health(bot).await;
        ["database", "storage", "poller"].iter().all(|name| !check(&health, name).is_null())
    })
    .await;

    let (status, health) = health(&bot).await;
    assert_eq!((status, &health["status"]), (200, &json!("pass")), "{health}");
    let database = check(&health, "database");
    assert!(database["observedValue"].as_f64().unwrap() > 0.0, "{database}");
    assert!(check(&health, "redis").is_null(), "what is not configured is not told of");
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_memory_stands_in_and_nothing_fails() {
    let mut redis = Redis::start();
    let mut bot = Bot::start(options(Backend::Sqlite).set("redis.url", &redis.url())).await;
    until_redis(&mut bot, "pass").await;
    redis.stop();
    let told = until_redis(&mut bot, "warn").await;
    assert_eq!(check(&told, "redis")["fallback"], json!("memory"));
    assert_eq!(health(&bot).await.0, 200, "degraded is not down");
    bot.say(ANN, "/help").await;
    redis.start_again();
    until_redis(&mut bot, "pass").await;
    bot.finish().await;
}

async fn until_redis(bot: &mut Bot, status: &str) -> Value {
    let mut told = Value::Null;
    bot.until(&format!("redis: {status}"), async |bot| {
        told = health(bot).await.1;
        check(&told, "redis")["status"] == json!(status)
    })
    .await;
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_database_health_fails_and_names_it() {
    let (mut bot, server) = on_an_own_server(&[]).await;
    until_ready(&mut bot, true).await;
    server.crash();
    let mut told = Value::Null;
    bot.until("health to fail", async |bot| {
        let (status, health) = health(bot).await;
        told = health;
        status == 503
    })
    .await;
    assert_eq!(check(&told, "database")["status"], json!("fail"), "{told}");
    assert_eq!(get(&bot, "livez").await.0, 200, "a dead database is no reason for a restart");
    assert_eq!(get(&bot, "startupz").await.0, 200, "it has started once");
    server.return_from_crash();
    bot.until("health to pass", async |bot| health(bot).await.0 == 200).await;
    bot.expect_error("database is");
    bot.finish().await;
}

/// The socket of a service manager.
struct Manager {
    socket: UnixDatagram,
    _folder: tempfile::TempDir,
    address: String,
}

impl Manager {
    fn listen() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, address: path.display().to_string(), _folder: folder }
    }

    /// The next word with this in it.
    fn hears(&self, wanted: &str) {
        let mut buffer = [0; 512];
        loop {
            let length = self.socket.recv(&mut buffer).unwrap_or_else(|error| {
                panic!("the service manager was not told {wanted}: {error}");
            });
            if String::from_utf8_lossy(&buffer[..length]).contains(wanted) {
                return;
            }
        }
    }

    fn is_silent_for(&self, time: Duration, unwanted: &str) -> bool {
        self.socket.set_read_timeout(Some(time)).unwrap();
        let mut buffer = [0; 512];
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < time {
            match self.socket.recv(&mut buffer) {
                Ok(length) if String::from_utf8_lossy(&buffer[..length]).contains(unwanted) => {
                    return false;
                }
                _ => {}
            }
        }
        self.socket.set_read_timeout(Some(PATIENCE)).unwrap();
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_manager_knows_when_it_is_ready_alive_and_stopping() {
    let manager = Manager::listen();
    let options = options(Backend::Sqlite)
        .env("NOTIFY_SOCKET", &manager.address)
        .env("WATCHDOG_USEC", "30000000");
    let mut bot = Bot::start(options).await;
    manager.hears("READY=1");
    manager.hears("WATCHDOG=1");
    manager.hears("WATCHDOG=1");
    bot.stop().await;
    manager.hears("STOPPING=1");
    assert!(manager.is_silent_for(Duration::from_millis(200), "WATCHDOG=1"), "it has ended");
    bot.finish().await;
}
