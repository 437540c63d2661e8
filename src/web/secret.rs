//! A secret that may change while the program runs, and how what somebody brings is compared with it.
//!
//! Invariants: what is compared is of one length, in constant time, whatever was brought; nothing here
//! shows the secret.

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::sync::watch;

/// The secret as it is now; there may be none. Clones see the same.
#[derive(Clone)]
pub struct LiveSecret(watch::Receiver<Option<SecretString>>);

impl LiveSecret {
    /// What `now` says, from now on.
    pub const fn new(now: watch::Receiver<Option<SecretString>>) -> Self {
        Self(now)
    }

    /// Whether there is one.
    pub fn is_set(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Whether this is the secret. Without one nothing is.
    pub fn is(&self, given: &[u8]) -> bool {
        self.has_hash(&blake3::hash(given))
    }

    /// Whether the secret still is the one of this hash.
    pub fn has_hash(&self, given: &blake3::Hash) -> bool {
        let known = self.0.borrow();
        let Some(secret) = known.as_ref() else { return false };
        let secret = blake3::hash(secret.expose_secret().as_bytes());
        bool::from(given.as_bytes().ct_eq(secret.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "the-secret_of-the-tests";

    #[test]
    fn only_the_whole_secret_is_it() {
        let (_, now) = watch::channel(Some(SecretString::from(SECRET)));
        let live = LiveSecret::new(now);
        assert!(live.is_set() && live.is(SECRET.as_bytes()));
        let (twice, longer) = (SECRET.repeat(2), format!("{SECRET}x"));
        let other_case = SECRET.to_uppercase();
        let forged: [&[u8]; 9] = [
            b"",
            b"x",
            &SECRET.as_bytes()[..SECRET.len() - 1],
            &SECRET.as_bytes()[1..],
            longer.as_bytes(),
            twice.as_bytes(),
            other_case.as_bytes(),
            b"the-secret_of-the-tests\0",
            b" the-secret_of-the-tests",
        ];
        for given in forged {
            assert!(!live.is(given), "{given:?}");
        }
    }

    #[test]
    fn a_new_one_holds_at_once_and_none_opens_nothing() {
        let (change, now) = watch::channel(Some(SecretString::from(SECRET)));
        let live = LiveSecret::new(now);
        change.send_replace(Some("another-secret-of-them".into()));
        assert!(!live.is(SECRET.as_bytes()) && live.is(b"another-secret-of-them"));
        change.send_replace(None);
        assert!(!live.is_set() && !live.is(b"another-secret-of-them") && !live.is(b""));
    }
}
