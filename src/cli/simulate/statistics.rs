//! A school of a million people with months behind it: how long it takes to count, and to read.

use clap::Args;
use tokio::time::Instant;

use super::bot::Stage;
use super::error::DrillError;
use super::table::{percentile, print, progress};
use super::titles;
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::domain::effect::Change;
use crate::domain::ids::{ChatId, UpdateSeq, UserId};
use crate::domain::statistics::{Day, DayFigures, DayPeople, PEOPLE_DAYS, PRESENCE_DAYS, Span};
use crate::library::statistics::{report, roll_up};
use crate::store::Db;
use crate::store::records::{
    DayCount, IndexedChange, NewUpdate, SimulatedPeople, SimulatedUse, StepCommit,
};

/// Size of the school, and of the sample.
#[derive(Debug, Args)]
pub struct StatisticsArguments {
    /// People.
    #[arg(long, default_value_t = 1_000_000)]
    users: u32,
    /// Materials in the library.
    #[arg(long, default_value_t = 1_000)]
    titles: usize,
    /// Different words that are searched for on a day.
    #[arg(long, default_value_t = 2_000)]
    words: i32,
    /// Reports of each span.
    #[arg(long, default_value_t = 200)]
    reports: usize,
    /// Steps with and without a search, to see what counting costs.
    #[arg(long, default_value_t = 2_000)]
    steps: i64,
}

/// Days on which people came, before today.
const JOINING_DAYS: i32 = 400;
/// How long ago those of one day were last here.
const LAST_SEEN: [i32; 8] = [0, 0, 1, 2, 6, 13, 29, 60];
/// Days that are remembered of searches and deliveries.
const USE_DAYS: i32 = 90;
/// As in `config/default.toml`.
const SLICE: i64 = 5_000;
/// So many times their share are the people of one bot in the drill for steps.
const BOT: i64 = 1;

/// Runs the drill.
pub async fn run(
    arguments: &StatisticsArguments,
    database: Option<&str>,
) -> Result<(), DrillError> {
    let stage = Stage::set(database, serde_json::json!({})).await?;
    let db = stage.database().await?;
    let now = SystemClock.now();
    titles::fill(&db, arguments.titles).await?;
    people(&db, i64::from(arguments.users), now).await?;
    history(&db, arguments, now).await?;
    let mut read = 0_usize;
    let begun = Instant::now();
    let newest = roll_up(&db, now, SLICE, |_, rows| read += rows).await?;
    let counted = begun.elapsed();
    let again = Instant::now();
    roll_up(&db, now, SLICE, |_, _| {}).await?;
    let counted_again = again.elapsed();
    let mut rows = vec![
        ("people", newest.people.users.to_string()),
        ("rows that were counted", read.to_string()),
        ("first roll-up, pauses included", format!("{} ms", counted.as_millis())),
        ("every later one", format!("{} ms", counted_again.as_millis())),
    ];
    for (name, span) in
        ["/stats, 7 days", "/stats, 30 days", "/stats, 90 days"].into_iter().zip(Span::ALL)
    {
        rows.push((name, sample(&db, span, arguments.reports, now).await?));
    }
    let (plain, noted) = steps(&db, arguments.steps, now).await?;
    rows.push(("a step that notes nothing, p50 / p99 / max", plain));
    rows.push(("a step that notes a search", noted));
    print(&format!("statistics on {}, p50 / p99 / max", db.backend_name()), &rows);
    Ok(())
}

/// People who came day by day, and were last here so and so long ago.
async fn people(db: &Db, users: i64, now: Timestamp) -> Result<(), DrillError> {
    let today = Day::of(now);
    let groups = JOINING_DAYS * 8;
    let share = (users / i64::from(groups)).max(1);
    let mut first = 1_000;
    for back in 0..JOINING_DAYS {
        for ago in LAST_SEEN {
            let (joined, seen) = (today.minus(back), today.minus(ago.min(back)));
            let reach = seen.since(joined).min(PRESENCE_DAYS - 1);
            let batch = SimulatedPeople { first, count: share, joined, seen, reach };
            db.people_simulate(batch).await?;
            first += share;
        }
        let done = usize::try_from(back + 1).unwrap_or_default();
        progress(done, usize::try_from(JOINING_DAYS).unwrap_or_default(), "days of people");
    }
    Ok(())
}

/// Searches, deliveries, and the days that were counted long ago.
async fn history(
    db: &Db,
    arguments: &StatisticsArguments,
    now: Timestamp,
) -> Result<(), DrillError> {
    let today = Day::of(now);
    for back in 0..USE_DAYS {
        let day = today.minus(back);
        let materials = i32::try_from(arguments.titles).unwrap_or(i32::MAX);
        db.use_simulate(SimulatedUse { day, words: arguments.words, materials }).await?;
    }
    let old = (PEOPLE_DAYS..2 * USE_DAYS).map(|back| {
        let day = today.minus(back);
        let people = DayPeople { day, users: 1_000_000, ..DayPeople::default() };
        DayFigures { people, counted_at: day.plus(1).begin(), ..DayFigures::default() }
    });
    db.stats_write(DayCount { days: old.collect(), cohorts: Vec::new() }).await?;
    Ok(())
}

async fn sample(db: &Db, span: Span, count: usize, now: Timestamp) -> Result<String, DrillError> {
    let mut times_us = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        report(db, span, now).await?;
        times_us.push(begun.elapsed());
    }
    Ok(shown(times_us))
}

/// How long the same step takes without and with a search that it notes, by turns.
async fn steps(db: &Db, count: i64, now: Timestamp) -> Result<(String, String), DrillError> {
    let chat = ChatId(500);
    let update = |update_id| NewUpdate {
        update_id,
        chat,
        kind: "message".to_owned(),
        raw: "{}".to_owned(),
        ignored: false,
    };
    db.updates_insert(BOT, (0..count * 2).map(update).collect(), now).await?;
    let open = db.updates_of_chat(chat, count * 2).await?;
    let (mut plain, mut noted) = (Vec::new(), Vec::new());
    for (turn, update) in (0..).zip(open) {
        let words = format!("unit {}", turn % 300);
        let note = Change::NoteSearch { words, found: turn % 9 != 0 };
        let is_noted = turn % 2 == 1;
        let changes =
            is_noted.then_some(IndexedChange { change: note, terms: None }).into_iter().collect();
        let step = step(update.seq, UserId(turn), changes, now);
        let begun = Instant::now();
        db.step_commit(step).await?;
        if is_noted { &mut noted } else { &mut plain }.push(begun.elapsed());
    }
    Ok((shown(plain), shown(noted)))
}

fn step(seq: UpdateSeq, user: UserId, changes: Vec<IndexedChange>, now: Timestamp) -> StepCommit {
    StepCommit {
        seq,
        now,
        session: None,
        seen: None,
        requires: None,
        relied: None,
        user: Some(user),
        changes,
        outbox: Vec::new(),
        jobs: Vec::new(),
        queue: "default".to_owned(),
    }
}

fn shown(times: Vec<std::time::Duration>) -> String {
    let us = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let mut times_us: Vec<u64> = times.into_iter().map(us).collect();
    times_us.sort_unstable();
    let ms = |us: u64| format!("{}.{:02}", us / 1000, us % 1000 / 10);
    let at = |share| ms(percentile(&times_us, share));
    format!("{} / {} / {} ms", at(50), at(99), at(100))
}
