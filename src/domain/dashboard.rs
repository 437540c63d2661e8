//! The dashboard: who may do what on it, and the link that leads there. Pure.
//!
//! Invariants: a link is worth something once and for ten minutes, to whom it was given; nothing of
//! it is kept but its hash. What is done needs a rank, and the rank comes from the role alone.

use std::fmt;
use std::time::Duration;

use super::audit::AuditAction;
use super::broadcast::Control;
use super::clock::Timestamp;
use super::ids::{BroadcastId, JobId};
use super::role::Role;

/// How long a link may be used.
pub const LINK_LIFE: Duration = Duration::from_mins(10);

/// How long a drop, or another try for a whole group, can be taken back.
pub const UNDO_WITHIN: Duration = Duration::from_secs(10);

/// Longest name of a queue, a group, an actor that is looked at.
const TARGET_CHARS: usize = 64;

/// What somebody is on the dashboard. Each includes all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Sees.
    Viewer,
    /// Also does what can be mended: broadcasts, jobs, queues, alerts.
    Operator,
    /// Also restarts actors and turns the log up.
    Owner,
}

impl Rank {
    /// The rank of a role; none for learners.
    pub const fn of(role: Role) -> Option<Self> {
        match role {
            Role::Learner => None,
            Role::Editor => Some(Self::Viewer),
            Role::Admin => Some(Self::Operator),
            Role::Owner => Some(Self::Owner),
        }
    }

    /// The role that it takes.
    pub const fn role(self) -> Role {
        match self {
            Self::Viewer => Role::Editor,
            Self::Operator => Role::Admin,
            Self::Owner => Role::Owner,
        }
    }

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }
}

/// A link to the dashboard as the bot gives it. `Debug` shows nothing of the key.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// The address with the key in it: shown once, kept nowhere.
    pub url: String,
    /// The key's hash, hexadecimal.
    pub hash: String,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(<redacted>)")
    }
}

/// A key to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Its hash, hexadecimal.
    pub hash: String,
    /// It is worth nothing after that.
    pub expires_at: Timestamp,
}

/// The hash under which a key is stored: keys have 128 bits of chance, so that no salt is needed.
pub fn hash_of(key: &str) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("primelingo 2026 dashboard link");
    hasher.update(key.as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// What can be done to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobDeed {
    /// Another try for a dead one.
    Retry,
    /// A dead one is forgotten.
    Drop,
    /// One that waits or runs is ended.
    Cancel,
}

/// What can be done on the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// To a broadcast.
    Broadcast(BroadcastId, Control),
    /// To a job.
    Job(JobId, JobDeed),
    /// All dead jobs of a group get another try.
    RetryGroup(String),
    /// All dead jobs of a group are forgotten.
    DropGroup(String),
    /// A queue gives no job out.
    PauseQueue(String),
    /// It does again.
    ResumeQueue(String),
    /// An actor is ended and started anew.
    RestartActor(String),
    /// More or less is logged.
    LogLevel(String),
    /// Somebody has seen an alert.
    AckAlert(i64),
    /// What this token was given for is taken back.
    Undo(String),
}

impl Deed {
    /// What is meant, if it can be.
    pub fn parse(action: &str, target: &str) -> Option<Self> {
        let id = || target.parse::<i64>().ok().filter(|id| *id > 0);
        let name = || {
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            let fits = !target.is_empty() && target.len() <= TARGET_CHARS;
            (fits && target.chars().all(is_name)).then(|| target.to_owned())
        };
        let broadcast = |control| Some(Self::Broadcast(BroadcastId(id()?), control));
        let job = |deed| Some(Self::Job(JobId(id()?), deed));
        match action {
            "broadcast_pause" => broadcast(Control::Pause),
            "broadcast_resume" => broadcast(Control::Resume),
            "broadcast_cancel" => broadcast(Control::Cancel),
            "job_retry" => job(JobDeed::Retry),
            "job_drop" => job(JobDeed::Drop),
            "job_cancel" => job(JobDeed::Cancel),
            "group_retry" => Some(Self::RetryGroup(name()?)),
            "group_drop" => Some(Self::DropGroup(name()?)),
            "queue_pause" => Some(Self::PauseQueue(name()?)),
            "queue_resume" => Some(Self::ResumeQueue(name()?)),
            "actor_restart" => Some(Self::RestartActor(name()?)),
            "log_level" => Some(Self::LogLevel(name()?)),
            "alert_ack" => Some(Self::AckAlert(id()?)),
            "undo" => Some(Self::Undo(name()?)),
            _ => None,
        }
    }

    /// Its name in the API, in metrics and in the audit log.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Broadcast(_, Control::Pause) => "broadcast_pause",
            Self::Broadcast(_, Control::Resume) => "broadcast_resume",
            Self::Broadcast(_, Control::Cancel) => "broadcast_cancel",
            Self::Job(_, JobDeed::Retry) => "job_retry",
            Self::Job(_, JobDeed::Drop) => "job_drop",
            Self::Job(_, JobDeed::Cancel) => "job_cancel",
            Self::RetryGroup(_) => "group_retry",
            Self::DropGroup(_) => "group_drop",
            Self::PauseQueue(_) => "queue_pause",
            Self::ResumeQueue(_) => "queue_resume",
            Self::RestartActor(_) => "actor_restart",
            Self::LogLevel(_) => "log_level",
            Self::AckAlert(_) => "alert_ack",
            Self::Undo(_) => "undo",
        }
    }

    /// The name under which the audit log has it.
    pub const fn audited(&self) -> AuditAction {
        match self {
            Self::Broadcast(..) => AuditAction::ControlBroadcast,
            Self::Job(..) | Self::RetryGroup(_) | Self::DropGroup(_) | Self::Undo(_) => {
                AuditAction::ControlJob
            }
            Self::PauseQueue(_) | Self::ResumeQueue(_) => AuditAction::ControlQueue,
            Self::RestartActor(_) | Self::LogLevel(_) => AuditAction::ControlProgram,
            Self::AckAlert(_) => AuditAction::AckAlert,
        }
    }

    /// The rank that it takes.
    pub const fn needs(&self) -> Rank {
        match self {
            Self::RestartActor(_) | Self::LogLevel(_) => Rank::Owner,
            Self::Broadcast(..)
            | Self::Job(..)
            | Self::RetryGroup(_)
            | Self::DropGroup(_)
            | Self::PauseQueue(_)
            | Self::ResumeQueue(_)
            | Self::AckAlert(_)
            | Self::Undo(_) => Rank::Operator,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_the_rank_that_leads_back_to_it() {
        for role in Role::ALL {
            assert_eq!(Rank::of(role).map_or(Role::Learner, Rank::role), role);
        }
        assert!(Rank::Owner > Rank::Operator && Rank::Operator > Rank::Viewer);
    }

    const ACTIONS: [(&str, &str, Rank); 14] = [
        ("broadcast_pause", "7", Rank::Operator),
        ("broadcast_resume", "7", Rank::Operator),
        ("broadcast_cancel", "7", Rank::Operator),
        ("job_retry", "7", Rank::Operator),
        ("job_drop", "7", Rank::Operator),
        ("job_cancel", "7", Rank::Operator),
        ("group_retry", "ab12", Rank::Operator),
        ("group_drop", "ab12", Rank::Operator),
        ("queue_pause", "default", Rank::Operator),
        ("queue_resume", "default", Rank::Operator),
        ("actor_restart", "chat_router", Rank::Owner),
        ("log_level", "debug", Rank::Owner),
        ("alert_ack", "7", Rank::Operator),
        ("undo", "0f0f", Rank::Operator),
    ];

    #[test]
    fn what_is_done_is_named_and_ranked() {
        for (action, target, rank) in ACTIONS {
            let deed = Deed::parse(action, target).unwrap_or_else(|| panic!("{action}"));
            assert_eq!((deed.name(), deed.needs()), (action, rank));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_nothing() {
        for (action, target) in [
            ("job_retry", "0"),
            ("job_retry", "-7"),
            ("job_retry", "7; DROP TABLE jobs"),
            ("job_retry", "99999999999999999999"),
            ("queue_pause", ""),
            ("queue_pause", "<script>"),
            ("queue_pause", "../x"),
            ("stare", "7"),
        ] {
            assert_eq!(Deed::parse(action, target), None, "{action} {target}");
        }
        assert_eq!(Deed::parse("queue_pause", &"q".repeat(TARGET_CHARS + 1)), None);
    }

    #[test]
    fn the_hash_is_not_the_key() {
        let hash = hash_of("0123456789abcdef0123456789abcdef");
        assert_eq!(hash.len(), 64);
        assert_ne!(hash, hash_of("0123456789abcdef0123456789abcdee"));
    }
}
