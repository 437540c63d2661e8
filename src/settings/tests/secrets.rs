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
