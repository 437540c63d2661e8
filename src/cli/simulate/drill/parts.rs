//! The parts of the drill, and what of each stands in the table.

use std::time::Duration;

use super::everything::{self, Everything};
use super::figures::{self, Area, Figure};
use super::scale::Scale;
use super::servers::Servers;
use super::timeline::{Timeline, megabytes};
use super::{binary, with_bar};
use crate::cli::simulate::backlog::{self, BacklogArguments};
use crate::cli::simulate::broadcast::{RepliesArguments, ShareArguments, replies, share, tally};
use crate::cli::simulate::bulk::{self, BulkArguments};
use crate::cli::simulate::crash::{Plant, WINDOW};
use crate::cli::simulate::error::DrillError;
use crate::cli::simulate::idle::{self, IdleArguments};
use crate::cli::simulate::rescue::{self, RescueArguments};
use crate::cli::simulate::search::{self, SearchArguments};
use crate::cli::simulate::spread::{Spread, micros, millis};

/// The drill, and what it has found so far.
pub struct Parts {
    scale: Scale,
    servers: Servers,
    seed: u64,
    planted: Option<Plant>,
    pub areas: Vec<Area>,
    /// What was lost, doubled, reordered or left undone.
    pub breaches: Vec<String>,
    pub timeline: Option<Timeline>,
    /// Lines of errors and panics in the bot's log, while everything happened at once.
    pub logged_errors: Vec<String>,
}

impl Parts {
    pub const fn new(scale: Scale, servers: Servers, seed: u64, planted: Option<Plant>) -> Self {
        Self {
            scale,
            servers,
            seed,
            planted,
            areas: Vec::new(),
            breaches: Vec::new(),
            timeline: None,
            logged_errors: Vec::new(),
        }
    }

    /// One part after the other.
    pub async fn measure(&mut self) -> Result<(), DrillError> {
        self.start().await?;
        self.ingestion().await?;
        self.replies().await?;
        self.search().await?;
        self.files().await?;
        self.broadcast().await?;
        self.everything().await?;
        self.breaches.splice(0..0, figures::breaches(&self.areas));
        Ok(())
    }

    /// Leaves nothing behind on the servers.
    pub async fn clean_up(&mut self) -> Result<(), DrillError> {
        self.servers.drop_databases().await
    }

    fn note(&mut self, name: &'static str, figures: Vec<Figure>) {
        self.areas.push(Area { name, figures });
    }

    /// A part that did not do what it has to is noted, and the drill goes on.
    fn kept<T>(&mut self, part: Result<T, DrillError>) -> Result<Option<T>, DrillError> {
        match part {
            Ok(measured) => Ok(Some(measured)),
            Err(DrillError::Broken(what)) => {
                self.breaches.push(what);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn start(&mut self) -> Result<(), DrillError> {
        let Scale { starts, rest, .. } = self.scale;
        let arguments = IdleArguments { starts, rest, ledger: 0, open: 0 };
        let database = self.servers.fresh_database().await?;
        let measuring = Box::pin(idle::measure(&arguments, database.as_deref()));
        let idle = with_bar("1 of 7, start and rest", rest + 5, measuring).await?;
        let program =
            std::env::current_exe().map_err(DrillError::system("cannot find this program"))?;
        let size =
            binary::size(&program).map_err(DrillError::system("cannot read this program"))?;
        let mut figures = vec![
            Figure::plain("process start to first poll, median", ms(idle.median()), "ms")
                .at_most("aim", 300.0),
            Figure::plain("process start to first poll, worst", ms(idle.worst()), "ms")
                .at_most("G2", 2_000.0),
            Figure::plain("memory at rest", megabytes(idle.resident), "MB").at_most("aim", 40.0),
        ];
        if size.whole != size.stripped {
            let whole = megabytes(size.whole);
            figures.push(Figure::plain("program with its symbols", whole, "MB"));
        }
        let stripped = megabytes(size.stripped);
        figures.push(Figure::plain("program, stripped", stripped, "MB").at_most("aim", 40.0));
        self.note("start and rest", figures);
        Ok(())
    }

    async fn ingestion(&mut self) -> Result<(), DrillError> {
        let Scale { updates, chats, titles, .. } = self.scale;
        let arguments = BacklogArguments { updates, chats, titles };
        let database = self.servers.fresh_database().await?;
        let measuring = Box::pin(backlog::measure(&arguments, database.as_deref()));
        let drained = with_bar("2 of 7, ingestion", 15, measuring).await?;
        let of = |name: &str| {
            drained.report.get(name).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN)
        };
        let figures = vec![
            Figure::count("updates that wait", updates),
            Figure::plain("worked off, durably", of("updates_per_s"), "/s")
                .at_least("aim", 2_000.0),
            Figure::plain("unanswered", of("unanswered"), "").never_above("G1", 0.0),
            Figure::plain("answered twice", of("answered_twice"), "").never_above("G1", 0.0),
            Figure::plain("out of order", of("order_violations"), "").never_above("G4", 0.0),
            Figure::plain("highest memory", megabytes(drained.used.peak), "MB"),
        ];
        self.note("ingestion of a backlog", figures);
        Ok(())
    }

    async fn replies(&mut self) -> Result<(), DrillError> {
        let Scale { seconds, reply_rate: rate, .. } = self.scale;
        let arguments = RepliesArguments { replies: rate * seconds, rate, runs: 1, strict: false };
        let database = self.servers.fresh_database().await?;
        let measuring = Box::pin(replies::measure(&arguments, database.as_deref()));
        let heard = with_bar("3 of 7, replies", u64::from(seconds) * 2 + 5, measuring).await;
        let Some(heard) = self.kept(heard)? else { return Ok(()) };
        let (alone, beside) = (heard.alone, heard.beside);
        let figures = vec![
            Figure::plain("alone, p50", alone.p50_ms, "ms"),
            Figure::plain("alone, p99", alone.p99_ms, "ms").at_most("aim", 100.0),
            Figure::plain("during a broadcast, p50", beside.p50_ms, "ms"),
            Figure::plain("during a broadcast, p99", beside.p99_ms, "ms").at_most("aim", 100.0),
            Figure::plain("p99 slower by", (beside.p99_ms - alone.p99_ms).max(0.0), "ms")
                .at_most("G8", 20.0),
        ];
        self.note("replies", figures);
        Ok(())
    }

    async fn search(&mut self) -> Result<(), DrillError> {
        let Scale { titles, searches, .. } = self.scale;
        let arguments = SearchArguments { titles, texts: 0, parts: 0, searches };
        let database = self.servers.fresh_database().await?;
        let measuring = Box::pin(search::measure(&arguments, database.as_deref()));
        let found = with_bar("4 of 7, search", 15, measuring).await?;
        let (two, misspelt) = (found.sample("two words"), found.sample("two words, one misspelt"));
        let figures = vec![
            Figure::count("titles", titles),
            Figure::plain("two words, p50", two.millis(two.p50_us), "ms"),
            Figure::plain("two words, p99", two.millis(two.p99_us), "ms").at_most("aim", 30.0),
            Figure::plain("one of them misspelt, p50", misspelt.millis(misspelt.p50_us), "ms"),
            Figure::plain("one of them misspelt, p99", misspelt.millis(misspelt.p99_us), "ms")
                .at_most("aim", 60.0),
        ];
        self.note("search", figures);
        Ok(())
    }

    async fn files(&mut self) -> Result<(), DrillError> {
        let arguments = BulkArguments { files: self.scale.files };
        let database = self.servers.fresh_database().await?;
        let measuring = Box::pin(bulk::measure(&arguments, database.as_deref()));
        let bulk = with_bar("5 of 7, files", 10, measuring).await;
        let Some(bulk) = self.kept(bulk)? else { return Ok(()) };
        let arguments = RescueArguments { kills: self.scale.rescues, several: false };
        let database = self.servers.fresh_database().await?;
        let measuring = Box::pin(rescue::measure(&arguments, database.as_deref()));
        let rescue = with_bar("5 of 7, killed workers", 30, measuring).await;
        let Some((_, rescue)) = self.kept(rescue)? else { return Ok(()) };
        let figures = vec![
            Figure::count("files uploaded together", self.scale.files),
            Figure::plain("read, checked, indexed, published", bulk.per_second(), "/s")
                .at_least("aim", 20.0),
            Figure::plain("first one sent to last one found", bulk.found.as_secs_f64(), "s"),
            Figure::plain(
                "killed worker's job runs again, worst",
                rescue.millis(rescue.max_us),
                "ms",
            )
            .at_most("G6", 1_000.0),
        ];
        self.note("files", figures);
        Ok(())
    }

    async fn broadcast(&mut self) -> Result<(), DrillError> {
        let seconds = self.scale.seconds;
        let arguments = ShareArguments {
            seconds,
            replies_per_s: 5,
            hidden: Vec::new(),
            paid: false,
            picture: None,
        };
        let database = self.servers.fresh_database().await?;
        let measuring = Box::pin(share::measure(&arguments, database.as_deref()));
        let shared = with_bar("6 of 7, broadcast", u64::from(seconds) + 3, measuring).await;
        let Some(shared) = self.kept(shared)? else { return Ok(()) };
        self.kept(shared.check())?;
        let figures = vec![
            Figure::plain("messages, of 30 allowed", shared.rate(), "/s"),
            Figure::plain("share of the limit", shared.share() * 100.0, "%").at_least("aim", 98.5),
            Figure::count("answers of 429", shared.sends.refused).at_most("aim", 0.0),
        ];
        self.note("broadcast beside replies", figures);
        Ok(())
    }

    async fn everything(&mut self) -> Result<(), DrillError> {
        let database = self.servers.fresh_database().await?;
        let seconds = u64::from(self.scale.seconds) + 20;
        let measuring = Box::pin(everything::run(
            &self.scale,
            &self.servers,
            database.as_deref(),
            self.planted,
            self.seed,
        ));
        let done = with_bar("7 of 7, everything at once", seconds, measuring).await;
        let Some(done) = self.kept(done)? else { return Ok(()) };
        self.breaches.extend(done.aftermath.findings.breaches());
        self.breaches.extend(left_undone(&done));
        self.note("everything at once, what was offered", offered(&done));
        self.note("everything at once, what became of it", accounts(&done));
        self.note("everything at once, how fast", speeds(&done));
        self.timeline = Some(done.timeline);
        self.logged_errors = done.logged_errors;
        Ok(())
    }
}

fn ms(time: Duration) -> f64 {
    millis(micros(time))
}

/// What is no count: work that was not finished, a sum that is wrong.
fn left_undone(done: &Everything) -> Vec<String> {
    let mut left = Vec::new();
    if !done.aftermath.is_drained {
        left.push("not everything was worked off in time".to_owned());
    }
    let progress = done.broadcast.progress;
    if i64::try_from(progress.settled()) != Ok(done.recipients) {
        left.push(format!("the outcomes do not add up to {}: {progress:?}", done.recipients));
    }
    left
}

fn offered(done: &Everything) -> Vec<Figure> {
    let diary = done.aftermath.diary.open();
    let kills = done.aftermath.lives.len().saturating_sub(1);
    vec![
        Figure::count("kills", kills),
        Figure::count("updates", diary.updates.len()),
        Figure::count("messages", done.aftermath.sent.len()),
        Figure::count("files", diary.uploads.len()),
        Figure::count("recipients", done.recipients),
        Figure::count("storms", done.timeline.storms.len()),
    ]
}

fn accounts(done: &Everything) -> Vec<Figure> {
    let (found, progress) = (&done.aftermath.findings, done.broadcast.progress);
    let unserved = progress.in_doubt + progress.blocked + progress.failed;
    let worst_doubt = done.in_doubt.iter().copied().max().unwrap_or(0);
    let never = |name, count: usize, source| Figure::count(name, count).never_above(source, 0.0);
    vec![
        never("updates, steps, messages, jobs lost", found.lost.len(), "G1"),
        never("done twice", found.doubled.len(), "G1"),
        never("out of order", found.reordered.len(), "G4"),
        never("put aside without guilt", found.put_aside.len(), "G3"),
        Figure::count("sent again after one kill, worst", found.repeated_worst())
            .never_above("G1", f64::from(u32::try_from(WINDOW).unwrap_or(u32::MAX))),
        Figure::count("sent again, in all", found.repeated_total()),
        Figure::count("recipients lost", done.tally.lost(unserved)).never_above("G7", 0.0),
        Figure::count("recipients written to twice", done.tally.twice).never_above("G7", 0.0),
        Figure::count("in doubt after one kill, worst", worst_doubt)
            .never_above("G7", f64::from(u32::try_from(tally::WIDEST).unwrap_or(u32::MAX))),
        Figure::count("in doubt and reported, in all", progress.in_doubt),
        Figure::count("lines of errors in the log", done.logged_errors.len()),
    ]
}

fn speeds(done: &Everything) -> Vec<Figure> {
    let worst = |name, of: &Spread, us: u64| Figure::plain(name, of.millis(us), "ms");
    vec![
        worst("restart to first poll, worst", &done.first_polls, done.first_polls.max_us)
            .at_most("G2", 2_000.0),
        worst("restart to first message, median", &done.first_messages, done.first_messages.p50_us),
        worst("restart to first message, worst", &done.first_messages, done.first_messages.max_us),
        worst(
            "restart to the broadcast's next message, median",
            &done.resumed,
            done.resumed.p50_us,
        ),
        worst("restart to the broadcast's next message, worst", &done.resumed, done.resumed.max_us)
            .at_most("G7", 2_000.0),
        worst("replies, p50", &done.replies, done.replies.p50_us),
        worst("replies, p99, kills and storms included", &done.replies, done.replies.p99_us),
        Figure::plain("highest memory", megabytes(done.peak), "MB"),
    ]
}
