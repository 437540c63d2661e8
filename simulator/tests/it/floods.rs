//! Floods and what became of their updates.

use crate::client::{ctl, ok, start, until};
use serde_json::{Value, json};

#[tokio::test]
async fn floods_count_losses_doubles_and_disorder() {
    let a = start().await;
    ctl(a, "limits", json!({"enabled": false})).await;
    ctl(a, "config", json!({"repeat_offset_rules": false})).await;
    ctl(a, "flood", json!({"updates": 30, "users": 3, "idle_s": 0.3, "mix": [{"text": "say {n}", "reply": "said ({n})"}]})).await;
    until(a, "queue", "pending", json!(30)).await;
    let ups = ok(a, "getUpdates", json!({})).await;
    let list = ups.as_array().unwrap();
    assert_eq!(list.len(), 30);
    let say = |u: &Value| {
        let n = u["message"]["text"].as_str().unwrap().trim_start_matches("say ").to_string();
        json!({"chat_id": u["message"]["chat"]["id"], "text": format!("said ({n})")})
    };
    // the first two of one chat in the wrong order, one lost, one answered twice
    let chat = &list[0]["message"]["chat"]["id"];
    let mine: Vec<&Value> = list.iter().filter(|u| &u["message"]["chat"]["id"] == chat).collect();
    ok(a, "sendMessage", say(mine[1])).await;
    ok(a, "sendMessage", say(mine[0])).await;
    for u in list.iter().filter(|u| *u != mine[0] && *u != mine[1] && *u != mine[2]) {
        ok(a, "sendMessage", say(u)).await;
    }
    ok(a, "sendMessage", say(mine[3])).await;
    let r = ctl(a, "flood/wait", json!({})).await;
    assert_eq!(r["finished"], true, "{r}");
    assert_eq!(r["limits"], "off");
    assert_eq!(
        (&r["answered"], &r["unanswered"], &r["answered_twice"], &r["order_violations"]),
        (&json!(29), &json!(1), &json!(1), &json!(1)),
        "{r}"
    );
}
