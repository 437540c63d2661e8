//! The audit on the dashboard: for owners, from the first entry on, with filters and pages; and whoever
//! was erased is nobody there, too.

use primelingo::domain::ids::UserId;
use primelingo::domain::role::Role;
use serde_json::{Value, json};

use crate::support::bot::{ADAM, Backend, Bot, BotOptions, EDNA, now};
use crate::support::browser::Browser;

flows! {
    both {
        owners_read_the_whole_audit,
    }
    sqlite {
        the_page_of_the_audit_in_a_browser,
    }
}

/// People who were given a role, one after the other, after [`FIRST`].
const FIRST: i64 = 7_000_000;
const MANY: i64 = 60;

const PERSON: i64 = 4_004_004;

/// A bot with an owner, and more entries than one page has.
async fn start(backend: Backend) -> Bot {
    let bot = Bot::start(BotOptions::on(backend).dashboard()).await;
    bot.db.user_set_role(UserId(ADAM), Role::Owner, now()).await.unwrap();
    for id in FIRST..FIRST + MANY {
        bot.db.user_set_role(UserId(id), Role::Editor, now()).await.unwrap();
    }
    bot
}

fn ids(page: &Value) -> Vec<i64> {
    page["lines"].as_array().unwrap().iter().map(|line| line["id"].as_i64().unwrap()).collect()
}

async fn owners_read_the_whole_audit(backend: Backend) {
    let mut bot = start(backend).await;
    assert_eq!(bot.stranger().get("/api/v1/audit").await.0, 401);
    let editor = bot.visitor(EDNA).await;
    assert_eq!(editor.get("/api/v1/audit").await.0, 403, "for owners alone");

    let owner = bot.visitor(ADAM).await;
    let mut seen: Vec<i64> = Vec::new();
    let mut path = "/api/v1/audit".to_owned();
    loop {
        let (status, page) = owner.get(&path).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(ids(&page));
        let Some(next) = page["next"].as_i64() else { break };
        assert_eq!(page["lines"].as_array().unwrap().len(), 50);
        path = format!("/api/v1/audit?before={next}");
    }
    let all = bot.number("SELECT count(*) FROM audit").await;
    assert_eq!(i64::try_from(seen.len()).unwrap(), all, "each once");
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first");

    let (_, by_owner) = owner.get(&format!("/api/v1/audit?actor={ADAM}")).await;
    assert_eq!(by_owner["lines"][0]["action"], "sign_in");
    assert_eq!(by_owner["lines"][0]["person"], ADAM);
    let (_, roles) = owner.get("/api/v1/audit?subject=person&action=set_role&actor=0").await;
    let newest = &roles["lines"][0];
    assert_eq!((&newest["number"], &newest["via"]), (&json!(FIRST + MANY - 1), &json!("cli")));
    assert_eq!(newest["after"], "editor");
    for bad in ["subject=x", "action=x", "actor=x", "limit=5"] {
        assert_eq!(owner.get(&format!("/api/v1/audit?{bad}")).await.0, 400, "{bad}");
    }

    // What an erasure takes away.
    let gone = FIRST + MANY - 1;
    bot.execute(&format!("DELETE FROM pseudonyms WHERE person_id = {gone}")).await;
    let (_, roles) = owner.get("/api/v1/audit?action=set_role").await;
    assert_eq!(roles["lines"][0]["number"], Value::Null);
    assert!(!roles.to_string().contains(&gone.to_string()));
    bot.finish().await;
}

async fn the_page_of_the_audit_in_a_browser(backend: Backend) {
    let mut bot = start(backend).await;
    let hostile = json!({"id": PERSON, "first_name": "<b>Ann</b><script>"});
    bot.ctl("users", json!({"users": [hostile]})).await;
    bot.say(PERSON, "/start").await;
    bot.db.user_set_role(UserId(PERSON), Role::Editor, now()).await.unwrap();
    let link = bot.link(ADAM).await;
    let mut browser = Browser::start(1280, 900);
    browser.go(&link);
    browser.until("the button", "document.querySelector('form button')");
    browser.eval("document.querySelector('form button').click()");
    browser.until("the link", "document.querySelector('#p-audit')?.hidden === false");
    browser.eval("document.querySelector('#audit-all').click()");
    browser.until("entries", "document.querySelectorAll('#lines > li').length === 50");
    let text = browser.text();
    assert!(text.contains("<b>Ann</b><script>"), "a name is text: {text}");

    browser.eval("document.querySelector('#older').click()");
    let count = bot.number("SELECT count(*) FROM audit").await - 50;
    browser
        .until("the rest", &format!("document.querySelectorAll('#lines > li').length === {count}"));
    browser.until("the address", "location.search.includes('before=')");
    assert_eq!(browser.eval("document.querySelector('#older').hidden"), json!(true));

    browser.eval(
        "(() => { document.querySelector('#actor').value = '3001'; \
         document.querySelector('#filter').requestSubmit(); return true; })()",
    );
    browser.until("the filter", "document.querySelector('#lines').dataset.for === 'actor=3001'");
    let shown = browser.eval("document.querySelectorAll('#lines > li').length");
    assert_eq!(shown, json!(1), "the owner has signed in once");
    browser.eval("history.back()");
    browser.until(
        "the way back",
        &format!("document.querySelectorAll('#lines > li').length === {count}"),
    );
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    bot.finish().await;
}
