//! Why a command failed, and its exit code.

use std::{
    fmt::{self, Display},
    io,
    process::ExitCode,
};

use smsmux::config::Problem;

use super::print;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The configuration has these problems.
    Configuration(Vec<Problem>),
    /// Anything else, in one line.
    Other(String),
    /// A failure with an exit code and a text of its own.
    Exit(u8, String),
    /// The reader of standard output has closed it: nothing is left to do or to report.
    ReaderLeft,
}

impl Failure {
    /// Prints the error and returns the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Configuration(problems) => {
                let plural = if problems.len() == 1 { "problem" } else { "problems" };
                let lines: String = problems.iter().map(|problem| format!("  {problem}\n")).collect();
                print::error(format_args!("smsmux: the configuration has {} {plural}:\n{lines}", problems.len()));
                ExitCode::from(64)
            }
            Self::Other(text) => {
                print::error(format_args!("smsmux: {text}\n"));
                ExitCode::FAILURE
            }
            Self::Exit(code, text) => {
                print::error(format_args!("{text}\n"));
                ExitCode::from(*code)
            }
            Self::ReaderLeft => ExitCode::SUCCESS,
        }
    }

    pub(super) fn new(text: impl Display) -> Self {
        Self::Other(text.to_string())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(problems) => {
                let problems = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
                f.write_str(&problems.join("; "))
            }
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
