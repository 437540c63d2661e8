//! The calls about alerts.

use futures_util::FutureExt as _;

use super::records::{
    AlertMessage, AlertSignals, AlertTurn, AlertsLook, AlertsShown, Doer, NewOutbox,
};
use super::{Backend, Db, StoreResult, calls, lite, pg, writes};
use crate::domain::alert::incoming::Posted;
use crate::domain::alert::{Alert, AlertTarget, Silence};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{AlertId, SilenceId, UserId};

calls! {
    /// Alerts that are open, the newest first.
    read alerts::alerts_open() -> Vec<Alert>;
    /// Alerts that are open, the newest first; then those that are over, the latest first.
    read alerts::alerts_list(over: i64) -> Vec<Alert>;
    /// Alerts that are open, or over since then.
    read alerts::alerts_since(since: Timestamp) -> Vec<Alert>;
    /// All that a message tells of, in the order in which it opened.
    read alerts::alerts_of_card(card: AlertId) -> Vec<Alert>;
    /// The messages of a card.
    read alerts::alert_messages(card: AlertId) -> Vec<AlertMessage>;
    /// What has to be shown now.
    read alerts::alerts_look(now: Timestamp, limit: i64) -> AlertsLook;
    /// What is not told of, what ends first first.
    read alerts::silences_active(now: Timestamp) -> Vec<Silence>;
    /// What Alertmanager has posted since then and not taken back.
    read alerts::alert_signals(since: Timestamp) -> AlertSignals;

    /// Writes down what has become of alerts, in that order; done twice it is done once.
    write(fence) alerts::alerts_turn(turns: Vec<AlertTurn>) -> ();
    /// Shows alerts.
    write(fence) alerts::alerts_show(shown: AlertsShown, now: Timestamp) -> ();
    /// Reminds of an alert that nobody looks after and of which nobody was reminded since then; gives
    /// whether it is one.
    write(fence) alerts::alert_remind(id: AlertId, before: Timestamp, messages: Vec<NewOutbox>, now: Timestamp) -> bool;
    /// Forgets alerts that were over before then, and what belongs to them.
    write alerts::alerts_prune(before: Timestamp, limit: i64) -> usize;

    /// Takes in what Alertmanager posts.
    write alert_acts::alert_signals_take(posted: Posted, now: Timestamp) -> ();
    /// Somebody looks after these, as far as they are open and nobody does; gives how many that is.
    write alert_acts::alert_ack(target: AlertTarget, doer: Doer, now: Timestamp) -> usize;
    /// Alerts of the names of these, as far as they are open, are not told until then; gives how many
    /// names that is.
    write alert_acts::alert_silence(target: AlertTarget, until: Timestamp, by: UserId, now: Timestamp) -> usize;
    /// Ends a silence; gives whether it was not over.
    write alert_acts::silence_end(id: SilenceId, by: UserId, now: Timestamp) -> bool;
}
