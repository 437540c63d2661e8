//! Who is among an audience, whatever they do meanwhile.

use std::collections::BTreeSet;

use primelingo::domain::broadcast::{Audience, NewBroadcast, RecipientEnd};
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{AudienceListId, BroadcastId, CategoryId, ChatId, MessageId};
use primelingo::domain::inspection::Kind;
use primelingo::domain::lang::Lang;
use primelingo::domain::material::Description;
use primelingo::domain::role::Role;
use primelingo::store::records::{AudienceSlice, FillCursor};

use super::words::{ID, Person, outcome, plan, settlement};
use crate::store::fixture::{Store, at};
use crate::store::words::{described, plain};

contract! {
    everybody_comes_in_the_order_of_their_activity,
    each_audience_holds_whom_it_names,
    who_follows_a_section_follows_what_is_below,
    a_list_may_name_strangers_and_groups,
    the_failed_are_tried_again_and_the_delivered_are_taken_back,
    a_slice_looks_at_few_rows,
    who_writes_meanwhile_is_neither_lost_nor_doubled,
    nobody_is_an_audience,
}

const DAY: i64 = 86_400;

fn chats(slices: &[AudienceSlice]) -> Vec<i64> {
    slices.iter().flat_map(|slice| &slice.chats).map(|(chat, _)| chat.0).collect()
}

/// Whom slices of every size give, which are as many as are counted.
async fn members(store: &Store, audience: &Audience) -> BTreeSet<i64> {
    let counted = store.db.audience_count(audience.clone(), at(0)).await.unwrap();
    let (all, _) = store.audience(audience, 1_000).await;
    let all: BTreeSet<i64> = chats(&all).into_iter().collect();
    assert_eq!(i64::try_from(all.len()).unwrap(), counted, "{audience:?}");
    for limit in 1..4 {
        let (slices, _) = store.audience(audience, limit).await;
        let found: BTreeSet<i64> = chats(&slices).into_iter().collect();
        assert_eq!(found, all, "{audience:?} by {limit}");
    }
    all
}

/// 1 to 9 belong to an audience; the others are out of reach, unseen, or too new.
async fn school(store: &Store) {
    let mut people: Vec<Person> =
        [(1, -5), (2, -DAY), (3, -6 * DAY), (4, -7 * DAY), (5, -8 * DAY), (6, -40 * DAY)]
            .map(|(id, seen)| Person { created: -100 * DAY, ..Person::new(id, seen) })
            .into();
    // At the same moment, and exactly at the cut-off.
    people.extend([7, 8].map(|id| Person::new(id, -3)));
    people.push(Person { created: 0, ..Person::new(9, 0) });
    people.push(Person { reachable: false, ..Person::new(20, -1) });
    people.push(Person { seen: None, ..Person::new(21, 0) });
    people.push(Person { created: 1, ..Person::new(22, 1) });
    for person in &mut people {
        match person.id {
            2 | 3 | 20 => person.lang = "uz",
            4 | 21 => person.role = "editor",
            _ => {}
        }
    }
    store.people(&people).await;
}

async fn everybody_comes_in_the_order_of_their_activity(store: &Store) {
    school(store).await;
    let expected = [9, 8, 7, 1, 2, 3, 4, 5, 6];
    for limit in [1, 2, 3, 5, 100] {
        let (slices, _) = store.audience(&Audience::All, limit).await;
        let first: Vec<_> = slices.into_iter().filter(|slice| slice.from.phase == 0).collect();
        assert_eq!(chats(&first), expected, "by {limit}");
    }
}

async fn each_audience_holds_whom_it_names(store: &Store) {
    school(store).await;
    let cases: [(Audience, &[i64]); 8] = [
        (Audience::All, &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (Audience::Language { lang: Lang::Uz }, &[2, 3]),
        (Audience::Language { lang: Lang::En }, &[]),
        (Audience::Active { days: 7 }, &[1, 2, 3, 4, 7, 8, 9]),
        (Audience::Active { days: 0 }, &[9]),
        (Audience::Active { days: u32::MAX }, &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (Audience::Role { role: Role::Editor }, &[4]),
        (Audience::Role { role: Role::Learner }, &[1, 2, 3, 5, 6, 7, 8, 9]),
    ];
    for (audience, expected) in cases {
        let found = members(store, &audience).await;
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{audience:?}");
    }
}

/// Section 1 with 2 in it, which has 3; and 4.
async fn sections(store: &Store) {
    let sections = [(1, None), (2, Some(1)), (3, Some(2)), (4, None)];
    let changes = sections.map(|(id, parent)| {
        let (id, parent) = (CategoryId(id), parent.map(CategoryId));
        plain(Change::CreateCategory { id, parent, title: format!("S{id}") })
    });
    store.change(changes.into()).await.unwrap();
}

async fn who_follows_a_section_follows_what_is_below(store: &Store) {
    school(store).await;
    sections(store).await;
    let follows = [
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
        (1, 3),
        (5, 3),
        (6, 3),
        (20, 3),
        (21, 3),
        (22, 3),
        (99, 3),
    ];
    for (user, section) in follows {
        store.follow(user, section).await;
    }
    let of = |category| Audience::Followers { category: CategoryId(category) };
    let cases: [(i64, &[i64]); 5] =
        [(1, &[1]), (2, &[1, 2]), (3, &[1, 2, 3, 5, 6]), (4, &[4]), (404, &[])];
    for (section, expected) in cases {
        let found = members(store, &of(section)).await;
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "section {section}");
    }
    let (slices, count) = store.audience(&of(3), 100).await;
    assert_eq!((chats(&slices), count), (vec![1, 2, 3, 5, 6], 1), "who was active last is first");

    // Readers: of the sections into which something came, and of those above.
    let description = Description { category: Some(CategoryId(2)), ..described("New") };
    store.publish(70, &description, Kind::Document, &[]).await;
    let readers = |since, until| Audience::DigestReaders { since: at(since), until: at(until) };
    let found = members(store, &readers(0, 1)).await;
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [1, 2]);
    for (since, until) in [(1, 9), (-9, 0)] {
        assert!(members(store, &readers(since, until)).await.is_empty(), "{since} to {until}");
    }
}

async fn a_list_may_name_strangers_and_groups(store: &Store) {
    school(store).await;
    let list = AudienceListId(3);
    let named = [1, 20, 21, 22, 404, -100_777, 1].map(ChatId);
    store.db.audience_list_add(list, named.into()).await.unwrap();
    store.db.audience_list_add(list, vec![ChatId(9), ChatId(404)]).await.unwrap();
    store.db.audience_list_add(AudienceListId(4), vec![ChatId(5)]).await.unwrap();
    assert_eq!(store.db.audience_list_count(list).await.unwrap(), 7);
    let found = members(store, &Audience::List { list }).await;
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [-100_777, 1, 9, 22, 404]);
}

async fn the_failed_are_tried_again_and_the_delivered_are_taken_back(store: &Store) {
    school(store).await;
    store.begun(plan(), &[1, 2, 3, 4, -5, 6, 7, 20, 404]).await;
    let album = RecipientEnd::Delivered(vec![MessageId(10), MessageId(11), MessageId(12)]);
    let ends = vec![
        outcome(1, RecipientEnd::Failed("refused")),
        outcome(2, album),
        outcome(3, RecipientEnd::Blocked("blocked")),
        outcome(4, RecipientEnd::InDoubt),
        outcome(5, RecipientEnd::Delivered(vec![MessageId(50)])),
        outcome(6, RecipientEnd::Delivered(Vec::new())),
        // 7 has none yet, 20 is out of reach, 404 is unknown.
        outcome(8, RecipientEnd::Failed("refused")),
        outcome(9, RecipientEnd::Failed("refused")),
    ];
    store.settled(settlement(ends, 9)).await;
    let failed = members(store, &Audience::FailedOf { broadcast: ID }).await;
    assert_eq!(failed.into_iter().collect::<Vec<_>>(), [1, 404]);

    let audience = Audience::DeliveredOf { broadcast: ID };
    assert_eq!(members(store, &audience).await.into_iter().collect::<Vec<_>>(), [-5, 2]);
    let (mut slices, _) = store.audience(&audience, 9).await;
    let undo = NewBroadcast { id: BroadcastId(2), audience, ..plan() };
    let id = undo.id;
    assert!(store.db.broadcast_create(undo, at(9)).await.unwrap());
    assert!(store.db.recipients_fill(id, slices.remove(0)).await.unwrap());
    let page = store.db.recipients_page(id, 0, 9).await.unwrap();
    let found: Vec<_> = page.iter().map(|one| (one.chat.0, one.messages.clone())).collect();
    let ids = |ids: &[i64]| ids.iter().copied().map(MessageId).collect::<Vec<_>>();
    assert_eq!(found, [(2, ids(&[10, 11, 12])), (-5, ids(&[50]))]);

    // An album that waits for its turn keeps its messages, and so does one that was removed.
    let deferred = outcome(1, RecipientEnd::Deferred(at(30)));
    let removed = outcome(2, RecipientEnd::Delivered(Vec::new()));
    let settlement = primelingo::store::records::BroadcastSettlement {
        id,
        ..settlement(vec![deferred, removed], 2)
    };
    store.settled(settlement).await;
    let deferred = store.db.recipients_deferred(id, 9).await.unwrap();
    assert_eq!(deferred[0].messages, ids(&[10, 11, 12]));
    assert_eq!(store.db.recipients_export(id, 1, 9).await.unwrap()[0].message, Some(MessageId(50)));
}

async fn a_slice_looks_at_few_rows(store: &Store) {
    // The only editor was seen longest ago, and has the highest id.
    let mut people: Vec<_> = (1..=200).map(|id| Person::new(id, -id)).collect();
    people[199].role = "editor";
    store.people(&people).await;
    let (slices, count) = store.audience(&Audience::Role { role: Role::Editor }, 5).await;
    assert_eq!(chats(&slices), [200, 200], "found in either pass");
    assert!(count >= 2 * 200 / 20, "{count} slices of 20 looks");
    let empty = slices.iter().filter(|slice| slice.chats.is_empty()).count();
    assert_eq!(empty, count - 2);
}

/// Fills slice by slice, while some write between the slices.
async fn who_writes_meanwhile_is_neither_lost_nor_doubled(store: &Store) {
    const PEOPLE: i64 = 60;
    let people: Vec<_> = (1..=PEOPLE).map(|id| Person::new(id, -10 * id)).collect();
    store.people(&people).await;
    let planned = NewBroadcast { audience: Audience::All, ..plan() };
    assert!(store.db.broadcast_create(planned, at(-1)).await.unwrap());
    assert!(store.db.broadcast_begin(ID, at(0)).await.unwrap());
    let (mut cursor, mut slice_number) = (Some(FillCursor::default()), 0);
    while let Some(from) = cursor {
        let slice = store.db.audience_slice(Audience::All, at(0), from, 7).await.unwrap();
        cursor = slice.next;
        // Between reading and writing: who is still to come jumps to the front. The clock of the
        // second was set back, so that they are in front, and yet before the cut-off.
        let late = PEOPLE - slice_number;
        store.writes(late, 60 + slice_number).await;
        store.writes(late / 2, -5).await;
        assert!(store.db.recipients_fill(ID, slice).await.unwrap());
        store.account(ID).await;
        slice_number += 1;
    }
    let mut recipients = Vec::new();
    for one in store.db.recipients_page(ID, 0, 999).await.unwrap() {
        recipients.push(one.chat.0);
    }
    recipients.sort_unstable();
    assert_eq!(recipients, (1..=PEOPLE).collect::<Vec<_>>());
    assert!(store.account(ID).await.is_filled);
}

async fn nobody_is_an_audience(store: &Store) {
    let audiences = [
        Audience::All,
        Audience::Followers { category: CategoryId(1) },
        Audience::DigestReaders { since: at(0), until: at(9) },
        Audience::List { list: AudienceListId(9) },
        Audience::FailedOf { broadcast: ID },
        Audience::DeliveredOf { broadcast: ID },
    ];
    for audience in audiences {
        assert!(members(store, &audience).await.is_empty(), "{audience:?}");
    }
}
