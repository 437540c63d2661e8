//! The bytes of the buttons of statistics.

use super::{Reader, Writer};
use crate::domain::statistics::{ReportSort, Span, StatsAct};

/// The one tag.
pub const TAG: u8 = 100;

pub fn write(w: &mut Writer, act: StatsAct) {
    let (number, span) = match act {
        StatsAct::Show(span) => (0, span),
        StatsAct::Refresh(span) => (1, span),
        StatsAct::Send(ReportSort::Chart, span) => (2, span),
        StatsAct::Send(ReportSort::Table, span) => (3, span),
    };
    w.byte(TAG);
    w.byte(number);
    w.choice(&Span::ALL, Some(&span));
}

pub fn read(r: &mut Reader<'_>) -> Option<StatsAct> {
    let number = r.byte()?;
    let span = r.choice(&Span::ALL)??;
    Some(match number {
        0 => StatsAct::Show(span),
        1 => StatsAct::Refresh(span),
        2 => StatsAct::Send(ReportSort::Chart, span),
        3 => StatsAct::Send(ReportSort::Table, span),
        _ => return None,
    })
}
