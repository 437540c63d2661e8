//! The editor's usual steps, and many learners at once, for flows that are about something else.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::bot::{Bot, EDNA};

/// The editor sends a file of `tests/it/data`, and waits until it has been processed.
pub async fn send_and_wait(bot: &mut Bot, name: &str) {
    bot.send_file(EDNA, name).await;
    bot.settle_all().await;
}

/// Answers all questions about the file at hand, up to the review.
pub async fn answer_to_review(bot: &mut Bot, title: &str) {
    bot.say(EDNA, title).await;
    answer_from_section(bot).await;
}

/// The same from the second question on.
async fn answer_from_section(bot: &mut Bot) {
    bot.say(EDNA, "A shelf").await;
    bot.press(EDNA, "Any level").await;
    bot.press(EDNA, "English").await;
    let review = bot.press(EDNA, "Without tags").await;
    assert!(review.text().contains("Please check"), "{}", review.screen());
}

/// Answers all questions about the file at hand and publishes it.
pub async fn answer_all(bot: &mut Bot, title: &str) {
    bot.say(EDNA, title).await;
    answer_all_but_title(bot).await;
}

/// Answers all questions but the first and publishes it.
pub async fn answer_all_but_title(bot: &mut Bot) {
    answer_from_section(bot).await;
    let published = bot.press(EDNA, "Publish").await;
    assert!(published.screen().contains("Published"), "{}", published.screen());
}

/// Many chats write; `reply` tells the simulator which answer belongs to which update.
pub async fn flood(bot: &Bot, updates: u32, users: u32) {
    bot.ctl("flood", floods(updates, users)).await;
}

/// The same, so many a second.
pub async fn steady_flood(bot: &Bot, updates: u32, users: u32, rate: u32) {
    let mut flood = floods(updates, users);
    flood["rate"] = json!(rate);
    bot.ctl("flood", flood).await;
}

fn floods(updates: u32, users: u32) -> Value {
    let mix = json!([{"text": "/search zz{n}", "reply": "“zz{n}”"}]);
    // Longer than another process takes to take over.
    json!({"updates": updates, "users": users, "mix": mix, "idle_s": 30})
}

/// Waits until it is over; gives the simulator's report.
pub async fn flooded(bot: &Bot) -> Value {
    let timed = tokio::time::timeout(Duration::from_mins(2), bot.ctl("flood/wait", json!({})));
    timed.await.expect("the flood to be answered")
}

/// How many of its updates were answered.
pub async fn answered(bot: &Bot) -> u64 {
    bot.ctl("flood", json!({})).await["answered"].as_u64().unwrap_or(0)
}
