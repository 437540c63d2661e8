//! The bytes of the buttons about people: tags 50 to 54.

use super::{Reader, Writer};
use crate::domain::ids::UserId;
use crate::domain::people::{PeopleAct, PersonDeed};
use crate::domain::role::Role;

/// The tags of all that is here.
pub(super) const TAGS: std::ops::RangeInclusive<u8> = 50..=54;

pub(super) fn write(w: &mut Writer, act: PeopleAct) {
    match act {
        PeopleAct::Ask => w.byte(50),
        PeopleAct::Show(user) => w.about(51, user.0),
        PeopleAct::Staff => w.byte(52),
        PeopleAct::Propose(user, deed) => {
            w.about(53, user.0);
            write_deed(w, deed);
        }
        PeopleAct::Confirm { user, deed, asked_s } => {
            w.about(54, user.0);
            write_deed(w, deed);
            w.id(asked_s);
        }
    }
}

fn write_deed(w: &mut Writer, deed: PersonDeed) {
    match deed {
        PersonDeed::Ban => w.byte(0),
        PersonDeed::Unban => w.byte(1),
        PersonDeed::Give(role) => {
            w.byte(2);
            w.choice(&Role::ALL, Some(&role));
        }
    }
}

pub(super) fn read(r: &mut Reader<'_>, tag: u8) -> Option<PeopleAct> {
    Some(match tag {
        50 => PeopleAct::Ask,
        51 => PeopleAct::Show(UserId(r.id()?)),
        52 => PeopleAct::Staff,
        53 => PeopleAct::Propose(UserId(r.id()?), read_deed(r)?),
        54 => {
            let user = UserId(r.id()?);
            PeopleAct::Confirm { user, deed: read_deed(r)?, asked_s: r.id()? }
        }
        _ => return None,
    })
}

fn read_deed(r: &mut Reader<'_>) -> Option<PersonDeed> {
    Some(match r.byte()? {
        0 => PersonDeed::Ban,
        1 => PersonDeed::Unban,
        2 => PersonDeed::Give(r.choice(&Role::ALL)??),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::button::Action;
    use crate::domain::button::wire::{read_action, write_action};

    /// What the bytes of a button have room for beside version, expiry and MAC.
    const ROOM: usize = 48 - 1 - 4 - 10;

    #[test]
    fn every_button_survives_the_round_trip() {
        // Telegram promises that people's numbers have at most 52 significant bits.
        let (user, asked_s) = (UserId(1 << 52), i64::from(u32::MAX));
        let mut acts = vec![PeopleAct::Ask, PeopleAct::Show(user), PeopleAct::Staff];
        let deeds = Role::ALL.map(PersonDeed::Give);
        for deed in deeds.into_iter().chain([PersonDeed::Ban, PersonDeed::Unban]) {
            acts.push(PeopleAct::Propose(user, deed));
            acts.push(PeopleAct::Confirm { user, deed, asked_s });
        }
        for act in acts {
            let action = Action::People(act);
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
