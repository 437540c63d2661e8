//! Webhooks: order, retries, methods in replies.

use crate::client::{ctl, err, ids, inject, ok, start};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

/// A webhook target that fails a few times and then takes everything.
async fn webhook_target(
    fail_first: usize,
    seen: Arc<parking_lot::Mutex<Vec<(i64, String)>>>,
) -> SocketAddr {
    let l = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = l.local_addr().unwrap();
    let n = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((s, _)) = l.accept().await {
            let (n, seen) = (n.clone(), seen.clone());
            let service = hyper::service::service_fn(
                move |req: hyper::Request<hyper::body::Incoming>| {
                    let (n, seen) = (n.clone(), seen.clone());
                    async move {
                        use http_body_util::BodyExt;
                        let secret = req
                            .headers()
                            .get("x-telegram-bot-api-secret-token")
                            .map(|v| v.to_str().unwrap().to_string())
                            .unwrap_or_default();
                        let b = req.into_body().collect().await?.to_bytes();
                        let v: Value = serde_json::from_slice(&b).unwrap();
                        let k = n.fetch_add(1, Ordering::SeqCst);
                        seen.lock().push((v["update_id"].as_i64().unwrap(), secret));
                        let text = json!({"method": "sendMessage", "chat_id": 7, "text": format!("echo {}", v["message"]["text"].as_str().unwrap_or(""))});
                        let status = if k < fail_first { 500 } else { 200 };
                        let mut r = hyper::Response::new(http_body_util::Full::new(
                            bytes::Bytes::from(text.to_string()),
                        ));
                        *r.status_mut() = hyper::StatusCode::from_u16(status).unwrap();
                        r.headers_mut().insert("content-type", "application/json".parse().unwrap());
                        Ok::<_, hyper::Error>(r)
                    }
                },
            );
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(hyper_util::rt::TokioIo::new(s), service),
            );
        }
    });
    addr
}

#[tokio::test]
async fn webhook_retries_in_order_and_runs_the_method_in_the_reply() {
    let a = start().await;
    ctl(a, "limits", json!({"enabled": false})).await;
    ctl(a, "config", json!({"webhook_retry_s": 0.05})).await;
    inject(a, 2).await;
    let seen = Arc::new(parking_lot::Mutex::new(vec![]));
    let target = webhook_target(3, seen.clone()).await;
    ok(a, "setWebhook", json!({"url": format!("http://{target}/hook"), "secret_token": "s3cret", "max_connections": 5})).await;
    assert_eq!(err(a, "getUpdates", json!({})).await.0, 409);
    let w = ctl(a, "wait", json!({"chat": 7, "regex": "echo text 1", "since": 0, "timeout_s": 10}))
        .await;
    assert_eq!(w["message"]["text"], "echo text 1");
    let seen = seen.lock().clone();
    assert_eq!(seen.len(), 5, "{seen:?}");
    assert!(
        seen[..4].iter().all(|s| s.0 == seen[0].0),
        "the second update waits for the first: {seen:?}"
    );
    assert!(seen.iter().all(|s| s.1 == "s3cret"));
    let info = ok(a, "getWebhookInfo", json!({})).await;
    assert_eq!(info["pending_update_count"], 0);
    assert_eq!(
        info["last_error_message"],
        "Wrong response from the webhook: 500 Internal Server Error"
    );
    ok(a, "deleteWebhook", json!({})).await;
    inject(a, 1).await;
    assert_eq!(ids(&ok(a, "getUpdates", json!({})).await).len(), 1);
}

#[tokio::test]
async fn undelivered_webhook_updates_return_to_the_queue() {
    let a = start().await;
    let seen = Arc::new(parking_lot::Mutex::new(vec![]));
    let target = webhook_target(1000, seen.clone()).await;
    ok(a, "setWebhook", json!({"url": format!("http://{target}/")})).await;
    inject(a, 3).await;
    while seen.lock().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    ok(a, "deleteWebhook", json!({})).await;
    assert_eq!(ids(&ok(a, "getUpdates", json!({})).await).len(), 3);
    ok(a, "setWebhook", json!({"url": format!("http://{target}/")})).await;
    ok(a, "deleteWebhook", json!({"drop_pending_updates": true})).await;
    assert!(ids(&ok(a, "getUpdates", json!({"offset": 1})).await).is_empty());
}
