//! The whole drill: every promise that can be measured, one after the other, and then everything at
//! once. One table beside what was promised, and one picture.
//!
//! Each part has a bot, a simulator and a database of its own; the parts are the other drills of
//! `simulate`, at one size. Fails on what was lost, doubled, reordered or left undone; a figure that
//! is merely too slow is told and fails nothing, as it depends on the machine.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use tokio::time::{Instant, interval};

use super::crash::Plant;
use super::error::DrillError;
use super::table::Output;
use crate::cli::progress::Progress;
use figures::Area;
use parts::Parts;
use scale::Scale;
use servers::Servers;

mod binary;
mod everything;
mod figures;
mod parts;
mod picture;
mod scale;
mod servers;
mod storms;
mod timeline;

pub use picture::PictureError;

/// How large the drill is, and where its results go.
#[derive(Debug, Args)]
pub struct DrillArguments {
    /// How long each part lasts that has no end of its own, in seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(2..=86_400))]
    seconds: u32,
    /// A small drill of about a minute: shows that everything works, and little of how fast.
    #[arg(long)]
    quick: bool,
    /// Kills while everything happens at once [default: one for each five seconds].
    #[arg(long)]
    kills: Option<usize>,
    /// Seed of moments and load; a random one is drawn and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// A throwaway Redis, used and emptied while everything happens at once.
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Where the timeline of everything at once is drawn: FILE.svg or FILE.png.
    #[arg(long, value_name = "FILE", value_parser = picture_file)]
    picture: Option<PathBuf>,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// Plants a fault that the drill must find.
    #[arg(long, value_enum, hide = true)]
    plant: Option<Plant>,
}

fn picture_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    if ending == "svg" || ending == "png" {
        return Ok(path);
    }
    Err("pictures are SVG or PNG: end the name with .svg or .png".to_owned())
}

/// Runs the drill.
pub async fn run(arguments: &DrillArguments, database: Option<&str>) -> Result<(), DrillError> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let scale = if arguments.quick { Scale::quick } else { Scale::full };
    let scale = scale(arguments.seconds, arguments.kills);
    let servers = Servers::at(database, arguments.redis.as_deref(), seed)?;
    let on = servers.names();
    let mut parts = Parts::new(scale, servers, seed, arguments.plant);
    let measured = parts.measure().await;
    parts.clean_up().await?;
    measured?;
    let Parts { areas, breaches, timeline, logged_errors, .. } = parts;
    let title = format!(
        "PrimeLingo {} under the whole drill: {on}, {} kills, seed {seed}{}",
        env!("CARGO_PKG_VERSION"),
        scale.kills,
        if cfg!(debug_assertions) { ", debug build" } else { "" },
    );
    tell(arguments, &title, &areas, &breaches);
    if arguments.output == Output::Table {
        for line in logged_errors.iter().take(SHOWN) {
            crate::cli::say(&format!("  log: {line}"));
        }
    }
    if let (Some(path), Some(timeline)) = (&arguments.picture, &timeline) {
        picture::draw(path, &title, timeline)?;
    }
    if breaches.is_empty() { Ok(()) } else { Err(DrillError::Broken(breaches.join("\n"))) }
}

fn tell(arguments: &DrillArguments, title: &str, areas: &[Area], breaches: &[String]) {
    if arguments.output == Output::Json {
        let report = json!({"drill": title, "figures": figures::json(areas), "breaches": breaches});
        crate::cli::say(&report.to_string());
        return;
    }
    crate::cli::say(&format!("\n{title}\n"));
    for line in figures::table(areas) {
        crate::cli::say(&line);
    }
}

/// Errors of the bot's log that are shown.
const SHOWN: usize = 5;

/// Pause between two steps of the bar.
const STEP_EVERY: Duration = Duration::from_secs(1);

/// Shows a bar while something is done that takes about so many seconds.
async fn with_bar<T>(name: &'static str, seconds: u64, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let mut bar = Progress::begin(name, usize::try_from(seconds).unwrap_or(0));
    let mut ticks = interval(STEP_EVERY);
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            _ = ticks.tick() => {
                let elapsed = begun.elapsed().as_secs();
                bar.show(elapsed, seconds.max(elapsed));
            }
        }
    };
    bar.end();
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_one_of_two_endings() {
        assert!(picture_file("docs/drill.svg").is_ok() && picture_file("a.PNG").is_ok());
        assert!(picture_file("drill.jpg").is_err() && picture_file("drill").is_err());
    }
}
