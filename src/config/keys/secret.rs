//! Secrets, which nothing prints.

use std::{env, io::ErrorKind};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use toml::Value;

use super::text;

/// A secret: plain text, `{ env = "NAME" }` or `{ file = "/path" }`. Nothing prints it.
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns the secret, still wrapped.
    pub fn into_inner(self) -> SecretString {
        self.0
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Parsed by hand, as serde's errors would quote the value, which may be the secret.
        let (source, secret) = match Value::deserialize(deserializer)? {
            Value::String(text) => (String::new(), Ok(text)),
            Value::Table(table) => match table.iter().next().filter(|_| table.len() == 1) {
                Some((source, Value::String(name))) if source == "env" => {
                    let secret = env::var(name).map_err(|e| match e {
                        env::VarError::NotPresent => "is not set".to_owned(),
                        env::VarError::NotUnicode(_) => "is not UTF-8 text".to_owned(),
                    });
                    (format!("the environment variable {name} "), secret)
                }
                Some((source, Value::String(path))) if source == "file" => {
                    let secret = std::fs::read_to_string(path).map_err(|e| match e.kind() {
                        ErrorKind::InvalidData => "is not UTF-8 text".to_owned(),
                        _ => format!("cannot be read: {e}"),
                    });
                    (format!("the file {path} "), secret)
                }
                _ => (String::new(), Err(FORMS.to_owned())),
            },
            _ => (String::new(), Err(FORMS.to_owned())),
        };
        match secret.and_then(|secret| text(&secret)) {
            Ok(secret) if secret.is_empty() => Err(D::Error::custom(format!("{source}is empty"))),
            Ok(secret) => Ok(Self(secret.into())),
            Err(text) => Err(D::Error::custom(source + &text)),
        }
    }
}

const FORMS: &str = r#"must be text, { env = "NAME" } or { file = "/path" }"#;

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::{
        super::{Keys, parse},
        *,
    };
    use crate::config::Problems;

    fn secret(toml: &str) -> Result<Secret, String> {
        let mut table: Table = format!("v = {toml}").parse().expect("TOML");
        parse(table.remove("v").expect("v"))
    }

    #[test]
    fn a_secret_is_text_or_comes_from_a_file_or_the_environment() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "from file\n").expect("written");
        assert_eq!(secret("'plain'").expect("text").expose(), "plain");
        assert_eq!(secret(&format!("{{ file = '{}' }}", file.path().display())).expect("file").expose(), "from file");
        assert_eq!(
            secret("{ env = 'CARGO_PKG_NAME' }").map(|s| s.expose().to_owned()),
            std::env::var("CARGO_PKG_NAME").map_err(|_| String::new())
        );
        for bad in [
            "{ env = 'SMSMUX_NO_SUCH_VARIABLE' }",
            "{ file = '/no/such/file' }",
            "5",
            "{}",
            "''",
            "{ env = 'A', file = 'B' }",
        ] {
            secret(bad).expect_err(bad);
        }
    }

    #[test]
    fn a_secret_is_trimmed_and_validated_whatever_its_source() {
        for (raw, expected) in [
            ("tok", Ok("tok")),
            ("tok\n", Ok("tok")),
            ("tok\r\n\n", Ok("tok")),
            ("\u{feff}tok\r\n", Ok("tok")),
            (" t\u{f6}k ", Ok(" t\u{f6}k ")),
            ("to\nk", Err("line end")),
            ("tok\0", Err("NUL")),
            ("to\tk", Err("U+0009")),
            ("tok\u{85}", Err("U+0085")),
            ("\"tok\"\nvendor = 1", Err("line end")),
            ("\u{feff}\n", Err("is empty")),
        ] {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), raw).expect("written");
            let path = file.path().to_str().expect("a path");
            let of_file = Value::Table(Table::from_iter([("file".to_owned(), path.into())]));
            for given in [Value::from(raw), of_file] {
                let mut problems = Problems::new();
                let mut keys = Keys::new("accounts.a", Table::from_iter([("token".to_owned(), given)]));
                let secret: Option<Secret> = keys.optional("token", &mut problems);
                let problem = problems.first().map(ToString::to_string);
                match expected {
                    Ok(expected) => assert_eq!((secret.as_ref().map(Secret::expose), problem), (Some(expected), None)),
                    Err(part) => {
                        assert_eq!((secret.is_none(), problems.len()), (true, 1), "{raw:?}");
                        let problem = problem.expect("a problem");
                        assert!(problem.starts_with("accounts.a.token: ") && problem.contains(part), "{problem}");
                        assert!(!problem.contains("tok\""), "{problem}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_prints_a_secret() {
        let secret = secret("'hunter2'").expect("text");
        let shown = toml::Value::try_from(&secret).expect("a value").to_string();
        assert!(!format!("{secret:?} {shown}").contains("hunter2"));
        assert_eq!(shown, "\"***\"");
    }
}
