//! Whoever guesses is locked out: for what they guess at, by their address, for a minute.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use tokio::io::AsyncWriteExt as _;

use super::{ALERTS_TOKEN, Heard, TOKEN, connect, figure, hear_out, start};
use crate::support::bot::{ADAM, ANN, Bot, PATIENCE, free_address};
use crate::support::tell;

/// Failures that lock.
const TRIES: usize = 10;

/// One of this machine's many addresses.
fn from(number: u8) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::new(127, 0, 7, number), 0))
}

async fn ask(bot: &Bot, from: SocketAddr, request: &str) -> Heard {
    let mut stream = connect(bot.dashboard_address(), Some(from)).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    hear_out(&mut stream, PATIENCE).await.expect("an end").remove(0)
}

/// Something that a secret opens: how it is asked for with a secret, what a wrong and the right one
/// are answered, its label, and what else the same secret opens.
struct Door {
    name: &'static str,
    surface: &'static str,
    ask: fn(&Bot, &str) -> String,
    right: String,
    refused: u16,
    let_in: u16,
}

fn bearer(method: &str, path: &str, secret: &str, bot: &Bot) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: 192.0.2.7\r\n\
         Authorization: Bearer {secret}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        bot.dashboard_address()
    )
}

fn pressed(bot: &Bot, key: &str) -> String {
    let host = bot.dashboard_address();
    format!(
        "POST /dashboard/enter HTTP/1.1\r\nHost: {host}\r\nOrigin: null\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\nkey={key}",
        key.len() + 4
    )
}

fn with_cookie(bot: &Bot, cookie: &str) -> String {
    let host = bot.dashboard_address();
    format!(
        "GET /api/v1/me HTTP/1.1\r\nHost: {host}\r\nCookie: primelingo={cookie}\r\nConnection: close\r\n\r\n"
    )
}

async fn doors(bot: &mut Bot) -> Vec<Door> {
    let link = bot.link(ADAM).await;
    let key = link.split_once("key=").unwrap().1.to_owned();
    let token = TOKEN.to_owned();
    let door = |name, surface, ask, right: &str, refused, let_in| Door {
        name,
        surface,
        ask,
        right: right.to_owned(),
        refused,
        let_in,
    };
    vec![
        door(
            "metrics",
            "metrics",
            |bot, secret| bearer("GET", "/metrics", secret, bot),
            &token,
            401,
            200,
        ),
        door(
            "details of the health",
            "metrics",
            |bot, secret| bearer("GET", "/health", secret, bot),
            &token,
            200,
            200,
        ),
        door(
            "figures",
            "api",
            |bot, secret| bearer("GET", "/api/v1/me", secret, bot),
            &token,
            401,
            200,
        ),
        door(
            "alerts",
            "api",
            |bot, secret| bearer("POST", "/webhooks/alertmanager", secret, bot),
            ALERTS_TOKEN,
            401,
            400,
        ),
        door("keys of links", "dashboard", pressed, &key, 403, 303),
        door("cookies", "dashboard", with_cookie, "", 401, 401),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_guesses_is_locked_out_and_nobody_else() {
    let mut bot = start(&[]).await;
    let visitor = bot.visitor(ADAM).await;
    let doors = doors(&mut bot).await;
    let count = doors.len();
    for (number, door) in (1..).zip(doors) {
        let (guesser, other) = (from(number), from(100 + number));
        let Door { name, surface, ask: request, right, refused, let_in } = door;
        let locks = format!("primelingo_auth_locks_total{{surface=\"{surface}\"}}");
        let failures = format!("primelingo_auth_failures_total{{surface=\"{surface}\"}}");
        let before = (figure(&bot, &locks).await, figure(&bot, &failures).await);
        for tried in 0..TRIES {
            let guess = format!("{tried:032x}");
            let heard = ask(&bot, guesser, &request(&bot, &guess)).await;
            assert_eq!(heard.status, refused, "{name}, guess {tried}");
        }
        for (guess, what) in [("00", "a guess"), (right.as_str(), "even the right one")] {
            let heard = ask(&bot, guesser, &request(&bot, guess)).await;
            assert_eq!(heard.status, 429, "{name}: {what}");
            let pause: u64 = heard.header("retry-after").expect("a time").parse().unwrap();
            assert!((1..=60).contains(&pause), "{name}: {pause}");
        }
        let after = (figure(&bot, &locks).await, figure(&bot, &failures).await);
        let tries = u64::try_from(TRIES).unwrap();
        assert_eq!(after, (before.0 + 1, before.1 + tries + 2), "{name}");
        assert_eq!(ask(&bot, other, &request(&bot, &right)).await.status, let_in, "{name}");
    }
    tell(&format!("{count} doors"));
    // Said once for each, with the address and without what was tried.
    let log = bot.log();
    let told: Vec<&str> =
        log.lines().filter(|line| line.contains("too many wrong secrets")).collect();
    assert_eq!(told.len(), count, "{told:?}");
    for (number, line) in (1..=count).zip(&told) {
        assert!(line.contains(&format!("127.0.7.{number}")), "{line}");
        assert!(!line.contains("00000000"), "{line}");
    }
    // Whoever has entered, from wherever, stays in; and the probes answer those who are locked.
    let cookie = visitor.cookie.strip_prefix("primelingo=").unwrap();
    assert_eq!(ask(&bot, from(6), &with_cookie(&bot, cookie)).await.status, 200);
    let probe = "GET /readyz HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n";
    assert_eq!(ask(&bot, from(1), probe).await.status, 200);
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    bot.finish().await;
}

/// An address of this machine that other machines know, if it has any.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    // Nothing is sent: only the way there is looked up.
    socket.connect(("192.0.2.1", 9)).ok()?;
    let address = socket.local_addr().unwrap().ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// With the table of `bearer`'s own tests, which need no network, for machines that have none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_elsewhere_the_metrics_need_the_token() {
    let port = free_address().port();
    let everywhere = format!("0.0.0.0:{port}");
    let mut bot = start(&[("web.listen", &everywhere)]).await;
    let near = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    assert_eq!(super::get(near, "/metrics", "").await.status, 200);
    if let Some(address) = own_address() {
        let far = SocketAddr::new(address, port);
        let heard = super::get(far, "/metrics", "").await;
        assert_eq!(heard.status, 401, "{far}");
        assert_eq!(heard.header("www-authenticate"), Some("bearer"));
        let claims = "X-Forwarded-For: 127.0.0.1\r\n";
        assert_eq!(super::get(far, "/metrics", claims).await.status, 401);
        assert!(!super::get(far, "/health", "").await.body.contains("checks"));
        let right = format!("Authorization: Bearer {TOKEN}\r\n");
        assert_eq!(super::get(far, "/metrics", &right).await.status, 200);
        tell(&format!("asked from {address}"));
    }
    assert!(bot.say(ANN, "/help").await.text().contains("What I can do"));
    bot.finish().await;
}
