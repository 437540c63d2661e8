//! What a file is: its true type, title, author, length, language and text.
//!
//! Files come from strangers and their parsers are the largest attack surface of the program.
//! So no parser ever runs in the process that holds the database and the token:
//!
//! ```text
//! Inspector::inspect (parent.rs)                child::run (child.rs)
//!   opens the file, starts this executable  ->    limits itself by rlimits: memory, CPU, no new file
//!   again with `__inspect`, an empty              or socket, no new process; seccomp (confine.rs)
//!   environment and the file as stdin             reads stdin, kind.rs tells the type,
//!   reads at most so many bytes, for at      <-   formats.rs reads it (one file per format),
//!   most so long; kills and reaps                 one JSON answer (answer.rs) on stdout
//!   compares with the sender's claims
//! ```
//!
//! Invariants:
//! - whatever the file does to the child, the parent gets an `Inspection`, a `Rejection` or an
//!   error that says that the file was not to blame (the child could not start, was interrupted);
//! - no text of the file reaches a log: of the child's stderr only known phrases are kept;
//! - every text in the answer is free of control characters and bounded in length, but hostile
//!   all the same: whoever shows it must escape it.
//!
//! It must not: know Telegram, the database or actors; parse anything in the parent; trust a
//! file's name. Known and accepted: a child whose parent was killed lives on until it is done or
//! its CPU time is used up, and then cannot answer anybody; where the kernel has no seccomp (the
//! parent warns), native code that took over a parser is held by rlimits alone.

mod answer;
mod audio;
pub mod child;
mod clean;
mod confine;
mod documents;
#[cfg(any(debug_assertions, feature = "failpoints"))]
mod fault;
mod formats;
mod kind;
mod language;
mod limits;
mod parent;
mod pdf;
mod plain;

pub use child::CHILD_ARG;
#[cfg(any(debug_assertions, feature = "failpoints"))]
pub use fault::Fault;
pub use kind::Hints;
pub use limits::InspectLimits;
pub use parent::{InspectError, Inspector};
