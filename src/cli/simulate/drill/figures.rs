//! Figures beside what was promised: one table. Pure.

use serde_json::{Value, json};

/// What a figure has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// What was promised, and where: `G1` to `G12` of the guarantees, or an aim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Promise {
    pub source: &'static str,
    pub bound: Bound,
    /// A breach is a loss, and no mere slowness: the whole drill has failed.
    pub is_grave: bool,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
    pub promise: Option<Promise>,
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    pub name: &'static str,
    pub figures: Vec<Figure>,
}

impl Figure {
    /// A figure of which nothing was promised.
    pub const fn plain(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self { name, value, unit, promise: None }
    }

    /// A count.
    pub fn count(name: &'static str, count: impl TryInto<u32>) -> Self {
        Self::plain(name, f64::from(count.try_into().unwrap_or(u32::MAX)), "")
    }

    /// Promised to be that much at most.
    pub const fn at_most(self, source: &'static str, most: f64) -> Self {
        self.promised(source, Bound::AtMost(most), false)
    }

    /// Promised to be that much at least.
    pub const fn at_least(self, source: &'static str, least: f64) -> Self {
        self.promised(source, Bound::AtLeast(least), false)
    }

    /// Promised to be that much at most; more is a loss.
    pub const fn never_above(self, source: &'static str, most: f64) -> Self {
        self.promised(source, Bound::AtMost(most), true)
    }

    const fn promised(mut self, source: &'static str, bound: Bound, is_grave: bool) -> Self {
        self.promise = Some(Promise { source, bound, is_grave });
        self
    }

    /// Whether the promise holds, if there is one. What is no number keeps nothing.
    pub fn holds(&self) -> Option<bool> {
        self.promise.map(|promise| match promise.bound {
            Bound::AtMost(most) => self.value <= most,
            Bound::AtLeast(least) => self.value >= least,
        })
    }

    fn is_breach(&self) -> bool {
        self.holds() == Some(false) && self.promise.is_some_and(|promise| promise.is_grave)
    }

    fn measured(&self) -> String {
        with_unit(self.value, self.unit)
    }

    fn promise_text(&self) -> String {
        let Some(promise) = self.promise else { return String::new() };
        let (sign, bound) = match promise.bound {
            Bound::AtMost(most) => ("≤ ", most),
            Bound::AtLeast(least) => ("≥ ", least),
        };
        let sign = if bound == 0.0 { "" } else { sign };
        format!("{}: {sign}{}", promise.source, with_unit(bound, self.unit))
    }

    fn json(&self, area: &str) -> Value {
        json!({
            "area": area, "figure": self.name, "measured": self.value, "unit": self.unit,
            "promise": self.promise_text(), "holds": self.holds(),
        })
    }
}

/// As many decimals as tell something.
fn with_unit(value: f64, unit: &str) -> String {
    let decimals = match value.abs() {
        _ if value.fract() == 0.0 => 0,
        size if size < 1.0 => 3,
        size if size < 10.0 => 2,
        size if size < 1_000.0 => 1,
        _ => 0,
    };
    let gap = if unit.is_empty() { "" } else { " " };
    format!("{value:.decimals$}{gap}{unit}")
}

/// Losses, in words.
pub fn breaches(areas: &[Area]) -> Vec<String> {
    let figures = areas.iter().flat_map(|area| &area.figures);
    let broken = figures.filter(|figure| figure.is_breach());
    broken
        .map(|figure| format!("{}: {} ({})", figure.name, figure.measured(), figure.promise_text()))
        .collect()
}

/// The lines of the table: name, measured, promise, holds.
pub fn table(areas: &[Area]) -> Vec<String> {
    let figures = || areas.iter().flat_map(|area| &area.figures);
    let width = |of: fn(&Figure) -> String| {
        figures().map(|figure| of(figure).chars().count()).max().unwrap_or(0)
    };
    let name = width(|figure| figure.name.to_owned());
    let measured = width(Figure::measured).max("measured".len());
    let promise = width(Figure::promise_text).max("promise".len());
    let row = |cells: [&str; 4]| {
        let [first, second, third, last] = cells;
        let line = format!("  {first:name$}  {second:>measured$}  {third:promise$}  {last}");
        line.trim_end().to_owned()
    };
    let mut lines = vec![row(["", "measured", "promise", "holds"])];
    for area in areas {
        lines.push(area.name.to_owned());
        lines.extend(area.figures.iter().map(|figure| {
            let holds = match figure.holds() {
                None => "",
                Some(true) => "yes",
                Some(false) => "NO",
            };
            row([figure.name, &figure.measured(), &figure.promise_text(), holds])
        }));
    }
    lines
}

/// The same for programs.
pub fn json(areas: &[Area]) -> Vec<Value> {
    let of_area =
        |area: &Area| area.figures.iter().map(|figure| figure.json(area.name)).collect::<Vec<_>>();
    areas.iter().flat_map(of_area).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn areas() -> Vec<Area> {
        vec![
            Area {
                name: "start",
                figures: vec![
                    Figure::plain("first poll", 45.0, "ms").at_most("G2", 2_000.0),
                    Figure::plain("memory", 26.84, "MB"),
                ],
            },
            Area {
                name: "crash",
                figures: vec![
                    Figure::count("lost", 0_usize).never_above("G1", 0.0),
                    Figure::plain("share", 99.94, "%").at_least("aim", 98.5),
                ],
            },
        ]
    }

    #[test]
    fn a_table_shows_what_was_promised_beside_what_is() {
        assert_eq!(
            table(&areas()),
            [
                "              measured  promise        holds",
                "start",
                "  first poll     45 ms  G2: ≤ 2000 ms  yes",
                "  memory       26.8 MB",
                "crash",
                "  lost               0  G1: 0          yes",
                "  share         99.9 %  aim: ≥ 98.5 %  yes",
            ]
        );
        assert_eq!(breaches(&areas()), Vec::<String>::new());
    }

    #[test]
    fn a_loss_is_a_breach_and_slowness_is_none() {
        let mut areas = areas();
        areas[0].figures[0].value = 3_000.0;
        assert_eq!(areas[0].figures[0].holds(), Some(false));
        assert_eq!(breaches(&areas), Vec::<String>::new());
        areas[1].figures[0].value = 2.0;
        assert_eq!(breaches(&areas), ["lost: 2 (G1: 0)"]);
        assert!(table(&areas).iter().any(|line| line.ends_with("G1: 0          NO")));
    }

    #[test]
    fn what_was_not_measured_holds_nothing() {
        let figure = Figure::plain("p99", f64::NAN, "ms").at_most("aim", 100.0);
        assert_eq!(figure.holds(), Some(false));
        let figure = Figure::plain("rate", f64::NAN, "/s").at_least("aim", 100.0);
        assert_eq!(figure.holds(), Some(false));
        assert_eq!(Figure::plain("rate", 1.0, "/s").holds(), None);
    }

    #[test]
    fn programs_get_the_same() {
        let rows = json(&areas());
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[2]["area"], "crash");
        assert_eq!(rows[2]["holds"], true);
        assert_eq!(rows[1]["holds"], Value::Null);
    }
}
