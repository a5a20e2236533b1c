//! Formats log lines by hand: the formatters of tracing-subscriber take four times as long for the same line, and need
//! a span to show the request id.

use std::{
    fmt::{self, Write},
    io,
    time::SystemTime,
};

use humantime::format_rfc3339_micros;
use serde::Serializer as _;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::call;

/// Formats a line for each event: time, level, target and message, with its fields and the request id of the call.
#[derive(Debug, Clone, Copy)]
pub struct Lines {
    /// Whether lines are JSON objects; otherwise text, colored if the writer supports it.
    pub json: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        // Events of the crate `log` have their target and location among their fields.
        let normal = event.normalized_metadata();
        let metadata = normal.as_ref().unwrap_or_else(|| event.metadata());
        let (level, target, time) = (metadata.level(), metadata.target(), format_rfc3339_micros(SystemTime::now()));
        let result = if self.json {
            let mut fields = Json { line: line.by_ref(), result: Ok(()) };
            fields.write(format_args!(r#"{{"timestamp":"{time}","level":""#));
            fields.push([level.as_str(), r#"","target":"#]);
            fields.value(target);
            event.record(&mut fields);
            call::look_at_request_id(|id| fields.pair("request_id", id));
            fields.result.and_then(|()| line.write_char('}'))
        } else {
            head(&mut line, &time, level, target)?;
            let mut fields = Text { line: line.by_ref(), result: Ok(()) };
            event.record(&mut fields);
            call::look_at_request_id(|id| fields.text("request_id", id));
            fields.result
        };
        result.and_then(|()| line.write_char('\n'))
    }
}

/// Writes the time, level and target, in tracing-subscriber's colors.
fn head(line: &mut Writer<'_>, time: &dyn fmt::Display, level: &Level, target: &str) -> fmt::Result {
    if !line.has_ansi_escapes() {
        return write!(line, "{time} {level:>5} {target}:");
    }
    let colour = match *level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    };
    write!(line, "\x1b[2m{time}\x1b[0m \x1b[{colour}m{level:>5}\x1b[0m \x1b[2m{target}:\x1b[0m")
}

/// The field with the event's message.
const MESSAGE: &str = "message";

/// Whether a field has the location of an event of the crate `log`, which the metadata has already.
fn is_location(name: &str) -> bool {
    name.starts_with("log.")
}

/// Writes members of a JSON object, after the first.
struct Json<'a> {
    line: Writer<'a>,
    result: fmt::Result,
}

impl Json<'_> {
    fn write(&mut self, text: fmt::Arguments<'_>) {
        self.result = self.result.and_then(|()| self.line.write_fmt(text));
    }

    fn push<const N: usize>(&mut self, texts: [&str; N]) {
        for text in texts {
            self.result = self.result.and_then(|()| self.line.write_str(text));
        }
    }

    fn name(&mut self, name: &str) -> bool {
        if is_location(name) {
            return false;
        }
        // Field names are identifiers of this program, which need no escapes.
        self.push([",\"", name, "\":"]);
        true
    }

    fn value(&mut self, value: &str) {
        // Most values are names and numbers, which need no escapes either.
        match value.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
            true => self.push(["\"", value, "\""]),
            false => self.serialize(|serializer| serializer.serialize_str(value)),
        }
    }

    fn serialize(
        &mut self,
        write: impl FnOnce(&mut serde_json::Serializer<Bytes<'_, '_>>) -> Result<(), serde_json::Error>,
    ) {
        let written = write(&mut serde_json::Serializer::new(Bytes(&mut self.line))).map_err(|_| fmt::Error);
        self.result = self.result.and(written);
    }

    fn pair(&mut self, name: &str, value: &str) {
        if self.name(name) {
            self.value(value);
        }
    }

    fn number(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.name(field.name()) {
            self.write(value);
        }
    }
}

impl Visit for Json<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no infinity.
        if value.is_finite() { self.number(field, format_args!("{value}")) } else { self.record_debug(field, &value) }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, format_args!("{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.pair(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.name(field.name()) {
            self.serialize(|serializer| serializer.collect_str(&format_args!("{value:?}")));
        }
    }
}

/// A line as a byte writer for serde, which always writes UTF-8.
struct Bytes<'a, 'b>(&'a mut Writer<'b>);

impl io::Write for Bytes<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_str(text).map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes ` name=value` for each field, and the message without its name.
struct Text<'a> {
    line: Writer<'a>,
    result: fmt::Result,
}

impl Text<'_> {
    fn write(&mut self, name: &str, value: fmt::Arguments<'_>) {
        if is_location(name) {
            return;
        }
        let written = self.line.write_char(' ').and_then(|()| match name == MESSAGE {
            true => Ok(()),
            false => self.line.write_str(name).and_then(|()| self.line.write_char('=')),
        });
        self.result = self.result.and(written).and_then(|()| Escaped(&mut self.line).write_fmt(value));
    }

    /// Writes a text, in quotes if it is not one word.
    fn text(&mut self, name: &str, value: &str) {
        let one_word = !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\=".contains(&b));
        match one_word {
            true => self.write(name, format_args!("{value}")),
            false => self.write(name, format_args!("{value:?}")),
        }
    }
}

/// Escapes control characters, which could end the line or control the terminal: a vendor's texts may contain them.
struct Escaped<'a, 'b>(&'a mut Writer<'b>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return self.0.write_str(text);
        }
        text.chars().try_for_each(|c| match c.is_control() {
            true => write!(self.0, "{}", c.escape_default()),
            false => self.0.write_char(c),
        })
    }
}

impl Visit for Text<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            MESSAGE => self.write(MESSAGE, format_args!("{value:?}")),
            name => self.text(name, value),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.write(field.name(), format_args!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::HeaderValue;

    use super::*;

    /// The destination of the lines.
    #[derive(Clone, Default)]
    struct Lined(Arc<std::sync::Mutex<Vec<u8>>>);

    impl std::io::Write for Lined {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("a lock").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn line(json: bool, ansi: bool, event: impl FnOnce()) -> String {
        let lines = Lined::default();
        let writer = lines.clone();
        let builder = tracing_subscriber::fmt().with_ansi(ansi).event_format(Lines { json });
        let subscriber = builder.with_writer(move || writer.clone()).finish();
        let id = HeaderValue::from_static("order-17");
        tracing::subscriber::with_default(subscriber, || call::with_request_id(id, event));
        let bytes = lines.0.lock().expect("a lock").clone();
        String::from_utf8(bytes).expect("text")
    }

    fn event() {
        let nothing: Option<&str> = None;
        tracing::warn!(account = "a\"b\n", ms = 5, rate = 0.5, good = true, nothing, code = ?Some(1), "it is {}", "so");
    }

    #[test]
    fn a_line_of_json_is_one_object_with_the_request_id() {
        let line = line(true, false, event);
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let mut object: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let time = object["timestamp"].take();
        assert!(time.as_str().expect("a time").parse::<jiff::Timestamp>().is_ok(), "{time}");
        let expected = serde_json::json!({
            "timestamp": null, "level": "WARN", "target": "smsmux::telemetry::log::lines::tests", "message": "it is so",
            "account": "a\"b\n", "ms": 5, "rate": 0.5, "good": true, "code": "Some(1)", "request_id": "order-17",
        });
        assert_eq!(object, expected);
    }

    #[test]
    fn a_line_of_text_is_one_line_with_the_request_id() {
        let line = line(false, false, event);
        let (_, rest) = line.split_once(' ').expect("a time");
        let fields = r#"account="a\"b\n" ms=5 rate=0.5 good=true code=Some(1) request_id=order-17"#;
        assert_eq!(rest, format!(" WARN smsmux::telemetry::log::lines::tests: it is so {fields}\n"));
    }

    #[test]
    fn no_field_ends_the_line_or_controls_the_terminal() {
        let line = line(false, true, || tracing::info!(words = %"one\ntwo \u{1b}[2J\u{9b}2J é", "said"));
        assert!(line.ends_with("words=one\\ntwo \\u{1b}[2J\\u{9b}2J é request_id=order-17\n"), "{line}");
    }

    #[test]
    fn colours_are_for_writers_that_take_them() {
        assert!(line(false, true, event).contains("\x1b[33m WARN\x1b[0m"));
        assert!(!line(false, false, event).contains('\x1b'));
    }

    #[test]
    fn events_of_the_crate_log_are_formatted_the_same() {
        let metadata = log_event();
        assert!(metadata.contains(" INFO elsewhere: said"), "{metadata}");
    }

    fn log_event() -> String {
        line(false, false, || {
            let record = tracing_log::log::Record::builder()
                .args(format_args!("said"))
                .level(tracing_log::log::Level::Info)
                .target("elsewhere")
                .build();
            tracing_log::format_trace(&record).expect("told");
        })
    }
}
