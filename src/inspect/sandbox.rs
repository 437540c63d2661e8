//! Whether the sandbox holds on this machine: children that try to get out, each from behind one
//! layer, and one from behind all of them. Part of every build, and run at every start.
//!
//! Each layer is tried for what it is there for: rlimits for files, sockets and memory, seccomp for
//! files, sockets and threads (which are processes to the kernel), Landlock for files. A hole in
//! one of them is covered by another; a hole in all together is an open sandbox.

use std::fmt;
use std::fs::{self, File};
use std::hint::black_box;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use serde::{Deserialize, Serialize};

use super::confine;
use super::limits::InspectLimits;

/// What a child of the self-test confines itself by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// As a child that reads a file does.
    Together,
    Rlimits,
    Seccomp,
    Landlock,
    /// More memory than allowed: such a child must die.
    Memory,
}

impl Attempt {
    pub(super) const ALL: [Self; 5] =
        [Self::Together, Self::Rlimits, Self::Seccomp, Self::Landlock, Self::Memory];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Together => "together",
            Self::Rlimits => "rlimits",
            Self::Seccomp => "seccomp",
            Self::Landlock => "landlock",
            Self::Memory => "memory",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attempt| attempt.name() == name)
    }
}

/// Something a child must not be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Reads a file of the system.
    Read,
    /// Makes a file.
    Write,
    /// Opens a socket.
    Socket,
    /// Starts a program.
    Process,
    /// Starts a thread.
    Thread,
    /// Takes more memory than allowed.
    Memory,
    /// Could not be tried: the child failed.
    Unknown,
}

impl Deed {
    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Socket => "socket",
            Self::Process => "process",
            Self::Thread => "thread",
            Self::Memory => "memory",
            Self::Unknown => "untried",
        }
    }

    fn succeeds(self) -> bool {
        match self {
            Self::Read => ["/etc/passwd", "/proc/self/exe"].iter().any(|it| File::open(it).is_ok()),
            Self::Write => {
                let path = PathBuf::from(format!("/tmp/primelingo-sandbox-{}", std::process::id()));
                let is_made = File::create_new(&path).is_ok();
                if is_made {
                    // Out already: what was made may as well be removed.
                    let _ = fs::remove_file(path);
                }
                is_made
            }
            Self::Socket => {
                TcpListener::bind("127.0.0.1:0").is_ok() || UnixDatagram::unbound().is_ok()
            }
            Self::Process => Command::new("/bin/true").status().is_ok(),
            Self::Thread => thread::Builder::new().spawn(|| ()).is_ok(),
            Self::Memory | Self::Unknown => false,
        }
    }
}

/// What the self-test has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sandbox {
    holes: Vec<(&'static str, Deed)>,
}

impl Sandbox {
    /// Whether every layer holds.
    pub fn is_sealed(&self) -> bool {
        self.holes.is_empty()
    }

    /// Whether a child can get out, whatever single layers are missing.
    pub fn is_open(&self) -> bool {
        let outer = [Attempt::Together.name(), Attempt::Memory.name()];
        self.holes.iter().any(|(layer, _)| outer.contains(layer))
    }

    pub(super) fn add(&mut self, attempt: Attempt, deeds: impl IntoIterator<Item = Deed>) {
        self.holes.extend(deeds.into_iter().map(|deed| (attempt.name(), deed)));
    }
}

impl fmt::Display for Sandbox {
    /// `sealed`, or what works behind which layer: `landlock: read, landlock: write`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_sealed() {
            return f.write_str("sealed");
        }
        for (number, (layer, deed)) in self.holes.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            write!(f, "{comma}{layer}: {}", deed.name())?;
        }
        Ok(())
    }
}

/// Tries to get out, in the child; gives what worked.
///
/// # Errors
/// The limits cannot be set.
pub(super) fn attempt(attempt: Attempt, limits: &InspectLimits) -> io::Result<Vec<Deed>> {
    let deeds: &[Deed] = match attempt {
        Attempt::Together => {
            confine::limit(limits)?;
            confine::seal()?;
            &[Deed::Read, Deed::Write, Deed::Socket, Deed::Process, Deed::Thread]
        }
        Attempt::Rlimits => {
            confine::rlimits(limits)?;
            &[Deed::Read, Deed::Write, Deed::Socket]
        }
        Attempt::Seccomp => {
            confine::filter();
            &[Deed::Read, Deed::Write, Deed::Socket, Deed::Process, Deed::Thread]
        }
        Attempt::Landlock => {
            confine::lock();
            &[Deed::Read, Deed::Write]
        }
        Attempt::Memory => {
            confine::limit(limits)?;
            // Address space alone: it need not be touched to be too much.
            let size = usize::try_from(limits.memory_bytes).unwrap_or(usize::MAX / 2);
            black_box(vec![0_u8; size]);
            return Ok(vec![Deed::Memory]);
        }
    };
    Ok(deeds.iter().copied().filter(|deed| deed.succeeds()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_told_by_layer_and_only_those_in_all_layers_are_open() {
        let mut sandbox = Sandbox::default();
        assert!(sandbox.is_sealed() && !sandbox.is_open());
        assert_eq!(sandbox.to_string(), "sealed");
        sandbox.add(Attempt::Landlock, [Deed::Read, Deed::Write]);
        assert!(!sandbox.is_sealed() && !sandbox.is_open());
        assert_eq!(sandbox.to_string(), "landlock: read, landlock: write");
        sandbox.add(Attempt::Memory, [Deed::Memory]);
        assert!(sandbox.is_open());
    }
}
