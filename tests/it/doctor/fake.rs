//! A Bot API server that says what a test wants it to say, at a time that the test wants it to be.

use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What it answers.
#[derive(Clone)]
pub struct Answers {
    pub me: Value,
    pub hook: Value,
    pub time: DateTime<Utc>,
}

impl Answers {
    /// A bot with which all is well, now.
    pub fn sound(now: DateTime<Utc>) -> Self {
        Self {
            me: json!({
                "id": 42, "is_bot": true, "first_name": "Bot", "username": "fake_bot",
                "supports_inline_queries": true, "can_read_all_group_messages": false,
            }),
            hook: json!({ "url": "", "has_custom_certificate": false, "pending_update_count": 0 }),
            time: now,
        }
    }

    /// Serves them until the runtime ends; gives the address.
    pub async fn serve(self) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, self.clone()));
            }
        });
        format!("http://{address}")
    }
}

/// One request and its answer.
async fn answer(stream: TcpStream, answers: Answers) {
    let mut stream = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    stream.read_line(&mut first).await.unwrap();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let result = if first.to_lowercase().contains("/getme ") { answers.me } else { answers.hook };
    let body = json!({ "ok": true, "result": result }).to_string();
    let date = answers.time.format("%a, %d %b %Y %H:%M:%S GMT");
    let head = format!(
        "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
}
