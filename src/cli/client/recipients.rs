//! The recipients of a file, each with values for the placeholders of a text.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{self, Read as _},
    path::Path,
};

use smsmux::{api::pb::SendMessageRequest, request::check::Check};

use super::{super::quotes::Quotes, Failure};

/// The names that the column of the numbers may have.
const NUMBER_COLUMNS: &[&str] = &["to", "number", "phone_number", "phone", "recipient"];

/// The most recipients of one message: what becomes of an error concerns no more.
const BATCH: usize = 100;

/// The most problems that are named.
const NAMED: usize = 20;

/// Reads a file of recipients, or standard input by `-`, and returns the messages to send: one for each text, in the order of the
/// file, of a bounded number of recipients.
pub(super) fn messages(file: &Path, draft: &SendMessageRequest) -> Result<Vec<SendMessageRequest>, Failure> {
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => io::stdin().lock().read_to_string(&mut text).map(drop),
        false => fs::read_to_string(file).map(|read| text = read),
    };
    read.map_err(|e| Failure::new(format!("{}: cannot be read: {e}; nothing was sent", file.display())))?;
    batches(&text, draft).map_err(|problems| {
        let more = problems.len().saturating_sub(NAMED);
        let mut lines: Vec<_> = problems.into_iter().take(NAMED).map(|problem| format!("\n  {problem}")).collect();
        if more > 0 {
            lines.push(format!("\n  and {more} more"));
        }
        Failure::new(format!("{} cannot be sent to; nothing was sent:{}", file.display(), lines.concat()))
    })
}

fn batches(text: &str, draft: &SendMessageRequest) -> Result<Vec<SendMessageRequest>, Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let heading = text.lines().next().unwrap_or_default();
    // Spreadsheets of many languages separate by semicolons.
    let separator = if heading.contains(';') && !heading.contains(',') { b';' } else { b',' };
    let input = Quotes::new(text.as_bytes(), separator);
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).from_reader(input);
    let columns = reader.headers().cloned().map_err(|e| vec![e.to_string()])?;
    let mut names = HashSet::new();
    if let Some(twice) = columns.iter().find(|column| !column.is_empty() && !names.insert(*column)) {
        return Err(vec![format!("line 1 names `{twice}` twice")]);
    }
    let number = columns.iter().position(|column| NUMBER_COLUMNS.iter().any(|name| column.eq_ignore_ascii_case(name)));
    let number = number
        .ok_or_else(|| vec![format!("line 1 names no column `to` for the numbers; it has {}", named(&columns))])?;
    let template = Template::read(&draft.text, &columns).map_err(|problem| vec![problem])?;
    let (mut messages, mut problems) = (Vec::<SendMessageRequest>::new(), Vec::new());
    // The message that recipients of a text are added to, and the line of each number with its text.
    let (mut open, mut seen) = (HashMap::<String, usize>::new(), HashMap::<(String, String), u64>::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                problems.push(e.to_string());
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let to = record.get(number).unwrap_or_default().to_owned();
        let mut check = Check::new();
        check.phone_number(&to, String::new);
        if check.done().is_err() {
            problems.push(format!("line {line}: the number is not in E.164 form, such as +393471234567"));
            continue;
        }
        let text = match template.fill(&record) {
            Ok(text) => text,
            Err(column) => {
                problems.push(format!("line {line}: `{column}` is empty"));
                continue;
            }
        };
        if let Some(before) = seen.insert((to.clone(), text.clone()), line) {
            problems.push(format!("line {line}: the number gets the same text by line {before}"));
            continue;
        }
        let at = open.get(&text).copied().filter(|&at| messages[at].recipients.len() < BATCH).unwrap_or_else(|| {
            messages.push(SendMessageRequest { text: text.clone(), ..draft.clone() });
            messages.len() - 1
        });
        messages[at].recipients.push(to);
        open.insert(text, at);
    }
    if messages.is_empty() && problems.is_empty() {
        problems.push("there are no recipients".to_owned());
    }
    if problems.is_empty() { Ok(messages) } else { Err(problems) }
}

fn named(columns: &csv::StringRecord) -> String {
    columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}

/// A text with placeholders.
struct Template<'a> {
    columns: &'a csv::StringRecord,
    parts: Vec<Part<'a>>,
}

enum Part<'a> {
    Text(&'a str),
    Column(usize),
}

impl<'a> Template<'a> {
    fn read(mut text: &'a str, columns: &'a csv::StringRecord) -> Result<Self, String> {
        let mut parts = Vec::new();
        while let Some(at) = text.find(['{', '}']) {
            parts.push(Part::Text(&text[..at]));
            let rest = &text[at..];
            text = if let Some(doubled) = ["{{", "}}"].iter().find(|brace| rest.starts_with(**brace)) {
                parts.push(Part::Text(&doubled[..1]));
                &rest[2..]
            } else {
                let inner = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
                let (name, after) = inner.ok_or("the text has a brace that is no placeholder: write {{ or }}")?;
                let column = columns.iter().position(|column| column == name.trim());
                let column =
                    column.ok_or_else(|| format!("the text has {{{name}}}, and the file has {}", named(columns)))?;
                parts.push(Part::Column(column));
                after
            };
        }
        parts.push(Part::Text(text));
        Ok(Self { columns, parts })
    }

    /// Returns the text for a line, or the column that it lacks.
    fn fill(&self, record: &csv::StringRecord) -> Result<String, &'a str> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => Ok(*text),
            Part::Column(at) => match record.get(*at) {
                Some("") | None => Err(self.columns.get(*at).unwrap_or_default()),
                Some(value) => Ok(value),
            },
        });
        parts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, file: &str) -> Result<Vec<(String, Vec<String>)>, Vec<String>> {
        let draft = SendMessageRequest { text: text.to_owned(), ..SendMessageRequest::default() };
        Ok(batches(file, &draft)?.into_iter().map(|message| (message.text, message.recipients)).collect())
    }

    #[test]
    fn recipients_with_the_same_text_share_a_message() {
        let file = "\u{feff}name;To\nAda;+393471234567\nBob;+393477654321\nAda;+393470000001\n";
        let [ada, bob, other] = ["+393471234567", "+393477654321", "+393470000001"].map(str::to_owned);
        assert_eq!(
            read("Dear { name }: {{1}}", file),
            Ok(vec![
                ("Dear Ada: {1}".to_owned(), vec![ada.clone(), other.clone()]),
                ("Dear Bob: {1}".to_owned(), vec![bob.clone()])
            ])
        );
        assert_eq!(read("Hello", file), Ok(vec![("Hello".to_owned(), vec![ada, bob, other])]));
    }

    #[test]
    fn a_message_has_a_bounded_number_of_recipients() {
        let numbers: String = (0..2 * BATCH + 1).map(|i| format!("+39347{i:07}\n")).collect();
        let sizes: Vec<_> = read("Hello", &format!("to\n{numbers}")).unwrap().iter().map(|(_, to)| to.len()).collect();
        assert_eq!(sizes, [BATCH, BATCH, 1]);
    }

    #[test]
    fn every_line_that_cannot_be_sent_to_is_named_without_its_number() {
        let file = "to,name\n12,Ada\n+393471234567,\n+393477654321,Bob\n+393477654321,Bob\n+393470000001\n";
        let problems = read("Dear {name}", file).unwrap_err();
        let begins: Vec<_> = problems.iter().map(|problem| problem.split(':').next().unwrap()).collect();
        assert_eq!(begins[..3], ["line 2", "line 3", "line 5"], "{problems:?}");
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(!problems.concat().contains("+39347765"), "{problems:?}");
    }

    #[test]
    fn a_value_does_not_swallow_the_lines_after_it() {
        let file = "to,name\n+393471234567,\"Ada\n+393477654321,Bob\n";
        assert_eq!(read("Dear {name}", file).unwrap_err(), ["the quote that line 2 opens is never closed"]);
    }

    #[test]
    fn a_placeholder_of_no_column_is_named_with_the_columns() {
        for (text, part) in [
            ("Dear {surname}", "{surname}, and the file has `to`, `name`"),
            ("a { b", "no placeholder"),
            ("a } b", "no placeholder"),
        ] {
            let problems = read(text, "to,name\n+393471234567,Ada\n").unwrap_err();
            assert!(problems[0].contains(part), "{problems:?}");
        }
        assert!(read("Hello", "name\nAda\n").unwrap_err()[0].contains("`to`"));
        assert_eq!(read("Hello", "to,name,name\n+393471234567,Ada,Bob\n").unwrap_err(), ["line 1 names `name` twice"]);
        assert_eq!(read("Hello", "to\n").unwrap_err(), ["there are no recipients"]);
    }
}
