//! Editions: a material keeps its row, its file is another; who took which, and who is told.

use primelingo::domain::edition::Twin;
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{ChatId, JobId, MaterialId, OutboxId, UserId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::domain::material::{Filters, Material, MaterialState, Processing};
use primelingo::domain::search::parse_query;
use primelingo::store::StoreResult;
use primelingo::store::records::{
    Announced, NewOutbox, Offer, OutboxClass, SearchRequest, StepCommit, TakersRequest,
};

use super::fixture::{Store, at, conflict};
use super::words::{EDITOR, described, fresh, inspection, plain, ready, reply, seen, step};

contract! {
    a_replaced_file_leaves_the_material_what_it_is,
    an_old_edition_comes_back_as_it_was,
    of_two_replacements_the_second_is_refused,
    what_is_not_a_kept_and_sound_file_replaces_nothing,
    content_that_another_material_has_replaces_nothing,
    a_delivery_is_of_the_edition_that_was_given,
    those_who_took_another_content_are_told,
    takers_come_in_pages,
    an_offer_is_made_once,
    twins_are_found_in_every_state_but_two,
    deliveries_of_another_time_are_of_the_edition_before,
}

const PERSON: UserId = UserId(900);

async fn get(store: &Store, id: i64) -> Material {
    store.db.material_get(MaterialId(id)).await.unwrap().unwrap()
}

/// The materials in whose texts a word is found.
async fn inside(store: &Store, word: &str) -> Vec<i64> {
    let query = parse_query(word);
    let request = SearchRequest {
        fts5: query.to_fts5(),
        tsquery: query.to_tsquery(),
        filters: Filters::default(),
        limit: 9,
        inside: true,
        has_exclusions: false,
    };
    let found = store.db.search_candidates(request).await.unwrap();
    found.parts.iter().map(|part| part.material.0).collect()
}

/// An editor has sent a file in the place of a published one's, and it is processed.
async fn offered(store: &Store, id: i64, target: i64, hash: &str, texts: &[&str]) {
    store.open_material(id).await;
    let mark = Change::MarkReplacement { candidate: MaterialId(id), target: MaterialId(target) };
    store.change(vec![plain(mark)]).await.unwrap();
    let outcome = ready(hash, inspection(Kind::Audio, texts), None);
    store.finish(id, MaterialState::Open, outcome).await.unwrap();
}

async fn replace(store: &Store, candidate: i64, target: i64, edition: u32) -> StoreResult<()> {
    let change = Change::Replace {
        candidate: MaterialId(candidate),
        target: MaterialId(target),
        edition,
        by: EDITOR,
    };
    store.change(vec![plain(change)]).await
}

/// A person was given a material with that content.
async fn given(store: &Store, user: UserId, material: i64, hash: Option<&str>) {
    let material = MaterialId(material);
    let note = Change::NoteDelivery { material, hash: hash.map(str::to_owned) };
    let seq = store.waiting_update(ChatId(fresh())).await;
    let seen = Some(seen(user, "Ann", Lang::Ru));
    let changes = vec![plain(note)];
    let commit = StepCommit { changes, seen, user: Some(user), ..step(seq) };
    store.db.step_commit(commit).await.unwrap();
}

fn request(edition: u32, after: UserId, limit: i64) -> TakersRequest {
    TakersRequest { material: MaterialId(1), edition, editor: EDITOR, after, limit }
}

async fn takers(store: &Store, edition: u32) -> Vec<i64> {
    let takers = store.db.edition_takers(request(edition, UserId(0), 99)).await.unwrap();
    takers.iter().map(|taker| taker.user.0).collect()
}

async fn a_replaced_file_leaves_the_material_what_it_is(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &["ancient words", "page two"]).await;
    let before = get(store, 1).await;
    store.place.execute("CREATE TABLE noted AS SELECT id, published_at FROM materials").await;
    offered(store, 2, 1, "new", &["modern words"]).await;
    assert!(inside(store, "modern").await.is_empty(), "nothing changes before it is wanted");
    assert_eq!(get(store, 1).await, before);
    let version = store.db.library_version().await.unwrap();

    replace(store, 2, 1, 1).await.unwrap();

    let after = get(store, 1).await;
    assert_eq!((after.title.as_str(), after.id), ("Grammar", before.id));
    assert_eq!((after.hash.as_deref(), after.kind), (Some("new"), Kind::Audio));
    assert_eq!((after.state, after.uploader), (before.state, before.uploader));
    assert_eq!((after.created_at, after.card), (before.created_at, before.card));
    assert_eq!((inside(store, "modern").await, inside(store, "ancient").await), (vec![1], vec![]));
    assert!(store.db.library_version().await.unwrap() > version, "searches are made anew");
    assert_eq!(store.db.edition_number(MaterialId(1)).await.unwrap(), 2);
    assert_eq!(
        store.rows("editions WHERE number = 1 AND hash = 'hash-1' AND kept_as = 2").await,
        1
    );
    let same = "noted n JOIN materials m ON m.id = n.id AND m.published_at = n.published_at";
    assert_eq!(store.rows(same).await, 1, "it does not become new by it");
    let kept = get(store, 2).await;
    assert_eq!((kept.state, kept.hash.as_deref()), (MaterialState::Archived, Some("hash-1")));
    assert_eq!(store.db.material_by_hash("hash-1".to_owned()).await.unwrap(), None);
}

async fn an_old_edition_comes_back_as_it_was(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &["ancient words", "page two"]).await;
    let before = get(store, 1).await;
    offered(store, 2, 1, "new", &["modern words"]).await;
    replace(store, 2, 1, 1).await.unwrap();

    replace(store, 2, 1, 2).await.unwrap();
    assert_eq!(get(store, 1).await, before);
    assert_eq!((inside(store, "modern").await, inside(store, "ancient").await), (vec![], vec![1]));
    assert_eq!(store.rows("parts WHERE material_id = 1 AND number IN (1, 2)").await, 2);
    assert_eq!(store.rows("editions WHERE kept_as = 2 AND number = 2 AND hash = 'new'").await, 1);
    assert_eq!(store.rows("editions WHERE kept_as IS NOT NULL").await, 1);

    replace(store, 2, 1, 3).await.unwrap();
    assert_eq!(inside(store, "modern").await, [1], "and what was undone comes back, too");
}

async fn of_two_replacements_the_second_is_refused(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &["ancient words"]).await;
    offered(store, 2, 1, "two", &["modern words"]).await;
    offered(store, 3, 1, "three", &["other words"]).await;

    let (one, other) = tokio::join!(replace(store, 2, 1, 1), replace(store, 3, 1, 1));
    let (refused, loser) = if one.is_ok() { (other, 3) } else { (one, 2) };
    assert_eq!(conflict(refused), "edition");
    assert_eq!(get(store, loser).await.state, MaterialState::Open);
    assert_eq!(store.rows("editions").await, 1);
    assert_eq!(store.rows("parts WHERE number < 0").await, 0);
    replace(store, loser, 1, 2).await.unwrap();
}

async fn what_is_not_a_kept_and_sound_file_replaces_nothing(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &["ancient words"]).await;
    let before = get(store, 1).await;
    store.open_material(2).await;
    assert_eq!(conflict(replace(store, 2, 1, 1).await), "material", "not processed yet");
    offered(store, 3, 1, "three", &["modern words"]).await;
    store.settle(3, &described("x"), MaterialState::Discarded, Processing::Ready).await.unwrap();
    assert_eq!(conflict(replace(store, 3, 1, 1).await), "material", "thrown away");
    offered(store, 4, 3, "four", &["modern words"]).await;
    assert_eq!(conflict(replace(store, 4, 3, 1).await), "material", "nothing published");

    assert_eq!(get(store, 1).await, before);
    assert_eq!(store.rows("editions").await, 0);
}

async fn content_that_another_material_has_replaces_nothing(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &["ancient words"]).await;
    store.publish(5, &described("Phrases"), Kind::Book, &["phrases"]).await;
    offered(store, 2, 1, "hash-5", &["phrases"]).await;

    assert_eq!(conflict(replace(store, 2, 1, 1).await), "material");
    assert_eq!(get(store, 1).await.hash.as_deref(), Some("hash-1"));
    assert_eq!((store.rows("editions").await, inside(store, "ancient").await), (0, vec![1]));
}

async fn a_delivery_is_of_the_edition_that_was_given(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &[]).await;
    let row = |what: &'static str| format!("SELECT {what} FROM deliveries WHERE user_id = 900");
    for times in [1, 2] {
        given(store, PERSON, 1, Some("hash-1")).await;
        assert_eq!(store.place.number(&row("times")).await, times);
        assert_eq!(store.place.number(&row("CAST(edition AS BIGINT)")).await, 1);
    }
    offered(store, 2, 1, "new", &[]).await;
    replace(store, 2, 1, 1).await.unwrap();
    given(store, PERSON, 1, Some("new")).await;
    assert_eq!(store.place.number(&row("CAST(edition AS BIGINT)")).await, 2);
    assert_eq!(store.rows("deliveries").await, 1);
}

/// What was read before the replacement was sent after it.
async fn deliveries_of_another_time_are_of_the_edition_before(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &[]).await;
    offered(store, 2, 1, "new", &[]).await;
    replace(store, 2, 1, 1).await.unwrap();
    given(store, PERSON, 1, Some("hash-1")).await;
    assert_eq!(takers(store, 2).await, [900]);
}

async fn those_who_took_another_content_are_told(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &[]).await;
    for user in [EDITOR, UserId(901), UserId(902), UserId(903)] {
        given(store, user, 1, Some("hash-1")).await;
    }
    store.db.user_set_reachable(UserId(902), false).await.unwrap();
    store.place.execute("UPDATE users SET lang = 'uz' WHERE id = 903").await;
    let hash = Some("new".to_owned());
    offered(store, 2, 1, "new", &[]).await;
    let standing = |hash| store.db.replacement_standing(MaterialId(1), EDITOR, hash);
    let now = standing(hash).await.unwrap().unwrap();
    assert_eq!((now.edition, now.takers, now.target.id.0), (1, 2, 1));

    replace(store, 2, 1, 1).await.unwrap();
    given(store, UserId(904), 1, Some("new")).await;
    let told = store.db.edition_takers(request(2, UserId(0), 99)).await.unwrap();
    let told: Vec<_> = told.iter().map(|taker| (taker.user.0, taker.lang)).collect();
    assert_eq!(
        told,
        [(901, Lang::Ru), (903, Lang::Uz)],
        "not the editor, nor whom it cannot reach"
    );
    given(store, UserId(901), 1, Some("new")).await;
    assert_eq!(takers(store, 2).await, [903], "whoever has it needs no word");

    // Undone: who took the first has what is there again, who took the second has not.
    let back = standing(Some("hash-1".to_owned())).await.unwrap().unwrap();
    assert_eq!(back.takers, 2);
    replace(store, 2, 1, 2).await.unwrap();
    assert_eq!(takers(store, 3).await, [901, 904]);
    assert_eq!(store.db.replacement_target(MaterialId(2)).await.unwrap(), Some(MaterialId(1)));
    assert_eq!(store.db.replacement_target(MaterialId(1)).await.unwrap(), None);
}

async fn takers_come_in_pages(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &[]).await;
    for user in [903, 901, 902] {
        given(store, UserId(user), 1, Some("hash-1")).await;
    }
    let page = |after| store.db.edition_takers(request(9, UserId(after), 2));
    let ids = |page: Vec<primelingo::domain::edition::Taker>| {
        page.iter().map(|taker| taker.user.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(page(0).await.unwrap()), [901, 902]);
    assert_eq!(ids(page(902).await.unwrap()), [903]);
    assert!(page(903).await.unwrap().is_empty());
}

fn offer(id: i64, user: i64) -> Offer {
    let message = NewOutbox { class: OutboxClass::Bulk, ..reply(id, ChatId(user)) };
    Offer { key: format!("edition:1:2:{user}"), not_before: None, message }
}

async fn an_offer_is_made_once(store: &Store) {
    let job: (JobId, i64) = store.claimed(1).await;
    let db = &store.db;
    assert_eq!(db.announced(job.0).await.unwrap(), Announced::default());
    let first = vec![offer(10, 901), offer(11, 902)];
    let page =
        |job, before, after, offers| db.announce_page(job, before, UserId(after), offers, at(0));
    let one = page(job, Announced::default(), 902, first.clone()).await.unwrap();
    assert_eq!(one, Announced { after: UserId(902), told: 2 });
    assert_eq!(db.announced(job.0).await.unwrap(), one);

    // The answer was lost: somebody makes the same page under other ids, and one more offer.
    let again = vec![offer(20, 901), offer(21, 902), offer(22, 903)];
    let two = page(job, one, 903, again).await.unwrap();
    assert_eq!(two, Announced { after: UserId(903), told: 3 });
    assert_eq!(store.rows("outbox WHERE class = 'bulk'").await, 3);

    let stale = (job.0, job.1 - 1);
    assert_eq!(conflict(page(stale, two, 904, vec![offer(30, 904)]).await), "job lease");
    assert_eq!(
        conflict(db.job_finish(stale, vec![reply(40, ChatId(5))], at(1)).await),
        "job lease"
    );
    assert_eq!(db.outbox_open(OutboxId(0), 9).await.unwrap().len(), 3, "nothing of it is there");
    db.job_finish(job, vec![reply(40, ChatId(5))], at(1)).await.unwrap();
    assert_eq!(store.rows("jobs WHERE state = 'done'").await, 1);
    assert_eq!(db.outbox_open(OutboxId(0), 9).await.unwrap().len(), 4);
}

async fn twins_are_found_in_every_state_but_two(store: &Store) {
    for id in 1..=4 {
        store.open_material(id).await;
        let outcome = ready("h", inspection(Kind::Book, &[]), None);
        store.finish(id, MaterialState::Open, outcome).await.unwrap();
    }
    let ready = Processing::Ready;
    store.settle(1, &described("Draft"), MaterialState::Draft, ready).await.unwrap();
    store.settle(2, &described("Gone"), MaterialState::Discarded, ready).await.unwrap();
    store.settle(3, &described("Archived"), MaterialState::Published, ready).await.unwrap();
    let twins = |person| store.db.material_twins("h".to_owned(), MaterialId(4), person);
    let draft = |own| Twin { state: MaterialState::Draft, title: "Draft".to_owned(), own };
    assert_eq!(twins(EDITOR).await.unwrap(), [draft(true)]);

    store.place.execute("UPDATE materials SET state = 'archived' WHERE id = 3").await;
    let archived =
        Twin { state: MaterialState::Archived, title: "Archived".to_owned(), own: false };
    assert_eq!(twins(PERSON).await.unwrap(), [draft(false), archived]);
    assert_eq!(store.db.material_by_hash("h".to_owned()).await.unwrap(), None);
}
