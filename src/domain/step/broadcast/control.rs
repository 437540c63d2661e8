//! Buttons of broadcasts that are confirmed, and their list.
//!
//! Whoever may broadcast may hold, resume and end what others began. What cannot be taken back is
//! asked first, and the answer counts within a minute; what follows from a broadcast has its id
//! from the question, so that it is made once.

use super::say;
use super::send::is_in_time;
use crate::domain::broadcast::{
    Asked, Audience, Broadcast, BroadcastChange, BroadcastList, BroadcastNotice, BroadcastState,
    BroadcastView, Content, Control, ControlFacts, NewBroadcast, Question, Standing, UNDO_WITHIN,
};
use crate::domain::button::ControlAct;
use crate::domain::calendar::Zone;
use crate::domain::clock::Timestamp;
use crate::domain::effect::{Change, Decision, Effect, JobKind, NewJob, Place, Priority, View};
use crate::domain::ids::{BroadcastId, JobId, OutboxId, SeriesId};
use crate::domain::material::Card;
use crate::domain::step::{Scene, show};

/// The list.
pub fn list(scene: Scene<'_>, place: Place, mut list: BroadcastList) -> Decision {
    list.zone.get_or_insert(scene.broadcasts.zone);
    show(place, View::Broadcast(BroadcastView::List(Box::new(list))))
}

/// Ends a series: what it has made stays.
pub fn end_series(place: Place, series: SeriesId) -> Decision {
    let mut decision = say(place, BroadcastNotice::SeriesEnded);
    let change = Change::Broadcast(BroadcastChange::EndSeries(series));
    decision.effects.insert(0, Effect::Change(change));
    decision
}

/// A button.
pub fn press(scene: Scene<'_>, place: Place, act: ControlAct, facts: ControlFacts) -> Decision {
    let ControlFacts { broadcast, causes, count, is_made, zone } = facts;
    let zone = zone.unwrap_or(scene.broadcasts.zone);
    let Some(broadcast) = broadcast else { return say(Place::New, BroadcastNotice::Gone) };
    let id = broadcast.plan.id;
    let ask = |about, count| {
        let asked_s = scene.now.timestamp();
        let question = Question { broadcast: id, about, count, asked_s };
        show(place, View::Broadcast(BroadcastView::Ask(Box::new(question))))
    };
    let stand = |broadcast| {
        let standing = Standing::still(zone, broadcast, causes.clone());
        show(place, View::Broadcast(BroadcastView::Progress(Box::new(standing))))
    };
    match act {
        ControlAct::Show => stand(broadcast),
        ControlAct::Export => export(scene, id),
        ControlAct::Pause => control(stand, broadcast, Control::Pause),
        ControlAct::Resume if broadcast.plan.content.is_gone() => {
            also(stand(broadcast), BroadcastNotice::LetterGone)
        }
        ControlAct::Resume => control(stand, broadcast, Control::Resume),
        ControlAct::AskCancel if broadcast.state.is_over() => stand(broadcast),
        ControlAct::AskCancel => ask(Asked::Cancel, broadcast.progress.pending()),
        ControlAct::Cancel { asked_s } if !is_in_time(scene, asked_s) => {
            also(stand(broadcast), BroadcastNotice::TooLate)
        }
        ControlAct::Cancel { .. } => control(stand, broadcast, Control::Cancel),
        ControlAct::AskRetry | ControlAct::AskUndo => {
            let fresh = BroadcastId(scene.ids.next(scene.now));
            let about = if act == ControlAct::AskRetry {
                Asked::Retry { fresh }
            } else {
                Asked::Undo { fresh }
            };
            match obstacle(scene, &broadcast, act, count) {
                Some(notice) => also(stand(broadcast), notice),
                None => ask(about, count),
            }
        }
        ControlAct::Retry { .. } | ControlAct::Undo { .. } if is_made => {
            also(stand(broadcast), BroadcastNotice::Done)
        }
        ControlAct::Retry { asked_s, .. } | ControlAct::Undo { asked_s, .. }
            if !is_in_time(scene, asked_s) =>
        {
            also(stand(broadcast), BroadcastNotice::TooLate)
        }
        ControlAct::Retry { fresh, .. } | ControlAct::Undo { fresh, .. } => {
            match obstacle(scene, &broadcast, act, count) {
                Some(notice) => also(stand(broadcast), notice),
                None => follow(scene, stand, zone, broadcast, (act, fresh)),
            }
        }
    }
}

/// The table of all recipients, made by a job.
fn export(scene: Scene<'_>, broadcast: BroadcastId) -> Decision {
    let kind = JobKind::ExportBroadcast {
        broadcast,
        by: scene.user,
        chat: scene.chat,
        thread: scene.thread,
    };
    let job = NewJob {
        id: JobId(scene.ids.next(scene.now)),
        kind,
        fairness_key: scene.user.0,
        priority: Priority::Single,
        not_before: None,
    };
    let mut decision = say(Place::New, BroadcastNotice::MakingTable);
    decision.effects.push(Effect::Enqueue(job));
    decision
}

/// Why a broadcast cannot be sent again, or taken back.
fn obstacle(
    scene: Scene<'_>,
    broadcast: &Broadcast,
    act: ControlAct,
    count: u64,
) -> Option<BroadcastNotice> {
    let is_undo = matches!(act, ControlAct::AskUndo | ControlAct::Undo { .. });
    if !broadcast.state.is_over() || matches!(broadcast.plan.content, Content::Undo { .. }) {
        return Some(BroadcastNotice::Over);
    }
    if is_undo && !broadcast.can_be_undone(scene.now) {
        return Some(BroadcastNotice::TooOldToUndo);
    }
    if !is_undo && broadcast.plan.content.is_gone() {
        return Some(BroadcastNotice::LetterGone);
    }
    (count == 0).then_some(BroadcastNotice::NobodyLeft)
}

fn also(mut decision: Decision, notice: BroadcastNotice) -> Decision {
    decision.effects.extend(say(Place::New, notice).effects);
    decision
}

/// Holds, resumes or ends it; shows it as it stands where that does not apply any more.
fn control(
    stand: impl Fn(Broadcast) -> Decision,
    mut broadcast: Broadcast,
    control: Control,
) -> Decision {
    if !control.applies_to().contains(&broadcast.state) {
        return stand(broadcast);
    }
    let id = broadcast.plan.id;
    broadcast.state = match control {
        // It was held before it began, and waits for its time again.
        Control::Resume if broadcast.started_at.is_none() => BroadcastState::Scheduled,
        control => control.leads_to(),
    };
    let mut decision = stand(broadcast);
    let change = BroadcastChange::Control { id, control };
    decision.effects.insert(0, Effect::Change(Change::Broadcast(change)));
    decision
}

/// The broadcast that follows from another, with a card of its own.
fn follow(
    scene: Scene<'_>,
    stand: impl Fn(Broadcast) -> Decision,
    zone: Zone,
    broadcast: Broadcast,
    (act, fresh): (ControlAct, BroadcastId),
) -> Decision {
    let outbox = OutboxId(scene.ids.next(scene.now));
    let of = broadcast.plan.id;
    let (content, audience) = match act {
        ControlAct::Undo { .. } => (Content::Undo { of }, Audience::DeliveredOf { broadcast: of }),
        _ => (broadcast.plan.content.clone(), Audience::FailedOf { broadcast: of }),
    };
    let is_undo = matches!(content, Content::Undo { .. });
    let plan = NewBroadcast {
        id: fresh,
        by: scene.user,
        card: Some(Card { chat: scene.chat, outbox }),
        content,
        audience,
        doubt: broadcast.plan.doubt,
        // Whoever takes something back is in a hurry, and a removal wakes nobody.
        quiet: broadcast.plan.quiet.clone().filter(|_| !is_undo),
        paid: false,
        start_at: scene.now,
        slot: None,
    };
    let standing = Standing::fresh(plan.clone(), scene.now, zone);
    let view = View::Broadcast(BroadcastView::Progress(Box::new(standing)));
    let mut decision = stand(broadcast);
    let create = Change::Broadcast(BroadcastChange::Create(Box::new(plan)));
    decision.effects.insert(0, Effect::Change(create));
    decision.effects.push(Effect::Post { outbox, view });
    decision
}

impl Broadcast {
    /// Whether Telegram still removes what it has sent.
    pub fn can_be_undone(&self, now: Timestamp) -> bool {
        let sent_until = self.done_at.or(self.started_at);
        let is_undo = matches!(self.plan.content, Content::Undo { .. });
        !is_undo && sent_until.is_some_and(|until| now - until < UNDO_WITHIN)
    }
}
