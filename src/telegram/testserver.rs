//! A tiny HTTP server for the tests of this module: it answers what it is told and remembers what it
//! was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What to do with the next request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// Status and body.
    Json(u16, &'static str),
    /// Status, extra header lines, body.
    Raw(u16, &'static str, &'static str),
    /// Read the request, then close without an answer.
    HangUp,
    /// Read the request, then say nothing for ever.
    Silence,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) line: String,
    pub(super) head: String,
    pub(super) body: String,
}

#[derive(Debug, Clone)]
pub(super) struct TestServer {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl TestServer {
    /// Gives the replies in order, the last one again and again.
    pub(super) async fn start(replies: Vec<Reply>) -> Self {
        Self::serve(TcpListener::bind("127.0.0.1:0").await.expect("a free port"), replies)
    }

    /// The same, on a listener that is there.
    pub(super) fn serve(listener: TcpListener, replies: Vec<Reply>) -> Self {
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Self { url, asked: Arc::clone(&asked) };
        tokio::spawn(async move {
            let mut next = 0;
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read_request(&mut stream).await else { continue };
                asked.lock().expect("not poisoned").push(request);
                let reply = replies[next.min(replies.len() - 1)].clone();
                next += 1;
                let (status, headers, body) = match reply {
                    Reply::Json(status, body) => {
                        (status, "content-type: application/json\r\n", body)
                    }
                    Reply::Raw(status, headers, body) => (status, headers, body),
                    Reply::HangUp => continue,
                    Reply::Silence => {
                        held.push(stream);
                        continue;
                    }
                };
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        server
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("not poisoned").clone()
    }

    /// The only request, its body as JSON.
    pub(super) fn only_json(&self) -> (String, serde_json::Value) {
        let asked = self.asked();
        assert_eq!(asked.len(), 1);
        (asked[0].line.clone(), serde_json::from_str(&asked[0].body).expect("a JSON body"))
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_ascii_lowercase();
            let length: usize = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().expect("a number"));
            if body.len() >= length {
                let line = head.lines().next()?.to_owned();
                return Some(Asked { line, head: lower, body: body.to_owned() });
            }
        }
        let mut buffer = [0_u8; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => bytes.extend_from_slice(&buffer[..n]),
        }
    }
}
