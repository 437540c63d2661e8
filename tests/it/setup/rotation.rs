//! Secrets of the listeners that are changed: by SIGHUP in a running bot, and by a restart. The new one
//! holds at once, the old one opens nothing any more, and no update is lost in between.

use std::net::SocketAddr;

use rustix::process::Signal;
use serde_json::json;

use super::Ground;
use crate::support::bot::{Process, bounded, free_address};

/// People who write while the secret changes.
const PEOPLE: u64 = 40;

/// The three secrets of one time.
#[derive(Debug, Clone, Copy)]
struct Secrets {
    webhook: &'static str,
    pages: &'static str,
    alerts: &'static str,
}

const FIRST: Secrets = Secrets {
    webhook: "canary-first-webhook",
    pages: "canary-first-pages",
    alerts: "canary-first-alerts",
};
const SECOND: Secrets = Secrets {
    webhook: "canary-second-webhook",
    pages: "canary-second-pages",
    alerts: "canary-second-alerts",
};
const THIRD: Secrets = Secrets {
    webhook: "canary-third-webhook",
    pages: "canary-third-pages",
    alerts: "canary-third-alerts",
};

struct Stage {
    ground: Ground,
    public: SocketAddr,
    admin: SocketAddr,
    client: reqwest::Client,
}

impl Stage {
    async fn new() -> Self {
        let mut ground = Ground::new().await;
        let (public, admin) = (free_address(), free_address());
        ground.environment.retain(|(name, _)| *name != "PRIMELINGO__WEB__LISTEN");
        let dotenv = format!(
            "BOT_TOKEN={}\nWEBHOOK_URL=http://{public}/telegram/webhook\n\
             PRIMELINGO__WEB__PUBLIC_LISTEN={public}\nPRIMELINGO__WEB__LISTEN={admin}\n\
             PRIMELINGO__OUTBOUND__LIMITS_ENABLED=false\nPRIMELINGO__LOG__LEVEL=debug\n\
             WEBHOOK_SECRET_FILE=secret\n",
            ground.simulator.token()
        );
        ground.write(".env", &dotenv);
        ground.ctl("limits", json!({"enabled": false})).await;
        ground.ctl("config", json!({"webhook_retry_s": 0.02, "webhook_retry_max_s": 0.5})).await;
        Self { ground, public, admin, client: reqwest::Client::builder().build().unwrap() }
    }

    /// From the next reading on.
    fn set(&self, secrets: Secrets) {
        // One comes from a file of its own, as credentials do.
        self.ground.write("secret", secrets.webhook);
        let dotenv = self.ground.read(".env");
        let kept = dotenv.lines().filter(|line| !line.contains("TOKEN=canary"));
        let mut dotenv: Vec<String> = kept.map(str::to_owned).collect();
        dotenv.push(format!("PRIMELINGO__WEB__TOKEN={}", secrets.pages));
        dotenv.push(format!("PRIMELINGO__ALERTS__WEBHOOK_TOKEN={}", secrets.alerts));
        self.ground.write(".env", &format!("{}\n", dotenv.join("\n")));
    }

    fn begin(&self, life: u32) -> Process {
        let Ground { folder, environment, .. } = &self.ground;
        let log = self.ground.path(&format!("bot-{life}.log"));
        Process::spawn(folder.path(), log, &[], &["run"], environment, None)
    }

    /// Whether Telegram was told this secret last.
    async fn telegram_has(&self, secret: &str) {
        let calls = json!({"method": "setWebhook", "status": 200, "params": true, "limit": 100});
        bounded("Telegram to be told", async || {
            let calls = self.ground.ctl("calls", calls.clone()).await;
            let last = calls["calls"].as_array()?.last()?.clone();
            last["params"].to_string().contains(secret).then_some(())
        })
        .await;
    }

    /// What these secrets are answered: the webhook, the metrics, alerts.
    async fn answers(&self, secrets: Secrets) -> [u16; 3] {
        let webhook = self
            .client
            .post(format!("http://{}/telegram/webhook", self.public))
            .header("x-telegram-bot-api-secret-token", secrets.webhook)
            .header("content-type", "text/plain");
        let metrics = self
            .client
            .get(format!("http://{}/metrics", self.admin))
            .header("x-forwarded-for", "192.0.2.7")
            .bearer_auth(secrets.pages);
        let alerts = self
            .client
            .post(format!("http://{}/webhooks/alertmanager", self.admin))
            .bearer_auth(secrets.alerts);
        let mut statuses = [0; 3];
        for (status, request) in statuses.iter_mut().zip([webhook, metrics, alerts]) {
            *status = request.send().await.unwrap().status().as_u16();
        }
        statuses
    }

    /// These open everything, and the others nothing.
    async fn holds(&self, secrets: Secrets, others: &[Secrets]) {
        // The door of the webhook is shut while its keeper is made anew.
        bounded("the door", async || {
            let [webhook, metrics, alerts] = self.answers(secrets).await;
            // 415: the secret was good, and the body is none of Telegram's.
            assert_eq!((metrics, alerts), (200, 400), "{secrets:?}");
            assert!(matches!(webhook, 415 | 503), "{webhook}");
            (webhook == 415).then_some(())
        })
        .await;
        for other in others {
            assert_eq!(self.answers(*other).await, [401; 3], "{other:?} when {secrets:?} holds");
        }
    }

    async fn write_all(&self, first: u64) {
        for number in 0..PEOPLE {
            self.ground.ctl("message", json!({"user": first + number, "text": "/help"})).await;
        }
    }

    /// So many people have one answer each.
    async fn all_answered(&self, people: u64) {
        let calls = json!({"method": "sendMessage", "status": 200, "limit": 100_000});
        let count = bounded("an answer to each message", async || {
            let calls = self.ground.ctl("calls", calls.clone()).await;
            let count = calls["calls"].as_array()?.len();
            (u64::try_from(count).unwrap() >= people).then_some(count)
        })
        .await;
        assert_eq!(u64::try_from(count).unwrap(), people, "none was answered twice");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_secret_holds_at_once_and_nothing_is_lost() {
    let stage = Stage::new().await;
    stage.set(FIRST);
    let mut process = stage.begin(1);
    stage.telegram_has(FIRST.webhook).await;
    stage.holds(FIRST, &[SECOND, THIRD]).await;

    stage.write_all(50_000).await;
    stage.set(SECOND);
    process.signal(Signal::HUP);
    bounded("the reload", async || process.log().contains("settings reloaded").then_some(())).await;
    // From this line on, whether Telegram knows it or not.
    assert_eq!(stage.answers(FIRST).await, [401; 3]);
    stage.write_all(51_000).await;
    stage.holds(SECOND, &[FIRST]).await;
    stage.telegram_has(SECOND.webhook).await;
    stage.all_answered(2 * PEOPLE).await;

    stage.write_all(52_000).await;
    process.terminate();
    let code = bounded("the end of the bot", async || process.ended()).await;
    assert_eq!(code, 0, "{}", process.log_tail());
    stage.set(THIRD);
    let second = stage.begin(2);
    stage.telegram_has(THIRD.webhook).await;
    stage.holds(THIRD, &[FIRST, SECOND]).await;
    stage.all_answered(3 * PEOPLE).await;

    for log in [process.log(), second.log()] {
        assert!(!log.contains("canary"), "a secret is in the log");
        assert!(!log.contains("ERROR"), "{log}");
    }
    let log = process.log();
    for line in ["telegram.webhook_secret: \"***\" -> \"***\"", "web.token: \"***\" -> \"***\""] {
        assert!(log.contains(line), "no {line} in the log");
    }
    second.terminate();
}

/// Contradictions change nothing: a listener that is open to others keeps its token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_is_needed_cannot_be_taken_away() {
    let stage = Stage::new().await;
    stage.set(FIRST);
    let process = stage.begin(1);
    stage.telegram_has(FIRST.webhook).await;
    stage.ground.write("secret", "short");
    process.signal(Signal::HUP);
    let said = "settings not reloaded, those from before hold";
    bounded(said, async || process.log().contains(said).then_some(())).await;
    stage.holds(FIRST, &[SECOND]).await;
    process.terminate();
}
