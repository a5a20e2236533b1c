//! Compares configurations by their keys, and by the secrets and files that they refer to.

use std::fmt::Write as _;

use ring::digest::{SHA256, digest};
use toml::{Table, Value};

/// The keys that name a file whose content counts.
const FILES: &[&str] = &["ca_file", "tls_certificate", "tls_client_ca", "tls_key"];

/// The hash of a section, which reveals nothing of its content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Computes the fingerprint of a section, or of a whole configuration. A file that cannot be read counts as empty.
    pub fn of(table: &Table) -> Self {
        let mut text = String::new();
        write_table(&mut text, table);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(bytes)
    }
}

fn write_table(text: &mut String, table: &Table) {
    for (key, value) in table {
        // The length makes the encoding unambiguous.
        let written = match value {
            Value::Table(inner) => {
                let mut written = String::new();
                write_table(&mut written, inner);
                written + &secret(inner)
            }
            Value::Array(values) => {
                // Each is a table, as a secret that is not text is one.
                let values = values.iter().enumerate().map(|(i, value)| (i.to_string(), value.clone()));
                let mut written = String::new();
                write_table(&mut written, &values.collect());
                written
            }
            Value::String(path) if FILES.contains(&key.as_str()) => path.clone() + &content(path),
            other => other.to_string(),
        };
        let _ = write!(text, "{key}={}:{written};", written.len());
    }
}

/// Returns the value that `{ env = "NAME" }` or `{ file = "/path" }` refers to.
fn secret(table: &Table) -> String {
    match table.iter().next() {
        Some((source, Value::String(name))) if source == "env" => std::env::var(name).unwrap_or_default(),
        Some((source, Value::String(path))) if source == "file" => content(path),
        _ => String::new(),
    }
}

fn content(path: &str) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fingerprint(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_changes_with_keys_secrets_and_files() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let path = file.path().display();
        let texts = [
            String::new(),
            "a = 1".to_owned(),
            "a = 2".to_owned(),
            "[s]\na = 1".to_owned(),
            format!("ca_file = '{path}'"),
            format!("password = {{ file = '{path}' }}"),
            format!("webhook_tokens = ['t', {{ file = '{path}' }}]"),
        ];
        let of = |text: &String| Fingerprint::of(&text.parse().expect("TOML"));
        let before: Vec<_> = texts.iter().map(of).collect();
        for (i, fingerprint) in before.iter().enumerate() {
            assert!(before[..i].iter().all(|other| other != fingerprint), "{}", texts[i]);
        }
        std::fs::write(file.path(), "new").expect("written");
        let changed: Vec<_> = texts.iter().map(of).zip(&before).map(|(now, before)| now != *before).collect();
        assert_eq!(changed, [false, false, false, false, true, true, true]);
    }
}
