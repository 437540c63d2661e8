//! What no sink may show: the secrets of the configuration, and whatever has a secret's shape.
//!
//! One list for the process, filled before the first line is logged. It is used by the writer of
//! the log, by texts of panics and by errors that are stored, so that nobody who makes an error has
//! to think of it.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

/// What stands where a secret would.
const REDACTED: &str = "<redacted>";

/// Shorter secrets would redact half of the language.
const SECRET_MIN_BYTES: usize = 6;

/// The shape of a bot token: so many digits, a colon, so many letters.
const TOKEN_DIGITS_MIN: usize = 6;
const TOKEN_LETTERS_MIN: usize = 30;

/// What a text quotes with.
const QUOTES: [char; 2] = ['"', '`'];

static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Never shows these from now on. Longer ones are hidden first, as one may hold another.
pub fn hide<'a>(secrets: impl IntoIterator<Item = &'a str>) {
    let mut known = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    for secret in secrets {
        if secret.len() >= SECRET_MIN_BYTES && !known.iter().any(|other| other == secret) {
            known.push(secret.to_owned());
        }
    }
    known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
}

/// The text without secrets. Borrows when there is none in it, which is nearly always.
pub fn redact(text: &str) -> Cow<'_, str> {
    let known = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    let mut clean = Cow::Borrowed(text);
    for secret in known.iter() {
        if clean.contains(secret.as_str()) {
            clean = Cow::Owned(clean.replace(secret.as_str(), REDACTED));
        }
    }
    drop(known);
    for shape in [token_in, password_in] {
        while let Some(range) = shape(&clean) {
            clean.to_mut().replace_range(range, REDACTED);
        }
    }
    clean
}

/// The text without what it quotes, between straight quotation marks or backticks: there errors show
/// what they stumbled over, which may be somebody's words or name. The marks stay.
pub fn unquoted(text: &str) -> Cow<'_, str> {
    if !text.contains(QUOTES) {
        return Cow::Borrowed(text);
    }
    let mut rest = text.chars().peekable();
    let mut kept = String::with_capacity(text.len());
    while let Some(character) = rest.next() {
        kept.push(character);
        if QUOTES.contains(&character) {
            while rest.next_if(|inside| *inside != character).is_some() {}
            kept.extend(rest.next());
        }
    }
    Cow::Owned(kept)
}

/// Where something stands that looks like a bot token, whoever's it is.
fn token_in(text: &str) -> Option<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let colons = bytes.iter().enumerate().filter(|(_, byte)| **byte == b':');
    for (colon, _) in colons {
        let before = bytes.get(..colon)?;
        let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let after = bytes.get(colon + 1..)?;
        let letters = after.iter().take_while(|byte| is_token_byte(**byte)).count();
        if digits >= TOKEN_DIGITS_MIN && letters >= TOKEN_LETTERS_MIN {
            return Some(colon - digits..colon + 1 + letters);
        }
    }
    None
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Where a password stands in a URL: `scheme://user:password@host`.
fn password_in(text: &str) -> Option<std::ops::Range<usize>> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find("://") {
        let begin = from + found + 3;
        let rest = text.get(begin..)?;
        let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'".contains(c));
        let authority = rest.get(..end.unwrap_or(rest.len()))?;
        if let Some((login, _host)) = authority.rsplit_once('@')
            && let Some((user, password)) = login.split_once(':')
            && !password.is_empty()
            && password != REDACTED
        {
            let start = begin + user.len() + 1;
            return Some(start..start + password.len());
        }
        from = begin;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_secrets_never_reach_a_sink() {
        hide(["42:CANARY-OF-THE-TEST", "a", "CANARY-OF"]);
        let line = redact("calling https://host/bot42:CANARY-OF-THE-TEST/getMe");
        assert_eq!(line, "calling https://host/bot<redacted>/getMe");
        assert!(matches!(redact("a cat"), Cow::Borrowed("a cat")), "a short one is no secret");
    }

    #[test]
    fn what_is_quoted_is_left_out() {
        let text =
            "byte index 1 is inside 'я' of `яна`; invalid type: string \"Anna\", expected i64";
        let left = "byte index 1 is inside 'я' of ``; invalid type: string \"\", expected i64";
        assert_eq!(unquoted(text), left);
        assert_eq!(unquoted("cut off at \"Ann"), "cut off at \"");
        assert!(matches!(unquoted("nothing"), Cow::Borrowed("nothing")));
    }

    #[test]
    fn what_has_a_secrets_shape_is_hidden_whoever_it_belongs_to() {
        let token = format!("1234567890:{}", "Ab-_3".repeat(7));
        assert_eq!(redact(&format!("got '{token}', sorry")), "got '<redacted>', sorry");
        assert_eq!(
            redact("open postgres://bot:p%40ss:x@db:5432/x and redis://:pw@h"),
            "open postgres://bot:<redacted>@db:5432/x and redis://:<redacted>@h"
        );
        for plain in ["12:30:45", "at 10:00", "http://host:80/a@b", "a://b", "://", "x://u@h/"] {
            assert_eq!(redact(plain), plain);
        }
    }
}
