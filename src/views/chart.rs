//! The school in figures as a picture: four panels, one above the other, to be read on a phone.
//!
//! Drawn at twice the size and made smaller, so that lines and letters are smooth. Fonts are our own:
//! the same picture on every machine. Memory: 35 MB for as long as it is drawn.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, RgbImage, imageops};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, register_font};
use thiserror::Error;

use super::statistics::{grouped, title_key};
use super::texts::Texts;
use crate::domain::lang::Lang;
use crate::domain::statistics::{Day, DayFigures, Growth, StatsReport, Sums};

/// Width and height of the picture.
pub const SIZE: (u32, u32) = (1080, 1440);

/// How much larger it is drawn.
const SCALE: u32 = 2;

/// Why there is no picture.
#[derive(Debug, Error)]
#[error("the picture cannot be drawn: {0}")]
pub struct ChartError(String);

impl ChartError {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

const FAMILY: &str = "chart";
const REGULAR: &[u8] = include_bytes!("fonts/DejaVuSans-subset.ttf");
const BOLD: &[u8] = include_bytes!("fonts/DejaVuSans-Bold-subset.ttf");

const LEFT: (HPos, VPos) = (HPos::Left, VPos::Top);
const RIGHT: (HPos, VPos) = (HPos::Right, VPos::Top);

const PAPER: RGBColor = RGBColor(246, 248, 251);
const SHEET: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(28, 36, 52);
const FAINT: RGBColor = RGBColor(110, 122, 143);
const GRID: RGBColor = RGBColor(228, 233, 241);
const BLUE: RGBColor = RGBColor(46, 107, 240);
const GREEN: RGBColor = RGBColor(22, 163, 105);
const TEAL: RGBColor = RGBColor(125, 196, 168);
const VIOLET: RGBColor = RGBColor(124, 80, 220);
const AMBER: RGBColor = RGBColor(224, 142, 27);
const RED: RGBColor = RGBColor(214, 66, 66);

/// A line of a panel.
struct Line {
    /// What it is, when there are several.
    name: Option<String>,
    color: RGBColor,
    /// Day and value.
    points: Vec<(i32, f64)>,
}

/// A panel.
struct Panel {
    title: String,
    /// The figure that counts most, and how it has grown.
    figure: String,
    growth: Option<i64>,
    lines: Vec<Line>,
}

/// Draws the picture, as PNG.
pub fn draw(texts: &Texts, lang: Lang, report: &StatsReport) -> Result<Vec<u8>, ChartError> {
    for (style, font) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
        register_font(FAMILY, style, font).map_err(|_| ChartError::new("a font is broken"))?;
    }
    let (width, height) = (SIZE.0 * SCALE, SIZE.1 * SCALE);
    let bytes = usize::try_from(width * height * 3).map_err(ChartError::new)?;
    let mut pixels = vec![0; bytes];
    {
        let root = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        draw_all(&root, texts, lang, report)?;
        root.present().map_err(ChartError::new)?;
    }
    let large = RgbImage::from_raw(width, height, pixels)
        .ok_or_else(|| ChartError::new("the buffer has another size"))?;
    let small = imageops::thumbnail(&large, SIZE.0, SIZE.1);
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
        .write_image(small.as_raw(), SIZE.0, SIZE.1, ExtendedColorType::Rgb8)
        .map_err(ChartError::new)?;
    Ok(png)
}

fn draw_all(
    root: &Area<'_>,
    texts: &Texts,
    lang: Lang,
    report: &StatsReport,
) -> Result<(), ChartError> {
    root.fill(&PAPER).map_err(ChartError::new)?;
    let (head, body) = root.split_vertically(220);
    let title = texts.get(lang, title_key(report.span), &[]);
    write(&head, &title, (80, 56), font(64, FontStyle::Bold), INK, LEFT)?;
    let shown = report.shown();
    let date = |day: Option<&DayFigures>| {
        day.map(|day| day.people.day.date().format("%d.%m.%Y").to_string()).unwrap_or_default()
    };
    let dates = format!("PrimeLingo · {} – {}", date(shown.first()), date(shown.last()));
    write(&head, &dates, (80, 146), font(38, FontStyle::Normal), FAINT, LEFT)?;
    for (area, panel) in body.split_evenly((4, 1)).iter().zip(panels(texts, lang, report)) {
        draw_panel(area, &panel)?;
    }
    Ok(())
}

fn panels(texts: &Texts, lang: Lang, report: &StatsReport) -> [Panel; 4] {
    let text = |key: &str| texts.get(lang, key, &[]);
    let line = |name: Option<&str>, color, of: fn(&DayFigures) -> u64| {
        let point = |day: &DayFigures| (day.people.day.0, float(of(day)));
        Line { name: name.map(text), color, points: report.shown().iter().map(point).collect() }
    };
    let panel = |title: &str, now: u64, before: Option<u64>, lines| Panel {
        title: text(title),
        figure: grouped(lang, now),
        growth: before.and_then(|before| Growth::of(before, now).percent),
        lines,
    };
    let last = report.today().copied().unwrap_or_default();
    let earlier = report.before();
    let (sums, sums_before) = (report.sums(report.span.days()), report.sums_before());
    let summed = |of: fn(&Sums) -> u64| (of(&sums), earlier.map(|_| of(&sums_before)));
    let month = |day: &DayFigures| day.people.active[2];
    let (deliveries, deliveries_before) = summed(|sums| sums.deliveries);
    let (searches, searches_before) = summed(|sums| sums.searches);
    [
        panel(
            "chart-users",
            last.people.users,
            earlier.map(|day| day.people.users),
            vec![line(None, BLUE, |day| day.people.users)],
        ),
        panel(
            "chart-active",
            month(&last),
            earlier.map(month),
            vec![
                line(Some("chart-active-month"), BLUE, |day| day.people.active[2]),
                line(Some("chart-active-week"), TEAL, |day| day.people.active[1]),
                line(Some("chart-active-day"), GREEN, |day| day.people.active[0]),
            ],
        ),
        panel(
            "chart-deliveries",
            deliveries,
            deliveries_before,
            vec![line(None, VIOLET, |day| day.events.deliveries)],
        ),
        panel(
            "chart-searches",
            searches,
            searches_before,
            vec![
                line(Some("chart-searches-all"), AMBER, |day| day.events.searches),
                line(Some("chart-searches-empty"), RED, |day| day.events.empty_searches),
            ],
        ),
    ]
}

fn draw_panel(area: &Area<'_>, panel: &Panel) -> Result<(), ChartError> {
    let area = area.margin(0, 40, 60, 60);
    let (width, height) = area.dim_in_pixel();
    let right = i32::try_from(width).unwrap_or_default();
    let bottom = i32::try_from(height).unwrap_or_default();
    area.fill(&SHEET).map_err(ChartError::new)?;
    let frame = Rectangle::new([(0, 0), (right - 1, bottom - 1)], GRID.stroke_width(2));
    area.draw(&frame).map_err(ChartError::new)?;
    write(&area, &panel.title, (36, 34), font(44, FontStyle::Bold), INK, LEFT)?;
    let mut edge = right - 36;
    if let Some(percent) = panel.growth {
        let (sign, color) = match percent {
            ..0 => ("▼", RED),
            0 => ("±", FAINT),
            1.. => ("▲", GREEN),
        };
        let text = format!("{sign} {}%", percent.unsigned_abs());
        let style = font(38, FontStyle::Bold);
        write(&area, &text, (edge, 38), style.clone(), color, RIGHT)?;
        edge -= text_width(&style, &text)? + 28;
    }
    write(&area, &panel.figure, (edge, 34), font(44, FontStyle::Bold), INK, RIGHT)?;
    legend(&area, panel)?;
    let top = if panel.lines.len() > 1 { 152 } else { 104 };
    plot(&area.margin(top, 14, 20, 76), panel)
}

/// A row of what the colours mean.
fn legend(area: &Area<'_>, panel: &Panel) -> Result<(), ChartError> {
    let style = font(34, FontStyle::Normal);
    let mut left = 36;
    for Line { name, color, .. } in &panel.lines {
        let Some(name) = name else { continue };
        let mark = Rectangle::new([(left, 112), (left + 36, 122)], color.filled());
        area.draw(&mark).map_err(ChartError::new)?;
        write(area, name, (left + 50, 98), style.clone(), FAINT, LEFT)?;
        left += 50 + text_width(&style, name)? + 48;
    }
    Ok(())
}

fn plot(area: &Area<'_>, panel: &Panel) -> Result<(), ChartError> {
    let days = panel.lines.iter().flat_map(|line| line.points.iter().map(|(day, _)| *day));
    let last = days.clone().max().unwrap_or_default();
    // One day alone is shown as if it had a yesterday.
    let first = days.min().unwrap_or_default().min(last - 1);
    let values = panel.lines.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value));
    let (step, steps) = scale(values.fold(0.0, f64::max));
    let most = step * f64::from(steps);
    let mut chart = ChartBuilder::on(area)
        .x_label_area_size(BELOW)
        .y_label_area_size(BESIDE)
        .build_cartesian_2d(first..last, 0.0..most)
        .map_err(ChartError::new)?;
    for line in 0..=steps {
        let height = step * f64::from(line);
        let grid = LineSeries::new([(first, height), (last, height)], GRID.stroke_width(2));
        chart.draw_series(grid).map_err(ChartError::new)?;
    }
    for (index, Line { color, points, .. }) in panel.lines.iter().enumerate() {
        if index == 0 {
            let shade = AreaSeries::new(points.iter().copied(), 0.0, color.mix(0.12));
            chart.draw_series(shade).map_err(ChartError::new)?;
        }
        let line = LineSeries::new(points.iter().copied(), color.stroke_width(6));
        chart.draw_series(line).map_err(ChartError::new)?;
        let end = points.last().map(|point| Circle::new(*point, 11, color.filled()));
        chart.draw_series(end).map_err(ChartError::new)?;
    }
    axes(area, (first, last), step, steps)
}

/// Room for the labels of the axes.
const BESIDE: i32 = 130;
const BELOW: i32 = 56;

/// Labels of days: so many spaces lie between them.
const DATES: i32 = 5;

fn axes(
    area: &Area<'_>,
    (first, last): (i32, i32),
    step: f64,
    steps: i32,
) -> Result<(), ChartError> {
    let (width, height) = area.dim_in_pixel();
    let width = i32::try_from(width).map_err(ChartError::new)? - BESIDE;
    let height = i32::try_from(height).map_err(ChartError::new)? - BELOW;
    let style = font(32, FontStyle::Normal);
    for line in 0..=steps {
        let at = (BESIDE - 20, height - height * line / steps);
        let label = compact(step * f64::from(line));
        write(area, &label, at, style.clone(), FAINT, (HPos::Right, VPos::Center))?;
    }
    let span = last - first;
    let dates = DATES.min(span);
    for place in 0..=dates {
        let day = Day(first + span * place / dates);
        let at = (BESIDE + width * day.since(Day(first)) / span, height + 20);
        let label = day.date().format("%d.%m").to_string();
        write(area, &label, at, style.clone(), FAINT, (HPos::Center, VPos::Top))?;
    }
    Ok(())
}

/// The distance of the lines of a grid up to a value, and how many there are: whole numbers that read
/// well.
fn scale(most: f64) -> (f64, i32) {
    let raw = (most / 4.0).max(1.0);
    let magnitude = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| (factor * magnitude).ceil())
        .find(|step| *step >= raw)
        .unwrap_or(raw.ceil());
    // At most a little more than the value, and never nothing.
    let steps = (1..=5).find(|steps| step * f64::from(*steps) >= most).unwrap_or(5);
    (step, steps)
}

/// `950`, `12k`, `1.5M`.
fn compact(value: f64) -> String {
    let shown = |value: f64, unit: &str| {
        let text = format!("{value:.1}");
        format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
    };
    if value >= 1_000_000.0 {
        shown(value / 1_000_000.0, "M")
    } else if value >= 10_000.0 {
        shown(value / 1_000.0, "k")
    } else {
        format!("{value:.0}")
    }
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn font(size: u32, style: FontStyle) -> FontDesc<'static> {
    FontDesc::new(FontFamily::Name(FAMILY), f64::from(size), style)
}

fn text_width(font: &FontDesc<'_>, text: &str) -> Result<i32, ChartError> {
    let (width, _) = font.box_size(text).map_err(ChartError::new)?;
    i32::try_from(width).map_err(ChartError::new)
}

fn write(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    font: FontDesc<'_>,
    color: RGBColor,
    (side, height): (HPos, VPos),
) -> Result<(), ChartError> {
    let style = TextStyle::from(font).color(&color).pos(Pos::new(side, height));
    area.draw_text(text, &style, at).map_err(ChartError::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::statistics::{DayEvents, DayPeople, Span};

    fn report(days: i32) -> StatsReport {
        let wave = |day: i32| u64::try_from((day * 37) % 23).unwrap();
        let figures = |day: i32| DayFigures {
            people: DayPeople {
                day: Day(20_400 + day),
                users: 12_000 + 40 * u64::try_from(day).unwrap() + wave(day),
                active: [400 + 9 * wave(day), 1900 + 4 * wave(day), 4200 + 6 * wave(day)],
                ..DayPeople::default()
            },
            events: DayEvents {
                deliveries: 800 + 21 * wave(day),
                searches: 1500 + 30 * wave(day),
                empty_searches: 120 + 9 * wave(day + 5),
                ..DayEvents::default()
            },
            ..DayFigures::default()
        };
        let days = (0..days).map(figures).collect();
        StatsReport { span: Span::Month, days, ..StatsReport::default() }
    }

    #[test]
    fn a_chart_is_a_picture_of_its_size() {
        let texts = Texts::default();
        for (lang, days) in [(Lang::En, 60), (Lang::Ru, 1), (Lang::Uz, 0)] {
            let png = draw(&texts, lang, &report(days)).unwrap();
            if let Some(folder) = std::env::var_os("CHART_FOLDER") {
                let name = format!("{}.png", lang.code());
                std::fs::write(std::path::Path::new(&folder).join(name), &png).unwrap();
            }
            let picture = image::load_from_memory(&png).unwrap().into_rgb8();
            assert_eq!(picture.dimensions(), SIZE);
            let blue = picture.pixels().filter(|pixel| pixel.0 == [BLUE.0, BLUE.1, BLUE.2]).count();
            assert_eq!(blue > 500, days > 30, "{lang:?}: {blue}");
            assert!(png.len() < 1_000_000, "{}", png.len());
        }
    }

    #[test]
    fn a_grid_has_whole_numbers() {
        assert_eq!(scale(0.0), (1.0, 1));
        assert_eq!(scale(3.0), (1.0, 3));
        assert_eq!(scale(10.0), (3.0, 4));
        assert_eq!(scale(4_900.0), (2_000.0, 3));
        assert_eq!(scale(1_000_000.0), (250_000.0, 4));
        for most in 0..5_000_u32 {
            let most = f64::from(most);
            let (step, steps) = scale(most);
            assert!(step * f64::from(steps) >= most && step.fract() == 0.0, "{most}");
        }
    }

    #[test]
    fn numbers_are_short() {
        let shown = [0.0, 950.0, 2_500.0, 12_000.0, 12_500.0, 1_500_000.0].map(compact);
        assert_eq!(shown, ["0", "950", "2500", "12k", "12.5k", "1.5M"]);
    }
}
