//! The lives of the bot: started, ended at a random moment, started again at once.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tokio::time::Instant;

use super::How;
use super::moments::{Moment, draw};
use crate::cli::simulate::bot::{LOOK_EVERY, RunningBot, START_WITHIN, Stage};
use crate::cli::simulate::error::DrillError;

/// Longest wait for something to be handed out: the load may pause for a while.
const HAND_OUT_WITHIN: Duration = Duration::from_secs(2);

/// Longest wait for an orderly end; what it may take is judged by the report.
const END_WITHIN: Duration = Duration::from_mins(1);

/// Pause between the two signals of an impatient stop.
const IMPATIENCE: Duration = Duration::from_millis(20);

/// A life of the bot that is over.
#[derive(Debug, Clone)]
pub struct Life {
    /// When it began, by the simulator's clock.
    pub launched_us: u64,
    /// Time to the first poll, if there was one.
    pub first_poll: Option<Duration>,
    /// When it was ended, by the same clock.
    pub ended_us: u64,
    /// How it ended.
    pub end: End,
}

/// How a life ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// By SIGKILL.
    Killed,
    /// By one signal, in order; with this exit code (none: it had to be killed).
    Stopped { took: Duration, code: Option<i32> },
    /// By a second signal.
    CutShort { took: Duration },
}

impl End {
    /// Whether sends may have been in flight.
    pub const fn leaves_doubt(&self) -> bool {
        !matches!(self, Self::Stopped { .. })
    }
}

/// How the bot is ended, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub how: How,
    pub ends: usize,
    /// How long the bot is left alone after its first poll, before the moment of its end is drawn.
    pub calm: Duration,
}

/// Lives and ends as often as was asked for; gives those lives, and the bot that lives on. While
/// nobody lives, `after_end` may look at what is left; it is told how many ends there were.
pub async fn live(
    stage: &mut Stage,
    Plan { how, ends, calm }: Plan,
    random: &mut fastrand::Rng,
    mut after_end: impl AsyncFnMut(&Stage, usize) -> Result<(), DrillError>,
) -> Result<(Vec<Life>, RunningBot), DrillError> {
    let mut lives: Vec<Life> = Vec::with_capacity(ends);
    let mut usual_start = Duration::from_millis(200);
    for number in 1..=ends {
        let mut bot = stage.launch_bot().await?;
        let moment = draw(random, how == How::Kill, usual_start);
        wait_for(stage, &mut bot, moment, calm).await?;
        usual_start = bot.first_poll.unwrap_or(usual_start);
        let (launched_us, first_poll) = (bot.launched_us, bot.first_poll);
        let ended_us = tgsim::util::now_us();
        let end = stop(bot, how).await;
        until_poll_is_over(stage).await?;
        lives.push(Life { launched_us, first_poll, ended_us, end });
        after_end(stage, number).await?;
    }
    let mut bot = stage.launch_bot().await?;
    until_polled(stage, &mut bot, None).await?;
    Ok((lives, bot))
}

/// Waits for the moment. A bot that ends before by itself fails the drill.
async fn wait_for(
    stage: &Stage,
    bot: &mut RunningBot,
    moment: Moment,
    calm: Duration,
) -> Result<(), DrillError> {
    let pause = match moment {
        Moment::Starting(pause) => {
            return until_polled(stage, bot, Some(pause)).await;
        }
        Moment::Working(pause) | Moment::HandedOut(pause) => pause,
    };
    until_polled(stage, bot, None).await?;
    tokio::time::sleep(calm + pause).await;
    if matches!(moment, Moment::HandedOut(_)) {
        let handed = handed_out(stage).await?;
        let begun = Instant::now();
        // No sleep: the moment is shorter than the timer's tick.
        while handed_out(stage).await? == handed && begun.elapsed() < HAND_OUT_WITHIN {
            tokio::task::yield_now().await;
        }
    }
    if bot.has_ended() { Err(bot.ended()) } else { Ok(()) }
}

/// Waits for the first poll, at most so long; without a limit a bot that never polls fails.
async fn until_polled(
    stage: &Stage,
    bot: &mut RunningBot,
    at_most: Option<Duration>,
) -> Result<(), DrillError> {
    let begun = Instant::now();
    while !stage.has_polled(bot).await? {
        if at_most.is_some_and(|at_most| begun.elapsed() >= at_most) {
            return Ok(());
        }
        if bot.has_ended() || begun.elapsed() > START_WITHIN {
            return Err(bot.ended());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn handed_out(stage: &Stage) -> Result<u64, DrillError> {
    Ok(stage.queue().await?.get("handed").and_then(Value::as_u64).unwrap_or(0))
}

/// Waits until the simulator has seen that the dead bot's poll is over.
async fn until_poll_is_over(stage: &Stage) -> Result<(), DrillError> {
    while stage.queue().await?.get("polling").and_then(Value::as_bool).unwrap_or(false) {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Ends the bot.
pub async fn stop(mut bot: RunningBot, how: How) -> End {
    if how == How::Kill {
        bot.kill_tree().await;
        return End::Killed;
    }
    let begun = Instant::now();
    bot.signal(Signal::TERM);
    if how == How::Twice {
        tokio::time::sleep(IMPATIENCE).await;
        bot.signal(Signal::TERM);
    }
    let status = bot.wait_end(END_WITHIN).await;
    let took = begun.elapsed();
    if status.is_none() {
        bot.kill_tree().await;
    }
    match how {
        How::Twice => End::CutShort { took },
        How::Kill | How::Term => {
            End::Stopped { took, code: status.and_then(|status| status.code()) }
        }
    }
}
