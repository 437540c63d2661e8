//! `primelingo config`: what holds, from where, and no secret.

use serde_json::Value;

use super::{CONFIG, Ground};

const DOTENV: &str = "BOT_TOKEN=42:canary\nPOSTGRES_HOST=db\nPOSTGRES_PASSWORD=canary # mine\n\
     REDIS_URL=redis://:canary@cache:6379/0\nBROADCAST_BATCH_SIZE=20\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_tells_what_holds_and_from_where_but_no_secret() {
    let ground = Ground::new().await;
    ground.write(".env", DOTENV);
    let said = ground.run(&["config", "show", "--origin"], "");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!format!("{said:?}").contains("canary"), "{said:?}");
    let line = |name: &str| {
        said.output.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}"))
    };
    assert_eq!(
        line("url = \"postgresql"),
        "url = \"postgresql://postgres:***@db:5432/bot_db\" # POSTGRES_HOST in .env"
    );
    assert!(line("batch_size").ends_with("# BROADCAST_BATCH_SIZE in .env"));
    assert!(line("poll_timeout_s").ends_with("# built-in default"));
    // What is shown without a secret is a configuration file of the same meaning.
    let shown = ground.run(&["config", "show", "broadcast"], "");
    ground.write("shown.toml", &shown.output);
    let again = ground.run(&["--config", "shown.toml", "config", "show", "broadcast"], "");
    assert_eq!(again.output, shown.output);

    let said = ground.run(&["config", "show", "--changed", "--origin", "--output", "json"], "");
    let shown: Value = serde_json::from_str(&said.output).unwrap();
    assert_eq!(shown["broadcast"]["batch_size"]["value"], 20);
    assert_eq!(shown["telegram"]["token"]["value"], "***");
    assert!(shown.get("search").is_none(), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn get_prints_one_value() {
    let ground = Ground::new().await;
    ground.write(".env", DOTENV);
    for (key, value) in [
        ("broadcast.batch_size", "20"),
        ("log.level", "info"),
        ("telegram.token", "***"),
        ("access.owners", "[]"),
    ] {
        let said = ground.run(&["config", "get", key], "");
        assert_eq!((said.code, said.output.trim_end()), (Some(0), value), "{key}");
    }
    let said = ground.run(&["config", "get", "brodcast.batch_size"], "");
    assert_eq!(said.code, CONFIG);
    assert!(said.errors.contains("the nearest is broadcast.batch_size"), "{said:?}");
    let said = ground.run(&["config", "show", "brodcast"], "");
    assert_eq!(said.code, CONFIG);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_needs_no_configuration() {
    let ground = Ground::new().await;
    ground.write(".env", "PRIMELINGO__NO__SUCH=1");
    let said = ground.run(&["config", "schema"], "");
    let schema: Value = serde_json::from_str(&said.output).unwrap();
    assert_eq!(schema["properties"]["web"]["properties"]["body_limit_kb"]["minimum"], 64);
    let said = ground.run(&["config", "schema", "--output", "toml"], "");
    ground.write("all.toml", &said.output);
    ground.write(".env", "");
    let said = ground.run(&["--config", "all.toml", "config", "show"], "");
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_told_with_its_place() {
    let ground = Ground::new().await;
    ground.write(".env", "DATABASE_URL=postgresql+asyncpg://user:canary@host:port/dbname");
    for command in [&["config", "show"][..], &["run"], &["init", "--yes"]] {
        let said = ground.run(command, "");
        assert_eq!(said.code, CONFIG, "{said:?}");
        assert!(said.errors.contains("database.url (from DATABASE_URL in .env)"), "{said:?}");
        assert!(!said.errors.contains("canary"), "{said:?}");
    }
}
