//! Sending, editing and pressing, and what is wrong with a call.

use crate::client::{api, ctl, err, ok, start};
use serde_json::{Value, json};

#[tokio::test]
async fn formatting_rules() {
    let a = start().await;
    ctl(a, "limits", json!({"enabled": false})).await;
    ctl(a, "users", json!({"users": [{"id": 7}]})).await;
    let m = ok(
        a,
        "sendMessage",
        json!({"chat_id": 7, "text": " <b>Hi</b> &amp; <i>you</i>\n", "parse_mode": "HTML"}),
    )
    .await;
    assert_eq!(m["text"], "Hi & you");
    assert_eq!(
        m["entities"],
        json!([{"offset": 0, "length": 2, "type": "bold"}, {"offset": 5, "length": 3, "type": "italic"}])
    );
    for (body, want) in [
        (
            json!({"chat_id": 7, "text": "<b>x", "parse_mode": "HTML"}),
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            json!({"chat_id": 7, "text": "a.b", "parse_mode": "MarkdownV2"}),
            "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        (json!({"chat_id": 7, "text": "x".repeat(4097)}), "Bad Request: message is too long"),
        (json!({"chat_id": 7, "text": " \n "}), "Bad Request: text must be non-empty"),
        (json!({"chat_id": 7}), "Bad Request: message text is empty"),
        (json!({"text": "x"}), "Bad Request: chat_id is empty"),
        (json!({"chat_id": 8, "text": "x"}), "Bad Request: chat not found"),
        (
            json!({"chat_id": 7, "text": "x", "parse_mode": "rtf"}),
            "Bad Request: unsupported parse_mode",
        ),
        (
            json!({"chat_id": 7, "text": "x", "reply_parameters": {"message_id": 99}}),
            "Bad Request: message to be replied not found",
        ),
        (
            json!({"chat_id": 7, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y".repeat(65)}]]}}),
            "Bad Request: BUTTON_DATA_INVALID",
        ),
    ] {
        assert_eq!(err(a, "sendMessage", body).await, (400, want.to_string()));
    }
    // 4096 UTF-16 units after parsing are fine, however long the source
    ok(a, "sendMessage", json!({"chat_id": 7, "text": format!("<b>{}</b>", "😀".repeat(2048)), "parse_mode": "HTML"})).await;
    assert_eq!(err(a, "nonsense", json!({})).await.0, 404);
}

#[tokio::test]
async fn the_schema_is_watched() {
    let a = start().await;
    ctl(a, "users", json!({"users": [{"id": 7}]})).await;
    ok(
        a,
        "sendMessage",
        json!({"chat_id": 7, "text": "x", "bogus": 1, "disable_notification": "yes"}),
    )
    .await;
    let v = ctl(a, "violations", json!({})).await.to_string();
    assert!(
        v.contains("bogus: unknown parameter")
            && v.contains("disable_notification: expected Boolean"),
        "{v}"
    );
    ctl(a, "config", json!({"paranoid": true})).await;
    assert_eq!(err(a, "sendMessage", json!({"chat_id": 7, "text": "x", "bogus": 1})).await.0, 400);
}

/// Every method of the schema, called with samples of its required parameters, answers something well-formed.
#[tokio::test]
async fn every_method_answers() {
    let a = start().await;
    ctl(a, "limits", json!({"enabled": false})).await;
    ctl(a, "users", json!({"users": [{"id": 7}]})).await;
    let s = tgsim::spec::spec();
    let mut refused = vec![];
    for m in &s.methods {
        if matches!(m.name.as_str(), "logOut" | "setWebhook") {
            continue;
        }
        let sent = ok(a, "sendMessage", json!({"chat_id": 7, "text": m.name.as_str()})).await;
        let mut p = serde_json::Map::new();
        for f in m.fields.iter().filter(|f| f.required) {
            let v = match f.name.as_str() {
                "chat_id" | "from_chat_id" | "user_id" => json!(7),
                "message_id" => sent["message_id"].clone(),
                "message_ids" => json!([sent["message_id"]]),
                _ => s.sample(&f.types[0], 0),
            };
            p.insert(f.name.clone(), v);
        }
        let (status, v) = api(a, &m.name, Value::Object(p))
            .await
            .unwrap_or_else(|| panic!("{}: no answer", m.name));
        assert_eq!(v["ok"].as_bool(), Some(status == 200), "{}: {v}", m.name);
        if status != 200 {
            refused.push(format!("{} {status} {}", m.name, v["description"]));
        }
    }
    // refused for good reasons: made-up files, queries, commands, nothing to edit
    assert!(refused.len() < 35, "{}: {refused:#?}", refused.len());
    assert_eq!(ctl(a, "stats", json!({})).await["unknown_methods"], json!({}));
}

#[tokio::test]
async fn edits_deletes_and_the_users_view() {
    let a = start().await;
    ctl(a, "limits", json!({"enabled": false})).await;
    ctl(a, "users", json!({"users": [{"id": 7}]})).await;
    let m = ok(
        a,
        "sendMessage",
        json!({"chat_id": 7, "text": "one", "reply_markup": {"inline_keyboard": [[{"text": "B", "callback_data": "b"}]]}}),
    )
    .await;
    let id = m["message_id"].as_i64().unwrap();
    let same = json!({"chat_id": 7, "message_id": id, "text": "one", "reply_markup": {"inline_keyboard": [[{"text": "B", "callback_data": "b"}]]}});
    assert!(
        err(a, "editMessageText", same).await.1.starts_with("Bad Request: message is not modified")
    );
    ok(a, "editMessageText", json!({"chat_id": 7, "message_id": id, "text": "two"})).await;
    let c = ctl(a, "chat", json!({"id": 7})).await;
    assert_eq!(c["messages"][0]["text"], "two");
    assert!(c["messages"][0]["buttons"].is_null());
    ok(a, "deleteMessage", json!({"chat_id": 7, "message_id": id})).await;
    assert_eq!(
        err(a, "deleteMessage", json!({"chat_id": 7, "message_id": id})).await.1,
        "Bad Request: message to delete not found"
    );
    assert_eq!(
        err(a, "editMessageText", json!({"chat_id": 7, "message_id": id, "text": "x"})).await.1,
        "Bad Request: message to edit not found"
    );
    assert_eq!(ctl(a, "chat", json!({"id": 7})).await["messages"], json!([]));
}

#[tokio::test]
async fn clicks_make_callback_queries() {
    let a = start().await;
    ctl(a, "users", json!({"users": [{"id": 7}]})).await;
    ok(
        a,
        "sendMessage",
        json!({"chat_id": 7, "text": "one", "reply_markup": {"inline_keyboard": [[{"text": "Press me", "callback_data": "b:1"}]]}}),
    )
    .await;
    let r = ctl(a, "click", json!({"chat": 7, "label": "^Press"})).await;
    let q = r["callback_query_id"].as_str().unwrap().to_string();
    let u = ok(a, "getUpdates", json!({})).await;
    assert_eq!(u[0]["callback_query"]["data"], "b:1");
    assert_eq!(u[0]["callback_query"]["message"]["text"], "one");
    ok(a, "answerCallbackQuery", json!({"callback_query_id": q, "text": "done"})).await;
    assert_eq!(ctl(a, "callback", json!({"id": q})).await["answer"]["text"], "done");
    assert!(
        err(a, "answerCallbackQuery", json!({"callback_query_id": "5"}))
            .await
            .1
            .contains("query is too old")
    );
    assert_eq!(ctl(a, "stats", json!({})).await["latency"]["handout_to_first_reply"]["n"], 1);
}

#[tokio::test]
async fn user_states_and_blocking() {
    let a = start().await;
    ctl(a, "users", json!({"users": [{"id": 1, "state": "blocked"}, {"id": 2, "state": "deactivated"}, {"id": 3, "state": "never_started"}, {"id": 4, "state": "not_found"}, {"id": 5}]})).await;
    ctl(a, "chats", json!({"chats": [{"id": -50, "migrated_to": -1_000_000_000_050i64}]})).await;
    for (id, want) in [
        (1, (403, "Forbidden: bot was blocked by the user")),
        (2, (403, "Forbidden: user is deactivated")),
        (3, (403, "Forbidden: bot can't initiate conversation with a user")),
        (4, (400, "Bad Request: chat not found")),
    ] {
        assert_eq!(
            err(a, "sendMessage", json!({"chat_id": id, "text": "x"})).await,
            (want.0, want.1.to_string())
        );
    }
    let (s, v) = api(a, "sendMessage", json!({"chat_id": -50, "text": "x"})).await.unwrap();
    assert_eq!(
        (s, v["parameters"]["migrate_to_chat_id"].as_i64()),
        (400, Some(-1_000_000_000_050))
    );
    ctl(a, "block", json!({"user": 5})).await;
    ctl(a, "unblock", json!({"user": 5})).await;
    let u = ok(a, "getUpdates", json!({})).await;
    assert_eq!(u[0]["my_chat_member"]["new_chat_member"]["status"], "kicked");
    assert_eq!(u[1]["my_chat_member"]["new_chat_member"]["status"], "member");
}
