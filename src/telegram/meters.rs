//! The numbers of the Bot API's calls, under the names of the metrics list. Labels are closed sets:
//! methods are ours, never a word of Telegram's.

use std::sync::LazyLock;
use std::time::Duration;

use metrics::{Counter, Histogram};

use super::classify::DOWNLOAD;
use super::error::TelegramError;

/// The fetching of a file, which is no method.
const DOWNLOADED: &str = "file_download";

/// Methods that are called, each with its class.
const METHODS: [(&str, Class); 24] = [
    ("answerCallbackQuery", Class::Other),
    ("answerInlineQuery", Class::Other),
    ("copyMessage", Class::Send),
    ("copyMessages", Class::Send),
    ("deleteMessages", Class::Other),
    ("deleteWebhook", Class::Other),
    ("editMessageCaption", Class::Edit),
    ("editMessageReplyMarkup", Class::Edit),
    ("editMessageText", Class::Edit),
    (DOWNLOADED, Class::File),
    ("getFile", Class::File),
    ("getMe", Class::Other),
    ("getUpdates", Class::Poll),
    ("getWebhookInfo", Class::Other),
    ("sendAnimation", Class::Send),
    ("sendAudio", Class::Send),
    ("sendDocument", Class::Send),
    ("sendMessage", Class::Send),
    ("sendPhoto", Class::Send),
    ("sendVideo", Class::Send),
    ("sendVideoNote", Class::Send),
    ("sendVoice", Class::Send),
    ("setMyCommands", Class::Other),
    ("setWebhook", Class::Other),
];

/// What is compared with what: an upload takes longer than a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Send,
    Edit,
    File,
    Poll,
    Other,
}

impl Class {
    const ALL: [Self; 5] = [Self::Send, Self::Edit, Self::File, Self::Poll, Self::Other];

    const fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Edit => "edit",
            Self::File => "file",
            Self::Poll => "poll",
            Self::Other => "other",
        }
    }
}

/// Handles of a method, taken once. Failures are rare, and looked up each time.
struct Method {
    name: &'static str,
    class: Class,
    ok: Counter,
}

fn ended_as(method: &'static str, outcome: &'static str) -> Counter {
    metrics::counter!("primelingo_telegram_requests_total", "method" => method, "outcome" => outcome)
}

static KNOWN: LazyLock<Vec<Method>> = LazyLock::new(|| {
    let known = METHODS.into_iter().chain([("other", Class::Other)]);
    known.map(|(name, class)| Method { name, class, ok: ended_as(name, "ok") }).collect()
});

static TOOK: LazyLock<Vec<(Class, Histogram)>> = LazyLock::new(|| {
    let took = |class: Class| {
        let class_name = class.name();
        metrics::histogram!("primelingo_telegram_request_duration_seconds", "method_class" => class_name)
    };
    Class::ALL.into_iter().map(|class| (class, took(class))).collect()
});

fn known(method: &str) -> Option<&'static Method> {
    let method = if method == DOWNLOAD { DOWNLOADED } else { method };
    KNOWN.iter().find(|known| known.name == method).or_else(|| KNOWN.last())
}

/// A call has ended.
pub(super) fn ended<T>(method: &'static str, took: Duration, result: &Result<T, TelegramError>) {
    let Some(known) = known(method) else { return };
    end(known, known.class, took, result);
}

/// A call that carried a whole file has ended.
pub(super) fn upload_ended<T>(
    method: &'static str,
    took: Duration,
    result: &Result<T, TelegramError>,
) {
    let Some(known) = known(method) else { return };
    end(known, Class::File, took, result);
}

fn end<T>(known: &Method, class: Class, took: Duration, result: &Result<T, TelegramError>) {
    match result {
        Ok(_) => known.ok.increment(1),
        // No call was made.
        Err(error) if error.was_not_sent() => return,
        Err(error) => ended_as(known.name, outcome_of(error)).increment(1),
    }
    if let Some((_, histogram)) = TOOK.iter().find(|(other, _)| *other == class) {
        histogram.record(took);
    }
}

const fn outcome_of(error: &TelegramError) -> &'static str {
    match error {
        TelegramError::Api { code: status, .. } | TelegramError::Foreign { status, .. } => {
            match *status {
                429 => "retry_after",
                401 => "unauthorized",
                403 => "forbidden",
                404 => "not_found",
                500.. => "server_error",
                _ => "bad_request",
            }
        }
        TelegramError::Connect { .. } | TelegramError::Lost { .. } => "network",
        TelegramError::Timeout { .. } => "timeout",
        TelegramError::Answer { .. } => "server_error",
        TelegramError::Request { .. }
        | TelegramError::UnsafePath { .. }
        | TelegramError::LocalFile { .. }
        | TelegramError::TooLarge { .. }
        | TelegramError::Build { .. } => "bad_request",
    }
}

/// A call is tried again.
pub(super) fn retry(method: &str) {
    let class = known(method).map_or(Class::Other, |known| known.class).name();
    metrics::counter!("primelingo_telegram_retries_total", "method_class" => class).increment(1);
}

/// A call that was tried again has come to an end.
pub(super) fn retried(succeeded: bool) {
    let outcome = if succeeded { "recovered" } else { "exhausted" };
    metrics::counter!("primelingo_retries_total", "op" => "telegram_call", "outcome" => outcome)
        .increment(1);
}

/// There was no answer in time, or no connection.
pub(super) fn timed_out(method: &str) {
    let op = if method == DOWNLOAD { DOWNLOADED } else { "request" };
    metrics::counter!("primelingo_timeouts_total", "op" => op).increment(1);
}

/// No connection was made in time.
pub(super) fn connect_timed_out() {
    metrics::counter!("primelingo_timeouts_total", "op" => "connect").increment(1);
}

/// A field of an update is not what it should be; the update is read without it.
pub(super) fn bad_field() {
    metrics::counter!("primelingo_update_content_recovered_total", "reason" => "bad_field")
        .increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meters::CATALOGUE;

    #[test]
    fn methods_are_those_of_the_catalogue() {
        let family = CATALOGUE
            .iter()
            .find(|family| family.name == "primelingo_telegram_requests_total")
            .expect("there");
        let mut own: Vec<&str> = METHODS.iter().map(|(name, _)| *name).chain(["other"]).collect();
        own.sort_unstable();
        let mut listed = family.label("method").expect("a label").values.to_vec();
        listed.sort_unstable();
        assert_eq!(own, listed);
        assert_eq!(known("sendPaidMedia").map(|method| method.name), Some("other"));
    }
}
