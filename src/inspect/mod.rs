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
//! A preview ([`Inspector::preview`], previewer.rs) is drawn by another child, as a decoder that dies
//! must not make a sound file hostile; a page of a PDF or a frame of a film by a foreign program,
//! where there is one (tools.rs), whose picture a child then decodes and encodes anew (preview/).
//! At the start of the program sandbox.rs tries whether all this holds ([`Inspector::self_test`]).
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
//! its CPU time is used up, and then cannot answer anybody; where the kernel has neither
//! Landlock nor seccomp (the parent warns), native code that took over a parser is held by rlimits
//! alone; foreign programs are not run there.

mod answer;
mod archive;
mod audio;
pub mod child;
mod clean;
mod confine;
mod documents;
mod cost;
#[cfg(any(debug_assertions, feature = "failpoints"))]
mod fault;
mod formats;
mod image;
mod kind;
mod language;
mod limits;
mod meters;
mod parent;
mod pdf;
mod plain;
mod preview;
mod previewer;
mod sandbox;
mod self_test;
mod tools;
mod video;

pub use child::CHILD_ARG;
pub use cost::Cost;
#[cfg(any(debug_assertions, feature = "failpoints"))]
pub use fault::Fault;
pub use kind::Hints;
pub use limits::InspectLimits;
pub use parent::{Examined, InspectError, Inspector};
pub use sandbox::Sandbox;
pub use tools::Tools;
