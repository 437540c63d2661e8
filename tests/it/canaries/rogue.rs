//! A server in Telegram's place that is broken in every way, and repeats in each answer the address that
//! it was asked for, token and all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::bot::bounded;

/// The ways, by the first part of an address.
pub const MODES: [&str; 9] = [
    "unauthorized",
    "missing",
    "later",
    "broken",
    "nonsense",
    "page",
    "elsewhere",
    "gone",
    "silent",
];

/// It ends with its value.
pub struct Rogue {
    port: u16,
    asked: Arc<AtomicUsize>,
    serving: tokio::task::JoinHandle<()>,
}

impl Rogue {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&count)));
            }
        });
        Self { port, asked, serving }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    pub async fn until_asked(&self, times: usize) {
        bounded("more questions", async || (self.asked() >= times).then_some(())).await;
    }
}

impl Drop for Rogue {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut stream: TcpStream, asked: Arc<AtomicUsize>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|it| it == b"\r\n\r\n") {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(length @ 1..) => head.extend_from_slice(&piece[..length]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or("/").to_owned();
    let number = asked.fetch_add(1, Ordering::Relaxed);
    let mode = path.split('/').nth(1).unwrap_or_default();
    // 401 and 404 would end the process, and silence would hold it up.
    let mode = if mode == "cycle" { MODES[2 + number % 6] } else { mode };
    let error = |code: u16, more: &str| {
        let body = serde_json::json!({"ok": false, "error_code": code, "description": format!("no {path}, {head}")});
        reply(code, more, &body.to_string())
    };
    let answer = match mode {
        "unauthorized" => error(401, ""),
        "missing" => error(404, ""),
        "later" => error(429, "Retry-After: 1\r\n"),
        "broken" => error(500, ""),
        "nonsense" => reply(200, "", &format!("{{\"ok\":true,\"result\":\"{path}")),
        "page" => reply(502, "", &format!("<html><title>{path}</title>{head}</html>")),
        "elsewhere" => reply(302, &format!("Location: http://127.0.0.1:1{path}\r\n"), ""),
        "silent" => return std::future::pending().await,
        _ => String::new(),
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn reply(status: u16, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} x\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}
