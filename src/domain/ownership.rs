//! The first owner: whoever opens a link with a one-time code becomes one. Pure.
//!
//! Invariants: a code is made by whoever runs the program, is worth something once and for a day,
//! and is kept as its hash only. It has 128 bits of chance, so that nobody finds one by trying.

use std::time::Duration;

/// How long a code may be used.
pub const CODE_LIFE: Duration = Duration::from_hours(24);

/// What a deep link's payload with a code begins with; Telegram takes 64 characters in all.
const PREFIX: &str = "own_";

/// Length of a code, hexadecimal digits.
const CODE_CHARS: usize = 32;

/// A code as it is handed out.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnerCode(String);

impl OwnerCode {
    /// The code of these random bytes.
    pub fn of(random: [u8; CODE_CHARS / 2]) -> Self {
        Self(data_encoding::HEXLOWER.encode(&random))
    }

    /// The link that uses it up.
    pub fn link(&self, bot_username: &str) -> String {
        format!("https://t.me/{bot_username}?start={PREFIX}{}", self.0)
    }

    /// What is kept of it.
    pub fn hash(&self) -> String {
        hash_of(&self.0)
    }
}

/// The hash of the code in the payload of a deep link, if it is such a payload.
pub fn claimed(payload: &str) -> Option<String> {
    let code = payload.strip_prefix(PREFIX)?;
    let is_code = code.len() == CODE_CHARS
        && code.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_code.then(|| hash_of(code))
}

fn hash_of(code: &str) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("primelingo 2026 owner code");
    hasher.update(code.as_bytes());
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_its_hash() {
        let code = OwnerCode::of([7; 16]);
        let link = code.link("school_bot");
        let payload = link.strip_prefix("https://t.me/school_bot?start=").unwrap();
        assert!(payload.len() <= 64);
        assert_eq!(claimed(payload), Some(code.hash()));
        assert_ne!(code.hash(), OwnerCode::of([8; 16]).hash());
    }

    #[test]
    fn what_is_no_code_is_none() {
        let upper = format!("own_{}", "A".repeat(32));
        for payload in
            ["", "own_", "own_12", "f_7", upper.as_str(), "own_0123456789abcdef0123456789abcdeg"]
        {
            assert_eq!(claimed(payload), None, "{payload}");
        }
    }
}
