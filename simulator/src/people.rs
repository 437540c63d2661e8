//! The people of the chat page: who can be played in the browser, and what the page needs to know
//! of them and of the bot. They become users of the bot's world when they first do something.

use crate::bot::Bot;
use crate::model::{Names, User, UserState};
use crate::util::lang_of;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A person who can be played on the chat page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The Telegram user id, positive.
    pub id: i64,
    pub name: String,
    /// The two-letter language of the person's Telegram.
    #[serde(default = "english")]
    pub language: String,
    /// What the page writes beside the name. The simulator gives it no meaning: a bot learns its
    /// editors and admins from its own settings.
    #[serde(default)]
    pub role: String,
}

fn english() -> String {
    "en".into()
}

impl Person {
    pub fn new(id: i64, name: &str, language: &str, role: &str) -> Person {
        Person { id, name: name.into(), language: language.into(), role: role.into() }
    }

    /// As a user who has not started the bot yet.
    pub fn user(&self) -> User {
        let username = self.name.to_lowercase();
        let usable = username.len() >= 3 && username.bytes().all(|b| b.is_ascii_alphanumeric());
        User {
            state: UserState::NeverStarted,
            lang: lang_of(&self.language),
            names: Some(Box::new(Names {
                first: self.name.clone(),
                last: None,
                username: usable.then_some(username),
            })),
            ..User::new(self.id)
        }
    }
}

/// Two learners, an editor, an admin and the owner.
pub fn default_people() -> Vec<Person> {
    vec![
        Person::new(1001, "Ann", "en", "learner"),
        Person::new(1002, "Boris", "ru", "learner"),
        Person::new(2001, "Edna", "en", "editor"),
        Person::new(3001, "Adam", "ru", "admin"),
        Person::new(4001, "Olga", "uz", "owner"),
    ]
}

/// What the page shows at its start: the bot and the people, with their commands.
pub fn overview(bot: &Bot) -> Value {
    // not under the settings' lock: the world's own locks are taken below
    let people = bot.cfg.read().people.clone();
    let people: Vec<Value> = people.iter().map(|p| person(bot, p)).collect();
    let name = own_text(bot, "MyName", "name", "");
    json!({
        "bot": {
            "id": bot.id, "username": bot.username,
            "name": if name.is_empty() { "Simulated bot".into() } else { name },
        },
        "limits": bot.limits.read().describe(),
        "people": people,
    })
}

fn person(bot: &Bot, p: &Person) -> Value {
    json!({
        "id": p.id, "name": p.name, "language": p.language, "role": p.role,
        "state": bot.user(p.id).map_or(UserState::NeverStarted, |u| u.state),
        "has_chat": bot.with_chat(p.id, false, |_| ()).is_some(),
        "description": own_text(bot, "MyDescription", "description", &p.language),
        "commands": commands(bot, p),
    })
}

/// A text the bot gave itself (setMyName, …), in the person's language or the general one.
fn own_text(bot: &Bot, what: &str, field: &str, language: &str) -> String {
    let texts = bot.misc.lock();
    [language, ""]
        .iter()
        .filter_map(|l| texts.get(&format!("{what}{l}"))?[field].as_str())
        .find(|t| !t.is_empty())
        .unwrap_or_default()
        .to_string()
}

/// The commands the person sees: the narrowest scope wins, and in it the person's language.
fn commands(bot: &Bot, p: &Person) -> Value {
    let mut best: Option<(u8, Value)> = None;
    for (key, list) in &*bot.commands.lock() {
        let Some((scope, language)) = key.rsplit_once('|') else { continue };
        let scope: Value = serde_json::from_str(scope).unwrap_or_default();
        let narrowness = match scope["type"].as_str() {
            Some("chat") if scope["chat_id"].as_i64() == Some(p.id) => 4,
            Some("all_private_chats") => 2,
            Some("default") => 0,
            _ => continue,
        };
        let rank = match language {
            "" => narrowness,
            l if l == p.language => narrowness + 1,
            _ => continue,
        };
        if best.as_ref().is_none_or(|b| b.0 < rank) {
            best = Some((rank, list.clone()));
        }
    }
    best.map_or_else(|| json!([]), |b| b.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_a_user_with_name_and_language() {
        let user = Person::new(9, "Olga", "uz", "owner").user().json();
        assert_eq!(user["first_name"], "Olga");
        assert_eq!(user["username"], "olga");
        assert_eq!(user["language_code"], "uz");
        let user = Person::new(9, "Ольга", "ru", "").user().json();
        assert_eq!(user["first_name"], "Ольга");
        assert!(user["username"].is_null());
    }

    #[test]
    fn only_the_name_and_the_id_are_needed() {
        let p: Person = serde_json::from_str(r#"{"id":5,"name":"Eve"}"#).unwrap();
        assert_eq!(p, Person::new(5, "Eve", "en", ""));
    }
}
