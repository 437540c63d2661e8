//! From Telegram's words to a [`Decision`].
//!
//! The Bot API has no machine-readable reasons beyond the status, so the description decides. The
//! phrases come from the open-source Bot API server (its literals are the table of this module's
//! tests) and, for what it passes on from further inside, from what bots see in practice. Unknown
//! texts get the status's cautious default.

use std::time::Duration;

use super::error::{ChatGone, Decision};
use crate::domain::ids::ChatId;

/// The pseudo-method under which downloads report: a 404 there speaks of the file.
pub(super) const DOWNLOAD: &str = "file download";

/// How long to wait after a 429 that does not say.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(3);

/// Phrases of refusals with status 403, lower case.
const FORBIDDEN: &[(&str, ChatGone)] = &[
    ("blocked by the user", ChatGone::Blocked),
    ("user is deactivated", ChatGone::Deactivated),
    ("initiate conversation", ChatGone::CannotInitiate),
    ("bot was kicked", ChatGone::Kicked),
    ("bot is not a member", ChatGone::Kicked),
    ("chat was deleted", ChatGone::NotFound),
    ("not enough rights", ChatGone::NoRights),
];

/// Phrases of refusals with status 400, lower case; the first that fits decides.
const BAD_REQUEST: &[(&str, Decision)] = &[
    ("message is not modified", Decision::NotModified),
    // The message is no more, or not ours to change.
    ("message to edit not found", Decision::MessageGone),
    ("message to delete not found", Decision::MessageGone),
    ("message can't be edited", Decision::MessageGone),
    ("message can't be deleted", Decision::MessageGone),
    ("message_id_invalid", Decision::MessageGone),
    ("message_edit_time_expired", Decision::MessageGone),
    ("there is no text in the message to edit", Decision::MessageGone),
    ("there is no caption in the message to edit", Decision::MessageGone),
    // Presses and inline queries.
    ("query is too old", Decision::QueryTooOld),
    ("query id is invalid", Decision::QueryTooOld),
    ("query_id_invalid", Decision::QueryTooOld),
    // File handles.
    ("wrong file identifier", Decision::FileIdDead),
    ("wrong remote file", Decision::FileIdDead),
    ("wrong file_id", Decision::FileIdDead),
    ("invalid file_id", Decision::FileIdDead),
    ("file_id_invalid", Decision::FileIdDead),
    ("file_reference_", Decision::FileIdDead),
    ("temporarily unavailable", Decision::FileIdDead),
    // Topics.
    ("message thread not found", Decision::ChatGone(ChatGone::TopicGone)),
    ("topic_closed", Decision::ChatGone(ChatGone::TopicGone)),
    ("topic_deleted", Decision::ChatGone(ChatGone::TopicGone)),
    ("topic_id_invalid", Decision::ChatGone(ChatGone::TopicGone)),
    // The chat.
    ("user_is_blocked", Decision::ChatGone(ChatGone::Blocked)),
    ("input_user_deactivated", Decision::ChatGone(ChatGone::Deactivated)),
    ("chat not found", Decision::ChatGone(ChatGone::NotFound)),
    ("group chat was deactivated", Decision::ChatGone(ChatGone::NotFound)),
    ("group chat was upgraded", Decision::ChatGone(ChatGone::NotFound)),
    ("have no access to the user", Decision::ChatGone(ChatGone::NotFound)),
    ("peer_id_invalid", Decision::ChatGone(ChatGone::NotFound)),
    ("channel_private", Decision::ChatGone(ChatGone::Kicked)),
    ("not enough rights to send", Decision::ChatGone(ChatGone::NoRights)),
    ("have no rights to send", Decision::ChatGone(ChatGone::NoRights)),
    ("need administrator rights", Decision::ChatGone(ChatGone::NoRights)),
    ("chat_write_forbidden", Decision::ChatGone(ChatGone::NoRights)),
    ("chat_restricted", Decision::ChatGone(ChatGone::NoRights)),
    ("_forbidden", Decision::ChatGone(ChatGone::NoRights)),
    // The bot was moved to another server by `logOut`.
    ("logged out", Decision::Unauthorized),
];

/// The decision for a refusal in the Bot API's own words.
pub(super) fn refusal(
    method: &str,
    code: u16,
    description: &str,
    retry_after: Option<Duration>,
    migrate_to: Option<ChatId>,
) -> Decision {
    if let Some(chat) = migrate_to {
        return Decision::ChatMigrated(chat);
    }
    let words = description.to_ascii_lowercase();
    match code {
        400 => first_match(BAD_REQUEST, &words).unwrap_or(Decision::BadContent),
        403 => Decision::ChatGone(first_match(FORBIDDEN, &words).unwrap_or(ChatGone::Forbidden)),
        404 if method == DOWNLOAD => Decision::FileIdDead,
        404 if words.contains("method not found") => Decision::BadContent,
        // 404 is what Telegram says to a token it does not take for one; 421 comes from a server
        // that serves only some tokens.
        401 | 404 | 421 => Decision::Unauthorized,
        409 => Decision::Conflict,
        429 => {
            let told = retry_after.or_else(|| retry_after_in(&words));
            Decision::RetryAfter(told.unwrap_or(DEFAULT_RETRY_AFTER))
        }
        500.. => Decision::InDoubt,
        _ => Decision::BadContent,
    }
}

/// The decision for an answer that is not the Bot API's own. A status of 4xx means that whoever
/// answered did not pass the request on, but says nothing about the chat.
pub(super) const fn foreign(status: u16) -> Decision {
    match status {
        413 => Decision::BadContent,
        429 => Decision::RetryAfter(DEFAULT_RETRY_AFTER),
        300..=499 => Decision::RetryLater,
        _ => Decision::InDoubt,
    }
}

fn first_match<T: Copy>(table: &[(&str, T)], words: &str) -> Option<T> {
    table.iter().find(|(phrase, _)| words.contains(phrase)).map(|(_, decision)| *decision)
}

/// Reads "too many requests: retry after 7".
fn retry_after_in(words: &str) -> Option<Duration> {
    let (_, rest) = words.split_once("retry after ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().map(Duration::from_secs)
}

/// A description fit for logs: what stands between the first quotation mark and the last is left out
/// (it may be a user's text, with marks of its own), and the whole is cut.
pub(super) fn presentable(description: &str) -> String {
    const LONGEST: usize = 200;
    let out = match description.split_once('"') {
        None => description.to_owned(),
        Some((before, from)) => {
            let after = from.rsplit_once('"').map_or("", |(_quoted, after)| after);
            format!("{before}\"…\"{after}")
        }
    };
    out.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    fn of(code: u16, description: &str) -> Decision {
        refusal("sendMessage", code, description, None, None)
    }

    #[test]
    fn what_bots_meet_in_practice() {
        use ChatGone as G;
        use Decision as D;
        let seconds = |s| D::RetryAfter(Duration::from_secs(s));
        let table = [
            (403, "Forbidden: bot was blocked by the user", D::ChatGone(G::Blocked)),
            (
                403,
                "Forbidden: bot can't initiate conversation with a user",
                D::ChatGone(G::CannotInitiate),
            ),
            (403, "Forbidden: user is deactivated", D::ChatGone(G::Deactivated)),
            (403, "Forbidden: bot can't send messages to bots", D::ChatGone(G::Forbidden)),
            (400, "Bad Request: PEER_ID_INVALID", D::ChatGone(G::NotFound)),
            (
                400,
                "Bad Request: not enough rights to send text messages to the chat",
                D::ChatGone(G::NoRights),
            ),
            (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", D::ChatGone(G::NoRights)),
            (400, "Bad Request: TOPIC_CLOSED", D::ChatGone(G::TopicGone)),
            (
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
                D::NotModified,
            ),
            (400, "Bad Request: message to edit not found", D::MessageGone),
            (400, "Bad Request: message can't be deleted for everyone", D::MessageGone),
            (
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
                D::QueryTooOld,
            ),
            (400, "Bad Request: wrong file identifier/HTTP URL specified", D::FileIdDead),
            (
                400,
                "Bad Request: wrong remote file identifier specified: Wrong padding in the string",
                D::FileIdDead,
            ),
            (400, "Bad Request: can't parse entities: Can't find end tag", D::BadContent),
            (400, "Bad Request: message is too long", D::BadContent),
            (400, "Bad Request: message to copy not found", D::BadContent),
            (400, "Bad Request: a reason of next year", D::BadContent),
            (401, "Unauthorized", D::Unauthorized),
            (404, "Not Found", D::Unauthorized),
            (409, "Conflict: terminated by other getUpdates request", D::Conflict),
            (413, "Request Entity Too Large", D::BadContent),
            (429, "Too Many Requests: retry after 35", seconds(35)),
            (429, "Too Many Requests", seconds(3)),
            (500, "Internal Server Error", D::InDoubt),
            (502, "Bad Gateway", D::InDoubt),
        ];
        for (code, description, expected) in table {
            assert_eq!(of(code, description), expected, "{code} {description}");
        }
    }

    #[test]
    fn parameters_decide_before_words() {
        let told = Some(Duration::from_secs(9));
        let slow = refusal("sendMessage", 429, "retry after 35", told, None);
        assert_eq!(slow, Decision::RetryAfter(Duration::from_secs(9)));
        let upgraded = "Bad Request: group chat was upgraded to a supergroup chat";
        let moved = refusal("sendMessage", 400, upgraded, None, Some(ChatId(-100)));
        assert_eq!(moved, Decision::ChatMigrated(ChatId(-100)));
    }

    #[test]
    fn a_missing_download_is_about_the_file() {
        assert_eq!(refusal(DOWNLOAD, 404, "Not Found", None, None), Decision::FileIdDead);
    }

    #[test]
    fn a_proxy_does_not_speak_for_the_chat() {
        assert_eq!(foreign(403), Decision::RetryLater);
        assert_eq!(foreign(502), Decision::InDoubt);
        assert_eq!(foreign(200), Decision::InDoubt);
    }

    #[test]
    fn quoted_words_do_not_reach_the_log() {
        let shown = presentable("Bad Request: unsupported start tag \"secret\" at byte 5\n");
        assert_eq!(shown, "Bad Request: unsupported start tag \"…\" at byte 5");
        assert_eq!(presentable("open \"end"), "open \"…\"");
    }

    #[derive(Deserialize)]
    struct Table {
        errors: Vec<Row>,
    }

    #[derive(Deserialize)]
    struct Row {
        code: Option<u16>,
        text: String,
    }

    /// Every literal of the Bot API server: all that is not about our content is listed here.
    #[test]
    fn the_servers_own_literals() {
        const STRINGS: &str =
            include_str!("../../tests/it/data/telegram/botapi_error_strings.json");
        let table: Table = serde_json::from_str(STRINGS).expect("well-formed");
        assert_eq!(table.errors.len(), 290);
        let mut other: Vec<String> = Vec::new();
        for row in table.errors {
            let code = row.code.unwrap_or_else(|| match row.text.split(':').next() {
                Some("Forbidden") => 403,
                Some("Unauthorized") => 401,
                Some("Conflict") => 409,
                _ => 400,
            });
            let decision = of(code, &row.text);
            if decision != Decision::BadContent {
                other.push(format!("{code} {} -> {}", row.text, decision.name()));
            }
        }
        other.sort();
        other.dedup();
        insta::assert_snapshot!(other.join("\n"), @r"
        400 Bad Request: chat not found -> not_found
        400 Bad Request: group chat was upgraded to a supergroup chat -> not_found
        400 Bad Request: have no access to the user -> not_found
        400 Bad Request: message thread not found -> topic_gone
        400 Bad Request: private chat not found -> not_found
        400 Bad Request: wrong file_id or the file is temporarily unavailable -> file_id_dead
        401 Unauthorized -> unauthorized
        401 Unauthorized: invalid api-id/api-hash -> unauthorized
        401 Unauthorized: invalid token specified -> unauthorized
        403 Forbidden -> forbidden
        403 Forbidden: bot is not a member of the channel chat -> kicked
        403 Forbidden: bot is not a member of the group chat -> kicked
        403 Forbidden: bot is not a member of the supergroup chat -> kicked
        403 Forbidden: bot was kicked from the channel chat -> kicked
        403 Forbidden: bot was kicked from the group chat -> kicked
        403 Forbidden: bot was kicked from the supergroup chat -> kicked
        403 Forbidden: the group chat was deleted -> not_found
        403 Forbidden: user is deactivated -> deactivated
        404 Not Found -> unauthorized
        404 Not Found: absolute URI is specified in the Request-Line -> unauthorized
        409 Conflict: terminated by setWebhook request -> conflict
        421 Misdirected Request: unallowed token specified -> unauthorized
        500 Internal Server Error: failed to save certificate -> in_doubt
        ");
    }
}
