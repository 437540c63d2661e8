//! What is left when everybody has gone: all is worked off, and compared with what was offered.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::How;
use super::compare::{Findings, Sent, compare, waits};
use super::crowd::Crowd;
use super::diary::SharedDiary;
use super::lives::{self, Life};
use crate::cli::simulate::bot::{LOOK_EVERY, RunningBot, Stage};
use crate::cli::simulate::error::DrillError;
use crate::store::Db;

/// Longest wait for everything to be worked off.
const DRAIN_WITHIN: Duration = Duration::from_mins(3);

/// A process that was just started cannot have sent anything within so many microseconds; what
/// comes by then is its predecessor's last request, read late.
const HANDOVER_US: u64 = 5_000;

/// What is known when all is over.
pub struct Aftermath {
    /// What was offered.
    pub diary: Arc<SharedDiary>,
    /// All lives of the bot, with the last.
    pub lives: Vec<Life>,
    /// What the simulator has put into chats.
    pub sent: Vec<Sent>,
    /// Everything was worked off in time.
    pub is_drained: bool,
    pub findings: Findings,
    /// Presses whose spinner Telegram had to end.
    pub presses_unanswered: usize,
}

impl Aftermath {
    /// Lets the crowd leave and the bot work off what is left, ends it in order, and compares.
    pub async fn of(
        stage: &Stage,
        crowd: Crowd,
        lives: Vec<Life>,
        bot: RunningBot,
    ) -> Result<Self, DrillError> {
        let diary = crowd.leave().await?;
        let db = stage.database().await?;
        let is_drained = drain(stage, &db).await?;
        let audit = db.audit().await?;
        let (launched_us, first_poll) = (bot.launched_us, bot.first_poll);
        let end = lives::stop(bot, How::Term).await;
        let last = Life { launched_us, first_poll, ended_us: tgsim::util::now_us(), end };
        let lives: Vec<Life> = lives.into_iter().chain([last]).collect();

        let sent = sent(stage, &lives).await?;
        let may_repeat: Vec<bool> = lives.iter().map(|life| life.end.leaves_doubt()).collect();
        let answered = answered(stage).await?;
        let (findings, presses_unanswered) = {
            let diary = diary.open();
            let unanswered = diary.queries.iter().filter(|query| !answered.contains(*query));
            (compare(&diary, &sent, &audit, &may_repeat), unanswered.count())
        };
        Ok(Self { diary, lives, sent, is_drained, findings, presses_unanswered })
    }

    /// When each answer was asked for, by the simulator's clock, and how long it took: microseconds.
    pub fn waits(&self) -> Vec<(u64, u64)> {
        waits(&self.diary.open(), &self.sent)
    }

    /// From the start of each process but the first to the first message that it has sent.
    pub fn first_messages(&self) -> Vec<Duration> {
        first_messages(&self.lives, &self.sent)
    }
}

fn first_messages(lives: &[Life], sent: &[Sent]) -> Vec<Duration> {
    let first = |(number, life): (usize, &Life)| {
        let of_life = sent.iter().filter(|sent| sent.life == number).map(|sent| sent.at_us);
        Some(Duration::from_micros(of_life.min()?.saturating_sub(life.launched_us)))
    };
    lives.iter().enumerate().skip(1).filter_map(first).collect()
}

/// Waits until nothing waits for anybody any more; gives whether that came true.
async fn drain(stage: &Stage, db: &Db) -> Result<bool, DrillError> {
    let begun = Instant::now();
    while begun.elapsed() < DRAIN_WITHIN {
        // Telegram forgets an update when the bot has it stored: then the ledger tells more.
        let pending = stage.queue().await?.get("pending").and_then(Value::as_u64);
        if pending == Some(0) && db.unfinished_count().await? == 0 {
            return Ok(true);
        }
        tokio::time::sleep(LOOK_EVERY * 20).await;
    }
    Ok(false)
}

/// Presses that the bot has answered, whether or not it was still there to hear that.
async fn answered(stage: &Stage) -> Result<HashSet<String>, DrillError> {
    let calls = json!({"method": "answerCallbackQuery", "limit": 10_000_000, "params": true});
    let calls = stage.ctl("calls", calls).await?;
    let calls = calls.get("calls").and_then(Value::as_array).cloned().unwrap_or_default();
    let ids = calls.iter().filter_map(|call| {
        call.pointer("/params/callback_query_id").and_then(Value::as_str).map(str::to_owned)
    });
    Ok(ids.collect())
}

/// The messages that the simulator has put into chats, each with the life that sent it.
async fn sent(stage: &Stage, lives: &[Life]) -> Result<Vec<Sent>, DrillError> {
    let mut sent = Vec::new();
    for (method, is_file) in [("sendMessage", false), ("sendDocument", true)] {
        let calls = json!({"method": method, "limit": 10_000_000, "params": false});
        let calls = stage.ctl("calls", calls).await?;
        let calls = calls.get("calls").and_then(Value::as_array).cloned().unwrap_or_default();
        let executed = calls
            .iter()
            .filter(|call| call.get("executed").and_then(Value::as_bool).unwrap_or(false));
        sent.extend(executed.map(|call| read_call(call, is_file, lives)));
    }
    Ok(sent)
}

fn read_call(call: &Value, is_file: bool, lives: &[Life]) -> Sent {
    let number = |name: &str| call.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let id = |name: &str| call.get(name).and_then(Value::as_i64).unwrap_or(0);
    let ended = Duration::from_secs_f64(number("t").max(0.0));
    let begun = ended.saturating_sub(Duration::from_secs_f64(number("ms").max(0.0) / 1_000.0));
    let begun_us = u64::try_from(begun.as_micros()).unwrap_or(u64::MAX);
    let lives_begun =
        lives.iter().take_while(|life| life.launched_us + HANDOVER_US <= begun_us).count();
    Sent {
        chat: id("chat"),
        message: id("message_id"),
        text: call.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
        is_file,
        life: lives_begun.saturating_sub(1),
        at_us: u64::try_from(ended.as_micros()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lives::End;
    use super::*;

    #[test]
    fn a_life_is_as_quick_as_its_first_message() {
        let life = |launched_us| Life {
            launched_us,
            first_poll: None,
            ended_us: launched_us + 900_000,
            end: End::Killed,
        };
        let sent = |life, at_us| Sent {
            chat: 1,
            message: 1,
            text: String::new(),
            is_file: false,
            life,
            at_us,
        };
        let lives = [life(0), life(1_000_000), life(2_000_000), life(3_000_000)];
        // The third was killed before it could say anything.
        let sent = [sent(0, 90_000), sent(1, 1_300_000), sent(1, 1_200_000), sent(3, 3_050_000)];
        let firsts = first_messages(&lives, &sent);
        assert_eq!(firsts, [Duration::from_millis(200), Duration::from_millis(50)]);
    }
}
