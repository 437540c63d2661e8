//! The bot token: the one secret that is part of every URL, and must be seen nowhere else.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// The shortest secret part taken for one; real ones have 35 characters.
const SHORTEST_SECRET: usize = 16;

/// A bot token, `<bot id>:<secret>`. Neither `Debug` nor `Display` shows it.
#[derive(Clone)]
pub struct BotToken {
    secret: SecretString,
    bot_id: i64,
}

/// What was given is no token. It is not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a bot token: expected <digits>:<at least 16 letters, digits, _ or ->")]
pub struct NotAToken;

impl BotToken {
    /// Reads a token; blanks around it are ignored.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        let text = text.trim();
        let (id, secret) = text.split_once(':').ok_or(NotAToken)?;
        let of_token = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if secret.len() < SHORTEST_SECRET || !secret.chars().all(of_token) {
            return Err(NotAToken);
        }
        if !id.chars().all(|c| c.is_ascii_digit()) {
            return Err(NotAToken);
        }
        let bot_id = id.parse().map_err(|_| NotAToken)?;
        Ok(Self { secret: SecretString::from(text), bot_id })
    }

    /// The bot's own user id, which is no secret.
    pub const fn bot_id(&self) -> i64 {
        self.bot_id
    }

    /// The token, for building a URL.
    pub(super) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// Replaces the token in a text that came from outside.
    pub(super) fn redact(&self, text: &str) -> String {
        text.replace(self.expose(), "<redacted>")
    }
}

impl fmt::Debug for BotToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bot:<redacted>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_knows_its_bot_and_hides_itself() {
        let token = BotToken::parse(" 42:TEST-TOKEN_OF-THE-SIMULATOR\n").expect("a token");
        assert_eq!(token.bot_id(), 42);
        assert_eq!(token.expose(), "42:TEST-TOKEN_OF-THE-SIMULATOR");
        assert_eq!(format!("{token:?}"), "bot:<redacted>");
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_repeated() {
        for text in [
            "",
            "42",
            "42:",
            "42:short",
            ":AAAAAAAAAAAAAAAAAAAAAAAA",
            "x2:AAAAAAAAAAAAAAAAAAAAAAAA",
            "+2:AAAAAAAAAAAAAAAAAAAAAAAA",
            "42:AAAAAAAAAAAAAAAA/../AAAA",
            "99999999999999999999:AAAAAAAAAAAAAAAAAAAA",
        ] {
            let error = BotToken::parse(text).expect_err(text);
            assert!(!error.to_string().contains("AAAA"));
        }
    }
}
