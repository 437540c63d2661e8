//! The admin listener is not opened to others without a token: each way to ask for it ends before
//! anything is bound, with exit code 78 and what to set.

use std::process::Command;

use tempfile::TempDir;

use crate::support::tell;

/// What is missing, and the cure.
const NO_TOKEN: &str = "web.token set as well";
const NO_ADDRESS: &str = "expected ip:port, or off";
const SHORT: &str = "16 characters or more";

/// How a setting comes in.
#[derive(Debug, Clone, Copy)]
enum By {
    CommandLine,
    Environment,
    DotEnv,
    File,
}

/// Exit code and errors of a command with this address and token.
fn run(arguments: &[&str], by: By, listen: &str, token: Option<&str>) -> (Option<i32>, String) {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
    command.current_dir(folder.path()).env_clear();
    command.env("BOT_TOKEN", "42:none").env("BOT_API_URL", "http://127.0.0.1:1");
    let token = token.unwrap_or_default();
    match by {
        By::CommandLine => {
            command.arg("--set").arg(format!("web.listen={listen}"));
            command.arg("--set").arg(format!("web.token={token}"));
        }
        By::Environment => {
            command.env("PRIMELINGO__WEB__LISTEN", listen).env("PRIMELINGO__WEB__TOKEN", token);
        }
        By::DotEnv => {
            let text =
                format!("PRIMELINGO__WEB__LISTEN={listen}\nPRIMELINGO__WEB__TOKEN={token}\n");
            std::fs::write(folder.path().join(".env"), text).unwrap();
        }
        By::File => {
            let text = format!("[web]\nlisten = \"{listen}\"\ntoken = \"{token}\"\n");
            std::fs::write(folder.path().join("bot.toml"), text).unwrap();
            command.arg("--config").arg("bot.toml");
        }
    }
    let ended = command.args(arguments).output().unwrap();
    (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

#[test]
fn no_listener_is_open_to_others_without_a_token() {
    let ways = [By::CommandLine, By::Environment, By::DotEnv, By::File];
    let refused = [
        ("0.0.0.0:8080", None, NO_TOKEN),
        ("[::]:8080", None, NO_TOKEN),
        ("192.0.2.1:8080", None, NO_TOKEN),
        ("10.0.0.1:0", None, NO_TOKEN),
        ("[fe80::1]:8080", None, NO_TOKEN),
        ("[::ffff:0.0.0.0]:8080", None, NO_TOKEN),
        ("[::ffff:192.0.2.1]:8080", None, NO_TOKEN),
        ("[::ffff:127.0.0.1]:8080", None, NO_TOKEN),
        ("255.255.255.255:8080", None, NO_TOKEN),
        ("0.0.0.0:8080", Some("fifteen-letters"), SHORT),
        ("127.0.0.1:8080", Some("fifteen-letters"), SHORT),
        ("localhost:8080", None, NO_ADDRESS),
        ("bot.example.org:8080", None, NO_ADDRESS),
        ("bot.example.org:8080", Some("0123456789abcdef"), NO_ADDRESS),
        (":8080", None, NO_ADDRESS),
        ("8080", None, NO_ADDRESS),
        ("*:8080", None, NO_ADDRESS),
        ("0:8080", None, NO_ADDRESS),
        ("0x7f.1:8080", None, NO_ADDRESS),
        ("127.1:8080", None, NO_ADDRESS),
        ("unix:/tmp/socket", None, NO_ADDRESS),
        ("OFF", None, NO_ADDRESS),
    ];
    let opened = [
        ("127.0.0.1:8080", None),
        ("127.9.9.9:8080", None),
        ("[::1]:8080", None),
        ("off", None),
        ("0.0.0.0:8080", Some("0123456789abcdef")),
        ("[::]:8080", Some("0123456789abcdef")),
    ];
    let mut count = 0;
    for (number, (listen, token, cure)) in refused.into_iter().enumerate() {
        // Each way once for what is missing, and by turns for what cannot be read.
        let ways = if cure == NO_TOKEN { &ways[..] } else { &ways[number % 4..=number % 4] };
        for by in ways {
            let (code, errors) = run(&["run"], *by, listen, token);
            assert_eq!(code, Some(78), "{by:?} {listen}: {errors}");
            assert!(errors.contains("web.") && errors.contains(cure), "{by:?} {listen}: {errors}");
            assert!(!errors.contains("fifteen-letters"), "{errors}");
            count += 1;
        }
    }
    for (listen, token) in opened {
        for by in ways {
            let (code, errors) = run(&["config", "get", "web.listen"], by, listen, token);
            assert_eq!(code, Some(0), "{by:?} {listen}: {errors}");
            count += 1;
        }
    }
    tell(&format!("{count} set-ups"));
}
