//! Editors who upload: each sends a small PDF, answers every question as it comes, ends the dialog
//! and begins the next. A closed loop: an editor answers what was asked.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tgsim::Simulator;
use tokio_util::sync::CancellationToken;

use super::diary::{Expected, Fate, SharedDiary, UploadNote};
use super::load::{query_id, update_id};
use crate::cli::demo::samples;
use crate::cli::simulate::error::DrillError;

/// The first editor's id.
pub const FIRST_EDITOR: i64 = 20_000;

/// Longest wait for an answer: a bot that is killed again and again is slow.
pub const PATIENCE_S: u64 = 180;

/// An editor.
pub struct Editor {
    pub simulator: Arc<Simulator>,
    pub diary: Arc<SharedDiary>,
    pub id: i64,
    pub random: fastrand::Rng,
    /// Where the files are made.
    pub folder: PathBuf,
    /// Longest wait for an answer, in seconds.
    pub patience_s: u64,
}

/// What an editor does in one step.
enum Act {
    File(PathBuf, String),
    Say(String),
    Press(&'static str),
}

/// The step had no visible effect.
struct Stuck;

impl Editor {
    /// Goes on until it is stopped; ends a dialog that was begun.
    pub async fn go_on(mut self, stop: CancellationToken) -> Result<(), DrillError> {
        let mut number = 0;
        while !stop.is_cancelled() {
            number += 1;
            if let Err(Stuck) = self.upload(number).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn upload(&mut self, number: usize) -> Result<Result<(), Stuck>, DrillError> {
        let title = format!("Drill {} {number}", self.id);
        let file_name = format!("drill-{}-{number}.pdf", self.id);
        let path = self.folder.join(&file_name);
        let text = format!("The text of {title} as it stands on its only page.");
        let written = samples::pdf(&title, &text).and_then(|bytes| std::fs::write(&path, bytes));
        written.map_err(DrillError::system("cannot write a file to upload"))?;
        let (fate, label, end) = match self.random.u8(..10) {
            0 => (Fate::Discarded, "✖️ Cancel", "Cancelled".to_owned()),
            1..3 => (Fate::Draft, "📝 Save draft", format!("Saved as a draft: {title}")),
            _ => (Fate::Published, "🚀 Publish", format!("Published: {title}|“{title}” will be")),
        };
        let steps = [
            (Act::File(path, file_name.clone()), "What is it called".to_owned()),
            (Act::Say(title.clone()), "Where does it belong".to_owned()),
            (Act::Say(format!("Shelf {}", self.id)), "For which level".to_owned()),
            (Act::Press("Any level"), "Which language".to_owned()),
            (Act::Press("English"), "Tags, separated".to_owned()),
            (Act::Press("⏭ Without tags"), "Please check".to_owned()),
            (Act::Press(label), end),
        ];
        for (index, (act, question)) in steps.into_iter().enumerate() {
            let since = self.act(act, &question).await?;
            if !self.is_asked(&question, since).await? {
                let place = format!("step {index} of {file_name}");
                self.diary.open().stuck.push(place);
                return Ok(Err(Stuck));
            }
        }
        self.diary.open().uploads.push(UploadNote { file_name, title, fate });
        Ok(Ok(()))
    }

    /// Does a step, writes down what must come of it, and gives the moment before it.
    async fn act(&self, act: Act, question: &str) -> Result<Value, DrillError> {
        let (call, body, answers) = match act {
            Act::File(path, name) => {
                let file = json!({"type": "document", "path": path, "name": name});
                let answers = Some(vec![Expected::text(name), Expected::text(question)]);
                ("message", json!({"user": self.id, "file": file}), answers)
            }
            Act::Say(text) => {
                let answers = Some(vec![Expected::text(question)]);
                ("message", json!({"user": self.id, "text": text}), answers)
            }
            Act::Press(label) => {
                ("click", json!({"chat": self.id, "label": format!("^{label}$")}), None)
            }
        };
        let done = self.simulator.ctl(call, body).await.map_err(DrillError::Simulator)?;
        let update = update_id(&done)?;
        let mut diary = self.diary.open();
        match answers {
            Some(answers) => diary.said(update, self.id, answers),
            None => diary.pressed(update, self.id, query_id(&done)),
        }
        Ok(done.get("since").cloned().unwrap_or_default())
    }

    async fn is_asked(&self, question: &str, since: Value) -> Result<bool, DrillError> {
        let wait = json!({
            "chat": self.id, "regex": question, "since": since, "timeout_s": self.patience_s,
        });
        let seen = self.simulator.ctl("wait", wait).await.map_err(DrillError::Simulator)?;
        Ok(seen.get("message").is_some_and(Value::is_object))
    }
}
