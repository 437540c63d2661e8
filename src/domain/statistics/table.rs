//! A report as CSV (RFC 4180): a row for each day, the oldest first. Names of columns are English in
//! every language, as programs read them.

use std::fmt::Write as _;

use super::report::DayFigures;
use crate::domain::lang::Lang;

/// The table. It begins with a byte order mark, without which spreadsheets take it for another
/// encoding.
pub fn csv(days: &[DayFigures]) -> String {
    let mut text = "\u{feff}day,users,reachable,new,active_1d,active_7d,active_30d,deliveries,\
        searches,searches_without_result,published,materials"
        .to_owned();
    for lang in Lang::ALL {
        let code = lang.code();
        // A String takes whatever is written.
        let _ = write!(text, ",users_{code},active_30d_{code}");
    }
    text.push_str(",complete\r\n");
    for row in days {
        let (people, events) = (&row.people, &row.events);
        let [active_1, active_7, active_30] = people.active;
        let _ = write!(
            text,
            "{},{},{},{},{active_1},{active_7},{active_30},{},{},{},{},{}",
            people.day,
            people.users,
            people.reachable,
            people.joined,
            events.deliveries,
            events.searches,
            events.empty_searches,
            events.published,
            events.materials,
        );
        for lang in people.langs {
            let _ = write!(text, ",{},{}", lang.users, lang.active_30);
        }
        let _ = write!(text, ",{}\r\n", if row.is_final() { "yes" } else { "no" });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::statistics::{Day, DayPeople};

    #[test]
    fn every_row_has_all_columns() {
        let day = Day(20_416);
        let figures = |counted_at| DayFigures {
            people: DayPeople { day, users: 7, active: [1, 2, 3], ..DayPeople::default() },
            counted_at,
            ..DayFigures::default()
        };
        let text = csv(&[figures(day.plus(1).begin()), figures(day.begin())]);
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        let columns = |line: &str| line.split(',').count();
        assert!(lines.iter().all(|line| columns(line) == columns(lines[0])), "{text}");
        assert!(lines[0].starts_with("\u{feff}day,users,") && lines[0].ends_with(",complete"));
        assert_eq!(lines[1], "2025-11-24,7,0,0,1,2,3,0,0,0,0,0,0,0,0,0,0,0,yes");
        assert!(lines[2].ends_with(",no"));
    }
}
