//! The statements that run all day find their rows by an index.
//!
//! Diesel's instrumentation tells what SQL the store really runs; SQLite says how it would run it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _};
use primelingo::domain::audit::{AuditAction, AuditRequest, AuditSubject};
use primelingo::domain::broadcast::{Audience, BroadcastState, Control, RecipientEnd};
use primelingo::domain::ids::{
    AudienceListId, BatchId, CategoryId, ChatId, JobId, MaterialId, OutboxId, SeriesId, UserId,
};
use primelingo::domain::material::Level;
use primelingo::store::Db;
use primelingo::store::records::{
    AudienceSlice, BroadcastSettlement, FillCursor, JobDeaths, ListRequest, NewOutbox, OutboxEnd,
    OutboxOutcome, Prune, PruneBatch, TakersRequest,
};

use super::broadcasts::words::{ID, outcome, plan as plan_of_broadcast};
use super::fixture::{Place, Store, at};
use super::words::{CHAT, EDITOR, key, owner, reply};

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

/// Of leases there are as many as processes.
const ALL_PRUNED: [Prune; 9] = [
    Prune::UpdateTexts,
    Prune::Updates,
    Prune::IgnoredUpdates,
    Prune::DoneJobs,
    Prune::DeadJobs,
    Prune::Outbox,
    Prune::Incidents,
    Prune::Sessions,
    Prune::Queries,
];

/// Whether a line of a plan goes through rows that are over. The partial indexes hold only open ones,
/// or what learners see.
fn reads_everything(line: &str) -> bool {
    const PARTIAL: [&str; 9] = [
        "categories_merged",
        "broadcasts_open",
        "updates_open",
        "updates_aside",
        "outbox_open",
        "jobs_running",
        "jobs_ready",
        "jobs_due",
        "materials_new",
    ];
    // Made by the statement itself, of as many rows as there are people, or sorts, or values.
    const OWN: [&str; 5] =
        ["CONSTANT ROW", "SCAN people", "SCAN standings", "SCAN ends", "VIRTUAL TABLE"];
    let is_scan = line.contains("SCAN") && !OWN.iter().any(|own| line.contains(own));
    (is_scan && !PARTIAL.iter().any(|index| line.contains(index)))
        || (line.contains("(rowid>?)") && !is_sweep(line))
}

/// A slice of an audience goes on from where the last one ended, for as many people as it may.
fn is_sweep(line: &str) -> bool {
    line.contains("SEARCH users")
}

async fn broadcasts(db: &Db) {
    let audiences = [
        Audience::All,
        Audience::Followers { category: CategoryId(1) },
        Audience::DigestReaders { since: at(0), until: at(9) },
        Audience::List { list: AudienceListId(1) },
        Audience::FailedOf { broadcast: ID },
        Audience::DeliveredOf { broadcast: ID },
    ];
    for audience in audiences {
        db.audience_count(audience.clone(), at(0)).await.unwrap();
        for from in [FillCursor::default(), FillCursor { phase: 1, time: 1, id: 1 }] {
            db.audience_slice(audience.clone(), at(0), from, 9).await.unwrap();
        }
    }
    db.audience_list_add(AudienceListId(1), vec![CHAT]).await.unwrap();
    db.audience_list_count(AudienceListId(1)).await.unwrap();
    db.broadcast_create(plan_of_broadcast(), at(0)).await.unwrap();
    db.broadcast_begin(ID, at(0)).await.unwrap();
    let chats = (1..=4).map(|chat| (ChatId(chat), Vec::new())).collect();
    let slice = AudienceSlice { chats, from: FillCursor::default(), next: None };
    db.recipients_fill(ID, slice).await.unwrap();
    let ends = [
        RecipientEnd::Blocked("blocked"),
        RecipientEnd::Deferred(at(9)),
        RecipientEnd::Moved(ChatId(9)),
        RecipientEnd::Moved(ChatId(9)),
    ];
    let outcomes = (1..).zip(ends).map(|(seq, end)| outcome(seq, end)).collect();
    let relaunched = vec![2];
    let settlement = BroadcastSettlement { id: ID, outcomes, relaunched, watermark: 9_999 };
    db.broadcast_settle(settlement, at(0)).await.unwrap();
    db.broadcast_recover(ID, at(0)).await.unwrap();
    db.recipients_page(ID, 0, 9).await.unwrap();
    db.recipients_deferred(ID, 9).await.unwrap();
    db.recipients_export(ID, 0, 9).await.unwrap();
    db.broadcast_causes(ID).await.unwrap();
    db.broadcast_get(ID).await.unwrap();
    db.broadcast_cursor(ID).await.unwrap();
    db.broadcasts_open().await.unwrap();
    db.broadcasts_list(None, 9).await.unwrap();
    db.broadcast_control(ID, Control::Pause, at(0)).await.unwrap();
    db.broadcast_end(ID, BroadcastState::Done, None, at(0)).await.unwrap();
    db.user_set_time_zone(UserId(1), "Asia/Tashkent".to_owned()).await.unwrap();
    db.series_due(at(0)).await.unwrap();
    db.series_told_until(SeriesId(1)).await.unwrap();
    db.follow_get(UserId(1), CategoryId(1)).await.unwrap();
    db.follows_of(vec![UserId(1), UserId(2)]).await.unwrap();
    db.materials_published_between(at(0), at(9), 5).await.unwrap();
}

async fn desk(db: &Db) {
    let subject = Some(AuditSubject::Material);
    let page = AuditRequest { limit: 9, before: Some(99), ..AuditRequest::default() };
    let narrowed = [
        AuditRequest { before: None, ..page },
        page,
        AuditRequest { subject, ..page },
        AuditRequest { action: Some(AuditAction::Edit), ..page },
        AuditRequest { actor: Some(UserId(1)), ..page },
    ];
    for request in narrowed {
        db.audit_list(request).await.unwrap();
    }
    db.desk_material(MaterialId(1)).await.unwrap();
    for before in [None, Some(MaterialId(9))] {
        db.archived_list(before, 9).await.unwrap();
    }
    db.section_live(CategoryId(1)).await.unwrap();
    db.section_counts(vec![CategoryId(1), CategoryId(2)]).await.unwrap();
    db.section_is_filling(CategoryId(1)).await.unwrap();
    db.sections_tidy(9).await.unwrap();
    db.category_get(CategoryId(1)).await.unwrap();
    db.category_children(Some(CategoryId(1))).await.unwrap();
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

    db.updates_of_chat(CHAT, 9).await.unwrap();
    db.chat_load(key(CHAT)).await.unwrap();
    db.outbox_open(OutboxId(0), 9).await.unwrap();
    db.outbox_begin(vec![OutboxId(1)]).await.unwrap();
    let edit = NewOutbox { edit_of: Some(OutboxId(1)), ..reply(2, CHAT) };
    db.outbox_replace_edit(edit, at(0)).await.unwrap();
    let end = OutboxEnd::Failed("gone");
    db.outbox_settle(vec![OutboxOutcome { id: OutboxId(1), end }], at(0)).await.unwrap();
    db.updates_open_chats(9).await.unwrap();
    db.updates_open_count().await.unwrap();
    db.job_claim("main".to_owned(), owner("a", 1), at(0), at(30), true).await.unwrap();
    let deaths = JobDeaths { died: true, probation_until: at(9) };
    db.jobs_rescue(owner("a", 1), deaths, at(0)).await.unwrap();
    db.job_next_due("main".to_owned()).await.unwrap();
    db.job_stands(JobId(1), 1).await.unwrap();
    db.schedules_due(at(0)).await.unwrap();
    db.jobs_depth(at(0)).await.unwrap();
    db.jobs_dead(9).await.unwrap();
    db.uploads_open(EDITOR, 9).await.unwrap();
    db.jobs_line("main".to_owned(), at(0)).await.unwrap();
    for what in ALL_PRUNED {
        db.prune(PruneBatch { what, before: at(0), limit: 9 }).await.unwrap();
    }
    db.contents_prune(String::new(), at(0), 9).await.unwrap();
    db.blobs_named(vec!["h".to_owned()]).await.unwrap();
    db.material_get(MaterialId(1)).await.unwrap();
    db.material_by_hash("h".to_owned()).await.unwrap();
    db.batch_entries(BatchId(1), UserId(1)).await.unwrap();
    db.batch_due(BatchId(1), 9).await.unwrap();
    db.drafts_list(UserId(1), 0, 9).await.unwrap();
    db.material_twins("h".to_owned(), MaterialId(1), UserId(1)).await.unwrap();
    let (material, editor, after) = (MaterialId(1), UserId(1), UserId(0));
    let request = TakersRequest { material, edition: 2, editor, after, limit: 9 };
    db.edition_takers(request).await.unwrap();
    db.edition_number(material).await.unwrap();
    for (category, level) in
        [(None, None), (Some(CategoryId(1)), None), (Some(CategoryId(1)), Some(Level::A1))]
    {
        let request = ListRequest { category, level, offset: 0, limit: 5 };
        db.materials_list(request).await.unwrap();
        db.materials_count(request).await.unwrap();
    }

    broadcasts(db).await;
    desk(db).await;

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
