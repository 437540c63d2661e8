//! The sandbox that a child builds around itself, in layers that overlap: rlimits everywhere, and
//! on Linux Landlock, which closes the file system and TCP, and a seccomp filter that leaves only
//! the calls of a process which reads, computes and writes.
//!
//! The filter denies with `EPERM` instead of killing: a harmless call that a new C library makes
//! fails softly, and a parser that tries to open a file only gets an error.
//!
//! A foreign program that draws a page ([`for_tool`]) needs its libraries and more calls. It may
//! read those and the one file, and has no network and no way to start another process.
//!
//! What a kernel does not have is told, not hidden: `sandbox.rs` tries every layer at the start.

#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod seccomp;

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::limits::InspectLimits;

/// Descriptors of a foreign program: its libraries and fonts, one after the other.
const TOOL_FILES: u64 = 64;

/// Closes the file system, and bounds what the process may use. From here on it cannot open a file
/// or a socket; those it has go on working. Tells whether the kernel has Landlock.
pub(super) fn limit(limits: &InspectLimits) -> io::Result<bool> {
    // First, as it needs a descriptor of its own.
    let is_locked = lock();
    rlimits(limits)?;
    Ok(is_locked)
}

/// The limits alone, for the self-test.
pub(super) fn rlimits(limits: &InspectLimits) -> io::Result<()> {
    set(Resource::Nofile, 0)?;
    usage(limits)
}

fn usage(limits: &InspectLimits) -> io::Result<()> {
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    set(Resource::As, limits.memory_bytes)?;
    // The soft limit is a signal of its own (SIGXCPU), which tells it from a kill by someone else.
    let cpu = Rlimit { current: Some(limits.cpu_s), maximum: Some(limits.cpu_s.saturating_add(1)) };
    setrlimit(Resource::Cpu, cpu)?;
    Ok(())
}

/// Gives up all files, TCP and other processes, for this thread and those it will start; tells
/// whether the kernel can do it.
pub(super) fn lock() -> bool {
    #[cfg(target_os = "linux")]
    let is_locked = landlock::close_all();
    #[cfg(not(target_os = "linux"))]
    let is_locked = false;
    is_locked
}

/// Gives up new threads and processes and, where the kernel can do it, all other calls that
/// parsing does not need; tells whether it could.
///
/// # Errors
/// The limit on processes cannot be set.
pub(super) fn seal() -> io::Result<bool> {
    // Root is exempt from this one.
    set(Resource::Nproc, 0)?;
    Ok(filter())
}

/// The filter of system calls alone, for the self-test.
pub(super) fn filter() -> bool {
    #[cfg(target_os = "linux")]
    let sealed = seccomp::seal().is_ok();
    #[cfg(not(target_os = "linux"))]
    let sealed = false;
    sealed
}

/// Confines the process before it becomes a foreign program that reads the file on stdin.
///
/// # Errors
/// A layer is missing. Such a program is as large an attack surface as there is: without all of
/// them it does not run.
pub(super) fn for_tool(limits: &InspectLimits) -> io::Result<()> {
    set(Resource::Nofile, TOOL_FILES)?;
    #[cfg(target_os = "linux")]
    {
        landlock::close_all_but_programs()?;
        usage(limits)?;
        seccomp::seal_tool().map_err(io::Error::other)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = limits;
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn set(resource: Resource, limit: u64) -> io::Result<()> {
    setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    Ok(())
}
