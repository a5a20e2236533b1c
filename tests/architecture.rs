//! The floors of the house: what may use what. Read from the sources, without comments, strings and test code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Every module of the library and the modules of the library that it may use. Upwards is not among them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("pb", &[]),
    ("api_key", &[]),
    ("certificates", &[]),
    ("gsm", &[]),
    ("lenient", &[]),
    ("metrics", &[]),
    ("incidents", &["metrics"]),
    ("error", &["pb"]),
    ("names", &["error"]),
    ("segments", &["gsm"]),
    ("slices", &[]),
    ("check", &["error", "gsm", "names", "pb", "segments"]),
    ("token", &[]),
    ("page", &["check", "token"]),
    ("numbers", &["check", "pb"]),
    ("otlp", &["incidents"]),
    ("trace", &["otlp"]),
    ("thread", &[]),
    ("call", &["error", "trace"]),
    ("api", &["call", "error", "pb"]),
    ("log", &["call", "metrics"]),
    ("config", &["api_key", "names"]),
    ("http", &["call", "certificates", "config", "error", "lenient", "metrics", "otlp", "thread", "trace"]),
    (
        "vendors",
        &[
            "api", "call", "check", "config", "error", "gsm", "http", "lenient", "names", "page", "pb", "segments",
            "token",
        ],
    ),
    (
        "gateway",
        &[
            "api", "call", "check", "config", "error", "gsm", "metrics", "names", "numbers", "page", "pb", "segments",
            "slices", "thread", "vendors",
        ],
    ),
    (
        "server",
        &[
            "api",
            "api_key",
            "call",
            "certificates",
            "config",
            "error",
            "gateway",
            "incidents",
            "log",
            "metrics",
            "otlp",
            "pb",
            "thread",
            "trace",
            "vendors",
        ],
    ),
    // The way in for the fuzz targets alone.
    ("fuzzing", &["api_key", "check", "config", "http", "names", "page", "server", "token", "vendors"]),
    // It stands in for vendors: it must not share their mistakes.
    ("sandbox", &[]),
];

/// The longest that a file may get.
const LINES: usize = 600;

#[test]
fn modules_use_what_lies_below_them() {
    let mut wrong = Vec::new();
    for file in sources() {
        let Some(module) = file.module.first().filter(|module| *module != "cli") else {
            continue;
        };
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(name, _)| name == module)
            .unwrap_or_else(|| panic!("{module} is not in MAY_USE: say what it may use"));
        for used in file.uses() {
            if used[0] != *module && !allowed.contains(&used[0].as_str()) {
                wrong.push(format!("{} uses {}", file.path, used.join("::")));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_table_has_the_library_s_modules_and_none_beside() {
    let library = read(&root().join("src/lib.rs"));
    let modules: BTreeSet<_> =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(modules, MAY_USE.iter().map(|(name, _)| *name).collect());
    // A row that names a module above it could let a circle in.
    for (i, (module, allowed)) in MAY_USE.iter().enumerate() {
        for used in *allowed {
            assert!(MAY_USE[..i].iter().any(|(name, _)| name == used), "{module} > {used}");
        }
    }
}

#[test]
fn nobody_but_the_registry_names_a_vendor() {
    let vendors = vendors();
    let mut wrong = Vec::new();
    for file in sources() {
        let own = (file.module.len() > 1 && file.module[0] == "vendors").then(|| &file.module[1]);
        for used in file.uses() {
            if used.len() > 1 && used[0] == "vendors" && vendors.contains(&used[1]) && own != Some(&used[1]) {
                wrong.push(format!("{} uses {}", file.path, used.join("::")));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_vendor_is_in_the_registry_and_has_a_stand_in() {
    let folders = vendors();
    let registry: BTreeSet<_> = smsmux::vendors::REGISTRY.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let stand_ins: BTreeSet<_> = smsmux::sandbox::VENDORS.iter().map(|&name| name.to_owned()).collect();
    assert!(!folders.is_empty());
    assert_eq!(folders, registry, "folders of src/vendors and vendors::REGISTRY");
    assert_eq!(folders, stand_ins, "folders of src/vendors and sandbox::VENDORS");
}

#[test]
fn http_clients_are_made_in_one_place() {
    let mut makers = BTreeSet::new();
    for file in sources() {
        if file.code.contains("reqwest") {
            assert!(file.path.starts_with("src/http/"), "{} knows reqwest", file.path);
        }
        if ["Client::builder", "Client::new", "ClientBuilder", "reqwest::get"]
            .iter()
            .any(|maker| file.code.contains(&format!("reqwest::{}", maker.trim_start_matches("reqwest::"))))
        {
            makers.insert(file.path);
        }
    }
    assert_eq!(makers, BTreeSet::from(["src/http/client.rs".to_owned()]));
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut long = Vec::new();
    for file in ["src", "tests"].into_iter().flat_map(|folder| files(&root().join(folder))) {
        let lines = fs::read(&file).unwrap().split(|b| *b == b'\n').count();
        if lines > LINES {
            long.push(format!("{} has {lines} lines", file.display()));
        }
    }
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn uses_are_found_in_every_form_and_not_in_comments_strings_and_tests() {
    let text = r##"
        //! crate::comment::a
        use crate::{error::{Error, Reason}, vendors::{smsend::X, lox24}, names};
        /* crate::comment /* crate::nested */ crate::comment */
        pub(crate) fn f<'a>(c: &'a str) -> crate::http::Call { let _ = ('"', b'\'', "crate::string", r#"crate::"raw"#); }
        use super::super::sandbox::Fault;
        use super::{inbox, Vendor};
        use crate::{self as us, gsm};
        #[cfg(test)]
        mod tests { use crate::testing; fn g() { if true {} } }
        #[cfg(test)]
        use crate::testing;
        fn after() { crate::page::x() }
    "##;
    let file = Source {
        path: String::new(),
        module: ["vendors", "intelepeer"].map(str::to_owned).to_vec(),
        code: code(text).0,
    };
    let uses: Vec<_> = file.uses().iter().map(|path| path.join("::")).collect();
    // `super` of `vendors::intelepeer` is `vendors`, and that one's the crate.
    let expected = [
        "error::Error",
        "error::Reason",
        "gsm",
        "http::Call",
        "names",
        "page::x",
        "sandbox::Fault",
        "vendors::Vendor",
        "vendors::inbox",
        "vendors::lox24",
        "vendors::smsend::X",
    ];
    assert_eq!(uses, expected);
    let (_, tests) = code("#[cfg(test)]\nmod testing;\n#[cfg(test)]\npub(super) mod other;\nmod real;");
    assert_eq!(tests, ["testing", "other"]);
}

/// A file of the crate, without what does not count.
struct Source {
    /// From the root of the repository on.
    path: String,
    /// The path of its module: empty for the two roots.
    module: Vec<String>,
    code: String,
}

impl Source {
    /// The paths within the crate that it names, from the crate's root on. Modules within a file are not counted as
    /// levels: a `super` in one leads one level too high, and may be refused for it.
    fn uses(&self) -> BTreeSet<Vec<String>> {
        let mut uses = BTreeSet::new();
        for root in ["crate", "super"] {
            for (at, _) in self.code.match_indices(&format!("{root}::")) {
                let before = &self.code[..at];
                // Not `lcrate::`, and not the second `super` of two, which the first has taken along.
                if !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                    paths(&self.code[at..], &self.module, &mut uses);
                }
            }
        }
        uses
    }
}

/// Adds the paths of the tree that `text` begins with, `a::{b, c::d}`, as seen from the module `from`. Gives what follows.
fn paths<'t>(text: &'t str, from: &[String], uses: &mut BTreeSet<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches([',', ' ', '\n']);
            match rest.strip_prefix('}') {
                Some(rest) => return rest,
                None if rest.is_empty() => return rest,
                None => {
                    let after = paths(rest, from, uses);
                    rest = if after.len() < rest.len() { after } else { &rest[1..] };
                }
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let path = match name {
        "crate" => Vec::new(),
        "super" => from[..from.len().saturating_sub(1)].to_vec(),
        "self" | "" => from.to_vec(),
        name => [from, &[name.to_owned()]].concat(),
    };
    match rest.strip_prefix("::") {
        Some(rest) if rest.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '{') => paths(rest, &path, uses),
        _ => {
            if !path.is_empty() {
                uses.insert(path);
            }
            // Another name for it is no path.
            rest.strip_prefix(" as ")
                .map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'))
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(path),
        }
    }
    files.sort();
    files
}

/// The folders of the vendors.
fn vendors() -> BTreeSet<String> {
    let folders = fs::read_dir(root().join("src/vendors")).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.is_dir());
    folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The crate's files, without those that are test code as a whole.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut tests = Vec::new();
    for file in files(&root().join("src")).into_iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        let path = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let mut module: Vec<_> = path["src/".len()..path.len() - ".rs".len()].split('/').map(str::to_owned).collect();
        module.pop_if(|name| ["mod", "lib", "main"].contains(&name.as_str()));
        let (code, test_files) = code(&read(&file));
        tests.extend(test_files.into_iter().map(|name| [module.as_slice(), &[name]].concat()));
        sources.push(Source { path, module, code });
    }
    sources.retain(|source| !tests.iter().any(|test| source.module.starts_with(test)));
    assert!(sources.len() > 30, "only {} files in src", sources.len());
    sources
}

/// The code of a file, without comments, what is in quotes, and items for tests; and the files of the latter's modules.
fn code(text: &str) -> (String, Vec<String>) {
    let mut code = bare(text);
    let mut files = Vec::new();
    while let Some(start) = code.find("#[cfg(test)]") {
        let item = &code[start..];
        let end = item.find([';', '{']).expect("an item");
        let length = if item[end..].starts_with('{') {
            end + block(&item[end..])
        } else {
            let module = item[..end].rsplit_once("mod ").map(|(_, name)| name.trim().to_owned());
            files.extend(module);
            end + 1
        };
        code.replace_range(start..start + length, "");
    }
    (code, files)
}

/// The length of the block that `code` begins with.
fn block(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    panic!("a block without an end");
}

/// `text` without comments and without what is in quotes.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            'r' if !bare.ends_with(|c: char| c.is_alphanumeric() || c == '_') || bare.ends_with('b') => {
                raw_string(rest)
            }
            '"' => quoted(rest, '"'),
            // A character, not a lifetime.
            '\'' if rest[1..].starts_with('\\') || rest[1..].chars().nth(1) == Some('\'') => quoted(rest, '\''),
            _ => 0,
        };
        if skipped == 0 {
            bare.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            rest = &rest[skipped..];
        }
    }
    bare
}

/// The length of the comment that `text` begins with; they nest.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    for (at, _) in text.char_indices() {
        if text[at..].starts_with("/*") {
            depth += 1;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    text.len()
}

/// The length of the raw string that `text` begins with, if it does.
fn raw_string(text: &str) -> usize {
    let hashes = text[1..].len() - text[1..].trim_start_matches('#').len();
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let start = hashes + 2;
    let end = format!("\"{}", "#".repeat(hashes));
    text[start..].find(&end).map_or(text.len(), |at| start + at + end.len())
}

/// The length of what is in quotes at the beginning of `text`.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}
