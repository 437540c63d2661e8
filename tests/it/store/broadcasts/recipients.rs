//! Recipients are written down once, whoever fills, and read in their order.

use primelingo::domain::broadcast::{Audience, Control, RecipientEnd};
use primelingo::domain::ids::AudienceListId;
use primelingo::domain::lang::Lang;
use primelingo::store::records::FillCursor;

use super::words::{ID, Person, numbers, outcome, plan, settlement, slice};
use crate::store::fixture::{Store, at};

contract! {
    slices_follow_each_other,
    of_two_who_fill_at_once_one_does,
    a_chat_is_a_recipient_once,
    what_is_over_or_complete_is_not_filled,
    what_is_held_is_filled,
    a_page_holds_what_waits_with_who_it_is,
    a_list_fills_in_many_slices,
}

const fn cursor(id: i64) -> FillCursor {
    FillCursor { phase: 1, time: 7, id }
}

async fn planned(store: &Store) {
    assert!(store.db.broadcast_create(plan(), at(0)).await.unwrap());
    assert!(store.db.broadcast_begin(ID, at(5)).await.unwrap());
}

async fn slices_follow_each_other(store: &Store) {
    planned(store).await;
    let fill = |slice| store.db.recipients_fill(ID, slice);
    assert!(!fill(slice(&[9], cursor(1), None)).await.unwrap(), "out of turn");
    assert!(fill(slice(&[5, 3], FillCursor::default(), Some(cursor(1)))).await.unwrap());
    assert!(!fill(slice(&[9], FillCursor::default(), None)).await.unwrap(), "again");
    assert!(fill(slice(&[], cursor(1), Some(cursor(2)))).await.unwrap(), "nobody here");
    let wrong = FillCursor { phase: 0, ..cursor(2) };
    assert!(!fill(slice(&[9], wrong, None)).await.unwrap());
    assert!(!store.account(ID).await.is_filled);
    assert!(fill(slice(&[4], cursor(2), None)).await.unwrap());
    assert!(!fill(slice(&[9], cursor(2), None)).await.unwrap(), "complete");

    let progress = store.account(ID).await;
    assert_eq!((progress.filled, progress.is_filled), (3, true));
    let page = store.db.recipients_page(ID, 0, 9).await.unwrap();
    let page: Vec<_> = page.iter().map(|one| (one.seq, one.chat.0)).collect();
    assert_eq!(page, [(1, 5), (2, 3), (3, 4)]);
}

async fn of_two_who_fill_at_once_one_does(store: &Store) {
    planned(store).await;
    let fill = |chats: &[i64]| {
        store.db.recipients_fill(ID, slice(chats, FillCursor::default(), Some(cursor(1))))
    };
    let (first, second) = tokio::join!(fill(&[1, 2, 3]), fill(&[1, 2, 3]));
    assert_ne!(first.unwrap(), second.unwrap(), "one of the two");
    assert_eq!(store.account(ID).await.filled, 3);
}

async fn a_chat_is_a_recipient_once(store: &Store) {
    planned(store).await;
    let mut from = FillCursor::default();
    for (next, chats) in (1..).zip([&[1, 2, 1][..], &[2, 3], &[3, 1], &[4]]) {
        let next = cursor(next);
        assert!(store.db.recipients_fill(ID, slice(chats, from, Some(next))).await.unwrap());
        from = next;
    }
    assert_eq!(store.account(ID).await.filled, 4);
    let page = store.db.recipients_page(ID, 0, 9).await.unwrap();
    assert_eq!(page.iter().map(|one| one.chat.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(numbers(&page).is_sorted());
}

async fn what_is_over_or_complete_is_not_filled(store: &Store) {
    planned(store).await;
    assert!(store.db.broadcast_control(ID, Control::Cancel, at(6)).await.unwrap());
    let first = slice(&[1], FillCursor::default(), None);
    assert!(!store.db.recipients_fill(ID, first).await.unwrap());
    assert_eq!(store.account(ID).await.filled, 0);
}

async fn what_is_held_is_filled(store: &Store) {
    planned(store).await;
    assert!(store.db.broadcast_control(ID, Control::Pause, at(6)).await.unwrap());
    let first = slice(&[1], FillCursor::default(), None);
    assert!(store.db.recipients_fill(ID, first).await.unwrap());
    assert_eq!(store.account(ID).await.filled, 1);
}

async fn a_page_holds_what_waits_with_who_it_is(store: &Store) {
    let uz = Person { lang: "uz", ..Person::new(2, -9) };
    store.people(&[Person::new(1, -9), uz, Person::new(3, -9)]).await;
    store.place.execute("UPDATE users SET first_name = '' WHERE id = 3").await;
    store.begun(plan(), &[1, 2, 3, 404, -5, 6]).await;
    let end = outcome(5, RecipientEnd::Deferred(at(40)));
    store.settled(settlement(vec![end], 5)).await;

    let page = store.db.recipients_page(ID, 0, 9).await.unwrap();
    let found: Vec<_> =
        page.iter().map(|one| (one.seq, one.first_name.as_deref(), one.lang)).collect();
    let stranger = Lang::default();
    let expected = [
        (1, Some("P1"), Lang::Ru),
        (2, Some("P2"), Lang::Uz),
        (3, None, Lang::Ru),
        (4, None, stranger),
        (6, None, stranger),
    ];
    assert_eq!(found, expected);
    assert!(page.iter().all(|one| one.messages.is_empty() && one.not_before.is_none()));
    assert_eq!(numbers(&store.db.recipients_page(ID, 2, 2).await.unwrap()), [3, 4]);
    assert!(store.db.recipients_page(ID, 6, 2).await.unwrap().is_empty());
}

async fn a_list_fills_in_many_slices(store: &Store) {
    let list = AudienceListId(1);
    let chats: Vec<_> =
        (-50..=50).filter(|id| *id != 0).map(primelingo::domain::ids::ChatId).collect();
    store.db.audience_list_add(list, chats).await.unwrap();
    planned(store).await;
    for slice in store.audience(&Audience::List { list }, 7).await.0 {
        assert!(store.db.recipients_fill(ID, slice).await.unwrap());
        store.account(ID).await;
    }
    let progress = store.account(ID).await;
    assert_eq!((progress.filled, progress.is_filled), (100, true));
    let page = store.db.recipients_page(ID, 0, 999).await.unwrap();
    assert_eq!(numbers(&page), (1..=100).collect::<Vec<_>>(), "no gaps where nobody comes twice");
}
