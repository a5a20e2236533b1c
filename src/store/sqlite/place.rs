//! The files of a store: who may open them, and where they may be.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// Returns the path with a suffix, such as `smsmux.db.lock`.
pub(in crate::store) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Opens a file for reading and writing that only its owner can read, and makes it if it is missing.
pub(in crate::store) fn private_file(path: &Path, only_new: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).truncate(false);
    if only_new {
        options.create_new(true)
    } else {
        options.create(true)
    };
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Returns the directory of a file.
fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Flushes the directory of a file, so that a new name of it survives a loss of power.
pub(in crate::store) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}

/// Takes the store of this path for this process, until the file is closed.
///
/// # Errors
/// The reason as a sentence about the path: another process has the store, it cannot be written, or it is on a file
/// system on which SQLite cannot lock.
pub(super) fn take(path: &Path) -> Result<File, String> {
    let cannot = |e: io::Error| format!("cannot be written: {e}");
    let directory = directory(path);
    if !directory.is_dir() {
        return Err(format!("cannot be written: {} is no directory; create it", directory.display()));
    }
    if let Some(kind) = network_file_system(directory).map_err(cannot)? {
        return Err(format!(
            "is on a network file system ({kind}), which can damage it: use a local disk, or postgres"
        ));
    }
    // A file of its own, as SQLite's locks on the database would be lost when another handle of it is closed.
    let lock = private_file(&beside(path, ".lock"), false).map_err(cannot)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err("is in use by another process".to_owned()),
        Err(TryLockError::Error(e)) => return Err(cannot(e)),
    }
    // SQLite gives its further files the permissions of this one.
    private_file(path, false).map_err(cannot)?;
    Ok(lock)
}

/// Returns the kind of the file system if it is one over a network.
#[cfg(target_os = "linux")]
fn network_file_system(directory: &Path) -> io::Result<Option<&'static str>> {
    // The numbers of `linux/magic.h`.
    let kinds = [
        (0x6969, "NFS"),
        (0x517B, "SMB"),
        (0xFF53_4D42, "CIFS"),
        (0xFE53_4D42, "SMB2"),
        (0x00C3_6400, "Ceph"),
        (0x5346_414F, "AFS"),
        (0x7375_7245, "Coda"),
        (0x0BD0_0BD0, "Lustre"),
        (0x564C, "NCP"),
    ];
    let found = rustix::fs::statfs(directory)?.f_type as u64 & 0xFFFF_FFFF;
    Ok(kinds.into_iter().find(|(number, _)| *number == found).map(|(_, kind)| kind))
}

#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}
