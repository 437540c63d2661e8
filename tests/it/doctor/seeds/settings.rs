//! Wrong with the configuration, and between us and Telegram.

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use primelingo::doctor::finding::Severity::{Error, Info, Warning};
use primelingo::telegram::{BotToken, Lane, TelegramClient, Timeouts};
use serde_json::json;

use super::{Mended, Seed};
use crate::doctor::fake::Answers;
use crate::doctor::setup::{Setup, TOKEN, chmod, write_private};
use crate::support::bot::now;

const WEBHOOK: &str = "https://bot.example.org/telegram/webhook";
const STRONG: &str = "canary-0123456789-abcdefghijklm";

/// Lets a server that says this be Telegram.
async fn talk_to(setup: &mut Setup, change: impl FnOnce(&mut Answers)) {
    let mut answers = Answers::sound(now());
    change(&mut answers);
    let url = answers.serve().await;
    setup.set("telegram.api_url", &url);
}

fn use_webhook(setup: &mut Setup, url: &str, secret: &str) {
    setup.set("telegram.webhook_url", url);
    setup.set("telegram.webhook_secret", secret);
    setup.set("web.public_listen", "127.0.0.1:0");
}

pub const SEEDS: &[Seed] = &[
    Seed::new(
        ".env is readable by others",
        "configuration.secret-files",
        Error,
        "chmod 600 .env",
        |setup| {
            async move {
                setup.unset("telegram.token");
                let token = setup.simulator.token();
                write_private(&setup.path(".env"), &format!("BOT_TOKEN={token}\n"));
                chmod(&setup.path(".env"), 0o644);
            }
            .boxed()
        },
    )
    .mended(Mended::Cure),
    Seed::new(
        "the token's file is readable by the group",
        "configuration.secret-files",
        Error,
        "chmod 600",
        |setup| {
            async move {
                setup.unset("telegram.token");
                write_private(&setup.path("token"), setup.simulator.token());
                chmod(&setup.path("token"), 0o640);
                setup.env("BOT_TOKEN_FILE", "token");
            }
            .boxed()
        },
    )
    .mended(Mended::Fix),
    Seed::new("a key is mistyped", "configuration.loads", Error, "--set web.listen=", |setup| {
        async move { setup.set("web.lissten", "off") }.boxed()
    }),
    Seed::new("a value is out of range", "configuration.loads", Error, "jobs.workers", |setup| {
        async move { setup.set("jobs.workers", "0") }.boxed()
    }),
    Seed::new(
        "the pages are open to the world without a token",
        "configuration.loads",
        Error,
        "web.listen",
        |setup| async move { setup.set("web.listen", "0.0.0.0:0") }.boxed(),
    ),
    Seed::new("a variable is mistyped", "configuration.ignored", Warning, "remove", |setup| {
        async move { setup.env("BOT_OWNRES", "7") }.boxed()
    }),
    Seed::new(
        "nobody owns the bot",
        "configuration.owners",
        Warning,
        "primelingo users owner-code",
        |setup| async move { setup.unset("access.owners") }.boxed(),
    ),
    Seed::new("there is no token", "telegram.token", Error, "BOT_TOKEN=", |setup| {
        async move { setup.unset("telegram.token") }.boxed()
    }),
    Seed::new("the token is too short", "telegram.token", Error, "BOT_TOKEN=", |setup| {
        async move { setup.set("telegram.token", "42:canary") }.boxed()
    }),
    Seed::new(
        "the token is none of Telegram's",
        "telegram.accepted",
        Error,
        "BOT_TOKEN=",
        |setup| async move { setup.set("telegram.token", TOKEN) }.boxed(),
    ),
    Seed::new(
        "nobody listens at the Bot API's address",
        "telegram.reachable",
        Error,
        "curl",
        |setup| async move { setup.set("telegram.api_url", "http://127.0.0.1:1") }.boxed(),
    ),
    Seed::new(
        "the token travels in the clear",
        "telegram.address",
        Error,
        "BOT_API_URL=https:",
        |setup| async move { setup.set("telegram.api_url", "http://192.0.2.1:8081") }.boxed(),
    )
    .alone(),
    Seed::new("the clock is a minute late", "telegram.clock", Warning, "timedatectl", |setup| {
        async move { talk_to(setup, |it| it.time += TimeDelta::seconds(60)).await }.boxed()
    }),
    Seed::new("inline mode is off", "telegram.inline", Warning, "/setinline", |setup| {
        async move { talk_to(setup, |it| it.me["supports_inline_queries"] = json!(false)).await }
            .boxed()
    }),
    Seed::new(
        "the bot hears all that is said in groups",
        "telegram.privacy",
        Info,
        "/setprivacy",
        |setup| {
            async move { talk_to(setup, |it| it.me["can_read_all_group_messages"] = json!(true)).await }
                .boxed()
        },
    ),
    Seed::new(
        "the Bot API server's directory is not there",
        "telegram.local-dir",
        Error,
        "ls -ld",
        |setup| async move { setup.set("telegram.local_dir", "/nowhere/at/all") }.boxed(),
    ),
    Seed::new(
        "a webhook is set while updates are polled",
        "webhook.left-over",
        Error,
        "--fix",
        |setup| {
            async move {
                let token = BotToken::parse(setup.simulator.token()).unwrap();
                let url = setup.simulator.url();
                let client =
                    TelegramClient::new(token, &url, Lane::Answer, Timeouts::default()).unwrap();
                let ours = "http://127.0.0.1:1/telegram/webhook";
                client.set_webhook(ours, STRONG, 1, &["message"]).await.unwrap();
            }
            .boxed()
        },
    )
    .mended(Mended::Fix),
    Seed::new(
        "Telegram posts to another address",
        "webhook.ours",
        Warning,
        "primelingo run",
        |setup| {
            async move {
                talk_to(setup, |it| it.hook["url"] = json!("https://old.example.org/hook")).await;
                use_webhook(setup, WEBHOOK, STRONG);
            }
            .boxed()
        },
    ),
    Seed::new("Telegram cannot deliver", "webhook.complaint", Warning, "curl", |setup| {
        async move {
            talk_to(setup, |it| {
                it.hook["url"] = json!(WEBHOOK);
                it.hook["last_error_date"] = json!(now().timestamp());
                it.hook["last_error_message"] = json!("Connection refused");
            })
            .await;
            use_webhook(setup, WEBHOOK, STRONG);
        }
        .boxed()
    }),
    Seed::new(
        "updates pile up at Telegram",
        "webhook.pending",
        Warning,
        "primelingo run",
        |setup| {
            async move { talk_to(setup, |it| it.hook["pending_update_count"] = json!(5_000)).await }
                .boxed()
        },
    ),
    Seed::new(
        "the webhook's secret is a short word",
        "webhook.secret",
        Warning,
        "WEBHOOK_SECRET=$(openssl",
        |setup| async move { use_webhook(setup, WEBHOOK, "canary-canary-ca") }.boxed(),
    ),
    Seed::new(
        "the webhook is at a port that Telegram does not post to",
        "webhook.address",
        Error,
        "WEBHOOK_URL=https",
        |setup| {
            async move { use_webhook(setup, "https://bot.example.org:9000/telegram/webhook", STRONG) }
                .boxed()
        },
    ),
    Seed::new(
        "the webhook is not encrypted",
        "webhook.address",
        Warning,
        "WEBHOOK_URL=https",
        |setup| {
            async move { use_webhook(setup, "http://127.0.0.1:8443/telegram/webhook", STRONG) }
                .boxed()
        },
    ),
];
