//! A curve over time as an SVG picture.

use std::fmt::Write as _;

/// Size of the picture and of the margins around the plot, in pixels.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 360.0;
const MARGIN: f64 = 60.0;

/// Grid lines along each axis.
const GRID: u32 = 5;

/// One line of the picture.
pub struct Line<'a> {
    /// Its name.
    pub name: &'a str,
    /// A colour of CSS.
    pub colour: &'a str,
    /// Seconds and values, in order.
    pub points: Vec<(f64, f64)>,
}

/// The picture. `title` and the names must be free of markup.
pub fn svg(title: &str, unit: &str, lines: &[Line<'_>]) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let last = points().map(|point| point.0).fold(0.1, f64::max);
    // Room above the highest point, and a round number on each grid line.
    let highest = points().map(|point| point.1).fold(1.0, f64::max);
    let top = (highest * 1.1 / f64::from(GRID)).ceil() * f64::from(GRID);
    let x = |seconds: f64| MARGIN + seconds / last * (WIDTH - 2.0 * MARGIN);
    let y = |value: f64| HEIGHT - MARGIN - value / top * (HEIGHT - 2.0 * MARGIN);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"24\" font-size=\"15\">{title}</text>\n"
    );
    for step in 0..=GRID {
        let share = f64::from(step) / f64::from(GRID);
        let (level, time) = (y(top * share), x(last * share));
        // Writing to a text cannot fail.
        let _ = writeln!(
            svg,
            "<path d=\"M{MARGIN} {level:.1}H{:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} {unit}</text>\
             <text x=\"{time:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.1} s</text>",
            WIDTH - MARGIN,
            MARGIN - 6.0,
            level + 4.0,
            top * share,
            HEIGHT - MARGIN + 20.0,
            last * share,
        );
    }
    let mut legend = MARGIN;
    for Line { name, colour, points } in lines {
        let path: Vec<String> =
            points.iter().map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{legend:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>",
            path.join(" "),
            HEIGHT - 12.0,
        );
        legend += 260.0;
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_points_lie_within_the_plot() {
        let points = vec![(0.0, 0.0), (1.0, 50.0), (2.0, 25.0)];
        let line = Line { name: "memory", colour: "navy", points };
        let svg = svg("a title", "MiB", &[line]);
        assert!(svg.contains(r#"points="60.0,300.0 450.0,100.0 840.0,200.0""#), "{svg}");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    }
}
