//! What people ask for, and who is told of what.

use primelingo::domain::effect::Change;
use primelingo::domain::ids::{CategoryId, ChatId, MaterialId, OutboxId, RequestId, UserId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::domain::material::{MaterialState, Processing};
use primelingo::domain::request::{Request, RequestChange, RequestState, Wanted};
use primelingo::store::StoreResult;
use primelingo::store::records::{
    Announced, ListenersRequest, NewOutbox, News, Offer, OutboxClass, StepCommit,
};

use super::fixture::{Store, at, conflict};
use super::words::{EDITOR, described, fresh, inspection, plain, ready, reply, seen, step, terms};

contract! {
    the_same_words_are_one_request,
    a_request_is_settled_once,
    requests_come_most_wanted_first,
    a_publication_makes_one_job_that_tells,
    whoever_is_to_be_told_comes_once_in_pages,
    a_page_that_is_told_twice_tells_once,
}

pub const ANN: UserId = UserId(70_001);
pub const BOB: UserId = UserId(70_002);
const CARL: UserId = UserId(70_003);

/// Somebody does something, in a chat of their own.
async fn does(store: &Store, user: UserId, change: Change) -> StoreResult<()> {
    let seq = store.waiting_update(ChatId(user.0)).await;
    let seen = Some(seen(user, "Somebody", Lang::Ru));
    let changes = vec![plain(change)];
    store.db.step_commit(StepCommit { changes, seen, user: Some(user), ..step(seq) }).await
}

pub async fn asks(store: &Store, user: UserId, words: &str) {
    let wanted = Wanted::of(words).unwrap();
    let change = RequestChange::Ask { id: RequestId(fresh()), wanted };
    does(store, user, Change::Request(change)).await.unwrap();
}

async fn follows(store: &Store, user: UserId, category: i64) {
    let change = Change::Follow { category: CategoryId(category), follow: true };
    does(store, user, change).await.unwrap();
}

pub async fn wanted(store: &Store) -> Vec<Request> {
    store.db.requests_wanted(None, 99).await.unwrap()
}

async fn the_same_words_are_one_request(store: &Store) {
    asks(store, ANN, "Grammar book").await;
    asks(store, BOB, "book grammar").await;
    asks(store, BOB, "BOOK, grammar!").await;
    let found = wanted(store).await;
    let [request] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((request.words.as_str(), request.demand), ("Grammar book", 2));
    let key = Wanted::of("grammar books").unwrap().key;
    let standing = |user| store.db.request_standing(user, key.clone());
    assert_eq!(standing(BOB).await.unwrap(), (true, 1));
    assert_eq!(standing(CARL).await.unwrap(), (false, 0));

    let withdraw = |user| does(store, user, Change::Request(RequestChange::Withdraw(request.id)));
    withdraw(CARL).await.unwrap();
    withdraw(ANN).await.unwrap();
    withdraw(ANN).await.unwrap();
    assert_eq!(wanted(store).await[0].demand, 1, "each counts once");
    withdraw(BOB).await.unwrap();
    assert_eq!((store.rows("requests").await, store.rows("request_askers").await), (0, 0));
}

async fn a_request_is_settled_once(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &[]).await;
    asks(store, ANN, "phrasal verbs").await;
    let id = wanted(store).await[0].id;
    let settle = |by| does(store, EDITOR, Change::Request(RequestChange::Settle { id, by }));
    settle(Some(MaterialId(1))).await.unwrap();
    assert_eq!(conflict(settle(None).await), "request");
    let request = store.db.request_get(id).await.unwrap().unwrap();
    assert_eq!((request.state, request.material), (RequestState::Answered, Some(MaterialId(1))));
    assert!(wanted(store).await.is_empty());
    // Whoever asks now asks anew.
    asks(store, BOB, "phrasal verbs").await;
    assert_eq!(wanted(store).await.len(), 1);
    assert_eq!(store.db.requests_own(ANN, None, 9).await.unwrap(), [request]);
}

async fn requests_come_most_wanted_first(store: &Store) {
    for (words, people) in [("one", 1), ("two", 3), ("three", 2), ("four", 2), ("five", 1)] {
        for person in 0..people {
            asks(store, UserId(900 + person), words).await;
        }
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.db.requests_wanted(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((i64::try_from(last.demand).unwrap(), last.id));
        seen.extend(page.into_iter().map(|request| request.words));
    }
    assert_eq!(seen, ["two", "four", "three", "five", "one"]);
    let mut own = store.db.requests_own(UserId(900), None, 2).await.unwrap();
    let before = own.last().map(|last| last.id);
    own.extend(store.db.requests_own(UserId(900), before, 9).await.unwrap());
    let own: Vec<_> = own.into_iter().map(|request| request.words).collect();
    assert_eq!(own, ["five", "four", "three", "two", "one"]);
}

async fn a_publication_makes_one_job_that_tells(store: &Store) {
    let jobs = |queue: &'static str| {
        store.place.texts(match queue {
            "main" => "SELECT payload FROM jobs WHERE kind = 'tell_of_material' AND queue = 'main'",
            _ => "SELECT payload FROM jobs WHERE kind = 'tell_of_material' AND queue <> 'main'",
        })
    };
    store.publish(1, &described("Nobody listens"), Kind::Book, &[]).await;
    assert!(jobs("main").await.is_empty(), "nobody wants to hear of anything");

    asks(store, ANN, "grammar").await;
    store.publish(2, &described("Grammar"), Kind::Book, &[]).await;
    assert_eq!(jobs("main").await, [r#"{"kind":"tell_of_material","material":2}"#]);
    // By the worker, when the editor has said "Publish" before the file was processed.
    store.open_material(3).await;
    store
        .settle(3, &described("Early"), MaterialState::Waiting, Processing::Pending)
        .await
        .unwrap();
    let outcome = ready("three", inspection(Kind::Book, &[]), Some(terms("Early", "")));
    store.finish(3, MaterialState::Waiting, outcome).await.unwrap();
    assert_eq!(jobs("others").await, [r#"{"kind":"tell_of_material","material":3}"#]);
    // What was published before is no news, however it comes back.
    store.place.execute("DELETE FROM jobs").await;
    store.place.execute("UPDATE materials SET state = 'draft' WHERE id = 2").await;
    store
        .settle(2, &described("Grammar"), MaterialState::Published, Processing::Ready)
        .await
        .unwrap();
    assert!(jobs("main").await.is_empty());
}

/// 1 with 2 below it, and 3 beside them.
pub async fn sections(store: &Store) {
    for (id, parent) in [(1, None), (2, Some(CategoryId(1))), (3, None)] {
        let title = format!("Section {id}");
        store.db.category_create(CategoryId(id), parent, title, at(0)).await.unwrap();
    }
}

async fn whoever_is_to_be_told_comes_once_in_pages(store: &Store) {
    sections(store).await;
    store.publish(1, &described("Grammar"), Kind::Book, &[]).await;
    for (user, section) in [(901, 1), (902, 2), (902, 1), (903, 3), (904, 1), (906, 1)] {
        follows(store, UserId(user), section).await;
    }
    for user in [904, 905] {
        asks(store, UserId(user), "grammar").await;
    }
    let id = wanted(store).await[0].id;
    assert_eq!(store.db.requests_answer(vec![id], MaterialId(1), at(0)).await.unwrap(), 1);
    store.place.execute("UPDATE users SET reachable = FALSE, is_muted = TRUE WHERE id = 906").await;

    let above = store.db.sections_above(CategoryId(2)).await.unwrap();
    let chain: Vec<CategoryId> = above.iter().map(|section| section.id).collect();
    assert_eq!(chain, [CategoryId(2), CategoryId(1)]);
    let (mut told, mut after, mut pages) = (Vec::new(), UserId(0), 0);
    loop {
        let sections = chain.clone();
        let news = News::Material(MaterialId(1));
        let request = ListenersRequest { news, sections, after, limit: 2 };
        let page = store.db.listeners(request).await.unwrap();
        let Some(last) = page.last else { break };
        (after, pages) = (last, pages + 1);
        told.extend(page.people);
    }
    let told: Vec<_> = told
        .iter()
        .map(|it| (it.user.0, it.follows.map(|id| id.0), it.has_asked, it.is_reachable))
        .collect();
    let expected = [
        (901, Some(1), false, true),
        (902, Some(2), false, true),
        (904, Some(1), true, true),
        (905, None, true, true),
        (906, Some(1), false, false),
    ];
    assert_eq!((told.as_slice(), pages), (expected.as_slice(), 3));
}

fn offer(id: i64, user: i64) -> Offer {
    let message = NewOutbox { class: OutboxClass::Bulk, ..reply(id, ChatId(user)) };
    let not_before = (user == 902).then(|| at(500));
    Offer { key: format!("material:1:{user}"), not_before, message }
}

async fn a_page_that_is_told_twice_tells_once(store: &Store) {
    store.publish(1, &described("Grammar"), Kind::Book, &[]).await;
    for user in [901, 902, 903] {
        asks(store, UserId(user), "grammar").await;
    }
    let id = wanted(store).await[0].id;
    store.db.requests_answer(vec![id], MaterialId(1), at(0)).await.unwrap();
    let job = store.claimed(1).await;
    let news = News::Material(MaterialId(1));
    let page = |job, before, after, offers| {
        store.db.tell_page(job, before, news, UserId(after), offers, at(0))
    };
    let stale = (job.0, job.1 - 1);
    let first = || vec![offer(10, 901), offer(11, 902)];
    assert_eq!(conflict(page(stale, Announced::default(), 902, first()).await), "job lease");
    assert_eq!(store.rows("outbox").await, 0);
    assert_eq!(store.rows("request_askers WHERE told_at IS NOT NULL").await, 0);

    let one = page(job, Announced::default(), 902, first()).await.unwrap();
    assert_eq!(one, Announced { after: UserId(902), told: 2 });
    assert_eq!(store.rows("request_askers WHERE told_at IS NOT NULL").await, 2);
    // It is quiet where the second one lives: the gate does not see the message before its time.
    let open = async || store.db.outbox_open(OutboxId(0), 9).await.unwrap();
    assert_eq!(open().await.iter().map(|item| item.message.id.0).collect::<Vec<_>>(), [10]);
    assert_eq!(store.rows("outbox WHERE not_before > created_at").await, 1);
    let early = if store.db.backend_name() == "sqlite" { "1" } else { "TIMESTAMPTZ 'epoch'" };
    store
        .place
        .execute(&format!("UPDATE outbox SET created_at = {early}, not_before = {early}"))
        .await;
    assert_eq!(open().await.len(), 2);
    // Killed before it heard of the commit: the same page again, under other ids.
    let again = vec![offer(20, 901), offer(21, 902), offer(22, 903)];
    let two = page(job, Announced::default(), 903, again).await.unwrap();
    assert_eq!(two.after, UserId(903));
    assert_eq!(store.rows("outbox").await, 3);
    let request = ListenersRequest { news, sections: vec![], after: UserId(0), limit: 9 };
    assert_eq!(store.db.listeners(request).await.unwrap().last, None, "all were told");
}
