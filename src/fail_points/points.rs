//! The names of all points, as data. A point that no test reaches fails the crash-point loop.

/// Declares the points: variant, name, and whether the place can return an error.
macro_rules! points {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $fails:ident;)*) => {
        /// A named place in the program.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Point {
            $($(#[$doc])* $variant,)*
        }

        impl Point {
            /// All points.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name: words with dots between them.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether the place can return an error.
            pub const fn can_fail(self) -> bool {
                match self { $(Self::$variant => points!(@ $fails),)* }
            }

            /// The point of that name.
            pub fn by_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|point| point.name() == name)
            }
        }
    };
    (@ fails) => { true };
    (@ silent) => { false };
}

points! {
    /// The schema is about to be brought up to date.
    MigrateBefore = "store.migrate.before", fails;
    /// The schema is up to date.
    MigrateAfter = "store.migrate.after", fails;
    /// A transaction is complete but for its commit.
    CommitBefore = "store.commit.before", fails;
    /// A commit is done and nobody knows yet; an error is an answer that got lost.
    CommitAfter = "store.commit.after", fails;
    /// A batch of a copy, or a thing that follows the rows, is written and not committed.
    CopyBefore = "store.copy.before", silent;
    /// It is committed, and the copy goes on.
    CopyAfter = "store.copy.after", silent;
    /// Everything that actors stand on is there.
    StartLaid = "start.laid", silent;
    /// A request is about to leave; the text is the method.
    TelegramRequest = "telegram.request", fails;
    /// Telegram has answered and nobody knows yet; the text is the method.
    TelegramAnswer = "telegram.answer", fails;
    /// A file is about to be asked for.
    DownloadBegin = "telegram.download.begin", fails;
    /// A piece of a file has come.
    DownloadPiece = "telegram.download.piece", fails;
    /// A batch of updates is about to be stored.
    IntakeBefore = "ingest.store.before", fails;
    /// A batch of updates is stored, and neither acknowledged nor rung for.
    IntakeAfter = "ingest.store.after", fails;
    /// The router is about to look for chats with open updates: the actor itself, on its thread.
    RouterTick = "ingest.tick", silent;
    /// The router looks for chats with open updates.
    RouterSweep = "ingest.sweep", silent;
    /// The inquest after a death begins.
    InquestBegin = "chat.inquest.begin", silent;
    /// Starts are written down, and what they are for has not begun.
    InquestClaimed = "chat.inquest.claimed", silent;
    /// A step is committed, and nobody was rung for.
    ChatCommitted = "chat.committed", silent;
    /// The gate is about to read what waits to leave.
    GateRead = "outbound.read", silent;
    /// The outcomes of sends are about to be written down.
    SettleBefore = "outbound.settle.before", fails;
    /// The outcomes of sends are written down, and nobody knows yet.
    SettleAfter = "outbound.settle.after", fails;
    /// Outcomes and watermark of a broadcast are about to be written down.
    CampaignBefore = "broadcast.settle.before", fails;
    /// Outcomes and watermark of a broadcast are written down, and nobody was launched.
    CampaignAfter = "broadcast.settle.after", fails;
    /// Jobs of lost workers are about to be given back.
    RescueBefore = "job.rescue.before", fails;
    /// A job is about to be claimed.
    ClaimBefore = "job.claim.before", fails;
    /// A job is claimed, and no worker has it.
    ClaimAfter = "job.claim.after", fails;
    /// A lease is about to be prolonged.
    JobBeat = "job.beat", fails;
    /// The result of a job is about to be written.
    FinishBefore = "job.finish.before", fails;
    /// The result of a job is written, and nobody knows yet.
    FinishAfter = "job.finish.after", fails;
    /// A file is complete and not yet in its place.
    RenameBefore = "blob.rename.before", fails;
    /// A file is in its place and no row names it.
    RenameAfter = "blob.rename.after", fails;
    /// Temporary files of an earlier life are about to be removed.
    BlobSweep = "blob.sweep", fails;
    /// The poller is told to drain.
    DrainPoller = "drain.poller", silent;
    /// The router is told to drain.
    DrainRouter = "drain.router", silent;
    /// The dispatcher is told to drain.
    DrainJobs = "drain.jobs", silent;
    /// The gate is told to drain.
    DrainGate = "drain.gate", silent;
    /// All actors have stopped, and that is not written down.
    DrainEnd = "drain.end", silent;
    /// An update is about to be decoded; the text is its raw JSON.
    ChatRead = "chat.read", silent;
    /// An update was decoded and is about to be decided; the text is the update's raw JSON.
    ChatStep = "chat.step", fails;
    /// The work on an upload begins; the text is the file's name.
    JobWork = "job.work", fails;
    /// A file is about to be given to an inspecting child; the text is the file's name. The action
    /// happens in the child, after it has confined itself.
    InspectChild = "inspect.child", silent;
}
