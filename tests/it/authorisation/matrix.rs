//! All cells over `plan` and `decide`: what is wanted of what comes, and what follows when it is not
//! allowed.

use std::sync::LazyLock;

use primelingo::domain::broadcast::{BroadcastNotice, BroadcastRules};
use primelingo::domain::button::{Action, Holder, Refusal, Signer};
use primelingo::domain::calendar::Zone;
use primelingo::domain::clock::Timestamp;
use primelingo::domain::desk::{DeskNotice, DeskWish};
use primelingo::domain::effect::{Change, Decision, Effect, Notice};
use primelingo::domain::event::{Event, EventKind};
use primelingo::domain::facts::Facts;
use primelingo::domain::ids::{ChatId, IdSource, UserId};
use primelingo::domain::intent::{COMMANDS, ComposeInput, Hearing, Intent, Wish, plan};
use primelingo::domain::people::{PeopleChange, PeopleWish};
use primelingo::domain::role::Role;
use primelingo::domain::session::Dialog;
use primelingo::domain::shelf::ShelfNotice;
use primelingo::domain::step::{Scene, decide};
use primelingo::telegram::decode::decode;
use serde_json::{Value, json};

use super::actions::{self, samples};
use super::commands;
use super::dialogs::{self, Input};
use super::senders::{BOT, GROUP, SENDERS, Sender, Way};
use super::{OWN, Rule};

/// Whoever sends.
const USER: UserId = UserId(7);
/// The key of the buttons.
const KEY: [u8; 32] = [9; 32];

/// No dialog.
const IDLE: Dialog = Dialog::Idle;

/// What comes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// There is nobody to answer.
    Dropped,
    /// It is not done.
    Refused,
    /// It is.
    Allowed,
}

/// How many cells of each sort there are, and how many of them are refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells {
    pub all: usize,
    pub allowed: usize,
}

/// What the rule says.
fn expected(rule: Rule, sender: Sender, dialog: &Dialog) -> Outcome {
    let Sender { role, ban, way, .. } = sender;
    if way.is_nobodys() {
        return Outcome::Dropped;
    }
    let is_addressed = !matches!(way, Way::GroupUnnamed | Way::OtherBot);
    let is_content = way.is_indirect() && dialogs::takes_forwards(dialog);
    let may = is_addressed
        && role >= rule.least
        && !(way.is_group() && rule.private)
        && !(way.is_indirect() && rule.own_hand)
        && (ban.is_none() || rule.while_banned)
        && !is_content;
    if may { Outcome::Allowed } else { Outcome::Refused }
}

/// Whether a wish is none that its sender had.
fn is_refusal(wish: &Wish) -> bool {
    match wish {
        Wish::Nothing
        | Wish::ShutOut { .. }
        | Wish::Menu { stale: true }
        | Wish::People(PeopleWish::Leave, _)
        | Wish::Desk(DeskWish::Leave { refused: true }) => true,
        Wish::Say(notice) => matches!(
            notice,
            Notice::EditorsOnly
                | Notice::NotByOwnHand
                | Notice::PeopleForAdmins
                | Notice::RolesForOwners
                | Notice::JobsForAdmins
                | Notice::FiguresForAdmins
                | Notice::AlertsForAdmins
                | Notice::DashboardForStaff
                | Notice::UnknownCommand
                | Notice::Broadcast(BroadcastNotice::AdminsOnly)
                | Notice::Desk(DeskNotice::EditorsOnly | DeskNotice::OwnersOnly)
                | Notice::Shelf(ShelfNotice::PrivateOnly)
        ),
        // A forwarded command is part of the letter.
        Wish::Compose(ComposeInput::Letter(letter)) => {
            !letter.is_own && letter.text.as_deref().is_some_and(|text| text.starts_with('/'))
        }
        _ => false,
    }
}

fn at() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

/// An update as the dialogs see it.
fn event(update: &Value) -> Event {
    decode(&update.to_string()).unwrap()
}

/// What a pressed button is found to mean, as it comes.
fn verified(event: &Event) -> Option<Result<Action, Refusal>> {
    let EventKind::Press { data, .. } = &event.kind else { return None };
    let holder = Holder { chat: event.chat, user: event.speaker()?.id };
    Some(Signer::new(KEY, 42, 90).verify(data, holder, at()))
}

/// What follows of a refusal changes nothing: a word is said, a question is closed.
fn assert_harmless(what: &str, sender: Sender, dialog: &Dialog, intent: Intent) {
    let ids = IdSource::new(1);
    let rules = BroadcastRules { quiet: None, zone: Zone::UTC };
    let scene = Scene {
        chat: ChatId(USER.0),
        thread: 0,
        user: USER,
        first_name: "X",
        dialog,
        upload_limit: 1,
        bulk_max: 1,
        bot_username: BOT,
        broadcasts: &rules,
        now: at(),
        ids: &ids,
    };
    if matches!(intent.wish, Wish::Compose(_)) {
        return;
    }
    let Decision { dialog: next, effects } = decide(scene, intent, Facts::None);
    assert!(matches!(next, None | Some(Dialog::Idle)), "{what}, {}: {next:?}", sender.name);
    for effect in effects {
        let is_harmless = match &effect {
            Effect::Show { .. } => true,
            Effect::AnswerInline { materials, .. } => materials.is_empty(),
            Effect::Change(Change::People(PeopleChange::NoteTold)) => sender.ban.is_some(),
            _ => false,
        };
        assert!(is_harmless, "{what}, {}: {effect:?}", sender.name);
    }
}

/// One cell.
struct Cell<'a> {
    what: &'a str,
    sender: Sender,
    dialog: &'a (String, Dialog),
    event: &'a Event,
    press: Option<Result<Action, Refusal>>,
    expected: Outcome,
}

impl Cell<'_> {
    fn outcome(&self) -> Outcome {
        let (sender, dialog) = (self.sender, &self.dialog.1);
        if self.event.speaker().is_none() {
            return Outcome::Dropped;
        }
        let Sender { role, ban, .. } = sender;
        let hearing = Hearing { role, dialog, bot_username: BOT, ban };
        let intent = plan(hearing, self.event, self.press);
        if !is_refusal(&intent.wish) {
            return Outcome::Allowed;
        }
        assert_harmless(self.what, sender, dialog, intent);
        Outcome::Refused
    }
}

/// Goes through cells; counts them, and what is not as the rule says.
#[derive(Default)]
struct Tour {
    cells: Cells,
    faults: Vec<String>,
}

impl Tour {
    fn visit(&mut self, cell: &Cell<'_>) {
        let outcome = cell.outcome();
        self.cells.all += 1;
        self.cells.allowed += usize::from(outcome == Outcome::Allowed);
        if outcome != cell.expected {
            let Cell { what, sender, dialog, expected, .. } = cell;
            let at = format!("{what} | {} | {}", sender.name, dialog.0);
            self.faults.push(format!("{at}: {outcome:?}, not {expected:?}"));
        }
    }

    fn end(self) -> Cells {
        let Self { cells, faults } = self;
        let count = faults.len();
        let some: Vec<String> = faults.into_iter().take(40).collect();
        assert!(count == 0, "{count} of {} cells:\n{}", cells.all, some.join("\n"));
        cells
    }
}

/// Commands x dialogs x senders.
pub fn of_commands() -> Cells {
    static CELLS: LazyLock<Cells> = LazyLock::new(tour_of_commands);
    *CELLS
}

fn tour_of_commands() -> Cells {
    let dialogs = dialogs::all();
    let mut tour = Tour::default();
    for (command, rule) in commands::COMMANDS {
        for sender in SENDERS {
            let event = event(&sender.update(USER, &json!({"text": sender.command(command)})));
            for dialog in &dialogs {
                tour.visit(&Cell {
                    what: command,
                    sender: *sender,
                    dialog,
                    event: &event,
                    press: None,
                    expected: expected(*rule, *sender, &dialog.1),
                });
            }
        }
    }
    tour.end()
}

/// Answers in dialogs x senders.
pub fn of_dialogs() -> Cells {
    let mut tour = Tour::default();
    for dialog in &dialogs::all() {
        for input in Input::ALL {
            let rule = dialogs::rule(&dialog.1, input);
            for sender in SENDERS {
                // Without a command nobody is named.
                if matches!(sender.way, Way::OtherBot) {
                    continue;
                }
                let event = event(&sender.update(USER, &input.content()));
                tour.visit(&Cell {
                    what: input.name(),
                    sender: *sender,
                    dialog,
                    event: &event,
                    press: None,
                    expected: expected(rule, *sender, &IDLE),
                });
            }
        }
    }
    tour.end()
}

/// Whose button is pressed, and where.
#[derive(Debug, Clone, Copy)]
pub struct Button {
    pub name: &'static str,
    pub chat: i64,
    signed_for: (i64, i64),
    key: [u8; 32],
}

/// The ways in which a button is pressed.
pub const BUTTONS: [Button; 6] = [
    Button { name: "one's own", chat: 7, signed_for: (7, 7), key: KEY },
    Button { name: "one's own, in a group", chat: GROUP, signed_for: (GROUP, 7), key: KEY },
    Button { name: "of another chat", chat: 7, signed_for: (GROUP, 7), key: KEY },
    Button { name: "of another person", chat: 7, signed_for: (7, 8), key: KEY },
    Button { name: "of another person, in a group", chat: GROUP, signed_for: (GROUP, 8), key: KEY },
    Button { name: "forged", chat: 7, signed_for: (7, 7), key: [8; 32] },
];

/// The senders who can press: by their own hand, with each role, banned or not.
pub fn pressers() -> Vec<Sender> {
    SENDERS.iter().copied().filter(|sender| sender.way == Way::Own).collect()
}

fn press(action: Action, button: Button) -> Value {
    let (chat, user) = button.signed_for;
    let holder = Holder { chat: ChatId(chat), user: UserId(user) };
    let data = Signer::new(button.key, 42, 90).sign(action, holder, at());
    let kind = if button.chat > 0 { "private" } else { "supergroup" };
    json!({"update_id": 1, "callback_query": {
        "id": "q", "chat_instance": "1", "data": data,
        "from": {"id": USER.0, "is_bot": false, "first_name": "X"},
        "message": {"message_id": 5, "date": 1_790_000_000, "text": "x",
                    "chat": {"id": button.chat, "type": kind, "title": "G", "first_name": "X"}},
    }})
}

/// Buttons x ways of pressing x dialogs x senders.
pub fn of_actions() -> Cells {
    static CELLS: LazyLock<Cells> = LazyLock::new(tour_of_actions);
    *CELLS
}

fn tour_of_actions() -> Cells {
    let dialogs = dialogs::all();
    let mut tour = Tour::default();
    for (what, action) in samples() {
        let rule = actions::rule(action);
        for button in BUTTONS {
            let event = event(&press(action, button));
            let press = verified(&event);
            let is_genuine = button.key == KEY && button.signed_for == (button.chat, USER.0);
            for presser in pressers() {
                let way = if button.chat > 0 { Way::Own } else { Way::Group };
                let sender = Sender { way, ..presser };
                let what = format!("{what} ({})", button.name);
                let wanted = expected(rule, sender, &IDLE);
                for dialog in &dialogs {
                    tour.visit(&Cell {
                        what: &what,
                        sender,
                        dialog,
                        event: &event,
                        press,
                        expected: if is_genuine { wanted } else { Outcome::Refused },
                    });
                }
            }
        }
    }
    tour.end()
}

/// Inline queries x senders.
pub fn of_inline() -> Cells {
    let mut tour = Tour::default();
    let event = event(&json!({"update_id": 1, "inline_query": {
        "id": "q", "query": "words", "offset": "",
        "from": {"id": USER.0, "is_bot": false, "first_name": "X"},
    }}));
    for sender in pressers() {
        for dialog in &dialogs::all() {
            tour.visit(&Cell {
                what: "inline query",
                sender,
                dialog,
                event: &event,
                press: None,
                expected: expected(OWN, sender, &IDLE),
            });
        }
    }
    tour.end()
}

#[test]
fn every_command_has_a_row_and_every_row_a_command() {
    let rows: Vec<&str> = commands::COMMANDS.iter().map(|(row, _)| commands::name(row)).collect();
    for command in COMMANDS {
        assert!(rows.contains(&command), "/{command} has no row in authorisation/commands.rs");
    }
    for row in rows {
        let is_known = COMMANDS.contains(&row) || row == "favourites";
        assert!(is_known, "/{row} is no command");
    }
}

#[test]
fn commands_are_done_for_whom_they_are() {
    assert!(of_commands().all > 20_000);
}

#[test]
fn buttons_are_obeyed_for_whom_they_are() {
    assert!(of_actions().all > 40_000);
}

#[test]
fn answers_and_inline_queries_count_for_whom_they_are() {
    assert!(of_dialogs().all + of_inline().all > 2_000);
}

/// The proof that the tour sees a hole: with a rule that is not the bot's it finds some.
#[test]
#[should_panic(expected = "of 20 cells")]
fn a_hole_is_seen() {
    let mut tour = Tour::default();
    for sender in SENDERS {
        let event = event(&sender.update(USER, &json!({"text": sender.command("stats")})));
        tour.visit(&Cell {
            what: "stats",
            sender: *sender,
            dialog: &("idle".to_owned(), IDLE),
            event: &event,
            press: None,
            expected: expected(super::staff(Role::Owner), *sender, &IDLE),
        });
    }
    tour.end();
}
