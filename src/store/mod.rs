//! Stage 8: the database, the only folder that knows SQL.
//!
//! One query body (`queries/`) is compiled for SQLite and for PostgreSQL; `lite` and `pg` hold the
//! pools and the few statements that differ. Rows never leave this folder: callers get the
//! domain's types or the plain records of [`records`].
//!
//! Invariants: a write is acknowledged after its commit; a transaction never contains network I/O
//! and is never cancelled half-way; every call has a name, a deadline and a metric.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use crate::domain::batch::BatchEntry;
use crate::domain::clock::Timestamp;
use crate::domain::edition::{Standing, Taker, Twin};
use crate::domain::effect::NewJob;
use crate::domain::ids::{
    BatchId, CategoryId, ChatId, JobId, MaterialId, MessageId, OutboxId, QueryId, UpdateSeq, UserId,
};
use crate::domain::incident::Incident;
use crate::domain::material::{Category, Level, Material, PreviewRef};
use crate::domain::outgoing::StoredCopy;
use crate::domain::role::Role;
use crate::domain::search_page::Entry;
use crate::domain::session::SessionKey;
use crate::domain::user::User;

pub mod backup;
pub mod copy;
pub mod foreign;
pub mod migrate;
pub mod records;
#[cfg(feature = "demo")]
pub mod scratch;

mod adopt;
mod alerts;
mod bans;
mod broadcasts;
mod dashboard;
mod desk;
mod error;
mod errors;
pub mod facts;
mod figures;
mod lite;
mod meters;
mod notices;
mod ownership;
mod passing;
mod pg;
mod rows;
mod schema;
mod series;
mod shelf;
mod sql_types;
pub mod standing;
mod statement;
mod statistics;
mod strain;
mod timed;

pub use error::{StoreError, StoreResult};
pub use lite::LiteConfig;
pub use pg::PgConfig;

#[cfg(feature = "demo")]
use crate::domain::ids::BroadcastId;
#[cfg(feature = "demo")]
use records::drill::Audit;
use records::{
    Announced, AsideJob, AsideUpdate, BatchLook, BatchVerdict, Candidates, ChatState, ClaimedJob,
    ContentsPruned, DeadJob, Fence, HeadUpdate, JobCount, JobDeaths, JobEnd, JobOwner, JobStanding,
    LeaseAnswer, LeaseToken, Line, NewMaterial, NewOutbox, NewUpdate, Offer, OpenUpdate,
    OpenUpload, OutboxItem, OutboxOutcome, PartText, PruneBatch, SearchRequest, StepCommit,
    TakersRequest, UpdateFault, UploadResult,
};
use strain::Strain;
use timed::writes;

/// Which database, and how it is set up.
#[derive(Clone)]
pub enum StoreConfig {
    /// A file of our own.
    Sqlite(LiteConfig),
    /// A server.
    Postgres(PgConfig),
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    backend: Backend,
    call_timeout: Duration,
    strain: Arc<Strain>,
    fence: Fence,
}

#[derive(Clone)]
enum Backend {
    Lite(lite::LitePool),
    Pg(pg::PgPool),
}

impl Db {
    /// Brings the schema up to date and opens the pools. `call_timeout` bounds each call, the wait
    /// for a connection included; the query itself goes on and is never dropped in flight.
    pub async fn open(
        config: StoreConfig,
        call_timeout: Duration,
        runtime: Handle,
    ) -> StoreResult<Self> {
        fail_point!(MigrateBefore => StoreError::Migration("a fail point".to_owned()));
        let backend = match config {
            StoreConfig::Sqlite(config) => {
                let migrating = config.clone();
                joined(runtime.spawn_blocking(move || migrate::migrate_sqlite(&migrating))).await?;
                Backend::Lite(lite::LitePool::open(&config)?)
            }
            StoreConfig::Postgres(config) => {
                let pool = pg::PgPool::open(&config, runtime.clone())?;
                let connection = pool.connect_alone(&config).await?;
                joined(runtime.spawn_blocking(move || migrate::migrate_postgres(connection)))
                    .await?;
                Backend::Pg(pool)
            }
        };
        fail_point!(MigrateAfter => StoreError::Migration("a fail point".to_owned()));
        Ok(Self { backend, call_timeout, strain: Arc::new(Strain::new()), fence: Fence::NONE })
    }

    /// The same database for whoever leads under this token: what only the leader may write is
    /// refused with [`StoreError::is_lease_lost`] as soon as the lease has changed hands.
    #[must_use]
    pub fn under(&self, token: LeaseToken) -> Self {
        Self { fence: Fence(Some(token)), ..self.clone() }
    }

    /// The name of the backend, for logs and metrics.
    pub const fn backend_name(&self) -> &'static str {
        match self.backend {
            Backend::Lite(_) => "sqlite",
            Backend::Pg(_) => "postgres",
        }
    }

    /// One step of a chat, all or nothing.
    pub async fn step_commit(&self, step: StepCommit) -> StoreResult<()> {
        let committed = if step.changes_library() {
            self.step_publish(step).await
        } else {
            self.step_write(step).await
        };
        if matches!(committed, Err(StoreError::Conflict { .. })) {
            // The next decision must not rest on what this one rested on.
            self.renew();
        }
        committed
    }

    /// Returns when nothing that was deleted before can be read from the database's files. A
    /// server's files are its own business: what it shows and dumps has forgotten already.
    pub async fn scrub(&self) -> StoreResult<()> {
        match &self.backend {
            Backend::Lite(pool) => {
                static METER: meters::CallMeter = meters::CallMeter::new("meta", "scrub");
                self.timed(&METER, true, pool.scrub()).await
            }
            Backend::Pg(_) => Ok(()),
        }
    }

    /// Whoever browses from now on sees what is committed now, by other processes, too.
    fn renew(&self) {
        match &self.backend {
            Backend::Lite(pool) => pool.renew(),
            Backend::Pg(_) => {}
        }
    }

    /// Whether the database does its work: it answers a question and, if the newest write was
    /// refused, takes one. Bounded by `limit`, and not held up by a pool that others use up.
    pub async fn probe(&self, limit: Duration) -> StoreResult<()> {
        let asking = async {
            let must_write = self.strain.refuses_writes();
            match &self.backend {
                Backend::Lite(_) if must_write => self.probe_write().await,
                Backend::Lite(_) => self.ping().await,
                Backend::Pg(pool) => {
                    pool.probe(must_write).await.map_err(|error| error.in_call("probe"))?;
                    if must_write {
                        self.strain.writes_again();
                    }
                    Ok(())
                }
            }
        };
        timeout(limit, asking).await.unwrap_or_else(|_elapsed| {
            meters::gave_up();
            let reason = format!("no answer within {} ms", limit.as_millis());
            Err(StoreError::Unavailable { call: "probe", reason })
        })
    }

    /// Whether any call was refused or slow since then, so that whoever waited is not to blame.
    pub fn was_strained_since(&self, moment: Instant) -> bool {
        self.strain.since(moment)
    }
}

async fn joined<T>(task: tokio::task::JoinHandle<StoreResult<T>>) -> StoreResult<T> {
    task.await.unwrap_or_else(|error| Err(StoreError::Migration(error.to_string())))
}

/// Gives `Db` a method for each query body. `read` sees what is committed now; `browse` may see
/// the library as another process left it half a second ago, and costs less; `write` is a
/// transaction; `publish` is one that changes what browsers see. `write(fence)` and
/// `publish(fence)` give the body the fence of this `Db`, too.
macro_rules! calls {
    ($($(#[$doc:meta])* $mode:ident $(($fence:ident))? $module:ident::$name:ident($($arg:ident: $type:ty),*) -> $out:ty;)*) => {
        impl Db {
            $($(#[$doc])*
            pub async fn $name(&self, $($arg: $type),*) -> StoreResult<$out> {
                static METER: $crate::store::meters::CallMeter =
                    $crate::store::meters::CallMeter::new(stringify!($module), stringify!($name));
                $(let $fence = self.fence;)?
                match &self.backend {
                    Backend::Lite(pool) => {
                        let work = pool.$mode(move |connection| {
                            async move { lite::q::$module::$name(connection, $($fence,)? $($arg),*).await }.boxed()
                        });
                        self.timed(&METER, writes(stringify!($mode)), work).await
                    }
                    Backend::Pg(pool) => {
                        let work = pool.$mode(move |connection| {
                            async move { pg::q::$module::$name(connection, $($fence,)? $($arg),*).await }.boxed()
                        });
                        self.timed(&METER, writes(stringify!($mode)), work).await
                    }
                }
            })*
        }
    };
}
use calls;

calls! {
    /// Whether the database answers.
    read meta::ping() -> ();
    /// Writes a word, to see whether anything can be written.
    write meta::probe_write() -> ();
    /// The value of a key of this installation; `value` is stored first if there is none.
    write meta::meta_get_or_set(key: String, value: String) -> String;
    /// Counts a key of this installation up and gives its new value.
    write meta::meta_count_up(key: String) -> i64;

    /// An instance begins a life; gives whether its last one ended without a word.
    write meta::run_begin(instance: String) -> bool;
    /// An instance ends in order.
    write meta::run_end(instance: String) -> ();

    /// The library's version: changes with whatever a search can find.
    browse meta::library_version() -> i64;

    /// Stores a batch of updates; gives how many were new.
    write ledger::updates_insert(bot_id: i64, batch: Vec<NewUpdate>, now: Timestamp) -> usize;
    /// A chat's open updates in their order.
    read ledger::updates_of_chat(chat: ChatId, limit: i64) -> Vec<OpenUpdate>;
    /// Chats with open updates, the one that waits longest first.
    read ledger::updates_open_chats(limit: i64) -> Vec<ChatId>;
    /// How many updates are open.
    read ledger::updates_open_count() -> i64;
    /// Closes an update that needs nothing.
    write(fence) ledger::update_done(seq: UpdateSeq, now: Timestamp) -> ();
    /// Closes updates that nobody will look into, and tells their author.
    write(fence) ledger::updates_leave_out(seqs: Vec<UpdateSeq>, told: Vec<NewOutbox>, now: Timestamp) -> ();
    /// Keeps an update that cannot be read for a later version.
    write(fence) ledger::update_put_aside(seq: UpdateSeq, reason: String, now: Timestamp) -> ();
    /// Notes a fault of the update itself; gives whether it is dead now.
    write(fence) ledger::update_fault(fault: UpdateFault, now: Timestamp) -> bool;
    /// The first open update of each chat.
    read ledger::updates_heads(limit: i64) -> Vec<HeadUpdate>;
    /// Writes down that updates are about to be started.
    write(fence) ledger::updates_claim(seqs: Vec<UpdateSeq>, claims: i32) -> ();

    /// Updates that are dead or could not be read, newest first.
    read aside::updates_aside(limit: i64) -> Vec<AsideUpdate>;
    /// One update.
    read aside::update_show(seq: UpdateSeq) -> Option<AsideUpdate>;
    /// Gives an update that was put aside another try; gives whether it was.
    write aside::update_replay(seq: UpdateSeq) -> bool;
    /// Jobs that are not over, dead ones first.
    read aside::jobs_unfinished(limit: i64) -> Vec<AsideJob>;
    /// One job.
    read aside::job_show(id: JobId) -> Option<AsideJob>;
    /// Gives a dead job another try; gives whether it was dead.
    write aside::job_retry(id: JobId, now: Timestamp) -> bool;
    /// Forgets a dead job for good; gives whether it was dead.
    write aside::job_drop(id: JobId, now: Timestamp) -> bool;

    /// Incidents that nobody was told of, oldest first.
    read incidents::incidents_untold(limit: i64) -> Vec<Incident>;
    /// Tells of all incidents up to a number, which are so many.
    write incidents::incidents_tell(last: i64, count: usize, messages: Vec<NewOutbox>, now: Timestamp) -> ();
    /// Admins and owners whom the bot can write to.
    read people::people_in_charge(owners: Vec<UserId>) -> Vec<User>;

    /// The dialog and the person of a chat.
    read people::chat_load(key: SessionKey) -> ChatState;
    /// A person, if known.
    read people::user_get(id: UserId) -> Option<User>;
    /// Gives a person a role.
    write people::user_set_role(id: UserId, role: Role, now: Timestamp) -> ();
    /// Notes whether the bot may write to a person.
    write people::user_set_reachable(id: UserId, reachable: bool) -> ();

    /// A step that leaves the library as it is.
    write(fence) step::step_write(step: StepCommit) -> ();
    /// A step that changes the library.
    publish(fence) step::step_publish(step: StepCommit) -> ();

    /// A node of the catalogue.
    read catalogue::category_get(id: CategoryId) -> Option<Category>;
    /// The nodes below a node (or at the top), by name.
    read catalogue::category_children(parent: Option<CategoryId>) -> Vec<Category>;
    /// The names of these nodes, in no order.
    read catalogue::category_titles(ids: Vec<CategoryId>) -> Vec<(CategoryId, String)>;
    /// The levels of the materials directly in a node.
    read catalogue::category_levels(id: CategoryId) -> Vec<Level>;

    /// A material, if it exists.
    read materials::material_get(id: MaterialId) -> Option<Material>;
    /// The published material with that content, if there is one.
    read materials::material_by_hash(hash: String) -> Option<Material>;
    /// The handle under which Telegram knows a file of ours by now.
    read handles::handle_of(copy: StoredCopy) -> Option<String>;
    /// Telegram knows the file under this handle from now on.
    write handles::handle_renew(copy: StoredCopy, file_id: String) -> ();
    /// The handle is dead; another one may be there already.
    write handles::handle_forget(id: MaterialId, dead: String) -> ();
    /// Published materials whose content was not checked since then, the longest unchecked first.
    read handles::materials_to_verify(before: Timestamp, limit: i64) -> Vec<Material>;
    /// How many contents there are.
    read handles::contents_count() -> i64;
    /// A content and its handle were checked.
    write handles::content_verified(hash: String, now: Timestamp) -> ();
    /// The picture of a content, if there is one.
    read contents::content_preview(hash: String) -> Option<PreviewRef>;
    /// Published materials of these ids, in no order.
    read materials::materials_by_ids(ids: Vec<MaterialId>) -> Vec<Material>;
    /// List entries of these materials, as far as they are published, in no order.
    browse materials::entries_by_ids(ids: Vec<MaterialId>) -> Vec<Entry>;

    /// Publishes complete materials, all or nothing.
    publish import::materials_import(batch: Vec<NewMaterial>, now: Timestamp) -> ();
    /// Adds a node to the catalogue.
    publish catalogue::category_create(id: CategoryId, parent: Option<CategoryId>, title: String, now: Timestamp) -> ();

    /// The material for which a hidden one holds a file, if it does.
    read editions::replacement_target(candidate: MaterialId) -> Option<MaterialId>;
    /// How the replacement of a material's file by that content stands.
    read editions::replacement_standing(target: MaterialId, editor: UserId, hash: Option<String>) -> Option<Standing>;
    /// The number of a material's present edition.
    read editions::edition_number(material: MaterialId) -> u32;
    /// People who took an edition before this one with another content, by their ids.
    read editions::edition_takers(request: TakersRequest) -> Vec<Taker>;
    /// Materials with that content that are neither published nor thrown away.
    read editions::material_twins(hash: String, id: MaterialId, person: UserId) -> Vec<Twin>;
    /// How far the announcement of an edition is.
    read editions::announced(job: JobId) -> Announced;
    /// Enqueues offers of an edition and notes how far that is; gives that.
    write editions::announce_page(job: (JobId, i64), before: Announced, after: UserId, offers: Vec<Offer>, now: Timestamp) -> Announced;
    /// Ends a job together with what is said of its end.
    write editions::job_finish(job: (JobId, i64), messages: Vec<NewOutbox>, now: Timestamp) -> ();
    /// Gives a job up together with what is said of it.
    write editions::job_give_up(job: (JobId, i64), end: JobEnd, messages: Vec<NewOutbox>, now: Timestamp) -> ();

    /// What may fit a search, unranked.
    browse search::search_candidates(request: SearchRequest) -> Candidates;
    /// These parts, by id.
    browse contents::part_texts(ids: Vec<i64>) -> Vec<(i64, PartText)>;
    /// The words of a remembered query.
    read search::query_text(id: QueryId) -> Option<String>;
    /// Every word of titles and tags, with how many materials use it.
    read search::vocabulary_all() -> Vec<(String, i64)>;
    /// How many words there are.
    read search::vocabulary_size() -> i64;

    /// Takes a lease that is free, or was an earlier start's of this owner; tells who has it otherwise.
    write lease::lease_take(name: String, owner: JobOwner, ttl: Duration) -> LeaseAnswer;
    /// Prolongs a lease, also one that has run out, as long as nobody else took it; gives whether.
    write lease::lease_renew(name: String, token: LeaseToken, ttl: Duration) -> bool;
    /// Gives a lease back: nothing is written under this token any more.
    write lease::lease_release(name: String, token: LeaseToken) -> ();
    /// How many worker processes show that they live.
    read lease::workers_alive() -> i64;
    /// The time by the database's clock, which all processes share.
    read lease::database_now() -> Timestamp;

    /// Adds a job, unless one with its unique key is open.
    write jobs::job_enqueue(job: NewJob, queue: String, now: Timestamp) -> ();
    /// Takes the next job of a queue under a lease and a new token.
    write jobs::job_claim(queue: String, owner: JobOwner, now: Timestamp, lease_until: Timestamp, idle: bool) -> Option<ClaimedJob>;
    /// Whether an attempt still has its job.
    read jobs::job_stands(id: JobId, token: i64) -> JobStanding;
    /// Writes down how far an attempt is.
    write jobs::job_report(id: JobId, token: i64, progress: String) -> ();
    /// Cancels a job that waits or runs, and throws its upload away; gives whether it did.
    write jobs::job_cancel(id: JobId, card: Option<NewOutbox>, now: Timestamp) -> bool;
    /// Whether a recurring job is due, or not on the list yet.
    read schedules::schedules_due(now: Timestamp) -> bool;
    /// Makes the recurring jobs that are due; gives how many were.
    write schedules::schedules_tick(offered: Vec<NewJob>, queue: String, every: Duration, now: Timestamp) -> usize;
    /// How many jobs stand how.
    read backlog::jobs_count(now: Timestamp) -> Vec<JobCount>;
    /// The same without kinds, and without those that are over but dead.
    read backlog::jobs_depth(now: Timestamp) -> Vec<JobCount>;
    /// Jobs that are dead, newest first.
    read backlog::jobs_dead(limit: i64) -> Vec<DeadJob>;
    /// An editor's uploads that are not processed yet, oldest first.
    read backlog::uploads_open(user: UserId, limit: i64) -> Vec<OpenUpload>;
    /// Whose jobs are due in a queue and wait, and how many.
    read backlog::jobs_line(queue: String, now: Timestamp) -> Vec<Line>;

    /// Forgets the oldest of a sort; gives how many rows that were.
    write housekeeping::prune(batch: PruneBatch) -> usize;
    /// Forgets instances that ended in order before then; gives how many.
    write housekeeping::prune_instances(before: Timestamp) -> usize;
    /// Forgets contents that no material has, the next slice after one.
    write housekeeping::contents_prune(after: String, before: Timestamp, limit: i64) -> ContentsPruned;
    /// Which of these files something names.
    read housekeeping::blobs_named(hashes: Vec<String>) -> Vec<String>;

    /// Prolongs a lease; false when the job is not ours any more.
    write jobs::job_beat(id: JobId, token: i64, lease_until: Timestamp) -> bool;
    /// Ends an attempt that has no result of its own.
    write jobs::job_end(id: JobId, token: i64, end: JobEnd, now: Timestamp) -> ();
    /// Gives back what an earlier start of this instance held, and what anybody held past its lease.
    write jobs::jobs_rescue(owner: JobOwner, deaths: JobDeaths, now: Timestamp) -> usize;
    /// When the next job of a queue is due.
    read jobs::job_next_due(queue: String) -> Option<Timestamp>;
    /// The files of a user's batch, in no order.
    read batch::batch_entries(batch: BatchId, user: UserId) -> Vec<BatchEntry>;
    /// Files of a batch that wait to be published and can be.
    read batch::batch_due(batch: BatchId, limit: i64) -> Vec<Material>;
    /// Writes down what becomes of a file that waits to be published.
    publish batch::batch_settle_one(verdict: BatchVerdict) -> ();
    /// Shows the card of a batch, and ends the attempt that made it.
    write batch::batch_show(look: BatchLook) -> ();
    /// Writes the result of processing an upload, with everything that follows from it.
    publish upload::upload_finish(result: UploadResult) -> ();

    /// Adds messages to the outbox.
    write outbox::outbox_insert(messages: Vec<NewOutbox>, now: Timestamp) -> ();
    /// Adds an edit of a card, or replaces one that still waits; gives its id.
    write outbox::outbox_replace_edit(message: NewOutbox, now: Timestamp) -> OutboxId;
    /// The same for an attempt at a job, as long as the job is still its own.
    write jobs::job_replace_edit(id: JobId, token: i64, message: NewOutbox, progress: String, now: Timestamp) -> OutboxId;
    /// Messages that wait, in their order, after a given one.
    read outbox::outbox_open(after: OutboxId, limit: i64) -> Vec<OutboxItem>;
    /// Marks messages as being sent, before the request leaves.
    write(fence) outbox::outbox_begin(ids: Vec<OutboxId>) -> ();
    /// The message that a row became, if it was sent.
    read outbox::outbox_message_id(id: OutboxId) -> Option<MessageId>;
    /// Writes down how sends ended.
    write(fence) outbox::outbox_settle(outcomes: Vec<OutboxOutcome>, now: Timestamp) -> ();

    /// How many rows wait for somebody: updates, messages and jobs.
    #[cfg(feature = "demo")]
    read drill::unfinished_count() -> i64;
    /// Everything that a drill compares with what it offered.
    #[cfg(feature = "demo")]
    read drill::audit() -> Audit;
    /// Closes every open update, to make a long ledger.
    #[cfg(feature = "demo")]
    write drill::ledger_close_all(now: Timestamp) -> ();
    /// So many people, who wrote one after the other.
    #[cfg(feature = "demo")]
    write drill::people_import(first: i64, count: i64, now: Timestamp) -> ();
    /// So many rows in each of the tables that grow.
    #[cfg(feature = "demo")]
    write drill::school_simulate(first: i64, count: i64, now: Timestamp) -> ();
    /// Recipients whose request may have left and who have no outcome.
    #[cfg(feature = "demo")]
    read drill::recipients_in_doubt(id: BroadcastId) -> i64;
}
