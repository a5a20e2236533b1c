//! The time of day of a gateway: `clock.c`, preloaded into the real process, shifts it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// A clock, which shows the time of day at first.
pub(crate) struct Clock {
    _folder: TempDir,
    library: PathBuf,
    shift: PathBuf,
}

impl Clock {
    /// Compiles the library. The tests need a C compiler as the build does.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (library, shift) = (folder.path().join("clock.so"), folder.path().join("shift"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/crash/clock.c");
        let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
        assert!(compiled.expect("a C compiler").success());
        let clock = Self { _folder: folder, library, shift };
        clock.shift(0);
        clock
    }

    /// The environment of a process that has this clock.
    pub(crate) fn environment(&self) -> [(&str, &Path); 2] {
        [("LD_PRELOAD", &self.library), ("SMSMUX_CLOCK", &self.shift)]
    }

    /// Shows the time that it will be in so many seconds, at once.
    pub(crate) fn shift(&self, seconds: u64) {
        // A reader must not find an empty file.
        let new = self.shift.with_extension("new");
        fs::write(&new, seconds.to_string()).expect("a file");
        fs::rename(new, &self.shift).expect("renamed");
    }
}
