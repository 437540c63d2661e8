//! The bytes of the buttons about failed jobs: tags 55 to 58.

use super::{Reader, Writer};
use crate::domain::given_up::{GroupName, JobsAct};

/// The tags of all that is here.
pub(super) const TAGS: std::ops::RangeInclusive<u8> = 55..=58;

pub(super) fn write(w: &mut Writer, act: JobsAct) {
    match act {
        JobsAct::Show => w.byte(55),
        JobsAct::Retry(group) => w.about(56, i64::from(group.0)),
        JobsAct::AskDrop(group) => w.about(57, i64::from(group.0)),
        JobsAct::Drop { group, asked_s } => {
            w.about(58, i64::from(group.0));
            w.id(asked_s);
        }
    }
}

pub(super) fn read(r: &mut Reader<'_>, tag: u8) -> Option<JobsAct> {
    Some(match tag {
        55 => JobsAct::Show,
        56 => JobsAct::Retry(GroupName(r.page()?)),
        57 => JobsAct::AskDrop(GroupName(r.page()?)),
        58 => JobsAct::Drop { group: GroupName(r.page()?), asked_s: r.id()? },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::button::Action;
    use crate::domain::button::wire::{read_action, write_action};

    #[test]
    fn every_button_survives_the_round_trip() {
        let group = GroupName(u32::MAX);
        let acts = [
            JobsAct::Show,
            JobsAct::Retry(group),
            JobsAct::AskDrop(group),
            JobsAct::Drop { group, asked_s: i64::from(u32::MAX) },
        ];
        for act in acts {
            let action = Action::Jobs(act);
            let mut writer = Writer::new(1);
            write_action(&mut writer, action);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes[1..]);
            assert_eq!(read_action(&mut reader), Some(action));
            assert!(reader.is_at_end() && bytes.len() < 33, "{action:?}");
        }
    }
}
