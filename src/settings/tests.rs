//! What operators see: which source wins, what is refused and how it is said.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use secrecy::ExposeSecret;
use tempfile::TempDir;
use toml::{Table, Value};

use super::*;

mod secrets;

/// The file that existing installations have, letter for letter.
const EXISTING_DOTENV: &str = "\
POSTGRES_HOST=localhost
POSTGRES_PORT=5432
POSTGRES_USER=postgres
POSTGRES_PASSWORD=postgres
POSTGRES_DB=bot_db
POSTGRES_POOL_SIZE=10
POSTGRES_MAX_OVERFLOW=20
# Or use full URL
DATABASE_URL=postgresql+asyncpg://user:password@host:port/dbname
REDIS_HOST=localhost
REDIS_PORT=6379
REDIS_DB=0
REDIS_PASSWORD=  # Optional
REDIS_URL=redis://localhost:6379/0  # Or use full URL
";

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with_env(pairs: &[(&str, &str)]) -> LoadOptions {
    LoadOptions { env: env(pairs), ..LoadOptions::default() }
}

fn with_dotenv(text: &str) -> LoadOptions {
    LoadOptions { dotenv: Some(DotEnv::Text(text.to_owned())), ..LoadOptions::default() }
}

fn with_overrides(pairs: &[(&str, &str)]) -> LoadOptions {
    LoadOptions { overrides: env(pairs).into_iter().collect(), ..LoadOptions::default() }
}

fn load(options: LoadOptions) -> Loaded {
    Settings::load(options).unwrap()
}

/// The problems as people read them, in the order they were found.
fn problems(options: LoadOptions) -> Vec<String> {
    match Settings::load(options) {
        Err(SettingsError::Invalid(problems)) => problems.iter().map(Problem::to_string).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

fn postgres_url(settings: &Settings) -> &str {
    match &settings.database.url {
        DatabaseUrl::Postgres(url) => url.expose(),
        DatabaseUrl::Sqlite { .. } => panic!("SQLite"),
    }
}

fn exposed(secret: Option<&SecretString>) -> &str {
    secret.map_or("", ExposeSecret::expose_secret)
}

fn file(dir: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn default_keys() -> Vec<(String, String, Value)> {
    let sections: Table = DEFAULT_TOML.parse().unwrap();
    let mut keys = Vec::new();
    for (section, table) in sections {
        for (key, value) in table.as_table().unwrap() {
            keys.push((section.clone(), key.clone(), value.clone()));
        }
    }
    keys
}

#[test]
fn the_defaults_are_complete_and_valid() {
    assert_eq!(Settings::defaults().validate(), []);
    let loaded = load(LoadOptions::default());
    assert_eq!(loaded.warnings, Vec::<String>::new());
    assert!(loaded.origins.values().all(|origin| *origin == Origin::Default));
    assert_eq!(loaded.origins.len(), default_keys().len());
    assert_eq!(loaded.settings.database.url.to_string(), "sqlite:data/primelingo.db");
}

#[test]
fn the_default_file_is_where_each_default_lives() {
    // Unknown keys are refused by serde, so the file has no key that the types lack; here: the
    // types have no default of their own, not even for what is optional.
    for (section, key, _) in default_keys() {
        let mut sections: Table = DEFAULT_TOML.parse().unwrap();
        sections[&section].as_table_mut().unwrap().remove(&key);
        assert!(sections.try_into::<Settings>().is_err(), "{section}.{key} has a second default");
    }
}

#[test]
fn each_default_has_a_comment() {
    let lines: Vec<&str> = DEFAULT_TOML.lines().collect();
    for pair in lines.windows(2) {
        let is_key = pair[1].contains(" = ") && !pair[1].starts_with('#');
        assert!(!is_key || pair[0].starts_with('#'), "no comment above {}", pair[1]);
    }
}

#[test]
fn each_number_has_a_range() {
    for (section, key, value) in default_keys() {
        let key = format!("{section}.{key}");
        let absurd = match value {
            Value::Integer(_) => "4294967295",
            Value::Float(_) => "1e300",
            _ => continue,
        };
        let told = problems(with_overrides(&[(&key, absurd)]));
        assert!(told.iter().any(|text| text.starts_with(&format!("{key} (from"))), "{told:?}");
    }
}

#[test]
fn an_existing_file_works_without_its_placeholder() {
    let text = EXISTING_DOTENV.lines().filter(|line| !line.starts_with("DATABASE_URL"));
    let loaded = load(with_dotenv(&text.collect::<Vec<_>>().join("\n")));
    let settings = &loaded.settings;
    assert_eq!(postgres_url(settings), "postgresql://postgres:postgres@localhost:5432/bot_db");
    assert_eq!(settings.database.pool_max(), 30);
    assert_eq!(exposed(settings.redis.url.as_ref()), "redis://localhost:6379/0");
    let by_host = Origin::DotEnv("POSTGRES_HOST".to_owned());
    assert_eq!(loaded.origins["database.url"], by_host);
    let warning =
        "redis.url and its parts REDIS_DB, REDIS_HOST, REDIS_PORT are both set: the URL wins";
    assert_eq!(loaded.warnings, [warning]);
}

#[test]
fn a_placeholder_is_an_error_not_a_fallback() {
    let told = problems(with_dotenv(EXISTING_DOTENV));
    let expected = "database.url (from DATABASE_URL in .env): expected \
         postgresql://USER@HOST:5432/NAME, but invalid port number; \
         `host` and `port` may be placeholders";
    assert_eq!(told, [expected]);
}

#[test]
fn an_address_wins_over_its_parts_with_one_warning() {
    let loaded = load(with_env(&[
        ("DATABASE_URL", "postgres://u:p@h/n"),
        ("POSTGRES_HOST", "elsewhere"),
        ("POSTGRES_PASSWORD", "canary"),
    ]));
    assert_eq!(postgres_url(&loaded.settings), "postgresql://u:p@h/n");
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    assert!(!loaded.warnings[0].contains("canary"));
}

#[test]
fn parts_without_a_host_leave_sqlite_and_say_so() {
    let loaded = load(with_env(&[("POSTGRES_DB", "n"), ("POSTGRES_HOST", " ")]));
    assert!(matches!(loaded.settings.database.url, DatabaseUrl::Sqlite { .. }));
    assert_eq!(loaded.warnings, ["POSTGRES_DB without POSTGRES_HOST: no effect"]);
}

#[test]
fn bad_parts_are_named() {
    let told = problems(with_env(&[
        ("POSTGRES_HOST", "h"),
        ("POSTGRES_PORT", "port"),
        ("REDIS_HOST", "h"),
        ("REDIS_DB", "first"),
    ]));
    let expected = [
        "database.url (from POSTGRES_PORT in the environment): expected a port, 1 to 65535",
        "redis.url (from REDIS_DB in the environment): expected the number of a database",
    ];
    assert_eq!(told, expected);
}

#[test]
fn redis_parts_make_an_address() {
    let parts = [("REDIS_HOST", "h"), ("REDIS_PORT", "7"), ("REDIS_DB", "3")];
    let mut variables = env(&parts);
    variables.insert("REDIS_PASSWORD".to_owned(), "a/b@c".to_owned());
    let loaded = load(LoadOptions { env: variables, ..LoadOptions::default() });
    assert_eq!(exposed(loaded.settings.redis.url.as_ref()), "redis://:a%2Fb%40c@h:7/3");
}

#[test]
fn each_source_wins_over_the_weaker_ones() {
    let dir = TempDir::new().unwrap();
    let secret = file(&dir, "secret", "5\n");
    let config = "[jobs]\nworkers = 2\nlease_s = 20\nbeat_s = 2\nmax_attempts = 2\nqueue = \"q2\"";
    file(&dir, "test.toml", config);
    let dotenv = "PRIMELINGO_PROFILE=test\nRQ_WORKERS=3\nPRIMELINGO__JOBS__LEASE_S=30
        PRIMELINGO__JOBS__BEAT_S=3\nPRIMELINGO__JOBS__MAX_ATTEMPTS=3";
    let loaded = load(LoadOptions {
        env: env(&[
            ("RQ_WORKERS", "4"),
            ("PRIMELINGO__JOBS__BEAT_S", "4"),
            ("PRIMELINGO__JOBS__MAX_ATTEMPTS", "4"),
            ("PRIMELINGO__JOBS__MAX_ATTEMPTS_FILE", secret.to_str().unwrap()),
        ]),
        dotenv: Some(DotEnv::Text(dotenv.to_owned())),
        config_dir: dir.path().to_owned(),
        overrides: vec![("jobs.workers".to_owned(), "6".to_owned())],
        ..LoadOptions::default()
    });
    let origin = |key: &str| loaded.origins[key].clone();
    let jobs = &loaded.settings.jobs;
    assert_eq!((jobs.workers, origin("jobs.workers")), (6, Origin::CommandLine));
    let variable = "PRIMELINGO__JOBS__MAX_ATTEMPTS_FILE".to_owned();
    let by_secret = Origin::SecretFile { variable, path: secret };
    assert_eq!((jobs.max_attempts, origin("jobs.max_attempts")), (5, by_secret));
    let by_env = Origin::Environment("PRIMELINGO__JOBS__BEAT_S".to_owned());
    assert_eq!((jobs.beat_s, origin("jobs.beat_s")), (4, by_env));
    let by_dotenv = Origin::DotEnv("PRIMELINGO__JOBS__LEASE_S".to_owned());
    assert_eq!((jobs.lease_s, origin("jobs.lease_s")), (30, by_dotenv));
    let by_file = Origin::File(dir.path().join("test.toml"));
    assert_eq!((jobs.queue.as_str(), origin("jobs.queue")), ("q2", by_file));
    assert_eq!((jobs.backoff_max_s, origin("jobs.backoff_max_s")), (600, Origin::Default));
}

#[test]
fn a_section_and_key_name_is_stronger_than_a_plain_one() {
    let loaded =
        load(with_env(&[("PRIMELINGO__TIMEOUTS__REQUEST_S", "11"), ("REQUEST_TIMEOUT", "12")]));
    assert_eq!(loaded.settings.timeouts.request().as_secs(), 11);
}

#[test]
fn plain_names_reach_their_settings() {
    let loaded = load(with_env(&[
        ("BOT_TOKEN", "42:abc"),
        ("BOT_API_URL", "http://localhost:8081/"),
        ("BOT_OWNERS", "1, 2 3"),
        ("WEBHOOK_SECRET", "hook"),
        ("FILE_DOWNLOAD_TIMEOUT", "301"),
        ("MAX_RETRIES", "4"),
        ("RETRY_BACKOFF_BASE", "1.5"),
        ("BROADCAST_BATCH_SIZE", "20"),
        ("BROADCAST_DELAY", "2"),
    ]));
    let settings = loaded.settings;
    assert_eq!(settings.require_token().unwrap().expose_secret(), "42:abc");
    assert_eq!(settings.telegram.api_url, "http://localhost:8081");
    assert_eq!(settings.access.owners, [1, 2, 3]);
    assert_eq!(exposed(settings.telegram.webhook_secret.as_ref()), "hook");
    assert_eq!(settings.timeouts.file_download().as_secs(), 301);
    assert_eq!(settings.retry.max_retries, 4);
    assert!((settings.retry.backoff_base - 1.5).abs() < f64::EPSILON);
    assert!((settings.broadcast.rate_per_s() - 10.0).abs() < f64::EPSILON);
    assert_eq!(loaded.warnings, Vec::<String>::new());
}

#[test]
fn names_of_the_old_queue_are_translated_or_named() {
    let loaded = load(with_env(&[
        ("RQ_REDIS_URL", "redis://q/1"),
        ("RQ_QUEUE_NAME", "books"),
        ("RQ_DEFAULT_TIMEOUT", "60"),
        ("RQ_RESULT_TTL", "500"),
        ("RQ_FAILURE_TTL", "-1"),
        ("RQ_MAX_RETRIES", "3"),
        ("RQ_WORKERS", "4"),
        ("RQ_DASHBOARD_PORT", "9181"),
    ]));
    let jobs = &loaded.settings.jobs;
    assert_eq!((jobs.queue.as_str(), jobs.workers, jobs.max_attempts), ("books", 4, 4));
    assert_eq!(jobs.process_timeout().as_secs(), 60);
    assert_eq!((jobs.done_keep_s, jobs.failed_keep_s), (500, 315_360_000));
    assert_eq!(exposed(loaded.settings.redis.url.as_ref()), "redis://q/1");
    assert_eq!(loaded.warnings, ["RQ_DASHBOARD_PORT has no meaning here and is ignored"]);
}

#[test]
fn an_empty_variable_is_not_set() {
    let loaded = load(with_env(&[
        ("BOT_TOKEN", ""),
        ("BOT_OWNERS", "  "),
        ("PRIMELINGO__JOBS__WORKERS", ""),
        ("PRIMELINGO_PROFILE", ""),
    ]));
    assert!(loaded.settings.require_token().is_err());
    assert!(loaded.origins.values().all(|origin| *origin == Origin::Default));
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_one_from_every_source() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "c.toml", "top = 1\n[telegram]\npol_timeout_s = 3\n[log.level]\nx = 1");
    let told = problems(LoadOptions {
        env: env(&[("PRIMELINGO__SEARCH__PAGESIZE", "5"), ("PRIMELINGO__WEB__TOKN_FILE", "/x")]),
        dotenv: Some(DotEnv::Text("PRIMELINGO__LOGS__LEVEL=".to_owned())),
        file: Some(path.clone()),
        overrides: vec![("jobs.worker".to_owned(), "1".to_owned())],
        ..LoadOptions::default()
    });
    let path = path.display();
    let unknown = "unknown key; the nearest is";
    let expected = [
        format!("log.level (from {path}): expected a text"),
        format!("telegram.pol_timeout_s (from {path}): {unknown} telegram.poll_timeout_s"),
        format!("top (from {path}): unknown key"),
        format!("logs.level (from PRIMELINGO__LOGS__LEVEL in .env): {unknown} log.level"),
        format!(
            "search.pagesize (from PRIMELINGO__SEARCH__PAGESIZE in the environment): \
             {unknown} search.page_size"
        ),
        format!(
            "web.tokn_file (from PRIMELINGO__WEB__TOKN_FILE in the environment): \
             {unknown} web.token"
        ),
        format!("jobs.worker (from command line): {unknown} jobs.workers"),
    ];
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), expected.into_iter().collect());
}

#[test]
fn a_reference_in_dotenv_is_warned_about() {
    let loaded = load(with_dotenv("WEBHOOK_SECRET_NOTE=${X}\nBOT_API_URL='http://${HOST}'"));
    let warning = "BOT_API_URL in .env holds ${...}, which is taken literally";
    assert_eq!(loaded.warnings, [warning]);
}

#[test]
fn the_process_gives_its_environment() {
    let options = LoadOptions::from_process(None, Vec::new());
    assert_eq!(options.env.get("CARGO_PKG_NAME").map(String::as_str), Some("primelingo"));
}

#[test]
fn a_slip_in_a_plain_name_is_warned_about() {
    let loaded = load(with_env(&[("BOT_OWNER", "1"), ("PATH", "/bin"), ("REDIS_TLS", "1")]));
    assert_eq!(loaded.warnings, ["BOT_OWNER is ignored; did you mean BOT_OWNERS?"]);
}

#[test]
fn secrets_on_the_command_line_are_warned_of_and_not_shown() {
    let loaded = load(with_overrides(&[
        ("database.url", "postgres://us:canary@host/db"),
        ("redis.url", "redis://host"),
        ("telegram.token", "42:canary-canary-canary-canary-canary-canary"),
    ]));
    let keys: Vec<&str> =
        loaded.warnings.iter().filter_map(|text| text.split(' ').nth(1)).collect();
    assert_eq!(keys, ["database.url", "telegram.token"]);
    assert!(loaded.warnings.iter().all(|text| text.starts_with("--set ")));
    assert!(!loaded.warnings.concat().contains("canary"));
}

#[test]
fn all_bad_values_are_told_at_once_without_secrets() {
    let told = problems(with_env(&[
        ("BOT_TOKEN", "canary"),
        ("BOT_API_URL", "canary"),
        ("BOT_OWNERS", "@canary"),
        ("WEBHOOK_SECRET", "canary canary"),
        ("DATABASE_URL", "canary://canary:canary@canary"),
        ("REDIS_URL", "canary"),
        ("PRIMELINGO__LOG__FORMAT", "canary"),
        ("PRIMELINGO__LOG__LEVEL", "a=b=c"),
        ("PRIMELINGO__WEB__TOKEN", "canary"),
        ("PRIMELINGO__TELEGRAM__POLL_TIMEOUT_S", "51"),
        ("PRIMELINGO__JOBS__BEAT_S", "29"),
        ("PRIMELINGO__OUTBOUND__RATE_PER_S", "nan"),
    ]));
    let keys: BTreeSet<&str> = told.iter().filter_map(|text| text.split(' ').next()).collect();
    let expected = [
        "access.owners",
        "database.url",
        "jobs.beat_s",
        "log.format",
        "log.level",
        "outbound.rate_per_s",
        "redis.url",
        "telegram.api_url",
        "telegram.poll_timeout_s",
        "telegram.token",
        "telegram.webhook_secret",
        "web.token",
    ];
    assert_eq!(keys, expected.into_iter().collect());
    assert_eq!(told.len(), keys.len(), "{told:?}");
    assert!(!told.join(" ").contains("canary"), "{told:?}");
    let range = "telegram.poll_timeout_s (from PRIMELINGO__TELEGRAM__POLL_TIMEOUT_S in the \
         environment): expected 1 to 50, got 51";
    assert!(told.iter().any(|text| text == range), "{told:?}");
}

#[test]
fn an_open_listener_needs_a_token() {
    let open = ("web.listen", "0.0.0.0:8080");
    let told = problems(with_overrides(&[open]));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("web.listen (from command line)"), "{told:?}");
    let loaded = load(with_overrides(&[open, ("web.token", "0123456789abcdef")]));
    assert!(matches!(loaded.settings.web.listen, Listen::At(address) if address.port() == 8080));
    let loaded = load(with_overrides(&[("web.listen", "off")]));
    assert_eq!(loaded.settings.web.listen, Listen::Off);
}

#[test]
fn two_listeners_have_two_addresses() {
    let both = |address| [("web.listen", address), ("web.public_listen", address)];
    let told = problems(with_overrides(&both("127.0.0.1:8099")));
    let expected =
        "web.public_listen (from command line): expected another address than web.listen, or off";
    assert_eq!(told, [expected]);
    for well in ["127.0.0.1:0", "off"] {
        load(with_overrides(&both(well)));
    }
}

#[test]
fn a_variable_that_was_meant_for_us_is_told_of() {
    for (name, meant) in [
        ("PRIMELINGO_TELEGRAM_TOKEN", "did you mean PRIMELINGO__TELEGRAM__TOKEN?"),
        ("PRIMELINGO_TELEGRAM__TOKEN", "did you mean PRIMELINGO__TELEGRAM__TOKEN?"),
        ("PRIMELINGO_TELEGRAM_TOKEN_FILE", "did you mean PRIMELINGO__TELEGRAM__TOKEN_FILE?"),
        ("PRIMELINGO_WEB_PUBLIC_LISTEN", "did you mean PRIMELINGO__WEB__PUBLIC_LISTEN?"),
        ("PRIMELINGO_NOTHING", "settings are named PRIMELINGO__SECTION__KEY"),
    ] {
        let warnings = load(with_env(&[(name, "canary")])).warnings;
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].starts_with(name) && warnings[0].contains(meant), "{warnings:?}");
    }
    let not_ours = ["PRIMELINGO_SERVICE_HOST", "PRIMELINGO_PORT_8080_TCP", "PRIMELINGOS"];
    let warnings = load(with_env(&not_ours.map(|name| (name, "x")))).warnings;
    assert_eq!(warnings, [""; 0]);
}

#[test]
fn a_profile_names_a_file_beside_the_defaults_only() {
    let dir = TempDir::new().unwrap();
    let options = |profile: &str| LoadOptions {
        config_dir: dir.path().to_owned(),
        ..with_env(&[("PRIMELINGO_PROFILE", profile)])
    };
    let missing = Settings::load(options("none")).unwrap_err();
    assert!(missing.to_string().contains("none.toml (from PRIMELINGO_PROFILE)"), "{missing}");
    let outside = Settings::load(options("../etc")).unwrap_err();
    assert!(matches!(outside, SettingsError::Profile { .. }), "{outside}");

    let given = file(&dir, "given.toml", "[search]\npage_size = 7");
    let loaded = load(LoadOptions { file: Some(given), ..options("none") });
    assert_eq!(loaded.settings.search.page_size, 7);
    assert_eq!(loaded.warnings, ["PRIMELINGO_PROFILE has no effect beside --config"]);
}

#[test]
fn a_broken_file_is_named_by_line_without_its_text() {
    let dir = TempDir::new().unwrap();
    let path = file(&dir, "c.toml", "[telegram]\ntoken = canary\n");
    let options = LoadOptions { file: Some(path), ..LoadOptions::default() };
    let error = Settings::load(options).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("c.toml") && text.contains("line 2"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let loaded = load(with_env(&[
        ("BOT_TOKEN", "42:canary"),
        ("WEBHOOK_SECRET", "canary"),
        ("DATABASE_URL", "postgres://u:canary@h/n"),
        ("REDIS_URL", "redis://:canary@h"),
        ("PRIMELINGO__WEB__TOKEN", "canary-canary-canary"),
    ]));
    let text = format!("{loaded:?} {:#?} {:?}", loaded.settings, loaded.shown);
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(loaded.shown["database.url"], "\"postgresql://u:***@h/n\"");
    assert_eq!(loaded.shown["telegram.token"], "\"***\"");
    assert_eq!(loaded.shown["search.page_size"], "5");
}
