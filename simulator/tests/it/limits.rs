//! Flood control, strict and lenient, and the faults asked for.

use crate::client::{api, ctl, err, ok, start};
use serde_json::{Value, json};
use std::net::SocketAddr;

#[tokio::test]
async fn limits_refuse_with_retry_after() {
    let a = start().await;
    ctl(a, "users", json!({"count": 100, "first": 1000})).await;
    // one message in 100 s: how slow the machine is does not matter
    ctl(a, "limits", json!({"chat_per_s": 0.01})).await;
    let mut codes = vec![];
    for _ in 0..6 {
        codes.push(api(a, "sendMessage", json!({"chat_id": 1000, "text": "x"})).await.unwrap());
    }
    assert_eq!(codes.iter().filter(|c| c.0 == 200).count(), 4);
    let wait = codes[5].1["parameters"]["retry_after"].as_u64().unwrap();
    assert!((50..=100).contains(&wait), "{wait}");
    assert_eq!(codes[5].1["description"], format!("Too Many Requests: retry after {wait}"));
    // the whole bot
    ctl(a, "limits", json!({"global_per_s": 0.01, "global_burst": 5})).await;
    assert_eq!(refused(a, 1001, 10).await, 5);
    // paid broadcasts have a limit of their own
    for i in 0..20 {
        ok(
            a,
            "sendMessage",
            json!({"chat_id": 1030 + i, "text": "x", "allow_paid_broadcast": true}),
        )
        .await;
    }
    let b = ctl(a, "breaches", json!({})).await;
    assert!(b["count"].as_u64().unwrap() >= 6, "{b}");
}

/// How many of `n` messages, each to a chat of its own, the limits refuse.
async fn refused(a: SocketAddr, first: i64, n: i64) -> usize {
    let mut refused = 0;
    for i in 0..n {
        let r = api(a, "sendMessage", json!({"chat_id": first + i, "text": "x"})).await.unwrap();
        refused += usize::from(r.0 == 429);
    }
    refused
}

#[tokio::test]
async fn lenient_limits_let_replies_pass_the_bots_limit() {
    let a = start().await;
    // one message in 1000 s: how slow the machine is does not matter
    ctl(a, "limits", json!({"global_per_s": 0.001, "global_burst": 3, "lenient_replies": true}))
        .await;
    ctl(a, "users", json!({"count": 40, "first": 1000})).await;
    for i in 0..20 {
        ctl(a, "message", json!({"user": 1000 + i, "text": "hi"})).await;
    }
    assert_eq!(refused(a, 1000, 20).await, 0, "replies are free");
    // and they left the bot's three for the others
    assert_eq!(refused(a, 1020, 4).await, 1);
    assert_eq!(ctl(a, "breaches", json!({})).await["newest_first"][0]["scope"], "bot");
    // a press counts like a message
    let mid = |c: &Value| c["messages"][0]["message_id"].clone();
    let keyboard = json!({"inline_keyboard": [[{"text": "B", "callback_data": "b"}]]});
    let chat = ctl(a, "chat", json!({"id": 1000, "from": "bot"})).await;
    ok(
        a,
        "editMessageText",
        json!({"chat_id": 1000, "message_id": mid(&chat), "text": "y", "reply_markup": keyboard}),
    )
    .await;
    ctl(a, "limits", json!({"reply_window_s": 0})).await;
    ctl(a, "limits", json!({"global_burst": 1})).await;
    assert_eq!(refused(a, 1000, 2).await, 1, "after the window a reply is like any other");
    ctl(a, "limits", json!({"reply_window_s": 1000})).await;
    ctl(a, "click", json!({"chat": 1000, "data": "b"})).await;
    assert_eq!(refused(a, 1000, 1).await, 0);
    // the chat's own limit holds
    let mut codes = vec![];
    for _ in 0..6 {
        codes.push(api(a, "sendMessage", json!({"chat_id": 1001, "text": "x"})).await.unwrap().0);
    }
    assert!(codes.contains(&429), "{codes:?}");
    let limits = ctl(a, "stats", json!({})).await["limits"].as_str().unwrap().to_string();
    assert!(limits.contains("lenient: replies within 1000 s"), "{limits}");
}

#[tokio::test]
async fn strict_limits_hold_replies_too() {
    let a = start().await;
    ctl(a, "limits", json!({"global_per_s": 0.001, "global_burst": 3})).await;
    for i in 0..5 {
        ctl(a, "message", json!({"user": 1000 + i, "text": "hi"})).await;
    }
    assert_eq!(refused(a, 1000, 5).await, 2);
}

#[tokio::test]
async fn faults_drop_before_and_after() {
    let a = start().await;
    ctl(a, "users", json!({"users": [{"id": 7}]})).await;
    ctl(
        a,
        "faults",
        json!({"rules": [{"kind": "drop_before", "methods": ["sendMessage"], "count": 1}]}),
    )
    .await;
    assert!(api(a, "sendMessage", json!({"chat_id": 7, "text": "x"})).await.is_none());
    assert_eq!(ctl(a, "deliveries", json!({"contains": "x"})).await["messages"], 0);
    ctl(
        a,
        "faults",
        json!({"rules": [{"kind": "drop_after", "methods": ["sendMessage"], "count": 1}]}),
    )
    .await;
    assert!(api(a, "sendMessage", json!({"chat_id": 7, "text": "x"})).await.is_none());
    ok(a, "sendMessage", json!({"chat_id": 7, "text": "x"})).await;
    let d = ctl(a, "deliveries", json!({"contains": "x"})).await;
    assert_eq!((&d["messages"], &d["duplicates"]), (&json!(2), &json!(1)));
    ctl(
        a,
        "faults",
        json!({"clear": true, "rules": [{"kind": {"status": 502}, "share": 1.0}, {"kind": {"latency": {"dist": "const", "ms": 50}}}]}),
    )
    .await;
    assert_eq!(err(a, "sendMessage", json!({"chat_id": 7, "text": "x"})).await.0, 502);
    ctl(a, "faults", json!({"clear": true, "get_updates_outage": {"for_s": 5, "kind": "status"}}))
        .await;
    assert_eq!(err(a, "getUpdates", json!({})).await.0, 502);
    ctl(a, "faults", json!({"clear": true, "unauthorized": true})).await;
    assert_eq!(err(a, "getMe", json!({})).await, (401, "Unauthorized".to_string()));
}
