//! Prints the output of commands. A reader that closes it, such as `head`, ends a command without an error.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use super::Failure;

/// Prints to standard output, all at once.
pub(super) fn out(text: impl Display) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.to_string().as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Err(Failure::ReaderLeft),
        Err(e) => Err(Failure::new(format!("cannot write to standard output: {e}"))),
    }
}

/// Prints to standard error, after the lines that were logged before. An error cannot be reported anywhere.
pub(super) fn error(text: impl Display) {
    smsmux::telemetry::log::write(text.to_string().as_bytes());
}
