//! For people or for programs: the choice that commands share.

use clap::{Args, ValueEnum};

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// The option by which it is chosen, and its short form.
#[derive(Debug, Clone, Copy, Args)]
pub struct Format {
    /// For people or for programs.
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    output: Output,
    /// The same as --output json.
    #[arg(long, global = true, conflicts_with = "output")]
    json: bool,
}

impl Format {
    /// What was chosen.
    pub const fn output(self) -> Output {
        if self.json { Output::Json } else { self.output }
    }

    /// Whether it is for programs.
    pub fn is_json(self) -> bool {
        self.output() == Output::Json
    }
}
