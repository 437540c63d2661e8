//! What has to be there before any actor can be made: database, identity, keys, clients.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::instance::Instance;
use super::lease::Term;
use super::serve::ServeError;
use crate::cache::{Cache, CacheConfig, CacheError, RedisConfig};
use crate::domain::button::{KEY_NAME, Signer};
use crate::domain::clock::Clock;
use crate::domain::ids::IdSource;
use crate::domain::lang::Lang;
use crate::domain::limits::LimitsConfig;
use crate::ingest::messages::{Door, LastPoll};
use crate::runtime::{Backoff, Retry, Tenure, Verdict, WorkRuntime};
use crate::settings::{DatabaseUrl, Settings};
use crate::store::records::JobOwner;
use crate::store::{Db, LiteConfig, PgConfig, StoreConfig, StoreError};
use crate::telegram::{
    BotCommand, BotToken, CommandScope, Decision, Lane, TelegramClient, TelegramError, Timeouts,
};
use crate::views::Presenter;

/// Units that may wait for a database thread before callers wait.
const SQLITE_QUEUE: usize = 1_024;

/// The write-ahead log starts over with so many pages of 4 KiB.
const SQLITE_LOG_PAGES: i32 = 16_384;

/// What has to be there before any actor can be made.
#[derive(Clone)]
pub struct Foundation {
    pub db: Db,
    /// As long as it lasts, this process may poll and send.
    pub tenure: Tenure,
    pub cache: Cache,
    pub presenter: Arc<Presenter>,
    pub ids: Arc<IdSource>,
    pub token: BotToken,
    pub bot_username: String,
    pub last_poll: Arc<LastPoll>,
    pub door: Arc<Door>,
    pub owner: JobOwner,
    /// A key that is the same in all processes of this installation, for what the pages sign.
    pub pages_key: [u8; 32],
    /// Whether what was in flight here last may be what a process died of: the last life of this
    /// instance or, for the actors of a term, the leader before it ended without a word.
    pub died: bool,
    /// Held for the life of the process: its name is ours as long as this is.
    _instance: Arc<Instance>,
}

impl Foundation {
    /// The same for the actors of one term: they write under its token, and send within its tenure.
    pub fn within(&self, term: &Term) -> Self {
        Self {
            db: self.db.under(term.token),
            tenure: term.tenure.clone(),
            died: term.follows_death,
            ..self.clone()
        }
    }

    /// The same for actors that are started another time: whether a death is yet to be looked into.
    pub fn after(&self, died: bool) -> Self {
        Self { died, ..self.clone() }
    }
}

/// Opens what everything stands on. Waits for a database or a Telegram that is away, and says so;
/// gives up only on what waiting cannot mend.
pub async fn lay(
    settings: &Settings,
    role: &'static str,
    work: &WorkRuntime,
    clock: Arc<dyn Clock>,
) -> Result<Foundation, ServeError> {
    let token = BotToken::parse(settings.require_token()?.expose_secret())?;
    let (settings_for_work, clock_for_work) = (settings.clone(), Arc::clone(&clock));
    let token_inside = token.clone();
    let laying = work.spawn(async move {
        lay_on_work(&settings_for_work, role, clock_for_work, token_inside).await
    });
    laying.await.unwrap_or_else(|error| {
        let source = std::io::Error::other(error.to_string());
        Err(ServeError::System { what: "cannot begin", source })
    })
}

async fn lay_on_work(
    settings: &Settings,
    role: &str,
    clock: Arc<dyn Clock>,
    token: BotToken,
) -> Result<Foundation, ServeError> {
    let instance = Instance::take(settings, role)?;
    let db = open_database(settings).await?;
    let identity = identify(settings, &token).await?;
    let key = button_key(&db).await?;
    let cache = open_cache(settings, &db, &key)?;
    let pages_key = blake3::derive_key("primelingo 2026 pages", &key);
    let days = u32::try_from(settings.chat.button_days).unwrap_or(u32::MAX);
    let signer = Signer::new(key, token.bot_id(), days);
    let lang = Lang::from_tag(&settings.chat.default_language).unwrap_or_default();
    let presenter = Arc::new(Presenter::new(signer, identity.clone()).defaulting_to(lang));
    let name = instance.name().to_owned();
    let epoch = patiently(|| db.meta_count_up(format!("epoch:{name}"))).await?;
    let died = patiently(|| db.run_begin(name.clone())).await?;
    Ok(Foundation {
        db,
        tenure: Tenure::endless(),
        cache,
        presenter,
        ids: Arc::new(IdSource::new(seed(clock.now().timestamp_micros()))),
        token,
        bot_username: identity,
        last_poll: Arc::new(LastPoll::default()),
        door: Arc::new(Door::default()),
        owner: JobOwner { instance: name, epoch },
        pages_key,
        died,
        _instance: Arc::new(instance),
    })
}

/// Opens the configured database. A server that is away is waited for; never is another database
/// used in its place.
pub async fn open_database(settings: &Settings) -> Result<Db, ServeError> {
    let handle = tokio::runtime::Handle::current();
    let call_timeout = settings.database.query_timeout() + settings.database.acquire_timeout();
    let config = store_config(settings)?;
    Ok(patiently(|| Db::open(config.clone(), call_timeout, handle.clone())).await?)
}

/// The same for a command whose caller waits for it: a server that starts anew is given a moment, and
/// what waiting does not mend is told at once.
pub async fn open_database_soon(settings: &Settings) -> Result<Db, ServeError> {
    let handle = tokio::runtime::Handle::current();
    let call_timeout = settings.database.query_timeout() + settings.database.acquire_timeout();
    let config = store_config(settings)?;
    let judge = |error: &StoreError, tries: u32| {
        if error.is_lasting() { Verdict::GiveUp } else { verdict(error, tries) }
    };
    let open = || Db::open(config.clone(), call_timeout, handle.clone());
    Ok(persist(SOON, judge, open).await?)
}

/// For what must be there at the start: waited for, however long it is away.
const START: Retry = Retry::for_ever(PAUSES);

/// For a command at a terminal or in a script: as long as a server takes to start anew, and not
/// longer than anybody watches a silent one.
const SOON: Retry =
    Retry { max_retries: u32::MAX, budget: Duration::from_secs(10), backoff: PAUSES };

const PAUSES: Backoff = Backoff {
    first: Duration::from_millis(500),
    factor: 2.0,
    max: Duration::from_secs(5),
    jitter: 0.5,
};

/// Tries again and again, and counts what had to be waited for.
async fn persist<T, E, F>(
    retry: Retry,
    judge: impl Fn(&E, u32) -> Verdict,
    ask: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut failures = 0;
    let counting = |error: &E, tries: u32| {
        failures = tries;
        judge(error, tries)
    };
    let result = retry.run(fastrand::f64, counting, ask).await;
    if failures > 0 {
        let outcome = if result.is_ok() { "recovered" } else { "exhausted" };
        metrics::counter!("primelingo_retries_total", "op" => "start", "outcome" => outcome)
            .increment(1);
    }
    result
}

/// Asks the database until it answers; gives up only on what waiting cannot mend.
async fn patiently<T, F>(ask: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    persist(START, verdict, ask).await
}

fn verdict(error: &StoreError, tries: u32) -> Verdict {
    if !error.is_passing() {
        return Verdict::GiveUp;
    }
    tracing::warn!(tries, %error, "waiting for the database");
    Verdict::Again
}

/// The limits, unless they are switched off.
pub fn limits(settings: &Settings) -> Option<LimitsConfig> {
    let outbound = &settings.outbound;
    outbound.limits_enabled.then(|| LimitsConfig {
        rate_per_s: outbound.rate_per_s,
        burst: outbound.burst,
        reply_reserve: outbound.reply_reserve,
        bulk_rate_per_s: settings.broadcast.rate_per_s(),
        bulk_floor_per_s: outbound.bulk_floor_per_s,
        paid_rate_per_s: settings.broadcast.paid_rate_per_s,
        chat_rate_per_s: outbound.chat_rate_per_s,
        chat_burst: outbound.chat_burst,
        group_per_min: outbound.group_per_min,
    })
}

/// Memory, with Redis where it is configured. Whether it answers is not waited for.
fn open_cache(settings: &Settings, db: &Db, installation: &[u8; 32]) -> Result<Cache, CacheError> {
    let redis = settings.redis.url.clone().map(|url| RedisConfig {
        url,
        timeout: settings.redis.timeout(),
        connections: settings.redis.pool_size,
        namespace: redis_namespace(installation),
    });
    let limits = limits(settings).filter(|_| redis.is_some());
    let config = CacheConfig {
        redis,
        // Over SQLite a copy costs more than what it saves.
        copies_sessions: db.backend_name() == "postgres",
        search_bytes: settings.search.cache_bytes(),
        limits,
    };
    Cache::open(&config, &tokio::runtime::Handle::current())
}

/// The same for all processes on one database, another for another one; tells nothing of the key.
fn redis_namespace(installation: &[u8; 32]) -> String {
    let derived = blake3::derive_key("primelingo 2026 redis namespace", installation);
    let (head, _) = derived.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    data_encoding::HEXLOWER.encode(head)
}

/// The store's own settings. Makes the folder of a SQLite file.
pub fn store_config(settings: &Settings) -> Result<StoreConfig, ServeError> {
    store_config_of(settings, &settings.database.url)
}

/// The same for another database than the configured one.
pub fn store_config_of(settings: &Settings, url: &DatabaseUrl) -> Result<StoreConfig, ServeError> {
    if let DatabaseUrl::Sqlite { path } = url
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        // For us alone: what people wrote lies in it.
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| ServeError::System {
            what: "cannot make the folder of the database",
            source,
        })?;
    }
    Ok(describe(settings, url))
}

/// The store's own settings, without making anything.
pub fn store_config_as_is(settings: &Settings) -> StoreConfig {
    describe(settings, &settings.database.url)
}

fn describe(settings: &Settings, url: &DatabaseUrl) -> StoreConfig {
    let database = &settings.database;
    let count = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    match url {
        DatabaseUrl::Sqlite { path } => StoreConfig::Sqlite(LiteConfig {
            path: path.clone(),
            readers: count(database.sqlite_readers),
            snapshot_life: database.sqlite_snapshot(),
            cache_kb: database.sqlite_cache_kb,
            group_units: count(database.group_commit_units),
            queue: SQLITE_QUEUE,
            lock_timeout: database.lock_timeout(),
            log_pages: SQLITE_LOG_PAGES,
        }),
        DatabaseUrl::Postgres(url) => StoreConfig::Postgres(PgConfig {
            url: url.expose().to_owned(),
            pool_max: count(database.pool_max()),
            acquire_timeout: database.acquire_timeout(),
            query_timeout: database.query_timeout(),
            lock_timeout: database.lock_timeout(),
            idle_timeout: settings.instance.silence(),
        }),
    }
}

/// Asks Telegram who we are, and sets up what a poller needs: no webhook, a menu of commands.
async fn identify(settings: &Settings, token: &BotToken) -> Result<String, ServeError> {
    // Without retries of its own: they would multiply.
    let client = connect_once(settings, token, Lane::Answer)?;
    let judge = |error: &TelegramError, tries: u32| {
        let verdict = match error.decision() {
            Decision::Unauthorized => return Verdict::GiveUp,
            Decision::RetryAfter(wait) => Verdict::NotBefore(wait),
            _ => Verdict::Again,
        };
        tracing::warn!(tries, %error, "waiting for telegram");
        verdict
    };
    let identity = persist(START, judge, || client.get_me()).await?;
    Ok(identity.username)
}

/// Puts the menu of commands up, in every language. Nobody waits for it.
pub async fn publish_commands(client: TelegramClient, presenter: Arc<Presenter>) {
    for lang in Lang::ALL {
        let commands: Vec<BotCommand> = presenter
            .commands(lang)
            .into_iter()
            .map(|(command, description)| BotCommand { command: command.to_owned(), description })
            .collect();
        // English is also what everybody else sees.
        let code = (lang != Lang::En).then(|| lang.code());
        if let Err(error) =
            client.set_my_commands(&commands, CommandScope::AllPrivateChats, code).await
        {
            tracing::warn!(%error, "menu of commands not set");
        }
    }
}

/// A client with connections of its own, which tries again what may be repeated.
pub fn connect(
    settings: &Settings,
    token: &BotToken,
    lane: Lane,
) -> Result<TelegramClient, TelegramError> {
    let retry = Retry {
        max_retries: settings.retry.max_retries,
        budget: settings.retry.budget(),
        backoff: retry_backoff(settings),
    };
    Ok(connect_once(settings, token, lane)?.with_retries(retry))
}

/// The pauses of `[retry]`, for calls and for messages.
pub fn retry_backoff(settings: &Settings) -> Backoff {
    Backoff {
        first: settings.retry.first_wait(),
        factor: settings.retry.backoff_base,
        max: Duration::from_mins(1),
        jitter: 1.0,
    }
}

fn connect_once(
    settings: &Settings,
    token: &BotToken,
    lane: Lane,
) -> Result<TelegramClient, TelegramError> {
    let timeouts = Timeouts {
        connect: settings.timeouts.connect(),
        read: settings.files.stall(),
        request: settings.timeouts.request(),
    };
    let client = TelegramClient::new(token.clone(), &settings.telegram.api_url, lane, timeouts)?
        .with_upload_limit(settings.telegram.upload_limit_bytes());
    Ok(match &settings.telegram.local_dir {
        Some(directory) => client.with_local_files(directory.clone()),
        None => client,
    })
}

/// The key that buttons are signed with: made once, kept in the database, so that buttons outlive
/// restarts.
async fn button_key(db: &Db) -> Result<[u8; 32], ServeError> {
    let mut fresh = [0_u8; 32];
    getrandom::fill(&mut fresh).map_err(|error| ServeError::System {
        what: "no randomness for the key of the buttons",
        source: std::io::Error::other(error.to_string()),
    })?;
    let fresh = data_encoding::HEXLOWER.encode(&fresh);
    let stored = patiently(|| db.meta_get_or_set(KEY_NAME.to_owned(), fresh.clone())).await?;
    let key = data_encoding::HEXLOWER.decode(stored.as_bytes()).ok();
    key.and_then(|bytes| bytes.try_into().ok())
        .ok_or(StoreError::Corrupt { what: "meta.button_key" }.into())
}

fn seed(micros: i64) -> i64 {
    micros ^ fastrand::i64(..)
}
