//! The child's side: limits itself, reads the file from stdin, answers on stdout.
//!
//! `main` calls [`run`] before it does anything else (no runtime, no logger, no settings) when
//! the first argument is [`CHILD_ARG`]. Exit codes: 0 with an answer, 101 after a
//! panic of a parser, 70 when the child itself failed, which is not the file's fault.
//! A stack overflow and a failed allocation abort (SIGABRT), too much CPU time is SIGXCPU.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use super::answer::Answer;
use super::limits::InspectLimits;
use super::{confine, formats};

/// The first argument that turns the program into an inspector's child. The second one is the
/// limits as JSON.
pub const CHILD_ARG: &str = "__inspect";

/// A parser panicked. The same code as Rust's own.
pub(super) const EXIT_PANIC: u8 = 101;
/// The child could not do its work (`EX_SOFTWARE`): its arguments, its limits, its pipes.
pub(super) const EXIT_SETUP: u8 = 70;

/// Inspects what stdin holds; `main` returns the code.
pub fn run() -> ExitCode {
    hush_panics();
    match serve() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&format!("setup failed: {error}"));
            ExitCode::from(EXIT_SETUP)
        }
    }
}

fn serve() -> io::Result<u8> {
    let mut arguments = std::env::args().skip(2);
    let limits = arguments.next().unwrap_or_default();
    let limits: InspectLimits = serde_json::from_str(&limits)?;
    let mut file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    confine::limit(&limits)?;

    #[cfg(any(debug_assertions, feature = "failpoints"))]
    let fault = arguments.next();
    let stack_bytes = limits.stack_bytes;
    let inspect = move || {
        // Only now, as starting this thread needed what is given up here.
        let sealed = confine::seal()?;
        #[cfg(any(debug_assertions, feature = "failpoints"))]
        if let Some(fault) = fault {
            super::fault::commit(&fault);
        }
        let (family, verdict) = formats::inspect(&mut file, &limits)?;
        Ok::<_, io::Error>(Answer { family, verdict, sealed })
    };
    let thread = std::thread::Builder::new().stack_size(stack_bytes).spawn(inspect)?;
    let Ok(answer) = thread.join() else {
        return Ok(EXIT_PANIC);
    };
    say(&answer?)?;
    Ok(0)
}

fn say(answer: &Answer) -> io::Result<()> {
    let json = serde_json::to_vec(answer)?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(&json)?;
    stdout.flush()
}

/// Replaces the panic hook: a message may quote the file, a place in the source never does.
fn hush_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|it| format!("{}:{}", it.file(), it.line()));
        complain(&format!("panicked at {}", place.unwrap_or_default()));
    }));
}

/// One line for the parent, which keeps it only if it knows the phrase.
fn complain(line: &str) {
    // Nobody is left to be told when stderr is closed.
    let _ = writeln!(io::stderr(), "{line}");
}
