//! What the bytes of a request may play: two lengths, odd line ends, odd paths, odd names. Each case
//! ends with the end of the connection, and has exactly the answers that it says: whatever was
//! smuggled in after the first request is never answered.

use std::net::SocketAddr;

use super::{SECRET, TOKEN, start, statuses, talk};
use crate::support::bot::{ANN, Bot};
use crate::support::tell;

/// Which listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Public,
    Admin,
}
use To::{Admin, Public};

/// A name, where it goes, its bytes, the statuses of all answers.
type Case = (&'static str, To, Vec<u8>, Vec<u16>);

/// What somebody would like to have asked in another's name.
const SMUGGLED: &str = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

fn raw(name: &'static str, to: To, text: &str, expected: &[u16]) -> Case {
    (name, to, text.as_bytes().to_vec(), expected.to_vec())
}

/// A POST of the webhook with a smuggled request for its body.
fn posted(name: &'static str, headers: &str, body: &str, expected: &[u16]) -> Case {
    let text = format!(
        "POST /telegram/webhook HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n\
         X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n{headers}\r\n{body}{SMUGGLED}"
    );
    raw(name, Public, &text, expected)
}

/// A GET of the admin listener with these headers.
fn asked(name: &'static str, path: &str, headers: &str, expected: u16) -> Case {
    let text = format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
    raw(name, Admin, &text, &[expected])
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn smuggling() -> Vec<Case> {
    vec![
        posted(
            "length and chunks",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            &[400],
        ),
        posted(
            "chunks and length",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
            "0\r\n\r\n",
            &[400],
        ),
        posted("two lengths", "Content-Length: 4\r\nContent-Length: 9\r\n", "null", &[400]),
        posted(
            "the same length twice",
            "Content-Length: 4\r\nContent-Length: 4\r\n",
            "null",
            &[400],
        ),
        posted("a list of lengths", "Content-Length: 4, 4\r\n", "null", &[400]),
        posted("a length with a sign", "Content-Length: +4\r\n", "null", &[400]),
        posted("a length with a blank", "Content-Length: 4 4\r\n", "null", &[400]),
        posted("a length before its colon", "Content-Length : 4\r\n", "null", &[400]),
        posted("chunks in other letters", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n", &[400]),
        posted("chunks twice", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n", &[400]),
        posted(
            "chunks in two headers",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            "0\r\n\r\n",
            &[400],
        ),
        posted("identity", "Transfer-Encoding: identity\r\nContent-Length: 4\r\n", "null", &[400]),
        posted("packed chunks", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n", &[400]),
        posted(
            "chunks with a tab",
            "Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n",
            "0\r\n\r\n",
            &[400],
        ),
        posted(
            "chunks with a vertical tab",
            "Transfer-Encoding: \u{b}chunked\r\n",
            "0\r\n\r\n",
            &[400],
        ),
        posted("a folded line", "X: a\r\n Transfer-Encoding: chunked\r\n", "", &[400]),
        posted("a line without a colon", "Transfer-Encoding\r\n", "", &[400]),
        posted(
            "a chunk's end by a bare LF",
            "Transfer-Encoding: chunked\r\n",
            "4\nnull\r\n0\r\n\r\n",
            &[400],
        ),
        posted("a bare CR in a header", "X: a\rContent-Length: 4\r\n", "", &[400]),
        posted("NUL in a header", "X: a\0b\r\n", "", &[400]),
        posted("two hosts", "Host: other\r\n", "", &[400]),
        raw(
            "chunks in HTTP/1.0",
            Public,
            &format!(
                "POST /telegram/webhook HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}"
            ),
            &[400],
        ),
        raw("no host", Public, &format!("GET /livez HTTP/1.1\r\n\r\n{SMUGGLED}"), &[400]),
        raw("no version", Public, "GET /livez\r\n\r\n", &[400]),
        raw("version 2 in words", Public, "GET /livez HTTP/2.0\r\nHost: b\r\n\r\n", &[400]),
        raw("HTTP/2 by knowledge", Public, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[400]),
        raw("TLS", Public, "\u{16}\u{3}\u{1}\0\u{5}hello\r\n\r\n", &[400]),
        raw("nonsense", Public, "\r\n\r\n\u{1}\u{2}\u{3}\r\n\r\n", &[400]),
        raw(
            "100 headers",
            Public,
            &format!("GET /livez HTTP/1.1\r\nHost: b\r\n{}\r\n", "A: b\r\n".repeat(100)),
            &[431],
        ),
        raw(
            "a body of a GET",
            Public,
            &format!(
                "GET /livez HTTP/1.1\r\nHost: b\r\nContent-Length: {}\r\n\r\n{SMUGGLED}",
                SMUGGLED.len()
            ),
            &[200],
        ),
        raw(
            "a whole request behind a refused one is one of its own",
            Public,
            &format!(
                "POST /telegram/webhook HTTP/1.1\r\nHost: b\r\nContent-Length: {}\r\n\r\n{SMUGGLED}{SMUGGLED}",
                SMUGGLED.len()
            ),
            &[401, 404],
        ),
        raw(
            "a bare LF ends a line, as RFC 9112 allows",
            Public,
            "GET /livez HTTP/1.1\nHost: b\nConnection: close\n\n",
            &[200],
        ),
        raw(
            "an upgrade",
            Admin,
            "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n",
            &[200],
        ),
        raw(
            "a tunnel",
            Admin,
            "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\nConnection: close\r\n\r\n",
            &[404],
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn paths(admin: SocketAddr) -> Vec<Case> {
    let host = format!("Host: {admin}\r\n");
    let passed_on = format!("{host}X-Forwarded-For: 192.0.2.7\r\n");
    let long = format!("/dashboard/{}", "a".repeat(60_000));
    let longer = format!("/{}", "a".repeat(140_000));
    let query = format!("/livez?{}", "a".repeat(60_000));
    vec![
        asked("plain", "/dashboard", &host, 200),
        asked("two slashes", "//dashboard", &host, 404),
        asked("two slashes in the middle", "/api//v1/me", &host, 404),
        asked("a slash at the end", "/metrics/", &host, 404),
        asked("upwards, encoded", "/%2e%2e/metrics", &host, 404),
        asked("upwards out of a folder", "/dashboard/../metrics", &host, 404),
        asked("upwards behind a semicolon", "/dashboard/..;/metrics", &host, 404),
        asked("a parameter of the path", "/metrics;x=1", &host, 404),
        asked("an encoded slash", "/dashboard%2fapp.js", &host, 404),
        asked("an encoded slash in a name", "/dashboard/..%2f..%2fetc%2fpasswd", &host, 404),
        asked("encoded twice", "/dashboard/%252e%252e%252fetc", &host, 404),
        asked("backslashes", "/dashboard\\..\\metrics", &host, 404),
        asked("encoded backslashes", "/dashboard/..%5c..%5cmetrics", &host, 404),
        asked("NUL in a name", "/dashboard/app.js%00.html", &host, 404),
        asked("a line end in a name", "/dashboard/app.js%0d%0aSet-Cookie:x=1", &host, 404),
        asked("letters that are none", "/dashboard/%ff%fe", &host, 404),
        asked("overlong UTF-8", "/dashboard/%c0%ae%c0%ae/metrics", &host, 404),
        asked("half an escape", "/dashboard/%2", &host, 404),
        asked("other case", "/Metrics", &host, 404),
        asked("a long name", &long, &host, 404),
        asked("a long query", &query, &host, 200),
        raw(
            "a path without end",
            Admin,
            &format!("GET {longer} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
            &[431],
        ),
        raw("a raw NUL", Admin, "GET /dash\0board HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", &[400]),
        raw("a raw blank", Admin, "GET /dash board HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", &[400]),
        raw(
            "no slash",
            Admin,
            "GET metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            &[404],
        ),
        raw(
            "a star",
            Admin,
            "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            &[404],
        ),
        // A whole address in place of the path: the name in it is no door, nor is another host's.
        asked("a whole address", &format!("http://{admin}/metrics"), &passed_on, 401),
        asked("a whole address of others", "http://evil.example/dashboard", &host, 200),
        asked(
            "a whole address, other host",
            &format!("http://{admin}/dashboard"),
            "Host: evil.example\r\n",
            421,
        ),
        // Names of the host.
        asked("another's name", "/dashboard", "Host: evil.example\r\n", 421),
        asked("a name that looks alike", "/dashboard", "Host: 127.0.0.1.evil.example\r\n", 421),
        asked("a user in front", "/dashboard", &format!("Host: {admin}@evil.example\r\n"), 421),
        asked("letters that are none as a name", "/dashboard", "Host: \u{e9}\r\n", 421),
        asked("an empty name", "/dashboard", "Host: \r\n", 421),
        asked(
            "a name that others forward",
            "/dashboard",
            &format!("Host: evil.example\r\nX-Forwarded-Host: {admin}\r\n"),
            421,
        ),
        asked("another's name at the API", "/api/v1/me", "Host: evil.example\r\n", 421),
        asked("a rebound name at the metrics", "/metrics", "Host: evil.example\r\n", 401),
        // Whoever comes through a proxy is not on this machine, whatever a header says.
        asked("on this machine", "/metrics", &host, 200),
        asked("through a proxy", "/metrics", &passed_on, 401),
        asked(
            "that says it is here",
            "/metrics",
            &format!("{host}X-Forwarded-For: 127.0.0.1\r\n"),
            401,
        ),
        asked("in IPv6", "/metrics", &format!("{host}X-Forwarded-For: ::1\r\n"), 401),
        asked(
            "by the standard's header",
            "/metrics",
            &format!("{host}Forwarded: for=127.0.0.1\r\n"),
            401,
        ),
        asked("by nginx's", "/metrics", &format!("{host}X-Real-IP: 127.0.0.1\r\n"), 401),
        asked("twice", "/metrics", &format!("{passed_on}X-Forwarded-For: 127.0.0.1\r\n"), 401),
        asked(
            "with the token",
            "/metrics",
            &format!("{passed_on}Authorization: Bearer {TOKEN}\r\n"),
            200,
        ),
        asked(
            "with two tokens",
            "/metrics",
            &format!("{passed_on}Authorization: Bearer {TOKEN}\r\nAuthorization: Bearer x\r\n"),
            401,
        ),
        asked(
            "with a token for basic",
            "/metrics",
            &format!("{passed_on}Authorization: Basic {TOKEN}\r\n"),
            401,
        ),
        asked("with a token in the query", &format!("/metrics?token={TOKEN}"), &passed_on, 401),
        asked(
            "with the token as a cookie",
            "/metrics",
            &format!("{passed_on}Cookie: primelingo={TOKEN}\r\n"),
            401,
        ),
    ]
}

/// What only the admin listener serves is nothing to the world outside, however it is asked for.
fn outside() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in [
        "/metrics",
        "/dashboard",
        "/dashboard/enter",
        "/api/v1/me",
        "/api/v1/actions",
        "/webhooks/alertmanager",
        "/telegram/webhook/../../metrics",
        "//metrics",
        "/%6detrics",
    ] {
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        );
        cases.push(raw(path, Public, &text, &[404]));
    }
    cases
}

async fn check(bot: &Bot, cases: Vec<Case>) {
    let mut wrong = Vec::new();
    let count = cases.len();
    for (name, to, bytes, expected) in cases {
        let to = match to {
            Public => bot.public_address().unwrap(),
            Admin => bot.dashboard_address(),
        };
        let heard = talk(to, &bytes).await.map(|heard| (statuses(&heard), heard));
        match heard {
            Some((statuses, _)) if statuses == expected => {}
            other => wrong.push(format!("{name}: expected {expected:?}, got {other:?}")),
        }
    }
    tell(&format!("{count} cases"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_smuggled_in_and_no_path_leads_around() {
    // The lock has a test of its own; here each case is looked at for itself.
    let mut bot = start(&[]).await;
    check(&bot, smuggling()).await;
    check(&bot, paths(bot.dashboard_address())).await;
    check(&bot, outside()).await;
    assert_eq!(bot.number("SELECT count(*) FROM updates").await, 0);
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    bot.finish().await;
}
