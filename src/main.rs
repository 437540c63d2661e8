//! The thin binary: arguments in, exit code out.

use std::process::ExitCode;

use primelingo::inspect::child;

fn main() -> ExitCode {
    // Before anything else: the child has no settings, no logger and no runtime.
    if let Some(code) = child::run_if_asked() {
        return code;
    }
    primelingo::cli::main()
}
