//! Settings that are wrong, with a secret in them: what is said of each must not repeat it.

use super::{
    ALERTS_TOKEN, DATABASE_PASSWORD, HEARTBEAT_KEY, PAGES_TOKEN, Stage, WEBHOOK_SECRET,
    WRONG_PASSWORD, program,
};

/// Settings that are wrong, each with a secret in it, from each source.
pub fn made(stage: &mut Stage) {
    let token = stage.bot.simulator.token().to_owned();
    let database = format!("postgresql://u:{DATABASE_PASSWORD}@h:port/name");
    let redis = format!("redis://:{WRONG_PASSWORD}@h:port/0");
    let cases: Vec<(&str, String)> = vec![
        ("BOT_TOKEN", format!("{token} x")),
        ("DATABASE_URL", database.clone()),
        ("DATABASE_URL", format!("postgresql://u:{DATABASE_PASSWORD}@h/n?{WEBHOOK_SECRET}=1")),
        ("DATABASE_URL", format!("mysql://u:{DATABASE_PASSWORD}@h/n")),
        ("PRIMELINGO__REDIS__URL", redis.clone()),
        ("PRIMELINGO__REDIS__URL", format!("http://:{WRONG_PASSWORD}@h/0")),
        ("WEBHOOK_SECRET", format!("{PAGES_TOKEN} {WEBHOOK_SECRET}")),
        ("PRIMELINGO__WEB__LISTEN", PAGES_TOKEN.to_owned()),
        ("PRIMELINGO__WEB__LISTENX", PAGES_TOKEN.to_owned()),
        ("PRIMELINGO__ALERTS__HEARTBEAT_URL", format!("ftp://h/{HEARTBEAT_KEY}")),
        (
            "PRIMELINGO__TELEGRAM__WEBHOOK_URL",
            format!("https://u:{WEBHOOK_SECRET}@h/telegram/webhook"),
        ),
        ("PRIMELINGO__TELEGRAM__API_URL", token.clone()),
        ("PRIMELINGO__RETRY__MAX_RETRIES", PAGES_TOKEN.to_owned()),
        ("PRIMELINGO__LOG__LEVEL", format!("{PAGES_TOKEN}=,=")),
    ];
    for (name, value) in cases {
        for arguments in [&["run"][..], &["doctor"], &["config", "show"]] {
            let folder = tempfile::tempdir().unwrap();
            let said = program(folder.path()).args(arguments).env(name, &value).output().unwrap();
            assert_ne!(said.status.code(), Some(0), "{name} {arguments:?} is wrong");
            stage.keep(
                format!("{arguments:?} with a wrong {name}"),
                [said.stdout, said.stderr].concat(),
            );
        }
    }
    let files = [
        (".env", format!("BOT_TOKEN={token}\nDATABASE_URL {database}\n")),
        (".env", format!("{token}\n")),
        (".env", format!("BOT_TOKEN=\"{token}\n")),
        ("bot.toml", format!("[telegram]\ntoken = \"{token}\n")),
        ("bot.toml", format!("[telegram]\ntoken = {token}\n")),
        ("bot.toml", format!("[telegram]\ntoken = [\"{token}\"]\n")),
        ("bot.toml", format!("[redis]\nurl = \"{redis}\"\nurl = \"{redis}\"\n")),
        ("bot.toml", format!("[web]\n\"{ALERTS_TOKEN}\" = 1\n")),
    ];
    for (number, (name, text)) in files.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
        for command in ["run", "doctor"] {
            let mut program = program(folder.path());
            if name == "bot.toml" {
                program.args(["--config", "bot.toml"]);
            }
            let said = program.arg(command).output().unwrap();
            assert_ne!(said.status.code(), Some(0), "{name} {number} is wrong");
            stage.keep(
                format!("{command} with {name} {number}"),
                [said.stdout, said.stderr].concat(),
            );
        }
    }
}
