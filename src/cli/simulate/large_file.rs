//! The largest file that a local Bot API server gives, through the whole pipeline: how fast, and in
//! how much memory. `cp` and BLAKE3 of the same file on the same disk are measured beside it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tgsim::SimulatorOptions;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{Instant, interval};

use super::bot::{RunningBot, Stage};
use super::curve::{Line, svg};
use super::error::DrillError;
use super::table::{mib, print};
use super::usage::{self, Usage};
use crate::domain::event::FileClass;
use crate::domain::ids::ChatId;
use crate::telegram::{Lane, Upload};

/// The editor who sends the file.
const EDITOR: i64 = 2001;

/// How often the bot's memory is looked at.
const SAMPLE_EVERY: Duration = Duration::from_millis(100);

/// Bytes that are made, or read, at once.
const BLOCK: usize = 1 << 20;

/// Longest wait for the card's last word, seconds.
const WITHIN_S: u64 = 900;

/// Size of the file, and where the curve goes.
#[derive(Debug, Args)]
pub struct LargeFileArguments {
    /// Mebibytes; a local Bot API server gives 2000 at most.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=2000))]
    size_mb: u64,
    /// Where the curve of the bot's memory is written, as a picture.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// What `cp` and BLAKE3 take, one after the other; the best of two runs.
struct Reference {
    copy: Duration,
    sync: Duration,
    hash: Duration,
}

impl Reference {
    fn best(&self, other: &Self) -> Self {
        Self {
            copy: self.copy.min(other.copy),
            sync: self.sync.min(other.sync),
            hash: self.hash.min(other.hash),
        }
    }
}

/// Sending the same file by multipart, as the bot sends what Telegram has lost.
struct Back {
    took: Duration,
    /// By how much this process grew: the sender and the simulator together.
    more: u64,
}

/// What the bot takes.
struct Taken {
    /// Copying and hashing.
    transfer: Duration,
    /// From the message to the card's last word.
    total: Duration,
    before: Usage,
    samples: Vec<(Duration, Usage)>,
}

/// Runs the drill.
pub async fn run(arguments: &LargeFileArguments) -> Result<(), DrillError> {
    let options = SimulatorOptions { local: true, ..SimulatorOptions::default() };
    let mut stage = Stage::set_before(options, None, json!({"enabled": false})).await?;
    let served = stage.folder().join("served");
    std::fs::create_dir(&served).map_err(DrillError::system("cannot make the server's folder"))?;
    let file = served.join("lecture.bin");
    blocking(arguments.size_mb, file.clone(), make).await?;
    let copy = stage.folder().join("copy");
    claim_memory(arguments.size_mb, &copy).await?;
    let before = reference(&file, &copy).await?;

    stage.set_value("telegram.local_dir", &served.display().to_string());
    stage.set_value("access.owners", &EDITOR.to_string());
    stage.set_value("web.listen", "127.0.0.1:0");
    stage.set_value("log.level", "info");
    let bot = stage.start_bot().await?;
    let taken = take_in(&stage, &bot, &file, arguments.size_mb).await?;
    bot.stop().await;
    // On a machine that does other things, too, the better of two is nearer the truth.
    claim_memory(arguments.size_mb, &copy).await?;
    let reference = before.best(&reference(&file, &copy).await?);
    let back = send_back(&stage, &file).await?;
    if let Some(path) = &arguments.svg {
        let picture = picture(arguments.size_mb, &taken);
        std::fs::write(path, picture).map_err(DrillError::system("cannot write the curve"))?;
    }
    report(arguments.size_mb, &reference, &taken, &back);
    Ok(())
}

/// The editor sends the file; until it is indexed.
async fn take_in(
    stage: &Stage,
    bot: &RunningBot,
    file: &Path,
    size_mb: u64,
) -> Result<Taken, DrillError> {
    let simulator = Arc::clone(&stage.simulator);
    let ctl =
        async |path: &str, body| simulator.ctl(path, body).await.map_err(DrillError::Simulator);
    ctl("message", json!({"user": EDITOR, "text": "/start", "wait": true})).await?;
    claim_memory(size_mb, &stage.folder().join("copy")).await?;
    let before = bot.usage();
    let begun = Instant::now();
    let document = json!({"type": "document", "path": file, "name": "lecture.bin"});
    ctl("message", json!({"user": EDITOR, "file": document})).await?;
    let indexed = json!({
        "chat": EDITOR, "regex": "Checked and indexed", "timeout_s": WITHIN_S,
    });
    let mut samples = vec![(Duration::ZERO, before)];
    let mut looks = interval(SAMPLE_EVERY);
    let indexing = ctl("wait", indexed);
    tokio::pin!(indexing);
    loop {
        tokio::select! {
            indexed = &mut indexing => {
                indexed?;
                break;
            }
            _ = looks.tick() => samples.push((begun.elapsed(), bot.usage())),
        }
    }
    let total = begun.elapsed();
    samples.push((total, bot.usage()));
    Ok(Taken { transfer: transfer_of(bot).await?, total, before, samples })
}

/// How long the bot has copied and hashed, as its metrics say.
async fn transfer_of(bot: &RunningBot) -> Result<Duration, DrillError> {
    let unknown = || DrillError::Broken("the bot does not tell how long the transfer took".into());
    let address = bot.probes().ok_or_else(unknown)?;
    let ask = async {
        let mut stream = TcpStream::connect(&address).await?;
        let request = format!("GET /metrics HTTP/1.0\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    };
    let metrics = ask.await.map_err(DrillError::system("cannot read the bot's metrics"))?;
    let name = "primelingo_upload_duration_seconds_sum{stage=\"download\"} ";
    let seconds = metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or_else(unknown)
}

/// Lets the page cache grow by as much as a copy will take, and shrink again. The host of a virtual
/// machine takes memory back that is free for a few seconds, and whoever uses it next pays for
/// having it again: copying and the bot are to find it alike.
async fn claim_memory(size_mb: u64, path: &Path) -> Result<(), DrillError> {
    let claim = |size_mb: u64, path: &Path| {
        let (mut file, block) = (File::create(path)?, vec![1; BLOCK]);
        for _ in 0..size_mb.saturating_add(size_mb / 4) {
            file.write_all(&block)?;
        }
        std::fs::remove_file(path)
    };
    blocking(size_mb, path.to_owned(), claim).await
}

/// A file of noise that is on the disk and in the page cache.
fn make(size_mb: u64, path: &Path) -> std::io::Result<()> {
    let mut random = fastrand::Rng::with_seed(size_mb);
    let mut file = File::create(path)?;
    let mut block = vec![0; BLOCK];
    for _ in 0..size_mb {
        random.fill(&mut block);
        file.write_all(&block)?;
    }
    file.sync_all()
}

async fn reference(file: &Path, copy: &Path) -> Result<Reference, DrillError> {
    let begun = Instant::now();
    let copied = Command::new("cp").arg("--").arg(file).arg(copy).status().await;
    let copied = copied.map_err(DrillError::system("cannot run cp"))?;
    if !copied.success() {
        return Err(DrillError::Broken(format!("cp failed: {copied}")));
    }
    let copy_took = begun.elapsed();
    let begun = Instant::now();
    blocking((), copy.to_owned(), |(), copy| File::open(copy)?.sync_all()).await?;
    let sync = begun.elapsed();
    let begun = Instant::now();
    blocking((), copy.to_owned(), |(), copy| hash(copy)).await?;
    let hash = begun.elapsed();
    std::fs::remove_file(copy).map_err(DrillError::system("cannot remove the copy"))?;
    Ok(Reference { copy: copy_took, sync, hash })
}

/// As `b3sum --num-threads 1` does.
fn hash(path: &Path) -> std::io::Result<()> {
    let mut file = File::open(path)?;
    let (mut hasher, mut block) = (blake3::Hasher::new(), vec![0; BLOCK]);
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            break;
        }
        hasher.update(block.get(..read).unwrap_or_default());
    }
    std::hint::black_box(hasher.finalize());
    Ok(())
}

async fn blocking<T: Send + 'static>(
    argument: T,
    path: PathBuf,
    work: fn(T, &Path) -> std::io::Result<()>,
) -> Result<(), DrillError> {
    let worked = tokio::task::spawn_blocking(move || work(argument, &path)).await;
    let worked = worked.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    worked.map_err(DrillError::system("cannot make or read the file"))
}

async fn send_back(stage: &Stage, file: &Path) -> Result<Back, DrillError> {
    let client = stage.client(Lane::File)?;
    let upload = Upload {
        class: FileClass::Document,
        path: file,
        name: "lecture.bin",
        caption: None,
        keyboard: None,
    };
    let this = std::process::id();
    let (before, begun) = (usage::of_process(this).resident, Instant::now());
    let chat = ChatId(EDITOR);
    let sending = client.send_file_bytes(chat, None, &upload);
    tokio::pin!(sending);
    let (mut highest, mut looks) = (before, interval(SAMPLE_EVERY));
    loop {
        tokio::select! {
            sent = &mut sending => {
                sent?;
                break;
            }
            _ = looks.tick() => highest = highest.max(usage::of_process(this).resident),
        }
    }
    Ok(Back { took: begun.elapsed(), more: highest.saturating_sub(before) })
}

fn report(size_mb: u64, reference: &Reference, taken: &Taken, back: &Back) {
    let seconds = |took: Duration| format!("{:.2}", took.as_secs_f64());
    let rate = |took: Duration| format!("{:.0}", mebibytes(size_mb << 20) / took.as_secs_f64());
    let plain = reference.copy + reference.hash;
    let durable = plain + reference.sync;
    let percent = |of: Duration, took: Duration| {
        format!("{:.0} %", 100.0 * of.as_secs_f64() / took.as_secs_f64())
    };
    let most = |of: fn(&Usage) -> u64| {
        let highest = taken.samples.iter().map(|(_, usage)| of(usage)).max().unwrap_or(0);
        mib(highest.saturating_sub(of(&taken.before)))
    };
    print(
        "large file",
        &[
            ("file", mib(size_mb << 20)),
            ("copied and hashed, s", seconds(taken.transfer)),
            ("copied and hashed, MiB/s", rate(taken.transfer)),
            ("from message to index, s", seconds(taken.total)),
            ("cp, s", seconds(reference.copy)),
            ("fsync of the copy, s", seconds(reference.sync)),
            ("BLAKE3 of the copy, s", seconds(reference.hash)),
            ("speed beside cp + BLAKE3", percent(plain, taken.transfer)),
            ("the whole beside cp + fsync + BLAKE3", percent(durable, taken.total)),
            ("memory before", mib(taken.before.resident)),
            ("more at most, resident", most(|usage| usage.resident)),
            ("more at most, anonymous", most(|usage| usage.anonymous)),
            ("sent back by multipart, s", seconds(back.took)),
            ("sent back by multipart, MiB/s", rate(back.took)),
            ("more at most, sender and simulator", mib(back.more)),
            ("samples", taken.samples.len().to_string()),
        ],
    );
}

fn picture(size_mb: u64, taken: &Taken) -> String {
    let line = |name, colour, of: fn(&Usage) -> u64| {
        let point = |(at, usage): &(Duration, Usage)| (at.as_secs_f64(), mebibytes(of(usage)));
        Line { name, colour, points: taken.samples.iter().map(point).collect() }
    };
    let title = format!("Memory of the bot while it takes in a file of {size_mb} MiB");
    let lines = [
        line("resident (VmRSS)", "#1f5fbf", |usage| usage.resident),
        line("anonymous (RssAnon)", "#bf5f1f", |usage| usage.anonymous),
    ];
    svg(&title, "MiB", &lines)
}

/// With a fraction, from KiB.
fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}
