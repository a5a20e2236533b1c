//! The pages of the documentation, as the tests read them.

use std::{fmt::Write as _, fs, ops::Range};

/// What is between two fences.
pub struct Block {
    /// The language, and the name of the file if the block has one: `python send.py`.
    pub language: String,
    pub text: String,
    /// The page and the line.
    pub place: String,
}

/// A file of the repository.
pub fn file(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// The text of a page.
pub fn read(page: &str) -> String {
    fs::read_to_string(file(page)).unwrap_or_else(|e| panic!("{page}: {e}"))
}

/// The blocks of a page.
pub fn blocks(page: &str) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), None);
    for (number, line) in read(page).lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                let place = format!("{page}:{}", number + 1);
                open = Some(Block { language: language.to_owned(), text: String::new(), place });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => writeln!(block.text, "{line}").unwrap(),
            (None, None) => {}
        }
    }
    blocks
}

/// The rows of all tables of a page whose first heading is `heading`, cell by cell.
pub fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let line = line.strip_prefix("| ")?.trim_end().strip_suffix('|')?;
        Some(line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
    };
    // Whether the lines are those of a table, and of one that is asked for.
    let (mut rows, mut asked) = (Vec::new(), None);
    for line in read(page).lines().filter(|line| !line.starts_with("|---")) {
        asked = match (cells(line), asked) {
            (None, _) => None,
            (Some(row), None) => Some(row[0] == heading),
            (Some(row), Some(true)) => {
                rows.push(row);
                Some(true)
            }
            (Some(_), Some(false)) => Some(false),
        }
    }
    rows
}

/// Holds a page's table against `table`, which the test `author` makes; writes it with `SMSMUX_UPDATE`.
pub fn hold_table(page: &str, name: &str, author: &str, table: &str) {
    let begin = format!("<!-- {name}: written by tests/{author} -->\n");
    let end = format!("<!-- end of the {name} -->\n");
    let text = read(page);
    let place = between(&text, &begin, &end).unwrap_or_else(|| panic!("{page}: expected once each: {begin}{end}"));
    if std::env::var_os("SMSMUX_UPDATE").is_some() {
        fs::write(file(page), format!("{}{table}{}", &text[..place.start], &text[place.end..])).expect("written");
    } else {
        assert!(&text[place] == table, "{page} is out of date: SMSMUX_UPDATE=1 cargo test --test {author}");
    }
}

/// Returns the place between two markers. Each marker must be a line that the text has once, the first one before the other.
pub fn between(text: &str, begin: &str, end: &str) -> Option<Range<usize>> {
    let line = |marker: &str| {
        let mut lines = text.match_indices(marker).filter(|(at, _)| *at == 0 || text[..*at].ends_with('\n'));
        let (at, _) = lines.next()?;
        lines.next().is_none().then_some(at)
    };
    let (start, end) = (line(begin)? + begin.len(), line(end)?);
    (start <= end).then_some(start..end)
}
