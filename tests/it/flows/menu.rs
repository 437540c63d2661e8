//! Greeting, menu, settings, help, and what needs no library.

use crate::support::bot::{ANN, BORIS, Backend, Bot, BotOptions};

flows! {
    both { start_greets_in_the_users_language, }
    sqlite { }
}

async fn start_greets_in_the_users_language(backend: Backend) {
    let mut bot = Bot::start(BotOptions::on(backend)).await;

    sees!(bot.say(ANN, "/start").await.screen(), @r"
    👋 Hello, Ann!

    This is the school's study library. Type what you are looking for: a title, a topic, or words from inside a book.
    [🔍 Search] [📚 Browse]
    [🆕 New] [⚙️ Settings]
    [❓ Help]
    ");
    sees!(bot.say(BORIS, "/start").await.screen(), @r"
    👋 Здравствуйте, Boris!

    Это учебная библиотека школы. Напишите, что ищете: название, тему или слова из самой книги.
    [🔍 Поиск] [📚 Каталог]
    [🆕 Новинки] [⚙️ Настройки]
    [❓ Помощь]
    ");

    bot.finish().await;
}
