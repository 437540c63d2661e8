//! How much one inspection may take.

use std::time::Duration;

use serde::{Deserialize, Serialize};

const MIB: u64 = 1024 * 1024;

/// The limits of one inspection. The parent passes them to the child as JSON.
///
/// The defaults fit together: a file that is as long as `max_parse_bytes` is held twice in
/// memory while it is parsed, and the longest text still fits into the answer when every
/// character of it must be escaped in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectLimits {
    /// Address space of the child in bytes: its program, stacks and everything it allocates.
    pub memory_bytes: u64,
    /// Processor time of the child in seconds.
    pub cpu_s: u64,
    /// Time from the start of the child to the end of its answer.
    pub wall: Duration,
    /// Stack of the thread that parses, in bytes.
    pub stack_bytes: usize,
    /// Longest file that is parsed as a whole (PDF). A longer one is taken, without its text.
    pub max_parse_bytes: u64,
    /// Most bytes that one compressed stream, the content of one page, or all that is read of one
    /// container may unpack to.
    pub max_unpacked_bytes: usize,
    /// Pages, chapters and other parts whose text is read; further ones only count.
    pub max_pages: u32,
    /// Text kept of one file, all parts together, in bytes of UTF-8.
    pub max_text_bytes: usize,
    /// Longest answer that the parent reads from the child, in bytes.
    pub max_answer_bytes: u64,
}

impl Default for InspectLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 512 * MIB,
            cpu_s: 20,
            wall: Duration::from_secs(30),
            stack_bytes: 16 * 1024 * 1024,
            max_parse_bytes: 100 * MIB,
            max_unpacked_bytes: 64 * 1024 * 1024,
            max_pages: 3_000,
            max_text_bytes: 3 * 1024 * 1024,
            max_answer_bytes: 8 * MIB,
        }
    }
}
