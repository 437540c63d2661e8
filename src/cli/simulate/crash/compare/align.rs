//! Lays what came beside what was expected. Pure.

use super::Expected;

/// What came, beside what was expected.
#[derive(Debug)]
pub struct Aligned<T> {
    /// For each expected message what came for it, in order.
    pub copies: Vec<Vec<T>>,
    /// Expected messages that came after one that belongs behind them.
    pub late: Vec<usize>,
    /// What fits nothing.
    pub strangers: usize,
}

/// Goes through what came, in order: the next one expected, the last one again, or else one that
/// is too early, too late, or not expected at all.
pub fn align<T: Copy>(
    expected: &[Expected],
    came: impl Iterator<Item = T>,
    fits: impl Fn(&Expected, T) -> bool,
) -> Aligned<T> {
    let mut aligned =
        Aligned { copies: vec![Vec::new(); expected.len()], late: Vec::new(), strangers: 0 };
    let mut next: usize = 0;
    for item in came {
        let fits_at = |index: usize| expected.get(index).is_some_and(|e| fits(e, item));
        let last = next.checked_sub(1);
        let earlier = || (0..next).rev().find(|index| fits_at(*index));
        let later = || (next..expected.len()).find(|index| fits_at(*index));
        let place = if fits_at(next) {
            Some(next)
        } else {
            last.filter(|index| fits_at(*index)).or_else(later).or_else(earlier)
        };
        let Some(place) = place else {
            aligned.strangers += 1;
            continue;
        };
        if place + 1 < next {
            aligned.late.push(place);
        }
        next = next.max(place + 1);
        if let Some(copies) = aligned.copies.get_mut(place) {
            copies.push(item);
        }
    }
    aligned
}
