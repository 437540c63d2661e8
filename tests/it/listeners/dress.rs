//! The headers of every answer of every route, by every method, and that asking changes nothing.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::{ALERTS_TOKEN, Heard, TOKEN, start, talk};
use crate::support::bot::{ADAM, Backend, Bot, BotOptions, SECRET};
use crate::support::tell;

/// Everything that is served, and two that are not: a test compares with the code.
const PUBLIC: [&str; 5] = ["/livez", "/readyz", "/startupz", "/health", "/telegram/webhook"];
const ADMIN: [&str; 17] = [
    "/livez",
    "/readyz",
    "/startupz",
    "/health",
    "/metrics",
    "/webhooks/alertmanager",
    "/dashboard",
    "/dashboard/enter",
    "/dashboard/app.js",
    "/dashboard/none.js",
    "/api/v1/me",
    "/api/v1/state",
    "/api/v1/history",
    "/api/v1/audit",
    "/api/v1/actions",
    "/api/v1/leave",
    "/none",
];
const METHODS: [&str; 9] =
    ["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "DELETE", "PATCH", "BREW"];

/// What stands on every answer.
const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "deny"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// What says who answers, and lets others in.
const NEVER: [&str; 6] = [
    "server",
    "x-powered-by",
    "via",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
];

fn judge(what: &str, heard: &Heard, faults: &mut Vec<String>) {
    let mut say = |fault: &str| faults.push(format!("{what}: {fault}: {heard:?}"));
    for (name, value) in ALWAYS {
        if heard.header(name) != Some(value) {
            say(name);
        }
    }
    for name in NEVER {
        if heard.header(name).is_some() {
            say(name);
        }
    }
    let policy = heard.header("content-security-policy").unwrap_or_default();
    if !policy.contains("default-src 'none'")
        || !policy.contains("frame-ancestors 'none'")
        || policy.contains("unsafe")
    {
        say("policy");
    }
    let cache = heard.header("cache-control").unwrap_or_default();
    let is_kept = what.contains(".js") || what.ends_with("/dashboard");
    if cache != "no-store" && !(is_kept && cache == "no-cache") {
        say("cache");
    }
    let is_named = ["primelingo/", "actix", env!("CARGO_PKG_VERSION")];
    if is_named.iter().any(|word| heard.head.contains(word)) {
        say("a version");
    }
    if let Some(cookie) = heard.header("set-cookie") {
        let has = |part: &str| cookie.contains(part);
        if !(has("httponly") && has("samesite=strict") && has("path=/")) {
            say("cookie");
        }
    }
}

/// One answer to one request.
async fn ask(to: SocketAddr, method: &str, path: &str, headers: &str) -> Heard {
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let heard = talk(to, request.as_bytes()).await.expect("an end");
    assert_eq!(heard.len(), 1, "{method} {path}");
    heard[0].clone()
}

/// What whoever asks brings, from nothing to everything.
fn callers(admin: SocketAddr, cookie: &str) -> [(&'static str, String); 4] {
    let host = format!("Host: {admin}\r\n");
    [
        ("nobody", host.clone()),
        ("a stranger", "Host: evil.example\r\nX-Forwarded-For: 192.0.2.7\r\n".to_owned()),
        (
            "a member",
            format!("{host}Cookie: {cookie}\r\nX-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n"),
        ),
        (
            "a script",
            format!("{host}Authorization: Bearer {TOKEN}\r\nSec-Fetch-Site: same-origin\r\n"),
        ),
    ]
}

/// All rows that a request could have changed.
async fn rows(bot: &Bot) -> i64 {
    bot.number(
        "SELECT (SELECT count(*) FROM updates) + (SELECT count(*) FROM queue_pauses) * 1000 \
         + (SELECT count(*) FROM dashboard_keys) * 1000000 \
         + (SELECT count(*) FROM outbox) * 1000000000",
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_dressed_and_no_question_changes_anything() {
    let mut bot = start(&[]).await;
    let visitor = bot.visitor(ADAM).await;
    let link = bot.link(ADAM).await;
    bot.settle().await;
    let before = rows(&bot).await;
    let (public, admin) = (bot.public_address().unwrap(), bot.dashboard_address());
    let (mut faults, mut seen, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for (who, headers) in callers(admin, &visitor.cookie) {
        for method in METHODS {
            for (to, paths) in [(public, &PUBLIC[..]), (admin, &ADMIN[..])] {
                for path in paths {
                    let heard = ask(to, method, path, &headers).await;
                    judge(&format!("{who} {method} {path}"), &heard, &mut faults);
                    let is_allowed = matches!(method, "GET" | "POST");
                    if !is_allowed && heard.status < 400 {
                        faults.push(format!("{who} {method} {path}: {}", heard.status));
                    }
                    seen.insert(heard.status);
                    count += 1;
                }
            }
        }
    }
    // A link that is only looked at, by whatever method that reads, stays good.
    let path = link.strip_prefix(&visitor.base).unwrap();
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        let heard = ask(admin, method, path, &format!("Host: {admin}\r\n")).await;
        judge(&format!("{method} /dashboard/enter"), &heard, &mut faults);
        assert!(!heard.body.contains("trace"), "{method}: nothing is echoed");
    }
    assert_eq!(rows(&bot).await, before, "asking has changed something");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    for status in [200, 401, 403, 404, 405, 415, 421] {
        assert!(seen.contains(&status), "no answer had {status}: {seen:?}");
    }
    tell(&format!("{count} answers looked at, with {seen:?}"));
    still_good(&bot, &link, admin).await;
    bot.finish().await;
}

/// The ways in and out set their cookies so that no script and no other page has them.
async fn still_good(bot: &Bot, link: &str, admin: SocketAddr) {
    let entered = bot.stranger().enter(link).await;
    assert_eq!(entered.status(), 303);
    let head = format!("{:?}", entered.headers()).to_lowercase();
    for part in ["httponly", "samesite=strict", "nosniff", "no-store", "frame-ancestors"] {
        assert!(head.contains(part), "{part}: {head}");
    }
    assert!(!head.contains("; secure"), "plain http: {head}");
    let posted = format!("Host: {admin}\r\nAuthorization: Bearer {ALERTS_TOKEN}\r\n");
    assert_eq!(ask(admin, "POST", "/webhooks/alertmanager", &posted).await.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_tls_cookies_are_secure_and_browsers_stay_there() {
    let options = BotOptions::on(Backend::Sqlite).set("web.base_url", "https://bot.example.org");
    let mut bot = Bot::start(options.dashboard()).await;
    let link = bot.link(ADAM).await;
    let key = link.split_once("key=").unwrap().1;
    let (admin, body) = (bot.dashboard_address(), format!("key={key}"));
    for (host, is_by_tls) in [("bot.example.org", true), ("127.0.0.1", false)] {
        for path in ["/dashboard", "/api/v1/me", "/dashboard/none"] {
            let heard = ask(admin, "GET", path, &format!("Host: {host}\r\n")).await;
            let strict = heard.header("strict-transport-security");
            assert_eq!(strict.is_some(), is_by_tls, "{host} {path}: {heard:?}");
        }
    }
    let request = format!(
        "POST /dashboard/enter HTTP/1.1\r\nHost: bot.example.org\r\nOrigin: null\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    let heard = talk(admin, request.as_bytes()).await.unwrap().remove(0);
    assert_eq!(heard.status, 303);
    let cookie = heard.header("set-cookie").unwrap();
    for part in ["httponly", "samesite=strict", "secure", "path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(heard.header("strict-transport-security"), Some("max-age=31536000"));
    bot.finish().await;
}

/// A route that is not in the lists above would not have been looked at.
#[test]
fn the_lists_hold_every_route() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let routes = |text: &str| -> Vec<String> {
        text.split(".route(\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect()
    };
    let (pages, own) = (read("dashboard/mod.rs"), routes(&read("mod.rs")));
    let (page, api) = pages.split_once("scope(\"/api/v1\")").unwrap();
    let under = |folder: &str, text: &str| -> Vec<String> {
        routes(text).into_iter().map(|path| format!("{folder}{path}")).collect()
    };
    let mut served = own;
    served.extend(under("/dashboard", page));
    served.extend(under("/api/v1", api));
    assert!(served.len() >= 14, "{served:?}");
    for path in served {
        // A stream goes on; a file stands for all.
        let is_known = ["/api/v1/stream", "/dashboard/{file}"].contains(&path.as_str());
        assert!(is_known || ADMIN.contains(&path.as_str()), "{path} is not looked at");
    }
    for path in routes(&read("public.rs")) {
        assert!(PUBLIC.contains(&path.as_str()), "{path} is not looked at");
    }
}
