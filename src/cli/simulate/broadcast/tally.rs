//! What recipients have got, by the simulator's own record, and whether that is as promised.

use serde_json::{Value, json};

use super::rig::{FIRST, Rig};
use super::sends::Sends;
use crate::cli::simulate::bot::Stage;
use crate::cli::simulate::error::DrillError;

/// The window of a broadcast at 30 a second: what a kill may leave in doubt.
pub const WINDOW: u64 = 8;

/// The same where round trips are slow, as on a machine that does everything at once: the window
/// grows with them up to this.
pub const WIDEST: u64 = 64;

/// How many recipients have got the letter how often.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub once: u64,
    pub twice: u64,
    pub nothing: u64,
    /// Answers of 429.
    pub refused: usize,
}

impl Tally {
    /// Reads the simulator's record.
    pub async fn read(stage: &Stage, rig: &Rig, recipients: i64) -> Result<Self, DrillError> {
        let ask = json!({
            "copy_of": rig.letter(), "first": FIRST, "last": FIRST + recipients - 1,
        });
        let found = stage.ctl("deliveries", ask).await?;
        let number = |name: &str| found.get(name).and_then(Value::as_u64).unwrap_or(0);
        let refused = Sends::read(stage).await?.refused;
        Ok(Self {
            once: number("chats").saturating_sub(number("duplicate_chats")),
            twice: number("duplicate_chats"),
            nothing: u64::try_from(recipients).unwrap_or(0).saturating_sub(number("chats")),
            refused,
        })
    }

    /// Recipients who got nothing and of whom the bot does not say so. `unserved` is of how many it
    /// does: where what is in doubt is sent again, none may be.
    pub const fn lost(&self, unserved: u64) -> u64 {
        self.nothing.saturating_sub(unserved)
    }

    /// What was promised and not kept. `in_doubt` is what each kill has left so.
    pub fn breaches(&self, marked: u64, in_doubt: &[u64], resends: bool) -> Vec<String> {
        let mut breaches = Vec::new();
        // Whoever got nothing is reported as in doubt, or else is lost.
        let lost = self.lost(if resends { 0 } else { marked });
        if lost > 0 {
            breaches.push(format!("{lost} recipients are lost"));
        }
        if !resends && self.twice > 0 {
            breaches.push(format!("{} recipients got it twice", self.twice));
        }
        let kills = u64::try_from(in_doubt.len()).unwrap_or(u64::MAX);
        if resends && self.twice > kills.saturating_mul(WINDOW) {
            breaches.push(format!("{} got it twice: more than the windows", self.twice));
        }
        match in_doubt.iter().max() {
            Some(most) if *most > WINDOW => {
                breaches.push(format!("a kill left {most} recipients in doubt"));
            }
            _ => {}
        }
        breaches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_got_nothing_must_be_reported() {
        let tally = Tally { once: 90, nothing: 10, ..Tally::default() };
        assert_eq!(tally.breaches(10, &[3, 8], false), Vec::<String>::new());
        assert_eq!(tally.breaches(7, &[], false), ["3 recipients are lost"]);
        assert_eq!(tally.breaches(10, &[], true), ["10 recipients are lost"], "to be sent again");
    }

    #[test]
    fn nobody_gets_it_twice_but_by_the_policy_and_within_the_window() {
        let tally = Tally { once: 83, twice: 17, ..Tally::default() };
        assert_eq!(tally.breaches(0, &[8, 8], false), ["17 recipients got it twice"]);
        assert_eq!(tally.breaches(0, &[8, 8], true).len(), 1, "two windows hold 16");
        assert_eq!(tally.breaches(0, &[8, 8, 1], true), Vec::<String>::new());
        let all_well = Tally::default();
        assert_eq!(all_well.breaches(0, &[9], true), ["a kill left 9 recipients in doubt"]);
    }
}
