//! Bodies that are slow, large, packed or nonsense, heads that never end, and crowds of them.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::{ALERTS_TOKEN, connect, figure, get, head_of_post, hear_out, next_head, start, talk};
use crate::support::bot::{ANN, Bot, PATIENCE, update};
use crate::support::tell;

/// Connections that stand still at the same time, on each listener.
const CROWD: usize = 300;

/// Heads and bodies may take a second here.
const IMPATIENT: [(&str, &str); 3] =
    [("web.body_limit_kb", "64"), ("web.body_timeout_s", "1"), ("web.request_timeout_s", "1")];

/// A letter now and then, for ever; what the server says in the end.
async fn drip(mut stream: TcpStream, first: String, letter: &'static [u8]) -> u16 {
    stream.write_all(first.as_bytes()).await.unwrap();
    let (mut reads, mut writes) = stream.into_split();
    let dripping = tokio::spawn(async move {
        let mut tick = tokio::time::interval(Duration::from_millis(40));
        loop {
            tick.tick().await;
            if writes.write_all(letter).await.is_err() {
                return;
            }
        }
    });
    let mut heard = Vec::new();
    let reading = tokio::io::AsyncReadExt::read_to_end(&mut reads, &mut heard);
    tokio::time::timeout(PATIENCE, reading).await.expect("the server has enough").ok();
    dripping.abort();
    super::answers(&heard).first().expect("an answer").status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_slow_is_told_so_and_let_go() {
    let mut bot = start(&IMPATIENT).await;
    let (public, admin) = (bot.public_address().unwrap(), bot.dashboard_address());
    let enter = format!(
        "POST /dashboard/enter HTTP/1.1\r\nHost: {admin}\r\nOrigin: null\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nkey="
    );
    let act = format!(
        "POST /api/v1/actions HTTP/1.1\r\nHost: {admin}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/json\r\nContent-Length: 900\r\n\r\n{{"
    );
    let alerts = format!(
        "POST /webhooks/alertmanager HTTP/1.1\r\nHost: {admin}\r\n\
         Authorization: Bearer {ALERTS_TOKEN}\r\nContent-Length: 900\r\n\r\n{{"
    );
    let chunked = head_of_post("Transfer-Encoding: chunked\r\n");
    let cases: [(&str, std::net::SocketAddr, String, &[u8]); 8] = [
        ("a body of the webhook", public, head_of_post("Content-Length: 900\r\n"), b" "),
        ("one in chunks", public, chunked, b"1\r\n \r\n"),
        ("a form's body", admin, enter, b"0"),
        ("an action's body", admin, act, b" "),
        ("alerts", admin, alerts, b" "),
        ("a head of the pages", admin, "GET /livez HTTP/1.1\r\nX: ".to_owned(), b"a"),
        ("a line of it", admin, "GET /liv".to_owned(), b"e"),
        ("a head of the webhook", public, "POST /telegram/webhook HTTP/1.1\r\n".into(), b"a"),
    ];
    let count = cases.len();
    let mut all = Vec::new();
    for (name, to, first, letter) in cases {
        let stream = connect(to, None).await;
        all.push((name, tokio::spawn(drip(stream, first, letter))));
    }
    for (name, one) in all {
        assert_eq!(one.await.unwrap(), 408, "{name}");
    }
    tell(&format!("{count} slow ways"));
    assert_eq!(figure(&bot, "primelingo_webhook_rejected_total{reason=\"body\"}").await, 2);
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    bot.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_from_one_address_holds_nobody_up() {
    let mut bot = start(&[("web.request_timeout_s", "30")]).await;
    let (public, admin) = (bot.public_address().unwrap(), bot.dashboard_address());
    let mut held = Vec::new();
    for number in 0..CROWD {
        for to in [public, admin] {
            let mut stream = connect(to, None).await;
            // Some say nothing, some begin, some are in the middle of a body that nobody waits for.
            let words = match number % 3 {
                0 => String::new(),
                1 => "POST /telegram/webhook HTTP/1.1\r\nHost: b\r\nX-Telegram".to_owned(),
                _ => "GET /livez HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\n1".to_owned(),
            };
            stream.write_all(words.as_bytes()).await.unwrap();
            held.push(stream);
        }
    }
    for to in [public, admin] {
        assert_eq!(get(to, "/livez", "").await.status, 200);
    }
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    tell(&format!("{} connections held", held.len()));
    drop(held);
    bot.finish().await;
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

fn with_body(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}\r\nConnection: close\r\n{headers}", body.len());
    let mut all = head_of_post(&length).into_bytes();
    all.extend_from_slice(body);
    all
}

fn in_chunks(body: &str) -> Vec<u8> {
    let head = head_of_post("Transfer-Encoding: chunked\r\nConnection: close\r\n");
    format!("{head}{body}").into_bytes()
}

/// Bodies with the right secret: name, bytes, status, whether a row is made of it.
fn bodies() -> Vec<(&'static str, Vec<u8>, u16, bool)> {
    let bomb = packed(&" ".repeat(50_000_000));
    let deep =
        format!("{{\"update_id\":901,\"message\":{}1{}}}", "[".repeat(9_000), "]".repeat(9_000));
    let wide = format!("{{\"update_id\":902,\"message\":{{{}\"z\":1}}}}", "\"a\":1,".repeat(8_000));
    let good = update(903, ANN, "/help").to_string();
    let said = |length: &str| head_of_post(&format!("Content-Length: {length}\r\n")).into_bytes();
    let plain = head_of_post("Content-Length: 2\r\n").replace("application/json", "text/plain");
    let untyped = head_of_post("Content-Length: 2\r\n").replace("Content-Type", "X-Type");
    let spaces = "10000\r\n".to_owned() + &" ".repeat(0x10000) + "\r\n";
    vec![
        ("no body", with_body("", b""), 200, false),
        ("no JSON", with_body("", b"update_id=8"), 200, false),
        ("JSON that breaks off", with_body("", b"{\"update_id\":7"), 200, false),
        ("letters that are none", with_body("", b"\xff\xfe{\"\xff"), 200, false),
        ("NUL", with_body("", b"\0"), 200, false),
        ("nested 9,000 deep", with_body("", deep.as_bytes()), 200, true),
        ("8,000 keys", with_body("", wide.as_bytes()), 200, true),
        ("packed", with_body("Content-Encoding: gzip\r\n", &packed(&good)), 200, false),
        ("a bomb", with_body("Content-Encoding: gzip\r\n", &bomb), 200, false),
        ("said to be packed", with_body("Content-Encoding: br\r\n", good.as_bytes()), 200, true),
        ("said to be too large", said("1000000"), 413, false),
        ("said to be endless", said("18446744073709551615"), 413, false),
        ("a length that is none", said("99999999999999999999"), 400, false),
        ("a negative length", said("-1"), 400, false),
        ("a length in hexadecimal", said("0x10"), 400, false),
        ("too large in chunks", in_chunks(&spaces.repeat(2)), 413, false),
        ("a chunk of 2^64", in_chunks("FFFFFFFFFFFFFFFF1\r\n"), 400, false),
        ("a chunk of no number", in_chunks("xyz\r\n"), 400, false),
        ("a chunk of a negative", in_chunks("-1\r\n"), 400, false),
        ("not JSON by its type", plain.into_bytes(), 415, false),
        ("no type", untyped.into_bytes(), 415, false),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_in_a_body_gets_a_clear_answer() {
    let mut bot = start(&IMPATIENT).await;
    bot.say(ANN, "/start").await;
    let to = bot.public_address().unwrap();
    let (mut rows, cases) = (bot.number("SELECT count(*) FROM updates").await, bodies());
    for (name, bytes, status, is_kept) in &cases {
        let heard = talk(to, bytes).await.expect("an end");
        assert_eq!(super::statuses(&heard), [*status], "{name}");
        rows += i64::from(*is_kept);
        assert_eq!(bot.number("SELECT count(*) FROM updates").await, rows, "{name}");
    }
    tell(&format!("{} bodies", cases.len()));
    still_works(&mut bot).await;
    bot.expect_error("what was posted is no json");
    bot.finish().await;
}

/// A connection that was kept is good for what comes after.
async fn still_works(bot: &mut Bot) {
    let mut stream = connect(bot.public_address().unwrap(), None).await;
    for number in 0..3 {
        let body = update(910 + number, ANN, "/help").to_string();
        let head = head_of_post(&format!("Content-Length: {}\r\n", body.len()));
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let heard = next_head(&mut stream).await;
        assert_eq!((heard.status, heard.header("connection")), (200, None));
    }
    stream.shutdown().await.unwrap();
    assert_eq!(hear_out(&mut stream, PATIENCE).await.map(|it| it.len()), Some(0));
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
}
