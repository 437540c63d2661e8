//! `primelingo doctor` on set-ups with one thing wrong each, on sound ones, and on such whose servers
//! hang; with the commands that stand beside it.

mod command;
mod fake;
mod page;
mod run;
mod seeds;
mod setup;
mod unsound;
mod words;
