//! The client against a server that answers what it is told: requests as they go out, answers and
//! their loss as they come back, and the token, which must be in none of the errors.

use std::error::Error;
use std::time::Duration;

use serde_json::json;

use super::testserver::{Reply, TestServer};
use super::*;
use crate::domain::event::FileClass;
use crate::domain::html::Html;
use crate::domain::ids::{ChatId, MessageId};
use crate::domain::outgoing::{Answer, Button, InlineResult, Keyboard, Outgoing};

const CANARY: &str = "4242:CANARY-CANARY-CANARY";

fn client_of(url: &str) -> TelegramClient {
    let token = BotToken::parse(CANARY).expect("a token");
    let timeouts = Timeouts { request: Duration::from_secs(5), ..Timeouts::default() };
    TelegramClient::new(token, url, Lane::Reply, timeouts).expect("a client")
}

async fn with_reply(reply: Reply) -> (TestServer, TelegramClient) {
    let server = TestServer::start(vec![reply]).await;
    let client = client_of(&server.url);
    (server, client)
}

async fn with_ok(result: &'static str) -> (TestServer, TelegramClient) {
    with_reply(Reply::Json(200, result)).await
}

const MESSAGE: &str = r#"{"ok":true,"result":{"message_id":11,"new_field":[1]}}"#;
const CHAT: ChatId = ChatId(-1_000_000_000_042);

fn keyboard() -> Keyboard {
    Keyboard::new().row([Button::callback("1", "d"), Button::switch_inline("s", "w")])
}

fn wire_keyboard() -> serde_json::Value {
    json!({"inline_keyboard": [[
        {"text": "1", "callback_data": "d"},
        {"text": "s", "switch_inline_query": "w"},
    ]]})
}

#[tokio::test]
async fn a_text_goes_out_with_everything() {
    let (server, client) = with_ok(MESSAGE).await;
    let outgoing = Outgoing::Text {
        html: Html::new().bold("<x>").for_text(),
        keyboard: Some(keyboard()),
        reply_to: Some(MessageId(9)),
        silent: true,
    };
    let sent = client.send(CHAT, Some(7), &outgoing, None).await.expect("sent");
    assert_eq!(sent.message_id, Some(MessageId(11)));
    let (line, body) = server.only_json();
    assert_eq!(line, format!("POST /bot{CANARY}/sendMessage HTTP/1.1"));
    let expected = json!({
        "chat_id": CHAT.0, "message_thread_id": 7, "text": "<b>&lt;x&gt;</b>",
        "parse_mode": "HTML", "link_preview_options": {"is_disabled": true},
        "disable_notification": true, "reply_markup": wire_keyboard(),
        "reply_parameters": {"message_id": 9, "allow_sending_without_reply": true},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn an_edit_names_its_message() {
    let (server, client) = with_ok(MESSAGE).await;
    let outgoing = Outgoing::EditText { html: Html::new().text("a").for_text(), keyboard: None };
    let error = client.send(CHAT, None, &outgoing, None).await.expect_err("no target");
    assert_eq!(error.decision(), Decision::BadContent);
    client.send(CHAT, None, &outgoing, Some(MessageId(3))).await.expect("sent");
    let (_, body) = server.only_json();
    let expected = json!({
        "chat_id": CHAT.0, "message_id": 3, "text": "a", "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": true},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn each_class_of_file_has_its_method_and_field() {
    for class in FileClass::ALL {
        let (server, client) = with_ok(
            r#"{"ok":true,"result":{"message_id":1,"photo":[{"file_id":"s"},{"file_id":"l"}]}}"#,
        )
        .await;
        let outgoing = Outgoing::File {
            class,
            file_id: "F".to_owned(),
            copy: None,
            apology: None,
            caption: Some(Html::new().text("c").for_caption()),
            keyboard: None,
            silent: false,
        };
        let sent = client.send(CHAT, None, &outgoing, None).await.expect("sent");
        assert_eq!(sent.file_id.as_deref(), Some("l"));
        let (line, body) = server.only_json();
        let method = format!("/send{}", class.field().replace('_', ""));
        assert!(line.to_lowercase().contains(&method), "{line}");
        assert_eq!(body[class.field()], "F");
        assert_eq!(body.get("caption").is_some(), class != FileClass::VideoNote);
    }
}

#[tokio::test]
async fn an_album_is_copied_together_and_a_single_message_with_buttons() {
    let copy = |messages: &[i64]| Outgoing::Copy {
        from: ChatId(5),
        messages: messages.iter().map(|id| MessageId(*id)).collect(),
        keyboard: Some(keyboard()),
        silent: false,
    };
    let (server, client) =
        with_ok(r#"{"ok":true,"result":[{"message_id":1},{"message_id":2}]}"#).await;
    let sent = client.send(CHAT, None, &copy(&[3, 4]), None).await.expect("sent");
    assert_eq!(sent.message_id, Some(MessageId(1)));
    assert_eq!(sent.album, [MessageId(1), MessageId(2)]);
    let (_, body) = server.only_json();
    assert_eq!(body, json!({"chat_id": CHAT.0, "from_chat_id": 5, "message_ids": [3, 4]}));

    let (server, client) = with_ok(r#"{"ok":true,"result":{"message_id":1}}"#).await;
    client.send(CHAT, None, &copy(&[3]), None).await.expect("sent");
    let (_, body) = server.only_json();
    let expected = json!({
        "chat_id": CHAT.0, "from_chat_id": 5, "message_id": 3, "reply_markup": wire_keyboard(),
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn answers_go_out() {
    let (server, client) = with_ok(r#"{"ok":true,"result":true}"#).await;
    let toast = Some("é".repeat(300));
    let answer = Answer::Callback { query_id: "Q".to_owned(), toast, alert: true };
    client.answer(&answer).await.expect("answered");
    let (_, body) = server.only_json();
    let expected = json!({"callback_query_id": "Q", "text": "é".repeat(200), "show_alert": true});
    assert_eq!(body, expected);

    let (server, client) = with_ok(r#"{"ok":true,"result":true}"#).await;
    let file = |class| InlineResult::File {
        id: "1".to_owned(),
        class,
        file_id: "F".to_owned(),
        title: "T".to_owned(),
        description: None,
        caption: Some(Html::new().text("c").for_caption()),
    };
    let answer = Answer::Inline {
        query_id: "Q".to_owned(),
        results: vec![file(FileClass::Document), file(FileClass::VideoNote)],
        next_offset: Some("5".to_owned()),
        cache_s: 3,
        personal: true,
    };
    client.answer(&answer).await.expect("answered");
    let (_, body) = server.only_json();
    let expected = json!({
        "inline_query_id": "Q", "cache_time": 3, "is_personal": true, "next_offset": "5",
        "results": [{
            "type": "document", "id": "1", "title": "T", "document_file_id": "F",
            "caption": "c", "parse_mode": "HTML",
        }],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn polling_keeps_each_update_as_it_came() {
    let (server, client) =
        with_ok(r#"{"ok":true,"result":[{"update_id":1,"x":{"y":1.0}},{"update_id":2"#).await;
    let offset = Some(3_000_000_000);
    let batch = client.get_updates(offset, 100, 0, &["message"]).await.expect("a batch");
    assert!(batch.damaged);
    let texts: Vec<&str> = batch.updates.iter().map(|update| update.get()).collect();
    assert_eq!(texts, [r#"{"update_id":1,"x":{"y":1.0}}"#]);
    let (_, body) = server.only_json();
    let expected = json!({
        "offset": 3_000_000_000_i64, "limit": 100, "timeout": 0, "allowed_updates": ["message"],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn refusals_carry_their_decision() {
    let cases = [
        (
            429,
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":4}}"#,
            Decision::RetryAfter(Duration::from_secs(4)),
        ),
        (
            400,
            r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-100}}"#,
            Decision::ChatMigrated(ChatId(-100)),
        ),
        (409, r#"{"ok":false,"error_code":409,"description":"Conflict: x"}"#, Decision::Conflict),
        (502, "<html>Bad Gateway</html>", Decision::InDoubt),
        (403, "<html>proxy</html>", Decision::RetryLater),
        (200, "<html>portal</html>", Decision::InDoubt),
    ];
    for (status, body, expected) in cases {
        let (_server, client) = with_reply(Reply::Raw(status, "", body)).await;
        let error = client.get_updates(None, 1, 0, &[]).await.expect_err("refused");
        assert_eq!(error.decision(), expected, "{body}");
        let error = client.get_me().await.expect_err("refused");
        assert_eq!(error.decision(), expected, "{body}");
    }
}

/// Everything a log could print of an error.
fn printed(error: &TelegramError) -> String {
    let mut out = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(inner) = source {
        out = format!("{out} {inner} {inner:?}");
        source = inner.source();
    }
    out
}

#[tokio::test]
async fn no_error_shows_the_token() {
    let refused = client_of("http://127.0.0.1:1");
    let mut cases = vec![(refused, Decision::RetryLater)];
    for (reply, decision) in [
        (Reply::HangUp, Decision::InDoubt),
        (
            Reply::Json(
                404,
                r#"{"ok":false,"error_code":404,"description":"Not Found: /bot4242:CANARY-CANARY-CANARY/x"}"#,
            ),
            Decision::Unauthorized,
        ),
        (
            Reply::Json(200, r#"{"ok":true,"result":"4242:CANARY-CANARY-CANARY"}"#),
            Decision::InDoubt,
        ),
        (Reply::Json(200, r#"{"ok":tru"#), Decision::InDoubt),
        (Reply::Raw(302, "location: /bot4242:CANARY-CANARY-CANARY/\r\n", ""), Decision::RetryLater),
    ] {
        let (_server, client) = with_reply(reply).await;
        cases.push((client, decision));
    }
    for (client, decision) in cases {
        let error = client.get_me().await.expect_err("fails");
        let printed = printed(&error);
        assert!(!printed.contains("CANARY"), "{printed}");
        assert_eq!(error.decision(), decision, "{printed}");
        assert!(!format!("{client:?} {client:#?}").contains("CANARY"));
    }
}

#[tokio::test]
async fn silence_ends_in_doubt() {
    let server = TestServer::start(vec![Reply::Silence]).await;
    let token = BotToken::parse(CANARY).expect("a token");
    let timeouts = Timeouts { request: Duration::from_millis(50), ..Timeouts::default() };
    let client = TelegramClient::new(token, &server.url, Lane::Reply, timeouts).expect("a client");
    let error = client.get_me().await.expect_err("no answer");
    assert!(matches!(error, TelegramError::Timeout { .. }));
    assert_eq!(error.decision(), Decision::InDoubt);
    assert!(!printed(&error).contains("CANARY"));
}

fn location(path: &str) -> FileLocation {
    FileLocation { path: path.to_owned(), size: None }
}

async fn all_of(source: FileSource) -> (u64, Option<u64>, Vec<u8>) {
    let FileSource::Remote(mut download) = source else { panic!("not remote") };
    let mut bytes = Vec::new();
    while let Some(piece) = download.chunk().await.expect("a piece") {
        bytes.extend_from_slice(&piece);
    }
    (download.from, download.total, bytes)
}

#[tokio::test]
async fn a_download_resumes_or_starts_over() {
    let (server, client) =
        with_reply(Reply::Raw(206, "content-range: bytes 6-9/10\r\n", "part")).await;
    let source = client.download(&location("documents/file_1.pdf"), 6).await.expect("opened");
    assert_eq!(all_of(source).await, (6, Some(10), b"part".to_vec()));
    let asked = server.asked();
    assert_eq!(asked[0].line, format!("GET /file/bot{CANARY}/documents/file_1.pdf HTTP/1.1"));
    assert!(asked[0].head.contains("range: bytes=6-"));

    for range in ["", "content-range: bytes 5-9/10\r\n", "content-range: bytes 6-9/x\r\n"] {
        let (_server, client) = with_reply(Reply::Raw(206, range, "part")).await;
        let error = client.download(&location("a/b"), 6).await.expect_err("another part");
        assert!(matches!(error, TelegramError::Answer { .. }), "{range}: {error}");
    }

    let (_server, client) = with_reply(Reply::Raw(200, "", "whole")).await;
    let source = client.download(&location("a/b"), 6).await.expect("opened");
    assert_eq!(all_of(source).await, (0, Some(5), b"whole".to_vec()));

    let (_server, client) = with_reply(Reply::Raw(404, "", "gone")).await;
    let error = client.download(&location("a/b"), 0).await.expect_err("gone");
    assert_eq!(error.decision(), Decision::FileIdDead);
}

#[tokio::test]
async fn a_path_never_leads_elsewhere() {
    let (server, client) = with_reply(Reply::Raw(200, "", "x")).await;
    for path in ["../x", "a/../b", "a//b", "", "a/", "a?b", "a/%2e%2e/b", "a\\b", "/etc/passwd"] {
        let error = client.download(&location(path), 0).await.expect_err(path);
        assert!(matches!(error, TelegramError::UnsafePath { .. }), "{path}");
    }
    assert!(server.asked().is_empty());

    let root = tempfile::tempdir().expect("a directory");
    let outside = tempfile::NamedTempFile::new().expect("a file");
    let inside = root.path().join("file_1");
    std::fs::write(&inside, "x").expect("written");
    std::os::unix::fs::symlink(outside.path(), root.path().join("link")).expect("linked");
    let client = client.with_local_files(root.path().to_owned());
    let path_of = |path: &std::path::Path| location(path.to_str().expect("text"));
    let source = client.download(&path_of(&inside), 0).await.expect("opened");
    let FileSource::Local(found) = source else { panic!("not local") };
    assert_eq!(found, inside.canonicalize().expect("there"));
    for path in [outside.path().to_owned(), root.path().join("../x"), root.path().join("link")] {
        let error = client.download(&path_of(&path), 0).await.expect_err("outside");
        assert!(matches!(error, TelegramError::UnsafePath { .. }), "{path:?}");
    }
}

#[tokio::test]
async fn an_upload_streams_a_local_file() {
    let (server, client) =
        with_ok(r#"{"ok":true,"result":{"message_id":1,"document":{"file_id":"NEW"}}}"#).await;
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "the content").expect("written");
    let caption = Html::new().bold("c").for_caption();
    let upload = Upload {
        class: FileClass::Document,
        path: file.path(),
        name: "my \"name\".pdf",
        caption: Some(&caption),
        keyboard: Some(&keyboard()),
    };
    let sent = client.send_file_bytes(CHAT, Some(7), &upload).await.expect("sent");
    assert_eq!(sent.file_id.as_deref(), Some("NEW"));
    let body = &server.asked()[0].body;
    for part in ["the content", "name=\"document\"; filename=\"my \\\"name\\\".pdf\"", "<b>c</b>"] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

fn document(path: &std::path::Path) -> Upload<'_> {
    Upload { class: FileClass::Document, path, name: "a.bin", caption: None, keyboard: None }
}

#[tokio::test]
async fn a_file_too_large_to_send_is_not_sent() {
    let (server, client) = with_ok(MESSAGE).await;
    let client = client.with_upload_limit(10);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "11 letters.").expect("written");
    let error =
        client.send_file_bytes(CHAT, None, &document(file.path())).await.expect_err("large");
    assert!(matches!(error, TelegramError::TooLarge { size: 11, limit: 10, .. }), "{error}");
    assert_eq!(error.decision(), Decision::BadContent);
    assert!(server.asked().is_empty());

    std::fs::write(file.path(), "10 letters").expect("written");
    client.send_file_bytes(CHAT, None, &document(file.path())).await.expect("sent");
}

fn impatient(url: &str) -> TelegramClient {
    let token = BotToken::parse(CANARY).expect("a token");
    let short = Duration::from_millis(100);
    let timeouts = Timeouts { connect: short, read: short, request: Duration::from_mins(1) };
    TelegramClient::new(token, url, Lane::File, timeouts).expect("a client")
}

/// The server takes the connection, and no byte of what is sent.
#[tokio::test]
async fn an_upload_that_stands_still_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let client = impatient(&format!("http://{}", listener.local_addr().expect("bound")));
    let file = tempfile::NamedTempFile::new().expect("a file");
    // More than the system's buffers take.
    file.as_file().set_len(64 << 20).expect("a hole");
    let error =
        client.send_file_bytes(CHAT, None, &document(file.path())).await.expect_err("hangs");
    assert!(matches!(error, TelegramError::Timeout { .. }), "{error}");
    assert_eq!(error.decision(), Decision::InDoubt);
    drop(listener);
}

/// Nobody takes connections any more, and the queue of the system is full: a SYN is not answered.
#[tokio::test]
async fn a_connection_that_hangs_is_given_up_and_the_next_call_is_served() {
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let listener = socket.listen(1).expect("listens");
    let address = listener.local_addr().expect("bound");
    let mut queued = Vec::new();
    let patience = Duration::from_millis(100);
    while let Ok(connected) =
        tokio::time::timeout(patience, tokio::net::TcpStream::connect(address)).await
    {
        queued.push(connected.expect("taken"));
    }
    let client = impatient(&format!("http://{address}"));
    let error = client.get_me().await.expect_err("hangs");
    assert!(matches!(error, TelegramError::Connect { .. }), "{error}");
    assert_eq!(error.decision(), Decision::RetryLater);

    for _ in queued {
        listener.accept().await.expect("accepted");
    }
    let me = r#"{"ok":true,"result":{"id":4242,"username":"a_bot"}}"#;
    let server = TestServer::serve(listener, vec![Reply::Json(200, me)]);
    client.get_me().await.expect("served");
    assert!(!server.asked().is_empty());
}
