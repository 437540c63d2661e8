//! The child's side: limits itself, reads the file from stdin, answers on stdout.
//!
//! `main` calls [`run_if_asked`] before it does anything else (no runtime, no logger, no
//! settings). The first argument is the duty, the second one the limits as JSON. Exit codes: 0 with
//! an answer, 101 after a panic of a parser, 70 when the child itself failed, which is not the
//! file's fault. A stack overflow and a failed allocation abort (SIGABRT), too much CPU time is
//! SIGXCPU.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use serde::Serialize;

use super::answer::Answer;
use super::cost::Meter;
use super::limits::InspectLimits;
use super::{confine, formats, preview, sandbox, tools};

/// The first argument that turns the program into an inspector's child.
pub const CHILD_ARG: &str = "__inspect";
/// The one that lets it draw a preview. The third argument is what of.
pub(super) const PREVIEW_ARG: &str = "__preview";
/// The one that lets it become a foreign program, whose path and arguments follow.
pub(super) const TOOL_ARG: &str = "__tool";
/// The one that lets it try to get out. The third argument is from where.
pub(super) const SANDBOX_ARG: &str = "__sandbox";

/// A parser panicked. The same code as Rust's own.
pub(super) const EXIT_PANIC: u8 = 101;
/// The child could not do its work (`EX_SOFTWARE`): its arguments, its limits, its pipes.
pub(super) const EXIT_SETUP: u8 = 70;

/// Does a child's work if the arguments say that this process is one, and gives the exit code.
pub fn run_if_asked() -> Option<ExitCode> {
    let duty: fn(Arguments) -> io::Result<u8> = match std::env::args().nth(1)?.as_str() {
        CHILD_ARG => inspect,
        PREVIEW_ARG => draw,
        TOOL_ARG => become_tool,
        SANDBOX_ARG => try_sandbox,
        _ => return None,
    };
    hush_panics();
    let code = match Arguments::read().and_then(duty) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("setup failed: {error}"));
            EXIT_SETUP
        }
    };
    Some(ExitCode::from(code))
}

struct Arguments {
    limits: InspectLimits,
    rest: std::vec::IntoIter<String>,
}

impl Arguments {
    fn read() -> io::Result<Self> {
        let rest: Vec<String> = std::env::args().skip(2).collect();
        let mut rest = rest.into_iter();
        let limits = serde_json::from_str(&rest.next().unwrap_or_default())?;
        Ok(Self { limits, rest })
    }
}

fn inspect(mut arguments: Arguments) -> io::Result<u8> {
    let limits = arguments.limits;
    let mut file = stdin_as_file()?;
    let meter = Meter::open();
    let is_locked = confine::limit(&limits)?;

    let fault = arguments.rest.next();
    #[cfg(not(any(debug_assertions, feature = "failpoints")))]
    drop(fault);
    let inspect = move |limits: &InspectLimits, is_filtered: bool| {
        #[cfg(any(debug_assertions, feature = "failpoints"))]
        if let Some(fault) = fault {
            super::fault::commit(&fault);
        }
        let (family, verdict) = formats::inspect(&mut file, limits)?;
        Ok(Answer { family, verdict, sealed: is_locked && is_filtered, cost: meter.read() })
    };
    answer_from_thread(limits, inspect)
}

fn draw(mut arguments: Arguments) -> io::Result<u8> {
    let source = arguments.rest.next().and_then(|name| preview::Source::from_name(&name));
    let source = source.ok_or(io::ErrorKind::InvalidInput)?;
    let file = stdin_as_file()?;
    confine::limit(&arguments.limits)?;
    let draw = move |limits: &InspectLimits, _| Ok(preview::draw(file, source, limits));
    answer_from_thread(arguments.limits, draw)
}

/// Comes back only if the program could not be started.
fn become_tool(mut arguments: Arguments) -> io::Result<u8> {
    let program = arguments.rest.next().ok_or(io::ErrorKind::InvalidInput)?;
    confine::for_tool(&arguments.limits)?;
    Err(tools::replace_this_process(&program, arguments.rest))
}

fn try_sandbox(mut arguments: Arguments) -> io::Result<u8> {
    let attempt = arguments.rest.next().and_then(|name| sandbox::Attempt::from_name(&name));
    let attempt = attempt.ok_or(io::ErrorKind::InvalidInput)?;
    say(&sandbox::attempt(attempt, &arguments.limits)?)?;
    Ok(0)
}

fn stdin_as_file() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Seals the process, does the work with a stack of a known size, and says what came out.
fn answer_from_thread<T: Serialize + Send + 'static>(
    limits: InspectLimits,
    work: impl FnOnce(&InspectLimits, bool) -> io::Result<T> + Send + 'static,
) -> io::Result<u8> {
    let thread = std::thread::Builder::new().stack_size(limits.stack_bytes).spawn(move || {
        // Only now, as starting this thread needed what is given up here.
        let is_filtered = confine::seal()?;
        work(&limits, is_filtered)
    })?;
    let Ok(answer) = thread.join() else {
        return Ok(EXIT_PANIC);
    };
    say(&answer?)?;
    Ok(0)
}

fn say(answer: &impl Serialize) -> io::Result<()> {
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
