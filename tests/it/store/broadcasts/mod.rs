//! Broadcasts: states, audiences, recipients and their exact account.

mod audience;
mod command;
mod ledger;
mod random;
mod recipients;
mod settle;
pub mod words;

use primelingo::domain::broadcast::{
    Audience, BroadcastState, Content, Control, DoubtPolicy, LinkButton, NewBroadcast, QuietHours,
    RecipientEnd, Slot,
};
use primelingo::domain::event::FileClass;
use primelingo::domain::ids::{BroadcastId, MessageId, SeriesId};
use primelingo::domain::lang::Lang;

use primelingo::store::records::FillCursor;

use super::fixture::{Store, at, conflict};
use words::{ID, outcome, plan, settlement};

contract! {
    a_broadcast_is_sent_and_accounted,
    a_plan_comes_out_as_it_went_in,
    one_that_exists_is_a_conflict,
    a_slot_is_filled_once,
    a_control_applies_to_its_states_only,
    only_what_is_not_over_and_not_held_is_ended,
    only_a_planned_one_begins,
    what_is_open_is_listed_in_the_order_of_its_beginning,
    the_list_has_pages,
    a_clock_that_is_set_back_does_no_harm,
    what_is_not_there_is_not_found,
}

async fn a_broadcast_is_sent_and_accounted(store: &Store) {
    let db = &store.db;
    assert_eq!(store.begun(plan(), &[7, -8, 9]).await, 3);
    let page = db.recipients_page(ID, 0, 9).await.unwrap();
    let page = page.iter().map(|one| (one.seq, one.chat.0)).collect::<Vec<_>>();
    assert_eq!(page, [(1, 7), (2, -8), (3, 9)]);

    let ends = vec![
        outcome(1, RecipientEnd::Delivered(vec![MessageId(70)])),
        outcome(2, RecipientEnd::Failed("refused")),
    ];
    let progress = store.settled(settlement(ends, 3)).await;
    assert_eq!((progress.delivered, progress.failed, progress.pending()), (1, 1, 1));
    assert_eq!(db.broadcast_recover(ID, at(8)).await.unwrap(), (0, 1));
    let progress = store.account(ID).await;
    assert!(progress.is_over() && progress.watermark == 3, "{progress:?}");

    assert!(db.broadcast_end(ID, BroadcastState::Done, None, at(9)).await.unwrap());
    let over = db.broadcast_get(ID).await.unwrap().unwrap();
    assert_eq!(
        (over.state, over.done_at, over.stop_reason),
        (BroadcastState::Done, Some(at(9)), None)
    );
    assert!(db.broadcasts_open().await.unwrap().is_empty());
    let exported = db.recipients_export(ID, 0, 9).await.unwrap();
    let lines = exported.iter().map(|one| (one.chat.0, one.state.as_str(), one.reason.as_str()));
    let expected = [(7, "delivered", ""), (-8, "failed", "refused"), (9, "in_doubt", "")];
    assert_eq!(lines.collect::<Vec<_>>(), expected);
    assert_eq!(exported[0].message, Some(MessageId(70)));
    let rest = db.recipients_export(ID, 1, 1).await.unwrap();
    assert_eq!(rest.iter().map(|one| one.seq).collect::<Vec<_>>(), [2]);
}

fn numbered(id: i64) -> NewBroadcast {
    NewBroadcast { id: BroadcastId(id), ..plan() }
}

async fn a_plan_comes_out_as_it_went_in(store: &Store) {
    let button =
        LinkButton { text: "Ўқиш \0".to_owned(), url: "https://t.me/x?a=1&b".to_owned() };
    let template = "<b>{name}</b> &amp; \u{202e}".to_owned();
    let quiet = QuietHours { from_min: 1_380, to_min: 420, zone: "Asia/Tashkent".to_owned() };
    let contents = [
        Content::Text { template: template.clone(), buttons: vec![button] },
        Content::File {
            class: FileClass::Video,
            file_id: "F".to_owned(),
            template,
            buttons: Vec::new(),
        },
        Content::Digest { since: at(-9), until: at(0) },
        Content::Undo { of: ID },
    ];
    for (id, content) in (1..).zip(contents) {
        let planned = NewBroadcast {
            content,
            card: None,
            audience: Audience::Language { lang: Lang::Uz },
            doubt: DoubtPolicy::Resend,
            quiet: Some(quiet.clone()),
            paid: true,
            slot: Some(Slot { series: SeriesId(3), at: at(id) }),
            ..numbered(id)
        };
        assert!(store.db.broadcast_create(planned.clone(), at(2)).await.unwrap());
        let found = store.db.broadcast_get(BroadcastId(id)).await.unwrap().unwrap();
        assert_eq!((found.plan, found.state), (planned, BroadcastState::Scheduled));
        assert_eq!((found.created_at, found.started_at, found.done_at), (at(2), None, None));
        assert_eq!(found.progress, primelingo::domain::broadcast::Progress::default());
    }
}

async fn one_that_exists_is_a_conflict(store: &Store) {
    assert!(store.db.broadcast_create(plan(), at(0)).await.unwrap());
    assert_eq!(conflict(store.db.broadcast_create(plan(), at(0)).await), "broadcast");
}

async fn a_slot_is_filled_once(store: &Store) {
    let slot = |id, second| NewBroadcast {
        slot: Some(Slot { series: SeriesId(3), at: at(second) }),
        ..numbered(id)
    };
    let (first, second) = tokio::join!(
        store.db.broadcast_create(slot(1, 60), at(60)),
        store.db.broadcast_create(slot(2, 60), at(61)),
    );
    assert_ne!(first.unwrap(), second.unwrap(), "one of the two");
    assert!(store.db.broadcast_create(slot(3, 120), at(120)).await.unwrap());
    let of_another = Some(Slot { series: SeriesId(4), at: at(60) });
    let of_another = NewBroadcast { slot: of_another, ..numbered(4) };
    assert!(store.db.broadcast_create(of_another, at(60)).await.unwrap());
    assert_eq!(store.rows("broadcasts").await, 3);
    assert_eq!(store.rows("broadcast_progress").await, 3);
    // Those without a slot do not stand in each other's way.
    for id in 5..7 {
        assert!(store.db.broadcast_create(numbered(id), at(0)).await.unwrap());
    }
}

/// A broadcast in each state, under the state's place in the list.
async fn one_in_each_state(store: &Store) {
    let db = &store.db;
    for (id, state) in (0..).zip(BroadcastState::ALL) {
        assert!(db.broadcast_create(numbered(id), at(0)).await.unwrap());
        let id = BroadcastId(id);
        match state {
            BroadcastState::Scheduled => {}
            BroadcastState::Missed => {
                assert!(db.broadcast_end(id, state, None, at(2)).await.unwrap());
            }
            BroadcastState::Running => assert!(db.broadcast_begin(id, at(1)).await.unwrap()),
            BroadcastState::Paused | BroadcastState::Cancelled => {
                assert!(db.broadcast_begin(id, at(1)).await.unwrap());
                let control = [Control::Pause, Control::Cancel];
                let control = control.into_iter().find(|one| one.leads_to() == state).unwrap();
                assert!(db.broadcast_control(id, control, at(2)).await.unwrap());
            }
            BroadcastState::Done | BroadcastState::Stopped => {
                assert!(db.broadcast_begin(id, at(1)).await.unwrap());
                assert!(db.broadcast_end(id, state, None, at(2)).await.unwrap());
            }
        }
        assert_eq!(state_of(store, id).await, state);
    }
}

async fn state_of(store: &Store, id: BroadcastId) -> BroadcastState {
    store.db.broadcast_get(id).await.unwrap().unwrap().state
}

async fn a_control_applies_to_its_states_only(store: &Store) {
    for control in [Control::Pause, Control::Resume, Control::Cancel] {
        one_in_each_state(store).await;
        for (id, state) in (0..).zip(BroadcastState::ALL) {
            let id = BroadcastId(id);
            let applied = store.db.broadcast_control(id, control, at(3)).await.unwrap();
            assert_eq!(applied, control.applies_to().contains(&state), "{control:?} of {state:?}");
            let found = store.db.broadcast_get(id).await.unwrap().unwrap();
            let expected = if applied { control.leads_to() } else { state };
            assert_eq!(found.state, expected, "{control:?} of {state:?}");
            assert_eq!(found.done_at.is_some(), expected.is_over(), "{control:?} of {state:?}");
        }
        store.place.execute("DELETE FROM broadcast_progress").await;
        store.place.execute("DELETE FROM broadcasts").await;
    }
}

async fn only_what_is_not_over_and_not_held_is_ended(store: &Store) {
    one_in_each_state(store).await;
    for (id, state) in (0..).zip(BroadcastState::ALL) {
        let id = BroadcastId(id);
        let reason = Some("Bad Request: \0".to_owned());
        let ended = store.db.broadcast_end(id, BroadcastState::Stopped, reason, at(9)).await;
        let ends = matches!(state, BroadcastState::Scheduled | BroadcastState::Running);
        assert_eq!(ended.unwrap(), ends, "{state:?}");
        let found = store.db.broadcast_get(id).await.unwrap().unwrap();
        if ends {
            assert_eq!((found.state, found.done_at), (BroadcastState::Stopped, Some(at(9))));
            assert_eq!(found.stop_reason.as_deref(), Some("Bad Request: \u{fffd}"));
        } else {
            assert_eq!((found.state, found.stop_reason), (state, None));
        }
    }
}

async fn only_a_planned_one_begins(store: &Store) {
    one_in_each_state(store).await;
    for (id, state) in (0..).zip(BroadcastState::ALL) {
        let id = BroadcastId(id);
        let begins = state == BroadcastState::Scheduled;
        assert_eq!(store.db.broadcast_begin(id, at(9)).await.unwrap(), begins, "{state:?}");
        let found = store.db.broadcast_get(id).await.unwrap().unwrap();
        if begins {
            assert_eq!((found.state, found.started_at), (BroadcastState::Running, Some(at(9))));
        } else {
            assert_eq!(found.state, state);
            assert_ne!(found.started_at, Some(at(9)), "{state:?}");
        }
    }
}

async fn what_is_open_is_listed_in_the_order_of_its_beginning(store: &Store) {
    one_in_each_state(store).await;
    for (id, start) in [(20, 0), (10, 1), (11, 99)] {
        let planned = NewBroadcast { start_at: at(start), ..numbered(id) };
        assert!(store.db.broadcast_create(planned, at(0)).await.unwrap());
    }
    let open = store.db.broadcasts_open().await.unwrap();
    let open: Vec<_> = open.iter().map(|one| one.plan.id.0).collect();
    // The three in the middle begin at the same moment: scheduled, running, paused.
    assert_eq!(open, [20, 0, 1, 2, 10, 11]);
}

async fn the_list_has_pages(store: &Store) {
    for id in 1..=5 {
        assert!(store.db.broadcast_create(numbered(id), at(0)).await.unwrap());
    }
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = store.db.broadcasts_list(before, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.plan.id);
        seen.extend(page.iter().map(|one| one.plan.id.0));
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

async fn a_clock_that_is_set_back_does_no_harm(store: &Store) {
    let db = &store.db;
    assert!(db.broadcast_create(plan(), at(100)).await.unwrap());
    assert!(db.broadcast_begin(ID, at(50)).await.unwrap());
    assert!(db.broadcast_control(ID, Control::Pause, at(40)).await.unwrap());
    assert!(db.broadcast_control(ID, Control::Resume, at(30)).await.unwrap());
    let slice = words::slice(&[1, 2], FillCursor::default(), None);
    assert!(db.recipients_fill(ID, slice).await.unwrap());
    let ends = vec![outcome(1, RecipientEnd::Deferred(at(-100))), words::delivered(2)];
    db.broadcast_settle(settlement(ends, 2), at(20)).await.unwrap();
    assert_eq!(db.recipients_deferred(ID, 9).await.unwrap().len(), 1);
    db.broadcast_settle(settlement(vec![words::delivered(1)], 2), at(-999)).await.unwrap();
    assert!(store.account(ID).await.is_over());
    assert!(db.broadcast_end(ID, BroadcastState::Done, None, at(-9)).await.unwrap());
}

async fn what_is_not_there_is_not_found(store: &Store) {
    let db = &store.db;
    assert_eq!(db.broadcast_get(ID).await.unwrap(), None);
    assert!(!db.broadcast_begin(ID, at(0)).await.unwrap());
    assert!(!db.broadcast_control(ID, Control::Cancel, at(0)).await.unwrap());
    assert!(!db.broadcast_end(ID, BroadcastState::Done, None, at(0)).await.unwrap());
    assert!(
        !db.recipients_fill(ID, words::slice(&[1], FillCursor::default(), None)).await.unwrap()
    );
    assert_eq!(conflict(db.broadcast_settle(settlement(vec![], 1), at(0)).await), "broadcast");
    assert_eq!(conflict(db.broadcast_recover(ID, at(0)).await), "broadcast");
    assert!(db.recipients_page(ID, 0, 9).await.unwrap().is_empty());
    assert!(db.recipients_deferred(ID, 9).await.unwrap().is_empty());
    assert!(db.recipients_export(ID, 0, 9).await.unwrap().is_empty());
    assert!(db.broadcast_causes(ID).await.unwrap().is_empty());
    assert_eq!(store.rows("broadcast_recipients").await, 0);
}
