//! Background work as steps and schedules ask for it.

use std::fmt;

use super::clock::Timestamp;
use super::effect::CardStage;
use super::ids::{
    AudienceListId, BatchId, BroadcastId, CategoryId, ChatId, JobId, MaterialId, OutboxId,
    RequestId, UserId,
};
use super::privacy::Subject;
use super::statistics::{ReportSort, Span};

/// A job to enqueue in the caller's transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// Whose share of the workers it takes: a user's id, or [`NOBODY`].
    pub fairness_key: i64,
    /// What it goes before.
    pub priority: Priority,
    /// Not before then; none for at once.
    pub not_before: Option<Timestamp>,
}

/// The share of what no person waits for.
pub const NOBODY: i64 = 0;

/// What goes before what. Within a priority everybody gets the same share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Nobody waits for it.
    Housekeeping,
    /// One of many files.
    Bulk,
    /// A single file, and somebody looks at its card.
    Single,
}

impl Priority {
    /// The number in the jobs table: the highest goes first.
    pub const fn weight(self) -> i32 {
        match self {
            Self::Housekeeping => -10,
            Self::Bulk => 0,
            Self::Single => 10,
        }
    }
}

/// The kinds of jobs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JobKind {
    /// Fetch, hash, inspect, store and index the file of a material.
    ProcessUpload {
        /// Which.
        material: MaterialId,
    },
    /// Fetch, hash, inspect and index the file of a material that is published already, and of which
    /// only Telegram's handle is known.
    AdoptFile {
        /// Which.
        material: MaterialId,
    },
    /// Publish what of a batch can be published, and bring its card up to date.
    TendBatch {
        /// Which; also the job's own id.
        batch: BatchId,
        /// Whose.
        user: UserId,
        /// Where the dialog and the card are.
        chat: ChatId,
        /// The forum topic; 0 for none.
        thread: i64,
        /// The outbox row of the card.
        card: OutboxId,
    },
    /// Tell those who took an older edition of a material of its new one.
    AnnounceEdition {
        /// Which.
        material: MaterialId,
        /// The number of the new edition.
        edition: u32,
        /// Who replaced it: told how many were told.
        by: UserId,
    },
    /// Read the chats of an audience from a file that an admin sent.
    ReadAudience {
        /// The list that takes them, used for nothing else; also the job's own id.
        list: AudienceListId,
        /// The broadcast in the making whose dialog goes on with it.
        broadcast: BroadcastId,
        /// Telegram's handle of the file.
        file_id: String,
        /// Its size in bytes, when Telegram tells.
        size: Option<u64>,
        /// The admin: told how it went.
        by: UserId,
        /// Where the dialog is.
        chat: ChatId,
        /// The forum topic; 0 for none.
        thread: i64,
        /// The outbox row of the message that shows how it went in the end.
        card: OutboxId,
    },
    /// Write down how a broadcast ended for each recipient, and send that to an admin as a file.
    ExportBroadcast {
        /// Which.
        broadcast: BroadcastId,
        /// The admin.
        by: UserId,
        /// Where the file goes.
        chat: ChatId,
        /// The forum topic; 0 for none.
        thread: i64,
    },
    /// Move what still stands in sections that became part of others.
    TidySections {
        /// The section with which it began.
        section: CategoryId,
    },
    /// Tell those who follow its section, or have asked for it, of a material that is new.
    TellOfMaterial {
        /// Which.
        material: MaterialId,
    },
    /// Tell those who have asked for something what an editor has answered.
    TellAskers {
        /// For what.
        request: RequestId,
    },
    /// Send a person a copy of their data.
    ExportPerson(Subject),
    /// Erase a person's data.
    ErasePerson(Subject),
    /// Forget a message once it has left, and the file that was sent with it alone.
    ForgetTraces {
        /// Its row.
        message: OutboxId,
        /// Whether all that was sent to its chat before goes, too: its person is erased.
        all: bool,
    },
    /// Send an admin the school in figures, as a file.
    SendStatistics {
        /// As what.
        sort: ReportSort,
        /// How far back.
        span: Span,
        /// The admin.
        by: UserId,
        /// Where the file goes.
        chat: ChatId,
        /// The forum topic; 0 for none.
        thread: i64,
    },
    /// Nothing: to see whether jobs are done.
    Probe {
        /// The job's own id.
        job: JobId,
    },
    /// Count what is shown as statistics, and forget what is counted.
    RollUpStatistics,
    /// Copy the database, and the files if so configured, where backups go.
    MakeBackup,
    /// Forget the texts of updates that are done, then the updates.
    PruneUpdates,
    /// Forget jobs that are over.
    PruneJobs,
    /// Forget messages that have left.
    PruneOutbox,
    /// Forget incidents that were told.
    PruneIncidents,
    /// Forget dialogs that nobody has come back to.
    PruneSessions,
    /// Forget the words of searches whose buttons are out of date.
    PruneQueries,
    /// Forget whom broadcasts went to that are long over.
    PruneLetters,
    /// Forget keys that open nothing any more.
    PruneKeys,
    /// Forget instances that are gone.
    PruneInstances,
    /// Remove half-fetched files of instances that are gone.
    SweepTemp,
    /// Forget contents that no material has, and remove files that nothing names.
    SweepBlobs,
}

impl JobKind {
    /// What is done again and again.
    pub const RECURRING: [Self; 13] = [
        Self::RollUpStatistics,
        Self::MakeBackup,
        Self::PruneUpdates,
        Self::PruneJobs,
        Self::PruneOutbox,
        Self::PruneIncidents,
        Self::PruneSessions,
        Self::PruneQueries,
        Self::PruneLetters,
        Self::PruneKeys,
        Self::PruneInstances,
        Self::SweepTemp,
        Self::SweepBlobs,
    ];

    /// The name for the jobs table, metrics and logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ProcessUpload { .. } => "process_upload",
            Self::AdoptFile { .. } => "adopt_file",
            Self::TendBatch { .. } => "tend_batch",
            Self::AnnounceEdition { .. } => "announce_edition",
            Self::ReadAudience { .. } => "read_audience",
            Self::ExportBroadcast { .. } => "export_broadcast",
            Self::TidySections { .. } => "tidy_sections",
            Self::TellOfMaterial { .. } => "tell_of_material",
            Self::TellAskers { .. } => "tell_askers",
            Self::ExportPerson(_) => "export_person",
            Self::ErasePerson(_) => "erase_person",
            Self::ForgetTraces { .. } => "forget_traces",
            Self::SendStatistics { .. } => "send_statistics",
            Self::Probe { .. } => "probe",
            Self::RollUpStatistics => "roll_up_statistics",
            Self::MakeBackup => "make_backup",
            Self::PruneUpdates => "prune_updates",
            Self::PruneJobs => "prune_jobs",
            Self::PruneOutbox => "prune_outbox",
            Self::PruneIncidents => "prune_incidents",
            Self::PruneSessions => "prune_sessions",
            Self::PruneQueries => "prune_queries",
            Self::PruneLetters => "prune_letters",
            Self::PruneKeys => "prune_keys",
            Self::PruneInstances => "prune_instances",
            Self::SweepTemp => "sweep_temp",
            Self::SweepBlobs => "sweep_blobs",
        }
    }

    /// Two open jobs with the same key are one.
    pub fn unique_key(&self) -> String {
        match self {
            Self::ProcessUpload { material } => format!("process_upload:{material}"),
            Self::AdoptFile { material } => format!("adopt_file:{material}"),
            Self::TendBatch { batch, .. } => format!("tend_batch:{batch}"),
            Self::AnnounceEdition { material, edition, .. } => {
                format!("announce_edition:{material}:{edition}")
            }
            Self::ReadAudience { list, .. } => format!("read_audience:{list}"),
            Self::ExportBroadcast { broadcast, by, .. } => {
                format!("export_broadcast:{broadcast}:{by}")
            }
            Self::TidySections { section } => format!("tidy_sections:{section}"),
            Self::TellOfMaterial { material } => format!("tell_of_material:{material}"),
            Self::TellAskers { request } => format!("tell_askers:{request}"),
            Self::ExportPerson(of) => format!("export_person:{}", of.user),
            Self::ErasePerson(of) => format!("erase_person:{}", of.user),
            Self::ForgetTraces { message, .. } => format!("forget_traces:{message}"),
            Self::SendStatistics { sort, span, by, .. } => {
                format!("send_statistics:{}:{}:{by}", sort.name(), span.days())
            }
            Self::Probe { job } => format!("probe:{job}"),
            other => other.name().to_owned(),
        }
    }
}

/// How far the work on a file is, as the jobs table keeps it for whoever looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileProgress {
    /// So much of it is fetched, in percent; none when its size is not known.
    Downloading(Option<u64>),
    /// It is looked into.
    Checking,
    /// It will be tried again.
    Retrying,
    /// Anything else.
    Working,
}

impl FileProgress {
    /// The progress that a card shows.
    pub fn of(stage: &CardStage) -> Self {
        match stage {
            CardStage::Downloading { done, total } => {
                let percent = |total: u64| done.saturating_mul(100).checked_div(total);
                Self::Downloading(total.and_then(percent).map(|percent| percent.min(100)))
            }
            CardStage::Checking { .. } => Self::Checking,
            CardStage::Retrying => Self::Retrying,
            _ => Self::Working,
        }
    }

    /// What [`fmt::Display`] has written.
    pub fn parse(text: &str) -> Self {
        match text.split_once(' ') {
            Some(("downloading", percent)) => Self::Downloading(percent.parse().ok()),
            None if text == "downloading" => Self::Downloading(None),
            None if text == "checking" => Self::Checking,
            None if text == "retrying" => Self::Retrying,
            _ => Self::Working,
        }
    }
}

impl fmt::Display for FileProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Downloading(Some(percent)) => write!(f, "downloading {percent}"),
            Self::Downloading(None) => f.write_str("downloading"),
            Self::Checking => f.write_str("checking"),
            Self::Retrying => f.write_str("retrying"),
            Self::Working => f.write_str("working"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_reads_as_it_was_written() {
        let half = CardStage::Downloading { done: 512, total: Some(1024) };
        assert_eq!(FileProgress::of(&half), FileProgress::Downloading(Some(50)));
        let all = [
            FileProgress::Downloading(Some(50)),
            FileProgress::Downloading(None),
            FileProgress::Checking,
            FileProgress::Retrying,
            FileProgress::Working,
        ];
        for progress in all {
            assert_eq!(FileProgress::parse(&progress.to_string()), progress);
        }
        assert_eq!(FileProgress::parse("by a later version"), FileProgress::Working);
    }

    #[test]
    fn every_kind_is_stored_under_its_name() {
        let upload = JobKind::ProcessUpload { material: MaterialId(5) };
        let list = JobKind::ReadAudience {
            list: AudienceListId(1),
            broadcast: BroadcastId(4),
            file_id: "F".to_owned(),
            size: None,
            by: UserId(2),
            chat: ChatId(2),
            thread: 0,
            card: OutboxId(3),
        };
        let export = JobKind::ExportBroadcast {
            broadcast: BroadcastId(1),
            by: UserId(2),
            chat: ChatId(2),
            thread: 0,
        };
        let tidy = JobKind::TidySections { section: CategoryId(1) };
        let subject = Subject { user: UserId(2), chat: ChatId(2) };
        let notices = [
            JobKind::TellOfMaterial { material: MaterialId(5) },
            JobKind::TellAskers { request: RequestId(6) },
            JobKind::ExportPerson(subject),
            JobKind::ErasePerson(subject),
            JobKind::ForgetTraces { message: OutboxId(7), all: true },
        ];
        let statistics = JobKind::SendStatistics {
            sort: ReportSort::Chart,
            span: Span::Month,
            by: UserId(2),
            chat: ChatId(2),
            thread: 0,
        };
        let probe = JobKind::Probe { job: JobId(8) };
        let others = [upload, list, export, tidy, statistics, probe];
        let kinds = JobKind::RECURRING.into_iter().chain(others);
        for kind in kinds.chain(notices) {
            let payload = serde_json::to_string(&kind).unwrap();
            assert!(payload.contains(&format!("\"{}\"", kind.name())), "{payload}");
            assert_eq!(serde_json::from_str::<JobKind>(&payload).unwrap(), kind);
        }
    }
}
