//! What others notice of somebody who floods the bot, under the limits that it comes with.
//!
//! The others talk at a steady rate: first alone, then beside each flood, then alone again. Each
//! flood is another person's. Fails if the others wait more than twice as long, or if whoever floods
//! is told more than once.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use tgsim::Simulator;
use tokio::time::Instant;

use super::bot::{RunningBot, Stage};
use super::error::DrillError;
use super::table::{mib, print};
use super::{flood_picture, titles};
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::ids::UserId;
use crate::domain::role::Role;
use crate::store::Db;

/// The load.
#[derive(Debug, Args)]
pub struct FloodArguments {
    /// Updates of the others per second.
    #[arg(long, default_value_t = 50)]
    rate: usize,
    /// How long each measurement lasts, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: usize,
    /// Chats of the others.
    #[arg(long, default_value_t = 1_000)]
    chats: usize,
    /// Titles in the library.
    #[arg(long, default_value_t = 20_000)]
    titles: usize,
    /// Messages of a flood per second.
    #[arg(long, default_value_t = 200)]
    messages_per_s: u32,
    /// Presses of a flood per second.
    #[arg(long, default_value_t = 500)]
    presses_per_s: u32,
    /// Files of a flood, all at once.
    #[arg(long, default_value_t = 1_000)]
    files: u32,
    /// Where the waits of the others are drawn, as SVG.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// How much longer the others may wait at the 99th percentile.
const WAIT_FACTOR_MAX: f64 = 2.0;

/// Pause between two pieces of a flood.
const PIECE: Duration = Duration::from_millis(4);

/// Pause between two looks at what is open.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Longest wait for a flood to be over, and for all that it has begun.
const PATIENCE: Duration = Duration::from_mins(10);

/// What whoever floods is told.
const TOLD: &str = "a lot at once";

/// A flood.
struct Kind {
    name: &'static str,
    flooder: i64,
    chat: i64,
    what: What,
    /// How often its author is told.
    told: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Messages,
    Presses,
    Files,
}

const KINDS: [Kind; 5] = [
    Kind { name: "messages", flooder: 701, chat: 701, what: What::Messages, told: 1 },
    Kind { name: "presses", flooder: 702, chat: 702, what: What::Presses, told: 1 },
    Kind { name: "in a group", flooder: 703, chat: -100_703, what: What::Messages, told: 1 },
    Kind { name: "files, learner", flooder: 704, chat: 704, what: What::Files, told: 1 },
    // Editors may: their files wait for their turn among all uploads.
    Kind { name: "files, editor", flooder: 705, chat: 705, what: What::Files, told: 0 },
];

/// How long the others waited, and what came of the flood beside them.
pub struct Measured {
    pub name: &'static str,
    pub p50_ms: f64,
    pub p99_ms: f64,
    max_ms: f64,
    unanswered: u64,
    flood: Option<Flooded>,
}

/// What came of a flood.
struct Flooded {
    sent: usize,
    /// Rows of the outbox for its chat.
    answers: usize,
    told: usize,
    told_aim: usize,
    memory: u64,
}

/// Runs the drill.
pub async fn run(arguments: &FloodArguments, database: Option<&str>) -> Result<(), DrillError> {
    let mut stage = Stage::set(database, json!({"lenient_replies": true})).await?;
    stage.set_value("limits.enabled", "true");
    let db = stage.database().await?;
    db.user_set_role(UserId(705), Role::Editor, SystemClock.now()).await?;
    let words = titles::fill(&db, arguments.titles).await?;
    let mut bot = stage.start_bot().await?;
    let others = Others { arguments, words };
    // Once for nothing: connections, caches and statements are there afterwards.
    others.talk(&stage, 5).await?;
    let mut measured = vec![others.measure(&stage, "alone").await?];
    for kind in KINDS {
        let beside = beside_a_flood(&stage, &db, &others, kind, &bot).await?;
        measured.push(beside);
        if bot.has_ended() {
            return Err(bot.ended());
        }
    }
    measured.push(others.measure(&stage, "alone again").await?);
    let used = bot.usage();
    bot.stop().await;

    let alone = measured.first().map_or(f64::NAN, |first| first.p99_ms);
    let mut rows = vec![("database", db.backend_name().to_owned())];
    rows.push(("others, updates/s", arguments.rate.to_string()));
    rows.extend(measured.iter().map(|it| (it.name, it.summary(alone))));
    rows.push(("memory of the bot at most", mib(used.peak)));
    print("flood: waits of the others, median / p99 / max", &rows);
    if let Some(path) = &arguments.picture {
        let picture = flood_picture::svg(&measured, WAIT_FACTOR_MAX);
        std::fs::write(path, picture).map_err(DrillError::system("cannot write the picture"))?;
    }
    let mut missed: Vec<String> = measured.iter().flat_map(|it| it.missed(alone)).collect();
    missed.extend(stage.logged_errors());
    if missed.is_empty() { Ok(()) } else { Err(DrillError::Broken(missed.join("\n"))) }
}

impl Measured {
    fn summary(&self, alone: f64) -> String {
        let Self { p50_ms, p99_ms, max_ms, .. } = self;
        let mut text =
            format!("{p50_ms:.1} / {p99_ms:.1} / {max_ms:.1} ms, p99 {:.2} times", p99_ms / alone);
        if let Some(flood) = &self.flood {
            let Flooded { sent, answers, told, memory, .. } = flood;
            let back = format!("{answers} messages back, {told} of them the word");
            let _ = write!(text, "; flood of {sent}: {back}; {}", mib(*memory));
        }
        text
    }

    /// What was not kept.
    fn missed(&self, alone: f64) -> Vec<String> {
        let mut missed = Vec::new();
        let name = self.name;
        if self.p99_ms > alone * WAIT_FACTOR_MAX {
            let times = self.p99_ms / alone;
            missed.push(format!("{name}: the others' p99 is {times:.1} times that without it"));
        }
        if self.unanswered > 0 {
            missed.push(format!("{name}: {} of the others were not answered", self.unanswered));
        }
        if let Some(flood) = self.flood.as_ref().filter(|flood| flood.told != flood.told_aim) {
            missed.push(format!("{name}: told {} times, not {}", flood.told, flood.told_aim));
        }
        missed
    }
}

/// Those who talk at a steady rate.
struct Others<'a> {
    arguments: &'a FloodArguments,
    words: Vec<String>,
}

impl Others<'_> {
    async fn talk(&self, stage: &Stage, seconds: usize) -> Result<Value, DrillError> {
        let FloodArguments { rate, chats, .. } = *self.arguments;
        let flood = json!({
            "updates": rate * seconds, "users": chats, "rate": rate, "words": self.words,
            "wait": true, "timeout_s": PATIENCE.as_secs(),
            "mix": [{"text": "/start", "weight": 50}, {"text": "plain text {n}", "weight": 50}],
        });
        stage.ctl("flood", flood).await
    }

    async fn measure(&self, stage: &Stage, name: &'static str) -> Result<Measured, DrillError> {
        let report = self.talk(stage, self.arguments.seconds).await?;
        let ms = |figure: &str| {
            let path = format!("/enqueue_to_reply/{figure}");
            report.pointer(&path).and_then(Value::as_f64).unwrap_or(f64::NAN)
        };
        Ok(Measured {
            name,
            p50_ms: ms("p50_ms"),
            p99_ms: ms("p99_ms"),
            max_ms: ms("max_ms"),
            unanswered: report.get("unanswered").and_then(Value::as_u64).unwrap_or(0),
            flood: None,
        })
    }
}

/// The others, and the flood.
async fn beside_a_flood(
    stage: &Stage,
    db: &Db,
    others: &Others<'_>,
    kind: Kind,
    bot: &RunningBot,
) -> Result<Measured, DrillError> {
    let Kind { name, flooder, chat, what, told: told_aim } = kind;
    if chat < 0 {
        let members = json!({flooder.to_string(): "member"});
        let group = json!({"id": chat, "title": "A class", "members": members});
        stage.ctl("chats", json!({"chats": [group]})).await?;
    }
    let start = if chat < 0 { "/start@sim42_bot" } else { "/start" };
    let hello = json!({"chat": chat, "user": flooder, "text": start, "wait": true});
    stage.ctl("message", hello).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let source = Source::new(stage, others.arguments, flooder, chat, what)?;
    let flooding = tokio::spawn(source.pour(Arc::clone(&is_over)));
    let measured = others.measure(stage, name).await;
    is_over.store(true, Ordering::Relaxed);
    let sent = flooding.await.map_err(|error| DrillError::Simulator(error.to_string()))??;
    settle(stage, db).await?;

    let shown = stage.ctl("chat", json!({"id": chat, "last": 10_000, "from": "bot"})).await?;
    let shown = shown.get("messages").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_word = |message: &&Value| {
        message.get("text").and_then(Value::as_str).is_some_and(|text| text.contains(TOLD))
    };
    let told = shown.iter().filter(is_word).count();
    let answers = db.audit().await?.messages.iter().filter(|line| line.chat == chat).count();
    let memory = bot.usage().resident;
    let flood = Some(Flooded { sent, answers, told, told_aim, memory });
    Ok(Measured { flood, ..measured? })
}

/// Waits until all that was begun is over.
async fn settle(stage: &Stage, db: &Db) -> Result<(), DrillError> {
    let begun = Instant::now();
    loop {
        let held = stage.queue().await?.get("pending").and_then(Value::as_u64).unwrap_or(0);
        if held == 0 && db.unfinished_count().await? == 0 {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(DrillError::Broken("a flood is not worked off".to_owned()));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Where a flood comes from.
struct Source {
    simulator: Arc<Simulator>,
    /// The call, and what it says of each piece.
    call: &'static str,
    pieces: Vec<Value>,
    /// None: all at once, and each once.
    per_s: Option<u32>,
}

impl Source {
    fn new(
        stage: &Stage,
        arguments: &FloodArguments,
        user: i64,
        chat: i64,
        what: What,
    ) -> Result<Self, DrillError> {
        let simulator = Arc::clone(&stage.simulator);
        Ok(match what {
            What::Messages => {
                let text = if chat < 0 { "/browse@sim42_bot" } else { "present tense" };
                let pieces = vec![json!({"chat": chat, "user": user, "text": text})];
                Self { simulator, call: "message", pieces, per_s: Some(arguments.messages_per_s) }
            }
            What::Presses => {
                let pieces = vec![json!({"chat": chat, "label": "Help|Menu|Settings"})];
                Self { simulator, call: "click", pieces, per_s: Some(arguments.presses_per_s) }
            }
            What::Files => {
                let files = (0..arguments.files).map(|number| file(stage, user, number));
                let pieces = files.collect::<Result<_, _>>()?;
                Self { simulator, call: "message", pieces, per_s: None }
            }
        })
    }

    /// Pours until it is over; gives how much it was.
    async fn pour(self, is_over: Arc<AtomicBool>) -> Result<usize, DrillError> {
        let begun = Instant::now();
        let mut sent = 0;
        loop {
            let due = match self.per_s {
                None => self.pieces.len(),
                Some(per_s) => {
                    let ms = begun.elapsed().as_millis() * u128::from(per_s) / 1_000;
                    usize::try_from(ms).unwrap_or(usize::MAX)
                }
            };
            while sent < due {
                let Some(piece) = self.pieces.get(sent % self.pieces.len().max(1)) else { break };
                let sending = self.simulator.ctl(self.call, piece.clone());
                sending.await.map_err(DrillError::Simulator)?;
                sent += 1;
            }
            if is_over.load(Ordering::Relaxed) || self.per_s.is_none() {
                return Ok(sent);
            }
            tokio::time::sleep(PIECE).await;
        }
    }
}

/// A small file with a content of its own.
fn file(stage: &Stage, user: i64, number: u32) -> Result<Value, DrillError> {
    let name = format!("Unit {user} {number}.txt");
    let path = stage.folder().join(&name);
    std::fs::write(&path, format!("Lesson {number} of {user}: irregular verbs."))
        .map_err(DrillError::system("cannot write a file to upload"))?;
    Ok(json!({"user": user, "file": {"type": "document", "path": path, "name": name}}))
}
