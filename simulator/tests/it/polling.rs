//! getUpdates: offsets, long polls, filters.

use crate::client::{ctl, err, ids, inject, ok, start, until};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn offsets_confirm_and_negative_offsets_forget() {
    let a = start().await;
    ctl(a, "config", json!({"repeat_offset_rules": false})).await;
    inject(a, 5).await;
    let all = ids(&ok(a, "getUpdates", json!({})).await);
    assert_eq!(all.len(), 5);
    assert!(all.windows(2).all(|w| w[1] == w[0] + 1));
    // unconfirmed updates come again
    assert_eq!(ids(&ok(a, "getUpdates", json!({"limit": 2})).await), all[..2]);
    assert_eq!(ids(&ok(a, "getUpdates", json!({"offset": all[2]})).await), all[2..]);
    // confirmed ones never
    assert_eq!(ids(&ok(a, "getUpdates", json!({"offset": 0})).await), all[2..]);
    assert_eq!(ids(&ok(a, "getUpdates", json!({"offset": -1})).await), all[4..]);
    assert_eq!(ids(&ok(a, "getUpdates", json!({})).await), all[4..]);
    assert!(ids(&ok(a, "getUpdates", json!({"offset": all[4] + 1})).await).is_empty());
    assert_eq!(ctl(a, "queue", json!({})).await["pending"], 0);
    let s = ctl(a, "stats", json!({})).await;
    assert_eq!(s["updates"]["handed_out"], 5 + 2 + 3 + 3 + 1 + 1);
    assert_eq!(s["updates"]["handed_again"], 2 + 3 + 3 + 1 + 1);
}

#[tokio::test]
async fn repeated_offsets_are_slowed_as_by_the_real_server() {
    let a = start().await;
    inject(a, 3).await;
    assert_eq!(ids(&ok(a, "getUpdates", json!({})).await).len(), 3);
    // the same offset again within half a second: one update only
    assert_eq!(ids(&ok(a, "getUpdates", json!({})).await).len(), 1);
}

#[tokio::test]
async fn long_poll_wakes_and_the_newer_poll_wins() {
    let a = start().await;
    let first = tokio::spawn(async move { err(a, "getUpdates", json!({"timeout": 20})).await });
    until(a, "queue", "polling", json!(true)).await;
    let second =
        tokio::spawn(async move { ok(a, "getUpdates", json!({"timeout": 20, "offset": 1})).await });
    let (code, text) = first.await.unwrap();
    assert_eq!(code, 409);
    assert!(text.starts_with("Conflict: terminated by other getUpdates request"), "{text}");
    inject(a, 1).await;
    assert_eq!(ids(&second.await.unwrap()).len(), 1);
    // an empty poll ends by itself
    let t = Instant::now();
    assert!(ids(&ok(a, "getUpdates", json!({"timeout": 1, "offset": i32::MAX})).await).is_empty());
    assert!(t.elapsed() >= Duration::from_millis(900));
}

#[tokio::test]
async fn allowed_updates_filter() {
    let a = start().await;
    ctl(a, "config", json!({"repeat_offset_rules": false})).await;
    ok(a, "getUpdates", json!({"allowed_updates": ["callback_query"]})).await;
    inject(a, 1).await;
    assert!(ids(&ok(a, "getUpdates", json!({})).await).is_empty());
    ok(a, "getUpdates", json!({"allowed_updates": []})).await;
    inject(a, 1).await;
    assert_eq!(ids(&ok(a, "getUpdates", json!({})).await).len(), 1);
}
