//! A bot that Telegram posts to.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Bot, PATIENCE};

/// What Telegram repeats with each call.
pub const SECRET: &str = "the-secret_of-the-tests";

/// Below the ports that systems give to outgoing connections, so that nobody takes it while the bot
/// is restarted.
const PORTS: std::ops::Range<u16> = 12_000..30_000;

/// An address on loopback that nobody listens on.
pub fn free_address() -> SocketAddr {
    loop {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, fastrand::u16(PORTS)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// The settings of a bot that Telegram posts to.
pub fn settings(listen: SocketAddr) -> [(String, String); 3] {
    let url = format!("http://{listen}/telegram/webhook");
    [
        ("telegram.webhook_url", url),
        ("telegram.webhook_secret", SECRET.to_owned()),
        ("web.public_listen", listen.to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
}

impl Bot {
    /// Lets Telegram post to the bot from its next start on.
    pub fn use_webhook(&mut self) {
        self.settings.extend(settings(free_address()));
    }

    /// Lets the bot poll from its next start on.
    pub fn use_polling(&mut self) {
        for (key, value) in [("telegram.webhook_url", ""), ("web.public_listen", "off")] {
            self.settings.push((key.to_owned(), value.to_owned()));
        }
    }

    /// Where the bot is posted to, if it is.
    pub fn public_address(&self) -> Option<SocketAddr> {
        let listen = self.settings.iter().rfind(|(key, _)| key == "web.public_listen")?;
        listen.1.parse().ok()
    }

    /// The database takes no updates, until [`Bot::take_updates`].
    pub async fn refuse_updates(&self) {
        self.place.refuse_updates().await;
    }

    /// The database takes updates again.
    pub async fn take_updates(&self) {
        self.place.take_updates().await;
    }

    /// A connection to where the bot is posted to.
    pub async fn caller(&self) -> Caller {
        Caller(TcpStream::connect(self.public_address().unwrap()).await.unwrap())
    }

    /// One whole call with a body, on a connection of its own; gives the answer.
    pub async fn post(&self, body: &str) -> Answer {
        let mut caller = self.caller().await;
        let length = body.len().to_string();
        caller.say_head("POST", &[("content-length", &length), JSON, WITH_SECRET]).await;
        caller.say(body.as_bytes()).await;
        caller.hear().await
    }
}

/// A header.
pub type Header<'a> = (&'a str, &'a str);

/// The header with the right secret.
pub const WITH_SECRET: Header<'_> = ("x-telegram-bot-api-secret-token", SECRET);

/// The header of what Telegram posts.
pub const JSON: Header<'_> = ("content-type", "application/json");

/// Speaks HTTP by hand, so that it can stop in the middle.
pub struct Caller(TcpStream);

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub retry_after: Option<u32>,
    /// All of it, in small letters.
    pub head: String,
}

impl Caller {
    /// The head of a request for the webhook.
    pub async fn say_head(&mut self, method: &str, headers: &[Header<'_>]) {
        let mut head = format!("{method} /telegram/webhook HTTP/1.1\r\nhost: bot\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        self.say(format!("{head}\r\n").as_bytes()).await;
    }

    pub async fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Waits for the next answer.
    pub async fn hear(&mut self) -> Answer {
        let hearing = async {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(self.0.read_u8().await.expect("an answer"));
            }
            String::from_utf8(head).unwrap().to_lowercase()
        };
        let head = tokio::time::timeout(PATIENCE, hearing).await.expect("an answer in time");
        let value = |name: &str| {
            let line = head.lines().find(|line| line.starts_with(name))?;
            line.split_once(": ").map(|(_, value)| value.trim().to_owned())
        };
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let retry_after = value("retry-after").map(|seconds| seconds.parse().unwrap());
        Answer { status, retry_after, head }
    }
}

/// A message as Telegram posts it.
pub fn update(update_id: i64, user: i64, text: &str) -> Value {
    json!({"update_id": update_id, "message": {
        "message_id": update_id, "date": 1_790_000_000, "text": text,
        "chat": {"id": user, "type": "private", "first_name": "Ann"},
        "from": {"id": user, "is_bot": false, "first_name": "Ann", "language_code": "en"},
    }})
}
