//! A large database is copied to the other kind and back, and killed on the way.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::bot::Stage;
use super::error::DrillError;
use super::table::print;
use super::titles::{self, Plan};
use crate::cli::simulate::table::progress;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::store::Db;

/// Size of the database, and how often the copy dies.
#[derive(Debug, Args)]
pub struct CopyArguments {
    /// Rows, about.
    #[arg(long, default_value_t = 1_000_000)]
    rows: i64,
    /// Kills in each direction; the copy is resumed after each.
    #[arg(long, default_value_t = 0)]
    kills: usize,
    /// The longest life of a copy that is killed, milliseconds.
    #[arg(long, default_value_t = 1_500)]
    life_ms: u64,
    /// Rows of one transaction at most.
    #[arg(long, default_value_t = 20_000)]
    batch: u32,
}

/// Materials with texts, and the parts of each: a tenth of all rows.
const PARTS: i64 = 100;
/// Rows of one statement.
const SLICE: i64 = 10_000;

/// Runs the drill. `database` is an empty database of PostgreSQL.
pub async fn run(arguments: &CopyArguments, database: Option<&str>) -> Result<(), DrillError> {
    let Some(postgres) = database else {
        return Err(DrillError::Broken(
            "give an empty database of PostgreSQL with --database".to_owned(),
        ));
    };
    let folder =
        tempfile::tempdir().map_err(DrillError::system("cannot make a folder for the drill"))?;
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let (first, last) = (url("first.db"), url("last.db"));
    let stage = Stage::set(Some(&first), serde_json::json!({})).await?;
    let db = stage.database().await?;
    fill(&db, arguments.rows).await?;
    drop(db);
    let program = std::env::current_exe().map_err(DrillError::system("cannot find the program"))?;
    let drill = Drill { program: &program, arguments };
    let sums = [drill.checksum(&first).await?];
    let there = drill.copy(&first, postgres).await?;
    let back = drill.copy(postgres, &last).await?;
    let others = [drill.checksum(postgres).await?, drill.checksum(&last).await?];
    let is_same = others.iter().all(|it| it.sums == sums[0].sums);
    let rows = sums[0].rows;
    print(
        "a database is moved",
        &[
            ("rows", rows.to_string()),
            ("SQLite to PostgreSQL, verified", there.shown(rows)),
            ("PostgreSQL to SQLite, verified", back.shown(rows)),
            ("checksum of the first", sums[0].total()),
            ("of PostgreSQL", others[0].total()),
            ("of the last", others[1].total()),
        ],
    );
    if is_same { Ok(()) } else { Err(DrillError::Broken("the checksums differ".to_owned())) }
}

/// So many rows as a float: far below where that would lose anything.
fn as_float(rows: u64) -> f64 {
    u32::try_from(rows).map_or(f64::MAX, f64::from)
}

async fn fill(db: &Db, rows: i64) -> Result<(), DrillError> {
    let now = SystemClock.now();
    let usize_of = |rows: i64| usize::try_from(rows).unwrap_or_default();
    let texts = (rows / 10 / PARTS).max(1);
    let plan =
        Plan { titles: usize_of(rows / 100), texts: usize_of(texts), parts: usize_of(PARTS) };
    titles::fill_with(db, plan).await?;
    let people = rows / 4;
    db.people_import(1_000, people, now).await?;
    progress(1, 2, "parts of the school");
    let share = (rows - people - texts * PARTS - 2 * (rows / 100 + texts)).max(4) / 4;
    let mut first = 0;
    while first < share {
        let count = SLICE.min(share - first);
        db.school_simulate(first, count, now).await?;
        first += count;
    }
    progress(2, 2, "parts of the school");
    Ok(())
}

/// Checksums of a database.
struct Sums {
    sums: Value,
    rows: u64,
}

impl Sums {
    /// All of them in one.
    fn total(&self) -> String {
        blake3::hash(self.sums.to_string().as_bytes()).to_hex().chars().take(32).collect()
    }
}

/// How a copy went.
struct Copied {
    kills: usize,
    /// Of the last life, or the only one.
    took: Duration,
}

impl Copied {
    fn shown(&self, rows: u64) -> String {
        let seconds = self.took.as_secs_f64();
        match self.kills {
            0 => format!("{seconds:.1} s, {:.0} rows a second", as_float(rows) / seconds),
            kills => format!("{kills} kills; the last life took {seconds:.1} s"),
        }
    }
}

struct Drill<'a> {
    program: &'a Path,
    arguments: &'a CopyArguments,
}

impl Drill<'_> {
    async fn checksum(&self, url: &str) -> Result<Sums, DrillError> {
        let output = Command::new(self.program)
            .args(["db", "checksum", "--output", "json", "--url", url])
            .stderr(Stdio::inherit())
            .output()
            .await
            .map_err(DrillError::system("cannot start the program"))?;
        let sums: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| DrillError::Broken(format!("no checksums of {url}: {error}")))?;
        let counts = sums.as_array().into_iter().flatten();
        let rows = counts.filter_map(|table| table.get("rows").and_then(Value::as_u64)).sum();
        Ok(Sums { sums, rows })
    }

    /// Copies, dies so many times unless it ends before, and goes on each time.
    async fn copy(&self, from: &str, to: &str) -> Result<Copied, DrillError> {
        let batch = self.arguments.batch.to_string();
        let life = Duration::from_millis(self.arguments.life_ms);
        for kill in 0..=self.arguments.kills {
            let begun = Instant::now();
            let mut command = Command::new(self.program);
            command.args(["db", "copy", "--resume", "--from", from, "--to", to, "--batch", &batch]);
            let mut child = command
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .map_err(DrillError::system("cannot start the program"))?;
            if kill < self.arguments.kills {
                sleep(life.mul_f64(0.1 + 0.9 * fastrand::f64())).await;
                if child.try_wait().map_err(DrillError::system("cannot wait"))?.is_none() {
                    child.kill().await.map_err(DrillError::system("cannot kill"))?;
                    continue;
                }
            }
            let output =
                child.wait_with_output().await.map_err(DrillError::system("cannot wait"))?;
            if output.status.success() {
                return Ok(Copied { kills: kill, took: begun.elapsed() });
            }
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(DrillError::Broken(said));
        }
        Err(DrillError::Broken("the copy never ended".to_owned()))
    }
}
