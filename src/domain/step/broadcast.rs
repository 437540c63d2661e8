//! The dialog about a broadcast: content, buttons, audience, time, review, confirmation.
//!
//! Invariants: nothing is sent to anybody but the admin before "Send" is pressed; that press counts
//! once, from the one who was asked, within a minute of the question, by a clock that was not set
//! back; what is then sent is what the card says. The dialog is one card, edited in place.

use super::{Scene, show};
use crate::domain::broadcast::{
    Audience, BroadcastNotice, BroadcastView, ComposeCard, ComposeFacts, Content, Hint, LinkButton,
    QuietHours, Rendition,
};
use crate::domain::button::ComposeAct;
use crate::domain::calendar::Zone;
use crate::domain::effect::{Decision, Effect, Notice, Place, View};
use crate::domain::ids::{BroadcastId, CategoryId, MaterialId, OutboxId};
use crate::domain::intent::ComposeInput;
use crate::domain::session::{Compose, ComposeStep, Dialog};

mod control;
mod letter;
mod links;
mod send;
mod time;

pub use control::{end_series, list, press};

/// What must be known before an answer can be decided on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// How many these are.
    pub audience: Option<Audience>,
    /// The nodes of the catalogue inside this one, or at the top.
    pub inside: Option<Option<CategoryId>>,
    /// The node that the answer names.
    pub chosen: Option<CategoryId>,
    /// Whether learners find these.
    pub materials: Vec<MaterialId>,
}

/// Tells what an answer needs.
pub fn needs(dialog: &Dialog, input: &ComposeInput, bot_username: &str) -> Needs {
    let mut needs = Needs::default();
    let Dialog::Broadcast(compose) = dialog else { return needs };
    if let ComposeStep::Section { inside } = compose.step {
        needs.inside = Some(inside);
    }
    match input {
        ComposeInput::Begin => {}
        ComposeInput::Letter(letter) => {
            if let (ComposeStep::Buttons, Some(text)) = (compose.step, &letter.text) {
                needs.materials = links::materials(text, bot_username);
            }
        }
        ComposeInput::Act { act, .. } => {
            needs.audience = named_audience(*act);
            match act {
                ComposeAct::OpenSection(inside) => needs.inside = Some(*inside),
                ComposeAct::TakeSection(section) => needs.chosen = Some(*section),
                ComposeAct::AskSend | ComposeAct::AskPaid | ComposeAct::Next => {
                    needs.audience.clone_from(&compose.audience);
                }
                _ => {}
            }
        }
    }
    needs
}

/// The audience that a button names.
fn named_audience(act: ComposeAct) -> Option<Audience> {
    Some(match act {
        ComposeAct::TakeAll => Audience::All,
        ComposeAct::TakeLanguage(lang) => Audience::Language { lang },
        ComposeAct::TakeActive(days) => Audience::Active { days },
        ComposeAct::TakeSection(category) => Audience::Followers { category },
        ComposeAct::TakeRole(role) => Audience::Role { role },
        ComposeAct::TakeList(list) => Audience::List { list },
        _ => return None,
    })
}

/// The command, a message, or a button.
pub fn go_on(scene: Scene<'_>, input: ComposeInput, facts: ComposeFacts) -> Decision {
    match (scene.dialog, input) {
        (Dialog::Idle, ComposeInput::Begin) => {
            let broadcast = BroadcastId(scene.ids.next(scene.now));
            let card = OutboxId(scene.ids.next(scene.now));
            Turn::new(scene, &Compose::new(broadcast, card), facts).post()
        }
        (Dialog::Broadcast(compose), ComposeInput::Begin) => {
            post_again(Turn::new(scene, compose, facts))
        }
        (_, ComposeInput::Begin) => show(Place::New, View::Notice(Notice::FinishFirst)),
        (Dialog::Broadcast(compose), ComposeInput::Letter(letter)) => {
            letter::answer(Turn::new(scene, compose, facts), *letter)
        }
        (Dialog::Broadcast(compose), ComposeInput::Act { broadcast, act })
            if compose.broadcast == broadcast =>
        {
            answer_by_button(Turn::new(scene, compose, facts), act)
        }
        _ => say(Place::New, BroadcastNotice::Over),
    }
}

/// `/cancel` in the dialog.
pub fn cancel(scene: Scene<'_>) -> Decision {
    let mut decision = match scene.dialog {
        Dialog::Broadcast(compose) => give_up(compose),
        _ => Decision::default(),
    };
    let view = View::Notice(Notice::Broadcast(BroadcastNotice::Cancelled));
    decision.effects.push(Effect::Show { place: Place::New, view });
    decision
}

/// Reminds whoever turns to the menu of the broadcast that waits.
pub fn remind(scene: Scene<'_>, mut decision: Decision) -> Decision {
    if let Dialog::Broadcast(compose) = scene.dialog {
        let notice = BroadcastNotice::Unfinished(compose.broadcast);
        let view = View::Notice(Notice::Broadcast(notice));
        decision.effects.push(Effect::Show { place: Place::New, view });
    }
    decision
}

fn say(place: Place, notice: BroadcastNotice) -> Decision {
    show(place, View::Notice(Notice::Broadcast(notice)))
}

fn give_up(compose: &Compose) -> Decision {
    let view = View::Notice(Notice::Broadcast(BroadcastNotice::Cancelled));
    let effects = vec![Effect::EditPost { outbox: compose.card, view }];
    Decision { dialog: Some(Dialog::Idle), effects }
}

/// An answer that is being decided on.
struct Turn<'a> {
    scene: Scene<'a>,
    compose: Compose,
    facts: ComposeFacts,
    hint: Option<Hint>,
    /// Show the admin what users will get.
    preview: bool,
}

impl<'a> Turn<'a> {
    fn new(scene: Scene<'a>, compose: &Compose, facts: ComposeFacts) -> Self {
        Self { scene, compose: compose.clone(), facts, hint: None, preview: false }
    }

    fn hinted(mut self, hint: Hint) -> Decision {
        self.hint = Some(hint);
        self.end()
    }

    /// Asks the next question, or leads back to the review once all were asked.
    fn go_to(&mut self, step: ComposeStep) {
        self.compose.step = if self.compose.reviewed { ComposeStep::Review } else { step };
        self.compose.reviewed |= step == ComposeStep::Review;
    }

    /// The zone in which the admin reads and writes times.
    fn zone(&self) -> Zone {
        self.facts.zone.unwrap_or(self.scene.broadcasts.zone)
    }

    /// The hours in which nothing is sent.
    fn quiet(&self) -> Option<QuietHours> {
        let (from, to) = self.scene.broadcasts.quiet.filter(|_| self.compose.quiet)?;
        QuietHours::new(from, to, self.zone())
    }

    fn card(&self) -> View {
        View::Broadcast(BroadcastView::Compose(Box::new(ComposeCard {
            compose: self.compose.clone(),
            zone: self.zone(),
            quiet: self.quiet(),
            inside: self.facts.inside.clone(),
            categories: self.facts.categories.clone(),
            hint: self.hint.clone(),
        })))
    }

    /// The content as users will get it, in a message of its own.
    fn sample(&self) -> Result<Option<Effect>, Hint> {
        let Some(content) = &self.compose.content else { return Ok(None) };
        let ready = Rendition::of(content).map_err(|error| Hint::Broken(error.problem))?;
        let message = ready.fill(self.scene.first_name);
        Ok(message.map(|message| Effect::Send(Box::new(message))))
    }

    /// The decision: the card in place of what it showed.
    fn end(mut self) -> Decision {
        let mut effects = Vec::new();
        if self.preview {
            match self.sample() {
                Ok(sample) => effects.extend(sample),
                Err(hint) => {
                    self.compose.step = ComposeStep::Content;
                    self.hint = Some(hint);
                }
            }
        }
        effects.push(Effect::EditPost { outbox: self.compose.card, view: self.card() });
        Decision { dialog: Some(Dialog::Broadcast(Box::new(self.compose))), effects }
    }

    /// The decision: the card in a message of its own.
    fn post(self) -> Decision {
        let effects = vec![Effect::Post { outbox: self.compose.card, view: self.card() }];
        Decision { dialog: Some(Dialog::Broadcast(Box::new(self.compose))), effects }
    }
}

/// The card moves to the end of the chat.
fn post_again(mut turn: Turn<'_>) -> Decision {
    let left = turn.compose.card;
    turn.compose.card = OutboxId(turn.scene.ids.next(turn.scene.now));
    let notice = BroadcastNotice::Unfinished(turn.compose.broadcast);
    let view = View::Notice(Notice::Broadcast(notice));
    let mut decision = turn.post();
    decision.effects.push(Effect::EditPost { outbox: left, view });
    decision
}

fn answer_by_button(mut turn: Turn<'_>, act: ComposeAct) -> Decision {
    // A card that another has overtaken may still show its buttons.
    if turn.compose.content.is_none() && !matches!(act, ComposeAct::Cancel | ComposeAct::Resume) {
        turn.compose.step = ComposeStep::Content;
        return turn.end();
    }
    match act {
        ComposeAct::Cancel => return give_up(&turn.compose),
        ComposeAct::Resume => return post_again(turn),
        ComposeAct::Back => turn.compose.step = turn.compose.step_before(),
        ComposeAct::Next => go_further(&mut turn),
        ComposeAct::DropButtons => {
            set_buttons(&mut turn, Vec::new());
            turn.go_to(ComposeStep::Audience);
        }
        ComposeAct::TakeAll
        | ComposeAct::TakeLanguage(_)
        | ComposeAct::TakeActive(_)
        | ComposeAct::TakeSection(_)
        | ComposeAct::TakeRole(_)
        | ComposeAct::TakeList(_) => return take_audience(turn, act),
        ComposeAct::AskLanguage => turn.compose.step = ComposeStep::Language,
        ComposeAct::OpenSection(_) => {
            let inside = turn.facts.inside.as_ref().map(|node| node.id);
            turn.compose.step = ComposeStep::Section { inside };
        }
        ComposeAct::AskRole => turn.compose.step = ComposeStep::Role,
        ComposeAct::AskList => turn.compose.step = ComposeStep::List,
        ComposeAct::TakeNow | ComposeAct::TakeHour | ComposeAct::TakeTomorrow => {
            time::take(&mut turn, act);
        }
        ComposeAct::SetRepeat(repeat) => turn.compose.repeat = repeat,
        ComposeAct::SetQuiet(quiet) => turn.compose.quiet = quiet,
        ComposeAct::SetDoubt(doubt) => turn.compose.doubt = doubt,
        ComposeAct::AskPaid if turn.compose.album.is_none() => {
            turn.compose.step = ComposeStep::Price;
        }
        ComposeAct::SetPaid(paid) => {
            turn.compose.paid = paid && turn.compose.album.is_none();
            turn.compose.step = ComposeStep::Review;
        }
        ComposeAct::SendToMe => {
            turn.preview = true;
            turn.hint = Some(Hint::SentToYou);
        }
        ComposeAct::ChangeContent => turn.compose.step = ComposeStep::Content,
        ComposeAct::ChangeButtons if turn.compose.album.is_none() => {
            turn.compose.step = ComposeStep::Buttons;
        }
        ComposeAct::AskPaid | ComposeAct::ChangeButtons => {
            return turn.hinted(Hint::NotUnderstood);
        }
        ComposeAct::ChangeAudience => turn.compose.step = ComposeStep::Audience,
        ComposeAct::ChangeTime => turn.compose.step = ComposeStep::When,
        ComposeAct::AskSend => return send::ask(turn),
        ComposeAct::Send { asked_s } => return send::confirm(turn, asked_s),
    }
    turn.end()
}

fn go_further(turn: &mut Turn<'_>) {
    match turn.compose.step {
        ComposeStep::Content if turn.compose.album.is_none() => turn.go_to(ComposeStep::Buttons),
        ComposeStep::Content | ComposeStep::Buttons => turn.go_to(ComposeStep::Audience),
        ComposeStep::When => to_review(turn),
        _ if turn.compose.audience.is_some() => turn.go_to(ComposeStep::When),
        _ => turn.compose.step = ComposeStep::Audience,
    }
}

/// Shows what users will get when all is said for the first time.
fn to_review(turn: &mut Turn<'_>) {
    turn.preview = !turn.compose.reviewed;
    turn.go_to(ComposeStep::Review);
}

fn set_buttons(turn: &mut Turn<'_>, buttons: Vec<LinkButton>) {
    turn.compose.content = turn.compose.content.take().map(|content| content.with_buttons(buttons));
    turn.preview = turn.compose.reviewed;
}

fn take_audience(mut turn: Turn<'_>, act: ComposeAct) -> Decision {
    let Some(audience) = named_audience(act) else { return turn.end() };
    let count = turn.facts.count.unwrap_or(0);
    if count == 0 {
        turn.compose.step = ComposeStep::Audience;
        return turn.hinted(Hint::NobodyThere);
    }
    turn.compose.section = match (&audience, turn.facts.chosen.take()) {
        (Audience::Followers { .. }, Some(section)) => Some(section.title),
        _ => None,
    };
    turn.compose.audience = Some(audience);
    turn.compose.count = count;
    turn.go_to(ComposeStep::When);
    turn.end()
}

/// Takes a content in place of the one before; its buttons stay where they can.
fn set_content(turn: &mut Turn<'_>, content: Content, album: Option<String>) {
    let buttons = turn.compose.content.take().map(|before| before.buttons().to_vec());
    turn.compose.content = Some(content.with_buttons(buttons.unwrap_or_default()));
    turn.compose.paid &= album.is_none();
    turn.compose.album = album;
    turn.preview = turn.compose.reviewed;
    go_further(turn);
}

#[cfg(test)]
mod tests;
