//! `primelingo stats`: the school in figures, a row for each day.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::database::with_database;
use crate::app::ServeError;
use crate::domain::clock::{Clock as _, SystemClock};
use crate::domain::lang::Lang;
use crate::domain::statistics::{Day, DayFigures, csv};
use crate::settings::Settings;
use crate::store::Db;

/// Which days, and how they are printed.
#[derive(Debug, Args)]
pub struct StatsArguments {
    /// So many days, today included.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i32).range(1..=3650))]
    days: i32,
    /// How they are printed.
    #[arg(long, value_enum, default_value_t = Output::Table)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Runs the command against the configured database.
pub fn run(settings: &Settings, arguments: &StatsArguments) -> ExitCode {
    with_database(settings, async |db| answer(&db, arguments).await)
}

async fn answer(db: &Db, arguments: &StatsArguments) -> Result<String, ServeError> {
    let today = Day::of(SystemClock.now());
    let days = db.stats_days(today.minus(arguments.days - 1), today).await?;
    Ok(match arguments.output {
        Output::Table if days.is_empty() => "nothing was counted yet".to_owned(),
        Output::Table => table(&days),
        Output::Json => days.iter().map(value).collect::<Value>().to_string(),
        Output::Csv => csv(&days).trim_end().to_owned(),
    })
}

fn table(days: &[DayFigures]) -> String {
    let mut text = format!(
        "{:<10} {:>9} {:>7} {:>8} {:>8} {:>8} {:>10} {:>8} {:>6} {:>9}",
        "day",
        "users",
        "new",
        "active",
        "7 days",
        "30 days",
        "deliveries",
        "searches",
        "empty",
        "materials",
    );
    for DayFigures { people, events, .. } in days {
        let [one, seven, thirty] = people.active;
        text = format!(
            "{text}\n{:<10} {:>9} {:>7} {one:>8} {seven:>8} {thirty:>8} {:>10} {:>8} {:>6} {:>9}",
            people.day.to_string(),
            people.users,
            people.joined,
            events.deliveries,
            events.searches,
            events.empty_searches,
            events.materials,
        );
    }
    text
}

fn value(figures: &DayFigures) -> Value {
    let DayFigures { people, events, counted_at } = figures;
    let [one, seven, thirty] = people.active;
    let langs: serde_json::Map<String, Value> = Lang::ALL
        .into_iter()
        .zip(people.langs)
        .map(|(lang, people)| {
            let figures = json!({ "users": people.users, "active_30d": people.active_30 });
            (lang.code().to_owned(), figures)
        })
        .collect();
    json!({
        "day": people.day.to_string(),
        "users": people.users,
        "reachable": people.reachable,
        "new": people.joined,
        "active_1d": one,
        "active_7d": seven,
        "active_30d": thirty,
        "languages": langs,
        "deliveries": events.deliveries,
        "searches": events.searches,
        "searches_without_result": events.empty_searches,
        "published": events.published,
        "materials": events.materials,
        "counted_at": counted_at.to_rfc3339(),
        "complete": figures.is_final(),
    })
}
