//! The content of the image: what is in it beside the program, how much that is, and that the same program makes the same
//! bytes. `make image` holds all of it to its size.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::pages::file;

/// The most bytes beside the program. Most of them are the libraries of this build for tests: the program of the image needs none.
const BESIDE: u64 = 4_500_000;

/// Assembles a program in a folder of this name.
fn assemble(program: &Path, folder: &Path, umask: &str) -> PathBuf {
    let image = folder.join("image");
    // What a folder is assembled under must not show.
    let script = format!("umask {umask}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(file("deploy/image/assemble.sh")).arg(program).arg(&image);
    assert!(command.current_dir(folder).env_remove("SOURCE_DATE_EPOCH").status().unwrap().success());
    image
}

/// Packs what was assembled, and returns the bytes.
fn pack(image: &Path) -> Vec<u8> {
    let archive = image.with_extension("tar");
    let mut command = Command::new("python3");
    command.arg(file("deploy/image/oci.py")).arg(image).arg(&archive).env_remove("SOURCE_DATE_EPOCH");
    assert!(command.env_remove("SMSMUX_COMMIT").status().unwrap().success());
    fs::read(archive).unwrap()
}

/// The files below a folder, with their sizes.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let found = entries.flat_map(|entry| match entry.file_type().unwrap().is_dir() {
        true => files(&entry.path()),
        false => vec![(entry.path(), entry.metadata().unwrap().len())],
    });
    found.collect()
}

#[test]
fn nothing_is_in_the_image_but_what_the_program_needs_and_it_is_small() {
    let folder = tempfile::tempdir().unwrap();
    let image = assemble(Path::new(env!("CARGO_BIN_EXE_smsmux")), folder.path(), "022");
    let (mut others, mut bytes) = (BTreeSet::new(), 0);
    for (path, size) in files(&image) {
        let path = path.strip_prefix(&image).unwrap().display().to_string();
        if path != "usr/local/bin/smsmux" {
            bytes += size;
            others.insert(path);
        }
    }
    let is_expected = |path: &&String| {
        let is_library = path.contains(".so") && (path.starts_with("lib") || path.starts_with("usr/lib"));
        let is_kept = ["etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/ssl/certs/ca-certificates.crt"];
        is_library || path.starts_with("usr/share/doc/") || is_kept.contains(&path.as_str())
    };
    let unexpected: Vec<_> = others.iter().filter(|path| !is_expected(path)).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    for name in ["LICENSE", "THIRD-PARTY.txt.gz", "smsmux.cdx.json"] {
        assert!(others.contains(&format!("usr/share/doc/smsmux/{name}")), "{name}: {others:?}");
    }
    assert!(bytes <= BESIDE, "{bytes} bytes beside the program: {others:?}");
}

#[test]
fn the_same_program_makes_the_same_bytes() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    // A program that is quickly packed: what smsmux itself is does not matter.
    let pack_under = |folder: &tempfile::TempDir, umask| pack(&assemble(Path::new("/bin/true"), folder.path(), umask));
    let [first, second] = [pack_under(&folders[0], "022"), pack_under(&folders[1], "077")];
    assert!(first == second, "{} and {} bytes", first.len(), second.len());
}
