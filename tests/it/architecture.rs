//! The floors of the house: imports point down, a vendor names no other vendor, and no file is too long to read.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The rooms of the library from the lowest floor up. A room may use those of its own floor and of the floors below.
const FLOORS: &[&[&str]] = &[
    &["api", "call", "config", "error", "request", "telemetry", "text"],
    &["vendors"],
    &["gateway"],
    &["server"],
    // The way in for the fuzz targets alone.
    &["fuzzing"],
];

/// The longest that a file may get.
const LINES: usize = 600;

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for (floor, rooms) in FLOORS.iter().enumerate() {
        let above: BTreeSet<_> = FLOORS[floor + 1..].concat().into_iter().collect();
        for (path, code) in rooms.iter().flat_map(|room| sources(&format!("src/{room}"))) {
            let used: Vec<_> = uses(&code).into_iter().filter(|used| above.contains(used.as_str())).collect();
            wrong.extend(used.into_iter().map(|used| format!("{path} uses {used}")));
            // The command line alone starts the stand-ins.
            if code.contains("smsmux_sandbox") {
                wrong.push(format!("{path} uses smsmux_sandbox"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_room_of_the_library_has_its_floor() {
    let library = fs::read_to_string(root().join("src/lib.rs")).unwrap();
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
            if code.contains(&format!("{vendor}::")) || code.contains(&format!("VendorOptions::{}", camel(vendor))) {
                wrong.push(format!("{path} names {vendor}"));
            }
        }
    }
    // It asks what a send would come to, and hands the options over as they are.
    wrong.retain(|text| text != "src/gateway/analyze.rs names smsend");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_vendor_is_in_the_registry_and_has_a_stand_in() {
    let folders = vendors();
    let registry: BTreeSet<_> = smsmux::vendors::REGISTRY.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let stand_ins: BTreeSet<_> = smsmux_sandbox::VENDORS.iter().map(|&name| name.to_owned()).collect();
    assert!(!folders.is_empty());
    assert_eq!(folders, registry, "folders of src/vendors and vendors::REGISTRY");
    assert_eq!(folders, stand_ins, "folders of src/vendors and the stand-ins");
}

/// A page's heading is the vendor's name for people. The names in the configuration are those of options in the protos.
#[test]
fn every_vendor_has_a_page_and_no_comment_of_the_protos_names_one() {
    let pages = files(&root().join("docs/vendors"), "md");
    let stem = |page: &PathBuf| page.file_stem().unwrap().to_str().unwrap().to_owned();
    assert_eq!(pages.iter().map(stem).collect::<BTreeSet<_>>(), vendors());
    let texts: Vec<_> = pages.iter().map(|page| fs::read_to_string(page).unwrap()).collect();
    let names: Vec<_> = texts.iter().map(|text| text.lines().next().unwrap().strip_prefix("# ").unwrap()).collect();
    for proto in files(&root().join("proto/smsmux"), "proto") {
        let text = fs::read_to_string(&proto).unwrap();
        for (_, comment) in text.lines().filter_map(|line| line.split_once("//")) {
            let named = names.iter().find(|name| comment.contains(**name));
            assert_eq!(named, None, "{}: {comment}", proto.display());
        }
    }
}

#[test]
fn no_type_of_tonic_is_known_below_the_door() {
    for (path, code) in
        ["call", "request", "text", "vendors", "gateway"].iter().flat_map(|room| sources(&format!("src/{room}")))
    {
        assert!(!code.contains("tonic::"), "{path} uses tonic");
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let files = ["src", "tests", "crates"].into_iter().flat_map(|folder| files(&root().join(folder), "rs"));
    let long = files.filter(|file| fs::read_to_string(file).unwrap().lines().count() > LINES);
    assert_eq!(long.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

/// The first names of the paths that begin at the root of the crate.
fn uses(code: &str) -> BTreeSet<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut uses = BTreeSet::new();
    for (_, rest) in code.match_indices("crate::").map(|(at, root)| code.split_at(at + root.len())) {
        let Some(group) = rest.strip_prefix('{') else {
            uses.insert(name(rest));
            continue;
        };
        let mut depth = 1;
        for (at, c) in group.char_indices() {
            let begins = at == 0 || group[..at].trim_end().ends_with(',');
            if depth == 1 && begins && c.is_alphabetic() {
                uses.insert(name(&group[at..]));
            }
            depth += i32::from(c == '{') - i32::from(c == '}');
            if depth == 0 {
                break;
            }
        }
    }
    uses
}

#[test]
fn every_test_of_the_conformance_suite_is_a_trial() {
    // That program has no libtest, which is what `#[test]` is for: such a function is not even compiled.
    let files = files(&root().join("tests/conformance"), "rs");
    assert!(files.len() > 30, "{files:?}");
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let ignored =
            text.lines().find(|line| ["#[test", "#[tokio::test"].iter().any(|start| line.trim().starts_with(start)));
        assert_eq!(ignored, None, "{}: list the test in tests![]", path.display());
    }
}

/// The files of a room with their paths, without their comments and unit tests.
fn sources(room: &str) -> Vec<(String, String)> {
    let (file, folder) = (root().join(format!("{room}.rs")), root().join(room));
    let files = if file.exists() { vec![file] } else { files(&folder, "rs") };
    let is_test = |path: &Path| path.ends_with("tests.rs") || path.to_string_lossy().ends_with("_tests.rs");
    files
        .into_iter()
        .filter(|path| !is_test(path))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
            let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(), code.join("\n"))
        })
        .collect()
}

/// The files below a folder whose names end in `extension`.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path, extension) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect()
}

fn vendors() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("src/vendors")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().is_dir() && entry.file_name() != "kit");
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn camel(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
