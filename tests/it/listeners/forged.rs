//! Calls to the webhook that are not Telegram's: refused before anything of their body is read.

use std::net::SocketAddr;

use super::{SECRET, connect, figure, hear_out, next_head, start};
use tokio::io::AsyncWriteExt as _;

use crate::support::bot::{ANN, PATIENCE};
use crate::support::tell;

/// What the header with the secret is called.
const NAME: &str = "X-Telegram-Bot-Api-Secret-Token";

/// Each announces a large body and sends none of it.
fn cases() -> Vec<(&'static str, String, u16)> {
    let header = |value: &str| format!("{NAME}: {value}\r\n");
    let right = header(SECRET);
    vec![
        ("no secret", String::new(), 401),
        ("an empty one", header(""), 401),
        ("a space", header(" "), 401),
        ("a wrong one", header("x"), 401),
        ("the last letter is missing", header(&SECRET[..SECRET.len() - 1]), 401),
        ("the first letter is missing", header(&SECRET[1..]), 401),
        ("the last letter is another", header("the-secret_of-the-testS"), 401),
        ("one letter more", header(&format!("{SECRET}2")), 401),
        ("twice in one", header(&SECRET.repeat(2)), 401),
        ("a list of two", header(&format!("{SECRET}, {SECRET}")), 401),
        ("two headers, the right one first", format!("{right}{}", header("x")), 401),
        ("two headers, the right one last", format!("{}{right}", header("x")), 401),
        ("two headers, both right", right.repeat(2), 401),
        ("in capitals", header(&SECRET.to_uppercase()), 401),
        ("in quotes", header(&format!("\"{SECRET}\"")), 401),
        ("percent-encoded", header("the%2Dsecret_of-the-tests"), 401),
        ("letters that are none", header("the-secret\u{e9}of"), 401),
        ("very long", header(&"a".repeat(60_000)), 401),
        ("as a bearer", format!("Authorization: Bearer {SECRET}\r\n"), 401),
        ("as a cookie", format!("Cookie: {NAME}={SECRET}\r\n"), 401),
        ("with underlines", format!("{}: {SECRET}\r\n", NAME.replace('-', "_")), 401),
        ("a name that begins so", format!("{NAME}-2: {SECRET}\r\n"), 401),
        // The name of a header has no case, and blanks around a value are none of it: good calls,
        // whose body is waited for, or refused by what it is said to be.
        ("a name in small letters", format!("{}: {SECRET}\r\n", NAME.to_lowercase()), 415),
        ("a name in capitals", format!("{}: {SECRET}\r\n", NAME.to_uppercase()), 415),
        ("blanks around it", header(&format!("  {SECRET}  ")), 415),
    ]
}

/// Says the head alone, and looks at what comes of it.
async fn forge(to: SocketAddr, name: String, head: String, expected: u16) {
    let mut stream = connect(to, None).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    // Nothing of the body was sent: whoever would read it would wait here.
    let heard = next_head(&mut stream).await;
    assert_eq!(heard.status, expected, "{name}");
    assert_eq!(heard.header("connection"), Some("close"), "{name}");
    // And nobody reads it now: the connection ends.
    let rest = hear_out(&mut stream, PATIENCE).await;
    assert_eq!(rest.map(|it| it.len()), Some(0), "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_calls_cost_no_read_of_a_body() {
    let mut bot = start(&[]).await;
    let to = bot.public_address().unwrap();
    let (mut refused, mut all) = (0, Vec::new());
    for length in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        for (name, headers, expected) in cases() {
            let head = format!(
                "POST /telegram/webhook HTTP/1.1\r\nHost: bot\r\nContent-Type: text/plain\r\n\
                 {length}\r\n{headers}\r\n"
            );
            let name = format!("{name}, {length}");
            all.push(tokio::spawn(forge(to, name, head, expected)));
            refused += u64::from(expected == 401);
        }
    }
    let asked = all.len();
    for one in all {
        one.await.unwrap();
    }
    assert_eq!(bot.number("SELECT count(*) FROM updates").await, 0);
    for line in [
        "primelingo_webhook_rejected_total{reason=\"secret\"}",
        "primelingo_auth_failures_total{surface=\"webhook\"}",
    ] {
        assert_eq!(figure(&bot, line).await, refused, "{line}");
    }
    tell(&format!("{asked} forged calls, {refused} of them without the secret"));
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    bot.finish().await;
}
