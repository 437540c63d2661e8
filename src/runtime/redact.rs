//! What no sink may show: the secrets of the configuration, and whatever has a secret's shape.
//!
//! One list for the process, filled before the first line is logged. It is used by the writer of
//! the log, by texts of panics and by errors that are stored, so that nobody who makes an error has
//! to think of it. A secret is known in every spelling that other programs and our own libraries give
//! it: percent-encoded, base64, as JSON, as Rust's `Debug`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

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
    for secret in secrets.into_iter().filter(|secret| secret.len() >= SECRET_MIN_BYTES) {
        for spelling in spellings(secret) {
            if !known.contains(&spelling) {
                known.push(spelling);
            }
        }
    }
    known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
}

/// What addresses escape in a user's name or a password, as the `url` crate has it.
const OF_LOGINS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'=')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'|');

/// What addresses escape where nothing but letters, digits and `-._~` may stand.
const OF_PARTS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A secret as it may stand in a text. Of a bot token also what comes after the colon: the digits
/// before it are no secret.
fn spellings(secret: &str) -> BTreeSet<String> {
    let plain = percent_decode_str(secret).decode_utf8_lossy();
    let mut words = vec![secret, &plain];
    if let Some((digits, letters)) = secret.split_once(':')
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        words.push(letters);
    }
    let all = words.into_iter().filter(|word| word.len() >= SECRET_MIN_BYTES).flat_map(|word| {
        let quoted = |text: String| text.trim_matches('"').to_owned();
        let escaped = |set| utf8_percent_encode(word, set).to_string();
        [
            word.to_owned(),
            escaped(NON_ALPHANUMERIC),
            escaped(OF_LOGINS),
            escaped(OF_PARTS),
            quoted(serde_json::Value::from(word).to_string()),
            quoted(format!("{word:?}")),
            BASE64.encode(word.as_bytes()),
            BASE64_NOPAD.encode(word.as_bytes()),
            BASE64URL.encode(word.as_bytes()),
            BASE64URL_NOPAD.encode(word.as_bytes()),
        ]
    });
    all.collect()
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
    for shape in [token_in, password_in, key_in] {
        while let Some(range) = shape(&clean) {
            clean.to_mut().replace_range(range, REDACTED);
        }
    }
    clean
}

/// The text without what it quotes, between straight quotation marks or backticks: there errors show
/// what they stumbled over, which may be somebody's words or name. The marks stay. As those words may
/// have such marks in them, a quotation goes on to the last of its sort.
pub fn unquoted(text: &str) -> Cow<'_, str> {
    if !text.contains(QUOTES) {
        return Cow::Borrowed(text);
    }
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some((before, from)) = rest.find(QUOTES).and_then(|at| rest.split_at_checked(at)) {
        kept.push_str(before);
        let mark = from.chars().next().unwrap_or_default();
        kept.push(mark);
        // Both marks are one byte long.
        rest = match from.get(1..).and_then(|quoted| quoted.rsplit_once(mark)) {
            Some((_quoted, after)) => {
                kept.push(mark);
                after
            }
            None => "",
        };
    }
    kept.push_str(rest);
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

/// What stands before keys that lead in: into the dashboard, and to the place of the first owner. Each
/// is worth something once, and until then.
const BEFORE_KEYS: [&str; 2] = ["enter?key=", "own_"];

/// Hexadecimal digits of such a key.
const KEY_DIGITS: usize = 32;

/// Where a key stands that leads in.
fn key_in(text: &str) -> Option<std::ops::Range<usize>> {
    BEFORE_KEYS.iter().find_map(|before| {
        text.match_indices(before).find_map(|(found, _)| {
            let begin = found + before.len();
            let digits = text.get(begin..begin + KEY_DIGITS)?;
            let is_key = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_key.then_some(begin..begin + KEY_DIGITS)
        })
    })
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
        // What is quoted has quotation marks of its own.
        let hostile = "invalid type: string \"a \\\"Zephyr\\\" b\", expected i64";
        assert_eq!(unquoted(hostile), "invalid type: string \"\", expected i64");
        assert_eq!(unquoted("of `x`Zephyr`y`, \"Zephyr` \"z"), "of `` \"");
        assert!(matches!(unquoted("nothing"), Cow::Borrowed("nothing")));
    }

    #[test]
    fn a_secret_is_hidden_in_every_spelling() {
        let secret = "CANARY:p@s\"s\\w ö";
        let url = "CANARY-%2Fof%20a%40url";
        hide([secret, url, "7654321:CANARY-after-the-colon"]);
        let mut address = url::Url::parse("redis://localhost").unwrap();
        address.set_password(Some(secret)).unwrap();
        for (spelling, text) in [
            ("plain", secret.to_owned()),
            ("json", serde_json::json!({"password": secret}).to_string()),
            ("debug", format!("{:?}", Some(secret))),
            ("address", address.to_string()),
            ("query", url::form_urlencoded::byte_serialize(url.as_bytes()).collect()),
            ("base64", BASE64.encode(secret.as_bytes())),
            ("base64 of addresses", BASE64URL_NOPAD.encode(secret.as_bytes())),
            ("escaped", url.to_owned()),
            ("decoded", "CANARY-/of a@url".to_owned()),
            ("token", "bot7654321%3ACANARY-after-the-colon/getMe".to_owned()),
            ("its end", "CANARY-after-the-colon".to_owned()),
        ] {
            let shown = redact(&text);
            assert!(shown.contains(REDACTED) && !shown.contains("CANARY"), "{spelling}: {shown}");
        }
    }

    #[test]
    fn keys_that_lead_in_are_hidden() {
        let key = "0123456789abcdef".repeat(2);
        for before in ["http://h:1/dashboard/enter?key=", "/start own_", "t.me/b?start=own_"] {
            assert_eq!(redact(&format!("{before}{key} x")), format!("{before}<redacted> x"));
        }
        for plain in ["enter?key=abc", "own_goal", &key, "own_\u{e9}"] {
            assert_eq!(redact(plain), plain);
        }
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
