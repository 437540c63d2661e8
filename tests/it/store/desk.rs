//! The editors' desk: what is published is changed, taken out and put back; sections are put in
//! order; whatever is done is in the audit log, once, and only if it was done.

use primelingo::domain::audit::{AuditAction, AuditRequest, AuditSubject, COMMAND_LINE};
use primelingo::domain::button::Field;
use primelingo::domain::desk::{DeskChange, FieldChange, MaterialEdit, SectionCounts};
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{CategoryId, MaterialId, UserId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::{Description, Filters, MaterialState, Processing};
use primelingo::domain::role::Role;
use primelingo::domain::search::parse_query;
use primelingo::store::StoreResult;
use primelingo::store::records::{IndexedChange, SearchRequest};

use super::fixture::{Store, at, conflict};
use super::words::{EDITOR, described, plain, terms};

contract! {
    the_log_tells_what_was_done_and_by_whom,
    what_is_refused_is_not_in_the_log,
    the_log_is_read_by_its_keys,
    other_words_are_found_at_once,
    of_two_changes_the_second_is_refused,
    what_is_taken_out_comes_back_as_it_was,
    a_double_keeps_it_out,
    hidden_files_are_no_materials,
    a_name_counts_for_the_name_that_was_seen,
    sections_move_where_they_fit,
    a_merger_takes_everything_along,
    a_large_merger_follows_in_slices,
    only_the_empty_is_removed,
    what_was_put_into_a_merged_section_stands_in_the_other,
}

const MATERIAL: MaterialId = MaterialId(10);

async fn desk(store: &Store, change: DeskChange) -> StoreResult<()> {
    store.change(vec![plain(Change::Desk(change))]).await
}

async fn section(store: &Store, id: i64, parent: Option<i64>, title: &str) {
    let parent = parent.map(CategoryId);
    let change = Change::CreateCategory { id: CategoryId(id), parent, title: title.to_owned() };
    store.change(vec![plain(change)]).await.unwrap();
}

async fn shelved(store: &Store, id: i64, category: Option<i64>, title: &str) {
    let category = category.map(CategoryId);
    let description = Description { category, ..described(title) };
    store.publish(id, &description, Kind::Book, &[]).await;
}

/// What the log says, newest first: action, subject, before, after.
async fn log(store: &Store) -> Vec<(AuditAction, i64, Option<String>, Option<String>)> {
    let request = AuditRequest { limit: 50, ..AuditRequest::default() };
    let entries = store.db.audit_list(request).await.unwrap();
    let line = |entry: primelingo::domain::audit::AuditEntry| {
        let note = entry.note;
        (note.action, note.subject, note.details.before, note.details.after)
    };
    entries.into_iter().map(line).collect()
}

async fn version(store: &Store) -> u32 {
    store.db.desk_material(MATERIAL).await.unwrap().unwrap().version
}

async fn found(store: &Store, words: &str) -> Vec<i64> {
    let query = parse_query(words);
    let request = SearchRequest {
        fts5: query.to_fts5(),
        tsquery: query.to_tsquery(),
        filters: Filters::default(),
        limit: 9,
        inside: true,
        has_exclusions: false,
    };
    let found = store.db.search_candidates(request).await.unwrap();
    found.titles.iter().map(|title| title.id.0).collect()
}

/// Another title, as whoever has seen so many changes gives it.
async fn retitle(store: &Store, seen: u32, before: &str, after: &str) -> StoreResult<()> {
    let edit = MaterialEdit {
        material: MATERIAL,
        seen,
        change: FieldChange {
            field: Field::Title,
            before: Some(before.to_owned()),
            after: Some(after.to_owned()),
        },
        is_undo: false,
        words_before: (before.to_owned(), String::new()),
        words: (after.to_owned(), String::new()),
    };
    let change = Change::Desk(DeskChange::Edit(Box::new(edit)));
    store.change(vec![IndexedChange { change, terms: Some(terms(after, "")) }]).await
}

async fn shelve(store: &Store, back: bool) -> StoreResult<()> {
    let seen = version(store).await;
    let words = ("Grammar".to_owned(), String::new());
    let change = DeskChange::Shelve { material: MATERIAL, seen, back, is_undo: false, words };
    desk(store, change).await
}

async fn uses(store: &Store, word: &str) -> i64 {
    let all = store.db.vocabulary_all().await.unwrap();
    all.iter().find(|(term, _)| term == word).map_or(0, |(_, uses)| *uses)
}

async fn stands_in(store: &Store, id: i64) -> Option<i64> {
    let material = store.db.material_get(MaterialId(id)).await.unwrap().unwrap();
    material.category.map(|category| category.0)
}

async fn names(store: &Store, parent: Option<i64>) -> Vec<String> {
    let children = store.db.category_children(parent.map(CategoryId)).await.unwrap();
    children.into_iter().map(|child| child.title).collect()
}

async fn the_log_tells_what_was_done_and_by_whom(store: &Store) {
    section(store, 1, None, "English").await;
    shelved(store, 10, Some(1), "Grammar").await;
    retitle(store, version(store).await, "Grammar", "Tenses").await.unwrap();
    store.db.user_set_role(UserId(9), Role::Editor, at(0)).await.unwrap();
    store.db.user_set_role(UserId(9), Role::Editor, at(0)).await.unwrap();

    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        log(store).await,
        [
            (AuditAction::SetRole, 9, None, text("editor")),
            (AuditAction::Edit, 10, text("Grammar"), text("Tenses")),
            (AuditAction::Publish, 10, None, None),
            (AuditAction::CreateSection, 1, None, None),
        ]
    );
    let all = AuditRequest { limit: 9, ..AuditRequest::default() };
    let entries = store.db.audit_list(all).await.unwrap();
    let actors: Vec<UserId> = entries.iter().map(|entry| entry.note.actor).collect();
    assert_eq!(actors, [COMMAND_LINE, EDITOR, EDITOR, EDITOR]);
    // Names as they are now.
    let names: Vec<Option<&str>> = entries.iter().map(|e| e.subject_name.as_deref()).collect();
    assert_eq!(names, [Some(""), Some("Tenses"), Some("Tenses"), Some("English")]);
}

async fn what_is_refused_is_not_in_the_log(store: &Store) {
    section(store, 1, None, "English").await;
    let double =
        Change::CreateCategory { id: CategoryId(2), parent: None, title: "ENGLISH".to_owned() };
    assert_eq!(conflict(store.change(vec![plain(double)]).await), "category");
    shelved(store, 10, None, "Grammar").await;
    assert_eq!(conflict(retitle(store, 0, "Grammar", "Tenses").await), "material");
    let actions: Vec<AuditAction> = log(store).await.into_iter().map(|line| line.0).collect();
    assert_eq!(actions, [AuditAction::Publish, AuditAction::CreateSection]);
}

async fn the_log_is_read_by_its_keys(store: &Store) {
    for id in 1..=5 {
        section(store, id, None, &format!("S{id}")).await;
    }
    shelved(store, 10, None, "Grammar").await;
    store.db.user_set_role(UserId(9), Role::Editor, at(0)).await.unwrap();
    let ids = async |request: AuditRequest| -> Vec<i64> {
        let entries = store.db.audit_list(request).await.unwrap();
        entries.into_iter().map(|entry| entry.note.subject).collect()
    };
    let page = AuditRequest { limit: 2, ..AuditRequest::default() };
    let sections = AuditRequest { subject: Some(AuditSubject::Section), ..page };
    assert_eq!(ids(sections).await, [5, 4]);
    let last = store.db.audit_list(sections).await.unwrap()[1].id;
    assert_eq!(ids(AuditRequest { before: Some(last), ..sections }).await, [3, 2]);
    let published = AuditRequest { action: Some(AuditAction::Publish), ..page };
    assert_eq!(ids(published).await, [10]);
    assert_eq!(ids(AuditRequest { actor: Some(COMMAND_LINE), ..page }).await, [9]);
}

async fn other_words_are_found_at_once(store: &Store) {
    shelved(store, 10, None, "Grammar").await;
    shelved(store, 11, None, "Grammar again").await;
    let library = store.db.library_version().await.unwrap();
    retitle(store, 1, "Grammar", "Podcasts").await.unwrap();

    assert_eq!(found(store, "podcasts").await, [10]);
    assert_eq!(found(store, "grammar").await, [11]);
    assert_eq!((uses(store, "grammar").await, uses(store, "podcasts").await), (1, 1));
    assert!(store.db.library_version().await.unwrap() > library);
}

async fn of_two_changes_the_second_is_refused(store: &Store) {
    shelved(store, 10, None, "Grammar").await;
    let (one, two) = tokio::join!(
        retitle(store, 1, "Grammar", "Podcasts"),
        retitle(store, 1, "Grammar", "Articles")
    );
    let refused = if one.is_ok() { two } else { one };
    assert_eq!(conflict(refused), "material");
    assert_eq!(version(store).await, 2);
}

async fn what_is_taken_out_comes_back_as_it_was(store: &Store) {
    shelved(store, 10, None, "Grammar").await;
    shelved(store, 11, None, "Songs").await;
    let before = store.db.desk_material(MATERIAL).await.unwrap().unwrap().standing.target;
    let newest =
        store.place.number("SELECT count(*) FROM materials WHERE published_at IS NOT NULL");
    assert_eq!(newest.await, 2);
    shelve(store, false).await.unwrap();

    assert_eq!(found(store, "grammar").await, [0_i64; 0]);
    assert_eq!(uses(store, "grammar").await, 0);
    assert!(store.db.materials_by_ids(vec![MATERIAL]).await.unwrap().is_empty());
    let archived = store.db.archived_list(None, 9).await.unwrap();
    assert_eq!(archived.iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [10]);
    assert!(store.db.archived_list(Some(MATERIAL), 9).await.unwrap().is_empty());
    assert_eq!(conflict(shelve(store, false).await), "material", "it is out already");

    shelve(store, true).await.unwrap();
    let after = store.db.desk_material(MATERIAL).await.unwrap().unwrap().standing.target;
    assert_eq!(after, before);
    assert_eq!(found(store, "grammar").await, [10]);
    assert_eq!(uses(store, "grammar").await, 1);
    assert!(store.db.archived_list(None, 9).await.unwrap().is_empty());
}

async fn a_double_keeps_it_out(store: &Store) {
    shelved(store, 10, None, "Grammar").await;
    shelve(store, false).await.unwrap();
    shelved(store, 11, None, "Grammar").await;
    store.place.execute("UPDATE materials SET hash = 'hash-10' WHERE id = 11").await;
    assert_eq!(conflict(shelve(store, true).await), "material");
    let stands = store.db.desk_material(MATERIAL).await.unwrap().unwrap().standing.target;
    assert_eq!(stands.state, MaterialState::Archived);
}

async fn hidden_files_are_no_materials(store: &Store) {
    store.open_material(10).await;
    assert_eq!(store.db.desk_material(MATERIAL).await.unwrap(), None);
    // As the file of an edition that was replaced is kept.
    store.place.execute("UPDATE materials SET state = 'archived', processing = 'ready'").await;
    assert_eq!(store.db.desk_material(MATERIAL).await.unwrap(), None);
    assert!(store.db.archived_list(None, 9).await.unwrap().is_empty());
    let words = (String::new(), String::new());
    let change =
        DeskChange::Shelve { material: MATERIAL, seen: 0, back: true, is_undo: false, words };
    assert_eq!(conflict(desk(store, change).await), "material");
}

async fn a_name_counts_for_the_name_that_was_seen(store: &Store) {
    section(store, 1, None, "English").await;
    section(store, 2, None, "Deutsch").await;
    let rename = |before: &str, title: &str| DeskChange::Rename {
        section: CategoryId(1),
        before: before.to_owned(),
        title: title.to_owned(),
    };
    desk(store, rename("English", "Английский")).await.unwrap();
    assert_eq!(conflict(desk(store, rename("English", "Anglais")).await), "category");
    assert_eq!(conflict(desk(store, rename("Английский", "DEUTSCH")).await), "category");
    desk(store, rename("Английский", "АНГЛИЙСКИЙ")).await.unwrap();
    assert_eq!(names(store, None).await, ["Deutsch", "АНГЛИЙСКИЙ"]);
}

async fn sections_move_where_they_fit(store: &Store) {
    section(store, 1, None, "A").await;
    section(store, 2, Some(1), "B").await;
    section(store, 3, Some(2), "C").await;
    section(store, 4, None, "B").await;
    let put = |section: i64, to: Option<i64>| DeskChange::Move {
        section: CategoryId(section),
        to: to.map(CategoryId),
    };
    assert_eq!(conflict(desk(store, put(1, Some(3))).await), "category", "below itself");
    assert_eq!(conflict(desk(store, put(4, Some(1))).await), "category", "of one name");
    assert_eq!(conflict(desk(store, put(4, Some(9))).await), "category", "nowhere");
    desk(store, put(3, None)).await.unwrap();
    assert_eq!(names(store, None).await, ["A", "B", "C"]);
    desk(store, put(1, Some(3))).await.unwrap();
    assert_eq!(names(store, Some(3)).await, ["A"]);
}

async fn a_merger_takes_everything_along(store: &Store) {
    section(store, 1, None, "English").await;
    section(store, 2, Some(1), "Grammar").await;
    section(store, 3, None, "Англ").await;
    section(store, 4, Some(3), "grammar").await;
    section(store, 5, Some(3), "Songs").await;
    shelved(store, 10, Some(3), "In it").await;
    shelved(store, 11, Some(4), "Below it").await;
    for (user, category) in [(7, 1), (7, 3), (8, 3), (9, 4)] {
        store.db.follow_set(UserId(user), CategoryId(category), true, at(0)).await.unwrap();
    }
    let merge = DeskChange::Merge { from: CategoryId(3), to: CategoryId(1) };
    desk(store, merge.clone()).await.unwrap();

    assert_eq!(names(store, None).await, ["English"]);
    assert_eq!(names(store, Some(1)).await, ["Grammar", "Songs"]);
    assert_eq!((stands_in(store, 10).await, stands_in(store, 11).await), (Some(1), Some(2)));
    let follows = |user| store.db.follows_of(vec![UserId(user)]);
    let of = |user, category| vec![(UserId(user), CategoryId(category))];
    assert_eq!(follows(7).await.unwrap(), of(7, 1), "not twice");
    assert_eq!((follows(8).await.unwrap(), follows(9).await.unwrap()), (of(8, 1), of(9, 2)));
    // Old links lead there, also after another merger.
    let node = store.db.category_get(CategoryId(4)).await.unwrap().unwrap();
    assert_eq!((node.id, node.materials), (CategoryId(2), 1));
    section(store, 6, None, "Languages").await;
    desk(store, DeskChange::Merge { from: CategoryId(1), to: CategoryId(6) }).await.unwrap();
    let node = store.db.category_get(CategoryId(3)).await.unwrap().unwrap();
    assert_eq!((node.id, node.materials), (CategoryId(6), 1));
    assert_eq!(conflict(desk(store, merge).await), "category", "it is merged already");
}

async fn a_large_merger_follows_in_slices(store: &Store) {
    section(store, 1, None, "To").await;
    section(store, 2, None, "From").await;
    shelved(store, 10, Some(2), "One").await;
    let more = "INSERT INTO materials (id, state, processing, title, category_id, kind, file_class,
                    file_id, file_unique_id, uploader_id, created_at, published_at)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                SELECT 100 + n.i, state, processing, title, category_id, kind, file_class,
                    file_id, file_unique_id, uploader_id, created_at, published_at
                FROM materials CROSS JOIN n WHERE id = 10";
    store.place.execute(more).await;
    desk(store, DeskChange::Merge { from: CategoryId(2), to: CategoryId(1) }).await.unwrap();

    let here = async || store.db.section_counts(vec![CategoryId(1)]).await.unwrap();
    let counts = |published| SectionCounts { published, ..SectionCounts::default() };
    assert_eq!(here().await, counts(500), "what takes a moment");
    assert!(store.db.section_is_filling(CategoryId(1)).await.unwrap());
    let delete = DeskChange::Delete(CategoryId(1));
    assert_eq!(conflict(desk(store, delete).await), "category");
    assert_eq!(store.db.sections_tidy(400).await.unwrap(), 400);
    assert_eq!(store.db.sections_tidy(400).await.unwrap(), 101);
    assert_eq!(store.db.sections_tidy(400).await.unwrap(), 0);
    assert_eq!(here().await, counts(1_001));
    assert!(!store.db.section_is_filling(CategoryId(1)).await.unwrap());
}

async fn only_the_empty_is_removed(store: &Store) {
    section(store, 1, None, "A").await;
    section(store, 2, Some(1), "B").await;
    let delete = |id| DeskChange::Delete(CategoryId(id));
    assert_eq!(conflict(desk(store, delete(1)).await), "category", "a section is below it");
    shelved(store, 10, Some(2), "Grammar").await;
    assert_eq!(conflict(desk(store, delete(2)).await), "category", "a material is in it");
    shelve(store, false).await.unwrap();
    assert_eq!(conflict(desk(store, delete(2)).await), "category", "it may come back");
    section(store, 3, None, "C").await;
    store.open_material(11).await;
    let description = Description { category: Some(CategoryId(3)), ..described("Draft") };
    store.settle(11, &description, MaterialState::Draft, Processing::Pending).await.unwrap();
    store.db.follow_set(UserId(7), CategoryId(3), true, at(0)).await.unwrap();

    desk(store, delete(3)).await.unwrap();
    assert_eq!(names(store, None).await, ["A"]);
    assert_eq!(stands_in(store, 11).await, None, "a draft is asked again");
    assert!(store.db.follows_of(vec![UserId(7)]).await.unwrap().is_empty());
    // Whoever is about to publish there decides anew; a draft needs no section.
    store.open_material(12).await;
    let waiting = store.settle(12, &description, MaterialState::Waiting, Processing::Pending);
    assert_eq!(conflict(waiting.await), "category");
    store.settle(12, &description, MaterialState::Draft, Processing::Pending).await.unwrap();
    assert_eq!(stands_in(store, 12).await, None);
    let below = Change::CreateCategory {
        id: CategoryId(4),
        parent: Some(CategoryId(3)),
        title: "D".to_owned(),
    };
    assert_eq!(conflict(store.change(vec![plain(below)]).await), "category");
}

async fn what_was_put_into_a_merged_section_stands_in_the_other(store: &Store) {
    section(store, 1, None, "To").await;
    section(store, 2, None, "From").await;
    desk(store, DeskChange::Merge { from: CategoryId(2), to: CategoryId(1) }).await.unwrap();
    // Described before the merger.
    shelved(store, 10, Some(2), "Grammar").await;
    assert_eq!(stands_in(store, 10).await, Some(1));
    section(store, 3, Some(2), "Below").await;
    assert_eq!(names(store, Some(1)).await, ["Below"]);
    // Its name is free again.
    section(store, 4, None, "From").await;
    assert_eq!(names(store, None).await, ["From", "To"]);
    desk(store, DeskChange::Delete(CategoryId(3))).await.unwrap();
    assert_eq!(conflict(desk(store, DeskChange::Delete(CategoryId(1))).await), "category");
}
