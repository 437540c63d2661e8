//! What is to leave.

use primelingo::domain::ids::{ChatId, MessageId, OutboxId};
use primelingo::store::records::{NewOutbox, OutboxClass, OutboxEnd, OutboxOutcome};

use super::fixture::{Store, at};
use super::words::{CHAT, reply};

contract! {
    messages_wait_in_their_order,
    a_message_comes_out_as_it_went_in,
    a_send_that_was_begun_is_in_doubt,
    a_sent_message_knows_its_number,
    a_failed_message_is_over,
    what_is_over_has_no_other_outcome,
    a_deferred_message_waits_again,
    an_edit_that_waits_is_replaced,
    an_edit_under_way_is_not_replaced,
    what_has_left_is_emptied_and_what_waits_is_not,
    nothing_to_do_is_fine,
}

async fn open(store: &Store) -> Vec<i64> {
    let items = store.db.outbox_open(OutboxId(0), 99).await.unwrap();
    items.iter().map(|item| item.message.id.0).collect()
}

async fn settle(store: &Store, id: i64, end: OutboxEnd) {
    let outcomes = vec![OutboxOutcome { id: OutboxId(id), end }];
    store.db.outbox_settle(outcomes, at(50)).await.unwrap();
}

async fn messages_wait_in_their_order(store: &Store) {
    let messages = [30, 10, 20].map(|id| reply(id, CHAT));
    store.db.outbox_insert(messages.into(), at(0)).await.unwrap();
    store.db.outbox_insert(vec![reply(5, ChatId(9))], at(0)).await.unwrap();

    assert_eq!(open(store).await, [5, 10, 20, 30]);
    let next = store.db.outbox_open(OutboxId(5), 2).await.unwrap();
    assert_eq!(next.iter().map(|item| item.message.id.0).collect::<Vec<_>>(), [10, 20]);
}

async fn a_message_comes_out_as_it_went_in(store: &Store) {
    let message = NewOutbox {
        id: OutboxId(7),
        chat: ChatId(-1_001_234_567_890),
        thread: 3,
        class: OutboxClass::Bulk,
        payload: "{\"type\":\"text\",\"html\":\"🦀\"}".to_owned(),
        edit_message: Some(MessageId(11)),
        edit_of: Some(OutboxId(6)),
        trace: None,
    };
    store.db.outbox_insert(vec![message.clone()], at(4)).await.unwrap();

    let item = store.db.outbox_open(OutboxId(0), 9).await.unwrap().remove(0);
    assert_eq!(item.message, message);
    assert_eq!((item.not_before, item.attempts, item.in_doubt), (at(4), 0, false));
}

async fn a_send_that_was_begun_is_in_doubt(store: &Store) {
    store.db.outbox_insert(vec![reply(1, CHAT), reply(2, CHAT)], at(0)).await.unwrap();
    store.db.outbox_begin(vec![OutboxId(1)]).await.unwrap();

    let items = store.db.outbox_open(OutboxId(0), 9).await.unwrap();
    assert_eq!(items.iter().map(|item| item.in_doubt).collect::<Vec<_>>(), [true, false]);
}

async fn a_sent_message_knows_its_number(store: &Store) {
    store.db.outbox_insert(vec![reply(1, CHAT), reply(2, CHAT)], at(0)).await.unwrap();
    assert_eq!(store.db.outbox_message_id(OutboxId(1)).await.unwrap(), None);
    store.db.outbox_begin(vec![OutboxId(1), OutboxId(2)]).await.unwrap();

    settle(store, 1, OutboxEnd::Sent(Some(MessageId(900)))).await;
    settle(store, 2, OutboxEnd::Sent(None)).await;

    assert!(open(store).await.is_empty());
    assert_eq!(store.db.outbox_message_id(OutboxId(1)).await.unwrap(), Some(MessageId(900)));
    assert_eq!(store.db.outbox_message_id(OutboxId(2)).await.unwrap(), None);
    assert_eq!(store.db.outbox_message_id(OutboxId(3)).await.unwrap(), None);
}

async fn a_failed_message_is_over(store: &Store) {
    store.db.outbox_insert(vec![reply(1, CHAT)], at(0)).await.unwrap();
    settle(store, 1, OutboxEnd::Failed("blocked")).await;

    assert!(open(store).await.is_empty());
    let failed =
        "outbox WHERE state = 'failed' AND error_class = 'blocked' AND done_at IS NOT NULL";
    assert_eq!(store.rows(failed).await, 1);
    store.db.outbox_begin(vec![OutboxId(1)]).await.unwrap();
    assert!(open(store).await.is_empty(), "what is over is not begun again");
}

/// A second gate, or a late answer, says something else of what is settled.
async fn what_is_over_has_no_other_outcome(store: &Store) {
    store.db.outbox_insert(vec![reply(1, CHAT), reply(2, CHAT)], at(0)).await.unwrap();
    settle(store, 1, OutboxEnd::Sent(Some(MessageId(900)))).await;
    settle(store, 2, OutboxEnd::Failed("blocked")).await;
    for id in [1, 2] {
        settle(store, id, OutboxEnd::Deferred { until: at(90), counts: true }).await;
        settle(store, id, OutboxEnd::Failed("late")).await;
        settle(store, id, OutboxEnd::Sent(Some(MessageId(901)))).await;
    }
    assert!(open(store).await.is_empty());
    let sent = "outbox WHERE id = 1 AND state = 'sent' AND message_id = 900 AND attempts <= 1";
    let failed = "outbox WHERE id = 2 AND state = 'failed' AND error_class = 'blocked'";
    assert_eq!((store.rows(sent).await, store.rows(failed).await), (1, 1));
}

/// A file's row tells which file goes with it.
async fn what_has_left_is_emptied_and_what_waits_is_not(store: &Store) {
    let says = |id, payload: &str| NewOutbox { payload: payload.to_owned(), ..reply(id, CHAT) };
    let text = "{\"type\":\"text\",\"html\":\"Hello, Ann!\"}";
    let file = "{\"type\":\"file\",\"file_id\":\"f\"}";
    let messages = vec![says(1, text), says(2, text), says(3, file), says(4, text)];
    store.db.outbox_insert(messages, at(0)).await.unwrap();
    for id in [1, 3] {
        settle(store, id, OutboxEnd::Sent(Some(MessageId(900)))).await;
    }
    settle(store, 2, OutboxEnd::Failed("blocked")).await;
    let mut after = i64::MIN;
    while let Some(next) = store.db.outbox_unquote(after, 2).await.unwrap() {
        after = next;
    }
    let payloads = store.place.texts("SELECT payload FROM outbox ORDER BY id").await;
    assert_eq!(payloads, ["{}", "{}", file, text]);
}

async fn a_deferred_message_waits_again(store: &Store) {
    store.db.outbox_insert(vec![reply(1, CHAT)], at(0)).await.unwrap();
    for (until, counts, attempts) in [(at(10), false, 0), (at(20), true, 1), (at(30), true, 2)] {
        store.db.outbox_begin(vec![OutboxId(1)]).await.unwrap();
        settle(store, 1, OutboxEnd::Deferred { until, counts }).await;

        let item = store.db.outbox_open(OutboxId(0), 9).await.unwrap().remove(0);
        assert_eq!((item.not_before, item.attempts, item.in_doubt), (until, attempts, false));
    }
}

fn edit(id: i64, of: i64, payload: &str) -> NewOutbox {
    NewOutbox {
        class: OutboxClass::Edit,
        payload: payload.to_owned(),
        edit_of: Some(OutboxId(of)),
        ..reply(id, CHAT)
    }
}

async fn texts(store: &Store) -> Vec<(i64, String)> {
    let items = store.db.outbox_open(OutboxId(0), 99).await.unwrap();
    items.into_iter().map(|item| (item.message.id.0, item.message.payload)).collect()
}

async fn an_edit_that_waits_is_replaced(store: &Store) {
    store.db.outbox_insert(vec![reply(1, CHAT)], at(0)).await.unwrap();
    for (id, payload) in [(10, "10 %"), (11, "50 %"), (12, "90 %")] {
        let under = store.db.outbox_replace_edit(edit(id, 1, payload), at(0)).await.unwrap();
        assert_eq!(under, OutboxId(id));
    }
    // Another card is another matter.
    store.db.outbox_replace_edit(edit(13, 2, "5 %"), at(0)).await.unwrap();

    let expected = [(1, "{}"), (12, "90 %"), (13, "5 %")];
    assert_eq!(texts(store).await, expected.map(|(id, text)| (id, text.to_owned())));
}

/// The text of a send under way is out already: the new one must follow it.
async fn an_edit_under_way_is_not_replaced(store: &Store) {
    store.db.outbox_replace_edit(edit(10, 1, "10 %"), at(0)).await.unwrap();
    store.db.outbox_begin(vec![OutboxId(10)]).await.unwrap();
    store.db.outbox_replace_edit(edit(11, 1, "50 %"), at(0)).await.unwrap();

    let expected = [(10, "10 %"), (11, "50 %")];
    assert_eq!(texts(store).await, expected.map(|(id, text)| (id, text.to_owned())));
}

async fn nothing_to_do_is_fine(store: &Store) {
    store.db.outbox_insert(Vec::new(), at(0)).await.unwrap();
    store.db.outbox_begin(Vec::new()).await.unwrap();
    store.db.outbox_settle(Vec::new(), at(0)).await.unwrap();
    settle(store, 404, OutboxEnd::Failed("gone")).await;
    assert!(open(store).await.is_empty());
}
