//! The dashboard's page in a real browser: signed in by a link, live, silent towards everybody else,
//! and deaf to scripts in what people write.

use serde_json::{Value, json};

use super::dashboard::slow_broadcast;
use crate::support::bot::{ADAM, Backend, Bot, BotOptions};
use crate::support::browser::Browser;
use crate::support::redis::Redis;

flows! {
    both {}
    sqlite {
        the_page_is_live_in_a_browser,
        the_page_fits_a_phone,
        the_page_works_without_redis,
    }
}

const HOSTILE: &str = "&lt;script&gt;document.title = 'hacked'&lt;/script&gt;";

/// Where pictures for the documents go, if somebody wants new ones.
const PICTURES: &str = "PRIMELINGO_PICTURES";

/// A picture of the page as it is.
fn picture(browser: &mut Browser, name: &str) {
    let picture = browser.picture();
    assert!(picture.starts_with(b"\x89PNG"), "no picture");
    if let Some(folder) = std::env::var_os(PICTURES) {
        std::fs::write(std::path::Path::new(&folder).join(name), picture).unwrap();
    }
}

/// A browser in which the admin has entered.
async fn entered(bot: &mut Bot, width: u32, height: u32) -> Browser {
    let link = bot.link(ADAM).await;
    let mut browser = Browser::start(width, height);
    browser.go(&link);
    browser.until("the button", "document.querySelector('form button')");
    browser.eval("document.querySelector('form button').click()");
    browser.until(
        "the dashboard",
        "location.pathname === '/dashboard' && document.readyState === 'complete'",
    );
    browser.until("figures", "document.querySelector('#link').dataset.status === 'live'");
    browser
}

async fn the_page_is_live_in_a_browser(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).dashboard()).await;
    slow_broadcast(&bot, HOSTILE).await;
    let mut browser = entered(&mut bot, 1280, 900).await;

    // A title is text, whatever it says.
    browser.until(
        "the title",
        "document.querySelector('#broadcasts').innerText.includes('<script>document.title')",
    );
    assert_eq!(browser.eval("document.querySelectorAll('#broadcasts script').length"), json!(0));
    assert_ne!(browser.eval("document.title"), json!("hacked"));

    // Figures move.
    browser.eval("window.seen = document.querySelector('#broadcasts').innerText");
    browser
        .until("moving figures", "document.querySelector('#broadcasts').innerText !== window.seen");
    browser.until("actors", "document.querySelector('#p-actors').innerText.includes('poller')");

    picture(&mut browser, "dashboard-broadcast.png");

    // The keyboard reaches what can be done: the first stop leads to the figures.
    browser.eval("document.activeElement.blur()");
    browser.key("Tab");
    assert_eq!(browser.eval("document.activeElement.className"), json!("skip"));
    let reached = browser.eval(
        "[...document.querySelectorAll('#broadcasts button')].every((it) => it.tabIndex >= 0) && \
         document.querySelectorAll('#broadcasts button').length > 0",
    );
    assert_eq!(reached, json!(true), "buttons are buttons");

    let own = format!("http://{}/", bot.dashboard_address());
    let requests = browser.requests();
    assert!(requests.len() > 5, "{requests:?}");
    let foreign: Vec<&String> = requests
        .iter()
        .filter(|url| !url.starts_with(&own) && !url.starts_with("data:") && *url != "about:blank")
        .collect();
    assert!(foreign.is_empty(), "asked elsewhere: {foreign:?}");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");

    bot.db
        .broadcast_control(
            primelingo::domain::ids::BroadcastId(7),
            primelingo::domain::broadcast::Control::Cancel,
            crate::support::bot::now(),
        )
        .await
        .unwrap();
    bot.ctl("faults", json!({"clear": true})).await;
    // The page notices the end, and says so.
    bot.stop().await;
    browser.until("a word of the end", "document.querySelector('#link').dataset.status === 'lost'");
    bot.restart().await;
    browser.until("a new life", "document.querySelector('#link').dataset.status === 'live'");
    bot.finish().await;
}

async fn the_page_fits_a_phone(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend).dashboard()).await;
    let mut browser = entered(&mut bot, 390, 844).await;
    let phone = json!({"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true});
    browser.call("Emulation.setDeviceMetricsOverride", phone);
    browser.until("no scrolling to the side", "document.documentElement.scrollWidth <= 390");
    for lang in ["ru", "uz", "en"] {
        let choose = format!(
            "(() => {{ const it = document.querySelector('#language'); it.value = '{lang}'; \
             it.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
        );
        browser.eval(&choose);
        browser.until(lang, &format!("document.documentElement.lang === '{lang}'"));
        browser.until("no scrolling to the side", "document.documentElement.scrollWidth <= 390");
    }
    picture(&mut browser, "dashboard-phone.png");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    bot.finish().await;
}

async fn the_page_works_without_redis(backend: Backend) {
    let away = Redis::away();
    let options = BotOptions::on(backend).dashboard().set("redis.url", &away.url());
    let mut bot = Bot::start(options).await;
    let visitor = bot.visitor(ADAM).await;
    let is_told = |state: &Value| {
        let mut health = state["health"].as_array().unwrap().iter();
        health.any(|line| line["component"] == "redis" && line["state"] != "up")
    };
    visitor.sees("a dead Redis", is_told).await;
    let mut browser = entered(&mut bot, 1280, 900).await;
    browser.until("a dead Redis", "/redis/i.test(document.querySelector('#now-why').innerText)");
    visitor.done("queue_pause", "default").await;
    visitor.done("queue_resume", "default").await;
    picture(&mut browser, "dashboard-without-redis.png");
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
    bot.finish().await;
}
