//! A broadcast from the command to its row: what the admin sees, and what cannot be confirmed.

use primelingo::domain::ids::UserId;
use primelingo::domain::role::Role;
use serde_json::{Value, json};

use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, EDNA, data, now};

flows! {
    both {
        a_planned_broadcast_is_written_down_once,
        a_role_lost_before_the_confirmation,
    }
    sqlite {
        an_album_is_collected_whenever_its_parts_come,
        only_admins_broadcast_and_by_their_own_hand,
        a_planned_broadcast_is_cancelled_from_the_list,
        wrong_answers_are_asked_again,
    }
}

/// A bot that three people have written to; its admin reads English.
async fn school(backend: Backend) -> Bot {
    let mut bot = Bot::start(BotOptions::on(backend)).await;
    bot.say(ANN, "/start").await;
    bot.say(BORIS, "/start").await;
    bot.say(ADAM, "/settings").await;
    bot.press(ADAM, "English").await;
    bot
}

async fn broadcasts(bot: &Bot, condition: &str) -> i64 {
    bot.number(&format!("SELECT count(*) FROM broadcasts WHERE {condition}")).await
}

/// The admin prepares a text for everybody in an hour, up to the review.
async fn prepared(bot: &mut Bot, text: &str) {
    bot.say(ADAM, "/broadcast").await;
    bot.say(ADAM, text).await;
    bot.press(ADAM, "No buttons").await;
    bot.press(ADAM, "Everybody").await;
    bot.press(ADAM, "In an hour").await;
}

async fn a_planned_broadcast_is_written_down_once(backend: Backend) {
    let mut bot = school(backend).await;
    sees!(bot.say(ADAM, "/broadcast").await.screen(), @r"
    📣 New broadcast

    What shall be sent? Send a text, a photo, a video, a file, an album or a poll, or forward a message. {name} in a text becomes each recipient’s first name.
    [✖️ Cancel]
    ");
    let entities = json!([{"type": "bold", "offset": 5, "length": 6}]);
    let text = json!({"user": ADAM, "text": "Dear {name}!", "extra": {"entities": entities}});
    sees!(bot.act("message", text).await.screen(), @r"
    (edited)
    📣 New broadcast
    Message: text with {name}

    Buttons below it? Write each on a line of its own: Title - https://example.org or Title - material 123
    [▶️ No buttons]
    [⬅️ Back] [✖️ Cancel]
    ");
    bot.say(ADAM, "Site - https://example.org/").await;
    sees!(bot.press(ADAM, "Everybody").await.screen(), @r"
    (edited)
    📣 New broadcast
    Message: text with {name}
    Buttons: Site
    To: Everybody, 3 people
    When: At once
    Quiet hours: 22:00–08:00

    When? Choose, or write a time: 18:30, tomorrow 9:00, 25.12 9:00. Your time zone is Asia/Tashkent; to change it, write another, for example Europe/Moscow.
    [At once] [In an hour] [Tomorrow 9:00]
    [✓ Once] [Every day] [Every week]
    [☀️ Quiet hours off]
    [⬅️ Back] [✖️ Cancel]
    ");
    let reviewed = bot.press(ADAM, "In an hour").await;
    let sample = reviewed.messages.iter().find(|message| message["edit_date"].is_null());
    assert_eq!(sample.expect("a sample")["text"], json!("Dear Adam!"));
    let asked = bot.press(ADAM, "🚀 Send").await;
    assert!(asked.text().contains("Send it to 3 people?"), "{}", asked.screen());
    assert_eq!(broadcasts(&bot, "1 = 1").await, 0);
    let data = asked.button_data("Yes, send it");
    let message = asked.only()["message_id"].as_i64().unwrap();
    let sent = bot.press(ADAM, "Yes, send it").await;
    assert!(sent.text().starts_with("🕘 Broadcast is planned"), "{}", sent.screen());

    let twice = bot.press_data(ADAM, ADAM, message, &data).await;
    assert!(twice.text().contains("already been confirmed"), "{}", twice.screen());
    let foreign = bot.press_data(EDNA, ADAM, message, &data).await;
    assert_eq!((foreign.toast.as_str(), foreign.is_empty()), ("This is not your button.", true));
    assert_eq!(broadcasts(&bot, "state = 'scheduled' AND created_by = 3001").await, 1);
    let content = bot.texts("SELECT content FROM broadcasts").await.remove(0);
    let content: Value = serde_json::from_str(&content).unwrap();
    assert_eq!(content["template"], json!("Dear <b>{name}</b>!"));
    assert_eq!(content["buttons"][0]["url"], json!("https://example.org/"));
    let card = "SELECT count(*) FROM broadcasts JOIN outbox ON outbox.id = card_outbox_id";
    assert_eq!(bot.number(card).await, 1, "the card it will be shown on");
    bot.finish().await;
}

async fn a_role_lost_before_the_confirmation(backend: Backend) {
    let mut bot = school(backend).await;
    prepared(&mut bot, "Hello").await;
    bot.press(ADAM, "🚀 Send").await;
    bot.db.user_set_role(UserId(ADAM), Role::Learner, now()).await.unwrap();
    let refused = bot.press(ADAM, "Yes, send it").await;
    assert_eq!(refused.text(), "Only admins may send broadcasts.");
    assert_eq!(broadcasts(&bot, "1 = 1").await, 0);
    let left = bot.say(ADAM, "/cancel").await;
    assert!(left.text().contains("Nothing was sent"), "{}", left.screen());
    bot.finish().await;
}

async fn an_album_is_collected_whenever_its_parts_come(backend: Backend) {
    let mut bot = school(backend).await;
    bot.say(ADAM, "/broadcast").await;
    let photo = || json!({"type": "photo", "path": data("image.jpg"), "name": "image.jpg"});
    let album = json!({"user": ADAM, "album": [photo(), photo(), photo()]});
    bot.act("message", album).await;
    bot.press(ADAM, "By role").await;
    let timed = bot.press(ADAM, "Learners").await;
    assert!(timed.text().contains("an album of 3"), "{}", timed.screen());
    let reviewed = bot.press(ADAM, "At once").await;
    assert_eq!(reviewed.messages.len(), 4, "the album and the card: {}", reviewed.screen());
    assert!(!bot.screen(ADAM, 5).await.contains("paid"), "an album is never paid for");
    bot.press(ADAM, "Cancel").await;
    bot.finish().await;
}

async fn only_admins_broadcast_and_by_their_own_hand(backend: Backend) {
    let mut bot = school(backend).await;
    for user in [ANN, EDNA] {
        let refused = bot.say(user, "/broadcast").await;
        assert_eq!(refused.text(), "Only admins may send broadcasts.");
    }
    let forward = json!({"user": ADAM, "text": "/broadcast", "extra": {"forward_origin": {"type": "hidden_user"}}});
    let refused = bot.act("message", forward).await;
    assert!(refused.text().contains("Forwarded"), "{}", refused.screen());
    bot.say(ADAM, "/broadcast").await;
    let forward = json!({"user": ADAM, "text": "News from elsewhere", "extra": {"forward_origin": {"type": "hidden_user"}}});
    let taken = bot.act("message", forward).await;
    assert!(taken.text().contains("as you sent it"), "{}", taken.screen());
    assert!(bot.say(ADAM, "/help").await.text().contains("/broadcasts"));
    assert!(!bot.say(EDNA, "/help").await.text().contains("/broadcasts"));
    bot.say(ADAM, "/cancel").await;
    bot.finish().await;
}

async fn a_planned_broadcast_is_cancelled_from_the_list(backend: Backend) {
    let mut bot = school(backend).await;
    let none = bot.say(ADAM, "/broadcasts").await;
    assert!(none.text().contains("There have been none yet"), "{}", none.screen());
    prepared(&mut bot, "Hello").await;
    bot.press(ADAM, "🚀 Send").await;
    bot.press(ADAM, "Yes, send it").await;
    let listed = bot.say(ADAM, "/broadcasts").await;
    assert!(listed.text().contains("1. "), "{}", listed.screen());
    let card = bot.press(ADAM, "^1$").await;
    assert!(card.text().starts_with("🕘 Broadcast is planned"), "{}", card.screen());
    bot.press(ADAM, "✖️ Cancel").await;
    assert_eq!(broadcasts(&bot, "state = 'scheduled'").await, 1, "it is asked first");
    let over = bot.press(ADAM, "Yes, cancel it").await;
    assert!(over.text().starts_with("✖️ Broadcast was cancelled"), "{}", over.screen());
    assert_eq!(broadcasts(&bot, "state = 'cancelled' AND done_at IS NOT NULL").await, 1);
    bot.finish().await;
}

async fn wrong_answers_are_asked_again(backend: Backend) {
    let mut bot = school(backend).await;
    bot.say(ADAM, "/broadcast").await;
    let long = format!("{{name}}{}", "x".repeat(4_090));
    let refused = bot.say(ADAM, &long).await;
    assert!(refused.text().contains("it has 4154 characters"), "{}", refused.screen());
    bot.say(ADAM, "Hello").await;
    for (line, hint) in [
        ("Site - javascript:alert(1)", "Line 1: this is no address"),
        ("Book - material 5", "Line 1: there is no such published material"),
    ] {
        let refused = bot.say(ADAM, line).await;
        assert!(refused.text().contains(hint), "{}", refused.screen());
    }
    bot.press(ADAM, "No buttons").await;
    bot.press(ADAM, "By role").await;
    let empty = bot.press(ADAM, "Owners").await;
    assert!(empty.text().contains("There is nobody"), "{}", empty.screen());
    bot.press(ADAM, "Everybody").await;
    let zone = bot.say(ADAM, "moscow").await;
    assert!(zone.text().contains("Your time zone is Europe/Moscow now"), "{}", zone.screen());
    let zones = bot.texts("SELECT time_zone FROM users WHERE id = 3001").await;
    assert_eq!(zones, ["Europe/Moscow"]);
    let past = bot.say(ADAM, "01.01.2020 9:00").await;
    assert!(past.text().contains("This time has passed"), "{}", past.screen());
    bot.say(ADAM, "/cancel").await;
    bot.finish().await;
}
