//! Self-test of the sandbox, in debug builds only: a child that misbehaves on purpose.
//!
//! A third argument after [`CHILD_ARG`](super::CHILD_ARG) names the fault. It happens inside the
//! child, after it has limited itself, and harms nothing but that child.

use std::hint::black_box;
use std::io::{self, Write};

/// What the child does instead of inspecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Allocates without end.
    Memory,
    /// Computes without end.
    Spin,
    /// Waits without end, using no CPU time.
    Sleep,
    /// Panics.
    Panic,
    /// Recurses without end.
    Overflow,
    /// Writes to stdout without end.
    Flood,
    /// Opens a file, a socket and a process, and panics if one of them works.
    Escape,
}

impl Fault {
    const ALL: [Self; 7] = [
        Self::Memory,
        Self::Spin,
        Self::Sleep,
        Self::Panic,
        Self::Overflow,
        Self::Flood,
        Self::Escape,
    ];

    /// The argument that asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Spin => "spin",
            Self::Sleep => "sleep",
            Self::Panic => "panic",
            Self::Overflow => "overflow",
            Self::Flood => "flood",
            Self::Escape => "escape",
        }
    }
}

/// Commits the fault of that name; an unknown one is none.
pub(super) fn commit(name: &str) {
    match Fault::ALL.into_iter().find(|fault| fault.name() == name) {
        Some(Fault::Memory) => exhaust_memory(),
        Some(Fault::Spin) => spin(),
        Some(Fault::Sleep) => loop {
            std::thread::park();
        },
        Some(Fault::Panic) => panic!("the text of a secret file"),
        Some(Fault::Overflow) => {
            black_box(recurse(0));
        }
        Some(Fault::Flood) => flood(),
        Some(Fault::Escape) => escape(),
        None => {}
    }
}

fn exhaust_memory() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1_u8; 1024 * 1024]));
    }
}

fn spin() {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

#[expect(unconditional_recursion, reason = "the fault that is asked for")]
fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    frame.len().try_into().unwrap_or(0_u64) + recurse(black_box(depth + 1))
}

fn flood() {
    let mut stdout = io::stdout().lock();
    while stdout.write_all(&[b' '; 4096]).is_ok() {}
}

fn escape() {
    let file = std::fs::File::open("/etc/hostname").map(drop);
    let socket = std::net::TcpListener::bind("127.0.0.1:0").map(drop);
    let process = std::process::Command::new("/bin/true").status().map(drop);
    let escaped = [file, socket, process].iter().any(Result::is_ok);
    assert!(!escaped, "the sandbox is open");
}
