//! Whether Telegram can be reached, and takes us for the bot that we are.

use std::fs;
use std::time::Duration;

use futures_util::FutureExt as _;
use secrecy::ExposeSecret as _;

use super::case::{Case, is_local};
use super::configuration::shown;
use super::finding::{Answer, Finding, Severity, fine, found, found_if, quoted, skip};
use super::registry::Check;
use crate::telegram::{BotToken, TelegramError};

/// An answer that takes longer makes the bot feel slow.
const SLOW: Duration = Duration::from_secs(1);

/// A clock that is further off puts buttons, quiet hours and schedules at the wrong time.
const CLOCK_MAX_S: i64 = 5;

const TOKEN: &[&str] = &["telegram.token", "telegram.api_url"];

pub(super) const CHECKS: &[Check] = &[
    Check::here(
        "telegram.token",
        "Is there a token, and has it a token's form?",
        Severity::Error,
        &["telegram.token"],
        token,
    ),
    Check::here(
        "telegram.address",
        "Does the token travel encrypted?",
        Severity::Error,
        &["telegram.api_url"],
        address,
    ),
    Check::asking(
        "telegram.reachable",
        "Does the Bot API answer?",
        Severity::Error,
        TOKEN,
        |case| reachable(case).boxed(),
    ),
    Check::asking(
        "telegram.accepted",
        "Does the Bot API take the token?",
        Severity::Error,
        TOKEN,
        |case| accepted(case).boxed(),
    ),
    Check::asking(
        "telegram.speed",
        "Does the Bot API answer soon?",
        Severity::Warning,
        TOKEN,
        |case| speed(case).boxed(),
    ),
    Check::asking(
        "telegram.clock",
        "Does our clock agree with Telegram's?",
        Severity::Warning,
        TOKEN,
        |case| clock(case).boxed(),
    ),
    Check::asking(
        "telegram.inline",
        "Can the bot be used in other chats (inline mode)?",
        Severity::Warning,
        TOKEN,
        |case| inline(case).boxed(),
    ),
    Check::asking(
        "telegram.privacy",
        "Does the bot see only what it needs of groups?",
        Severity::Info,
        TOKEN,
        |case| privacy(case).boxed(),
    ),
    Check::here(
        "telegram.local-dir",
        "Can the files of a Bot API server of our own be read?",
        Severity::Error,
        &["telegram.local_dir"],
        local_dir,
    ),
];

fn token(case: &Case) -> Answer {
    let cure = "BOT_TOKEN=<what @BotFather gave you>";
    let Some(token) = &case.settings().telegram.token else {
        return found(Finding::error("there is no bot token", cure));
    };
    found_if(BotToken::parse(token.expose_secret()).is_err(), || {
        Finding::error("telegram.token is not a bot token: <digits>:<16 or more characters>", cure)
    })
}

fn address(case: &Case) -> Answer {
    let url = &case.settings().telegram.api_url;
    found_if(url.starts_with("http:") && !is_local(url), || {
        Finding::error(
            format!("the token goes to {url} without encryption"),
            "BOT_API_URL=https://api.telegram.org",
        )
    })
}

async fn reachable(case: &Case) -> Answer {
    let url = &case.settings().telegram.api_url;
    let (what, cure) = match &case.telegram().await?.met {
        Err(TelegramError::Connect { source, .. }) => {
            let why = cause_of(source);
            (format!("no connection to {url}: {why}"), format!("curl -sS {}", quoted(url)))
        }
        Err(TelegramError::Timeout { after, .. }) => {
            let waited = after.as_millis();
            (
                format!("{url} does not answer within {waited} ms"),
                format!("curl -m 5 {}", quoted(url)),
            )
        }
        Err(error @ TelegramError::Foreign { .. }) => (
            format!("{url} is no Bot API server: {error}"),
            "BOT_API_URL=https://api.telegram.org".to_owned(),
        ),
        Err(error @ (TelegramError::Lost { .. } | TelegramError::Build { .. })) => {
            (format!("{url}: {error}"), format!("curl -sS {}", quoted(url)))
        }
        _ => return fine(),
    };
    found(Finding::error(what, cure))
}

/// The last of an error's causes: the system's own word.
fn cause_of(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

async fn accepted(case: &Case) -> Answer {
    match &case.telegram().await?.met {
        Ok(_) => fine(),
        // 404 is what the Bot API says to a token that it has never given.
        Err(TelegramError::Api { code: 401 | 404, description, .. }) => found(Finding::error(
            format!("the Bot API refuses the token: {description}"),
            "BOT_TOKEN=<a new one: /token or /revoke at @BotFather>",
        )),
        Err(error @ TelegramError::Api { .. }) => found(Finding::error(
            format!("the Bot API refuses to say who we are: {error}"),
            "primelingo doctor --only telegram",
        )),
        Err(error @ TelegramError::Answer { .. }) => {
            found(Finding::error(error.to_string(), "BOT_API_URL=https://api.telegram.org"))
        }
        Err(_) => skip("the Bot API cannot be reached (see telegram.reachable)"),
    }
}

async fn speed(case: &Case) -> Answer {
    case.met().await?;
    let took = case.telegram().await?.took;
    found_if(took > SLOW, || {
        Finding::warning(
            format!("the Bot API took {} ms to answer", took.as_millis()),
            format!(
                "curl -o /dev/null -w '%{{time_total}}\\n' {}",
                case.settings().telegram.api_url
            ),
        )
    })
}

async fn clock(case: &Case) -> Answer {
    let Some(theirs) = case.met().await?.server_time else {
        return skip("the server does not tell the time");
    };
    let ours = case.telegram().await?.at;
    let off_s = ours.signed_duration_since(theirs).num_seconds();
    found_if(off_s.abs() > CLOCK_MAX_S, || {
        Finding::warning(
            format!("our clock is {off_s} s from Telegram's"),
            "timedatectl set-ntp true",
        )
    })
}

async fn inline(case: &Case) -> Answer {
    let identity = &case.met().await?.identity;
    found_if(!identity.supports_inline_queries, || {
        Finding::warning(
            format!("inline mode is off: @{} words does not search", identity.username),
            "/setinline to @BotFather",
        )
    })
}

async fn privacy(case: &Case) -> Answer {
    let identity = &case.met().await?.identity;
    found_if(identity.can_read_all_group_messages, || {
        Finding::info(
            "the bot is sent every message of its groups, and needs commands only",
            "/setprivacy to @BotFather",
        )
    })
}

fn local_dir(case: &Case) -> Answer {
    let Some(directory) = &case.settings().telegram.local_dir else {
        return skip("no directory of a Bot API server is configured");
    };
    let Err(error) = fs::read_dir(directory) else { return fine() };
    let path = quoted(&shown(directory));
    found(Finding::error(
        format!("telegram.local_dir = {} cannot be read: {error}", directory.display()),
        format!("ls -ld {path}; or leave telegram.local_dir empty"),
    ))
}
