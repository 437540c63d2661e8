//! The messages that tell of alerts: one for each card and admin, edited until all of it is over.
//!
//! Invariants: what is told, which message tells of it and the row of the outbox are one transaction;
//! what nobody needs to be woken for waits for the end of its reader's quiet hours; what is silenced
//! is told when the silence ends, if it is not over by then.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;

use super::AlerterParts;
use super::watch::Watch;
use crate::domain::alert::cards::{CardSpan, choose};
use crate::domain::alert::{Alert, AlertCard, AlertsView, Severity, Silence, quiet_until, zone_of};
use crate::domain::clock::Timestamp;
use crate::domain::effect::View;
use crate::domain::health::Moment;
use crate::domain::ids::{AlertId, UserId};
use crate::domain::outgoing::Outgoing;
use crate::domain::user::User;
use crate::outbound::messages::{Dispatch, Ring};
use crate::store::StoreResult;
use crate::store::records::{AlertMessage, AlertsLook, AlertsShown, NewOutbox};
use crate::views::Shown;

/// What was over for so long before it could be told is told no more.
const PAST_AFTER: TimeDelta = TimeDelta::days(1);

/// Who cannot be written to any more is asked after again after this time.
const GONE_FOR: TimeDelta = TimeDelta::days(1);

/// What there is to tell with.
pub(super) struct Telling<'a> {
    watch: &'a mut Watch,
    parts: AlerterParts,
    people: Vec<User>,
    silences: Vec<Silence>,
    now: Timestamp,
    moment: Moment,
    /// Cards that others may join, once this is committed.
    recent: [Option<CardSpan>; 2],
    shown: AlertsShown,
    tally: Tally,
}

/// What is told, for the figures.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    firing: u64,
    resolved: u64,
    suppressed: u64,
}

impl Tally {
    fn count(self, outcome: &'static str) {
        let Self { firing, resolved, suppressed } = self;
        for (kind, count) in
            [("firing", firing), ("resolved", resolved), ("suppressed", suppressed)]
        {
            notified(kind, outcome, count);
        }
    }
}

fn notified(kind: &'static str, outcome: &'static str, count: u64) {
    metrics::counter!(
        "primelingo_alert_notifications_total", "kind" => kind, "outcome" => outcome
    )
    .increment(count);
}

impl<'a> Telling<'a> {
    /// Reads who is to be told, and of what not.
    pub(super) async fn begin(watch: &'a mut Watch, moment: Moment) -> StoreResult<Self> {
        let parts = watch.parts.clone();
        let now = parts.clock.now();
        let people = parts.db.people_in_charge(parts.owners.clone()).await?;
        let silences = parts.db.silences_active(now).await?;
        let (shown, tally, recent) = (AlertsShown::default(), Tally::default(), watch.recent);
        Ok(Self { watch, parts, people, silences, now, moment, recent, shown, tally })
    }

    /// Tells all of it. As long as there is nobody to be told, it waits.
    pub(super) async fn tell(mut self, look: AlertsLook) -> StoreResult<()> {
        if self.people.is_empty() {
            return Ok(());
        }
        let mut cards: BTreeMap<AlertId, Vec<Alert>> = BTreeMap::new();
        for alert in look.unshown {
            if let Some(card) = self.place(&alert) {
                cards.entry(card).or_default().push(alert);
            }
        }
        for (card, news) in cards {
            self.show(card, news).await?;
        }
        for due in look.due {
            self.show_late(due).await?;
        }
        self.commit().await
    }

    fn silence_of(&self, alert: &Alert) -> Option<&Silence> {
        self.silences.iter().find(|silence| silence.name == alert.name)
    }

    /// The card on which an alert is to be shown, if it is.
    fn place(&mut self, alert: &Alert) -> Option<AlertId> {
        let version = (alert.id, alert.version);
        if let Some(card) = alert.card {
            self.shown.shown.push(version);
            self.tally.resolved += u64::from(!alert.is_open());
            return Some(card);
        }
        let is_past = alert.resolved_at.is_some_and(|at| self.now - at > PAST_AFTER);
        if is_past {
            // Nobody was there to be told in time.
            self.shown.shown.push(version);
            return None;
        }
        let is_silenced = self.silence_of(alert).is_some();
        if is_silenced || (!alert.is_open() && self.watch.hushed.contains(&alert.id)) {
            self.tally.suppressed += u64::from(self.watch.hushed.insert(alert.id));
            if !alert.is_open() {
                // It has come and gone in silence.
                self.shown.shown.push(version);
            }
            return None;
        }
        let lane = self.recent.get_mut(usize::from(!alert.severity.wakes()))?;
        let span = choose(*lane, alert.id, self.moment);
        *lane = Some(span);
        self.shown.shown.push(version);
        self.shown.placed.push((alert.id, span.card));
        self.tally.firing += 1;
        Some(span.card)
    }

    /// Shows a card as it is with these news to everybody.
    async fn show(&mut self, id: AlertId, news: Vec<Alert>) -> StoreResult<()> {
        let is_told = news.iter().any(|alert| alert.card.is_none());
        let mut alerts = self.parts.db.alerts_of_card(id).await?;
        let known: BTreeSet<AlertId> = alerts.iter().map(|alert| alert.id).collect();
        alerts.extend(news.into_iter().filter(|alert| !known.contains(&alert.id)));
        alerts.sort_by_key(|alert| alert.id);
        let messages = self.parts.db.alert_messages(id).await?;
        for person in self.people.clone() {
            let known = messages.iter().find(|message| message.user == person.id);
            match known.map(|message| message.outbox) {
                Some(Some(outbox)) => {
                    let edit = self.card(&person, id, &alerts).into_edit();
                    self.shown.outbox.push(self.parts.row(&person, &edit, Some(outbox))?);
                }
                None if is_told => self.write(&person, id, &alerts)?,
                // It is made when the quiet hours end; and whoever comes later is not told what is
                // almost over.
                Some(None) | None => {}
            }
        }
        Ok(())
    }

    /// A new message, or a note that it is to be written in the morning.
    fn write(&mut self, person: &User, card: AlertId, alerts: &[Alert]) -> StoreResult<()> {
        let wakes = alerts.iter().any(|alert| alert.severity.wakes());
        let quiet = quiet_until(&person.preferences, self.now, self.parts.zone);
        let not_before = quiet.filter(|_| !wakes);
        let user = person.id;
        if not_before.is_some() {
            self.note(AlertMessage { card, user, outbox: None, not_before });
            return Ok(());
        }
        let is_loud = alerts.iter().any(|alert| alert.severity != Severity::Info);
        let message = new(self.card(person, card, alerts), !is_loud);
        let row = self.parts.row(person, &message, None)?;
        self.note(AlertMessage { card, user, outbox: Some(row.id), not_before });
        self.shown.outbox.push(row);
        Ok(())
    }

    fn note(&mut self, message: AlertMessage) {
        self.shown.messages.push(message);
    }

    /// The quiet hours of somebody are over.
    async fn show_late(&mut self, due: AlertMessage) -> StoreResult<()> {
        let AlertMessage { card, user, .. } = due;
        let alerts = self.parts.db.alerts_of_card(card).await?;
        if let Some(person) = self.person(user).filter(|_| !alerts.is_empty()) {
            return self.write(&person, card, &alerts);
        }
        let not_before = Some(self.now + GONE_FOR);
        self.note(AlertMessage { not_before, ..due });
        Ok(())
    }

    fn person(&self, id: UserId) -> Option<User> {
        self.people.iter().find(|person| person.id == id).cloned()
    }

    /// A card as this person reads it.
    fn card(&self, person: &User, id: AlertId, alerts: &[Alert]) -> Shown {
        let open = alerts.iter().filter(|alert| alert.is_open());
        let until: Option<Vec<Timestamp>> =
            open.map(|alert| self.silence_of(alert).map(|silence| silence.until)).collect();
        let view = AlertsView::Card(AlertCard {
            id,
            alerts: alerts.to_vec(),
            silenced_until: until.and_then(|until| until.into_iter().min()),
            zone: zone_of(&person.preferences, self.parts.zone),
        });
        self.parts.show(person, &View::Alerts(Box::new(view)))
    }

    async fn commit(self) -> StoreResult<()> {
        let Self { watch, parts, shown, tally, recent, now, .. } = self;
        let outbox = shown.outbox.clone();
        if let Err(error) = parts.db.alerts_show(shown, now).await {
            tally.count("error");
            return Err(error);
        }
        watch.recent = recent;
        tally.count("ok");
        ring(&parts, outbox);
        Ok(())
    }
}

/// Rings for what was just committed. A lost ring costs time only.
fn ring(parts: &AlerterParts, rows: Vec<NewOutbox>) {
    let (edits, messages): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.edit_of.is_some());
    if !messages.is_empty() {
        let _ = parts.dispatch.ring(Dispatch(messages));
    }
    if !edits.is_empty() {
        let _ = parts.outbox.ring(Ring);
    }
}

fn new(shown: Shown, silent: bool) -> Outgoing {
    let Shown { html, keyboard } = shown;
    Outgoing::Text { html, keyboard, reply_to: None, silent }
}

/// Mentions pages again that are steadily bad and that nobody looks after.
pub(super) async fn remind(watch: &Watch, every: Duration) -> StoreResult<()> {
    let parts = &watch.parts;
    let now = parts.clock.now();
    let before = now - TimeDelta::from_std(every).unwrap_or(TimeDelta::hours(1));
    let is_due = |alert: &Alert| {
        let last = alert.reminded_at.unwrap_or(alert.opened_at);
        let is_left = alert.severity.wakes() && alert.card.is_some() && alert.acked.is_none();
        is_left && last <= before && watch.is_steady(&alert.key, every)
    };
    let mut due = parts.db.alerts_open().await?;
    due.retain(is_due);
    if due.is_empty() {
        return Ok(());
    }
    let silences = parts.db.silences_active(now).await?;
    due.retain(|alert| silences.iter().all(|silence| silence.name != alert.name));
    let people = parts.db.people_in_charge(parts.owners.clone()).await?;
    for alert in due {
        let id = alert.id;
        let view = View::Alerts(Box::new(AlertsView::Reminder(Box::new(alert))));
        let message = |person| parts.row(person, &new(parts.show(person, &view), false), None);
        let messages: Vec<NewOutbox> = people.iter().map(message).collect::<StoreResult<_>>()?;
        match parts.db.alert_remind(id, before, messages.clone(), now).await {
            Ok(false) => {}
            Ok(true) => {
                notified("reminder", "ok", 1);
                ring(parts, messages);
            }
            Err(error) => {
                notified("reminder", "error", 1);
                return Err(error);
            }
        }
    }
    Ok(())
}
