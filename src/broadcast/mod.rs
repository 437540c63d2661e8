//! Broadcasts at work: when they begin, and what each recipient gets.

pub mod digest;
pub mod schedule;
