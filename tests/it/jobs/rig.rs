//! A school with one editor: a database, a Telegram, and dispatchers that can be killed.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::Connection as _;
use diesel::sqlite::SqliteConnection;
use primelingo::domain::button::Signer;
use primelingo::domain::clock::{Clock as _, SystemClock};
use primelingo::domain::effect::{Change, JobKind, NewJob, Priority};
use primelingo::domain::event::{FileClass, FileRef};
use primelingo::domain::ids::{ChatId, IdSource, JobId, MaterialId, OutboxId, UserId};
use primelingo::domain::lang::Lang;
use primelingo::domain::material::{Card, Description, Material, MaterialState, Processing};
use primelingo::domain::outgoing::Outgoing;
use primelingo::inspect::{InspectLimits, Inspector};
use primelingo::jobs::{
    DownloadLimits, Housekeeping, JobsConfig, JobsParts, RetryPolicy, Room, RoomLimits,
    StatisticsKeep, dispatcher_spec,
};
use primelingo::library::blobs::BlobStore;
use primelingo::library::terms;
use primelingo::runtime::{
    Backoff, ChildPolicy, Port, RestartPolicy, RestartWindow, Ring, SupervisorBuilder,
    SupervisorHandle, WorkRuntime,
};
use primelingo::store::records::{IndexedChange, JobOwner, NewUpdate, Seen, StepCommit};
use primelingo::store::{Db, LiteConfig, StoreConfig};
use primelingo::telegram::{BotToken, Lane, TelegramClient, Timeouts};
use primelingo::views::Presenter;
use serde_json::{Value, json};
use tempfile::TempDir;
use tgsim::{Simulator, SimulatorOptions};
use tokio::runtime::{Handle, Runtime};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);
const MIB: u64 = 1024 * 1024;
pub const QUEUE: &str = "default";
const EDITOR: UserId = UserId(7);
const CHAT: ChatId = ChatId(7);

/// Everything that outlives a process.
pub struct Rig {
    pub db: Db,
    pub telegram: Simulator,
    /// Stops every job's file from being too quick, or too slow, for the test.
    pub config: JobsConfig,
    pub gate: Port<Ring>,
    /// The room of each start.
    pub room: RoomLimits,
    /// What looks into files.
    pub executable: PathBuf,
    data: TempDir,
    is_local: bool,
    ids: Arc<IdSource>,
}

/// One start of the process.
pub struct House {
    pub supervisor: SupervisorHandle,
    pub doorbell: Port<Ring>,
    runtime: Option<Runtime>,
}

impl Drop for House {
    fn drop(&mut self) {
        // A runtime must not be dropped where actors live.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl House {
    /// Ends it as a kill would: nothing is finished, nothing is told.
    pub async fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        self.supervisor.stop();
        self.supervisor.stop();
        self.supervisor.wait().await;
    }
}

/// An upload as the dialog has left it.
#[derive(Debug, Clone, Copy)]
pub struct Upload {
    pub material: MaterialId,
    pub job: JobId,
    card: OutboxId,
}

impl Rig {
    pub async fn new() -> Self {
        Self::at(SimulatorOptions::default()).await
    }

    /// With a Bot API server on the same machine.
    pub async fn local() -> Self {
        Self::at(SimulatorOptions { local: true, ..SimulatorOptions::default() }).await
    }

    /// What the simulator keeps goes with the test, too.
    async fn at(options: SimulatorOptions) -> Self {
        let data = tempfile::tempdir().unwrap();
        let options = SimulatorOptions { spool: Some(data.path().join("spool")), ..options };
        let is_local = options.local;
        let config = StoreConfig::Sqlite(LiteConfig {
            path: data.path().join("library.db"),
            readers: 2,
            snapshot_life: Duration::ZERO,
            cache_kb: 2048,
            group_units: 64,
            queue: 256,
            lock_timeout: LONG,
            log_pages: 16_384,
        });
        Self {
            db: Db::open(config, LONG, Handle::current()).await.unwrap(),
            telegram: Simulator::start(options).await.unwrap(),
            config: config_of_tests(),
            gate: Port::from_fn(|Ring| ()),
            room: ROOM,
            executable: PathBuf::from(env!("CARGO_BIN_EXE_primelingo")),
            data,
            is_local,
            ids: Arc::new(IdSource::new(1)),
        }
    }

    /// Starts the process for the `epoch`-th time.
    pub fn start(&self, epoch: i64) -> House {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let config = JobsConfig {
            owner: JobOwner { epoch, ..self.config.owner.clone() },
            ..self.config.clone()
        };
        let presenter = Presenter::new(Signer::new([7; 32], 42, 30), "test_bot".to_owned());
        let parts = JobsParts {
            forget_copy: Arc::new(|_| Box::pin(async {})),
            zone: primelingo::domain::calendar::Zone::UTC,
            db: self.db.clone(),
            telegram: self.client(),
            inspector: Inspector::new(self.executable.clone(), InspectLimits::default()),
            presenter: Arc::new(presenter),
            blobs: self.blobs(),
            room: Room::new(self.room),
            clock: Arc::new(SystemClock),
            ids: Arc::clone(&self.ids),
            begin: begun(),
            work: WorkRuntime::new(runtime.handle().clone()),
            gate: self.gate.clone(),
            random: || 0.5,
        };
        let doorbell = Port::new();
        let spec = dispatcher_spec(POLICY, &doorbell, config, parts);
        let supervisor = SupervisorBuilder::new(LONG, || 0.5).child(spec).start();
        House { supervisor, doorbell, runtime: Some(runtime) }
    }

    pub fn blobs(&self) -> BlobStore {
        BlobStore::new(self.data.path().to_owned(), &self.config.owner.instance)
    }

    fn client(&self) -> TelegramClient {
        let token = BotToken::parse(self.telegram.token()).unwrap();
        let url = self.telegram.url();
        let client = TelegramClient::new(token, &url, Lane::File, Timeouts::default()).unwrap();
        if self.is_local { client.with_local_files(PathBuf::from("/")) } else { client }
    }

    /// The files in a folder of the data directory, however deep; none when it is not there.
    pub fn files_in(&self, folder: &str) -> Vec<PathBuf> {
        files_below(&self.data.path().join(folder))
    }

    /// The data directory.
    pub fn folder(&self) -> PathBuf {
        self.data.path().to_owned()
    }

    pub fn put_file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.data.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    // Telegram's side

    pub async fn faults(&self, files: Value) {
        self.telegram.ctl("faults", json!({ "files": files })).await.unwrap();
    }

    pub async fn clear_faults(&self) {
        self.telegram.ctl("faults", json!({ "clear": true })).await.unwrap();
    }

    /// A file at Telegram, with its real size declared.
    pub async fn file_at(&self, path: &Path, name: &str) -> FileRef {
        let size = std::fs::metadata(path).unwrap().len();
        let file = json!({ "type": "document", "path": path, "name": name });
        FileRef { size: Some(size), ..self.file(file, name).await }
    }

    /// A file of noise at Telegram, with no size declared.
    pub async fn noise(&self, size: u64) -> FileRef {
        let name = "noise.bin";
        self.file(json!({ "type": "document", "size": size, "name": name }), name).await
    }

    async fn file(&self, description: Value, name: &str) -> FileRef {
        let made = self.telegram.ctl("file", description).await.unwrap();
        file_ref(made["file_id"].as_str().unwrap(), name)
    }

    // The dialog's side

    /// The step that takes an upload in: material, card and job.
    pub async fn upload(&self, file: FileRef, title: &str) -> Upload {
        let now = SystemClock.now();
        let id = || self.ids.next(now);
        let upload = Upload { material: MaterialId(id()), job: JobId(id()), card: OutboxId(id()) };
        let change = Change::OpenMaterial {
            id: upload.material,
            file,
            title: title.to_owned(),
            uploader: EDITOR,
            card: Card { chat: CHAT, outbox: upload.card },
        };
        let kind = JobKind::ProcessUpload { material: upload.material };
        let job = NewJob {
            id: upload.job,
            kind,
            fairness_key: EDITOR.0,
            priority: Priority::Single,
            not_before: None,
        };
        self.step(change, vec![job]).await;
        upload
    }

    /// The step by which the editor decides on an upload that is not processed yet.
    pub async fn settle(&self, upload: Upload, title: &str, to: MaterialState) {
        self.settle_as(upload, title, to, Processing::Pending).await;
    }

    /// The same for an upload that is processed so far.
    pub async fn settle_as(
        &self,
        upload: Upload,
        title: &str,
        to: MaterialState,
        seen: Processing,
    ) {
        let description = Description {
            title: Some(title.to_owned()),
            tags: vec!["tagged".to_owned()],
            ..Description::default()
        };
        let id = upload.material;
        let change = Change::Settle { id, description, to, seen };
        self.step(change, Vec::new()).await;
    }

    async fn step(&self, change: Change, jobs: Vec<NewJob>) {
        let now = SystemClock.now();
        let update = NewUpdate {
            update_id: self.ids.next(now),
            chat: CHAT,
            kind: "message".to_owned(),
            raw: "{}".to_owned(),
            ignored: false,
        };
        self.db.updates_insert(42, vec![update], now).await.unwrap();
        let open = self.db.updates_of_chat(CHAT, 1).await.unwrap();
        let seen =
            Seen { id: EDITOR, first_name: "Ann".to_owned(), username: None, lang: Lang::En };
        let terms = Some(terms::of_material("", ""));
        let step = StepCommit {
            seq: open[0].seq,
            now,
            session: None,
            seen: Some(seen),
            requires: None,
            relied: None,
            user: Some(EDITOR),
            changes: vec![IndexedChange { change, terms }],
            outbox: Vec::new(),
            jobs,
            queue: QUEUE.to_owned(),
        };
        self.db.step_commit(step).await.unwrap();
    }

    // What became of it

    pub async fn material(&self, upload: Upload) -> Material {
        self.db.material_get(upload.material).await.unwrap().unwrap()
    }

    /// Waits until the job is over, and gives the material.
    pub async fn processed(&self, upload: Upload) -> Material {
        self.job_is(upload, "done").await;
        self.material(upload).await
    }

    /// Waits until the job has a state.
    pub async fn job_is(&self, upload: Upload, state: &str) {
        let what = format!("the job to be {state}");
        let job = upload.job;
        let sql = format!("SELECT count(*) FROM jobs WHERE id = {job} AND state = '{state}'");
        until(&what, || async { (self.number(&sql) == 1).then_some(()) }).await;
    }

    /// Texts of the card's edits, in the order in which they leave.
    pub async fn card(&self, upload: Upload) -> Vec<String> {
        let rows = self.db.outbox_open(OutboxId(0), 1_000).await.unwrap();
        let edits = rows.into_iter().filter(|row| row.message.edit_of == Some(upload.card));
        edits.map(|row| text_of(&row.message.payload)).collect()
    }

    /// Waits until the card's last edit says something.
    pub async fn card_says(&self, upload: Upload, words: &str) {
        let what = format!("the card to say {words:?}");
        until(&what, || async {
            let edits = self.card(upload).await;
            edits.last().is_some_and(|text| text.contains(words)).then_some(())
        })
        .await;
    }

    pub fn attempts(&self, upload: Upload) -> i64 {
        self.number(&format!("SELECT attempts FROM jobs WHERE id = {}", upload.job))
    }

    /// The one number that a query gives, past the store.
    pub fn number(&self, sql: &str) -> i64 {
        use diesel::RunQueryDsl as _;
        diesel::dsl::sql::<diesel::sql_types::BigInt>(sql).get_result(&mut self.sqlite()).unwrap()
    }

    /// Runs SQL past the store.
    pub fn execute(&self, sql: &str) {
        use diesel::connection::SimpleConnection as _;
        self.sqlite().batch_execute(sql).unwrap();
    }

    fn sqlite(&self) -> SqliteConnection {
        use diesel::connection::SimpleConnection as _;
        let path = self.data.path().join("library.db");
        let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        connection.batch_execute("PRAGMA busy_timeout = 30000").unwrap();
        connection
    }
}

/// Looks again and again until there is something, and fails when that takes too long.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    let looking = async {
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    let outcome = tokio::time::timeout(LONG, looking).await;
    outcome.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// A file that Telegram may or may not know.
pub fn file_ref(file_id: &str, name: &str) -> FileRef {
    FileRef {
        file_id: file_id.to_owned(),
        unique_id: format!("unique-{file_id}"),
        class: FileClass::Document,
        name: Some(name.to_owned()),
        mime: None,
        size: None,
        duration_s: None,
        title: None,
        performer: None,
    }
}

fn text_of(payload: &str) -> String {
    match serde_json::from_str(payload).unwrap() {
        Outgoing::EditText { html, .. } => html.as_str().to_owned(),
        other => panic!("a card is a text, not {other:?}"),
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

const QUICK: Backoff = Backoff {
    first: Duration::from_millis(10),
    factor: 2.0,
    max: Duration::from_millis(100),
    jitter: 1.0,
};
/// Nothing is due, and nothing is old enough.
fn nothing_is_old() -> Housekeeping {
    let keep = Duration::from_hours(24 * 365);
    Housekeeping {
        every: None,
        batch: 100,
        texts_keep: keep,
        updates_keep: keep,
        aside_keep: keep,
        letters_keep: keep,
        done_keep: keep,
        failed_keep: keep,
        outbox_keep: keep,
        incidents_keep: keep,
        sessions_keep: keep,
        queries_keep: keep,
        instances_keep: keep,
        blobs_grace: keep,
        data_dir: PathBuf::new(),
        statistics: StatisticsKeep { every: keep, slice: 100, keep_days: 92 },
    }
}

/// Quick retries, quick beats; cards without progress unless a test wants it.
fn config_of_tests() -> JobsConfig {
    JobsConfig {
        queue: QUEUE.to_owned(),
        owner: JobOwner { instance: "school".to_owned(), epoch: 1 },
        owners: Vec::new(),
        workers: 2,
        lease: Duration::from_secs(30),
        beat: Duration::from_millis(50),
        poll_interval: Duration::from_millis(50),
        retry: RetryPolicy { max_attempts: 1_000, backoff: QUICK },
        probation: Duration::from_millis(50),
        died: false,
        process_timeout: LONG,
        backup: None,
        card_every: LONG,
        chat_every: Duration::ZERO,
        housekeeping: nothing_is_old(),
        download: DownloadLimits { max_bytes: 20 * MIB, stall: LONG, total: LONG, pauses: QUICK },
    }
}

const ROOM: RoomLimits = RoomLimits {
    transfers: 2,
    quota_bytes: 100 * MIB,
    min_free_bytes: 0,
    patience: LONG,
    look_every: Duration::from_millis(5),
};

const POLICY: ChildPolicy = ChildPolicy {
    restart: RestartPolicy {
        backoff: QUICK,
        window: RestartWindow { max_restarts: 0, within: LONG },
    },
    heartbeat: None,
    drain_within: Duration::from_secs(1),
};

/// Nothing else is to be tried first.
fn begun() -> CancellationToken {
    let begin = CancellationToken::new();
    begin.cancel();
    begin
}

/// When a claim that was made now would be over.
pub fn lease_end() -> primelingo::domain::clock::Timestamp {
    SystemClock.now() + TimeDelta::seconds(30)
}
