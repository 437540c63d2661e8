//! `primelingo init`, and the way from the `.env` of another bot to an answer.

use super::{CONFIG, Ground, mode};
use crate::support::bot::{ANN, BORIS};
use crate::support::place::Place;

/// Token, database, Redis, language: the defaults but for the token.
fn answers(token: &str) -> String {
    format!("{token}\n\n\n\n")
}

fn link_of(text: &str) -> String {
    let word = text.split_whitespace().find(|word| word.contains("?start=own_"));
    let link = word.unwrap_or_else(|| panic!("no link in {text}"));
    link.split_once("?start=").unwrap().1.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_nothing_to_an_owner() {
    let ground = Ground::new().await;
    let token = ground.simulator.token().to_owned();
    let said = ground.run(&["init"], &answers(&token));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!format!("{said:?}").contains(&token), "{said:?}");
    assert!(!ground.read(".env").contains(&token));
    for (name, expected) in [(".env", 0o600), ("secrets", 0o700), ("secrets/bot_token", 0o600)] {
        assert_eq!(mode(&ground.path(name)), expected, "{name}");
    }
    let payload = link_of(&said.output);
    let process = ground.start().await;
    ground.say(BORIS, "/start own_00000000000000000000000000000000", "использована").await;
    ground.say(ANN, &format!("/start {payload}"), "You are an owner").await;
    ground.say(ANN, "/audit", "(?i)role").await;
    // It is used up, for others and for her.
    ground.say(BORIS, &format!("/start {payload}"), "использована").await;
    ground.say(BORIS, "/broadcast", "(?i)администратор").await;
    ground.say(ANN, &format!("/start {payload}"), "an owner already").await;
    process.terminate();

    // Once more: all is there, and nothing is asked or written.
    let before = ground.read(".env");
    let said = ground.run(&["init"], "\n\n\n");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(ground.read(".env"), before);
    assert!(!said.output.contains("?start=own_"), "there is an owner: {said:?}");
    let said = ground.run(&["users", "owner-code"], "");
    assert_ne!(link_of(&said.output), payload);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_is_refused_and_nothing_is_written() {
    let ground = Ground::new().await;
    for (token, expected) in [
        ("canary", "that is not a bot token"),
        ("42:canary-canary-canary", "Telegram does not know this token"),
        ("", "that is not a bot token"),
    ] {
        let said = ground.run(&["init"], &answers(token));
        assert_eq!(said.code, CONFIG, "{said:?}");
        assert!(said.errors.contains(expected), "{said:?}");
        assert!(!said.errors.contains("canary"), "{said:?}");
        assert!(!ground.path(".env").exists() && !ground.path("secrets").exists());
    }
    let said = ground.run(&["init", "--yes"], "");
    assert_eq!(said.code, CONFIG, "a token has no default: {said:?}");
    assert!(said.errors.contains("set BOT_TOKEN, or BOT_TOKEN_FILE"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_that_would_be_refused() {
    let ground = Ground::new().await;
    let token = ground.simulator.token().to_owned();
    for owner in ["0", "-7"] {
        let owner = format!("--owner={owner}");
        let said = ground.run(&["init", "--offline", &owner], &answers(&token));
        assert_eq!(said.code, CONFIG, "{said:?}");
        assert!(said.errors.contains("access.owners"), "{said:?}");
        assert!(!ground.path(".env").exists() && !ground.path("secrets").exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_the_environment_is_told_to_stay_there() {
    let mut ground = Ground::new().await;
    let token = ground.simulator.token().to_owned();
    ground.environment.push(("BOT_TOKEN", token));
    let said = ground.run(&["init", "--yes", "--offline"], "");
    assert_eq!(said.code, Some(0), "{said:?}");
    let words = "the token is not written down: it comes from BOT_TOKEN in the environment";
    assert!(said.errors.contains(words), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telegram_that_is_away_is_told_with_the_way_around() {
    let mut ground = Ground::new().await;
    ground.environment[0].1 = "http://127.0.0.1:9".to_owned();
    let said = ground.run(&["init"], &answers("42:canary-canary-canary"));
    assert_eq!(said.code, Some(69), "{said:?}");
    assert!(said.errors.contains("--offline") && !said.errors.contains("canary"), "{said:?}");
    let said =
        ground.run(&["init", "--offline", "--owner", "7"], &answers("42:canary-canary-canary"));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(ground.read(".env").contains("BOT_OWNERS=7"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_told_and_the_files_are_kept() {
    let ground = Ground::new().await;
    let token = ground.simulator.token().to_owned();
    let url = "postgresql://me:canary@127.0.0.1:9/none";
    let said = ground.run(&["init"], &format!("{token}\n{url}\n\n\n"));
    assert_eq!(said.code, Some(69), "{said:?}");
    assert!(said.errors.contains("primelingo users owner-code"), "{said:?}");
    assert!(!format!("{said:?}{}", ground.read(".env")).contains("canary"), "{said:?}");
    assert_eq!(mode(&ground.path("secrets/database_url")), 0o600);
    assert_eq!(ground.read("secrets/database_url").trim(), url);
}

/// The `.env` that bots in Python have, comments at the end of a line included.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_dotenv_of_another_bot_to_an_answer() {
    let ground = Ground::new().await;
    let Place::Postgres(database) = Place::postgres() else { unreachable!() };
    let url = url::Url::parse(&database.url).unwrap();
    let dotenv = format!(
        "POSTGRES_HOST={}\nPOSTGRES_PORT={}\nPOSTGRES_USER={}\nPOSTGRES_PASSWORD={}\n\
         POSTGRES_DB={}\nPOSTGRES_POOL_SIZE=4\nPOSTGRES_MAX_OVERFLOW=4\n# Or use full URL\n\
         REDIS_PASSWORD=  # Optional\nBOT_TOKEN={}  # from @BotFather\n",
        url.host_str().unwrap(),
        url.port().unwrap(),
        url.username(),
        url.password().unwrap_or("x"),
        url.path().trim_start_matches('/'),
        ground.simulator.token(),
    );
    ground.write(".env", &dotenv);
    let said = ground.run(&["init", "--yes"], "");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(ground.read(".env"), dotenv, "all was there");
    let payload = link_of(&said.output);
    let process = ground.start().await;
    ground.say(ANN, &format!("/start {payload}"), "You are an owner").await;
    ground.say(BORIS, "/help", "(?i)что я умею").await;
    process.terminate();
}
