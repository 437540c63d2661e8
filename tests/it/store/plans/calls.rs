//! What the store is asked all day, each call once.

use primelingo::domain::alert::incoming::Posted;
use primelingo::domain::alert::{AlertDetails, AlertTarget, Severity, Source};
use primelingo::domain::audit::{AuditAction, AuditRequest, AuditSubject};
use primelingo::domain::broadcast::{Audience, BroadcastState, Control, RecipientEnd};
use primelingo::domain::ids::{
    AudienceListId, BatchId, CategoryId, ChatId, JobId, MaterialId, OutboxId, QueryId, RequestId,
    SeriesId, UserId,
};
use primelingo::domain::material::{Filters, Level};
use primelingo::domain::search::parse_query;
use primelingo::domain::shelf::{Edge, List};
use primelingo::domain::statistics::{Day, Span, TopSort};
use primelingo::store::Db;
use primelingo::store::records::{
    AlertMessage, AlertTurn, AlertsShown, AlikeRequest, AudienceSlice, BroadcastSettlement, Doer,
    FillCursor, JobDeaths, ListenersRequest, NewAlert, NewOutbox, News, OutboxEnd, OutboxOutcome,
    PageRequest, Prune, PruneBatch, SearchRequest, StatsPrune, TakersRequest,
};

use super::super::broadcasts::words::{ID, outcome, plan as plan_of_broadcast};
use super::super::fixture::at;
use super::super::words::{CHAT, EDITOR, key, owner, reply};

/// All of it.
pub async fn all(db: &Db) {
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
    db.jobs_at_work(9).await.unwrap();
    db.dashboard_key_use("h".to_owned(), at(0)).await.unwrap();
    db.dashboard_pass_leave(EDITOR, 7, at(9)).await.unwrap();
    assert!(db.dashboard_pass_is_left(EDITOR, 7).await.unwrap());
    for what in ALL_PRUNED {
        db.prune(PruneBatch { what, before: at(0), limit: 9 }).await.unwrap();
    }
    db.contents_prune(String::new(), at(0), 9).await.unwrap();
    db.blobs_named(vec!["h".to_owned()]).await.unwrap();
    db.material_get(MaterialId(1)).await.unwrap();
    db.material_by_hash("h".to_owned()).await.unwrap();
    db.batch_entries(BatchId(1), UserId(1)).await.unwrap();
    db.batch_due(BatchId(1), 9).await.unwrap();
    db.material_twins("h".to_owned(), MaterialId(1), UserId(1)).await.unwrap();
    let (material, editor, after) = (MaterialId(1), UserId(1), UserId(0));
    let request = TakersRequest { material, edition: 2, editor, after, limit: 9 };
    db.edition_takers(request).await.unwrap();
    db.edition_number(material).await.unwrap();
    shelf(db).await;
    notices(db).await;

    broadcasts(db).await;
    desk(db).await;
    figures(db).await;
    statistics(db).await;
    search(db).await;
    alerts(db).await;
}

async fn alerts(db: &Db) {
    let new = NewAlert {
        key: "a".to_owned(),
        name: "a".to_owned(),
        severity: Severity::Page,
        source: Source::Own,
        details: AlertDetails::default(),
        openings: 1,
        at: at(0),
    };
    db.alerts_turn(vec![AlertTurn::Opened(new)]).await.unwrap();
    db.alert_signals(at(0)).await.unwrap();
    db.alerts_look(at(0), 9).await.unwrap();
    let id = db.alerts_open().await.unwrap().remove(0).id;
    let message =
        AlertMessage { card: id, user: EDITOR, outbox: Some(OutboxId(7)), not_before: None };
    let shown = AlertsShown {
        placed: vec![(id, id)],
        shown: vec![(id, 1)],
        messages: vec![message],
        outbox: vec![reply(7, CHAT)],
    };
    db.alerts_show(shown, at(0)).await.unwrap();
    db.alerts_of_card(id).await.unwrap();
    db.alert_messages(id).await.unwrap();
    db.alerts_list(9).await.unwrap();
    db.alerts_since(at(0)).await.unwrap();
    db.silences_active(at(0)).await.unwrap();
    for target in [AlertTarget::One(id), AlertTarget::Card(id)] {
        db.alert_ack(target, Doer { user: EDITOR, needs: None }, at(0)).await.unwrap();
    }
    db.alert_remind(id, at(0), Vec::new(), at(0)).await.unwrap();
    let posted = Posted { resolved: vec!["f".to_owned()], watchdog: true, ..Posted::default() };
    db.alert_signals_take(posted, at(0)).await.unwrap();
    let over = AlertTurn::Resolved { key: "a".to_owned(), at: at(1) };
    db.alerts_turn(vec![over]).await.unwrap();
    db.alerts_prune(at(0), 9).await.unwrap();
}

/// Of leases there are as many as processes.
const ALL_PRUNED: [Prune; 13] = [
    Prune::UpdateTexts,
    Prune::Updates,
    Prune::IgnoredUpdates,
    Prune::DoneJobs,
    Prune::DeadJobs,
    Prune::Outbox,
    Prune::Incidents,
    Prune::Sessions,
    Prune::Queries,
    Prune::Recipients,
    Prune::AudienceLists,
    Prune::Aside,
    Prune::DataExports,
];

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

async fn shelf(db: &Db) {
    let section = |level| List::Section { category: CategoryId(1), level };
    let lists = [
        List::New,
        section(None),
        section(Some(Level::A1)),
        List::Favourites,
        List::History,
        List::Drafts,
        List::Broken,
    ];
    let user = UserId(1);
    for list in lists {
        for is_down in [true, false] {
            let request = PageRequest { list, user, edge: Edge::TOP, is_down, limit: 6 };
            db.shelf_page(request).await.unwrap();
        }
        db.shelf_count(list, user, 9).await.unwrap();
    }
    let material = MaterialId(1);
    db.favourite_get(user, material).await.unwrap();
    let words = Some(("\"a\" OR \"b\"".to_owned(), "'a' | 'b'".to_owned()));
    let alike = AlikeRequest { words, category: Some(CategoryId(1)), limit: 9 };
    db.alike_candidates(alike).await.unwrap();
    db.word_uses(vec!["a".to_owned(), "b".to_owned()]).await.unwrap();
    db.takers(material).await.unwrap();
    db.breakage_standing(user, material, at(0), 9).await.unwrap();
    db.breakage_reporters(material, 9).await.unwrap();
    db.category_get(CategoryId(1)).await.unwrap();
    db.category_levels(CategoryId(1)).await.unwrap();
}

async fn notices(db: &Db) {
    let (request, user) = (RequestId(1), UserId(1));
    db.request_get(request).await.unwrap();
    db.request_standing(user, "grammar".to_owned()).await.unwrap();
    for after in [None, Some((3, request))] {
        db.requests_wanted(after, 9).await.unwrap();
    }
    db.requests_own(user, None, 9).await.unwrap();
    db.requests_open(String::new(), 9).await.unwrap();
    db.requests_answer(vec![request], MaterialId(1), at(0)).await.unwrap();
    db.sections_above(CategoryId(1)).await.unwrap();
    for news in [News::Material(MaterialId(1)), News::Request(request)] {
        let sections = vec![CategoryId(1)];
        let listeners = ListenersRequest { news, sections, after: UserId(0), limit: 9 };
        db.listeners(listeners).await.unwrap();
    }
}

async fn figures(db: &Db) {
    db.ledger_figures().await.unwrap();
    db.outbox_dead().await.unwrap();
    db.sessions_open().await.unwrap();
    db.files_figures().await.unwrap();
    db.database_size().await.unwrap();
    db.migrations_pending().await.unwrap();
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

async fn statistics(db: &Db) {
    let day = Day::of(at(0));
    db.people_slice(UserId(0), 9).await.unwrap();
    db.day_events(day).await.unwrap();
    db.searches_slice((String::new(), day), 9).await.unwrap();
    db.given_slice(MaterialId(0), day, 9).await.unwrap();
    db.stats_days(day.minus(9), day).await.unwrap();
    db.stats_cohorts(day).await.unwrap();
    db.stats_top(TopSort::Searches, Span::Month).await.unwrap();
    for what in [StatsPrune::Searches, StatsPrune::Materials] {
        db.stats_prune(what, day, 9).await.unwrap();
    }
}

async fn search(db: &Db) {
    let level = Some(Level::B1);
    for filters in [Filters::default(), Filters { level, ..Filters::default() }] {
        let query = parse_query("grammar \"short stories\" -exam");
        let (fts5, tsquery) = (query.to_fts5(), query.to_tsquery());
        let (inside, has_exclusions) = (true, !filters.is_empty());
        let request = SearchRequest { fts5, tsquery, filters, limit: 9, inside, has_exclusions };
        db.search_candidates(request).await.unwrap();
    }
    db.part_texts(vec![1, 2]).await.unwrap();
    db.entries_by_ids(vec![MaterialId(1), MaterialId(2)]).await.unwrap();
    db.materials_by_ids(vec![MaterialId(1), MaterialId(2)]).await.unwrap();
    db.category_titles(vec![CategoryId(1), CategoryId(2)]).await.unwrap();
    db.query_text(QueryId(1)).await.unwrap();
}
