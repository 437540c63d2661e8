//! Alerts over the whole bot: from a fault, or from Alertmanager, to one message in each admin's
//! chat that is edited until it is over.

use std::net::SocketAddr;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::bot::{
    ADAM, ANN, Backend, Bot, BotOptions, EDNA, WITH_SECRET, free_address, now, show,
};

flows! {
    both {
        one_message_tells_of_an_alert_and_of_its_end,
        a_kill_between_opening_and_end_tells_nothing_twice,
        alertmanager_comes_again_when_nothing_can_be_stored,
    }
    sqlite {
        somebody_takes_it_over_and_silences_it,
        a_storm_is_one_message,
        who_sleeps_is_woken_by_pages_only,
        what_the_bot_notices_itself_is_told_without_prometheus,
        both_notice_the_same_and_it_is_told_once,
        a_watchdog_that_falls_silent_is_missed,
        strangers_and_nonsense_are_refused,
        a_watcher_outside_hears_that_all_is_well,
        alerts_are_for_admins,
    }
}

/// What Alertmanager brings.
const TOKEN: &str = "the-token-of-the-tests";

/// A bot that waits a hundredth of what it would, and its address for Alertmanager.
struct Stage {
    bot: Bot,
    web: SocketAddr,
}

impl Stage {
    async fn set(options: BotOptions) -> Self {
        let web = free_address();
        let options = options
            .set("web.listen", &web.to_string())
            .set("alerts.webhook_token", TOKEN)
            .set("alerts.patience", "0.01")
            .set("access.owners", &ANN.to_string());
        let mut bot = Bot::start(options).await;
        bot.say(ADAM, "/start").await;
        bot.say(ANN, "/start").await;
        Self { bot, web }
    }

    async fn on(backend: Backend) -> Self {
        Self::set(BotOptions::on(backend)).await
    }

    async fn call(&self, method: Method, bearer: &str, body: String) -> StatusCode {
        call(self.web, method, bearer, body).await
    }

    /// Alertmanager posts these.
    async fn post(&self, alerts: &[Value]) {
        let status = self.call(Method::POST, TOKEN, payload(alerts)).await;
        assert_eq!(status, StatusCode::OK);
    }

    async fn metrics(&self) -> String {
        metrics_of(self.web).await
    }

    /// Messages in a chat that say this, as a person sees them.
    async fn told(&self, user: i64, text: &str) -> Vec<String> {
        let shown: Vec<String> = self.bot.shown_by_bot(user).await.iter().map(show).collect();
        shown.into_iter().filter(|screen| screen.contains(text)).collect()
    }
}

async fn call(web: SocketAddr, method: Method, bearer: &str, body: String) -> StatusCode {
    let url = format!("http://{web}/webhooks/alertmanager");
    let call = reqwest::Client::builder()
        .build()
        .unwrap()
        .request(method, url)
        .bearer_auth(bearer)
        .body(body);
    call.send().await.unwrap().status()
}

async fn metrics_of(web: SocketAddr) -> String {
    reqwest::get(format!("http://{web}/metrics")).await.unwrap().text().await.unwrap()
}

fn alert(name: &str, fingerprint: &str, severity: &str, status: &str) -> Value {
    json!({
        "status": status,
        "labels": {"alertname": name, "severity": severity, "instance": "host<1>"},
        "annotations": {"summary": "It is <b>on fire</b> & smokes"},
        "startsAt": "2026-11-29T06:00:00Z", "fingerprint": fingerprint,
    })
}

fn firing(name: &str, severity: &str) -> Value {
    alert(name, name, severity, "firing")
}

fn resolved(name: &str) -> Value {
    alert(name, name, "page", "resolved")
}

fn payload(alerts: &[Value]) -> String {
    json!({"version": "4", "status": "firing", "receiver": "bot", "alerts": alerts}).to_string()
}

/// A screen without its times.
fn timeless(screen: &str) -> String {
    let line = |line: &str| match line.split_once("🕒") {
        Some((head, _)) => format!("{head}🕒 …"),
        None => line.to_owned(),
    };
    screen.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn one_message_tells_of_an_alert_and_of_its_end(backend: Backend) {
    let mut stage = Stage::on(backend).await;
    stage.post(&[firing("NodeDown", "page")]).await;
    for admin in [ADAM, ANN] {
        stage.bot.wait(admin, "NodeDown").await;
    }
    sees!(timeless(&stage.told(ADAM, "NodeDown").await.join("\n---\n")), @r"
    🔴 NodeDown · host<1>
    It is <b>on fire</b> & smokes
    🕒 …
    [✋ Я займусь]
    [🔇 1 ч] [🔇 8 ч]
    ");
    // Alertmanager repeats itself.
    stage.post(&[firing("NodeDown", "page")]).await;
    stage.post(&[resolved("NodeDown")]).await;
    for admin in [ADAM, ANN] {
        stage.bot.wait(admin, "✅ NodeDown").await;
    }
    sees!(timeless(&stage.told(ANN, "NodeDown").await.join("\n---\n")), @r"
    (edited)
    ✅ NodeDown · host<1>
    It is <b>on fire</b> & smokes
    🕒 …
    ");
    assert_eq!(stage.told(ADAM, "NodeDown").await.len(), 1);
    assert_eq!(stage.bot.number("SELECT count(*) FROM alerts").await, 1);
    let metrics = stage.metrics().await;
    for line in [
        "primelingo_alerts_firing{severity=\"page\"} 0",
        "primelingo_alert_notifications_total{kind=\"firing\",outcome=\"ok\"} 1",
        "primelingo_alert_notifications_total{kind=\"resolved\",outcome=\"ok\"} 1",
    ] {
        assert!(metrics.contains(line), "no {line} in\n{metrics}");
    }
    stage.bot.finish().await;
}

async fn a_kill_between_opening_and_end_tells_nothing_twice(backend: Backend) {
    let mut stage = Stage::on(backend).await;
    stage.post(&[firing("NodeDown", "page")]).await;
    stage
        .bot
        .until("the opening", async |bot| bot.number("SELECT count(*) FROM alerts").await == 1)
        .await;
    stage.bot.kill().await;
    stage.bot.restart().await;
    stage.bot.wait(ADAM, "NodeDown").await;
    stage.bot.kill().await;
    stage.bot.restart().await;
    stage.post(&[resolved("NodeDown")]).await;
    for admin in [ADAM, ANN] {
        stage.bot.wait(admin, "✅ NodeDown").await;
        // One row: what was in flight at a kill is sent once more, as every message is.
        let rows = format!(
            "SELECT count(*) FROM outbox
             WHERE class = 'reply' AND chat_id = {admin} AND payload LIKE '%NodeDown%'"
        );
        assert_eq!(stage.bot.number(&rows).await, 1);
    }
    assert_eq!(stage.bot.number("SELECT count(*) FROM alerts").await, 1);
    stage.bot.finish().await;
}

async fn alertmanager_comes_again_when_nothing_can_be_stored(backend: Backend) {
    const REFUSE: &str = "CREATE TRIGGER refuse_signals BEFORE INSERT ON alert_signals
         BEGIN SELECT RAISE(ABORT, 'no room'); END";
    let mut stage = Stage::on(backend).await;
    if backend == Backend::Sqlite {
        stage.bot.execute(REFUSE).await;
        stage.bot.expect_error("alerts are not stored");
    } else {
        stage.bot.refuse_updates().await;
        stage.bot.excuse_error("database is");
    }
    let body = payload(&[firing("NodeDown", "page")]);
    let refused = stage.call(Method::POST, TOKEN, body).await;
    assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
    if backend == Backend::Sqlite {
        stage.bot.execute("DROP TRIGGER refuse_signals").await;
    } else {
        stage.bot.take_updates().await;
    }
    let web = stage.web;
    stage
        .bot
        .until("the database to take it", async |_| {
            let body = payload(&[firing("NodeDown", "page")]);
            call(web, Method::POST, TOKEN, body).await == StatusCode::OK
        })
        .await;
    stage.bot.wait(ADAM, "NodeDown").await;
    stage.bot.finish().await;
}

async fn somebody_takes_it_over_and_silences_it(backend: Backend) {
    let mut stage = Stage::on(backend).await;
    stage.post(&[firing("NodeDown", "page")]).await;
    stage.bot.wait(ADAM, "NodeDown").await;
    stage.bot.wait(ANN, "NodeDown").await;
    stage.bot.press(ADAM, "Я займусь").await;
    stage.bot.wait(ANN, "Adam looks after it|looks after it").await;
    stage.bot.wait(ADAM, "занимается этим").await;
    stage.bot.press(ANN, "1 h").await;
    stage.bot.wait(ADAM, "без сообщений до").await;

    let listed = stage.bot.say(ANN, "/alerts").await;
    let text = listed.text();
    assert!(text.starts_with("🔔 1 alert\n") && text.contains("🔇 Silenced"), "{text}");
    // It opens again, and nobody is told.
    stage.post(&[resolved("NodeDown")]).await;
    stage.bot.wait(ADAM, "✅ NodeDown").await;
    stage.post(&[firing("NodeDown", "page")]).await;
    stage
        .bot
        .until("the second opening", async |bot| {
            bot.number("SELECT count(*) FROM alerts WHERE openings = 2").await == 1
        })
        .await;
    let hushed = "primelingo_alert_notifications_total{kind=\"suppressed\",outcome=\"ok\"} 1";
    let web = stage.web;
    stage.bot.until("the silence", async |_| metrics_of(web).await.contains(hushed)).await;
    assert_eq!(stage.told(ADAM, "NodeDown").await.len(), 1);
    // Until the silence is taken back.
    let ended = stage.bot.press(ANN, "🔊 NodeDown").await;
    assert!(!ended.text().contains("Silenced"), "{}", ended.screen());
    stage.bot.wait(ADAM, "(?s)🔴 NodeDown.*подряд уже 2-й раз").await;
    let audit = "SELECT action FROM audit WHERE subject = 'alert' ORDER BY id";
    assert_eq!(stage.bot.texts(audit).await, ["ack_alert", "silence_alert", "end_silence"]);
    stage.bot.finish().await;
}

async fn a_storm_is_one_message(backend: Backend) {
    let mut stage = Stage::on(backend).await;
    let storm: Vec<Value> = (1..=12).map(|n| firing(&format!("Fault{n}"), "page")).collect();
    stage.post(&storm).await;
    let told = stage.bot.wait(ADAM, "Тревог: 12, открыто: 12").await;
    assert!(told["text"].as_str().unwrap().ends_with("… и ещё 2"), "{told}");
    stage.post(&[resolved("Fault1"), resolved("Fault2")]).await;
    stage.bot.wait(ADAM, "Тревог: 12, открыто: 10").await;
    assert_eq!(stage.told(ADAM, "Тревог").await.len(), 1);
    assert_eq!(stage.told(ADAM, "Fault").await.len(), 1);
    stage.bot.finish().await;
}

/// Quiet hours around now, by the clock of Greenwich.
async fn fall_asleep(bot: &Bot, user: i64) {
    let minute = now().timestamp().rem_euclid(86_400) / 60;
    let (from, to) = ((minute + 1_380) % 1_440, (minute + 120) % 1_440);
    bot.execute(&format!(
        "UPDATE users SET quiet_from = {from}, quiet_to = {to}, time_zone = 'UTC' WHERE id = {user}"
    ))
    .await;
}

async fn who_sleeps_is_woken_by_pages_only(backend: Backend) {
    let mut stage = Stage::on(backend).await;
    fall_asleep(&stage.bot, ADAM).await;
    stage.post(&[firing("Untidy", "ticket"), firing("Burning", "page")]).await;
    stage.bot.wait(ANN, "Untidy").await;
    stage.bot.wait(ADAM, "Burning").await;
    assert_eq!(stage.told(ADAM, "Untidy").await, [""; 0]);
    let waiting = "SELECT count(*) FROM alert_messages WHERE outbox_id IS NULL AND not_before > 0";
    assert_eq!(stage.bot.number(waiting).await, 1);
    // Over before the morning; it is told with its end then.
    stage.post(&[resolved("Untidy")]).await;
    stage.bot.wait(ANN, "✅ Untidy").await;
    assert_eq!(stage.told(ADAM, "Untidy").await, [""; 0]);
    stage.bot.execute("UPDATE users SET quiet_from = NULL, quiet_to = NULL").await;
    stage.bot.execute("UPDATE alert_messages SET not_before = 1 WHERE outbox_id IS NULL").await;
    stage.bot.wait(ADAM, "✅ Untidy").await;
    stage.bot.finish().await;
}

/// More forged calls than happen by chance.
async fn forge(bot: &Bot) {
    for _ in 0..25 {
        let mut caller = bot.caller().await;
        caller.say_head("POST", &[("content-length", "2"), (WITH_SECRET.0, "guessed")]).await;
        assert_eq!(caller.hear().await.status, 401);
    }
}

async fn what_the_bot_notices_itself_is_told_without_prometheus(backend: Backend) {
    let mut stage = Stage::set(BotOptions::on(backend).webhook()).await;
    forge(&stage.bot).await;
    stage.bot.wait(ADAM, "Кто-то подделывает вызовы вебхука").await;
    stage.bot.wait(ADAM, "✅ Кто-то подделывает вызовы вебхука").await;
    assert_eq!(stage.told(ADAM, "вебхука").await.len(), 1);
    assert_eq!(
        stage.bot.texts("SELECT key FROM alerts").await,
        ["webhook_forged"],
        "and nothing else is wrong"
    );
    stage.bot.finish().await;
}

async fn both_notice_the_same_and_it_is_told_once(backend: Backend) {
    let mut stage = Stage::set(BotOptions::on(backend).webhook()).await;
    stage.post(&[firing("PrimeLingoWebhookForged", "ticket")]).await;
    stage.bot.wait(ADAM, "Кто-то подделывает вызовы вебхука").await;
    forge(&stage.bot).await;
    stage.post(&[resolved("PrimeLingoWebhookForged")]).await;
    stage.bot.wait(ADAM, "✅ Кто-то подделывает вызовы вебхука").await;
    assert_eq!(stage.bot.texts("SELECT key FROM alerts").await, ["webhook_forged"]);
    assert_eq!(stage.told(ADAM, "вебхука").await.len(), 1);
    assert_eq!(stage.told(ADAM, "PrimeLingo").await, [""; 0]);
    stage.bot.finish().await;
}

async fn a_watchdog_that_falls_silent_is_missed(backend: Backend) {
    let mut stage = Stage::on(backend).await;
    stage.post(&[firing("PrimeLingoWatchdog", "none")]).await;
    let gauge = "primelingo_alert_watchdog_timestamp_seconds 1";
    let web = stage.web;
    stage.bot.until("its time", async |_| metrics_of(web).await.contains(gauge)).await;
    stage.bot.wait(ADAM, "Prometheus или Alertmanager молчит").await;
    stage.post(&[firing("PrimeLingoWatchdog", "none")]).await;
    stage.bot.wait(ADAM, "✅ Prometheus или Alertmanager молчит").await;
    stage.bot.finish().await;
}

async fn strangers_and_nonsense_are_refused(backend: Backend) {
    let stage = Stage::on(backend).await;
    let good = payload(&[firing("NodeDown", "page")]);
    for bearer in ["", "wrong", &TOKEN[1..], &format!("{TOKEN}x")] {
        let status = stage.call(Method::POST, bearer, good.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{bearer}");
    }
    let get = stage.call(Method::GET, TOKEN, String::new()).await;
    assert_eq!(get, StatusCode::METHOD_NOT_ALLOWED);
    let version = good.replace("\"4\"", "\"3\"");
    for body in ["", "{", "[]", "\u{0}", "{\"alerts\":[]}", version.as_str()] {
        let status = stage.call(Method::POST, TOKEN, body.to_owned()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    }
    let large = format!("{{\"version\":\"4\",\"x\":\"{}\"}}", "x".repeat(2 << 20));
    let status = stage.call(Method::POST, TOKEN, large).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let metrics = stage.metrics().await;
    let refused = "primelingo_auth_failures_total{surface=\"api\"} 4";
    assert!(metrics.contains(refused), "{metrics}");
    assert_eq!(stage.bot.number("SELECT count(*) FROM alert_signals").await, 0);
    assert!(!stage.bot.log().contains(TOKEN));
    stage.bot.finish().await;
}

async fn a_watcher_outside_hears_that_all_is_well(backend: Backend) {
    let watcher = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = watcher.local_addr().unwrap();
    let url = format!("http://{address}/ping/canary-of-the-watcher");
    let options = BotOptions::on(backend)
        .set("alerts.heartbeat_url", &url)
        .set("alerts.heartbeat_every_s", "1");
    let stage = Stage::set(options).await;
    for status in ["200 OK", "500 Internal Server Error", "204 No Content"] {
        let (mut call, _) = watcher.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(call.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("GET /ping/canary-of-the-watcher HTTP/1.1\r\n"), "{head}");
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        call.write_all(answer.as_bytes()).await.unwrap();
    }
    let log = stage.bot.log();
    assert!(log.contains("heartbeat was not heard"), "{log}");
    assert!(!log.contains("canary-of-the-watcher"), "{log}");
    stage.bot.finish().await;
}

async fn alerts_are_for_admins(backend: Backend) {
    let mut stage = Stage::on(backend).await;
    let refused = stage.bot.say(EDNA, "/alerts").await;
    assert_eq!(refused.text(), "Only admins see the alerts.");
    stage.post(&[firing("NodeDown", "page")]).await;
    stage.bot.wait(ADAM, "NodeDown").await;
    stage.bot.execute(&format!("UPDATE users SET role = 'learner' WHERE id = {ADAM}")).await;
    stage.bot.press(ADAM, "Я займусь").await;
    assert_eq!(stage.bot.number("SELECT count(*) FROM alerts WHERE acked_by > 0").await, 0);
    assert_eq!(stage.told(ADAM, "Тревоги видят только администраторы.").await.len(), 1);
    let nothing = stage.bot.say(ANN, "/alerts").await;
    sees!(nothing.text().lines().next().unwrap(), @"🔔 1 alert");
    stage.bot.finish().await;
}
