//! The load of learners: an open loop, so that a slow or dead bot does not slow it down.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tgsim::Simulator;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::diary::{Expected, SharedDiary};
use crate::cli::simulate::error::DrillError;

/// The first learner's id.
const FIRST_LEARNER: i64 = 10_000;

/// Buttons that learners press: each edits the message that it belongs to.
const BUTTONS: [&str; 5] = ["📚 Browse", "🆕 New", "⚙️ Settings", "❓ Help", "🏠 Menu"];

/// A published material.
#[derive(Debug, Clone)]
pub struct Primer {
    pub id: i64,
    pub title: String,
}

/// The learners.
pub struct Learners {
    pub simulator: Arc<Simulator>,
    pub diary: Arc<SharedDiary>,
    pub primers: Vec<Primer>,
    /// Words of the library to search for.
    pub words: Vec<String>,
    pub random: fastrand::Rng,
    /// How many they are.
    pub count: usize,
    /// What all of them do together, per second.
    pub rate_per_s: f64,
}

impl Learners {
    /// Goes on until it is stopped.
    pub async fn go_on(mut self, stop: CancellationToken) -> Result<(), DrillError> {
        let mut due = Instant::now();
        let mut number: u64 = 0;
        let mut last: BTreeMap<i64, String> = BTreeMap::new();
        loop {
            let pause = -(1.0 - self.random.f64()).ln() / self.rate_per_s.max(0.01);
            due += Duration::from_secs_f64(pause.min(10.0));
            if stop.run_until_cancelled(tokio::time::sleep_until(due)).await.is_none() {
                return Ok(());
            }
            number += 1;
            let index = self.random.usize(..self.count.max(1));
            let chat = FIRST_LEARNER + i64::try_from(index).unwrap_or(0);
            self.act(chat, number, &mut last).await?;
        }
    }

    /// Two answers in a row of one chat never look alike: a repeat must not pass for the next.
    async fn act(
        &mut self,
        chat: i64,
        number: u64,
        last: &mut BTreeMap<i64, String>,
    ) -> Result<(), DrillError> {
        let word = format!("zz{number}q");
        let (text, answer) = match self.random.u8(..100) {
            0..15 => ("/start".to_owned(), Expected::text("Hello")),
            15..40 if !self.words.is_empty() && self.random.bool() => {
                let word = self.random.choice(&self.words).cloned().unwrap_or_default();
                let is_of_library = |last: &String| self.words.contains(last);
                // A page of hits that comes again must not pass for the next one: titles share words.
                if last.get(&chat).is_some_and(is_of_library) {
                    return Ok(());
                }
                (format!("/search {word}"), Expected::text(word))
            }
            15..40 => (format!("/search {word}"), Expected::text(word)),
            40..60 => (word.clone(), Expected::text(word)),
            60..80 => match self.random.choice(&self.primers) {
                Some(primer) => {
                    let link = format!("/start f_{}", primer.id);
                    (link, Expected::file(primer.title.clone()))
                }
                None => return Ok(()),
            },
            _ => return self.press(chat).await,
        };
        if last.get(&chat) == Some(&answer.needle) {
            return Ok(());
        }
        last.insert(chat, answer.needle.clone());
        let message = json!({"user": chat, "text": text});
        let said = self.simulator.ctl("message", message).await.map_err(DrillError::Simulator)?;
        let update = update_id(&said)?;
        self.diary.open().said(update, chat, vec![answer]);
        Ok(())
    }

    /// Presses a button, if the chat shows one.
    async fn press(&mut self, chat: i64) -> Result<(), DrillError> {
        let label = self.random.choice(BUTTONS).unwrap_or_default();
        let click = json!({"chat": chat, "label": format!("^{label}$")});
        let Ok(pressed) = self.simulator.ctl("click", click).await else { return Ok(()) };
        let update = update_id(&pressed)?;
        self.diary.open().pressed(update, chat, query_id(&pressed));
        Ok(())
    }
}

/// The number of the one update that a control call has made.
pub fn update_id(answer: &Value) -> Result<i64, DrillError> {
    let first = answer.pointer("/update_ids/0").and_then(Value::as_i64);
    first.ok_or_else(|| DrillError::Simulator("an update was not taken".to_owned()))
}

/// Telegram's id of the press that a control call has made.
pub fn query_id(answer: &Value) -> String {
    answer.get("callback_query_id").and_then(Value::as_str).unwrap_or_default().to_owned()
}
