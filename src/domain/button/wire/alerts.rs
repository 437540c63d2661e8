//! The bytes of the buttons about alerts: tags 110 to 113.

use super::{Reader, Writer};
use crate::domain::alert::{AlertAct, SilenceSpan};
use crate::domain::ids::{AlertId, SilenceId};

/// The tags of all that is here, and of what may come.
pub(super) const TAGS: std::ops::RangeInclusive<u8> = 110..=119;

pub(super) fn write(w: &mut Writer, act: AlertAct) {
    match act {
        AlertAct::Show => w.byte(110),
        AlertAct::Ack(card) => w.about(111, card.0),
        AlertAct::Silence(card, span) => {
            w.about(112, card.0);
            w.choice(&SilenceSpan::ALL, Some(&span));
        }
        AlertAct::EndSilence(silence) => w.about(113, silence.0),
    }
}

pub(super) fn read(r: &mut Reader<'_>, tag: u8) -> Option<AlertAct> {
    Some(match tag {
        110 => AlertAct::Show,
        111 => AlertAct::Ack(AlertId(r.id()?)),
        112 => {
            let card = AlertId(r.id()?);
            AlertAct::Silence(card, r.choice(&SilenceSpan::ALL)??)
        }
        113 => AlertAct::EndSilence(SilenceId(r.id()?)),
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
        let far = i64::MAX >> 2;
        let mut acts =
            vec![AlertAct::Show, AlertAct::Ack(AlertId(far)), AlertAct::EndSilence(SilenceId(far))];
        acts.extend(SilenceSpan::ALL.map(|span| AlertAct::Silence(AlertId(far), span)));
        for act in acts {
            let action = Action::Alerts(act);
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
