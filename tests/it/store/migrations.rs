//! The schema: made once, by whoever comes first, and taken apart again in order.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::RunQueryDsl as _;

use super::fixture::{Place, Store};
use super::words::CHAT;

/// Every object of a schema, in one text.
async fn schema(place: &Place) -> String {
    const SQLITE: &str = "SELECT coalesce(group_concat(line, char(10)), '') FROM (
        SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master
        WHERE name NOT LIKE 'sqlite_%' ORDER BY name)";
    const POSTGRES: &str = "SELECT coalesce(string_agg(line, E'\\n' ORDER BY line), '') FROM (
        SELECT table_name || '.' || column_name || ' ' || data_type || ' '
            || coalesce(column_default, '') || is_nullable AS line
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal) lines";
    match place {
        Place::Sqlite(_) => diesel::dsl::sql::<diesel::sql_types::Text>(SQLITE)
            .get_result(&mut place.sqlite_connection())
            .unwrap(),
        Place::Postgres(_) => {
            place.postgres_client().await.query_one(POSTGRES, &[]).await.unwrap().get(0)
        }
    }
}

/// The folders of a backend's migrations, oldest first.
fn folders(backend: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(backend);
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |backend| -> Vec<_> {
        folders(backend).iter().map(|path| path.file_name().unwrap().to_owned()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// Goes up one by one, and back down: each step down leads to where the step up began.
async fn down_reverses_up(place: Place, backend: &str) {
    let run = async |folder: &Path, file: &str| {
        place.execute(&fs::read_to_string(folder.join(file)).unwrap()).await;
    };
    let mut stations = Vec::new();
    for folder in folders(backend) {
        stations.push((folder.clone(), schema(&place).await));
        run(&folder, "up.sql").await;
    }
    let top = schema(&place).await;
    for (folder, before) in stations.iter().rev() {
        run(folder, "down.sql").await;
        assert_eq!(&schema(&place).await, before, "down of {}", folder.display());
    }
    for (folder, _) in &stations {
        run(folder, "up.sql").await;
    }
    assert_eq!(schema(&place).await, top, "up once more");
    assert!(top.contains("updates"));
}

#[tokio::test]
async fn down_reverses_up_on_sqlite() {
    down_reverses_up(Place::sqlite(), "sqlite").await;
}

#[tokio::test]
async fn down_reverses_up_on_postgres() {
    down_reverses_up(Place::postgres(), "postgres").await;
}

/// Several processes that start at once on an empty database.
async fn all_open(place: Place) {
    let (a, b, c, d) = tokio::join!(place.open(), place.open(), place.open(), place.open());
    let store = Store { db: a, place };
    store.waiting_update(CHAT).await;
    for db in [b, c, d] {
        assert_eq!(db.updates_open_count().await.unwrap(), 1);
    }
    let run = i64::try_from(folders(store.db.backend_name()).len()).unwrap();
    assert_eq!(store.rows("__diesel_schema_migrations").await, run);

    // A later start finds nothing to do, and everything there.
    let before = schema(&store.place).await;
    let later = store.place.open().await;
    assert_eq!(later.updates_open_count().await.unwrap(), 1);
    assert_eq!(schema(&store.place).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_first_migrates_sqlite() {
    for _ in 0..5 {
        Box::pin(all_open(Place::sqlite())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_first_migrates_postgres() {
    Box::pin(all_open(Place::postgres())).await;
}
