//! When the bot is ended: random and seeded, with the moments that hurt among them.

use std::time::Duration;

/// A moment in a life of the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So long after the start of the process, whether or not it polls yet.
    Starting(Duration),
    /// So long after the first poll.
    Working(Duration),
    /// So long after the first poll, as soon as updates are handed out: they are not stored yet.
    HandedOut(Duration),
}

/// Draws a moment. `start` is what a start usually takes.
pub fn draw(random: &mut fastrand::Rng, may_be_starting: bool, start: Duration) -> Moment {
    let mut up_to_ms = |ms: u64| Duration::from_millis(random.u64(..=ms));
    let soon = up_to_ms(150);
    let later = up_to_ms(2_500);
    let in_between = up_to_ms(500);
    let share = random.f64();
    match random.u8(..100) {
        0..20 if may_be_starting => Moment::Starting(start.mul_f64(share)),
        0..45 => Moment::Working(soon),
        45..75 => Moment::Working(later),
        _ => Moment::HandedOut(in_between),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_moments_and_all_kinds_occur() {
        let series = |seed| {
            let mut random = fastrand::Rng::with_seed(seed);
            let start = Duration::from_millis(200);
            (0..200).map(|_| draw(&mut random, true, start)).collect::<Vec<_>>()
        };
        assert_eq!(series(3), series(3));
        assert_ne!(series(3), series(4));
        let moments = series(3);
        assert!(moments.iter().any(|moment| matches!(moment, Moment::Starting(_))));
        assert!(moments.iter().any(|moment| matches!(moment, Moment::Working(_))));
        assert!(moments.iter().any(|moment| matches!(moment, Moment::HandedOut(_))));
    }
}
