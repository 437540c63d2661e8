//! What is kept of a person: the register, a copy, and what is left after it was erased.

use std::collections::{BTreeMap, BTreeSet};

use primelingo::domain::audit::{AuditAction, AuditEntry, AuditRequest, COMMAND_LINE, ERASED};
use primelingo::domain::broadcast::{BroadcastState, Content, Control, NewBroadcast, RecipientEnd};
use primelingo::domain::effect::{Change, JobKind, NewJob, Priority};
use primelingo::domain::ids::{
    AudienceListId, BroadcastId, CategoryId, ChatId, JobId, MaterialId, OutboxId, QueryId,
    RequestId, UserId,
};
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::domain::material::MaterialState;
use primelingo::domain::privacy::{PrivacyChange, REGISTER, Subject};
use primelingo::domain::request::{RequestChange, Wanted};
use primelingo::domain::retention::NOBODYS;
use primelingo::domain::role::Role;
use primelingo::domain::session::SessionKey;
use primelingo::domain::shelf::{Reason, ShelfChange};
use primelingo::store::records::{
    ForgottenRecipient, NewOutbox, NewUpdate, OutboxEnd, OutboxOutcome, SessionWrite, StepCommit,
};
use serde_json::Value;

use super::broadcasts::words::{ID, delivered, outcome, plan, settlement};
use super::fixture::{Store, at, conflict};
use super::notices::{ANN, BOB, asks, sections, wanted};
use super::words::{
    BOT, EDITOR, described, fresh, inspection, owner, plain, ready, reply, seen, session, step,
};

contract! {
    every_column_that_names_a_person_is_in_the_register,
    every_table_is_somebodys_or_nobodys,
    the_audit_is_append_only,
    an_erasure_leaves_the_audit_to_the_byte,
    a_copy_is_had_once_an_hour,
    a_copy_holds_what_every_table_has,
    nothing_is_left_of_an_erased_person,
    an_erased_editors_work_stays_without_a_name,
    an_erased_recipient_counts_as_blocked,
    an_erased_authors_letters_are_sent_to_nobody_more,
}

/// `table.column` of a schema.
async fn columns(store: &Store) -> BTreeSet<(String, String)> {
    const SQLITE: &str = "SELECT m.name || '.' || c.name FROM sqlite_master m
         JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
    const POSTGRES: &str = "SELECT table_name || '.' || column_name
         FROM information_schema.columns WHERE table_schema = 'public'";
    let sql = if store.db.backend_name() == "sqlite" { SQLITE } else { POSTGRES };
    let names = store.place.texts(sql).await.into_iter();
    let split = |name: String| {
        let (table, column) = name.split_once('.').unwrap();
        (table.to_owned(), column.to_owned())
    };
    names.map(split).collect()
}

/// Whether a column of that name says whom a row is about.
fn names_a_person(column: &str) -> bool {
    const PARTS: [&str; 9] = [
        "user",
        "chat",
        "uploader",
        "actor",
        "asker",
        "person",
        "editor",
        "first_name",
        "fairness",
    ];
    // How many there are; and marks of which each stands for many people.
    const COUNTS: [&str; 2] = ["users", "askers"];
    if COUNTS.contains(&column) {
        return false;
    }
    column.ends_with("_by") || PARTS.iter().any(|part| column.contains(part))
}

async fn every_column_that_names_a_person_is_in_the_register(store: &Store) {
    let columns = columns(store).await;
    assert!(columns.len() > 100, "{columns:?}");
    let registered: BTreeMap<&str, BTreeSet<&str>> = REGISTER
        .iter()
        .map(|it| (it.table, it.person.iter().copied().chain(it.shown.iter().map(|c| c.name()))))
        .map(|(table, names)| (table, names.collect()))
        .collect();
    for (table, names) in &registered {
        for name in names {
            let column = ((*table).to_owned(), (*name).to_owned());
            assert!(columns.contains(&column), "{table}.{name} is registered, and nowhere");
        }
    }
    let missing: Vec<_> = columns
        .iter()
        .filter(|(_, column)| names_a_person(column))
        .filter(|(table, column)| {
            !registered.get(table.as_str()).is_some_and(|names| names.contains(column.as_str()))
        })
        .collect();
    assert!(missing.is_empty(), "not in domain::privacy::REGISTER: {missing:?}");
}

async fn every_table_is_somebodys_or_nobodys(store: &Store) {
    let tables: BTreeSet<String> =
        columns(store).await.into_iter().map(|(table, _)| table).collect();
    let of_the_store = |table: &&String| {
        let shadows = ["material_index", "part_index"];
        let is_shadow =
            |it: &&str| table.strip_prefix(it).is_some_and(|rest| rest.starts_with('_'));
        !table.starts_with("__diesel") && !shadows.iter().any(is_shadow)
    };
    let known: BTreeSet<&str> =
        REGISTER.iter().map(|it| it.table).chain(NOBODYS.iter().map(|(table, _)| *table)).collect();
    let found: BTreeSet<&str> = tables.iter().filter(of_the_store).map(String::as_str).collect();
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "in neither domain::privacy::REGISTER nor domain::retention::NOBODYS: {unknown:?}"
    );
    // PostgreSQL keeps the words of the library beside its texts.
    let gone: Vec<_> = known.difference(&found).filter(|it| !it.ends_with("_index")).collect();
    assert!(gone.is_empty(), "no such tables: {gone:?}");
}

async fn a_copy_is_had_once_an_hour(store: &Store) {
    let take = |seconds| {
        let change = vec![plain(Change::Privacy(PrivacyChange::NoteExport))];
        async move {
            let seq = store.waiting_update(ChatId(ANN.0)).await;
            let commit = StepCommit { user: Some(ANN), now: at(seconds), ..step(seq) };
            store.db.step_commit(StepCommit { changes: change, ..commit }).await
        }
    };
    let had = async |since| store.db.privacy_facts(ANN, at(since)).await.unwrap().had_copy;
    assert!(!had(-3600).await);
    take(0).await.unwrap();
    assert!(had(-1).await && !had(0).await);
    assert_eq!(conflict(take(3599).await), "export");
    take(3600).await.unwrap();
}

/// A person with a row in every table that people without a role can have.
async fn with_everything(store: &Store, user: UserId) {
    sections(store).await;
    store.publish(1, &described("Grammar"), Kind::Book, &[]).await;
    let db = &store.db;
    let seq = store.waiting_update(ChatId(user.0)).await;
    let write = session(ChatId(user.0), 0);
    let material = MaterialId(1);
    let changes = [
        Change::Follow { category: CategoryId(2), follow: true },
        Change::NoteDelivery { material, hash: Some("hash-1".to_owned()) },
        Change::RememberQuery { id: QueryId(9), text: "Canary Канарейка".to_owned() },
        Change::Privacy(PrivacyChange::NoteExport),
        Change::Shelf(ShelfChange::Favour { material, on: true }),
        Change::Shelf(ShelfChange::Report { material, reason: Reason::Other, opens: true }),
        Change::Request(RequestChange::Ask {
            id: RequestId(5),
            wanted: Wanted::of("canary канарейка").unwrap(),
        }),
    ];
    let canary = r#"{"type":"text","html":"Canary"}"#;
    let message = NewOutbox { payload: canary.to_owned(), ..reply(70, ChatId(user.0)) };
    let commit = StepCommit {
        seen: Some(seen(user, "Canary Канарейка", Lang::Uz)),
        session: Some(SessionWrite {
            key: SessionKey { chat: ChatId(user.0), user, thread: 0 },
            body: r#"{"dialog":"canary"}"#.to_owned(),
            ..write
        }),
        user: Some(user),
        changes: changes.into_iter().map(plain).collect(),
        outbox: vec![message],
        ..step(seq)
    };
    db.step_commit(commit).await.unwrap();
    db.outbox_settle(vec![OutboxOutcome { id: OutboxId(70), end: OutboxEnd::Sent(None) }], at(0))
        .await
        .unwrap();
    let update = NewUpdate {
        raw: format!("{{\"from\":{{\"id\":{user},\"first_name\":\"Canary\"}}}}"),
        chat: ChatId(-500),
        ..super::words::update(fresh(), ChatId(-500))
    };
    db.updates_insert(BOT, vec![update], at(0)).await.unwrap();
    let seq = db.updates_of_chat(ChatId(-500), 9).await.unwrap()[0].seq;
    db.update_done(seq, at(0)).await.unwrap();
    db.audience_list_add(AudienceListId(1), vec![ChatId(user.0), ChatId(8)]).await.unwrap();
    let job = NewJob { fairness_key: user.0, ..super::words::job(fresh(), 1) };
    db.job_enqueue(job, "elsewhere".to_owned(), at(0)).await.unwrap();
    store.begun(plan(), &[user.0, 8]).await;
}

async fn a_copy_holds_what_every_table_has(store: &Store) {
    with_everything(store, ANN).await;
    store.open_material(7).await;
    let mut tables = BTreeSet::new();
    let shown = || REGISTER.iter().filter(|entry| !entry.shown.is_empty());
    for entry in shown() {
        for user in [ANN, EDITOR] {
            for row in store.db.personal_rows(*entry, user, 99).await.unwrap() {
                let row: Value = serde_json::from_str(&row).unwrap();
                let names: BTreeSet<&str> =
                    row.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!(names, entry.shown.iter().map(|column| column.name()).collect());
                tables.insert(entry.table);
            }
        }
    }
    let empty: Vec<_> =
        shown().map(|it| it.table).filter(|table| !tables.contains(table)).collect();
    let expected = [
        "dashboard_keys",
        "requests",
        "editions",
        "broadcast_series",
        "alerts",
        "alert_messages",
        "silences",
    ];
    assert_eq!(empty, expected, "the others have a row");
    let users = REGISTER.iter().find(|entry| entry.table == "users").unwrap();
    let row = &store.db.personal_rows(*users, ANN, 9).await.unwrap()[0];
    let row: Value = serde_json::from_str(row).unwrap();
    assert_eq!(row["first_name"], "Canary Канарейка");
    assert_eq!(row["created_at"], "2027-01-15T08:00:00Z");
}

/// A worker that erases this person.
async fn erasing(store: &Store, user: UserId) -> (JobId, i64) {
    let kind = JobKind::ErasePerson(Subject { user, chat: ChatId(user.0) });
    let (id, priority) = (JobId(fresh()), Priority::Single);
    let job = NewJob { id, kind, fairness_key: user.0, priority, not_before: None };
    let queue = format!("erase-{user}");
    store.db.job_enqueue(job, queue.clone(), at(0)).await.unwrap();
    let claimed = store.db.job_claim(queue, owner("worker", 1), at(0), at(30), true).await.unwrap();
    let claimed = claimed.unwrap();
    (claimed.id, claimed.token)
}

/// Does what the job does.
async fn erase(store: &Store, user: UserId) -> (JobId, i64) {
    let db = &store.db;
    let job = erasing(store, user).await;
    db.person_erase(job, user, at(9)).await.unwrap();
    let mut after = i64::MIN;
    while let Some(next) = db.updates_erase(user, after, 2, at(9)).await.unwrap().next {
        after = next;
    }
    let (mut after, all) = (i64::MIN, OutboxId(i64::MAX));
    while let Some(next) = db.outbox_erase(ChatId(user.0), (after, all), 1).await.unwrap().next {
        after = next;
    }
    for broadcast in db.broadcasts_to(user).await.unwrap() {
        db.recipient_erase(ForgottenRecipient { broadcast, user }).await.unwrap();
    }
    job
}

/// Every row of every table, as text.
async fn dump(store: &Store) -> String {
    let tables: BTreeSet<String> =
        columns(store).await.into_iter().map(|(table, _)| table).collect();
    // The tables of SQLite's index are no text.
    let tables = tables.into_iter().filter(|table| !table.contains("_index"));
    let mut texts = Vec::new();
    for table in tables {
        texts.extend(rows(store, &table).await);
    }
    texts.join("\n")
}

/// Every row of a table, as text.
async fn rows(store: &Store, table: &str) -> Vec<String> {
    let all: Vec<String> = columns(store)
        .await
        .into_iter()
        .filter(|(of, _)| of == table)
        .map(|(_, column)| format!("COALESCE(CAST(\"{column}\" AS TEXT), '')"))
        .collect();
    let row = all.join(" || '|' || ");
    store.place.texts(&format!("SELECT '{table}:' || {row} AS line FROM {table} ORDER BY 1")).await
}

/// A person who has made a section, and got a role.
async fn with_deeds(store: &Store, user: UserId) {
    store.db.user_set_role(user, Role::Editor, at(0)).await.unwrap();
    let seq = store.waiting_update(ChatId(user.0)).await;
    let id = CategoryId(900 + user.0);
    let made = Change::CreateCategory { id, parent: None, title: format!("Of {}", user.0 % 7) };
    let commit = StepCommit { user: Some(user), changes: vec![plain(made)], ..step(seq) };
    store.db.step_commit(commit).await.unwrap();
}

async fn the_audit_is_append_only(store: &Store) {
    const ALL: &str = "id, at, actor, action, subject, subject_id, details";
    with_deeds(store, ANN).await;
    let before = rows(store, "audit").await;
    assert_eq!(before.len(), 2);
    let same = format!("({ALL}) SELECT {ALL} FROM audit WHERE TRUE");
    let mut tries = vec![
        "UPDATE audit SET actor = 0".to_owned(),
        "UPDATE audit SET details = '' WHERE action = 'set_role'".to_owned(),
        "DELETE FROM audit".to_owned(),
        "DELETE FROM audit WHERE action = 'set_role'".to_owned(),
        format!("INSERT INTO audit {same} ON CONFLICT (id) DO UPDATE SET actor = 0"),
    ];
    if store.db.backend_name() == "sqlite" {
        tries.push(format!("INSERT OR REPLACE INTO audit {same}"));
        tries.push(format!("REPLACE INTO audit {same}"));
    } else {
        tries.push("TRUNCATE audit".to_owned());
        tries.push("TRUNCATE users, audit CASCADE".to_owned());
    }
    for sql in tries {
        let said = store.place.refused(&sql).await;
        assert!(said.contains("the audit is append-only"), "{sql}: {said}");
        assert_eq!(rows(store, "audit").await, before, "{sql}");
    }
    // Adding goes on.
    store.db.user_set_role(BOB, Role::Editor, at(0)).await.unwrap();
    assert_eq!(store.rows("audit").await, 3);
}

async fn an_erasure_leaves_the_audit_to_the_byte(store: &Store) {
    with_deeds(store, ANN).await;
    with_deeds(store, BOB).await;
    let number = ANN.to_string();
    let before = rows(store, "audit").await;
    assert!(before.iter().all(|row| !row.contains(&number)), "{before:#?}");
    let read = async || {
        let request = AuditRequest { limit: 9, ..AuditRequest::default() };
        let entries = store.db.audit_list(request).await.unwrap().into_iter();
        let note = |entry: AuditEntry| (entry.note.action, entry.note.actor, entry.note.subject);
        entries
            .map(note)
            .filter(|it| it.0 == AuditAction::SetRole || it.1 != BOB)
            .collect::<Vec<_>>()
    };
    let (role, section) = (AuditAction::SetRole, AuditAction::CreateSection);
    let of_ann = CategoryId(900 + ANN.0).0;
    let known = [(role, COMMAND_LINE, BOB.0), (section, ANN, of_ann), (role, COMMAND_LINE, ANN.0)];
    assert_eq!(read().await, known);
    let by_ann = AuditRequest { actor: Some(ANN), limit: 9, ..AuditRequest::default() };
    assert_eq!(store.db.audit_list(by_ann).await.unwrap().len(), 1);
    let audit = REGISTER.iter().find(|entry| entry.table == "audit").unwrap();
    assert_eq!(store.db.personal_rows(*audit, ANN, 9).await.unwrap().len(), 2, "by and to her");

    erase(store, ANN).await;

    assert_eq!(rows(store, "audit").await, before);
    let gone =
        [(role, COMMAND_LINE, BOB.0), (section, ERASED, of_ann), (role, COMMAND_LINE, ERASED.0)];
    assert_eq!(read().await, gone);
    assert_eq!(store.db.audit_list(by_ann).await.unwrap(), []);
    assert_eq!(store.rows("pseudonyms").await, 1, "Bob's");
    // Who comes back is somebody new.
    store.db.user_set_role(ANN, Role::Editor, at(0)).await.unwrap();
    assert_eq!(read().await[0], (role, COMMAND_LINE, ANN.0));
    assert_eq!(read().await[1..], gone);
    assert_eq!(store.db.personal_rows(*audit, ANN, 9).await.unwrap().len(), 1);
}

async fn nothing_is_left_of_an_erased_person(store: &Store) {
    with_everything(store, ANN).await;
    asks(store, BOB, "канарейка CANARY").await;
    let before = dump(store).await;
    assert!(before.contains("Canary") && before.contains("70001"));

    let job = erase(store, ANN).await;
    assert_eq!(store.db.erased_lang(job.0, ANN).await.unwrap(), Lang::Uz);
    // All of it may be done twice.
    store.db.person_erase(job, ANN, at(9)).await.unwrap();
    assert_eq!(store.db.erased_lang(job.0, ANN).await.unwrap(), Lang::Uz);
    let left = NewOutbox { payload: "{}".to_owned(), ..reply(99, ChatId(ANN.0)) };
    let traces = NewJob {
        id: JobId(fresh()),
        kind: JobKind::ForgetTraces { message: left.id, all: true },
        fairness_key: 0,
        priority: Priority::Single,
        not_before: None,
    };
    let finish =
        |job| store.db.erase_finish(job, left.clone(), traces.clone(), "main".to_owned(), at(9));
    assert_eq!(conflict(finish((job.0, job.1 - 1)).await), "job lease");
    finish(job).await.unwrap();
    assert!(store.db.message_is_open(left.id).await.unwrap());
    assert_eq!(store.db.message_chat(left.id).await.unwrap(), Some(ChatId(ANN.0)));
    assert_eq!(store.db.message_forget(left.id).await.unwrap(), None, "it has not left");
    let end = OutboxEnd::Sent(None);
    let sent = OutboxOutcome { id: left.id, end };
    store.db.outbox_settle(vec![sent], at(9)).await.unwrap();
    assert_eq!(store.db.message_forget(left.id).await.unwrap().as_deref(), Some("{}"));

    let after = dump(store).await;
    for trace in ["70001", "Canary", "Канарейка"] {
        let lines: Vec<&str> = after.lines().filter(|line| line.contains(trace)).collect();
        assert!(lines.is_empty(), "{trace}: {lines:#?}");
    }
    // Bob asks for the same: in the words that are the same for all.
    let request = &wanted(store).await[0];
    assert_eq!(request.demand, 1);
    assert_eq!(
        Some(request.words.as_str()),
        Wanted::of("Canary канарейка").map(|w| w.key).as_deref()
    );
    assert_eq!(store.rows("audience_lists").await, 1, "others stay");
    assert_eq!(store.rows("updates WHERE state = 'new'").await, 0);
}

async fn an_erased_editors_work_stays_without_a_name(store: &Store) {
    store.db.user_set_role(EDITOR, Role::Admin, at(0)).await.unwrap();
    store.publish(1, &described("Grammar"), Kind::Book, &["words"]).await;
    store.open_material(2).await;
    let outcome = ready("two", inspection(Kind::Book, &["draft words"]), None);
    store.finish(2, MaterialState::Open, outcome).await.unwrap();
    let announce = JobKind::AnnounceEdition { material: MaterialId(1), edition: 2, by: EDITOR };
    let job = NewJob { kind: announce, ..super::words::job(fresh(), 1) };
    store.db.job_enqueue(job, "elsewhere".to_owned(), at(0)).await.unwrap();
    store.begun(plan(), &[8]).await;
    let facts = store.db.privacy_facts(EDITOR, at(0)).await.unwrap();
    assert_eq!((facts.under_way, facts.is_last_admin), (Some(ID), true));

    erase(store, EDITOR).await;
    let state = |id: i64| {
        let sql =
            format!("SELECT state || title FROM materials WHERE id = {id} AND uploader_id = 0");
        async move { store.place.texts(&sql).await }
    };
    assert_eq!(
        (state(1).await, state(2).await),
        (vec!["publishedGrammar".to_owned()], vec!["discarded".to_owned()])
    );
    assert_eq!(store.rows("parts WHERE material_id = 2").await, 0);
    let jobs = store.place.texts("SELECT payload FROM jobs WHERE kind = 'announce_edition'").await;
    assert_eq!(jobs, [r#"{"kind":"announce_edition","material":1,"edition":2,"by":0}"#]);
    let content = store.place.texts("SELECT content FROM broadcasts").await;
    assert_eq!(content, [r#"{"type":"copy","from":0,"messages":[3]}"#]);
    assert_eq!(store.rows("broadcasts WHERE created_by = 0 AND card_chat_id IS NULL").await, 1);
}

async fn an_erased_recipient_counts_as_blocked(store: &Store) {
    let chats = [11, 12, 13, 14];
    store.begun(plan(), &chats).await;
    let deferred = outcome(2, RecipientEnd::Deferred(at(99)));
    store.db.broadcast_settle(settlement(vec![delivered(1), deferred], 3), at(7)).await.unwrap();
    let progress = async || store.db.broadcast_get(ID).await.unwrap().unwrap().progress;
    let counts = async || {
        let it = progress().await;
        (it.filled, it.delivered, it.blocked, it.pending())
    };
    assert_eq!(counts().await, (4, 1, 0, 3));
    for (chat, expected) in [(11, (4, 1, 0, 3)), (12, (4, 1, 1, 2)), (13, (4, 1, 2, 1))] {
        let recipient = ForgottenRecipient { broadcast: ID, user: UserId(chat) };
        for _ in 0..2 {
            store.db.recipient_erase(recipient).await.unwrap();
            assert_eq!(counts().await, expected, "{chat}");
        }
    }
    // The runner has sent to one of them meanwhile, and settles the last: of the forgotten one
    // nothing is counted.
    let outcomes = vec![delivered(2), delivered(3), delivered(4)];
    store.db.broadcast_settle(settlement(outcomes, 4), at(8)).await.unwrap();
    assert_eq!(counts().await, (4, 2, 2, 0));
    assert_eq!(store.rows("broadcast_recipients").await, 1);
}

async fn an_erased_authors_letters_are_sent_to_nobody_more(store: &Store) {
    let db = &store.db;
    let id = BroadcastId;
    store.begun(NewBroadcast { id: id(1), ..plan() }, &[8]).await;
    assert!(db.broadcast_control(id(1), Control::Pause, at(6)).await.unwrap());
    let digest = Content::Digest { since: at(0), until: at(9) };
    let words = Content::Text { template: "\"from\":500,".to_owned(), buttons: Vec::new() };
    for plan in [
        NewBroadcast { id: id(2), ..plan() },
        // Sent again by somebody else.
        NewBroadcast { id: id(3), by: BOB, ..plan() },
        NewBroadcast { id: id(4), content: digest, ..plan() },
        NewBroadcast { id: id(5), content: Content::Undo { of: id(1) }, ..plan() },
        NewBroadcast { id: id(6), by: BOB, content: words.clone(), ..plan() },
    ] {
        assert!(db.broadcast_create(plan, at(0)).await.unwrap());
    }
    erase(store, EDITOR).await;
    let mut found = Vec::new();
    for number in 1..=6 {
        let it = db.broadcast_get(id(number)).await.unwrap().unwrap();
        assert_eq!(it.done_at.is_some(), it.state.is_over());
        assert_eq!(it.plan.content.is_gone(), number <= 3, "{number}");
        found.push((it.state, it.plan.content));
    }
    let ended = found.iter().map(|(state, _)| *state == BroadcastState::Cancelled);
    assert_eq!(ended.collect::<Vec<_>>(), [true, true, true, false, false, false]);
    assert_eq!(found[5].1, words, "what others wrote stays");
    assert_eq!(store.rows("broadcasts WHERE created_by = 500").await, 0);
}
