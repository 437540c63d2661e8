//! SQLite under stress: a lost group, a full disk, a panicking query.

use diesel_async::SimpleAsyncConnection as _;
use tempfile::TempDir;

use super::*;

fn pool(folder: &TempDir) -> LitePool {
    let config = LiteConfig {
        path: folder.path().join("test.db"),
        readers: 1,
        snapshot_life: Duration::from_millis(500),
        cache_kb: 1024,
        group_units: 16,
        queue: 16,
        lock_timeout: Duration::from_millis(50),
        log_pages: 32,
    };
    LitePool::open(&config).unwrap()
}

async fn run(pool: &LitePool, sql: &'static str) -> StoreResult<()> {
    pool.write(move |connection| async move { Ok(connection.batch_execute(sql).await?) }.boxed())
        .await
}

async fn browsed_count(pool: &LitePool) -> i64 {
    let query = diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT count(*) FROM t");
    pool.browse(move |connection| async move { Ok(query.get_result(connection).await?) }.boxed())
        .await
        .unwrap()
}

async fn count(pool: &LitePool) -> i64 {
    let query = diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT count(*) FROM t");
    pool.read(move |connection| async move { Ok(query.get_result(connection).await?) }.boxed())
        .await
        .unwrap()
}

/// Keeps the writer busy until the sender is dropped, so that what comes meanwhile is one group.
async fn hold(pool: &LitePool) -> (std::sync::mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let (begun, has_begun) = oneshot::channel();
    let pool = pool.clone();
    let holder = tokio::spawn(async move {
        pool.write(move |_| {
            let _ = begun.send(());
            let _ = held.recv();
            async { Ok(()) }.boxed()
        })
        .await
        .unwrap();
    });
    has_begun.await.unwrap();
    (release, holder)
}

/// A unit ends the transaction under the feet of its group, as SQLite itself does on a full disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_lost_group_is_kept_or_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(&folder);
    run(&pool, "CREATE TABLE t (x)").await.unwrap();

    let (release, holder) = hold(&pool).await;
    // Joined futures are polled in their order, so that this is the order of the queue.
    let (before, lost, after, ()) = tokio::join!(
        run(&pool, "INSERT INTO t VALUES (1)"),
        run(&pool, "ROLLBACK; SELECT 1 FROM missing"),
        run(&pool, "INSERT INTO t VALUES (2)"),
        async { drop(release) },
    );

    let error = before.unwrap_err();
    assert!(error.is_passing(), "{error:?}");
    assert!(lost.is_err());
    assert!(holder.await.is_err(), "it was in that group, too");
    after.unwrap();
    assert_eq!(count(&pool).await, 1, "only what came in a group of its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_passes() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(&folder);
    run(&pool, "CREATE TABLE t (x)").await.unwrap();
    run(&pool, "PRAGMA max_page_count = 20").await.unwrap();

    let full = run(&pool, "INSERT INTO t VALUES (zeroblob(1000000))").await.unwrap_err();
    assert!(full.in_call("test").is_passing());

    run(&pool, "PRAGMA max_page_count = 2000").await.unwrap();
    run(&pool, "INSERT INTO t VALUES (1)").await.unwrap();
    assert_eq!(count(&pool).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_a_fault_of_its_unit_only() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(&folder);
    run(&pool, "CREATE TABLE t (x)").await.unwrap();

    let (release, holder) = hold(&pool).await;
    let panicking = pool.write(|connection| {
        async move {
            connection.batch_execute("INSERT INTO t VALUES (1)").await?;
            panic!("a bug in a query body")
        }
        .boxed()
    });
    let (panicked, good, ()): (StoreResult<()>, _, ()) =
        tokio::join!(panicking, run(&pool, "INSERT INTO t VALUES (2)"), async {
            drop(release);
        },);

    assert!(matches!(panicked, Err(StoreError::Fault { .. })), "{panicked:?}");
    good.unwrap();
    holder.await.unwrap();
    assert_eq!(count(&pool).await, 1);
}

async fn publish(pool: &LitePool, sql: &'static str) {
    pool.publish(move |connection| async move { Ok(connection.batch_execute(sql).await?) }.boxed())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_published_is_browsed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(&folder);
    publish(&pool, "CREATE TABLE t (x)").await;
    for expected in 1..=50 {
        publish(&pool, "INSERT INTO t VALUES (1)").await;
        assert_eq!(browsed_count(&pool).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_wrote_is_browsed_soon() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (pool(&folder), pool(&folder));
    publish(&ours, "CREATE TABLE t (x)").await;
    assert_eq!(browsed_count(&ours).await, 0);
    publish(&theirs, "INSERT INTO t VALUES (1)").await;
    let seen = async {
        while browsed_count(&ours).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), seen).await.unwrap();
}

/// However busily people browse, the log is used again instead of growing for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshots_do_not_keep_the_log_from_starting_over() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(&folder);
    run(&pool, "CREATE TABLE t (x)").await.unwrap();
    let browsing = tokio::spawn({
        let pool = pool.clone();
        async move {
            loop {
                browsed_count(&pool).await;
                tokio::task::yield_now().await;
            }
        }
    });
    let log = folder.path().join("test.db-wal");
    let (rounds, bytes) = (2_048_u32, 16_384);
    let mut largest = 0;
    for _ in 0..rounds {
        run(&pool, "INSERT INTO t VALUES (zeroblob(16384)); DELETE FROM t").await.unwrap();
        largest = largest.max(std::fs::metadata(&log).unwrap().len());
    }
    browsing.abort();
    let written = u64::from(rounds) * bytes;
    assert!(largest < written / 2 + bytes, "the log grew to {largest} of {written} bytes");
}

/// What one process has looked at and left does not keep another one from forgetting for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_that_nobody_reads_from_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (pool(&folder), pool(&folder));
    run(&ours, "CREATE TABLE t (x); INSERT INTO t VALUES (1)").await.unwrap();
    browsed_count(&theirs).await;
    run(&ours, "DELETE FROM t").await.unwrap();
    let scrubbed = async { while ours.scrub().await.is_err() {} };
    tokio::time::timeout(Duration::from_mins(1), scrubbed).await.unwrap();
}

/// Another process writes and does not come to an end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_locked_by_another_process_is_waited_for_no_longer_than_configured() {
    let folder = tempfile::tempdir().unwrap();
    let pool = pool(&folder);
    run(&pool, "CREATE TABLE t (n INTEGER)").await.unwrap();
    let mut other = establish(&folder.path().join("test.db")).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();

    let error = run(&pool, "INSERT INTO t VALUES (1)").await.unwrap_err();
    assert!(error.to_string().contains("locked"), "{error}");

    other.batch_execute("ROLLBACK").unwrap();
    run(&pool, "INSERT INTO t VALUES (1)").await.unwrap();
    assert_eq!(count(&pool).await, 1);
}
