//! What admins do about alerts.
//!
//! A button of a message that tells of alerts shows nothing itself: the alerter shows what has
//! become of them in the messages of all admins, this one's included.

use super::{Decision, Effect, Place, Scene, View, change};
use crate::domain::alert::{AlertAct, AlertChange, AlertFacts, AlertTarget, AlertsView, zone_in};
use crate::domain::effect::Change;

/// The command, or a button.
pub fn act(scene: Scene<'_>, place: Place, act: AlertAct, facts: AlertFacts) -> Decision {
    match act {
        AlertAct::Show => show(scene, place, facts),
        AlertAct::Ack(card) => change(Change::Alert(AlertChange::Ack(AlertTarget::Card(card)))),
        AlertAct::Silence(card, span) => {
            let until = scene.now + span.length();
            change(Change::Alert(AlertChange::Silence(AlertTarget::Card(card), until)))
        }
        AlertAct::EndSilence(id) => {
            let mut facts = facts;
            facts.silences.retain(|silence| silence.id != id);
            let mut decision = show(scene, place, facts);
            decision.effects.insert(0, Effect::Change(Change::Alert(AlertChange::EndSilence(id))));
            decision
        }
    }
}

fn show(scene: Scene<'_>, place: Place, facts: AlertFacts) -> Decision {
    let zone = zone_in(facts.zone.as_deref(), scene.broadcasts.zone);
    let view = View::Alerts(Box::new(AlertsView::List { facts, zone }));
    super::show(place, view)
}
