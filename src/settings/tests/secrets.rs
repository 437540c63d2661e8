//! Secrets: where they come from, and what is hidden of them.

use super::*;

#[test]
fn secrets_come_from_files() {
    let dir = TempDir::new().unwrap();
    let token = file(&dir, "token", "42:from-file\n");
    let password = file(&dir, "password", "a%b\r\n");
    let loaded = load(with_env(&[
        ("BOT_TOKEN", "42:plain"),
        ("BOT_TOKEN_FILE", token.to_str().unwrap()),
        ("POSTGRES_HOST", "h"),
        ("POSTGRES_PASSWORD_FILE", password.to_str().unwrap()),
    ]));
    assert_eq!(exposed(loaded.settings.telegram.token.as_ref()), "42:from-file");
    assert_eq!(postgres_url(&loaded.settings), "postgresql://postgres:a%25b@h:5432/bot_db");
    assert_eq!(loaded.warnings, ["BOT_TOKEN and BOT_TOKEN_FILE are both set: the file wins"]);

    let empty = file(&dir, "empty", "\n");
    for path in [empty, dir.path().join("none")] {
        let error = Settings::load(with_env(&[("REDIS_PASSWORD_FILE", path.to_str().unwrap())]));
        let text = error.unwrap_err().to_string();
        assert!(text.contains("REDIS_PASSWORD_FILE") && text.contains(path.to_str().unwrap()));
    }
}

#[test]
fn credentials_of_the_service_manager_are_files_of_secrets() {
    let dir = TempDir::new().unwrap();
    file(&dir, "bot_token", "42:handed-over\n");
    file(&dir, "web.token", "0123456789abcdef");
    file(&dir, "POSTGRES_PASSWORD", "p");
    file(&dir, "another", "x");
    let options = with_env(&[
        ("CREDENTIALS_DIRECTORY", dir.path().to_str().unwrap()),
        ("POSTGRES_HOST", "h"),
    ]);
    let loaded = load(options.clone());
    assert_eq!(exposed(loaded.settings.telegram.token.as_ref()), "42:handed-over");
    assert_eq!(exposed(loaded.settings.web.token.as_ref()), "0123456789abcdef");
    assert_eq!(postgres_url(&loaded.settings), "postgresql://postgres:p@h:5432/bot_db");
    assert_eq!(loaded.warnings, ["the credential another names no setting"]);
    let origin = loaded.origins["telegram.token"].to_string();
    assert!(origin.ends_with("bot_token named by the service manager"), "{origin}");

    // A file that the environment names is stronger.
    let own = file(&dir, "own", "42:own\n");
    let mut env = options.env;
    env.insert("BOT_TOKEN_FILE".to_owned(), own.display().to_string());
    let loaded = load(LoadOptions { env, ..LoadOptions::default() });
    assert_eq!(exposed(loaded.settings.telegram.token.as_ref()), "42:own");

    let none = dir.path().join("none");
    let error = Settings::load(with_env(&[("CREDENTIALS_DIRECTORY", none.to_str().unwrap())]));
    assert!(error.unwrap_err().to_string().contains("CREDENTIALS_DIRECTORY"));
}

/// Otherwise each line that says which database it is would say `<redacted>`.
#[test]
fn a_password_that_is_a_word_of_ours_is_not_hidden() {
    let hidden = |password: &str| -> Vec<String> {
        let loaded = load(with_env(&[("POSTGRES_HOST", "h"), ("POSTGRES_PASSWORD", password)]));
        let secrets = loaded.settings.secrets();
        secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
    };
    assert_eq!(hidden("postgres"), ["postgresql://postgres:postgres@h:5432/bot_db"]);
    assert!(hidden("canary").contains(&"canary".to_owned()));
}

/// A value for each setting that is a secret, with a canary in it.
fn canaries() -> Vec<(&'static str, &'static str)> {
    vec![
        ("telegram.token", "7654321:canary-of-the_token-0123"),
        ("telegram.webhook_secret", "canary-of_the-webhook"),
        ("telegram.webhook_url", "https://bot.example.org/telegram/webhook"),
        ("web.public_listen", "127.0.0.1:8443"),
        ("redis.url", "redis://:canary-of%2Fthe-redis@localhost:6379/0"),
        ("web.token", "canary-of-the-pages"),
        ("alerts.webhook_token", "canary-of-the-alerts"),
        ("alerts.heartbeat_url", "https://ping.example.org/canary-of-the-heartbeat"),
        ("database.url", "postgresql://u:canary-of%40the-database@h:5432/n?options=canary"),
    ]
}

#[test]
fn no_debug_of_settings_shows_a_secret() {
    let canaries = canaries();
    for key in super::super::load::SECRET_KEYS {
        let value = canaries.iter().find(|(name, _)| *name == key);
        assert!(value.is_some_and(|(_, value)| value.contains("canary")), "{key} has no canary");
    }
    let loaded = load(with_overrides(&canaries));
    let settings = &loaded.settings;
    let reloaded = loaded.reload(load(with_overrides(&[("web.token", "canary-of-new-pages")])));
    let shown = [
        ("Settings", format!("{settings:?} {settings:#?}")),
        ("Loaded", format!("{loaded:?} {loaded:#?}")),
        ("webhook", format!("{:?}", settings.webhook())),
        ("secrets", format!("{:?}", settings.secrets())),
        ("database", format!("{:?} {}", settings.database.url, settings.database.url)),
        ("reloaded", format!("{reloaded:?}")),
        ("shown", format!("{:?}", loaded.shown)),
    ];
    for (what, text) in shown {
        assert!(!text.contains("canary"), "{what}: {text}");
    }
    // The canaries are there for those who ask for them.
    for word in ["token", "webhook", "redis", "pages", "alerts", "heartbeat", "database"] {
        let all: Vec<_> = settings.secrets();
        assert!(
            all.iter().any(|secret| secret.expose_secret().contains("canary")
                && secret.expose_secret().contains(word)),
            "{word}"
        );
    }
}

#[test]
fn no_error_of_settings_repeats_what_was_written() {
    let mut asked = 0;
    for (key, _) in canaries() {
        for wrong in ["canary", "canary\n", "://canary@", "http://canary:canary@h:port", "[canary]"]
        {
            let loaded = Settings::load(with_overrides(&[(key, wrong)]));
            let said = match loaded {
                Ok(loaded) => format!("{loaded:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            // The path of a webhook is no secret, and shown.
            let is_shown = key == "telegram.webhook_url" || key == "web.public_listen";
            assert!(is_shown || !said.contains("canary"), "{key} = {wrong}: {said}");
            asked += 1;
        }
    }
    let login = Settings::load(with_overrides(&[("telegram.api_url", "https://u:canary@h")]));
    assert!(!format!("{login:?}").contains("canary") && login.is_err());
    assert_eq!(asked, 45);
}

#[test]
fn a_secret_in_the_place_of_a_key_is_not_shown() {
    for (text, shown) in [
        ("[web]\n\"canary+7Qx=\" = 1", "web.<no name> (from"),
        ("[\"canary/7Qx\"]\ntoken = 1", "<no name>"),
        ("[web]\ntokne = 1", "web.tokne (from"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bot.toml");
        std::fs::write(&file, text).unwrap();
        let options = LoadOptions { file: Some(file), ..LoadOptions::default() };
        let told = Settings::load(options).map(drop).unwrap_err().to_string();
        assert!(told.contains(shown) && !told.contains("canary"), "{told}");
    }
}
