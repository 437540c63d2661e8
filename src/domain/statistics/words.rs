//! What was searched for, without telling by whom.
//!
//! Beside a day's count of some words stands a set of marks. A mark is one of 32, chosen by a keyed
//! hash of words and person: three different marks are three people, but a mark fits every 32nd
//! person, so that it names nobody, even to those who have the key. The key is thrown away after
//! [`KEY_DAYS`]. Two people may have the same mark: then words are shown later, never sooner.

use super::days::Day;
use super::report::{Span, Top, TopList};
use crate::domain::ids::UserId;
use crate::domain::search::{Term, parse_query};

/// People that must have searched for words before these are shown.
pub const ASKERS_MIN: u32 = 3;

/// Days for which a key of the marks is used.
pub const KEY_DAYS: i32 = 30;

/// Bytes of such a key.
pub const KEY_BYTES: usize = 32;

/// Longest words that are kept, in characters. What is longer nobody asks for three times; it counts
/// as a search without words.
const WORDS_MAX_CHARS: usize = 80;

/// Which key is used on that day.
pub const fn key_period(day: Day) -> i32 {
    day.0.div_euclid(KEY_DAYS)
}

/// The words of a search as they are counted: folded, in their order, without function words. None
/// when there is nothing to search for.
pub fn searched_words(text: &str) -> Option<String> {
    let query = parse_query(text);
    if query.is_empty() {
        return None;
    }
    let words: Vec<&str> = query.terms().iter().map(Term::word).collect();
    let words = words.join(" ");
    Some(if words.chars().count() > WORDS_MAX_CHARS { String::new() } else { words })
}

/// The mark of a person beside words, as a set of one.
pub fn asker(key: &[u8; KEY_BYTES], words: &str, user: UserId) -> i64 {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(&user.0.to_le_bytes());
    hasher.update(words.as_bytes());
    let [first, ..] = *hasher.finalize().as_bytes();
    1 << (first % 32)
}

/// Words with their counts, for each span.
pub type TopWords = [Vec<Top<String>>; 3];

/// How often words were searched for on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedDay {
    /// As [`searched_words`] gives them.
    pub words: String,
    /// Which day.
    pub day: Day,
    /// How often.
    pub times: u64,
    /// How often nothing was found.
    pub empty: u64,
    /// The marks of those who searched.
    pub askers: i64,
}

/// Finds the words that were searched for most often. Takes rows in the order of words and days.
#[derive(Debug)]
pub struct AskedTally {
    today: Day,
    current: Option<Asked>,
    tops: [TopList<String>; 3],
    empty: [TopList<String>; 3],
}

#[derive(Debug)]
struct Asked {
    words: String,
    times: [u64; 3],
    empty: [u64; 3],
    /// Of the key's period.
    askers: i64,
    period: i32,
    is_common: bool,
}

impl AskedTally {
    /// Nothing counted yet.
    pub fn new(today: Day) -> Self {
        let lists = || Span::ALL.map(|_| TopList::default());
        Self { today, current: None, tops: lists(), empty: lists() }
    }

    /// Counts a row.
    pub fn add(&mut self, row: AskedDay) {
        let AskedDay { words, day, times, empty, askers } = row;
        if self.current.as_ref().is_none_or(|current| current.words != words) {
            self.close();
        }
        let period = key_period(day);
        let current = self.current.get_or_insert(Asked {
            words,
            times: [0; 3],
            empty: [0; 3],
            askers: 0,
            period,
            is_common: false,
        });
        // Marks of different keys cannot be told apart.
        current.askers = if current.period == period { current.askers | askers } else { askers };
        current.period = period;
        current.is_common |= current.askers.count_ones() >= ASKERS_MIN;
        for (index, span) in Span::ALL.into_iter().enumerate() {
            if !span.covers(day, self.today) {
                continue;
            }
            for (sums, count) in [(&mut current.times, times), (&mut current.empty, empty)] {
                if let Some(sum) = sums.get_mut(index) {
                    *sum = sum.saturating_add(count);
                }
            }
        }
    }

    fn close(&mut self) {
        let Some(asked) = self.current.take() else { return };
        if !asked.is_common || asked.words.is_empty() {
            return;
        }
        let Asked { words, times, empty, .. } = asked;
        for (list, count) in self.tops.iter_mut().zip(times) {
            list.offer(count, &words);
        }
        for (list, count) in self.empty.iter_mut().zip(empty) {
            list.offer(count, &words);
        }
    }

    /// The lists for each span: all searches, and those that found nothing.
    pub fn finish(mut self) -> (TopWords, TopWords) {
        self.close();
        (self.tops.map(TopList::finish), self.empty.map(TopList::finish))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const TODAY: Day = Day(20_416);
    const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];

    fn row(words: &str, back: i32, askers: i64) -> AskedDay {
        AskedDay { words: words.to_owned(), day: TODAY.minus(back), times: 4, empty: 1, askers }
    }

    fn words_of(rows: Vec<AskedDay>) -> Vec<String> {
        let mut tally = AskedTally::new(TODAY);
        for row in rows {
            tally.add(row);
        }
        let ([_, month, _], _) = tally.finish();
        month.into_iter().map(|top| top.subject).collect()
    }

    #[test]
    fn words_are_kept_folded_and_without_function_words() {
        assert_eq!(searched_words("  The ЁЛКА,  of Oʻzbek! ").as_deref(), Some("елка ozbek"));
        assert_eq!(searched_words("😀 !"), None);
        assert_eq!(searched_words(&"abcdefghij ".repeat(12)).as_deref(), Some("abcdefghij"));
        let long: Vec<String> = ('a'..='l').map(|c| format!("abcdefgh{c}")).collect();
        assert_eq!(searched_words(&long.join(" ")).as_deref(), Some(""));
    }

    #[test]
    fn words_are_shown_when_three_people_have_asked() {
        let today = key_period(TODAY);
        let earlier = (1..KEY_DAYS).find(|back| key_period(TODAY.minus(*back)) != today).unwrap();
        let rows = vec![
            // One person under two keys, and another: two.
            row("cefr", earlier, 1),
            row("cefr", 0, 2 | 4),
            row("ielts", 0, 1 | 2 | 4),
            row("passport", 0, 1),
            // Three within one key, on different days.
            row("unit", 1, 1 | 2),
            row("unit", 0, 4),
        ];
        let rows_of_one_key = key_period(TODAY.minus(1)) == today;
        assert!(rows_of_one_key, "choose another day");
        assert_eq!(words_of(rows), ["unit", "ielts"]);
    }

    #[test]
    fn long_words_are_counted_but_not_shown() {
        assert_eq!(words_of(vec![row("", 0, i64::from(u32::MAX))]), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn a_mark_is_one_of_thirty_two_and_the_same_each_time(user in 1_i64..1 << 40, words in "[a-z ]{0,20}") {
            let mark = asker(&KEY, &words, UserId(user));
            prop_assert_eq!(mark.count_ones(), 1);
            prop_assert!(mark < 1 << 32);
            prop_assert_eq!(mark, asker(&KEY, &words, UserId(user)));
        }

        #[test]
        fn fewer_than_three_people_are_never_many(users in prop::collection::btree_set(1_i64..1_000, 1..3), times in 1..9) {
            let users: BTreeSet<i64> = users;
            let marks = (0..times).flat_map(|_| users.iter()).fold(0, |marks, user| {
                marks | asker(&KEY, "words", UserId(*user))
            });
            prop_assert!(marks.count_ones() < ASKERS_MIN);
            prop_assert!(words_of(vec![row("words", 0, marks)]).is_empty());
        }
    }
}
