//! Files down and up.

use crate::client::{TOKEN, ctl, err, ok, request, start};
use serde_json::{Value, json};

#[tokio::test]
async fn files_stream_with_ranges() {
    let a = start().await;
    ctl(
        a,
        "message",
        json!({"user": 7, "file": {"type": "document", "size": 3_000_000, "name": "a.pdf"}}),
    )
    .await;
    let u = ok(a, "getUpdates", json!({})).await;
    let id = u[0]["message"]["document"]["file_id"].as_str().unwrap().to_string();
    let f = ok(a, "getFile", json!({"file_id": id})).await;
    let path = f["file_path"].as_str().unwrap().to_string();
    let get = |extra: &str| format!("GET /file/bot{TOKEN}/{path} HTTP/1.1\r\n{extra}");
    let (s, _, whole) = request(a, get(""), b"").await.unwrap();
    assert_eq!((s, whole.len()), (200, 3_000_000));
    let (s, head, part) = request(a, get("range: bytes=1048570-1048589\r\n"), b"").await.unwrap();
    assert_eq!((s, &part[..]), (206, &whole[1_048_570..1_048_590]));
    assert!(head.to_lowercase().contains("content-range: bytes 1048570-1048589/3000000"), "{head}");
    assert_eq!(request(a, get("range: bytes=3000000-\r\n"), b"").await.unwrap().0, 416);
    ctl(a, "faults", json!({"files": {"drop_share": 1.0, "drop_at": 1_000_000}})).await;
    let (_, _, cut) = request(a, get(""), b"").await.unwrap();
    assert!(cut.len() <= 1_000_000, "{}", cut.len());
    // the same file may be sent on by its id, a made-up one may not
    ok(a, "sendDocument", json!({"chat_id": 7, "document": id})).await;
    assert!(
        err(a, "sendDocument", json!({"chat_id": 7, "document": "BQAnothing"}))
            .await
            .1
            .contains("wrong remote file identifier")
    );
    ctl(a, "message", json!({"user": 7, "file": {"type": "document", "size": 21 << 20}})).await;
    let u = ok(a, "getUpdates", json!({"offset": u[0]["update_id"].as_i64().unwrap() + 1})).await;
    assert_eq!(
        err(a, "getFile", json!({"file_id": u[0]["message"]["document"]["file_id"]})).await.1,
        "Bad Request: file is too big"
    );
}

#[tokio::test]
async fn uploads_by_multipart() {
    let a = start().await;
    ctl(a, "users", json!({"users": [{"id": 7}]})).await;
    let body = "--XX\r\ncontent-disposition: form-data; name=\"chat_id\"\r\n\r\n7\r\n--XX\r\ncontent-disposition: form-data; name=\"media\"\r\n\r\n[{\"type\":\"document\",\"media\":\"attach://f1\"},{\"type\":\"document\",\"media\":\"attach://f2\",\"caption\":\"c\"}]\r\n--XX\r\ncontent-disposition: form-data; name=\"f1\"; filename=\"a.txt\"\r\n\r\nhello\r\n--XX\r\ncontent-disposition: form-data; name=\"f2\"; filename=\"b.txt\"\r\n\r\nworld!\r\n--XX--\r\n";
    let head = format!(
        "POST /bot{TOKEN}/sendMediaGroup HTTP/1.1\r\ncontent-type: multipart/form-data; boundary=XX\r\n"
    );
    let (s, _, b) = request(a, head, body.as_bytes()).await.unwrap();
    let v: Value = serde_json::from_slice(&b).unwrap();
    assert_eq!(s, 200, "{v}");
    assert_eq!(v["result"][1]["document"]["file_size"], 6);
    assert_eq!(v["result"][0]["media_group_id"], v["result"][1]["media_group_id"]);
    assert_eq!(ctl(a, "violations", json!({})).await["count"], 0);
}
