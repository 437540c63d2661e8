//! People are found, banned and unbanned; owners give and take roles; a ban outlives what is erased.

use primelingo::domain::broadcast::Audience;
use primelingo::domain::button::Action;
use primelingo::domain::ids::UserId;
use primelingo::domain::people::{PeopleAct, PersonDeed};
use primelingo::domain::role::Role;
use primelingo::store::records::FillCursor;
use serde_json::json;

use super::buttons::signed;
use crate::support::bot::{ADAM, ANN, BORIS, Backend, Bot, BotOptions, EDNA, Seed, now};

/// An owner by configuration.
const OLGA: i64 = 4_007;

/// A group.
const GROUP: i64 = -1_001_000_000_010;

flows! {
    both {
        a_ban_shuts_out_and_outlives_what_is_erased,
        owners_give_and_take_roles,
    }
    sqlite {
        ranks_are_kept,
        a_question_counts_for_a_minute_and_for_whoever_was_asked,
        a_copy_of_a_dialog_does_not_outlive_a_ban,
        the_command_line_bans_too,
    }
}

async fn start(backend: Backend) -> Bot {
    let options = BotOptions::on(backend).set("access.owners", &OLGA.to_string());
    Bot::start(options).await
}

/// An admin finds somebody by their number, and bans them.
async fn bans(bot: &mut Bot, admin: i64, user: i64) -> String {
    bot.say(admin, &format!("/users {user}")).await;
    bot.press(admin, "🚫 ").await;
    bot.press(admin, "✅ ").await.screen()
}

async fn audited(bot: &Bot) -> Vec<String> {
    bot.texts(
        "SELECT a.action || ' ' || s.person_id || ' by ' || p.person_id FROM audit a
         JOIN pseudonyms s ON s.pseudonym = a.subject_id
         JOIN pseudonyms p ON p.pseudonym = a.actor
         WHERE a.action IN ('ban', 'unban', 'set_role') ORDER BY a.id",
    )
    .await
}

async fn everybody(bot: &Bot) -> Vec<i64> {
    let slice =
        bot.db.audience_slice(Audience::All, now(), FillCursor::default(), 99).await.unwrap();
    slice.chats.into_iter().map(|(chat, _)| chat.0).collect()
}

async fn a_ban_shuts_out_and_outlives_what_is_erased(backend: Backend) {
    let mut bot = start(backend).await;
    bot.publish(Seed::book("English tenses")).await;
    bot.say(ANN, "/start").await;
    let results = bot.say(ANN, "tenses").await;
    let group = json!({"id": GROUP, "title": "Class 9", "members": {"1001": "member"}});
    bot.ctl("chats", json!({"chats": [group]})).await;
    assert!(everybody(&bot).await.contains(&ANN));

    sees!(bot.say(ADAM, "/users").await.screen(), @r"
    👥 Кого вы ищете? Пришлите номер, @имя или имя. /cancel — отмена.
    [🏠 Меню]
    ");
    let card = bot.say(ADAM, &ANN.to_string()).await.screen();
    sees!(without_time(&card), @r"
    👤 Ann
    ann
    Номер: 1001
    Роль: ученик
    Последний раз: T
    [🚫 Заблокировать]
    [👥 Найти другого] [🏠 Меню]
    ");
    sees!(bot.press(ADAM, "🚫 ").await.screen(), @r"
    (edited)
    🚫 Заблокировать: Ann (1001)? Бот больше не будет отвечать этому человеку и писать ему; роль пропадёт. Об этом будет сказано один раз.

    Ответ принимается 60 секунд.
    [✅ Да, сделать]
    [⬅️ Нет, оставить]
    ");
    let done = bot.press(ADAM, "✅ ").await.screen();
    sees!(without_time(&done), @r"
    (edited)
    🚫 Заблокировано. С этой минуты бот для этого человека закрыт.

    👤 Ann
    ann
    Номер: 1001
    Роль: ученик
    Последний раз: T
    🚫 Заблокирован(а)
    [✅ Разблокировать]
    [👥 Найти другого] [🏠 Меню]
    ");
    assert_eq!(audited(&bot).await, [format!("ban {ANN} by {ADAM}")]);

    is_told_once(&mut bot, &results.button_data("1")).await;
    // What the law gives them works.
    assert!(bot.say(ANN, "/privacy").await.text().contains("What is kept"));
    bot.say(ANN, "/deletemydata").await;
    bot.press(ANN, "Yes, delete").await;
    bot.settle_all().await;
    assert_eq!(bot.number(&format!("SELECT count(*) FROM users WHERE id = {ANN}")).await, 0);
    assert_eq!(bot.number("SELECT count(*) FROM bans").await, 1);

    assert!(bot.say(ANN, "/start").await.is_empty(), "still shut out, and told before");
    assert_eq!(bot.number(&format!("SELECT count(*) FROM users WHERE id = {ANN}")).await, 0);
    bot.say(ADAM, &format!("/users {ANN}")).await;
    bot.press(ADAM, "✅ ").await;
    bot.press(ADAM, "✅ ").await;
    assert_eq!(bot.number("SELECT count(*) FROM bans").await, 0);
    assert!(bot.say(ANN, "/start").await.text().contains("Hello"));
    bot.finish().await;
}

/// Ann is told once that she is banned, whatever comes; then nothing. She has a button from before.
async fn is_told_once(bot: &mut Bot, button: &str) {
    sees!(bot.say(ANN, "tenses").await.screen(), @"🚫 The school has closed this bot for you. If you think that this is a mistake, write to the school. /privacy, /mydata and /deletemydata go on working.");
    for text in ["tenses", "/start", "/help", "/new", "hello"] {
        assert!(bot.say(ANN, text).await.is_empty(), "{text}");
    }
    assert!(bot.send_file(ANN, "minimal-document.pdf").await.is_empty());
    assert!(bot.say_in(GROUP, ANN, "/start@sim42_bot").await.is_empty());
    let pressed = bot.press_data(ANN, ANN, 5, button).await;
    sees!(pressed.screen(), @"(toast) The school has closed this bot for you.");
    let inline = bot.ctl("inline", json!({"user": ANN, "query": "tenses", "wait": true})).await;
    assert_eq!(inline["answer"]["results"].as_array().map(Vec::len), Some(0), "{inline}");
    assert!(!everybody(bot).await.contains(&ANN), "in no audience");
}

/// A screen without the times in it.
fn without_time(screen: &str) -> String {
    let line = |line: &str| match line.split_once(" UTC") {
        Some((before, _)) => {
            let label = before.split(": ").next().unwrap_or_default();
            format!("{label}: T")
        }
        None => line.to_owned(),
    };
    screen.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn owners_give_and_take_roles(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    bot.say(OLGA, "/start").await;
    sees!(bot.say(OLGA, "/admins").await.screen(), @r"
    🔑 People with a role

    User 4007 · 4007 · owner
    (unknown) · 3001 · admin
    (unknown) · 2001 · editor
    [User 4007 · owner]
    [(unknown) · admin]
    [(unknown) · editor]
    [👥 Find another] [🏠 Menu]
    ");
    let card = bot.say(OLGA, &format!("/users {ANN}")).await.screen();
    assert!(card.contains("Make editor") && card.contains("Make owner"), "{card}");
    sees!(bot.press(OLGA, "Make editor").await.screen(), @r"
    (edited)
    🔑 Ann (1001): change the role to “editor”?

    The answer counts for 60 seconds.
    [✅ Yes, do it]
    [⬅️ No, leave it]
    ");
    let done = bot.press(OLGA, "Yes, do it").await.screen();
    assert!(done.contains("Role: editor"), "{done}");
    assert_eq!(bot.db.user_get(UserId(ANN)).await.unwrap().unwrap().role, Role::Editor);
    assert!(bot.say(ANN, "/drafts").await.text().contains("raft"));
    bot.press(OLGA, "Take the role").await;
    bot.press(OLGA, "Yes, do it").await;
    assert_eq!(bot.db.user_get(UserId(ANN)).await.unwrap().unwrap().role, Role::Learner);
    let role = format!("set_role {ANN} by {OLGA}");
    assert_eq!(audited(&bot).await, [role.clone(), role]);
    bot.finish().await;
}

async fn ranks_are_kept(backend: Backend) {
    let mut bot = start(backend).await;
    let second = 3_002;
    bot.db.user_set_role(UserId(second), Role::Admin, now()).await.unwrap();
    // Neither an owner, nor another admin, nor oneself.
    for user in [OLGA, second, ADAM] {
        let card = bot.say(ADAM, &format!("/users {user}")).await.screen();
        assert!(!card.contains("🚫") && !card.contains("🔑"), "{card}");
    }
    // A question was asked, and then they rose.
    bot.say(ADAM, &format!("/users {EDNA}")).await;
    bot.press(ADAM, "🚫 ").await;
    bot.db.user_set_role(UserId(EDNA), Role::Owner, now()).await.unwrap();
    let refused = bot.press(ADAM, "✅ ").await.screen();
    assert!(refused.contains("Владельца нельзя"), "{refused}");
    // A question was asked, and then the admin fell.
    bot.say(ADAM, &format!("/users {BORIS}")).await;
    bot.press(ADAM, "🚫 ").await;
    bot.db.user_set_role(UserId(ADAM), Role::Editor, now()).await.unwrap();
    let refused = bot.press(ADAM, "✅ ").await.screen();
    assert!(refused.contains("только администраторы"), "{refused}");
    assert_eq!(bot.number("SELECT count(*) FROM bans").await, 0);
    // An owner bans an admin, and the role is gone.
    let done = bans(&mut bot, OLGA, second).await;
    assert!(done.contains("Banned. The bot is closed"), "{done}");
    assert_eq!(bot.db.user_get(UserId(second)).await.unwrap().unwrap().role, Role::Learner);
    let given = bot.db.user_set_role(UserId(second), Role::Admin, now()).await;
    assert!(given.is_err(), "whoever is banned gets no role");
    bot.finish().await;
}

async fn a_question_counts_for_a_minute_and_for_whoever_was_asked(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(OLGA, "/start").await;
    bot.say(ADAM, &format!("/users {ANN}")).await;
    let asked = bot.press(ADAM, "🚫 ").await;
    let (data, card) = (asked.button_data("✅ "), asked.only()["message_id"].as_i64().unwrap());
    sees!(bot.press_data(OLGA, OLGA, 5, &data).await.toast, @"This is not your button.");
    bot.press(ADAM, "⬅️ ").await;
    assert_eq!(bot.number("SELECT count(*) FROM bans").await, 0);
    let asked_s = now().timestamp() - 61;
    let late = PeopleAct::Confirm { user: UserId(ANN), deed: PersonDeed::Ban, asked_s };
    let data = signed(&bot, Action::People(late), ADAM, ADAM).await;
    let reply = bot.press_data(ADAM, ADAM, card, &data).await.screen();
    assert!(reply.contains("слишком много времени"), "{reply}");
    assert_eq!(bot.number("SELECT count(*) FROM bans").await, 0);
    bot.finish().await;
}

async fn a_copy_of_a_dialog_does_not_outlive_a_ban(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    bot.say(ANN, "hello").await;
    // By another process, which rings for nobody.
    bot.command(&["users", "ban", &ANN.to_string()]);
    assert!(bot.say(ANN, "hello").await.text().contains("has closed this bot"));
    bot.command(&["users", "unban", &ANN.to_string()]);
    assert!(!bot.say(ANN, "hello").await.is_empty());
    bot.finish().await;
}

async fn the_command_line_bans_too(backend: Backend) {
    let mut bot = start(backend).await;
    bot.say(ANN, "/start").await;
    let said = bot.refused(&["users", "ban", &OLGA.to_string()]);
    assert!(said.contains("access.owners names them"), "{said}");
    bot.db.user_set_role(UserId(EDNA), Role::Owner, now()).await.unwrap();
    let said = bot.refused(&["users", "ban", &EDNA.to_string()]);
    assert!(said.contains("users role 2001 learner"), "{said}");
    bot.command(&["users", "ban", &ANN.to_string()]);
    // Somebody who never wrote.
    bot.command(&["users", "ban", "99"]);
    let said = bot.command(&["users", "ban", "99"]);
    assert!(said.contains("banned already"), "{said}");
    let found = bot.command(&["users", "find", "99"]);
    assert!(found.contains("name unknown") && found.contains("banned"), "{found}");
    let name = bot.texts(&format!("SELECT first_name FROM users WHERE id = {ANN}")).await;
    let found = bot.command(&["users", "find", &name[0], "--output", "json"]);
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found[0]["id"], ANN);
    assert_eq!(found[0]["banned"], true);
    bot.command(&["users", "unban", "99"]);
    assert_eq!(bot.number("SELECT count(*) FROM bans").await, 1);
    let marks = bot.texts("SELECT mark FROM bans").await;
    assert!(!marks[0].contains(&ANN.to_string()));
    bot.finish().await;
}
