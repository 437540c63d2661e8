//! The learners' shelf: lists by key, favourites, what is popular and what is alike, preferences,
//! broken files.

use primelingo::domain::effect::Change;
use primelingo::domain::ids::{CategoryId, ChatId, MaterialId, UserId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::domain::material::Description;
use primelingo::domain::shelf::{Edge, List, Placed, Preference, Reason, ShelfChange};
use primelingo::domain::user::Preferences;
use primelingo::store::StoreResult;
use primelingo::store::records::{AlikeRequest, PageRequest, StepCommit};

use super::fixture::{Store, at, conflict};
use super::words::{described, fresh, plain, seen, step};

contract! {
    each_taker_counts_once,
    a_list_is_read_from_any_edge_both_ways,
    favourites_are_kept_in_their_order,
    what_was_given_last_is_listed_first,
    a_count_goes_no_further_than_its_limit,
    candidates_come_by_words_and_from_beside,
    what_a_person_prefers_is_kept,
    the_first_report_opens_a_case_and_the_others_join,
    what_is_settled_is_settled_once,
    reports_of_a_day_are_counted,
}

const ANN: UserId = UserId(901);
const BOB: UserId = UserId(902);

/// All of a list from its top, which its count must agree with.
pub async fn listed(store: &Store, list: List, user: UserId) -> Vec<i64> {
    let ids = ids(&page(store, list, user, Edge::TOP, true, 99).await);
    let count = store.db.shelf_count(list, user, 99).await.unwrap();
    assert_eq!(i64::try_from(ids.len()).unwrap(), count);
    ids
}

async fn page(
    store: &Store,
    list: List,
    user: UserId,
    edge: Edge,
    is_down: bool,
    limit: i64,
) -> Vec<Placed> {
    store.db.shelf_page(PageRequest { list, user, edge, is_down, limit }).await.unwrap()
}

fn ids(page: &[Placed]) -> Vec<i64> {
    page.iter().map(|placed| placed.entry.id.0).collect()
}

/// A person's step with this change, at a second.
async fn does(store: &Store, user: UserId, second: i64, change: Change) -> StoreResult<()> {
    let seq = store.waiting_update(ChatId(fresh())).await;
    let seen = Some(seen(user, "Ann", Lang::En));
    let changes = vec![plain(change)];
    let commit = StepCommit { changes, seen, user: Some(user), now: at(second), ..step(seq) };
    store.db.step_commit(commit).await
}

async fn takes(store: &Store, user: UserId, second: i64, material: i64) {
    let change = Change::NoteDelivery { material: MaterialId(material), hash: None };
    does(store, user, second, change).await.unwrap();
}

async fn keeps(store: &Store, user: UserId, second: i64, material: i64, on: bool) {
    let change = ShelfChange::Favour { material: MaterialId(material), on };
    does(store, user, second, Change::Shelf(change)).await.unwrap();
}

async fn books(store: &Store, count: i64) {
    for id in 1..=count {
        store.publish(id, &described(&format!("Book {id}")), Kind::Book, &["words"]).await;
    }
}

async fn archive(store: &Store, id: i64) {
    let sql = format!("UPDATE materials SET state = 'archived' WHERE id = {id}");
    store.place.execute(&sql).await;
}

async fn each_taker_counts_once(store: &Store) {
    books(store, 2).await;
    let takers = async |id| store.db.takers(MaterialId(id)).await.unwrap();
    assert_eq!(takers(1).await, 0);
    takes(store, ANN, 0, 1).await;
    takes(store, ANN, 1, 1).await;
    takes(store, BOB, 2, 1).await;
    takes(store, BOB, 3, 7).await;
    assert_eq!((takers(1).await, takers(2).await, takers(7).await), (2, 0, 0));
}

async fn a_list_is_read_from_any_edge_both_ways(store: &Store) {
    books(store, 6).await;
    let read = async |edge, is_down| page(store, List::New, ANN, edge, is_down, 2).await;
    let top = read(Edge::TOP, true).await;
    assert_eq!(ids(&top), [6, 5]);
    assert_eq!(ids(&read(top[1].edge, true).await), [4, 3]);
    let last = read(Edge { id: 2, ..top[1].edge }, true).await;
    assert_eq!(ids(&last), [1]);
    assert_eq!(ids(&read(last[0].edge, true).await), [0; 0]);
    assert_eq!(ids(&read(last[0].edge, false).await), [2, 3], "the nearest first");
    assert_eq!(ids(&read(top[0].edge, false).await), [0; 0]);

    // The edge itself may be gone, and may never have been.
    archive(store, 3).await;
    assert_eq!(ids(&read(Edge { id: 3, ..top[0].edge }, true).await), [2, 1]);
    assert_eq!(ids(&read(Edge { id: 3, ..top[0].edge }, false).await), [4, 5]);
    assert_eq!(ids(&read(Edge { at: 0, id: 0 }, true).await), [0; 0]);
    assert_eq!(ids(&read(Edge { at: i64::MAX, id: 0 }, false).await).len(), 2, "no such time");
}

async fn favourites_are_kept_in_their_order(store: &Store) {
    books(store, 4).await;
    for (second, id) in [(10, 3), (11, 1), (12, 4), (13, 3)] {
        keeps(store, ANN, second, id, true).await;
    }
    keeps(store, BOB, 9, 2, true).await;
    keeps(store, ANN, 14, 99, true).await;
    assert_eq!(listed(store, List::Favourites, ANN).await, [4, 1, 3], "kept once, at first");
    assert!(store.db.favourite_get(ANN, MaterialId(3)).await.unwrap());

    archive(store, 1).await;
    keeps(store, ANN, 15, 4, false).await;
    keeps(store, ANN, 16, 1, true).await;
    assert_eq!(listed(store, List::Favourites, ANN).await, [3]);
    assert!(!store.db.favourite_get(ANN, MaterialId(4)).await.unwrap());
    assert_eq!(listed(store, List::Favourites, BOB).await, [2]);
}

async fn what_was_given_last_is_listed_first(store: &Store) {
    books(store, 3).await;
    for (second, id) in [(10, 1), (11, 2), (12, 3), (13, 1)] {
        takes(store, ANN, second, id).await;
    }
    takes(store, BOB, 14, 2).await;
    assert_eq!(listed(store, List::History, ANN).await, [1, 3, 2]);
    let top = page(store, List::History, ANN, Edge::TOP, true, 1).await;
    let next = page(store, List::History, ANN, top[0].edge, true, 1).await;
    assert_eq!((ids(&top), ids(&next)), (vec![1], vec![3]));
    assert_eq!(top[0].edge.at, at(13).timestamp_micros());
    archive(store, 3).await;
    assert_eq!(listed(store, List::History, ANN).await, [1, 2]);
}

async fn a_count_goes_no_further_than_its_limit(store: &Store) {
    books(store, 4).await;
    assert_eq!(store.db.shelf_count(List::New, ANN, 3).await.unwrap(), 3);
    assert_eq!(store.db.shelf_count(List::New, ANN, 9).await.unwrap(), 4);
}

async fn candidates_come_by_words_and_from_beside(store: &Store) {
    store.category(5, None, "Shelf").await.unwrap();
    let beside = Description { category: Some(CategoryId(5)), ..described("Nothing in common") };
    store.publish(1, &described("Modal verbs"), Kind::Book, &[]).await;
    store.publish(2, &described("Modal jazz"), Kind::Book, &[]).await;
    store.publish(3, &beside, Kind::Audio, &[]).await;
    store.publish(4, &described("Modal logic"), Kind::Book, &[]).await;
    archive(store, 4).await;
    let found = async |words: Option<(&str, &str)>, category: Option<i64>| {
        let words = words.map(|(fts5, tsquery)| (fts5.to_owned(), tsquery.to_owned()));
        let request = AlikeRequest { words, category: category.map(CategoryId), limit: 9 };
        let mut found = store.db.alike_candidates(request).await.unwrap();
        found.sort_by_key(|neighbour| neighbour.id);
        found
    };
    let words = Some(("\"modal\" OR \"verb\"", "'modal' | 'verb'"));
    let both = found(words, Some(5)).await;
    assert_eq!(both.iter().map(|one| one.id.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(both[2].facets.category, Some(CategoryId(5)));
    assert_eq!(both[2].facets.kind, Kind::Audio);
    assert!(both[1].title_terms.contains("jazz"));
    assert!(found(None, None).await.is_empty());

    let mut uses = store.db.word_uses(vec!["modal".to_owned(), "no".to_owned()]).await.unwrap();
    uses.sort();
    assert_eq!(uses, [("modal".to_owned(), 3)], "counted when published");
}

async fn what_a_person_prefers_is_kept(store: &Store) {
    use primelingo::domain::calendar::Zone;
    use primelingo::domain::material::{Level, StudyLanguage};

    let wishes = [
        Preference::Language(Some(StudyLanguage::De)),
        Preference::Level(Some(Level::B1)),
        Preference::Mute(true),
        Preference::Quiet(Some((1320, 420))),
        Preference::Zone(Zone::stored("Asia/Tashkent")),
    ];
    let stored = async || store.db.user_get(ANN).await.unwrap().unwrap().preferences;
    let mut expected = Preferences::default();
    for wish in wishes {
        wish.apply(&mut expected);
        does(store, ANN, 1, Change::Shelf(ShelfChange::Prefer(wish))).await.unwrap();
        assert_eq!(stored().await, expected);
    }
    let undone = [
        Preference::Language(None),
        Preference::Level(None),
        Preference::Mute(false),
        Preference::Quiet(None),
    ];
    for wish in undone {
        does(store, ANN, 2, Change::Shelf(ShelfChange::Prefer(wish))).await.unwrap();
    }
    let time_zone = Some("Asia/Tashkent".to_owned());
    assert_eq!(stored().await, Preferences { time_zone, ..Preferences::default() });
}

async fn report(
    store: &Store,
    user: UserId,
    second: i64,
    material: i64,
    reason: Reason,
    opens: bool,
) -> StoreResult<()> {
    let change = ShelfChange::Report { material: MaterialId(material), reason, opens };
    does(store, user, second, Change::Shelf(change)).await
}

async fn settle(store: &Store, material: i64, reporters: &[UserId]) -> StoreResult<()> {
    let (material, reporters) = (MaterialId(material), reporters.to_vec());
    does(store, UserId(7), 50, Change::Shelf(ShelfChange::Settle { material, reporters })).await
}

async fn the_first_report_opens_a_case_and_the_others_join(store: &Store) {
    books(store, 2).await;
    let joins = report(store, ANN, 1, 1, Reason::Other, false).await;
    assert_eq!(conflict(joins), "breakage", "nobody has opened it");
    report(store, ANN, 1, 1, Reason::Other, true).await.unwrap();
    let opens = report(store, BOB, 2, 1, Reason::WrongFile, true).await;
    assert_eq!(conflict(opens), "breakage", "editors would be told twice");
    report(store, BOB, 2, 1, Reason::WrongFile, false).await.unwrap();
    // The same person says it otherwise.
    report(store, ANN, 3, 1, Reason::BadQuality, false).await.unwrap();
    report(store, BOB, 4, 2, Reason::Unreadable, true).await.unwrap();

    assert_eq!(listed(store, List::Broken, ANN).await, [1, 2], "the most reported first");
    let top = page(store, List::Broken, ANN, Edge::TOP, true, 1).await;
    assert_eq!(top[0].edge, Edge { at: 2, id: 1 });
    let next = page(store, List::Broken, ANN, top[0].edge, true, 9).await;
    assert_eq!(ids(&next), [2]);
    store.place.execute(&format!("UPDATE users SET is_muted = TRUE WHERE id = {BOB}")).await;
    let reporters = store.db.breakage_reporters(MaterialId(1), 9).await.unwrap();
    let said: Vec<_> = reporters.iter().map(|one| (one.user, one.reason)).collect();
    assert_eq!(said, [(ANN, Reason::BadQuality), (BOB, Reason::WrongFile)]);
    let told: Vec<_> = reporters.iter().map(|one| one.addressee.map(|it| it.user)).collect();
    assert_eq!(told, [Some(ANN), None]);
}

async fn what_is_settled_is_settled_once(store: &Store) {
    books(store, 1).await;
    report(store, ANN, 1, 1, Reason::Other, true).await.unwrap();
    report(store, BOB, 2, 1, Reason::Other, false).await.unwrap();
    settle(store, 1, &[ANN]).await.unwrap();
    let standing =
        async |user| store.db.breakage_standing(user, MaterialId(1), at(0), 9).await.unwrap();
    assert_eq!((standing(ANN).await.count, standing(ANN).await.is_own), (Some(1), false));
    assert!(standing(BOB).await.is_own);
    let twice = settle(store, 1, &[ANN, BOB]).await;
    assert_eq!(conflict(twice), "breakage", "one was told already");
    settle(store, 1, &[BOB]).await.unwrap();
    assert_eq!(standing(BOB).await.count, None);
    let nothing = settle(store, 1, &[]).await;
    assert_eq!(conflict(nothing), "breakage", "nothing is left");
    assert_eq!(listed(store, List::Broken, ANN).await, [0; 0]);
    report(store, ANN, 60, 1, Reason::Other, true).await.unwrap();

    // Whoever is gone has taken their report along: the case can be closed all the same.
    store.place.execute("DELETE FROM breakages").await;
    settle(store, 1, &[]).await.unwrap();
    assert_eq!(standing(ANN).await.count, None);
}

async fn reports_of_a_day_are_counted(store: &Store) {
    books(store, 3).await;
    for id in 1..=3 {
        report(store, ANN, id * 10, id, Reason::Other, true).await.unwrap();
    }
    report(store, ANN, 40, 1, Reason::WrongFile, false).await.unwrap();
    let lately = async |user, since, limit| {
        store.db.breakage_standing(user, MaterialId(1), at(since), limit).await.unwrap().lately
    };
    assert_eq!(lately(ANN, 0, 9).await, 3);
    assert_eq!(lately(ANN, 10, 9).await, 2, "what is only said otherwise keeps its time");
    assert_eq!((lately(ANN, 0, 2).await, lately(BOB, 0, 9).await), (2, 0));
}
