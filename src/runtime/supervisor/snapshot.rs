//! What the supervisor shows of its children, and how it ends.

use crate::runtime::mailbox::MailboxSnapshot;
use crate::runtime::messages::Fact;
use crate::runtime::monitor::Exit;

/// The process's exit code after an escalation: `EX_SOFTWARE` of BSD's sysexits.
pub const EXIT_CODE_ESCALATED: u8 = 70;

/// The process's exit code after threads were lost to endless loops: `EX_TEMPFAIL`. Another start
/// mends it.
pub const EXIT_CODE_EXHAUSTED: u8 = 75;

/// One child at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildSnapshot {
    /// The name given in the spec.
    pub name: &'static str,
    /// How often it was started.
    pub generation: u64,
    /// What it is doing.
    pub state: ChildState,
    /// How often it was started *anew*.
    pub restarts: u64,
    /// Depth, waits and counts of its mailbox, over all generations.
    pub mailbox: MailboxSnapshot,
    /// How the previous generation ended.
    pub last_exit: Option<Exit>,
    /// What the child said of itself at its latest heartbeat.
    pub facts: Vec<Fact>,
}

/// What a child is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildState {
    /// It works.
    Running,
    /// It is dead and will be started after a delay.
    BackingOff,
    /// It was told to finish.
    Draining,
    /// It is dead and stays so.
    Stopped,
}

/// Why the supervisor ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitReason {
    /// It was told to.
    Requested,
    /// This child died more often than its budget allows.
    Escalated {
        /// The child's name.
        child: &'static str,
    },
    /// Too many threads were lost to work that never ends.
    Exhausted,
    /// The supervisor itself died, which is a defect.
    Broken,
}

impl ExitReason {
    /// The code the process should exit with.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Requested => 0,
            Self::Exhausted => EXIT_CODE_EXHAUSTED,
            Self::Escalated { .. } | Self::Broken => EXIT_CODE_ESCALATED,
        }
    }
}
