//! Both listeners of the real program, spoken to by hand: whoever is hostile gets a clear answer, takes
//! nothing but that, and everybody else goes on.
//!
//! Each file holds tables of cases: `forged` and `slow` for the webhook and its body, `paths` for what
//! the bytes of a request may play, `dress` for the headers of every answer, `locks` for whoever guesses,
//! `binds` for addresses that are not opened.

use std::net::SocketAddr;
use std::time::Duration;

use crate::support::bot::{Backend, Bot, BotOptions, PATIENCE, SECRET};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

mod binds;
mod dress;
mod forged;
mod locks;
mod paths;
mod slow;

/// What opens the metrics and the figures.
const TOKEN: &str = "the-token-of-the-pages";

/// What Alertmanager brings.
const ALERTS_TOKEN: &str = "the-token-of-the-alerts";

/// A bot with both listeners and all that can be asked there.
async fn start(settings: &[(&str, &str)]) -> Bot {
    let mut options = BotOptions::on(Backend::Sqlite)
        .webhook()
        .dashboard()
        .set("web.token", TOKEN)
        .set("alerts.webhook_token", ALERTS_TOKEN);
    for (key, value) in settings {
        options = options.set(key, value);
    }
    Bot::start(options).await
}

/// An answer as it came.
#[derive(Debug, Clone)]
struct Heard {
    status: u16,
    /// In small letters, without the line of the status.
    head: String,
    body: String,
}

impl Heard {
    fn header(&self, name: &str) -> Option<&str> {
        let begins = |line: &&str| line.split_once(':').is_some_and(|(it, _)| it == name);
        let line = self.head.lines().find(begins)?;
        line.split_once(':').map(|(_, value)| value.trim())
    }
}

/// A connection, perhaps from a certain address of this machine.
async fn connect(to: SocketAddr, from: Option<SocketAddr>) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    if let Some(from) = from {
        socket.bind(from).unwrap();
    }
    socket.connect(to).await.unwrap()
}

/// All answers to these bytes until the server ends the connection. `None`: it never does.
async fn talk(to: SocketAddr, bytes: &[u8]) -> Option<Vec<Heard>> {
    let mut stream = connect(to, None).await;
    // The server may have heard enough before the end.
    let _ = stream.write_all(bytes).await;
    hear_out(&mut stream, PATIENCE).await
}

/// What comes until the end of a connection.
async fn hear_out(stream: &mut TcpStream, patience: Duration) -> Option<Vec<Heard>> {
    let mut heard = Vec::new();
    // A reset is an end, too.
    let _ = timeout(patience, stream.read_to_end(&mut heard)).await.ok()?;
    Some(answers(&heard))
}

/// The next answer, with no body looked at.
async fn next_head(stream: &mut TcpStream) -> Heard {
    let hearing = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        head
    };
    let head = timeout(PATIENCE, hearing).await.expect("an answer in time");
    answers(&head).remove(0)
}

fn answers(mut bytes: &[u8]) -> Vec<Heard> {
    let mut all = Vec::new();
    while let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        bytes = &bytes[end + 4..];
        let (line, head) = head.split_once("\r\n").unwrap_or((&head, ""));
        let status: u16 = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut heard = Heard { status, head: head.to_owned(), body: String::new() };
        let length = heard.header("content-length").and_then(|it| it.parse::<usize>().ok());
        let length = length.unwrap_or_default().min(bytes.len());
        heard.body = String::from_utf8_lossy(&bytes[..length]).into_owned();
        bytes = &bytes[length..];
        // "100 Continue" is no answer yet.
        if status != 100 {
            all.push(heard);
        }
    }
    all
}

fn statuses(heard: &[Heard]) -> Vec<u16> {
    heard.iter().map(|it| it.status).collect()
}

/// A whole GET that ends its connection.
async fn get(to: SocketAddr, path: &str, headers: &str) -> Heard {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Connection: close\r\n\r\n");
    talk(to, request.as_bytes()).await.expect("an end").remove(0)
}

/// One figure of the metrics; 0 where it was never counted.
async fn figure(bot: &Bot, line: &str) -> u64 {
    let metrics = get(bot.dashboard_address(), "/metrics", "").await;
    assert_eq!(metrics.status, 200);
    let value = metrics.body.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(' '));
    value.map_or(0, |value| value.parse().unwrap())
}

/// A post to the webhook with the right secret, up to its body.
fn head_of_post(headers: &str) -> String {
    format!(
        "POST /telegram/webhook HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n\
         X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n{headers}\r\n"
    )
}
