//! Tables for people.

use std::fmt::Write as _;

use jiff::Timestamp;
use smsmux::api::pb::Money;

/// Returns a table of lines below a heading, without the columns that have nothing in any line.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let shown: Vec<_> = (0..N).filter(|&column| rows.iter().any(|row| !row[column].is_empty())).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heading[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<_> = shown.iter().map(|&column| width(column)).collect();
    let mut text = String::new();
    let mut line = |cells: &[&str]| {
        let mut line = String::new();
        for (&column, width) in shown.iter().zip(&widths) {
            let _ = write!(line, "{:<width$}  ", cells[column]);
        }
        text += line.trim_end();
        text.push('\n');
    };
    line(&heading);
    rows.iter().for_each(|row| line(&row.each_ref().map(String::as_str)));
    text
}

/// Returns a time to the second, in UTC; empty if there is none.
pub(super) fn time(time: Option<prost_types::Timestamp>) -> String {
    let time = time.and_then(|time| Timestamp::new(time.seconds, 0).ok());
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// Returns an amount with its currency; empty if there is none.
pub(super) fn money(money: Option<&Money>) -> String {
    money
        .map(|Money { amount, currency_code }| format!("{amount} {currency_code}").trim_end().to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_empty_ones_are_left_out() {
        let rows = [["a", "", "x"], ["é€", "", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(table(["n", "no", "long"], &rows), "n   long\na   x\né€\n");
    }
}
