//! Progress of what takes long: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

/// Pause between two lines where no bar can be drawn.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How far something is, in steps.
pub struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    last_line: Instant,
}

impl Progress {
    /// Begins `steps` steps of `what`.
    pub fn begin(what: &'static str, steps: usize) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let target =
            if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(u64::try_from(steps).ok(), target);
        let template = "{msg} [{bar:30}] {pos}/{len} {per_sec} {eta} left";
        // A template of our own, which is sound; the plain style would do, too.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar, is_terminal, last_line: Instant::now() }
    }

    /// One step further.
    pub fn step(&mut self) {
        self.bar.inc(1);
        self.line_now_and_then();
    }

    fn line_now_and_then(&mut self) {
        if !self.is_terminal && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let (done, all) = (self.bar.position(), self.bar.length().unwrap_or_default());
            // The output may be for a program.
            super::note(&format!("{}: {done} of {all}", self.bar.message()));
        }
    }

    /// So many steps of so many.
    pub fn show(&mut self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.bar.set_position(done);
        self.line_now_and_then();
    }

    /// A line of output, above the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| super::say(line));
    }

    /// A line that is no output, above the bar.
    pub fn note(&self, line: &str) {
        self.bar.suspend(|| super::note(line));
    }

    /// Takes the bar away.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}
