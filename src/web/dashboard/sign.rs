//! Signed passes: the cookie of whoever has entered, and the token that each of their actions
//! brings.
//!
//! A pass says whose it is and until when; it is signed by a key of this installation, so that it
//! holds in each of its processes, after a restart, and while the database is away. What its holder
//! may do is not in it: that is looked up.
//!
//! Invariants: signatures are compared in constant time; two purposes never share a key.

use crate::domain::ids::UserId;

/// How long a pass is good, in seconds.
pub const LIFE_S: i64 = 12 * 60 * 60;

/// Longest cookie that is looked at.
const COOKIE_MAX: usize = 200;

/// Signs and reads passes.
#[derive(Clone)]
pub struct Signer {
    cookie_key: [u8; 32],
    csrf_key: [u8; 32],
}

/// Who has entered, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// The person.
    pub user: UserId,
    /// Seconds since the Unix epoch.
    pub expires_s: i64,
    /// Tells passes of a person apart.
    pub nonce: u64,
}

/// Why a cookie is no pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPass {
    /// Nobody of us has made it.
    Forged,
    /// It was good once.
    Expired,
}

impl Signer {
    /// Of an installation's key.
    pub fn new(installation: &[u8; 32]) -> Self {
        Self {
            cookie_key: blake3::derive_key("primelingo 2026 dashboard cookie", installation),
            csrf_key: blake3::derive_key("primelingo 2026 dashboard actions", installation),
        }
    }

    /// The cookie of a pass.
    pub fn seal(&self, pass: Pass) -> String {
        let body = format!("{}.{}.{:016x}", pass.user.0, pass.expires_s, pass.nonce);
        let signature = blake3::keyed_hash(&self.cookie_key, body.as_bytes()).to_hex();
        format!("{body}.{signature}")
    }

    /// The pass of a cookie.
    pub fn open(&self, cookie: &str, now_s: i64) -> Result<Pass, NoPass> {
        let pass = self.read(cookie).ok_or(NoPass::Forged)?;
        if pass.expires_s <= now_s { Err(NoPass::Expired) } else { Ok(pass) }
    }

    fn read(&self, cookie: &str) -> Option<Pass> {
        let (body, signature) =
            Some(cookie).filter(|cookie| cookie.len() <= COOKIE_MAX)?.rsplit_once('.')?;
        let signature = blake3::Hash::from_hex(signature).ok()?;
        // Hashes are compared in constant time.
        if signature != blake3::keyed_hash(&self.cookie_key, body.as_bytes()) {
            return None;
        }
        let mut parts = body.split('.');
        let user = UserId(parts.next()?.parse().ok()?);
        let expires_s = parts.next()?.parse().ok()?;
        let nonce = u64::from_str_radix(parts.next()?, 16).ok()?;
        parts.next().is_none().then_some(Pass { user, expires_s, nonce })
    }

    /// The token that actions of a pass's holder bring.
    pub fn csrf(&self, pass: Pass) -> String {
        self.csrf_hash(pass).to_hex().to_string()
    }

    /// Whether a token is that of a pass.
    pub fn is_csrf(&self, pass: Pass, token: &str) -> bool {
        blake3::Hash::from_hex(token).is_ok_and(|token| token == self.csrf_hash(pass))
    }

    fn csrf_hash(&self, pass: Pass) -> blake3::Hash {
        let body = format!("{}.{}.{:016x}", pass.user.0, pass.expires_s, pass.nonce);
        blake3::keyed_hash(&self.csrf_key, body.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASS: Pass = Pass { user: UserId(3001), expires_s: 1_000, nonce: 7 };

    fn signer() -> Signer {
        Signer::new(&[1; 32])
    }

    #[test]
    fn a_pass_is_read_as_it_was_sealed_until_it_expires() {
        let cookie = signer().seal(PASS);
        assert_eq!(signer().open(&cookie, 999), Ok(PASS));
        assert_eq!(signer().open(&cookie, 1_000), Err(NoPass::Expired));
    }

    #[test]
    fn whatever_is_changed_is_forged() {
        let cookie = signer().seal(PASS);
        for index in 0..cookie.len() {
            let mut bytes = cookie.clone().into_bytes();
            bytes[index] = if bytes[index] == b'1' { b'2' } else { b'1' };
            let forged = String::from_utf8(bytes).unwrap();
            assert_eq!(signer().open(&forged, 0), Err(NoPass::Forged), "{forged}");
        }
        let other = Signer::new(&[2; 32]);
        assert_eq!(other.open(&cookie, 0), Err(NoPass::Forged));
        for nonsense in ["", ".", "1.2.3", "1.2.3.4", &"9".repeat(10_000)] {
            assert_eq!(signer().open(nonsense, 0), Err(NoPass::Forged));
        }
    }

    #[test]
    fn a_token_of_actions_is_good_for_its_own_pass_only() {
        let signer = signer();
        let token = signer.csrf(PASS);
        assert!(signer.is_csrf(PASS, &token));
        assert!(!signer.is_csrf(Pass { nonce: 8, ..PASS }, &token));
        assert!(!signer.is_csrf(Pass { user: UserId(3002), ..PASS }, &token));
        assert!(!signer.is_csrf(PASS, ""));
        // The cookie's own signature opens nothing else.
        let cookie = signer.seal(PASS);
        let (_, signature) = cookie.rsplit_once('.').unwrap();
        assert!(!signer.is_csrf(PASS, signature));
    }
}
