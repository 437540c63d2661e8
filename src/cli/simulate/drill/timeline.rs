//! What happened in each second, for the picture. Pure.

use std::time::Duration;

use crate::cli::simulate::crash::Life;
use crate::cli::simulate::spread::{Spread, millis};

/// Something that lasted a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    pub name: &'static str,
    /// By the simulator's clock, microseconds.
    pub from_us: u64,
    pub to_us: u64,
}

/// A look at the bot's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub at_us: u64,
    /// Of which process.
    pub pid: u32,
    /// Resident bytes; 0 while no process lives.
    pub resident: u64,
    /// The most that this process has had so far.
    pub peak: u64,
}

/// Seconds since the beginning, and a value.
pub type Point = (f64, f64);

/// All that the picture shows.
#[derive(Debug, Default, PartialEq)]
pub struct Timeline {
    /// How long it lasted.
    pub seconds: f64,
    /// Waits for replies, by the second in which they were asked for, milliseconds.
    pub p50_ms: Vec<Point>,
    pub p99_ms: Vec<Point>,
    /// Updates handed out, and messages of the broadcast, a second.
    pub updates: Vec<Point>,
    pub bulk: Vec<Point>,
    /// Memory in MB, a line for each process.
    pub memory_mb: Vec<Vec<Point>>,
    /// Ends of processes, and first polls of the next.
    pub kills: Vec<f64>,
    pub polls: Vec<f64>,
    /// Storms: from, to, name.
    pub storms: Vec<(f64, f64, &'static str)>,
}

/// The clock of a timeline.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    pub begun_us: u64,
    pub ended_us: u64,
}

impl Clock {
    /// Seconds since the beginning; 0 before it.
    pub fn at(&self, us: u64) -> f64 {
        Duration::from_micros(us.saturating_sub(self.begun_us)).as_secs_f64()
    }

    /// Whole seconds, the last one begun included.
    pub fn seconds(&self) -> u32 {
        let lasted = self.ended_us.saturating_sub(self.begun_us).div_ceil(1_000_000);
        u32::try_from(lasted).unwrap_or(u32::MAX)
    }

    /// Percentiles of waits (when asked, how long; microseconds) of each second that has some.
    pub fn percentiles(&self, waits: &[(u64, u64)]) -> (Vec<Point>, Vec<Point>) {
        let (mut half, mut most) = (Vec::new(), Vec::new());
        for second in 0..self.seconds() {
            let begins = self.begun_us + u64::from(second) * 1_000_000;
            let within = begins..begins + 1_000_000;
            let asked = waits.iter().filter(|(asked, _)| within.contains(asked));
            let spread = Spread::of(asked.map(|(_, took)| *took).collect());
            if spread.count > 0 {
                let middle = f64::from(second) + 0.5;
                half.push((middle, millis(spread.p50_us)));
                most.push((middle, millis(spread.p99_us)));
            }
        }
        (half, most)
    }

    /// Counts of each second that were made by another clock's seconds, which began at `since_us`.
    pub fn counts(&self, counts: &[f64], since_us: u64) -> Vec<Point> {
        let begins = |second: u32| since_us + u64::from(second) * 1_000_000;
        let points = (0..).zip(counts).filter(|(second, _)| {
            (self.begun_us..self.ended_us).contains(&(begins(*second) + 500_000))
        });
        points.map(|(second, count)| (self.at(begins(second) + 500_000), *count)).collect()
    }

    /// The memory of each process as a line of its own.
    pub fn memory(&self, looks: &[Look]) -> Vec<Vec<Point>> {
        // Looks between two processes, or before the first page of one, are none.
        let looks: Vec<Look> = looks.iter().filter(|look| look.resident > 0).copied().collect();
        let lives = looks.chunk_by(|one, next| one.pid == next.pid);
        let point = |look: &Look| (self.at(look.at_us), megabytes(look.resident));
        lives.map(|life| life.iter().map(point).collect()).collect()
    }

    /// When processes ended, but for the last, and when they polled first.
    pub fn marks(&self, lives: &[Life]) -> (Vec<f64>, Vec<f64>) {
        let ended = lives.iter().take(lives.len().saturating_sub(1));
        let kills = ended.map(|life| self.at(life.ended_us)).collect();
        let polled = lives.iter().filter_map(|life| {
            let took = u64::try_from(life.first_poll?.as_micros()).ok()?;
            Some(self.at(life.launched_us + took))
        });
        (kills, polled.collect())
    }
}

/// From the start of each process but the first to its first message of a broadcast: `bulk` holds
/// seconds of the simulator's clock, rising.
pub fn resumptions(lives: &[Life], bulk: &[f64]) -> Vec<Duration> {
    let seconds = |us: u64| Duration::from_micros(us).as_secs_f64();
    let of_life = |life: &Life| {
        let launched = seconds(life.launched_us);
        let first = bulk.iter().find(|at| **at > launched)?;
        let is_own = *first <= seconds(life.ended_us);
        is_own.then(|| Duration::try_from_secs_f64(first - launched).unwrap_or_default())
    };
    lives.iter().skip(1).filter_map(of_life).collect()
}

/// Bytes as megabytes, as aims name them.
pub fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1_000).unwrap_or(u32::MAX)) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::simulate::crash::End;

    const CLOCK: Clock = Clock { begun_us: 10_000_000, ended_us: 12_500_000 };

    #[test]
    fn waits_belong_to_the_second_in_which_they_began() {
        assert_eq!(CLOCK.seconds(), 3);
        let waits =
            [(10_000_000, 5_000), (10_900_000, 900_000), (12_400_000, 7_000), (13_100_000, 1)];
        let (half, most) = CLOCK.percentiles(&waits);
        assert_eq!(half, [(0.5, 5.0), (2.5, 7.0)], "nobody asked in the second one");
        assert_eq!(most, [(0.5, 5.0), (2.5, 7.0)]);
    }

    #[test]
    fn another_clock_is_laid_beside_ours() {
        let points = CLOCK.counts(&[9.0, 4.0, 5.0, 6.0, 7.0], 8_750_000);
        assert_eq!(points, [(0.25, 4.0), (1.25, 5.0), (2.25, 6.0)]);
    }

    #[test]
    fn each_process_has_a_line_of_memory() {
        let look = |at_us, pid, resident| Look { at_us, pid, resident, peak: resident };
        let looks = [
            look(10_000_000, 7, 0),
            look(10_100_000, 7, 2_000_000),
            look(10_200_000, 7, 3_000_000),
            look(10_400_000, 8, 1_500_000),
            look(10_500_000, 8, 0),
        ];
        let lines = CLOCK.memory(&looks);
        assert_eq!(lines, [vec![(0.1, 2.0), (0.2, 3.0)], vec![(0.4, 1.5)]]);
    }

    fn lives() -> [Life; 3] {
        let life = |launched_us, first_poll: Option<u64>, ended_us| Life {
            launched_us,
            first_poll: first_poll.map(Duration::from_millis),
            ended_us,
            end: End::Killed,
        };
        [
            life(10_000_000, Some(100), 11_000_000),
            life(11_000_000, None, 11_050_000),
            life(11_100_000, Some(50), 12_500_000),
        ]
    }

    #[test]
    fn ends_and_first_polls_are_marked() {
        let (kills, polls) = CLOCK.marks(&lives());
        assert_eq!(kills, [1.0, 1.05], "the last end is the drill's own");
        assert_eq!(polls, [0.1, 1.15]);
    }

    #[test]
    fn a_broadcast_goes_on_with_the_first_message_of_a_life() {
        let resumed = resumptions(&lives(), &[10.2, 10.9, 11.3, 11.4]);
        assert_eq!(resumed.len(), 1, "one was killed before");
        assert_eq!(resumed[0].as_millis(), 200);
    }
}
