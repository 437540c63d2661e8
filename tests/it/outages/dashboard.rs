//! The dashboard while the database is away: it shows what is known, says how old that is, lets in
//! who has entered, and does nothing.

use serde_json::json;

use super::behind_a_proxy;
use crate::support::bot::{ADAM, free_address};
use crate::support::proxy::Mode;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dashboard_outlives_the_database() {
    let listen = free_address().to_string();
    let (mut bot, proxy) = behind_a_proxy(&[("web.listen", &listen)]).await;
    let visitor = bot.visitor(ADAM).await;
    let mut listener = visitor.listen().await;
    let known =
        listener.sees("figures of the store", |state| !state["store_age_s"].is_null()).await;
    assert_eq!(known["queues"][0]["queue"], "default");

    bot.expect_error("database is away");
    proxy.set(Mode::Stall);
    let away = listener
        .sees("figures that grow old", |state| {
            state["store_age_s"].as_f64().is_some_and(|age| age > 5.0)
        })
        .await;
    assert_eq!(away["queues"], known["queues"], "what was known is shown");
    assert_eq!(visitor.get("/api/v1/me").await.0, 200);
    let (status, answer) = visitor.act("queue_pause", "default").await;
    assert_eq!((status, answer), (503, json!({"error": "database"})));

    proxy.set(Mode::Pass);
    listener
        .sees("fresh figures", |state| state["store_age_s"].as_f64().is_some_and(|age| age < 3.0))
        .await;
    bot.until("an action to be done again", async |_| {
        visitor.act("queue_resume", "default").await.0 != 503
    })
    .await;
    bot.finish().await;
}
