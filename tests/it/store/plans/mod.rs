//! The statements that run all day find their rows by an index.
//!
//! Diesel's instrumentation tells what SQL the store really runs, and SQLite how it would run it.
//! PostgreSQL counts how often each table was read from end to end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::fixture::{Place, Store};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};

mod calls;

type Statements = Arc<Mutex<BTreeSet<String>>>;

thread_local! {
    /// Set while this thread opens the connections that are to be listened to.
    static LISTENER: RefCell<Option<Statements>> = const { RefCell::new(None) };
}

struct Listener(Statements);

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            self.0.lock().unwrap().insert(query.to_string());
        }
    }
}

fn listener() -> Option<Box<dyn Instrumentation>> {
    let statements = LISTENER.with_borrow(Clone::clone)?;
    Some(Box::new(Listener(statements)))
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// How SQLite would run a statement as it was written down, `SQL -- binds: [a, b]`.
fn plan(place: &Place, statement: &str) -> String {
    let (sql, binds) = statement.split_once(" -- binds: ").unwrap_or((statement, "[]"));
    let binds = binds.trim_start_matches('[').trim_end_matches(']');
    let mut query = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).into_boxed();
    for bind in binds.split(", ").filter(|bind| !bind.is_empty()) {
        // `I64(5)` or `String("new")`.
        let value = bind.split_once('(').map_or(bind, |(_, value)| value.trim_end_matches(')'));
        query = match value.parse::<i64>() {
            Ok(number) => query.bind::<diesel::sql_types::BigInt, _>(number),
            Err(_) => query.bind::<Text, _>(value.trim_matches('"').to_owned()),
        };
    }
    let lines: Vec<Line> = query.load(&mut place.sqlite_connection()).unwrap();
    lines.into_iter().map(|line| line.detail).collect::<Vec<_>>().join("\n")
}

/// Whether a line of a plan goes through rows that are over. The partial indexes hold only open ones,
/// or what learners see.
fn reads_everything(line: &str) -> bool {
    const PARTIAL: [&str; 16] = [
        "alerts_open",
        "alerts_unshown",
        "categories_merged",
        "broadcasts_open",
        "broadcast_series_due",
        "updates_open",
        "updates_aside",
        "outbox_open",
        "jobs_running",
        "jobs_ready",
        "jobs_due",
        "materials_new",
        "materials_section",
        "broken_materials",
        "outbox_failed",
        "sessions_open",
    ];
    // Made by the statement itself, of as many rows as there are people, or sorts, or values; and
    // what the collector of figures reads as a whole, seldom, and of an index alone.
    const OWN: [&str; 9] = [
        "CONSTANT ROW",
        "SCAN people",
        "SCAN standings",
        "SCAN ends",
        "SCAN counted",
        "VIRTUAL TABLE",
        "COVERING INDEX materials_figures",
        "COVERING INDEX contents_figures",
        "SCAN __diesel_schema_migrations",
    ];
    let is_scan = line.contains("SCAN") && !OWN.iter().any(|own| line.contains(own));
    (is_scan && !PARTIAL.iter().any(|index| line.contains(index)))
        || (line.contains("(rowid>?)") && !is_sweep(line))
}

/// A slice of an audience goes on from where the last one ended, for as many people as it may.
fn is_sweep(line: &str) -> bool {
    line.contains("SEARCH users")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hot_statements_scan_no_table() {
    set_default_instrumentation(listener).unwrap();
    let statements = Statements::default();
    let place = Place::sqlite();
    LISTENER.set(Some(Arc::clone(&statements)));
    let db = place.open().await;
    LISTENER.set(None);
    let store = Store { db, place };
    let db = &store.db;
    statements.lock().unwrap().clear();

    calls::all(db).await;

    let statements = statements.lock().unwrap().clone();
    let reads =
        |sql: &&String| ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| sql.contains(verb));
    let queries: Vec<&String> = statements.iter().filter(reads).collect();
    assert!(queries.len() >= 20, "{statements:#?}");
    for statement in queries {
        let plan = plan(&store.place, statement);
        assert!(!plan.lines().any(reads_everything), "{statement}\n{plan}");
        let is_slice = statement.contains("broadcast_recipients") || statement.contains("AS takes");
        let whole = plan.contains("broadcast_recipients USING PRIMARY KEY (broadcast_id=?)");
        assert!(!(statement.contains("UPDATE") && whole), "{statement}\n{plan}");
        let sorts = plan.contains("TEMP B-TREE") && !statement.contains("GROUP BY");
        assert!(!(is_slice && sorts), "{statement}\n{plan}");
    }
}

/// How often each table was read from end to end.
async fn whole_reads(place: &Place) -> BTreeMap<String, i64> {
    let counts = place
        .texts("SELECT relname || ' ' || seq_scan FROM pg_stat_user_tables WHERE seq_scan > 0")
        .await;
    let parse = |line: &String| {
        let (table, count) = line.split_once(' ').unwrap();
        (table.to_owned(), count.parse().unwrap())
    };
    counts.iter().map(parse).collect()
}

/// Ends the sessions of others: then what they have read is counted.
async fn end_sessions(place: &Place) {
    place
        .number(
            "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
}

/// Tables that hold a few rows at any time: lists of them are read whole.
const SMALL: [&str; 7] = [
    "__diesel_schema_migrations",
    "broadcast_series",
    "categories",
    "leases",
    "queue_pauses",
    "owner_codes",
    "schedules",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hot_statements_read_no_table_whole_on_postgres() {
    let place = Place::postgres();
    drop(place.open().await);
    // The tables of a test are so small that a planner with a choice would read them whole.
    place
        .execute(
            "DO $$ BEGIN
                 EXECUTE format('ALTER DATABASE %I SET enable_seqscan = off', current_database());
             END $$",
        )
        .await;
    end_sessions(&place).await;
    let before = whole_reads(&place).await;
    let db = place.open().await;
    calls::all(&db).await;
    drop(db);
    end_sessions(&place).await;
    let after = whole_reads(&place).await;
    for (table, count) in after {
        let is_small = SMALL.contains(&table.as_str());
        let earlier = before.get(&table).copied().unwrap_or(0);
        assert!(is_small || count == earlier, "{table} was read whole {} times", count - earlier);
    }
}
