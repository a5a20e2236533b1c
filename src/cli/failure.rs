//! Why a command failed, and its exit code.

use std::{
    fmt::{self, Display},
    io,
    process::ExitCode,
};

use serde_json::{Value, json};
use smsmux::config::Problem;

use super::{arguments::Output, client::CallError, print};

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The configuration has these problems.
    Configuration(Vec<Problem>),
    /// A call to a server failed.
    Call(Box<CallError>),
    /// Anything else, in one line.
    Other(String),
    /// A failure with an exit code of its own.
    Exit(u8, String),
    /// The reader of standard output has closed it: nothing is left to do or to report.
    ReaderLeft,
}

impl Failure {
    /// Prints the error and returns the exit code.
    pub(crate) fn report(&self, output: Output) -> ExitCode {
        let code = match self {
            Self::ReaderLeft => return ExitCode::SUCCESS,
            Self::Configuration(_) => 64,
            Self::Call(error) => error.exit_code(),
            Self::Other(_) => 1,
            Self::Exit(code, _) => *code,
        };
        match output {
            Output::Table => print::error(format_args!("smsmux: {}\n", self.page().trim_end())),
            Output::Json => print::error(format_args!("{}\n", json!({ "error": self.json() }))),
        }
        ExitCode::from(code)
    }

    pub(super) fn new(text: impl Display) -> Self {
        Self::Other(text.to_string())
    }

    /// Returns the error for people, with a line for each problem.
    fn page(&self) -> String {
        match self {
            Self::Configuration(problems) => {
                let lines: String = problems.iter().map(|problem| format!("  {problem}\n")).collect();
                format!("{}:\n{lines}", count(problems))
            }
            Self::Call(error) => error.text(),
            Self::Other(_) | Self::Exit(..) | Self::ReaderLeft => self.to_string(),
        }
    }

    /// Returns the error for a script.
    fn json(&self) -> Value {
        match self {
            Self::Configuration(problems) => {
                let all = problems.iter().map(|problem| json!({ "path": problem.path, "message": problem.text }));
                json!({ "message": count(problems), "problems": all.collect::<Vec<_>>() })
            }
            Self::Call(error) => error.json(),
            Self::Other(_) | Self::Exit(..) | Self::ReaderLeft => json!({ "message": self.to_string() }),
        }
    }
}

/// Returns how many problems there are.
fn count(problems: &[Problem]) -> String {
    format!("the configuration has {} {}", problems.len(), if problems.len() == 1 { "problem" } else { "problems" })
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(problems) => {
                let problems = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
                f.write_str(&problems.join("; "))
            }
            Self::Call(error) => f.write_str(&error.text()),
            Self::Other(text) | Self::Exit(_, text) => f.write_str(text),
            Self::ReaderLeft => f.write_str("standard output was closed"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(error)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(Box::new(error))
    }
}
