//! The library's words in memory, for repairing queries that find nothing.
//!
//! A copy of the store's vocabulary with an index of trigrams. It may lag behind the library by
//! [`FRESH_FOR`]: a word published a moment ago is then not offered as a correction yet, but a
//! query that holds it finds the material and needs none.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::search::{closest, trigrams};
use crate::store::{Db, StoreResult};

/// How long a copy is used before its size is compared with the store's.
const FRESH_FOR: Duration = Duration::from_secs(2);

/// Words that a misspelt one is compared with: those that share most trigrams.
const CANDIDATES: usize = 50;

/// A copy of the vocabulary that keeps itself fresh.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    copy: Arc<RwLock<Option<Copy>>>,
}

#[derive(Debug, Clone)]
struct Copy {
    words: Arc<Words>,
    checked_at: Instant,
}

impl Vocabulary {
    /// The words as they were last read, however long ago that is.
    pub async fn known(&self, db: &Db) -> StoreResult<Arc<Words>> {
        let copy = self.copy.read().unwrap_or_else(PoisonError::into_inner).clone();
        match copy {
            Some(copy) => Ok(copy.words),
            None => self.words(db).await,
        }
    }

    /// The words as of at most [`FRESH_FOR`] ago.
    pub async fn words(&self, db: &Db) -> StoreResult<Arc<Words>> {
        let now = Instant::now();
        let copy = self.copy.read().unwrap_or_else(PoisonError::into_inner).clone();
        let words = match copy {
            Some(copy) if now.duration_since(copy.checked_at) < FRESH_FOR => {
                return Ok(copy.words);
            }
            Some(copy) if is_complete(&copy.words, db).await? => copy.words,
            _ => Arc::new(Words::new(db.vocabulary_all().await?)),
        };
        let copy = Copy { words: Arc::clone(&words), checked_at: now };
        *self.copy.write().unwrap_or_else(PoisonError::into_inner) = Some(copy);
        Ok(words)
    }
}

/// Words are only ever added, so their number tells.
async fn is_complete(words: &Words, db: &Db) -> StoreResult<bool> {
    let size = db.vocabulary_size().await?;
    Ok(usize::try_from(size).is_ok_and(|size| size == words.counted.len()))
}

/// Words and their trigrams.
#[derive(Debug, Default)]
pub struct Words {
    counted: Vec<(Box<str>, u32)>,
    by_word: HashMap<Box<str>, usize>,
    /// Places of the words in their alphabetical order.
    sorted: Vec<usize>,
    by_trigram: HashMap<Box<str>, Vec<usize>>,
}

impl Words {
    fn new(counted: Vec<(String, i64)>) -> Self {
        let mut all = Self::default();
        for (index, (word, uses)) in counted.into_iter().enumerate() {
            for trigram in trigrams(&word) {
                all.by_trigram.entry(trigram.into_boxed_str()).or_default().push(index);
            }
            let word = word.into_boxed_str();
            all.by_word.insert(word.clone(), index);
            all.counted.push((word, u32::try_from(uses).unwrap_or(u32::MAX)));
        }
        let mut sorted: Vec<usize> = (0..all.counted.len()).collect();
        sorted.sort_unstable_by_key(|index| all.word(*index));
        all.sorted = sorted;
        all
    }

    fn word(&self, index: usize) -> &str {
        self.counted.get(index).map(|(word, _)| word.as_ref()).unwrap_or_default()
    }

    /// The words that go on from a beginning, the most used first, at most so many, and how often
    /// all of them are used.
    pub fn going_on(&self, beginning: &str, limit: usize) -> (Vec<&str>, u64) {
        let start = self.sorted.partition_point(|index| self.word(*index) < beginning);
        let places = self.sorted.get(start..).unwrap_or_default().iter();
        let mut found: Vec<(&str, u32)> = places
            .filter_map(|index| self.counted.get(*index))
            .map(|(word, uses)| (word.as_ref(), *uses))
            .take_while(|(word, _)| word.starts_with(beginning))
            .collect();
        let uses = found.iter().map(|(_, uses)| u64::from(*uses)).sum();
        found.sort_by_key(|(_, uses)| std::cmp::Reverse(*uses));
        (found.into_iter().take(limit).map(|(word, _)| word).collect(), uses)
    }

    /// How many materials have this word in title or tags.
    pub fn uses(&self, word: &str) -> u32 {
        let index = self.by_word.get(word);
        index.and_then(|index| self.counted.get(*index)).map_or(0, |(_, uses)| *uses)
    }

    /// Whether the library has this word.
    pub fn has(&self, word: &str) -> bool {
        self.by_word.contains_key(word)
    }

    /// The word that was probably meant, if any is close enough.
    pub fn closest(&self, word: &str) -> Option<String> {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for trigram in trigrams(word) {
            for index in self.by_trigram.get(trigram.as_str()).into_iter().flatten() {
                *shared.entry(*index).or_default() += 1;
            }
        }
        let mut candidates: Vec<(usize, usize)> = shared.into_iter().collect();
        // Most shared first; ties by the word's place, so that the answer is always the same.
        candidates.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let near = candidates.into_iter().take(CANDIDATES).filter_map(|(index, _)| {
            self.counted.get(index).map(|(word, uses)| (word.to_string(), *uses))
        });
        closest(word, near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[(&str, i64)]) -> Words {
        Words::new(list.iter().map(|(word, uses)| ((*word).to_owned(), *uses)).collect())
    }

    #[test]
    fn a_typo_finds_its_word_and_the_known_need_none() {
        let words = words(&[("grammar", 3), ("gramophone", 1), ("listening", 9)]);
        assert!(words.has("grammar") && !words.has("gramar"));
        assert_eq!(words.closest("gramar").as_deref(), Some("grammar"));
        assert_eq!(words.going_on("gram", 9), (vec!["grammar", "gramophone"], 4));
        assert_eq!(words.going_on("gram", 1), (vec!["grammar"], 4));
        assert_eq!(words.going_on("z", 9), (vec![], 0));
        assert_eq!(words.closest("xyzzy"), None);
        assert_eq!(words.closest(""), None);
    }
}
