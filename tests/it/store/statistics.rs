//! Figures: what steps count, what the roll-up makes of it, and what it says of nobody.

use chrono::TimeDelta;
use primelingo::domain::clock::Timestamp;
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{ChatId, MaterialId, UserId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::domain::statistics::{
    Day, DayFigures, Presence, Span, StatsReport, searched_words,
};
use primelingo::library::statistics::{report, roll_up};
use primelingo::store::records::{StatsPrune, StepCommit};

use super::fixture::{Store, at};
use super::words::{described, fresh, plain, seen, step};

contract! {
    days_are_remembered_as_the_domain_does,
    people_and_events_are_counted,
    to_count_twice_is_to_count_once,
    days_that_were_missed_are_made_up_for,
    words_are_listed_when_three_people_have_asked,
    whoever_is_erased_leaves_no_trace,
    old_counts_and_keys_go,
}

/// More than enough that three of them have marks of their own, whatever the key is.
const MANY: i64 = 16;

fn day(days: i64) -> Timestamp {
    at(0) + TimeDelta::days(days)
}

impl Store {
    /// Somebody is here, and does these things.
    async fn is_here(&self, user: i64, now: Timestamp, changes: Vec<Change>) {
        let seq = self.waiting_update(ChatId(fresh())).await;
        let user = UserId(user);
        let step = StepCommit {
            now,
            seen: Some(seen(user, "Ann", Lang::Uz)),
            user: Some(user),
            changes: changes.into_iter().map(plain).collect(),
            ..step(seq)
        };
        self.db.step_commit(step).await.unwrap();
    }

    async fn roll_up(&self, now: Timestamp) -> DayFigures {
        roll_up(&self.db, now, 3, |_, _| {}).await.unwrap()
    }

    async fn report(&self, now: Timestamp) -> StatsReport {
        report(&self.db, Span::Month, now).await.unwrap()
    }
}

fn search(text: &str, found: bool) -> Change {
    Change::NoteSearch { words: searched_words(text).unwrap(), found }
}

fn delivery(material: i64) -> Change {
    Change::NoteDelivery { material: MaterialId(material), hash: None }
}

async fn days_are_remembered_as_the_domain_does(store: &Store) {
    let mut presence: Option<Presence> = None;
    // Twice on a day, a clock that was set back, the longest reach, and beyond it.
    for days in [0, 0, 1, 5, 4, 40, 67, 68, 131, 194, 300] {
        store.is_here(7, day(days), Vec::new()).await;
        let today = Day::of(day(days));
        presence = Some(presence.map_or(Presence::first(today), |known| known.seen(today)));
        let (people, _) = store.db.people_slice(UserId(0), 9).await.unwrap();
        assert_eq!(people[0].presence, presence.unwrap(), "after {days} days");
        assert_eq!(people[0].joined, Day::of(at(0)));
    }
    // A role that was granted beforehand makes nobody who was here.
    store.db.user_set_role(UserId(8), primelingo::domain::role::Role::Editor, at(0)).await.unwrap();
    let (people, last) = store.db.people_slice(UserId(0), 9).await.unwrap();
    assert_eq!((people.len(), last), (1, Some(UserId(8))));
    store.is_here(8, day(1), Vec::new()).await;
    let (people, _) = store.db.people_slice(UserId(7), 9).await.unwrap();
    assert_eq!(people[0].presence, Presence::first(Day::of(day(1))));
}

async fn people_and_events_are_counted(store: &Store) {
    store.publish(5, &described("Unit 5"), Kind::Book, &[]).await;
    for user in 1..=7 {
        store.is_here(user, day(0), vec![delivery(5)]).await;
    }
    store.db.user_set_reachable(UserId(3), false).await.unwrap();
    store.is_here(1, day(2), vec![search("unit", true), delivery(5)]).await;
    store.is_here(9, day(2), vec![search("dragons", false)]).await;
    let today = store.roll_up(day(2)).await;
    let people = today.people;
    assert_eq!((people.users, people.reachable, people.joined), (8, 7, 1));
    assert_eq!(people.active, [2, 8, 8]);
    assert_eq!(people.langs.map(|lang| lang.users), [0, 0, 8]);
    let events = today.events;
    assert_eq!((events.deliveries, events.searches, events.empty_searches), (1, 2, 1));
    assert_eq!(events.materials, 1);

    let report = store.report(day(2)).await;
    assert_eq!(report.days.len(), 3, "since the first person came");
    assert_eq!(report.today(), Some(&today));
    assert_eq!(report.days[0].people.joined, 7);
    assert_eq!(report.sums(30).deliveries, 8);
    let taken: Vec<_> =
        report.materials.iter().map(|top| (top.title.as_str(), top.count)).collect();
    assert_eq!(taken, [("Unit 5", 8)]);
    let cohort = report.cohorts.first().unwrap();
    assert_eq!((cohort.size, cohort.week), (cohort.seen, 0));
}

async fn to_count_twice_is_to_count_once(store: &Store) {
    for user in 1..=MANY {
        store.is_here(user, day(user % 5), vec![search("unit 12", user % 3 > 0)]).await;
    }
    store.roll_up(day(9)).await;
    let once = store.report(day(9)).await;
    assert!(!once.searches.is_empty() && !once.empty.is_empty() && !once.cohorts.is_empty());
    let rows = async |table| store.rows(table).await;
    let counted = [rows("stats_days").await, rows("stats_cohorts").await, rows("stats_tops").await];
    assert_eq!(store.roll_up(day(9)).await, *once.today().unwrap());
    assert_eq!(store.report(day(9)).await, once);
    let again = [rows("stats_days").await, rows("stats_cohorts").await, rows("stats_tops").await];
    assert_eq!(again, counted);
}

async fn days_that_were_missed_are_made_up_for(store: &Store) {
    store.is_here(1, day(0), Vec::new()).await;
    store.roll_up(day(0)).await;
    store.is_here(2, day(1), vec![search("unit", true)]).await;
    store.is_here(2, day(3), Vec::new()).await;
    store.roll_up(day(4)).await;
    let days = store.report(day(4)).await.days;
    let figures = |row: &DayFigures| (row.people.users, row.people.active[0], row.events.searches);
    let counted: Vec<_> = days.iter().map(figures).collect();
    assert_eq!(counted, [(1, 1, 0), (2, 1, 1), (2, 0, 0), (2, 1, 0), (2, 0, 0)]);
    assert!(days.iter().take(4).all(DayFigures::is_final) && !days[4].is_final());
}

async fn words_are_listed_when_three_people_have_asked(store: &Store) {
    for user in 1..=MANY {
        store.is_here(user, day(0), vec![search("IELTS  essays", true)]).await;
        // One person, and two, over and over again.
        store.is_here(77, day(user), vec![search("my passport 123", false)]).await;
        store.is_here(78 + user % 2, day(user), vec![search("secret", false)]).await;
    }
    store.roll_up(day(MANY)).await;
    let report = store.report(day(MANY)).await;
    let words: Vec<_> =
        report.searches.iter().map(|top| (top.subject.as_str(), top.count)).collect();
    assert_eq!(words, [("ielts essays", u64::try_from(MANY).unwrap())]);
    assert_eq!(report.empty, []);
    // They are counted all the same.
    assert_eq!(report.sums(30).empty_searches, u64::try_from(2 * MANY).unwrap());
}

async fn whoever_is_erased_leaves_no_trace(store: &Store) {
    const ID: i64 = 918_273_645_546;
    store.publish(5, &described("Unit 5"), Kind::Book, &[]).await;
    store.is_here(1, day(0), Vec::new()).await;
    store.is_here(ID, day(0), vec![search("unit", true), delivery(5)]).await;
    assert_eq!(store.roll_up(day(0)).await.people.users, 2);
    for table in
        ["search_days", "material_days", "stats_days", "stats_langs", "stats_cohorts", "stats_tops"]
    {
        let columns = match table {
            "search_days" => "words || ' ' || day || ' ' || times || ' ' || empty || ' ' || askers",
            "material_days" => "material_id || ' ' || day || ' ' || shard || ' ' || times",
            "stats_days" => "day || ' ' || users || ' ' || joined",
            "stats_langs" => "day || ' ' || lang || ' ' || users",
            "stats_cohorts" => "cohort || ' ' || week || ' ' || size",
            _ => "sort || ' ' || subject || ' ' || count",
        };
        let rows = store.place.texts(&format!("SELECT {columns} FROM {table}")).await;
        assert!(rows.iter().all(|row| !row.contains(&ID.to_string())), "{table}: {rows:?}");
    }
    store.place.execute(&format!("DELETE FROM users WHERE id = {ID}")).await;
    let today = store.roll_up(day(0)).await;
    assert_eq!((today.people.users, today.events.searches), (1, 1));
}

async fn old_counts_and_keys_go(store: &Store) {
    store.publish(5, &described("Unit 5"), Kind::Book, &[]).await;
    for days in [0, 50, 100] {
        store.is_here(1, day(days), vec![search("unit", true), delivery(5)]).await;
    }
    let keys = "SELECT count(*) FROM meta WHERE key LIKE 'search_key:%'";
    assert_eq!(store.place.number(keys).await, 3);
    assert_eq!(store.db.search_keys_prune(Day::of(day(100))).await.unwrap(), 2);
    assert_eq!(store.place.number(keys).await, 1);
    let before = Day::of(day(100)).minus(92);
    for (table, what) in
        [("search_days", StatsPrune::Searches), ("material_days", StatsPrune::Materials)]
    {
        assert_eq!(store.db.stats_prune(what, before, 9).await.unwrap(), 1);
        assert_eq!(store.db.stats_prune(what, before, 9).await.unwrap(), 0);
        assert_eq!(store.rows(table).await, 2);
    }
}
