//! stub
use clap::Args;
/// stub
#[derive(Debug, Args)]
pub struct SimulateArguments {}
/// stub
pub fn run(_: &SimulateArguments) -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
