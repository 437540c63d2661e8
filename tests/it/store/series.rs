//! Series, their slots, the sections that people follow, and what the digest tells of.

use chrono::{TimeDelta, Weekday};
use primelingo::domain::broadcast::{Audience, BroadcastState, Content, DoubtPolicy, QuietHours};
use primelingo::domain::digest::{DIGEST, Section};
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{BroadcastId, CategoryId, MessageId, SeriesId, UserId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::material::Description;
use primelingo::domain::series::{Every, NewSeries, Repeat};
use primelingo::store::records::LeaseAnswer;

use super::fixture::{Store, at, conflict};
use super::words::{CHAT, EDITOR, described, owner, plain};

contract! {
    a_series_is_kept_as_it_was_confirmed,
    a_series_set_up_anew_goes_on,
    a_slot_is_filled_once,
    a_clock_that_was_set_back_fills_no_slot_twice,
    what_was_missed_was_not_told,
    only_the_leader_moves_a_series,
    a_section_is_followed_until_it_is_not,
    news_is_what_was_published_in_that_time,
}

fn weekly() -> Repeat {
    let every = Every::Weekly { weekday: Weekday::Wed };
    Repeat { every, at_min: 540, zone: "Asia/Tashkent".to_owned() }
}

fn digest() -> NewSeries {
    NewSeries::digest(DIGEST, EDITOR, CHAT, weekly(), at(0))
}

fn letter(id: i64) -> NewSeries {
    NewSeries {
        id: SeriesId(id),
        content: Some(Content::Copy { from: CHAT, messages: vec![MessageId(3)], buttons: vec![] }),
        audience: Audience::Active { days: 7 },
        doubt: DoubtPolicy::Resend,
        quiet: Some(QuietHours { from_min: 1320, to_min: 480, zone: "Asia/Tashkent".to_owned() }),
        paid: true,
        ..digest()
    }
}

impl Store {
    /// Moves a series to its next slot, for which a broadcast of that id is made.
    async fn advance(&self, series: &NewSeries, id: i64, state: BroadcastState) -> bool {
        let slot = series.next_at;
        let next = series.repeat.next_after(slot);
        let broadcast = series.broadcast(BroadcastId(id), slot, None);
        self.db.series_advance(slot, next, broadcast, state, slot).await.unwrap()
    }
}

async fn a_series_is_kept_as_it_was_confirmed(store: &Store) {
    let db = &store.db;
    let other = NewSeries { next_at: at(99), ..letter(7) };
    for new in [digest(), other.clone()] {
        db.series_create(new, at(5)).await.unwrap();
    }
    let listed = db.series_list().await.unwrap();
    let plans: Vec<NewSeries> = listed.iter().map(|series| series.plan.clone()).collect();
    assert_eq!(plans, [other, digest()]);
    assert_eq!((listed[0].created_at, listed[0].ended_at), (at(5), None));
    assert!(db.series_due(at(98)).await.unwrap().is_empty());
    assert_eq!(db.series_due(at(99)).await.unwrap().len(), 1);

    db.series_end(SeriesId(7), at(6)).await.unwrap();
    assert_eq!(db.series_list().await.unwrap().len(), 1);
    assert!(db.series_due(at(99)).await.unwrap().is_empty());
}

async fn a_series_set_up_anew_goes_on(store: &Store) {
    let db = &store.db;
    db.series_create(digest(), at(0)).await.unwrap();
    assert!(store.advance(&digest(), 100, BroadcastState::Scheduled).await);
    db.series_end(DIGEST, at(1)).await.unwrap();
    // Its slot has moved; the one that is filled stays filled.
    let anew = NewSeries { by: UserId(9), ..digest() };
    db.series_create(anew.clone(), at(2)).await.unwrap();
    let listed = db.series_list().await.unwrap();
    assert_eq!((listed.len(), &listed[0].plan, listed[0].created_at), (1, &anew, at(0)));
    assert!(!store.advance(&anew, 101, BroadcastState::Scheduled).await, "filled before");
    let moved = &db.series_list().await.unwrap()[0];
    assert_eq!(moved.plan.next_at, weekly().next_after(anew.next_at), "and it goes on");
    assert_eq!(store.rows("broadcasts").await, 1);
}

async fn a_slot_is_filled_once(store: &Store) {
    let series = letter(7);
    store.db.series_create(series.clone(), at(0)).await.unwrap();
    let (one, two) = tokio::join!(
        store.advance(&series, 100, BroadcastState::Scheduled),
        store.advance(&series, 101, BroadcastState::Scheduled),
    );
    assert!(one != two, "one of two who look at the same time");
    let made = store.db.broadcasts_open().await.unwrap();
    assert_eq!(made.len(), 1);
    let id = made[0].plan.id;
    assert_eq!(made[0].plan, series.broadcast(id, series.next_at, None));
    assert_eq!(made[0].progress.filled, 0);
}

async fn a_clock_that_was_set_back_fills_no_slot_twice(store: &Store) {
    store.db.series_create(digest(), at(0)).await.unwrap();
    assert!(store.advance(&digest(), 100, BroadcastState::Scheduled).await);
    // Whoever still believes in the old slot moves nothing.
    assert!(!store.advance(&digest(), 101, BroadcastState::Scheduled).await);
    let next = store.db.series_list().await.unwrap()[0].plan.next_at;
    assert_eq!(next - digest().next_at, TimeDelta::days(7));
    assert!(store.db.series_due(digest().next_at).await.unwrap().is_empty());
    assert_eq!(store.rows("broadcasts").await, 1);
}

async fn what_was_missed_was_not_told(store: &Store) {
    let db = &store.db;
    db.series_create(digest(), at(0)).await.unwrap();
    assert_eq!(db.series_told_until(DIGEST).await.unwrap(), None);
    assert!(store.advance(&digest(), 100, BroadcastState::Scheduled).await);
    let second = NewSeries { next_at: weekly().next_after(digest().next_at), ..digest() };
    assert!(store.advance(&second, 101, BroadcastState::Missed).await);
    assert_eq!(db.series_told_until(DIGEST).await.unwrap(), Some(digest().next_at));
    let missed = db.broadcast_get(BroadcastId(101)).await.unwrap().unwrap();
    assert_eq!((missed.state, missed.done_at), (BroadcastState::Missed, Some(second.next_at)));
    assert_eq!(db.broadcasts_open().await.unwrap().len(), 1);
}

async fn only_the_leader_moves_a_series(store: &Store) {
    let db = &store.db;
    db.series_create(digest(), at(0)).await.unwrap();
    let ttl = std::time::Duration::from_mins(1);
    let answer = db.lease_take("leader".to_owned(), owner("a", 1), ttl).await.unwrap();
    let LeaseAnswer::Taken { token, .. } = answer else { panic!("{answer:?}") };
    let leader = db.under(token);
    db.lease_release("leader".to_owned(), token).await.unwrap();
    let answer = db.lease_take("leader".to_owned(), owner("b", 1), ttl).await.unwrap();
    assert!(matches!(answer, LeaseAnswer::Taken { .. }), "{answer:?}");
    let slot = digest().next_at;
    let broadcast = digest().broadcast(BroadcastId(100), slot, None);
    let next = weekly().next_after(slot);
    let moved = leader.series_advance(slot, next, broadcast, BroadcastState::Scheduled, slot);
    conflict(moved.await);
    assert_eq!(db.series_list().await.unwrap()[0].plan.next_at, slot);
    assert_eq!(store.rows("broadcasts").await, 0);
}

async fn a_section_is_followed_until_it_is_not(store: &Store) {
    let db = &store.db;
    for (id, title) in [(1, "Grammar"), (2, "Speaking")] {
        store.category(id, None, title).await.unwrap();
    }
    let (grammar, speaking) = (CategoryId(1), CategoryId(2));
    let (ann, bob) = (UserId(1), UserId(2));
    for (user, category) in [(ann, grammar), (ann, speaking), (ann, grammar), (bob, speaking)] {
        db.follow_set(user, category, true, at(0)).await.unwrap();
    }
    assert!(db.follow_get(ann, grammar).await.unwrap());
    assert!(!db.follow_get(bob, grammar).await.unwrap());
    let mut all = db.follows_of(vec![ann, bob, UserId(3)]).await.unwrap();
    all.sort_unstable();
    assert_eq!(all, [(ann, grammar), (ann, speaking), (bob, speaking)]);
    for _ in 0..2 {
        // As a step does it: for the one who pressed.
        let change = Change::Follow { category: grammar, follow: false };
        store.change(vec![plain(change)]).await.unwrap();
        db.follow_set(ann, speaking, false, at(1)).await.unwrap();
    }
    assert_eq!(db.follows_of(vec![ann]).await.unwrap(), [(ann, grammar)]);
}

async fn news_is_what_was_published_in_that_time(store: &Store) {
    let db = &store.db;
    store.category(1, None, "Grammar").await.unwrap();
    store.category(2, Some(1), "Tenses").await.unwrap();
    for (id, category) in [(10, Some(2)), (11, None), (12, Some(1))] {
        let category = category.map(CategoryId);
        let description = Description { category, ..described(&format!("Unit {id}")) };
        store.publish(id, &description, Kind::Book, &[]).await;
    }
    store.open_material(13).await;
    // All were published at the beginning of the tests' time.
    let news = async |since: i64, until: i64, limit: i64| {
        let news = db.materials_published_between(at(since), at(until), limit).await.unwrap();
        news.into_iter().map(|it| (it.id.0, it.category.0, it.title)).collect::<Vec<_>>()
    };
    let (tenses, grammar) = ((10, 2, "Unit 10".to_owned()), (12, 1, "Unit 12".to_owned()));
    assert_eq!(news(0, 1, 9).await, [grammar.clone(), tenses]);
    assert_eq!(news(0, 1, 1).await, [grammar]);
    assert!(news(-9, 0, 9).await.is_empty() && news(1, 9, 9).await.is_empty());

    let mut sections = db.sections_all().await.unwrap();
    sections.sort_by_key(|section| section.id);
    let section = |id, parent: Option<i64>, title: &str| {
        let (id, parent) = (CategoryId(id), parent.map(CategoryId));
        Section { id, parent, title: title.to_owned() }
    };
    assert_eq!(sections, [section(1, None, "Grammar"), section(2, Some(1), "Tenses")]);
}
