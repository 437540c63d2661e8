//! The way of a material from the editor's dialog to the shelf, and the lists.

use primelingo::domain::ids::{CategoryId, MaterialId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::{Description, Level, MaterialState, Processing, StudyLanguage};
use primelingo::domain::shelf::List;

use super::fixture::{Store, at, conflict};
use super::shelf::listed;
use super::words::{CHAT, EDITOR, described, file, inspection, ready};

contract! {
    a_new_material_is_in_the_making,
    a_draft_keeps_its_description,
    publishing_puts_it_on_the_shelf,
    waiting_is_not_on_the_shelf,
    what_is_discarded_cannot_come_back,
    a_decision_on_an_older_processing_is_a_conflict,
    one_content_is_published_once,
    of_two_editors_who_publish_one_content_one_wins,
    editors_who_publish_the_same_words_do_not_lock_each_other_out,
    lists_are_newest_first_and_narrowed,
    unknown_ids_are_simply_missing,
}

async fn state(store: &Store, id: i64) -> MaterialState {
    store.db.material_get(MaterialId(id)).await.unwrap().unwrap().state
}

async fn on_the_shelf(store: &Store) -> Vec<i64> {
    listed(store, List::New, EDITOR).await
}

async fn a_new_material_is_in_the_making(store: &Store) {
    store.open_material(1).await;

    let material = store.db.material_get(MaterialId(1)).await.unwrap().unwrap();
    assert_eq!((material.state, material.processing), (MaterialState::Open, Processing::Pending));
    assert_eq!((material.title.as_str(), material.uploader), ("book", EDITOR));
    assert_eq!(material.file, file("book.pdf"));
    assert_eq!(material.card.unwrap().chat, CHAT);
    assert_eq!((material.hash, material.created_at), (None, at(0)));
    assert!(on_the_shelf(store).await.is_empty());
}

async fn a_draft_keeps_its_description(store: &Store) {
    store.open_material(1).await;
    let description = Description {
        title: Some("Essential Grammar".to_owned()),
        level: Some(Level::B1),
        language: Some(StudyLanguage::En),
        tags: vec!["grammar".to_owned(), "экзамен".to_owned()],
        ..Description::default()
    };
    let pending = Processing::Pending;
    store.settle(1, &description, MaterialState::Draft, pending).await.unwrap();

    let draft = store.db.material_get(MaterialId(1)).await.unwrap().unwrap();
    assert_eq!((draft.state, draft.title.as_str()), (MaterialState::Draft, "Essential Grammar"));
    assert_eq!((draft.level, draft.language), (Some(Level::B1), Some(StudyLanguage::En)));
    assert_eq!(draft.tags, "grammar, экзамен");

    // Without a new title the old one stays; the rest is as described now.
    store.settle(1, &Description::default(), MaterialState::Draft, pending).await.unwrap();
    let draft = store.db.material_get(MaterialId(1)).await.unwrap().unwrap();
    assert_eq!((draft.title.as_str(), draft.level), ("Essential Grammar", None));
}

async fn publishing_puts_it_on_the_shelf(store: &Store) {
    store.publish(1, &described("First"), Kind::Book, &["page one"]).await;

    assert_eq!(on_the_shelf(store).await, [1]);
    let by_hash = store.db.material_by_hash("hash-1".to_owned()).await.unwrap().unwrap();
    assert_eq!((by_hash.id.0, by_hash.state), (1, MaterialState::Published));
    assert_eq!((by_hash.pages, by_hash.kind), (Some(12), Kind::Book));
    assert_eq!(by_hash.suggested_title.as_deref(), Some("Found inside"));
    assert_eq!(store.db.material_by_hash("hash-2".to_owned()).await.unwrap(), None);

    let by_ids = store.db.materials_by_ids(vec![MaterialId(1)]).await.unwrap();
    assert_eq!(by_ids, [by_hash]);
    let entries = store.db.entries_by_ids(vec![MaterialId(1)]).await.unwrap();
    assert_eq!((entries[0].title.as_str(), entries[0].size), ("First", Some(4_321)));
}

async fn waiting_is_not_on_the_shelf(store: &Store) {
    store.open_material(1).await;
    let pending = Processing::Pending;
    store.settle(1, &described("T"), MaterialState::Waiting, pending).await.unwrap();
    assert_eq!(state(store, 1).await, MaterialState::Waiting);
    assert!(on_the_shelf(store).await.is_empty());
    assert!(store.db.materials_by_ids(vec![MaterialId(1)]).await.unwrap().is_empty());

    // Publish was pressed: the dialog about it is over.
    let again = store.settle(1, &described("U"), MaterialState::Draft, pending).await;
    assert_eq!(conflict(again), "material");
}

async fn what_is_discarded_cannot_come_back(store: &Store) {
    store.open_material(1).await;
    let outcome = ready("h", inspection(Kind::Book, &["a", "b"]), None);
    store.finish(1, MaterialState::Open, outcome).await.unwrap();
    assert_eq!(store.rows("parts").await, 2);

    let discarded = MaterialState::Discarded;
    store.settle(1, &described("T"), discarded, Processing::Ready).await.unwrap();

    assert_eq!(store.rows("parts").await, 0, "its text is gone with it");
    let published = MaterialState::Published;
    let back = store.settle(1, &described("T"), published, Processing::Ready).await;
    assert_eq!(conflict(back), "material");
    assert_eq!(state(store, 1).await, discarded);
}

async fn a_decision_on_an_older_processing_is_a_conflict(store: &Store) {
    store.open_material(1).await;
    let outcome = ready("h", inspection(Kind::Book, &[]), None);
    store.finish(1, MaterialState::Open, outcome).await.unwrap();

    let waiting = MaterialState::Waiting;
    let stale = store.settle(1, &described("T"), waiting, Processing::Pending).await;

    assert_eq!(conflict(stale), "material");
    assert_eq!(state(store, 1).await, MaterialState::Open);
}

async fn processed(store: &Store, id: i64, hash: &str) {
    store.open_material(id).await;
    let outcome = ready(hash, inspection(Kind::Book, &[]), None);
    store.finish(id, MaterialState::Open, outcome).await.unwrap();
}

async fn one_content_is_published_once(store: &Store) {
    let published = MaterialState::Published;
    processed(store, 1, "same").await;
    processed(store, 2, "same").await;
    store.settle(1, &described("T"), published, Processing::Ready).await.unwrap();

    let second = store.settle(2, &described("T"), published, Processing::Ready).await;

    assert_eq!(conflict(second), "material");
    assert_eq!(state(store, 2).await, MaterialState::Open);
    assert_eq!(on_the_shelf(store).await, [1]);
    // The editor decides again, and a draft is no trouble.
    let draft = MaterialState::Draft;
    store.settle(2, &described("T"), draft, Processing::Ready).await.unwrap();
}

async fn of_two_editors_who_publish_one_content_one_wins(store: &Store) {
    let published = MaterialState::Published;
    processed(store, 1, "same").await;
    processed(store, 2, "same").await;

    let title = described("T");
    let (first, second) = tokio::join!(
        store.settle(1, &title, published, Processing::Ready),
        store.settle(2, &title, published, Processing::Ready),
    );

    let refused = if first.is_ok() { second } else { first };
    assert_eq!(conflict(refused), "material");
    assert_eq!(on_the_shelf(store).await.len(), 1);
}

/// All write the same rows of the vocabulary, each in the order of its title.
async fn editors_who_publish_the_same_words_do_not_lock_each_other_out(store: &Store) {
    let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "theta", "kappa"];
    for id in 1..=8 {
        processed(store, id, &format!("hash-{id}")).await;
    }
    let publish = async |id: i64, first: usize| {
        let mut title = words;
        title.rotate_left(first);
        if id % 2 == 0 {
            title.reverse();
        }
        let published = MaterialState::Published;
        store.settle(id, &described(&title.join(" ")), published, Processing::Ready).await.unwrap();
    };
    tokio::join!(
        publish(1, 0),
        publish(2, 1),
        publish(3, 2),
        publish(4, 3),
        publish(5, 4),
        publish(6, 5),
        publish(7, 6),
        publish(8, 7),
    );
    assert_eq!(store.rows("vocabulary WHERE uses = 8").await, 8);
}

async fn lists_are_newest_first_and_narrowed(store: &Store) {
    store.category(5, None, "Grammar").await.unwrap();
    let shelves = [
        (1, None, None),
        (2, Some(5), Some(Level::A1)),
        (3, Some(5), Some(Level::B2)),
        (4, Some(5), None),
    ];
    for (id, category, level) in shelves {
        let category = category.map(CategoryId);
        let description = Description { category, level, ..described("T") };
        store.publish(id, &description, Kind::Book, &[]).await;
    }
    processed(store, 9, "draft").await;
    assert_eq!(on_the_shelf(store).await, [4, 3, 2, 1], "equal times: the newest id first");

    let section = |id, level| List::Section { category: CategoryId(id), level };
    let cases = [
        (section(5, None), vec![4, 3, 2]),
        (section(6, None), vec![]),
        (section(5, Some(Level::A1)), vec![2]),
        (section(5, Some(Level::B2)), vec![3]),
        (section(5, Some(Level::C1)), vec![]),
    ];
    for (list, ids) in cases {
        assert_eq!(listed(store, list, EDITOR).await, ids, "{list:?}");
    }
}

async fn unknown_ids_are_simply_missing(store: &Store) {
    assert_eq!(store.db.material_get(MaterialId(9)).await.unwrap(), None);
    for ids in [vec![], vec![MaterialId(9), MaterialId(i64::MAX)]] {
        assert!(store.db.materials_by_ids(ids.clone()).await.unwrap().is_empty());
        assert!(store.db.entries_by_ids(ids).await.unwrap().is_empty());
    }
}
