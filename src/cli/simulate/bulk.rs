//! Many small files from one editor, published together: from the first file sent to the last one
//! that learners can find.

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::bot::Stage;
use super::error::DrillError;
use super::table::print;
use crate::cli::demo::samples;
use crate::domain::ids::UserId;
use crate::domain::shelf::List;

/// How much.
#[derive(Debug, Args)]
pub struct BulkArguments {
    /// Files; each is a PDF of one page with a text of its own.
    #[arg(long, default_value_t = 1_000)]
    pub files: usize,
}

/// The editor.
const EDITOR: i64 = 20_000;

/// Longest wait for the whole batch.
const PATIENCE: Duration = Duration::from_mins(10);

/// Pause between two looks at the library.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What was measured, each since the first file was sent.
pub struct Bulk {
    backend: &'static str,
    files: usize,
    /// All were sent.
    sent: Duration,
    pressed: Duration,
    /// Learners find the last one.
    pub found: Duration,
    shown: Duration,
    messages: usize,
    edits: usize,
}

impl Bulk {
    /// Files a second, from the first one sent to the last one found.
    pub fn per_second(&self) -> f64 {
        let files = f64::from(u32::try_from(self.files).unwrap_or(u32::MAX));
        files / self.found.as_secs_f64().max(0.001)
    }
}

/// Runs the drill.
pub async fn run(arguments: &BulkArguments, database: Option<&str>) -> Result<(), DrillError> {
    let bulk = measure(arguments, database).await?;
    print(
        "bulk",
        &[
            ("database", bulk.backend.to_owned()),
            ("files", bulk.files.to_string()),
            ("sent after, s", seconds(bulk.sent)),
            ("publish pressed after, s", seconds(bulk.pressed)),
            ("last one published after, s", seconds(bulk.found)),
            ("the list says so after, s", seconds(bulk.shown)),
            ("files/s", format!("{:.1}", bulk.per_second())),
            ("messages sent", bulk.messages.to_string()),
            ("edits", bulk.edits.to_string()),
        ],
    );
    Ok(())
}

/// Sends the files, has them published, and waits until all can be found.
pub async fn measure(
    arguments: &BulkArguments,
    database: Option<&str>,
) -> Result<Bulk, DrillError> {
    let mut stage = Stage::set(database, json!({"enabled": false})).await?;
    stage.set_value("access.owners", &EDITOR.to_string());
    stage.set_value("chat.bulk_files", "2000");
    let files = make_files(&stage, arguments.files)?;
    let mut bot = stage.start_bot().await?;
    let begun = Instant::now();
    // The first as an album: nothing is asked about it alone.
    let (first, others) = files.split_at(files.len().min(2));
    stage.ctl("message", json!({"user": EDITOR, "album": first})).await?;
    for file in others {
        stage.ctl("message", json!({"user": EDITOR, "file": file})).await?;
    }
    let sent = begun.elapsed();
    press(&stage, "Publish all", "described together").await?;
    see(&stage, "Where does it belong").await?;
    stage.ctl("message", json!({"user": EDITOR, "text": "Shelf"})).await?;
    press(&stage, "Publish all", "Section: Shelf").await?;
    let pressed = begun.elapsed();

    let db = stage.database().await?;
    let wanted = i64::try_from(arguments.files).unwrap_or(i64::MAX);
    while db.shelf_count(List::New, UserId(0), wanted).await? < wanted {
        if bot.has_ended() {
            return Err(bot.ended());
        }
        if begun.elapsed() > PATIENCE {
            return Err(DrillError::Broken(format!("not published within {PATIENCE:?}")));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let took = begun.elapsed();
    see(&stage, "files were published").await?;
    let shown = begun.elapsed();
    let edits = count(&stage, "editMessageText").await?;
    let messages = count(&stage, "sendMessage").await?;
    bot.stop().await;
    Ok(Bulk {
        backend: db.backend_name(),
        files: arguments.files,
        sent,
        pressed,
        found: took,
        shown,
        messages,
        edits,
    })
}

fn make_files(stage: &Stage, count: usize) -> Result<Vec<Value>, DrillError> {
    let make = |number: usize| {
        let name = format!("Unit {number}.pdf");
        let path = stage.folder().join(&name);
        let title = format!("Unit {number}");
        let text = format!("The text of unit {number} as it stands on its only page.");
        let written = samples::pdf(&title, &text).and_then(|bytes| std::fs::write(&path, bytes));
        written.map_err(DrillError::system("cannot write a file to upload"))?;
        Ok(json!({"type": "document", "path": path, "name": name}))
    };
    (1..=count).map(make).collect()
}

/// Waits for a message that fits the regex.
async fn see(stage: &Stage, regex: &str) -> Result<(), DrillError> {
    let wait = json!({
        "chat": EDITOR, "regex": regex, "since": 0, "timeout_s": PATIENCE.as_secs(),
    });
    stage.ctl("wait", wait).await.map(drop)
}

/// Presses a button of the list, once that says what is expected.
async fn press(stage: &Stage, label: &str, regex: &str) -> Result<(), DrillError> {
    see(stage, regex).await?;
    stage.ctl("click", json!({"chat": EDITOR, "label": label})).await.map(drop)
}

/// How many calls of a method went well.
async fn count(stage: &Stage, method: &str) -> Result<usize, DrillError> {
    let calls = json!({"method": method, "status": 200, "limit": 100_000});
    let calls = stage.ctl("calls", calls).await?;
    Ok(calls.get("calls").and_then(Value::as_array).map_or(0, Vec::len))
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}
