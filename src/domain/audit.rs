//! The audit log: who did what to what, and when.
//!
//! Invariants: an entry is written in the transaction of what it tells of, and never changed or
//! deleted: the database refuses it. People are in it by numbers made by chance, as who did it and
//! as whom it was done to; who is behind one is looked up when it is read, as long as they are not
//! erased. Details hold no names of people, no numbers of theirs and nothing they wrote for
//! themselves.

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;
use super::ids::UserId;

/// Whoever works on the command line.
pub const COMMAND_LINE: UserId = UserId(0);

/// Whoever was erased: nobody can tell any more who it was.
pub const ERASED: UserId = UserId(-1);

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    /// A material was put on the shelf.
    Publish,
    /// A field of a material was changed.
    Edit,
    /// A material was taken out.
    Archive,
    /// A material was put back.
    Restore,
    /// The newest change of a material was taken back.
    Undo,
    /// A material got a new file.
    Replace,
    /// A section was made.
    CreateSection,
    /// A section got another name.
    RenameSection,
    /// A section was put elsewhere.
    MoveSection,
    /// A section became part of another.
    MergeSection,
    /// An empty section was removed.
    DeleteSection,
    /// A person got a role.
    SetRole,
    /// A person was shut out.
    Ban,
    /// A person was let in again.
    Unban,
    /// A broadcast was confirmed.
    CreateBroadcast,
    /// A broadcast was paused, resumed or cancelled.
    ControlBroadcast,
    /// A series of broadcasts was begun or ended.
    SetSeries,
    /// A report of a broken file was settled.
    SettleReport,
    /// Somebody looks after an alert.
    AckAlert,
    /// Alerts of a name are not told for a while.
    SilenceAlert,
    /// They are told again.
    EndSilence,
    /// Jobs got another try, were dropped or cancelled.
    ControlJob,
    /// A queue was paused or resumed.
    ControlQueue,
    /// Something was done to the program itself, or somebody signed in to do so.
    ControlProgram,
}

impl AuditAction {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::Publish,
        Self::Edit,
        Self::Archive,
        Self::Restore,
        Self::Undo,
        Self::Replace,
        Self::CreateSection,
        Self::RenameSection,
        Self::MoveSection,
        Self::MergeSection,
        Self::DeleteSection,
        Self::SetRole,
        Self::Ban,
        Self::Unban,
        Self::CreateBroadcast,
        Self::ControlBroadcast,
        Self::SetSeries,
        Self::SettleReport,
        Self::AckAlert,
        Self::SilenceAlert,
        Self::EndSilence,
        Self::ControlJob,
        Self::ControlQueue,
        Self::ControlProgram,
    ];

    /// The stored name, also for the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Edit => "edit",
            Self::Archive => "archive",
            Self::Restore => "restore",
            Self::Undo => "undo",
            Self::Replace => "replace",
            Self::CreateSection => "create_section",
            Self::RenameSection => "rename_section",
            Self::MoveSection => "move_section",
            Self::MergeSection => "merge_section",
            Self::DeleteSection => "delete_section",
            Self::SetRole => "set_role",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::CreateBroadcast => "create_broadcast",
            Self::ControlBroadcast => "control_broadcast",
            Self::SetSeries => "set_series",
            Self::SettleReport => "settle_report",
            Self::AckAlert => "ack_alert",
            Self::SilenceAlert => "silence_alert",
            Self::EndSilence => "end_silence",
            Self::ControlJob => "control_job",
            Self::ControlQueue => "control_queue",
            Self::ControlProgram => "control_program",
        }
    }

    /// The action of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// What it is done to.
    pub const fn subject(self) -> AuditSubject {
        match self {
            Self::Publish
            | Self::Edit
            | Self::Archive
            | Self::Restore
            | Self::Undo
            | Self::Replace => AuditSubject::Material,
            Self::CreateSection
            | Self::RenameSection
            | Self::MoveSection
            | Self::MergeSection
            | Self::DeleteSection => AuditSubject::Section,
            Self::SetRole | Self::Ban | Self::Unban => AuditSubject::Person,
            Self::CreateBroadcast | Self::ControlBroadcast | Self::SetSeries => {
                AuditSubject::Broadcast
            }
            Self::SettleReport => AuditSubject::Report,
            Self::AckAlert | Self::SilenceAlert | Self::EndSilence => AuditSubject::Alert,
            Self::ControlJob | Self::ControlQueue => AuditSubject::Job,
            Self::ControlProgram => AuditSubject::Program,
        }
    }
}

/// What something is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditSubject {
    /// A material.
    Material,
    /// A section of the catalogue.
    Section,
    /// A person.
    Person,
    /// A broadcast, or a series of them.
    Broadcast,
    /// A report of a broken file.
    Report,
    /// An alert.
    Alert,
    /// A job, or a queue of them.
    Job,
    /// The program itself.
    Program,
}

impl AuditSubject {
    /// All of them, in the order of the buttons.
    pub const ALL: [Self; 8] = [
        Self::Material,
        Self::Section,
        Self::Person,
        Self::Broadcast,
        Self::Report,
        Self::Alert,
        Self::Job,
        Self::Program,
    ];

    /// The stored name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Material => "material",
            Self::Section => "section",
            Self::Person => "person",
            Self::Broadcast => "broadcast",
            Self::Report => "report",
            Self::Alert => "alert",
            Self::Job => "job",
            Self::Program => "program",
        }
    }

    /// The subject of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.name() == name)
    }
}

/// What else is known of it. No names of people, and nothing that they wrote for themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditDetails {
    /// Which field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What is there since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// What it was done to, where that has a name and no number: a queue, a group, an actor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// By which way it was done, if not in the chat or on the command line: [`BY_WEB`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

/// Done on the dashboard.
pub const BY_WEB: &str = "web";

/// What is to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditNote {
    /// Who did it.
    pub actor: UserId,
    /// What.
    pub action: AuditAction,
    /// To what: its id.
    pub subject: i64,
    /// What else is known.
    pub details: AuditDetails,
}

impl AuditNote {
    /// With nothing else to say.
    pub fn plain(actor: UserId, action: AuditAction, subject: i64) -> Self {
        Self { actor, action, subject, details: AuditDetails::default() }
    }

    /// With what was there before, and since.
    pub fn changed(
        actor: UserId,
        action: AuditAction,
        subject: i64,
        before: Option<String>,
        after: Option<String>,
    ) -> Self {
        let details = AuditDetails { before, after, ..AuditDetails::default() };
        Self { actor, action, subject, details }
    }

    /// Done on the dashboard: `after` says what, or what came of it.
    pub fn by_web(
        actor: UserId,
        action: AuditAction,
        subject: i64,
        target: Option<String>,
        after: impl Into<String>,
    ) -> Self {
        let (after, via) = (Some(after.into()), Some(BY_WEB.to_owned()));
        let details = AuditDetails { after, target, via, ..AuditDetails::default() };
        Self { actor, action, subject, details }
    }
}

/// An entry as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number: grows with time.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What was written down.
    pub note: AuditNote,
    /// First name of who did it, as it is now: hostile text.
    pub actor_name: Option<String>,
    /// What its subject is called now: hostile text.
    pub subject_name: Option<String>,
}

/// Which entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuditRequest {
    /// Only what was done to such.
    pub subject: Option<AuditSubject>,
    /// Only this.
    pub action: Option<AuditAction>,
    /// Only by this person. Who was erased cannot be asked for.
    pub actor: Option<UserId>,
    /// Only before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::from_name(action.name()), Some(action));
            let subject = action.subject();
            assert_eq!(AuditSubject::from_name(subject.name()), Some(subject));
        }
        assert_eq!(AuditAction::from_name("stared_at"), None);
    }

    #[test]
    fn details_say_only_what_there_is() {
        let details = AuditDetails { after: Some("B1".to_owned()), ..AuditDetails::default() };
        let text = serde_json::to_string(&details).unwrap();
        assert_eq!(text, "{\"after\":\"B1\"}");
        assert_eq!(serde_json::from_str::<AuditDetails>(&text).unwrap(), details);
    }
}
