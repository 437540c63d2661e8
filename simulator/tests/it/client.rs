//! What the tests say to a simulator through its sockets.

use serde_json::{Value, json};
use std::net::SocketAddr;
use tgsim::{Simulator, SimulatorOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const TOKEN: &str = "42:TEST";

/// A simulator for the test that asks; it lives as long as the test's runtime.
pub async fn start() -> SocketAddr {
    let options = SimulatorOptions { tokens: vec![TOKEN.to_string()], ..Default::default() };
    let mut sim = Simulator::start(options).await.unwrap();
    let addr = sim.addr();
    tokio::spawn(async move { sim.served().await });
    addr
}

/// One request on a connection of its own; `None` when it was closed without a whole answer.
pub async fn request(to: SocketAddr, head: String, body: &[u8]) -> Option<(u16, String, Vec<u8>)> {
    let mut s = TcpStream::connect(to).await.ok()?;
    let req =
        format!("{head}host: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    s.write_all(req.as_bytes()).await.ok()?;
    s.write_all(body).await.ok()?;
    let mut buf = vec![];
    let _ = s.read_to_end(&mut buf).await;
    let i = buf.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&buf[..i]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, head, buf[i + 4..].to_vec()))
}

pub async fn api(to: SocketAddr, method: &str, v: Value) -> Option<(u16, Value)> {
    let head = format!("POST /bot{TOKEN}/{method} HTTP/1.1\r\ncontent-type: application/json\r\n");
    let (s, _, b) = request(to, head, v.to_string().as_bytes()).await?;
    Some((s, serde_json::from_slice(&b).ok()?))
}

pub async fn ok(to: SocketAddr, method: &str, v: Value) -> Value {
    let (s, r) = api(to, method, v).await.expect("an answer");
    assert_eq!(s, 200, "{method}: {r}");
    r["result"].clone()
}

pub async fn err(to: SocketAddr, method: &str, v: Value) -> (u16, String) {
    let (s, r) = api(to, method, v).await.expect("an answer");
    assert_ne!(s, 200, "{method}: {r}");
    (s, r["description"].as_str().unwrap_or("").to_string())
}

pub async fn ctl(to: SocketAddr, path: &str, v: Value) -> Value {
    let (s, _, b) =
        request(to, format!("POST /_ctl/{path} HTTP/1.1\r\n"), v.to_string().as_bytes())
            .await
            .expect("an answer");
    let r: Value = serde_json::from_slice(&b).unwrap_or(Value::Null);
    assert_eq!(s, 200, "{path}: {r}");
    r
}

/// Asks until the answer's field is so; hangs (and so fails) when it never is.
pub async fn until(to: SocketAddr, path: &str, field: &str, value: Value) {
    while ctl(to, path, json!({})).await[field] != value {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

pub fn ids(v: &Value) -> Vec<i64> {
    v.as_array().unwrap().iter().map(|u| u["update_id"].as_i64().unwrap()).collect()
}

pub async fn inject(to: SocketAddr, n: usize) {
    for i in 0..n {
        ctl(to, "message", json!({"user": 7, "text": format!("text {i}")})).await;
    }
}
