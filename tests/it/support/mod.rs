//! What several tests share: the servers that the bot talks to, real and throwaway.
//!
//! A server starts at first use, lives once per test process and dies with it. A missing program
//! fails the test that needs it; nothing is ever skipped.

/// Tells a count, for whoever runs the tests with `--nocapture`.
#[expect(clippy::print_stdout, reason = "the test runner shows it when it is asked to")]
pub fn tell(line: &str) {
    println!("{line}");
}

pub mod bot;
pub mod browser;
pub mod drill;
pub mod place;
pub mod postgres;
pub mod proxy;
pub mod redis;
