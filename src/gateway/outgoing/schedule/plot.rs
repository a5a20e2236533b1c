//! Draws the schedule for docs/outgoing-webhooks.md: a row for each attempt, over the time since the first one, logarithmically.

use std::{env, fmt::Write as _, fs};

use super::wait;

const WIDTH: f64 = 560.0;
const LEFT: f64 = 90.0;
const ABOVE: f64 = 30.0;
const ROW: f64 = 24.0;

/// The grid, in seconds.
const GRID: [(u64, &str); 8] = [
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3600, "1 h"),
    (6 * 3600, "6 h"),
    (24 * 3600, "1 day"),
    (4 * 24 * 3600, "4 days"),
];

/// Returns the place of a time in the plot. What is sooner than a second is at its left edge.
fn x(seconds: f64) -> f64 {
    let end = GRID[GRID.len() - 1].0 as f64;
    seconds.max(1.0).log10() / end.log10() * WIDTH
}

/// Returns when attempts are made after the first one, in seconds: all of them early, at the middle of the range, or late.
fn times(random: f64) -> Vec<f64> {
    let waits = (1..).map_while(|attempt| wait(attempt, None, random)).map(|wait| wait.as_secs_f64());
    let since = |time: &mut f64, wait: f64| {
        *time += wait;
        Some(*time)
    };
    [0.0].into_iter().chain(waits.scan(0.0, since)).collect()
}

/// Returns a wait in its unit.
fn named(seconds: f64) -> String {
    match seconds.round() as u64 {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

fn draw() -> String {
    let [early, middle, late] = [0.0, 0.5, 1.0].map(times);
    let height = ROW * middle.len() as f64;
    let (width, all) = (LEFT + WIDTH + 110.0, ABOVE + height + 16.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {all}\" font-family=\"sans-serif\" font-size=\"11\" \
         fill=\"#333\">\n<rect width=\"{width}\" height=\"{all}\" fill=\"white\"/>\n<g transform=\"translate({LEFT} {ABOVE})\">\n"
    );
    for (seconds, text) in GRID {
        let x = x(seconds as f64);
        let _ = writeln!(svg, "<path d=\"M{x:.0} 0v{height}\" stroke=\"#e4e4e4\"/>");
        let _ = writeln!(svg, "<text x=\"{x:.0}\" y=\"-8\" text-anchor=\"middle\">{text}</text>");
    }
    for (at, time) in middle.iter().enumerate() {
        let y = ROW * (at as f64 + 0.5);
        let (from, to) = (x(early[at]), x(late[at]));
        let wait =
            at.checked_sub(1).map_or("at once".to_owned(), |before| format!("{} later", named(time - middle[before])));
        let _ = writeln!(svg, "<text x=\"-14\" y=\"{:.0}\" text-anchor=\"end\">attempt {}</text>", y + 4.0, at + 1);
        let _ = writeln!(svg, "<path d=\"M{from:.1} {y}H{to:.1}\" stroke=\"#9cc3e0\" stroke-width=\"8\"/>");
        let _ = writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{y}\" r=\"4\" fill=\"#0b5fa5\"/>", x(*time));
        let _ = writeln!(svg, "<text x=\"{:.0}\" y=\"{:.0}\">{wait}</text>", to + 10.0, y + 4.0);
    }
    svg + "</g>\n</svg>\n"
}

#[test]
fn the_plot_of_the_page_is_that_of_the_schedule() {
    let (path, plot) = (concat!(env!("CARGO_MANIFEST_DIR"), "/docs/outgoing-webhooks.svg"), draw());
    if env::var_os("SMSMUX_UPDATE").is_some() {
        fs::write(path, plot).expect("written");
    } else {
        let drawn = fs::read_to_string(path).unwrap_or_default();
        assert!(drawn == plot, "{path} is out of date: SMSMUX_UPDATE=1 cargo test --lib outgoing::schedule");
    }
}
