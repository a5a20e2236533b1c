//! The configuration file, and values that are laid over it.

use std::path::Path;

use toml::{Table, Value};

use super::Problem;

/// Reads a configuration file.
///
/// # Errors
/// The problem: the file cannot be read, or is invalid TOML.
pub fn read(file: &Path) -> Result<Table, Problem> {
    let problem = |text: String| Problem { path: file.display().to_string(), text };
    let text = std::fs::read_to_string(file).map_err(|e| problem(format!("cannot be read: {e}")))?;
    text.parse().map_err(|e: toml::de::Error| {
        let line = e.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        problem(format!("line {line}: {}", e.message()))
    })
}

/// Sets the value at a path such as `server.listen`, replacing the table's.
pub fn set(table: &mut Table, path: &[&str], value: Value) {
    match path {
        [] => {}
        [key] => {
            table.insert((*key).to_owned(), value);
        }
        [section, rest @ ..] => {
            let inner = table.entry(*section).or_insert_with(|| Value::Table(Table::new()));
            if !inner.is_table() {
                *inner = Value::Table(Table::new());
            }
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}
