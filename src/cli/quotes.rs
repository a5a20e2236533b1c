//! Rejects a CSV file with a quote that is never closed: the library takes all that follows it for one value.

use std::io::{self, Read};

/// Passes CSV on, and fails at its end if a value is still quoted.
pub(super) struct Quotes<R> {
    input: R,
    separator: u8,
    place: Place,
    /// The line of the next byte, and the one of the last quote that opened a value.
    line: u64,
    opened: u64,
}

/// Where the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Beginning,
    Plain,
    Quoted,
    /// After a quote within a quoted value: its end, or the first half of a quote in it.
    AfterQuote,
}

impl<R> Quotes<R> {
    pub(super) fn new(input: R, separator: u8) -> Self {
        Self { input, separator, place: Place::Beginning, line: 1, opened: 0 }
    }

    fn see(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::Quoted, b'"') => Place::AfterQuote,
            (Place::Quoted, _) | (Place::AfterQuote, b'"') => Place::Quoted,
            (Place::Beginning, b'"') => {
                self.opened = self.line;
                Place::Quoted
            }
            (_, b'\n' | b'\r') => Place::Beginning,
            (_, byte) if byte == self.separator => Place::Beginning,
            _ => Place::Plain,
        };
        self.line += u64::from(byte == b'\n');
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        buffer.iter().take(count).for_each(|byte| self.see(*byte));
        if count == 0 && !buffer.is_empty() && self.place == Place::Quoted {
            let text = format!("the quote that line {} opens is never closed", self.opened);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> Option<String> {
        io::read_to_string(Quotes::new(text.as_bytes(), b',')).err().map(|e| e.to_string())
    }

    #[test]
    fn a_quote_that_is_never_closed_is_found_where_it_is_opened() {
        for text in [
            "",
            "a",
            "\"a\"",
            "a,\"b \"\" c\"\r\n",
            "\"a\nb\",c\n",
            "5\" pipe,b\n",
            " \"a\n",
            "\"a\" b\",c\n",
            "\"\"\n",
        ] {
            assert_eq!(problem(text), None, "{text}");
        }
        for (text, line) in [("\"", 1), ("to,name\n+1,\"Ada\n+2,Bob\n", 2), ("\"a\nb\",c\n\"\"\"\n", 3)] {
            assert_eq!(problem(text), Some(format!("the quote that line {line} opens is never closed")), "{text}");
        }
    }
}
