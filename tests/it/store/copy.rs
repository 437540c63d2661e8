//! Databases on the move: every table with its extremes, refusals, kills, a full disk.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::process::{Command, Output};

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::Filters;
use primelingo::domain::search::parse_query;
use primelingo::fail_points::{Action, Plan, Point, Rule};
use primelingo::store::copy::{CopyError, CopyPlan, Sum, Watcher, checksum, copy};
use primelingo::store::records::SearchRequest;

use super::fixture::{Place, Store};
use super::words::described;

mod addresses;
mod resumed;

/// Looks on, and stops at the first batch if it shall.
#[derive(Default)]
struct Quiet {
    stops: bool,
    batches: u32,
    /// Stops as soon as this phase begins.
    stops_at: &'static str,
    has_come: bool,
}

impl Watcher for Quiet {
    fn phase(&mut self, what: &str) {
        self.has_come |= what == self.stops_at;
    }
    fn rows(&mut self, _: u64, _: u64) {
        self.batches += 1;
    }
    fn is_stopped(&self) -> bool {
        (self.stops && self.batches > 0) || self.has_come
    }
}

fn plan(from: &Place, to: &Place) -> CopyPlan {
    CopyPlan { from: from.config(), to: to.config(), resume: false, verify: true, batch_rows: 7 }
}

async fn copied(from: &Place, to: &Place) -> Result<Vec<(String, Sum)>, CopyError> {
    let reports = copy(&plan(from, to), &mut Quiet::default()).await?;
    assert!(reports.iter().all(|report| report.target == Some(report.source)));
    Ok(reports.into_iter().map(|report| (report.name, report.source)).collect())
}

async fn refused(from: &Place, to: &Place) -> String {
    copied(from, to).await.unwrap_err().to_string()
}

async fn sums(place: &Place) -> Vec<(String, Sum)> {
    let reports = checksum(&place.config(), &mut Quiet::default()).await.unwrap();
    reports.into_iter().map(|report| (report.name, report.source)).collect()
}

#[derive(diesel::QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    declared: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    is_required: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    is_key: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    refers_to: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    made_by: String,
}

/// Rows for each table of SQLite's schema: without optional values, with odd ones, with extremes.
const ROWS: usize = 3;

/// Which columns PostgreSQL has narrower, or as moments.
async fn narrow_columns() -> HashMap<(String, String), String> {
    let store = Store::postgres().await;
    let rows = store
        .place
        .postgres_client()
        .await
        .query(
            "SELECT table_name::text, column_name::text, udt_name::text
             FROM information_schema.columns WHERE table_schema = 'public'",
            &[],
        )
        .await
        .unwrap();
    rows.iter().map(|row| ((row.get(0), row.get(1)), row.get(2))).collect()
}

/// A value that fits the column, as SQL.
fn value(column: &ColumnRow, kind: &str, row: usize) -> String {
    let state = format!("CHECK ({} IN (", column.name);
    if let Some(at) = column.made_by.find(&state) {
        let names = &column.made_by[at + state.len()..];
        let names: Vec<&str> = names.split(')').next().unwrap().split(',').map(str::trim).collect();
        return names[row % names.len()].to_owned();
    }
    if row == 0 && column.is_required == 0 {
        return "NULL".to_owned();
    }
    if column.is_key > 0 || !column.refers_to.is_empty() {
        return if kind == "text" { format!("'key ''{row}'") } else { (row + 1).to_string() };
    }
    match (kind, row) {
        ("text", 0) => "''".to_owned(),
        ("text", 1) => "'O‘zbek ўқиш \\ \t\r\n \"''%_\u{1F600}\u{202E}'".to_owned(),
        ("text", _) => format!("'{}{row}'", "long ".repeat(5_000)),
        ("timestamptz" | "int4" | "int8", 0) => "0".to_owned(),
        ("timestamptz", 1) => "-1".to_owned(),
        ("timestamptz", _) => "253402300799999999".to_owned(),
        ("bool", row) => (row % 2).to_string(),
        ("int4", 1) => i32::MIN.to_string(),
        ("int4", _) => i32::MAX.to_string(),
        ("int8", 1) => i64::MIN.to_string(),
        ("int8", _) => i64::MAX.to_string(),
        (other, _) => panic!("a value for {other} is missing in this test"),
    }
}

/// Fills every table of a fresh SQLite database.
async fn fill(place: &Place) {
    drop(place.open().await);
    let narrow = narrow_columns().await;
    let mut connection = place.sqlite_connection();
    // Whoever refers to a row may come before it.
    connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    let columns: Vec<ColumnRow> = diesel::sql_query(
        "SELECT t.name AS table_name, c.name AS name, c.type AS declared,
                CAST(c.\"notnull\" AS BIGINT) AS is_required, CAST(c.pk AS BIGINT) AS is_key,
                COALESCE((SELECT f.\"table\" FROM pragma_foreign_key_list(t.name) f
                          WHERE f.\"from\" = c.name), '') AS refers_to,
                s.sql AS made_by
         FROM pragma_table_list t JOIN pragma_table_info(t.name) c JOIN sqlite_schema s
              ON s.name = t.name AND s.type = 'table'
         WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'
           AND t.name NOT LIKE 'sqlite%'",
    )
    .load(&mut connection)
    .unwrap();
    let mut tables: Vec<&str> = columns.iter().map(|column| column.table_name.as_str()).collect();
    tables.dedup();
    assert!(tables.len() > 40, "{tables:?}");
    for table in tables {
        let own: Vec<&ColumnRow> = columns.iter().filter(|it| it.table_name == table).collect();
        for row in 0..ROWS {
            let names: Vec<&str> = own.iter().map(|column| column.name.as_str()).collect();
            let of = |column: &&ColumnRow| {
                let kind = &narrow[&(table.to_owned(), column.name.clone())];
                assert!(!column.declared.is_empty());
                value(column, kind, row)
            };
            let values: Vec<String> = own.iter().map(of).collect();
            let sql = format!(
                "INSERT INTO {table} (\"{}\") VALUES ({})",
                names.join("\", \""),
                values.join(", ")
            );
            connection.batch_execute(&sql).unwrap_or_else(|error| panic!("{sql:.300}: {error}"));
        }
    }
    // Leases of the past, and ids at the ends of their range.
    connection
        .batch_execute(
            "UPDATE leases SET until = 1;
             INSERT INTO users (id, first_name, lang, created_at, last_seen_at)
             VALUES (9223372036854775807, 'last', 'en', 1, 1), (-9223372036854775808, 'first', 'ru', 1, 1);
             UPDATE sqlite_sequence SET seq = 1000;",
        )
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_comes_back_from_the_other_database() {
    let (first, there, back, again) =
        (Place::sqlite(), Place::postgres(), Place::sqlite(), Place::postgres());
    fill(&first).await;
    let there_sums = copied(&first, &there).await.unwrap();
    let back_sums = copied(&there, &back).await.unwrap();
    assert_eq!(there_sums, back_sums);
    assert!(there_sums.iter().all(|(_, sum)| sum.rows >= 3), "{there_sums:?}");
    let hashes: HashSet<u128> = there_sums.iter().map(|(_, sum)| sum.hash).collect();
    assert!(hashes.len() > 40);
    for place in [&first, &there, &back] {
        assert_eq!(sums(place).await, there_sums);
    }
    // Like to like, too.
    assert_eq!(copied(&there, &again).await.unwrap(), there_sums);
    let fourth = Place::sqlite();
    assert_eq!(copied(&back, &fourth).await.unwrap(), there_sums);

    // The counters go on, and nothing of the copy is left.
    for place in [&there, &back] {
        let insert = "INSERT INTO audit (at, actor, action, subject, subject_id, details)
                      VALUES (AT, 1, 'a', 's', 1, '')";
        let at = if matches!(place, Place::Sqlite(_)) { "1" } else { "now()" };
        place.execute(&insert.replace("AT", at)).await;
        assert_eq!(place.number("SELECT max(id) FROM audit").await, 1001);
        drop(place.open().await);
    }
    same_schema(&Place::postgres(), &there).await;
    same_schema(&Place::sqlite(), &back).await;
}

/// What was taken away for the copy is there again.
async fn same_schema(fresh: &Place, copied: &Place) {
    drop(fresh.open().await);
    let sql = match fresh {
        Place::Sqlite(_) => {
            "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY 1"
        }
        Place::Postgres(_) => {
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
                 WHERE connamespace = 'public'::regnamespace
             UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
             ORDER BY 1"
        }
    };
    let mut expected = fresh.texts(sql).await;
    let mut found = copied.texts(sql).await;
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

fn request(text: &str) -> SearchRequest {
    let query = parse_query(text);
    SearchRequest {
        fts5: query.to_fts5(),
        tsquery: query.to_tsquery(),
        filters: Filters::default(),
        limit: 50,
        inside: true,
        has_exclusions: false,
    }
}

async fn found(store: &Store, text: &str) -> (Vec<i64>, Vec<i64>) {
    let found = store.db.search_candidates(request(text)).await.unwrap();
    let titles = found.titles.iter().map(|title| title.id.0).collect();
    (titles, found.parts.iter().map(|part| part.material.0).collect())
}

async fn search_goes_on(from: Store, to: Place) {
    let texts = ["the cat sat", "on the mat, ёлка"];
    from.publish(1, &described("Учебник грамматики"), Kind::Book, &texts).await;
    from.publish(2, &described("Listening"), Kind::Audio, &[]).await;
    from.db.run_end("test".to_owned()).await.unwrap();
    copied(&from.place, &to).await.unwrap();
    let to = Store { db: to.open().await, place: to };
    for text in ["учебники", "listen", "cats", "елка", "nowhere"] {
        assert_eq!(found(&to, text).await, found(&from, text).await, "{text}");
    }
    assert_eq!(found(&to, "cats").await.1, [1]);
    // What is published from now on is found beside it.
    to.publish(3, &described("Listening again"), Kind::Audio, &["a third cat"]).await;
    assert_eq!(found(&to, "listening").await.0.len(), 2);
    assert_eq!(found(&to, "cat").await.1.len(), 2);
    assert_eq!(to.db.search_candidates(request("listen")).await.unwrap().titles.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_works_on_a_copied_postgres() {
    search_goes_on(Store::sqlite().await, Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_works_on_a_copied_sqlite() {
    search_goes_on(Store::postgres().await, Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_must_not_be_copied_is_refused() {
    for (from, to) in [(Place::sqlite(), Place::postgres()), (Place::postgres(), Place::sqlite())] {
        let said = refused(&from, &to).await;
        let cause =
            if matches!(from, Place::Sqlite(_)) { "no database" } else { "lacks the migrations" };
        assert!(said.contains(cause), "{said}");
        assert!(refused(&from, &from).await.contains("the same database"));

        drop(from.open().await);
        drop(to.open().await);
        to.execute("INSERT INTO meta (key, value) VALUES ('a', 'b')").await;
        let said = refused(&from, &to).await;
        assert!(said.contains("not empty (meta: 1 rows)"), "{said}");
        to.execute("DELETE FROM meta; CREATE TABLE music (id INTEGER PRIMARY KEY)").await;
        let said = refused(&from, &to).await;
        assert!(said.contains("not ours (music)"), "{said}");
        to.execute("DROP TABLE music; ALTER TABLE meta ADD COLUMN more TEXT").await;
        let said = refused(&from, &to).await;
        assert!(said.contains("source has no column meta.more"), "{said}");
        to.execute("ALTER TABLE meta DROP COLUMN more").await;
        let future = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
        to.execute(future).await;
        let said = refused(&from, &to).await;
        assert!(said.contains("target") && said.contains("29990101000000"), "{said}");
        to.execute("DELETE FROM __diesel_schema_migrations WHERE version = '29990101000000'").await;

        let until = if matches!(from, Place::Sqlite(_)) {
            "CAST(unixepoch('subsec') * 1000000 AS BIGINT) + 60000000"
        } else {
            "now() + INTERVAL '1 minute'"
        };
        let lease = format!(
            "INSERT INTO leases (name, owner, epoch, token, until) VALUES ('leader', 'x', 1, 1, {until})"
        );
        from.execute(&lease).await;
        let said = refused(&from, &to).await;
        assert!(said.contains("a bot works on the source"), "{said}");
        from.execute("DELETE FROM leases").await;
        copied(&from, &to).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_postgres_cannot_hold_is_named() {
    let (from, to) = (Place::sqlite(), Place::postgres());
    drop(from.open().await);
    from.execute("INSERT INTO meta (key, value) VALUES ('a', 'b' || char(0) || 'c')").await;
    let said = refused(&from, &to).await;
    assert!(said.contains("meta.value") && said.contains("zero byte"), "{said}");
}

/// People, and words of theirs.
async fn crowd(place: &Place, people: usize) {
    drop(place.open().await);
    let mut rows = String::new();
    for id in 0..people {
        let comma = if id > 0 { "," } else { "" };
        let _ = write!(rows, "{comma}({id}, 'Person {id}', 'uz', AT, AT)");
    }
    let at = if matches!(place, Place::Sqlite(_)) { "1800000000000000" } else { "now()" };
    let sql =
        format!("INSERT INTO users (id, first_name, lang, created_at, last_seen_at) VALUES {rows}");
    place.execute(&sql.replace("AT", at)).await;
}

async fn stopped_halfway(from: &Place, to: &Place) {
    let stopping = &mut Quiet { stops: true, ..Quiet::default() };
    let stopped = copy(&plan(from, to), stopping).await.unwrap_err();
    assert!(stopped.is_resumable(), "{stopped}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_was_stopped_goes_on_unless_the_source_has_changed() {
    for (from, to) in [(Place::sqlite(), Place::postgres()), (Place::postgres(), Place::sqlite())] {
        crowd(&from, 40).await;
        stopped_halfway(&from, &to).await;
        let said = refused(&from, &to).await;
        assert!(said.contains("has not ended"), "{said}");
        // No bot begins on half of a database.
        let config = to.config();
        let call = std::time::Duration::from_secs(30);
        let opened = primelingo::store::Db::open(config, call, tokio::runtime::Handle::current());
        let said = opened.await.map(drop).unwrap_err().to_string();
        assert!(said.contains("--resume"), "{said}");

        from.execute("UPDATE users SET first_name = 'Other' WHERE id = 3").await;
        let resumed = CopyPlan { resume: true, ..plan(&from, &to) };
        let said = copy(&resumed, &mut Quiet::default()).await.unwrap_err().to_string();
        assert!(said.contains("table users is no longer"), "{said}");
        from.execute("UPDATE users SET first_name = 'Person 3' WHERE id = 3").await;
        copy(&resumed, &mut Quiet::default()).await.unwrap();
        assert_eq!(sums(&to).await, sums(&from).await);
    }
}

fn command(arguments: &[&str], rule: Option<Rule>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_primelingo"));
    command.env_clear();
    if let Some(rule) = rule {
        let plan = Plan { report: None, rules: vec![rule] };
        command.arg("--fail-points").arg(serde_json::to_string(&plan).unwrap());
    }
    command.current_dir(std::env::temp_dir()).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// SIGKILL at random points, before and after commits, in rows, indexes and search.
async fn survives_kills(from: Place, to: Place, kills: usize) {
    crowd(&from, 900).await;
    let expected = sums(&from).await;
    let (from_url, to_url) = (from.url(), to.url());
    let copy = ["db", "copy", "--resume", "--batch", "17", "--from", &from_url, "--to", &to_url];
    let mut killed = 0;
    while killed < kills {
        let point = if fastrand::bool() { Point::CopyBefore } else { Point::CopyAfter };
        let rule = Rule::once(point.name(), Action::Kill).from_reach(fastrand::u64(1..=9));
        let output = command(&copy, Some(rule));
        if output.status.code().is_some() {
            // It ended before it came to that point.
            assert!(output.status.success(), "{}", said(&output));
            break;
        }
        killed += 1;
    }
    assert!(killed >= 5, "only {killed} kills");
    if killed == kills {
        let output = command(&copy, None);
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(sums(&to).await, expected);
    let checksum = |url: &str| command(&["db", "checksum", "--url", url], None).stdout;
    assert_eq!(checksum(&from_url), checksum(&to_url));
    assert!(!checksum(&to_url).is_empty());
    match to {
        Place::Sqlite(_) => same_schema(&Place::sqlite(), &to).await,
        Place::Postgres(_) => same_schema(&Place::postgres(), &to).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_do_no_harm_towards_postgres() {
    survives_kills(Place::sqlite(), Place::postgres(), 8).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_do_no_harm_towards_sqlite() {
    survives_kills(Place::postgres(), Place::sqlite(), 8).await;
}

/// For a longer look: `primelingo simulate copy --kills 20` does it with a million rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "twenty lives of the program in each direction"]
async fn twenty_kills_do_no_harm() {
    survives_kills(Place::sqlite(), Place::postgres(), 20).await;
    survives_kills(Place::postgres(), Place::sqlite(), 20).await;
}

/// Files may not grow beyond a limit, as on a full disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_breaks_a_copy_off_and_no_more() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    crowd(&from, 20_000).await;
    drop(to.open().await);
    let copy = format!(
        "{} db copy --resume --batch 500 --from {} --to {}",
        env!("CARGO_BIN_EXE_primelingo"),
        from.url(),
        to.url()
    );
    // In units of 1024 bytes. Without the signal the write itself fails.
    let script = format!("trap '' XFSZ; ulimit -f 1200; exec {copy}");
    let full = Command::new("bash").args(["-c", &script]).env_clear().output().unwrap();
    assert_eq!(full.status.code(), Some(75), "{}", said(&full));
    assert!(said(&full).contains("no room left"), "{}", said(&full));
    let resumed = Command::new("bash").args(["-c", &copy]).env_clear().output().unwrap();
    assert!(resumed.status.success(), "{}", said(&resumed));
    assert_eq!(sums(&to).await, sums(&from).await);
}
