//! The chat page's side of the simulator: its files, uploads, downloads, events and inline mode.

use serde_json::{Value, json};
use std::net::SocketAddr;
use tgsim::{Person, Simulator, SimulatorOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn start() -> Simulator {
    Simulator::start(SimulatorOptions::default()).await.unwrap()
}

/// One request; the status, the head and the body. The status is 0 when the connection broke.
async fn request(to: SocketAddr, head: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut s = TcpStream::connect(to).await.unwrap();
    let length = body.len();
    let head = format!("{head}host: {to}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    s.write_all(head.as_bytes()).await.unwrap();
    // a refusal may come before the whole body was taken
    let _ = s.write_all(body).await;
    let mut all = vec![];
    let _ = s.read_to_end(&mut all).await;
    let Some(end) = all.windows(4).position(|w| w == b"\r\n\r\n") else {
        return (0, String::new(), vec![]);
    };
    let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
    (head[9..12].parse().unwrap(), head, all[end + 4..].to_vec())
}

async fn get(sim: &Simulator, path: &str) -> (u16, String, Vec<u8>) {
    request(sim.addr(), &format!("GET {path} HTTP/1.1\r\n"), b"").await
}

async fn api(sim: &Simulator, method: &str, v: Value) -> Value {
    let head =
        format!("POST /bot{}/{method} HTTP/1.1\r\ncontent-type: application/json\r\n", sim.token());
    let (_, _, body) = request(sim.addr(), &head, v.to_string().as_bytes()).await;
    let v: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(v["ok"], true, "{method}: {v}");
    v["result"].clone()
}

async fn upload(sim: &Simulator, query: &str, mime: &str, content: &[u8]) -> (u16, Value) {
    let mut body = format!(
        "--XX\r\ncontent-disposition: form-data; name=\"caption\"\r\n\r\nfor A1 https://a.example\r\n\
         --XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"Книга.pdf\"\r\ncontent-type: {mime}\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--XX--\r\n");
    let head = format!(
        "POST /_chat/upload?{query} HTTP/1.1\r\ncontent-type: multipart/form-data; boundary=XX\r\n"
    );
    let (status, _, answer) = request(sim.addr(), &head, &body).await;
    (status, serde_json::from_slice(&answer).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_page_is_served_with_a_strict_policy_and_asks_nothing_of_others() {
    let sim = start().await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/chat", "text/html"),
        ("/chat/style.css", "text/css"),
        ("/chat/app.js", "text/javascript"),
        ("/chat/icon.svg", "image/svg+xml"),
    ] {
        let (status, head, body) = get(&sim, path).await;
        assert_eq!(status, 200, "{path}");
        assert!(head.contains(kind), "{path}: {head}");
        assert!(head.contains("content-security-policy: default-src 'none'"), "{path}: {head}");
        let body = String::from_utf8(body).unwrap();
        for outside in ["src=\"http", "href=\"http", "import \"http", "url(http", "innerHTML"] {
            assert!(!body.contains(outside), "{path} has {outside}");
        }
    }
    assert_eq!(get(&sim, "/chat/none.js").await.0, 404);
}

#[tokio::test]
async fn the_modules_name_only_files_that_are_there() {
    let sim = start().await;
    let mut open = vec!["app.js".to_string()];
    let mut seen = vec![];
    while let Some(name) = open.pop() {
        let (status, _, body) = get(&sim, &format!("/chat/{name}")).await;
        assert_eq!(status, 200, "{name}");
        let text = String::from_utf8(body).unwrap();
        seen.push(name);
        for part in text.split(" from \"./").skip(1) {
            let next = part.split('"').next().unwrap().to_string();
            if !seen.contains(&next) && !open.contains(&next) {
                open.push(next);
            }
        }
    }
    assert!(seen.len() >= 6, "{seen:?}");
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let sim = start().await;
    let foreign = "POST /_ctl/reset HTTP/1.1\r\norigin: https://evil.example\r\n";
    assert_eq!(request(sim.addr(), foreign, b"").await.0, 403);
    let own = format!("POST /_ctl/stats HTTP/1.1\r\norigin: {}\r\n", sim.url());
    assert_eq!(request(sim.addr(), &own, b"").await.0, 200);
}

#[tokio::test]
async fn people_have_names_languages_and_the_commands_of_their_scope() {
    let sim = start().await;
    api(&sim, "setMyCommands", json!({"commands": [{"command": "help", "description": "d"}]}))
        .await;
    let ru =
        json!({"commands": [{"command": "help", "description": "помощь"}], "language_code": "ru"});
    api(&sim, "setMyCommands", ru).await;
    let one = json!({
        "commands": [{"command": "stats", "description": "s"}],
        "scope": {"type": "chat", "chat_id": 4001},
    });
    api(&sim, "setMyCommands", one).await;
    api(&sim, "setMyName", json!({"name": "PrimeLingo"})).await;
    let v = sim.ctl("people", json!({})).await.unwrap();
    assert_eq!(v["bot"]["name"], "PrimeLingo");
    let of = |id: i64| v["people"].as_array().unwrap().iter().find(|p| p["id"] == id).unwrap();
    assert_eq!(of(1001)["commands"][0]["description"], "d");
    assert_eq!(of(1002)["commands"][0]["description"], "помощь");
    assert_eq!(of(4001)["commands"][0]["command"], "stats");
    assert_eq!(of(4001)["state"], "never_started");
    // they are users of the world from their first message on, with their names
    sim.ctl("message", json!({"user": 4001, "text": "/start"})).await.unwrap();
    let update = api(&sim, "getUpdates", json!({})).await;
    let from = &update[0]["message"]["from"];
    assert_eq!((&from["first_name"], &from["language_code"]), (&json!("Olga"), &json!("uz")));
}

#[tokio::test]
async fn the_people_are_a_setting() {
    let people = vec![Person::new(5, "Eve", "de", "guest")];
    let options = SimulatorOptions { people, ..Default::default() };
    let sim = Simulator::start(options).await.unwrap();
    let names = |v: &Value| v["people"][0]["name"].as_str().unwrap().to_string();
    assert_eq!(names(&sim.ctl("people", json!({})).await.unwrap()), "Eve");
    sim.ctl("config", json!({"people": [{"id": 6, "name": "Zoe"}]})).await.unwrap();
    assert_eq!(names(&sim.ctl("people", json!({})).await.unwrap()), "Zoe");
    sim.ctl("reset", json!({})).await.unwrap();
    assert_eq!(names(&sim.ctl("people", json!({})).await.unwrap()), "Eve");
}

#[tokio::test]
async fn an_upload_is_a_real_message_with_the_real_bytes() {
    let sim = start().await;
    // larger than what is kept in memory: it goes through the spool
    let content: Vec<u8> = (0..700_000u32).map(|i| (i % 251) as u8).collect();
    let (status, sent) = upload(&sim, "user=1001", "application/pdf", &content).await;
    assert_eq!(status, 200, "{sent}");
    let update = api(&sim, "getUpdates", json!({})).await;
    let m = &update[0]["message"];
    assert_eq!(m["document"]["file_name"], "Книга.pdf");
    assert_eq!(m["document"]["mime_type"], "application/pdf");
    assert_eq!(m["document"]["file_size"], 700_000);
    assert_eq!(m["caption"], "for A1 https://a.example");
    assert_eq!(m["caption_entities"][0]["type"], "url");
    let id = m["document"]["file_id"].as_str().unwrap();
    let path = api(&sim, "getFile", json!({"file_id": id})).await["file_path"].clone();
    let path = format!("/file/bot{}/{}", sim.token(), path.as_str().unwrap());
    assert!(get(&sim, &path).await.2 == content);
    // the page's own way to it; what may be a hostile page is saved, not shown
    let (status, head, body) = get(&sim, &format!("/_chat/file?id={id}")).await;
    assert_eq!((status, body == content), (200, true));
    let disposition = "content-disposition: attachment; filename*=utf-8''%d0%9a";
    assert!(head.contains(disposition) && head.contains("sandbox"), "{head}");
    assert_eq!(sim.ctl("stats", json!({})).await.unwrap()["downloads"], 1);
    assert_eq!(get(&sim, "/_chat/file?id=nonsense").await.0, 404);
}

#[tokio::test]
async fn uploads_take_the_kind_of_their_type() {
    let sim = start().await;
    for (query, mime, field) in [
        ("user=1", "audio/mpeg", "audio"),
        ("user=1", "image/png", "photo"),
        ("user=1&as=document", "image/png", "document"),
        ("user=1", "text/plain", "document"),
    ] {
        assert_eq!(upload(&sim, query, mime, b"x").await.0, 200);
        let update = api(&sim, "getUpdates", json!({"offset": -1})).await;
        assert!(!update[0]["message"][field].is_null(), "{query} {mime}: {update}");
    }
    assert_eq!(upload(&sim, "user=1", "text/plain", b"").await.0, 400);
    assert_eq!(upload(&sim, "user=nobody", "text/plain", b"x").await.0, 400);
}

#[tokio::test]
async fn uploads_end_at_sixty_megabytes() {
    let sim = start().await;
    let (status, answer) = upload(&sim, "user=1", "text/plain", &vec![0; 61 << 20]).await;
    // the connection may break before the answer is read
    assert!(matches!(status, 413 | 0), "{status} {answer}");
    let queue = sim.ctl("queue", json!({})).await.unwrap();
    assert_eq!(queue["pending"], 0);
}

#[tokio::test]
async fn events_tell_of_messages_edits_answers_and_deletions() {
    let sim = start().await;
    let mut s = TcpStream::connect(sim.addr()).await.unwrap();
    s.write_all(b"GET /_ctl/events HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut seen = String::new();
    read_until(&mut s, &mut seen, "retry:").await;
    sim.ctl("message", json!({"user": 1001, "text": "from the user"})).await.unwrap();
    read_until(&mut s, &mut seen, "from the user").await;
    let keyboard = json!({"inline_keyboard": [[{"text": "B", "callback_data": "b"}]]});
    let m = json!({"chat_id": 1001, "text": "from the bot", "reply_markup": keyboard});
    let id = api(&sim, "sendMessage", m).await["message_id"].clone();
    read_until(&mut s, &mut seen, "from the bot").await;
    let click = sim.ctl("click", json!({"chat": 1001, "data": "b"})).await.unwrap();
    let answer = json!({"callback_query_id": click["callback_query_id"], "text": "pressed"});
    api(&sim, "answerCallbackQuery", answer).await;
    read_until(&mut s, &mut seen, "\"kind\":\"answer\"").await;
    api(&sim, "editMessageText", json!({"chat_id": 1001, "message_id": id, "text": "other"})).await;
    read_until(&mut s, &mut seen, "other").await;
    api(&sim, "sendChatAction", json!({"chat_id": 1001, "action": "typing"})).await;
    read_until(&mut s, &mut seen, "\"kind\":\"action\"").await;
    api(&sim, "deleteMessage", json!({"chat_id": 1001, "message_id": id})).await;
    read_until(&mut s, &mut seen, "\"deleted\":true").await;
}

/// Reads on until the text came; hangs (and so fails) when it does not.
async fn read_until(s: &mut TcpStream, seen: &mut String, what: &str) {
    while !seen.contains(what) {
        let mut chunk = [0; 4096];
        let n = s.read(&mut chunk).await.unwrap();
        assert!(n > 0, "the stream ended before {what}: {seen}");
        seen.push_str(&String::from_utf8_lossy(&chunk[..n]));
    }
}

#[tokio::test]
async fn a_chosen_inline_result_becomes_a_message_via_the_bot() {
    let sim = start().await;
    assert_eq!(upload(&sim, "user=2001", "application/pdf", b"book").await.0, 200);
    let update = api(&sim, "getUpdates", json!({"offset": -1})).await;
    let file = update[0]["message"]["document"]["file_id"].clone();
    let asked = sim.ctl("inline", json!({"user": 1001, "query": "book"})).await.unwrap();
    let query = asked["inline_query_id"].clone();
    let choice =
        |result: &str| json!({"user": 1001, "inline_query_id": query, "result_id": result});
    assert!(sim.ctl("choose", choice("1")).await.unwrap_err().contains("no answer"));
    let keyboard = json!({"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]});
    let results = json!([
        {"type": "document", "id": "1", "title": "Book", "document_file_id": file,
         "caption": "<b>Book</b>", "parse_mode": "HTML", "reply_markup": keyboard},
        {"type": "article", "id": "2", "title": "T", "input_message_content": {"message_text": "hi"}},
    ]);
    let answer = json!({"inline_query_id": query, "results": results});
    api(&sim, "answerInlineQuery", answer).await;
    sim.ctl("choose", choice("1")).await.unwrap();
    sim.ctl("choose", choice("2")).await.unwrap();
    assert!(sim.ctl("choose", choice("3")).await.is_err());
    let updates = api(&sim, "getUpdates", json!({"offset": -4})).await;
    let m = &updates[0]["message"];
    assert_eq!(m["via_bot"]["id"], 42);
    assert_eq!(m["document"]["file_name"], "Книга.pdf");
    assert_eq!((&m["caption"], &m["from"]["id"]), (&json!("Book"), &json!(1001)));
    assert_eq!(updates[1]["chosen_inline_result"]["result_id"], "1");
    assert_eq!(updates[2]["message"]["text"], "hi");
    // a button of an inline message says so
    sim.ctl("click", json!({"chat": 1001, "data": "m"})).await.unwrap();
    let updates = api(&sim, "getUpdates", json!({"offset": -1})).await;
    let press = &updates[0]["callback_query"];
    assert!(press["inline_message_id"].is_string() && press["message"].is_null(), "{press}");
}
