//! Broadcasts: states, audiences, recipients and their exact account.

mod words;

use primelingo::domain::broadcast::{BroadcastState, RecipientEnd};
use primelingo::domain::ids::{ChatId, MessageId};

use super::fixture::{Store, at};
use words::{ID, outcome, plan, settlement};

contract! {
    a_broadcast_is_sent_and_accounted,
}

async fn a_broadcast_is_sent_and_accounted(store: &Store) {
    let db = &store.db;
    assert_eq!(db.broadcast_get(ID).await.unwrap(), None);
    assert!(db.broadcast_create(plan(), at(0)).await.unwrap());
    let planned = db.broadcast_get(ID).await.unwrap().unwrap();
    assert_eq!((&planned.plan, planned.state), (&plan(), BroadcastState::Scheduled));
    assert!(db.broadcast_begin(ID, at(5)).await.unwrap());
    assert!(!db.broadcast_begin(ID, at(6)).await.unwrap(), "once");
    assert_eq!(store.filled(ID, &[7, -8, 9]).await, 3);

    let page = db.recipients_page(ID, 0, 9).await.unwrap();
    assert_eq!(
        page.iter().map(|one| (one.seq, one.chat.0)).collect::<Vec<_>>(),
        [(1, 7), (2, -8), (3, 9)]
    );
    let ends = vec![
        outcome(1, RecipientEnd::Delivered(vec![MessageId(70)])),
        outcome(2, RecipientEnd::Failed("refused")),
    ];
    let progress = db.broadcast_settle(settlement(ends, 3), at(7)).await.unwrap();
    assert_eq!((progress.delivered, progress.failed, progress.pending()), (1, 1, 1));
    store.account(ID).await;
    assert_eq!(db.broadcast_recover(ID, at(8)).await.unwrap(), (0, 1));
    let progress = store.account(ID).await;
    assert!(progress.is_over() && progress.watermark == 3, "{progress:?}");
    assert!(db.broadcast_end(ID, BroadcastState::Done, None, at(9)).await.unwrap());
    assert!(db.broadcasts_open().await.unwrap().is_empty());
    let listed = db.broadcasts_list(None, 9).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.done_at).collect::<Vec<_>>(), [Some(at(9))]);
    let exported = db.recipients_export(ID, 0, 9).await.unwrap();
    let lines = exported.iter().map(|one| (one.chat, one.state.as_str(), one.reason.as_str()));
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            (ChatId(7), "delivered", ""),
            (ChatId(-8), "failed", "refused"),
            (ChatId(9), "in_doubt", ""),
        ]
    );
}
