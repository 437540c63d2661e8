//! What is refused, with the real program: it changes nothing in the database, and nothing stands in
//! the audit log.

use primelingo::domain::button::{Action, Holder, Signer};
use primelingo::domain::clock::Timestamp;
use primelingo::domain::ids::{ChatId, UserId};
use primelingo::domain::people::PeopleChange;
use primelingo::domain::role::Role;
use primelingo::domain::session::{Dialog, SCHEMA};
use serde_json::json;

use super::actions::{self, samples};
use super::dialogs::{self, Input};
use super::senders::{GROUP, SENDERS, Sender, Way};
use super::{Rule, commands};
use crate::support::bot::{ADAM, ANN, Backend, Bot, BotOptions, EDNA, now};

/// An owner by configuration.
const OLGA: i64 = 4_001;
/// Somebody who is banned.
const BANNED: i64 = 5_001;
/// Accounts that stand for somebody else; the database makes owners of them, so that a hole shows.
const STAND_INS: [i64; 3] = [777_000, 1_087_968_824, 136_817_688];

/// All that somebody without a right must not change.
const WATCHED: [&str; 15] = [
    "SELECT count(*) FROM audit",
    "SELECT id || role || lang || reachable || coalesce(time_zone, '-') FROM users ORDER BY id",
    "SELECT mark FROM bans",
    "SELECT id || state || title FROM materials",
    "SELECT id || title FROM categories",
    "SELECT id || state FROM broadcasts",
    "SELECT count(*) FROM broadcast_series",
    "SELECT count(*) FROM silences",
    "SELECT count(*) FROM alerts WHERE acked_by IS NOT NULL",
    "SELECT count(*) FROM dashboard_keys",
    "SELECT hash FROM owner_codes",
    "SELECT id || state FROM requests",
    "SELECT count(*) FROM data_exports",
    "SELECT id || kind FROM jobs WHERE kind IN ('export_person', 'erase_person',
         'export_broadcast', 'send_statistics', 'process_upload', 'read_audience')",
    "SELECT tag || body FROM sessions WHERE tag <> 'idle'",
];

async fn watched(bot: &Bot) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for sql in WATCHED {
        let sql = sql.replace("SELECT count(*)", "SELECT CAST(count(*) AS TEXT)");
        all.push(bot.texts(&sql).await);
    }
    all
}

async fn start() -> Bot {
    let options = BotOptions::on(Backend::Sqlite).set("access.owners", &OLGA.to_string());
    let mut bot = Bot::start(options).await;
    for user in [ANN, EDNA, ADAM, OLGA, BANNED] {
        bot.say(user, "/start").await;
    }
    let members = json!({"1001": "member", "4001": "administrator", "5001": "member"});
    let group = json!({"id": GROUP, "title": "Class 9", "members": members});
    bot.ctl("chats", json!({"chats": [group]})).await;
    for user in STAND_INS {
        bot.db.user_set_role(UserId(user), Role::Owner, now()).await.unwrap();
    }
    let ban = PeopleChange::Ban { user: UserId(BANNED), below: Role::Admin };
    assert!(bot.db.people_change(ban, UserId(OLGA), now()).await.unwrap());
    bot
}

fn person(sender: Sender) -> i64 {
    match (sender.ban, sender.role) {
        (Some(_), _) => BANNED,
        (None, Role::Learner) => ANN,
        (None, Role::Editor) => EDNA,
        (None, Role::Admin) => ADAM,
        (None, Role::Owner) => OLGA,
    }
}

/// Whether somebody without a dialog is refused.
fn is_refused(rule: Rule, sender: Sender) -> bool {
    let Sender { role, ban, way, .. } = sender;
    way.is_nobodys()
        || matches!(way, Way::GroupUnnamed | Way::OtherBot)
        || role < rule.least
        || (way.is_group() && rule.private)
        || (way.is_indirect() && rule.own_hand)
        || (ban.is_some() && !rule.while_banned)
}

/// Each command by each kind of sender who may not: some hundreds of messages, and no trace but a word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_commands_change_nothing() {
    let mut bot = start().await;
    let before = watched(&bot).await;
    let mut sent = 0;
    for sender in SENDERS {
        for (command, rule) in commands::COMMANDS {
            if is_refused(*rule, *sender) {
                let content = json!({"text": sender.command(command)});
                let mut update = sender.update(UserId(person(*sender)), &content);
                update.as_object_mut().unwrap().remove("update_id");
                bot.ctl("update", update).await;
                sent += 1;
            }
        }
        bot.settle().await;
        assert_eq!(watched(&bot).await, before, "{}", sender.name);
    }
    assert!(sent > 400, "{sent}");
    let group = bot.screen(GROUP, 999).await;
    assert!(!group.contains("raft") && !group.contains("№"), "nothing of the team's: {group}");
    // The same words from whom they are for do something.
    for (user, command) in
        [(OLGA, "/audit"), (ADAM, "/stats"), (EDNA, "/drafts"), (ADAM, "/users 7")]
    {
        assert!(!bot.say(user, command).await.is_empty(), "{command}");
    }
    bot.finish().await;
}

async fn signed(bot: &Bot, action: Action, (chat, user): (i64, i64)) -> String {
    let stored = bot.db.meta_get_or_set("button_key".to_owned(), String::new()).await.unwrap();
    let key = data_encoding::HEXLOWER.decode(stored.as_bytes()).unwrap().try_into().unwrap();
    let holder = Holder { chat: ChatId(chat), user: UserId(user) };
    Signer::new(key, 42, 90).sign(action, holder, now())
}

/// Each button that takes a role, as a learner presses it who was given it as an editor; each button
/// in a group; and whoever is banned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_buttons_change_nothing() {
    let mut bot = start().await;
    bot.say(BANNED, "hello").await;
    let before = watched(&bot).await;
    let mut pressed = 0;
    for (name, action) in samples() {
        let rule = actions::rule(action);
        let mut ways = Vec::new();
        if rule.least > Role::Learner {
            ways.push((ANN, ANN));
        }
        if rule.least > Role::Editor {
            ways.push((EDNA, EDNA));
        }
        if rule.private {
            ways.push((GROUP, OLGA));
        }
        if !rule.while_banned {
            ways.push((BANNED, BANNED));
        }
        for (chat, user) in ways {
            let data = signed(&bot, action, (chat, user)).await;
            let reply = bot.press_data(user, chat, 5, &data).await;
            let is_banned = user == BANNED;
            let is_silent = is_banned || chat == GROUP;
            assert_eq!(reply.is_empty(), is_silent, "{name} by {user} in {chat}");
            let closed = reply.toast == "The school has closed this bot for you.";
            assert_eq!(closed, is_banned, "{name}: {}", reply.toast);
            pressed += 1;
        }
        assert_eq!(watched(&bot).await, before, "{name}");
    }
    assert!(pressed > 250, "{pressed}");
    bot.finish().await;
}

/// Whoever lost the role in the middle of a dialog is refused whatever they answer, in each state
/// that a dialog may have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_demoted_in_a_dialog_changes_nothing() {
    let mut bot = start().await;
    let learner = SENDERS[0];
    let mut sent = 0;
    for (name, dialog) in dialogs::all() {
        for input in Input::ALL {
            if !is_refused(dialogs::rule(&dialog, input), learner) {
                continue;
            }
            put(&bot, &dialog).await;
            let mut before = watched(&bot).await;
            let mut update = learner.update(UserId(ANN), &input.content());
            update.as_object_mut().unwrap().remove("update_id");
            bot.ctl("update", update).await;
            bot.settle().await;
            let mut after = watched(&bot).await;
            // The question may be closed, and not go on.
            let (asked, asks) = (before.pop().unwrap(), after.pop().unwrap());
            assert!(asks.is_empty() || asks == asked, "{name}, {}: {asks:?}", input.name());
            assert_eq!(after, before, "{name}, {}", input.name());
            sent += 1;
        }
    }
    assert!(sent > 60, "{sent}");
    bot.execute("DELETE FROM sessions").await;
    bot.finish().await;
}

/// A dialog as it was left.
async fn put(bot: &Bot, dialog: &Dialog) {
    let (tag, body) = (dialog.tag(), dialog.encode().unwrap().replace('\'', "''"));
    let later = Timestamp::timestamp_micros(&now()) + 1_000_000_000_000;
    bot.execute(&format!(
        "INSERT INTO sessions (chat_id, user_id, thread_id, tag, body, schema, version, expires_at)
         VALUES ({ANN}, {ANN}, 0, '{tag}', '{body}', {SCHEMA}, 1, {later})
         ON CONFLICT (chat_id, user_id, thread_id) DO UPDATE
         SET tag = excluded.tag, body = excluded.body, version = sessions.version + 1"
    ))
    .await;
}
