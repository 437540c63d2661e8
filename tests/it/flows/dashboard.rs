//! The dashboard: the way in, what is seen there, and who is kept out.

use primelingo::domain::broadcast::{Audience, Content, DoubtPolicy, NewBroadcast};
use primelingo::domain::ids::{BroadcastId, UserId};
use primelingo::domain::lang::Lang;
use primelingo::domain::role::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::bot::{ADAM, ANN, Backend, Bot, BotOptions, EDNA, Visitor, now};

flows! {
    both {
        a_link_leads_in_once,
        a_running_broadcast_is_seen_in_the_stream,
    }
    sqlite {
        links_are_for_the_team,
        a_link_needs_its_button_pressed,
        whoever_tries_keys_is_not_listened_to,
        only_our_own_names_and_pages_are_answered,
        whoever_loses_the_role_is_out_at_once,
        a_script_sees_with_the_token,
        what_people_write_is_text,
        streams_end_when_the_bot_stops,
        who_did_what_is_for_owners,
        whoever_leaves_is_out,
        the_page_comes_packed_and_is_kept,
    }
}

async fn start(backend: Backend) -> Bot {
    Bot::start(BotOptions::on(backend).dashboard()).await
}

async fn a_link_leads_in_once(backend: Backend) {
    let mut bot = start(backend).await;
    let link = bot.link(ADAM).await;
    let base = format!("http://{}/dashboard/enter?key=", bot.dashboard_address());
    assert!(link.starts_with(&base), "{link}");
    let key = link.strip_prefix(&base).unwrap();
    let stored = bot.texts("SELECT hash FROM dashboard_keys").await;
    assert!(stored.len() == 1 && !stored[0].contains(key), "only a hash is kept: {stored:?}");

    let stranger = bot.stranger();
    assert_eq!(stranger.get("/api/v1/state").await.0, 401);
    assert_eq!(stranger.enter(&link).await.status(), 303);
    assert_eq!(stranger.enter(&link).await.status(), 403, "a link is good once");
    assert_eq!(bot.number("SELECT count(*) FROM dashboard_keys").await, 0);

    let visitor = bot.visitor(ADAM).await;
    let (_, me) = visitor.get("/api/v1/me").await;
    assert_eq!((&me["role"], &me["lang"]), (&json!("operator"), &json!("ru")), "{me}");
    let state = visitor.sees("figures", |state| !state["store_age_s"].is_null()).await;
    for (what, is_there) in [
        ("role", state["role"] == "leader"),
        ("bot", state["bot"].as_str().is_some_and(|bot| !bot.is_empty())),
        ("actors", state["actors"].as_array().unwrap().iter().any(|it| it["name"] == "poller")),
        ("queues", state["queues"][0]["queue"] == "default"),
        ("no audit", state["audit"].is_null()),
    ] {
        assert!(is_there, "{what}: {state:#}");
    }
    let (status, history) = visitor.get("/api/v1/history").await;
    assert_eq!((status, &history["step_s"]), (200, &json!(5)), "{history}");

    // An expired link, and an older one of the same person.
    let first = bot.link(ADAM).await;
    let second = bot.link(ADAM).await;
    assert_eq!(stranger.enter(&first).await.status(), 403, "a new link ends the older one");
    bot.execute("UPDATE dashboard_keys SET expires_at = created FROM (SELECT min(created_at) AS created FROM users) AS u").await;
    assert_eq!(stranger.enter(&second).await.status(), 403, "a link is good for ten minutes");
    bot.finish().await;
}

async fn links_are_for_the_team(backend: Backend) {
    let mut bot = start(backend).await;
    let reply = bot.say(ANN, "/dashboard").await;
    assert!(reply.text().contains("for the school’s team"), "{}", reply.screen());
    let editor = bot.visitor(EDNA).await;
    assert_eq!(editor.get("/api/v1/me").await.1["role"], "viewer");
    assert_eq!(editor.act("queue_pause", "default").await, (403, json!({"error": "role"})));
    bot.finish().await;
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    let reply = bot.say(EDNA, "/dashboard").await;
    assert!(reply.text().contains("switched off"), "{}", reply.screen());
    bot.finish().await;
}

async fn a_link_needs_its_button_pressed(backend: Backend) {
    let mut bot = start(backend).await;
    let link = bot.link(ADAM).await;
    let path = link.strip_prefix(&bot.stranger().base).unwrap();
    let stranger = bot.stranger();
    for _ in 0..3 {
        let page = stranger.request(Method::GET, path).send().await.unwrap();
        assert_eq!(
            (page.status().as_u16(), &page.headers()["cache-control"]),
            (200, &"no-store".parse().unwrap())
        );
        assert!(page.text().await.unwrap().contains("<form method=\"post\""));
    }
    for hostile in ["%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "", "%00", "'onload='x"] {
        let path = format!("/dashboard/enter?key={hostile}");
        let page = stranger.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(page.status(), 403, "{hostile}");
        assert!(!page.text().await.unwrap().contains("alert"), "{hostile}");
    }
    let foreign = stranger
        .request(Method::POST, "/dashboard/enter")
        .header("Sec-Fetch-Site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("key={}", link.split_once("key=").unwrap().1));
    assert_eq!(foreign.send().await.unwrap().status(), 403, "another site presses no button");
    assert_eq!(stranger.enter(&link).await.status(), 303, "nobody has used it up");
    bot.finish().await;
}

async fn whoever_tries_keys_is_not_listened_to(backend: Backend) {
    let mut bot = start(backend).await;
    let good = bot.visitor(ADAM).await;
    let mut stranger = bot.stranger();
    let base = stranger.base.clone();
    for n in 0..10 {
        let link = format!("{base}/dashboard/enter?key={n:032x}");
        assert_eq!(stranger.enter(&link).await.status(), 403);
    }
    let link = bot.link(ADAM).await;
    assert_eq!(stranger.enter(&link).await.status(), 429, "even with a good key");
    stranger.cookie = "primelingo=3001.99999999999.0000000000000000.00".to_owned();
    assert_eq!(stranger.get("/api/v1/me").await.0, 429);
    assert_eq!(good.get("/api/v1/me").await.0, 200, "who has entered is not shut out by others");
    let figures =
        stranger.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(
        figures.contains("primelingo_auth_failures_total{surface=\"dashboard\"} 12"),
        "{figures}"
    );
    bot.finish().await;
}

async fn only_our_own_names_and_pages_are_answered(backend: Backend) {
    let options = BotOptions::on(backend).set("web.base_url", "http://bot.example.org");
    let mut bot = Bot::start(options.dashboard()).await;
    let link = bot.link(ADAM).await;
    assert!(link.starts_with("http://bot.example.org/dashboard/enter?key="), "{link}");
    // The name leads here, through whatever stands in front.
    let here = link.replace("http://bot.example.org", &bot.stranger().base);
    let mut visitor = bot.stranger();
    let entered = visitor.enter(&here).await;
    visitor.cookie = entered.headers()["set-cookie"].to_str().unwrap().to_owned();
    visitor.csrf = visitor.get("/api/v1/me").await.1["csrf"].as_str().unwrap().to_owned();
    assert_eq!(visitor.get_as("bot.example.org", "/api/v1/me").await, 200);
    assert_eq!(visitor.get_as("localhost:9", "/api/v1/me").await, 200);
    for host in ["evil.example", "bot.example.org.evil.example", "bot.example.org:81"] {
        assert_eq!(visitor.get_as(host, "/api/v1/me").await, 421, "{host}");
        assert_eq!(visitor.get_as(host, "/dashboard").await, 421, "{host}");
    }
    forged_requests_are_refused(&visitor).await;
    assert_eq!(bot.number("SELECT count(*) FROM queue_pauses").await, 0);
    let (status, answer) = visitor.act("queue_pause", "default").await;
    assert_eq!(status, 200, "{answer}");
    bot.finish().await;
}

async fn forged_requests_are_refused(visitor: &Visitor) {
    let body = json!({"action": "queue_pause", "target": "default"}).to_string();
    let post = || visitor.request(Method::POST, "/api/v1/actions").body(body.clone());
    let (own, json) = (visitor.base.as_str(), "application/json");
    let cases: [(&str, &[(&str, &str)]); 9] = [
        ("nothing", &[]),
        ("no origin", &[("content-type", json), ("X-CSRF", &visitor.csrf)]),
        (
            "another site",
            &[
                ("content-type", json),
                ("X-CSRF", &visitor.csrf),
                ("Origin", "https://evil.example"),
            ],
        ),
        (
            "said so",
            &[
                ("content-type", json),
                ("X-CSRF", &visitor.csrf),
                ("Origin", own),
                ("Sec-Fetch-Site", "cross-site"),
            ],
        ),
        (
            "a sister",
            &[
                ("content-type", json),
                ("X-CSRF", &visitor.csrf),
                ("Origin", "http://other.example.org"),
                ("Sec-Fetch-Site", "same-site"),
            ],
        ),
        ("hidden", &[("content-type", json), ("X-CSRF", &visitor.csrf), ("Origin", "null")]),
        ("no token", &[("content-type", json), ("Origin", own), ("Sec-Fetch-Site", "same-origin")]),
        ("a wrong token", &[("content-type", json), ("Origin", own), ("X-CSRF", "00")]),
        ("a form", &[("content-type", "text/plain"), ("X-CSRF", &visitor.csrf), ("Origin", own)]),
    ];
    for (what, headers) in cases {
        let request =
            headers.iter().fold(post(), |request, (name, value)| request.header(*name, *value));
        let status = request.send().await.unwrap().status().as_u16();
        let wanted = if what == "a form" { 415 } else { 403 };
        assert_eq!(status, wanted, "{what}");
    }
    for path in ["/api/v1/actions", "/api/v1/leave"] {
        let status = visitor.request(Method::GET, path).send().await.unwrap().status().as_u16();
        assert!(matches!(status, 404 | 405), "no GET changes anything: {path} {status}");
    }
}

async fn whoever_loses_the_role_is_out_at_once(backend: Backend) {
    let mut bot = start(backend).await;
    let visitor = bot.visitor(ADAM).await;
    let mut listener = visitor.listen().await;
    listener.sees("figures", |state| state["at"].is_i64()).await;
    // The role is asked for in the transaction of an action, however fresh the copy is.
    bot.db.user_set_role(UserId(ADAM), Role::Editor, now()).await.unwrap();
    let (status, answer) = visitor.act("queue_pause", "default").await;
    assert_eq!((status, answer), (403, json!({"error": "role"})));
    bot.until("a demoted admin to be a viewer", async |_| {
        visitor.get("/api/v1/me").await.1["role"] == "viewer"
    })
    .await;
    bot.db.user_set_role(UserId(ADAM), Role::Learner, now()).await.unwrap();
    bot.until("a learner to be out", async |_| visitor.get("/api/v1/me").await.0 == 401).await;
    while let Some((name, _)) = listener.next().await {
        assert_eq!(name, "state");
    }
    assert_eq!(bot.number("SELECT count(*) FROM queue_pauses").await, 0);
    bot.finish().await;
}

async fn a_script_sees_with_the_token(backend: Backend) {
    let token = "a-token-of-the-tests";
    let mut bot = Bot::start(BotOptions::on(backend).set("web.token", token).dashboard()).await;
    let stranger = bot.stranger();
    let ask = |token: &str, path: &str| {
        let request = stranger.request(Method::GET, path);
        request.header("authorization", format!("Bearer {token}")).send()
    };
    for path in ["/api/v1/me", "/api/v1/state", "/api/v1/history"] {
        assert_eq!(ask(token, path).await.unwrap().status(), 200, "{path}");
    }
    let act = stranger
        .post("/api/v1/actions", &json!({"action": "queue_pause", "target": "default"}))
        .header("authorization", format!("Bearer {token}"));
    assert_eq!(act.send().await.unwrap().status(), 403, "a script only sees");
    for _ in 0..10 {
        assert_eq!(ask("a-token-of-nobody", "/api/v1/me").await.unwrap().status(), 401);
    }
    assert_eq!(ask("a-token-of-nobody", "/api/v1/me").await.unwrap().status(), 429);
    let right = ask(token, "/api/v1/me").await.unwrap();
    assert_eq!(right.status(), 429, "a lock that the right guess opens is none");
    assert!(right.headers().contains_key("retry-after"));
    bot.say(ANN, "/start").await;
    bot.finish().await;
}

/// A broadcast to so many, as number 7.
pub async fn broadcast(bot: &Bot, people: i64, template: &str) {
    bot.db.people_import(100_000, people, now()).await.unwrap();
    bot.ctl("users", json!({"count": people, "first": 100_000})).await;
    let plan = NewBroadcast {
        id: BroadcastId(7),
        by: UserId(ADAM),
        card: None,
        content: Content::Text { template: template.to_owned(), buttons: Vec::new() },
        audience: Audience::Language { lang: Lang::Uz },
        doubt: DoubtPolicy::Skip,
        quiet: None,
        paid: false,
        start_at: now(),
        slot: None,
    };
    assert!(bot.db.broadcast_create(plan, now()).await.unwrap());
}

/// Each send takes so long that the broadcast is seen on its way.
pub async fn slow_broadcast(bot: &Bot, template: &str) {
    let slow = json!({"latency_before": {"dist": "const", "ms": 400}});
    bot.ctl("faults", json!({"rules": [{"kind": slow, "methods": ["sendMessage"]}]})).await;
    broadcast(bot, 2_000, template).await;
}

async fn a_running_broadcast_is_seen_in_the_stream(backend: Backend) {
    let mut bot = start(backend).await;
    let visitor = bot.visitor(ADAM).await;
    let mut listener = visitor.listen().await;
    slow_broadcast(&bot, "News").await;
    let line = |state: &Value| state["broadcasts"][0].clone();
    let seen = listener
        .sees("a broadcast under way", |state| {
            let line = line(state);
            line["state"] == "running" && line["done"].as_u64().is_some_and(|done| done > 0)
        })
        .await;
    assert_eq!((&line(&seen)["title"], &line(&seen)["id"]), (&json!("News"), &json!("7")));
    assert_eq!(line(&seen)["may"], json!(["pause", "cancel"]));
    listener
        .sees("its rate", |state| line(state)["rate"].as_f64().is_some_and(|rate| rate > 0.0))
        .await;
    visitor.done("broadcast_cancel", "7").await.expect("a way back");
    listener.sees("it held at once", |state| line(state)["state"] == "paused").await;
    listener.sees("its end", |state| line(state)["state"] == "cancelled").await;
    bot.ctl("faults", json!({"clear": true})).await;
    bot.finish().await;
}

async fn what_people_write_is_text(backend: Backend) {
    let mut bot = start(backend).await;
    let name = "</script><script>alert('name')</script>";
    bot.ctl("users", json!({"users": [{"id": ADAM, "first_name": name, "language_code": "en"}]}))
        .await;
    broadcast(&bot, 3, "<b>&lt;script&gt;alert(1)&lt;/script&gt;</b>").await;
    let visitor = bot.visitor(ADAM).await;
    let state = visitor.sees("a broadcast", |state| state["broadcasts"][0]["id"] == "7").await;
    assert_eq!(state["broadcasts"][0]["title"], "<script>alert(1)</script>");
    let answer = visitor.request(Method::GET, "/api/v1/state").send().await.unwrap();
    let headers = answer.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("script-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    bot.finish().await;
}

async fn streams_end_when_the_bot_stops(backend: Backend) {
    let mut bot = start(backend).await;
    let visitor = bot.visitor(ADAM).await;
    let mut listeners = Vec::new();
    for person in [visitor.clone(), bot.visitor(EDNA).await] {
        for _ in 0..20 {
            listeners.push(person.listen().await);
        }
        let crowded = person.request(Method::GET, "/api/v1/stream").send().await.unwrap();
        assert_eq!(crowded.status(), 503, "nobody takes the places of others");
    }
    for listener in &mut listeners {
        listener.sees("figures", |state| state["at"].is_i64()).await;
    }
    let figures =
        visitor.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(figures.contains("primelingo_sse_clients 40"), "{figures}");
    bot.stop().await;
    for mut listener in listeners {
        let mut last = String::new();
        while let Some((name, _)) = listener.next().await {
            last = name;
        }
        assert_eq!(last, "bye");
    }
    assert!(!bot.log().contains("work was still running"), "{}", bot.log());
    // The cookie outlives the restart: its key is the installation's.
    bot.restart().await;
    assert_eq!(visitor.get("/api/v1/me").await.0, 200);
    bot.finish().await;
}

async fn who_did_what_is_for_owners(backend: Backend) {
    let mut bot = start(backend).await;
    let visitor = bot.visitor(ADAM).await;
    for caller in [&visitor, &bot.visitor(EDNA).await] {
        let state = caller.sees("figures", |state| !state["store_age_s"].is_null()).await;
        assert!(state["audit"].is_null(), "{state}");
        let heard = caller.listen().await.sees("figures", |state| state["at"].is_i64()).await;
        assert!(heard["audit"].is_null(), "{heard}");
    }
    bot.db.user_set_role(UserId(ADAM), Role::Owner, now()).await.unwrap();
    let state = visitor.sees("who did what", |state| !state["audit"].is_null()).await;
    assert_eq!(
        (&state["audit"][0]["action"], &state["audit"][0]["via"]),
        (&json!("sign_in"), &json!("web"))
    );
    bot.finish().await;
}

async fn whoever_leaves_is_out(backend: Backend) {
    let mut bot = start(backend).await;
    let visitor = bot.visitor(ADAM).await;
    let mut stream = visitor.listen().await;
    stream.sees("figures", |state| state["at"].is_i64()).await;
    let without = Visitor { csrf: "0".to_owned(), ..visitor.clone() };
    assert_eq!(without.post("/api/v1/leave", &json!({})).send().await.unwrap().status(), 403);
    let left = visitor.post("/api/v1/leave", &json!({})).send().await.unwrap();
    let cookie = left.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("primelingo=;") && cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(visitor.get("/api/v1/me").await.0, 401, "also with a copy of the cookie");
    while stream.next().await.is_some() {}
    bot.stop().await;
    bot.restart().await;
    assert_eq!(visitor.get("/api/v1/me").await.0, 401, "also after a restart");
    // The next link does not let the old pass in again.
    let again = bot.visitor(ADAM).await;
    assert_eq!(again.get("/api/v1/me").await.0, 200);
    assert_eq!(visitor.get("/api/v1/me").await.0, 401);
    bot.finish().await;
}

async fn the_page_comes_packed_and_is_kept(backend: Backend) {
    let bot = start(backend).await;
    let stranger = bot.stranger();
    for path in ["/dashboard", "/dashboard/app.js", "/dashboard/style.css", "/dashboard/words.js"] {
        let ask = || stranger.request(Method::GET, path).header("accept-encoding", "gzip");
        let packed = ask().send().await.unwrap();
        assert_eq!(
            (packed.status().as_u16(), &packed.headers()["content-encoding"]),
            (200, &"gzip".parse().unwrap())
        );
        let tag = packed.headers()["etag"].clone();
        assert!(packed.bytes().await.unwrap().len() > 100);
        let kept = ask().header("if-none-match", tag).send().await.unwrap();
        assert_eq!(kept.status(), 304, "{path}");
    }
    assert_eq!(stranger.get("/dashboard/../etc/passwd").await.0, 404);
    assert_eq!(stranger.get("/dashboard/secrets.js").await.0, 404);
    bot.finish().await;
}
