//! Hostile input by the hundred thousand: buttons, texts, updates, queries, settings, what a cache holds.
//!
//! Every run draws the same cases; `PRIMELINGO_CASES=1000000` draws that many of each sort, and
//! `PRIMELINGO_SEED=7` others.

#![expect(clippy::print_stdout, reason = "how many cases of which sort: for the tables in docs")]

mod buttons;
mod cached;
mod configuration;
mod confirmations;
mod json;
mod queries;
mod stored;
mod text;
mod updates;

/// How many cases: `usual`, or as many as the environment asks for.
fn cases(usual: usize) -> usize {
    number("PRIMELINGO_CASES").map_or(usual, |cases| usize::try_from(cases).unwrap())
}

/// The source of this run's chance.
fn chance() -> fastrand::Rng {
    fastrand::Rng::with_seed(number("PRIMELINGO_SEED").unwrap_or(9))
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var_os(name)?.into_string().unwrap();
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}
