//! An editor's files under way: how each stands, and what its place in the queue is.

use super::ids::MaterialId;
use super::job::FileProgress;
use super::material::Card;

/// Files that one message shows: each has a button.
pub const UPLOADS_SHOWN: usize = 8;

/// A file that is not processed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Its material.
    pub material: MaterialId,
    /// Its name: hostile text.
    pub name: String,
    /// Its progress card.
    pub card: Option<Card>,
    /// How it stands.
    pub standing: Standing,
}

/// How a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It waits; so many are worked on before it at most, itself included.
    Waiting {
        /// From 1.
        place: u64,
    },
    /// A worker is at it.
    Working(FileProgress),
    /// Something passing went wrong; it is tried again later.
    Again,
}

/// How many jobs of one person's wait, of one priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub fairness_key: i64,
    /// What they go before.
    pub priority: i32,
    /// How many.
    pub count: i64,
}

/// The latest place at which somebody's waiting job comes, from 1: after all of a higher priority,
/// the person's own before it, and as many of each other person's as have their turn meanwhile.
pub fn place(line: &[Line], whose: i64, priority: i32, own_before: i64) -> u64 {
    let turns = own_before + 1;
    let others = line.iter().map(|line| match line.priority.cmp(&priority) {
        std::cmp::Ordering::Greater => line.count,
        std::cmp::Ordering::Equal if line.fairness_key != whose => line.count.min(turns),
        _ => 0,
    });
    u64::try_from(turns + others.sum::<i64>()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_their_turn_before_somebodys_second() {
        let of = |fairness_key, priority, count| Line { fairness_key, priority, count };
        let line = [of(1, 0, 500), of(2, 0, 3), of(3, 10, 2), of(4, -10, 9)];
        assert_eq!(place(&line, 2, 0, 0), 2 + 1 + 1, "two single files and one of the many");
        assert_eq!(place(&line, 2, 0, 2), 2 + 3 + 3);
        assert_eq!(place(&line, 1, 0, 499), 2 + 3 + 500);
        assert_eq!(place(&line, 3, 10, 0), 1, "its priority is the highest");
        assert_eq!(place(&[], 3, 0, 0), 1);
    }
}
