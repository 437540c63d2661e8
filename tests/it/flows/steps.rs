//! The editor's usual steps, for flows that are about something else.

use crate::support::bot::{Bot, EDNA};

/// The editor sends a file of `tests/it/data`, and waits until it has been processed.
pub async fn send_and_wait(bot: &mut Bot, name: &str) {
    bot.send_file(EDNA, name).await;
    bot.settle_all().await;
}

/// Answers all questions about the file at hand, up to the review.
pub async fn answer_to_review(bot: &mut Bot, title: &str) {
    bot.say(EDNA, title).await;
    bot.say(EDNA, "A shelf").await;
    bot.press(EDNA, "Any level").await;
    bot.press(EDNA, "English").await;
    let review = bot.press(EDNA, "Without tags").await;
    assert!(review.text().contains("Please check"), "{}", review.screen());
}

/// Answers all questions about the file at hand and publishes it.
pub async fn answer_all(bot: &mut Bot, title: &str) {
    answer_to_review(bot, title).await;
    let published = bot.press(EDNA, "Publish").await;
    assert!(published.screen().contains("Published"), "{}", published.screen());
}
