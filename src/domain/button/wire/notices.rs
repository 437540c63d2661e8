//! The bytes of the buttons about requests (tag 70) and about one's own data (tag 71).

use super::{Reader, Writer};
use crate::domain::ids::{MaterialId, QueryId, RequestId};
use crate::domain::privacy::PrivacyAct;
use crate::domain::request::RequestAct;

pub fn write_request(w: &mut Writer, act: RequestAct) {
    w.byte(70);
    match act {
        RequestAct::Ask(query) => w.about(0, query.0),
        RequestAct::Own { before } => w.about(1, before.map_or(0, |before| before.0)),
        RequestAct::Wanted { after } => {
            let (demand, request) = after.unwrap_or((0, RequestId(0)));
            w.about(2, request.0);
            w.number(u64::from(demand));
        }
        RequestAct::Withdraw(request) => w.about(3, request.0),
        RequestAct::Open(request) => w.about(4, request.0),
        RequestAct::Answer { request, material } => {
            w.about(5, request.0);
            w.id(material.0);
        }
        RequestAct::Decline(request) => w.about(6, request.0),
    }
}

pub fn read_request(r: &mut Reader<'_>) -> Option<RequestAct> {
    Some(match r.byte()? {
        0 => RequestAct::Ask(QueryId(r.id()?)),
        1 => RequestAct::Own { before: r.optional_id()?.map(RequestId) },
        2 => {
            let (request, demand) = (r.optional_id()?, r.page()?);
            RequestAct::Wanted { after: request.map(|request| (demand, RequestId(request))) }
        }
        3 => RequestAct::Withdraw(RequestId(r.id()?)),
        4 => RequestAct::Open(RequestId(r.id()?)),
        5 => {
            let request = RequestId(r.id()?);
            RequestAct::Answer { request, material: MaterialId(r.id()?) }
        }
        6 => RequestAct::Decline(RequestId(r.id()?)),
        _ => return None,
    })
}

pub fn write_privacy(w: &mut Writer, act: PrivacyAct) {
    w.byte(71);
    match act {
        PrivacyAct::Show => w.byte(0),
        PrivacyAct::Export => w.byte(1),
        PrivacyAct::AskErase => w.byte(2),
        PrivacyAct::Erase { asked_s } => w.about(3, asked_s),
        PrivacyAct::Keep => w.byte(4),
    }
}

pub fn read_privacy(r: &mut Reader<'_>) -> Option<PrivacyAct> {
    Some(match r.byte()? {
        0 => PrivacyAct::Show,
        1 => PrivacyAct::Export,
        2 => PrivacyAct::AskErase,
        3 => PrivacyAct::Erase { asked_s: r.id()? },
        4 => PrivacyAct::Keep,
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
        let (request, material) = (RequestId(far), MaterialId(far));
        let requests = [
            RequestAct::Ask(QueryId(far)),
            RequestAct::Own { before: None },
            RequestAct::Own { before: Some(request) },
            RequestAct::Wanted { after: None },
            RequestAct::Wanted { after: Some((u32::MAX, request)) },
            RequestAct::Withdraw(request),
            RequestAct::Open(request),
            RequestAct::Answer { request, material },
            RequestAct::Decline(request),
        ];
        let own = [
            PrivacyAct::Show,
            PrivacyAct::Export,
            PrivacyAct::AskErase,
            PrivacyAct::Erase { asked_s: 1_790_000_000 },
            PrivacyAct::Keep,
        ];
        let actions = requests.map(Action::Request).into_iter().chain(own.map(Action::Privacy));
        for action in actions {
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
