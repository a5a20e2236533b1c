//! What the documentation states is what the code knows: every configuration key with its default, every reason of an error
//! with its code, every metric, every module of the sources. Links lead to files and headings that exist.

mod clients;
mod keys;
mod links;
mod metrics;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use smsmux::error::{Error, Reason};

use crate::support::pages::{between, file, read, rows};

#[test]
fn every_reason_is_documented_with_its_code() {
    let reasons = (1..).map_while(|number| Reason::try_from(number).ok());
    let expected: BTreeMap<_, _> = reasons
        .map(|reason| {
            let name = reason.as_str_name().trim_start_matches("ERROR_REASON_").to_owned();
            (name, format!("{:?}", Error::new(reason, "").code()).to_ascii_uppercase())
        })
        .collect();
    let documented = rows("docs/errors.md", "reason").into_iter();
    let documented: BTreeMap<_, _> = documented
        .map(|row| (code(row[0].trim_start_matches("[")).expect("a reason"), row[1].replace('_', "")))
        .collect();
    assert_eq!(documented, expected);
}

#[test]
fn the_map_of_the_code_has_every_module_and_no_file_that_is_gone() {
    let page = read("docs/architecture.md");
    let mut files = vec![file("build.rs")];
    for folder in ["src", "tests", "crates"].map(file).into_iter().filter(|folder| Path::new(folder).exists()) {
        walk(Path::new(&folder), &mut |path| files.push(path.display().to_string()));
    }
    let named = page.split('`').skip(1).step_by(2).filter(|code| code.ends_with(".rs"));
    let gone: Vec<_> = named.filter(|name| !files.iter().any(|file| file.ends_with(&format!("/{name}")))).collect();
    assert!(gone.is_empty(), "{gone:?}");

    let modules = fs::read_dir(file("src")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let unnamed: Vec<_> = modules
        .filter(|name| !["main.rs", "lib.rs", "fuzzing.rs"].contains(&name.as_str()))
        .filter(|name| !["src", "crates"].iter().any(|folder| page.contains(&format!("`{folder}/{name}`"))))
        .collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
fn a_table_is_written_between_two_lines_that_the_page_has_once() {
    let place = |text: &str| between(text, "<!-- t -->\n", "<!-- end of t -->\n").map(|place| text[place].to_owned());
    let page = "UNSUPPORTED\n<!-- t -->\n| a |\n<!-- end of t -->\nUNSUPPORTED\n";
    assert_eq!(place(page).as_deref(), Some("| a |\n"));
    assert_eq!(place(&format!("In text: <!-- end of t -->\n{page}")).as_deref(), Some("| a |\n"));
    for wrong in [
        format!("{page}{page}"),
        format!("<!-- end of t -->\n{page}"),
        page.replace("<!-- end of t -->\n", ""),
        "<!-- end of t -->\n<!-- t -->\n".to_owned(),
    ] {
        assert_eq!(place(&wrong), None, "{wrong}");
    }
}

/// What a cell has as `code` at its beginning.
fn code(cell: &str) -> Option<String> {
    Some(cell.strip_prefix('`')?.split_once('`')?.0.to_owned())
}

/// The Markdown pages of the repository, by their paths.
fn pages() -> Vec<String> {
    let root = PathBuf::from(file(""));
    let mut pages: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    for folder in ["docs", "benches", "deploy", "fuzz"] {
        walk(&root.join(folder), &mut |path| pages.push(path.to_owned()));
    }
    for entry in fs::read_dir(root.join("clients")).unwrap() {
        let path = entry.unwrap().path();
        pages.push(if path.is_dir() { path.join("README.md") } else { path });
    }
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md") && path.exists());
    pages.into_iter().map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned()).collect()
}

fn walk(folder: &Path, see: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, see) } else { see(&path) }
    }
}
