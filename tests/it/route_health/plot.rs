//! The chart: for each scenario the share of the first vendor over the day.

use std::fmt::Write as _;

use super::{Day, world::DAY};

const WIDTH: usize = 420;
const HEIGHT: usize = 120;
const LEFT: usize = 44;
const ABOVE: usize = 34;
const COLUMNS: usize = 2;
const CELL: (usize, usize) = (WIDTH + LEFT + 26, HEIGHT + ABOVE + 30);

/// The minutes of a point.
const POINT: usize = 10;

/// The lines: who sees no colours knows them by their strokes.
const STYLES: [(&str, &str, &str); 2] = [
    ("smsmux", "#0b5fa5", "stroke-width=\"2.2\""),
    ("GOV.UK Notify", "#b8560b", "stroke-width=\"1.4\" stroke-dasharray=\"4 2\""),
];

/// Draws the days, each with its two lines.
pub(super) fn draw(days: &[[Day; 2]]) -> String {
    let rows = days.len().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS * CELL.0, rows * CELL.1 + 24);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"10\" \
         fill=\"#333\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (index, (name, colour, stroke)) in STYLES.iter().enumerate() {
        let x = LEFT + index * 100;
        let _ = writeln!(
            svg,
            "<path d=\"M{x} 14h24\" stroke=\"{colour}\" {stroke}/><text x=\"{}\" y=\"18\">{name}</text>",
            x + 30
        );
    }
    for (index, pair) in days.iter().enumerate() {
        let (x, y) = (index % COLUMNS * CELL.0 + LEFT, index / COLUMNS * CELL.1 + ABOVE + 20);
        let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
        panel(&mut svg, pair);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn panel(svg: &mut String, pair: &[Day; 2]) {
    let at = |second: u64| WIDTH as f64 * second as f64 / DAY as f64;
    let level = |share: f64| HEIGHT as f64 * (1.0 - share);
    let (from, to) = pair[0].trouble;
    let _ = writeln!(svg, "<text y=\"-8\" font-size=\"11\" font-weight=\"bold\">{}</text>", pair[0].name);
    let _ = writeln!(
        svg,
        "<rect x=\"{:.0}\" width=\"{:.0}\" height=\"{HEIGHT}\" fill=\"#f3d9d9\"/>",
        at(from),
        at(to) - at(from)
    );
    for share in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
        let y = level(share);
        let _ = writeln!(
            svg,
            "<path d=\"M0 {y:.0}h{WIDTH}\" stroke=\"#e4e4e4\"/><text x=\"-6\" y=\"{:.0}\" text-anchor=\"end\">{:.0} %</text>",
            y + 3.0,
            share * 100.0
        );
    }
    for hour in (0..=24).step_by(4) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"middle\">{hour:02}:00</text>",
            at(hour * 3600),
            HEIGHT + 14
        );
    }
    for (day, (_, colour, stroke)) in pair.iter().zip(STYLES).rev() {
        let points = day.shares(POINT).into_iter().enumerate().map(|(index, share)| {
            let middle = (index * POINT + POINT / 2) as u64 * 60;
            format!("{:.1},{:.1}", at(middle), level(share))
        });
        let points: Vec<_> = points.collect();
        let _ = writeln!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" {stroke}/>", points.join(" "));
    }
}
