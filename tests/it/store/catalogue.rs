//! The tree of categories.

use primelingo::domain::effect::Change;
use primelingo::domain::ids::CategoryId;
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::{Description, Level};
use primelingo::store::StoreResult;

use super::fixture::{Store, conflict};
use super::words::{described, plain};

contract! {
    children_come_by_name,
    a_node_counts_what_is_published_in_it,
    a_name_stands_once_below_a_node,
    of_two_who_create_one_name_one_wins,
    levels_are_those_of_the_published,
}

impl Store {
    pub async fn category(&self, id: i64, parent: Option<i64>, title: &str) -> StoreResult<()> {
        let parent = parent.map(CategoryId);
        let title = title.to_owned();
        self.change(vec![plain(Change::CreateCategory { id: CategoryId(id), parent, title })]).await
    }
}

async fn titles(store: &Store, parent: Option<i64>) -> Vec<String> {
    let children = store.db.category_children(parent.map(CategoryId)).await.unwrap();
    children.into_iter().map(|category| category.title).collect()
}

async fn children_come_by_name(store: &Store) {
    for (id, parent, title) in [
        (1, None, "Speaking"),
        (2, None, "grammar"),
        (3, Some(1), "Podcasts"),
        (4, None, "Аудирование"),
    ] {
        store.category(id, parent, title).await.unwrap();
    }
    assert_eq!(titles(store, None).await, ["grammar", "Speaking", "Аудирование"]);
    assert_eq!(titles(store, Some(1)).await, ["Podcasts"]);
    assert!(titles(store, Some(2)).await.is_empty());

    let node = store.db.category_get(CategoryId(3)).await.unwrap().unwrap();
    assert_eq!(
        (node.parent, node.title.as_str(), node.materials),
        (Some(CategoryId(1)), "Podcasts", 0)
    );
    assert_eq!(store.db.category_get(CategoryId(9)).await.unwrap(), None);
}

async fn a_node_counts_what_is_published_in_it(store: &Store) {
    store.category(1, None, "A").await.unwrap();
    store.category(2, None, "B").await.unwrap();
    for id in [10, 11] {
        let description = Description { category: Some(CategoryId(1)), ..described("T") };
        store.publish(id, &description, Kind::Book, &[]).await;
    }
    store.open_material(12).await;

    let children = store.db.category_children(None).await.unwrap();
    assert_eq!(children.iter().map(|node| node.materials).collect::<Vec<_>>(), [2, 0]);
    assert_eq!(store.db.category_get(CategoryId(1)).await.unwrap().unwrap().materials, 2);
}

async fn a_name_stands_once_below_a_node(store: &Store) {
    store.category(1, None, "Грамматика").await.unwrap();
    store.category(2, None, "Speaking").await.unwrap();
    for double in ["Грамматика", " ГРАММАТИКА ", "speaking"] {
        assert_eq!(conflict(store.category(3, None, double).await), "category", "{double}");
    }
    // Elsewhere the name is free.
    store.category(3, Some(2), "Грамматика").await.unwrap();
    assert_eq!(conflict(store.category(4, Some(2), "грамматика").await), "category");
    assert_eq!(store.rows("categories").await, 3);
}

async fn of_two_who_create_one_name_one_wins(store: &Store) {
    let (one, two) =
        tokio::join!(store.category(1, None, "Grammar"), store.category(2, None, "grammar"));
    let refused = if one.is_ok() { two } else { one };
    assert_eq!(conflict(refused), "category");
    assert_eq!(store.rows("categories").await, 1);
}

async fn levels_are_those_of_the_published(store: &Store) {
    store.category(1, None, "A").await.unwrap();
    let levels = [Some(Level::C1), Some(Level::A2), None, Some(Level::C1)];
    for (id, level) in (10..).zip(levels) {
        let description = Description { category: Some(CategoryId(1)), level, ..described("T") };
        store.publish(id, &description, Kind::Book, &[]).await;
    }
    let found = store.db.category_levels(CategoryId(1)).await.unwrap();
    assert_eq!(found, [Level::A2, Level::C1]);
    assert!(store.db.category_levels(CategoryId(2)).await.unwrap().is_empty());
}
