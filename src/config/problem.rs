//! A problem of the configuration.

use std::fmt;

/// One problem of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path of the key, for example `accounts.acme.password`; the file's name if it is invalid TOML.
    pub path: String,
    /// The problem, and what is expected.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// The problems found so far.
pub type Problems = Vec<Problem>;
