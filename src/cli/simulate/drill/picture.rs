//! The timeline as a picture: three panels above each other on one axis of time, as SVG or PNG.
//!
//! Whatever stands in words is above the panels, so that it never lies over a line.

use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, register_font};

use super::timeline::{Point, Timeline};

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[error("the picture cannot be drawn: {0}")]
pub struct PictureError(String);

impl PictureError {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

type Drawn = Result<(), PictureError>;
type Area<DB> = DrawingArea<DB, Shift>;
type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Width and height of the SVG; a PNG has twice as many pixels each way.
const SIZE: (u32, u32) = (1_200, 960);

/// Letters are measured with our own font; who shows an SVG takes the nearest that is there.
const REGULAR: &[u8] = include_bytes!("../../../views/fonts/DejaVuSans-subset.ttf");
const BOLD: &[u8] = include_bytes!("../../../views/fonts/DejaVuSans-Bold-subset.ttf");

/// Rows for the names of storms.
const NAME_ROWS: i32 = 3;

const PAPER: RGBColor = RGBColor(255, 255, 255);
const INK: RGBColor = RGBColor(28, 36, 52);
const FAINT: RGBColor = RGBColor(90, 100, 120);
const GRID: RGBColor = RGBColor(224, 229, 238);
const BLUE: RGBColor = RGBColor(31, 95, 191);
const AMBER: RGBColor = RGBColor(201, 112, 16);
const GREEN: RGBColor = RGBColor(22, 140, 90);
const VIOLET: RGBColor = RGBColor(124, 80, 220);
const RED: RGBColor = RGBColor(200, 40, 40);

/// A line of a panel, in pieces.
struct Line {
    name: &'static str,
    color: RGBColor,
    pieces: Vec<Vec<Point>>,
}

struct Panel {
    title: &'static str,
    unit: &'static str,
    /// Each step of the axis is ten times the one below.
    by_tens: bool,
    lines: Vec<Line>,
}

/// Draws into a file; its ending says which kind.
pub fn draw(path: &Path, title: &str, timeline: &Timeline) -> Drawn {
    for (style, font) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
        register_font("sans-serif", style, font)
            .map_err(|_| PictureError::new("a font is broken"))?;
    }
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
        return png(path, title, timeline);
    }
    std::fs::write(path, svg(title, timeline)?).map_err(PictureError::new)
}

fn svg(title: &str, timeline: &Timeline) -> Result<String, PictureError> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw_all(&root, title, timeline, 1)?;
        root.present().map_err(PictureError::new)?;
    }
    Ok(text)
}

fn png(path: &Path, title: &str, timeline: &Timeline) -> Drawn {
    let (width, height) = (SIZE.0 * 2, SIZE.1 * 2);
    let bytes = usize::try_from(width * height * 3).map_err(PictureError::new)?;
    let mut pixels = vec![0; bytes];
    {
        let root = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        draw_all(&root, title, timeline, 2)?;
        root.present().map_err(PictureError::new)?;
    }
    let picture = image::RgbImage::from_raw(width, height, pixels)
        .ok_or_else(|| PictureError::new("the buffer has another size"))?;
    picture.save_with_format(path, image::ImageFormat::Png).map_err(PictureError::new)
}

/// `k`: pixels of a unit.
fn draw_all<DB: DrawingBackend>(
    root: &Area<DB>,
    title: &str,
    timeline: &Timeline,
    k: i32,
) -> Drawn {
    root.fill(&PAPER).map_err(PictureError::new)?;
    let (head, body) = root.split_vertically(76 * k);
    write(&head, title, (20 * k, 14 * k), font(22 * k, FontStyle::Bold), INK)?;
    let marks = [("killed", RED), ("polls again", GREEN), ("a storm, by its name", FAINT)];
    let mut left = 20 * k;
    for (name, color) in marks {
        let mark = Rectangle::new([(left, 45 * k), (left + 4 * k, 61 * k)], color.filled());
        head.draw(&mark).map_err(PictureError::new)?;
        left = legend(&head, name, (left + 10 * k, 48 * k), color, k)?;
    }
    let panels = panels(timeline);
    for (index, (area, panel)) in body.split_evenly((3, 1)).iter().zip(panels).enumerate() {
        draw_panel(area, &panel, timeline, index == 0, k)?;
    }
    Ok(())
}

fn panels(timeline: &Timeline) -> [Panel; 3] {
    let line = |name, color, points: &[Point]| Line { name, color, pieces: vec![points.to_vec()] };
    [
        Panel {
            title: "From a message to its reply",
            unit: "ms",
            by_tens: true,
            lines: vec![
                line("p99 of a second", AMBER, &timeline.p99_ms),
                line("p50 of a second", BLUE, &timeline.p50_ms),
            ],
        },
        Panel {
            title: "Each second",
            unit: "/s",
            by_tens: false,
            lines: vec![
                line("updates handed out", BLUE, &timeline.updates),
                line("messages of the broadcast", VIOLET, &timeline.bulk),
            ],
        },
        Panel {
            title: "Memory of the bot",
            unit: "MB",
            by_tens: false,
            lines: vec![Line {
                name: "resident, a line for each process",
                color: GREEN,
                pieces: timeline.memory_mb.clone(),
            }],
        },
    ]
}

fn draw_panel<DB: DrawingBackend>(
    area: &Area<DB>,
    panel: &Panel,
    timeline: &Timeline,
    with_names: bool,
    k: i32,
) -> Drawn {
    let title = format!("{}, {}", panel.title, panel.unit);
    let bold = font(18 * k, FontStyle::Bold);
    write(area, &title, (20 * k, 4 * k), bold.clone(), INK)?;
    let mut left = 20 * k + text_width(&bold, &title)? + 28 * k;
    for Line { name, color, .. } in &panel.lines {
        let mark = Rectangle::new([(left, 10 * k), (left + 22 * k, 13 * k)], color.filled());
        area.draw(&mark).map_err(PictureError::new)?;
        left = legend(area, name, (left + 28 * k, 5 * k), *color, k)?;
    }
    // The names of storms stand between the words and the first panel.
    let above = if with_names { 30 + 17 * NAME_ROWS } else { 30 };
    let plot = area.margin(above * k, 6 * k, 10 * k, 24 * k);
    let values = panel.lines.iter().flat_map(|line| line.pieces.iter().flatten());
    let most = values.map(|(_, value)| axis(panel.by_tens, *value)).fold(0.0, f64::max);
    let top = if panel.by_tens { most.ceil().max(1.0) } else { (most * 1.1).max(1.0) };
    let mut chart: Chart<'_, DB> = ChartBuilder::on(&plot)
        .x_label_area_size(34 * k)
        .y_label_area_size(64 * k)
        .build_cartesian_2d(0.0..timeline.seconds.max(1.0), 0.0..top)
        .map_err(PictureError::new)?;
    let (by_tens, unit) = (panel.by_tens, panel.unit);
    let label = |value: &f64| {
        let shown = if by_tens { 10_f64.powf(*value) } else { *value };
        format!("{shown:.0} {unit}")
    };
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(1))
        .axis_style(FAINT)
        .label_style(font(14 * k, FontStyle::Normal).color(&FAINT))
        .x_labels(13)
        .y_labels(5)
        .x_label_formatter(&|seconds| format!("{seconds:.0} s"))
        .y_label_formatter(&label)
        .draw()
        .map_err(PictureError::new)?;
    events(&mut chart, timeline, top, with_names.then_some(area), k)?;
    let width = u32::try_from(2 * k).map_err(PictureError::new)?;
    for Line { color, pieces, .. } in &panel.lines {
        for piece in pieces {
            let points = piece.iter().map(|(at, value)| (*at, axis(by_tens, *value)));
            let line = LineSeries::new(points, color.stroke_width(width));
            chart.draw_series(line).map_err(PictureError::new)?;
        }
    }
    Ok(())
}

/// Where a value stands on the axis.
fn axis(by_tens: bool, value: f64) -> f64 {
    if by_tens { value.max(1.0).log10() } else { value }
}

/// Storms behind everything, then kills and first polls; names above the plot.
fn events<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    timeline: &Timeline,
    top: f64,
    names: Option<&Area<DB>>,
    k: i32,
) -> Drawn {
    // Where the names of each row end so far: neighbours may be near.
    let mut ends = vec![i32::MIN; usize::try_from(NAME_ROWS).map_err(PictureError::new)?];
    for (from, to, name) in &timeline.storms {
        // A moment is seen, too.
        let to = to.max(from + timeline.seconds / 300.0);
        let shade = Rectangle::new([(*from, 0.0), (to, top)], FAINT.mix(0.18).filled());
        chart.draw_series([shade]).map_err(PictureError::new)?;
        let Some(area) = names else { continue };
        let (x, y) = chart.backend_coord(&(*from, top));
        let (left, up) = area.get_base_pixel();
        let style = font(14 * k, FontStyle::Normal);
        let ends_at = x + text_width(&style, name)? + 8 * k;
        let free = (0..).zip(ends.iter_mut()).find(|(_, end)| **end <= x);
        let row = free.map_or(0, |(row, end)| {
            *end = ends_at;
            row
        });
        write(area, name, (x - left, y - up - 17 * (row + 1) * k), style, FAINT)?;
    }
    let kills = timeline.kills.iter().map(|at| (*at, RED));
    let polls = timeline.polls.iter().map(|at| (*at, GREEN));
    for (at, color) in kills.chain(polls) {
        let mark = LineSeries::new([(at, 0.0), (at, top)], color.mix(0.7));
        chart.draw_series(mark).map_err(PictureError::new)?;
    }
    Ok(())
}

/// A word of a legend; gives where the next one begins.
fn legend<DB: DrawingBackend>(
    area: &Area<DB>,
    name: &str,
    at: (i32, i32),
    color: RGBColor,
    k: i32,
) -> Result<i32, PictureError> {
    let style = font(16 * k, FontStyle::Normal);
    write(area, name, at, style.clone(), color)?;
    Ok(at.0 + text_width(&style, name)? + 24 * k)
}

fn font(size: i32, style: FontStyle) -> FontDesc<'static> {
    FontDesc::new(FontFamily::SansSerif, f64::from(size), style)
}

fn text_width(font: &FontDesc<'_>, text: &str) -> Result<i32, PictureError> {
    let (width, _) = font.box_size(text).map_err(PictureError::new)?;
    i32::try_from(width).map_err(PictureError::new)
}

fn write<DB: DrawingBackend>(
    area: &Area<DB>,
    text: &str,
    at: (i32, i32),
    font: FontDesc<'_>,
    color: RGBColor,
) -> Drawn {
    let style = TextStyle::from(font).color(&color).pos(Pos::new(HPos::Left, VPos::Top));
    area.draw_text(text, &style, at).map_err(PictureError::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline() -> Timeline {
        let wave = |height: f64| (0..60).map(|s| (f64::from(s), height)).collect::<Vec<_>>();
        Timeline {
            seconds: 60.0,
            p50_ms: wave(4.0),
            p99_ms: wave(900.0),
            updates: wave(15.0),
            bulk: wave(12.0),
            memory_mb: vec![wave(20.0), vec![(30.0, 25.0), (60.0, 31.0)]],
            kills: vec![10.0, 20.0],
            polls: vec![10.2, 20.3],
            storms: vec![(5.0, 7.0, "429"), (40.0, 40.0, "Redis flushed")],
        }
    }

    #[test]
    fn everything_that_happened_is_in_the_picture() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drill.svg");
        draw(&path, "A drill", &timeline()).unwrap();
        let svg = std::fs::read_to_string(&path).unwrap();
        if let Some(folder) = std::env::var_os("CHART_FOLDER") {
            std::fs::write(Path::new(&folder).join("drill.svg"), &svg).unwrap();
        }
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        let words = ["A drill", "killed", "polls again", "429", "Redis flushed", "1000 ms", "60 s"];
        for word in words.into_iter().chain(["updates handed out", "messages of the broadcast"]) {
            assert!(svg.contains(word), "no {word}");
        }
        let red = svg.matches("#C82828").count();
        assert_eq!(red, 2 + 3 * 2, "mark and word of the legend, two kills in three panels");
    }

    #[test]
    fn a_png_has_twice_the_pixels() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("drill.PNG");
        draw(&path, "A drill", &timeline()).unwrap();
        let picture = image::open(&path).unwrap().into_rgb8();
        assert_eq!(picture.dimensions(), (SIZE.0 * 2, SIZE.1 * 2));
        let is = |wanted: RGBColor| {
            move |pixel: &&image::Rgb<u8>| pixel.0 == [wanted.0, wanted.1, wanted.2]
        };
        assert!(picture.pixels().filter(is(BLUE)).count() > 1_000);
        assert!(picture.pixels().filter(is(PAPER)).count() > 1_000_000);
    }

    #[test]
    fn nothing_at_all_can_be_drawn() {
        let empty = svg("Nothing", &Timeline::default()).unwrap();
        assert!(empty.contains("Nothing"));
    }
}
