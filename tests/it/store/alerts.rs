//! Alerts: openings, what tells of them, silences, and what Alertmanager posts.

use std::time::Duration;

use primelingo::domain::alert::incoming::{Incoming, Posted};
use primelingo::domain::alert::{Alert, AlertChange, AlertDetails, AlertTarget, Severity, Source};
use primelingo::domain::audit::{AuditRequest, AuditSubject};
use primelingo::domain::effect::Change;
use primelingo::domain::ids::{AlertId, ChatId, OutboxId, SilenceId, UserId};
use primelingo::domain::lang::Lang;
use primelingo::domain::role::Role;
use primelingo::store::records::{
    AlertMessage, AlertTurn, AlertsShown, Doer, LeaseAnswer, NewAlert, NewOutbox, StepCommit,
};

use super::fixture::{Store, at, conflict};
use super::words::{owner, plain, reply, seen, step};

contract! {
    an_opening_is_written_once_and_ends_once,
    a_key_opens_again_after_its_end,
    a_clock_that_jumps_back_ends_nothing_twice_and_leaves_nothing_open,
    what_is_shown_is_committed_with_its_messages,
    what_changes_meanwhile_is_shown_again,
    a_message_waits_for_the_morning,
    somebody_takes_it_over_once_and_it_is_audited,
    a_silence_is_of_a_name_and_ends,
    a_step_of_a_chat_acts_and_needs_an_admin,
    a_reminder_is_sent_once_in_its_time,
    what_alertmanager_posts_is_kept_until_it_takes_it_back,
    old_alerts_are_forgotten,
    a_leader_of_the_past_tells_nothing,
}

const ADMIN: UserId = UserId(71_001);
/// On the dashboard.
const BY: Doer = Doer { user: ADMIN, needs: Some(Role::Admin) };

fn opened(key: &str, severity: Severity, seconds: i64) -> AlertTurn {
    AlertTurn::Opened(NewAlert {
        key: key.to_owned(),
        name: key.to_owned(),
        severity,
        source: Source::Own,
        details: AlertDetails { subject: Some("gate".to_owned()), text: None },
        openings: 1,
        at: at(seconds),
    })
}

fn over(key: &str, seconds: i64) -> AlertTurn {
    AlertTurn::Resolved { key: key.to_owned(), at: at(seconds) }
}

async fn turn(store: &Store, turns: Vec<AlertTurn>) {
    store.db.alerts_turn(turns).await.unwrap();
}

async fn all(store: &Store) -> Vec<Alert> {
    store.db.alerts_list(99).await.unwrap()
}

/// The one that is open.
async fn open(store: &Store, key: &str) -> Alert {
    turn(store, vec![opened(key, Severity::Page, 0)]).await;
    let open = store.db.alerts_open().await.unwrap();
    open.into_iter().find(|alert| alert.key == key).unwrap()
}

async fn admin(store: &Store) {
    store.db.user_set_role(ADMIN, Role::Admin, at(0)).await.unwrap();
    let seq = store.waiting_update(ChatId(ADMIN.0)).await;
    let seen = Some(seen(ADMIN, "Adam", Lang::Ru));
    store.db.step_commit(StepCommit { seen, user: Some(ADMIN), ..step(seq) }).await.unwrap();
}

async fn an_opening_is_written_once_and_ends_once(store: &Store) {
    let turns = vec![opened("a", Severity::Page, 0), opened("b", Severity::Info, 1), over("b", 9)];
    turn(store, turns.clone()).await;
    // The answer to the commit was lost: all of it comes again.
    turn(store, turns).await;
    let alerts = all(store).await;
    let shown: Vec<_> =
        alerts.iter().map(|it| (it.key.as_str(), it.severity, it.resolved_at)).collect();
    assert_eq!(
        shown,
        [("a", Severity::Page, None), ("b", Severity::Info, Some(at(9)))],
        "open ones first"
    );
    let first = &alerts[0];
    assert_eq!((first.opened_at, first.openings, first.version), (at(0), 1, 1));
    assert_eq!(first.details.subject.as_deref(), Some("gate"));
    assert_eq!((first.card, first.acked.clone(), first.state()), (None, None, "open"));
    assert_eq!(alerts[1].version, 2, "its end is to be shown");
    turn(store, vec![over("b", 20)]).await;
    assert_eq!(all(store).await, alerts, "it was over");
}

async fn a_key_opens_again_after_its_end(store: &Store) {
    turn(store, vec![opened("a", Severity::Page, 0), opened("a", Severity::Page, 1)]).await;
    assert_eq!(store.rows("alerts").await, 1, "one at a time");
    turn(store, vec![over("a", 5), opened("a", Severity::Page, 6)]).await;
    assert_eq!(store.rows("alerts").await, 2);
    let since = |seconds| async move {
        let alerts = store.db.alerts_since(at(seconds)).await.unwrap();
        alerts.into_iter().map(|alert| alert.opened_at).collect::<Vec<_>>()
    };
    assert_eq!(since(4).await, [at(6), at(0)]);
    assert_eq!(since(5).await, [at(6)]);
}

async fn a_clock_that_jumps_back_ends_nothing_twice_and_leaves_nothing_open(store: &Store) {
    turn(store, vec![opened("a", Severity::Page, 100)]).await;
    let turns = vec![over("a", 50), opened("a", Severity::Page, 60)];
    turn(store, turns.clone()).await;
    // The answer to the commit was lost.
    turn(store, turns).await;
    let times: Vec<_> = all(store).await.iter().map(|it| (it.opened_at, it.resolved_at)).collect();
    assert_eq!(times, [(at(60), None), (at(100), Some(at(50)))]);
}

fn message(card: AlertId, outbox: Option<i64>) -> AlertMessage {
    AlertMessage {
        card,
        user: ADMIN,
        outbox: outbox.map(OutboxId),
        not_before: outbox.is_none().then(|| at(100)),
    }
}

async fn show(store: &Store, alert: &Alert, outbox: i64) {
    let shown = AlertsShown {
        placed: vec![(alert.id, alert.id)],
        shown: vec![(alert.id, alert.version)],
        messages: vec![message(alert.id, Some(outbox))],
        outbox: vec![reply(outbox, ChatId(ADMIN.0))],
    };
    store.db.alerts_show(shown, at(1)).await.unwrap();
}

/// Keys of what is yet to be shown.
async fn unshown(store: &Store) -> Vec<String> {
    let look = store.db.alerts_look(at(50), 9).await.unwrap();
    look.unshown.into_iter().map(|alert| alert.key).collect()
}

async fn what_is_shown_is_committed_with_its_messages(store: &Store) {
    let first = open(store, "a").await;
    let second = open(store, "b").await;
    assert_eq!(unshown(store).await, ["a", "b"]);
    show(store, &first, 10).await;
    assert_eq!(unshown(store).await, ["b"]);
    assert_eq!(store.db.alert_messages(first.id).await.unwrap()[0].outbox, Some(OutboxId(10)));
    // Another alerter has told of it meanwhile: nothing of this is committed.
    let again = AlertsShown {
        placed: vec![(second.id, first.id), (first.id, first.id)],
        shown: vec![(second.id, 1)],
        messages: vec![message(first.id, Some(11))],
        outbox: vec![reply(11, ChatId(ADMIN.0))],
    };
    assert_eq!(conflict(store.db.alerts_show(again, at(2)).await), "alert");
    assert_eq!((store.rows("outbox").await, unshown(store).await), (1, vec!["b".to_owned()]));
    // It joins the first, whose message is edited.
    let edit = |id| NewOutbox { edit_of: Some(OutboxId(10)), ..reply(id, ChatId(ADMIN.0)) };
    for id in [12, 13] {
        let joined = AlertsShown {
            placed: if id == 12 { vec![(second.id, first.id)] } else { vec![] },
            shown: vec![(second.id, 1)],
            outbox: vec![edit(id)],
            ..AlertsShown::default()
        };
        store.db.alerts_show(joined, at(2)).await.unwrap();
    }
    assert_eq!(store.rows("outbox WHERE edit_of = 10").await, 1, "the newer edit is enough");
    let card = store.db.alerts_of_card(first.id).await.unwrap();
    assert_eq!(card.iter().map(|alert| alert.id).collect::<Vec<_>>(), [first.id, second.id]);
    assert!(unshown(store).await.is_empty());
}

async fn what_changes_meanwhile_is_shown_again(store: &Store) {
    let alert = open(store, "a").await;
    turn(store, vec![over("a", 3)]).await;
    show(store, &alert, 10).await;
    assert_eq!(unshown(store).await, ["a"], "its end came after it was read");
}

async fn a_message_waits_for_the_morning(store: &Store) {
    let alert = open(store, "a").await;
    let waiting = AlertsShown {
        placed: vec![(alert.id, alert.id)],
        shown: vec![(alert.id, 1)],
        messages: vec![message(alert.id, None)],
        outbox: vec![],
    };
    store.db.alerts_show(waiting, at(1)).await.unwrap();
    let due = async |seconds| store.db.alerts_look(at(seconds), 9).await.unwrap().due;
    assert_eq!(due(99).await, []);
    assert_eq!(due(100).await, [message(alert.id, None)]);
    let shown = AlertsShown {
        messages: vec![message(alert.id, Some(10))],
        outbox: vec![reply(10, ChatId(ADMIN.0))],
        ..AlertsShown::default()
    };
    store.db.alerts_show(shown, at(100)).await.unwrap();
    assert_eq!(due(999).await, []);
    assert_eq!(store.rows("alert_messages").await, 1);
}

async fn audited(store: &Store) -> Vec<(&'static str, i64, Option<String>)> {
    let subject = Some(AuditSubject::Alert);
    let request = AuditRequest { subject, limit: 9, ..AuditRequest::default() };
    let entries = store.db.audit_list(request).await.unwrap();
    let shown = entries.into_iter().rev().map(|entry| {
        assert_eq!(entry.note.actor, ADMIN);
        (entry.note.action.name(), entry.note.subject, entry.note.details.after)
    });
    shown.collect()
}

async fn somebody_takes_it_over_once_and_it_is_audited(store: &Store) {
    admin(store).await;
    let alert = open(store, "a").await;
    let other = open(store, "b").await;
    show(store, &alert, 10).await;
    show(store, &other, 11).await;
    let ack = |target| store.db.alert_ack(target, BY, at(5));
    store.db.user_set_role(ADMIN, Role::Editor, at(1)).await.unwrap();
    assert_eq!(conflict(ack(AlertTarget::Card(alert.id)).await), "role");
    store.db.user_set_role(ADMIN, Role::Admin, at(2)).await.unwrap();
    assert_eq!(ack(AlertTarget::Card(alert.id)).await.unwrap(), 1);
    assert_eq!(ack(AlertTarget::One(alert.id)).await.unwrap(), 0, "somebody has it");
    let acked = store.db.alerts_of_card(alert.id).await.unwrap().remove(0);
    let by = acked.acked.clone().unwrap();
    assert_eq!((by.by, by.name.as_deref(), by.at), (ADMIN, Some("Adam"), at(5)));
    assert_eq!(acked.state(), "acked");
    assert_eq!(unshown(store).await, ["a"]);
    turn(store, vec![over("b", 6)]).await;
    assert_eq!(ack(AlertTarget::One(other.id)).await.unwrap(), 0, "it is over");
    assert_eq!(audited(store).await, [("ack_alert", alert.id.0, Some("a".to_owned()))]);
}

async fn a_silence_is_of_a_name_and_ends(store: &Store) {
    admin(store).await;
    let alert = open(store, "a").await;
    show(store, &alert, 10).await;
    let silence =
        |until| store.db.alert_silence(AlertTarget::Card(alert.id), at(until), ADMIN, at(5));
    assert_eq!(silence(100).await.unwrap(), 1);
    assert_eq!(unshown(store).await, ["a"], "the card says so");
    assert_eq!(silence(200).await.unwrap(), 1);
    let active = async |seconds| store.db.silences_active(at(seconds)).await.unwrap();
    let [one] = active(6).await.try_into().unwrap();
    assert_eq!((one.name.as_str(), one.until), ("a", at(200)), "the newest word counts");
    assert_eq!((one.by, one.by_name.as_deref()), (ADMIN, Some("Adam")));
    assert_eq!(active(200).await, []);

    assert!(store.db.silence_end(one.id, ADMIN, at(50)).await.unwrap());
    assert!(!store.db.silence_end(one.id, ADMIN, at(51)).await.unwrap());
    assert!(!store.db.silence_end(SilenceId(99), ADMIN, at(51)).await.unwrap());
    assert_eq!(active(50).await, []);
    let note = |action| (action, alert.id.0, Some("a".to_owned()));
    let expected = [note("silence_alert"), note("silence_alert"), note("end_silence")];
    assert_eq!(audited(store).await, expected);
}

async fn a_step_of_a_chat_acts_and_needs_an_admin(store: &Store) {
    admin(store).await;
    let alert = open(store, "a").await;
    show(store, &alert, 10).await;
    let act = async |change, user: UserId| {
        let seq = store.waiting_update(ChatId(user.0)).await;
        let changes = vec![plain(Change::Alert(change))];
        let requires = Some((user, Role::Admin));
        store.db.step_commit(StepCommit { changes, requires, user: Some(user), ..step(seq) }).await
    };
    let target = AlertTarget::Card(alert.id);
    let stranger = UserId(71_002);
    assert_eq!(conflict(act(AlertChange::Ack(target), stranger).await), "role");
    act(AlertChange::Ack(target), ADMIN).await.unwrap();
    act(AlertChange::Ack(target), ADMIN).await.unwrap();
    act(AlertChange::Silence(target, at(900)), ADMIN).await.unwrap();
    let silence = store.db.silences_active(at(1)).await.unwrap().remove(0);
    act(AlertChange::EndSilence(silence.id), ADMIN).await.unwrap();
    assert_eq!(audited(store).await.len(), 3);
}

async fn a_reminder_is_sent_once_in_its_time(store: &Store) {
    let alert = open(store, "a").await;
    show(store, &alert, 10).await;
    let remind = async |id: i64, before, now| {
        let messages = vec![reply(id, ChatId(ADMIN.0))];
        store.db.alert_remind(alert.id, at(before), messages, at(now)).await.unwrap()
    };
    assert!(!remind(20, -1, 50).await, "too early");
    assert!(remind(21, 0, 60).await);
    assert!(!remind(22, 59, 61).await, "another has reminded");
    assert!(remind(23, 60, 120).await);
    store
        .db
        .alert_ack(AlertTarget::One(alert.id), Doer { needs: None, ..BY }, at(130))
        .await
        .unwrap();
    assert!(!remind(24, 120, 180).await, "somebody looks after it");
    assert_eq!(store.rows("outbox").await, 3);
}

fn posted(fingerprint: &str, text: &str) -> Posted {
    let incoming = Incoming {
        fingerprint: fingerprint.to_owned(),
        name: "NodeDown".to_owned(),
        severity: Severity::Ticket,
        details: AlertDetails { subject: None, text: Some(text.to_owned()) },
    };
    Posted { firing: vec![incoming], ..Posted::default() }
}

async fn what_alertmanager_posts_is_kept_until_it_takes_it_back(store: &Store) {
    let take = async |posted, now| store.db.alert_signals_take(posted, at(now)).await.unwrap();
    let signals = async |since| store.db.alert_signals(at(since)).await.unwrap();
    take(posted("aa", "first"), 1).await;
    take(posted("aa", "again"), 2).await;
    take(posted("bb", "another"), 3).await;
    let texts = async |since| -> Vec<String> {
        let firing = signals(since).await.firing;
        firing.into_iter().filter_map(|incoming| incoming.details.text).collect()
    };
    assert_eq!(texts(0).await, ["another", "again"]);
    assert_eq!(texts(2).await, ["another"], "the other is not repeated any more");
    let resolved = vec!["bb".to_owned(), "unheard".to_owned()];
    take(Posted { resolved, watchdog: true, ..Posted::default() }, 5).await;
    assert_eq!(texts(0).await, ["again"]);
    assert_eq!(signals(0).await.watchdog, Some(at(5)));
    take(Posted { watchdog: true, ..Posted::default() }, 9).await;
    assert_eq!(signals(0).await.watchdog, Some(at(9)));
}

async fn old_alerts_are_forgotten(store: &Store) {
    let old = open(store, "a").await;
    show(store, &old, 10).await;
    let held = open(store, "b").await;
    turn(store, vec![over("a", 5)]).await;
    store.db.alert_signals_take(posted("aa", "x"), at(1)).await.unwrap();
    assert_eq!(store.db.alerts_prune(at(5), 9).await.unwrap(), 0);
    assert_eq!(store.db.alerts_prune(at(6), 9).await.unwrap(), 1);
    let left: Vec<AlertId> = all(store).await.into_iter().map(|alert| alert.id).collect();
    assert_eq!(left, [held.id], "what is open stays");
    assert_eq!((store.rows("alert_messages").await, store.rows("alert_signals").await), (0, 0));
}

async fn a_leader_of_the_past_tells_nothing(store: &Store) {
    let long = Duration::from_mins(10);
    let lead = async |instance| {
        let taken = store.db.lease_take("leader".to_owned(), owner(instance, 1), long).await;
        let LeaseAnswer::Taken { token, .. } = taken.unwrap() else { panic!("not free") };
        token
    };
    let old = lead("old").await;
    let past = store.db.under(old);
    past.alerts_turn(vec![opened("a", Severity::Page, 0)]).await.unwrap();
    store.db.lease_release("leader".to_owned(), old).await.unwrap();
    let present = store.db.under(lead("new").await);
    let alert = all(store).await.remove(0);
    let shown = || AlertsShown {
        placed: vec![(alert.id, alert.id)],
        outbox: vec![reply(10, ChatId(ADMIN.0))],
        ..AlertsShown::default()
    };
    let refused = past.alerts_show(shown(), at(1)).await.unwrap_err();
    assert!(refused.is_lease_lost(), "{refused}");
    let refused = past.alerts_turn(vec![over("a", 2)]).await.unwrap_err();
    assert!(refused.is_lease_lost(), "{refused}");
    assert_eq!((store.rows("outbox").await, all(store).await[0].is_open()), (0, true));
    present.alerts_show(shown(), at(1)).await.unwrap();
    present.alerts_turn(vec![over("a", 2)]).await.unwrap();
    assert_eq!(store.rows("outbox").await, 1);
}
