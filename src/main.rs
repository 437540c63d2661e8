//! The thin binary: arguments in, exit code out.

use std::process::ExitCode;

use primelingo::inspect::{CHILD_ARG, child};

fn main() -> ExitCode {
    // Before anything else: the child has no settings, no logger and no runtime.
    if std::env::args().nth(1).as_deref() == Some(CHILD_ARG) {
        return child::run();
    }
    primelingo::cli::main()
}
