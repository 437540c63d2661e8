//! What the log calls somebody: the same word for the same person or chat as long as one key lives,
//! so that their lines can be read together, and a word that leads nowhere afterwards.
//!
//! Invariants: the key is random, is in the memory of this process alone and is stored nowhere; it
//! is thrown away after [`KEY_LIFE`] at most, and at once when somebody is erased ([`forget`]).
//! Without it nobody can find out who was meant, not even by trying all numbers.
//!
//! Known and accepted: each process has a key of its own, so that two of them call a person by two
//! names. What leads from one process to the other is the trace.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A key is not used for longer.
pub const KEY_LIFE: Duration = Duration::from_hours(1);

/// Hex digits that are shown: among a million people a word stands for two once in thousands of
/// pairs, and it is a hint for people who read, no key.
const DIGITS: usize = 8;

struct Key {
    bytes: [u8; 32],
    born: Instant,
}

static KEY: Mutex<Option<Key>> = Mutex::new(None);

/// How a person or a chat is called in the log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pseudonym {
    sort: char,
    /// None: there is no randomness, and so no name.
    word: Option<[u8; DIGITS / 2]>,
}

/// The name of a person, or of a chat: a private one is called like its person.
pub fn pseudonym(id: i64) -> Pseudonym {
    let sort = if id < 0 { 'g' } else { 'p' };
    let mut key = KEY.lock().unwrap_or_else(PoisonError::into_inner);
    let word = current(&mut key).and_then(|key| word(key, id));
    Pseudonym { sort, word }
}

/// Throws the key away: whoever was named so far cannot be found by it any more.
pub fn forget() {
    *KEY.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

fn current(key: &mut Option<Key>) -> Option<&[u8; 32]> {
    if key.as_ref().is_none_or(|key| key.born.elapsed() >= KEY_LIFE) {
        *key = None;
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).ok()?;
        *key = Some(Key { bytes, born: Instant::now() });
    }
    key.as_ref().map(|key| &key.bytes)
}

fn word(key: &[u8; 32], id: i64) -> Option<[u8; DIGITS / 2]> {
    let hash = blake3::keyed_hash(key, &id.to_le_bytes());
    hash.as_bytes().first_chunk().copied()
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(word) = self.word else { return write!(out, "{}-unnamed", self.sort) };
        write!(out, "{}-", self.sort)?;
        word.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_word_stands_for_one_person_and_shows_no_number() {
        let key = [7; 32];
        let words: HashSet<_> = (0..10_000).filter_map(|id| word(&key, id)).collect();
        assert_eq!(words.len(), 10_000);
        let shown = Pseudonym { sort: 'p', word: word(&key, 77_001_234) }.to_string();
        assert_eq!(shown.len(), 10);
        assert!(shown.starts_with("p-") && shown[2..].bytes().all(|it| it.is_ascii_hexdigit()));
        assert_eq!(format!("{:?}", pseudonym(-100)).get(..2), Some("g-"));
        assert_eq!(Pseudonym { sort: 'p', word: None }.to_string(), "p-unnamed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_is_kept_for_its_life_and_not_longer() {
        let mut key = None;
        let first = *current(&mut key).unwrap();
        tokio::time::advance(KEY_LIFE.saturating_sub(Duration::from_secs(1))).await;
        assert_eq!(*current(&mut key).unwrap(), first);
        tokio::time::advance(Duration::from_secs(1)).await;
        let second = *current(&mut key).unwrap();
        assert_ne!(second, first);
        assert_ne!(word(&first, 5), word(&second, 5));
    }

    #[test]
    fn who_is_forgotten_has_another_name_afterwards() {
        let before = pseudonym(77_001_234);
        forget();
        // Two of four thousand million are the same; nobody else's test needs the key to last.
        assert_ne!(pseudonym(77_001_234), before);
    }
}
