//! Search: what the index finds, and the words that repair a query.

use primelingo::domain::effect::Change;
use primelingo::domain::ids::{CategoryId, MaterialId, QueryId};
use primelingo::domain::inspection::{Kind, PartKind};
use primelingo::domain::material::{
    Description, Filters, Length, Level, MaterialState, Processing, StudyLanguage,
};
use primelingo::domain::search::parse_query;
use primelingo::store::records::{Candidates, PartText, SearchRequest};

use super::fixture::Store;
use super::words::{described, inspection, plain, ready, terms};

contract! {
    a_published_material_is_found_by_title_tag_and_text,
    all_words_must_be_there,
    what_is_not_published_is_not_found,
    filters_narrow_every_way_of_finding,
    the_limit_takes_the_newest,
    hostile_queries_only_find_nothing,
    published_words_are_known,
    a_remembered_query_keeps_its_words,
    the_librarys_version_changes_with_what_can_be_found,
}

fn request(text: &str, filters: Filters, limit: i64) -> SearchRequest {
    let query = parse_query(text);
    assert!(!query.is_empty(), "{text}");
    SearchRequest {
        fts5: query.to_fts5(),
        tsquery: query.to_tsquery(),
        filters,
        limit,
        inside: true,
        has_exclusions: false,
    }
}

async fn candidates(store: &Store, text: &str, filters: Filters) -> Candidates {
    store.db.search_candidates(request(text, filters, 50)).await.unwrap()
}

/// The ids of those that are found by title or tags, and by the text inside.
fn ids(found: &Candidates) -> (Vec<i64>, Vec<i64>) {
    let mut titles: Vec<i64> = found.titles.iter().map(|title| title.id.0).collect();
    titles.sort_unstable_by(|a, b| b.cmp(a));
    (titles, found.parts.iter().map(|part| part.material.0).collect())
}

async fn found(store: &Store, text: &str) -> (Vec<i64>, Vec<i64>) {
    ids(&candidates(store, text, Filters::default()).await)
}

fn tagged(title: &str, tags: &[&str]) -> Description {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    Description { tags, ..described(title) }
}

async fn a_published_material_is_found_by_title_tag_and_text(store: &Store) {
    let texts = ["the cat sat", "on the mat, Straße, ёлка"];
    store.publish(1, &tagged("Учебник грамматики", &["экзамен"]), Kind::Book, &texts).await;
    store.publish(2, &tagged("Listening", &["podcast"]), Kind::Audio, &[]).await;

    for (text, expected) in [
        ("учебники", (vec![1], vec![])),
        ("ГРАММАТИКА", (vec![1], vec![])),
        ("uchebnik", (vec![1], vec![])),
        ("экзамены", (vec![1], vec![])),
        ("listen", (vec![2], vec![])),
        ("podc", (vec![2], vec![])),
        ("cats", (vec![], vec![1])),
        ("елка", (vec![], vec![1])),
        ("nowhere", (vec![], vec![])),
    ] {
        assert_eq!(found(store, text).await, expected, "{text}");
    }

    let title = &candidates(store, "учебник", Filters::default()).await.titles[0];
    let stored = terms("Учебник грамматики", "экзамен");
    assert_eq!((&title.title_terms, &title.tag_terms), (&stored.title, &stored.tags));
    let part = candidates(store, "mat", Filters::default()).await.parts[0];
    assert_eq!((part.material, part.number), (MaterialId(1), 2));
    let texts = store.db.part_texts(vec![part.part, -1]).await.unwrap();
    let text = "on the mat, Straße, ёлка".to_owned();
    assert_eq!(texts, [(part.part, PartText { kind: PartKind::Page, label: None, text })]);
}

async fn all_words_must_be_there(store: &Store) {
    store.publish(1, &tagged("Business English", &["letters"]), Kind::Book, &["red fox"]).await;
    store.publish(2, &described("English"), Kind::Book, &["red", "fox"]).await;

    assert_eq!(found(store, "english").await.0, [2, 1]);
    assert_eq!(found(store, "letters business").await.0, [1], "across title and tags");
    assert_eq!(found(store, "red fox").await.1, [1], "on one page");
    let outside = SearchRequest { inside: false, ..request("red", Filters::default(), 50) };
    assert!(store.db.search_candidates(outside).await.unwrap().parts.is_empty());
}

async fn what_is_not_published_is_not_found(store: &Store) {
    let nothing = (vec![], vec![]);
    store.open_material(1).await;
    let outcome = ready("h", inspection(Kind::Book, &["inside words"]), None);
    store.finish(1, MaterialState::Open, outcome).await.unwrap();
    assert_eq!(found(store, "inside").await, nothing);

    let seen = Processing::Ready;
    store.settle(1, &described("Outside"), MaterialState::Draft, seen).await.unwrap();
    assert_eq!(found(store, "outside").await, nothing);
    assert_eq!(found(store, "inside").await, nothing);

    store.settle(1, &described("Outside"), MaterialState::Published, seen).await.unwrap();
    assert_eq!(found(store, "outside").await, (vec![1], vec![]));
    assert_eq!(found(store, "inside").await, (vec![], vec![1]));

    store.open_material(2).await;
    let outcome = ready("i", inspection(Kind::Book, &["inside too"]), None);
    store.finish(2, MaterialState::Open, outcome).await.unwrap();
    store.settle(2, &described("Outside"), MaterialState::Discarded, seen).await.unwrap();
    assert_eq!(found(store, "outside").await, (vec![1], vec![]));
    assert_eq!(found(store, "inside").await, (vec![], vec![1]));
}

async fn filters_narrow_every_way_of_finding(store: &Store) {
    let description = Description {
        level: Some(Level::B1),
        language: Some(StudyLanguage::De),
        ..described("Märchen")
    };
    store.publish(1, &description, Kind::Book, &["wolf"]).await;
    store.publish(2, &described("Märchen"), Kind::Audio, &["wolf"]).await;

    let any = Filters::default();
    for (filters, expected) in [
        (any, vec![2, 1]),
        (Filters { level: Some(Level::B1), ..any }, vec![1]),
        (Filters { level: Some(Level::A1), ..any }, vec![]),
        (Filters { kind: Some(Kind::Audio), ..any }, vec![2]),
        (Filters { language: Some(StudyLanguage::De), ..any }, vec![1]),
        (Filters { level: Some(Level::B1), kind: Some(Kind::Audio), ..any }, vec![]),
        (Filters { length: Some(Length::Long), ..any }, vec![]),
        (Filters { category: Some(CategoryId(1)), ..any }, vec![]),
    ] {
        let by_title = ids(&candidates(store, "marchen", filters).await).0;
        let by_text = ids(&candidates(store, "wolf", filters).await).1;
        assert_eq!((&by_title, &by_text), (&expected, &expected), "{filters:?}");
    }
}

async fn the_limit_takes_the_newest(store: &Store) {
    for id in 1..=4 {
        store.publish(id, &described("Same"), Kind::Book, &["text"]).await;
    }
    let two = |text| store.db.search_candidates(request(text, Filters::default(), 2));
    assert_eq!(ids(&two("same").await.unwrap()).0, [4, 3]);
    assert_eq!(ids(&two("text").await.unwrap()).1, [4, 3]);
}

async fn hostile_queries_only_find_nothing(store: &Store) {
    store.publish(1, &described("Harmless"), Kind::Book, &["nothing here"]).await;
    let hostile = [
        "a\"b",
        "a' OR 1=1 --",
        "x AND OR NOT NEAR(y, 2)",
        "title: x",
        "^x + y -z * (w",
        "'x':* & !y | (z <-> w)",
        "\\'; DROP TABLE materials; --",
        "\u{0}a\u{0}",
        "%x_[^",
        "{x} $1 ?1",
        "\u{202e}abc\u{feff}\u{1F600}q",
        "ﬁﬂ ǅ ß İ ſ",
        "\u{1d400}\u{1d401} ١٢٣",
        "x\u{301}\u{301}\u{301}\u{301}",
    ];
    for text in
        hostile.into_iter().map(str::to_owned).chain(["ж".repeat(9_000), "q w ".repeat(999)])
    {
        let found = store.db.search_candidates(request(&text, Filters::default(), 50)).await;
        assert_eq!(ids(&found.unwrap()), (vec![], vec![]), "{text}");
    }
    assert_eq!(found(store, "harmless").await, (vec![1], vec![]), "all is still there");
}

async fn known(store: &Store) -> Vec<(String, i64)> {
    let mut known = store.db.vocabulary_all().await.unwrap();
    known.sort();
    known
}

async fn published_words_are_known(store: &Store) {
    store.open_material(1).await;
    let draft = MaterialState::Draft;
    store.settle(1, &described("Hidden"), draft, Processing::Pending).await.unwrap();
    assert!(known(store).await.is_empty(), "a draft teaches no words");

    store.publish(2, &described("Grammar reference"), Kind::Book, &["inside"]).await;
    store.publish(3, &described("Grammar"), Kind::Book, &[]).await;
    let words = [("grammar".to_owned(), 2), ("reference".to_owned(), 1)];
    assert_eq!(known(store).await, words, "with how often they are used, and not the text inside");
    assert_eq!(store.db.vocabulary_size().await.unwrap(), 2);
}

async fn a_remembered_query_keeps_its_words(store: &Store) {
    let remember =
        |text: &str| plain(Change::RememberQuery { id: QueryId(5), text: text.to_owned() });
    assert_eq!(store.db.query_text(QueryId(5)).await.unwrap(), None);
    store.change(vec![remember("first \0 words")]).await.unwrap();
    store.change(vec![remember("second")]).await.unwrap();
    let text = store.db.query_text(QueryId(5)).await.unwrap();
    assert_eq!(text.as_deref(), Some("first \u{fffd} words"), "a name is never given anew");
}

/// The version by itself and with what was found are the same, as nobody else is there.
async fn version(store: &Store) -> i64 {
    let version = store.db.library_version().await.unwrap();
    assert_eq!(candidates(store, "words", Filters::default()).await.library, version);
    version
}

async fn the_librarys_version_changes_with_what_can_be_found(store: &Store) {
    let first = version(store).await;
    store.open_material(1).await;
    let (draft, pending) = (described("Draft"), Processing::Pending);
    store.settle(1, &draft, MaterialState::Draft, pending).await.unwrap();
    assert_eq!(version(store).await, first, "nothing can be found yet");

    store.publish(2, &described("Book"), Kind::Document, &["words"]).await;
    let published = version(store).await;
    assert!(published > first);
    store.publish(3, &described("Other"), Kind::Document, &["more"]).await;
    assert!(version(store).await > published);
}
