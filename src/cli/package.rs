//! `smsmux completions` and `smsmux man`: what packages install beside the program.

use std::{fs, io, path::PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Failure, print};

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// The folder to write to, which is made
    folder: PathBuf,
}

/// Prints the completions of a shell.
pub(super) fn completions(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "smsmux", &mut script);
    print::out(String::from_utf8_lossy(&script))
}

/// Writes a manual page for smsmux and for each of its commands.
pub(super) fn man(arguments: &ManArguments) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        fs::create_dir_all(&arguments.folder)?;
        clap_mangen::generate_to(Arguments::command(), &arguments.folder)
    };
    write().map_err(|e| Failure::new(format!("cannot write to {}: {e}", arguments.folder.display())))
}
