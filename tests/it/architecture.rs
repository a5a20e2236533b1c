//! The floors of the house: imports point down, a vendor names no other vendor, and no file is too long to read.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The rooms of the library from the lowest floor up. A room may use those of its own floor and of the floors below.
const FLOORS: &[&[&str]] = &[
    &["api", "call", "config", "epoch", "error", "request", "telemetry", "text"],
    &["store"],
    &["vendors"],
    &["gateway"],
    &["server"],
    // The way in for the fuzz targets alone.
    &["fuzzing"],
];

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The longest that a file may get.
const LINES: usize = 570;

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for (floor, rooms) in FLOORS.iter().enumerate() {
        // The command line alone starts the stand-ins.
        let above = [FLOORS[floor + 1..].concat(), vec!["smsmux_sandbox"]].concat();
        for (path, code) in rooms.iter().flat_map(|room| sources(&format!("src/{room}"))) {
            wrong.extend(above.iter().filter(|room| uses(&code, room)).map(|room| format!("{path} uses {room}")));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_room_of_the_library_has_its_floor() {
    let library = fs::read_to_string(Path::new(ROOT).join("src/lib.rs")).unwrap();
    let rooms = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    assert_eq!(rooms.collect::<BTreeSet<_>>(), FLOORS.concat().into_iter().collect());
}

#[test]
fn nobody_but_the_registry_names_a_vendor() {
    let vendors = vendors();
    let mut wrong = Vec::new();
    for (path, code) in FLOORS.concat().iter().flat_map(|room| sources(&format!("src/{room}"))) {
        if path == "src/vendors/mod.rs" {
            continue;
        }
        for vendor in vendors.iter().filter(|vendor| !path.starts_with(&format!("src/vendors/{vendor}/"))) {
            let options = format!("VendorOptions::{}{}", vendor[..1].to_uppercase(), &vendor[1..]);
            if code.contains(&format!("{vendor}::")) || code.contains(&options) {
                wrong.push(format!("{path} names {vendor}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_vendor_is_in_the_registry_and_has_a_stand_in() {
    let folders = vendors();
    let registry: BTreeSet<_> = smsmux::vendors::REGISTRY.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let stand_ins: BTreeSet<_> = smsmux_sandbox::VENDORS.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(folders, registry, "folders of src/vendors and vendors::REGISTRY");
    assert_eq!(folders, stand_ins, "folders of src/vendors and the stand-ins");
}

/// A page's heading is the vendor's name for people. The names in the configuration are those of options in the protos.
#[test]
fn every_vendor_has_a_page_and_no_comment_of_the_protos_names_one() {
    let pages = files(&Path::new(ROOT).join("docs/vendors"), "md");
    let stem = |page: &PathBuf| page.file_stem().unwrap().to_str().unwrap().to_owned();
    assert_eq!(pages.iter().map(stem).collect::<BTreeSet<_>>(), vendors());
    let texts: Vec<_> = pages.iter().map(|page| fs::read_to_string(page).unwrap()).collect();
    let names: Vec<_> = texts.iter().map(|text| text.lines().next().unwrap().strip_prefix("# ").unwrap()).collect();
    for proto in files(&Path::new(ROOT).join("proto/smsmux"), "proto") {
        let text = fs::read_to_string(&proto).unwrap();
        for (_, comment) in text.lines().filter_map(|line| line.split_once("//")) {
            let named = names.iter().find(|name| comment.contains(**name));
            assert_eq!(named, None, "{}: {comment}", proto.display());
        }
    }
}

#[test]
fn no_type_of_tonic_is_known_below_the_door() {
    let below = ["call", "request", "text", "vendors", "gateway"];
    for (path, code) in below.iter().flat_map(|room| sources(&format!("src/{room}"))) {
        assert!(!code.contains("tonic::"), "{path} uses tonic");
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let files = ["src", "tests", "crates"].into_iter().flat_map(|folder| files(&Path::new(ROOT).join(folder), "rs"));
    let long = files.filter(|file| fs::read_to_string(file).unwrap().lines().count() > LINES);
    assert_eq!(long.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

/// Whether code names a module at the root of the crate, by its path or in a list of imports.
fn uses(code: &str, room: &str) -> bool {
    ["crate::", "\n    ", "\nuse ", "{", ", "].iter().any(|before| code.contains(&format!("{before}{room}::")))
}

#[test]
fn every_test_of_the_conformance_suite_is_a_trial() {
    // That program has no libtest, which is what `#[test]` is for: such a function is not even compiled.
    let files = files(&Path::new(ROOT).join("tests/conformance"), "rs");
    assert!(files.len() > 30, "{files:?}");
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let is_ignored = ["\n#[test", "\n#[tokio::test"].iter().any(|attribute| text.contains(attribute));
        assert!(!is_ignored, "{}: list the test in tests![]", path.display());
    }
}

/// The files of a room with their paths, without their comments and unit tests.
fn sources(room: &str) -> Vec<(String, String)> {
    let (file, folder) = (Path::new(ROOT).join(format!("{room}.rs")), Path::new(ROOT).join(room));
    let files = if file.exists() { vec![file] } else { files(&folder, "rs") };
    let read = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        // A module whose tests are a file names that file among the others, above its code.
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        (path.strip_prefix(Path::new(ROOT)).unwrap().to_string_lossy().into_owned(), code.join("\n"))
    };
    let is_test = |path: &str| ["/tests/", "/tests.rs", "_tests.rs"].iter().any(|part| path.contains(part));
    files.iter().map(read).filter(|(path, _)| !is_test(path)).collect()
}

/// The files below a folder whose names end in `extension`.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let paths = paths.flat_map(|path| if path.is_dir() { files(&path, extension) } else { vec![path] });
    paths.filter(|path| path.extension().is_some_and(|e| e == extension)).collect()
}

fn vendors() -> BTreeSet<String> {
    let folders = fs::read_dir(Path::new(ROOT).join("src/vendors")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().is_dir() && entry.file_name() != "kit");
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}
