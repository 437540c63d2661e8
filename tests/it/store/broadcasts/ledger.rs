//! What a recipient costs in the database, when all is over.

use primelingo::domain::broadcast::RecipientEnd;
use primelingo::domain::ids::{BroadcastId, MessageId};
use primelingo::store::records::{BroadcastSettlement, FillCursor};

use super::words::{delivered, outcome, plan, settlement, slice};
use crate::store::fixture::{Place, Store, at};

contract! {
    a_recipient_costs_few_bytes,
}

const RECIPIENTS: i64 = 20_000;
const SLICE: i64 = 5_000;
const BATCH: i64 = 50;
const BYTES_EACH: i64 = 300;

/// As an id is made in a few years: eight bytes.
const BIG: BroadcastId = BroadcastId(1 << 58);

#[expect(clippy::print_stdout, reason = "the figure, for whoever asks for it")]
async fn a_recipient_costs_few_bytes(store: &Store) {
    let planned = primelingo::domain::broadcast::NewBroadcast { id: BIG, ..plan() };
    assert!(store.db.broadcast_create(planned, at(0)).await.unwrap());
    assert!(store.db.broadcast_begin(BIG, at(1)).await.unwrap());
    let mut from = FillCursor::default();
    for first in (0..RECIPIENTS).step_by(usize::try_from(SLICE).unwrap()) {
        // Ten digits, in no order.
        let chats: Vec<_> =
            (first..first + SLICE).map(|n| 1_000_000_000 + n * 7_919_993 % 6_000_000_011).collect();
        let next = FillCursor { phase: 1, time: 0, id: first + SLICE };
        assert!(store.db.recipients_fill(BIG, slice(&chats, from, Some(next))).await.unwrap());
        from = next;
    }
    for first in (1..=RECIPIENTS).step_by(usize::try_from(BATCH).unwrap()) {
        let ends = (first..first + BATCH).map(|seq| match seq % 10 {
            0 => outcome(seq, RecipientEnd::Blocked("deactivated")),
            1 => outcome(seq, RecipientEnd::Delivered(vec![MessageId(seq * 1_000)])),
            _ => delivered(seq),
        });
        let settlement =
            BroadcastSettlement { id: BIG, ..settlement(ends.collect(), first + BATCH) };
        store.db.broadcast_settle(settlement, at(7)).await.unwrap();
    }
    let progress = store.account(BIG).await;
    assert_eq!(progress.settled(), RECIPIENTS.unsigned_abs());

    let bytes = match store.place {
        Place::Sqlite(_) => pages(store).await,
        Place::Postgres(_) => {
            let sql = "SELECT pg_total_relation_size('broadcast_recipients')";
            store.place.number(sql).await
        }
    };
    let each = bytes / RECIPIENTS;
    println!("{each} bytes for each recipient on {}", store.db.backend_name());
    assert!(each <= BYTES_EACH, "{each} bytes for each recipient");
}

/// What the table takes up of a SQLite file: the file without it is a few pages.
async fn pages(store: &Store) -> i64 {
    let page = store.place.number("SELECT page_size FROM pragma_page_size").await;
    let used = "SELECT page_count - (SELECT freelist_count FROM pragma_freelist_count)
                FROM pragma_page_count";
    let before = store.place.number(used).await;
    store.place.execute("DROP TABLE broadcast_recipients").await;
    let after = store.place.number(used).await;
    (before - after) * page
}
