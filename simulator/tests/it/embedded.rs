//! The simulator inside a test, without a process of its own.

use serde_json::json;
use tgsim::{Simulator, SimulatorOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn call(sim: &Simulator, method: &str, body: &str) -> String {
    let mut s = TcpStream::connect(sim.addr()).await.unwrap();
    let head = format!(
        "POST /bot{}/{method} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        sim.token(),
        body.len()
    );
    s.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    s.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_runs_in_process_and_is_driven_without_http() {
    let sim = Simulator::start(SimulatorOptions::default()).await.unwrap();
    assert_ne!(sim.addr().port(), 0);
    assert_eq!(sim.url(), format!("http://127.0.0.1:{}", sim.addr().port()));
    let sent = sim.ctl("message", json!({"user": 7, "text": "hello"})).await.unwrap();
    assert!(sent["update_ids"][0].is_i64(), "{sent}");
    assert!(call(&sim, "getUpdates", "{}").await.contains("\"text\":\"hello\""));
    assert!(
        call(&sim, "sendMessage", r#"{"chat_id":7,"text":"hi"}"#).await.contains("\"ok\":true")
    );
    let seen = sim.ctl("wait", json!({"chat": 7, "regex": "^hi$"})).await.unwrap();
    assert_eq!(seen["message"]["text"], "hi");
    let error = sim.ctl("nonsense", json!(null)).await.unwrap_err();
    assert!(error.contains("unknown control call"), "{error}");
    let error = sim.ctl("stats", json!({"bot": 5})).await.unwrap_err();
    assert_eq!(error, "no such bot");
}

#[tokio::test]
async fn two_simulators_share_nothing() {
    let a = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let b = Simulator::start(SimulatorOptions::default()).await.unwrap();
    a.ctl("message", json!({"user": 7, "text": "x"})).await.unwrap();
    let late = a.ctl("clock", json!({"shift_s": 1_000_000})).await.unwrap();
    let real = b.ctl("clock", json!({})).await.unwrap();
    assert!(late["unix"].as_i64().unwrap() - real["unix"].as_i64().unwrap() > 900_000);
    assert!(b.ctl("chat", json!({"id": 7})).await.is_err());
}

#[tokio::test]
async fn the_end_frees_the_port_and_the_spool_and_ends_long_polls() {
    let parent = tempfile::tempdir().unwrap();
    let options = SimulatorOptions { spool: Some(parent.path().into()), ..Default::default() };
    let sim = Simulator::start(options).await.unwrap();
    let addr = sim.addr();
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1);
    let mut poll = TcpStream::connect(addr).await.unwrap();
    let request =
        format!("GET /bot{}/getUpdates?timeout=50 HTTP/1.1\r\nhost: x\r\n\r\n", sim.token());
    poll.write_all(request.as_bytes()).await.unwrap();
    sim.stop().await;
    let mut rest = vec![];
    // an answer cannot come any more; a reset counts as an end
    let _ = poll.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
    assert!(TcpStream::connect(addr).await.is_err());
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_dropped_simulator_is_gone() {
    let sim = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let addr = sim.addr();
    drop(sim);
    // the listener's task ends at its next turn
    while TcpStream::connect(addr).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_simulator_without_a_token_is_refused() {
    let options = SimulatorOptions { tokens: vec![], ..Default::default() };
    assert!(Simulator::start(options).await.is_err());
}
