//! The metrics with their causes, and the alerts on them.

use std::{collections::BTreeSet, fs, path::PathBuf};

use super::{code, pages, walk};
use crate::support::pages::{file, read, rows};

#[test]
fn every_metric_is_documented_with_its_causes() {
    let registered = registered();
    let table = rows("docs/operations.md", "metric");
    let documented: BTreeSet<_> =
        table.iter().map(|row| code(&row[0]).unwrap().trim_end_matches("_total").to_owned()).collect();
    assert_eq!(documented, registered);

    let causes = quoted("incidents.rs", "Line::new(");
    assert!(causes.len() >= 10, "{causes:?}");
    let listed: BTreeSet<_> = table
        .iter()
        .filter(|row| row[1].starts_with("`cause`: "))
        .flat_map(|row| {
            row[1]
                .trim_start_matches("`cause`: ")
                .split(", ")
                .map(|cause| cause.trim_matches('`').to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(listed, causes);
}

#[test]
fn every_metric_that_is_named_anywhere_exists() {
    let registered = registered();
    // The clients' pages have names of their languages that look the same.
    let files = pages().into_iter().filter(|page| !page.starts_with("clients/"));
    let (mut files, mut named, mut unknown) = (files.collect::<Vec<_>>(), 0, Vec::new());
    walk(&PathBuf::from(file("deploy")), &mut |path| {
        files.push(path.strip_prefix(file("")).unwrap().to_str().unwrap().to_owned());
    });
    for file in files {
        for metric in metrics_in(&read(&file)).filter(|word| *word != "smsmux_sandbox") {
            let suffixes = ["", "_total", "_bucket", "_sum", "_count"];
            named += 1;
            if !suffixes.iter().any(|suffix| metric.strip_suffix(suffix).is_some_and(|name| registered.contains(name)))
            {
                unknown.push(format!("{file}: {metric}"));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(named >= 100, "{named}");
}

#[test]
fn every_alert_is_documented() {
    let rules = read("deploy/chart/files/rules.yaml");
    let alerts: BTreeSet<_> = rules.split("- alert: ").skip(1).map(|rest| rest.lines().next().unwrap()).collect();
    let documented = rows("docs/operations.md", "alert");
    let documented: BTreeSet<_> = documented.iter().map(|row| row[0].trim_matches('`')).collect();
    assert!(alerts.len() >= 20);
    assert_eq!(documented, alerts);
}

/// The words of a text that are names of metrics.
fn metrics_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
    words.filter(|word| {
        let name = ["smsmux_", "grpc_server_", "process_"].iter().find_map(|prefix| word.strip_prefix(prefix));
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    })
}

/// The names of all metrics. A family without a value is not shown at `/metrics`, so they are taken from where they are registered.
fn registered() -> BTreeSet<String> {
    let mut registered = BTreeSet::new();
    walk(&PathBuf::from(file("src/telemetry")), &mut |path| {
        let source = fs::read_to_string(path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap();
        let after = ["registry,", "write("].iter().flat_map(|before| code.split(before).skip(1));
        registered.extend(after.filter_map(first_word_in_quotes));
    });
    registered.retain(|name| metrics_in(name).next().is_some());
    assert!(registered.len() >= 10, "{registered:?}");
    registered
}

/// The words in quotes that follow these ones in the code of a file, first in their line of arguments.
fn quoted(file: &str, before: &str) -> BTreeSet<String> {
    let source = source(file);
    let code = source.split("#[cfg(test)]").next().unwrap();
    code.split(before).skip(1).filter_map(first_word_in_quotes).collect()
}

/// The first text in quotes, where that is a word: a sentence is none.
fn first_word_in_quotes(code: &str) -> Option<String> {
    let word = code.split('"').nth(1)?;
    let is_word = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    (is_word && !word.is_empty()).then(|| word.to_owned())
}

/// The source file of this name, wherever it is.
fn source(name: &str) -> String {
    let mut found = Vec::new();
    walk(&PathBuf::from(file("src")), &mut |path| {
        if path.file_name().is_some_and(|file| file == name) {
            found.push(path.to_owned());
        }
    });
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    fs::read_to_string(&found[0]).unwrap()
}
