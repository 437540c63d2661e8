//! The bytes of the buttons of broadcasts.

use super::{Reader, Writer};
use crate::domain::broadcast::DoubtPolicy;
use crate::domain::button::{ComposeAct, ControlAct};
use crate::domain::ids::{AudienceListId, BroadcastId, CategoryId};
use crate::domain::lang::Lang;
use crate::domain::role::Role;
use crate::domain::session::Recurrence;

pub fn write_compose(w: &mut Writer, act: ComposeAct) {
    match act {
        ComposeAct::Back => w.byte(0),
        ComposeAct::Resume => w.byte(1),
        ComposeAct::Cancel => w.byte(2),
        ComposeAct::Next => w.byte(3),
        ComposeAct::DropButtons => w.byte(4),
        ComposeAct::TakeAll => w.byte(5),
        ComposeAct::AskLanguage => w.byte(6),
        ComposeAct::TakeLanguage(lang) => {
            w.byte(7);
            w.choice(&Lang::ALL, Some(&lang));
        }
        ComposeAct::TakeActive(days) => {
            w.byte(8);
            w.number(u64::from(days));
        }
        ComposeAct::OpenSection(section) => {
            w.byte(9);
            w.id(section.map_or(0, |section| section.0));
        }
        ComposeAct::TakeSection(section) => {
            w.byte(10);
            w.id(section.0);
        }
        ComposeAct::AskRole => w.byte(11),
        ComposeAct::TakeRole(role) => {
            w.byte(12);
            w.choice(&Role::ALL, Some(&role));
        }
        ComposeAct::AskList => w.byte(28),
        ComposeAct::TakeList(list) => {
            w.byte(29);
            w.id(list.0);
        }
        ComposeAct::TakeNow => w.byte(13),
        ComposeAct::TakeHour => w.byte(14),
        ComposeAct::TakeTomorrow => w.byte(15),
        ComposeAct::SetQuiet(quiet) => {
            w.byte(16);
            w.byte(u8::from(quiet));
        }
        ComposeAct::SetRepeat(repeat) => {
            w.byte(27);
            w.choice(&Recurrence::ALL, Some(&repeat));
        }
        ComposeAct::SetDoubt(doubt) => {
            w.byte(17);
            w.byte(u8::from(doubt == DoubtPolicy::Resend));
        }
        ComposeAct::AskPaid => w.byte(18),
        ComposeAct::SetPaid(paid) => {
            w.byte(19);
            w.byte(u8::from(paid));
        }
        ComposeAct::SendToMe => w.byte(20),
        ComposeAct::ChangeContent => w.byte(21),
        ComposeAct::ChangeButtons => w.byte(22),
        ComposeAct::ChangeAudience => w.byte(23),
        ComposeAct::ChangeTime => w.byte(24),
        ComposeAct::AskSend => w.byte(25),
        ComposeAct::Send { asked_s } => {
            w.byte(26);
            w.id(asked_s);
        }
    }
}

pub fn read_compose(r: &mut Reader<'_>) -> Option<ComposeAct> {
    Some(match r.byte()? {
        0 => ComposeAct::Back,
        1 => ComposeAct::Resume,
        2 => ComposeAct::Cancel,
        3 => ComposeAct::Next,
        4 => ComposeAct::DropButtons,
        5 => ComposeAct::TakeAll,
        6 => ComposeAct::AskLanguage,
        7 => ComposeAct::TakeLanguage(r.choice(&Lang::ALL)??),
        8 => ComposeAct::TakeActive(r.page()?),
        9 => ComposeAct::OpenSection(r.optional_id()?.map(CategoryId)),
        10 => ComposeAct::TakeSection(CategoryId(r.id()?)),
        11 => ComposeAct::AskRole,
        12 => ComposeAct::TakeRole(r.choice(&Role::ALL)??),
        13 => ComposeAct::TakeNow,
        14 => ComposeAct::TakeHour,
        15 => ComposeAct::TakeTomorrow,
        16 => ComposeAct::SetQuiet(r.flag()?),
        17 if r.flag()? => ComposeAct::SetDoubt(DoubtPolicy::Resend),
        17 => ComposeAct::SetDoubt(DoubtPolicy::Skip),
        18 => ComposeAct::AskPaid,
        19 => ComposeAct::SetPaid(r.flag()?),
        20 => ComposeAct::SendToMe,
        21 => ComposeAct::ChangeContent,
        22 => ComposeAct::ChangeButtons,
        23 => ComposeAct::ChangeAudience,
        24 => ComposeAct::ChangeTime,
        25 => ComposeAct::AskSend,
        26 => ComposeAct::Send { asked_s: r.id()? },
        28 => ComposeAct::AskList,
        29 => ComposeAct::TakeList(AudienceListId(r.id()?)),
        27 => ComposeAct::SetRepeat(r.choice(&Recurrence::ALL)??),
        _ => return None,
    })
}

pub fn write_control(w: &mut Writer, act: ControlAct) {
    let made = |w: &mut Writer, tag, fresh: BroadcastId, asked_s| {
        w.byte(tag);
        w.id(fresh.0);
        w.id(asked_s);
    };
    match act {
        ControlAct::Show => w.byte(0),
        ControlAct::Pause => w.byte(1),
        ControlAct::Resume => w.byte(2),
        ControlAct::AskCancel => w.byte(3),
        ControlAct::Cancel { asked_s } => {
            w.byte(4);
            w.id(asked_s);
        }
        ControlAct::AskRetry => w.byte(5),
        ControlAct::Retry { fresh, asked_s } => made(w, 6, fresh, asked_s),
        ControlAct::AskUndo => w.byte(7),
        ControlAct::Undo { fresh, asked_s } => made(w, 8, fresh, asked_s),
        ControlAct::Export => w.byte(9),
    }
}

pub fn read_control(r: &mut Reader<'_>) -> Option<ControlAct> {
    Some(match r.byte()? {
        0 => ControlAct::Show,
        1 => ControlAct::Pause,
        2 => ControlAct::Resume,
        3 => ControlAct::AskCancel,
        4 => ControlAct::Cancel { asked_s: r.id()? },
        5 => ControlAct::AskRetry,
        6 => ControlAct::Retry { fresh: BroadcastId(r.id()?), asked_s: r.id()? },
        7 => ControlAct::AskUndo,
        8 => ControlAct::Undo { fresh: BroadcastId(r.id()?), asked_s: r.id()? },
        9 => ControlAct::Export,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::button::Action;
    use crate::domain::button::wire::{read_action, write_action};
    use crate::domain::ids::SeriesId;

    /// What the bytes of a button have room for beside version, expiry and MAC.
    const ROOM: usize = 48 - 1 - 4 - 10;

    fn actions() -> Vec<Action> {
        let broadcast = BroadcastId(i64::MAX >> 2);
        let asked_s = 1_790_000_000;
        let mut composes = vec![
            ComposeAct::Back,
            ComposeAct::Resume,
            ComposeAct::Cancel,
            ComposeAct::Next,
            ComposeAct::DropButtons,
            ComposeAct::TakeAll,
            ComposeAct::AskLanguage,
            ComposeAct::TakeActive(30),
            ComposeAct::OpenSection(None),
            ComposeAct::OpenSection(Some(CategoryId(i64::MAX >> 2))),
            ComposeAct::TakeSection(CategoryId(5)),
            ComposeAct::AskRole,
            ComposeAct::AskList,
            ComposeAct::TakeList(AudienceListId(i64::MAX >> 2)),
            ComposeAct::TakeNow,
            ComposeAct::TakeHour,
            ComposeAct::TakeTomorrow,
            ComposeAct::SetDoubt(DoubtPolicy::Skip),
            ComposeAct::SetDoubt(DoubtPolicy::Resend),
            ComposeAct::AskPaid,
            ComposeAct::SendToMe,
            ComposeAct::ChangeContent,
            ComposeAct::ChangeButtons,
            ComposeAct::ChangeAudience,
            ComposeAct::ChangeTime,
            ComposeAct::AskSend,
            ComposeAct::Send { asked_s },
        ];
        composes.extend(Lang::ALL.map(ComposeAct::TakeLanguage));
        composes.extend(Role::ALL.map(ComposeAct::TakeRole));
        composes.extend(Recurrence::ALL.map(ComposeAct::SetRepeat));
        for on in [false, true] {
            composes.extend([ComposeAct::SetQuiet(on), ComposeAct::SetPaid(on)]);
        }
        let controls = [
            ControlAct::Show,
            ControlAct::Pause,
            ControlAct::Resume,
            ControlAct::AskCancel,
            ControlAct::Cancel { asked_s },
            ControlAct::AskRetry,
            ControlAct::Retry { fresh: broadcast, asked_s },
            ControlAct::AskUndo,
            ControlAct::Undo { fresh: broadcast, asked_s },
            ControlAct::Export,
        ];
        let mut all: Vec<Action> =
            composes.into_iter().map(|act| Action::Compose { broadcast, act }).collect();
        all.extend(controls.map(|act| Action::Control { broadcast, act }));
        all.extend([None, Some(broadcast)].map(|before| Action::Broadcasts { before }));
        all.push(Action::EndSeries(SeriesId(i64::MAX >> 2)));
        all
    }

    #[test]
    fn every_button_of_broadcasts_survives_the_round_trip() {
        for action in actions() {
            let mut writer = Writer::new(1);
            write_action(&mut writer, action);
            let bytes = writer.into_bytes();
            assert!(bytes.len() <= ROOM, "{action:?}: {} bytes", bytes.len());
            let mut reader = Reader::new(&bytes[1..]);
            assert_eq!(read_action(&mut reader), Some(action));
            assert!(reader.is_at_end(), "{action:?}");
        }
    }
}
