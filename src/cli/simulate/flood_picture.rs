//! The waits of the others beside each flood, as bars of an SVG picture.

use std::fmt::Write as _;

use super::flood::Measured;

/// Width of the picture, of the names and of the longest bar, in pixels.
const WIDTH: f64 = 900.0;
const NAMES: f64 = 150.0;
const LONGEST: f64 = 640.0;

/// Height of a bar with the space below it, and of the title.
const ROW: f64 = 44.0;
const HEAD: f64 = 50.0;

/// The picture: median and 99th percentile, and how much the latter may be. The first is the measure
/// of all.
pub fn svg(measured: &[Measured], factor_max: f64) -> String {
    let aim = measured.first().map_or(0.0, |first| first.p99_ms * factor_max);
    let longest = measured.iter().map(|it| it.p99_ms).fold(aim, f64::max).max(0.1) * 1.02;
    let x = |ms: f64| ms / longest * LONGEST;
    let rows = u32::try_from(measured.len()).unwrap_or(u32::MAX);
    let height = f64::from(rows).mul_add(ROW, HEAD) + 30.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"20\" y=\"26\" font-size=\"15\">How long the others wait beside a flood</text>\n"
    );
    let mut y = HEAD;
    for it in measured {
        // Writing to a text cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"20\" y=\"{:.1}\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"13\" fill=\"#9fc0ea\"/>\
             <rect x=\"{NAMES}\" y=\"{:.1}\" width=\"{:.1}\" height=\"13\" fill=\"#1f5fbf\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{:.1} / {:.1} ms</text>",
            y + 18.0,
            it.name,
            x(it.p50_ms),
            y + 14.0,
            x(it.p99_ms),
            NAMES + x(it.p99_ms) + 8.0,
            y + 25.0,
            it.p50_ms,
            it.p99_ms,
        );
        y += ROW;
    }
    let at = NAMES + x(aim);
    let _ = writeln!(
        svg,
        "<path d=\"M{at:.1} {HEAD}V{y:.1}\" stroke=\"#c82828\" stroke-dasharray=\"4 3\"/>\
         <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#c82828\">the most that is \
         allowed</text>\
         <text x=\"20\" y=\"{:.1}\">median (light) and 99th percentile (dark)</text>",
        y + 8.0,
        y + 22.0,
    );
    svg.push_str("</svg>\n");
    svg
}
